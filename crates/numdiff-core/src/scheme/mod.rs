//! What turns values along a line into a derivative: pure functions, no user code.

// Reached once a method value carries it.
#[allow(dead_code)]
pub(crate) mod adaptive;
pub(crate) mod fixed;

use crate::bounds::Bounds;
use crate::line::{Halt, LineEstimate};
use crate::results::Results;
use crate::survey::{Frame, Kind, Survey, scale};
use crate::{Error, Status};
use fixed::Fixed;

/// How each line is differentiated.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Rule {
    Fixed(Fixed),
}

/// A rule with the bounds and values that the caller gave: all that a method says.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Scheme {
    pub rule: Rule,
    pub bounds: Option<Bounds>,
    /// f(x), when the caller has it.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub given: Vec<f64>,
}

/// f's values along one line: computed at once, or told earlier.
pub(crate) trait Source {
    /// Where the values at `t` are kept; `Halt` when they are not here yet or f failed.
    fn fetch(&mut self, t: f64) -> Result<usize, Halt>;
    /// Says that these will be fetched.
    fn announce(&mut self, ts: &[f64]);
    /// Output `output` of the values kept at `slot`.
    fn get(&self, slot: usize, output: usize) -> f64;
    /// Outputs of f; known after the first fetch.
    fn outputs(&self) -> usize;
    /// Whether this output's estimate was found in an earlier run over the line.
    fn is_settled(&self, output: usize) -> bool;
    /// Takes note that this output's estimate was found.
    fn settle(&mut self, output: usize);
    /// Whether values that are missing come later, so that other outputs are worth running.
    fn waits(&self) -> bool;
}

/// Why a line was left.
pub(crate) enum Stop {
    Halt,
    Error(Error),
}

impl From<Halt> for Stop {
    fn from(_: Halt) -> Self {
        Stop::Halt
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

impl Scheme {
    /// Checks what can be checked before f is called.
    pub fn validate(&self, survey: &Survey) -> Result<(), Error> {
        if let Some(bounds) = &self.bounds {
            bounds.validate(&survey.x)?;
        }
        match &self.rule {
            Rule::Fixed(fixed) => fixed.validate(survey),
        }
    }

    /// Whether estimates carry error bars.
    pub fn has_bars(&self) -> bool {
        match self.rule {
            Rule::Fixed(_) => false,
        }
    }

    /// Whether the rule can do without a value.
    pub fn goes_around(&self) -> bool {
        match self.rule {
            Rule::Fixed(_) => false,
        }
    }

    fn typical(&self) -> f64 {
        match &self.rule {
            Rule::Fixed(fixed) => fixed.typical,
        }
    }

    /// Sets the unit displacement of each coordinate for lines that move several.
    pub fn units(&self, survey: &mut Survey) {
        survey.unit.clear();
        match &self.rule {
            Rule::Fixed(fixed) => {
                let factor =
                    fixed
                        .step
                        .factor(survey.epsilon, survey.order, fixed.effective_accuracy());
                for i in 0..survey.x.len() {
                    let h = fixed.step.at(factor, fixed.typical, i, survey.x[i]);
                    let unit = if fixed.nominal {
                        h
                    } else {
                        survey.representable(i, h)
                    };
                    survey.unit.push(unit);
                }
            }
        }
        let _ = scale;
    }

    /// Called when the lines before the barrier are done.
    pub fn pass_barrier(&self, survey: &mut Survey, results: &Results) {
        let _ = (survey, results);
        match &self.rule {
            // The units are the steps that the coordinates themselves used.
            Rule::Fixed(_) => {}
        }
    }

    /// Line `k` with everything but f's values.
    #[inline]
    pub fn frame<'a>(&'a self, survey: &'a Survey, k: usize, factor: f64) -> Frame<'a> {
        let line = survey.line(k);
        let step = match (&self.rule, line) {
            (Rule::Fixed(fixed), crate::survey::Line::Coordinate(i)) => {
                if survey.kind == Kind::Pairs {
                    survey.unit[i]
                } else {
                    fixed.step.at(factor, fixed.typical, i, survey.x[i])
                }
            }
            _ => 1.0,
        };
        Frame {
            survey,
            bounds: self.bounds.as_ref(),
            line,
            step,
            typical: self.typical(),
        }
    }

    /// The factor of [`frame`](Self::frame), the same for all lines.
    pub fn factor(&self, survey: &Survey) -> f64 {
        match &self.rule {
            Rule::Fixed(fixed) => {
                fixed
                    .step
                    .factor(survey.epsilon, survey.order, fixed.effective_accuracy())
            }
        }
    }

    /// Differentiates every output along line `k`.
    pub fn run<S: Source>(
        &self,
        frame: &Frame<'_>,
        k: usize,
        source: &mut S,
        results: &mut Results,
    ) -> Result<(), Stop> {
        if frame.is_fixed() {
            return settle(k, Status::Fixed, source, results);
        }
        if frame.is_still() {
            return settle(k, Status::Converged, source, results);
        }
        match &self.rule {
            Rule::Fixed(fixed) => run_fixed(fixed, frame, k, source, results),
        }
    }
}

/// A line along which nothing changes: 0. f(x) tells how many outputs there are.
fn settle<S: Source>(
    k: usize,
    status: Status,
    source: &mut S,
    results: &mut Results,
) -> Result<(), Stop> {
    if results.outputs == 0 {
        source.fetch(0.0)?;
        results.shape(source.outputs())?;
    }
    for output in 0..results.outputs {
        results.put(
            k,
            output,
            LineEstimate {
                value: 0.0,
                error: 0.0,
                step: 0.0,
                status,
            },
        );
    }
    Ok(())
}

fn run_fixed<S: Source>(
    fixed: &Fixed,
    frame: &Frame<'_>,
    k: usize,
    source: &mut S,
    results: &mut Results,
) -> Result<(), Stop> {
    let layout = fixed.layout(frame)?;
    source.announce(layout.nodes());
    let mut slots = [0; crate::stencil::MAX_NODES];
    for (slot, &t) in slots.iter_mut().zip(layout.nodes()) {
        *slot = source.fetch(t)?;
    }
    results.shape(source.outputs())?;
    if layout.vanished {
        results.vanish(k);
    }
    for output in 0..results.outputs {
        let value = fixed.combine(
            frame.survey.order,
            &layout,
            |t| frame.moved(t),
            |node| source.get(slots[node], output),
        );
        if !value.is_finite() {
            return Err(Stop::Error(explain(
                frame,
                layout.nodes(),
                output,
                |node| source.get(slots[node], output),
            )));
        }
        results.put(
            k,
            output,
            LineEstimate {
                value,
                error: f64::NAN,
                step: frame.step,
                status: Status::Converged,
            },
        );
    }
    Ok(())
}

/// Why a combination is not finite: the first value that is not, or an overflow.
pub(crate) fn explain(
    frame: &Frame<'_>,
    nodes: &[f64],
    output: usize,
    value: impl Fn(usize) -> f64,
) -> Error {
    for (node, &t) in nodes.iter().enumerate() {
        let value = value(node);
        if !value.is_finite() {
            let (coordinate, displacement) = frame.first(t);
            return Error::NonFiniteValue {
                value,
                coordinate,
                displacement,
                output,
            };
        }
    }
    Error::Overflow {
        coordinate: frame.first(0.0).0,
        output,
    }
}
