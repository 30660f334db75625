//! Smooth functions with noise, and with values rounded to decimals.

use super::smooth::{known, one};
use super::{Draw, Entry, Trial, scalar};
use crate::noise;
use numdiff_core::Adaptive;

pub(super) const FAMILIES: &[Entry] = &[
    ("noise 1e-11 to 1e-6", false, |draw| {
        noisy(draw, &Adaptive::new())
    }),
    ("noise 1e-11 to 1e-6, tolerance 1e-6", false, |draw| {
        noisy(draw, &Adaptive::new().with_tolerance(1e-6))
    }),
    ("rounded to 5 to 11 decimals", false, |draw| {
        rounded(draw, &Adaptive::new())
    }),
    (
        "rounded to 5 to 11 decimals, tolerance 1e-6",
        false,
        |draw| rounded(draw, &Adaptive::new().with_tolerance(1e-6)),
    ),
    ("wave of an x rounded to f32", false, single),
];

fn noisy(draw: &mut Draw, method: &Adaptive) -> Trial {
    let (name, g, x) = known(draw);
    let level = draw.spread(1e-11, 1e-6);
    let f = |t: f64| g(t)[0] + level * noise(t);
    scalar(
        method,
        f,
        x,
        1,
        one(g(x)[1]),
        format!("{name} + {level:e} noise at {x}"),
    )
}

fn rounded(draw: &mut Draw, method: &Adaptive) -> Trial {
    let (name, g, x) = known(draw);
    let digits = 5 + draw.below(7) as i32;
    let unit = 10.0_f64.powi(digits);
    let f = |t: f64| (g(t)[0] * unit).round() / unit;
    scalar(
        method,
        f,
        x,
        1,
        one(g(x)[1]),
        format!("{name} to {digits} decimals at {x}"),
    )
}

/// An oscillation that moves by a thousandth to a third of a radian from one x in `f32` to the next.
fn single(draw: &mut Draw) -> Trial {
    let x = (draw.sign() * draw.spread(1e-2, 1e2)) as f32;
    let spacing = f64::from(x.abs().next_up() - x.abs());
    let (w, phase) = (draw.spread(1e-3, 0.3) / spacing, draw.uniform(0.0, 6.0));
    let x = f64::from(x);
    let f = |t: f64| (w * f64::from(t as f32) + phase).cos();
    scalar(
        &Adaptive::new(),
        f,
        x,
        1,
        one(-w * (w * x + phase).sin()),
        format!("cos({w} x + {phase}) at {x}"),
    )
}
