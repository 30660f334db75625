//! Minimizers of the parabola and the cubic through what a search has seen.

/// The minimizer of the parabola with slope `m` at 0 and height `f` at `t`, both relative to the
/// value at 0.
fn parabola(m: f64, t: f64, f: f64) -> f64 {
    -m * t * t / (2.0 * (f - m * t))
}

/// A trial shorter than the one at `t`, where f has moved by `change` along a slope `m`: by the cubic through the trial
/// before, or by the parabola, between these shares of t; the least where f is not finite.
pub(crate) fn shorter(
    m: f64,
    (t, change): (f64, f64),
    before: Option<(f64, f64)>,
    (least, most): (f64, f64),
) -> f64 {
    if !change.is_finite() {
        return least * t;
    }
    let cubic = before.and_then(|before| Cubic::through(m, (t, change), before));
    let cubic = cubic.and_then(|cubic| cubic.minimizer());
    let candidate = cubic.unwrap_or_else(|| parabola(m, t, change));
    match candidate.is_finite() {
        true => candidate.clamp(least * t, most * t),
        false => most * t,
    }
}

/// Shares of a trial that the next may have (Dennis and Schnabel, algorithm A6.3.1).
pub(crate) const SHORTER: (f64, f64) = (0.1, 0.5);

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
