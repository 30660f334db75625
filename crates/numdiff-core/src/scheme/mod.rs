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
pub(crate) use fixed_line::explain;
pub(crate) use source::{LineError, OneOutput, Source};

use crate::bounds::Bounds;
use crate::line::LineEstimate;
use crate::line::LineResults;
use crate::line::{Direction, Line, LineKind, LineSet, scale};
use crate::reach::Reach;
use crate::stencil::MAX_NODES;
use crate::step::{Pace, power_of_two};
use crate::{Error, Status};
use adaptive_line::run_adaptive;
use fixed::{Fixed, Side};
use fixed_line::run_fixed;

/// The part of the step which served other lines at which a witness is looked along: the first level that
/// one pair neglects is below 2e-5 of the derivative there, where windows that converged have it below a
/// quarter.
const GLANCE: f64 = 1.0 / 128.0;

/// How each line is differentiated.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Rule {
    Fixed(Fixed),
    Adaptive(Search),
}

/// Names [`Rule::Fixed`] in a type: answers are values.
#[derive(Clone, Debug)]
pub enum FixedRule {}

/// Names [`Rule::Adaptive`] in a type: answers are estimates.
#[derive(Clone, Debug)]
pub enum AdaptiveRule {}

/// A rule with the bounds that the caller gave: all that a method says.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Scheme {
    pub rule: Rule,
    pub bounds: Option<Bounds>,
}

/// Central differences with automatic steps.
impl Default for Scheme {
    fn default() -> Self {
        let rule = Rule::Fixed(Fixed::new(Side::Central, 2));
        Scheme { rule, bounds: None }
    }
}

impl Scheme {
    /// Checks what can be checked before f is called.
    pub fn validate(&self, line_set: &LineSet) -> Result<(), Error> {
        if let Some(bounds) = &self.bounds {
            bounds.validate(&line_set.x, line_set.coordinates())?;
        }
        match &self.rule {
            Rule::Fixed(fixed) => fixed.validate(line_set.order, line_set.coordinates()),
            Rule::Adaptive(search) => search.validate(line_set),
        }
    }

    /// Whether the rule is the adaptive one: its estimates carry error bars, and it can do without
    /// a value.
    pub fn is_adaptive(&self) -> bool {
        matches!(self.rule, Rule::Adaptive(_))
    }

    fn reach(&self) -> Option<&Reach> {
        match &self.rule {
            Rule::Fixed(_) => None,
            Rule::Adaptive(search) => Some(&search.reach),
        }
    }

    /// Sets the unit displacement of each coordinate for lines that move several.
    pub fn units(&self, line_set: &mut LineSet) {
        line_set.unit.clear();
        match &self.rule {
            Rule::Fixed(fixed) => {
                let pace = fixed.pace(line_set.epsilon, line_set.order);
                for i in 0..line_set.x.len() {
                    let h = fixed.step.at(pace, i, line_set.x[i]);
                    let unit = if fixed.nominal || line_set.has_steps_for_units() {
                        h
                    } else {
                        line_set.representable(i, h)
                    };
                    line_set.unit.push(unit);
                }
            }
            Rule::Adaptive(search) => {
                let typical = &search.reach.typical;
                let x = line_set.x.iter().enumerate();
                line_set
                    .unit
                    .extend(x.map(|(i, &x)| scale(x, typical.at(i))));
            }
        }
        self.turn(line_set);
    }

    /// Turns the unit of a coordinate that lies close to one of its bounds away from that bound, so
    /// that lines in several coordinates have room on one side.
    fn turn(&self, line_set: &mut LineSet) {
        let Some(bounds) = &self.bounds else { return };
        if line_set.kind == LineKind::Groups {
            // Columns of one group are alone in their rows: each is moved as it would be by itself.
            return;
        }
        for (i, unit) in line_set.unit.iter_mut().enumerate() {
            let (below, above) = (
                line_set.x[i] - bounds.lower.at(i),
                bounds.upper.at(i) - line_set.x[i],
            );
            let near = MAX_NODES as f64 * unit.abs();
            if above < below && above < near {
                *unit = -unit.abs();
            } else if below < above && below < near {
                *unit = unit.abs();
            }
        }
    }

    /// Called when the lines before the barrier are done.
    pub fn pass_barrier(&self, line_set: &mut LineSet, results: &LineResults) {
        match &self.rule {
            Rule::Fixed(_) => {}
            // The steps that served along the coordinates are the scales of f: the search along
            // e_i + e_j begins where theirs ended.
            Rule::Adaptive(_) if line_set.kind.has_pairs() => {
                line_set.served = adaptive::FIRST_STEP;
                for (i, part) in &mut line_set.entries {
                    *part /= line_set.unit[*i];
                }
                let lines = results.estimates.chunks(results.outputs.max(1));
                for (unit, outputs) in line_set.unit.iter_mut().zip(lines) {
                    let steps = outputs.iter().map(|estimate| estimate.step);
                    let least = steps
                        .filter(|step| *step > 0.0)
                        .fold(f64::INFINITY, f64::min);
                    if least.is_finite() {
                        *unit = power_of_two(least / adaptive::FIRST_STEP).copysign(*unit);
                    }
                }
                for (i, part) in &mut line_set.entries {
                    *part *= line_set.unit[*i];
                }
            }
            Rule::Adaptive(_) => {
                let steps = results.estimates.iter().map(|estimate| estimate.step);
                let steps = steps.filter(|step| *step > 0.0);
                line_set.served = steps.fold(adaptive::FIRST_STEP, f64::min);
            }
        }
        // Steps of polynomials may be far above the scale of f, which x then tells.
        let sizes = line_set.x.iter().map(|x| x.abs()).zip(&line_set.unit);
        let own = sizes
            .filter(|(x, _)| *x > 0.0)
            .map(|(x, unit)| x / unit.abs());
        line_set.glance = power_of_two(own.fold(line_set.served, f64::min)) * GLANCE;
    }

    /// Line `k` with everything but f's values.
    #[inline]
    pub fn line<'a>(&'a self, line_set: &'a LineSet, k: usize, pace: Pace) -> Line<'a> {
        let direction = line_set.direction(k);
        let step = match (&self.rule, direction) {
            (Rule::Fixed(fixed), Direction::Coordinate(i)) => {
                let step = fixed.step.at(pace, i, line_set.x[i]);
                if line_set.kind.has_pairs() {
                    line_set.unit[i].copysign(step)
                } else {
                    step
                }
            }
            _ => 1.0,
        };
        Line {
            line_set,
            bounds: self.bounds.as_ref(),
            direction,
            step,
            reach: self.reach(),
            glance: (line_set.witnesses > 0 && k >= line_set.first_witness())
                .then_some(line_set.glance),
        }
    }

    /// What the steps of all lines have in common, for [`line`](Self::line).
    pub fn pace(&self, line_set: &LineSet) -> Pace {
        match &self.rule {
            Rule::Fixed(fixed) => fixed.pace(line_set.epsilon, line_set.order),
            Rule::Adaptive(_) => Pace::constant(1.0),
        }
    }

    /// Differentiates every output along line `k`.
    #[inline]
    pub fn run<S: Source>(
        &self,
        line: &Line<'_>,
        k: usize,
        source: &mut S,
        results: &mut LineResults,
    ) -> Result<(), LineError> {
        match line.direction {
            Direction::Group(columns) => self.run_group(line, k, columns, source, results),
            _ => self.run_line(line, k, source, results),
        }
    }

    /// The same for a line whose outputs all belong to it.
    #[inline]
    fn run_line<S: Source>(
        &self,
        line: &Line<'_>,
        k: usize,
        source: &mut S,
        results: &mut LineResults,
    ) -> Result<(), LineError> {
        if line.is_fixed() {
            return record_zero(k, Status::Fixed, source, results);
        }
        if line.is_still() {
            return record_zero(k, Status::Converged, source, results);
        }
        match &self.rule {
            Rule::Fixed(fixed) => run_fixed(fixed, line, k, source, results),
            Rule::Adaptive(search) => run_adaptive(&search.settings, line, k, source, results),
        }
    }
}

/// Records a zero derivative for a line that does not move x. If the output count is unknown, line 0
/// requests f(x) and later lines return [`Pending`](crate::line::Pending), so that all drivers evaluate the
/// same points.
fn record_zero(
    k: usize,
    status: Status,
    source: &mut dyn Source,
    results: &mut LineResults,
) -> Result<(), LineError> {
    if results.outputs == 0 {
        if k > 0 && source.waits() {
            return Err(LineError::Pending);
        }
        source.fetch(0.0)?;
        results.shape(source.outputs())?;
    }
    for output in 0..results.outputs {
        results.put(k, output, LineEstimate::zero(status));
    }
    Ok(())
}
