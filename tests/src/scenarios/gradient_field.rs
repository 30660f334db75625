//! The field of −∇f for f = x₀² + x₁², and what it promises for other f.

use crate::bounds::{Quadratic, U};
use crate::figure::{Axis, Figure, Ink, Layer, Mark, circle, ellipse};
use crate::tutorial::{H, difference, sum_of_squares};
use crate::{Check, Failure, Finding, Scenario, Trials, Values};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use std::f64::consts::{FRAC_PI_2, TAU};

pub const SCENARIO: Scenario = Scenario {
    number: 4,
    id: "gradient-field",
    title: "The field of negative gradients",
    claim: "Drawn on a grid, the negative gradients of x₀² + x₁² point to the minimum and shrink \
            towards it. In general they only point where f falls fastest, which need not be where \
            the minimum is.",
    formula: "−∇f = −(2x₀, 2x₁)",
    statement: "For random a x² + b y² no unit direction decreases f faster than the negative \
                gradient, which misses the direction of the minimum by the angle between (ax, by) \
                and (x, y), at most asin((κ − 1)/(κ + 1)) with κ = b/a.",
    run,
    property,
};

/// The grid: −2 … 2 in steps of 0.25, both ways.
const SIDE: usize = 17;
const SPACING: f64 = 0.25;
/// Curvatures of the second figure, f = x₀²/20 + x₁².
const FLAT: [f64; 2] = [1.0 / 20.0, 1.0];

fn run() -> Result<Finding, Failure> {
    let grid = Array2::from_shape_fn((SIDE * SIDE, 2), |(k, i)| {
        let step = if i == 0 { k % SIDE } else { k / SIDE };
        step as f64 * SPACING - 2.0
    });
    let gradients = difference().gradient_rows(sum_of_squares, &grid)?;
    let f = Quadratic::new([1.0, 1.0]);
    let mut arrows: Vec<Arrow> = grid
        .rows()
        .into_iter()
        .zip(gradients.rows())
        .map(|(x, g)| Arrow::new([x[0], x[1]], [g[0], g[1]], &f))
        .collect();

    let moving = || arrows.iter().filter(|arrow| arrow.distance() > 0.0);
    let widest = moving().map(Arrow::turn).fold(0.0, f64::max);
    let points_to_minimum = moving().all(|arrow| arrow.turn() <= arrow.turn_bound());
    let still = arrows
        .iter()
        .filter(|arrow| arrow.gradient == [0.0; 2])
        .count();
    let spread = moving()
        .map(|arrow| (arrow.length() / (2.0 * arrow.distance()) - 1.0).abs())
        .fold(0.0, f64::max);
    let figure = field(&arrows);

    // A rounding of the gradient can't make an arrow longer than one farther away: sorted by
    // distance, arrows are sorted by length.
    let allowed = arrows.iter().all(|arrow| {
        (arrow.length() - 2.0 * arrow.distance()).abs() <= arrow.error + 4.0 * U * arrow.length()
    });
    arrows.sort_by(|a, b| a.distance().total_cmp(&b.distance()));
    let shrinks = arrows.windows(2).all(|pair| {
        pair[0].distance() == pair[1].distance() || pair[0].length() < pair[1].length()
    });

    let (flat, missed) = flat_field()?;
    Ok(Finding {
        checks: vec![
            Check::fact(
                "largest angle between an arrow and the way to the minimum, rad",
                Values::Number(widest),
                "each of 288 arrows within its rounding bound of 0",
                points_to_minimum && arrows.len() == 289,
            ),
            Check::fact(
                "arrow length over twice the distance: largest deviation from 1",
                Values::Number(spread),
                "a nearer point has a shorter arrow, each within its rounding bound of 2|x|",
                allowed && shrinks,
            ),
            Check::fact(
                "arrows of length 0",
                Values::Count(still),
                "one, at the minimum",
                still == 1,
            ),
            missed,
        ],
        explanation: vec![
            "Level curves of x₀² + x₁² are circles, and a normal of a circle meets its center. \
             Those of x₀²/20 + x₁² are ellipses; their normals meet the minimum only from the \
             two axes."
                .to_string(),
        ],
        figures: vec![figure, flat],
    })
}

/// A negative gradient drawn at its point.
struct Arrow {
    at: [f64; 2],
    gradient: [f64; 2],
    /// Rounding bound of the gradient, in the Euclidean norm.
    error: f64,
}

impl Arrow {
    fn new(at: [f64; 2], gradient: [f64; 2], f: &Quadratic) -> Self {
        Self {
            at,
            gradient,
            error: f.difference_error(&at, 0).hypot(f.difference_error(&at, 1)),
        }
    }

    fn distance(&self) -> f64 {
        self.at[0].hypot(self.at[1])
    }

    fn length(&self) -> f64 {
        self.gradient[0].hypot(self.gradient[1])
    }

    /// The angle to the way to the minimum.
    fn turn(&self) -> f64 {
        angle(self.gradient, self.at)
    }

    /// A vector that is off by e turns by asin(e / length) at most; the angle itself is computed
    /// with a few roundings.
    fn turn_bound(&self) -> f64 {
        (self.error / (2.0 * self.distance())).asin() + 4.0 * U
    }
}

/// The angle between two vectors, accurate for small angles too.
fn angle(a: [f64; 2], b: [f64; 2]) -> f64 {
    let cross = a[0] * b[1] - a[1] * b[0];
    cross.abs().atan2(a[0] * b[0] + a[1] * b[1])
}

fn field(arrows: &[Arrow]) -> Figure {
    // Arrows are 2|x| long at x; drawn at a twentieth of that, neighbors stay apart.
    let drawn = arrows.iter().filter(|arrow| arrow.length() > 0.0);
    let head = |arrow: &Arrow, i: usize| arrow.at[i] - 0.05 * arrow.gradient[i];
    let mut layers: Vec<Layer> = [0.5, 1.0, 1.5, 2.0]
        .map(|radius| Layer::Line {
            label: None,
            ink: Ink::Quiet,
            dashed: false,
            points: circle(radius),
        })
        .to_vec();
    layers.push(Layer::Arrows {
        label: Some("−∇f".to_string()),
        ink: Ink::First,
        arrows: drawn
            .map(|arrow| (arrow.at, [head(arrow, 0), head(arrow, 1)]))
            .collect(),
    });
    layers.push(Layer::Dots {
        label: Some("minimum".to_string()),
        ink: Ink::Second,
        mark: Mark::Disk,
        points: vec![[0.0, 0.0]],
    });
    Figure {
        name: "gradient-field",
        title: "The negative gradient of x₀² + x₁²",
        description: "Arrows on a grid from −2 to 2, all pointing to the minimum at the origin, \
                      shorter the nearer they are to it; circles are level curves."
            .to_string(),
        x: Axis::linear("x₀", (-2.2, 2.2), -2.0, 1.0),
        y: Axis::linear("x₁", (-2.2, 2.2), -2.0, 1.0),
        equal: true,
        layers,
    }
}

/// The second figure, and the angle by which the steepest direction misses the minimum at worst.
fn flat_field() -> Result<(Figure, Check), Failure> {
    let f = Quadratic::new(FLAT);
    let ratio = FLAT[1] / FLAT[0];
    // Where the angle is largest: x₁/x₀ = √(a/b).
    let worst = [8.0, 8.0 / ratio.sqrt()];
    let starts = [worst, [2.0, 2.0], [-4.0, 1.5], [-8.0, -1.0], [4.0, -2.0]];
    let mut arrows = Vec::new();
    let mut ways = Vec::new();
    let mut missed = 0.0;
    for at in starts {
        let gradient = difference().gradient(|x| f.value(x), &Array1::from(at.to_vec()))?;
        let gradient = [gradient[0], gradient[1]];
        let length = gradient[0].hypot(gradient[1]);
        arrows.push((at, [0, 1].map(|i| at[i] - 2.0 * gradient[i] / length)));
        ways.push(Layer::Line {
            label: None,
            ink: Ink::Second,
            dashed: true,
            points: vec![at, [0.0, 0.0]],
        });
        if at == worst {
            missed = angle(gradient, at);
        }
    }
    let exact = ((ratio - 1.0) / (ratio + 1.0)).asin();
    let error = f
        .difference_error(&worst, 0)
        .hypot(f.difference_error(&worst, 1));
    let length = f.slope(&worst, 0).hypot(f.slope(&worst, 1));
    let bound = (error / length).asin() + 8.0 * U;
    let check = Check::within(
        "f = x₀²/20 + x₁²: largest angle by which −∇f misses the minimum, rad",
        &[exact],
        bound,
        "rounding of the gradient turns it no further from asin(19/21)",
        Values::Number(missed),
    );
    let mut layers: Vec<Layer> = [0.8, 1.6, 2.4]
        .map(|level| Layer::Line {
            label: None,
            ink: Ink::Quiet,
            dashed: false,
            points: ellipse(level / FLAT[0].sqrt(), level / FLAT[1].sqrt()),
        })
        .to_vec();
    if let Some(Layer::Line { label, .. }) = ways.first_mut() {
        *label = Some("to the minimum".to_string());
    }
    layers.extend(ways);
    layers.push(Layer::Arrows {
        label: Some("direction of −∇f".to_string()),
        ink: Ink::First,
        arrows,
    });
    let figure = Figure {
        name: "gradient-misses",
        title: "Where x₀²/20 + x₁² falls fastest is not where its minimum is",
        description: format!(
            "Ellipses are level curves. At five points the direction of the negative gradient is \
             drawn beside the line to the minimum; they differ by up to {:.0} degrees.",
            missed.to_degrees()
        ),
        x: Axis::linear("x₀", (-11.0, 11.0), -10.0, 5.0),
        y: Axis::linear("x₁", (-4.0, 4.0), -4.0, 2.0),
        equal: true,
        layers,
    };
    Ok((figure, check))
}

fn property(trials: Trials) -> Result<(), Failure> {
    let curvature = || (-1.0..1.0_f64).prop_map(|power| 10_f64.powf(power));
    let point = (0.1..10.0_f64, 0.0..TAU).prop_map(|(r, turn)| [r * turn.cos(), r * turn.sin()]);
    let directions = proptest::array::uniform8(0.0..TAU);
    let case = ([curvature(), curvature()], point, directions);
    trials.hold(case, |(curvatures, at, directions)| {
        let f = Quadratic::new(curvatures);
        let gradient = difference().gradient(|x| f.value(x), &Array1::from(at.to_vec()))?;
        let gradient = [gradient[0], gradient[1]];
        let arrow = Arrow::new(at, gradient, &f);
        let length = arrow.length();
        let slope = |direction: [f64; 2]| {
            let along = |t: f64| f.value(&[at[0] + t * direction[0], at[1] + t * direction[1]]);
            difference().derivative(along, 0.0)
        };
        // Each value of f is off by 3uF for its own operations and 2uF for the rounding of the
        // point, F = f(|x| + 2h); the slope by twice that over 2h, and by u of itself. |direction|
        // is 1 to 2u.
        let largest = f.value(&at.map(|x| x.abs() + 2.0 * H));
        let bound = arrow.error + 5.0 * U * largest / H + 8.0 * U * length;
        for turn in directions {
            let steepness = slope([turn.cos(), turn.sin()])?;
            prop_assert!(
                steepness >= -length - bound,
                "{steepness} below -{length} - {bound:e}"
            );
        }
        let steepest = slope(gradient.map(|g| -g / length))?;
        prop_assert!(
            (steepest + length).abs() <= bound,
            "{steepest} is not -{length}"
        );

        let exact = [f.slope(&at, 0), f.slope(&at, 1)];
        let turned = (arrow.error / exact[0].hypot(exact[1])).min(1.0).asin() + 8.0 * U;
        let missed = arrow.turn();
        prop_assert!((missed - angle(exact, at)).abs() <= turned);
        let ratio = curvatures[1].max(curvatures[0]) / curvatures[1].min(curvatures[0]);
        let most = ((ratio - 1.0) / (ratio + 1.0)).asin();
        // asin is steep near 1: its argument's rounding, 4u, moves it by that over its cosine.
        let rounding = 4.0 * U / most.cos();
        prop_assert!(missed <= most + turned + rounding, "{missed} above {most}");
        prop_assert!(missed < FRAC_PI_2);
        Ok(())
    })
}
