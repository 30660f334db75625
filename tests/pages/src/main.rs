//! Runs one program of a page, by its number: its output is compared by the tests.

fn main() {
    let number = std::env::args()
        .nth(1)
        .and_then(|k| k.parse::<usize>().ok());
    match number.and_then(|k| numdiff_pages::BLOCKS.get(k)) {
        Some(block) => block.run.map_or((), |run| run()),
        None => eprintln!(
            "usage: numdiff-pages NUMBER, below {}",
            numdiff_pages::BLOCKS.len()
        ),
    }
}
