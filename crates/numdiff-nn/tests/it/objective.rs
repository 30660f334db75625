//! The loss as a function that core differentiates.

use crate::networks::{cases, recipe};
use ndarray::Array1;
use numdiff_core::{FiniteDifference, Function, Moves, Step};
use numdiff_nn::{GradientAlgorithm, Objective};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(24))]

    /// Core's central difference with the same step is the network's own.
    #[test]
    fn core_differentiates_a_network(recipe in recipe(6, 5)) {
        let (network, batch) = recipe.build::<f64>();
        let x = Array1::from(network.parameters().to_vec());
        let mut objective = Objective::new(&network, &batch);
        let central = FiniteDifference::central().with_step(Step::Absolute(1e-4));
        let by_core = central.plan().gradient(&x).serial_function(&mut objective).unwrap();
        let own = network.gradient(&batch, GradientAlgorithm::Naive).unwrap();
        let bound = 16.0 * network.noise(&batch).unwrap() / 2e-4;
        for (a, b) in by_core.iter().zip(own.flat()) {
            prop_assert!((a - b).abs() <= bound, "{} {}: {}", a, b, bound);
        }
    }

    /// One coordinate moved is what a whole evaluation there gives, up to rounding.
    #[test]
    fn every_move_agrees_with_a_whole_evaluation(recipe in recipe(6, 5), i in any::<prop::sample::Index>(), by in -0.5..0.5) {
        let (network, batch) = recipe.build::<f64>();
        let i = i.index(network.parameters().len());
        let mut objective = Objective::new(&network, &batch);
        objective.begin(network.parameters()).unwrap();
        let mut moved = network.parameters().to_vec();
        moved[i] += by;
        let mut at = |moves: Moves<'_>| {
            let mut values = Vec::new();
            objective.moved(moves, &mut values).unwrap();
            values[0]
        };
        let whole = at(Moves::Dense(&moved));
        let bound = 16.0 * network.noise(&batch).unwrap() + 16.0 * f64::EPSILON * whole.abs().max(1.0);
        prop_assert_eq!(whole, at(Moves::Many(&[(i, moved[i])])));
        let one = at(Moves::One(i, moved[i]));
        prop_assert!((one - whole).abs() <= bound, "{} {}: {}", one, whole, bound);
        prop_assert_eq!(at(Moves::None), network.loss(&batch).unwrap());
    }
}

#[test]
fn a_point_must_come_first() {
    let network = numdiff_nn::Network::builder()
        .layer(numdiff_nn::Dense::new(1, 2))
        .weights(&[0.0; 4])
        .unwrap();
    let batch =
        numdiff_nn::Batch::new(ndarray::array![[1.0]], numdiff_nn::Targets::labels(&[0])).unwrap();
    let mut objective = Objective::new(&network, &batch);
    assert!(objective.moved(Moves::None, &mut Vec::new()).is_err());
    assert!(objective.begin(&[0.0; 3]).is_err());
    objective.begin(&[0.0; 4]).unwrap();
    assert!(
        objective
            .moved(Moves::One(4, 0.0), &mut Vec::new())
            .is_err()
    );
}
