//! Settings out of their range are errors that name them.

use ndarray::{Array2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, Batch, BatchNorm, Builder, Conv2d, Dense, Dropout, Error, GradientAlgorithm,
    GradientMethod, Image, Init, Loss, Network, Targets,
};
use rand_chacha::ChaCha8Rng;

#[test]
fn settings_out_of_their_range_are_clear_errors() {
    let image = Image::new(1, 3, 3);
    let refused = |builder: Builder<f64>, name: &str| {
        let error = builder
            .initialize(Init::He, &mut ChaCha8Rng::seed_from_u64(1))
            .unwrap_err();
        assert!(
            matches!(&error, Error::Setting { argument, .. } if *argument == name),
            "{error}"
        );
    };
    let dense = || Network::builder().layer(Dense::new(9, 9));
    for slope in [f64::NAN, f64::INFINITY] {
        refused(dense().layer(Activation::LeakyRelu { slope }), "slope");
    }
    for ratio in [1.0, -0.1, f64::NAN] {
        refused(dense().layer(Dropout::new(ratio, 1)), "ratio");
    }
    refused(
        dense().layer(BatchNorm::new(9).with_epsilon(0.0)),
        "epsilon",
    );
    refused(
        dense().layer(Conv2d::new(image, 1, 2).with_stride(0)),
        "stride",
    );
    // More values than any array holds.
    let padded = Conv2d::new(image, 1, 2).with_padding(1 << 40);
    refused(dense().layer(padded), "outputs");
    let loss = Loss::SoftmaxCrossEntropy { epsilon: f64::NAN };
    refused(dense().loss(loss), "epsilon");
    let targets = Targets::labels(&[0]);
    assert!(matches!(
        loss.value(&array![[1.0, 2.0]], &targets),
        Err(Error::Setting { .. })
    ));
    assert!(matches!(targets.select(&[1]), Err(Error::Setting { .. })));
    let unlike = Network::<f64>::builder().inputs(5).layer(Dense::new(2, 3));
    assert_eq!(
        unlike.weights(&[]).unwrap_err().to_string(),
        "layer 0 (the inputs given to the builder) gives 5 values but layer 0 (Dense 2 -> 3) takes 2; make the two widths agree"
    );
    let network = dense().weights(&[1.0; 90]).unwrap();
    let batch = Batch::new(Array2::ones((1, 9)), targets).unwrap();
    let method = GradientMethod::new(GradientAlgorithm::Incremental).with_step(1e-30);
    let vanishes = network.gradient(&batch, method).unwrap_err().to_string();
    assert!(
        vanishes.starts_with("the step 1e-30 vanishes"),
        "{vanishes}"
    );
}
