//! The points of a difference, evaluated one after the other or together.

use super::Each;
use super::closures::Function;
use super::simulated::Own;
use crate::differences::Differences;
use crate::interrupt::Interrupt;
use std::ops::Range;

/// One point after the other.
pub(super) fn serially(
    x: &[f64],
    differences: &mut Differences,
    jobs: Range<usize>,
    each: Each<'_>,
    objective: &mut dyn Function<Own>,
) -> Result<(), Interrupt> {
    let mut z = x.to_vec();
    for k in jobs {
        let job = differences.jobs()[k];
        z[job.coordinate] = job.to;
        let value = objective.at(&z).map_or(f64::NAN, |own| own.f);
        let seen = each(&z, value);
        z[job.coordinate] = x[job.coordinate];
        differences.tell(k, value);
        seen?;
    }
    Ok(())
}

/// All points at once.
pub(super) fn together(
    x: &[f64],
    differences: &mut Differences,
    jobs: Range<usize>,
    each: Each<'_>,
    objective: &mut dyn Function<Own>,
) -> Result<(), Interrupt> {
    let open = differences.jobs()[jobs.clone()].iter();
    let points: Vec<Vec<f64>> = open
        .map(|job| {
            let mut z = x.to_vec();
            z[job.coordinate] = job.to;
            z
        })
        .collect();
    let values = counted(objective.many(&points), points.len())?;
    let mut seen = Ok(());
    for ((k, point), own) in jobs.zip(&points).zip(values) {
        let value = own.map_or(f64::NAN, |own| own.f);
        differences.tell(k, value);
        // All of them were evaluated: all are counted, whatever the first of them ends.
        let this = each(point, value);
        seen = seen.and(this);
    }
    seen
}

/// As many values as points.
pub(super) fn counted<T>(values: Vec<T>, expected: usize) -> Result<Vec<T>, Interrupt> {
    match values.len() == expected {
        true => Ok(values),
        false => Err(Interrupt::from(numdiff_core::Error::Length {
            argument: "the values of the batch",
            found: values.len(),
            expected,
        })),
    }
}
