//! Every algorithm gives the same gradient, whatever the layers.

use crate::networks::{Recipe, cases, large, recipe};
use numdiff_core::Real;
use numdiff_nn::{Batch, Gradient, GradientAlgorithm, GradientMethod, Network};
use proptest::prelude::*;

const H: f64 = 1e-4;

/// All but the naive one, which takes its time.
const FAST: [GradientAlgorithm; 4] = [
    GradientAlgorithm::Incremental,
    GradientAlgorithm::IncrementAlgebra,
    GradientAlgorithm::NodePerturbation,
    GradientAlgorithm::Backpropagation,
];

/// Where nothing cancels a finer step costs nothing: small against 3e-3, the least deviation that
/// batch normalization divides by.
const FINE: f64 = 1e-5;

fn difference<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    algorithm: GradientAlgorithm,
    h: f64,
    threads: usize,
) -> Gradient {
    network
        .gradient(
            batch,
            GradientMethod::new(algorithm)
                .with_step(h)
                .with_threads(threads),
        )
        .unwrap()
}

/// Largest absolute entry.
fn size(flat: &[f64]) -> f64 {
    flat.iter().fold(0.0, |m, g| g.abs().max(m))
}

/// Each parameter's derivative with the h^2 term eliminated, and its error: with
/// R(h) = (4 D(h) - D(2h))/3, R(h) is off by about (R(2h) - R(h))/15. The whole of R(2h) - R(h) is
/// taken, since h may be coarse against the spread of a batch normalization.
fn extrapolated(
    network: &Network,
    batch: &Batch,
    algorithm: GradientAlgorithm,
) -> (Vec<(f64, f64)>, Vec<usize>) {
    let [a, b, c] =
        [1.0, 2.0, 4.0].map(|factor| difference(network, batch, algorithm, factor * FINE, 1));
    let values = (0..a.flat().len()).map(|i| {
        let (a, b, c) = (a.flat()[i], b.flat()[i], c.flat()[i]);
        let (fine, coarse) = ((4.0 * a - b) / 3.0, (4.0 * b - c) / 3.0);
        (fine, (coarse - fine).abs())
    });
    (
        values.collect(),
        [&a, &b, &c]
            .iter()
            .flat_map(|g| g.kinks().to_vec())
            .collect(),
    )
}

fn agree(recipe: &Recipe) -> Result<(), TestCaseError> {
    let (network, batch) = recipe.build::<f64>();
    let naive = difference(&network, &batch, GradientAlgorithm::Naive, H, 1);
    let incremental = difference(&network, &batch, GradientAlgorithm::Incremental, H, 1);
    let algebra = difference(&network, &batch, GradientAlgorithm::IncrementAlgebra, H, 1);
    let backward = network
        .gradient(&batch, GradientAlgorithm::Backpropagation)
        .unwrap();
    prop_assert_eq!(naive.loss(), network.loss(&batch).unwrap());
    prop_assert_eq!(naive.evaluations(), 1 + 2 * naive.flat().len());

    // The same difference with different rounding: each within the bound that is stated.
    let bound = 8.0 * network.noise(&batch).unwrap() / (2.0 * H);
    for (i, naive) in naive.flat().iter().enumerate() {
        let (incremental, algebra) = (incremental.flat()[i], algebra.flat()[i]);
        prop_assert!(
            (naive - incremental).abs() <= bound,
            "naive {naive} incremental {incremental} at {i} of {:?}: {bound}",
            network
        );
        prop_assert!(
            (naive - algebra).abs() <= bound,
            "naive {naive} algebra {algebra} at {i}: {bound}"
        );
    }

    // Without cancellation and without the h^2 term nothing is left but h^4 and the rounding of the
    // sums: 1e-12 of the largest entry. Where a kink lies between the sides there is no derivative.
    let rounding = 1e-12 * size(backward.flat());
    for algorithm in [
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::NodePerturbation,
    ] {
        let (values, kinks) = extrapolated(&network, &batch, algorithm);
        prop_assert!(recipe.has_kinks() || kinks.is_empty());
        for (i, ((numeric, error), analytic)) in values.iter().zip(backward.flat()).enumerate() {
            let close = (numeric - analytic).abs() <= rounding + error;
            prop_assert!(
                close || kinks.contains(&i),
                "{algorithm:?} {numeric} +- {error} backward {analytic} at {i}"
            );
        }
    }
    Ok(())
}

fn threads_do_not_show<T: Real>(
    recipe: &Recipe,
    algorithms: &[GradientAlgorithm],
) -> Result<(), TestCaseError> {
    let (network, batch) = recipe.build::<T>();
    for &algorithm in algorithms {
        let one = difference(&network, &batch, algorithm, H, 1);
        for threads in [2, 3] {
            prop_assert_eq!(&one, &difference(&network, &batch, algorithm, H, threads));
        }
    }
    Ok(())
}

/// The gradient of an `f32` network is that of the same weights in `f64`.
fn single_precision(recipe: &Recipe) -> Result<(), TestCaseError> {
    let (network, batch) = recipe.build::<f32>();
    let (wide, wide_batch) = {
        let (mut wide, _) = recipe.build::<f64>();
        let parameters: Vec<f64> = network.parameters().iter().map(|p| f64::from(*p)).collect();
        wide.set_parameters(&parameters).unwrap();
        (wide, batch.widened())
    };
    let exact = wide
        .gradient(&wide_batch, GradientAlgorithm::Backpropagation)
        .unwrap();
    let bound = 1e-4 * size(exact.flat());
    for algorithm in [
        GradientAlgorithm::Incremental,
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::NodePerturbation,
    ] {
        let h = if algorithm == GradientAlgorithm::Incremental {
            H
        } else {
            FINE
        };
        let single = difference(&network, &batch, algorithm, h, 1);
        prop_assert_eq!(&single, &difference(&wide, &wide_batch, algorithm, h, 1));
        let twice = difference(&network, &batch, algorithm, 2.0 * h, 1);
        // The first algorithm's rounding does not shrink with the gradient.
        let rounding = if algorithm == GradientAlgorithm::Incremental {
            16.0 * wide.noise(&wide_batch).unwrap() / (2.0 * h)
        } else {
            0.0
        };
        for (i, (a, b)) in single.flat().iter().zip(exact.flat()).enumerate() {
            let kink = single.kinks().contains(&i) || twice.kinks().contains(&i);
            // D(h) is off by a third of D(2h) - D(h) to leading order; all of it is allowed.
            let truncation = (twice.flat()[i] - a).abs();
            prop_assert!(
                kink || (a - b).abs() <= bound + rounding + truncation,
                "{algorithm:?} {a} {b} at {i}"
            );
        }
    }
    // Backpropagation in f32: its own rounding, a few hundred last places of the largest entry, and
    // what the noise of the loss makes of a nearly vanishing gradient.
    let single = network
        .gradient(&batch, GradientAlgorithm::Backpropagation)
        .unwrap();
    let bound = 1e-3 * size(exact.flat()) + 64.0 * network.noise(&batch).unwrap();
    if !recipe.has_kinks() {
        for (a, b) in single.flat().iter().zip(exact.flat()) {
            prop_assert!((a - b).abs() <= bound, "backward {a} {b}: {bound}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn algorithms_agree(recipe in recipe(12, 9)) {
        agree(&recipe)?;
    }

    #[test]
    fn single_precision_networks_have_the_gradient_of_their_weights(recipe in recipe(10, 9)) {
        single_precision(&recipe)?;
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn algorithms_agree_on_large_networks(recipe in large()) {
        agree(&recipe)?;
    }

    #[test]
    fn large_chains_in_single_precision_have_the_gradient_of_their_weights(
        recipe in large().prop_map(Recipe::chain)
    ) {
        single_precision(&recipe)?;
    }

    /// Large enough for the kernels to take their threads.
    #[test]
    fn any_number_of_threads_gives_chains_the_same_bits(
        recipe in large().prop_map(Recipe::chain)
    ) {
        threads_do_not_show::<f64>(&recipe, &FAST)?;
        threads_do_not_show::<f32>(&recipe, &FAST)?;
    }

    #[test]
    fn any_number_of_threads_gives_any_layers_the_same_bits(recipe in recipe(12, 9)) {
        threads_do_not_show::<f64>(&recipe, &FAST)?;
        threads_do_not_show::<f32>(&recipe, &FAST)?;
    }

    #[test]
    fn any_number_of_threads_gives_the_naive_rung_the_same_bits(recipe in recipe(6, 5)) {
        threads_do_not_show::<f64>(&recipe, &[GradientAlgorithm::Naive])?;
        threads_do_not_show::<f32>(&recipe, &[GradientAlgorithm::Naive])?;
    }
}
