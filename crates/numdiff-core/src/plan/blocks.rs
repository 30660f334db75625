//! The order in which lines are differentiated, the same for every driver.

use crate::line::LineResults;
use crate::line::LineSet;
use crate::scheme::Scheme;
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
    use crate::Step;
    use crate::line::LineKind;
    use crate::scheme::Rule;
    use crate::scheme::fixed::{Fixed, Side};

    #[test]
    fn every_line_once_in_order_and_none_across_the_barrier() {
        let rule = Rule::Fixed(Fixed {
            side: Side::Central,
            accuracy: 2,
            step: Step::Automatic,
            typical: None,
            nominal: false,
        });
        let scheme = Scheme { rule, bounds: None };
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
                while let Some(block) = next_block(&mut next, most, &scheme, &mut lines, &results) {
                    assert!(!block.is_empty() && block.len() <= most);
                    assert!(block.end <= barrier || block.start >= barrier);
                    seen.extend(block);
                }
                assert_eq!(seen, (0..lines.lines()).collect::<Vec<_>>());
            }
        }
    }
}
