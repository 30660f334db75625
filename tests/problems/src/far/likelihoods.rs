//! Negative log likelihoods, energies, and other functions that are no sums of squares.

use super::stream::Stream;
use super::{Far, Function};

pub(super) const FAMILIES: &[fn(&mut Stream) -> Far] = &[
    poisson, logit, gamma, weibull, normal, pair, triangle, entropy, bowl, valley, quartic, budget,
];

fn of(
    name: &'static str,
    start: Vec<f64>,
    near: Vec<f64>,
    value: impl Fn(&[f64]) -> f64 + 'static,
) -> Far {
    Far {
        name,
        start,
        near,
        has_others: |_| false,
        function: Function::Value(Box::new(value)),
    }
}

/// Counts with a logarithmic link, x = 0, 1, …
fn poisson(stream: &mut Stream) -> Far {
    let near = vec![stream.between(0.0, 1.5), stream.between(0.02, 0.1)];
    let mean = |t: f64| (near[0] + near[1] * t).exp();
    let count = |t: f64| {
        (mean(t) + mean(t).sqrt() * stream.normal())
            .round()
            .max(0.0)
    };
    let y: Vec<f64> = (0..30).map(f64::from).map(count).collect();
    let start = vec![1.0, stream.pick(&[0.7, 1.0, 2.0])];
    of("Poisson regression", start, near, move |p| {
        let points = y.iter().enumerate();
        points
            .map(|(t, y)| {
                let log = p[0] + p[1] * t as f64;
                log.exp() - y * log
            })
            .sum()
    })
}

/// Yes or no with a logistic link, a predictor in raw units.
fn logit(stream: &mut Stream) -> Far {
    let unit = stream.power(1.0, 3.0);
    let near = vec![stream.between(-1.0, 1.0), stream.between(0.5, 2.0) / unit];
    let data: Vec<(f64, bool)> = (0..60)
        .map(|_| {
            let x = unit * stream.between(-3.0, 3.0);
            let chance = 1.0 / (1.0 + (-near[0] - near[1] * x).exp());
            (x, stream.between(0.0, 1.0) < chance)
        })
        .collect();
    let start = vec![
        stream.between(-20.0, 20.0),
        stream.sign() * stream.power(2.0, 3.5),
    ];
    of("logistic regression", start, near, move |p| {
        let term = |(x, yes): &(f64, bool)| {
            let z = p[0] + p[1] * x;
            let log_one_plus_exp = z.max(0.0) + (-z.abs()).exp().ln_1p();
            log_one_plus_exp - if *yes { z } else { 0.0 }
        };
        data.iter().map(term).sum()
    })
}

/// Lifetimes with a rate and a shape by their logarithms; the constant of the shape by Stirling's series.
fn gamma(stream: &mut Stream) -> Far {
    let near = vec![stream.between(0.0, 1.5), stream.between(-2.0, 2.0)];
    let mean = near[1].exp();
    let times: Vec<f64> = (0..40).map(|_| mean * stream.between(0.2, 1.8)).collect();
    let start = vec![
        stream.between(3.0, 6.0),
        near[1] + stream.sign() * stream.between(4.0, 7.0),
    ];
    of("gamma lifetimes", start, near, move |p| {
        let (shape, mean) = (p[0].exp(), p[1].exp());
        let term = |t: &f64| {
            shape * t / mean - (shape - 1.0) * t.ln() - shape * (shape / mean).ln()
                + ln_gamma(shape)
        };
        times.iter().map(term).sum()
    })
}

fn ln_gamma(x: f64) -> f64 {
    // Up to where the series holds.
    let (mut z, mut shift) = (x, 0.0);
    while z < 12.0 {
        shift += z.ln();
        z += 1.0;
    }
    let series = 1.0 / (12.0 * z) - 1.0 / (360.0 * z.powi(3)) + 1.0 / (1260.0 * z.powi(5));
    (z - 0.5) * z.ln() - z + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift
}

/// Lifetimes with a shape and a scale.
fn weibull(stream: &mut Stream) -> Far {
    let near = vec![stream.between(1.0, 3.0), stream.power(0.0, 3.0)];
    let times: Vec<f64> = (0..40)
        .map(|_| near[1] * (-stream.between(0.01, 0.99).ln()).powf(1.0 / near[0]))
        .collect();
    let start = vec![stream.between(3.0, 5.0), near[1] * stream.power(-1.2, -0.6)];
    of("Weibull lifetimes", start, near, move |p| {
        if p.iter().any(|p| *p <= 0.0) {
            return f64::INFINITY;
        }
        let term =
            |t: &f64| (t / p[1]).powf(p[0]) - (p[0] - 1.0) * (t / p[1]).ln() - (p[0] / p[1]).ln();
        times.iter().map(term).sum()
    })
}

/// Normal errors with an unknown deviation, by its logarithm.
fn normal(stream: &mut Stream) -> Far {
    let near = vec![
        stream.sign() * stream.power(0.0, 3.0),
        stream.between(-1.0, 2.0),
    ];
    let y: Vec<f64> = (0..30)
        .map(|_| near[0] + near[1].exp() * stream.normal())
        .collect();
    let start = vec![
        near[0] + stream.sign() * stream.power(2.0, 4.0),
        stream.between(-1.0, 1.0),
    ];
    of("mean and deviation", start, near, move |p| {
        y.iter()
            .map(|y| p[1] + 0.5 * ((y - p[0]) / p[1].exp()).powi(2))
            .sum()
    })
}

fn bond(r: f64) -> f64 {
    r.powi(-12) - 2.0 * r.powi(-6)
}

/// Two atoms that start far too close.
fn pair(stream: &mut Stream) -> Far {
    let start = vec![stream.between(0.15, 0.6)];
    of("two atoms", start, vec![1.0], |x| {
        if x[0] > 0.0 {
            bond(x[0])
        } else {
            f64::INFINITY
        }
    })
}

/// Three atoms in a plane that start too close: the first at the origin, the second on an axis.
fn triangle(stream: &mut Stream) -> Far {
    let start = vec![
        stream.between(0.3, 0.6),
        stream.between(0.1, 0.3),
        stream.between(0.3, 0.6),
    ];
    of("three atoms", start, vec![1.0, 0.5, 0.866], |x| {
        let sides = [x[0].abs(), x[1].hypot(x[2]), (x[1] - x[0]).hypot(x[2])];
        sides.map(bond).iter().sum()
    })
}

/// a exp(x) - b x from a far x, in one to three unknowns.
fn entropy(stream: &mut Stream) -> Far {
    let n = stream.pick(&[1.0, 2.0, 3.0]) as usize;
    let pairs: Vec<(f64, f64)> = (0..n)
        .map(|_| (stream.power(-1.0, 1.0), stream.power(0.0, 2.0)))
        .collect();
    let start = (0..n).map(|_| stream.between(15.0, 40.0)).collect();
    let near = pairs.iter().map(|(a, b)| (b / a).ln()).collect();
    of("exponentials less a line", start, near, move |x| {
        x.iter()
            .zip(&pairs)
            .map(|(x, (a, b))| a * x.exp() - b * x)
            .sum()
    })
}

/// (x_0 - 1)^2 + (x_1 - 2)^2 + … from 1e4 to 1e12 away, with a constant or without.
fn bowl(stream: &mut Stream) -> Far {
    let n = stream.pick(&[2.0, 3.0, 5.0]) as usize;
    let constant = stream.pick(&[0.0, 1.0, 1e-3]);
    let weights: Vec<f64> = (0..n).map(|_| stream.power(-2.0, 2.0)).collect();
    let start = (0..n)
        .map(|_| stream.pick(&[0.0, 1.0]) * stream.power(4.0, 12.0))
        .collect();
    let near = (1..=n).map(|i| i as f64).collect();
    of("bowl", start, near, move |x| {
        let term = |(i, (x, w)): (usize, (&f64, &f64))| w * (x - (i + 1) as f64).powi(2);
        constant + x.iter().zip(&weights).enumerate().map(term).sum::<f64>()
    })
}

/// Rosenbrock's valley, other walls, from far away.
fn valley(stream: &mut Stream) -> Far {
    let (wall, constant) = (stream.power(0.5, 2.0), stream.pick(&[0.0, 1.0]));
    let start = vec![stream.between(-30.0, 30.0), stream.between(-300.0, 300.0)];
    of("valley", start, vec![1.0, 1.0], move |x| {
        constant + (1.0 - x[0]).powi(2) + wall * (x[1] - x[0] * x[0]).powi(2)
    })
}

/// Rotated curvatures with fourth powers above a constant.
fn quartic(stream: &mut Stream) -> Far {
    let (stretch, angle) = (stream.power(0.0, 4.0), stream.between(0.0, 3.0));
    let (a, b) = (stream.between(-3.0, 3.0), stream.between(-3.0, 3.0));
    let start = vec![
        stream.sign() * stream.power(2.0, 5.0),
        stream.sign() * stream.power(2.0, 5.0),
    ];
    of("quartic", start, vec![a, b], move |x| {
        let (sin, cos) = angle.sin_cos();
        let (u, v) = (x[0] - a, x[1] - b);
        let (s, t) = (cos * u - sin * v, sin * u + cos * v);
        1.0 + s * s + stretch * t * t + 0.1 * s.powi(4) + 0.1 * t.powi(4)
    })
}

/// Costs x and c / x of an order quantity, several goods.
fn budget(stream: &mut Stream) -> Far {
    let n = stream.pick(&[1.0, 2.0, 4.0]) as usize;
    let goods: Vec<(f64, f64)> = (0..n)
        .map(|_| (stream.power(-1.0, 2.0), stream.power(0.0, 5.0)))
        .collect();
    let near: Vec<f64> = goods
        .iter()
        .map(|(hold, order)| (order / hold).sqrt())
        .collect();
    let start = near.iter().map(|x| x * stream.power(3.5, 5.0)).collect();
    of("order quantities", start, near, move |x| {
        if x.iter().any(|x| *x <= 0.0) {
            return f64::INFINITY;
        }
        x.iter()
            .zip(&goods)
            .map(|(x, (hold, order))| hold * x + order / x)
            .sum()
    })
}
