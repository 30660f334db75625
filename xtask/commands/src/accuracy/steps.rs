//! The digits that rules for the step keep, as a table.

use comfy_table::{CellAlignment, Table, presets};
use numdiff_accuracy::{STEP_RULES, digits};

/// Central differences of orders 1 and 2, a row for each decade of |x|.
pub fn print() {
    for (order, what) in [(1, "gradient, 2n evaluations"), (2, "Hessian, n^2 + n + 1")] {
        let mut table = Table::new();
        table.load_preset(presets::ASCII_MARKDOWN);
        let rules = STEP_RULES.iter().map(|rule| rule.name.to_owned());
        table.set_header(["|x|".to_owned()].into_iter().chain(rules));
        for exponent in -17..=12 {
            let decade = 10.0_f64.powi(exponent);
            let mut row = vec![format!("{decade:.0e}")];
            row.extend(STEP_RULES.iter().map(|rule| {
                let [one, x] = digits(rule, order, decade);
                format!("{one:.1} / {x:.1}")
            }));
            table.add_row(row);
        }
        for column in table.column_iter_mut() {
            column.set_cell_alignment(CellAlignment::Right);
        }
        println!("{what}\n{table}\n");
    }
    println!(
        "Digits that half of the functions keep: of those that vary over 1 / over |x|. Five functions, \
         eight points a decade, both signs."
    );
}
