//! Where the values of a probe come from: one after the other, by threads, or by the caller's own means.

use super::Each;
use super::simulated::Own;
use crate::interrupt::{Cause, Interrupt};
use crate::probe::Probe;
use ndarray::{Array2, ArrayView2};
use numdiff_core::{Moves, Plan};
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

/// One job after the other by `value`.
pub(super) fn serially(
    x: &[f64],
    probe: &mut Probe,
    jobs: Range<usize>,
    each: Each<'_>,
    mut value: impl FnMut(&[f64]) -> Result<f64, Cause>,
) -> Result<(), Interrupt> {
    let mut z = x.to_vec();
    for id in jobs {
        let Moves::One(i, to) = probe.job(id) else {
            continue;
        };
        z[i] = to;
        let value = value(&z).ok();
        let seen = each(&z, value.unwrap_or(f64::NAN));
        z[i] = x[i];
        let taken = probe.tell(id, value.as_ref().map(std::slice::from_ref));
        debug_assert!(taken.is_ok(), "a probe takes every value");
        seen?;
    }
    Ok(())
}

/// All jobs at once by `run`, which returns one value for each point, in order.
pub(super) fn together(
    x: &[f64],
    probe: &mut Probe,
    jobs: Range<usize>,
    each: Each<'_>,
    run: impl FnOnce(&[Vec<f64>]) -> Vec<Option<Own>>,
) -> Result<(), Interrupt> {
    let points: Vec<Vec<f64>> = jobs.clone().map(|id| displaced(x, probe.job(id))).collect();
    let values = counted(run(&points), points.len())?;
    let mut seen = Ok(());
    for ((id, point), own) in jobs.zip(&points).zip(values) {
        let value = own.map(|own| own.f);
        let taken = probe.tell(id, value.as_ref().map(std::slice::from_ref));
        debug_assert!(taken.is_ok(), "a probe takes every value");
        // All of them were evaluated: all are counted, whatever the first of them ends.
        let this = each(point, value.unwrap_or(f64::NAN));
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

/// x with one job's coordinate replaced.
fn displaced(x: &[f64], moves: Moves<'_>) -> Vec<f64> {
    let mut z = x.to_vec();
    if let Moves::One(i, to) = moves {
        z[i] = to;
    }
    z
}
