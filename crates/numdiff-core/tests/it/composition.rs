//! The gradient of f composed with a permutation, a scaling, a shift.

use ndarray::Array1;
use numdiff_core::{Adaptive, Estimate, FiniteDifference};
use proptest::prelude::*;

/// Smooth, of any number of coordinates, none like another.
pub fn smooth(x: impl Iterator<Item = f64>) -> f64 {
    let mut before = 0.3;
    let mut sum = 0.0;
    for (i, x) in x.enumerate() {
        sum += (x * (1.0 + 0.25 * i as f64)).sin() + x * before / (1.0 + x * x);
        before = x;
    }
    sum
}

fn f(x: &Array1<f64>) -> f64 {
    smooth(x.iter().copied())
}

fn point(length: std::ops::Range<usize>) -> impl Strategy<Value = Array1<f64>> {
    prop::collection::vec(-3.0..3.0_f64, length).prop_map(Array1::from)
}

/// As far apart as their error bars allow, and the rounding of what is compared.
fn agree(
    a: &Estimate<Array1<f64>>,
    b: &Estimate<Array1<f64>>,
    factor: &[f64],
) -> Result<(), TestCaseError> {
    for i in 0..factor.len() {
        let (value, error) = (factor[i] * b.value[i], (factor[i] * b.error[i]).abs());
        let apart = (a.value[i] - value).abs();
        prop_assert!(
            apart <= a.error[i] + error + 4.0 * f64::EPSILON * value.abs(),
            "{} {:?} {:?}",
            i,
            a,
            b
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(2),
        ..ProptestConfig::default()
    })]

    /// A coordinate's derivative depends on its own line alone: to the last bit.
    #[test]
    fn permutations(x in point(1..8), keys in prop::collection::vec(any::<u32>(), 8)) {
        let n = x.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&i| keys[i]);
        // y_k = x_(order k), and f sees x again.
        let y = Array1::from_iter(order.iter().map(|&i| x[i]));
        let back = |y: &Array1<f64>| {
            let mut x = vec![0.0; n];
            order.iter().zip(y).for_each(|(&i, &y)| x[i] = y);
            smooth(x.into_iter())
        };
        for fixed in [FiniteDifference::central(), FiniteDifference::forward(), FiniteDifference::backward().with_accuracy(4)] {
            let (a, b) = (fixed.gradient(f, &x).unwrap(), fixed.gradient(back, &y).unwrap());
            prop_assert!((0..n).all(|k| b[k].to_bits() == a[order[k]].to_bits()));
        }
        let (a, b) = (Adaptive::new().gradient(f, &x).unwrap(), Adaptive::new().gradient(back, &y).unwrap());
        for k in 0..n {
            prop_assert_eq!(b.value[k].to_bits(), a.value[order[k]].to_bits());
            prop_assert_eq!(b.error[k].to_bits(), a.error[order[k]].to_bits());
        }
        prop_assert_eq!(a.evaluations, b.evaluations);
    }

    /// f(s x) at x / s with powers of two: s times the gradient, to the last bit where steps are
    /// relative to x alone.
    #[test]
    fn scalings(x in point(1..6), octaves in prop::collection::vec(-30..30_i32, 6)) {
        prop_assume!(x.iter().all(|x| x.abs() > 1e-3));
        let s: Vec<f64> = octaves[..x.len()].iter().map(|&k| 2.0_f64.powi(k)).collect();
        let y = Array1::from_iter(x.iter().zip(&s).map(|(x, s)| x / s));
        let scaled = |y: &Array1<f64>| smooth(y.iter().zip(&s).map(|(y, s)| y * s));
        // Below every |x_i| and |x_i / s_i|.
        for fixed in [FiniteDifference::central(), FiniteDifference::forward()] {
            let fixed = fixed.with_typical(1e-30);
            let (a, b) = (fixed.gradient(f, &x).unwrap(), fixed.gradient(scaled, &y).unwrap());
            prop_assert!((0..x.len()).all(|i| b[i] == a[i] * s[i]), "{} {}", a, b);
        }
        let (a, b) = (Adaptive::new().gradient(f, &x).unwrap(), Adaptive::new().gradient(scaled, &y).unwrap());
        agree(&b, &a, &s)?;
    }

    /// a f + c: a times the gradient, with the noise that an offset brings in the error bar.
    #[test]
    fn scaled_values(x in point(1..4), a in -1e3..1e3_f64, c in -1e3..1e3_f64) {
        let plain = Adaptive::new().gradient(f, &x).unwrap();
        let other = Adaptive::new().gradient(|x: &Array1<f64>| a * f(x) + c, &x).unwrap();
        agree(&other, &plain, &vec![a; x.len()])?;
    }

    /// f(x + c) at x - c: the same gradient.
    #[test]
    fn shifts(x in point(1..6), c in prop::collection::vec(-64..64_i32, 6)) {
        let c: Vec<f64> = c[..x.len()].iter().map(|&c| f64::from(c)).collect();
        let y = Array1::from_iter(x.iter().zip(&c).map(|(x, c)| x - c));
        // x - c rounds: the gradient is compared where x - c + c lands.
        let x = Array1::from_iter(y.iter().zip(&c).map(|(y, c)| y + c));
        let shifted = |y: &Array1<f64>| smooth(y.iter().zip(&c).map(|(y, c)| y + c));
        let (a, b) = (Adaptive::new().gradient(f, &x).unwrap(), Adaptive::new().gradient(shifted, &y).unwrap());
        agree(&b, &a, &vec![1.0; x.len()])?;
    }
}
