//! The line search of Hager and Zhang.

use super::{End, Line};
use crate::interrupt::Interrupt;

// Names and values of the paper's table: delta and sigma of the Wolfe conditions, epsilon of the
// estimate of f's error, theta of the bisection, gamma of the shrinkage, rho of the expansion.
const DELTA: f64 = 0.1;
const SIGMA: f64 = 0.9;
const EPSILON: f64 = 1e-6;
const THETA: f64 = 0.5;
const GAMMA: f64 = 0.66;
const RHO: f64 = 5.0;
const TRIALS: usize = 50;

/// The state of one search.
struct Search<'s, 'l, 'e> {
    line: &'s mut Line<'l, 'e>,
    /// f(0) + epsilon |f(0)|.
    ceiling: f64,
    left: usize,
}

enum Outcome {
    Found(End),
    Interval(End, End),
}

pub(super) fn search(line: &mut Line<'_, '_>, t: f64) -> Result<Option<(f64, f64)>, Interrupt> {
    let ceiling = line.f + EPSILON * line.f.abs();
    let zero = End {
        t: 0.0,
        f: line.f,
        slope: line.slope,
    };
    let mut search = Search {
        line,
        ceiling,
        left: TRIALS,
    };
    let found = search.run(zero, t)?;
    Ok(found.map(|end| (end.t, end.f)))
}

impl Search<'_, '_, '_> {
    fn run(&mut self, zero: End, t: f64) -> Result<Option<End>, Interrupt> {
        let (mut a, mut b) = match self.bracket(zero, t)? {
            Some(Outcome::Found(end)) => return Ok(Some(end)),
            Some(Outcome::Interval(a, b)) => (a, b),
            None => return Ok(None),
        };
        while self.left > 0 {
            let width = b.t - a.t;
            let (mut next_a, mut next_b) = match self.secant_squared(a, b)? {
                Outcome::Found(end) => return Ok(Some(end)),
                Outcome::Interval(a, b) => (a, b),
            };
            if next_b.t - next_a.t > GAMMA * width {
                let c = self.at(0.5 * (next_a.t + next_b.t))?;
                if self.accepts(c) {
                    return Ok(Some(c));
                }
                (next_a, next_b) = self.update(next_a, next_b, c)?;
            }
            (a, b) = (next_a, next_b);
            if b.t - a.t <= 1e-14 * b.t {
                break;
            }
        }
        Ok((a.t > 0.0 && a.f < self.line.f).then_some(a))
    }

    fn at(&mut self, t: f64) -> Result<End, Interrupt> {
        self.left = self.left.saturating_sub(1);
        let f = self.line.value(t)?;
        // Outside f's domain: uphill, so that the interval closes on the inside.
        let slope = if f.is_finite() {
            self.line.slope(t, f)?
        } else {
            f64::INFINITY
        };
        Ok(End {
            t,
            f: if f.is_finite() { f } else { f64::INFINITY },
            slope,
        })
    }

    /// T1 or T2 of the paper, or the bound that stops a step still going down.
    fn accepts(&self, end: End) -> bool {
        if end.t <= 0.0 || !end.f.is_finite() {
            return false;
        }
        let first = self.line.slope;
        let wolfe = end.f - self.line.f <= DELTA * end.t * first && end.slope >= SIGMA * first;
        let near = (2.0 * DELTA - 1.0) * first >= end.slope
            && end.slope >= SIGMA * first
            && end.f <= self.ceiling;
        let stopped = end.t >= self.line.longest && end.slope < 0.0 && end.f < self.line.f;
        wolfe || near || stopped
    }

    /// B0 to B3: an interval with a falling start at or below the ceiling and a rising end.
    fn bracket(&mut self, zero: End, mut t: f64) -> Result<Option<Outcome>, Interrupt> {
        let mut low = zero;
        while self.left > 0 {
            let end = self.at(t)?;
            if self.accepts(end) {
                return Ok(Some(Outcome::Found(end)));
            }
            if end.slope >= 0.0 {
                return Ok(Some(Outcome::Interval(low, end)));
            }
            if end.f > self.ceiling {
                let (a, b) = self.bisect(zero, end)?;
                return Ok(Some(Outcome::Interval(a, b)));
            }
            low = end;
            t = (RHO * t).min(self.line.longest);
        }
        Ok((low.t > 0.0).then_some(Outcome::Found(low)))
    }

    /// U3: halves [a, b], where b is too high but falling, until its end rises.
    fn bisect(&mut self, mut a: End, mut b: End) -> Result<(End, End), Interrupt> {
        while self.left > 0 {
            let d = self.at((1.0 - THETA) * a.t + THETA * b.t)?;
            if d.slope >= 0.0 {
                return Ok((a, d));
            }
            if d.f <= self.ceiling {
                a = d;
            } else {
                b = d;
            }
        }
        Ok((a, b))
    }

    /// U0 to U3.
    fn update(&mut self, a: End, b: End, c: End) -> Result<(End, End), Interrupt> {
        if !(c.t > a.t && c.t < b.t) {
            Ok((a, b))
        } else if c.slope >= 0.0 {
            Ok((a, c))
        } else if c.f <= self.ceiling {
            Ok((c, b))
        } else {
            self.bisect(a, c)
        }
    }

    /// S1 to S4.
    fn secant_squared(&mut self, a: End, b: End) -> Result<Outcome, Interrupt> {
        let c = self.at(secant(a, b))?;
        if self.accepts(c) {
            return Ok(Outcome::Found(c));
        }
        let (low, high) = self.update(a, b, c)?;
        let second = if c.t == high.t {
            secant(b, high)
        } else if c.t == low.t {
            secant(a, low)
        } else {
            return Ok(Outcome::Interval(low, high));
        };
        if !(second > low.t && second < high.t) {
            return Ok(Outcome::Interval(low, high));
        }
        let c = self.at(second)?;
        if self.accepts(c) {
            return Ok(Outcome::Found(c));
        }
        let (low, high) = self.update(low, high, c)?;
        Ok(Outcome::Interval(low, high))
    }
}

/// The zero of the slope by the secant, or the middle where that is no number.
fn secant(a: End, b: End) -> f64 {
    let t = (a.t * b.slope - b.t * a.slope) / (b.slope - a.slope);
    if t.is_finite() { t } else { 0.5 * (a.t + b.t) }
}
