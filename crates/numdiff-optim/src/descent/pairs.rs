//! The pairs of limited-memory BFGS.

use std::collections::VecDeque;

/// The last pairs, applied by the two-loop recursion (Nocedal and Wright, algorithm 7.4).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Pairs {
    memory: usize,
    list: VecDeque<Pair>,
    /// y^T y / s^T y of the last pair: the scale of the Hessian.
    scale: f64,
}

#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Pair {
    pub s: Vec<f64>,
    pub y: Vec<f64>,
    pub ys: f64,
    alpha: f64,
}

impl Pairs {
    pub fn new(memory: usize) -> Self {
        Pairs {
            memory,
            list: VecDeque::new(),
            scale: 1.0,
        }
    }

    pub fn reset(&mut self) {
        self.list.clear();
        self.scale = 1.0;
    }

    /// theta of L-BFGS-B.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    pub fn list(&self) -> &VecDeque<Pair> {
        &self.list
    }

    /// p = -H g. Reads each pair twice and p four times a pair; writes p twice a pair.
    pub fn two_loops(&mut self, g: &[f64], p: &mut [f64]) {
        let Some(last) = self.list.len().checked_sub(1) else {
            p.iter_mut().zip(g).for_each(|(p, g)| *p = -g);
            return;
        };
        // The pass that negates g already projects on the last pair, and each pass that subtracts a
        // pair projects on the next: one pass over memory less for each pair.
        let newest = &self.list[last];
        let mut projection = map_and_project(p, g, &newest.s, |_, g| -g);
        for k in (0..=last).rev() {
            let alpha = projection / self.list[k].ys;
            self.list[k].alpha = alpha;
            projection = match k.checked_sub(1) {
                Some(before) => {
                    subtract_and_project(p, alpha, &self.list[k].y, &self.list[before].s)
                }
                None => {
                    let inverse = 1.0 / self.scale;
                    let y = &self.list[0].y;
                    map_and_project(p, y, y, |p, y| inverse * (p - alpha * y))
                }
            };
        }
        for k in 0..=last {
            let beta = self.list[k].alpha - projection / self.list[k].ys;
            projection = match self.list.get(k + 1) {
                Some(next) => subtract_and_project(p, -beta, &self.list[k].s, &next.y),
                None => {
                    p.iter_mut()
                        .zip(&self.list[k].s)
                        .for_each(|(p, s)| *p += beta * s);
                    0.0
                }
            };
        }
    }

    /// Takes s and y, and leaves buffers of the same length in their place.
    pub fn learn(&mut self, s: &mut Vec<f64>, y: &mut Vec<f64>, products: [f64; 3]) {
        let [ys, yy, ss] = products;
        // Never a pair without curvature; eps above rounding, as in L-BFGS-B.
        if !(ys > f64::EPSILON * (yy * ss).sqrt()) {
            return;
        }
        let full = self.list.len() == self.memory;
        let mut pair = if full { self.list.pop_front() } else { None }.unwrap_or_default();
        pair.s.resize(s.len(), 0.0);
        pair.y.resize(y.len(), 0.0);
        std::mem::swap(&mut pair.s, s);
        std::mem::swap(&mut pair.y, y);
        pair.ys = ys;
        self.list.push_back(pair);
        self.scale = yy / ys;
    }
}

/// p <- p - alpha a; returns b^T p.
fn subtract_and_project(p: &mut [f64], alpha: f64, a: &[f64], b: &[f64]) -> f64 {
    map_and_project(p, a, b, |p, a| p - alpha * a)
}

/// p <- map(p, a) element by element; returns b^T p. Four sums, so that the additions do not wait for one another.
fn map_and_project(p: &mut [f64], a: &[f64], b: &[f64], map: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; 4];
    let n = p.len() / 4 * 4;
    let (head, tail) = p.split_at_mut(n);
    for ((p, a), b) in head
        .chunks_exact_mut(4)
        .zip(a.chunks_exact(4))
        .zip(b.chunks_exact(4))
    {
        for j in 0..4 {
            p[j] = map(p[j], a[j]);
            sums[j] += b[j] * p[j];
        }
    }
    let mut rest = 0.0;
    for ((p, a), b) in tail.iter_mut().zip(&a[n..]).zip(&b[n..]) {
        *p = map(*p, *a);
        rest += b * *p;
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
