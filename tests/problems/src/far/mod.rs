//! Ordinary fits and likelihoods from far starts, drawn from a seed: parameters, data and starts.

mod fits;
mod likelihoods;
pub(crate) mod stream;

use stream::Stream;

/// A start where f is at least this many times its minimum is far.
const FAR: f64 = 1e3;
/// Beyond, squares overflow on the way.
const OVERFLOW: f64 = 1e120;

type Value = Box<dyn Fn(&[f64]) -> f64>;
type Residuals = Box<dyn Fn(&[f64]) -> Vec<f64>>;

/// A function to be minimized from a far start.
pub struct Far {
    /// Its family.
    pub name: &'static str,
    /// The far start.
    pub start: Vec<f64>,
    /// A start near the minimum, from which the least value is found: the parameters that the data were drawn from.
    pub near: Vec<f64>,
    /// Whether other minima are known where these parameters are: as of a peak that is narrower than the distance
    /// of two points.
    pub has_others: fn(&[f64]) -> bool,
    function: Function,
}

enum Function {
    Sum(Residuals),
    Value(Value),
}

/// Residuals at a point.
pub type ResidualFunction = dyn Fn(&[f64]) -> Vec<f64>;

impl Far {
    /// The residuals, where it is a fit.
    pub fn residuals(&self) -> Option<&ResidualFunction> {
        match &self.function {
            Function::Sum(residuals) => Some(residuals),
            Function::Value(_) => None,
        }
    }

    /// What is minimized: the sum of squares of a fit.
    pub fn value(&self, x: &[f64]) -> f64 {
        match &self.function {
            Function::Sum(residuals) => residuals(x).iter().map(|r| r * r).sum(),
            Function::Value(value) => value(x),
        }
    }

    fn is_far(&self) -> bool {
        let (there, here) = (self.value(&self.start), self.value(&self.near));
        there.is_finite() && there < OVERFLOW && there - here > FAR * here.abs()
    }
}

/// One of each family, drawn from `seed`: the fits first.
pub fn far(seed: u64) -> Vec<Far> {
    let mut stream = Stream::new(seed);
    let mut all = Vec::new();
    for draw in fits::FAMILIES.iter().chain(likelihoods::FAMILIES) {
        // A start near by chance is drawn again.
        let drawn = (0..100).map(|_| draw(&mut stream)).find(Far::is_far);
        all.extend(drawn);
    }
    all
}
