//! `cargo xtask book`: the guide as a book, and a check of every link and anchor in it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, ExitCode};

/// Build the guide as a book in target/book and check its links
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: Args) -> ExitCode {
    match build() {
        Ok(broken) if broken.is_empty() => {
            println!("The book: target/book/index.html; every link and anchor leads somewhere.");
            ExitCode::SUCCESS
        }
        Ok(broken) => {
            broken.iter().for_each(|line| eprintln!("{line}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<Vec<String>, Box<dyn Error>> {
    let root = resolved(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let book = root.join("target/book");
    let _ = fs::remove_dir_all(&book);
    let status = Command::new("mdbook")
        .arg("build")
        .arg(root.join("docs"))
        .status()
        .map_err(|error| format!("mdbook: {error}; install it by `cargo install mdbook`"))?;
    if !status.success() {
        return Err("mdbook failed".into());
    }
    let mut pages = BTreeMap::new();
    read_pages(&book, &mut pages)?;
    // One page of all chapters, whose links are those of the chapters.
    pages.remove(&book.join("print.html"));
    Ok(broken_links(&book, &pages))
}

fn read_pages(folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_pages(&path, pages)?;
        } else if path.extension().is_some_and(|ending| ending == "html") {
            pages.insert(path.clone(), fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The values of an attribute in a page.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str())
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// Links from a page to a file or an anchor that is not there.
fn broken_links(book: &Path, pages: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let anchors: BTreeMap<&Path, BTreeSet<&str>> = pages
        .iter()
        .map(|(path, page)| (path.as_path(), attributes(page, "id").into_iter().collect()))
        .collect();
    let mut broken = Vec::new();
    for (path, page) in pages {
        // The page for what is not found is served from every folder.
        if path.ends_with("404.html") {
            continue;
        }
        for link in attributes(page, "href")
            .into_iter()
            .chain(attributes(page, "src"))
        {
            if link.contains(':') || link.is_empty() {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => resolved(&path.parent().unwrap_or(book).join(file)),
            };
            let found = target.starts_with(book) && target.is_file();
            let anchored = match anchors.get(target.as_path()) {
                Some(anchors) => anchor.is_empty() || anchors.contains(anchor),
                None => anchor.is_empty(),
            };
            if !found || !anchored {
                let page = path.strip_prefix(book).unwrap_or(path);
                broken.push(format!("{}: {link} leads nowhere", page.display()));
            }
        }
    }
    broken
}

/// The path without `.` and `..`; what climbs above the first folder of the book keeps a `..`.
fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if resolved.file_name().is_some() => {
                resolved.pop();
            }
            Component::CurDir => {}
            part => resolved.push(part),
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_and_a_missing_anchor_are_found() {
        let folder = std::env::temp_dir().join(format!("numdiff-book-{}", std::process::id()));
        fs::create_dir_all(folder.join("guide")).unwrap();
        let (index, chapter) = (folder.join("index.html"), folder.join("guide/a.html"));
        let pages = BTreeMap::from([
            (
                index.clone(),
                r##"<a href="guide/a.html#here"> <a href="guide/a.html#there"> <a href="b.html"> <a href="https://x.y">"##
                    .to_string(),
            ),
            (
                chapter.clone(),
                r##"<h2 id="here"> <a href="../index.html"> <a href="#here"> <a href="../../c.html">"##
                    .to_string(),
            ),
        ]);
        for (path, page) in &pages {
            fs::write(path, page).unwrap();
        }
        let broken = broken_links(&folder, &pages);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            broken,
            [
                "guide/a.html: ../../c.html leads nowhere",
                "index.html: guide/a.html#there leads nowhere",
                "index.html: b.html leads nowhere",
            ]
        );
    }
}
