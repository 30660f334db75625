//! Regressions with certified or reference results: NIST's nonlinear ones, and small fits that show what a fit can do.

mod formula;

pub use formula::{Formula, Scalar};
use serde_json::Value;

const NIST: &str = include_str!("../../../golden/nist.json");
const FITS: &str = include_str!("../../../golden/fits.json");

/// How the model's values are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// In `f64`.
    Double,
    /// Computed in `f32`.
    Single,
    /// Printed to six digits.
    SixDigits,
    /// With multiplicative noise of 1e-6, a function of the point.
    Noisy,
}

/// A model, its data, starts, and the certified result.
#[derive(Clone, Debug)]
pub struct Regression {
    /// NIST's name.
    pub name: String,
    /// The model.
    pub formula: Formula,
    /// NIST's two starts.
    pub starts: Vec<Vec<f64>>,
    /// The parameters at the minimum.
    pub parameters: Vec<f64>,
    /// Their standard errors.
    pub errors: Vec<f64>,
    /// The residual sum of squares.
    pub sum: f64,
    /// Maps of the parameters that leave the model unchanged: a permutation, and signs.
    pub symmetries: Vec<(Vec<usize>, Vec<f64>)>,
    /// Predictors, point by point.
    pub x: Vec<Vec<f64>>,
    /// What the model is to meet.
    pub y: Vec<f64>,
}

impl Regression {
    /// Model minus data.
    pub fn residuals(&self, b: &[f64], precision: Precision) -> Vec<f64> {
        let single: Vec<f32> = b.iter().map(|v| *v as f32).collect();
        let model = |x: &[f64]| match precision {
            Precision::Double => self.formula.eval(b, x),
            Precision::Single => {
                let x: Vec<f32> = x.iter().map(|v| *v as f32).collect();
                f64::from(self.formula.eval(&single, &x))
            }
            Precision::SixDigits => {
                let value: f64 = self.formula.eval(b, x);
                format!("{value:.5e}").parse().unwrap_or(value)
            }
            Precision::Noisy => {
                let value: f64 = self.formula.eval(b, x);
                let start = value.to_bits();
                let bits = b
                    .iter()
                    .fold(start, |bits, v| bits.rotate_left(7) ^ v.to_bits());
                value * (1.0 + 1e-6 * uniform(bits))
            }
        };
        self.x
            .iter()
            .zip(&self.y)
            .map(|(x, y)| model(x) - y)
            .collect()
    }

    /// Digits of the parameters, and of the standard errors: the least of -log10 of the relative errors, against the
    /// image of the certified values that is nearest.
    pub fn digits(&self, b: &[f64], errors: &[f64]) -> (f64, f64) {
        let images = self.symmetries.iter().map(|(permutation, signs)| {
            let of = |values: &[f64], signed: bool| -> Vec<f64> {
                let sign = |i: usize| if signed { signs[i] } else { 1.0 };
                (0..b.len())
                    .map(|i| sign(i) * values[permutation[i]])
                    .collect()
            };
            let parameters = least_digits(b, &of(&self.parameters, true));
            (parameters, least_digits(errors, &of(&self.errors, false)))
        });
        images.fold(
            (0.0, 0.0),
            |best, now| if now.0 > best.0 { now } else { best },
        )
    }
}

/// The least of -log10 of the relative errors, from 0 to 16.
pub fn least_digits(found: &[f64], truth: &[f64]) -> f64 {
    let digits = |(a, b): (&f64, &f64)| {
        let error = (a - b).abs() / b.abs();
        match error.is_nan() {
            true if a == b => 16.0,
            true => 0.0,
            false => (-error.log10()).clamp(0.0, 16.0),
        }
    };
    found.iter().zip(truth).map(digits).fold(16.0, f64::min)
}

/// SplitMix64's mixing to [-1, 1).
fn uniform(bits: u64) -> f64 {
    let mut z = bits;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Numbers of a JSON array, given as numbers or as text; `null` is NaN.
pub fn numbers(value: &Value) -> Vec<f64> {
    let number = |v: &Value| match v {
        Value::String(text) => text.parse().unwrap_or(f64::NAN),
        v => v.as_f64().unwrap_or(f64::NAN),
    };
    value
        .as_array()
        .map_or(Vec::new(), |list| list.iter().map(number).collect())
}

/// The predictors of a data set, point by point.
pub fn predictors(x: &Value) -> Vec<Vec<f64>> {
    let columns: Vec<Vec<f64>> = match x {
        Value::Object(columns) => columns.values().map(numbers).collect(),
        list => vec![numbers(list)],
    };
    (0..columns[0].len())
        .map(|i| columns.iter().map(|c| c[i]).collect())
        .collect()
}

/// NIST's 27 nonlinear regressions (Statistical Reference Datasets), with the minimum that exact arithmetic has on the
/// stored doubles.
///
/// # Panics
/// Where the stored file is not as expected.
pub fn nist() -> Vec<Regression> {
    let file: Value = serde_json::from_str(NIST).expect("nist.json");
    let sets = file["datasets"].as_array().expect("data sets");
    sets.iter().map(regression).collect()
}

fn regression(set: &Value) -> Regression {
    let exact = &set["refined"]["double"];
    let symmetry = |s: &Value| {
        let permutation = numbers(&s["perm"])
            .iter()
            .map(|k| *k as usize - 1)
            .collect();
        (permutation, numbers(&s["sign"]))
    };
    let log = set["response"].as_str() == Some("log(y)");
    let y = numbers(&set["y"]);
    Regression {
        name: set["name"].as_str().unwrap_or_default().into(),
        formula: Formula::parse(set["model"].as_str().unwrap_or_default()),
        starts: vec![numbers(&set["start1"]), numbers(&set["start2"])],
        parameters: numbers(&exact["params"]),
        errors: numbers(&exact["sd"]),
        sum: exact["rss"]
            .as_str()
            .and_then(|t| t.parse().ok())
            .unwrap_or(f64::NAN),
        symmetries: set["symmetries"]
            .as_array()
            .map_or(Vec::new(), |s| s.iter().map(symmetry).collect()),
        x: predictors(&set["x"]),
        y: if log {
            y.iter().map(|y| y.ln()).collect()
        } else {
            y
        },
    }
}

/// The data sets of the reference fits: weights, fixed parameters, bounds, losses, profiles, bands, rank deficiency and
/// far starts. The notes inside the file define every quantity.
///
/// # Panics
/// Where the stored file is not as expected.
pub fn fits() -> Vec<Value> {
    let file: Value = serde_json::from_str(FITS).expect("fits.json");
    file["datasets"].as_array().expect("data sets").clone()
}
