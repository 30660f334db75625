//! A hundred updates with learning rate 10: the run that stops by rounding.

use crate::bounds::{Quadratic, U, ulp};
use crate::figure::{Axis, Figure, Ink, Layer};
use crate::tutorial::{H, START, difference, distances, rows, sum_of_squares};
use crate::{Check, Failure, Finding, Golden, Scenario, Trials, Values};
use ndarray::{Array1, array};
use numdiff_optim::{Divergence, Method, Status, gradient_descent, minimize};
use proptest::collection::vec;
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 6,
    id: "large-rate",
    title: "A learning rate that is too large",
    claim: "With learning rate 10 the run ends at (−2.59·10¹³, −1.30·10¹²). It looks as if it \
            diverged that far; in truth it was stopped by rounding after ten updates: the exact \
            iterate is about 10¹²⁸.",
    formula: "x ← x − 10 · 2x = −19x, until x ± h = x",
    statement: "For f = a x² and lr·a from 1.5 to 50 the run leaves, freezes at a finite point \
                beyond 2⁴⁰ where x ± h = x, and is never NaN; with several terms every point is \
                finite. Between lr·a = 1 and 1.5 rounding can make the run cycle, so nothing is \
                claimed there.",
    run,
    property,
};

const RATE: f64 = 10.0;
const STEPS: usize = 100;
const PRINTED: &str = "[-2.58983747e+13 -1.29524862e+12]";
/// x ± h = x from here on: half an ulp, 2⁻¹³ = 1.22·10⁻⁴, exceeds h = 10⁻⁴.
const FREEZE: f64 = 1_099_511_627_776.0;

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?;
    let (x, path) = gradient_descent(sum_of_squares, &array![START[0], START[1]], RATE, STEPS)?;
    let path = rows(&path);
    let run = golden.at("/gradient_descent/runs/1")?;
    let history = run.at("/history")?.numbers()?;

    // The last update that moved each coordinate.
    let last = [0, 1].map(|i| last_move(&path, i));
    let vanished = |x: f64| x + H == x && x - H == x;
    let freezes = (0..2).all(|i| {
        (0..=STEPS).all(|k| vanished(path[k][i]) == (k >= last[i]))
            && (0..=STEPS).all(|k| (path[k][i].abs() >= FREEZE) == (k >= last[i]))
    });

    // The last gradient of x₀: one grain of f.
    let before = Array1::from(path[last[0] - 1].clone());
    let gradient = difference().gradient(sum_of_squares, &before)?;
    let grain = ulp(sum_of_squares(&before)) / (2.0 * H);
    let ratio = gradient[0] / (2.0 * before[0]);

    let method = Method::GradientDescent {
        learning_rate: RATE,
    };
    let judged = minimize(sum_of_squares, &array![START[0], START[1]])
        .method(method)
        .max_iterations(STEPS)
        .run()?;
    let frozen = Status::Diverged {
        iteration: last[1],
        cause: Divergence::DifferenceVanished {
            coordinate: 1,
            x: path[last[1]][1],
        },
    };

    let (scale_aware, bound) = scale_aware()?;
    let followed = scale_aware[STEPS].clone();
    let followed_by = golden.at("/lr10_trace/relative_h_final_100_steps")?;
    let exact = followed_by.at("/analytic")?.numbers()?;
    let tolerance = followed_by.at("/rtol")?.number()?;
    let relative: Vec<f64> = (0..2).map(|i| followed[i] / exact[i] - 1.0).collect();
    let worst = relative
        .iter()
        .fold(0.0, |worst: f64, e| worst.max(e.abs()));
    Ok(Finding {
        checks: vec![
            Check::bits(
                "x after 100 updates",
                Some(PRINTED),
                &run.at("/final")?.numbers()?,
                Values::Row(x.to_vec()),
            ),
            Check::bits(
                "the path: the start and the first 12 updates",
                None,
                &history,
                Values::Rows(path[..history.len() / 2].to_vec()),
            ),
            Check::fact(
                "last update that moved x₀, x₁",
                Values::Row(last.map(|k| k as f64).to_vec()),
                "10 and 9; from there on, and only there, x ± h = x and |x| >= 2⁴⁰",
                last == [10, 9] && freezes,
            ),
            Check::bits(
                "the last gradient of x₀",
                None,
                &golden.at("/lr10_trace/steps/9/grad/0")?.numbers()?,
                Values::Number(gradient[0]),
            ),
            Check::fact(
                "the same over ulp(f) / (2h)",
                Values::Number(gradient[0] / grain),
                "one grain of f",
                gradient[0] == grain,
            ),
            Check::fact(
                "the update at which `minimize` stops the same run",
                Values::Count(judged.iterations),
                format!("9, where x₁ froze; it says: {}", judged.status),
                judged.status == frozen && judged.iterations == last[1],
            ),
            Check::fact(
                "x after 100 updates with a scale-aware step",
                Values::Row(followed),
                format!(
                    "within {tolerance:.0e} of the exact iterate ({:.6e}, {:.6e}): off by \
                     {worst:.1e}; rounding cannot exceed {bound:.0e}",
                    exact[0], exact[1]
                ),
                worst <= bound && worst <= tolerance,
            ),
        ],
        explanation: vec![
            "Each update multiplies x by 1 − 2·10 = −19, in exact arithmetic a hundred times: \
             (−3, 4)·19¹⁰⁰, about 10¹²⁸."
                .to_string(),
            format!(
                "Update 9 takes x₁ to {:e}, beyond 2⁴⁰ = {FREEZE:e}. There the distance between \
                 neighboring numbers is {:.2e}, and h is less than half of it: x₁ ± h rounds back \
                 to x₁, the difference is 0, and x₁ never moves again.",
                path[9][1],
                ulp(path[9][1]),
            ),
            format!(
                "x₀ is at {:e} by then, and moves once more. f is {:.2e} and can only change by \
                 its ulp, {:e}: the gradient is one such grain over 2h, {:e}, which is {:.0} % \
                 too large. Update 10 takes x₀ to {:e}, and it is frozen too.",
                path[9][0],
                sum_of_squares(&before),
                ulp(sum_of_squares(&before)),
                gradient[0],
                (ratio - 1.0) * 100.0,
                path[10][0],
            ),
            "Updates 11 to 100 change nothing: the printed point is a fixed point of the rounded \
             iteration, and says nothing about the minimum or about f."
                .to_string(),
        ],
        figures: vec![figure(&path, &scale_aware)],
    })
}

/// The number of the last update that changed coordinate i; 0 when none did.
fn last_move(path: &[Vec<f64>], i: usize) -> usize {
    let moves = path.windows(2).rposition(|pair| pair[0][i] != pair[1][i]);
    moves.map_or(0, |k| k + 1)
}

/// The same run with the default step, which follows the scale of x: its path, and a bound on the
/// relative error of its last point.
fn scale_aware() -> Result<(Vec<Vec<f64>>, f64), Failure> {
    let mut x = array![START[0], START[1]];
    let mut path = vec![x.to_vec()];
    let mut bound = 0.0;
    for _ in 0..STEPS {
        let gradient = numdiff_core::gradient(sum_of_squares, &x)?;
        // Relative error of one gradient entry, with a step of at least r|x|: both values of f are
        // off by 2u of f(|x| + h), which is below 2|x|² with |x| the larger coordinate's, and
        // |x₀| and |x₁| differ by less than a factor 2. So 2 · 2u · (4 + 4)|x|² / (2 r|x| · 2|x|).
        let one = 8.0 * U / SMALLEST_STEP + 4.0 * U;
        // x ← x − 20 (1 + e) x: relative to the new x, |e| · 20/19, and what was there before.
        bound = bound + one * 20.0 / 19.0 + 4.0 * U;
        x.scaled_add(-RATE, &gradient);
        path.push(x.to_vec());
    }
    Ok((path, bound))
}

/// Of |x|: the default step is ε^(1/3) = 6.1·10⁻⁶, rounded to a power of two.
const SMALLEST_STEP: f64 = 3e-6;

fn figure(path: &[Vec<f64>], scale_aware: &[Vec<f64>]) -> Figure {
    let line = |label: &str, ink, dashed, path: &[Vec<f64>]| Layer::Line {
        label: Some(label.to_string()),
        ink,
        dashed,
        points: distances(path)
            .iter()
            .enumerate()
            .map(|(k, distance)| [k as f64, distance.log10()])
            .collect(),
    };
    Figure {
        name: "large-rate",
        title: "Learning rate 10: frozen by rounding, not diverged",
        description: "Distance from the minimum against the number of updates, logarithmic. With \
                      a scale-aware step it grows to 10¹²⁸ after 100 updates; with h = 10⁻⁴ it \
                      stops at 2.6·10¹³ after ten."
            .to_string(),
        x: Axis::linear("updates", (0.0, 100.0), 0.0, 20.0),
        y: Axis::logarithmic("distance from the minimum", (0.0, 132.0), 0.0, 20.0),
        equal: false,
        layers: vec![
            line("scale-aware step", Ink::Second, true, scale_aware),
            line("h = 10⁻⁴", Ink::First, false, path),
            Layer::Note {
                text: "update 10: x ± h = x".to_string(),
                at: [14.0, 6.0],
            },
        ],
    }
}

fn property(trials: Trials) -> Result<(), Failure> {
    let curvature = (-3.0..3.0_f64).prop_map(|power| 10_f64.powf(power));
    let size = (0.01..10.0_f64, any::<bool>()).prop_map(|(x, left)| if left { -x } else { x });
    let case = (curvature, 1.5..50.0_f64, vec(size, 1..=3));
    trials.hold(case, |(a, product, start)| {
        let f = Quadratic::new(vec![a; start.len()]);
        let value = |x: &Array1<f64>| f.value(x);
        let rate = product / a;
        let n = start.len();
        let (x, path) = gradient_descent(value, &Array1::from(start), rate, ENOUGH)?;
        prop_assert!(path.iter().all(|x| x.is_finite()));
        if n == 1 {
            let path = rows(&path);
            prop_assert!(x[0].abs() >= FREEZE, "ended at {}", x[0]);
            prop_assert!(x[0] + H == x[0] && x[0] - H == x[0]);
            prop_assert!(last_move(&path, 0) < ENOUGH);
        }
        Ok(())
    })
}

/// Updates until the run has surely left: the slowest grows by |1 − 2·1.5| = 2 each time, and needs
/// 47 from 0.01 to 2⁴⁰; near the end rounding can throw it back a few times.
const ENOUGH: usize = 150;
