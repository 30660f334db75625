//! Colors and times of sparse structures, as a table and as JSON rows.

use comfy_table::{CellAlignment, Table};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Fails when a coloring has more colors than ColPack's or than the optimum.
pub fn verdict(rows: &[Value]) -> ExitCode {
    ExitCode::from(u8::from(rows.iter().any(|row| !worse(row).is_empty())))
}

/// A table for each group; then the colorings that have more colors than they should.
pub fn tables(rows: &[Value], preset: &str) -> String {
    let tables = [jacobians, threads, coloring_times, best_colors, orders];
    let mut text = tables
        .map(|table| table(rows, preset).to_string())
        .join("\n\n");
    for line in rows.iter().flat_map(worse) {
        text += &format!("\nmore colors than the peer's: {line}");
    }
    text
}

fn words(row: &Value) -> Vec<&str> {
    row["id"].as_str().unwrap_or("").split('/').collect()
}

fn peer(row: &Value, name: &str) -> Option<f64> {
    row["peers"][name].as_f64()
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(v) if v.abs() >= 100.0 => format!("{v:.0}"),
        Some(v) if v.fract() == 0.0 => format!("{v}"),
        Some(v) => format!("{v:.2}"),
    }
}

fn table(preset: &str, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(preset).set_header(header.to_vec());
    table
        .column_iter_mut()
        .skip(1)
        .for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    table
}

fn jacobians(rows: &[Value], preset: &str) -> Table {
    let mut table = table(
        preset,
        &[
            "sparse Jacobian",
            "unit",
            "numdiff",
            "by hand",
            "finitediff",
            "scipy",
            "ratio to by hand",
        ],
    );
    for row in rows.iter().filter(|row| words(row)[0] == "sparse-jacobian") {
        table.add_row([
            words(row)[1..].join(" "),
            row["unit"].as_str().unwrap_or("").to_owned(),
            number(row["numdiff"].as_f64()),
            number(peer(row, "loop by hand")),
            number(peer(row, "finitediff")),
            number(peer(row, "scipy")),
            number(row["ratio"]["loop by hand"].as_f64()),
        ]);
    }
    table
}

fn threads(rows: &[Value], preset: &str) -> Table {
    let mut table = table(preset, &["threads", "serial us", "threads us", "speed-up"]);
    for row in rows.iter().filter(|row| words(row)[0] == "threads") {
        table.add_row([
            words(row)[1..].join(", "),
            number(peer(row, "serial")),
            number(row["numdiff"].as_f64()),
            number(row["ratio"]["serial"].as_f64()),
        ]);
    }
    table
}

fn coloring_times(rows: &[Value], preset: &str) -> Table {
    let mut table = table(
        preset,
        &["coloring", "kind", "order", "numdiff ms", "ColPack ms"],
    );
    for row in rows.iter().filter(|row| words(row)[0] == "coloring-time") {
        let words = words(row);
        table.add_row([
            words[1].to_owned(),
            words[2].to_owned(),
            words[3].to_owned(),
            number(row["numdiff"].as_f64()),
            number(peer(row, "colpack")),
        ]);
    }
    table
}

/// The best order against the best of ColPack's five and the optimum, one line per matrix.
fn best_colors(rows: &[Value], preset: &str) -> Table {
    let kinds = ["columns", "rows", "star", "acyclic"];
    let mut table = table(
        preset,
        &[
            "colors: numdiff / ColPack (optimum)",
            "columns",
            "rows",
            "star",
            "acyclic",
        ],
    );
    let mut lines: Vec<(String, BTreeMap<usize, String>)> = Vec::new();
    for row in rows {
        let words = words(row);
        if words[0] != "colors" || words[3] != "best" {
            continue;
        }
        if lines.last().is_none_or(|(name, _)| name != words[1]) {
            lines.push((words[1].to_owned(), BTreeMap::new()));
        }
        let optimum = peer(row, "optimum").map_or(String::new(), |v| format!(" ({v})"));
        let text = format!(
            "{} / {}{optimum}",
            number(row["numdiff"].as_f64()),
            number(peer(row, "colpack"))
        );
        if let (Some(kind), Some((_, cells))) =
            (kinds.iter().position(|k| *k == words[2]), lines.last_mut())
        {
            cells.insert(kind, text);
        }
    }
    for (name, cells) in lines {
        let cells = (0..4).map(|kind| cells.get(&kind).cloned().unwrap_or_default());
        table.add_row(std::iter::once(name).chain(cells));
    }
    table
}

/// What ColPack and theory do with fewer colors than a row.
fn worse(row: &Value) -> Vec<String> {
    let (Some(ours), true) = (row["numdiff"].as_f64(), words(row)[0] == "colors") else {
        return Vec::new();
    };
    let id = row["id"].as_str().unwrap_or("");
    [("", "colpack"), ("optimum ", "optimum")]
        .into_iter()
        .filter_map(|(label, name)| {
            let theirs = peer(row, name).filter(|theirs| ours > *theirs)?;
            Some(format!("{id} {ours} > {label}{theirs}"))
        })
        .collect()
}

/// Order by order: how often fewer, equal, more.
fn orders(rows: &[Value], preset: &str) -> Table {
    let mut counts: BTreeMap<(&str, &str), [usize; 3]> = BTreeMap::new();
    for row in rows {
        let words = words(row);
        if let (Some(ours), Some(theirs), "colors") =
            (row["numdiff"].as_f64(), peer(row, "colpack"), words[0])
        {
            let count = counts.entry((words[2], words[3])).or_default();
            count[usize::from(ours >= theirs) + usize::from(ours > theirs)] += 1;
        }
    }
    let mut table = table(
        preset,
        &["kind", "order", "fewer than ColPack", "equal", "more"],
    );
    for ((kind, order), [fewer, equal, more]) in counts {
        table.add_row(
            [kind, order]
                .map(str::to_owned)
                .into_iter()
                .chain([fewer, equal, more].map(|k| k.to_string())),
        );
    }
    table
}
