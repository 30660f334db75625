//! More layers as their users write them: gates, norms, distances, sorts, waves; kinks in parameters and between samples.

use crate::own_layers::Boxed;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use numdiff_nn::{At, BlockShape, Layer, Start};

/// From the layer's place, dy and dp to dx.
type Backward = fn(&At<'_, f64>, &Array2<f64>, &mut [f64]) -> Array2<f64>;

/// A layer of plain functions.
#[derive(Debug)]
struct Plain {
    name: &'static str,
    blocks: fn(usize) -> Vec<Vec<usize>>,
    outputs: fn(usize) -> usize,
    forward: fn(&[f64], &Array2<f64>) -> Array2<f64>,
    backward: Backward,
    width: usize,
}

const NAMES: [&str; 3] = ["u", "v", "w"];

impl Layer<f64> for Plain {
    fn name(&self) -> String {
        self.name.into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        (self.outputs)(inputs)
    }
    fn blocks(&self) -> Vec<BlockShape> {
        let shapes = (self.blocks)(self.width).into_iter().zip(NAMES);
        let block = |(shape, name): (Vec<usize>, _)| BlockShape {
            name,
            start: Start::Weights {
                fan_in: shape[0],
                fan_out: shape[0],
            },
            shape,
        };
        shapes.map(block).collect()
    }
    fn forward(&self, p: &[f64], x: &Array2<f64>) -> Array2<f64> {
        (self.forward)(p, x)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
        Some((self.backward)(at, dy, dp))
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn square(p: &[f64]) -> ArrayView2<'_, f64> {
    let n = (p.len() as f64).sqrt() as usize;
    ArrayView2::from_shape((n, n), p).unwrap()
}

fn add(dp: &mut [f64], d: &Array2<f64>) {
    dp.iter_mut().zip(d).for_each(|(p, d)| *p += d);
}

/// The column of the sum over each row, and of another function of each row.
fn column(x: &Array2<f64>, f: impl Fn(&[f64]) -> f64) -> Array2<f64> {
    let values = x.rows().into_iter().map(|row| f(&row.to_vec()));
    Array1::from_iter(values).insert_axis(Axis(1))
}

fn none(_: usize) -> Vec<Vec<usize>> {
    vec![]
}

fn same(width: usize) -> usize {
    width
}

fn order(row: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|a, b| row[*a].total_cmp(&row[*b]));
    order
}

fn triangle(x: f64) -> (f64, f64) {
    let t = (x / 2.0).rem_euclid(2.0);
    if t < 1.0 {
        (2.0 * t - 1.0, 1.0)
    } else {
        (3.0 - 2.0 * t, -1.0)
    }
}

/// Number of kinds.
pub const MORE: usize = 16;

/// A right layer of this kind for so many inputs, an even number.
pub fn more(number: usize, width: usize) -> Boxed {
    let plain = |name, forward, backward| Plain {
        name,
        blocks: none,
        outputs: same,
        forward,
        backward,
        width,
    };
    Box::new(match number {
        0 => Plain {
            blocks: |width| vec![vec![width]],
            ..plain(
                "PReLU",
                |p, x| {
                    Array2::from_shape_fn(x.dim(), |(n, k)| {
                        if x[[n, k]] > 0.0 {
                            x[[n, k]]
                        } else {
                            p[k] * x[[n, k]]
                        }
                    })
                },
                |at, dy, dp| {
                    for ((n, k), dy) in dy.indexed_iter() {
                        dp[k] += dy * at.x[[n, k]].min(0.0);
                    }
                    Array2::from_shape_fn(dy.dim(), |(n, k)| {
                        dy[[n, k]]
                            * if at.x[[n, k]] > 0.0 {
                                1.0
                            } else {
                                at.parameters[k]
                            }
                    })
                },
            )
        },
        1 => Plain {
            outputs: |width| width / 2,
            ..plain(
                "gate",
                |_, x| {
                    let half = x.ncols() / 2;
                    &x.slice(s![.., ..half]) * &x.slice(s![.., half..]).mapv(sigmoid)
                },
                |at, dy, _| {
                    let half = dy.ncols();
                    let mut dx = Array2::zeros(at.x.dim());
                    for ((n, k), dy) in dy.indexed_iter() {
                        let (a, b) = (at.x[[n, k]], at.x[[n, half + k]]);
                        dx[[n, k]] = dy * sigmoid(b);
                        dx[[n, half + k]] = dy * a * sigmoid(b) * sigmoid(-b);
                    }
                    dx
                },
            )
        },
        2 => Plain {
            blocks: |width| vec![vec![width], vec![width]],
            ..plain(
                "layer norm",
                |p, x| {
                    let (gain, shift) = p.split_at(x.ncols());
                    let z = x - &column(x, mean);
                    let z = &z / &column(&z, |row| (mean_square(row) + 1e-5).sqrt());
                    z * &Array1::from(gain.to_vec()) + &Array1::from(shift.to_vec())
                },
                |at, dy, dp| {
                    let width = dy.ncols();
                    let centered = at.x - &column(at.x, mean);
                    let r = column(&centered, |row| (mean_square(row) + 1e-5).sqrt());
                    let z = &centered / &r;
                    for ((n, k), dy) in dy.indexed_iter() {
                        dp[k] += dy * z[[n, k]];
                        dp[width + k] += dy;
                    }
                    let g = dy * &Array1::from(at.parameters[..width].to_vec());
                    let along = column(&(&g * &z), mean);
                    (&g - &column(&g, mean) - &z * &along) / &r
                },
            )
        },
        3 => plain(
            "cumulated",
            |_, x| {
                let mut y = x.clone();
                y.accumulate_axis_inplace(Axis(1), |before, y| *y += before);
                y
            },
            |_, dy, _| Array2::from_shape_fn(dy.dim(), |(n, k)| dy.slice(s![n, k..]).sum()),
        ),
        4 => plain(
            "sorted",
            |_, x| {
                let mut y = x.clone();
                for mut row in y.rows_mut() {
                    let of = row.to_vec();
                    row.iter_mut().zip(order(&of)).for_each(|(y, i)| *y = of[i]);
                }
                y
            },
            |at, dy, _| {
                let mut dx = Array2::zeros(dy.dim());
                for (n, row) in at.x.rows().into_iter().enumerate() {
                    for (k, i) in order(&row.to_vec()).into_iter().enumerate() {
                        dx[[n, i]] = dy[[n, k]];
                    }
                }
                dx
            },
        ),
        5 => Plain {
            outputs: |_| 1,
            ..plain(
                "log-sum-exp",
                |_, x| column(x, log_sum_exp),
                |at, dy, _| (at.x - at.y).exp() * dy,
            )
        },
        6 => plain(
            "shares",
            |_, x| x / &column(x, |row| 1.0 + row.iter().map(|x| x.abs()).sum::<f64>()),
            |at, dy, _| {
                let r = column(at.x, |row| 1.0 + row.iter().map(|x| x.abs()).sum::<f64>());
                let along = (dy * at.y).sum_axis(Axis(1)).insert_axis(Axis(1));
                (dy - &(at.x.mapv(|x| if x == 0.0 { 0.0 } else { x.signum() }) * &along)) / &r
            },
        ),
        7 => plain(
            "power 3/2",
            |_, x| x.mapv(|x| x.abs().powf(1.5)),
            |at, dy, _| at.x.mapv(|x| 1.5 * x.signum() * x.abs().sqrt()) * dy,
        ),
        8 => plain(
            "signed square",
            |_, x| x.mapv(|x| x * x.abs()),
            |at, dy, _| at.x.mapv(|x| 2.0 * x.abs()) * dy,
        ),
        9 => plain(
            "Huber",
            |_, x| {
                x.mapv(|x| {
                    if x.abs() < 1.0 {
                        0.5 * x * x
                    } else {
                        x.abs() - 0.5
                    }
                })
            },
            |at, dy, _| at.x.mapv(|x| x.clamp(-1.0, 1.0)) * dy,
        ),
        10 => plain(
            "triangle wave",
            |_, x| x.mapv(|x| triangle(x).0),
            |at, dy, _| at.x.mapv(|x| triangle(x).1) * dy,
        ),
        11 => Plain {
            blocks: |width| vec![vec![width, width]],
            ..plain(
                "distances",
                |p, x| {
                    let c = square(p);
                    Array2::from_shape_fn(x.dim(), |(n, k)| {
                        let d = squared_distance(&x.row(n), &c.column(k));
                        (-d / (1.0 + d)).exp()
                    })
                },
                |at, dy, dp| {
                    let (c, mut dx) = (square(at.parameters), Array2::zeros(at.x.dim()));
                    for ((n, k), dy) in dy.indexed_iter() {
                        let d = squared_distance(&at.x.row(n), &c.column(k));
                        let by_d = -dy * at.y[[n, k]] / (1.0 + d).powi(2);
                        for i in 0..at.x.ncols() {
                            let g = by_d * 2.0 * (at.x[[n, i]] - c[[i, k]]);
                            dx[[n, i]] += g;
                            dp[i * at.x.ncols() + k] -= g;
                        }
                    }
                    dx
                },
            )
        },
        12 => plain(
            "largest of the batch",
            |_, x| {
                let top = x.map_axis(Axis(0), |column| column.fold(f64::MIN, |a, b| a.max(*b)));
                x - &(0.5 * &top)
            },
            |at, dy, _| {
                let mut dx = dy.clone();
                for (k, column) in at.x.columns().into_iter().enumerate() {
                    let top = *order(&column.to_vec()).last().unwrap();
                    dx[[top, k]] -= 0.5 * dy.column(k).sum();
                }
                dx
            },
        ),
        13 => Plain {
            blocks: |width| vec![vec![width, width]],
            ..plain(
                "residual",
                |p, x| x + &x.dot(&square(p)).tanh(),
                |at, dy, dp| {
                    let t = at.x.dot(&square(at.parameters)).tanh();
                    let g = dy * &t.mapv(|t| (1.0 - t) * (1.0 + t));
                    add(dp, &at.x.t().dot(&g));
                    dy + &g.dot(&square(at.parameters).t())
                },
            )
        },
        14 => Plain {
            blocks: |width| vec![vec![width, width]],
            ..plain(
                "bilinear",
                |p, x| x * &x.dot(&square(p)),
                |at, dy, dp| {
                    let w = square(at.parameters);
                    let g = dy * at.x;
                    add(dp, &at.x.t().dot(&g));
                    dy * &at.x.dot(&w) + g.dot(&w.t())
                },
            )
        },
        _ => plain(
            "products of neighbors",
            |_, x| Array2::from_shape_fn(x.dim(), |(n, k)| x[[n, k]] * x[[n, (k + 1) % x.ncols()]]),
            |at, dy, _| {
                let mut dx = Array2::zeros(dy.dim());
                for ((n, k), dy) in dy.indexed_iter() {
                    let next = (k + 1) % at.x.ncols();
                    dx[[n, k]] += dy * at.x[[n, next]];
                    dx[[n, next]] += dy * at.x[[n, k]];
                }
                dx
            },
        ),
    })
}

fn mean(row: &[f64]) -> f64 {
    row.iter().sum::<f64>() / row.len() as f64
}

fn mean_square(row: &[f64]) -> f64 {
    row.iter().map(|x| x * x).sum::<f64>() / row.len() as f64
}

fn squared_distance(a: &ArrayView1<'_, f64>, b: &ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

fn log_sum_exp(row: &[f64]) -> f64 {
    let top = row.iter().fold(f64::MIN, |a, b| a.max(*b));
    top + row.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}
