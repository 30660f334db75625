//! How far rounding and truncation can move the numerical gradient of a softmax cross-entropy,
//! −Σ tₖ ln(yₖ + ε) with y = softmax(x W) and Σ tₖ = 1.
//!
//! Along one logit, with s = ln yₖ and r = yₖ/(yₖ + ε) in (0, 1), the loss is φ(s) = −ln(eˢ + ε):
//! φ′ = −r, |φ″| = r(1 − r) <= 1/4, |φ‴| = r(1 − r)|1 − 2r| <= 1/(6√3); and |s′| <= 1,
//! |s″| = y(1 − y) <= 1/4, |s‴| = y(1 − y)|1 − 2y| <= 1/(6√3). By the chain rule
//! |L″| <= |φ″| + |φ′ s″| <= 1/2 and |L‴| <= |φ‴| + 3|φ″ s″| + |s‴| <= 0.38, everywhere, and a mix
//! over k or over samples keeps both. Along one weight the logit moves by x per unit: multiply by
//! x² and |x|³.

use crate::bounds::{U, ulp};

/// Bound of the second derivative by a logit.
pub const SECOND: f64 = 0.5;
/// Bound of the third derivative by a logit.
pub const THIRD: f64 = 0.38;

/// The sizes that the rounding of a loss depends on.
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxLoss {
    /// Samples.
    pub samples: usize,
    /// Inputs.
    pub inputs: usize,
    /// Classes.
    pub classes: usize,
    /// The largest Σᵢ |xᵢ Wᵢⱼ|, which no logit exceeds.
    pub logit: f64,
    /// The largest −ln(yₖ + ε) that counts.
    pub loss: f64,
}

impl SoftmaxLoss {
    /// The largest error of a computed loss, in absolute terms.
    ///
    /// A logit of n inputs is off by n u of `logit`, and subtracting the largest one by 2u of it;
    /// either moves ln y by twice that. The exponentials (1 ulp each), their sum, the division and
    /// adding ε move it by (classes + 5) u. The logarithm is off by an ulp of itself, and the weighted
    /// sum over classes and the mean over samples by u for each term.
    pub fn value_error(self) -> f64 {
        let logits = 2.0 * (self.inputs as f64 + 2.0) * self.logit;
        let softmax = self.classes as f64 + 5.0;
        let sums = (2 + self.classes + self.samples) as f64 * self.loss;
        U * (logits + softmax + sums) * (1.0 + 1e-9)
    }

    /// The largest distance between the central difference by a weight w with input x, nominal
    /// divisor, and the derivative g: truncation, rounding of both losses, of w ± h, and of the
    /// quotient.
    pub fn difference_error(self, x: f64, w: f64, g: f64, h: f64) -> f64 {
        let truncation = h * h / 6.0 * THIRD * x.abs().powi(3);
        let moved = Self {
            logit: self.logit + h * x.abs(),
            loss: self.loss + h * x.abs(),
            ..self
        };
        let values = moved.value_error() / h;
        // The slope between w and w ± h differs from g by h x² / 2 at most.
        let slope = g.abs() + SECOND * h * x * x;
        let points = slope * ulp(w.abs() + h) / (2.0 * h);
        truncation + values + points + 3.0 * U * slope
    }
}
