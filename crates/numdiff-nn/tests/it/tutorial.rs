//! The tutorial's simpleNet, and the facts about its losses.
//!
//! Values: printed in the tutorial, or computed with mpmath at 25 digits (`_EXACT`), or with NumPy
//! from the printed weights.

use ndarray::{Array2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Batch, Dense, Error, GradientAlgorithm, GradientMethod, Init, Loss, Network, Targets, softmax,
};
use rand_chacha::ChaCha8Rng;

const W: [f64; 6] = [
    -0.66110535,
    -2.3121261,
    0.61870626,
    -0.43594672,
    1.66798289,
    -1.09922476,
];
/// Rounds to `W` and gives every digit the tutorial printed.
const W_RECONSTRUCTED: [f64; 6] = [
    -0.6611053509343343,
    -2.3121261015384613,
    0.6187062625641025,
    -0.4359467214015014,
    1.6679828876923077,
    -1.0992247561538462,
];
#[allow(clippy::excessive_precision)] // As mpmath printed them.
const D_W_EXACT: [f64; 6] = [
    0.1289428711991961008535619,
    0.3180770490570080549918391,
    -0.4470199201934612836089001,
    0.1934143068637310893751469,
    0.4771155735753804821541321,
    -0.6705298802273543777824365,
];
/// One ulp of the loss over 2h is 1.1e-12; NumPy's own error is 0.7e-12.
const D_W_TOLERANCE: f64 = 5e-12;

fn simple_net(weights: &[f64]) -> Network {
    let net = Network::builder()
        .layer(Dense::new(2, 3).without_bias())
        .loss(Loss::TUTORIAL);
    net.weights(weights).unwrap()
}

fn sample() -> Batch {
    Batch::new(
        array![[0.6, 0.9]],
        Targets::one_hot(&array![[0.0, 0.0, 1.0]]).unwrap(),
    )
    .unwrap()
}

#[test]
fn simple_net_predicts_what_the_tutorial_prints() {
    let net = simple_net(&W);
    let p = net.predict(&array![[0.6, 0.9]]).unwrap();
    for (p, expected) in p
        .iter()
        .zip([-0.789015258, 0.11390894100000001, -0.6180785280000001])
    {
        assert!((p - expected).abs() <= 1e-15);
    }
    assert_eq!(net.classify(&array![[0.6, 0.9]]).unwrap(), [1]);
    assert_eq!(net.accuracy(&sample()).unwrap(), 0.0);
    assert!((net.loss(&sample()).unwrap() - 1.3666226937184003).abs() <= 4e-16);
    let y = net.probabilities(&array![[0.6, 0.9]]).unwrap();
    for (y, expected) in
        y.iter()
            .zip([0.21490486956172877, 0.5301286230248244, 0.25496650741344673])
    {
        assert!((y - expected).abs() <= 1e-15);
    }
}

#[test]
fn reconstructed_weights_give_every_printed_digit() {
    let net = simple_net(&W_RECONSTRUCTED);
    let p = net.predict(&array![[0.6, 0.9]]).unwrap();
    let printed: Vec<String> = p.iter().map(|p| format!("{p:.8}")).collect();
    assert_eq!(printed, ["-0.78901526", "0.11390894", "-0.61807852"]);
    assert!((net.loss(&sample()).unwrap() - 1.366622688011303).abs() <= 4e-16);
    let g = net
        .gradient(
            &sample(),
            GradientMethod::new(GradientAlgorithm::Naive).with_nominal_divisor(),
        )
        .unwrap();
    let printed: Vec<String> = g.flat().iter().map(|d| format!("{d:.8}")).collect();
    assert_eq!(
        printed,
        [
            "0.12894287",
            "0.31807705",
            "-0.44701992",
            "0.19341431",
            "0.47711557",
            "-0.67052988"
        ]
    );
}

#[test]
fn naive_gradient_is_the_exact_central_difference_up_to_rounding() {
    let net = simple_net(&W);
    for method in [
        GradientMethod::new(GradientAlgorithm::Naive).with_nominal_divisor(),
        GradientAlgorithm::Naive.into(),
    ] {
        let g = net.gradient(&sample(), method).unwrap();
        assert_eq!(g.evaluations(), 13);
        let dw = g.block("W1").unwrap();
        assert_eq!(dw.shape(), [2, 3]);
        for (d, exact) in dw.iter().zip(D_W_EXACT) {
            assert!((d - exact).abs() <= D_W_TOLERANCE, "{d} {exact}");
        }
    }
}

#[test]
fn naive_gradients_are_multiples_of_the_last_place_of_the_loss() {
    let g = simple_net(&W)
        .gradient(
            &sample(),
            GradientMethod::new(GradientAlgorithm::Naive).with_nominal_divisor(),
        )
        .unwrap();
    // The loss lies between 1 and 2: its last place is 2^-52.
    for d in g.flat() {
        let places = d * 2e-4 / f64::EPSILON;
        assert!((places - places.round()).abs() < 1e-3, "{places}");
    }
}

#[test]
fn loss_facts() {
    let far = array![[1000.0, 0.0]];
    let perfect = Loss::TUTORIAL.value(&far, &Targets::labels(&[0])).unwrap();
    assert!((perfect - -9.999999505838704e-08).abs() <= 1e-15);
    assert_eq!(
        Loss::LogSoftmax
            .value(&far, &Targets::labels(&[0]))
            .unwrap(),
        0.0
    );
    assert_eq!(
        Loss::TUTORIAL.value(&far, &Targets::labels(&[1])).unwrap(),
        16.11809565095832
    );
    let y = softmax(&array![0.3f64, 2.9, 4.0]);
    for (y, expected) in
        y.iter()
            .zip([0.01821127329554753, 0.24519181293507392, 0.7365969137693786])
    {
        assert!((y - expected).abs() <= 1e-16);
    }
    let y = array![[0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]];
    let squared = Loss::SumSquaredError
        .value(&y, &Targets::labels(&[2]))
        .unwrap();
    assert!((squared - 0.0975).abs() <= 1e-16);
}

#[test]
fn one_hot_and_labels_agree_to_the_bit_and_soft_targets_stay_soft() {
    let c = array![[0.3f64, -1.0, 2.0], [1.5, 0.2, 0.1]];
    for loss in [
        Loss::TUTORIAL,
        Loss::LogSoftmax,
        Loss::SigmoidCrossEntropy,
        Loss::SumSquaredError,
    ] {
        let labels = loss.value(&c, &Targets::labels(&[2, 1])).unwrap();
        let hot = array![[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
        assert_eq!(
            labels,
            loss.value(&c, &Targets::one_hot(&hot).unwrap()).unwrap()
        );
        assert_eq!(
            labels,
            loss.value(&c, &Targets::soft(&hot).unwrap()).unwrap()
        );
    }
    let soft = Targets::soft(&array![[0.6, 0.4, 0.0], [0.1, 0.8, 0.1]]).unwrap();
    let loss = Loss::LogSoftmax.value(&c, &soft).unwrap();
    let by_hand = |row: usize, t: [f64; 3]| {
        let y = softmax(&c.row(row));
        -(0..3).map(|k| t[k] * y[k].ln()).sum::<f64>()
    };
    assert!(
        (loss - (by_hand(0, [0.6, 0.4, 0.0]) + by_hand(1, [0.1, 0.8, 0.1])) / 2.0).abs() < 1e-15
    );
}

#[test]
fn the_same_seed_draws_the_same_weights() {
    let draw = |seed| {
        let net = Network::<f64>::builder().layer(Dense::new(2, 3).without_bias());
        net.initialize(Init::Gaussian(1.0), &mut ChaCha8Rng::seed_from_u64(seed))
            .unwrap()
    };
    assert_eq!(draw(1).parameters(), draw(1).parameters());
    assert_ne!(draw(1).parameters(), draw(2).parameters());
}

#[test]
fn bad_input_is_a_typed_error() {
    let net = simple_net(&W);
    let x = || array![[0.6, 0.9]];
    let targets = |labels: &[usize]| Batch::new(x(), Targets::labels(labels));
    assert!(matches!(
        targets(&[0, 1]),
        Err(Error::Targets {
            rows: 1,
            targets: 2
        })
    ));
    assert!(matches!(
        net.loss(&targets(&[3]).unwrap()),
        Err(Error::Label {
            row: 0,
            label: 3,
            classes: 3
        })
    ));
    assert!(matches!(
        Targets::one_hot(&array![[0.0, 0.5, 1.0]]),
        Err(Error::OneHot {
            row: 0,
            column: 1,
            ..
        })
    ));
    assert!(matches!(
        Targets::one_hot(&array![[1.0, 0.0, 1.0]]),
        Err(Error::OneHot {
            row: 0,
            column: 2,
            ..
        })
    ));
    assert!(matches!(
        Targets::one_hot(&array![[0.0, 0.0]]),
        Err(Error::OneHot { .. })
    ));
    assert!(matches!(
        Targets::soft(&array![[0.7, 0.7]]),
        Err(Error::Distribution { row: 0, .. })
    ));
    assert!(matches!(
        Targets::soft(&array![[1.5, -0.5]]),
        Err(Error::Distribution { row: 0, .. })
    ));
    let two = Targets::one_hot(&array![[0.0, 1.0]]).unwrap();
    assert!(matches!(
        net.loss(&Batch::new(x(), two).unwrap()),
        Err(Error::TargetWidth {
            found: 2,
            expected: 3
        })
    ));
    assert!(matches!(
        Batch::new(Array2::<f64>::zeros((0, 2)), Targets::labels(&[])),
        Err(Error::EmptyBatch)
    ));
    assert!(matches!(
        Batch::new(array![[0.1, f64::NAN]], Targets::labels(&[0])),
        Err(Error::NotFinite { index: 1, .. })
    ));
    assert!(matches!(
        net.predict(&array![[1.0, 2.0, 3.0]]),
        Err(Error::Inputs {
            found: 3,
            expected: 2
        })
    ));
    assert!(matches!(net.block("W9"), Err(Error::UnknownBlock { .. })));
    let builder = || Network::<f64>::builder().layer(Dense::new(2, 3).without_bias());
    assert!(matches!(
        builder().weights(&[0.0; 5]),
        Err(Error::Length {
            found: 5,
            expected: 6,
            ..
        })
    ));
    assert!(matches!(
        builder().weights(&[0.0, 0.0, f64::NAN, 0.0, 0.0, 0.0]),
        Err(Error::NotFinite { index: 2, .. })
    ));
    assert!(matches!(
        Network::<f64>::builder().weights(&[]),
        Err(Error::EmptyNetwork)
    ));
    let unchained = builder().layer(Dense::new(4, 2)).weights(&[]).unwrap_err();
    assert_eq!(
        unchained.to_string(),
        "layer 0 (Dense 2 -> 3) gives 3 values but layer 1 (Dense 4 -> 2) takes 4; make the two widths agree"
    );
    for step in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let method = GradientMethod::new(GradientAlgorithm::Naive).with_step(step);
        assert!(matches!(
            net.gradient(&sample(), method),
            Err(Error::Setting {
                argument: "step",
                ..
            })
        ));
    }
}
