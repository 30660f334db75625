//! The families drawn at random as a table.

use comfy_table::{CellAlignment, Table, presets};
use numdiff_accuracy::{SEED, families};

const HEADER: [&str; 10] = [
    "family",
    "outside",
    "beyond 2 bars",
    "converged",
    "not smooth",
    "within 2 bars",
    "bar/error",
    "bar/|value|",
    "evaluations",
    "reach",
];

/// Measures `cases` functions of every family.
pub fn print(cases: usize) {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_header(HEADER);
    for family in families() {
        let tally = family.tally(cases);
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        table.add_row(vec![
            family.name.to_owned(),
            percent(tally.outside),
            percent(tally.beyond),
            percent(tally.converged),
            percent(tally.not_smooth),
            percent(tally.within),
            format!("{:.1}", tally.tightness),
            format!("{:.1e}", tally.width),
            tally.evaluations.to_string(),
            if tally.reach.is_nan() {
                String::new()
            } else {
                format!("{:.2}", tally.reach)
            },
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}\n");
    println!(
        "{cases} functions of each family, seed {SEED}. Outside: |value - truth| > bar while trusted; \
         beyond: > 2 bars while converged; at a kink every value between the one-sided slopes is true. \
         Medians of bar over error, bar over value and evaluations; reach: the largest \
         |t - x| / max(|x|, 1)."
    );
}
