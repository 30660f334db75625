//! A claim of a minimum is a statement about x and f there, wherever the run came from.

use numdiff_optim::{Method, Minimum, Search, Stall, Status, Test, minimize};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Where nothing is optimized, a third of the problems are drawn.
pub(crate) const SHARE: usize = if cfg!(debug_assertions) { 3 } else { 1 };

/// Uniform in [-1, 1).
pub(crate) fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    (stream.next_u64() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// f(x) = constant + factor (z^T D z / 2 + sum z_i^4 / 10) with z = R (x / unit - center), R a product of rotations.
#[derive(Clone, Debug)]
struct Drawn {
    curvatures: Vec<f64>,
    angles: Vec<f64>,
    units: Vec<f64>,
    center: Vec<f64>,
    factor: f64,
    constant: f64,
    start: Vec<f64>,
}

impl Drawn {
    /// From a start that is `distance` away in its units.
    fn new(stream: &mut ChaCha8Rng, distance: f64) -> Self {
        let n = 2 + (stream.next_u64() % 3) as usize;
        let mut all = |scale: f64| {
            (0..n)
                .map(|_| scale * uniform(stream))
                .collect::<Vec<f64>>()
        };
        let curvatures = all(1.5).iter().map(|e| 10f64.powf(*e)).collect();
        let angles = all(std::f64::consts::PI);
        let center = all(2.0);
        let start = all(distance)
            .iter()
            .zip(&center)
            .map(|(d, c)| d + c)
            .collect();
        Drawn {
            curvatures,
            angles,
            units: vec![1.0; n],
            center,
            factor: 1.0,
            constant: 0.0,
            start,
        }
    }

    /// z, rotated.
    fn inner(&self, x: &[f64]) -> Vec<f64> {
        let n = x.len();
        let mut z: Vec<f64> = (0..n)
            .map(|i| x[i] / self.units[i] - self.center[i])
            .collect();
        for i in 0..n {
            let (sin, cos) = self.angles[i].sin_cos();
            let j = (i + 1) % n;
            (z[i], z[j]) = (cos * z[i] - sin * z[j], sin * z[i] + cos * z[j]);
        }
        z
    }

    fn value(&self, x: &[f64]) -> f64 {
        let z = self.inner(x);
        let term = |(z, d): (&f64, &f64)| 0.5 * d * z * z + 0.1 * z.powi(4);
        self.constant + self.factor * z.iter().zip(&self.curvatures).map(term).sum::<f64>()
    }

    fn gradient(&self, x: &[f64]) -> Vec<f64> {
        let (n, z) = (x.len(), self.inner(x));
        let slope = |(z, d): (&f64, &f64)| self.factor * (d * z + 0.4 * z.powi(3));
        let mut g: Vec<f64> = z.iter().zip(&self.curvatures).map(slope).collect();
        for i in (0..n).rev() {
            let (sin, cos) = self.angles[i].sin_cos();
            let j = (i + 1) % n;
            (g[i], g[j]) = (cos * g[i] + sin * g[j], cos * g[j] - sin * g[i]);
        }
        g.iter().zip(&self.units).map(|(g, u)| g / u).collect()
    }

    fn x0(&self) -> Vec<f64> {
        self.start
            .iter()
            .zip(&self.units)
            .map(|(s, u)| s * u)
            .collect()
    }

    fn run(&self, (method, search): &(Method, Option<Search>), x0: &[f64]) -> Minimum<Vec<f64>> {
        let mut run = minimize(|x: &[f64]| self.value(x), x0).method(method.clone());
        if let Some(search) = search {
            run = run.search(*search);
        }
        if method.learning_rate().is_some() {
            run = run.max_iterations(2000);
        }
        run.run().unwrap()
    }

    /// The rounding of f near the minimum: a hundred places of its constant and of the terms that cancel.
    fn rounding(&self) -> f64 {
        let most = self.curvatures.iter().copied().fold(0.0, f64::max);
        let size: f64 = self.center.iter().map(|c| c * c).sum();
        100.0 * f64::EPSILON * (self.constant.abs() + self.factor * most * size)
    }

    /// Whether a claim at `end` is false: f - f* above a millionth of f*, what was said to be left, and rounding.
    fn is_false(&self, end: &Minimum<Vec<f64>>) -> bool {
        let left = end.value - self.constant;
        end.status.is_success()
            && left > 1e-6 * self.constant.abs() + said(&end.status) + self.rounding()
    }
}

/// The decrease that a claim says is left.
pub(crate) fn said(status: &Status) -> f64 {
    match status {
        Status::Converged {
            test: Test::Decrease { predicted, .. } | Test::Rounding { predicted },
            ..
        } => *predicted,
        _ => 0.0,
    }
}

/// The default, the methods that take a search, and two with a learning rate.
pub(crate) fn methods() -> Vec<(Method, Option<Search>)> {
    vec![
        (Method::Automatic, None),
        (Method::Bfgs, None),
        (Method::Bfgs, Some(Search::HagerZhang)),
        (Method::Bfgs, Some(Search::TrustRegion)),
        (Method::Lbfgs { memory: 5 }, None),
        (Method::Newton, None),
        (Method::Newton, Some(Search::TrustRegion)),
        (Method::NewtonCg, None),
        (Method::ConjugateGradient, None),
        (Method::SteepestDescent, None),
        (
            Method::GradientDescent {
                learning_rate: 0.01,
            },
            None,
        ),
        (Method::adam(0.05), None),
    ]
}

/// Runs every method on drawn problems that `change` has altered; false claims, and how many the default made.
fn survey(
    seed: u64,
    rounds: usize,
    change: impl Fn(&mut Drawn, &mut ChaCha8Rng),
) -> (Vec<String>, usize, usize) {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let (mut wrong, mut claims, mut all) = (Vec::new(), 0, 0);
    for _ in 0..rounds / SHARE {
        let distance = 10f64.powf(4.0 + 4.0 * uniform(&mut stream));
        let mut problem = Drawn::new(&mut stream, distance);
        change(&mut problem, &mut stream);
        for method in methods() {
            let end = problem.run(&method, &problem.x0());
            if problem.is_false(&end) {
                let left = end.value - problem.constant;
                wrong.push(format!(
                    "{method:?}: {left:e} left of {:e}, {}; {problem:?}",
                    problem.value(&problem.x0()),
                    end.status
                ));
            }
            if method.0 == Method::Automatic {
                all += 1;
                claims += usize::from(end.status.is_success());
            }
        }
    }
    (wrong, claims, all)
}

pub(crate) fn none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} false claims:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_far_start_makes_no_false_claim() {
    let (wrong, claims, all) = survey(1, 60, |_, _| {});
    none(&wrong);
    assert!(50 * (all - claims) <= all, "{claims} of {all} claimed");
}

#[test]
fn a_constant_or_a_factor_makes_no_false_claim() {
    let (wrong, ..) = survey(2, 40, |problem, stream| {
        problem.constant = uniform(stream).signum() * 10f64.powf(4.5 + 4.5 * uniform(stream));
    });
    none(&wrong);
    let (wrong, claims, all) = survey(3, 40, |problem, stream| {
        problem.factor = 10f64.powf(12.0 * uniform(stream));
    });
    none(&wrong);
    assert!(20 * (all - claims) <= all, "{claims} of {all} claimed");
}

#[test]
fn other_units_make_no_false_claim() {
    let (wrong, ..) = survey(4, 40, |problem, stream| {
        let mut draw = |u: &mut f64| *u = 10f64.powf(4.0 * uniform(stream));
        problem.units.iter_mut().for_each(&mut draw);
    });
    none(&wrong);
}

/// Started again at a claimed x, a run claims at once, or lowers f by no more than was said to be left and rounding.
#[test]
fn a_run_from_a_claimed_x_claims_at_once() {
    let mut stream = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..60 / SHARE {
        let distance = 10f64.powf(4.0 + 4.0 * uniform(&mut stream));
        let mut problem = Drawn::new(&mut stream, distance);
        problem.constant = if uniform(&mut stream) > 0.0 {
            uniform(&mut stream)
        } else {
            0.0
        };
        for method in methods() {
            let end = problem.run(&method, &problem.x0());
            if !end.status.is_success() {
                continue;
            }
            let again = problem.run(&method, &end.x);
            let at_once = again.iterations == 0 || again.evaluations <= 4 * (end.x.len() + 1);
            let lowered = end.value - again.value;
            assert!(
                again.status.is_success()
                    && (at_once || lowered <= said(&end.status) + problem.rounding()),
                "{method:?}: {lowered:e} after {}, then {}; {problem:?}",
                end.status,
                again.status
            );
        }
    }
}

/// The default recognizes a claimed x by f at 2n points around it, n (n - 1) / 2 with two unknowns moved and four along
/// a line, wherever x is not beside 0; with a given gradient by f around it.
#[test]
fn the_default_recognizes_a_claimed_x() {
    let mut stream = ChaCha8Rng::seed_from_u64(6);
    for _ in 0..60 / SHARE {
        let mut problem = Drawn::new(&mut stream, 10.0);
        let center = problem.center.iter_mut();
        center.for_each(|c| *c += 0.1 * c.signum());
        let end = problem.run(&(Method::Automatic, None), &problem.x0());
        assert!(end.status.is_success(), "{}; {problem:?}", end.status);
        let again = problem.run(&(Method::Automatic, None), &end.x);
        let what = format!("{} after {}; {problem:?}", again.status, again.evaluations);
        assert!(again.status.is_success() && again.x == end.x, "{what}");
        assert!(again.evaluations <= 4 * (end.x.len() + 1), "{what}");
        problem.constant = uniform(&mut stream);
        let given = |x0: &[f64]| {
            let run = minimize(|x: &[f64]| problem.value(x), x0);
            run.gradient(|x: &[f64]| problem.gradient(x)).run().unwrap()
        };
        let end = given(&problem.x0());
        let again = given(&end.x);
        let what = format!("{} then {}; {problem:?}", end.status, again.status);
        assert!(
            again.status.is_success() || !end.status.is_success(),
            "{what}"
        );
        assert!(
            end.value - again.value <= said(&end.status) + problem.rounding(),
            "{what}"
        );
    }
}

type Curve = fn(f64) -> f64;

/// A coordinate that no displacement moved, beside a smooth one.
#[test]
fn flat_coordinates_are_named() {
    // Nothing changes from 0 to twice the start.
    let flat: [(Curve, f64); 5] = [
        (|_| 2.0, 7.0),
        (|x| x.max(10.0), 3.0),
        (|x| x.clamp(20.0, 30.0), 7.0),
        (|x| (x / 100.0).floor() + 1.0, 40.0),
        (|x| 1.0 / (1.0 + (-40.0 * (x + 20.0)).exp()), 5.0),
    ];
    for (k, (flat, start)) in flat.into_iter().enumerate() {
        for method in methods() {
            let f = |x: &[f64; 2]| flat(x[0]).powi(2) + (x[1] - 1.0).powi(2) + 0.1 * x[1].powi(4);
            let x0 = [start, 3.0];
            let mut run = minimize(f, &x0).method(method.0.clone());
            if let Some(search) = method.1 {
                run = run.search(search);
            }
            let end = run.run().unwrap();
            let named = Status::Stalled {
                cause: Stall::Flat {
                    coordinates: vec![0],
                },
            };
            // A displacement of x's size, which may have moved, changes f after all.
            let size = end.x[0].abs().max(0.1);
            let sides = [1.0, -1.0].map(|side| f(&[end.x[0] + side * size, end.x[1]]));
            let moved = sides.iter().any(|value| *value != end.value);
            assert!(
                end.status == named || moved,
                "{k} {method:?}: {:?} {}",
                end.x,
                end.status
            );
        }
    }
}

/// A deterministic kink is no noise, and no smooth minimum.
#[test]
fn kinks_are_called_so() {
    let kinks: [fn(&[f64]) -> f64; 4] = [
        |x| x[0].abs(),
        |x| x.iter().fold(0.0, |most, x| x.abs().max(most)),
        |x| 1.0 + (x[0] - 0.7).abs() + 3.0 * (x[1] + 0.3).abs(),
        |x| 2.0 + (x[0] - 0.7).abs() + (x[1] + 0.3).powi(2),
    ];
    for (k, f) in kinks.iter().enumerate() {
        for start in [[1.3, 2.0], [-0.4, 0.9], [5.0, -3.0]] {
            let x0 = if k == 0 { &start[..1] } else { &start[..] };
            let end = minimize(|x: &[f64]| f(x), x0).run().unwrap();
            let told = matches!(end.status, Status::Stalled { .. });
            assert!(told, "{k} {start:?}: {} {}", end.value, end.status);
        }
    }
}

/// Squares and fourth powers along rotated axes, least at 0 where their sum is 0: the lower points that are found there again
/// and again gain less than can be seen of f around, and the end is a claim.
#[test]
fn flat_minima_of_zero_are_claimed() {
    let mut stream = ChaCha8Rng::seed_from_u64(46);
    let (mut claims, mut all, mut wrong) = (0, 0, Vec::new());
    for _ in 0..30 / SHARE {
        let mut problem = Drawn::new(&mut stream, 3.0);
        problem.center.fill(0.0);
        let f = |x: &[f64]| {
            let z = problem.inner(x);
            let weights = problem.curvatures.iter().enumerate();
            let term = |(i, d): (usize, &f64)| match i % 2 {
                0 => d * z[i].powi(2),
                _ => d * z[i].powi(4),
            };
            weights.map(term).sum::<f64>()
        };
        for method in [
            Method::Bfgs,
            Method::Lbfgs { memory: 5 },
            Method::ConjugateGradient,
        ] {
            let end = minimize(f, &problem.start[..]).method(method.clone()).run();
            let end = end.unwrap();
            let claimed = end.status.is_success();
            (claims, all) = (claims + usize::from(claimed), all + 1);
            // A gradient of 1e-8 along a fourth power leaves (1e-8)^(4/3), over the cubic root of its weight of 0.03 at least.
            if claimed && end.value > 1e-10 {
                wrong.push(format!("{method:?}: {:e}, {}", end.value, end.status));
            }
        }
    }
    none(&wrong);
    assert!(50 * claims >= 49 * all, "{claims} of {all} claimed");
}

/// Data without noise: the sum of squares ends above 0 by no more than twice what a claim says is left, and the
/// rounding of the data.
#[test]
fn what_is_left_of_exact_data_is_said() {
    type Model = fn(&[f64], f64) -> f64;
    let models: [(Model, [f64; 3]); 6] = [
        (
            |p, t| p[0] * (1.0 - (-p[1] * (t + p[2])).exp()).powi(3),
            [50.0, 0.4, 1.0],
        ),
        (
            |p, t| p[0] / (1.0 + p[1] * (-p[2] * t).exp()),
            [100.0, 20.0, 0.8],
        ),
        (
            |p, t| p[0] * (-p[1] * (-p[2] * t).exp()).exp(),
            [30.0, 3.0, 0.6],
        ),
        (|p, t| p[0] * (-p[1] * t).exp() + p[2], [5.0, 1.0, 0.5]),
        (
            |p, t| p[0] / (1.0 + p[1] * p[2] * t).powf(1.0 / p[1]),
            [10.0, 0.8, 1.5],
        ),
        (
            |p, t| p[0] * (-0.5 * ((t - p[1]) / p[2]).powi(2)).exp(),
            [100.0, 5.0, 1.5],
        ),
    ];
    let mut stream = ChaCha8Rng::seed_from_u64(42);
    let (mut wrong, mut claims) = (Vec::new(), 0);
    for round in 0..240 / SHARE {
        let (model, usual) = models[round % 6];
        let mut near = |p: &[f64], by: f64| -> Vec<f64> {
            p.iter()
                .map(|p| p * (1.0 + by * uniform(&mut stream)))
                .collect()
        };
        let truth = near(&usual, 0.5);
        let start = near(&truth, 0.25);
        let times: Vec<f64> = (0..12 + round % 15)
            .map(|i| 10.0 * i as f64 / 20.0)
            .collect();
        let data: Vec<f64> = times.iter().map(|t| model(&truth, *t)).collect();
        let f = |p: &[f64]| -> f64 {
            let pairs = times.iter().zip(&data);
            pairs.map(|(t, y)| (model(p, *t) - y).powi(2)).sum()
        };
        let end = minimize(f, &start[..]).run().unwrap();
        let rounding: f64 = data.iter().map(|y| (16.0 * f64::EPSILON * y).powi(2)).sum();
        // Another minimum is no end of this one.
        let near = end
            .x
            .iter()
            .zip(&truth)
            .all(|(x, p)| (x - p).abs() <= 0.01 * p.abs());
        claims += usize::from(near && end.status.is_success());
        if near && end.status.is_success() && end.value > 2.0 * said(&end.status) + rounding {
            wrong.push(format!(
                "{truth:?} from {start:?}: {:e}, {}",
                end.value, end.status
            ));
        }
    }
    none(&wrong);
    assert!(claims * SHARE > 200, "{claims} claims");
}

/// f times a power of two whose squares overflow or vanish: every method that searches takes the same points.
#[test]
fn squares_of_f_do_not_overflow() {
    let mut stream = ChaCha8Rng::seed_from_u64(43);
    for _ in 0..12 / SHARE {
        let mut problem = Drawn::new(&mut stream, 3.0);
        for method in methods().iter().filter(|m| m.0.learning_rate().is_none()) {
            let ends = [600, 930, -600, -700].map(|power: i32| {
                problem.factor = 2f64.powi(power);
                let end = problem.run(method, &problem.x0());
                assert!(
                    !problem.is_false(&end),
                    "{method:?} 2^{power}: {}",
                    end.status
                );
                (power, end)
            });
            if method.0 == Method::Automatic {
                assert!(ends.iter().all(|(_, end)| end.status.is_success()));
                continue;
            }
            let (_, first) = &ends[0];
            assert!(first.status.is_success(), "{method:?}: {}", first.status);
            for (power, end) in &ends[1..] {
                assert_eq!(end.x, first.x, "{method:?} 2^{power}");
                assert_eq!(end.evaluations, first.evaluations, "{method:?} 2^{power}");
                let value = end.value / 2f64.powi(*power);
                assert_eq!(value, first.value / 2f64.powi(600), "{method:?} 2^{power}");
            }
        }
    }
}

/// f may grow far beyond what it was at x0: methods that search along directions see no overflow.
#[test]
fn f_leaves_the_size_that_it_had_at_the_start() {
    let mut solved = 0;
    for (method, _) in methods().iter().filter(|m| m.0.learning_rate().is_none()) {
        for start in [17.0, 25.0] {
            let well = |x: &[f64]| -(-x[0] * x[0]).exp();
            let end = minimize(well, &[start][..]).method(method.clone()).run();
            let end = end.unwrap();
            let unbounded = matches!(end.status, Status::Diverged { .. });
            let found = end.value < -1.0 + 1e-6;
            solved += usize::from(found);
            let lost = end.status.is_success() && !found;
            assert!(
                !unbounded && !lost,
                "{method:?} from {start}: {}",
                end.status
            );
        }
        let parabola = |x: &[f64]| 1e160 * (x[0] * x[0] - 1.0);
        let end = minimize(parabola, &[1.5][..]).method(method.clone()).run();
        let end = end.unwrap();
        assert!(end.status.is_success(), "{method:?}: {}", end.status);
        assert!(
            (end.value + 1e160).abs() <= 1e146,
            "{method:?}: {}",
            end.value
        );
    }
    assert!(solved > 3, "{solved}");
}

/// Convex functions bent by 1e-5 to 1e-2 of their largest curvature along a line, whose minimum is up to a million
/// times as far as the start: no unknown is said to run away.
#[test]
fn a_far_minimum_of_a_convex_function_is_no_runaway() {
    let mut stream = ChaCha8Rng::seed_from_u64(44);
    let (mut claims, rounds) = (0, 200 / SHARE);
    for round in 0..rounds {
        let far = 10f64.powf(4.5 + 1.5 * uniform(&mut stream));
        let (a, b) = (uniform(&mut stream), uniform(&mut stream));
        let bend = 10f64.powf(-3.5 + 1.5 * uniform(&mut stream));
        let start = 10f64.powf(-1.5 + 1.5 * uniform(&mut stream));
        let f = |x: &[f64]| {
            let (along, across) = (x[0] - far * (1.0 + 0.5 * a), x[1] - far * (1.0 + 0.5 * b));
            let constant = if round % 2 == 0 { 1.0 } else { 0.0 };
            constant + (along + across).powi(2) + bend * (along - across).powi(2)
        };
        let end = minimize(f, &[start, start][..]).run().unwrap();
        let runaway = matches!(
            end.status,
            Status::Stalled {
                cause: Stall::Runaway { .. },
                ..
            }
        );
        assert!(!runaway, "{far} {bend} {start}: {}", end.status);
        claims += usize::from(end.status.is_success());
    }
    assert!(50 * claims >= 49 * rounds, "{claims} of {rounds}");
}
