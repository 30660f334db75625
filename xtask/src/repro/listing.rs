//! Printed, computed and verdict on the terminal, at most 80 columns wide.

use super::outcome::{Outcome, numbers, verdict};
use numdiff_tests::{Check, Trials};
use std::fmt::Write;

const WIDTH: usize = 80;

/// One paragraph a scenario.
pub fn listing(outcomes: &[Outcome], trials: Trials) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let scenario = &outcome.scenario;
        let property = match outcome.property {
            Ok(()) => format!("property holds on {} cases", trials.cases),
            Err(_) => "property fails".to_string(),
        };
        let _ = writeln!(text, "\n{:>2}  {}", scenario.number, scenario.title);
        match &outcome.finding {
            Ok(_) => outcome
                .shown()
                .iter()
                .for_each(|check| row(&mut text, check)),
            Err(failure) => paragraph(&mut text, "failed", failure),
        }
        paragraph(
            &mut text,
            verdict(outcome.headline(), outcome.agrees()),
            &property,
        );
    }
    text
}

fn row(text: &mut String, check: &Check) {
    if let Some(printed) = check.printed {
        paragraph(text, "printed", printed);
    } else {
        paragraph(text, "", &check.what);
    }
    let lines = numbers(&check.computed);
    let omitted = lines.len().saturating_sub(4);
    for (k, line) in lines.iter().enumerate() {
        let name = if k == 0 { "computed" } else { "" };
        if omitted == 0 || k < 2 || k + 2 >= lines.len() {
            paragraph(text, name, line);
        } else if k == 2 {
            paragraph(text, "", &format!("… {omitted} more"));
        }
    }
}

/// A name and words, broken between words alone.
fn paragraph(text: &mut String, name: &str, words: &str) {
    let mut line = format!("    {name:<10}");
    let mut empty = true;
    for word in words.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = format!("    {:<10}", "");
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wider_than_a_terminal_and_no_number_is_broken() {
        let trials = Trials { cases: 1, seed: 0 };
        let outcomes: Vec<Outcome> = numdiff_tests::all()
            .into_iter()
            .map(|scenario| Outcome::of(scenario, trials))
            .collect();
        let text = listing(&outcomes, trials);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert!(text.contains("6.00000000000378"), "{text}");
    }
}
