//! A reference problem: a function, where to start, and what its minimum is.

use crate::{Dual, Number};

/// Residuals r(x): the objective is the sum of their squares.
pub trait Residuals {
    /// r(x), m values.
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T>;
}

/// An objective that is no sum of squares.
pub trait Objective {
    /// f(x).
    fn evaluate<T: Number>(&self, x: &[T]) -> T;
}

/// Bounds on x.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Lower bounds; minus infinity for none.
    pub lower: Vec<f64>,
    /// Upper bounds; infinity for none.
    pub upper: Vec<f64>,
}

/// A problem of the reference set.
pub struct Problem {
    /// Short name with the dimension, such as `rosen_n2`.
    pub id: String,
    /// Full name.
    pub name: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// The standard start.
    pub start: Vec<f64>,
    /// The value of the best known minimum.
    pub minimum: f64,
    /// Values of other local minima at which a run may honestly end.
    pub others: Vec<f64>,
    /// The box, if there is one.
    pub bounds: Option<Bounds>,
    function: Box<dyn Erased + Send + Sync>,
}

trait Erased {
    fn residuals(&self, x: &[f64]) -> Option<Vec<f64>>;
    fn residuals_along(&self, x: &[Dual]) -> Option<Vec<Dual>>;
    fn value(&self, x: &[f64]) -> f64;
    fn value_along(&self, x: &[Dual]) -> f64;
}

struct Squares<R>(R);
struct Plain<F>(F);

impl<R: Residuals> Erased for Squares<R> {
    fn residuals(&self, x: &[f64]) -> Option<Vec<f64>> {
        Some(self.0.evaluate(x))
    }
    fn residuals_along(&self, x: &[Dual]) -> Option<Vec<Dual>> {
        Some(self.0.evaluate(x))
    }
    fn value(&self, x: &[f64]) -> f64 {
        self.0.evaluate(x).iter().map(|r| r * r).sum()
    }
    fn value_along(&self, x: &[Dual]) -> f64 {
        self.0
            .evaluate(x)
            .iter()
            .map(|r| 2.0 * r.value * r.slope)
            .sum()
    }
}

impl<F: Objective> Erased for Plain<F> {
    fn residuals(&self, _: &[f64]) -> Option<Vec<f64>> {
        None
    }
    fn residuals_along(&self, _: &[Dual]) -> Option<Vec<Dual>> {
        None
    }
    fn value(&self, x: &[f64]) -> f64 {
        self.0.evaluate(x)
    }
    fn value_along(&self, x: &[Dual]) -> f64 {
        self.0.evaluate(x).slope
    }
}

impl Problem {
    /// A sum of squares. `short` and the length of `start` make the id.
    pub fn squares(
        short: &str,
        name: &'static str,
        source: &'static str,
        residuals: impl Residuals + Send + Sync + 'static,
        start: Vec<f64>,
        minimum: f64,
    ) -> Self {
        Self::boxed(
            short,
            name,
            source,
            Box::new(Squares(residuals)),
            start,
            minimum,
        )
    }

    /// Any other objective.
    pub fn plain(
        short: &str,
        name: &'static str,
        source: &'static str,
        objective: impl Objective + Send + Sync + 'static,
        start: Vec<f64>,
        minimum: f64,
    ) -> Self {
        Self::boxed(
            short,
            name,
            source,
            Box::new(Plain(objective)),
            start,
            minimum,
        )
    }

    fn boxed(
        short: &str,
        name: &'static str,
        source: &'static str,
        function: Box<dyn Erased + Send + Sync>,
        start: Vec<f64>,
        minimum: f64,
    ) -> Self {
        let id = format!("{short}_n{}", start.len());
        Problem {
            id,
            name,
            source,
            start,
            minimum,
            others: Vec::new(),
            bounds: None,
            function,
        }
    }

    /// The same problem with further accepted local minima.
    pub fn with_others(mut self, others: &[f64]) -> Self {
        self.others = others.to_vec();
        self
    }

    /// The same problem in a box, with the start moved into it and the minimum inside it.
    pub fn with_bounds(mut self, lower: Vec<f64>, upper: Vec<f64>, minimum: f64) -> Self {
        for ((x, low), high) in self.start.iter_mut().zip(&lower).zip(&upper) {
            *x = x.clamp(*low, *high);
        }
        self.id.push_str("_box");
        self.minimum = minimum;
        self.others.clear();
        self.bounds = Some(Bounds { lower, upper });
        self
    }

    /// The same problem from another start.
    pub fn with_start(mut self, start: Vec<f64>) -> Self {
        self.start = start;
        self
    }

    /// Number of unknowns.
    pub fn n(&self) -> usize {
        self.start.len()
    }

    /// f(x).
    pub fn value(&self, x: &[f64]) -> f64 {
        self.function.value(x)
    }

    /// The gradient of f, by exact forward differentiation.
    pub fn gradient(&self, x: &[f64]) -> Vec<f64> {
        (0..x.len())
            .map(|j| self.function.value_along(&seeded(x, j)))
            .collect()
    }

    /// The residuals, where f is a sum of squares.
    pub fn residuals(&self, x: &[f64]) -> Option<Vec<f64>> {
        self.function.residuals(x)
    }

    /// The Jacobian of the residuals, row by row, by exact forward differentiation.
    pub fn jacobian(&self, x: &[f64]) -> Option<Vec<Vec<f64>>> {
        let columns: Option<Vec<Vec<Dual>>> = (0..x.len())
            .map(|j| self.function.residuals_along(&seeded(x, j)))
            .collect();
        let columns = columns?;
        let rows = columns.first()?.len();
        Some(
            (0..rows)
                .map(|i| columns.iter().map(|c| c[i].slope).collect())
                .collect(),
        )
    }

    /// The accepted minimum nearest to `value`: the one a run that ended there is judged by.
    pub fn nearest_minimum(&self, value: f64) -> f64 {
        let distance = |m: &f64| (value - m).abs();
        self.others
            .iter()
            .copied()
            .chain([self.minimum])
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
            .unwrap_or(self.minimum)
    }
}

fn seeded(x: &[f64], direction: usize) -> Vec<Dual> {
    x.iter()
        .enumerate()
        .map(|(i, &value)| Dual {
            value,
            slope: if i == direction { 1.0 } else { 0.0 },
        })
        .collect()
}
