//! A bug planted in any layer's backward is found, and the right block and layer named.

use crate::networks::recipe;
use ndarray::{Array2, ArrayRef2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, At, Batch, BatchNorm, BlockShape, Change, Control, Conv2d, Dense, Dropout, Error,
    Form, Image, Init, Layer, Loss, Network, NetworkCheck, Pool, Targets, Verdict, check_network,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    /// The derivative by the inputs is off by a factor.
    Inputs(f64),
    /// The derivative by this parameter is off by a factor.
    Parameter(usize, f64),
    /// The derivative by the parameters is NaN.
    Nan,
    /// The increments are off by a factor.
    Push(f64),
}

/// A layer with a bug.
#[derive(Debug)]
struct Planted {
    inner: Box<dyn Layer<f64>>,
    bug: Bug,
}

impl Layer<f64> for Planted {
    fn name(&self) -> String {
        format!("Planted {}", self.inner.name())
    }
    fn inputs(&self) -> Option<usize> {
        self.inner.inputs()
    }
    fn outputs(&self, inputs: usize) -> usize {
        self.inner.outputs(inputs)
    }
    fn blocks(&self) -> Vec<BlockShape> {
        self.inner.blocks()
    }
    fn forward(&self, parameters: &[f64], x: &ArrayRef2<f64>) -> Array2<f64> {
        self.inner.forward(parameters, x)
    }
    fn remember(&self, parameters: &[f64], x: &ArrayRef2<f64>, y: &ArrayRef2<f64>) -> Vec<f64> {
        self.inner.remember(parameters, x, y)
    }
    fn backward(
        &self,
        at: &At<'_, f64>,
        dy: &ArrayRef2<f64>,
        dp: &mut [f64],
    ) -> Option<Array2<f64>> {
        let mut dx = self.inner.backward(at, dy, dp)?;
        match self.bug {
            Bug::Inputs(factor) => dx *= factor,
            Bug::Parameter(i, factor) => dp[i] *= factor,
            Bug::Nan => dp.fill(f64::NAN),
            Bug::None | Bug::Push(_) => {}
        }
        Some(dx)
    }
    fn seed(&self, at: &At<'_, f64>, parameter: usize, by: f64, form: Form) -> Change<f64> {
        self.inner.seed(at, parameter, by, form)
    }
    fn push(&self, at: &At<'_, f64>, change: Change<f64>, form: Form) -> Change<f64> {
        let mut change = self.inner.push(at, change, form);
        if let Bug::Push(factor) = self.bug {
            change.d *= factor;
        }
        change
    }
    fn kink(&self, at: &At<'_, f64>, a: &Change<f64>, b: &Change<f64>) -> bool {
        self.inner.kink(at, a, b)
    }
    fn mixes_samples(&self) -> bool {
        self.inner.mixes_samples()
    }
}

/// Every layer of the crate on 2 channels of 4 x 4 pixels.
fn layers() -> Vec<Box<dyn Layer<f64>>> {
    let image = Image::new(2, 4, 4);
    vec![
        Box::new(Dense::new(32, 5)),
        Box::new(Activation::Sigmoid),
        Box::new(Activation::Tanh),
        Box::new(Activation::Relu),
        Box::new(Activation::LeakyRelu { slope: 0.1 }),
        Box::new(Activation::Softplus),
        Box::new(Conv2d::new(image, 3, 3).with_padding(1)),
        Box::new(Pool::max(image, 2)),
        Box::new(Pool::average(image, 2)),
        Box::new(BatchNorm::new(32)),
        Box::new(BatchNorm::image(image)),
        Box::new(Dropout::new(0.4, 3)),
    ]
}

/// Dense, the layer, dense.
fn check(layer: Box<dyn Layer<f64>>, bug: Bug) -> (Network, NetworkCheck) {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let width = layer.outputs(32);
    let network = Network::builder()
        .layer(Dense::new(3, 32))
        .layer(Planted { inner: layer, bug })
        .layer(Dense::new(width, 3))
        .initialize(Init::Xavier, &mut rng)
        .unwrap();
    let x = Array2::from_shape_fn((4, 3), |(n, i)| ((n * 3 + i) as f64 * 1.7).sin());
    let batch = Batch::new(x, Targets::labels(&[0, 1, 2, 1])).unwrap();
    let report = check_network(&network, &batch).unwrap();
    (network, report)
}

#[test]
fn right_layers_pass() {
    for layer in layers() {
        let name = layer.name();
        let (network, report) = check(layer, Bug::None);
        assert!(report.passed(), "{name}: {report}");
        assert!(report.suspects.is_empty());
        assert_eq!(
            report.blocks.iter().map(|b| b.entries).sum::<usize>(),
            network.parameters().len()
        );
        for block in &report.blocks {
            // Batch normalization takes out whatever a bias before it adds.
            let blind = name.starts_with("BatchNorm") && block.name == "b1";
            assert!(
                blind || matches!(block.control, Control::Found { smallest } if smallest < 1e-5),
                "{name}: {report}"
            );
        }
    }
}

#[test]
fn a_bug_in_the_derivative_by_the_inputs_names_the_layer() {
    for layer in layers() {
        let name = layer.name();
        let (_, report) = check(layer, Bug::Inputs(1.0 + 1e-4));
        assert!(!report.passed(), "{name}");
        // Everything before the layer is wrong, nothing at or behind it.
        for block in &report.blocks {
            assert!(
                block.name.ends_with('1') && block.name != "gamma1" && block.name != "beta1"
                    || block.bugs == 0,
                "{name}: {report}"
            );
        }
        assert!(report.blocks[0].bugs > 0, "{name}: {report}");
        let suspects: Vec<_> = report
            .suspects
            .iter()
            .map(|s| (s.layer, s.block.clone()))
            .collect();
        assert_eq!(suspects, [(1, None)], "{name}: {report}");
        assert!(
            report
                .findings
                .iter()
                .all(|f| f.verdict == Verdict::Backward),
            "{name}: {report}"
        );
    }
}

#[test]
fn a_bug_in_the_derivative_by_a_parameter_names_block_and_index() {
    for layer in layers() {
        let name = layer.name();
        let blocks = layer.blocks();
        let mut begin = 0;
        for (number, block) in blocks.iter().enumerate() {
            // The last parameter of each block.
            let (_, report) = check(
                layer_again(&name),
                Bug::Parameter(begin + block.len() - 1, 1.0 + 1e-5),
            );
            begin += block.len();
            assert_eq!(report.findings.len(), 1, "{name}: {report}");
            let finding = &report.findings[0];
            // Behind the first dense layer: blocks 2 and on of the network.
            assert_eq!(
                finding.block,
                report.blocks[2 + number].name,
                "{name}: {report}"
            );
            assert_eq!(
                finding.index,
                block.shape.iter().map(|n| n - 1).collect::<Vec<_>>()
            );
            assert_eq!(finding.verdict, Verdict::Backward, "{name}: {report}");
            let suspects: Vec<_> = report
                .suspects
                .iter()
                .map(|s| (s.layer, s.block.clone()))
                .collect();
            assert_eq!(
                suspects,
                [(1, Some(finding.block.clone()))],
                "{name}: {report}"
            );
        }
    }
}

fn layer_again(name: &str) -> Box<dyn Layer<f64>> {
    layers()
        .into_iter()
        .find(|layer| layer.name() == name)
        .unwrap()
}

/// No parameter needs the derivative by the network's inputs; it is checked all the same.
#[test]
fn a_bug_in_the_first_layer_is_found() {
    for layer in layers() {
        let name = layer.name();
        for factor in [1.0, 1.0 + 1e-3] {
            let (inner, bug) = (layer_again(&name), Bug::Inputs(factor));
            let width = inner.outputs(32);
            let builder = Network::builder()
                .inputs(32)
                .layer(Planted { inner, bug })
                .layer(Dense::new(width, 3));
            let mut rng = ChaCha8Rng::seed_from_u64(12);
            let network = builder.initialize(Init::Xavier, &mut rng).unwrap();
            // Halves and zeros, as pictures have them: ties in every window, zeros before a ReLU.
            let x = Array2::from_shape_fn((3, 32), |(n, i)| [0.0, 0.0, 0.5][(n + i) % 3]);
            let batch = Batch::new(x, Targets::labels(&[0, 1, 2])).unwrap();
            let report = check_network(&network, &batch).unwrap();
            assert_eq!(report.passed(), factor == 1.0, "{name}: {report}");
            assert_eq!(report.inputs, factor == 1.0);
            assert!(
                report.blocks.iter().all(|b| b.bugs == 0),
                "{name}: {report}"
            );
        }
    }
    // A network that is one layer, without parameters.
    for (slope, right) in [(2.0, true), (2.001, false)] {
        let network = Network::builder().inputs(2).layer(Square { slope });
        let batch = Batch::new(array![[0.3, -0.2], [0.5, 0.9]], Targets::labels(&[0, 1])).unwrap();
        let report = check_network(&network.weights(&[]).unwrap(), &batch).unwrap();
        assert_eq!(report.passed(), right, "{report}");
        let named: Vec<_> = report.suspects.iter().map(|s| s.layer).collect();
        assert_eq!(named, if right { vec![] } else { vec![0] }, "{report}");
    }
}

/// y = x^2, with a derivative of `slope` x.
#[derive(Debug)]
struct Square {
    slope: f64,
}

impl Layer<f64> for Square {
    fn name(&self) -> String {
        "Square".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &ArrayRef2<f64>) -> Array2<f64> {
        x.mapv(|x| x * x)
    }
    fn backward(
        &self,
        at: &At<'_, f64>,
        dy: &ArrayRef2<f64>,
        _: &mut [f64],
    ) -> Option<Array2<f64>> {
        Some(at.x.mapv(|x| self.slope * x) * dy)
    }
}

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
    fn forward(&self, _: &[f64], x: &ArrayRef2<f64>) -> Array2<f64> {
        x.to_owned() - &x.mean_axis(ndarray::Axis(0)).unwrap()
    }
    fn backward(&self, _: &At<'_, f64>, dy: &ArrayRef2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
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
        let named: Vec<_> = report.mixing.iter().map(|s| s.layer).collect();
        assert_eq!(named, if mixes { vec![] } else { vec![1] }, "{report}");
    }
}

#[test]
fn a_nan_is_a_bug() {
    let (_, report) = check(Box::new(Dense::new(32, 5)), Bug::Nan);
    assert!(!report.passed());
    assert_eq!(report.findings.len(), 32 * 5 + 5);
}

#[test]
fn wrong_increments_are_told_from_a_wrong_backward() {
    let (_, report) = check(Box::new(Activation::Tanh), Bug::Push(1.0 + 1e-3));
    assert!(!report.passed());
    assert!(
        report
            .findings
            .iter()
            .all(|f| f.verdict == Verdict::Increment),
        "{report}"
    );
    assert!(!report.blocks[0].forward);
    assert!(report.blocks[2].forward);
}

#[test]
fn a_kink_is_called_a_kink() {
    // The second sample puts the ReLU's input at exactly 0.
    let network = Network::builder()
        .layer(Dense::new(1, 1))
        .layer(Activation::Relu)
        .layer(Dense::new(1, 2))
        .weights(&[1.0, 0.0, 0.7, -0.4, 0.1, 0.2])
        .unwrap();
    let batch = Batch::new(array![[0.5], [0.0]], Targets::labels(&[0, 1])).unwrap();
    let report = check_network(&network, &batch).unwrap();
    assert!(report.passed(), "{report}");
    let kinks: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.block.as_str(), f.verdict))
        .collect();
    assert_eq!(kinks, [("b1", Verdict::Kink)], "{report}");
    assert!(
        report
            .to_string()
            .contains("kink: there is no derivative here")
    );
}

#[test]
fn a_coarse_step_is_called_truncation() {
    // Inputs of 1e4: a step of 1e-4 moves the tanh by 1, where it is anything but a parabola.
    let network = Network::builder()
        .layer(Dense::new(1, 1))
        .layer(Activation::Tanh)
        .layer(Dense::new(1, 2))
        .weights(&[4e-5, 0.1, 3.0, -2.0, 0.1, 0.2])
        .unwrap();
    let batch = Batch::new(array![[1e4]], Targets::labels(&[1])).unwrap();
    let report = check_network(&network, &batch).unwrap();
    assert!(report.passed(), "{report}");
    assert!(
        report
            .findings
            .iter()
            .all(|f| f.verdict == Verdict::Truncation),
        "{report}"
    );
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
    fn forward(&self, _: &[f64], x: &ArrayRef2<f64>) -> Array2<f64> {
        x.mapv(|x| 10.0 + x * x * x)
    }
    fn backward(
        &self,
        at: &At<'_, f64>,
        dy: &ArrayRef2<f64>,
        _: &mut [f64],
    ) -> Option<Array2<f64>> {
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
    assert_eq!(
        report
            .suspects
            .iter()
            .map(|s| (s.layer, s.name.as_str()))
            .collect::<Vec<_>>(),
        [(1, "Cube")]
    );
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
        fn forward(&self, _: &[f64], x: &ArrayRef2<f64>) -> Array2<f64> {
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
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// No false alarms, in either precision.
    #[test]
    fn random_networks_pass(recipe in recipe(8, 6)) {
        let (network, batch) = recipe.build::<f64>();
        let report = check_network(&network, &batch).unwrap();
        prop_assert!(report.passed(), "{}", report);
        let (network, batch) = recipe.build::<f32>();
        let report = check_network(&network, &batch).unwrap();
        prop_assert!(report.passed(), "{}", report);
    }
}
