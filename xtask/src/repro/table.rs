//! Printed, computed and verdict as a table on the terminal.

use super::outcome::{Outcome, verdict};
use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use console::Term;
use numdiff_tests::{Finding, Trials};

/// The table; colored on a terminal alone, and not where `NO_COLOR` asks for none.
pub fn table(outcomes: &[Outcome], trials: Trials) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["", "Scenario", "Printed", "Computed", "Verdict", "Property"]);
    match Term::stdout().size_checked() {
        Some((_, columns)) => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(columns);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    // On a terminal and without NO_COLOR; the words say it all without color too.
    let colored = console::colors_enabled();
    if !colored {
        table.force_no_tty();
    }
    let judged =
        |text: &str, good: bool| Cell::new(text).fg(if good { Color::Green } else { Color::Red });
    for outcome in outcomes {
        let scenario = &outcome.scenario;
        let (printed, computed) = outcome.lines();
        let agrees = outcome.finding.as_ref().is_ok_and(Finding::agrees);
        table.add_row([
            Cell::new(scenario.number),
            Cell::new(scenario.title),
            Cell::new(printed),
            Cell::new(computed),
            judged(verdict(agrees), agrees),
            judged(
                &match outcome.property {
                    Ok(()) => format!("{} cases", trials.cases),
                    Err(_) => "fails".to_string(),
                },
                outcome.property.is_ok(),
            ),
        ]);
    }
    table
}
