//! Layers as people write them compile and are right: products with arrays of the layer, `dot`, slices,
//! rows, broadcasts, loops.

use ndarray::{Array1, Array2, Axis, Zip, azip, concatenate, s, stack};
use numdiff_nn::{At, Layer, check_layer};

/// A layer of the fields, `forward` and `backward` given; the width stays.
macro_rules! layer {
    ($name:ident { $($field:ident : $type:ty = $value:expr),* } forward |$this:ident, $x:ident| $forward:expr;
     backward |$at:ident, $dy:ident| $backward:expr) => {{
        #[derive(Debug)]
        struct $name { $($field: $type),* }
        impl Layer<f64> for $name {
            fn name(&self) -> String {
                stringify!($name).into()
            }
            fn forward(&self, _: &[f64], $x: &Array2<f64>) -> Array2<f64> {
                let $this = self;
                let _ = $this;
                $forward
            }
            fn backward(&self, $at: &At<'_, f64>, $dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
                let $this = self;
                let _ = ($this, $at);
                Some($backward)
            }
        }
        let x = Array2::from_shape_fn((3, 4), |(n, i)| ((4 * n + i) as f64 * 0.7).sin() + 0.1);
        check_layer(&$name { $($field: $value),* }, &x).unwrap().assert_ok();
    }};
}

#[test]
fn layers_as_people_write_them() {
    let row = || Array1::from(vec![0.5, -1.0, 2.0, 3.0]);
    let square = || Array2::from_shape_fn((4, 4), |(i, j)| (i as f64 - 1.3 * j as f64).cos());
    layer!(Mask { mask: Array1<f64> = row() } forward |l, x| x * &l.mask; backward |_a, dy| dy * &l.mask);
    layer!(Shift { by: Array1<f64> = row() } forward |l, x| x + &l.by; backward |_a, dy| dy.clone());
    layer!(Weights { w: Array2<f64> = square() } forward |l, x| x.dot(&l.w); backward |_a, dy| dy.dot(&l.w.t()));
    layer!(Scale { by: f64 = 1.5 } forward |l, x| x * l.by; backward |_a, dy| dy * l.by);
    layer!(Left { by: f64 = 1.5 } forward |l, x| l.by * x; backward |_a, dy| l.by * dy);
    layer!(Negated {} forward |_l, x| -x; backward |_a, dy| -dy);
    layer!(Product {} forward |_l, x| x * x; backward |a, dy| 2.0 * a.x * dy);
    layer!(Map {} forward |_l, x| x.mapv(f64::tanh); backward |a, dy| (1.0 - a.y * a.y) * dy);
    layer!(Exponential {} forward |_l, x| x.exp(); backward |a, dy| a.y * dy);
    layer!(Copied {} forward |_l, x| { let mut y = x.clone(); y += 1.0; y }; backward |_a, dy| dy.to_owned());
    layer!(InPlace {} forward |_l, x| { let mut y = x.clone(); y.mapv_inplace(|v| v.powi(3)); y };
        backward |a, dy| { let mut dx = dy.clone(); dx.zip_mut_with(a.x, |d, x| *d *= 3.0 * x * x); dx });
    layer!(Sliced {} forward |_l, x| { let mut y = x.clone(); y.slice_mut(s![.., ..2]).mapv_inplace(|v| 2.0 * v); y };
        backward |_a, dy| { let mut d = dy.clone(); d.slice_mut(s![.., ..2]).mapv_inplace(|v| 2.0 * v); d });
    layer!(Halves {} forward |_l, x| concatenate![Axis(1), x.slice(s![.., 2..]), x.slice(s![.., ..2])];
        backward |_a, dy| concatenate![Axis(1), dy.slice(s![.., 2..]), dy.slice(s![.., ..2])]);
    layer!(Rows {} forward |_l, x| { let mut y = x.clone(); for mut row in y.rows_mut() { row *= 3.0; } y };
        backward |_a, dy| dy * 3.0);
    layer!(Stacked {} forward |_l, x| stack(Axis(0), &x.rows().into_iter().collect::<Vec<_>>()).unwrap();
        backward |_a, dy| dy.clone());
    layer!(Means {} forward |_l, x| x - &x.mean_axis(Axis(1)).unwrap().insert_axis(Axis(1));
        backward |_a, dy| dy - &dy.mean_axis(Axis(1)).unwrap().insert_axis(Axis(1)));
    layer!(Loops {} forward |_l, x| Array2::from_shape_fn(x.dim(), |(n, k)| x[[n, k]] * (k + 1) as f64);
        backward |_a, dy| Array2::from_shape_fn(dy.dim(), |(n, k)| dy[[n, k]] * (k + 1) as f64));
    layer!(Zipped {} forward |_l, x| { let mut y = Array2::zeros(x.dim()); azip!((y in &mut y, x in x) *y = x.sin()); y };
        backward |a, dy| Zip::from(a.x).and(dy).map_collect(|x, d| x.cos() * d));
    layer!(Reversed {} forward |_l, x| x.slice(s![.., ..;-1]).to_owned();
        backward |_a, dy| dy.slice(s![.., ..;-1]).to_owned());
}
