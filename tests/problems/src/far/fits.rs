//! Models of the textbooks, fitted to drawn data.

use super::stream::Stream;
use super::{Far, Function};

type Model = fn(&[f64], f64) -> f64;

pub(super) const FAMILIES: &[fn(&mut Stream) -> Far] = &[
    line,
    calibration,
    arrhenius,
    power_law,
    growth,
    decay,
    two_decays,
    lennard_jones,
    morse,
    diode,
    logistic,
    michaelis_menten,
    hill,
    gauss,
    lorentz,
    antoine,
    weibull,
    rational,
    oscillation,
    steinhart,
];

/// Points from `low` to `high`, evenly or in equal ratios.
fn even(count: usize, low: f64, high: f64) -> Vec<f64> {
    let share = |k: usize| k as f64 / (count - 1) as f64;
    (0..count).map(|k| low + share(k) * (high - low)).collect()
}

fn ratios(count: usize, low: f64, high: f64) -> Vec<f64> {
    let logs = even(count, low.ln(), high.ln());
    logs.into_iter().map(f64::exp).collect()
}

/// Data of the model at `truth` with noise of about a hundredth: of the mean where the data are of one size, of each
/// where they span decades.
fn fit(
    name: &'static str,
    stream: &mut Stream,
    model: Model,
    truth: Vec<f64>,
    x: Vec<f64>,
    start: Vec<f64>,
) -> Far {
    let exact: Vec<f64> = x.iter().map(|x| model(&truth, *x)).collect();
    let mean = exact.iter().map(|y| y.abs()).sum::<f64>() / exact.len() as f64;
    let decades = exact.iter().all(|y| *y > 0.0) && exact.iter().any(|y| *y < 1e-2 * mean);
    let noise = stream.power(-3.0, -1.5);
    let size = |y: &f64| if decades { *y } else { mean };
    let y: Vec<f64> = exact
        .iter()
        .map(|y| y + noise * size(y) * stream.normal())
        .collect();
    let residuals = move |p: &[f64]| x.iter().zip(&y).map(|(x, y)| model(p, *x) - y).collect();
    Far {
        name,
        start,
        near: truth,
        has_others: |_| false,
        function: Function::Sum(Box::new(residuals)),
    }
}

impl Far {
    /// Other minima are known where this holds.
    fn others(mut self, has_others: fn(&[f64]) -> bool) -> Self {
        self.has_others = has_others;
        self
    }
}

/// Each parameter off by a factor of up to ten to this power.
fn off(stream: &mut Stream, truth: &[f64], powers: &[f64]) -> Vec<f64> {
    let pairs = truth.iter().zip(powers);
    pairs.map(|(t, p)| t * stream.power(-p, *p)).collect()
}

fn line(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.sign() * stream.power(0.0, 3.0),
        stream.sign() * stream.power(-2.0, 3.0),
    ];
    let x = even(20, 0.0, stream.power(2.0, 5.0));
    let start = vec![stream.pick(&[0.0, 1.0, 100.0]); 2];
    let model: Model = |p, x| p[0] + p[1] * x;
    fit("line in raw units", stream, model, truth, x, start)
}

fn calibration(stream: &mut Stream) -> Far {
    let degree = stream.pick(&[2.0, 3.0, 4.0]) as i32;
    let range: f64 = stream.pick(&[255.0, 1023.0, 4095.0]);
    let coefficient = |k: i32| stream.sign() * stream.power(-0.5, 0.5) / range.powi(k);
    let truth: Vec<f64> = (0..=degree).map(coefficient).collect();
    let start = vec![stream.pick(&[0.1, 1.0]); truth.len()];
    let model: Model = |p, x| p.iter().rev().fold(0.0, |sum, c| sum * x + c);
    let x = even(25, 0.0, range);
    fit("calibration polynomial", stream, model, truth, x, start)
}

fn arrhenius(stream: &mut Stream) -> Far {
    let truth = vec![stream.power(6.0, 12.0), stream.between(4e4, 9e4)];
    let start = off(stream, &truth, &[3.0, 0.2]);
    let model: Model = |p, t| p[0] * (-p[1] / (8.314 * t)).exp();
    let x = even(12, 300.0, 450.0);
    fit("Arrhenius", stream, model, truth, x, start)
}

fn power_law(stream: &mut Stream) -> Far {
    let truth = vec![stream.power(-2.0, 3.0), stream.between(0.5, 3.0)];
    let start = vec![1.0, stream.pick(&[1.0, 4.0])];
    let x = ratios(15, 1.0, stream.power(1.0, 2.5));
    let model: Model = |p, x| p[0] * x.powf(p[1]);
    fit("power law", stream, model, truth, x, start)
}

fn growth(stream: &mut Stream) -> Far {
    let truth = vec![stream.power(-1.0, 1.0), stream.between(0.1, 0.5)];
    let start = vec![1.0, stream.pick(&[1.0, 1.5, 2.0])];
    let model: Model = |p, t| p[0] * (p[1] * t).exp();
    let x = even(21, 0.0, 20.0);
    fit("exponential growth", stream, model, truth, x, start)
}

fn decay(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(0.0, 4.0),
        stream.power(-1.0, 0.5),
        stream.power(-1.0, 1.0),
    ];
    let start = off(stream, &truth, &[3.0, 0.7, 3.0]);
    let model: Model = |p, t| p[0] * (-p[1] * t).exp() + p[2];
    let x = even(25, 0.0, 8.0);
    fit("decay above a background", stream, model, truth, x, start)
}

fn two_decays(stream: &mut Stream) -> Far {
    let slow = stream.power(-1.0, -0.5);
    let truth = vec![
        stream.power(0.0, 1.0),
        slow * stream.between(6.0, 15.0),
        stream.power(0.0, 1.0),
        slow,
    ];
    let start = off(stream, &truth, &[2.0, 0.3, 2.0, 0.3]);
    let model: Model = |p, t| p[0] * (-p[1] * t).exp() + p[2] * (-p[3] * t).exp();
    let x = even(40, 0.0, 12.0);
    // Both rates the same, or one over before the second point.
    fit("two decays", stream, model, truth, x, start)
        .others(|p| (p[1] - p[3]).abs() < 0.01 * p[1].abs() || p[1].max(p[3]) > 30.0)
}

fn lennard_jones(stream: &mut Stream) -> Far {
    let truth = vec![stream.power(-2.0, 1.0), stream.between(2.5, 4.5)];
    let start = vec![
        truth[0] * stream.power(-1.0, 1.0),
        truth[1] * stream.between(1.2, 2.0),
    ];
    let x = even(20, 0.95 * truth[1], 3.0 * truth[1]);
    let model: Model = |p, r| 4.0 * p[0] * ((p[1] / r).powi(12) - (p[1] / r).powi(6));
    fit("Lennard-Jones", stream, model, truth, x, start)
}

fn morse(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(0.0, 1.0),
        stream.between(1.0, 3.0),
        stream.between(0.8, 2.5),
    ];
    let start = vec![
        stream.power(0.0, 1.0),
        truth[1] * stream.between(0.7, 1.6),
        truth[2] * stream.between(1.1, 1.8),
    ];
    let x = even(24, 0.6 * truth[2], 2.5 * truth[2]);
    let model: Model = |p, r| p[0] * (1.0 - (-p[1] * (r - p[2])).exp()).powi(2);
    fit("Morse", stream, model, truth, x, start)
}

fn diode(stream: &mut Stream) -> Far {
    let truth = vec![stream.power(-12.0, -8.0), stream.between(1.2, 2.0)];
    let start = vec![truth[0] * stream.power(-2.0, 2.0), stream.between(1.0, 1.6)];
    let model: Model = |p, v| p[0] * ((v / (p[1] * 0.02585)).exp() - 1.0);
    fit("diode", stream, model, truth, even(15, 0.3, 0.7), start)
}

fn logistic(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(1.0, 5.0),
        stream.between(0.3, 1.2),
        stream.between(6.0, 12.0),
    ];
    let start = off(stream, &truth, &[2.5, 0.4, 0.2]);
    let model: Model = |p, t| p[0] / (1.0 + (-p[1] * (t - p[2])).exp());
    let x = even(25, 0.0, 20.0);
    // A step between two points.
    fit("logistic growth", stream, model, truth, x, start).others(|p| p[1] > 10.0)
}

fn michaelis_menten(stream: &mut Stream) -> Far {
    let truth = vec![stream.power(-1.0, 3.0), stream.power(-1.0, 1.0)];
    let start = off(stream, &truth, &[3.0, 1.0]);
    let x = ratios(12, 0.1 * truth[1], 10.0 * truth[1]);
    let model: Model = |p, s| p[0] * s / (p[1] + s);
    // A pole between two points.
    fit("Michaelis-Menten", stream, model, truth, x, start).others(|p| p[1] < 0.0)
}

fn hill(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(0.0, 3.0),
        stream.power(-1.0, 1.0),
        stream.between(1.0, 3.5),
    ];
    let start = off(stream, &truth, &[3.0, 0.5, 0.2]);
    let x = ratios(16, 0.05 * truth[1], 20.0 * truth[1]);
    let model: Model = |p, s| p[0] * (s / p[1]).powf(p[2]) / (1.0 + (s / p[1]).powf(p[2]));
    // A step.
    fit("Hill", stream, model, truth, x, start).others(|p| p[2].abs() > 50.0)
}

fn gauss(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(0.0, 4.0),
        stream.between(4.0, 6.0),
        stream.between(0.6, 1.5),
    ];
    let start = vec![
        truth[0] * stream.power(1.5, 3.0),
        truth[1] + truth[2] * stream.between(-1.0, 1.0),
        truth[2] * stream.between(0.7, 2.0),
    ];
    let model: Model = |p, x| p[0] * (-0.5 * ((x - p[1]) / p[2]).powi(2)).exp();
    let x = even(40, 0.0, 10.0);
    // Narrower than the distance of two points.
    fit("Gaussian peak", stream, model, truth, x, start).others(|p| p[2].abs() < 0.2)
}

fn lorentz(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(0.0, 4.0),
        stream.between(4.0, 6.0),
        stream.between(0.5, 1.2),
        stream.power(-1.0, 0.0),
    ];
    let start = vec![
        truth[0] * stream.power(1.5, 3.0),
        truth[1] + truth[2] * stream.between(-1.0, 1.0),
        truth[2] * stream.between(0.7, 2.0),
        1.0,
    ];
    let model: Model = |p, x| p[0] / (1.0 + ((x - p[1]) / p[2]).powi(2)) + p[3];
    let x = even(40, 0.0, 10.0);
    // Narrower than the distance of two points, or a dip.
    fit("Lorentzian peak", stream, model, truth, x, start)
        .others(|p| p[2].abs() < 0.2 || p[0] < 0.0)
}

fn antoine(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.between(6.5, 8.0),
        stream.between(1000.0, 1900.0),
        stream.between(200.0, 250.0),
    ];
    let start = vec![
        stream.pick(&[1.0, 5.0, 10.0]),
        stream.pick(&[500.0, 1000.0, 3000.0]),
        stream.pick(&[150.0, 300.0]),
    ];
    let model: Model = |p, t| p[0] - p[1] / (p[2] + t);
    let x = even(20, 0.0, 120.0);
    fit("Antoine", stream, model, truth, x, start)
}

fn weibull(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(0.0, 3.0),
        stream.between(2.0, 5.0),
        stream.between(1.0, 3.0),
    ];
    let start = off(stream, &truth, &[3.0, 0.3, 0.2]);
    let model: Model = |p, t| p[0] * (1.0 - (-(t / p[1]).powf(p[2])).exp());
    let x = even(20, 0.5, 10.0);
    // A step.
    fit("Weibull growth", stream, model, truth, x, start).others(|p| p[2].abs() > 50.0)
}

fn rational(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(0.0, 2.0),
        stream.power(-2.0, 0.0),
        stream.power(-2.0, -1.0),
    ];
    let start = off(stream, &truth, &[3.0, 1.0, 1.0]);
    let model: Model = |p, x| (p[0] + p[1] * x) / (1.0 + p[2] * x);
    let x = even(20, 0.0, 50.0);
    // A pole between two points.
    fit("rational", stream, model, truth, x, start).others(|p| p[2] < 0.0)
}

fn oscillation(stream: &mut Stream) -> Far {
    let truth = vec![
        stream.power(-1.0, 3.0),
        stream.between(0.1, 0.5),
        stream.between(2.0, 5.0),
    ];
    let start = vec![
        truth[0] * stream.power(2.0, 4.0),
        truth[1] * stream.between(0.5, 2.0),
        truth[2] * stream.between(0.95, 1.05),
    ];
    let model: Model = |p, t| p[0] * (-p[1] * t).exp() * (p[2] * t).cos();
    let x = even(40, 0.0, 6.0);
    fit("damped oscillation", stream, model, truth, x, start)
}

fn steinhart(stream: &mut Stream) -> Far {
    // Reciprocal temperatures by the logarithm of a resistance.
    let truth = vec![
        stream.between(1.0e-3, 1.4e-3),
        stream.between(2.0e-4, 2.6e-4),
        stream.between(0.8e-7, 1.2e-7),
    ];
    let start = vec![
        stream.pick(&[1e-3, 1e-2, 1.0]),
        stream.pick(&[1e-4, 1e-3, 1e-2]),
        stream.pick(&[1e-7, 1e-6, 1e-3]),
    ];
    let model: Model = |p, r| p[0] + p[1] * r.ln() + p[2] * r.ln().powi(3);
    let x = ratios(15, 500.0, 5e4);
    fit("Steinhart-Hart", stream, model, truth, x, start)
}
