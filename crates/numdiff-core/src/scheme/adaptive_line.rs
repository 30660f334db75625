//! The adaptive scheme over every output of a line.

use super::adaptive::{
    HIGHEST_ONE_SIDED, HIGHEST_ORDER, Settings, estimate, glance, least_evaluations,
};
use super::fixed::Side;
use super::{LineError, OneOutput, Source};
use crate::Error;
use crate::error::expect;
use crate::line::LineResults;
use crate::line::{Line, LineSet};
use crate::reach::Reach;

/// What the adaptive scheme is to do, and on which scale it begins.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Search {
    pub settings: Settings,
    /// The scale of x on which the search begins, and how far it goes.
    pub reach: Reach,
}

impl Search {
    /// Checks the settings against the order of the derivative.
    pub(super) fn validate(&self, line_set: &LineSet) -> Result<(), Error> {
        let Settings {
            tolerance,
            side,
            noise,
            max_evaluations,
        } = self.settings;
        let order = line_set.order;
        let (highest, orders) = match side {
            Side::Central => (HIGHEST_ORDER, "from 1 to 8 for an adaptive derivative"),
            Side::Forward | Side::Backward => (
                HIGHEST_ONE_SIDED,
                "from 1 to 6 for an adaptive derivative on one side",
            ),
        };
        let fits = (1..=highest).contains(&order);
        expect(fits, "order", order as f64, orders)?;
        self.reach.validate(line_set.coordinates())?;
        if let Some(r) = tolerance {
            let fits = r > 0.0 && r.is_finite();
            expect(fits, "tolerance", r, "positive and finite")?;
        }
        if let Some(level) = noise {
            let fits = level >= 0.0 && level.is_finite();
            expect(fits, "noise", level, "zero or positive, and finite")?;
        }
        let minimum = least_evaluations(order, side);
        if max_evaluations < minimum {
            return Err(Error::Budget {
                budget: max_evaluations,
                minimum,
            });
        }
        Ok(())
    }
}

pub(super) fn run_adaptive(
    settings: &Settings,
    line: &Line<'_>,
    k: usize,
    source: &mut dyn Source,
    results: &mut LineResults,
) -> Result<(), LineError> {
    if results.outputs == 0 {
        // f(x), which every adaptive line needs, tells how many outputs there are.
        source.fetch(0.0)?;
        results.shape(source.outputs())?;
    }
    let mut is_pending = false;
    for output in 0..results.outputs {
        if source.is_settled(output) {
            continue;
        }
        let mut samples = OneOutput {
            line,
            source: &mut *source,
            output,
        };
        let estimate = match line.glance {
            Some(t) => glance(t, &mut samples),
            None => estimate(settings, line.line_set.order, samples),
        };
        match estimate {
            Ok(mut estimate) if estimate.value.is_finite() => {
                if estimate.error.is_nan() {
                    // Levels that overflow leave nothing to say of the error.
                    estimate.error = f64::INFINITY;
                }
                results.put(k, output, estimate);
                source.settle(output);
            }
            Ok(estimate) => {
                let base = source.fetch(0.0)?;
                let value = source.get(base, output);
                let coordinate = line.first(0.0).0;
                return Err(LineError::Error(if estimate.value.is_infinite() {
                    Error::Overflow { coordinate, output }
                } else if value.is_finite() {
                    Error::NoFiniteDifference { coordinate, output }
                } else {
                    Error::NonFiniteValue {
                        value,
                        coordinate,
                        displacement: 0.0,
                        output,
                    }
                }));
            }
            Err(pending) if !source.waits() => return Err(pending.into()),
            Err(_) => is_pending = true,
        }
    }
    if is_pending {
        Err(LineError::Pending)
    } else {
        Ok(())
    }
}
