//! Products are what they are called: Jacobian times vector, vector times Jacobian, Hessian times
//! vector, the trace, the diagonal; and a Hessian is symmetric to the last bit.

use crate::composition::smooth;
use ndarray::{Array1, Array2};
use numdiff_core::{Adaptive, FiniteDifference, Status};
use proptest::prelude::*;

fn f(x: &Array1<f64>) -> f64 {
    smooth(x.iter().copied())
}

/// Outputs of several sizes.
fn r(x: &Array1<f64>) -> Vec<f64> {
    let n = x.len();
    (0..3)
        .map(|i| 10.0_f64.powi(4 * i - 4) * smooth((0..n).map(|j| x[(j + i as usize) % n])))
        .collect()
}

prop_compose! {
    fn points()(n in 1..6_usize)(
        x in prop::collection::vec(-3.0..3.0_f64, n),
        v in prop::collection::vec(-2.0..2.0_f64, n),
        u in prop::collection::vec(-2.0..2.0_f64, 3),
        octave in -100..100_i32,
    ) -> (Array1<f64>, Array1<f64>, Array1<f64>) {
        let norm = 2.0_f64.powi(octave);
        (Array1::from(x), Array1::from(v) * norm, Array1::from(u))
    }
}

/// sum_j a_j b_j with the bars of a, and the rounding of the sum.
fn dot(values: impl Iterator<Item = (f64, f64, f64)>) -> (f64, f64) {
    values.fold((0.0, 0.0), |(sum, bar), (a, error, b)| {
        let rounding = 8.0 * f64::EPSILON * (a * b).abs();
        (sum + a * b, bar + (error * b).abs() + rounding)
    })
}

fn row(value: &Array2<f64>, error: &Array2<f64>, v: &Array1<f64>, i: usize) -> (f64, f64) {
    dot((0..v.len()).map(|j| (value[(i, j)], error[(i, j)], v[j])))
}

fn close(a: f64, bar: f64, (b, other): (f64, f64)) -> Result<(), TestCaseError> {
    prop_assert!(
        (a - b).abs() <= bar + other,
        "{:e} {:e} {:e} {:e}",
        a,
        bar,
        b,
        other
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 48 } else { 128 },
        rng_seed: proptest::test_runner::RngSeed::Fixed(3),
        ..ProptestConfig::default()
    })]

    #[test]
    fn of_the_jacobian((x, v, u) in points()) {
        let a = Adaptive::new();
        let j = a.jacobian(r, &x).unwrap();
        let jv = a.jacobian_vector(r, &x, &v).unwrap();
        let vj = a.vector_jacobian(r, &x, &u).unwrap();
        for i in 0..3 {
            close(jv.value[i], jv.error[i], row(&j.value, &j.error, &v, i))?;
        }
        for k in 0..x.len() {
            let sum = dot((0..3).map(|i| (j.value[(i, k)], j.error[(i, k)], u[i])));
            close(vj.value[k], vj.error[k], sum)?;
        }
    }

    #[test]
    fn of_the_gradient((x, v, _) in points()) {
        let a = Adaptive::new();
        let g = a.gradient(f, &x).unwrap();
        let d = a.directional(f, &x, &v).unwrap();
        close(d.value, d.error, dot((0..x.len()).map(|i| (g.value[i], g.error[i], v[i]))))?;
    }

    #[test]
    fn of_the_hessian((x, v, _) in points()) {
        let a = Adaptive::new();
        let h = a.hessian(f, &x).unwrap();
        let n = x.len();
        let hv = a.hessian_vector(f, &x, &v).unwrap();
        let diagonal = a.hessian_diagonal(f, &x).unwrap();
        let laplacian = a.laplacian(f, &x).unwrap();
        for i in 0..n {
            close(hv.value[i], hv.error[i], row(&h.value, &h.error, &v, i))?;
            // The same lines.
            prop_assert_eq!(diagonal.value[i].to_bits(), h.value[(i, i)].to_bits());
        }
        close(laplacian.value, laplacian.error, dot((0..n).map(|i| (diagonal.value[i], diagonal.error[i], 1.0))))?;
        let mixed = a.mixed_partial(f, &x, &[0, n - 1]).unwrap();
        close(mixed.value, mixed.error, (h.value[(0, n - 1)], h.error[(0, n - 1)]))?;
        // From the exact gradient's differences, another way to the same numbers.
        let from = a.hessian_from_gradient(|x: &Array1<f64>| Adaptive::new().gradient(f, x).unwrap().value, &x).unwrap();
        for ((a, e), (b, d)) in from.value.iter().zip(&from.error).zip(h.value.iter().zip(&h.error)) {
            // Noise of the inner gradients is found by the outer search.
            prop_assert!(from.status == Status::Unreliable || (a - b).abs() <= 2.0 * (e + d), "{} {} {} {}", a, b, e, d);
        }
    }

    #[test]
    fn hessians_are_symmetric((x, _, _) in points(), side in 0..3_usize, p in 1..5_usize, nonsense in any::<bool>()) {
        let (method, _) = crate::polynomials::method(side, p, 2);
        // Also where f has no Hessian.
        let g = |x: &Array1<f64>| if nonsense { (f(x) * 1e7).fract() } else { f(x) };
        let fixed = method.hessian(g, &x).unwrap();
        let adaptive = Adaptive::new().hessian(g, &x).unwrap();
        let from = FiniteDifference::central().hessian_from_gradient(|x: &Array1<f64>| x.mapv(|x| (x * x).fract()), &x).unwrap();
        for i in 0..x.len() {
            for j in 0..i {
                prop_assert_eq!(fixed[(i, j)].to_bits(), fixed[(j, i)].to_bits());
                prop_assert_eq!(from[(i, j)].to_bits(), from[(j, i)].to_bits());
                prop_assert_eq!(adaptive.value[(i, j)].to_bits(), adaptive.value[(j, i)].to_bits());
                prop_assert_eq!(adaptive.error[(i, j)].to_bits(), adaptive.error[(j, i)].to_bits());
            }
        }
    }
}
