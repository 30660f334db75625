//! What `docs/architecture.md` promises about the repository, checked.

use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 3] = ["numdiff-core", "numdiff-optim", "numdiff-nn"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backticks, outside of fenced blocks.
fn quoted(text: &str) -> Vec<String> {
    let mut quoted = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if !fenced {
            let pieces = line.split('`').skip(1).step_by(2);
            quoted.extend(pieces.map(str::to_string));
        }
    }
    quoted
}

/// Relative links of a Markdown page.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| !link.contains("://") && !link.starts_with('#'))
        .map(|link| link.split('#').next().unwrap_or_default().to_string())
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn every_path_named_in_architecture_exists() {
    let mut paths = quoted(&read("docs/architecture.md"));
    paths.retain(|word| word.contains('/') && !word.contains([' ', '*', '<']));
    assert!(paths.len() >= 20, "{paths:?}");
    for path in paths {
        assert!(
            root().join(&path).exists(),
            "docs/architecture.md names {path}"
        );
    }
}

#[test]
fn every_crate_and_module_is_named_in_architecture() {
    let page = read("docs/architecture.md");
    let mut missing = Vec::new();
    for name in CRATES {
        let heading = format!("### {name}\n");
        let (_, section) = page.split_once(&heading).expect("a heading for each crate");
        let section = section.split("\n### ").next().unwrap_or(section);
        for entry in fs::read_dir(root().join("crates").join(name).join("src")).unwrap() {
            let path = entry.unwrap().path();
            let module = path.file_stem().unwrap().to_string_lossy().into_owned();
            if module != "lib" && !section.contains(&format!("| `{module}` |")) {
                missing.push(format!("{name}: {module}"));
            }
        }
    }
    missing.dedup();
    assert!(
        missing.is_empty(),
        "add a row to docs/architecture.md for {missing:?}"
    );
}

#[test]
fn every_scenario_is_documented() {
    let page = read("docs/reproduction.md");
    for scenario in numdiff_tests::all() {
        let heading = format!("## {}. {}\n", scenario.number, scenario.id);
        assert!(
            page.contains(&heading),
            "docs/reproduction.md has no {heading}"
        );
        for figure in (scenario.run)().unwrap().figures {
            let link = format!("figures/{}.svg", figure.name);
            assert!(
                page.contains(&link),
                "docs/reproduction.md does not show {link}"
            );
        }
    }
}

/// The Markdown files in `docs` and `docs/guide`.
fn documents() -> Vec<String> {
    let mut documents = Vec::new();
    for folder in ["docs", "docs/guide"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if name.ends_with(".md") {
                documents.push(format!("{folder}/{name}"));
            }
        }
    }
    documents
}

#[test]
fn every_document_is_in_the_book() {
    let summary = read("docs/SUMMARY.md");
    for page in documents() {
        let chapter = page.strip_prefix("docs/").unwrap();
        assert!(
            chapter == "SUMMARY.md" || summary.contains(&format!("({chapter})")),
            "docs/SUMMARY.md lacks {chapter}"
        );
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = vec!["README.md".to_string(), "CHANGELOG.md".to_string()];
    pages.extend(CRATES.map(|name| format!("crates/{name}/README.md")));
    pages.extend(documents());
    for page in pages {
        let folder = root().join(&page);
        let folder = folder.parent().unwrap();
        for link in links(&read(&page)) {
            assert!(folder.join(&link).exists(), "{page} links to {link}");
        }
    }
}

#[test]
fn the_version_stands_in_the_changelog() {
    let heading = format!("## {}", env!("CARGO_PKG_VERSION"));
    assert!(read("CHANGELOG.md").contains(&heading), "no {heading}");
}

#[test]
fn every_command_in_the_pages_exists() {
    let pages: Vec<String> = std::iter::once("README.md".to_string())
        .chain(documents())
        .map(|page| read(&page))
        .collect();
    let commands = pages
        .iter()
        .flat_map(|page| page.lines())
        .filter_map(|line| line.trim_start().strip_prefix("cargo xtask "))
        .filter_map(|rest| rest.split_whitespace().next());
    let dispatch = read("xtask/src/main.rs");
    for command in commands {
        let here = format!("=> {command}::run");
        // Behind its profile.
        let forwarded = format!(", \"{command}\")");
        assert!(
            dispatch.contains(&here) || dispatch.contains(&forwarded),
            "no command {command}"
        );
    }
}

#[test]
fn a_crates_readme_is_its_documentation() {
    for name in CRATES {
        let lib = read(&format!("crates/{name}/src/lib.rs"));
        assert!(
            lib.contains(r#"#![doc = include_str!("../README.md")]"#),
            "{name}"
        );
    }
}

#[test]
fn library_crates_do_not_print() {
    for name in CRATES {
        for path in rust_files(&root().join("crates").join(name).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = line.trim_start();
                let prints = ["println!", "print!", "eprintln!", "eprint!", "dbg!"]
                    .iter()
                    .any(|name| code.contains(name));
                let place = format!("{}:{}", path.display(), number + 1);
                assert!(!prints || code.starts_with("//"), "{place} prints");
            }
        }
    }
}

/// `cargo metadata` of the workspace's own packages.
fn metadata() -> serde_json::Value {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn core_needs_three_crates_and_dependencies_point_one_way() {
    let metadata = metadata();
    let needs = |name: &str| -> Vec<String> {
        let packages = metadata["packages"].as_array().unwrap();
        let package = packages.iter().find(|package| package["name"] == name);
        let mut needs: Vec<String> = package.unwrap()["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|need| need["kind"].is_null() && need["optional"] == false)
            .map(|need| need["name"].as_str().unwrap().to_string())
            .collect();
        needs.sort();
        needs
    };
    assert_eq!(
        needs("numdiff-core"),
        ["ndarray", "num-traits", "thiserror"]
    );
    assert!(!needs("numdiff-optim").contains(&"numdiff-nn".to_string()));
    assert!(needs("numdiff-optim").contains(&"numdiff-core".to_string()));
}
