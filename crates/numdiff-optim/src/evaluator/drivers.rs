//! Where the values of a probe come from: one after the other, by threads, or by the caller's own means.

use super::Each;
use super::simulated::Own;
use crate::differences::Differences;
use crate::interrupt::{Cause, Interrupt};
use ndarray::{Array2, ArrayView2};
use std::ops::Range;

/// f at many points by the caller's own means: one row each.
pub(crate) type Batch<'a> = Box<dyn FnMut(ArrayView2<'_, f64>) -> Vec<Option<Own>> + 'a>;

/// Where the values of a probe come from.
pub(crate) enum Driver<'a> {
    Serial,
    #[cfg_attr(not(feature = "rayon"), allow(dead_code))]
    Threads,
    Batch(Batch<'a>),
}

/// One point after the other by `value`.
pub(super) fn serially(
    x: &[f64],
    differences: &mut Differences,
    jobs: Range<usize>,
    each: Each<'_>,
    mut value: impl FnMut(&[f64]) -> Result<f64, Cause>,
) -> Result<(), Interrupt> {
    let mut z = x.to_vec();
    for k in jobs {
        let job = differences.jobs()[k];
        z[job.coordinate] = job.to;
        let value = value(&z).unwrap_or(f64::NAN);
        let seen = each(&z, value);
        z[job.coordinate] = x[job.coordinate];
        differences.tell(k, value);
        seen?;
    }
    Ok(())
}

/// All points at once by `run`, which returns one value for each, in order.
pub(super) fn together(
    x: &[f64],
    differences: &mut Differences,
    jobs: Range<usize>,
    each: Each<'_>,
    run: impl FnOnce(&[Vec<f64>]) -> Vec<Option<Own>>,
) -> Result<(), Interrupt> {
    let open = differences.jobs()[jobs.clone()].iter();
    let points: Vec<Vec<f64>> = open
        .map(|job| {
            let mut z = x.to_vec();
            z[job.coordinate] = job.to;
            z
        })
        .collect();
    let values = counted(run(&points), points.len())?;
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

/// The caller's batch at these points.
pub(super) fn in_rows(run: &mut Batch<'_>, points: &[Vec<f64>]) -> Vec<Option<Own>> {
    let n = points.first().map_or(0, Vec::len);
    let mut rows = Array2::zeros((points.len(), n));
    for (mut row, point) in rows.rows_mut().into_iter().zip(points) {
        row.iter_mut().zip(point).for_each(|(slot, &v)| *slot = v);
    }
    run(rows.view())
}
