//! The measurements as a table for the terminal, group by group, peers beneath.

use super::Measurement;
use super::peers::peers;
use comfy_table::{CellAlignment, Table, presets};
use numdiff_tests::accuracy::{Group, Row};

const HEADER: [&str; 15] = [
    "method",
    "cases",
    "median",
    "p90",
    "worst",
    "/limit",
    "evals",
    "p90",
    "covered",
    "adjusted",
    "tightness",
    "gross",
    "unflagged",
    "> 1e-6",
    "undefined",
];

pub fn print(measurements: &[Measurement], cases: bool) {
    let Some(first) = measurements.first() else {
        return;
    };
    let peers = peers();
    for group in &first.groups {
        let mut table = new(&HEADER);
        for measurement in measurements {
            if let Some(found) = measurement.groups.iter().find(|g| g.name == group.name) {
                table.add_row(ours(&measurement.method, found));
            }
        }
        for peer in peers
            .iter()
            .filter(|peer| peer.group.split(' ').next() == Some(&group.name))
        {
            let order = peer.group.strip_prefix(&group.name).unwrap_or("");
            table.add_row(vec![
                format!("  {}{order}", peer.library),
                peer.cases.to_string(),
                relative(peer.median_relative),
                relative(peer.p90_relative),
                relative(peer.worst_relative),
                ratio(peer.median_over_limit),
                count(peer.evaluations_median),
                count(peer.evaluations_p90),
                share(peer.coverage),
                String::new(),
                String::new(),
                share(peer.gross),
            ]);
        }
        println!("{}\n{table}\n", group.name);
    }
    println!(
        "Relative errors; /limit: over the error of the best stencil of order 8 or less with an oracle \
         step;\ntightness: error bar over error; indented: peers on the public files (* re-implemented)."
    );
    if cases {
        for measurement in measurements {
            println!("\n{}", measurement.method);
            println!("{}", rows(&measurement.rows));
        }
    }
}

fn new(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::ASCII_MARKDOWN)
        .set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn ours(method: &str, group: &Group) -> Vec<String> {
    vec![
        method.to_owned(),
        group.cases.to_string(),
        relative(group.median_relative),
        relative(group.p90_relative),
        relative(group.worst_relative),
        ratio(group.median_over_limit),
        count(group.evaluations_median),
        count(group.evaluations_p90),
        share(group.coverage),
        share(group.coverage_adjusted),
        ratio(group.tightness_median),
        share(group.gross),
        share(group.gross_unflagged),
        share(group.above_1e6),
        if group.undefined_told.is_nan() {
            String::new()
        } else {
            share(group.undefined_told)
        },
    ]
}

fn rows(rows: &[Row]) -> Table {
    let mut table = new(&[
        "name",
        "x",
        "value",
        "error bar",
        "error",
        "evals",
        "status",
    ]);
    for row in rows {
        table.add_row(vec![
            row.name.clone(),
            format!("{:e}", row.x),
            format!("{:e}", row.value),
            format!("{:.1e}", row.estimate),
            format!("{:.1e}", row.error),
            count(row.evaluations),
            row.status.clone(),
        ]);
    }
    table
}

fn relative(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else if value == 0.0 {
        "0".into()
    } else {
        format!("{value:.1e}")
    }
}

fn ratio(value: f64) -> String {
    match value {
        v if v.is_nan() => "–".into(),
        v if !(1e-3..1e4).contains(&v) => format!("{v:.1e}"),
        v => format!("{v:.2}"),
    }
}

fn count(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else {
        format!("{}", (value * 10.0).round() / 10.0)
    }
}

/// In per cent.
fn share(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else {
        format!("{:.1}%", 100.0 * value)
    }
}
