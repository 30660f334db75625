//! `cargo xtask optimize --far`: ordinary fits and likelihoods from far starts.

use comfy_table::Table;
use numdiff_optim::{Error, Status, Test, least_squares, minimize};
use numdiff_problems::far::{Far, far};
use std::process::ExitCode;

/// Draws of each family.
const DRAWS: u64 = 40;
/// A residual sum above this multiple of the least one known is no minimum.
const FALSE: f64 = 1.001;

/// The end of one run.
struct End {
    x: Vec<f64>,
    value: f64,
    status: Status,
    evaluations: usize,
}

/// Runs of one method on one family, or on all.
#[derive(Default)]
struct Counts {
    runs: usize,
    solved: usize,
    is_false: usize,
    unclaimed: usize,
    evaluations: Vec<f64>,
}

/// Prints the table; 1 where a claim is false.
pub(super) fn run(seed: u64) -> ExitCode {
    let mut families: Vec<(&str, [Counts; 2])> = Vec::new();
    for problem in (seed..seed + DRAWS).flat_map(far) {
        let ends = match measure(&problem) {
            Ok(ends) => ends,
            Err(error) => {
                eprintln!("error: {}: {error}", problem.name);
                return ExitCode::FAILURE;
            }
        };
        let place = families.iter().position(|(name, _)| *name == problem.name);
        let place = place.unwrap_or_else(|| {
            families.push((problem.name, Default::default()));
            families.len() - 1
        });
        let values = ends.iter().flatten().map(|end| end.value);
        let least = values.fold(f64::INFINITY, f64::min);
        // The first two are from the far start.
        for (counts, end) in families[place].1.iter_mut().zip(&ends) {
            if let Some(end) = end {
                counts.add(&problem, end, least);
            }
        }
    }
    let mut table = Table::new();
    table.set_header(["", "minimize", "false", "least_squares", "false"]);
    let mut all: [Counts; 2] = Default::default();
    for (name, counts) in families {
        let mut row = vec![name.to_string()];
        for (all, counts) in all.iter_mut().zip(counts) {
            row.extend(match counts.runs {
                0 => [String::new(), String::new()],
                runs => [
                    format!("{} of {runs}", counts.solved),
                    counts.is_false.to_string(),
                ],
            });
            all.extend(counts);
        }
        table.add_row(row);
    }
    println!("{table}");
    for (name, counts) in ["minimize", "least_squares"].into_iter().zip(&mut all) {
        counts.print(name);
    }
    ExitCode::from(u8::from(all.iter().any(|counts| counts.is_false > 0)))
}

/// By values and by residuals from the far start, then from the near one.
fn measure(problem: &Far) -> Result<[Option<End>; 4], Error> {
    let by_values = |start: &[f64]| -> Result<Option<End>, Error> {
        let run = minimize(|x: &[f64]| problem.value(x), start).run()?;
        Ok(Some(End {
            x: run.x,
            value: run.value,
            status: run.status,
            evaluations: run.evaluations,
        }))
    };
    let by_residuals = |start: &[f64]| -> Result<Option<End>, Error> {
        let Some(residuals) = problem.residuals() else {
            return Ok(None);
        };
        let fit = least_squares(residuals, start).run()?;
        Ok(Some(End {
            x: fit.x,
            value: fit.value,
            status: fit.status,
            evaluations: fit.evaluations,
        }))
    };
    Ok([
        by_values(&problem.start)?,
        by_residuals(&problem.start)?,
        by_values(&problem.near)?,
        by_residuals(&problem.near)?,
    ])
}

impl Counts {
    fn add(&mut self, problem: &Far, end: &End, least: f64) {
        let said = match &end.status {
            Status::Converged {
                test: Test::Decrease { predicted, .. } | Test::Rounding { predicted },
                ..
            } => 2.0 * predicted,
            _ => 0.0,
        };
        let rounding = 1e-14 * problem.value(&problem.near).abs().max(1e-6);
        let close = end.value - least <= 1e-6 * least.abs() + said + rounding;
        let wrong = match problem.residuals() {
            Some(_) => end.value > FALSE * least + rounding,
            None => !close,
        };
        let claims = end.status.is_success();
        self.runs += 1;
        self.solved += usize::from(close && claims);
        self.unclaimed += usize::from(close && !claims);
        self.is_false += usize::from(claims && wrong && !(problem.has_others)(&end.x));
        let share = end.evaluations as f64 / (end.x.len() + 1) as f64;
        self.evaluations.push(share);
    }

    fn extend(&mut self, other: Counts) {
        self.runs += other.runs;
        self.solved += other.solved;
        self.is_false += other.is_false;
        self.unclaimed += other.unclaimed;
        self.evaluations.extend(other.evaluations);
    }

    fn print(&mut self, name: &str) {
        self.evaluations.sort_by(f64::total_cmp);
        let median = self.evaluations.get(self.evaluations.len() / 2);
        println!(
            "{name}: {} of {} solved ({:.1} %), {} false claims, {} solved but not claimed;",
            self.solved,
            self.runs,
            100.0 * self.solved as f64 / self.runs as f64,
            self.is_false,
            self.unclaimed,
        );
        println!(
            "  a median of {:.1} (n + 1) evaluations",
            median.copied().unwrap_or(0.0)
        );
    }
}
