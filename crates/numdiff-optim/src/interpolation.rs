//! Minimizers of the parabola and the cubic through what a search has seen.

/// The minimizer of the parabola with slope `m` at 0 and height `f` at `t`, both relative to the
/// value at 0.
pub(crate) fn parabola(m: f64, t: f64, f: f64) -> f64 {
    -m * t * t / (2.0 * (f - m * t))
}

/// The cubic m t + c2 t^2 + c3 t^3 through (a, fa) and (b, fb), heights relative to the value at 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cubic {
    m: f64,
    c2: f64,
    c3: f64,
}

impl Cubic {
    pub fn through(m: f64, (a, fa): (f64, f64), (b, fb): (f64, f64)) -> Option<Self> {
        let (ra, rb) = ((fa - m * a) / (a * a), (fb - m * b) / (b * b));
        let c3 = (rb - ra) / (b - a);
        let c2 = ra - c3 * a;
        (c2.is_finite() && c3.is_finite()).then_some(Cubic { m, c2, c3 })
    }

    pub fn at(&self, t: f64) -> f64 {
        t * (self.m + t * (self.c2 + t * self.c3))
    }

    pub fn slope(&self, t: f64) -> f64 {
        self.m + t * (2.0 * self.c2 + t * 3.0 * self.c3)
    }

    /// The local minimizer at positive t.
    pub fn minimizer(&self) -> Option<f64> {
        let discriminant = self.c2 * self.c2 - 3.0 * self.c3 * self.m;
        if discriminant < 0.0 {
            return None;
        }
        let root = discriminant.sqrt();
        // The form without cancellation.
        let t = if self.c2 > 0.0 {
            -self.m / (self.c2 + root)
        } else {
            (root - self.c2) / (3.0 * self.c3)
        };
        (t > 0.0 && t.is_finite()).then_some(t)
    }
}
