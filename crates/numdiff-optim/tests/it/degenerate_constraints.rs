//! Constraints that depend on one another, are written otherwise, or admit no multipliers; runs that begin at a claim.

use numdiff_optim::{Constraint, Minimum, Stall, Status, minimize};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    2.0 * (stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64 - 1.0
}

type Objective = fn(&[f64]) -> f64;
/// Inequalities of two unknowns.
type Rows = fn(&[f64]) -> Vec<f64>;

/// Without a constraint qualification the conditions of first order do not hold at the minimum: that is told, with the
/// constraints that are to blame, in a bounded number of evaluations.
#[test]
fn no_multipliers_exist() {
    // HS13: a cusp at (1, 0).
    let cusp = |x: &[f64]| (x[0] - 2.0).powi(2) + x[1].powi(2);
    let best = minimize(cusp, &vec![-2.0, -2.0])
        .inequality(|x: &[f64]| (1.0 - x[0]).powi(3) - x[1])
        .bounds(0.0, f64::INFINITY)
        .run()
        .unwrap();
    let cause = Stall::Degenerate {
        constraints: vec![Constraint::Inequality(0), Constraint::Bound(1)],
    };
    assert_eq!(best.status, Status::Stalled { cause });
    assert!(best.evaluations < 500, "{}", best.evaluations);
    assert!(best.status.to_string().contains("the bound of x[1]"));

    // A set without an interior, two discs that touch, a cusp of two curves, a single point.
    let cases: [(Objective, Rows, [f64; 2]); 4] = [
        (|x| x[0] + x[1] * x[1], |x| vec![-x[0] * x[0]], [1.0, 1.0]),
        (
            |x| x[1],
            |x| {
                let disc = |at: f64| 1.0 - (x[0] - at).powi(2) - x[1] * x[1];
                vec![disc(1.0), disc(-1.0)]
            },
            [0.3, 0.7],
        ),
        (|x| x[0], |x| vec![x[0].powi(3) - x[1], x[1]], [1.0, 0.5]),
        (
            |x| x[0] + 2.0 * x[1],
            |x| vec![-(x[0] - 1.0).powi(2) - (x[1] - 1.0).powi(2)],
            [0.8, 0.7],
        ),
    ];
    for (k, (f, g, start)) in cases.into_iter().enumerate() {
        let best = minimize(f, &start[..]).inequality(g).run().unwrap();
        let degenerate = matches!(
            &best.status,
            Status::Stalled { cause: Stall::Degenerate { constraints } } if !constraints.is_empty()
        );
        assert!(degenerate, "{k}: {}", best.status);
        let least = [0.0, 0.0, 0.0, 3.0][k];
        // Violations of 1e-8 are allowed, and that of a cusp is x^3.
        assert!((best.value - least).abs() < 2.2e-3, "{k}: {:e}", best.value);
        assert!(best.evaluations < 1500, "{k}: {}", best.evaluations);
    }
}

/// Redundant constraints cost nothing and are named.
#[test]
fn dependent_constraints_are_named() {
    let f = |x: &[f64]| x[0] + x[1];
    let circle = |x: &[f64]| x[0].powi(2) + x[1].powi(2) - 2.0;
    let once = minimize(f, &vec![1.0, 0.5]).equality(circle).run().unwrap();
    assert!(once.multipliers.dependent.is_empty());
    let twice = minimize(f, &vec![1.0, 0.5])
        .equality(|x: &[f64]| [circle(x), -3.0 * circle(x)])
        .run()
        .unwrap();
    assert!(twice.status.is_success(), "{}", twice.status);
    let both = [Constraint::Equality(0), Constraint::Equality(1)];
    assert_eq!(twice.multipliers.dependent, both);
    assert!(twice.evaluations <= once.evaluations + 5);

    let sum = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let rows = |x: &[f64]| {
        [
            x[0] + x[1] - 1.0,
            x[1] + x[2] - 1.0,
            x[0] + 2.0 * x[1] + x[2] - 2.0,
        ]
    };
    let best = minimize(sum, &vec![1.0, 0.5, 3.0])
        .equality(rows)
        .run()
        .unwrap();
    assert!(best.status.is_success(), "{}", best.status);
    assert_eq!(best.multipliers.dependent.len(), 3);
    assert!((best.value - 2.0 / 3.0).abs() < 1e-9 && best.evaluations < 60);
}

/// A smooth problem with a feasible point.
struct Drawn {
    n: usize,
    target: Vec<f64>,
    weights: Vec<f64>,
    /// Of the equality and of two inequalities.
    normals: [Vec<f64>; 3],
    offsets: [f64; 3],
}

impl Drawn {
    fn new(stream: &mut ChaCha8Rng, n: usize) -> Self {
        let mut draw = || -> Vec<f64> { (0..n).map(|_| uniform(stream)).collect() };
        let (inside, target) = (draw(), draw());
        let weights = draw().iter().map(|w| 10f64.powf(*w)).collect();
        let normals = [draw(), draw(), draw()];
        let mut drawn = Drawn {
            n,
            target: target.iter().map(|t| 3.0 * t).collect(),
            weights,
            normals,
            offsets: [0.0; 3],
        };
        drawn.offsets = drawn.rows(&inside);
        drawn
    }

    fn f(&self, x: &[f64]) -> f64 {
        let terms = x.iter().zip(&self.target).zip(&self.weights);
        let squares: f64 = terms.map(|((x, t), w)| w * (x - t).powi(2)).sum();
        squares + (0.3 * x.iter().sum::<f64>()).exp()
    }

    /// h = 0, then g >= 0; the second inequality holds with a margin somewhere.
    fn rows(&self, x: &[f64]) -> [f64; 3] {
        std::array::from_fn(|k| {
            let along: f64 = x.iter().zip(&self.normals[k]).map(|(x, a)| x * a).sum();
            let curved = match k {
                0 => along + 0.2 * along.sin(),
                1 => along - 0.1 * x.iter().map(|x| x * x).sum::<f64>(),
                _ => 0.1 + along - 0.2 * along.cos(),
            };
            curved - self.offsets[k]
        })
    }

    /// `order` lists rows with a factor each: 0 is the equality.
    fn solve(&self, start: &[f64], order: &[(usize, f64)], split: bool) -> Minimum<Vec<f64>> {
        let of = |x: &[f64], equality: bool| -> Vec<f64> {
            let rows = self.rows(x);
            let own = order.iter().filter(|(k, _)| (*k == 0) == equality);
            own.map(|(k, s)| s * rows[*k]).collect()
        };
        let run = minimize(|x: &[f64]| self.f(x), start);
        let run = if split {
            run.inequality(|x: &[f64]| of(x, true))
                .inequality(|x: &[f64]| of(x, true).iter().map(|h| -h).collect::<Vec<f64>>())
        } else {
            run.equality(|x: &[f64]| of(x, true))
        };
        run.inequality(|x: &[f64]| of(x, false)).run().unwrap()
    }
}

const PLAIN: [(usize, f64); 3] = [(0, 1.0), (1, 1.0), (2, 1.0)];

/// The claim is the same however the constraints are written.
#[test]
fn drawn_problems_written_otherwise() {
    let mut stream = ChaCha8Rng::seed_from_u64(20);
    for round in 0..60 {
        let n = 2 + round % 5;
        let drawn = Drawn::new(&mut stream, n);
        let start: Vec<f64> = (0..n).map(|_| 2.0 * uniform(&mut stream)).collect();
        let base = drawn.solve(&start, &PLAIN, false);
        assert!(base.status.is_success(), "{round}: {}", base.status);
        let factors: Vec<f64> = (0..3)
            .map(|_| 10f64.powf(6.0 * uniform(&mut stream)))
            .collect();
        let scaled: Vec<(usize, f64)> = PLAIN.iter().map(|(k, _)| (*k, factors[*k])).collect();
        let repeated: Vec<(usize, f64)> = PLAIN.iter().chain(&scaled).copied().collect();
        let reordered: Vec<(usize, f64)> = scaled.iter().rev().copied().collect();
        for (order, split) in [
            (&scaled, false),
            (&repeated, false),
            (&reordered, false),
            (&PLAIN.to_vec(), true),
        ] {
            let other = drawn.solve(&start, order, split);
            assert!(
                other.status.is_success(),
                "{round} {order:?} {split}: {}",
                other.status
            );
            let apart = (other.value - base.value).abs();
            assert!(
                apart <= 1e-7 * base.value.abs().max(1.0),
                "{round} {order:?} {split}: {apart:e}"
            );
        }
    }
}

/// A run that begins at a claimed point claims it at once: the gradients, the noise and the curvature are looked at,
/// and no step is taken.
#[test]
fn drawn_problems_started_at_their_claims() {
    let mut stream = ChaCha8Rng::seed_from_u64(21);
    for round in 0..60 {
        let n = 2 + round % 5;
        let drawn = Drawn::new(&mut stream, n);
        let start: Vec<f64> = (0..n).map(|_| 2.0 * uniform(&mut stream)).collect();
        let base = drawn.solve(&start, &PLAIN, false);
        let again = drawn.solve(&base.x, &PLAIN, false);
        assert!(again.status.is_success(), "{round}: {}", again.status);
        let free = drawn.n - 1;
        let check = 3 * n + 7 + free * (free + 1) / 2;
        assert!(
            again.iterations == 0 && again.evaluations <= check,
            "{round}: {} iterations, {} evaluations for {check}",
            again.iterations,
            again.evaluations
        );
    }
}

/// At a saddle or a maximum of the violations their gradients vanish as at a least one: around it they are less.
#[test]
fn a_stationary_violation_that_is_not_the_least_is_left() {
    let mut stream = ChaCha8Rng::seed_from_u64(31);
    for round in 0..20 {
        let (by, bend) = (1.5 + uniform(&mut stream), 1.2 + 0.8 * uniform(&mut stream));
        let hyperbola = minimize(
            |x: &[f64]| x[0].powi(2) + bend * x[1].powi(2),
            &[0.0, 0.0][..],
        )
        .equality(|x: &[f64]| x[0] * x[1] - by)
        .bounds(-10.0, 10.0)
        .run()
        .unwrap();
        assert!(
            hyperbola.status.is_success(),
            "{round}: {}",
            hyperbola.status
        );
        assert!((hyperbola.value - 2.0 * bend.sqrt() * by).abs() < 1e-6);

        let n = 2 + round % 4;
        let mut draw = || -> Vec<f64> { (0..n).map(|_| uniform(&mut stream)).collect() };
        let (center, slope) = (draw(), draw());
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let distance = |x: &[f64]| {
            x.iter()
                .zip(&center)
                .map(|(x, c)| (x - c).powi(2))
                .sum::<f64>()
        };
        let f = |x: &[f64]| dot(&slope, x);
        let once = minimize(f, &center).equality(|x: &[f64]| distance(x) - by);
        let twice =
            minimize(f, &center).inequality(|x: &[f64]| [distance(x) - by, by - distance(x)]);
        let least = dot(&slope, &center) - (by * dot(&slope, &slope)).sqrt();
        for sphere in [once.run().unwrap(), twice.run().unwrap()] {
            assert!(sphere.status.is_success(), "{round}: {}", sphere.status);
            assert!(
                (sphere.value - least).abs() < 1e-6,
                "{round}: {}",
                sphere.value
            );
        }
    }
}

/// Two balls apart: no point is in both, and most runs end where they are violated least. None claims a minimum.
#[test]
fn balls_apart_are_told() {
    let mut stream = ChaCha8Rng::seed_from_u64(32);
    let mut told = 0;
    for round in 0..20 {
        let n = 2 + round % 5;
        let mut draw =
            |size: f64| -> Vec<f64> { (0..n).map(|_| size * uniform(&mut stream)).collect() };
        let (center, slope, start, away) = (draw(1.0), draw(1.0), draw(5.0), draw(1.0));
        let length = away.iter().map(|a| a * a).sum::<f64>().sqrt();
        let other: Vec<f64> = center
            .iter()
            .zip(&away)
            .map(|(c, a)| c + 4.0 * a / length)
            .collect();
        let inside =
            |x: &[f64], c: &[f64]| 1.0 - x.iter().zip(c).map(|(x, c)| (x - c).powi(2)).sum::<f64>();
        let run = minimize(
            |x: &[f64]| x.iter().zip(&slope).map(|(x, s)| x * s).sum::<f64>(),
            &start,
        )
        .inequality(|x: &[f64]| [inside(x, &center), inside(x, &other)])
        .run()
        .unwrap();
        assert!(!run.status.is_success(), "{round}: {}", run.status);
        told += usize::from(matches!(run.status, Status::Infeasible { .. }));
    }
    assert!(told >= 17, "{told} of 20");
}

/// Entropy, roots and logarithms: beside a bound f varies over the distance from it, which spans decades, and its
/// differences there are no noise.
#[test]
fn f_that_varies_over_the_distance_from_a_bound() {
    let mut stream = ChaCha8Rng::seed_from_u64(33);
    let mut claims = 0;
    let mut expect = |what: &str, run: Minimum<Vec<f64>>, least: f64| {
        let off = (run.value - least).abs();
        assert!(
            off <= 1e-6 * least.abs().max(1.0),
            "{what}: {off:e}, {}",
            run.status
        );
        claims += usize::from(run.status.is_success());
    };
    for round in 0..20 {
        let n = 3 + round % 5;
        let sum = |x: &[f64]| x.iter().sum::<f64>();
        let mut draw =
            |size: f64| -> Vec<f64> { (0..n).map(|_| size * uniform(&mut stream)).collect() };

        let (costs, weight) = (draw(2.0), 0.2 * 10f64.powf(draw(1.0)[0]));
        let entropy = |x: &f64| if *x == 0.0 { 0.0 } else { x * x.ln() };
        let f = |x: &[f64]| {
            let cost: f64 = costs.iter().zip(x).map(|(c, x)| c * x).sum();
            cost + weight * x.iter().map(entropy).sum::<f64>()
        };
        let partition: f64 = costs.iter().map(|c| (-c / weight).exp()).sum();
        let start = vec![0.7 / n as f64; n];
        let run = minimize(f, &start).equality(|x: &[f64]| sum(x) - 1.0);
        let run = run.bounds(0.0, 1.0).max_evaluations(2000).run().unwrap();
        expect("entropy", run, -weight * partition.ln());

        // The shares are the squares of the weights.
        let weights: Vec<f64> = draw(1.5).iter().map(|u| 10f64.powf(u - 1.5)).collect();
        let f = |x: &[f64]| {
            -x.iter()
                .zip(&weights)
                .map(|(x, a)| a * x.sqrt())
                .sum::<f64>()
        };
        let start = vec![1.0 / n as f64; n];
        let run = minimize(f, &start).equality(|x: &[f64]| sum(x) - 1.0);
        let run = run.bounds(0.0, 1.0).max_evaluations(5000).run().unwrap();
        expect(
            "roots",
            run,
            -weights.iter().map(|a| a * a).sum::<f64>().sqrt(),
        );

        // c x - ln x is least at 1 / c; the sum leaves room for all.
        let costs: Vec<f64> = draw(2.5).iter().map(|u| 10f64.powf(u + 0.5)).collect();
        let f = |x: &[f64]| {
            x.iter()
                .zip(&costs)
                .map(|(x, c)| c * x - x.ln())
                .sum::<f64>()
        };
        let room = 1.5 * costs.iter().map(|c| 1.0 / c).sum::<f64>();
        let start = vec![0.5 * room / n as f64; n];
        let run = minimize(f, &start);
        let run = run.inequality(|x: &[f64]| room - sum(x));
        let run = run
            .bounds(0.0, f64::INFINITY)
            .max_evaluations(5000)
            .run()
            .unwrap();
        expect("logarithms", run, costs.iter().map(|c| 1.0 + c.ln()).sum());
    }
    assert!(claims >= 57, "{claims} of 60");
}

/// The same balls with unknowns in units from 1e-6 to 1e6: the same minimum, claimed.
#[test]
fn unknowns_in_other_units() {
    let mut stream = ChaCha8Rng::seed_from_u64(34);
    for round in 0..30 {
        let n = 2 + round % 6;
        let mut draw =
            |size: f64| -> Vec<f64> { (0..n).map(|_| size * uniform(&mut stream)).collect() };
        let (least, start) = (draw(2.0), draw(5.0));
        let units: Vec<f64> = draw(6.0).iter().map(|u| 10f64.powf(*u)).collect();
        // Balls that touch at the minimum, whose normals there hold the slope of f.
        let normals: Vec<Vec<f64>> = (0..1 + round % n).map(|_| draw(2.0)).collect();
        let away = |x: &[f64]| -> Vec<f64> {
            let own = x.iter().zip(&units).zip(&least);
            own.map(|((x, unit), least)| x / unit - least).collect()
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let f = |x: &[f64]| {
            let d = away(x);
            dot(&d, &d) - normals.iter().map(|a| dot(a, &d)).sum::<f64>()
        };
        // |d + a|^2 <= |a|^2: the center of the ball is at -a.
        let balls = |x: &[f64]| -> Vec<f64> {
            let d = away(x);
            normals
                .iter()
                .map(|a| -dot(&d, &d) - 2.0 * dot(a, &d))
                .collect()
        };
        let start: Vec<f64> = start.iter().zip(&units).map(|(x, unit)| x * unit).collect();
        let run = minimize(f, &start).inequality(balls).run().unwrap();
        assert!(run.status.is_success(), "{round}: {}", run.status);
        let violation = balls(&run.x).iter().fold(0.0, |most: f64, g| most.max(-g));
        assert!(violation < 1e-7, "{round}: {violation:e}");
        assert!(run.value.abs() < 1e-6, "{round}: {:e}", run.value);
    }
}

/// Linear constraints have multipliers, also where their normals depend on one another and some multipliers are 0: the
/// minimum is claimed in whatever scale they come, also with an equality as two inequalities.
#[test]
fn dependent_linear_constraints_are_no_degeneracy() {
    let mut stream = ChaCha8Rng::seed_from_u64(35);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for round in 0..60 {
        let n = 3 + round % 5;
        let mut draw =
            |size: f64| -> Vec<f64> { (0..n).map(|_| size * uniform(&mut stream)).collect() };
        let (least, start, bends) = (draw(2.0), draw(5.0), draw(2.5));
        // Two equalities, two active rows and their combination; some unknowns are at their bounds.
        let mut normals: Vec<Vec<f64>> = (0..4).map(|_| draw(2.0)).collect();
        let combined = normals[2].iter().zip(&normals[3]).map(|(a, b)| 0.5 * a + b);
        normals.push(combined.collect());
        let weights = [1.5, -0.7, 0.8, if round % 2 == 0 { 0.0 } else { 0.4 }, 0.0];
        let (at_bound, logarithms) = (draw(1.0), draw(6.0));
        let at_bound = |i: usize| at_bound[i] > 0.5;
        let slope: Vec<f64> = (0..n)
            .map(|i| {
                let rows: f64 = normals.iter().zip(weights).map(|(a, w)| w * a[i]).sum();
                rows + if at_bound(i) { 0.3 } else { 0.0 }
            })
            .collect();
        let lower: Vec<f64> = (0..n)
            .map(|i| least[i] - if at_bound(i) { 0.0 } else { 9.0 })
            .collect();
        let away = |x: &[f64]| -> Vec<f64> { x.iter().zip(&least).map(|(x, l)| x - l).collect() };
        let f = |x: &[f64]| {
            let d = away(x);
            let bent = d
                .iter()
                .zip(&bends)
                .map(|(d, b)| 10f64.powf(b - 2.5) * d * d);
            bent.sum::<f64>() + dot(&slope, &d)
        };
        for variant in 0..4 {
            let scale = |k: usize| {
                if variant % 2 == 1 {
                    10f64.powf(logarithms[k % n])
                } else {
                    1.0
                }
            };
            let row = |k: usize, x: &[f64]| scale(k) * dot(&normals[k], &away(x));
            let rows = |x: &[f64]| {
                let mut rows = [2, 3, 4].map(|k| row(k, x)).to_vec();
                if variant > 1 {
                    rows.extend([0, 1].map(|k| row(k, x)));
                    rows.extend([0, 1].map(|k| -row(k, x)));
                }
                rows
            };
            let run = minimize(f, &start).bounds(&lower, 9.0).inequality(rows);
            let run = match variant > 1 {
                true => run.run(),
                false => run.equality(|x: &[f64]| [0, 1].map(|k| row(k, x))).run(),
            };
            let run = run.unwrap();
            assert!(run.status.is_success(), "{round} {variant}: {}", run.status);
            assert!(run.value.abs() < 1e-6, "{round} {variant}: {:e}", run.value);
        }
    }
}
