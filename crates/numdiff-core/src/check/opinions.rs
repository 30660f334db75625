//! Second opinions: of entries that are called not smooth, and of entries that are called wrong.

use super::compare::Comparison;
use super::line::Sweep;
use super::numeric::Question;
use crate::{Error, Function, Status};

/// Entries that get a second opinion; the rest of many follow these.
pub(super) const SECOND_OPINIONS: usize = 48;
/// Confirms the entries that the adaptive method calls not smooth; those that are smooth after all
/// stay unchecked.
pub(super) fn find_kinks<O: Question, F: Function>(
    operator: &O,
    c: &Comparison,
    sweep: &mut Sweep<'_, F>,
    vector: &[f64],
    noise: &[f64],
) -> Result<bool, Error> {
    let suspects = (0..c.len())
        .filter(|&k| c.numeric.status[k] == Status::NotSmooth || c.wrong[k] || !c.is_checked(k));
    for k in suspects.take(SECOND_OPINIONS) {
        let flagged = c.numeric.status[k] == Status::NotSmooth;
        match operator.line(sweep.x.len(), k) {
            Some((coordinate, output))
                if sweep.has_kink(coordinate, vector, output, noise[output])? =>
            {
                return Ok(true);
            }
            None if flagged => return Ok(true),
            _ => {}
        }
    }
    Ok(false)
}

/// Takes back the accusation of entries that plain differences support.
pub(super) fn ask_again<O: Question, F: Function>(
    operator: &O,
    c: &mut Comparison,
    sweep: &mut Sweep<'_, F>,
    vector: &[f64],
    noise: &[f64],
) -> Result<(), Error> {
    let mut wrong: Vec<usize> = (0..c.len())
        .filter(|&k| c.wrong[k] && c.analytic[k].is_finite())
        .collect();
    // The least convincing first: if they stand, so do the others.
    wrong.sort_by(|&a, &b| c.excess(a).total_cmp(&c.excess(b)));
    for &k in wrong.iter().take(SECOND_OPINIONS) {
        if let Some((coordinate, output)) = operator.line(sweep.x.len(), k)
            && sweep.supports(coordinate, vector, output, c.analytic[k], noise[output])?
        {
            c.wrong[k] = false;
        }
    }
    Ok(())
}
