//! Steps from a level of noise: near the best, and told apart where noise leaves none.

use crate::noise::unit_noise;
use ndarray::{Array1, array};
use numdiff_core::{Adaptive, FiniteDifference, Status, Step, StepStatus, noise_level};

/// Root mean square of the gradient's relative error with these steps.
fn error(method: &FiniteDifference, step: Step, k: usize, relative: f64) -> f64 {
    let mut sum = 0.0;
    let trials = 40;
    for trial in 0..trials {
        let x = array![0.4 + 0.02 * f64::from(trial), 2.0];
        let f = |x: &Array1<f64>| {
            (x[0].exp() + (3.0 * x[1]).sin())
                * (1.0 + relative * unit_noise(17 + k as u64, x.as_slice().unwrap()))
        };
        let step = match &step {
            Step::Automatic => {
                let level = relative * (x[0].exp() + (3.0 * x[1]).sin());
                let steps = method.noise_steps(f, &x, 1, level).unwrap();
                assert!(steps.status.iter().all(|s| *s != StepStatus::Shortest));
                steps.into()
            }
            other => other.clone(),
        };
        let g = method.clone().with_step(step).gradient(f, &x).unwrap();
        let exact = array![x[0].exp(), 3.0 * (3.0 * x[1]).cos()];
        sum += ((&g - &exact) / &exact).mapv(|v| v * v).sum();
    }
    (sum / f64::from(2 * trials)).sqrt()
}

#[test]
fn steps_from_noise_are_near_the_best() {
    let methods = [
        FiniteDifference::forward(),
        FiniteDifference::backward(),
        FiniteDifference::central(),
        FiniteDifference::central().with_accuracy(4),
    ];
    for (k, method) in methods.iter().enumerate() {
        for relative in [1e-4, 1e-8, 1e-12] {
            let found = error(method, Step::Automatic, k, relative);
            let best = (-40..-1)
                .map(|e| error(method, Step::Absolute(f64::from(e).exp2()), k, relative))
                .fold(f64::INFINITY, f64::min);
            println!("{k} {relative:e}: {found:e}, best {best:e}");
            // A step within sqrt 2 of the best in each coordinate costs a factor of sqrt 2 in the
            // first order and less than sqrt 2^4 = 4 in the fourth; the best common step serves
            // neither coordinate best, and noise of another place scatters by a factor of 2.
            assert!(
                found <= 4.0 * best,
                "{k} {relative:e}: {found:e}, best {best:e}"
            );
        }
    }
}

#[test]
fn everything_fits_together() {
    let f =
        |x: &Array1<f64>| (x[0] * x[1]).sin() * (1.0 + 1e-7 * unit_noise(9, x.as_slice().unwrap()));
    let x = array![0.7, 1.1];
    let exact = [1.1 * 0.77f64.cos(), 0.7 * 0.77f64.cos()];
    let noise = noise_level(f, &x).unwrap();
    let forward = FiniteDifference::forward();
    let steps = forward.noise_steps(f, &x, 1, noise.level).unwrap();
    let g = forward.clone().with_step(steps).gradient(f, &x).unwrap();
    // h = sqrt(8)^(1/2) (e / |f''|)^(1/2): the error is about 2 sqrt(e f''), with f'' about 1.
    for (g, exact) in g.iter().zip(exact) {
        assert!((g - exact).abs() < 8.0 * (1e-7f64).sqrt(), "{g} {exact}");
    }
    let explicit = Step::Balanced {
        noise: noise.level,
        derivative: 0.8,
    };
    let h = forward.with_step(explicit).gradient(f, &x).unwrap();
    for (g, exact) in h.iter().zip(exact) {
        assert!((g - exact).abs() < 8.0 * (1e-7f64).sqrt(), "{g} {exact}");
    }
    let adaptive = Adaptive::new()
        .with_noise(noise.level)
        .gradient(f, &x)
        .unwrap();
    assert!(matches!(adaptive.status, Status::NoiseLimited { .. }));
    for (k, exact) in exact.iter().enumerate() {
        assert!((adaptive.value[k] - exact).abs() <= adaptive.error[k]);
    }
}

#[test]
fn longest_shortest_and_fixed_steps_are_told() {
    let central = FiniteDifference::central();
    // A parabola: no third derivative. A step function: no step is short enough.
    let f = |x: &Array1<f64>| x[0] * x[0] + x[2];
    let x = array![1.3, -0.2, 0.0];
    let steps = central
        .clone()
        .with_bounds(array![-9.0, -0.2, -9.0], array![9.0, -0.2, 9.0])
        .noise_steps(f, &x, 1, 1e-9)
        .unwrap();
    assert_eq!(
        steps.status.to_vec(),
        [StepStatus::Longest, StepStatus::Fixed, StepStatus::Longest]
    );
    let jump = |x: &Array1<f64>| if x[0] > 0.0 { 1.0 } else { 0.0 };
    let steps = central.noise_steps(jump, &array![0.0], 1, 1e-9).unwrap();
    assert_eq!(steps.status[0], StepStatus::Shortest);
    // The steps serve the method that they were made for.
    let g = central
        .with_step(Step::from(steps))
        .gradient(jump, &array![0.0]);
    assert!(g.unwrap()[0].is_finite());
}
