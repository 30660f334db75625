//! The order in which lines are differentiated, the same for every driver.

use crate::Error;
use crate::line::{LineResults, LineSet};
use crate::scheme::Scheme;
use std::ops::Range;

/// Forgets what was found, and takes f's outputs at x where the caller gave them.
pub(crate) fn begin(
    scheme: &Scheme,
    line_set: &LineSet,
    base: &mut Vec<f64>,
    results: &mut LineResults,
) -> Result<(), Error> {
    let compressed_entries = line_set.compressed_entries();
    results.begin(line_set.lines(), compressed_entries, scheme.is_adaptive());
    base.clear();
    base.extend_from_slice(&line_set.given);
    if base.is_empty() {
        return Ok(());
    }
    line_set.contract(base, 0)?;
    results.shape(base.len())
}

/// The lines from `next` on that don't rest on one another, at most `most` of them; `None` when all
/// are done.
///
/// Lines along pairs of coordinates rest on what those along the coordinates found: when these are
/// done the scheme passes the barrier between them.
#[inline]
pub(crate) fn next_lines(
    next: &mut usize,
    most: usize,
    scheme: &Scheme,
    line_set: &mut LineSet,
    results: &LineResults,
) -> Option<Range<usize>> {
    let (start, lines, barrier) = (*next, line_set.lines(), line_set.barrier());
    if start >= lines {
        return None;
    }
    if start == barrier {
        scheme.pass_barrier(line_set, results);
    }
    let end = if start < barrier { barrier } else { lines };
    *next = end.min(start.saturating_add(most));
    Some(start..*next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::LineKind;

    #[test]
    fn every_line_once_in_order_and_none_across_the_barrier() {
        let scheme = Scheme::default();
        for (kind, n) in [
            (LineKind::Pairs, 5),
            (LineKind::Pairs, 1),
            (LineKind::Coordinates, 4),
        ] {
            for most in [1, 2, 3, usize::MAX] {
                let mut lines = LineSet::default();
                let x = (0..n).map(f64::from);
                lines.begin(x, f64::EPSILON, kind, 2).unwrap();
                let (results, barrier) = (LineResults::default(), lines.barrier());
                let (mut next, mut seen) = (0, Vec::new());
                while let Some(block) = next_lines(&mut next, most, &scheme, &mut lines, &results) {
                    assert!(!block.is_empty() && block.len() <= most);
                    assert!(block.end <= barrier || block.start >= barrier);
                    seen.extend(block);
                }
                assert_eq!(seen, (0..lines.lines()).collect::<Vec<_>>());
            }
        }
    }
}
