//! Layers as their users write them: `forward` and `backward`, nothing else unless it is needed.

use crate::more_layers::{MORE, more};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use numdiff_nn::{At, BlockShape, Layer, Start};

pub type Boxed = Box<dyn Layer<f64>>;

/// y = f(x), element by element.
#[derive(Debug)]
pub struct Elementwise {
    pub name: &'static str,
    pub f: fn(f64) -> f64,
    pub slope: fn(f64) -> f64,
}

impl Layer<f64> for Elementwise {
    fn name(&self) -> String {
        self.name.into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(self.f)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(at.x.mapv(self.slope) * dy)
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Name, value, slope; kinks where the slope jumps.
pub const ELEMENTWISE: [Elementwise; 21] = [
    Elementwise {
        name: "ReLU",
        f: |x| x.max(0.0),
        slope: |x| f64::from(x > 0.0),
    },
    Elementwise {
        name: "leaky ReLU",
        f: |x| x.max(0.01 * x),
        slope: |x| if x > 0.0 { 1.0 } else { 0.01 },
    },
    Elementwise {
        name: "ReLU6",
        f: |x| x.clamp(0.0, 6.0),
        slope: |x| f64::from(x > 0.0 && x < 6.0),
    },
    Elementwise {
        name: "hard tanh",
        f: |x| x.clamp(-1.0, 1.0),
        slope: |x| f64::from(x.abs() < 1.0),
    },
    Elementwise {
        name: "hard sigmoid",
        f: |x| (0.2 * x + 0.5).clamp(0.0, 1.0),
        slope: |x| if x.abs() < 2.5 { 0.2 } else { 0.0 },
    },
    Elementwise {
        name: "abs",
        f: f64::abs,
        slope: |x| if x == 0.0 { 0.0 } else { x.signum() },
    },
    Elementwise {
        name: "ELU",
        f: |x| if x > 0.0 { x } else { x.exp_m1() },
        slope: |x| if x > 0.0 { 1.0 } else { x.exp() },
    },
    Elementwise {
        name: "SELU",
        f: |x| 1.0507 * if x > 0.0 { x } else { 1.67326 * x.exp_m1() },
        slope: |x| 1.0507 * if x > 0.0 { 1.0 } else { 1.67326 * x.exp() },
    },
    Elementwise {
        name: "shrink",
        f: |x| x.signum() * (x.abs() - 0.5).max(0.0),
        slope: |x| f64::from(x.abs() > 0.5),
    },
    Elementwise {
        name: "sigmoid",
        f: sigmoid,
        slope: |x| sigmoid(x) * sigmoid(-x),
    },
    Elementwise {
        name: "tanh",
        f: f64::tanh,
        slope: |x| 1.0 / x.cosh().powi(2),
    },
    Elementwise {
        name: "softplus",
        f: |x| x.max(0.0) + (-x.abs()).exp().ln_1p(),
        slope: sigmoid,
    },
    Elementwise {
        name: "softsign",
        f: |x| x / (1.0 + x.abs()),
        slope: |x| (1.0 + x.abs()).powi(-2),
    },
    Elementwise {
        name: "SiLU",
        f: |x| x * sigmoid(x),
        slope: |x| sigmoid(x) * (1.0 + x * sigmoid(-x)),
    },
    Elementwise {
        name: "square",
        f: |x| x * x,
        slope: |x| 2.0 * x,
    },
    Elementwise {
        name: "cube",
        f: |x| x * x * x,
        slope: |x| 3.0 * x * x,
    },
    Elementwise {
        name: "sine",
        f: f64::sin,
        slope: f64::cos,
    },
    Elementwise {
        name: "Gaussian",
        f: |x| (-x * x).exp(),
        slope: |x| -2.0 * x * (-x * x).exp(),
    },
    Elementwise {
        name: "arc tangent",
        f: f64::atan,
        slope: |x| 1.0 / (1.0 + x * x),
    },
    Elementwise {
        name: "root",
        f: |x| (1.0 + x * x).sqrt(),
        slope: |x| x / (1.0 + x * x).sqrt(),
    },
    Elementwise {
        name: "logarithm",
        f: |x| x.signum() * x.abs().ln_1p(),
        slope: |x| 1.0 / (1.0 + x.abs()),
    },
];

fn block(name: &'static str, shape: Vec<usize>) -> BlockShape {
    let start = Start::Weights {
        fan_in: shape[0],
        fan_out: shape[0],
    };
    BlockShape { name, shape, start }
}

/// y = x W, with slices of the parameters.
#[derive(Debug)]
pub struct Linear {
    pub inputs: usize,
    pub outputs: usize,
}

impl Linear {
    fn w<'a>(&self, p: &'a [f64]) -> ArrayView2<'a, f64> {
        ArrayView2::from_shape((self.inputs, self.outputs), p).unwrap()
    }
}

impl Layer<f64> for Linear {
    fn name(&self) -> String {
        "linear".into()
    }
    fn outputs(&self, _: usize) -> usize {
        self.outputs
    }
    fn blocks(&self) -> Vec<BlockShape> {
        vec![block("V", vec![self.inputs, self.outputs])]
    }
    fn forward(&self, p: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.dot(&self.w(p))
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
        for (d, g) in dp.iter_mut().zip(&at.x.t().dot(dy)) {
            *d += g;
        }
        Some(dy.dot(&self.w(at.parameters).t()))
    }
}

/// y = x g + b, column by column.
#[derive(Debug)]
pub struct Affine(pub usize);

impl Layer<f64> for Affine {
    fn name(&self) -> String {
        "affine".into()
    }
    fn blocks(&self) -> Vec<BlockShape> {
        vec![block("g", vec![self.0]), block("c", vec![self.0])]
    }
    fn forward(&self, p: &[f64], x: &Array2<f64>) -> Array2<f64> {
        let (g, c) = p.split_at(self.0);
        x * &Array1::from(g.to_vec()) + &Array1::from(c.to_vec())
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
        let (g, _) = at.parameters.split_at(self.0);
        let both = [(at.x * dy).sum_axis(Axis(0)), dy.sum_axis(Axis(0))];
        for (d, g) in dp.iter_mut().zip(both.iter().flatten()) {
            *d += g;
        }
        Some(dy * &Array1::from(g.to_vec()))
    }
}

/// Each column times a fixed number.
#[derive(Debug)]
pub struct Masked {
    pub mask: Array1<f64>,
}

impl Layer<f64> for Masked {
    fn name(&self) -> String {
        "masked".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x * &self.mask
    }
    fn backward(&self, _: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(dy * &self.mask)
    }
}

/// Each sample over its root mean square.
#[derive(Debug)]
pub struct RowNorm;

impl Layer<f64> for RowNorm {
    fn name(&self) -> String {
        "row norm".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        let r = (x * x)
            .mean_axis(Axis(1))
            .unwrap()
            .sqrt()
            .insert_axis(Axis(1));
        x / &r
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        let r = (at.x * at.x)
            .mean_axis(Axis(1))
            .unwrap()
            .sqrt()
            .insert_axis(Axis(1));
        let along = (dy * at.y).mean_axis(Axis(1)).unwrap().insert_axis(Axis(1));
        Some((dy - &(at.y * &along)) / &r)
    }
}

/// Softmax of each row.
#[derive(Debug)]
pub struct Softmax;

impl Layer<f64> for Softmax {
    fn name(&self) -> String {
        "softmax".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        let top = x.map_axis(Axis(1), |row| row.fold(f64::MIN, |a, b| a.max(*b)));
        let e = (x - &top.insert_axis(Axis(1))).exp();
        &e / &e.sum_axis(Axis(1)).insert_axis(Axis(1))
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        let along = (dy * at.y).sum_axis(Axis(1)).insert_axis(Axis(1));
        Some(at.y * &(dy - &along))
    }
}

/// The larger of each two neighbors.
#[derive(Debug)]
pub struct MaxOut;

impl Layer<f64> for MaxOut {
    fn name(&self) -> String {
        "maxout".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs / 2
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn((x.nrows(), x.ncols() / 2), |(n, k)| {
            x[[n, 2 * k]].max(x[[n, 2 * k + 1]])
        })
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        let mut dx = Array2::zeros(at.x.dim());
        for ((n, k), d) in dy.indexed_iter() {
            let second = at.x[[n, 2 * k + 1]] > at.x[[n, 2 * k]];
            dx[[n, 2 * k + usize::from(second)]] = *d;
        }
        Some(dx)
    }
}

/// Takes the mean of the batch out.
#[derive(Debug)]
pub struct Centered;

impl Layer<f64> for Centered {
    fn name(&self) -> String {
        "centered".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x - &x.mean_axis(Axis(0)).unwrap()
    }
    fn backward(&self, _: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(dy - &dy.mean_axis(Axis(0)).unwrap())
    }
}

/// Differences of neighboring columns.
#[derive(Debug)]
pub struct Differences;

impl Layer<f64> for Differences {
    fn name(&self) -> String {
        "differences".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs - 1
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        &x.slice(s![.., 1..]) - &x.slice(s![.., ..-1])
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        let mut dx = Array2::zeros(at.x.dim());
        dx.slice_mut(s![.., 1..]).assign(dy);
        let mut first = dx.slice_mut(s![.., ..-1]);
        first -= dy;
        Some(dx)
    }
}

const OTHERS: usize = 9;

/// Number of kinds.
pub const KINDS: usize = ELEMENTWISE.len() + OTHERS + MORE;

/// A right layer of this kind for so many inputs, an even number.
pub fn kind(number: usize, width: usize) -> Boxed {
    match number.checked_sub(ELEMENTWISE.len()) {
        None => {
            let Elementwise { name, f, slope } = ELEMENTWISE[number];
            Box::new(Elementwise { name, f, slope })
        }
        Some(0) => Box::new(Linear {
            inputs: width,
            outputs: 3,
        }),
        Some(1) => Box::new(Affine(width)),
        Some(2) => Box::new(Masked {
            mask: Array1::from_shape_fn(width, |k| 0.5 + k as f64),
        }),
        Some(3) => Box::new(RowNorm),
        Some(4) => Box::new(Softmax),
        Some(5) => Box::new(MaxOut),
        Some(6) => Box::new(Centered),
        Some(7) => Box::new(Differences),
        Some(8) => Box::new(numdiff_nn::BatchNorm::new(width)),
        Some(further) => more(further - OTHERS, width),
    }
}
