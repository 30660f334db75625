//! What turns values along a line into a derivative: pure functions, no user code.

pub(crate) mod adaptive;
mod adaptive_line;
pub(crate) mod balance;
pub(crate) mod fixed;
mod fixed_line;
pub(crate) mod formula;
mod groups;
mod source;

pub(crate) use adaptive_line::Search;
pub(crate) use source::{Source, Stop};

use crate::bounds::Bounds;
use crate::line::LineEstimate;
use crate::results::Results;
use crate::stencil::MAX_NODES;
use crate::step::power_of_two;
use crate::survey::{Frame, Kind, Line, Survey, scale};
use crate::{Error, Status};
use adaptive_line::run_adaptive;
use fixed::Fixed;
use fixed_line::run_fixed;

/// How each line is differentiated.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Rule {
    Fixed(Fixed),
    Adaptive(Search),
}

/// A rule with the bounds and values that the caller gave: all that a method says.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Scheme {
    pub rule: Rule,
    pub bounds: Option<Bounds>,
    /// f(x), when the caller has it.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub given: Vec<f64>,
}

impl Scheme {
    /// Checks what can be checked before f is called.
    pub fn validate(&self, survey: &Survey) -> Result<(), Error> {
        if let Some(bounds) = &self.bounds {
            bounds.validate(&survey.x)?;
        }
        match &self.rule {
            Rule::Fixed(fixed) => fixed.validate(survey.order, survey.x.len()),
            Rule::Adaptive(search) => search.validate(survey),
        }
    }

    /// Whether the rule is the adaptive one: its estimates carry error bars, and it can do without
    /// a value.
    pub fn is_adaptive(&self) -> bool {
        matches!(self.rule, Rule::Adaptive(_))
    }

    fn typical(&self) -> f64 {
        match &self.rule {
            Rule::Fixed(fixed) => fixed.typical,
            Rule::Adaptive(search) => search.typical,
        }
    }

    /// Sets the unit displacement of each coordinate for lines that move several.
    pub fn units(&self, survey: &mut Survey) {
        survey.unit.clear();
        match &self.rule {
            Rule::Fixed(fixed) => {
                let factor = fixed.factor(survey.epsilon, survey.order);
                for i in 0..survey.x.len() {
                    let h = fixed.step.at(factor, fixed.typical, i, survey.x[i]);
                    let unit = if fixed.nominal || survey.has_steps_for_units() {
                        h
                    } else {
                        survey.representable(i, h)
                    };
                    survey.unit.push(unit);
                }
            }
            Rule::Adaptive(search) => {
                let scales = survey.x.iter().map(|&x| scale(x, search.typical));
                survey.unit.extend(scales);
            }
        }
        self.turn(survey);
    }

    /// Turns the unit of a coordinate that lies close to one of its bounds away from that bound, so
    /// that lines in several coordinates have room on one side.
    fn turn(&self, survey: &mut Survey) {
        let Some(bounds) = &self.bounds else { return };
        if survey.kind == Kind::Groups {
            // Columns of one group are alone in their rows: each is moved as it would be by itself.
            return;
        }
        for (i, unit) in survey.unit.iter_mut().enumerate() {
            let (below, above) = (
                survey.x[i] - bounds.lower.at(i),
                bounds.upper.at(i) - survey.x[i],
            );
            if above < below && above < MAX_NODES as f64 * unit.abs() {
                *unit = -unit.abs();
            }
        }
    }

    /// Called when the lines before the barrier are done.
    pub fn pass_barrier(&self, survey: &mut Survey, results: &Results) {
        match &self.rule {
            Rule::Fixed(_) => {}
            // The steps that served along the coordinates are the scales of f: the search along
            // e_i + e_j begins where theirs ended.
            Rule::Adaptive(_) => {
                for (unit, &step) in survey.unit.iter_mut().zip(&results.step) {
                    if step > 0.0 && step.is_finite() {
                        *unit = power_of_two(step / adaptive::FIRST_STEP).copysign(*unit);
                    }
                }
            }
        }
    }

    /// Line `k` with everything but f's values.
    #[inline]
    pub fn frame<'a>(&'a self, survey: &'a Survey, k: usize, factor: f64) -> Frame<'a> {
        let line = survey.line(k);
        let step = match (&self.rule, line) {
            (Rule::Fixed(fixed), Line::Coordinate(i)) => {
                if survey.kind.has_pairs() {
                    survey.unit[i].abs()
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
            Rule::Fixed(fixed) => fixed.factor(survey.epsilon, survey.order),
            Rule::Adaptive(_) => 1.0,
        }
    }

    /// Differentiates every output along line `k`. The source is dynamic so that the schemes are
    /// compiled once, not for every function of the user.
    pub fn run(
        &self,
        frame: &Frame<'_>,
        k: usize,
        source: &mut dyn Source,
        results: &mut Results,
    ) -> Result<(), Stop> {
        match frame.line {
            Line::Group(columns) => self.run_group(frame, k, columns, source, results),
            _ => self.run_line(frame, k, source, results),
        }
    }

    /// The same for a line whose outputs all belong to it.
    fn run_line(
        &self,
        frame: &Frame<'_>,
        k: usize,
        source: &mut dyn Source,
        results: &mut Results,
    ) -> Result<(), Stop> {
        if frame.is_fixed() {
            return record_zero(k, Status::Fixed, source, results);
        }
        if frame.is_still() {
            return record_zero(k, Status::Converged, source, results);
        }
        match &self.rule {
            Rule::Fixed(fixed) => run_fixed(fixed, frame, k, source, results),
            Rule::Adaptive(search) => run_adaptive(&search.settings, frame, k, source, results),
        }
    }
}

/// Records a zero derivative for a line that does not move x. If the output count is unknown, line 0
/// requests f(x) and later lines return [`Halt`](crate::line::Halt), so that all drivers evaluate the
/// same points.
fn record_zero(
    k: usize,
    status: Status,
    source: &mut dyn Source,
    results: &mut Results,
) -> Result<(), Stop> {
    if results.outputs == 0 {
        if k > 0 && source.waits() {
            return Err(Stop::Halt);
        }
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
