//! What fixed rules for the step keep where f varies over 1 and where it varies over |x|.
//!
//! A rule has nothing but x to go by; which of the two f does, no step of so few evaluations can tell.

use numdiff_core::{FiniteDifference, Step};

/// A rule: its name, and the step for a derivative of some order at x.
pub struct StepRule {
    /// As it stands in the table.
    pub name: &'static str,
    step: fn(order: usize, size: f64) -> Step,
}

/// The rules that are compared; the last is the one in force.
pub const STEP_RULES: [StepRule; 4] = [
    StepRule {
        name: "max(|x|, 1)",
        step: |order, size| Step::Absolute(eta(order) * size.max(1.0)),
    },
    StepRule {
        name: "|x|",
        step: |order, size| Step::Absolute(eta(order) * size),
    },
    StepRule {
        name: "geometric mean",
        step: |order, size| Step::Absolute(eta(order) * (size * size.max(1.0)).sqrt()),
    },
    StepRule {
        name: "automatic",
        step: |_, _| Step::Automatic,
    },
];

/// eps^(1/3) for gradients, eps^(1/4) for Hessians.
fn eta(order: usize) -> f64 {
    f64::EPSILON.powf(1.0 / (order + 2) as f64)
}

/// A function and its derivatives of orders 1 and 2, all of the order of 1 around 0 to 10.
type Smooth = (fn(f64) -> f64, [fn(f64) -> f64; 2]);

const FUNCTIONS: [Smooth; 5] = [
    (
        |u| (u - 0.3).exp(),
        [|u| (u - 0.3).exp(), |u| (u - 0.3).exp()],
    ),
    (
        |u| (u + 0.7).sin(),
        [|u| (u + 0.7).cos(), |u| -(u + 0.7).sin()],
    ),
    (
        |u| (u + 0.4).cos(),
        [|u| -(u + 0.4).sin(), |u| -(u + 0.4).cos()],
    ),
    (
        |u| 1.0 / (2.5 + u),
        [|u| -(2.5 + u).powi(-2), |u| 2.0 * (2.5 + u).powi(-3)],
    ),
    (
        |u| (2.2 + u).ln(),
        [|u| 1.0 / (2.2 + u), |u| -(2.2 + u).powi(-2)],
    ),
];

/// The positions in a decade at which each function is differentiated.
const MANTISSAS: [f64; 8] = [1.0, 1.3, 1.7, 2.3, 3.1, 4.3, 5.9, 7.7];

/// Digits that half of the functions keep with central differences by the rule, in the decade that
/// begins at `decade`: of functions that vary over 1, and of functions that vary over |x|.
pub fn digits(rule: &StepRule, order: usize, decade: f64) -> [f64; 2] {
    [false, true].map(|varies_with_x| {
        let mut errors = Vec::new();
        for x in MANTISSAS
            .map(|m| m * decade)
            .into_iter()
            .flat_map(|x| [x, -x])
        {
            let central = FiniteDifference::central().with_step((rule.step)(order, x.abs()));
            let (scale, origin) = match (varies_with_x, x.abs() > 1.0) {
                (true, _) => (x.abs(), 0.0),
                (false, true) => (1.0, x),
                (false, false) => (1.0, 0.0),
            };
            for (f, derivatives) in FUNCTIONS {
                let found = central.nth_derivative(|t: f64| f((t - origin) / scale), x, order);
                let exact = derivatives[order - 1]((x - origin) / scale);
                let found = found.map_or(f64::INFINITY, |v| v * scale.powi(order as i32));
                errors.push(((found - exact) / exact).abs());
            }
        }
        errors.sort_by(f64::total_cmp);
        (-errors[errors.len() / 2].log10()).max(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_hypothesis_decides() {
        let [.., automatic] = &STEP_RULES;
        for exponent in -17..=0 {
            let decade = 10.0_f64.powi(exponent);
            let [first, second] = [1, 2].map(|order| digits(automatic, order, decade));
            if exponent < -15 {
                // Zeros with rounding.
                assert!(
                    first[0] >= 6.0 && second[0] >= 6.0,
                    "{decade:e}: {first:?}, {second:?}"
                );
            }
            if exponent >= -10 {
                assert!(first[0].min(first[1]) >= 4.0, "{decade:e}: {first:?}");
            }
            if exponent >= -6 {
                assert!(second[0].min(second[1]) >= 2.75, "{decade:e}: {second:?}");
            }
        }
    }
}
