//! The order in which lines are differentiated, the same for every driver.

use crate::results::Results;
use crate::scheme::Scheme;
use crate::survey::Survey;
use std::ops::Range;

/// The lines from `next` on that don't rest on one another, at most `most` of them; `None` when all
/// are done.
///
/// Lines along pairs of coordinates rest on what those along the coordinates found: when these are
/// done the scheme passes the barrier between them.
#[inline]
pub(crate) fn next_block(
    next: &mut usize,
    most: usize,
    scheme: &Scheme,
    survey: &mut Survey,
    results: &Results,
) -> Option<Range<usize>> {
    let (start, lines, barrier) = (*next, survey.lines(), survey.barrier());
    if start >= lines {
        return None;
    }
    if start == barrier {
        scheme.pass_barrier(survey, results);
    }
    let end = if start < barrier { barrier } else { lines };
    *next = end.min(start.saturating_add(most));
    Some(start..*next)
}
