//! What turns values along a line into a derivative: pure functions, no user code.

pub(crate) mod adaptive;
pub(crate) mod balance;
pub(crate) mod fixed;
mod groups;

use crate::bounds::Bounds;
use crate::line::{Halt, LineEstimate, Place, Samples};
use crate::results::Results;
use crate::stencil::MAX_NODES;
use crate::step::power_of_two;
use crate::survey::{Frame, Kind, Line, Survey, scale};
use crate::{Error, Status};
use fixed::Fixed;

/// How each line is differentiated.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Rule {
    Fixed(Fixed),
    Adaptive(Search),
}

/// What the adaptive scheme is to do, and on which scale it begins.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Search {
    pub settings: adaptive::Settings,
    /// Floor of the scale of x on which the search begins.
    pub typical: f64,
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
    /// All outputs of the values kept at `slot`, where they stand side by side.
    fn all(&self, slot: usize) -> Option<&[f64]>;
    /// Outputs of f; known after the first fetch.
    fn outputs(&self) -> usize;
    /// Whether this output's estimate was found in an earlier run over the line.
    fn is_settled(&self, output: usize) -> bool;
    /// Takes note that this output's estimate was found.
    fn settle(&mut self, output: usize);
    /// Whether values that are missing come later, so that other outputs are worth running.
    fn waits(&self) -> bool;
}

impl Source for &mut dyn Source {
    fn fetch(&mut self, t: f64) -> Result<usize, Halt> {
        (**self).fetch(t)
    }
    fn announce(&mut self, ts: &[f64]) {
        (**self).announce(ts);
    }
    fn get(&self, slot: usize, output: usize) -> f64 {
        (**self).get(slot, output)
    }
    fn all(&self, slot: usize) -> Option<&[f64]> {
        (**self).all(slot)
    }
    fn outputs(&self) -> usize {
        (**self).outputs()
    }
    fn is_settled(&self, output: usize) -> bool {
        (**self).is_settled(output)
    }
    fn settle(&mut self, output: usize) {
        (**self).settle(output);
    }
    fn waits(&self) -> bool {
        (**self).waits()
    }
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
            Rule::Fixed(fixed) => fixed.validate(survey.order, survey.x.len()),
            Rule::Adaptive(search) => search.validate(survey),
        }
    }

    /// Whether estimates carry error bars.
    pub fn has_bars(&self) -> bool {
        match self.rule {
            Rule::Fixed(_) => false,
            Rule::Adaptive(_) => true,
        }
    }

    /// Whether the rule can do without a value.
    pub fn goes_around(&self) -> bool {
        match self.rule {
            Rule::Fixed(_) => false,
            Rule::Adaptive(_) => true,
        }
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
        mut source: &mut dyn Source,
        results: &mut Results,
    ) -> Result<(), Stop> {
        self.run_with(frame, k, &mut source, results)
    }

    fn run_with<S: Source>(
        &self,
        frame: &Frame<'_>,
        k: usize,
        source: &mut S,
        results: &mut Results,
    ) -> Result<(), Stop> {
        match frame.line {
            Line::Group(columns) => self.run_group(frame, k, columns, source, results),
            _ => self.run_line(frame, k, source, results),
        }
    }

    /// The same for a line whose outputs all belong to it.
    fn run_line<S: Source>(
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
            Rule::Adaptive(search) => run_adaptive(&search.settings, frame, k, source, results),
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
    if frame.bounds.is_none()
        && let Some(multiple) = fixed.outer(frame.survey.order)
        && run_outer(fixed, frame, multiple, k, source, results)?
    {
        return Ok(());
    }
    let layout = fixed.layout(frame)?;
    source.announce(layout.nodes());
    let mut slots = [0; MAX_NODES];
    for (slot, &t) in slots.iter_mut().zip(layout.nodes()) {
        *slot = source.fetch(t)?;
    }
    results.shape(source.outputs())?;
    if layout.vanished {
        results.vanish(k);
    }
    let weights = fixed.weigh(frame.survey.order, &layout, |t| frame.moved(t));
    for output in 0..results.outputs {
        let value = weights.combine(|node| source.get(slots[node], output));
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

/// The formulas without weights, as [`Fixed::combine`] computes them but without its preparations.
/// Returns whether it did: steps that round and values that are not finite are left to the general
/// way, which finds what was evaluated here.
#[inline]
fn run_outer<S: Source>(
    fixed: &Fixed,
    frame: &Frame<'_>,
    multiple: [f64; 2],
    k: usize,
    source: &mut S,
    results: &mut Results,
) -> Result<bool, Stop> {
    let (order, h) = (frame.survey.order, frame.step);
    let t = [multiple[0] * h, multiple[1] * h];
    let moved = [frame.moved(t[0]), frame.moved(t[1])];
    let still = |side: usize| t[side] != 0.0 && moved[side] == 0.0;
    let leaves = !frame.inside(t[0]) || !frame.inside(t[1]) || !(t[1] - t[0]).is_finite();
    if leaves || moved[0] == moved[1] || still(0) || still(1) || (order == 2 && moved != t) {
        return Ok(false);
    }
    let (low, base, high);
    if order == 1 {
        source.announce(&t);
        low = source.fetch(t[0])?;
        high = source.fetch(t[1])?;
        base = low;
    } else {
        source.announce(&[t[0], 0.0, t[1]]);
        low = source.fetch(t[0])?;
        base = source.fetch(0.0)?;
        high = source.fetch(t[1])?;
    }
    results.shape(source.outputs())?;
    let span = fixed.span(multiple, h, moved);
    let put = |results: &mut Results, output, a, base, b| {
        let value = if order == 1 {
            fixed::quotient(a, b, span)
        } else {
            fixed::second(a, base, b, h)
        };
        let estimate = LineEstimate {
            value,
            error: f64::NAN,
            step: h,
            status: Status::Converged,
        };
        results.put(k, output, estimate);
        value.is_finite()
    };
    let mut finite = true;
    let all = (source.all(low), source.all(base), source.all(high));
    if let (Some(low), Some(base), Some(high)) = all {
        for (output, ((&a, &base), &b)) in low.iter().zip(base).zip(high).enumerate() {
            finite &= put(results, output, a, base, b);
        }
    } else {
        for output in 0..results.outputs {
            let get = |slot| source.get(slot, output);
            finite &= put(results, output, get(low), get(base), get(high));
        }
    }
    Ok(finite)
}

impl Search {
    /// Checks the settings against the order of the derivative.
    fn validate(&self, survey: &Survey) -> Result<(), Error> {
        let positive = |argument, value: f64| {
            if value > 0.0 && value.is_finite() {
                Ok(())
            } else {
                Err(Error::OutOfRange {
                    argument,
                    value,
                    expected: "positive and finite",
                })
            }
        };
        let order = survey.order;
        if order == 0 || order > adaptive::HIGHEST_ORDER {
            return Err(Error::OutOfRange {
                argument: "order",
                value: order as f64,
                expected: "from 1 to 6 for an adaptive derivative",
            });
        }
        positive("typical x", self.typical)?;
        if let Some(tolerance) = self.settings.tolerance {
            positive("tolerance", tolerance)?;
        }
        if let Some(level) = self
            .settings
            .noise
            .filter(|level| !(*level >= 0.0 && level.is_finite()))
        {
            return Err(Error::OutOfRange {
                argument: "noise",
                value: level,
                expected: "zero or positive, and finite",
            });
        }
        let minimum = adaptive::least_evaluations(order);
        if self.settings.max_evaluations < minimum {
            return Err(Error::Budget {
                budget: self.settings.max_evaluations,
                minimum,
            });
        }
        Ok(())
    }
}

fn run_adaptive<S: Source>(
    settings: &adaptive::Settings,
    frame: &Frame<'_>,
    k: usize,
    source: &mut S,
    results: &mut Results,
) -> Result<(), Stop> {
    if results.outputs == 0 {
        // f(x), which every adaptive line needs, tells how many outputs there are.
        source.fetch(0.0)?;
        results.shape(source.outputs())?;
    }
    let mut halted = false;
    for output in 0..results.outputs {
        if source.is_settled(output) {
            continue;
        }
        let mut samples = OneOutput {
            frame,
            source: &mut *source,
            output,
        };
        match adaptive::estimate(settings, frame.survey.order, &mut samples) {
            Ok(mut estimate) if estimate.value.is_finite() => {
                if estimate.error.is_nan() {
                    // Levels that overflow leave nothing to say of the error.
                    estimate.error = f64::INFINITY;
                }
                results.put(k, output, estimate);
                source.settle(output);
            }
            Ok(_) => {
                let base = source.fetch(0.0)?;
                let value = source.get(base, output);
                let coordinate = frame.first(0.0).0;
                return Err(Stop::Error(if value.is_finite() {
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
            Err(halt) if !source.waits() => return Err(halt.into()),
            Err(_) => halted = true,
        }
    }
    if halted { Err(Stop::Halt) } else { Ok(()) }
}

/// One output along a line, as a scheme sees it.
struct OneOutput<'a, S> {
    frame: &'a Frame<'a>,
    source: &'a mut S,
    output: usize,
}

impl<S: Source> Samples for OneOutput<'_, S> {
    #[inline]
    fn value(&mut self, t: f64) -> Result<f64, Halt> {
        let slot = self.source.fetch(t)?;
        Ok(self.source.get(slot, self.output))
    }

    #[inline]
    fn announce(&mut self, ts: &[f64]) -> Result<(), Halt> {
        self.source.announce(ts);
        Ok(())
    }

    #[inline]
    fn moved(&self, t: f64) -> f64 {
        self.frame.moved(t)
    }

    #[inline]
    fn inside(&self, t: f64) -> bool {
        self.frame.inside(t)
    }

    fn place(&self) -> Place {
        self.frame.place()
    }
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
