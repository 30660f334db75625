//! Settings of the methods and points, drawn from arbitrary bits now and then.

use numdiff_core::{Adaptive, FiniteDifference, Step};
use proptest::prelude::*;

/// A method's settings, some of which make no sense.
#[derive(Clone, Debug)]
pub struct Settings {
    pub adaptive: bool,
    pub side: usize,
    pub accuracy: usize,
    pub step: Option<Step>,
    pub nominal: bool,
    pub typical: Option<f64>,
    pub tolerance: Option<f64>,
    pub noise: Option<f64>,
    pub budget: Option<usize>,
    pub bounds: Option<(Vec<f64>, Vec<f64>)>,
}

impl Settings {
    pub fn fixed(&self) -> FiniteDifference {
        let mut method = match self.side {
            0 => FiniteDifference::central(),
            1 => FiniteDifference::forward(),
            _ => FiniteDifference::backward(),
        };
        method = method.with_accuracy(self.accuracy);
        if let Some(step) = &self.step {
            method = method.with_step(step.clone());
        }
        if self.nominal {
            method = method.with_nominal_divisor();
        }
        if let Some(typical) = self.typical {
            method = method.with_typical(typical);
        }
        if let Some((lower, upper)) = &self.bounds {
            method = method.with_bounds(lower, upper);
        }
        method
    }

    pub fn adaptive(&self) -> Adaptive {
        let mut method = Adaptive::new();
        if let Some(tolerance) = self.tolerance {
            method = method.with_tolerance(tolerance);
        }
        if let Some(noise) = self.noise {
            method = method.with_noise(noise);
        }
        if let Some(budget) = self.budget {
            method = method.with_max_evaluations(budget);
        }
        if let Some(typical) = self.typical {
            method = method.with_typical(typical);
        }
        if let Some((lower, upper)) = &self.bounds {
            method = method.with_bounds(lower, upper);
        }
        method
    }

    /// Most evaluations along one line, f(x) included: the budget, or a node for each order that
    /// the stencil cancels and one more.
    pub fn most(&self, order: usize) -> usize {
        if self.adaptive {
            self.budget.unwrap_or(64)
        } else {
            order + self.accuracy + 2
        }
    }
}

pub fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -10.0..10.0_f64,
        1 => Just(0.0),
        1 => Just(-0.0),
        1 => (-300.0..300.0_f64).prop_map(|e| 10.0_f64.powf(e)),
        1 => any::<f64>(),
        1 => any::<u64>().prop_map(f64::from_bits),
    ]
}

/// Mostly numbers that can be differentiated at.
pub fn point() -> impl Strategy<Value = Vec<f64>> {
    let finite = prop_oneof![
        6 => -10.0..10.0_f64,
        1 => Just(0.0),
        1 => (-300.0..300.0_f64, any::<bool>()).prop_map(|(e, minus)| 10.0_f64.powf(e) * if minus { -1.0 } else { 1.0 }),
        1 => any::<f64>().prop_filter("finite", |v| v.is_finite()),
    ];
    let length = prop_oneof![12 => 1..7_usize, 1 => 7..51_usize];
    let plain = length.prop_flat_map(move |n| prop::collection::vec(finite.clone(), n));
    prop_oneof![20 => plain, 1 => prop::collection::vec(number(), 0..5)]
}

pub fn step() -> impl Strategy<Value = Option<Step>> {
    prop_oneof![
        3 => Just(None),
        1 => number().prop_map(|h| Some(Step::Absolute(h))),
        1 => number().prop_map(|h| Some(Step::Relative(h))),
        1 => number().prop_map(|h| Some(Step::Noise(h))),
        1 => (1e-12..1.0_f64).prop_map(|h| Some(Step::Absolute(h))),
        1 => prop::collection::vec(number(), 0..6).prop_map(|h| Some(Step::PerCoordinate(h))),
    ]
}

prop_compose! {
    pub fn settings()(
        adaptive in any::<bool>(),
        side in 0..3_usize,
        accuracy in prop_oneof![8 => 1..5_usize, 1 => 0..30_usize],
        step in step(),
        nominal in any::<bool>(),
        typical in prop_oneof![4 => Just(None), 1 => number().prop_map(Some)],
        tolerance in prop_oneof![2 => Just(None), 1 => (1e-14..1e-1_f64).prop_map(Some), 1 => number().prop_map(Some)],
        noise in prop_oneof![3 => Just(None), 1 => number().prop_map(Some)],
        budget in prop_oneof![2 => Just(None), 1 => (0..200_usize).prop_map(Some)],
    ) -> Settings {
        Settings { adaptive, side, accuracy, step, nominal, typical, tolerance, noise, budget, bounds: None }
    }
}

/// Distances of the bounds from x: below and above, for each coordinate.
pub fn gaps() -> impl Strategy<Value = Option<Vec<(f64, f64)>>> {
    let gap = prop_oneof![
        3 => Just(f64::INFINITY),
        2 => Just(0.0),
        2 => 1e-9..1.0_f64,
        1 => (-300.0..10.0_f64).prop_map(|e| 10.0_f64.powf(e)),
        // Bounds that x violates, or that are no numbers.
        1 => prop_oneof![6 => Just(0.5), 1 => number()],
    ];
    let pairs = prop::collection::vec((gap.clone(), gap), 51);
    prop_oneof![2 => Just(None), 1 => pairs.prop_map(Some)]
}
