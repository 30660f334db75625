//! What a hundred updates reach for every learning rate from 10⁻¹⁰ to 10.

use crate::bounds::Quadratic;
use crate::figure::{Axis, Figure, Ink, Layer, Mark};
use crate::tutorial::{START, distances, rows, sum_of_squares};
use crate::{Check, Failure, Finding, Scenario, Trials, Values};
use ndarray::{Array1, array};
use numdiff_optim::gradient_descent;
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 8,
    id: "rate-sweep",
    title: "The learning rate decides",
    claim: "The learning rate has to be chosen well: too small and nothing moves, too large and \
            the run leaves. Every update multiplies the distance from the minimum by |1 − 2 lr|.",
    formula: "xₖ = (1 − 2 lr)ᵏ x₀",
    statement: "For f = a x², each update multiplies x by 1 − 2 lr a within its rounding bound: \
                the same sign below lr·a = 0.5, the minimum at once at 0.5, alternating signs \
                above, farther with every update above 1.",
    run,
    property,
};

const STEPS: usize = 100;
/// Rates per decade, from 10⁻¹⁰ to 10.
const PER_DECADE: i32 = 20;
const DECADES: (i32, i32) = (-10, 1);
/// A run that has covered less than this share of the way has stalled for every purpose.
const STALLED: f64 = 0.01;

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Covered less than 1 % of the way.
    Stalls,
    /// Comes nearer, from one side.
    Converges,
    /// Comes nearer, from alternating sides.
    Oscillates,
    /// Ends as far away as it began, but for rounding: lr = 1 alone.
    Swings,
    /// Ends farther away than it began.
    Diverges,
}

fn run() -> Result<Finding, Failure> {
    let f = Quadratic::new([1.0, 1.0]);
    let mut points = Vec::new();
    let mut counts = [0_usize; 5];
    let mut as_predicted = true;
    let mut within = true;
    for tick in DECADES.0 * PER_DECADE..=DECADES.1 * PER_DECADE {
        let rate = 10_f64.powf(f64::from(tick) / f64::from(PER_DECADE));
        let (_, path) = gradient_descent(sum_of_squares, &array![START[0], START[1]], rate, STEPS)?;
        let path = rows(&path);
        let distances = distances(&path);
        let fate = fate(&f, &path, rate);
        counts[fate as usize] += 1;
        as_predicted &= fate == predicted(rate);
        within &= path
            .windows(2)
            .all(|pair| update_holds(&f, &pair[0], &pair[1], rate));
        points.push([rate.log10(), distances[STEPS].log10()]);
    }

    let half = gradient_descent(sum_of_squares, &array![START[0], START[1]], 0.5, 1)?.1;
    let half = rows(&half);
    let left = distances(&half)[1];
    let allowed = f
        .update_error(&half[0], &half[1], 0.5, 0)
        .hypot(f.update_error(&half[0], &half[1], 0.5, 1));
    Ok(Finding {
        checks: vec![
            Check::fact(
                "rates that stall, converge, oscillate, swing, diverge",
                Values::Row(counts.map(|count| count as f64).to_vec()),
                "each of 221 as |1 − 2 lr| predicts",
                as_predicted && points.len() == 221,
            ),
            Check::fact(
                "updates of all 221 runs",
                Values::Count(221 * STEPS),
                "each multiplies x by 1 − 2 lr within its rounding bound",
                within,
            ),
            Check::fact(
                "distance after one update with lr = 0.5",
                Values::Number(left),
                format!("0 within the rounding bound {allowed:.1e}"),
                left <= allowed,
            ),
        ],
        explanation: vec![format!(
            "Below lr = {:.1e} a hundred updates cover less than {} % of the way. From there \
                 to 0.5 the run comes nearer from one side, from 0.5 to 1 from alternating sides, \
                 and above 1 it leaves, until x ± h = x.",
            stall_rate(),
            STALLED * 100.0,
        )],
        figures: vec![figure(points)],
    })
}

fn update_holds(f: &Quadratic, x: &[f64], next: &[f64], rate: f64) -> bool {
    (0..x.len()).all(|i| {
        let (factor, factor_error) = f.factor(rate, i);
        let error = (next[i] - factor * x[i]).abs();
        // The reference's own rounding beside the update's.
        let reference = (factor_error + f64::EPSILON * factor.abs()) * x[i].abs();
        error <= f.update_error(x, next, rate, i) + reference
    })
}

/// The rate at which (1 − 2 lr)¹⁰⁰ = 1 − 0.01.
fn stall_rate() -> f64 {
    -((-STALLED).ln_1p() / STEPS as f64).exp_m1() / 2.0
}

fn predicted(rate: f64) -> Fate {
    if rate < stall_rate() {
        Fate::Stalls
    } else if rate < 0.5 {
        Fate::Converges
    } else if rate < 1.0 {
        Fate::Oscillates
    } else if rate == 1.0 {
        Fate::Swings
    } else {
        Fate::Diverges
    }
}

fn fate(f: &Quadratic, path: &[Vec<f64>], rate: f64) -> Fate {
    let distances = distances(path);
    let (first, last) = (distances[0], distances[STEPS]);
    let rounding = f.propagated(path, rate, 0)[STEPS]
        .1
        .hypot(f.propagated(path, rate, 1)[STEPS].1);
    // The first update tells the side: later ones of a fast run are lost in rounding.
    let turns = path[1][0] * path[0][0] < 0.0;
    if turns && (last - first).abs() <= rounding && rate == 1.0 {
        Fate::Swings
    } else if last >= first {
        Fate::Diverges
    } else if last > (1.0 - STALLED) * first {
        Fate::Stalls
    } else if turns {
        Fate::Oscillates
    } else {
        Fate::Converges
    }
}

fn figure(points: Vec<[f64; 2]>) -> Figure {
    let (low, high) = (-20.0, 16.0);
    let half = 0.5_f64.log10();
    let stall = stall_rate().log10();
    // 5 |1 − 2 lr|¹⁰⁰.
    let exact = |power: f64| 5_f64.log10() + 100.0 * (1.0 - 2.0 * 10_f64.powf(power)).abs().log10();
    let band = |label: &str, range, shaded| Layer::Band {
        label: label.to_string(),
        range,
        shaded,
    };
    let layers = vec![
        band("stalls", (-10.0, stall), false),
        band("converges", (stall, half), true),
        band("leaves", (0.0, 1.0), true),
        Layer::Line {
            label: Some("exact, 5 |1 − 2 lr|¹⁰⁰".to_string()),
            ink: Ink::Second,
            dashed: false,
            points: (0..=4400)
                .map(|k| -10.0 + f64::from(k) / 400.0)
                .map(|power| [power, exact(power)])
                .collect(),
        },
        Layer::Dots {
            label: Some("computed with h = 10⁻⁴".to_string()),
            ink: Ink::First,
            mark: Mark::Disk,
            points,
        },
    ];
    Figure {
        name: "rate-sweep",
        title: "Distance from the minimum after 100 updates",
        description: "Against the learning rate, both logarithmic: flat at 5 up to 10⁻⁵, a dip \
                      to nothing around 0.5, approached from one side below it and from alternating \
                      sides above (the narrow unshaded strip), beyond 1 a plateau near 10¹³ where rounding stops \
                      the run, while the exact distance grows on."
            .to_string(),
        x: Axis::logarithmic("learning rate", (-10.0, 1.0), -10.0, 2.0),
        y: Axis::logarithmic("distance from the minimum", (low, high), low, 4.0),
        equal: false,
        layers,
    }
}

fn property(trials: Trials) -> Result<(), Failure> {
    let curvature = (-3.0..3.0_f64).prop_map(|power| 10_f64.powf(power));
    let product = prop_oneof![
        (-10.0..-0.31_f64).prop_map(|power| 10_f64.powf(power)),
        Just(0.5),
        0.5..1.0_f64,
        1.5..50.0_f64,
    ];
    let start = (0.01..100.0_f64, any::<bool>()).prop_map(|(x, left)| if left { -x } else { x });
    trials.hold((curvature, product, start), |(a, product, start)| {
        let f = Quadratic::new([a]);
        let rate = product / a;
        let value = |x: &Array1<f64>| f.value(x);
        let (_, path) = gradient_descent(value, &Array1::from(vec![start]), rate, STEPS)?;
        let path = rows(&path);
        let (factor, _) = f.factor(rate, 0);
        for pair in path.windows(2) {
            prop_assert!(update_holds(&f, &pair[0], &pair[1], rate), "at {pair:?}");
            let (x, next) = (pair[0][0], pair[1][0]);
            // Signs and distances are claimed where rounding can't decide them.
            let bound = f.update_error(&pair[0], &pair[1], rate, 0);
            if factor.abs() * x.abs() > 2.0 * bound {
                prop_assert_eq!(next.signum(), x.signum() * factor.signum());
            }
            if (factor.abs() - 1.0).abs() * x.abs() > 2.0 * bound {
                prop_assert_eq!(next.abs() > x.abs(), factor.abs() > 1.0);
            }
        }
        Ok(())
    })
}
