//! The direction of L-BFGS-B.

use super::pairs::Pairs;
use crate::bounds::Bounds;
use crate::matrix::{add, difference, dot, solve_general};

/// The step to the minimizer of the limited-memory model in the box: the generalized Cauchy point along
/// the projected gradient, then the model's minimizer over the coordinates that are free there (Byrd, Lu,
/// Nocedal, Zhu, SIAM J. Sci. Comput. 16 (1995) 1190-1208, algorithm CP and the direct primal method; the
/// end projected as in Morales, Nocedal, ACM TOMS 38 (2011) 7).
pub(crate) fn direction(descent: &Pairs, bounds: &Bounds, x: &[f64], g: &[f64], p: &mut [f64]) {
    let model = Model::new(descent);
    let (cauchy, c) = cauchy_point(&model, bounds, x, g);
    let end = subspace(&model, bounds, x, g, &cauchy, &c).unwrap_or_else(|| cauchy.clone());
    p.copy_from_slice(&difference(&end, x));
    if dot(g, p) >= 0.0 {
        p.copy_from_slice(&difference(&cauchy, x));
    }
}

/// B = theta I - W M W^T with W = [Y, theta S].
struct Model<'a> {
    descent: &'a Pairs,
    theta: f64,
    m: usize,
    /// The inverse of M, 2m x 2m.
    inverse: Vec<f64>,
}

impl<'a> Model<'a> {
    fn new(descent: &'a Pairs) -> Self {
        let pairs = descent.list();
        let (m, theta) = (pairs.len(), descent.scale());
        let mut inverse = vec![0.0; 4 * m * m];
        for i in 0..m {
            inverse[i * 2 * m + i] = -pairs[i].ys;
            for j in 0..m {
                if i > j {
                    let l = dot(&pairs[i].s, &pairs[j].y);
                    inverse[(m + i) * 2 * m + j] = l;
                    inverse[j * 2 * m + m + i] = l;
                }
                inverse[(m + i) * 2 * m + m + j] = theta * dot(&pairs[i].s, &pairs[j].s);
            }
        }
        Model {
            descent,
            theta,
            m,
            inverse,
        }
    }

    /// Row i of W.
    fn row(&self, i: usize) -> Vec<f64> {
        let pairs = self.descent.list();
        let y = pairs.iter().map(|pair| pair.y[i]);
        y.chain(pairs.iter().map(|pair| self.theta * pair.s[i]))
            .collect()
    }

    /// W^T v.
    fn project(&self, v: &[f64]) -> Vec<f64> {
        let pairs = self.descent.list();
        let y = pairs.iter().map(|pair| dot(&pair.y, v));
        y.chain(pairs.iter().map(|pair| self.theta * dot(&pair.s, v)))
            .collect()
    }

    /// M v; zeros where the model is degenerate.
    fn apply(&self, v: &[f64]) -> Vec<f64> {
        solve_general(self.inverse.clone(), 2 * self.m, v.to_vec())
            .unwrap_or_else(|| vec![0.0; 2 * self.m])
    }
}

/// The first minimizer of the model along the projected gradient, and W^T (cauchy - x).
fn cauchy_point(model: &Model<'_>, bounds: &Bounds, x: &[f64], g: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = x.len();
    let breaks: Vec<f64> = (0..n)
        .map(|i| match g[i] {
            g if g.abs() > 0.0 => (x[i] - bounds.ahead(i, -g)) / g,
            _ => f64::INFINITY,
        })
        .collect();
    let mut d: Vec<f64> = (0..n)
        .map(|i| if breaks[i] > 0.0 { -g[i] } else { 0.0 })
        .collect();
    let mut order: Vec<usize> = (0..n)
        .filter(|&i| breaks[i] > 0.0 && breaks[i].is_finite())
        .collect();
    order.sort_by(|&i, &j| breaks[i].total_cmp(&breaks[j]));
    let mut cauchy = x.to_vec();
    let mut p = model.project(&d);
    let mut c = vec![0.0; 2 * model.m];
    let mut slope = -dot(&d, &d);
    let mut curvature = -model.theta * slope - dot(&p, &model.apply(&p));
    let (mut least, mut passed) = (-slope / curvature, 0.0);
    for b in order {
        let leg = breaks[b] - passed;
        if least < leg || !(slope < 0.0) {
            break;
        }
        cauchy[b] = bounds.ahead(b, d[b]);
        let z = cauchy[b] - x[b];
        add(&mut c, leg, &p);
        let (w, gb) = (model.row(b), g[b]);
        let (mc, mp, mw) = (model.apply(&c), model.apply(&p), model.apply(&w));
        slope += leg * curvature + gb * gb + model.theta * gb * z - gb * dot(&w, &mc);
        curvature -= model.theta * gb * gb + 2.0 * gb * dot(&w, &mp) + gb * gb * dot(&w, &mw);
        add(&mut p, gb, &w);
        d[b] = 0.0;
        passed = breaks[b];
        least = match curvature > 0.0 {
            true => -slope / curvature,
            false => 0.0,
        };
    }
    least = match least.is_finite() {
        true => least.max(0.0),
        false => 0.0,
    };
    add(&mut c, least, &p);
    for i in 0..n {
        if d[i] != 0.0 {
            cauchy[i] = bounds.clamp(i, x[i] + (passed + least) * d[i]);
        }
    }
    (cauchy, c)
}

/// The minimizer of the model over the free coordinates, moved into the box.
fn subspace(
    model: &Model<'_>,
    bounds: &Bounds,
    x: &[f64],
    g: &[f64],
    cauchy: &[f64],
    c: &[f64],
) -> Option<Vec<f64>> {
    let free: Vec<usize> = (0..x.len())
        .filter(|&i| cauchy[i] > bounds.lower(i) && cauchy[i] < bounds.upper(i))
        .collect();
    let (theta, k) = (model.theta, 2 * model.m);
    let mc = model.apply(c);
    let rows: Vec<Vec<f64>> = free.iter().map(|&i| model.row(i)).collect();
    let r: Vec<f64> = free
        .iter()
        .zip(&rows)
        .map(|(&i, w)| g[i] + theta * (cauchy[i] - x[i]) - dot(w, &mc))
        .collect();
    let mut step: Vec<f64> = r.iter().map(|r| -r / theta).collect();
    if k > 0 {
        let mut wr = vec![0.0; k];
        let mut gram = vec![0.0; k * k];
        for (w, r) in rows.iter().zip(&r) {
            for a in 0..k {
                wr[a] += w[a] * r;
                (0..k).for_each(|b| gram[a * k + b] += w[a] * w[b] / theta);
            }
        }
        // (I - M gram)^{-1} M wr = (M^{-1} - gram)^{-1} wr.
        let system: Vec<f64> = model
            .inverse
            .iter()
            .zip(&gram)
            .map(|(a, b)| a - b)
            .collect();
        let v = solve_general(system, k, wr)?;
        for (step, w) in step.iter_mut().zip(&rows) {
            *step -= dot(w, &v) / (theta * theta);
        }
    }
    let mut end = cauchy.to_vec();
    for (&i, step) in free.iter().zip(&step) {
        end[i] = bounds.clamp(i, cauchy[i] + step);
    }
    let slope: f64 = (0..x.len()).map(|i| g[i] * (end[i] - x[i])).sum();
    if slope < 0.0 {
        return Some(end);
    }
    // The projection spoiled the descent: only as far as the box allows.
    let mut share: f64 = 1.0;
    for (&i, &step) in free.iter().zip(&step) {
        if step != 0.0 {
            share = share.min((bounds.ahead(i, step) - cauchy[i]) / step);
        }
    }
    for (&i, step) in free.iter().zip(&step) {
        end[i] = bounds.clamp(i, cauchy[i] + share * step);
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::axis;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    /// The Cauchy point is the first minimizer of the model on the path of the projected gradient, found here by walking
    /// along it; the step after it ends where the model is least over the free coordinates.
    #[test]
    fn both_steps_end_at_minima_of_the_model() {
        let mut stream = ChaCha8Rng::seed_from_u64(48);
        let mut uniform = || (stream.next_u64() >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
        let (mut bent, mut least) = (0, 0);
        for round in 0..60 {
            let n = 2 + round % 5;
            let mut draw = |scale: f64| (0..n).map(|_| scale * uniform()).collect::<Vec<f64>>();
            let bends: Vec<f64> = draw(1.0).iter().map(|e| 10f64.powf(*e)).collect();
            let mut pairs = Pairs::new(3);
            for _ in 0..round % 4 {
                let mut s = draw(1.0);
                let mut y: Vec<f64> = s.iter().zip(&bends).map(|(s, b)| s * b).collect();
                let products = [dot(&y, &s), dot(&y, &y), dot(&s, &s)];
                pairs.learn(&mut s, &mut y, products);
            }
            let (g, x, room) = (draw(1.0), vec![0.0; n], draw(0.5));
            let room: Vec<f64> = room.iter().map(|r| 0.02 + r.abs()).collect();
            let bounds = Bounds::new(room.iter().map(|r| -r).collect(), room);
            let model = Model::new(&pairs);
            let value = |p: &[f64]| {
                let w = model.project(p);
                dot(&g, p) + 0.5 * (model.theta * dot(p, p) - dot(&w, &model.apply(&w)))
            };
            let at = |t: f64| value(&bounds.along(&x, &g, -t));
            let (cauchy, c) = cauchy_point(&model, &bounds, &x, &g);
            // No direction bends the model by more than the trace of its Hessian.
            let trace: f64 = (0..n).map(|i| 2.0 * (value(&axis(n, i)) - g[i])).sum();
            let (mut t, mut step, mut walked) = (0.0f64, 1e-2 / trace, 0.0);
            for _ in 0..4 {
                while at(t + step) < at(t) {
                    t += step;
                }
                walked = at(t);
                t = (t - step).max(0.0);
                step *= 0.1;
            }
            // The slope is nowhere steeper than at the start; the last steps were ten times longer.
            let between = 10.0 * step * dot(&g, &g);
            let found = value(&cauchy);
            assert!((found - walked).abs() <= between, "{found} {walked}");
            let projected = model.project(&cauchy);
            let off = difference(&c, &projected);
            assert!(off.iter().all(|d| d.abs() <= 1e-12 * (1.0 + model.theta)));
            // From there the model is least over what is free, where no bound is met.
            let end = subspace(&model, &bounds, &x, &g, &cauchy, &c).unwrap();
            let inside = |i: &usize| bounds.clamp(*i, 1.01 * cauchy[*i]) == 1.01 * cauchy[*i];
            let free: Vec<usize> = (0..n).filter(inside).collect();
            if free
                .iter()
                .all(|&i| bounds.clamp(i, 1.01 * end[i]) == 1.01 * end[i])
            {
                for &i in &free {
                    let beside = |h: f64| {
                        let mut x = end.clone();
                        x[i] += h;
                        value(&x)
                    };
                    let slope = (beside(1e-3) - beside(-1e-3)) / 2e-3;
                    assert!(slope.abs() <= 1e-9 * (1.0 + trace), "{slope}");
                    least += 1;
                }
            }
            bent += usize::from((0..n).any(|i| bounds.clamp(i, 2.0 * cauchy[i]) == cauchy[i]));
        }
        assert!(bent > 15 && least > 30, "{bent} {least}");
    }
}
