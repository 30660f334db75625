//! Further steps before the next gradient: one evaluation each, with derivatives that the secants predict.

use super::point::Point;
use super::sqp::Sqp;
use super::step::Linearized;
use crate::constraint::violation;
use crate::interrupt::Interrupt;
use crate::matrix::{Matrix, difference, dot};
use crate::problem::Problem;

/// Steps between two gradients at most.
const STEPS: usize = 12;

/// Derivatives at a point where they have not been taken.
struct Prediction {
    g: Vec<f64>,
    normals: Vec<Vec<f64>>,
    hessian: Matrix,
}

impl Prediction {
    /// From one point to the next by the values at both: parabolas along the step, the Hessian across it. False
    /// where the points are the same.
    fn move_to(&mut self, q: &Sqp, from: &Point, to: &Point) -> bool {
        let s = difference(&to.x, &from.x);
        let ss = dot(&s, &s);
        if ss == 0.0 {
            return false;
        }
        let before = q.lagrangian(&self.g, &self.normals);
        let value = |p: &Point| p.f - dot(&q.multipliers, &p.c);
        let bend = 2.0 * (value(to) - value(from) - dot(&before, &s));
        let bs = self.hessian.times(&s);
        let sbs = dot(&s, &bs);
        for (j, a) in self.normals[..q.shape.equality.len()]
            .iter_mut()
            .enumerate()
        {
            let short = 2.0 * (to.c[j] - from.c[j] - dot(a, &s)) / ss;
            a.iter_mut().zip(&s).for_each(|(a, s)| *a += short * s);
        }
        for (i, g) in self.g.iter_mut().enumerate() {
            let rows = q.multipliers.iter().zip(&self.normals);
            let held: f64 = rows.map(|(l, a)| l * a[i]).sum();
            *g = before[i] + bs[i] + (bend - sbs) / ss * s[i] + held;
        }
        if bend > 0.05 * sbs {
            let y: Vec<f64> = bs.iter().map(|b| b * bend / sbs).collect();
            self.hessian.satisfy(1.0, &s, &y);
        }
        true
    }
}

impl Sqp {
    /// Goes on from `first` while a step promises more than a gradient costs.
    pub(super) fn refine(
        &self,
        problem: &mut Problem<'_>,
        first: Point,
    ) -> Result<Point, Interrupt> {
        let n = self.size.len();
        // Weights at twice the multipliers: at the multipliers themselves a violation is worth nothing.
        let weights: Vec<f64> = self.weights.iter().map(|w| 2.0 * w).collect();
        let potential = |p: &Point| p.merit(&self.equality, &weights);
        let start = potential(&self.point);
        // A violation below what the gradient will leave undone anyway is not worth an evaluation.
        let owed = 0.3 * self.drift * self.last_gain;
        let mut model = Prediction {
            g: self.g.clone(),
            normals: self.normals.clone(),
            hessian: self.hessian.clone(),
        };
        let (mut best, mut previous) = (first, self.point.clone());
        let mut last_gain = f64::INFINITY;
        for _ in 0..STEPS {
            if !model.move_to(self, &previous, &best) {
                break;
            }
            let there = Linearized {
                x: &best.x,
                c: self.aimed(&best.c),
                gradient: &model.g,
                normals: &model.normals,
            };
            let program = self.program(&model.hessian, there);
            let Ok(step) = program.solve() else { break };
            let left: f64 = (0..self.equality.len())
                .map(|j| weights[j] * violation(self.equality[j], best.c[j]))
                .sum();
            let curved = 0.5 * dot(&model.hessian.times(&step.p), &step.p);
            let gain = left - dot(&model.g, &step.p) - curved;
            let done = start - potential(&best);
            let pays = gain > 0.5 / (n as f64 + 1.0) * done
                || (left > 0.5 * gain && gain <= 0.5 * last_gain && gain > owed);
            let x = self.shape.bounds.along(&best.x, &step.p, 1.0);
            if !pays || gain <= self.tolerance().max(self.slack()) || x == best.x {
                break;
            }
            last_gain = gain;
            let trial = self.evaluate(x, problem)?;
            let (from, to) = (potential(&best), potential(&trial));
            if !(to < from) || !self.may_accept(&trial) {
                break;
            }
            previous = std::mem::replace(&mut best, trial);
            if to > from - 0.1 * gain {
                break;
            }
        }
        Ok(best)
    }
}
