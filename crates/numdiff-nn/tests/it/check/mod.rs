//! A bug planted in any layer's backward is found, and the right block and layer named.

mod claims;
mod kinks;
mod rounding;
mod told;

use ndarray::{Array2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, At, Batch, BatchNorm, BlockShape, Change, CheckReport, Conv2d, Dense, Dropout,
    Fault, Form, Image, Init, Layer, Network, Pool, Targets, Verdict, check_network,
};
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
    fn forward(&self, parameters: &[f64], x: &Array2<f64>) -> Array2<f64> {
        self.inner.forward(parameters, x)
    }
    fn remember(&self, parameters: &[f64], x: &Array2<f64>, y: &Array2<f64>) -> Vec<f64> {
        self.inner.remember(parameters, x, y)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
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

/// 2 channels of 4 x 2 pixels.
const WIDTH: usize = 16;

/// Every layer of the crate.
fn layers() -> Vec<Box<dyn Layer<f64>>> {
    let image = Image::new(2, 4, 2);
    vec![
        Box::new(Dense::new(WIDTH, 5)),
        Box::new(Activation::Sigmoid),
        Box::new(Activation::Tanh),
        Box::new(Activation::Relu),
        Box::new(Activation::LeakyRelu { slope: 0.1 }),
        Box::new(Activation::Softplus),
        Box::new(Conv2d::new(image, 3, 3).with_padding(1)),
        Box::new(Pool::max(image, 2)),
        Box::new(Pool::average(image, 2)),
        Box::new(BatchNorm::new(WIDTH)),
        Box::new(BatchNorm::image(image)),
        Box::new(Dropout::new(0.4, 3)),
    ]
}

/// Dense, the layer, dense.
fn check(layer: Box<dyn Layer<f64>>, bug: Bug) -> (Network, CheckReport) {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let width = layer.outputs(WIDTH);
    let network = Network::builder()
        .layer(Dense::new(3, WIDTH))
        .layer(Planted { inner: layer, bug })
        .layer(Dense::new(width, 3))
        .initialize(Init::Xavier, &mut rng)
        .unwrap();
    let x = Array2::from_shape_fn((4, 3), |(n, i)| ((n * 3 + i) as f64 * 1.7).sin());
    let batch = Batch::new(x, Targets::labels(&[0, 1, 2, 1])).unwrap();
    let report = check_network(&network, &batch).unwrap();
    (network, report)
}

/// Layers and what is wrong about them.
fn faults(report: &CheckReport) -> Vec<(usize, Fault)> {
    let suspects = report.suspects.iter();
    suspects.map(|s| (s.layer, s.fault.clone())).collect()
}

#[test]
fn right_layers_pass() {
    for layer in layers() {
        let name = layer.name();
        let (network, report) = check(layer, Bug::None);
        report.assert_ok();
        assert!(
            report.suspects.is_empty() && report.findings().next().is_none(),
            "{name}: {report}"
        );
        // Every parameter, and every input of every layer.
        let inputs = 4 * (3 + WIDTH + network.layers()[1].outputs(WIDTH));
        let counts = report.counts();
        assert_eq!(counts.right, counts.total());
        assert_eq!(
            counts.total(),
            network.parameters().len() + inputs,
            "{name}"
        );
        for block in &report.blocks {
            assert!(block.report.found_from() < 1e-6, "{name}: {report}");
        }
    }
}

#[test]
fn a_bug_in_the_derivative_by_the_inputs_names_the_layer() {
    for layer in layers() {
        let name = layer.name();
        let (_, report) = check(layer, Bug::Inputs(1.0 + 1e-4));
        assert!(!report.passed(), "{name}");
        assert_eq!(faults(&report), [(1, Fault::Inputs)], "{name}: {report}");
        assert!(
            report
                .findings()
                .all(|(_, _, entry)| matches!(entry.verdict, Verdict::Wrong { .. }))
        );
    }
}

#[test]
fn a_bug_in_the_derivative_by_a_parameter_names_block_and_index() {
    for layer in layers() {
        let name = layer.name();
        let blocks = layer.blocks();
        let mut begin = 0;
        for block in &blocks {
            // The last parameter of each block.
            let bug = Bug::Parameter(begin + block.len() - 1, 1.0 + 1e-5);
            let (network, report) = check(layer_again(&name), bug);
            let of_layer = network.blocks().iter().filter(|b| b.layer == 1);
            let named = of_layer
                .clone()
                .find(|b| b.name.starts_with(block.name))
                .unwrap();
            begin += block.len();
            let findings: Vec<_> = report.findings().collect();
            assert_eq!(findings.len(), 1, "{name}: {report}");
            let (block_found, index, _) = &findings[0];
            assert_eq!(
                (block_found.layer, &block_found.report.what),
                (1, &named.name),
                "{name}: {report}"
            );
            assert_eq!(
                *index,
                block.shape.iter().map(|n| n - 1).collect::<Vec<_>>()
            );
            let fault = Fault::Parameters(named.name.clone());
            assert_eq!(faults(&report), [(1, fault)], "{name}: {report}");
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
            let width = inner.outputs(WIDTH);
            let builder = Network::builder()
                .inputs(WIDTH)
                .layer(Planted { inner, bug })
                .layer(Dense::new(width, 3));
            let mut rng = ChaCha8Rng::seed_from_u64(12);
            let network = builder.initialize(Init::Xavier, &mut rng).unwrap();
            // Halves and zeros, as pictures have them: ties in every window, zeros before a ReLU.
            let x = Array2::from_shape_fn((3, WIDTH), |(n, i)| [0.0, 0.0, 0.5][(n + i) % 3]);
            let batch = Batch::new(x, Targets::labels(&[0, 1, 2])).unwrap();
            let report = check_network(&network, &batch).unwrap();
            let expected = if factor == 1.0 {
                vec![]
            } else {
                vec![(0, Fault::Inputs)]
            };
            assert_eq!(faults(&report), expected, "{name}: {report}");
            assert_eq!(
                report.counts().wrong == 0,
                factor == 1.0,
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
        let expected = if right {
            vec![]
        } else {
            vec![(0, Fault::Inputs)]
        };
        assert_eq!(faults(&report), expected, "{report}");
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
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| x * x)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(at.x.mapv(|x| self.slope * x) * dy)
    }
}

#[test]
fn a_nan_is_a_bug() {
    let (_, report) = check(Box::new(Dense::new(WIDTH, 5)), Bug::Nan);
    assert!(!report.passed());
    assert_eq!(report.counts().wrong, WIDTH * 5 + 5);
}

#[test]
fn wrong_increments_are_told_from_a_wrong_backward() {
    let (_, report) = check(Box::new(Activation::Tanh), Bug::Push(1.0 + 1e-3));
    assert_eq!(faults(&report), [(1, Fault::Push)], "{report}");
    assert_eq!(report.counts().wrong, 0);
}
