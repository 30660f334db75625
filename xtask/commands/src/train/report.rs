//! The report of `cargo xtask train`.

use super::{Outcome, figures};
use horrorshow::html;
use numdiff_nn::CheckReport;
use std::error::Error;
use xtask::page::{Markup, drawing, markup, page, picture};

/// The report as one HTML file.
pub fn report(outcome: &Outcome) -> Result<String, Box<dyn Error>> {
    let charts: Result<Vec<Markup>, _> = figures::all(outcome)?.iter().map(picture).collect();
    let grids: Result<Vec<Markup>, _> = figures::image_grids(outcome)?
        .iter()
        .map(|grid| {
            let svg = |width| grid.svg(width);
            drawing(
                &grid.description,
                grid.wide(xtask::figure::Width::Wide),
                svg,
            )
        })
        .collect();
    let title = format!("{}, learned by {}", outcome.data.name, outcome.gradient);
    let right = (outcome.accuracy * outcome.data.held_out.len() as f64).round();
    let rows = [
        ("Data", outcome.data.source.to_string()),
        (
            "Learned from",
            format!("{} samples", outcome.data.training.len()),
        ),
        (
            "Held out",
            format!(
                "{} samples, a seeded share of each class",
                outcome.data.held_out.len()
            ),
        ),
        (
            "Network",
            format!(
                "{}, sigmoid, {} parameters",
                outcome.sizes(),
                outcome.network.parameters().len()
            ),
        ),
        ("Loss", "softmax cross-entropy, ln(y + 1e-7)".to_string()),
        ("Gradient", outcome.gradient.to_string()),
        (
            "Optimizer",
            format!("{}, batches of {}", outcome.optimizer, outcome.batch),
        ),
        (
            "Steps",
            format!(
                "{} in {} epochs",
                outcome.steps(),
                outcome.training.history().len()
            ),
        ),
        (
            "Time",
            format!(
                "{:.1} s{}",
                outcome.seconds,
                match outcome.resumed_at {
                    Some(step) => format!(" since it was taken up at step {step}"),
                    None => String::new(),
                }
            ),
        ),
        ("Seed", outcome.seed.to_string()),
        ("Loss on what was held out", format!("{:.5}", outcome.loss)),
        ("Fingerprint of the parameters", outcome.fingerprint()),
    ];
    let (charts, grids) = (charts?, grids?);
    let found = blocks(&outcome.check)?;
    let body = markup(html! {
        header {
            h1 : &title;
            p {
                strong : format_args!(
                    "{right} of {} held-out samples are right: {:.2} %. ",
                    outcome.data.held_out.len(), 100.0 * outcome.accuracy
                );
                : "numdiff "; : xtask::VERSION; : ", written by "; code : "cargo xtask train"; : ".";
            }
            table(class="facts") {
                tbody {
                    @ for (name, value) in &rows {
                        tr { th(scope="row") : name; td(data-label=name) { span : value; } }
                    }
                }
            }
        }
        section {
            h2 : "Learning";
            @ for chart in charts { : chart; }
        }
        section {
            h2 : "What was learned";
            @ for sheet in grids { : sheet; }
        }
        section {
            h2 : "Are the gradients right?";
            p : "Every derivative of every layer of the trained network against difference quotients, on the first batch.";
            : found;
        }
    })?;
    page(&title, body)
}

/// What the gradient check found, block by block; the whole report where something is to be said.
fn blocks(check: &CheckReport) -> Result<Markup, Box<dyn Error>> {
    markup(html! {
        p {
            strong : if check.passed() { "They are. " } else { "They are not. " };
        }
        table {
            thead {
                tr {
                    th : "Block"; th : "Entries"; th : "Wrong"; th : "Largest difference";
                    th : "An error is found from";
                }
            }
            tbody {
                @ for block in &check.blocks {
                    tr {
                        td(data-label="Block") { code : block.report.what.to_string(); }
                        td(data-label="Entries") { span : block.report.counts().total(); }
                        td(data-label="Wrong") { span : block.report.counts().wrong; }
                        td(data-label="Difference") { span : format_args!("{:.1e}", block.report.largest_difference()); }
                        td(data-label="Found from") { span : format_args!("{:.1e} of the largest entry", block.report.found_from()); }
                    }
                }
            }
        }
        @ if check.findings().next().is_some() { pre : check.to_string(); }
    })
}
