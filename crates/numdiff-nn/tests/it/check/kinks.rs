//! Kinks: in a layer, behind one, at any distance.

use super::{Bug, Planted, faults};
use ndarray::{Array2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, At, Batch, Check, Conv2d, Dense, Fault, Image, Init, Layer, Network, Targets,
    check_layer, check_network,
};
use rand_chacha::ChaCha8Rng;

/// A ReLU of a user's, with this slope at exactly 0.
#[derive(Debug)]
struct Own {
    at_zero: f64,
}

impl Layer<f64> for Own {
    fn name(&self) -> String {
        "own ReLU".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| x.max(0.0))
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        let slope = |x: f64| match x {
            0.0 => self.at_zero,
            _ => f64::from(x > 0.0),
        };
        Some(at.x.mapv(slope) * dy)
    }
}

#[test]
fn a_right_layer_passes_at_any_distance_from_its_kink() {
    // Everywhere about the steps, and down to the smallest numbers.
    for exponent in (-300..-40).step_by(13).chain(-40..=0) {
        for sign in [-1.0, 1.0] {
            let network = Network::builder()
                .layer(Dense::new(1, 1))
                .layer(Own { at_zero: 0.0 })
                .layer(Dense::new(1, 2))
                .weights(&[1.0, 0.0, 1.0, -1.0, 0.0, 0.0])
                .unwrap();
            let x = array![[sign * 10f64.powi(exponent)]];
            let batch = Batch::new(x, Targets::labels(&[0])).unwrap();
            check_network(&network, &batch).unwrap().assert_ok();
        }
    }
    // Small pre-activations, many of them.
    for seed in 0..2 {
        let network = Network::builder()
            .layer(Dense::new(20, 50))
            .layer(Own { at_zero: 0.0 })
            .layer(Dense::new(50, 10))
            .initialize(Init::Gaussian(0.01), &mut ChaCha8Rng::seed_from_u64(seed))
            .unwrap();
        let x = Array2::from_shape_fn((24, 20), |(n, i)| ((n * 20 + i) as f64 * 1.7).sin());
        let labels: Vec<usize> = (0..24).map(|n| n % 10).collect();
        let batch = Batch::new(x, Targets::labels(&labels)).unwrap();
        check_network(&network, &batch).unwrap().assert_ok();
    }
}

#[test]
fn at_a_kink_a_value_between_the_slopes_passes_and_one_outside_is_wrong() {
    let x = array![[0.0, 1.0], [-1.0, 0.0]];
    for (at_zero, right) in [
        (0.0, true),
        (0.5, true),
        (1.0, true),
        (7.0, false),
        (-3.0, false),
    ] {
        let report = check_layer(&Own { at_zero }, &x).unwrap();
        assert_eq!(report.passed(), right, "{at_zero} {report}");
        let counts = report.counts();
        let found = (counts.right, counts.wrong, counts.not_smooth);
        assert_eq!(found, if right { (2, 0, 2) } else { (2, 2, 0) }, "{report}");
    }
    // At kinks alone nothing is checked, and nothing passes unless it is allowed.
    let zeros = Array2::zeros((2, 3));
    let report = check_layer(&Own { at_zero: 0.0 }, &zeros).unwrap();
    assert!(!report.passed() && report.suspects.is_empty(), "{report}");
    assert!(
        report
            .to_string()
            .contains("NOTHING was checked, as every entry is at a kink")
    );
    let allowed = Check::new().with_unchecked_blocks();
    allowed
        .layer(&Own { at_zero: 0.0 }, &zeros)
        .unwrap()
        .assert_ok();
}

/// Zeros at the border of a picture and no bias: the ReLU behind the convolution is at its kink
/// everywhere, and the convolution's derivatives are checked all the same.
#[test]
fn a_kink_behind_a_layer_hides_nothing() {
    let image = Image::new(1, 4, 4);
    for bug in [
        Bug::None,
        Bug::Parameter(9, 2.0),
        Bug::Parameter(9, -1.0),
        Bug::Parameter(9, 0.0),
    ] {
        let inner: Box<dyn Layer<f64>> = Box::new(Conv2d::new(image, 1, 3).with_padding(1));
        let mut weights = vec![0.3; 9];
        weights.push(0.0);
        weights.extend((0..34).map(|i| (i as f64).sin()));
        let network = Network::builder()
            .layer(Planted { inner, bug })
            .layer(Activation::Relu)
            .layer(Dense::new(16, 2))
            .weights(&weights)
            .unwrap();
        let batch = Batch::new(Array2::zeros((2, 16)), Targets::labels(&[0, 1])).unwrap();
        let report = Check::new()
            .with_unchecked_blocks()
            .network(&network, &batch)
            .unwrap();
        let fault = (0, Fault::Parameters("b1".into()));
        let expected = if bug == Bug::None {
            vec![]
        } else {
            vec![fault]
        };
        assert_eq!(faults(&report), expected, "{bug:?} {report}");
    }
}
