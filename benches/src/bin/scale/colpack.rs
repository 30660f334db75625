//! ColPack as a child process.

use crate::matrices::Matrix;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What ColPack found for one matrix, kind and order.
pub struct Found {
    pub name: String,
    pub kind: char,
    pub order: String,
    pub colors: usize,
    pub seconds: f64,
}

/// Builds the peer next to the benchmark; none where ColPack or a compiler is missing.
pub fn build() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/colpack.cpp");
    let program = std::env::temp_dir().join(format!("numdiff-colpack-{}", std::process::id()));
    let built = Command::new("g++")
        .args(["-O2", "-o"])
        .arg(&program)
        .arg(source)
        .arg("-lColPack")
        .stderr(Stdio::null())
        .status();
    built
        .is_ok_and(|status| status.success())
        .then_some(program)
}

/// All orders of all matrices. One thread: with more, ColPack's partial colorings race and are
/// different in each run.
pub fn run(program: &Path, matrices: &[Matrix]) -> std::io::Result<Vec<Found>> {
    let mut child = Command::new(program)
        .env("OMP_NUM_THREADS", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input =
        std::io::BufWriter::new(child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?);
    let text = std::thread::scope(|scope| {
        let reader = scope.spawn(|| child.wait_with_output());
        for matrix in matrices {
            let p = &matrix.pattern;
            writeln!(
                input,
                "{} {} {} {} {}",
                matrix.name,
                p.rows(),
                p.columns(),
                p.nnz(),
                matrix.kinds
            )?;
            for i in 0..p.rows() {
                write!(input, "{}", p.row(i).len())?;
                for j in p.row(i) {
                    write!(input, " {j}")?;
                }
                writeln!(input)?;
            }
        }
        drop(input.into_inner()?);
        reader
            .join()
            .map_err(|_| std::io::ErrorKind::Other)?
            .map(|out| out.stdout)
    })?;
    let text = String::from_utf8_lossy(&text);
    let parse = |line: &str| {
        let mut words = line.split(' ');
        Some(Found {
            name: words.next()?.to_owned(),
            kind: words.next()?.chars().next()?,
            order: words.next()?.to_owned(),
            colors: words.next()?.parse().ok()?,
            seconds: words.next()?.parse().ok()?,
        })
    };
    Ok(text.lines().filter_map(parse).collect())
}
