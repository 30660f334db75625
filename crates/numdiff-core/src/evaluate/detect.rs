//! Finding a sparsity pattern by watching which outputs change, and checking one.

use crate::error::expect_outputs;
use crate::moves::AnyFunction;
use crate::sparse::{Bisection, PatternCheck, Probe, SparsityPattern};
use crate::{Error, Moves, Real};

/// Which outputs differ from those at x, in a bit, with x moved to `displaced(j)` in ranges of coordinates.
pub(crate) fn detect(
    f: &mut dyn AnyFunction,
    x: &[f64],
    mut displaced: impl FnMut(usize) -> f64,
) -> Result<SparsityPattern, Error> {
    begin(f, x)?;
    let (mut base, mut values, mut moves) = (Vec::new(), Vec::new(), Vec::new());
    outputs(f, Moves::None, (0, 0.0), &mut base)?;
    expect_outputs(base.len(), 0)?;
    if let Some(output) = base.iter().position(|v| !v.is_finite()) {
        return Err(Error::NonFiniteValue {
            value: base[output],
            coordinate: 0,
            displacement: 0.0,
            output,
        });
    }
    let mut bisection = Bisection::new(base.len(), x.len());
    loop {
        let Some(ranges) = bisection.test() else {
            return Ok(bisection.finish());
        };
        moves.clear();
        moves.extend(ranges.flatten().map(|j| (j, displaced(j))));
        let first = moves.first().map_or((0, 0.0), |&(j, to)| (j, to - x[j]));
        outputs(f, Moves::Many(&moves), first, &mut values)?;
        expect_count(values.len(), base.len())?;
        bisection.tell(|row| base[row].to_bits() != values[row].to_bits());
    }
}

/// Compares f's change along a random direction with what a sparse Jacobian says.
pub(crate) fn verify<T: Real>(
    f: &mut dyn AnyFunction,
    x: &[f64],
    mut probe: Probe<'_, T>,
    rows: usize,
) -> Result<PatternCheck, Error> {
    begin(f, x)?;
    let mut evaluations = 0;
    let mut residuals = |probe: &Probe<'_, T>| -> Result<_, Error> {
        let mut sides = [Vec::new(), Vec::new()];
        for (point, values) in [&probe.plus, &probe.minus].into_iter().zip(&mut sides) {
            outputs(f, Moves::Dense(point), (0, point[0] - x[0]), values)?;
            evaluations += 1;
            expect_count(values.len(), rows)?;
        }
        Ok(probe.residuals(&sides[0], &sides[1]))
    };
    let first = residuals(&probe)?;
    let unchecked_rows = Probe::<T>::hidden(&first);
    let mut missing_in_rows = probe.judge(&first, None);
    if !missing_in_rows.is_empty() {
        probe.halve(x);
        missing_in_rows = probe.judge(&first, Some(&residuals(&probe)?));
    }
    let unchecked_columns = probe.unchecked;
    Ok(PatternCheck {
        missing_in_rows,
        unchecked_rows,
        unchecked_columns,
        evaluations,
    })
}

fn begin(f: &mut dyn AnyFunction, x: &[f64]) -> Result<(), Error> {
    let begun = f.begin(x);
    begun.map_err(|source| Error::function(0, 0.0, source))
}

/// f's outputs with x moved; `first` is the first coordinate that is, and how far.
fn outputs(
    f: &mut dyn AnyFunction,
    moves: Moves<'_>,
    first: (usize, f64),
    values: &mut Vec<f64>,
) -> Result<(), Error> {
    values.clear();
    let moved = f.moved(moves, values);
    moved.map_err(|source| Error::function(first.0, first.1, source))
}

fn expect_count(found: usize, expected: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::OutputsChanged { found, expected })
}
