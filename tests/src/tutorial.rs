//! What the tutorial's scenarios share: its function, its step, its difference.

use crate::figure::{Axis, Figure, Ink, Layer, Mark, circle};
use ndarray::{Array, ArrayRef2, Dimension};
use numdiff_core::{FiniteDifference, Step};

/// The tutorial's step.
pub const H: f64 = 1e-4;

/// x₀² + x₁² + …, as the tutorial writes it: products and sums in order.
pub fn sum_of_squares<D: Dimension>(x: &Array<f64, D>) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// The tutorial's numerical derivative, `(f(x + h) - f(x - h)) / (2h)`.
///
/// Its divisor is the nominal 2h, not the distance that x really moved: the printed digits depend
/// on it.
pub fn difference() -> FiniteDifference {
    FiniteDifference::central()
        .with_step(Step::Absolute(H))
        .with_nominal_divisor()
}

/// Where the tutorial's descents start.
pub const START: [f64; 2] = [-3.0, 4.0];

/// A descent's path, one row per point.
pub fn rows(path: &ArrayRef2<f64>) -> Vec<Vec<f64>> {
    path.rows().into_iter().map(|row| row.to_vec()).collect()
}

/// The distance of each row from the origin, the minimum of [`sum_of_squares`].
pub fn distances(path: &[Vec<f64>]) -> Vec<f64> {
    path.iter()
        .map(|row| row.iter().fold(0.0, |distance: f64, x| distance.hypot(*x)))
        .collect()
}

/// The picture of a run of gradient descent: its points over level circles of x₀² + x₁².
pub fn walk_over_the_bowl(
    name: &'static str,
    title: &'static str,
    description: &str,
    label: &str,
    path: &[Vec<f64>],
) -> Figure {
    let mut layers: Vec<Layer> = (1..=5)
        .map(|radius| Layer::Line {
            label: None,
            ink: Ink::Quiet,
            dashed: true,
            points: circle(f64::from(radius)),
        })
        .collect();
    layers.push(Layer::Dots {
        label: Some(label.to_string()),
        ink: Ink::First,
        mark: Mark::Disk,
        points: path.iter().map(|x| [x[0], x[1]]).collect(),
    });
    layers.push(Layer::Dots {
        label: Some("minimum".to_string()),
        ink: Ink::Second,
        mark: Mark::Cross,
        points: vec![[0.0, 0.0]],
    });
    Figure {
        name,
        title,
        description: description.to_string(),
        x: Axis::linear("x₀", (-4.5, 4.5), -4.0, 2.0),
        y: Axis::linear("x₁", (-4.5, 4.5), -4.0, 2.0),
        equal: true,
        layers,
    }
}
