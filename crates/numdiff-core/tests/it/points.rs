//! Where f is evaluated: inside the bounds, one line's coordinates moved and the others at the very
//! bits of x, which are there again after f failed or panicked.

use crate::composition::smooth;
use ndarray::{Array, Array1};
use numdiff_core::{Adaptive, FiniteDifference, Workspace};
use proptest::prelude::*;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

prop_compose! {
    /// x, and a box around it that may touch it.
    fn boxes()(n in 1..5_usize)(
        x in prop::collection::vec(-3.0..3.0_f64, n),
        gaps in prop::collection::vec((0..4_usize, -30..2_i32, 0..4_usize, -30..2_i32), n),
    ) -> (Array1<f64>, Array1<f64>, Array1<f64>) {
        let gap = |kind: usize, octave: i32| match kind {
            0 => 0.0,
            1 => f64::INFINITY,
            _ => 2.0_f64.powi(octave),
        };
        let lower = x.iter().zip(&gaps).map(|(x, g)| x - gap(g.0, g.1)).collect();
        let upper = x.iter().zip(&gaps).map(|(x, g)| x + gap(g.2, g.3)).collect();
        (Array1::from(x), lower, upper)
    }
}

/// Every operator of a scalar f.
macro_rules! operators {
    ($method:expr, $f:expr, $x:expr) => {{
        let (m, x) = ($method, $x);
        let ok = [
            m.gradient($f, x).is_ok(),
            m.hessian($f, x).is_ok(),
            m.hessian_diagonal($f, x).is_ok(),
            m.laplacian($f, x).is_ok(),
            m.directional($f, x, &Array1::ones(x.len())).is_ok(),
            m.hessian_vector($f, x, &Array1::ones(x.len())).is_ok(),
            m.mixed_partial($f, x, &[0, x.len() - 1]).is_ok(),
        ];
        ok.iter().filter(|ok| **ok).count()
    }};
}

proptest! {
    #[test]
    fn inside_the_bounds((x, lower, upper) in boxes(), side in 0..3_usize, p in 1..5_usize) {
        let (calls, outside) = (Cell::new(0), Cell::new(0));
        let f = |at: &Array1<f64>| {
            calls.set(calls.get() + 1);
            let inside = (0..at.len()).all(|i| lower[i] <= at[i] && at[i] <= upper[i]);
            outside.set(outside.get() + i32::from(!inside));
            smooth(at.iter().copied())
        };
        let kept = x.clone();
        let (fixed, _) = crate::polynomials::method(side, p, 2);
        operators!(fixed.with_bounds(&lower, &upper), f, &x);
        // Where there is room at all, on one side at least, an adaptive gradient is found.
        let found = operators!(Adaptive::new().with_bounds(&lower, &upper), f, &x);
        prop_assert!(found > 0 && calls.get() > 0);
        prop_assert_eq!(outside.get(), 0);
        prop_assert!(x.iter().zip(&kept).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    /// f fails or panics at its k-th call: x is untouched, and the same workspace then gives the bits
    /// of a new one.
    #[test]
    fn nothing_is_left_behind(x in prop::collection::vec(-3.0..3.0_f64, 1..6), k in 0..40_usize, panics in any::<bool>(), adaptive in any::<bool>()) {
        let x = Array1::from(x);
        let kept = x.clone();
        let n = x.len();
        let calls = Cell::new(0);
        let troubled = |at: &Array1<f64>| {
            calls.set(calls.get() + 1);
            if calls.get() > k {
                if panics {
                    std::panic::resume_unwind(Box::new("on purpose"));
                }
                return Err("on purpose");
            }
            Ok(smooth(at.iter().copied()))
        };
        // At most one coordinate away from x, to the bit.
        let strayed = Cell::new(false);
        let f = |at: &Array1<f64>| {
            let moved = at.iter().zip(&kept).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            strayed.set(strayed.get() || moved > 1);
            smooth(at.iter().copied())
        };
        let mut workspace = Workspace::new();
        if adaptive {
            let m = Adaptive::new();
            let zeros = || numdiff_core::Estimate::blank(Array1::<f64>::zeros(n));
            let (mut out, mut again) = (zeros(), zeros());
            let trouble = catch_unwind(AssertUnwindSafe(|| m.plan().gradient(&x).write_to(&mut out, &mut workspace).serial(troubled)));
            prop_assert!(trouble.is_err() == (panics && calls.get() > k));
            m.plan().gradient(&x).write_to(&mut again, &mut workspace).serial(f).unwrap();
            prop_assert_eq!(again, m.gradient(f, &x).unwrap());
        } else {
            let m = FiniteDifference::central();
            let (mut out, mut again) = (Array::zeros(n), Array::zeros(n));
            let trouble = catch_unwind(AssertUnwindSafe(|| m.plan().gradient(&x).write_to(&mut out, &mut workspace).serial(troubled)));
            prop_assert!(trouble.is_err() == (panics && calls.get() > k));
            m.plan().gradient(&x).write_to(&mut again, &mut workspace).serial(f).unwrap();
            prop_assert_eq!(again, m.gradient(f, &x).unwrap());
        }
        prop_assert!(!strayed.get());
        prop_assert!(x.iter().zip(&kept).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}
