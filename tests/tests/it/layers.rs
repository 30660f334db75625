//! Arrows between the modules of a crate run one way: as `docs/architecture.md` lists them.
//!
//! The page has a fenced block `layers NAME` for a crate: its modules from the bottom up, each line
//! one layer, `modules: what they hold`. A module may use those that stand before it, in its own line
//! too, and no other. The order has no circles, so the crate has none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A crate as a map from a module's path (`scheme::fixed`; empty for `lib.rs`) to its source.
type Sources = BTreeMap<String, String>;

/// Who uses whom, and in which module's file.
type Arrows = BTreeMap<(String, String), String>;

/// What an arrow to everything that `lib.rs` re-exports points to.
const ALL: &str = "*";

/// The words of a source: names, `::`, and single characters. Comments, strings, characters and
/// lifetimes are left out.
fn words(source: &str) -> Vec<String> {
    let text: Vec<char> = source.chars().collect();
    let at = |k: usize| text.get(k).copied().unwrap_or('\0');
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut k = 0;
    while k < text.len() {
        match at(k) {
            '/' if at(k + 1) == '/' => {
                while k < text.len() && at(k) != '\n' {
                    k += 1;
                }
            }
            '/' if at(k + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(k), at(k + 1)) {
                        ('/', '*') => (depth, k) = (depth + 1, k + 2),
                        ('*', '/') => (depth, k) = (depth - 1, k + 2),
                        _ => k += 1,
                    }
                    if depth == 0 || k >= text.len() {
                        break;
                    }
                }
            }
            'r' | 'b' if raw_string(&text, k).is_some() => {
                k = raw_string(&text, k).unwrap_or(text.len());
            }
            '"' => {
                k += 1;
                while k < text.len() && at(k) != '"' {
                    k += if at(k) == '\\' { 2 } else { 1 };
                }
                k += 1;
            }
            '\'' if at(k + 1) == '\\' => {
                k += 3;
                while k < text.len() && at(k) != '\'' {
                    k += 1;
                }
                k += 1;
            }
            '\'' if at(k + 2) == '\'' => k += 3,
            '\'' => k += 1,
            ':' if at(k + 1) == ':' => {
                words.push("::".to_string());
                k += 2;
            }
            c if is_name(c) => {
                // A raw identifier is the name after its mark.
                let start = if c == 'r' && at(k + 1) == '#' {
                    k + 2
                } else {
                    k
                };
                k = start;
                while is_name(at(k)) {
                    k += 1;
                }
                words.push(text[start..k].iter().collect());
            }
            c => {
                if !c.is_whitespace() {
                    words.push(c.to_string());
                }
                k += 1;
            }
        }
    }
    words
}

/// The end of a raw string that begins at `k`.
fn raw_string(text: &[char], mut k: usize) -> Option<usize> {
    if k > 0 && (text[k - 1].is_alphanumeric() || text[k - 1] == '_') {
        return None;
    }
    k += text[k..].iter().take_while(|c| **c == 'b').count();
    if text.get(k) != Some(&'r') {
        return None;
    }
    let marks = text[k + 1..].iter().take_while(|c| **c == '#').count();
    k += 1 + marks;
    if text.get(k) != Some(&'"') {
        return None;
    }
    let closes = |k: usize| {
        text[k] == '"' && text[k + 1..].iter().take_while(|c| **c == '#').count() >= marks
    };
    (k + 1..text.len())
        .find(|&k| closes(k))
        .map(|k| k + 1 + marks)
}

/// The word after the brackets that open at `k`.
fn after_brackets(words: &[String], mut k: usize) -> usize {
    let mut depth = 0;
    while k < words.len() {
        match words[k].as_str() {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth -= 1,
            _ => {}
        }
        k += 1;
        if depth == 0 {
            break;
        }
    }
    k
}

/// The word after the item that begins at `k`: after its block, or its semicolon.
fn after_item(words: &[String], mut k: usize) -> usize {
    while k < words.len() {
        match words[k].as_str() {
            ";" => return k + 1,
            "{" => return after_brackets(words, k),
            "[" | "(" => k = after_brackets(words, k),
            _ => k += 1,
        }
    }
    k
}

fn is(words: &[String], k: usize, word: &str) -> bool {
    words.get(k).is_some_and(|found| found == word)
}

/// Whether an attribute that opens at `k` (its `#`) says `cfg(test)`, alone or in an `all`.
fn is_test_attribute(words: &[String], k: usize) -> bool {
    if !(is(words, k, "#") && is(words, k + 1, "[") && is(words, k + 2, "cfg")) {
        return false;
    }
    let inner = &words[k + 3..after_brackets(words, k + 1)];
    inner.iter().any(|word| word == "test")
        && !inner.iter().any(|word| word == "not" || word == "any")
}

/// The modules in files of their own that a module's source declares for tests alone.
fn test_modules(module: &str, source: &str) -> Vec<String> {
    let words = words(source);
    let mut found = Vec::new();
    for k in (0..words.len()).filter(|&k| is_test_attribute(&words, k)) {
        let mut k = after_brackets(&words, k + 1);
        while is(&words, k, "#") {
            k = after_brackets(&words, k + 1);
        }
        if is(&words, k, "mod") && is(&words, k + 2, ";") {
            found.push(format!("{module}::{}", words[k + 1]));
        }
    }
    found
}

/// The leaves of a path or tree of paths that begins at `k`, as lists of names; `*` for a glob. Also
/// the word after it.
fn leaves(words: &[String], mut k: usize) -> (Vec<Vec<String>>, usize) {
    let mut path: Vec<String> = Vec::new();
    loop {
        match words.get(k).map(String::as_str) {
            Some("{") => {
                let mut all = Vec::new();
                k += 1;
                while k < words.len() && !is(words, k, "}") {
                    if is(words, k, ",") {
                        k += 1;
                        continue;
                    }
                    let (inner, next) = leaves(words, k);
                    all.extend(inner.into_iter().map(|leaf| {
                        let leaf = leaf
                            .into_iter()
                            .filter(|name| name != "self" || path.is_empty());
                        path.iter().cloned().chain(leaf).collect::<Vec<_>>()
                    }));
                    k = next.max(k + 1);
                }
                return (all, k + 1);
            }
            Some("*") => {
                path.push(ALL.to_string());
                return (vec![path], k + 1);
            }
            Some("$") => k += 1,
            Some(name) if name.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                path.push(name.to_string());
                k += 1;
                if is(words, k, "::") && !is(words, k + 1, "<") {
                    k += 1;
                    continue;
                }
                // Another name for it.
                if is(words, k, "as") {
                    k += 2;
                }
                return (vec![path], k);
            }
            _ => return (vec![path], k),
        }
    }
}

/// Paths from the root that a module's source names, each as a list of names.
fn paths(module: &[String], source: &str) -> Vec<Vec<String>> {
    let words = words(source);
    let mut found = Vec::new();
    // The modules that are open, and the word at which each ends.
    let mut here: Vec<String> = module.to_vec();
    let mut ends: Vec<usize> = Vec::new();
    let mut k = 0;
    while k < words.len() {
        while ends.last().is_some_and(|&end| k >= end) {
            ends.pop();
            here.pop();
        }
        if is_test_attribute(&words, k) {
            k = after_brackets(&words, k + 1);
            while is(&words, k, "#") {
                k = after_brackets(&words, k + 1);
            }
            k = after_item(&words, k);
            continue;
        }
        let begins = k == 0 || !is(&words, k - 1, "::");
        match words[k].as_str() {
            "mod" if is(&words, k + 2, "{") => {
                here.push(words[k + 1].clone());
                ends.push(after_brackets(&words, k + 2) - 1);
                k += 3;
            }
            // `pub(in crate::a)` says who may see an item, and uses nothing.
            "pub" if is(&words, k + 1, "(") => k = after_brackets(&words, k + 1),
            "crate" | "self" | "super" if begins && is(&words, k + 1, "::") => {
                let (all, next) = leaves(&words, k);
                found.extend(all.into_iter().map(|leaf| from_root(&here, &leaf)));
                k = next.max(k + 1);
            }
            // Names from here: `use {crate::a, self::b}`.
            "use" if is(&words, k + 1, "{") => {
                let (all, next) = leaves(&words, k + 1);
                let absolute = |leaf: &Vec<String>| {
                    leaf.first()
                        .is_some_and(|name| ["crate", "self", "super"].contains(&name.as_str()))
                };
                found.extend(
                    all.iter()
                        .filter(|leaf| absolute(leaf))
                        .map(|leaf| from_root(&here, leaf)),
                );
                k = next;
            }
            _ => k += 1,
        }
    }
    found
}

/// A path from the root, for one from the module `here`.
fn from_root(here: &[String], leaf: &[String]) -> Vec<String> {
    let mut path = here.to_vec();
    for name in leaf {
        match name.as_str() {
            "crate" => path.clear(),
            "self" => {}
            "super" => {
                path.pop();
            }
            _ => path.push(name.clone()),
        }
    }
    path
}

/// What the file of a module re-exports or uses: names, and the module in it that each comes from.
fn reexports(parent: &[String], source: &str) -> BTreeMap<String, String> {
    let words = words(source);
    let mut names = BTreeMap::new();
    let mut k = 0;
    while k < words.len() {
        if !is(&words, k, "use") {
            k += 1;
            continue;
        }
        let end = after_item(&words, k + 1).max(k + 1);
        // A tree of names ends with its semicolon.
        let end = if is(&words, end, ";") { end + 1 } else { end };
        let (all, _) = leaves(&words, k + 1);
        let renamed = (k..end)
            .filter(|&k| is(&words, k, "as"))
            .map(|k| (words[k - 1].clone(), words[k + 1].clone()));
        let renamed: BTreeMap<String, String> = renamed.collect();
        for leaf in all {
            let leaf = from_root(parent, &leaf);
            if let Some([module, .., name]) = leaf.strip_prefix(parent) {
                let name = renamed.get(name).unwrap_or(name);
                names.insert(name.clone(), module.clone());
            }
        }
        k = end;
    }
    names
}

/// The modules directly inside of another.
fn children<'s>(sources: &'s Sources, parent: &[String]) -> BTreeSet<&'s str> {
    let inside = |path: &'s str| -> Option<&'s str> {
        let mut names = path.split("::").filter(|name| !name.is_empty());
        let within = parent.iter().all(|name| names.next() == Some(name));
        names.next().filter(|_| within)
    };
    sources.keys().filter_map(|path| inside(path)).collect()
}

/// The arrows between the modules directly inside of `parent`; of a crate where that is empty.
fn arrows(sources: &Sources, parent: &[String]) -> Arrows {
    let modules = children(sources, parent);
    let source = sources.get(&parent.join("::"));
    let names = reexports(parent, source.map_or("", String::as_str));
    let tests: Vec<String> = sources
        .iter()
        .flat_map(|(path, source)| test_modules(path, source))
        .collect();
    let is_test = |path: &str| {
        tests
            .iter()
            .any(|test| path == test || path.starts_with(&format!("{test}::")))
    };
    let mut arrows = Arrows::new();
    for (path, source) in sources.iter().filter(|(path, _)| !is_test(path)) {
        let here: Vec<String> = path.split("::").map(str::to_string).collect();
        let Some([from, ..]) = here.strip_prefix(parent).filter(|_| !path.is_empty()) else {
            continue;
        };
        let mut add = |target: &str| {
            if target != from {
                arrows
                    .entry((from.clone(), target.to_string()))
                    .or_insert_with(|| path.clone());
            }
        };
        for used in paths(&here, source) {
            let Some(used) = used.strip_prefix(parent) else {
                continue;
            };
            match used.first().map(String::as_str) {
                Some(ALL) => names
                    .values()
                    .filter(|m| modules.contains(m.as_str()))
                    .for_each(|module| add(module)),
                Some(first) if modules.contains(first) => add(first),
                Some(first) => {
                    if let Some(module) = names.get(first).filter(|m| modules.contains(m.as_str()))
                    {
                        add(module);
                    }
                }
                None => {}
            }
        }
    }
    arrows
}

/// A circle among the files of each module that is a folder.
fn circles_inside(sources: &Sources) -> Vec<String> {
    let parents = sources.keys().filter(|path| !path.is_empty());
    let circles = parents.filter_map(|path| {
        let prefix = format!("{path}::");
        let mut inner = sources.clone();
        inner.retain(|other, _| other == path || other.starts_with(&prefix));
        if inner.len() < 3 {
            return None;
        }
        let parent: Vec<String> = path.split("::").map(str::to_string).collect();
        let circle = circle(&arrows(&inner, &parent))?;
        Some(format!("in {path}: {}", circle.join(" -> ")))
    });
    circles.collect()
}

/// The order of a crate's modules, from the bottom up, as the page lists it.
fn layers(page: &str, name: &str) -> Option<Vec<String>> {
    let mut lines = page
        .lines()
        .skip_while(|line| *line != format!("```layers {name}"))
        .skip(1)
        .peekable();
    lines.peek()?;
    let layers = lines.take_while(|line| !line.starts_with("```"));
    let modules = layers.filter_map(|line| line.split(':').next());
    Some(
        modules
            .flat_map(|modules| modules.split([',', ' ']))
            .filter(|m| !m.is_empty())
            .map(str::to_string)
            .collect(),
    )
}

/// What is wrong with the arrows of a crate, given the order of its modules.
fn faults(sources: &Sources, order: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let place = |module: &str| order.iter().position(|name| name == module);
    let modules = children(sources, &[]);
    for module in &modules {
        if place(module).is_none() {
            faults.push(format!("{module} is in no layer"));
        }
    }
    for (k, module) in order.iter().enumerate() {
        if !modules.contains(module.as_str()) {
            faults.push(format!("no module {module}"));
        }
        if order[..k].contains(module) {
            faults.push(format!("{module} is listed twice"));
        }
    }
    let arrows = arrows(sources, &[]);
    for ((from, to), file) in &arrows {
        if let (Some(from_place), Some(to_place)) = (place(from), place(to))
            && to_place > from_place
        {
            faults.push(format!("{from} uses {to}, which is above it ({file})"));
        }
    }
    if let Some(circle) = circle(&arrows) {
        faults.push(format!("a circle: {}", circle.join(" -> ")));
    }
    faults
}

/// A circle of arrows, if there is one.
fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    fn walk(
        arrows: &Arrows,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        let last = path.last()?.clone();
        for (_, to) in arrows.keys().filter(|(from, _)| *from == last) {
            if let Some(start) = path.iter().position(|seen| seen == to) {
                return Some(path[start..].iter().chain([to]).cloned().collect());
            }
            if !done.contains(to) {
                path.push(to.clone());
                if let Some(found) = walk(arrows, path, done) {
                    return Some(found);
                }
                path.pop();
            }
        }
        done.insert(last);
        None
    }
    let mut done = BTreeSet::new();
    arrows
        .keys()
        .find_map(|(from, _)| walk(arrows, &mut vec![from.clone()], &mut done))
}

fn read_sources(folder: &Path, module: &str, sources: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inner = if module.is_empty() {
            name.clone()
        } else {
            format!("{module}::{name}")
        };
        if path.is_dir() {
            read_sources(&path, &inner, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let module = if name == "mod" || (name == "lib" && module.is_empty()) {
                module.to_string()
            } else {
                inner
            };
            sources.insert(module, fs::read_to_string(&path).unwrap());
        }
    }
}

fn sources(name: &str) -> Sources {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates")
        .join(name)
        .join("src");
    let mut sources = Sources::new();
    read_sources(&folder, "", &mut sources);
    sources
}

#[test]
fn modules_use_those_below_them_alone() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/architecture.md");
    let page = fs::read_to_string(page).unwrap();
    for name in ["numdiff-core", "numdiff-optim", "numdiff-nn"] {
        let Some(order) = layers(&page, name) else {
            assert_ne!(
                name, "numdiff-core",
                "docs/architecture.md has no layers of {name}"
            );
            continue;
        };
        let faults = faults(&sources(name), &order);
        assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
    }
}

/// The files of a module may use their parent, not one another in a circle.
#[test]
fn files_inside_a_module_form_no_circle() {
    for name in ["numdiff-core", "numdiff-optim", "numdiff-nn"] {
        let circles = circles_inside(&sources(name));
        assert!(circles.is_empty(), "{name}:\n{}", circles.join("\n"));
    }
}

#[test]
fn a_circle_inside_a_module_is_found() {
    let circles = |parent: &str, one: &str, two: &str| {
        let sources: Sources = [
            ("", "mod a;"),
            ("a", parent),
            ("a::one", one),
            ("a::two", two),
        ]
        .map(|(path, source)| (path.to_string(), source.to_string()))
        .into();
        circles_inside(&sources)
    };
    let (to_two, to_one) = ("use super::two::B;", "use crate::a::one::A;");
    let found = "in a: one -> two -> one".to_string();
    assert_eq!(
        circles("mod one; mod two;", to_two, to_one),
        std::slice::from_ref(&found)
    );
    // By way of what the parent uses.
    let parent = "mod one; mod two; use one::A; pub use self::two::B;";
    assert_eq!(circles(parent, "use super::B;", "use super::A;"), [found]);
    for (parent, one, two) in [
        ("mod one; mod two;", to_two, ""),
        (
            "struct P; use one::A; use two::B;",
            "use super::P;",
            "use super::{A, P};",
        ),
        // Another module of that name.
        ("use crate::one::A;", "use super::two;", "use super::A;"),
    ] {
        assert!(circles(parent, one, two).is_empty(), "{parent} {one} {two}");
    }
}

/// A crate of three modules, `low`, `middle` and `high`, with these sources.
fn planted(lib: &str, low: &str, middle: &str) -> Vec<String> {
    let sources: Sources = [
        ("", lib),
        ("low", low),
        ("middle", middle),
        ("middle::inner", ""),
        ("high", "pub struct Thing; pub use crate::low::Part;"),
    ]
    .into_iter()
    .map(|(path, source)| (path.to_string(), source.to_string()))
    .collect();
    faults(&sources, &["low", "middle", "high"].map(str::to_string))
}

const LIB: &str = "mod low; mod middle; mod high; pub use high::{Thing, inner::Other as Renamed}; pub use low::*;";

#[test]
fn an_arrow_that_runs_up_is_found_in_every_guise() {
    for source in [
        "use crate::high::Thing;",
        "use crate::{low::Part, high};",
        "use crate::{low::{self, Part}, high::{deep::{A, B}}};",
        "use crate::high::*;",
        "use crate::*;",
        "use crate::Thing;",
        "use crate::Thing as Own;",
        "use crate::{Renamed};",
        "use super::high::Thing;",
        "use self::super::high::Thing;",
        "use {crate::high};",
        "pub(crate) use crate::high::Thing;",
        "fn f() { crate::high::g() }",
        "fn f(x: &super::high::Thing) {}",
        "fn f() -> Vec<crate::Thing> { Vec::new() }",
        "impl From<crate::high::Thing> for u8 {}",
        "mod inner { fn f() { super::super::high::g() } }",
        "mod inner { use crate::high; }",
        "macro_rules! m { () => { $crate::high::g() } }",
        "macro_rules! m { () => { crate::Thing } }",
        "assert!(matches!(x, crate::high::Kind::A));",
        "#[derive(Debug)] struct A(#[serde(with = \"x\")] crate::high::Thing);",
        "const A: char = '\"'; use crate::high; const B: char = '\"';",
        "fn f<'a>(x: &'a str) { crate::high::g(x) }",
        "#[cfg(feature = \"a\")] use crate::high;",
        "#[cfg(not(test))] use crate::high;",
        "#[cfg(test)] mod tests {} use crate::high;",
        "#[cfg(test)] use crate::low::A; fn f() { crate::high::g() }",
    ] {
        let faults = planted(LIB, "", source);
        assert!(
            faults.iter().any(|f| f.starts_with("middle uses high")),
            "{source}: {faults:?}"
        );
    }
    let inner: Sources = [("a::b", "use super::super::c::D;"), ("a", ""), ("c", "")]
        .map(|(path, source)| (path.to_string(), source.to_string()))
        .into();
    let order = ["a", "c"].map(str::to_string);
    assert_eq!(
        faults(&inner, &order),
        ["a uses c, which is above it (a::b)"]
    );
    // Unless that file is there for tests alone.
    let mut tests = inner;
    tests.insert("a".to_string(), "#[cfg(test)] mod b;".to_string());
    assert!(faults(&tests, &order).is_empty());
}

#[test]
fn what_is_no_arrow_is_left_alone() {
    for source in [
        "use crate::low::Part; use self::inner::A; use super::low; use inner::B;",
        "use crate::{Part, low::{self, Other}};",
        "// use crate::high::Thing;",
        "/* crate::high /* nested */ crate::high */",
        "/// [`Thing`](crate::high::Thing)\nfn f() {}",
        "const A: &str = \"crate::high\";",
        "const A: &str = r#\"say \"crate::high\"\"#;",
        "const A: &[u8] = b\"crate::high\";",
        "pub(in crate::high) fn f() {}",
        "#[cfg(test)] mod tests { use crate::high::Thing; #[test] fn t() { crate::high::g() } }",
        "#[cfg(test)]\n#[allow(dead_code)]\nfn f() { crate::high::g() }",
        "#[cfg(all(test, feature = \"a\"))] use crate::high;",
        "fn f() { other::crate_high(); highly::g(); low::high() }",
        "use ndarray::high; fn f() { ::high::g() }",
    ] {
        let faults = planted(LIB, "", source);
        assert!(faults.is_empty(), "{source}: {faults:?}");
    }
}

#[test]
fn a_circle_is_named_from_end_to_end() {
    let faults = planted(LIB, "use crate::middle::A;", "use crate::high;");
    assert!(
        faults.contains(&"low uses middle, which is above it (low)".to_string()),
        "{faults:?}"
    );
    assert!(
        faults.contains(&"a circle: high -> low -> middle -> high".to_string()),
        "{faults:?}"
    );
}

#[test]
fn the_page_lists_each_module_once() {
    let page = "text\n```layers some-crate\nlow: numbers, and more\nmiddle, high: the rest\n```\n";
    let order = layers(page, "some-crate").unwrap();
    assert_eq!(order, ["low", "middle", "high"]);
    assert_eq!(layers(page, "other"), None);
    let sources: Sources = ["low", "high", "new"]
        .map(|name| (name.to_string(), String::new()))
        .into();
    let order = ["low", "middle", "high", "low"].map(str::to_string);
    let found = faults(&sources, &order);
    for fault in [
        "new is in no layer",
        "no module middle",
        "low is listed twice",
    ] {
        assert!(found.contains(&fault.to_string()), "{found:?}");
    }
}
