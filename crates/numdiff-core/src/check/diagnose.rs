//! Which simple mistake turns the right derivative into the one that was given.

use super::compare::Comparison;
use super::diagnosis::{Diagnosis, Region, Term};
use super::index::index;
use super::report::Entry;

/// A comparison to be explained.
pub(super) struct Diagnose<'a> {
    pub c: &'a Comparison,
    /// x when there is one entry per coordinate.
    pub x: Option<&'a [f64]>,
    /// The same comparison at another point, asked for when one point leaves two explanations.
    pub second: &'a mut dyn FnMut() -> Option<Comparison>,
}

impl Diagnose<'_> {
    /// Explains the entries that disagree.
    pub fn diagnose(mut self) -> Diagnosis {
        let c = self.c;
        let wrong: Vec<usize> = (0..c.len()).filter(|&k| c.is_wrong(k)).collect();
        if wrong.iter().any(|&k| !c.entries[k].analytic.is_finite()) {
            return Diagnosis::NotFinite;
        }
        if !wrong.iter().any(|&k| c.is_checked(k)) {
            return Diagnosis::OutsideSlopes;
        }
        let all: Vec<usize> = (0..c.len()).collect();
        let rule = self.scaled(&all).or_else(|| transposed(c));
        if let Some(nature) = rule.or_else(|| shifted(c, &all)) {
            return nature;
        }
        if let Some(term) = self.x.and_then(|x| term(c, &wrong, x)) {
            return Diagnosis::MissingTerm {
                looks_like: Some(term),
            };
        }
        let nature = self.scaled(&wrong);
        let Some(region) = region(c, &wrong) else {
            return nature.unwrap_or(Diagnosis::MissingTerm { looks_like: None });
        };
        let nature = nature.or_else(|| shifted(c, &wrong));
        if nature.is_some() || self.is_of_one_place(&wrong, &region) {
            let nature = nature.map(Box::new);
            return Diagnosis::Block { region, nature };
        }
        Diagnosis::MissingTerm { looks_like: None }
    }

    /// The same for products with random directions, whose order means nothing.
    pub fn diagnose_products(mut self) -> Diagnosis {
        let all: Vec<usize> = (0..self.c.len()).collect();
        if self.c.entries.iter().any(|e| !e.analytic.is_finite()) {
            Diagnosis::NotFinite
        } else if !all.iter().any(|&k| self.c.is_checked(k)) {
            Diagnosis::OutsideSlopes
        } else {
            let scaled = self.scaled(&all);
            scaled.unwrap_or(Diagnosis::MissingTerm { looks_like: None })
        }
    }

    /// No change of f, a sign, or a factor.
    fn scaled(&mut self, entries: &[usize]) -> Option<Diagnosis> {
        let c = self.c;
        let is_flat = |k: usize| c.vanishes(k) && (c.is_checked(k) || !c.is_wrong(k));
        if entries.iter().all(|&k| is_flat(k)) {
            return Some(Diagnosis::Flat);
        }
        if c.all_fit(entries, |e| -e.analytic) {
            return Some(Diagnosis::SignFlipped);
        }
        // The factor of the entry whose numeric value is relatively the most certain.
        let informative = |k: &usize| c.is_wrong(*k) && c.entries[*k].analytic != 0.0;
        let informative: Vec<usize> = entries.iter().copied().filter(informative).collect();
        let best = most_certain(&informative, |k| {
            let e = &c.entries[k];
            e.numeric.abs() / (e.error + c.floor[k]).max(f64::MIN_POSITIVE)
        })?;
        if c.vanishes(best) {
            return None;
        }
        let factor = c.entries[best].numeric / c.entries[best].analytic;
        let multiple = |e: &Entry| factor * e.analytic;
        if !c.all_fit(entries, multiple) {
            return None;
        }
        // One entry has a factor always; a number that people write, or the same at another point.
        let evidence = |k: &&usize| !c.vanishes(**k) && !c.repeats_its_mirror(**k);
        let meant = informative.iter().filter(evidence).count() >= 2
            || is_plain(factor)
            || (self.second)().is_some_and(|c| c.all_fit(entries, multiple));
        meant.then_some(Diagnosis::ConstantFactor { factor })
    }

    /// Whether the mistake is in the place rather than in a term of f: whole rows or columns of a
    /// matrix, or entries whose ratio to the right ones, or difference, does not depend on x.
    fn is_of_one_place(&mut self, wrong: &[usize], region: &Region) -> bool {
        let c = self.c;
        if let [rows, columns] = c.shape[..] {
            let seen = |k: &usize| !c.vanishes(*k);
            let whole = match region {
                Region::Row(i) => (i * columns..(i + 1) * columns).filter(seen).count(),
                Region::Column(j) => (*j..rows * columns).step_by(columns).filter(seen).count(),
                _ => 0,
            };
            if whole > 1 && is_filled(wrong.len(), whole) {
                return true;
            }
        }
        let Some(other) = (self.second)() else {
            return wrong.len() > 2;
        };
        // All entries of the block were left zero, or each has a ratio or a difference of its own.
        wrong.iter().all(|&k| {
            let (here, there) = (&c.entries[k], &other.entries[k]);
            let (a, v, b, w) = (here.analytic, here.numeric, there.analytic, there.numeric);
            let unfilled = a == 0.0 && b == 0.0;
            unfilled
                || a != 0.0 && other.fits(k, v / a * b)
                || (w - b - (v - a)).abs() <= 1e-5 * (v - a).abs()
        })
    }
}

/// The entry of the largest certainty.
fn most_certain(entries: &[usize], certainty: impl Fn(usize) -> f64) -> Option<usize> {
    let entries = entries.iter().copied();
    entries.max_by(|&a, &b| certainty(a).total_cmp(&certainty(b)))
}

/// Whether a factor or its inverse is a small whole number or a small fraction.
fn is_plain(factor: f64) -> bool {
    // The tolerance of a hypothesis.
    let is_whole = |p: f64| (p - p.round()).abs() <= 1e-6 * p.abs();
    let is_ratio = |q: i32| {
        let p = factor * f64::from(q);
        p.round() != 0.0 && p.round().abs() <= 100.0 && is_whole(p)
    };
    (1..=12).any(is_ratio) || (1.0 / factor).abs() <= 1000.0 && is_whole(1.0 / factor)
}

/// Axes in reverse order, in a square array or as the other one of two memory orders.
fn transposed(c: &Comparison) -> Option<Diagnosis> {
    let shape: Vec<usize> = c.shape.iter().copied().filter(|&l| l > 1).collect();
    if shape.len() < 2 {
        return None;
    }
    // Entry (i, j) of the right array stands at place (j, i) of an array with reversed axes.
    let place = |k: usize| {
        let axes = index(&shape, k).into_iter().zip(&shape).rev();
        axes.fold(0, |at, (i, length)| at * length + i)
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
                let source = (k as isize + (from - at) * stride as isize) as usize;
                let fits = c.fits(k, c.entries[source].analytic);
                explained += usize::from(fits && c.is_wrong(k));
                fits || !inside
            });
            if fits && explained >= 2 {
                return Some(Diagnosis::ShiftedByOne { axis, offset });
            }
        }
    }
    None
}

/// The part of the array that holds the wrong entries and little else, if most of what can be told
/// from zero outside of it is right.
fn region(c: &Comparison, wrong: &[usize]) -> Option<Region> {
    let informative = |k: &usize| c.is_wrong(*k) || !c.vanishes(*k);
    if wrong.len() == (0..c.len()).filter(informative).count() {
        return None;
    }
    if let [k] = wrong {
        return Some(Region::Entry(index(&c.shape, *k)));
    }
    let span = |of: &dyn Fn(usize) -> usize| {
        let ends = wrong.iter().map(|&k| of(k));
        ends.fold((usize::MAX, 0), |(from, to), i| {
            (from.min(i), to.max(i + 1))
        })
    };
    if let [rows, columns] = c.shape[..]
        && rows > 1
        && columns > 1
    {
        let (r, q) = (span(&|k| k / columns), span(&|k| k % columns));
        let inside = (r.0..r.1).flat_map(|i| (q.0..q.1).map(move |j| i * columns + j));
        if is_filled(wrong.len(), inside.filter(informative).count()) {
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
    let (from, to) = span(&|k| k);
    let all = from == 0 && to == c.len();
    (!all && is_filled(wrong.len(), (from..to).filter(informative).count()))
        .then_some(Region::Range { from, to })
}

/// A block is wrong throughout, but for a few entries that agree by chance.
fn is_filled(wrong: usize, informative: usize) -> bool {
    5 * wrong >= 4 * informative
}

/// A difference that is a multiple of x, of its sign, or of one.
fn term(c: &Comparison, wrong: &[usize], x: &[f64]) -> Option<Term> {
    if x.len() != c.len() || wrong.len() < 2 {
        return None;
    }
    let difference = |k: usize| c.entries[k].numeric - c.entries[k].analytic;
    let multiple = |of: &dyn Fn(usize) -> f64| {
        let told: Vec<usize> = wrong.iter().copied().filter(|&k| of(k) != 0.0).collect();
        let best = most_certain(&told, |k| {
            difference(k).abs() / c.tolerance(k).max(f64::MIN_POSITIVE)
        })?;
        let factor = difference(best) / of(best);
        let all = (0..c.len()).all(|k| {
            let predicted = factor * of(k);
            (difference(k) - predicted).abs() <= c.tolerance(k) + 1e-5 * predicted.abs()
        });
        (all && told.len() >= 2).then_some(factor)
    };
    let sign = |k: usize| if x[k] == 0.0 { 0.0 } else { x[k].signum() };
    let constant = multiple(&|_| 1.0).map(|value| Term::Constant { value });
    constant
        .or_else(|| multiple(&|k| x[k]).map(|factor| Term::Proportional { factor }))
        .or_else(|| multiple(&sign).map(|factor| Term::Sign { factor }))
}
