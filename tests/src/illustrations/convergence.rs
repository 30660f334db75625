//! f against the evaluations spent, for four methods on Rosenbrock's function.

use crate::Failure;
use crate::figure::{Axis, Figure, Ink, Layer};
use ndarray::{Array1, array};
use numdiff_optim::{Method, minimize};

pub fn figure() -> Result<Figure, Failure> {
    let layers = [
        ("default", Method::Automatic, Ink::First, false),
        ("BFGS", Method::Bfgs, Ink::Second, false),
        (
            "conjugate gradients",
            Method::ConjugateGradient,
            Ink::Third,
            false,
        ),
        (
            "gradient descent, rate 1e-3",
            Method::GradientDescent {
                learning_rate: 1e-3,
            },
            Ink::Quiet,
            false,
        ),
    ]
    .into_iter()
    .map(|(label, method, ink, dashed)| {
        Ok(Layer::Line {
            label: Some(label.into()),
            ink,
            dashed,
            points: points(method)?,
        })
    });
    Ok(Figure {
        name: "convergence",
        title: "Rosenbrock's function: f against the evaluations spent, differences included",
        description: "f on a logarithmic scale against evaluations, gradients by differences included. The default \
                      method falls to 1e-18 within 140 evaluations; BFGS and conjugate gradients take longer and \
                      stop higher; gradient descent with a fixed rate creeps along the valley and is still at 4 \
                      after 400."
            .into(),
        x: Axis::linear("evaluations of f", (0.0, BUDGET as f64), 0.0, 50.0),
        y: Axis::logarithmic("f", (LEAST, 2.0), -20.0, 4.0),
        equal: false,
        layers: layers.collect::<Result<_, Failure>>()?,
    })
}

const BUDGET: usize = 400;
const LEAST: f64 = -20.0;

fn points(method: Method) -> Result<Vec<[f64; 2]>, Failure> {
    let rosenbrock = |x: &Array1<f64>| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
    let end = minimize(rosenbrock, &array![-1.2, 1.0])
        .method(method)
        .max_evaluations(BUDGET)
        .record()
        .run()?;
    let shown = |record: &numdiff_optim::Record| {
        [record.evaluations as f64, record.value.log10().max(LEAST)]
    };
    Ok(end.trajectory.records.iter().map(shown).collect())
}
