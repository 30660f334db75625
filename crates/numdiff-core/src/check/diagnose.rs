//! Which simple mistake turns the right derivative into the one that was given.

use super::compare::Comparison;
use super::diagnosis::{Diagnosis, Region, Term};
use super::index::index;

/// Explains the entries that disagree. `x` when there is one entry per coordinate; `second` is the
/// same comparison at another point, asked for when one point leaves two explanations.
pub(super) fn diagnose(
    c: &Comparison,
    x: Option<&[f64]>,
    second: &mut dyn FnMut() -> Option<Comparison>,
) -> Diagnosis {
    let wrong: Vec<usize> = (0..c.len()).filter(|&k| c.is_wrong(k)).collect();
    if wrong.iter().any(|&k| !c.entries[k].analytic.is_finite()) {
        return Diagnosis::NotFinite;
    }
    if !wrong.iter().any(|&k| c.is_checked(k)) {
        return Diagnosis::OutsideSlopes;
    }
    let all: Vec<usize> = (0..c.len()).collect();
    if let Some(nature) = rule(c, &all, second) {
        return nature;
    }
    if let Some(term) = x.and_then(|x| term(c, &wrong, x)) {
        return Diagnosis::MissingTerm {
            looks_like: Some(term),
        };
    }
    if let Some(region) = region(c, &wrong) {
        let nature = rule(c, &wrong, second);
        if nature.is_some() || is_of_one_place(c, &wrong, &region, second) {
            return Diagnosis::Block {
                region,
                nature: nature.map(Box::new),
            };
        }
    } else if let Some(nature) = scaled(c, &wrong, second) {
        return nature;
    }
    Diagnosis::MissingTerm { looks_like: None }
}

/// The same for products with random directions, whose order means nothing.
pub(super) fn diagnose_products(c: &Comparison) -> Diagnosis {
    if c.entries.iter().any(|e| !e.analytic.is_finite()) {
        return Diagnosis::NotFinite;
    }
    let all: Vec<usize> = (0..c.len()).collect();
    if !all.iter().any(|&k| c.is_checked(k)) {
        return Diagnosis::OutsideSlopes;
    }
    scaled(c, &all, &mut || None).unwrap_or(Diagnosis::MissingTerm { looks_like: None })
}

/// The rule that predicts the numeric value of all of `entries` from the analytic array.
fn rule(
    c: &Comparison,
    entries: &[usize],
    second: &mut dyn FnMut() -> Option<Comparison>,
) -> Option<Diagnosis> {
    if entries.len() == c.len() {
        if let Some(found) = scaled(c, entries, second) {
            return Some(found);
        }
        return transposed(c).or_else(|| shifted(c, entries));
    }
    scaled(c, entries, second).or_else(|| shifted(c, entries))
}

/// A sign, or a factor.
fn scaled(
    c: &Comparison,
    entries: &[usize],
    second: &mut dyn FnMut() -> Option<Comparison>,
) -> Option<Diagnosis> {
    let is_flat = |k: usize| c.vanishes(k) && (c.is_checked(k) || !c.is_wrong(k));
    if entries.iter().all(|&k| is_flat(k)) {
        return Some(Diagnosis::Flat);
    }
    if entries.iter().all(|&k| c.fits(k, -c.entries[k].analytic)) {
        return Some(Diagnosis::SignFlipped);
    }
    // The factor of the entry whose numeric value is relatively the most certain.
    let certainty = |k: usize| {
        c.entries[k].numeric.abs() / (c.entries[k].error + c.floor[k]).max(f64::MIN_POSITIVE)
    };
    let informative = entries
        .iter()
        .copied()
        .filter(|&k| c.is_wrong(k) && c.entries[k].analytic != 0.0);
    let best = informative
        .clone()
        .max_by(|&a, &b| certainty(a).total_cmp(&certainty(b)))?;
    if c.vanishes(best) {
        return None;
    }
    let factor = c.entries[best].numeric / c.entries[best].analytic;
    if !entries
        .iter()
        .all(|&k| c.fits(k, factor * c.entries[k].analytic))
    {
        return None;
    }
    // One entry has a factor always; a number that people write, or the same at another point.
    let evidence = informative
        .filter(|&k| !c.vanishes(k) && !c.repeats_its_mirror(k))
        .count();
    let meant = evidence >= 2 || is_plain(factor) || {
        second().is_some_and(|c| {
            entries
                .iter()
                .all(|&k| c.fits(k, factor * c.entries[k].analytic))
        })
    };
    meant.then_some(Diagnosis::ConstantFactor { factor })
}

/// Whether a factor or its inverse is a small whole number or a small fraction.
fn is_plain(factor: f64) -> bool {
    (1..=12).any(|q| {
        let p = factor * f64::from(q);
        // The tolerance of a hypothesis.
        p.round() != 0.0 && p.round().abs() <= 100.0 && (p - p.round()).abs() <= 1e-6 * p.abs()
    }) || (1.0 / factor).abs() <= 1000.0
        && (1.0 / factor - (1.0 / factor).round()).abs() <= 1e-6 / factor.abs()
}

/// Axes in reverse order, in a square array or as the other one of two memory orders.
fn transposed(c: &Comparison) -> Option<Diagnosis> {
    let shape: Vec<usize> = c
        .shape
        .iter()
        .copied()
        .filter(|&length| length > 1)
        .collect();
    if shape.len() < 2 {
        return None;
    }
    // Entry (i, j) of the right array stands at place (j, i) of an array with reversed axes.
    let place = |k: usize| {
        let mut rest = k;
        let mut index = vec![0; shape.len()];
        for (slot, &length) in index.iter_mut().zip(&shape).rev() {
            *slot = rest % length;
            rest /= length;
        }
        index
            .iter()
            .zip(&shape)
            .rev()
            .fold(0, |at, (i, length)| at * length + i)
    };
    (0..c.len())
        .all(|k| c.fits(k, c.entries[place(k)].analytic))
        .then_some(Diagnosis::Transposed)
}

/// Entries that stand one place further along an axis; those at the end of it are free.
fn shifted(c: &Comparison, entries: &[usize]) -> Option<Diagnosis> {
    let flat = [c.len()];
    let several = c.shape.iter().filter(|&&length| length > 1).count() > 1;
    let axes = (0..c.shape.len()).map(|axis| (axis, c.shape.as_slice()));
    // A vector has one axis; an array also the order of its memory.
    let flat_axis = several.then_some((0, &flat[..]));
    for (axis, shape) in axes.chain(flat_axis) {
        let length = shape[axis];
        let stride: usize = shape[axis + 1..].iter().product();
        for offset in [1_isize, -1] {
            let mut explained = 0;
            let fits = entries.iter().all(|&k| {
                let at = ((k / stride) % length) as isize;
                let from = at - offset;
                let inside = (0..length as isize).contains(&from);
                // What falls off one end may have come in at the other, or not.
                let from = from.rem_euclid(length as isize);
                let predicted =
                    c.entries[(k as isize + (from - at) * stride as isize) as usize].analytic;
                let fits = c.fits(k, predicted);
                if fits && c.is_wrong(k) {
                    explained += 1;
                }
                fits || !inside
            });
            let two = length == 2 && entries.len() == 2 && {
                let [a, b] = [entries[0], entries[1]];
                c.fits(a, c.entries[b].analytic) && c.fits(b, c.entries[a].analytic)
            };
            if fits && (explained >= 2 || two) {
                return Some(Diagnosis::ShiftedByOne { axis, offset });
            }
        }
    }
    None
}

/// The part of the array that holds the wrong entries and little else, if most of what can be told
/// from zero outside of it is right.
fn region(c: &Comparison, wrong: &[usize]) -> Option<Region> {
    let informative = |k: usize| c.is_wrong(k) || !c.vanishes(k) || !c.fits(k, 0.0);
    if wrong.len() == (0..c.len()).filter(|&k| informative(k)).count() {
        return None;
    }
    if let [k] = wrong {
        return Some(Region::Entry(index(&c.shape, *k)));
    }
    if let [rows, columns] = c.shape[..]
        && rows > 1
        && columns > 1
    {
        let (mut r, mut q) = ((rows, 0), (columns, 0));
        for &k in wrong {
            let (i, j) = (k / columns, k % columns);
            r = (r.0.min(i), r.1.max(i + 1));
            q = (q.0.min(j), q.1.max(j + 1));
        }
        let inside = (r.0..r.1).flat_map(|i| (q.0..q.1).map(move |j| i * columns + j));
        let informative = inside.filter(|&k| informative(k)).count();
        if is_filled(wrong.len(), informative) {
            return Some(match (r.1 - r.0, q.1 - q.0) {
                (1, _) => Region::Row(r.0),
                (_, 1) => Region::Column(q.0),
                _ => Region::Block {
                    rows: r,
                    columns: q,
                },
            });
        }
    }
    let (from, to) = (wrong[0], wrong[wrong.len() - 1] + 1);
    let all = from == 0 && to == c.len();
    (!all && is_filled(wrong.len(), (from..to).filter(|&k| informative(k)).count()))
        .then_some(Region::Range { from, to })
}

/// A block is wrong throughout, but for a few entries that agree by chance.
fn is_filled(wrong: usize, informative: usize) -> bool {
    5 * wrong >= 4 * informative
}

/// Whether the mistake is in the place rather than in a term of f: whole rows or columns of a
/// matrix, or entries whose ratio to the right ones, or difference, does not depend on x.
fn is_of_one_place(
    c: &Comparison,
    wrong: &[usize],
    region: &Region,
    second: &mut dyn FnMut() -> Option<Comparison>,
) -> bool {
    if let [rows, columns] = c.shape[..] {
        let whole = match region {
            Region::Row(i) => (0..columns)
                .filter(|j| !c.vanishes(i * columns + j))
                .count(),
            Region::Column(j) => (0..rows).filter(|i| !c.vanishes(i * columns + j)).count(),
            _ => 0,
        };
        if whole > 1 && is_filled(wrong.len(), whole) {
            return true;
        }
    }
    let Some(other) = second() else {
        return wrong.len() > 2;
    };
    // All entries of the block were left zero, or each has a ratio or a difference of its own.
    wrong.iter().all(|&k| {
        let (a, v, b, w) = (
            c.entries[k].analytic,
            c.entries[k].numeric,
            other.entries[k].analytic,
            other.entries[k].numeric,
        );
        let unfilled = a == 0.0 && b == 0.0;
        unfilled
            || a != 0.0 && other.fits(k, v / a * b)
            || (w - b - (v - a)).abs() <= 1e-5 * (v - a).abs()
    })
}

/// A difference that is a multiple of x, of its sign, or of one.
fn term(c: &Comparison, wrong: &[usize], x: &[f64]) -> Option<Term> {
    if x.len() != c.len() || wrong.len() < 2 {
        return None;
    }
    let difference = |k: usize| c.entries[k].numeric - c.entries[k].analytic;
    let multiple = |of: &dyn Fn(usize) -> f64| {
        let best = wrong
            .iter()
            .copied()
            .filter(|&k| of(k) != 0.0)
            .max_by(|&a, &b| {
                let certainty =
                    |k: usize| difference(k).abs() / c.tolerance(k).max(f64::MIN_POSITIVE);
                certainty(a).total_cmp(&certainty(b))
            })?;
        let factor = difference(best) / of(best);
        let all = (0..c.len()).all(|k| {
            let predicted = factor * of(k);
            (difference(k) - predicted).abs() <= c.tolerance(k) + 1e-5 * predicted.abs()
        });
        let told = wrong.iter().filter(|&&k| of(k) != 0.0).count() >= 2;
        (all && told).then_some(factor)
    };
    if let Some(value) = multiple(&|_| 1.0) {
        return Some(Term::Constant { value });
    }
    if let Some(factor) = multiple(&|k| x[k]) {
        return Some(Term::Proportional { factor });
    }
    let sign = |k: usize| if x[k] == 0.0 { 0.0 } else { x[k].signum() };
    multiple(&sign).map(|factor| Term::Sign { factor })
}
