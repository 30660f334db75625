//! `cargo xtask api`: the public items of each crate, as they are and as `docs/api` lists them.

use serde_json::Value;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const CRATES: [&str; 3] = ["numdiff-core", "numdiff-optim", "numdiff-nn"];

/// The format of rustdoc's JSON that public-api reads: Rust 1.95 writes it.
const FORMAT: u64 = 57;

/// Compare the public items of the crates with the listing in docs/api
#[derive(clap::Args)]
pub struct Args {
    /// Write the listing
    #[arg(long)]
    update: bool,
    /// A toolchain whose JSON can't be read is an error, not a remark
    #[arg(long)]
    strict: bool,
}

pub fn run(args: Args) -> ExitCode {
    match compare(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

fn compare(args: &Args) -> Result<bool, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut same = true;
    for name in CRATES {
        let json = document(&root, name)?;
        let found = serde_json::from_str::<Value>(&std::fs::read_to_string(&json)?)?;
        let found = found["format_version"].as_u64().unwrap_or_default();
        if found != FORMAT {
            println!(
                "{name}: not compared, this rustdoc writes format {found} and {FORMAT} is read; \
                 use Rust 1.95, or the public-api that reads {found}"
            );
            same &= !args.strict;
            continue;
        }
        let api = public_api::Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()?;
        let items: Vec<String> = api.items().map(ToString::to_string).collect();
        let listing = root.join("docs/api").join(format!("{name}.txt"));
        if args.update {
            std::fs::create_dir_all(root.join("docs/api"))?;
            std::fs::write(&listing, items.join("\n") + "\n")?;
            println!("{name}: {} items written", items.len());
            continue;
        }
        let listed = std::fs::read_to_string(&listing).unwrap_or_default();
        let listed: BTreeSet<&str> = listed.lines().collect();
        let items: BTreeSet<&str> = items.iter().map(String::as_str).collect();
        let (gone, new) = (listed.difference(&items), items.difference(&listed));
        let changes: Vec<String> = gone
            .map(|item| format!("- {item}"))
            .chain(new.map(|item| format!("+ {item}")))
            .collect();
        if changes.is_empty() {
            println!("{name}: {} items, as listed", items.len());
        } else {
            same = false;
            println!("{name}: {} changes\n{}", changes.len(), changes.join("\n"));
        }
    }
    if !same {
        println!("if this is meant: cargo xtask api --update, and say it in CHANGELOG.md");
    }
    Ok(same)
}

/// Makes rustdoc's JSON of a crate with all features. A stable toolchain does so when told that it
/// bootstraps; in a target directory of its own, so that the flag rebuilds nothing else.
fn document(root: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let target = root.join("target/api");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .current_dir(root)
        .env("RUSTC_BOOTSTRAP", "1")
        .args([
            "rustdoc",
            "--quiet",
            "--lib",
            "--all-features",
            "--package",
            name,
        ])
        .arg("--target-dir")
        .arg(&target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(target.join(format!("doc/{}.json", name.replace('-', "_"))))
}
