//! Finding a sparsity pattern by watching which outputs change.

use crate::moves::{AnyFunction, Failure};
use crate::sparse::{Bisection, PatternCheck, Probe, SparsityPattern};
use crate::{Error, Moves, Real};

/// The outputs at x moved to `displaced(j)` in the ranges under test are compared with those at x.
pub(crate) fn detect(
    f: &mut dyn AnyFunction,
    x: &[f64],
    mut displaced: impl FnMut(usize) -> f64,
    changed: impl Fn(f64, f64) -> bool,
) -> Result<SparsityPattern, Error> {
    let failed = |source: Failure, coordinate| Error::function(coordinate, f64::NAN, source);
    f.begin(x).map_err(|source| failed(source, 0))?;
    let (mut base, mut values, mut moves) = (Vec::new(), Vec::new(), Vec::new());
    f.moved(Moves::None, &mut base)
        .map_err(|source| failed(source, 0))?;
    if base.is_empty() {
        return Err(Error::Empty {
            argument: "f's output",
        });
    }
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
        for (from, to) in ranges {
            moves.extend((from..to).map(|j| (j, displaced(j))));
        }
        values.clear();
        let first = moves.first().map_or(0, |&(j, _)| j);
        f.moved(Moves::Many(&moves), &mut values)
            .map_err(|source| failed(source, first))?;
        if values.len() != base.len() {
            return Err(Error::OutputsChanged {
                found: values.len(),
                expected: base.len(),
            });
        }
        bisection.tell(|row| changed(base[row], values[row]));
    }
}

/// Compares f's change along a random direction with what a sparse Jacobian says.
pub(crate) fn verify<T: Real>(
    f: &mut dyn AnyFunction,
    x: &[f64],
    mut probe: Probe<'_, T>,
    rows: usize,
) -> Result<PatternCheck, Error> {
    let failed = |source: Failure| Error::function(0, f64::NAN, source);
    f.begin(x).map_err(failed)?;
    let mut evaluations = 0;
    let mut residuals = |probe: &Probe<'_, T>| -> Result<_, Error> {
        let (mut high, mut low) = (Vec::new(), Vec::new());
        for (point, values) in [(&probe.plus, &mut high), (&probe.minus, &mut low)] {
            f.moved(Moves::Dense(point), values).map_err(failed)?;
            evaluations += 1;
            if values.len() != rows {
                return Err(Error::OutputsChanged {
                    found: values.len(),
                    expected: rows,
                });
            }
        }
        Ok(probe.residuals(&high, &low))
    };
    let first = residuals(&probe)?;
    let mut missing_in_rows = probe.judge(&first, None);
    if !missing_in_rows.is_empty() {
        probe.halve(x);
        let half = residuals(&probe)?;
        missing_in_rows = probe.judge(&first, Some(&half));
    }
    let unchecked_columns = probe.unchecked;
    Ok(PatternCheck {
        missing_in_rows,
        unchecked_columns,
        evaluations,
    })
}
