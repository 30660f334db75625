//! Random networks of every kind of layer, for the properties.

use ndarray::Array2;
use ndarray_rand::rand::{Rng, SeedableRng};
use numdiff_core::Real;
use numdiff_nn::{
    Activation, Batch, BatchNorm, Builder, Conv2d, Dense, Dropout, Image, Init, Loss, Network,
    Pool, Targets,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use std::ops::RangeInclusive;

/// What proptest draws; everything else follows from it.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub seed: u64,
    /// Width of each dense layer; the last is the number of outputs.
    pub widths: Vec<usize>,
    pub rows: usize,
    pub inputs: usize,
    /// One kind of filling between dense layers: 0 to 4 activations, 5 batch normalization and tanh,
    /// 6 dropout and softplus.
    pub between: Vec<usize>,
    /// Begin with a convolution, an activation and a pooling of this kind.
    pub picture: Option<bool>,
    pub loss: usize,
}

/// So many cases where code is optimized, a quarter of them where it is not.
pub fn cases(optimized: u32) -> ProptestConfig {
    let share = if cfg!(debug_assertions) { 4 } else { 1 };
    ProptestConfig {
        cases: optimized.div_ceil(share),
        ..ProptestConfig::default()
    }
}

pub fn recipe(max_width: usize, max_rows: usize) -> impl Strategy<Value = Recipe> {
    sized(1..=max_width, 1..=max_rows)
}

/// Up to several times the sixteen lanes of the kernels; where nothing is optimized, about as many, and no pictures.
pub fn large() -> impl Strategy<Value = Recipe> {
    let small = cfg!(debug_assertions);
    let (widths, rows) = if small {
        (15..=18, 15..=18)
    } else {
        (1..=40, 1..=33)
    };
    sized(widths, rows).prop_map(move |recipe| Recipe {
        picture: recipe.picture.filter(|_| !small),
        ..recipe
    })
}

fn sized(
    width: RangeInclusive<usize>,
    rows: RangeInclusive<usize>,
) -> impl Strategy<Value = Recipe> {
    (
        any::<u64>(),
        prop::collection::vec(width.clone(), 1..=4),
        rows,
        width,
        prop::collection::vec(0usize..7, 4),
        prop::option::of(any::<bool>()),
        0usize..6,
    )
        .prop_map(
            |(seed, widths, rows, inputs, between, picture, loss)| Recipe {
                seed,
                widths,
                rows,
                inputs,
                between,
                picture,
                loss,
            },
        )
}

impl Recipe {
    /// The same without the layers that the kernels leave to the general program.
    pub fn chain(mut self) -> Self {
        self.picture = None;
        self.between.iter_mut().for_each(|kind| *kind %= 5);
        self
    }

    pub fn has_kinks(&self) -> bool {
        self.picture.is_some()
            || self
                .between
                .iter()
                .take(self.widths.len() - 1)
                .any(|b| [2, 3].contains(b))
    }

    /// The network and a batch for it, with numbers of type `T`.
    pub fn build<T: Real>(&self) -> (Network<T>, Batch<T>) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut builder = Network::<T>::builder();
        let (mut inputs, mut width) = (self.inputs, self.inputs);
        if let Some(max) = self.picture {
            let image = Image::new(2, 5, 6);
            let convolution = Conv2d::new(image, 3, 3)
                .with_padding(1)
                .with_stride(1 + (self.seed % 2) as usize);
            let pool = if max {
                Pool::max(convolution.output(), 2)
            } else {
                Pool::average(convolution.output(), 2)
            };
            let pool = pool.with_stride(1);
            inputs = image.size();
            width = pool.output().size();
            builder = builder
                .layer(convolution)
                .layer(BatchNorm::image(convolution.output()));
            builder = builder.layer(Activation::Tanh).layer(pool);
        }
        for (i, &outputs) in self.widths.iter().enumerate() {
            builder = builder.layer(Dense::new(width, outputs));
            width = outputs;
            if i + 1 < self.widths.len() {
                builder = fill(builder, self.between[i], width, self.seed);
            }
        }
        let loss = [
            Loss::TUTORIAL,
            Loss::LogSoftmax,
            Loss::LogSoftmax,
            Loss::SigmoidCrossEntropy,
            Loss::MeanSquaredError,
            Loss::SumSquaredError,
        ][self.loss];
        let network = builder
            .loss(loss)
            .initialize(Init::Xavier, &mut rng)
            .unwrap();
        let x = Array2::from_shape_fn((self.rows, inputs), |_| {
            T::round_from(rng.random_range(-1.0..1.0))
        });
        let targets = match self.loss {
            0 | 1 | 3 => {
                let labels: Vec<usize> =
                    (0..self.rows).map(|_| rng.random_range(0..width)).collect();
                Targets::labels(&labels)
            }
            2 => {
                let mut t =
                    Array2::from_shape_fn((self.rows, width), |_| rng.random_range(0.0..1.0));
                for mut row in t.rows_mut() {
                    let sum: f64 = row.sum();
                    row /= sum;
                }
                Targets::soft(&t).unwrap()
            }
            _ => {
                let t = Array2::from_shape_fn((self.rows, width), |_| rng.random_range(-1.0..1.0));
                Targets::values::<f64>(&t).unwrap()
            }
        };
        (network, Batch::new(x, targets).unwrap())
    }
}

fn fill<T: Real>(builder: Builder<T>, kind: usize, width: usize, seed: u64) -> Builder<T> {
    match kind {
        0 => builder.layer(Activation::Sigmoid),
        1 => builder.layer(Activation::Tanh),
        2 => builder.layer(Activation::Relu),
        3 => builder.layer(Activation::LeakyRelu { slope: 0.1 }),
        4 => builder.layer(Activation::Softplus),
        5 => builder.layer(BatchNorm::new(width)).layer(Activation::Tanh),
        _ => builder
            .layer(Dropout::new(0.3, seed))
            .layer(Activation::Softplus),
    }
}
