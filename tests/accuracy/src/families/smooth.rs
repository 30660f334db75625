//! Smooth functions of one variable, with two derivatives in closed form.

use super::{Draw, Entry, Trial, scalar};
use numdiff_core::Adaptive;

pub(super) const FAMILIES: &[Entry] = &[
    ("smooth, order 1", true, |draw| {
        smooth(draw, &Adaptive::new(), 1)
    }),
    ("smooth, order 2", true, |draw| {
        smooth(draw, &Adaptive::new(), 2)
    }),
    ("smooth, order 1, tolerance 1e-6", true, |draw| {
        smooth(draw, &Adaptive::new().with_tolerance(1e-6), 1)
    }),
    ("smooth on other scales, order 1", true, |draw| {
        scaled(draw, 1)
    }),
    ("smooth on other scales, order 2", true, |draw| {
        scaled(draw, 2)
    }),
    ("scale below 1e-16, at 0, order 1", true, |draw| {
        tiny(draw, 1)
    }),
    ("linear", true, linear),
    ("exp(-a/x), order 2", true, steep),
    ("large exponents, order 1", true, |draw| {
        exponents(draw, LARGE, 1)
    }),
    ("large exponents, order 2", true, |draw| {
        exponents(draw, LARGE, 2)
    }),
    ("large exponents, order 3", true, |draw| {
        exponents(draw, LARGE, 3)
    }),
    ("large exponents, order 4", true, |draw| {
        exponents(draw, LARGE, 4)
    }),
    ("moderate exponents, order 1", true, |draw| {
        exponents(draw, MODERATE, 1)
    }),
    ("moderate exponents, order 2", true, |draw| {
        exponents(draw, MODERATE, 2)
    }),
    ("bounds near x", true, bounded),
];

/// f, f' and f'' of a function of which the derivatives are known.
pub(super) type Known = fn(f64) -> [f64; 3];

/// Name, lowest and highest x, and the function.
pub(super) const KNOWN: [(&str, f64, f64, Known); 12] = [
    ("sin", -3.0, 3.0, |x| [x.sin(), x.cos(), -x.sin()]),
    ("exp", -3.0, 3.0, |x| [x.exp(); 3]),
    ("ln", 0.1, 5.0, |x| [x.ln(), 1.0 / x, -1.0 / (x * x)]),
    ("atan", -3.0, 3.0, |x| {
        let d = 1.0 / (1.0 + x * x);
        [x.atan(), d, -2.0 * x * d * d]
    }),
    ("1/x", 0.3, 4.0, |x| {
        [1.0 / x, -1.0 / (x * x), 2.0 / (x * x * x)]
    }),
    ("tanh", -2.0, 2.0, |x| {
        let t = x.tanh();
        let d = 1.0 / x.cosh().powi(2);
        [t, d, -2.0 * t * d]
    }),
    ("sqrt", 0.2, 5.0, |x| {
        let r = x.sqrt();
        [r, 0.5 / r, -0.25 / (r * x)]
    }),
    ("exp(-x^2)", -2.0, 2.0, |x| {
        let e = (-x * x).exp();
        [e, -2.0 * x * e, (4.0 * x * x - 2.0) * e]
    }),
    ("x^3-2x", -2.0, 3.0, |x| {
        [x * (x * x - 2.0), 3.0 * x * x - 2.0, 6.0 * x]
    }),
    ("1/(1+25x^2)", -1.0, 1.0, |x| {
        let d = 1.0 / (1.0 + 25.0 * x * x);
        [d, -50.0 * x * d * d, (3750.0 * x * x - 50.0) * d * d * d]
    }),
    ("sin(8x)", -2.0, 2.0, |x| {
        let (s, c) = (8.0 * x).sin_cos();
        [s, 8.0 * c, -64.0 * s]
    }),
    ("cosh", -2.0, 2.0, |x| [x.cosh(), x.sinh(), x.cosh()]),
];

/// One of [`KNOWN`] at a random point.
pub(super) fn known(draw: &mut Draw) -> (&'static str, Known, f64) {
    let (name, low, high, g) = KNOWN[draw.below(KNOWN.len())];
    (name, g, draw.uniform(low, high))
}

pub(super) fn one(truth: f64) -> (f64, f64) {
    (truth, truth)
}

fn smooth(draw: &mut Draw, method: &Adaptive, order: usize) -> Trial {
    let (name, g, x) = known(draw);
    let factor = draw.spread(1e-3, 1e3);
    let truth = one(factor * g(x)[order]);
    scalar(
        method,
        |t| factor * g(t)[0],
        x,
        order,
        truth,
        format!("{factor} {name} at {x}"),
    )
}

/// g(t / s) at s x, s a power of two, which is exact.
fn scaled(draw: &mut Draw, order: usize) -> Trial {
    let (name, g, x) = known(draw);
    let k = draw.below(61) as i32 - 30;
    let s = f64::from(k).exp2();
    let truth = one(g(x)[order] / s.powi(order as i32));
    scalar(
        &Adaptive::new(),
        |t| g(t / s)[0],
        x * s,
        order,
        truth,
        format!("{name}(t / 2^{k}) at {x} 2^{k}"),
    )
}

/// g(t / s) at 0, with a tiny s.
fn tiny(draw: &mut Draw, order: usize) -> Trial {
    let entire = [0, 1, 3, 5, 7, 11];
    let (name, _, _, g) = KNOWN[entire[draw.below(entire.len())]];
    let k = -(50 + draw.below(40) as i32);
    let s = f64::from(k).exp2();
    let truth = one(g(0.0)[order] / s.powi(order as i32));
    let f = |t: f64| g(t / s)[0];
    scalar(
        &Adaptive::new(),
        f,
        0.0,
        order,
        truth,
        format!("{name}(t / 2^{k}) at 0"),
    )
}

fn linear(draw: &mut Draw) -> Trial {
    let (a, b) = (
        draw.sign() * draw.spread(1e-3, 1e3),
        draw.sign() * draw.spread(1e-3, 1e3),
    );
    let x = draw.sign() * draw.spread(1e-3, 1e6);
    let f = |t: f64| a + b * t;
    scalar(
        &Adaptive::new(),
        f,
        x,
        1,
        one(b),
        format!("{a} + {b} t at {x}"),
    )
}

fn steep(draw: &mut Draw) -> Trial {
    // An argument from -500 to -50, halves of integers and x a power of two: exact.
    let a = 0.5 * draw.uniform(100.0, 1000.0).round();
    let k = draw.below(21) as i32 - 10;
    let x = f64::from(k).exp2();
    let e = (-a).exp();
    let truth = one(e * (a * a - 2.0 * a) / (x * x));
    let f = |t: f64| (-a * x / t).exp();
    scalar(
        &Adaptive::new(),
        f,
        x,
        2,
        truth,
        format!("exp(-{a} x / t) at x = 2^{k}"),
    )
}

/// f, f(x), the derivatives of ln f at x, and x.
type Exponential = (Box<dyn Fn(f64) -> f64>, f64, [f64; 4], f64);

/// The size of an exponent, from and to.
type Exponents = (f64, f64);
const MODERATE: Exponents = (3.0, 20.0);
const LARGE: Exponents = (20.0, 600.0);

/// exp of an argument of this size, both signs, as exp(-k/x), exp(-k/x^2) and exp(k x); x^n by multiplication;
/// x^p e^-x. With u = ln f, whose derivatives are exact.
fn exponents(draw: &mut Draw, (least, most): Exponents, order: usize) -> Trial {
    let a = draw.sign() * draw.uniform(least, most);
    // Of 24 bits: products of two of them are exact.
    let short = |x: f64| f64::from(x as f32);
    let x = short(draw.sign() * draw.spread(1e-2, 1e2));
    let power = |p: f64, x: f64| {
        [
            p / x,
            -p / (x * x),
            2.0 * p / x.powi(3),
            -6.0 * p / x.powi(4),
        ]
    };
    let (f, value, u, x): Exponential = match draw.below(5) {
        kind @ (0 | 1) => {
            let (k, d) = if kind == 0 {
                (short(a * x), x)
            } else {
                (short(a * x * x), x * x)
            };
            // exp(-k / d), the quotient in twice the precision.
            let quotient = k / d;
            let rest = (-quotient).mul_add(d, k) / d;
            let value = (-quotient).exp() * (1.0 - rest);
            if kind == 0 {
                let u = [
                    k / d,
                    -2.0 * k / x.powi(3),
                    6.0 * k / x.powi(4),
                    -24.0 * k / x.powi(5),
                ];
                let u = [u[0] / x, u[1], u[2], u[3]];
                (Box::new(move |t: f64| (-k / t).exp()), value, u, x)
            } else {
                let u = [
                    2.0 * k,
                    -6.0 * k / x,
                    24.0 * k / (x * x),
                    -120.0 * k / x.powi(3),
                ];
                (
                    Box::new(move |t: f64| (-k / (t * t)).exp()),
                    value,
                    u.map(|u| u / x.powi(3)),
                    x,
                )
            }
        }
        2 => {
            let (k, x) = (short(a), short(draw.uniform(0.3, 1.1)));
            (
                Box::new(move |t: f64| (k * t).exp()),
                (k * x).exp(),
                [k, 0.0, 0.0, 0.0],
                x,
            )
        }
        3 => {
            let (n, x) = (draw.uniform(20.0, 200.0).round(), draw.spread(0.3, 3.0));
            (
                Box::new(move |t: f64| t.powi(n as i32)),
                x.powf(n),
                power(n, x),
                x,
            )
        }
        _ => {
            let p = draw.uniform(20.0, 150.0).round();
            let x = p * draw.uniform(0.3, 2.0);
            let mut u = power(p, x);
            u[0] -= 1.0;
            (
                Box::new(move |t: f64| t.powf(p) * (-t).exp()),
                x.powf(p) * (-x).exp(),
                u,
                x,
            )
        }
    };
    let [a, b, c, d] = u;
    let truth = value
        * match order {
            1 => a,
            2 => b + a * a,
            3 => c + 3.0 * a * b + a * a * a,
            _ => d + 4.0 * a * c + 3.0 * b * b + 6.0 * a * a * b + a.powi(4),
        };
    scalar(
        &Adaptive::new(),
        f,
        x,
        order,
        one(truth),
        format!("order {order} at {x}: {u:?}"),
    )
}

fn bounded(draw: &mut Draw) -> Trial {
    let (name, g, x) = known(draw);
    let distance = draw.spread(1e-6, 1e-3) * x.abs().max(0.1);
    let method = Adaptive::new().with_bounds(x - distance, f64::INFINITY);
    let what = format!("{name} at {x}, bound at -{distance:e}");
    scalar(&method, |t| g(t)[0], x, 1, one(g(x)[1]), what)
}
