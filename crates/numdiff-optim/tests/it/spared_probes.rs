//! What a run pays for: probes that the values of a search make needless, noise that is met early.

use ndarray::Array1;
use numdiff_optim::minimize;
use proptest::prelude::*;
use std::cell::RefCell;
use std::ops::ControlFlow;

/// What one iteration evaluated.
struct Paid {
    /// f where it ended.
    value: f64,
    /// Points that differ from where it ended in one coordinate.
    probes: usize,
    trials: usize,
    /// Largest component of the error of the gradient, absolute.
    error: f64,
}

/// The iterations of the default on `f`. The gradients of the first two buy the scale of the Hessian.
fn paid(
    f: impl Fn(&[f64]) -> f64,
    gradient: impl Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
) -> Vec<Paid> {
    let points = RefCell::new(Vec::new());
    let mut paid = Vec::new();
    let counted = |x: &Array1<f64>| {
        points.borrow_mut().push(x.to_vec());
        f(&x.to_vec())
    };
    minimize(counted, &Array1::from(start.to_vec()))
        .on_iteration(|it| {
            let x = it.x.to_vec();
            let moved = |z: &Vec<f64>| x.iter().zip(z).filter(|(x, z)| x != z).count();
            let seen = std::mem::take(&mut *points.borrow_mut());
            let probes = seen.iter().filter(|z| moved(z) == 1).count();
            let truth = gradient(&x);
            let error = truth.iter().zip(it.gradient);
            paid.push(Paid {
                value: it.value,
                probes,
                trials: seen.len() - probes,
                error: error.map(|(t, g)| (t - g).abs()).fold(0.0, f64::max),
            });
            ControlFlow::Continue(())
        })
        .run()
        .unwrap();
    paid
}

/// x^T (D + u u^T) x / 2, whose Hessian has eigenvalues from 1 to about a hundred.
fn bowl(d: &[f64], u: &[f64], x: &[f64]) -> f64 {
    let along: f64 = u.iter().zip(x).map(|(u, x)| u * x).sum();
    0.5 * (d.iter().zip(x).map(|(d, x)| d * x * x).sum::<f64>() + along * along)
}

fn slope(d: &[f64], u: &[f64], x: &[f64]) -> Vec<f64> {
    let along: f64 = u.iter().zip(x).map(|(u, x)| u * x).sum();
    (0..x.len()).map(|i| d[i] * x[i] + u[i] * along).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The slope along a step follows from two values of a search, exactly where f is a quadratic; one value spares no
    /// probe.
    #[test]
    fn a_gradient_with_a_spared_probe_is_as_good(
        d in prop::collection::vec(1.0f64..100.0, 2..8),
        u in prop::collection::vec(-3.0f64..3.0, 8),
        start in prop::collection::vec(1.0f64..3.0, 8),
    ) {
        let n = d.len();
        let (u, start) = (&u[..n], &start[..n]);
        let first = bowl(&d, u, start);
        let paid = paid(|x| bowl(&d, u, x), |x| slope(&d, u, x), start);
        for pair in paid[1..].windows(2) {
            let (before, it) = (&pair[0], &pair[1]);
            // Beyond ten digits of the way the last places of f decide.
            if it.value < 1e-10 * first {
                break;
            }
            let spared = n.saturating_sub(it.probes);
            prop_assert!(spared <= usize::from(it.trials > 1), "{spared} spared, {} trials", it.trials);
            // One-sided differences at h = 2 sqrt(eps f / B) err by 2 sqrt(eps f B), where B may be ten times too large
            // or small, and the clipped interval by 1e-8 of the largest eigenvalue. What follows from the others errs
            // sqrt(n) times as much, and by what was wrong with the slope at the start, at most nine times, as the
            // trials lie within a factor of ten.
            let largest = 100.0 + u.iter().map(|u| u * u).sum::<f64>();
            let probe = 20.0 * (f64::EPSILON * it.value * largest).sqrt() + 1e-7 * largest;
            let bar = (n as f64).sqrt() * (probe + 9.0 * before.error);
            prop_assert!(it.error <= bar, "{:e} {:e}", it.error, bar);
        }
    }
}

#[test]
fn a_second_trial_spares_a_probe() {
    let d: Vec<f64> = (1..=5).map(|k| f64::from(k).powi(2)).collect();
    let u = vec![1.0; 5];
    let start = vec![3.0; 5];
    let first = bowl(&d, &u, &start);
    let paid = paid(|x| bowl(&d, &u, x), |x| slope(&d, &u, x), &start);
    let twice: Vec<_> = paid[2..]
        .iter()
        .filter(|it| it.value > 1e-10 * first && it.trials > 1)
        .collect();
    assert!(!twice.is_empty());
    for it in twice {
        assert_eq!(it.probes, 4, "{} trials at {}", it.trials, it.value);
    }
}

/// Rounded to six digits, f far from its minimum still has slopes of three digits from one side.
#[test]
fn noise_does_not_double_the_price_of_a_gradient() {
    let d: Vec<f64> = (1..=8).map(f64::from).collect();
    let u = vec![1.0; 8];
    let start: Vec<f64> = (1..=8).map(|k| 2.0 + f64::from(k).sqrt()).collect();
    let six = |x: &[f64]| -> f64 { format!("{:.5e}", bowl(&d, &u, x)).parse().unwrap() };
    let first = bowl(&d, &u, &start);
    let paid = paid(six, |x| slope(&d, &u, x), &start);
    // At the start the intervals are sought.
    let far: Vec<_> = paid[1..]
        .iter()
        .filter(|it| it.value > 1e-4 * first)
        .collect();
    assert!(!far.is_empty());
    for it in far {
        assert!(it.probes <= 8, "{} probes at {}", it.probes, it.value);
    }
}

/// Under noise a trial nearer to x that changes f as much as the one before ends a search: what is left is to
/// measure the noise, not to go on to the last place of x, thirty trials away.
#[test]
fn a_search_in_noise_ends_early() {
    let d: Vec<f64> = (1..=4).map(f64::from).collect();
    let u = vec![1.0; 4];
    let runs = 1..=101u64;
    let (mut trials, mut allowed) = (0, 0);
    for seed in runs {
        let stream = std::cell::Cell::new(seed);
        let noisy = |x: &[f64]| {
            // Numerical Recipes' linear congruence: any stream without a pattern in x will do.
            stream.set(
                stream
                    .get()
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407),
            );
            let uniform = (stream.get() >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
            (1.0 + bowl(&d, &u, x)) * (1.0 + 1e-6 * uniform)
        };
        let paid = paid(noisy, |x| slope(&d, &u, x), &[3.0; 4]);
        trials += paid.iter().map(|it| it.trials).sum::<usize>();
        allowed += 3 * paid.len() + 10 + 6 + 2 * 4 + 10;
    }
    // On the way three trials an iteration. Once a run ten trials tell that there is no step, six values measure
    // the noise, 2n differences are taken again where x stays, and ten trials find a step.
    assert!(trials <= allowed, "{trials} trials, {allowed} allowed");
}
