//! `cargo xtask package-check`: a release as its users will get it. Packages the crates, looks at what is in
//! them, and builds each from its archive, in a project of its own that runs its README's examples.

use flate2::read::GzDecoder;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const CRATES: [&str; 3] = ["numdiff-core", "numdiff-optim", "numdiff-nn"];

/// What each archive must hold.
const NEEDED: [&str; 5] = [
    "Cargo.toml",
    "README.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "src/lib.rs",
];

/// What it may hold besides.
const ALLOWED: [&str; 5] = [
    "src/",
    "examples/",
    "Cargo.lock",
    "Cargo.toml.orig",
    ".cargo_vcs_info.json",
];

/// Bytes of a file: source code of any length is below, golden numbers are not. Cargo.lock, which cargo
/// adds, is exempt.
const LARGEST: u64 = 100_000;

/// What the READMEs' examples use besides the crates, with the versions of the workspace.
const BESIDE: &str = "ndarray = \"0.17\"\nndarray-rand = \"0.16\"\nrand_chacha = \"0.9\"\n";

/// Build and try the crates from their packages
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: Args) -> ExitCode {
    match check() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

fn check() -> Result<(), Box<dyn Error>> {
    let root = fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))?;
    let stage = root.join("target/package-check");
    // What is built below is kept from the last time, what is unpacked is not.
    let _ = fs::remove_dir_all(stage.join("crates"));
    fs::create_dir_all(stage.join("crates"))?;

    // A checkout with local changes packages, too; verified below, by use.
    let mut package = cargo(&root);
    package.args([
        "package",
        "--quiet",
        "--locked",
        "--allow-dirty",
        "--no-verify",
    ]);
    package.arg("--target-dir").arg(stage.join("package"));
    CRATES.iter().for_each(|name| {
        package.args(["--package", name]);
    });
    succeed(package)?;

    let version = xtask::VERSION;
    for name in CRATES {
        let folder = format!("{name}-{version}");
        let archive = stage.join(format!("package/package/{folder}.crate"));
        tar::Archive::new(GzDecoder::new(File::open(&archive)?)).unpack(stage.join("crates"))?;
        let files = inspect(&stage.join("crates").join(&folder))?;
        let size = fs::metadata(&archive)?.len() / 1024;
        println!("{folder}: {files} files, {size} KiB packed");
    }
    for name in CRATES {
        let project = project(&stage, name, version)?;
        let mut run = cargo(&project);
        run.args(["run", "--quiet", "--target-dir"])
            .arg(stage.join("target"));
        succeed(run).map_err(|error| format!("{name} from its package: {error}"))?;
        println!("{name}: built from its package; the README's examples run");
    }
    Ok(())
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(folder);
    command
}

fn succeed(mut command: Command) -> Result<(), Box<dyn Error>> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}

/// Counts the files of an unpacked crate; an error names one that is missing, too large, or does not
/// belong there.
fn inspect(folder: &Path) -> Result<usize, Box<dyn Error>> {
    for needed in NEEDED {
        if !folder.join(needed).is_file() {
            return Err(format!("{} lacks {needed}", folder.display()).into());
        }
    }
    let mut files = Vec::new();
    list(folder, &mut files)?;
    for file in &files {
        let name = file
            .strip_prefix(folder)?
            .to_string_lossy()
            .replace('\\', "/");
        let belongs =
            NEEDED.contains(&name.as_str()) || ALLOWED.iter().any(|a| name.starts_with(a));
        let size = fs::metadata(file)?.len();
        if !belongs || (size > LARGEST && name != "Cargo.lock") {
            return Err(format!("{} holds {name}, {size} bytes", folder.display()).into());
        }
    }
    Ok(files.len())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// A project that depends on the unpacked crate alone and runs the examples of its README.
fn project(stage: &Path, name: &str, version: &str) -> Result<PathBuf, Box<dyn Error>> {
    let unpacked = |name: &str| {
        let path = stage.join("crates").join(format!("{name}-{version}"));
        path.to_string_lossy().replace('\\', "/")
    };
    let folder = stage.join("projects").join(name);
    fs::create_dir_all(folder.join("src"))?;
    let mut manifest = format!(
        "[package]\nname = \"try-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\n{BESIDE}"
    );
    let mut patches = String::from("\n[patch.crates-io]\n");
    for other in CRATES {
        if name == other {
            manifest += &format!("{name} = {{ path = \"{}\" }}\n", unpacked(name));
        } else if CRATES.iter().position(|c| *c == other) < CRATES.iter().position(|c| *c == name) {
            // The crates below, by version, as they will be found in a registry.
            manifest += &format!("{other} = \"{version}\"\n");
            patches += &format!("{other} = {{ path = \"{}\" }}\n", unpacked(other));
        }
    }
    fs::write(folder.join("Cargo.toml"), manifest + &patches)?;
    let readme = fs::read_to_string(Path::new(&unpacked(name)).join("README.md"))?;
    fs::write(folder.join("src/main.rs"), program(&readme)?)?;
    Ok(folder)
}

/// A program that runs the blocks of Rust code in a page, as rustdoc would.
fn program(page: &str) -> Result<String, Box<dyn Error>> {
    let blocks: Vec<String> = page
        .split("\n```rust\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .map(|block| {
            let lines = block.lines();
            let shown = lines.map(|line| line.strip_prefix("# ").unwrap_or(line));
            shown.collect::<Vec<_>>().join("\n")
        })
        .collect();
    if blocks.is_empty() {
        return Err("the README has no example".into());
    }
    let mut program = String::from("fn main() {\n");
    for block in &blocks {
        match block.contains("Ok::<(), ") {
            true => {
                program += "{ fn example() -> Result<(), impl std::fmt::Debug> {\n";
                program += block;
                program += "\n} example().unwrap(); }\n";
            }
            false => program += &format!("{{\n{block}\n}}\n"),
        }
    }
    Ok(program + "}\n")
}
