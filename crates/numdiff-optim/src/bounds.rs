//! The box that x stays in.

/// A box; empty for none.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Bounds {
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl Bounds {
    pub fn new(lower: Vec<f64>, upper: Vec<f64>) -> Self {
        Bounds { lower, upper }
    }

    /// How many unknowns have a bound, if only an infinite one.
    pub fn len(&self) -> usize {
        self.lower.len()
    }

    pub fn is_none(&self) -> bool {
        self.lower.is_empty()
    }

    #[inline]
    pub fn lower(&self, i: usize) -> f64 {
        self.lower.get(i).copied().unwrap_or(f64::NEG_INFINITY)
    }

    #[inline]
    pub fn upper(&self, i: usize) -> f64 {
        self.upper.get(i).copied().unwrap_or(f64::INFINITY)
    }

    /// The bound that a step of this sign goes to.
    #[inline]
    pub fn ahead(&self, i: usize, step: f64) -> f64 {
        match step > 0.0 {
            true => self.upper(i),
            false => self.lower(i),
        }
    }

    #[inline]
    pub fn clamp(&self, i: usize, v: f64) -> f64 {
        if self.is_none() {
            v
        } else {
            v.clamp(self.lower(i), self.upper(i))
        }
    }

    /// x + `step`, moved into the box; a bound that it misses by the rounding of the sum is met.
    #[inline]
    pub fn moved(&self, i: usize, x: f64, step: f64) -> f64 {
        let to = self.clamp(i, x + step);
        if self.is_none() {
            return to;
        }
        let bound = self.ahead(i, step);
        let rounding = 2.0 * f64::EPSILON * x.abs().max(step.abs());
        match step != 0.0 && (bound - to).abs() <= rounding {
            true => bound,
            false => to,
        }
    }

    /// The distance from x to the nearer bound.
    pub fn room(&self, i: usize, x: f64) -> f64 {
        (x - self.lower(i)).min(self.upper(i) - x)
    }

    pub fn is_fixed(&self, i: usize) -> bool {
        !self.is_none() && self.lower(i) == self.upper(i)
    }

    pub fn slices(&self) -> Option<(&[f64], &[f64])> {
        (!self.is_none()).then_some((&self.lower[..], &self.upper[..]))
    }

    /// The box seen from x.
    pub fn around(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let side = |i: usize, x: f64| (self.lower(i) - x, self.upper(i) - x);
        x.iter().enumerate().map(|(i, x)| side(i, *x)).unzip()
    }

    /// Whether coordinate `i` may follow the negative gradient.
    pub fn is_free(&self, i: usize, x: f64, g: f64) -> bool {
        self.is_none()
            || !(self.is_fixed(i)
                || (x <= self.lower(i) && g >= 0.0)
                || (x >= self.upper(i) && g <= 0.0))
    }

    /// x + t p, moved into the box.
    pub fn along(&self, x: &[f64], p: &[f64], t: f64) -> Vec<f64> {
        x.iter()
            .zip(p)
            .enumerate()
            .map(|(i, (x, p))| self.moved(i, *x, t * p))
            .collect()
    }

    /// The gradient with the components that push against a bound removed.
    pub fn projected(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        x.iter()
            .zip(g)
            .enumerate()
            .map(|(i, (&x, &g))| if self.is_free(i, x, g) { g } else { 0.0 })
            .collect()
    }

    /// Bounds that hold x and are pushed against.
    pub fn active(&self, x: &[f64], g: &[f64]) -> usize {
        (0..x.len())
            .filter(|&i| !self.is_free(i, x[i], g[i]))
            .count()
    }
}
