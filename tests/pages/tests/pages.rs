//! Every program of the README and the guide runs, and prints what stands beneath it.
//!
//! `NUMDIFF_UPDATE_PAGES=1 cargo test -p numdiff-pages` writes what the programs print into the pages.

use numdiff_pages::{BLOCKS, Block};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

fn run(number: usize) -> Output {
    Command::new(env!("CARGO_BIN_EXE_numdiff-pages"))
        .arg(number.to_string())
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_string()
}

/// Whether a line is as expected; `…` in it stands for anything.
fn agrees(expected: &str, line: &str) -> bool {
    let mut pieces = expected.split('…');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

fn all_agree(expected: &str, printed: &str) -> bool {
    let (expected, printed): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), printed.lines().collect());
    expected.len() == printed.len() && expected.iter().zip(printed).all(|(e, p)| agrees(e, p))
}

#[test]
fn every_program_runs_and_prints_what_stands_beneath_it() {
    let update = std::env::var_os("NUMDIFF_UPDATE_PAGES").is_some();
    let mut wrong = Vec::new();
    let mut updates: BTreeMap<&str, Vec<(&Block, String)>> = BTreeMap::new();
    for (number, block) in BLOCKS.iter().enumerate() {
        if block.run.is_none() {
            continue;
        }
        let output = run(number);
        let place = format!("{}:{}", block.page, block.line);
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            wrong.push(format!("{place} failed:\n{error}"));
            continue;
        }
        let found = printed(&output);
        if !all_agree(block.printed.unwrap_or_default(), &found) {
            let expected = block.printed.unwrap_or("nothing");
            wrong.push(format!(
                "{place} prints\n{found}\nand beneath it stands\n{expected}\n"
            ));
            updates.entry(block.page).or_default().push((block, found));
        }
    }
    if update {
        updates
            .into_iter()
            .for_each(|(page, blocks)| write(page, &blocks));
        return;
    }
    assert!(BLOCKS.len() > 30, "{} programs", BLOCKS.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Puts what was printed beneath the programs of a page.
fn write(page: &str, blocks: &[(&Block, String)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    for (block, found) in blocks.iter().rev() {
        let mut at = block.end;
        if block.printed.is_some() {
            let start = (at..lines.len()).find(|&k| lines[k] == "```text").unwrap();
            let end = (start..lines.len()).find(|&k| lines[k] == "```").unwrap();
            lines.drain(at..=end);
        }
        if !found.is_empty() {
            let output = std::iter::once("```text")
                .chain(found.lines())
                .chain(std::iter::once("```"));
            for line in output {
                lines.insert(at, line.to_string());
                at += 1;
            }
        }
    }
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn an_ellipsis_stands_for_anything() {
    assert!(
        agrees("a … c", "a b c") && agrees("…", "") && agrees("x", "x") && agrees("1.2…", "1.23")
    );
    assert!(!agrees("a … c", "a b") && !agrees("x", "xy") && !agrees("…b…d", "abc"));
    assert!(!all_agree("a", "a\nb"));
}
