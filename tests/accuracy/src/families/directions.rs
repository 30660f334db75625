//! Derivatives along directions that are not powers of two, at points of different sizes.

use super::smooth::one;
use super::{Draw, Entry, Trial};
use ndarray::Array1;
use numdiff_core::{Adaptive, Status};

pub(super) const FAMILIES: &[Entry] = &[
    ("directional, one coordinate", true, |draw| {
        directional(draw, 1)
    }),
    ("directional, two coordinates", true, |draw| {
        directional(draw, 2)
    }),
    ("directional, three to eight coordinates", true, |draw| {
        let n = 3 + draw.below(6);
        directional(draw, n)
    }),
    ("directional, |x| up to 1", true, near),
    ("Jacobian-vector product", true, jacobian_vector),
    (
        "Hessian-vector product from a gradient",
        true,
        hessian_vector,
    ),
];

/// f, f' and f'' of a term that is smooth at every x.
type Term = fn(f64) -> [f64; 3];

const TERMS: [Term; 5] = [
    |x| [x.sin(), x.cos(), -x.sin()],
    |x| [x.cos(), -x.sin(), -x.cos()],
    |x| {
        let d = 1.0 / (1.0 + x * x);
        [x.atan(), d, -2.0 * x * d * d]
    },
    |x| {
        let r = (1.0 + x * x).sqrt();
        [r, x / r, 1.0 / (r * r * r)]
    },
    |x| {
        let d = 1.0 / (1.0 + x * x);
        [(x * x).ln_1p(), 2.0 * x * d, 2.0 * (1.0 - x * x) * d * d]
    },
];

/// A sum of terms of one coordinate each, and of products of neighbors.
struct Sum {
    terms: Vec<(f64, Term)>,
    x: Array1<f64>,
    v: Array1<f64>,
}

impl Sum {
    fn draw(draw: &mut Draw, n: usize, largest: f64) -> Sum {
        let terms = (0..n)
            .map(|_| (draw.sign() * draw.spread(0.1, 1.0), TERMS[draw.below(5)]))
            .collect();
        let x = (0..n).map(|_| draw.sign() * draw.spread(1e-3 * largest, largest));
        let x = x.collect();
        let v = (0..n).map(|_| draw.entry()).collect();
        Sum { terms, x, v }
    }

    fn value(&self, x: &Array1<f64>) -> f64 {
        self.gradient_and_value(x).1
    }

    fn gradient_and_value(&self, x: &Array1<f64>) -> (Array1<f64>, f64) {
        let mut value = 0.0;
        let gradient = x.iter().zip(&self.terms).map(|(&x, (c, g))| {
            let [f, d, _] = g(x);
            value += c * f;
            c * d
        });
        (gradient.collect(), value)
    }

    fn describe(&self) -> String {
        let signature: Vec<_> = self.terms.iter().map(|(c, g)| (*c, g(0.5)[0])).collect();
        format!("x {} v {} terms {signature:?}", self.x, self.v)
    }
}

fn directional(draw: &mut Draw, n: usize) -> Trial {
    along(&Sum::draw(draw, n, 1e3))
}

fn near(draw: &mut Draw) -> Trial {
    let n = 1 + draw.below(5);
    along(&Sum::draw(draw, n, 1.0))
}

fn along(sum: &Sum) -> Trial {
    let truth = sum.gradient_and_value(&sum.x).0.dot(&sum.v);
    let found = Adaptive::new().directional(|x: &Array1<f64>| sum.value(x), &sum.x, &sum.v);
    Trial::new(found, one(truth), sum.describe())
}

/// The entry that is worst against its bar, with the status of all.
fn worst(
    found: Result<numdiff_core::Estimate<Array1<f64>>, numdiff_core::Error>,
    truth: &Array1<f64>,
    what: String,
) -> Trial {
    let found = match found {
        Ok(found) => found,
        Err(error) => return Trial::new(Err(error), one(0.0), what),
    };
    let mut worst: Option<Trial> = None;
    for ((value, bar), truth) in found.value.iter().zip(&found.error).zip(truth) {
        let trial = Trial {
            what: what.clone(),
            value: *value,
            bar: *bar,
            lowest: *truth,
            highest: *truth,
            evaluations: found.evaluations,
            status: found.status,
            reach: f64::NAN,
        };
        let ratio = |t: &Trial| t.error() / t.bar.max(f64::MIN_POSITIVE);
        if worst.as_ref().is_none_or(|w| ratio(&trial) > ratio(w)) {
            worst = Some(trial);
        }
    }
    worst.unwrap_or_else(|| Trial {
        what: "no entry".into(),
        value: f64::NAN,
        bar: 0.0,
        lowest: 0.0,
        highest: 0.0,
        evaluations: 0,
        status: Status::Unreliable,
        reach: f64::NAN,
    })
}

fn jacobian_vector(draw: &mut Draw) -> Trial {
    let n = 2 + draw.below(3);
    let first = Sum::draw(draw, n, 1e3);
    let second = Sum {
        x: first.x.clone(),
        v: first.v.clone(),
        ..Sum::draw(draw, n, 1e3)
    };
    let f = |x: &Array1<f64>| Array1::from(vec![first.value(x), second.value(x)]);
    let truth = |sum: &Sum| sum.gradient_and_value(&first.x).0.dot(&first.v);
    let truth = Array1::from(vec![truth(&first), truth(&second)]);
    let found = Adaptive::new().jacobian_vector(f, &first.x, &first.v);
    worst(found, &truth, first.describe())
}

fn hessian_vector(draw: &mut Draw) -> Trial {
    let n = 2 + draw.below(3);
    let sum = Sum::draw(draw, n, 1e3);
    let seconds = sum.x.iter().zip(&sum.terms).map(|(&x, (c, g))| c * g(x)[2]);
    let truth = Array1::from_iter(seconds) * &sum.v;
    let gradient = |x: &Array1<f64>| sum.gradient_and_value(x).0;
    let found = Adaptive::new().hessian_vector_from_gradient(gradient, &sum.x, &sum.v);
    worst(found, &truth, sum.describe())
}
