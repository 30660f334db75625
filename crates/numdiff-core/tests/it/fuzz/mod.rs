//! Every operator through every driver on arbitrary bits: x, directions, bounds, steps, tolerances,
//! and functions that return NaN, infinities, errors, or another number of outputs. An answer or a typed
//! error comes back within the promised number of evaluations, every point evaluated is finite and
//! inside the bounds, every driver says the same, and no number that is not finite is passed on
//! without a status that says so.
//!
//! `PROPTEST_CASES=100000 cargo test -p numdiff-core --release --all-features --test it fuzz` runs
//! it for longer.

mod ask;
mod flat;
mod function;
mod settings;

use ask::{Driver, Extra, OPERATORS, Teller, adaptive, fixed, lines};
use function::{Behavior, Recorded};
use ndarray::Array1;
use numdiff_core::{Status, Workspace};
use proptest::prelude::*;
use settings::{gaps, number, point, settings};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn driver() -> impl Strategy<Value = Driver> {
    let drivers = prop_oneof![
        Just(Driver::Into),
        Just(Driver::Batch),
        Just(Driver::Plan),
        Just(Driver::UnreliablePlan),
    ];
    let drivers = prop_oneof![4 => drivers, 1 => (1..5_usize).prop_map(Driver::Threads)];
    drivers
}

proptest! {
    #[test]
    fn every_operator_and_driver(
        x in point(),
        settings in settings(),
        gaps in gaps(),
        operator in prop::sample::select(OPERATORS.to_vec()),
        driver in driver(),
        kind in 0..15_usize,
        outputs in 1..5_usize,
        seed in any::<u64>(),
        v in prop::collection::vec(number(), 51),
        lengths in prop_oneof![8 => Just((0_i32, 0_i32)), 1 => (-1..2_i32, -1..2_i32)],
        scale in prop_oneof![3 => Just(1.0), 1 => (-200.0..200.0_f64).prop_map(|e| 10.0_f64.powf(e))],
        finite_v in prop::bool::weighted(0.9),
        coordinates in prop_oneof![9 => prop::collection::vec(0..3_usize, 1..5), 1 => prop::collection::vec(0..60_usize, 0..6)],
        order in prop_oneof![9 => 1..5_usize, 1 => 0..24_usize],
        band in 0..3_usize,
    ) {
        let mut settings = settings;
        let n = x.len();
        prop_assume!(operator != "nth_derivative" || n >= 1);
        let n = if operator == "nth_derivative" { 1 } else { n };
        let x = Array1::from(x[..n].to_vec());
        settings.bounds = gaps.map(|gaps| {
            gaps.iter().zip(&x).map(|(&(below, above), x)| (x - below, x + above)).unzip()
        });
        let square = matches!(operator, "hessian_from_gradient" | "hessian_vector_from_gradient");
        let outputs = if square && band < 2 { n.max(1) } else { outputs };
        let direction = |length: usize, by: i32| -> Array1<f64> {
            let length = (length as i32 + by).max(0) as usize;
            let v = v.iter().cycle().take(length);
            v.map(|v| if finite_v && !(v.abs() < 1e100) { 0.5 } else { v * scale }).collect()
        };
        let extra = Extra {
            v: direction(n, lengths.0),
            u: direction(outputs, lengths.1),
            coordinates,
            order,
            band,
        };
        let (lines, highest, mut most_moved) = lines(operator, n, &extra);
        if settings.adaptive && highest == 2 {
            // A witness, which tells whether second derivatives belong together, moves all coordinates.
            most_moved = n;
        }
        let (lower, upper) = match &settings.bounds {
            // Bounds that make no sense are told before f is called.
            Some((lower, upper)) => (lower.clone(), upper.clone()),
            None => (vec![f64::NEG_INFINITY; n], vec![f64::INFINITY; n]),
        };
        let record = || Recorded {
            behavior: Behavior { kind, seed, outputs },
            calls: AtomicUsize::new(0),
            stray: AtomicBool::new(false),
            spoiled: AtomicBool::new(false),
            x: x.to_vec(),
            most_moved,
            lower: lower.clone(),
            upper: upper.clone(),
        };
        let mut workspace = Workspace::new();
        let mut ask = |driver: Driver, f: &Recorded| {
            let mut teller = Teller { state: seed, unreliable: driver == Driver::UnreliablePlan };
            if settings.adaptive {
                adaptive(&settings.adaptive(), operator, driver, f, &x, &extra, &mut teller, &mut workspace)
            } else {
                fixed(&settings.fixed(), operator, driver, f, &x, &extra, &mut teller, &mut workspace)
            }
        };
        let (first, second) = (record(), record());
        let serial = ask(Driver::Serial, &first);
        let other = ask(driver, &second);
        for (found, f, attempts) in [(&serial, &first, 1), (&other, &second, if matches!(driver, Driver::Plan | Driver::UnreliablePlan) { 3 } else { 1 })] {
            let calls = f.calls.load(Ordering::Relaxed);
            let judged = if settings.adaptive { outputs.max(3) } else { 1 };
            prop_assert!(calls <= attempts * (lines * judged * settings.most(highest) + 1), "{} evaluations", calls);
            prop_assert!(!f.stray.load(Ordering::Relaxed), "a point outside");
            prop_assert!(!f.spoiled.load(Ordering::Relaxed), "a coordinate that was not restored");
            match found {
                Ok(flat) => {
                    let trusted = flat.status.is_none_or(Status::is_trusted);
                    prop_assert!(!trusted || flat.values.iter().all(|v| v.is_finite()), "{:?}", flat);
                    let errors = flat.errors.iter().flatten();
                    prop_assert!(errors.clone().all(|e| !e.is_nan() && *e >= 0.0), "{:?}", flat);
                    if attempts == 1 {
                        prop_assert!(flat.evaluations.is_none_or(|count| count == calls), "{:?} {}", flat, calls);
                    }
                }
                Err(error) => prop_assert!(error.to_string().len() > 20, "{}", error),
            }
        }
        // A failed evaluation is an error serially, a reason to go around in a plan; and where there
        // is room for so many outputs no other number can be written. Otherwise all drivers say the same.
        let alike = match driver {
            Driver::UnreliablePlan => false,
            Driver::Plan => !matches!(kind, 4 | 9),
            Driver::Into => {
                let other_room = square && outputs != n || operator == "vector_jacobian" && extra.u.len() != outputs;
                !other_room && !matches!(kind, 13 | 14)
            }
            // A batch is one array: rows of other lengths may add up to it.
            Driver::Batch => kind != 13,
            _ => true,
        };
        if alike {
            prop_assert_eq!(serial.is_ok(), other.is_ok(), "{:?} {:?}", serial, other);
        }
        if let (Ok(serial), Ok(other)) = (&serial, &other)
            && alike
        {
            prop_assert_eq!(serial.bits(), other.bits());
        }
    }
}
