//! How far rounding can move the tutorial's difference, derived rather than guessed.
//!
//! Notation: u = 2⁻⁵³ is the unit roundoff, ulp(x) the distance between neighbors at x, h = 10⁻⁴
//! the step, D the computed `(f(x + h) - f(x - h)) / (2h)`. A central difference of a quadratic has
//! no truncation error, so that all of |D - f'| is rounding.

use crate::tutorial::H;

/// The unit roundoff of `f64`.
pub const U: f64 = f64::EPSILON / 2.0;

/// Bounds are computed in floating point themselves; this covers their own rounding.
const SLACK: f64 = 1.0 + 1e-9;

/// The distance from |x| to the next larger number.
pub fn ulp(x: f64) -> f64 {
    x.abs().next_up() - x.abs()
}

/// f(x) = Σ cᵢ xᵢ² + constant with cᵢ >= 0, evaluated as written: `(c * x) * x`, summed in order.
#[derive(Clone, Debug)]
pub struct Quadratic {
    /// cᵢ, half the second derivatives.
    pub curvatures: Vec<f64>,
    /// What is added at the end.
    pub constant: f64,
}

impl Quadratic {
    /// Without a constant.
    pub fn new(curvatures: impl Into<Vec<f64>>) -> Self {
        Self {
            curvatures: curvatures.into(),
            constant: 0.0,
        }
    }

    /// f(x).
    pub fn value<'a>(&self, x: impl IntoIterator<Item = &'a f64>) -> f64 {
        let terms = self.curvatures.iter().zip(x).map(|(c, x)| c * x * x);
        terms.sum::<f64>() + self.constant
    }

    /// The exact partial derivative 2cᵢxᵢ, correctly rounded but for one rounding.
    pub fn slope(&self, x: &[f64], i: usize) -> f64 {
        2.0 * self.curvatures[i] * x[i]
    }

    /// The largest |D - ∂f/∂xᵢ| that rounding allows at x.
    ///
    /// Three sources, for n terms and p = |xᵢ| + h:
    /// 1. f itself: each term has two roundings, the sums n more (the constant included), so each
    ///    of the two values is off by at most (n + 2) u F, where F is f at p with |constant|.
    /// 2. x ± h: both points are off by at most ulp(p)/2, so that the difference of the squares,
    ///    4xh exactly, is off by 2|x| ulp(p) + (2h + ulp(p)) ulp(p).
    /// 3. The subtraction and the division: 2u of the quotient, and u of the exact slope that the
    ///    result is compared with.
    pub fn difference_error(&self, x: &[f64], i: usize) -> f64 {
        let c = self.curvatures[i];
        let reach = x[i].abs() + H;
        let grain = ulp(reach * SLACK);
        let mut moved: Vec<f64> = x.to_vec();
        moved[i] = reach;
        let largest = self.value(&moved) - self.constant + self.constant.abs();
        let values = 2.0 * (x.len() as f64 + 2.0) * U * largest;
        let points = c * (2.0 * x[i].abs() * grain + (2.0 * H + grain) * grain);
        let quotient = (values + points) / (2.0 * H);
        (quotient * (1.0 + 3.0 * U) + 3.0 * U * self.slope(x, i).abs()) * SLACK
    }

    /// The largest distance between one computed update `next = x - rate * D` and the exact
    /// `(1 - 2 rate cᵢ) x`: the difference's error, and a rounding each of product and subtraction.
    pub fn update_error(&self, x: &[f64], next: &[f64], rate: f64, i: usize) -> f64 {
        let difference = self.difference_error(x, i);
        let product = U * rate * (self.slope(x, i).abs() + difference);
        (rate * difference + product + U * next[i].abs()) * SLACK
    }

    /// The factor 1 - 2 rate cᵢ of one update, and how far rounding can have moved it.
    pub fn factor(&self, rate: f64, i: usize) -> (f64, f64) {
        let product = 2.0 * rate * self.curvatures[i];
        let factor = 1.0 - product;
        (factor, U * (product + factor.abs()) * SLACK)
    }

    /// For each row of a descent's path: (1 - 2 rate cᵢ)ᵏ x₀ᵢ, and how far the computed row can be
    /// from it. The errors of all updates before are carried along, each multiplied by the factor
    /// of the later ones; the reference's own rounding is counted too.
    pub fn propagated(&self, path: &[Vec<f64>], rate: f64, i: usize) -> Vec<(f64, f64)> {
        let (factor, factor_error) = self.factor(rate, i);
        let mut exact = path[0][i];
        let mut bound = 0.0;
        let mut rows = vec![(exact, bound)];
        for pair in path.windows(2) {
            let rounding = factor_error * exact.abs() + U * (factor * exact).abs();
            bound = (factor.abs() + factor_error) * bound
                + self.update_error(&pair[0], &pair[1], rate, i)
                + rounding;
            bound *= SLACK;
            exact *= factor;
            rows.push((exact, bound));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ulp_is_the_gap_to_the_next_number() {
        assert_eq!(ulp(1.0), f64::EPSILON);
        assert_eq!(ulp(-1.5), f64::EPSILON);
        assert_eq!(ulp(1_099_511_627_776.0), 2.0_f64.powi(-12));
    }

    /// The bound is above what rounding does, and not by orders of magnitude: the worst of many
    /// points reaches a tenth of it.
    #[test]
    fn the_bound_is_tight() {
        let f = Quadratic::new([1.0, 2.5]);
        let worst = (1..2000)
            .map(|k| {
                let x = [f64::from(k) * 0.01, 3.0 - f64::from(k) * 0.003];
                let at = |t: f64| f.value(&[t, x[1]]);
                let difference = (at(x[0] + H) - at(x[0] - H)) / (2.0 * H);
                (difference - f.slope(&x, 0)).abs() / f.difference_error(&x, 0)
            })
            .fold(0.0, f64::max);
        assert!((0.1..=1.0).contains(&worst), "{worst}");
    }
}
