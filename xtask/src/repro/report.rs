//! The report of `cargo xtask repro`: claim, formula, printed, computed, figure, property.

use super::outcome::{Outcome, numbers, verdict};
use horrorshow::{Raw, html};
use numdiff_tests::{Check, Trials, Values};
use std::error::Error;
use xtask::page::{Markup, markup, page, picture};

type Written = Result<Markup, Box<dyn Error>>;

/// The report as one HTML file.
pub fn report(outcomes: &[Outcome], trials: Trials) -> Result<String, Box<dyn Error>> {
    let agreeing = outcomes.iter().filter(|outcome| outcome.agrees()).count();
    let contents = contents(outcomes)?;
    let sections: Result<Vec<Markup>, _> = outcomes
        .iter()
        .map(|outcome| section(outcome, trials))
        .collect();
    let sections = sections?;
    let body = markup(html! {
        style : Raw(include_str!("../../../docs/playground.css"));
        header {
            h1 : "The tutorial, reproduced by numdiff";
            p : "Numerical differentiation, gradient descent and the gradient of a small network: \
                 what the tutorial printed, what this library computes, and the general statement \
                 behind each claim, tried on random cases.";
            p {
                strong { : agreeing; : " of "; : outcomes.len(); : " scenarios agree. " }
                : format_args!(
                    "Each property was tried on {} cases with seed {}. numdiff {}, written by ",
                    trials.cases, trials.seed, env!("CARGO_PKG_VERSION")
                );
                code : "cargo xtask repro"; : ".";
            }
            : contents;
        }
        section(id="play") {
            h2 : "Play with it";
            p : "Drag the start, or move it with the arrow keys; change the learning rate, the step h and \
                 the number of updates. The three buttons are the tutorial's runs, equal to its numbers to \
                 the last bit.";
            div(id="playground") {}
        }
        @ for section in sections { : section; }
        script : Raw(include_str!("../../../docs/playground.js"));
    })?;
    page("The tutorial, reproduced by numdiff", body)
}

fn contents(outcomes: &[Outcome]) -> Written {
    let rows: Result<Vec<Markup>, _> = outcomes.iter().map(line_of_contents).collect();
    let rows = rows?;
    markup(html! {
        table {
            thead { tr { th : "Scenario"; th : "Printed"; th : "Computed"; th : "Verdict"; } }
            tbody { @ for row in rows { : row; } }
        }
    })
}

fn line_of_contents(outcome: &Outcome) -> Written {
    let scenario = &outcome.scenario;
    let check = outcome.headline();
    let printed = printed(check)?;
    let judged = judged(check, outcome.agrees())?;
    let what = check
        .filter(|check| check.printed.is_none())
        .map(|check| format!("{}: ", check.what));
    let computed = check.map(|check| shown(&check.computed)).transpose()?;
    markup(html! {
        tr {
            td(data-label="Scenario") {
                a(href=format_args!("#{}", scenario.id)) { : scenario.number; : ". "; : scenario.title }
            }
            td(data-label="Printed") : printed;
            td(data-label="Computed") { div { : what; : computed; } }
            td(data-label="Verdict") : judged;
        }
    })
}

fn section(outcome: &Outcome, trials: Trials) -> Written {
    let scenario = &outcome.scenario;
    let judged = judged(outcome.headline(), outcome.agrees())?;
    let found = match &outcome.finding {
        Ok(finding) => {
            let rows: Result<Vec<Markup>, _> = finding.checks.iter().map(row).collect();
            let figures: Result<Vec<Markup>, _> = outcome.figures().iter().map(picture).collect();
            let (rows, figures) = (rows?, figures?);
            markup(html! {
                table {
                    thead {
                        tr { th : "What"; th : "Printed"; th : "Computed"; th : "Held against"; th : "Verdict"; }
                    }
                    tbody { @ for row in rows { : row; } }
                }
                @ for figure in figures { : figure; }
                @ if !finding.explanation.is_empty() {
                    h3 : "What happens";
                    ul { @ for sentence in &finding.explanation { li : sentence; } }
                }
            })?
        }
        Err(failure) => markup(html! { p(class="disagrees") : failure.to_string(); })?,
    };
    markup(html! {
        section(id=scenario.id) {
            h2 { : scenario.number; : ". "; : scenario.title }
            p : judged;
            p : scenario.claim;
            p(class="formula") : scenario.formula;
            : found;
            h3 : "In general";
            p : scenario.statement;
            p {
                @ if let Err(failure) = &outcome.property {
                    span(class="verdict disagrees") : "✗ fails";
                    : format_args!(" {failure}");
                } else {
                    span(class="verdict agrees") : "✓ holds";
                    span(class="quiet") : format_args!(" on {} random cases, seed {}", trials.cases, trials.seed);
                }
            }
        }
    })
}

fn row(check: &Check) -> Written {
    let printed = printed(Some(check))?;
    let shown = shown(&check.computed)?;
    let judged = judged(Some(check), check.agrees)?;
    markup(html! {
        tr {
            td(data-label="What") : &check.what;
            td(data-label="Printed") : printed;
            td(data-label="Computed") { div : shown; }
            td(data-label="Held against") : &check.rule;
            td(data-label="Verdict") : judged;
        }
    })
}

/// As the tutorial printed it, a matrix row by row.
fn printed(check: Option<&Check>) -> Written {
    let text = check.and_then(|check| check.printed).unwrap_or("—");
    let text = text.replace("] [", "]\n[");
    let lines: Result<Vec<Markup>, _> = text.lines().map(line).collect();
    let lines = lines?;
    markup(html! { div { @ for line in lines { : line; } } })
}

/// Numbers row by row; of a long table the first and the last two.
fn shown(values: &Values) -> Written {
    let lines = numbers(values);
    let omitted = lines.len().saturating_sub(5);
    let mut rows = Vec::new();
    for (i, text) in lines.iter().enumerate() {
        if omitted == 0 || i < 2 || i + 2 >= lines.len() {
            rows.push(line(text)?);
        } else if i == 2 {
            let more = format!("… {} more", lines.len() - 4);
            rows.push(markup(html! { span(class="row quiet") : more; })?);
        }
    }
    markup(html! { @ for row in rows { : row; } })
}

/// A row of numbers that breaks between them only.
fn line(text: &str) -> Written {
    markup(html! {
        span(class="row") {
            @ for number in text.split_whitespace() { span(class="number") : number; : " "; }
        }
    })
}

/// In words and with a sign, so that it is not told by its color alone.
fn judged(check: Option<&Check>, good: bool) -> Written {
    let (class, sign) = if good {
        ("agrees", "✓")
    } else {
        ("disagrees", "✗")
    };
    let word = verdict(check, good);
    markup(html! { span(class=format_args!("verdict {class}")) { : sign; : " "; : word } })
}
