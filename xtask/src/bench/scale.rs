//! Colors and times of sparse structures, as a table and as JSON rows.

use comfy_table::{CellAlignment, Table, presets};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Options of `cargo xtask bench scale`
#[derive(clap::Args)]
pub struct Args {
    /// Print the rows {"id", "numdiff", "unit", "peers", "ratio"} as one JSON array
    #[arg(long)]
    json: bool,
    /// Print Markdown tables, as in docs/benchmarks.md
    #[arg(long)]
    markdown: bool,
}

/// Exits with 1 when a coloring has more colors than ColPack's or than the optimum.
pub fn run(args: Args) -> ExitCode {
    let rows = match super::measure("scale") {
        Ok(Value::Array(rows)) => rows,
        Ok(other) => {
            eprintln!("error: no array of rows came: {other}");
            return ExitCode::FAILURE;
        }
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    let preset = if args.markdown {
        presets::ASCII_MARKDOWN
    } else {
        presets::UTF8_FULL_CONDENSED
    };
    let (table, worse) = orders(&rows, preset);
    if args.json {
        println!("{:#}", Value::from(rows));
        return ExitCode::from(u8::from(!worse.is_empty()));
    }
    println!("{}\n", jacobians(&rows, preset));
    println!("{}\n", threads(&rows, preset));
    println!("{}\n", coloring_times(&rows, preset));
    println!("{}\n", best_colors(&rows, preset));
    println!("{table}");
    for id in &worse {
        println!("more colors than the peer's: {id}");
    }
    ExitCode::from(u8::from(!worse.is_empty()))
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

/// Order by order: how often fewer, equal, more; and where more.
fn orders(rows: &[Value], preset: &str) -> (Table, Vec<String>) {
    let mut counts: BTreeMap<(String, String), [usize; 3]> = BTreeMap::new();
    let mut worse = Vec::new();
    for row in rows {
        let words = words(row);
        let (Some(ours), true) = (row["numdiff"].as_f64(), words[0] == "colors") else {
            continue;
        };
        let optimum = peer(row, "optimum").unwrap_or(f64::INFINITY);
        if let Some(theirs) = peer(row, "colpack") {
            let count = counts
                .entry((words[2].to_owned(), words[3].to_owned()))
                .or_default();
            count[if ours < theirs {
                0
            } else {
                usize::from(ours > theirs) + 1
            }] += 1;
            if ours > theirs {
                worse.push(format!(
                    "{} {ours} > {theirs}",
                    row["id"].as_str().unwrap_or("")
                ));
            }
        }
        if ours > optimum {
            worse.push(format!(
                "{} {ours} > optimum {optimum}",
                row["id"].as_str().unwrap_or("")
            ));
        }
    }
    let mut table = table(
        preset,
        &["kind", "order", "fewer than ColPack", "equal", "more"],
    );
    for ((kind, order), count) in counts {
        table.add_row([
            kind,
            order,
            count[0].to_string(),
            count[1].to_string(),
            count[2].to_string(),
        ]);
    }
    (table, worse)
}
