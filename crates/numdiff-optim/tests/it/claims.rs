//! No method claims what is not so.

use ndarray::{Array1, array};
use numdiff_optim::{Method, Minimum, Search, Stall, Status, Test, least_squares, minimize};
use std::cell::Cell;

/// Every descent with every search, and every rule with this learning rate.
pub(crate) fn every(learning_rate: f64) -> Vec<(Method, Option<Search>)> {
    let descents = [
        Method::SteepestDescent,
        Method::ConjugateGradient,
        Method::Bfgs,
        Method::Lbfgs { memory: 5 },
        Method::Newton,
        Method::NewtonCg,
    ];
    let searches = [
        Search::Backtracking,
        Search::StrongWolfe,
        Search::HagerZhang,
        Search::TrustRegion,
    ];
    let mut all = vec![(Method::Automatic, None)];
    for method in descents {
        all.extend(searches.map(|search| (method.clone(), Some(search))));
    }
    all.extend(rules(learning_rate).map(|method| (method, None)));
    all
}

fn rules(learning_rate: f64) -> [Method; 7] {
    let momentum = 0.9;
    [
        Method::GradientDescent { learning_rate },
        Method::Momentum {
            learning_rate,
            momentum,
        },
        Method::Nesterov {
            learning_rate,
            momentum,
        },
        Method::ada_grad(learning_rate),
        Method::rms_prop(learning_rate),
        Method::adam(learning_rate),
        Method::adam_w(learning_rate, 1e-2),
    ]
}

pub(crate) fn run(
    (method, search): &(Method, Option<Search>),
    f: impl Fn(&[f64]) -> f64,
    x0: &[f64],
) -> Minimum<Array1<f64>> {
    let x0 = Array1::from(x0.to_vec());
    let mut run = minimize(|x: &Array1<f64>| f(&x.to_vec()), &x0).method(method.clone());
    if let Some(search) = search {
        run = run.search(*search);
    }
    if method.learning_rate().is_some() {
        run = run.max_iterations(2000);
    }
    run.run().unwrap()
}

pub(crate) fn rosenbrock(x: &[f64]) -> f64 {
    100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2)
}

/// f that falls slowly without end takes x to the largest numbers: f is not asked beyond them, and nothing panics.
#[test]
fn f_is_not_asked_at_a_point_that_has_overflowed() {
    for method in every(1e300) {
        let inside = Cell::new(true);
        let f = |x: &[f64]| {
            inside.set(inside.get() && x.iter().all(|x| x.is_finite()));
            -(x[0].abs() + 1.0).ln()
        };
        let end = run(&method, f, &[1.0]);
        assert!(inside.get(), "{method:?}");
        assert!(!end.status.is_success(), "{method:?}: {}", end.status);
    }
}

/// Minus infinity is no minimum but a point where f cannot be evaluated.
#[test]
fn minus_infinity_is_infeasible() {
    let f = |x: &[f64]| match x[0] > 1.5 {
        true => f64::NEG_INFINITY,
        false => (x[0] - 1.0).powi(2) + (x[1] - 1.0).powi(2),
    };
    for method in every(0.1) {
        let end = run(&method, f, &[-2.0, 3.0]);
        let what = format!("{method:?}: {} {}", end.value, end.status);
        // AdaGrad's steps shrink, AdamW's minimum is another one.
        assert!(end.value >= 0.0 && end.value < 1.0, "{what}");
    }
}

/// A start that no neighbor is like tells nothing of a minimum.
#[test]
fn a_start_alone_in_its_domain_is_no_minimum() {
    for nothing in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let f = |x: &[f64]| if x == [0.5, 0.25] { 3.0 } else { nothing };
        for method in every(1e-2)
            .iter()
            // The tutorial's difference cannot be taken there, which is an error.
            .filter(|m| !matches!(m.0, Method::GradientDescent { .. }))
        {
            let end = run(method, f, &[0.5, 0.25]);
            let cause = Stall::Domain { coordinate: 0 };
            assert_eq!(end.status, Status::Stalled { cause }, "{method:?}");
            assert_eq!(end.value, 3.0);
        }
    }
}

/// Where f does not change at any distance, nothing is known of minima.
#[test]
fn a_plateau_is_no_minimum() {
    let far = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().min(4.0);
    for method in every(1e-2) {
        let end = run(&method, |_| 3.0, &[1.0, 2.0]);
        let cause = Stall::Plateau;
        assert_eq!(end.status, Status::Stalled { cause }, "{method:?}");
        let end = run(&method, far, &[30.0, 20.0]);
        assert!(!end.status.is_success(), "{method:?}: {}", end.status);
    }
    // Flat to the last digit nearby, but not farther out.
    for method in every(1e-2) {
        let end = run(&method, |x| 1.0 + x[0].powi(4), &[0.0]);
        assert!(end.status.is_success(), "{method:?}: {}", end.status);
    }
}

/// The gradient vanishes at a saddle and at a maximum.
#[test]
fn no_method_ends_at_a_saddle_or_a_maximum() {
    let saddle = |x: &[f64]| x[0].powi(2) - x[1].powi(2) + 0.25 * x[1].powi(4);
    let maximum = |x: &[f64]| x[0].cos() + x[1].cos();
    for method in every(0.1) {
        for end in [
            run(&method, saddle, &[1.0, 0.0]),
            run(&method, saddle, &[0.0, 0.0]),
            run(&method, maximum, &[0.0, 0.0]),
        ] {
            let claimed = end.status.is_success();
            assert!(
                !claimed || end.value < -0.99,
                "{method:?}: {} {}",
                end.value,
                end.status
            );
            // Nor does it stay there.
            assert!(
                ![0.0, 2.0].contains(&end.value),
                "{method:?}: {}",
                end.status
            );
        }
    }
}

/// A claim must not depend on the unit of f.
#[test]
fn the_unit_of_f_makes_no_false_claim() {
    for exponent in [-300, -100, -20, -10, -6, 10, 100] {
        let unit = 10f64.powi(exponent);
        for method in every(1e-3) {
            for least in [0.0, 1.0] {
                let f = |x: &[f64]| unit * (least + rosenbrock(x));
                let end = run(&method, f, &[-1.2, 1.0]);
                // Of 24 units of height.
                let left = end.value / unit - least;
                let what = format!("{method:?} 1e{exponent}: {left:e} left, {}", end.status);
                assert!(!end.status.is_success() || left < 24e-5, "{what}");
            }
        }
    }
    // And where it can be reached, it is.
    for method in [Method::Automatic, Method::Bfgs, Method::Lbfgs { memory: 5 }] {
        for unit in [1e-20, 1e-10] {
            let end = run(
                &(method.clone(), None),
                |x| unit * (1.0 + rosenbrock(x)),
                &[-1.2, 1.0],
            );
            let left = end.value / unit - 1.0;
            assert!(
                left < 1e-6 && end.status.is_success(),
                "{method:?}: {left:e} {}",
                end.status
            );
        }
    }
}

/// The first step of a method without a scale has a length of 1 at most, which is nothing to an x of 1e20.
#[test]
fn large_unknowns_make_no_false_claim() {
    for unit in [1e10, 1e20, 1e50, 1e100] {
        for method in every(1e-2) {
            let f =
                |x: &[f64]| 1.0 + (x[0] / unit - 1.0).powi(2) + 2.0 * (x[1] / unit - 1.0).powi(2);
            let end = run(&method, f, &[-1.2 * unit, 2.0 * unit]);
            let what = format!("{method:?} {unit:e}: {} {}", end.value, end.status);
            assert!(!end.status.is_success() || end.value < 1.0 + 1e-6, "{what}");
            // Neither a radius nor a search that only shortens its trials makes up for a first step that is too short.
            let scaled = matches!(
                method.0,
                Method::Bfgs | Method::Lbfgs { .. } | Method::Newton
            );
            if scaled && method.1 != Some(Search::TrustRegion) {
                assert!(end.value < 1.0 + 1e-6, "{what}");
            }
        }
    }
}

/// An unknown that is not 0 shows its unit, however small that is.
#[test]
fn tiny_unknowns_are_seen() {
    for unit in [1e-40, 1e-60, 1e-100] {
        let f = |x: &[f64]| 1.0 + rosenbrock(&[x[0] / unit, x[1] / unit]);
        let end = run(&(Method::Automatic, None), f, &[-1.2 * unit, unit]);
        let what = format!("{unit:e}: {} {}", end.value, end.status);
        assert!(end.status.is_success() && end.value < 1.0 + 1e-9, "{what}");
        // 181 values where the unknowns are of the order of 1, and twenty hundredths, twice, on both sides.
        assert!(end.evaluations < 2 * 181 + 80, "{what} {}", end.evaluations);
    }
}

/// A search that fails where one unknown has a unit of 1e-5 is no minimum either.
#[test]
fn small_units_among_others_make_no_false_claim() {
    for units in [[1e5, 0.1, 1e-5], [1e10, 1.0, 1e-10], [1.0, 1e-7, 1e-3]] {
        for start in [[1.5, 2.5, 1.2], [2.8, 1.1, 2.2], [-1.0, 2.0, 1.5]] {
            for method in every(1e-3) {
                let f = |x: &[f64]| {
                    let terms = x.iter().zip(units).zip([1.0, 2.0, 3.0]);
                    let quartic = |z: f64, k: f64| k * z * z + 0.3 * z.powi(4);
                    2.0 + terms
                        .map(|((x, u), k)| quartic(x / u - 1.0, k))
                        .sum::<f64>()
                };
                let x0: Vec<f64> = units.iter().zip(start).map(|(u, s)| u * s).collect();
                let end = run(&method, f, &x0);
                let what = format!(
                    "{method:?} {units:?} {start:?}: {} {}",
                    end.value, end.status
                );
                assert!(!end.status.is_success() || end.value < 2.0 + 1e-3, "{what}");
            }
        }
    }
}

/// Nesterov's gradient is that of a point ahead of x: differences begin at f there.
#[test]
fn differences_ahead_of_x_begin_there() {
    let method = Method::Nesterov {
        learning_rate: 1e-3,
        momentum: 0.9,
    };
    let x0 = array![-1.2, 1.0];
    let f = |x: &Array1<f64>| rosenbrock(&x.to_vec());
    let given = |x: &Array1<f64>| {
        let cross = x[1] - x[0] * x[0];
        array![-400.0 * x[0] * cross - 2.0 * (1.0 - x[0]), 200.0 * cross]
    };
    let run = || {
        minimize(f, &x0)
            .method(method.clone())
            .max_iterations(50)
            .record()
    };
    let by_differences = run().run().unwrap().trajectory.path();
    let exact = run().gradient(given).run().unwrap().trajectory.path();
    // One-sided differences err by sqrt(eps) times the curvature, 1e3, at each of 50 steps of 1e-3.
    for (a, b) in by_differences.iter().zip(&exact) {
        assert!((a - b).abs() < 50.0 * 1e-3 * 1e3 * 1.5e-8, "{a} {b}");
    }
}

/// J^T r vanishes at a maximum and at a saddle of |r|^2, where the model of Gauss and Newton sees a minimum.
#[test]
fn no_fit_ends_at_a_maximum_or_a_saddle() {
    let maximum = |x: &Array1<f64>| vec![2.0 + x[0].cos(), 3.0 + x[1].cos()];
    let fit = least_squares(maximum, &array![0.0, 0.0]).run().unwrap();
    assert!(
        fit.status.is_success() && (fit.value - 5.0).abs() < 1e-9,
        "{} {}",
        fit.value,
        fit.status
    );
    let given = |x: &Array1<f64>| vec![-x[0].sin(), 0.0, 0.0, -x[1].sin()];
    let fit = least_squares(maximum, &array![0.0, 0.0])
        .jacobian(given)
        .run()
        .unwrap();
    assert!(
        fit.status.is_success() && (fit.value - 5.0).abs() < 1e-9,
        "{} {}",
        fit.value,
        fit.status
    );
    let saddle = |x: &Array1<f64>| vec![3.0 - x[1].powi(2) + 0.25 * x[1].powi(4), x[0]];
    let fit = least_squares(saddle, &array![1.0, 0.0]).run().unwrap();
    // 3 - 1 at y^2 = 2.
    assert!(
        fit.status.is_success() && (fit.value - 4.0).abs() < 1e-9,
        "{} {}",
        fit.value,
        fit.status
    );
}

/// Residuals that nothing changes, and residuals of six digits.
#[test]
fn a_fit_on_a_plateau_or_a_staircase_is_called_so() {
    let constant = |_: &Array1<f64>| vec![1.0, 2.0, 3.0];
    let fit = least_squares(constant, &array![1.0, 2.0]).run().unwrap();
    let cause = Stall::Plateau;
    assert_eq!(fit.status, Status::Stalled { cause });
    let six = |v: f64| format!("{v:.5e}").parse::<f64>().unwrap();
    let data = [(0.0, 2.1), (1.0, 1.2), (2.0, 0.75), (3.0, 0.4), (4.0, 0.3)];
    let stairs = |p: &Array1<f64>| data.map(|(t, y)| six(p[0] * f64::exp(-p[1] * t) - y));
    let smooth = |p: &Array1<f64>| data.map(|(t, y)| p[0] * f64::exp(-p[1] * t) - y);
    let best = least_squares(smooth, &array![1.0, 1.0]).run().unwrap();
    assert!(best.status.is_success(), "{}", best.status);
    let fit = least_squares(stairs, &array![1.0, 1.0]).run().unwrap();
    let left = fit.value / best.value - 1.0;
    assert!(
        !fit.status.is_success() || left < 1e-3,
        "{left:e} {}",
        fit.status
    );
}

/// A bound that is met by a sum is met, though the sum may miss it by its last place: from 5 below, 0.2 is one.
#[test]
fn rounding_does_not_keep_x_from_its_bounds() {
    let f = |x: &Array1<f64>| {
        let (a, b) = (x[0] - 3.0, x[1] + 0.6);
        a * a + 2.0 * b * b + 0.3 * a * b + 1.0
    };
    for (method, search) in every(1e-2) {
        if search == Some(Search::TrustRegion) || method.learning_rate().is_some() {
            continue;
        }
        let lower = array![f64::NEG_INFINITY, 0.0];
        let x0 = array![-5.0, 7.0];
        let mut run = minimize(f, &x0)
            .method(method.clone())
            .bounds(lower, array![0.2, f64::INFINITY]);
        if let Some(search) = search {
            run = run.search(search);
        }
        let end = run.run().unwrap();
        let what = format!("{method:?} {search:?}: {} {}", end.x, end.status);
        assert!(
            end.status.is_success() && end.x[0] == 0.2 && end.x[1] < 1e-6,
            "{what}"
        );
    }
}

/// Where bounds leave no choice there is nothing to be claimed but that.
#[test]
fn a_point_that_bounds_hold_is_the_minimum() {
    let x0 = array![0.5, 0.1];
    for (method, search) in every(1e-2) {
        if search == Some(Search::TrustRegion) {
            continue;
        }
        let f = |x: &Array1<f64>| x[0] + x[1] * x[1];
        let mut run = minimize(f, &x0).method(method.clone()).bounds(&x0, &x0);
        if let Some(search) = search {
            run = run.search(search);
        }
        let status = run.run().unwrap().status;
        let held = matches!(
            status,
            Status::Converged {
                active_bounds: 2,
                ..
            }
        );
        assert!(held, "{method:?} {search:?}: {status}");
    }
}

/// A fit, whose sum is its rounding before its gradient vanishes, and a fourth power, whose lowest point no parabola tells: what
/// is claimed there by any method is claimed again from there.
#[test]
fn a_claim_at_the_rounding_of_f_is_made_again() {
    let peak = |x: &[f64]| -> f64 {
        let y = |t: f64| 3.0 * (-0.5 * ((t - 4.6) / 0.9).powi(2)).exp() + 0.4 - 0.02 * t;
        (0..24)
            .map(|k| {
                let t = f64::from(k) * 0.43;
                let bell = x[0] * (-0.5 * ((t - x[1]) / x[2]).powi(2)).exp();
                let noise = 0.1 * (f64::from(k) * 7.3).sin();
                (bell + x[3] + x[4] * t - y(t) - noise).powi(2)
            })
            .sum()
    };
    let quartic = |x: &[f64]| 1.0 + x.iter().map(|x| (x - 0.7).powi(4)).sum::<f64>();
    let (mut told, mut all) = (0, 0);
    for method in every(1e-2) {
        if method.0.learning_rate().is_some() {
            continue;
        }
        let claims = |f: &dyn Fn(&[f64]) -> f64, x0: &[f64]| {
            let end = run(&method, f, x0);
            let claimed = end.status.is_success();
            if claimed {
                let again = run(&method, f, end.x.as_slice().unwrap());
                let (status, then) = (&end.status, &again.status);
                assert!(then.is_success(), "{method:?}: {status}, then {then}");
                let fell = end.value - again.value;
                assert!(fell <= 1e-12 * end.value, "{method:?}: {fell:e}");
            }
            claimed
        };
        let fast = !matches!(
            method.0,
            Method::SteepestDescent | Method::ConjugateGradient
        );
        let fitted = claims(&peak, &[2.5, 5.0, 1.1, 0.3, 0.0]);
        assert!(fitted || !fast, "{method:?}");
        let level = claims(&quartic, &[3.0, -2.0]);
        told += usize::from(level && fast);
        all += usize::from(fast);
    }
    assert!(10 * told >= 9 * all, "{told} of {all}");
}

/// The multiples of this are spread evenly over the unit interval.
const GOLDEN: f64 = 0.618_033_988_749_894_8;

fn drawn(k: usize) -> f64 {
    2.0 * (k as f64 * GOLDEN).fract() - 1.0
}

/// The half of sum l_i (v_i . (x - s))^2, where l falls from 1 by powers of ten and the v_i are a reflection of the axes.
fn quadratic(n: usize, condition: f64, draw: usize) -> (impl Fn(&[f64]) -> f64, Vec<f64>) {
    let normal: Vec<f64> = (0..n).map(|i| drawn(draw + 7 * i + 1)).collect();
    let square: f64 = normal.iter().map(|v| v * v).sum();
    let lowest: Vec<f64> = (0..n).map(|i| 3.0 * drawn(draw + 5 * i + 2)).collect();
    let start = (0..n).map(|i| lowest[i] + 9.0 * drawn(draw + 3 * i + 4));
    let start = start.collect();
    let f = move |x: &[f64]| {
        let away: Vec<f64> = x.iter().zip(&lowest).map(|(x, s)| x - s).collect();
        let along: f64 = normal.iter().zip(&away).map(|(v, d)| v * d).sum();
        let terms = (0..n).map(|i| {
            let reflected = away[i] - 2.0 * along / square * normal[i];
            condition.powf(-(i as f64) / (n - 1) as f64) * reflected * reflected
        });
        0.5 * terms.sum::<f64>()
    };
    (f, start)
}

/// The gradient is small along directions in which f hardly bends, however far away the minimum is: what is claimed is the
/// minimum, where f is 0 but for its rounding.
#[test]
fn ill_conditioned_quadratics_are_claimed_at_their_minimum() {
    let mut claimed = 0;
    for condition in [1e4, 1e8, 1e10] {
        for n in [2, 3, 5, 7] {
            let (f, start) = quadratic(n, condition, 11 * n);
            for method in every(0.3) {
                let end = run(&method, &f, &start);
                let success = end.status.is_success();
                claimed += u32::from(success);
                let what = format!("{condition:e} {n} {method:?}: {} {}", end.value, end.status);
                assert!(!success || end.value < 1e-18, "{what}");
            }
        }
    }
    assert!(claimed > 150, "{claimed}");
}

/// f that falls forever towards a limit has no minimum: the unknowns that run away are told, or that f has ceased to change.
#[test]
fn unknowns_that_run_away_are_no_minimum() {
    let softplus = |e: f64| e.max(0.0) + (-e.abs()).exp().ln_1p();
    let separable = move |x: &[f64]| {
        let data = [(-2.0, 0.0), (-1.0, 0.0), (1.0, 1.0), (3.0, 1.0)];
        let term = |(u, y): (f64, f64)| softplus((1.0 - 2.0 * y) * (x[0] + x[1] * u));
        data.map(term).iter().sum()
    };
    let exponential = |x: &[f64]| (-0.7 * x[0]).exp() + (x[1] - 1.0).powi(2);
    let inverse = |x: &[f64]| match x[0] > 0.0 {
        true => 1.0 / x[0] + (x[1] - 1.0).powi(2),
        false => f64::NAN,
    };
    let positive = move |x: &[f64]| softplus(-x[0]) + (x[1] + 2.0).powi(2);
    type Named<'f> = (&'f str, &'f dyn Fn(&[f64]) -> f64);
    let offset = move |x: &[f64]| 1e-3 + softplus(-2.4 * x[0]) + (x[1] - 2.0).powi(2);
    let functions: [Named<'_>; 5] = [
        ("separable", &separable),
        ("exponential", &exponential),
        ("inverse", &inverse),
        ("softplus", &positive),
        ("offset", &offset),
    ];
    let mut named = 0;
    for (name, f) in functions {
        for k in 0..3 {
            let start = [1.5 + drawn(k + 1), 2.0 * drawn(k + 5)];
            for method in every(0.1) {
                let end = run(&method, f, &start);
                let what = format!("{name} {k} {method:?}: {:?} {}", end.x, end.status);
                assert!(!end.status.is_success(), "{what}");
                if let Status::Stalled {
                    cause: Stall::Runaway { coordinates },
                } = &end.status
                {
                    assert!(coordinates.contains(&0) || name == "separable", "{what}");
                    named += 1;
                }
            }
        }
    }
    assert!(named > 60, "{named}");
}

/// Residuals that vanish, or nearly: where no search succeeds far above the minimum, that is no rounding.
#[test]
fn what_is_left_is_not_lost_in_rounding() {
    let bertalanffy = |p: &[f64], t: f64| p[0] * (1.0 - (-p[1] * (t - p[2])).exp()).powi(3);
    let hyperbolic = |p: &[f64], t: f64| p[0] / (1.0 + p[1] * p[2] * t).powf(1.0 / p[1]);
    /// The model, its parameters, where t begins and ends, and the start.
    type Data<'c> = (&'c dyn Fn(&[f64], f64) -> f64, [f64; 3], f64, f64, [f64; 3]);
    let fits: [Data<'_>; 2] = [
        (
            &bertalanffy,
            [54.144024062562245, 3.733761670203892e-5, -4783.700901699785],
            4200.0,
            101_000.0,
            [
                89.95695588081482,
                0.00010063613139745274,
                -14410.358422045842,
            ],
        ),
        (
            &hyperbolic,
            [2.9576726259251327, 1.4161414804306052, 9.540855529046356e-6],
            0.0,
            2.1e6,
            [1.2017127933487548, 0.4742637696519521, 5.985204342197374e-5],
        ),
    ];
    for (model, truth, from, to, start) in fits {
        for m in [13, 21, 34] {
            let t: Vec<f64> = (0..m)
                .map(|i| from + (to - from) * i as f64 / (m - 1) as f64)
                .collect();
            let f = |p: &[f64]| -> f64 {
                t.iter()
                    .map(|t| (model(p, *t) - model(&truth, *t)).powi(2))
                    .sum()
            };
            for k in 0..6 {
                let moved: Vec<f64> = start
                    .iter()
                    .enumerate()
                    .map(|(i, p)| p * (1.0 + 0.3 * drawn(3 * k + i)))
                    .collect();
                let end = run(&(Method::Automatic, None), f, &moved);
                let Status::Converged {
                    test: Test::Rounding { predicted },
                    ..
                } = end.status
                else {
                    continue;
                };
                let again = run(&(Method::Automatic, None), f, end.x.as_slice().unwrap());
                let lowered = end.value - again.value;
                let what = format!("{m} {k}: {} {} {lowered:e}", end.value, end.status);
                assert!(lowered <= 2.0 * predicted + 1e-13 * end.value, "{what}");
            }
        }
    }
}
