//! One file per scenario.

mod gradient;
mod gradient_descent;
mod gradient_field;
mod large_rate;
mod numerical_derivative;
mod partial_derivatives;
mod rate_sweep;
mod simple_net;
mod softmax_gradient;
mod tiny_rate;

use crate::Scenario;

/// All scenarios, in the tutorial's order.
pub fn all() -> Vec<Scenario> {
    vec![
        numerical_derivative::SCENARIO,
        partial_derivatives::SCENARIO,
        gradient::SCENARIO,
        gradient_field::SCENARIO,
        gradient_descent::SCENARIO,
        large_rate::SCENARIO,
        tiny_rate::SCENARIO,
        rate_sweep::SCENARIO,
        simple_net::SCENARIO,
        softmax_gradient::SCENARIO,
    ]
}

/// The scenario with this number or id.
pub fn find(name: &str) -> Option<Scenario> {
    all()
        .into_iter()
        .find(|scenario| scenario.id == name || scenario.number.to_string() == name)
}
