//! The search: look, plan a window, fill it node by node, judge, check.

use super::Settings;
use super::constants::{CONVERGED, DESCENT, FIRST_STEP, NOISE_FACTOR, VISIBLE};
use super::fit::{Fit, Task};
use super::model::Model;
use super::noise::{Verdict, confirm, noise_like};
use super::power::{exponent, power_of_two};
use super::roughness::{Descent, Rough, rough_at_x};
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
        Fit::window(self.line, &self.task, self.noise, lowest, highest)
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
            let lowest = match self.look(start, needed, failed)? {
                Look::Converged(fit) => return Ok(Some(fit)),
                Look::Undefined(at) => {
                    self.ceiling = self.ceiling.min(at);
                    at
                }
                Look::Failed { node, lowest, fit } => {
                    self.ceiling = self.ceiling.min(start);
                    descent.add(&node);
                    if let Some(previous) = failed {
                        if let Some(rough) = rough_at_x(self.line, &self.task, &previous, &node)? {
                            self.rough = Some(rough);
                            return Ok(None);
                        }
                    }
                    if let Some(fit) = fit {
                        self.last = Some(fit);
                        let level = fit.excess * fit.sigma;
                        match first_noise {
                            None => first_noise = Some((start, level)),
                            Some((above, first)) => {
                                let alike = level < 5.0 * first && first < 5.0 * level;
                                if above - start >= 14 && alike {
                                    if let Verdict::Noise(level) =
                                        confirm(self.line, &self.task, &fit, 0.0)?
                                    {
                                        self.noise = level.max(first).max(self.noise);
                                        if let Some(fit) = self.run(above, needed as usize) {
                                            return Ok(Some(fit));
                                        }
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
            start = self.next_start(lowest, gap).max(floor);
            gap += 2;
        }
        if self.task.order == 1 {
            self.vanishing = descent.limit();
        }
        Ok(None)
    }

    /// Where to look next below `lowest`: the natural scales, then in growing strides.
    fn next_start(&self, lowest: i32, gap: i32) -> i32 {
        let place = &self.line.place;
        let mut next = lowest - gap;
        for scale in [place.typical, place.position] {
            if scale > 0.0 {
                let natural = exponent(scale) - 4;
                if natural < lowest - 2 && natural > next - 8 * gap {
                    next = natural;
                    if scale == place.typical && place.position > place.typical {
                        break;
                    }
                }
            }
        }
        next
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
                if let Some(above) = failed {
                    if needed == 2 {
                        let fit =
                            Fit::through(&[node, above], &self.task, self.noise, self.line.center);
                        if fit.converged && fit.nodes > fit.next {
                            return Ok(Look::Converged(fit));
                        }
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
            if let Some(more) = self.fit(lowest - 1, start) {
                if more.converged {
                    return Ok(Look::Converged(more));
                }
            }
            lowest -= 1;
        }
        Ok(Look::Failed {
            node: first,
            lowest,
            fit: Some(fit),
        })
    }

    /// Error of the window `fit`, with `reference` another fit of the same derivative.
    fn error(&self, fit: &Fit, reference: &Fit) -> f64 {
        let m = fit.nodes;
        let top = fit.level[m - 1];
        let ratio = |k: usize| {
            if fit.level[k] > 0.0 {
                top / fit.level[k]
            } else {
                f64::INFINITY
            }
        };
        let mut fall = if m >= 2 { ratio(m - 2) } else { 1.0 };
        if m >= 3 {
            fall = fall.max(ratio(m - 3).sqrt());
        }
        let fall = fall.min(1.0);
        let noise = fit.noise * fit.excess.max(1.0);
        let spare = m - self.task.level;
        let mut truncation = if fit.noisy {
            if spare >= 3 {
                0.0
            } else {
                fall.min(0.3) * top * fit.truncation_weight
            }
        } else {
            fall * top * fit.truncation_weight
        };
        if fit.exponents != reference.exponents {
            truncation = truncation.max((fit.derivative - reference.derivative).abs());
        }
        let safety = match spare {
            0..=2 => 5.0,
            3 => 2.0,
            _ => 1.0,
        };
        let error = NOISE_FACTOR * noise
            + 2.0 * safety * truncation
            + 2.0 * f64::EPSILON * fit.derivative.abs();
        if fit.converged { error } else { f64::INFINITY }
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
        let mut error = self.error(&base, fit);
        let (low, high) = (base.lowest(), base.highest());
        for (lowest, highest) in [(low + 1, high), (low + 2, high), (low, high - 1)] {
            if highest - lowest < self.task.level as i32 + 1 {
                continue;
            }
            if let Some(part) = self.fit(lowest, highest) {
                let other = self.error(&part, &base);
                if other < error {
                    error = other;
                    best = part;
                }
            }
        }
        if let Some((_, residual)) = checked {
            error = error.max(2.0 * residual);
        }
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

    fn zero_within_error(&self, fit: &Fit) -> bool {
        let error = self.error(fit, fit);
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
        let model = Model::new(self.line, &self.task, self.tolerance, fit);
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
            self.tolerance.is_some(),
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
        if model.limited && plan.highest > to && next_noise > VISIBLE * fit.leading {
            next = plan.highest.max(to + 3).min(ceiling);
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
            Fit::through(&nodes[..count], &self.task, self.noise, self.line.center)
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
        let suspicious = noise_like(&extended, &self.task);
        let diverged = !extended.converged
            || (m >= 4 && !extended.noisy && extended.level[m - 1] > CONVERGED * extended.leading);
        if suspicious && !extended.noisy {
            match confirm(self.line, &self.task, &extended, self.noise)? {
                Verdict::Noise(level) => {
                    self.noise = self.noise.max(level);
                    *fit = self
                        .fit(extended.lowest(), extended.highest())
                        .unwrap_or(extended);
                    return Ok(!fit.converged);
                }
                Verdict::Structure => {
                    self.ceiling = self.ceiling.min(extended.highest());
                    match self.probe(extended.lowest() - 1)? {
                        Some(found) => *fit = found,
                        None => return Ok(true),
                    }
                    return Ok(false);
                }
            }
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
        let value = match self.line.value(side * distance) {
            Ok(value) => value,
            Err(Miss::Undefined) => {
                *checked = Some((window, f64::INFINITY));
                return Ok(true);
            }
            Err(miss) => return Err(miss),
        };
        let t = self.line.moved(side * distance);
        let quotient = (value - self.line.center) / t;
        let h = t.abs();
        let r = h / power_of_two(window.highest());
        let u = if self.task.power == 2 { r * r } else { r };
        let (mut odd, mut even) = (0.0, 0.0);
        for k in (0..window.nodes).rev() {
            odd = odd * u + window.odd[k];
            even = even * u + window.even[k];
        }
        let model = odd + t.signum() * r * even;
        let residual =
            (quotient - model).abs() * self.task.factorial() / h.powi(self.task.order as i32 - 1);
        let error = self.error(&window, fit);
        if residual <= 100.0 * error || !error.is_finite() {
            *checked = Some((window, residual));
            return Ok(true);
        }
        self.ceiling = self.ceiling.min(low);
        match self.probe(low - DESCENT)? {
            Some(found) => *fit = found,
            None => return Ok(true),
        }
        Ok(false)
    }
}

const _: () = assert!(NODES >= MOST);
