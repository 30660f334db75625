//! The methods that can be measured, by the name given on the command line.

use super::formula::Formula;
use ndarray::{Array1, Array2};
use numdiff_core::{Adaptive, Error, Estimate, FiniteDifference};
use std::cell::Cell;

/// A method to measure.
#[derive(Clone, Debug)]
pub struct Measured {
    /// As it stands in the table.
    pub name: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Adaptive(Adaptive),
    /// The level of noise(x) in the formula is declared.
    Declared(Adaptive),
    Fixed(FiniteDifference),
}

/// No method has this name.
#[derive(Debug, thiserror::Error)]
#[error(
    "no method is called {name:?}; known are adaptive, adaptive-declared, forward, backward, central, central4, central6, central8"
)]
pub struct MethodError {
    name: String,
}

impl Measured {
    /// The adaptive method at its defaults.
    pub fn adaptive() -> Measured {
        Measured {
            name: "adaptive".into(),
            kind: Kind::Adaptive(Adaptive::new()),
        }
    }

    /// The adaptive method that stops at a relative error.
    pub fn adaptive_to(rtol: f64) -> Measured {
        Measured {
            name: format!("adaptive rtol={rtol:e}"),
            kind: Kind::Adaptive(Adaptive::new().with_tolerance(rtol)),
        }
    }

    /// By name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn named(name: &str) -> Result<Measured, MethodError> {
        let kind = match name {
            "adaptive" => Kind::Adaptive(Adaptive::new()),
            "adaptive-declared" => Kind::Declared(Adaptive::new()),
            "forward" => Kind::Fixed(FiniteDifference::forward()),
            "backward" => Kind::Fixed(FiniteDifference::backward()),
            "central" => Kind::Fixed(FiniteDifference::central()),
            "central4" => Kind::Fixed(FiniteDifference::central().with_accuracy(4)),
            "central6" => Kind::Fixed(FiniteDifference::central().with_accuracy(6)),
            "central8" => Kind::Fixed(FiniteDifference::central().with_accuracy(8)),
            _ => return Err(MethodError { name: name.into() }),
        };
        Ok(Measured {
            name: name.into(),
            kind,
        })
    }

    pub(super) fn derivative(&self, formula: &Formula, x: f64, order: usize) -> Answer {
        let calls = Cell::new(0_usize);
        let f = |x: f64| {
            calls.set(calls.get() + 1);
            formula.eval(x)
        };
        match &self.kind {
            Kind::Adaptive(adaptive) => Answer::of(adaptive.nth_derivative(f, x, order), &calls),
            Kind::Declared(adaptive) => {
                let adaptive = match formula.noise_level() {
                    Some(level) => adaptive.clone().with_noise(level),
                    None => adaptive.clone(),
                };
                Answer::of(adaptive.nth_derivative(f, x, order), &calls)
            }
            Kind::Fixed(fixed) => Answer::plain(fixed.nth_derivative(f, x, order), &calls),
        }
    }

    pub(super) fn gradient(&self, f: impl Fn(&[f64]) -> f64, x: &Array1<f64>) -> Answers {
        let f = |x: &Array1<f64>| f(&x.to_vec());
        match &self.kind {
            Kind::Adaptive(a) | Kind::Declared(a) => Answers::of(a.gradient(f, x)),
            Kind::Fixed(fixed) => {
                let calls = Cell::new(0_usize);
                let counted = |x: &Array1<f64>| {
                    calls.set(calls.get() + 1);
                    f(x)
                };
                let found = fixed.gradient(counted, x);
                Answers::plain(found.map(|g| g.into_raw_vec_and_offset().0), &calls)
            }
        }
    }

    pub(super) fn jacobian(&self, f: impl Fn(&[f64]) -> Vec<f64>, x: &Array1<f64>) -> Answers {
        let f = |x: &Array1<f64>| f(&x.to_vec());
        match &self.kind {
            Kind::Adaptive(a) | Kind::Declared(a) => Answers::of(a.jacobian(f, x)),
            Kind::Fixed(fixed) => {
                let calls = Cell::new(0_usize);
                let counted = |x: &Array1<f64>| {
                    calls.set(calls.get() + 1);
                    f(x)
                };
                let found: Result<Array2<f64>, Error> = fixed.jacobian(counted, x);
                Answers::plain(found.map(|j| j.iter().copied().collect()), &calls)
            }
        }
    }

    pub(super) fn hessian(&self, f: impl Fn(&[f64]) -> f64, x: &Array1<f64>) -> Answers {
        let f = |x: &Array1<f64>| f(&x.to_vec());
        match &self.kind {
            Kind::Adaptive(a) | Kind::Declared(a) => Answers::of(a.hessian(f, x)),
            Kind::Fixed(fixed) => {
                let calls = Cell::new(0_usize);
                let counted = |x: &Array1<f64>| {
                    calls.set(calls.get() + 1);
                    f(x)
                };
                let found: Result<Array2<f64>, Error> = fixed.hessian(counted, x);
                Answers::plain(found.map(|h| h.iter().copied().collect()), &calls)
            }
        }
    }
}

/// One derivative.
pub(super) struct Answer {
    pub value: f64,
    pub estimate: f64,
    pub evaluations: usize,
    pub trusted: bool,
    pub status: String,
}

impl Answer {
    fn of(found: Result<Estimate<f64>, Error>, calls: &Cell<usize>) -> Answer {
        match found {
            Ok(found) => Answer {
                value: found.value,
                estimate: found.error,
                evaluations: found.evaluations,
                trusted: found.status.is_trusted(),
                status: format!("{:?}", found.status),
            },
            Err(error) => Answer::failed(&error, calls.get(), f64::INFINITY),
        }
    }

    fn plain(found: Result<f64, Error>, calls: &Cell<usize>) -> Answer {
        match found {
            Ok(value) => Answer {
                value,
                estimate: f64::NAN,
                evaluations: calls.get(),
                trusted: true,
                status: "Fixed stencil".into(),
            },
            Err(error) => Answer::failed(&error, calls.get(), f64::NAN),
        }
    }

    /// An error is an answer that says so: no value, flagged.
    fn failed(error: &Error, evaluations: usize, estimate: f64) -> Answer {
        Answer {
            value: f64::NAN,
            estimate,
            evaluations,
            trusted: false,
            status: error.to_string(),
        }
    }
}

/// An array of derivatives, row by row.
pub(super) struct Answers {
    pub values: Vec<f64>,
    pub estimates: Vec<f64>,
    pub evaluations: usize,
    pub trusted: bool,
    pub status: String,
}

impl Answers {
    fn of<D: ndarray::Dimension>(
        found: Result<Estimate<ndarray::Array<f64, D>>, Error>,
    ) -> Answers {
        match found {
            Ok(found) => Answers {
                values: found.value.iter().copied().collect(),
                estimates: found.error.iter().copied().collect(),
                evaluations: found.evaluations,
                trusted: found.status.is_trusted(),
                status: format!("{:?}", found.status),
            },
            Err(error) => Answers::failed(&error, 0),
        }
    }

    fn plain(found: Result<Vec<f64>, Error>, calls: &Cell<usize>) -> Answers {
        match found {
            Ok(values) => Answers {
                estimates: vec![f64::NAN; values.len()],
                values,
                evaluations: calls.get(),
                trusted: true,
                status: "Fixed stencil".into(),
            },
            Err(error) => Answers::failed(&error, calls.get()),
        }
    }

    fn failed(error: &Error, evaluations: usize) -> Answers {
        Answers {
            values: Vec::new(),
            estimates: Vec::new(),
            evaluations,
            trusted: false,
            status: error.to_string(),
        }
    }
}
