//! The checker on correct derivatives and on planted bugs.

mod arrays;
mod curvature;
mod diagnoses;
mod directions;
mod hidden;
mod kinds;
mod odd;
mod planted;
mod ugly;

use ndarray::{Array1, Array2};

fn system(x: &Array1<f64>) -> Array1<f64> {
    let n = x.len();
    Array1::from_shape_fn(n, |i| {
        (x[i] * (1.0 + i as f64)).sin() + x[(i + 1) % n].powi(2) * x[(i + 2) % n] + 0.5 * x[i]
    })
}

fn system_jacobian(x: &Array1<f64>, linear: f64) -> Array2<f64> {
    let n = x.len();
    let mut j = Array2::zeros((n, n));
    for i in 0..n {
        let k = 1.0 + i as f64;
        j[(i, i)] += k * (x[i] * k).cos() + linear;
        j[(i, (i + 1) % n)] += 2.0 * x[(i + 1) % n] * x[(i + 2) % n];
        j[(i, (i + 2) % n)] += x[(i + 1) % n].powi(2);
    }
    j
}
