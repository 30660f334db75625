//! Turns the Rust blocks of the pages into functions. What a block prints stands beneath it, in a
//! block marked `text`.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut code = String::new();
    let mut list = String::new();
    for page in pages(&root) {
        println!("cargo::rerun-if-changed={}", root.join(&page).display());
        let text = fs::read_to_string(root.join(&page)).expect("a page that is listed can be read");
        for block in blocks(&text) {
            let name = format!("block_{}", code.matches("pub mod block_").count());
            let _ = writeln!(
                code,
                "#[allow(unused)] pub mod {name} {{ {} }}",
                block.module()
            );
            let run = if block.runs {
                format!("Some({name}::run)")
            } else {
                "None".to_string()
            };
            let _ = writeln!(
                list,
                "Block {{ page: {page:?}, line: {}, end: {}, printed: {:?}, run: {run} }},",
                block.line, block.end, block.printed
            );
        }
    }
    let _ = writeln!(code, "pub const BLOCKS: &[Block] = &[{list}];");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("blocks.rs"), code).expect("OUT_DIR can be written");
}

/// README.md and every page in docs and docs/guide.
fn pages(root: &Path) -> Vec<String> {
    let mut pages = vec!["README.md".to_string()];
    for folder in ["docs", "docs/guide"] {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
        for entry in fs::read_dir(root.join(folder)).expect("the folder of the pages can be read") {
            let name = entry.expect("an entry of it, too").file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".md") {
                pages.push(format!("{folder}/{name}"));
            }
        }
    }
    pages.sort();
    pages
}

struct Block {
    /// Line of the opening fence and of the closing one, from 1.
    line: usize,
    end: usize,
    code: String,
    printed: Option<String>,
    runs: bool,
}

fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    let close = |from: usize| (from + 1..lines.len()).find(|&k| lines[k].trim() == "```");
    let mut blocks = Vec::new();
    let mut k = 0;
    while k < lines.len() {
        let Some(kind) = lines[k].strip_prefix("```") else {
            k += 1;
            continue;
        };
        let end = close(k).expect("a fence that is closed");
        let kinds: Vec<&str> = kind.split(',').collect();
        if kinds[0] == "rust" && !kinds.contains(&"ignore") {
            let code = lines[k + 1..end]
                .iter()
                .map(|line| line.strip_prefix("# ").unwrap_or(line))
                .collect::<Vec<_>>()
                .join("\n");
            let next = (end + 1..lines.len()).find(|&k| !lines[k].trim().is_empty());
            let printed = next.filter(|&k| lines[k] == "```text").map(|k| {
                let end = close(k).expect("a fence that is closed");
                lines[k + 1..end].join("\n")
            });
            blocks.push(Block {
                line: k + 1,
                end: end + 1,
                code,
                printed,
                runs: !kinds.contains(&"no_run"),
            });
        }
        k = end + 1;
    }
    blocks
}

impl Block {
    /// A module with a function `run`.
    fn module(&self) -> String {
        let code = &self.code;
        if code.contains("fn main()") {
            let end = if code.contains("fn main() ->") {
                "main().unwrap()"
            } else {
                "main()"
            };
            format!("{code}\npub fn run() {{ {end} }}\n")
        } else if code.trim_end().ends_with("(())") {
            format!(
                "pub fn run() {{ fn inner() -> Result<(), impl std::fmt::Debug> {{\n{code}\n}} inner().unwrap() }}\n"
            )
        } else {
            format!("pub fn run() {{\n{code}\n}}\n")
        }
    }
}
