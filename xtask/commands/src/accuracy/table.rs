//! The measurements as a table for the terminal, group by group, peers beneath.

use super::Measurement;
use super::peers::{Peer, peers};
use comfy_table::{CellAlignment, Table, presets};
use numdiff_accuracy::{Group, Row};

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

/// A table of at most 80 columns for each method: its groups, and below the first what peers make of
/// the same groups; with `full` every figure, group by group.
pub fn print(measurements: &[Measurement], cases: bool, full: bool) {
    let Some(first) = measurements.first() else {
        return;
    };
    let peers = peers();
    if !full {
        measurements.iter().for_each(print_brief);
        print_peers(&peers, first);
        println!(
            "Medians of relative errors and evaluations; covered: |error| <= error bar; bar/error:\n\
             median; gross: no value or off by more than 1e-3, and nothing says so.\n\
             Peers (* re-implemented): cases, covered and off by more than 1e-3, over their groups.\n\
             --full prints every figure of every group."
        );
        return print_cases(measurements, cases);
    }
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
            .filter(|peer| !peer.library.starts_with("design"))
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
    print_cases(measurements, cases);
}

fn print_cases(measurements: &[Measurement], wanted: bool) {
    for measurement in measurements.iter().filter(|_| wanted) {
        println!("\n{}", measurement.method);
        println!("{}", rows(&measurement.rows));
    }
}

fn print_brief(measurement: &Measurement) {
    let mut table = new(&[
        "group",
        "cases",
        "error",
        "evals",
        "covered",
        "bar/error",
        "gross",
    ]);
    table.load_preset(presets::NOTHING);
    for group in &measurement.groups {
        table.add_row([
            group.name.clone(),
            group.cases.to_string(),
            relative(group.median_relative),
            count(group.evaluations_median),
            share(group.coverage),
            ratio(group.tightness_median),
            share(group.gross_unflagged),
        ]);
    }
    println!("{}\n{table}\n", measurement.method);
}

/// One row a peer, over the groups of first derivatives that it shares with the measurement.
fn print_peers(peers: &[Peer], first: &Measurement) {
    let mut table = new(&["library", "cases", "covered", "off"]);
    table.load_preset(presets::NOTHING);
    let mut names: Vec<&str> = peers.iter().map(|peer| peer.library.as_str()).collect();
    names.dedup();
    for name in names.into_iter().filter(|name| !name.starts_with("design")) {
        let rows: Vec<&Peer> = peers
            .iter()
            .filter(|peer| peer.library == name)
            .filter(|peer| first.groups.iter().any(|group| group.name == peer.group))
            .collect();
        let mean = |share: fn(&Peer) -> f64| {
            let known = rows.iter().filter(|peer| !share(peer).is_nan());
            let (sum, cases) = known.fold((0.0, 0.0), |(sum, cases), peer| {
                let n = peer.cases as f64;
                (sum + share(peer) * n, cases + n)
            });
            sum / cases
        };
        let cases: usize = rows.iter().map(|peer| peer.cases).sum();
        if cases > 0 {
            table.add_row([
                name.to_string(),
                cases.to_string(),
                share(mean(|peer| peer.coverage)),
                share(mean(|peer| peer.gross)),
            ]);
        }
    }
    println!("Peers on the public files\n{table}\n");
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
