//! What a check says besides: of layers that are not deterministic, that compute in single precision, whose samples
//! meet untold; and what it asks of its settings.

use super::{WIDTH, faults, layers};
use crate::networks::{cases, recipe};
use ndarray::{Array2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, At, Batch, Check, Dense, Dropout, Error, Fault, Init, Layer, Loss, Network,
    Targets, check_layer, check_network,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;

type Curve = fn(f32) -> f32;

/// Takes the mean of the batch out, and may say that samples do not meet.
#[derive(Debug)]
struct Centered {
    mixes: bool,
}

impl Layer<f64> for Centered {
    fn name(&self) -> String {
        "Centered".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.to_owned() - &x.mean_axis(ndarray::Axis(0)).unwrap()
    }
    fn backward(&self, _: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(dy.to_owned() - &dy.mean_axis(ndarray::Axis(0)).unwrap())
    }
    fn mixes_samples(&self) -> bool {
        self.mixes
    }
}

#[test]
fn samples_that_meet_untold_are_found() {
    for mixes in [true, false] {
        let network = Network::builder()
            .layer(Dense::new(2, 3))
            .layer(Centered { mixes })
            .layer(Dropout::new(0.3, 1))
            .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(1))
            .unwrap();
        let x = array![[0.3, -0.2], [0.5, 0.9], [0.1, 0.4]];
        let batch = Batch::new(x, Targets::labels(&[0, 1, 2])).unwrap();
        let report = check_network(&network, &batch).unwrap();
        assert_eq!(report.passed(), mixes, "{report}");
        let expected = if mixes {
            vec![]
        } else {
            vec![(1, Fault::MixesSamples)]
        };
        assert_eq!(faults(&report), expected, "{report}");
    }
}

#[test]
fn a_certain_prediction_is_no_alarm() {
    for weight in [10.0, 40.0, 300.0] {
        let network = Network::builder()
            .layer(Dense::new(1, 2))
            .weights(&[weight, -weight, 0.0, 0.0])
            .unwrap();
        let batch = Batch::new(array![[1.0]], Targets::labels(&[0])).unwrap();
        check_network(&network, &batch).unwrap().assert_ok();
    }
}

#[test]
fn raw_pixels_accuse_the_wrong_layer_alone() {
    for slope in [3.0, 2.9] {
        let network = Network::builder()
            .layer(Dense::new(4, 6))
            .layer(Cube { slope })
            .layer(Dense::new(6, 2))
            .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(3))
            .unwrap();
        let x = Array2::from_shape_fn((5, 4), |(n, i)| ((n * 4 + i) * 53 % 256) as f64 * 1e3);
        let batch = Batch::new(x, Targets::labels(&[0, 1, 0, 1, 1])).unwrap();
        let report = check_network(&network, &batch).unwrap();
        let expected = if slope == 3.0 {
            vec![]
        } else {
            vec![(1, Fault::Inputs)]
        };
        assert_eq!(faults(&report), expected, "{report}");
    }
}

/// Values or derivatives that change from call to call, by whatever amount.
#[derive(Debug)]
struct Noisy {
    calls: std::sync::atomic::AtomicU64,
    forward: f64,
    backward: f64,
}

impl Noisy {
    fn factor(&self, amplitude: f64) -> f64 {
        let calls = self
            .calls
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        1.0 + amplitude * (calls as f64).sin()
    }
}

impl Layer<f64> for Noisy {
    fn name(&self) -> String {
        "noisy".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x * self.factor(self.forward)
    }
    fn backward(&self, _: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(dy * self.factor(self.backward))
    }
}

#[test]
fn a_layer_that_is_not_deterministic_is_told() {
    for scale in [1e-6, 1.0, 1e6] {
        for (forward, backward) in [
            (1e-3, 0.0),
            (1e-9, 0.0),
            (1e-14, 0.0),
            (0.0, 1e-3),
            (0.0, 1e-12),
            (0.5, 0.5),
        ] {
            let calls = 1.into();
            let network = Network::builder()
                .layer(Dense::new(2, 3))
                .layer(Noisy {
                    calls,
                    forward,
                    backward,
                })
                .layer(Dense::new(3, 2))
                .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(3))
                .unwrap();
            let x = array![[0.4, -0.7], [0.2, 1.1]] * scale;
            let batch = Batch::new(x, Targets::labels(&[0, 1])).unwrap();
            let report = check_network(&network, &batch).unwrap();
            assert_eq!(faults(&report), [(1, Fault::NotDeterministic)], "{report}");
            assert!(report.to_string().contains("not deterministic"));
        }
    }
}

/// A value and a slope, in single precision.
#[derive(Debug)]
struct Single {
    f: fn(f32) -> f32,
    slope: fn(f32) -> f32,
    factor: f32,
}

impl Layer<f64> for Single {
    fn name(&self) -> String {
        "single".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| f64::from((self.f)(x as f32)))
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(at.x.mapv(|x| f64::from(self.factor * (self.slope)(x as f32))) * dy)
    }
}

#[test]
fn a_layer_in_single_precision_is_told_and_checked() {
    let kinds: [[Curve; 2]; 4] = [
        [
            |x| x.tanh() * 1.3 + x,
            |x| 1.3 * (1.0 - x.tanh().powi(2)) + 1.0,
        ],
        [|x| x * x, |x| 2.0 * x],
        [
            |x| 1.7 * x / (1.0 + x.abs()),
            |x| 1.7 / (1.0 + x.abs()).powi(2),
        ],
        [
            |x| if x > 0.0 { 1.1 * x } else { 0.3 * x },
            |x| if x > 0.0 { 1.1 } else { 0.3 },
        ],
    ];
    for [f, slope] in kinds {
        for scale in [1e-3, 1.0, 1e3] {
            for factor in [1.0, 1.05] {
                let network = Network::builder()
                    .layer(Dense::new(2, 3))
                    .layer(Single { f, slope, factor })
                    .layer(Dense::new(3, 2))
                    .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(3))
                    .unwrap();
                let x = array![[0.4, -0.7], [0.2, 1.1]] * scale;
                let batch = Batch::new(x, Targets::labels(&[0, 1])).unwrap();
                let report = check_network(&network, &batch).unwrap();
                let expected = if factor == 1.0 {
                    vec![]
                } else {
                    vec![(1, Fault::Inputs)]
                };
                // Rounding hides how little a function moves that saturates.
                let hidden = scale == 1e3 && report.counts().not_checkable > 0;
                if hidden {
                    assert!(report.suspects.is_empty() && !report.passed(), "{report}");
                } else {
                    assert_eq!(faults(&report), expected, "{scale} {factor}: {report}");
                }
                assert_eq!(report.single, [(1, "single".to_string())], "{report}");
            }
        }
    }
}

#[test]
fn settings_and_inputs_of_a_check_are_looked_at() {
    let x = array![[0.4, -0.7]];
    let tanh = Activation::Tanh;
    let setting =
        |check: Check| matches!(check.layer::<f64>(&tanh, &x), Err(Error::Setting { .. }));
    assert!(setting(Check::new().with_step(0.0)));
    assert!(setting(Check::new().with_step(f64::NAN)));
    assert!(setting(Check::new().with_tolerance(-1.0)));
    assert!(matches!(
        check_layer::<f64>(&tanh, &Array2::zeros((0, 2))),
        Err(Error::EmptyBatch)
    ));
    assert!(matches!(
        check_layer::<f64>(&Dense::new(3, 1), &x),
        Err(Error::Inputs { .. })
    ));
    assert!(matches!(
        check_layer::<f64>(&tanh, &array![[f64::NAN]]),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        Check::new().layer_at::<f64>(&Dense::new(2, 1), &[1.0], &x),
        Err(Error::Length { .. })
    ));
    // Every layer alone, in both precisions, with drawn parameters.
    for layer in layers() {
        let x = Array2::from_shape_fn((3, WIDTH), |(n, i)| ((n * WIDTH + i) as f64 * 0.9).sin());
        for seed in [0, 1] {
            Check::new()
                .with_seed(seed)
                .layer(&*layer, &x)
                .unwrap()
                .assert_ok();
        }
    }
    let x = Array2::from_shape_fn((3, 4), |(n, i)| ((n * 4 + i) as f32 * 0.9).sin());
    check_layer::<f32>(&Dense::new(4, 2), &x)
        .unwrap()
        .assert_ok();
    check_layer::<f32>(&Activation::Softplus, &x)
        .unwrap()
        .assert_ok();
}

/// A layer that says nothing of its increments: they are subtracted values.
#[derive(Debug)]
struct Cube {
    /// Wrong when not 3.
    slope: f64,
}

impl Layer<f64> for Cube {
    fn name(&self) -> String {
        "Cube".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| 10.0 + x * x * x)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(at.x.mapv(|x| self.slope * x * x) * dy)
    }
}

#[test]
fn a_users_layer_is_checked_with_forward_and_backward_alone() {
    let network = |slope| {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let builder = Network::builder()
            .layer(Dense::new(2, 6))
            .layer(Cube { slope })
            .layer(Dense::new(6, 2));
        builder
            .loss(Loss::TUTORIAL)
            .initialize(Init::Glorot, &mut rng)
            .unwrap()
    };
    let batch = Batch::new(array![[0.4, -0.7], [0.2, 1.1]], Targets::labels(&[0, 1])).unwrap();
    let report = check_network(&network(3.0), &batch).unwrap();
    assert!(report.passed(), "{report}");
    let report = check_network(&network(3.0001), &batch).unwrap();
    assert!(!report.passed());
    assert_eq!(faults(&report), [(1, Fault::Inputs)]);
    assert_eq!(report.suspects[0].name, "Cube");
}

#[test]
fn a_layer_without_backward_is_an_error() {
    #[derive(Debug)]
    struct Silent;
    impl Layer<f64> for Silent {
        fn name(&self) -> String {
            "Silent".into()
        }
        fn outputs(&self, inputs: usize) -> usize {
            inputs
        }
        fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
            x.to_owned()
        }
    }
    let network = Network::builder()
        .layer(Dense::new(1, 2))
        .layer(Silent)
        .weights(&[0.0; 4])
        .unwrap();
    let batch = Batch::new(array![[1.0]], Targets::labels(&[0])).unwrap();
    assert!(matches!(
        check_network(&network, &batch),
        Err(Error::NoBackward { layer: 1, .. })
    ));
}

proptest! {
    #![proptest_config(cases(24))]

    /// No false alarms, in either precision. One sample alone has a batch normalization put every ReLU
    /// behind it at its kink.
    #[test]
    fn random_networks_pass(recipe in recipe(8, 6)) {
        let (network, batch) = recipe.build::<f64>();
        let report = Check::new().with_unchecked_blocks().network(&network, &batch).unwrap();
        prop_assert!(report.passed(), "{}", report);
        let (network, batch) = recipe.build::<f32>();
        let report = Check::new().with_unchecked_blocks().network(&network, &batch).unwrap();
        prop_assert!(report.passed(), "{}", report);
    }
}

/// Keeps its inputs for `backward`, as the layers of many books do.
#[derive(Debug, Default)]
struct Keeps(std::sync::Mutex<Array2<f64>>);

impl Layer<f64> for Keeps {
    fn name(&self) -> String {
        "keeps".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        self.0.lock().unwrap().clone_from(x);
        x * x
    }
    fn backward(&self, _: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(2.0 * dy * &*self.0.lock().unwrap())
    }
}

#[test]
fn what_a_layer_keeps_of_its_last_call_is_told() {
    let x = array![[0.4, -0.7, 0.0], [0.2, 1.1, 0.3]];
    let report = check_layer(&Keeps::default(), &x).unwrap();
    assert_eq!(faults(&report), [(0, Fault::Stale)], "{report}");
    assert!(
        report
            .to_string()
            .contains("what its last forward left behind")
    );
}

/// Far below the rounding of what it is added to.
#[derive(Debug)]
struct Buried {
    beside: f64,
    slope: f64,
}

impl Layer<f64> for Buried {
    fn name(&self) -> String {
        "buried".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| self.beside + x.tanh())
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(self.slope * dy * at.x.mapv(|x| x.cosh().powi(-2)))
    }
}

/// Of outputs that never move a 0 is right as far as rounding lets it be seen; any other derivative is not.
#[test]
fn a_zero_says_how_much_rounding_may_hide() {
    let x = array![[0.4, -0.7], [0.2, 1.1]];
    let at = |beside, slope| check_layer(&Buried { beside, slope }, &x).unwrap();
    let hidden = at(1e18, 0.0);
    for entry in &hidden.blocks[0].report.entries {
        assert!(entry.error > 1.0, "{hidden}");
    }
    assert!(!at(1e18, 1.0).passed() && at(1e18, 1.0).counts().wrong == 0);
    assert!(at(1.0, 0.0).counts().wrong == 4 && at(1.0, 1.0).passed());
    let flat = check_layer(&Activation::Relu, &array![[-1.0, -2.0]]).unwrap();
    assert!(flat.blocks[0].report.entries.iter().all(|e| e.error == 0.0));
}
