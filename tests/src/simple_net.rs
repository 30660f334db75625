//! The tutorial's `simpleNet`: one affine layer without bias, softmax, cross-entropy.

use crate::Failure;
use crate::softmax_bounds::SoftmaxLoss;
use crate::tutorial::H;
use ndarray::{Array2, ArrayRef2};
use numdiff_nn::{
    Batch, Dense, GradientAlgorithm, GradientMethod, Loss, Network, Targets, softmax,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// ε of the tutorial's loss.
const EPSILON: f64 = 1e-7;

/// The network, its batch, and its targets as rows of probabilities.
#[derive(Clone, Debug)]
pub struct SimpleNet {
    network: Network,
    batch: Batch,
    weights: Array2<f64>,
    x: Array2<f64>,
    targets: Array2<f64>,
}

impl SimpleNet {
    /// One layer with `weights` (inputs, classes), a batch `x` (samples, inputs), and `targets`
    /// (samples, classes) whose rows are distributions.
    pub fn new(
        weights: Array2<f64>,
        x: Array2<f64>,
        targets: Array2<f64>,
    ) -> Result<Self, numdiff_nn::Error> {
        let (inputs, classes) = weights.dim();
        let flat: Vec<f64> = weights.iter().copied().collect();
        Ok(Self {
            network: Network::builder()
                .layer(Dense::new(inputs, classes).without_bias())
                .loss(Loss::TUTORIAL)
                .weights(&flat)?,
            batch: Batch::new(x.clone(), Targets::soft(&targets)?)?,
            weights,
            x,
            targets,
        })
    }

    /// The tutorial's: x = [0.6, 0.9], t = [0, 0, 1], W (2, 3).
    pub fn tutorial(weights: &[f64]) -> Result<Self, Failure> {
        let matrix = |rows, columns, numbers: &[f64]| {
            Array2::from_shape_vec((rows, columns), numbers.to_vec())
                .map_err(|error| Failure::Golden(error.to_string()))
        };
        Ok(Self::new(
            matrix(2, 3, weights)?,
            matrix(1, 2, &[0.6, 0.9])?,
            matrix(1, 3, &[0.0, 0.0, 1.0])?,
        )?)
    }

    /// Scores, before softmax.
    pub fn predict(&self) -> Result<Array2<f64>, numdiff_nn::Error> {
        self.network.predict(&self.x)
    }

    /// Class of each sample.
    pub fn classify(&self) -> Result<Vec<usize>, numdiff_nn::Error> {
        self.network.classify(&self.x)
    }

    /// The loss.
    pub fn loss(&self) -> Result<f64, numdiff_nn::Error> {
        self.network.loss(&self.batch)
    }

    /// The loss with the weight (i, j) moved by `step`.
    pub fn loss_moved(&self, (i, j): (usize, usize), step: f64) -> Result<f64, numdiff_nn::Error> {
        let mut weights = self.weights.clone();
        weights[[i, j]] += step;
        Self::new(weights, self.x.clone(), self.targets.clone())?.loss()
    }

    /// The tutorial's dW: a central difference, h = 1e-4, nominal divisor, two whole losses for
    /// each weight.
    pub fn numerical_gradient(&self) -> Result<Array2<f64>, numdiff_nn::Error> {
        let tutorial = GradientMethod::new(GradientAlgorithm::Naive)
            .with_step(H)
            .with_nominal_divisor();
        let gradient = self.network.gradient(&self.batch, tutorial)?;
        let block = gradient.block("W1")?;
        let (inputs, classes) = self.weights.dim();
        Ok(Array2::from_shape_fn((inputs, classes), |(i, j)| {
            block[[i, j]]
        }))
    }

    /// The derivative by formula: the mean over samples of xᵢ Σₖ tₖ rₖ (yⱼ − [j = k]) with
    /// rₖ = yₖ/(yₖ + ε). One-hot targets: r (y − t), the softmax gradient.
    pub fn analytic_gradient(&self) -> Result<Array2<f64>, numdiff_nn::Error> {
        let scores = self.predict()?;
        let mut gradient = Array2::zeros(self.weights.dim());
        for ((x, t), scores) in self
            .x
            .rows()
            .into_iter()
            .zip(self.targets.rows())
            .zip(scores.rows())
        {
            let y = softmax(&scores);
            for ((i, j), entry) in gradient.indexed_iter_mut() {
                let by_logit = |k: usize| y[j] - if j == k { 1.0 } else { 0.0 };
                let terms = (0..y.len()).map(|k| t[k] * y[k] / (y[k] + EPSILON) * by_logit(k));
                *entry += x[i] * terms.sum::<f64>() / self.x.nrows() as f64;
            }
        }
        Ok(gradient)
    }

    /// What the rounding of this network's loss depends on.
    pub fn rounding(&self) -> Result<SoftmaxLoss, numdiff_nn::Error> {
        let sizes = self.x.mapv(f64::abs).dot(&self.weights.mapv(f64::abs));
        let mut loss: f64 = 0.0;
        for (scores, t) in self.predict()?.rows().into_iter().zip(self.targets.rows()) {
            let y = softmax(&scores);
            for (y, _) in y.iter().zip(t).filter(|(_, t)| **t > 0.0) {
                loss = loss.max((y + EPSILON).ln().abs());
            }
        }
        Ok(SoftmaxLoss {
            samples: self.x.nrows(),
            inputs: self.x.ncols(),
            classes: self.weights.ncols(),
            logit: sizes.iter().fold(0.0, |a: f64, b| a.max(*b)),
            loss,
        })
    }

    /// The largest distance between the numerical gradient and the derivative, for one weight.
    /// The derivative by formula is rounded itself: 2 `value_error` |x| covers y's error.
    pub fn gradient_error(&self, (i, j): (usize, usize), g: f64) -> Result<f64, numdiff_nn::Error> {
        let rounding = self.rounding()?;
        let x = self
            .x
            .column(i)
            .iter()
            .fold(0.0, |a: f64, b| a.max(b.abs()));
        let formula = 2.0 * rounding.value_error() * x;
        Ok(rounding.difference_error(x, self.weights[[i, j]], g, H) + formula)
    }

    /// Weights (inputs, classes).
    pub fn weights(&self) -> &ArrayRef2<f64> {
        &self.weights
    }

    /// Inputs (samples, inputs).
    pub fn x(&self) -> &ArrayRef2<f64> {
        &self.x
    }

    /// Random networks: up to 4 inputs, 5 classes and 3 samples, one-hot and soft targets.
    pub fn strategy() -> impl Strategy<Value = Self> {
        (1..=4_usize, 2..=5_usize, 1..=3_usize, any::<bool>()).prop_flat_map(
            |(inputs, classes, samples, soft)| {
                let weights = vec(-3.0..3.0_f64, inputs * classes);
                let x = vec(-2.0..2.0_f64, samples * inputs);
                let shares = vec(0.01..1.0_f64, samples * classes);
                (weights, x, shares).prop_filter_map("a network", move |(weights, x, shares)| {
                    let weights = Array2::from_shape_vec((inputs, classes), weights).ok()?;
                    let x = Array2::from_shape_vec((samples, inputs), x).ok()?;
                    let mut targets = Array2::from_shape_vec((samples, classes), shares).ok()?;
                    for mut row in targets.rows_mut() {
                        let (sum, largest) = (row.sum(), row.fold(0.0, |a: f64, b| a.max(*b)));
                        row.mapv_inplace(|share| match soft {
                            true => share / sum,
                            false if share == largest => 1.0,
                            false => 0.0,
                        });
                    }
                    Self::new(weights, x, targets).ok()
                })
            },
        )
    }
}
