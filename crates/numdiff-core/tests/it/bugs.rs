//! Problems with exact derivatives, and derivatives with planted bugs, in any number.

use ndarray::{Array, ArrayD, IxDyn};

/// SplitMix64: the stream never changes.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn vector(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.within(-1.0, 1.0)).collect()
    }
}

type Value = Box<dyn Fn(&[f64]) -> f64>;
type Gradient = Box<dyn Fn(&[f64]) -> Vec<f64>>;

/// A function with its gradient, and the gradient with a term left out.
pub struct Problem {
    pub name: &'static str,
    pub shape: Vec<usize>,
    pub x: Vec<f64>,
    pub f: Value,
    pub g: Gradient,
    pub incomplete: Gradient,
}

impl Problem {
    pub fn point(&self) -> ArrayD<f64> {
        ArrayD::from_shape_vec(IxDyn(&self.shape), self.x.clone()).unwrap()
    }
}

pub fn slice(x: &Array<f64, IxDyn>) -> Vec<f64> {
    x.iter().copied().collect()
}

pub const FAMILIES: usize = 9;

/// A problem of a family: `n` coordinates (about), x of size `sx`, f of size `sf`.
pub fn problem(family: usize, n: usize, sx: f64, sf: f64, random: &mut Random) -> Problem {
    let sign = |r: &mut Random| if r.next() & 1 == 0 { 1.0 } else { -1.0 };
    let mut z: Vec<f64> = (0..n)
        .map(|_| sign(random) * random.within(0.3, 1.7))
        .collect();
    let mut shape = vec![n];
    let (name, f, g, incomplete): (_, Value, Gradient, Gradient) = match family {
        0 => {
            let a: Vec<Vec<f64>> = (0..n).map(|_| random.vector(n)).collect();
            let b = random.vector(n);
            let (a2, b2, a3) = (a.clone(), b.clone(), a.clone());
            let ax = |a: &[Vec<f64>], x: &[f64], i: usize| {
                (0..x.len())
                    .map(|j| 0.5 * (a[i][j] + a[j][i]) * x[j])
                    .sum::<f64>()
            };
            (
                "quadratic form",
                Box::new(move |x| {
                    (0..x.len())
                        .map(|i| {
                            x[i] * (0.5 * (0..x.len()).map(|j| a[i][j] * x[j]).sum::<f64>() + b[i])
                        })
                        .sum()
                }),
                Box::new(move |x| (0..x.len()).map(|i| ax(&a2, x, i) + b2[i]).collect()),
                Box::new(move |x| (0..x.len()).map(|i| ax(&a3, x, i)).collect()),
            )
        }
        1 => {
            let grad = |x: &[f64], valley: f64| {
                let mut g = vec![0.0; x.len()];
                for i in 0..x.len().saturating_sub(1) {
                    let r = x[i + 1] - x[i] * x[i];
                    g[i] += -40.0 * x[i] * r - 2.0 * valley * (1.0 - x[i]);
                    g[i + 1] += 20.0 * r;
                }
                let last = x.len() - 1;
                g[last] += 4.0 * x[last].powi(3);
                g
            };
            (
                "Rosenbrock's chain",
                Box::new(|x| {
                    let chain: f64 = x
                        .windows(2)
                        .map(|w| 10.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2))
                        .sum();
                    chain + x[x.len() - 1].powi(4)
                }),
                Box::new(move |x| grad(x, 1.0)),
                Box::new(move |x| grad(x, 0.0)),
            )
        }
        2 => {
            let w: Vec<f64> = (0..n).map(|_| random.within(0.5, 2.0)).collect();
            let (w2, w3) = (w.clone(), w.clone());
            let soft = |w: &[f64], x: &[f64]| {
                let e: Vec<f64> = x.iter().zip(w).map(|(x, w)| (w * x).exp()).collect();
                let sum: f64 = e.iter().sum();
                e.iter()
                    .zip(w)
                    .map(|(e, w)| w * e / sum)
                    .collect::<Vec<f64>>()
            };
            (
                "log-sum-exp with decay",
                Box::new(move |x| {
                    x.iter()
                        .zip(&w)
                        .map(|(x, w)| (w * x).exp())
                        .sum::<f64>()
                        .ln()
                        + 0.15 * x.iter().map(|x| x * x).sum::<f64>()
                }),
                Box::new(move |x| {
                    soft(&w2, x)
                        .iter()
                        .zip(x)
                        .map(|(s, x)| s + 0.3 * x)
                        .collect()
                }),
                Box::new(move |x| soft(&w3, x)),
            )
        }
        3 => {
            let w: Vec<f64> = (0..n).map(|_| random.within(0.5, 3.0)).collect();
            let (w2, w3) = (w.clone(), w.clone());
            let main = |w: &[f64], x: &[f64]| {
                x.iter()
                    .zip(w)
                    .map(|(x, w)| {
                        w * (w * x).cos() * (0.3 * x).exp() + 0.3 * (w * x).sin() * (0.3 * x).exp()
                    })
                    .collect::<Vec<f64>>()
            };
            (
                "waves and a product",
                Box::new(move |x| {
                    let waves: f64 = x
                        .iter()
                        .zip(&w)
                        .map(|(x, w)| (w * x).sin() * (0.3 * x).exp())
                        .sum();
                    waves + 0.7 * x.windows(2).map(|v| v[0] * v[1]).sum::<f64>()
                }),
                Box::new(move |x| {
                    let mut g = main(&w2, x);
                    for i in 0..x.len() - 1 {
                        g[i] += 0.7 * x[i + 1];
                        g[i + 1] += 0.7 * x[i];
                    }
                    g
                }),
                Box::new(move |x| main(&w3, x)),
            )
        }
        4 | 5 => {
            // Logistic regression with weight decay; as a matrix of weights for two classes in 5.
            let classes = if family == 5 { 3 } else { 1 };
            let features = n.div_ceil(classes).max(2);
            let total = classes * features;
            z = (0..total)
                .map(|_| sign(random) * random.within(0.2, 1.2))
                .collect();
            shape = if family == 5 {
                vec![classes, features]
            } else {
                vec![features]
            };
            let data: Vec<Vec<f64>> = (0..12).map(|_| random.vector(features)).collect();
            let labels: Vec<f64> = (0..12 * classes).map(|_| sign(random)).collect();
            let margin =
                move |data: &[f64], w: &[f64]| data.iter().zip(w).map(|(d, w)| d * w).sum::<f64>();
            let (d2, l2, d3, l3) = (data.clone(), labels.clone(), data.clone(), labels.clone());
            let grad = move |data: &[Vec<f64>], labels: &[f64], w: &[f64], decay: f64| {
                let mut g: Vec<f64> = w.iter().map(|w| decay * w).collect();
                for (s, row) in data.iter().enumerate() {
                    for c in 0..classes {
                        let y = labels[s * classes + c];
                        let m = margin(row, &w[c * features..(c + 1) * features]);
                        let slope = -y / (1.0 + (y * m).exp());
                        row.iter()
                            .enumerate()
                            .for_each(|(k, d)| g[c * features + k] += slope * d);
                    }
                }
                g
            };
            (
                if family == 5 {
                    "logistic regression, matrix"
                } else {
                    "logistic regression"
                },
                Box::new(move |w: &[f64]| {
                    let mut sum = 0.05 * w.iter().map(|w| w * w).sum::<f64>();
                    for (s, row) in data.iter().enumerate() {
                        for c in 0..classes {
                            let y = labels[s * classes + c];
                            sum += (1.0
                                + (-y * margin(row, &w[c * features..(c + 1) * features])).exp())
                            .ln();
                        }
                    }
                    sum
                }),
                Box::new(move |w| grad(&d2, &l2, w, 0.1)),
                Box::new(move |w| grad(&d3, &l3, w, 0.0)),
            )
        }
        6 => (
            "Styblinski and Tang, coupled",
            Box::new(|x| {
                x.iter()
                    .map(|x| x.powi(4) - 16.0 * x * x + 5.0 * x)
                    .sum::<f64>()
                    * 0.5
                    + x.iter().sum::<f64>().sin()
            }),
            Box::new(|x| {
                let c = x.iter().sum::<f64>().cos();
                x.iter()
                    .map(|x| 2.0 * x.powi(3) - 16.0 * x + 2.5 + c)
                    .collect()
            }),
            Box::new(|x| x.iter().map(|x| 2.0 * x.powi(3) - 16.0 * x + 2.5).collect()),
        ),
        7 => {
            // tanh network with a matrix of weights: square when n is.
            let side = (n as f64).sqrt().ceil().max(2.0) as usize;
            z = (0..side * side)
                .map(|_| sign(random) * random.within(0.2, 1.2))
                .collect();
            shape = vec![side, side];
            let (input, target) = (random.vector(side), random.vector(side));
            let (i2, t2, i3, t3) = (input.clone(), target.clone(), input.clone(), target.clone());
            let grad = move |input: &[f64], target: &[f64], w: &[f64], chain: bool| {
                let mut g = vec![0.0; w.len()];
                for o in 0..side {
                    let a: f64 = (0..side).map(|k| w[o * side + k] * input[k]).sum();
                    let slope = if chain { 1.0 - a.tanh().powi(2) } else { 1.0 };
                    (0..side)
                        .for_each(|k| g[o * side + k] = (a.tanh() - target[o]) * slope * input[k]);
                }
                g
            };
            (
                "tanh layer",
                Box::new(move |w| {
                    (0..side)
                        .map(|o| {
                            0.5 * ((0..side)
                                .map(|k| w[o * side + k] * input[k])
                                .sum::<f64>()
                                .tanh()
                                - target[o])
                                .powi(2)
                        })
                        .sum()
                }),
                Box::new(move |w| grad(&i2, &t2, w, true)),
                Box::new(move |w| grad(&i3, &t3, w, false)),
            )
        }
        _ => (
            "product of roots",
            Box::new(|x| {
                x.iter()
                    .map(|x| (1.0 + x * x).ln())
                    .sum::<f64>()
                    .exp()
                    .sqrt()
                    + x.iter().map(|x| (2.0 + x).ln()).sum::<f64>()
            }),
            Box::new(|x| {
                let p = x
                    .iter()
                    .map(|x| (1.0 + x * x).ln())
                    .sum::<f64>()
                    .exp()
                    .sqrt();
                x.iter()
                    .map(|x| p * x / (1.0 + x * x) + 1.0 / (2.0 + x))
                    .collect()
            }),
            Box::new(|x| {
                let p = x
                    .iter()
                    .map(|x| (1.0 + x * x).ln())
                    .sum::<f64>()
                    .exp()
                    .sqrt();
                x.iter().map(|x| p * x / (1.0 + x * x)).collect()
            }),
        ),
    };
    // f(x) = sf phi(x / sx).
    let down = move |x: &[f64]| x.iter().map(|x| x / sx).collect::<Vec<f64>>();
    Problem {
        name,
        shape,
        x: z.iter().map(|z| sx * z).collect(),
        f: Box::new(move |x| sf * f(&down(x))),
        g: Box::new(move |x| g(&down(x)).into_iter().map(|g| sf * g / sx).collect()),
        incomplete: Box::new(move |x| {
            incomplete(&down(x))
                .into_iter()
                .map(|g| sf * g / sx)
                .collect()
        }),
    }
}

/// Deterministic noise in [-1, 1] from the bits of x.
pub fn noise(x: &[f64]) -> f64 {
    let seed = x.iter().fold(0x1234_5678_u64, |h, v| {
        (h ^ v.to_bits())
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(23)
    });
    2.0 * Random(seed).unit() - 1.0
}

/// The classes of the brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    Sign,
    Factor,
    Transposed,
    Shifted,
    Block,
    MissingTerm,
    Kink,
    NotDeterministic,
    TooNoisy,
}

pub const CLASSES: [Class; 9] = [
    Class::Sign,
    Class::Factor,
    Class::Transposed,
    Class::Shifted,
    Class::Block,
    Class::MissingTerm,
    Class::Kink,
    Class::NotDeterministic,
    Class::TooNoisy,
];

/// What is wrong with a given gradient, applied to the right one.
pub fn spoil(
    class: Class,
    shape: &[usize],
    mut g: Vec<f64>,
    incomplete: Vec<f64>,
    seed: u64,
) -> Vec<f64> {
    let mut random = Random(seed);
    let n = g.len();
    match class {
        Class::Sign => g.iter_mut().for_each(|g| *g = -*g),
        Class::Factor => {
            let factors = [
                2.0,
                0.5,
                3.0,
                10.0,
                1.01,
                1.0 / 3.0,
                n as f64 + 1.0,
                std::f64::consts::PI,
                1e-3,
                0.9999,
            ];
            let factor = factors[random.below(factors.len())];
            g.iter_mut().for_each(|g| *g *= factor);
        }
        Class::Transposed => {
            let (rows, columns) = (shape[0], shape[1]);
            // Column-major memory read as row-major.
            let right = g.clone();
            for i in 0..rows {
                for j in 0..columns {
                    g[j * rows + i] = right[i * columns + j];
                }
            }
        }
        Class::Shifted => match random.below(3) {
            0 => g.rotate_right(1),
            1 => g.rotate_left(1),
            _ => {
                g.rotate_right(1);
                g[0] = 0.0;
            }
        },
        Class::Block => {
            let from = random.below(n - 1);
            let most = (n - from).min(n.div_ceil(2));
            let to = from + 1 + random.below(most);
            let which = random.below(4);
            for g in &mut g[from..to] {
                *g = match which {
                    0 => 2.0 * *g,
                    1 => -*g,
                    2 => 0.0,
                    _ => 0.7 * *g,
                };
            }
        }
        Class::MissingTerm => g = incomplete,
        Class::Kink | Class::NotDeterministic | Class::TooNoisy => {}
    }
    g
}
