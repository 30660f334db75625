//! The search: look, plan a window, fill it node by node, judge, check.

use super::Settings;
use super::constants::{
    BRANCH, CONVERGED, DESCENT, FIRST_STEP, NOISE_FACTOR, RESIDUAL_FACTOR, SURPRISE, VISIBLE,
};
use super::fit::{Fit, Task};
use super::model::Model;
use super::noise::{noise_like, persists};
use super::power::{exponent, power_of_two};
use super::roughness::{Descent, Rough, Roughness, rough_at_x};
use super::sampling::{Line, Miss, NODES, Node, Sides};
use super::vandermonde::MOST;
use crate::line::Samples;

/// What one search found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finding {
    pub value: f64,
    pub error: f64,
    /// log2 of the largest step.
    pub exponent: i32,
    /// Noise in f, where it is above rounding.
    pub noise: Option<f64>,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Good,
    NotSmooth,
    OutOfBudget,
    Unreliable,
}

pub(super) struct Search<'l, 's, S> {
    line: &'l mut Line<'s, S>,
    task: Task,
    tolerance: Option<f64>,
    /// Noise in f, found or declared.
    noise: f64,
    /// Steps from here on are too large.
    ceiling: i32,
    /// Steps above this are no longer guessed.
    cap: i32,
    /// Noise in f that a check point or a top level showed, above rounding.
    floor: f64,
    raised: u32,
    /// How often a tolerance was missed.
    strict: u32,
    /// Difference to the derivative that a coarser look suggested.
    apart: f64,
    rough: Option<Rough>,
    /// The last fit that failed.
    last: Option<Fit>,
    /// A derivative that falls to 0 like a power of h.
    vanishing: Option<Node>,
}

/// What one look found.
enum Look {
    Converged(Fit),
    Undefined(i32),
    Failed {
        node: Node,
        lowest: i32,
        fit: Option<Fit>,
    },
}

impl<'l, 's, S: Samples> Search<'l, 's, S> {
    pub(super) fn new(settings: &Settings, line: &'l mut Line<'s, S>, order: usize) -> Self {
        let task = Task::new(order, line.sides, line.place.epsilon);
        Search {
            task,
            tolerance: settings.tolerance,
            noise: settings.noise.unwrap_or(0.0),
            ceiling: i32::MAX,
            cap: i32::MAX,
            floor: 0.0,
            raised: 0,
            apart: 0.0,
            strict: 0,
            rough: None,
            last: None,
            vanishing: None,
            line,
        }
    }

    fn scale(&self) -> f64 {
        // A tenth of the typical size: functions of a small x vary on a smaller scale.
        self.line.place.position.max(0.1 * self.line.place.typical)
    }

    /// log2 of the first step.
    pub(super) fn start(&self) -> i32 {
        let scale = exponent(self.scale() * std::f64::consts::SQRT_2);
        let order = [0, 0, 1, 2, 3, 3, 4, 4, 4][self.task.order];
        (scale + FIRST_STEP + order).clamp(self.line.lowest + 4, 1000)
    }

    fn fit(&self, lowest: i32, highest: i32) -> Option<Fit> {
        Fit::window(
            self.line,
            &self.task,
            self.noise.max(self.floor),
            lowest,
            highest,
        )
    }

    /// The longest run of nodes around `exponent`, at most `most`, the larger steps first.
    fn run(&self, exponent: i32, most: usize) -> Option<Fit> {
        let (mut lowest, mut highest) = (exponent, exponent);
        let mut count = 1;
        while count < most && highest + 1 < self.ceiling && self.line.node(highest + 1).is_some() {
            highest += 1;
            count += 1;
        }
        while count < most && self.line.node(lowest - 1).is_some() {
            lowest -= 1;
            count += 1;
        }
        self.fit(lowest, highest)
    }

    /// The first fit that converged, going down from `start`; `None` when there is none.
    fn probe(&mut self, start: i32) -> Result<Option<Fit>, Miss> {
        let needed = self.task.needed() as i32;
        let floor = self.line.lowest + needed - 1;
        let mut start = start.min(self.ceiling - 1).max(floor);
        let mut gap = DESCENT;
        let mut failed: Option<Node> = None;
        let mut first_noise: Option<(i32, f64)> = None;
        let mut descent = Descent::default();
        for _ in 0..14 {
            let mut undefined = false;
            let mut below = None;
            let lowest = match self.look(start, needed, failed)? {
                Look::Converged(fit) => return Ok(Some(fit)),
                Look::Undefined(at) => {
                    self.ceiling = self.ceiling.min(at);
                    undefined = true;
                    at
                }
                Look::Failed { node, lowest, fit } => {
                    self.ceiling = self.ceiling.min(start);
                    descent.add(&node);
                    if let Some(previous) = failed {
                        match rough_at_x(self.line, &self.task, &previous, &node)? {
                            Roughness::Rough(rough) => {
                                self.rough = Some(rough);
                                return Ok(None);
                            }
                            Roughness::Structure(exponent) => below = Some(exponent),
                            Roughness::Smooth => {}
                        }
                    }
                    if let Some(fit) = fit {
                        self.last = Some(fit);
                        let level = fit.excess * fit.sigma;
                        match first_noise {
                            None => first_noise = Some((start, level)),
                            Some((above, first)) => {
                                let alike = level < 5.0 * first && first < 5.0 * level;
                                if above - start >= 14
                                    && alike
                                    && below.is_none()
                                    && persists(self.line, &self.task, &fit, level, fit.lowest())?
                                {
                                    self.noise = level.max(first).max(self.noise);
                                    if let Some(fit) = self.run(above, needed as usize) {
                                        return Ok(Some(fit));
                                    }
                                }
                            }
                        }
                    }
                    failed = Some(node);
                    lowest
                }
            };
            if start <= floor {
                break;
            }
            start = match below {
                // What is bent or stepped above is neither there: the structure lies in between.
                Some(exponent) => ((lowest + exponent) / 2).max(floor),
                None => self.next_start(lowest, gap, undefined).max(floor),
            };
            gap += 2;
        }
        if self.task.order == 1 {
            self.vanishing = descent.limit();
        }
        Ok(None)
    }

    /// Where to look next below `lowest`: the natural scales, then in growing strides.
    fn next_start(&self, lowest: i32, gap: i32, undefined: bool) -> i32 {
        let next = lowest - gap;
        let place = &self.line.place;
        // Domains end at 0, functions vary with log x, or another unit was meant.
        let natural = [place.typical, place.position]
            .into_iter()
            .filter(|scale| *scale > 0.0)
            .map(|scale| exponent(scale) - 4)
            .filter(|natural| *natural < lowest - 2)
            .max();
        match natural {
            Some(natural) if undefined || natural > next - 8 * gap => natural,
            _ => next,
        }
    }

    /// Samples what a first fit at `start` needs, no more than it takes to see that it fails.
    fn look(&mut self, start: i32, needed: i32, failed: Option<Node>) -> Result<Look, Miss> {
        let mut first = Node::default();
        let mut lowest = start;
        for j in (start - needed + 1..=start).rev() {
            let node = match self.line.sample(j) {
                Ok(node) => node,
                Err(Miss::Undefined) => return Ok(Look::Undefined(j)),
                Err(miss) => return Err(miss),
            };
            lowest = j;
            if j == start {
                first = node;
                if let Some(above) = failed
                    && needed == 2
                {
                    let fit = Fit::through(
                        &[node, above],
                        &self.task,
                        self.noise.max(self.floor),
                        self.line.center,
                    );
                    if fit.converged && fit.nodes > fit.next {
                        return Ok(Look::Converged(fit));
                    }
                }
                // Twice as bent as steep: out of scale, or a stationary point; the next start tells.
                if self.task.order == 1
                    && node.bend.abs() > 0.5 * node.slope.abs()
                    && start - needed + 1 > self.line.lowest
                {
                    return Ok(Look::Failed {
                        node,
                        lowest,
                        fit: None,
                    });
                }
            }
        }
        let Some(fit) = self.fit(lowest, start) else {
            return Ok(Look::Failed {
                node: first,
                lowest,
                fit: None,
            });
        };
        if fit.converged {
            return Ok(Look::Converged(fit));
        }
        if fit.leading <= 1e-3 * fit.level[fit.next.min(fit.nodes - 1)]
            && self.line.sample(lowest - 1).is_ok()
        {
            if let Some(more) = self.fit(lowest - 1, start)
                && more.converged
            {
                return Ok(Look::Converged(more));
            }
            lowest -= 1;
        }
        Ok(Look::Failed {
            node: first,
            lowest,
            fit: Some(fit),
        })
    }

    /// Whether the tolerance asks for more than this error.
    fn misses(&self, fit: &Fit, error: f64) -> bool {
        self.tolerance
            .is_some_and(|tolerance| error > tolerance * fit.derivative.abs())
    }

    /// Error bar of the window `fit`, with `reference` another fit of the same derivative and the
    /// residual of the check point, where there is one.
    fn error(&self, fit: &Fit, reference: &Fit, residual: f64) -> f64 {
        if !fit.converged {
            return f64::INFINITY;
        }
        let m = fit.nodes;
        let spare = m - self.task.level;
        let top = fit.level[m - 1];
        let fall = fit.fall();
        let mut truncation = fit.truncation_weight
            * if fit.noisy {
                if spare >= 3 { 0.0 } else { fall.min(0.3) * top }
            } else {
                fall * top
            };
        if fit.exponents != reference.exponents {
            truncation = truncation.max((fit.derivative - reference.derivative).abs());
        }
        // A top level that continues the fall of the others is signal; one that does not, noise.
        // Two nodes have no fall to compare with: the check point vouches for them.
        let excess = if m == 2 && residual > 0.0 {
            1.0
        } else {
            fit.excess_if_noise()
        };
        let safety = match spare {
            0..=2 if residual == 0.0 => 5.0,
            0..=3 => 2.0,
            _ => 1.0,
        };
        NOISE_FACTOR * fit.noise * excess
            + 2.0 * safety * truncation
            + RESIDUAL_FACTOR * residual
            + 2.0 * f64::EPSILON * fit.derivative.abs()
    }

    pub(super) fn find(&mut self) -> Result<Finding, Miss> {
        let start = self.start();
        let mut fit = match self.probe(start) {
            Ok(Some(fit)) => fit,
            Ok(None) => return Ok(self.nothing(Kind::Unreliable)),
            Err(Miss::Spent) => return Ok(self.nothing(Kind::OutOfBudget)),
            Err(miss) => return Err(miss),
        };
        let mut kind = Kind::Good;
        let mut checked = None;
        for _ in 0..24 {
            match self.step(&mut fit, &mut checked) {
                Ok(true) => break,
                Ok(false) => {}
                Err(Miss::Spent) => {
                    kind = Kind::OutOfBudget;
                    break;
                }
                Err(miss) => return Err(miss),
            }
        }
        if self.rough.is_some() {
            return Ok(self.nothing(Kind::NotSmooth));
        }
        Ok(self.best(&fit, checked, kind))
    }

    /// The answer when nothing converged.
    fn nothing(&self, kind: Kind) -> Finding {
        let rest = Finding {
            value: f64::NAN,
            error: f64::INFINITY,
            exponent: self.line.lowest,
            noise: None,
            kind,
        };
        if let Some(rough) = self.rough {
            let Rough {
                slope,
                error,
                exponent,
            } = rough;
            return Finding {
                value: slope,
                error,
                exponent,
                kind: Kind::NotSmooth,
                ..rest
            };
        }
        if let Some(node) = self.vanishing {
            // The values fall with h: the limit lies within a few of the last.
            let error = 4.0 * node.slope.abs().max(node.bend.abs());
            return Finding {
                value: node.slope,
                error,
                exponent: node.exponent,
                kind: Kind::Good,
                ..rest
            };
        }
        match self.last {
            Some(fit) => Finding {
                value: fit.derivative,
                exponent: fit.highest(),
                ..rest
            },
            None => rest,
        }
    }

    /// The window among the fit and its parts that has the smallest error bar.
    fn best(&self, fit: &Fit, checked: Option<(Fit, f64)>, kind: Kind) -> Finding {
        let base = checked.map_or(*fit, |(fit, _)| fit);
        let mut best = base;
        let residual = checked.map_or(0.0, |(_, residual)| residual);
        let mut error = self.error(&base, fit, residual);
        let (low, high) = (base.lowest(), base.highest());
        for (lowest, highest) in [(low + 1, high), (low + 2, high), (low, high - 1)] {
            if highest - lowest < self.task.level as i32 + 1 {
                continue;
            }
            if let Some(part) = self.fit(lowest, highest) {
                let other = self.error(&part, &base, residual);
                if other < error {
                    error = other;
                    best = part;
                }
            }
        }
        error += self.branch(&best);
        let kind = if error.is_finite() {
            kind
        } else {
            Kind::Unreliable
        };
        let found = fit.excess * fit.sigma;
        let noise = if self.noise > 0.0 {
            Some(self.noise)
        } else if best.noisy && best.excess > 8.0 {
            Some(found)
        } else {
            None
        };
        Finding {
            value: best.derivative,
            error,
            exponent: best.highest(),
            noise,
            kind,
        }
    }

    /// What the larger steps that were left out say against `fit`, when it is too small for
    /// structure and too large for the growth of the levels: f is computed by a procedure that
    /// changes along the line, such as an iteration that stops early, and the derivative of the
    /// branch at x is not that of the function meant.
    fn branch(&self, fit: &Fit) -> f64 {
        let m = fit.nodes;
        let (top, fall) = (fit.level[m - 1], fit.fall());
        let mut worst = self.apart;
        for node in &self.line.nodes[..self.line.count] {
            let octaves = node.exponent - fit.highest();
            if !(1..=3).contains(&octaves) {
                continue;
            }
            let r = power_of_two(octaves);
            let u = if self.task.power == 2 { r * r } else { r };
            let (mut odd, mut even) = (0.0, 0.0);
            for k in (0..m).rev() {
                odd = odd * u + fit.odd[k];
                even = even * u + fit.even[k];
            }
            let apart = (node.slope - odd).abs().max((node.bend - r * even).abs());
            let growth = u.powi(m as i32 - 1);
            let explained = 64.0 * fall * top * growth * u
                + 8.0 * growth * fit.odd_noise[m - 1].max(r * fit.even_noise[m - 1]);
            if apart > explained && apart < BRANCH * fit.leading {
                let h = power_of_two(node.exponent);
                worst = worst
                    .max(3.0 * apart * self.task.factorial() / h.powi(self.task.order as i32 - 1));
            }
        }
        worst
    }

    fn zero_within_error(&self, fit: &Fit) -> bool {
        let error = self.error(fit, fit, 0.0);
        let unit = fit.leading / power_of_two(fit.highest() * (self.task.order as i32 - 1));
        fit.derivative.abs() <= error && error <= 1e-9 * unit
    }

    /// One round: true when finished.
    fn step(&mut self, fit: &mut Fit, checked: &mut Option<(Fit, f64)>) -> Result<bool, Miss> {
        if fit.leading == 0.0 {
            return Ok(true);
        }
        let target = if self.task.even() {
            fit.even[self.task.level]
        } else {
            fit.odd[self.task.level]
        };
        if target.abs() <= 1e-3 * fit.leading && fit.nodes >= 3 && self.zero_within_error(fit) {
            return Ok(true);
        }
        let model = Model::new(self.line, &self.task, self.tolerance, fit).stricter(self.strict);
        let mut ceiling = self.ceiling.saturating_sub(1);
        if self.noise > 0.0 {
            ceiling =
                ceiling.min(exponent(self.line.place.position.max(self.line.place.typical)) + 2);
        }
        if model.limited {
            ceiling = ceiling.min(self.cap);
        }
        let Some(plan) = model.plan(
            self.line,
            &self.task,
            fit,
            ceiling,
            self.tolerance.is_some() && self.strict == 0,
        ) else {
            return Ok(true);
        };
        let missing = (plan.lowest..=plan.highest).filter(|j| self.line.node(*j).is_none());
        let (from, to) = (fit.lowest(), fit.highest());
        let nearest = missing.min_by_key(|j| if *j > to { *j - to } else { from - *j });
        let Some(mut next) = nearest else {
            let Some(window) = self.fit(plan.lowest, plan.highest) else {
                return Ok(true);
            };
            return self.check(window, fit, checked);
        };
        let next_noise = fit.odd_noise[(self.task.level + 1).min(fit.nodes - 1)];
        let noisy = self.noise > 0.0 && plan.lowest > from;
        if (model.limited || noisy) && plan.highest > to && next_noise > VISIBLE * fit.leading {
            next = if noisy {
                plan.highest
            } else {
                plan.highest.max(to + 3).min(ceiling)
            };
            if self.line.node(next).is_some() {
                next = nearest.unwrap_or(next);
            }
        }
        match self.line.sample(next) {
            Ok(_) => {}
            Err(Miss::Undefined) => {
                self.ceiling = self.ceiling.min(next);
                if next > to {
                    self.cap = to + (next - to) / 2;
                } else {
                    return Ok(true);
                }
                return Ok(false);
            }
            Err(miss) => return Err(miss),
        }
        let extended = if next > to + 1 {
            // A jump: judged against the top of the old window.
            let mut nodes = [Node::default(); MOST];
            let mut count = 0;
            for j in from.max(to - self.task.needed() as i32 + 2)..=to {
                if let Some(node) = self.line.node(j) {
                    nodes[count] = *node;
                    count += 1;
                }
            }
            if let Some(node) = self.line.node(next) {
                nodes[count] = *node;
                count += 1;
            }
            Fit::through(
                &nodes[..count],
                &self.task,
                self.noise.max(self.floor),
                self.line.center,
            )
        } else {
            match self.run_with(next, &plan) {
                Some(fit) => fit,
                None => return Ok(true),
            }
        };
        self.judge(extended, next, fit, model.limited)
    }

    /// The run around `exponent`, which keeps within the plan when it is long.
    fn run_with(&self, exponent: i32, plan: &super::model::Plan) -> Option<Fit> {
        let (mut lowest, mut highest) = (exponent, exponent);
        while highest + 1 < self.ceiling && self.line.node(highest + 1).is_some() {
            highest += 1;
        }
        while self.line.node(lowest - 1).is_some() {
            lowest -= 1;
        }
        let most = self.task.most() as i32;
        while highest - lowest + 1 > most {
            if highest > plan.highest && highest > exponent {
                highest -= 1
            } else {
                lowest += 1
            }
        }
        self.fit(lowest, highest)
    }

    fn judge(
        &mut self,
        extended: Fit,
        next: i32,
        fit: &mut Fit,
        limited: bool,
    ) -> Result<bool, Miss> {
        let m = extended.nodes;
        if let Some(rough) = self.rough_near(&extended)? {
            self.rough = Some(rough);
            return Ok(true);
        }
        let suspicious = noise_like(&extended, &self.task);
        let diverged = !extended.converged
            || (m >= 4 && !extended.noisy && extended.level[m - 1] > CONVERGED * extended.leading);
        if suspicious && !extended.noisy {
            let level = extended.excess * extended.sigma;
            if level <= 4.0 * self.noise
                || persists(self.line, &self.task, &extended, level, extended.lowest())?
            {
                self.noise = self.noise.max(level);
                *fit = self
                    .fit(extended.lowest(), extended.highest())
                    .unwrap_or(extended);
                return Ok(!fit.converged);
            }
            // Noise on the scale of the window that is smooth at x: another branch of f.
            let apart = 2.0 * extended.noise * extended.excess;
            if apart < BRANCH * extended.derivative.abs() {
                self.apart = self.apart.max(apart);
            }
            self.ceiling = self.ceiling.min(extended.highest());
            match self.probe(extended.lowest() - 1)? {
                Some(found) => *fit = found,
                None => return Ok(true),
            }
            return Ok(false);
        }
        if diverged {
            self.ceiling = self.ceiling.min(extended.highest());
            if limited {
                self.cap = fit.highest() + (next - fit.highest()) / 2;
            }
            if next < fit.lowest() {
                match self.probe(next - DESCENT)? {
                    Some(found) => *fit = found,
                    None => return Ok(true),
                }
            }
            return Ok(false);
        }
        *fit = extended;
        Ok(false)
    }

    /// A kink at x that is weak against the slope shows as a bend that stays over the window.
    fn rough_near(&mut self, fit: &Fit) -> Result<Option<Rough>, Miss> {
        if self.task.power == 1 || fit.noisy || fit.highest() - fit.lowest() < 2 {
            return Ok(None);
        }
        let (Some(above), Some(below)) = (
            self.line.node(fit.highest()).copied(),
            self.line.node(fit.lowest()).copied(),
        ) else {
            return Ok(None);
        };
        Ok(match rough_at_x(self.line, &self.task, &above, &below)? {
            Roughness::Rough(rough) => Some(rough),
            _ => None,
        })
    }

    /// One evaluation that the window did not see, at a distance no dyadic grid contains.
    fn check(
        &mut self,
        window: Fit,
        fit: &mut Fit,
        checked: &mut Option<(Fit, f64)>,
    ) -> Result<bool, Miss> {
        const OFF: f64 = 0.688_190_960_235_586_8;
        let low = window.lowest();
        let distance = OFF * power_of_two(low + 1);
        let side = match self.line.sides {
            Sides::One(side) => side,
            Sides::Both => {
                if self.line.undefined_side == 0.0 {
                    1.0
                } else {
                    -self.line.undefined_side
                }
            }
        };
        let difference = match residual_at(self.line, &window, &self.task, side * distance) {
            Ok(difference) => difference,
            Err(Miss::Undefined) => {
                *checked = Some((window, f64::INFINITY));
                return Ok(true);
            }
            Err(miss) => return Err(miss),
        };
        let residual = difference * self.task.factorial() / distance.powi(self.task.order as i32);
        let error = self.error(&window, fit, 0.0);
        // More than the noise assumed and the truncation explain: f is noisier than its rounding.
        let explained =
            SURPRISE * (window.noise * window.excess_if_noise() + window.expected_truncation());
        if residual > explained && residual <= 1e3 * error && self.raised < 2 {
            self.raised += 1;
            self.floor = self.floor.max(window.sigma * (residual / window.noise));
            let (low, high) = (fit.lowest(), fit.highest());
            if let Some(again) = self.fit(low, high) {
                *fit = again;
                *checked = Some((window, residual));
                return Ok(false);
            }
        }
        if residual <= 100.0 * error || !error.is_finite() {
            *checked = Some((window, residual));
            let error = self.error(&window, fit, residual);
            let noise = NOISE_FACTOR * window.noise * window.excess_if_noise();
            if self.strict < 3
                && self.misses(&window, error)
                && (window.nodes == 2 || noise < 0.5 * error)
            {
                self.strict += 1;
                return Ok(false);
            }
            return Ok(true);
        }
        // An alias or a kink, unless it is there at every distance.
        if self.raised < 2 && persists(self.line, &self.task, &window, difference, low)? {
            self.raised += 1;
            self.floor = self.floor.max(difference);
            if let Some(again) = self.fit(fit.lowest(), fit.highest()) {
                *fit = again;
                *checked = Some((window, residual));
                return Ok(false);
            }
        }
        self.ceiling = self.ceiling.min(low);
        match self.probe(low - DESCENT)? {
            Some(found) => *fit = found,
            None => return Ok(true),
        }
        Ok(false)
    }
}

/// |f - interpolant| at displacement t.
fn residual_at<S: Samples>(
    line: &mut Line<'_, S>,
    window: &Fit,
    task: &Task,
    t: f64,
) -> Result<f64, Miss> {
    let value = line.value(t)?;
    let t = line.moved(t);
    let r = t.abs() / power_of_two(window.highest());
    let u = if task.power == 2 { r * r } else { r };
    let (mut odd, mut even) = (0.0, 0.0);
    for k in (0..window.nodes).rev() {
        odd = odd * u + window.odd[k];
        even = even * u + window.even[k];
    }
    Ok((value - line.center - t * (odd + t.signum() * r * even)).abs())
}

const _: () = assert!(NODES >= MOST);
