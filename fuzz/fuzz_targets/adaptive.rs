//! The adaptive derivative ends within its budget, whatever f returns, and says the same when asked
//! again. Where f is a polynomial of moderate size the error bar holds.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use numdiff_core::{Adaptive, Error, Estimate};

#[derive(Arbitrary, Debug)]
struct Input {
    x: f64,
    values: Vec<f64>,
    tolerance: Option<f64>,
    noise: Option<f64>,
    typical: Option<f64>,
    bounds: Option<(f64, f64)>,
    budget: Option<u8>,
    order: u8,
    at: i16,
    coefficients: [i8; 4],
}

impl Input {
    fn method(&self) -> Adaptive {
        let mut method = Adaptive::new();
        if let Some(t) = self.tolerance {
            method = method.with_tolerance(t);
        }
        if let Some(n) = self.noise {
            method = method.with_noise(n);
        }
        if let Some(t) = self.typical {
            method = method.with_typical(t);
        }
        if let Some((lo, hi)) = self.bounds {
            method = method.with_bounds(lo, hi);
        }
        if let Some(n) = self.budget {
            method = method.with_max_evaluations(n.into());
        }
        method
    }

    /// Values that have nothing to do with x, in turn.
    fn arbitrary(&self) -> (usize, Result<Estimate<f64>, Error>) {
        let mut calls = 0;
        let f = |x: f64| {
            if let Some((lo, hi)) = self.bounds {
                assert!(lo <= x && x <= hi, "{x} is outside [{lo}, {hi}]");
            }
            calls += 1;
            match self.values.len() {
                0 => x,
                n => self.values[calls % n],
            }
        };
        let answer = self
            .method()
            .nth_derivative(f, self.x, usize::from(self.order % 5));
        (calls, answer)
    }
}

fuzz_target!(|input: Input| {
    let (calls, answer) = input.arbitrary();
    if let Ok(estimate) = &answer {
        assert_eq!(estimate.evaluations, calls);
        assert!(calls <= input.budget.map_or(64, usize::from), "{calls}");
        assert!(
            estimate.value.is_finite() && estimate.error >= 0.0,
            "{estimate:?}"
        );
    }
    let (again, second) = input.arbitrary();
    assert_eq!(calls, again);
    assert_eq!(format!("{answer:?}"), format!("{second:?}"));

    // A cubic with integer coefficients at an eighth of an integer: f is exact to rounding.
    let x = f64::from(input.at) / 8.0;
    let [a, b, c, d] = input.coefficients.map(f64::from);
    let f = |x: f64| ((a * x + b) * x + c) * x + d;
    let exact = (3.0 * a * x + 2.0 * b) * x + c;
    let estimate = numdiff_core::derivative(f, x).unwrap();
    assert!(
        !estimate.status.is_trusted()
            || (estimate.value - exact).abs() <= estimate.error + 4.0 * f64::EPSILON * exact.abs(),
        "{a} x^3 + {b} x^2 + {c} x + {d} at {x}: {estimate:?}, exactly {exact}"
    );
});
