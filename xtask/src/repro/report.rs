//! The report of `cargo xtask repro`: claim, formula, printed, computed, figure, property.

use super::outcome::{Outcome, numbers, verdict};
use maud::{Markup, PreEscaped, html};
use numdiff_tests::{Check, Trials, Values};
use std::error::Error;
use xtask::page::{page, picture};

/// The report as one HTML file.
pub fn report(outcomes: &[Outcome], trials: Trials) -> Result<String, Box<dyn Error>> {
    let agreeing = outcomes.iter().filter(|outcome| outcome.agrees()).count();
    let sections: Result<Vec<Markup>, _> = outcomes
        .iter()
        .map(|outcome| section(outcome, trials))
        .collect();
    let body = html! {
        header {
            h1 { "The tutorial, reproduced by numdiff" }
            p {
                "Numerical differentiation, gradient descent and the gradient of a small network: \
                 what the tutorial printed, what this library computes, and the general statement \
                 behind each claim, tried on random cases."
            }
            p {
                strong { (agreeing) " of " (outcomes.len()) " scenarios agree. " }
                "Each property was tried on " (trials.cases) " cases with seed " (trials.seed)
                ". numdiff " (env!("CARGO_PKG_VERSION")) ", written by "
                code { "cargo xtask repro" } "."
            }
            (contents(outcomes))
        }
        section id="play" {
            h2 { "Play with it" }
            p {
                "Drag the start, or move it with the arrow keys; change the learning rate, the step h and \
                 the number of updates. The three buttons are the tutorial's runs, equal to its numbers to \
                 the last bit."
            }
            div id="playground" {}
        }
        @for section in sections? { (section) }
    };
    let body = html! {
        style { (PreEscaped(include_str!("../../../docs/playground.css"))) }
        (body)
        script { (PreEscaped(include_str!("../../../docs/playground.js"))) }
    };
    Ok(page("The tutorial, reproduced by numdiff", body))
}

fn contents(outcomes: &[Outcome]) -> Markup {
    html! {
        table {
            thead { tr { th { "Scenario" } th { "Printed" } th { "Computed" } th { "Verdict" } } }
            tbody {
                @for outcome in outcomes {
                    @let scenario = &outcome.scenario;
                    @let check = outcome.headline();
                    tr {
                        td data-label="Scenario" {
                            a href=(format!("#{}", scenario.id)) { (scenario.number) ". " (scenario.title) }
                        }
                        td data-label="Printed" { (printed(check)) }
                        td data-label="Computed" {
                            div {
                                @if let Some(check) = check {
                                    @if check.printed.is_none() { (check.what) ": " }
                                    (shown(&check.computed))
                                }
                            }
                        }
                        td data-label="Verdict" { (judged(outcome.headline(), outcome.agrees())) }
                    }
                }
            }
        }
    }
}

fn section(outcome: &Outcome, trials: Trials) -> Result<Markup, Box<dyn Error>> {
    let scenario = &outcome.scenario;
    let figures: Result<Vec<Markup>, _> = outcome.figures().iter().map(picture).collect();
    Ok(html! {
        section id=(scenario.id) {
            h2 { (scenario.number) ". " (scenario.title) }
            p { (judged(outcome.headline(), outcome.agrees())) }
            p { (scenario.claim) }
            p.formula { (scenario.formula) }
            @match &outcome.finding {
                Ok(finding) => {
                    table {
                        thead {
                            tr { th { "What" } th { "Printed" } th { "Computed" } th { "Held against" } th { "Verdict" } }
                        }
                        tbody { @for check in &finding.checks { (row(check)) } }
                    }
                    @for figure in figures? { (figure) }
                    @if !finding.explanation.is_empty() {
                        h3 { "What happens" }
                        ul { @for sentence in &finding.explanation { li { (sentence) } } }
                    }
                }
                Err(failure) => { p.disagrees { (failure) } }
            }
            h3 { "In general" }
            p { (scenario.statement) }
            p {
                @match &outcome.property {
                    Ok(()) => {
                        span.verdict.agrees { "✓ holds" } span.quiet {
                            " on " (trials.cases) " random cases, seed " (trials.seed)
                        }
                    }
                    Err(failure) => { span.verdict.disagrees { "✗ fails" } " " (failure) }
                }
            }
        }
    })
}

fn row(check: &Check) -> Markup {
    html! {
        tr {
            td data-label="What" { (check.what) }
            td data-label="Printed" { (printed(Some(check))) }
            td data-label="Computed" { div { (shown(&check.computed)) } }
            td data-label="Held against" { (check.rule) }
            td data-label="Verdict" { (judged(Some(check), check.agrees)) }
        }
    }
}

/// As the tutorial printed it, a matrix row by row.
fn printed(check: Option<&Check>) -> Markup {
    let text = check.and_then(|check| check.printed).unwrap_or("—");
    html! {
        div { @for row in text.replace("] [", "]\n[").lines() { (line(row)) } }
    }
}

/// Numbers row by row; of a long table the first and the last two.
fn shown(values: &Values) -> Markup {
    let lines = numbers(values);
    let omitted = lines.len().saturating_sub(5);
    html! {
        @for (i, text) in lines.iter().enumerate() {
            @if omitted == 0 || i < 2 || i + 2 >= lines.len() { (line(text)) }
            @else if i == 2 { span.row.quiet { "… " (lines.len() - 4) " more" } }
        }
    }
}

/// A row of numbers that breaks between them only.
fn line(text: &str) -> Markup {
    html! {
        span.row { @for number in text.split_whitespace() { span.number { (number) } " " } }
    }
}

/// In words and with a sign, so that it is not told by its color alone.
fn judged(check: Option<&Check>, good: bool) -> Markup {
    let word = verdict(check, good);
    html! {
        @if good { span.verdict.agrees { "✓ " (word) } }
        @else { span.verdict.disagrees { "✗ " (word) } }
    }
}
