//! Functions with kinks, bends and pieces at and beside x.

use super::smooth::{KNOWN, one};
use super::{Draw, Entry, Trial, scalar};
use numdiff_core::Adaptive;

pub(super) const FAMILIES: &[Entry] = &[
    ("kink at x", false, |draw| kink(draw, 0.0)),
    ("kink at 1e-10 to 1e-7", false, |draw| {
        let d = draw.spread(1e-10, 1e-7);
        kink(draw, d)
    }),
    ("kink at 1e-7 to 1e-4", false, |draw| {
        let d = draw.spread(1e-7, 1e-4);
        kink(draw, d)
    }),
    ("kink at 1e-4 to 1e-2", false, |draw| {
        let d = draw.spread(1e-4, 1e-2);
        kink(draw, d)
    }),
    ("bend at x, order 2", false, |draw| bend(draw, 0.0)),
    ("bend at 1e-10 to 1e-7, order 2", false, |draw| {
        let d = draw.spread(1e-10, 1e-7);
        bend(draw, d)
    }),
    ("bend at 1e-7 to 1e-4, order 2", false, |draw| {
        let d = draw.spread(1e-7, 1e-4);
        bend(draw, d)
    }),
    ("bend at 1e-4 to 1e-2, order 2", false, |draw| {
        let d = draw.spread(1e-4, 1e-2);
        bend(draw, d)
    }),
    ("table", false, |draw| table(draw, &Adaptive::new())),
    ("table, tolerance 1e-6", false, |draw| {
        table(draw, &Adaptive::new().with_tolerance(1e-6))
    }),
    ("clamp", false, |draw| clamp(draw, &Adaptive::new())),
    ("clamp, tolerance 1e-6", false, |draw| {
        clamp(draw, &Adaptive::new().with_tolerance(1e-6))
    }),
    ("pieces", false, |draw| pieces(draw, &Adaptive::new())),
    ("pieces, tolerance 1e-6", false, |draw| {
        pieces(draw, &Adaptive::new().with_tolerance(1e-6))
    }),
];

/// c |t - x - d| on a smooth function.
fn kink(draw: &mut Draw, distance: f64) -> Trial {
    let (name, low, high, g) = KNOWN[draw.below(KNOWN.len())];
    let x = draw.uniform(low, high);
    let c = draw.sign() * draw.spread(1e-5, 1e-2);
    let at = x + draw.sign() * distance;
    let f = |t: f64| g(t)[0] + c * (t - at).abs();
    let slope = g(x)[1];
    let truth = match at.total_cmp(&x) {
        std::cmp::Ordering::Equal => (slope - c, slope + c),
        std::cmp::Ordering::Less => one(slope + c),
        std::cmp::Ordering::Greater => one(slope - c),
    };
    let what = format!("{name} + {c:e} |t - x - {:e}| at {x}", at - x);
    scalar(&Adaptive::new(), f, x, 1, truth, what)
}

/// c (t - a) |t - a| on a smooth function.
fn bend(draw: &mut Draw, distance: f64) -> Trial {
    let (name, low, high, g) = KNOWN[draw.below(KNOWN.len())];
    let x = draw.uniform(low, high);
    let c = draw.sign() * draw.spread(1e-5, 1e-2);
    let at = x + draw.sign() * distance;
    let f = |t: f64| g(t)[0] + c * (t - at) * (t - at).abs();
    let second = g(x)[2];
    let truth = match at.total_cmp(&x) {
        std::cmp::Ordering::Equal => (second - 2.0 * c, second + 2.0 * c),
        std::cmp::Ordering::Less => one(second + 2.0 * c),
        std::cmp::Ordering::Greater => one(second - 2.0 * c),
    };
    let what = format!("{name} + {c:e} u |u|, u = t - x - {:e}, at {x}", at - x);
    scalar(&Adaptive::new(), f, x, 2, truth, what)
}

/// Linear interpolation in a table, twenty knots a period and others.
fn table(draw: &mut Draw, method: &Adaptive) -> Trial {
    let knots = [10.0, 20.0, 50.0, 200.0][draw.below(4)];
    let spacing = std::f64::consts::TAU / knots;
    let (name, g): (&str, fn(f64) -> f64) = [
        ("sin", f64::sin as fn(f64) -> f64),
        ("exp", f64::exp),
        ("atan", f64::atan),
    ][draw.below(3)];
    let x = draw.uniform(-3.0, 3.0);
    let knot = |k: f64| g(k * spacing);
    let f = |t: f64| {
        let k = (t / spacing).floor();
        let part = t / spacing - k;
        knot(k) * (1.0 - part) + knot(k + 1.0) * part
    };
    let k = (x / spacing).floor();
    let truth = one((knot(k + 1.0) - knot(k)) / spacing);
    scalar(
        method,
        f,
        x,
        1,
        truth,
        format!("table of {name}, {knots} knots, at {x}"),
    )
}

/// A smooth function held between two values, x inside or outside.
fn clamp(draw: &mut Draw, method: &Adaptive) -> Trial {
    let x = draw.uniform(-2.0, 2.0);
    let (low, high) = (draw.uniform(-2.0, 0.0), draw.uniform(0.0, 2.0));
    let f = |t: f64| t.sin() + t.clamp(low, high);
    let inside = if low < x && x < high { 1.0 } else { 0.0 };
    let truth = one(x.cos() + inside);
    scalar(
        method,
        f,
        x,
        1,
        truth,
        format!("sin t + clamp(t, {low}, {high}) at {x}"),
    )
}

/// One formula up to a point, another beyond, continuous there.
fn pieces(draw: &mut Draw, method: &Adaptive) -> Trial {
    let at = draw.uniform(0.5, 4.0);
    let x = draw.uniform(-1.0, 5.0);
    let (a, b) = (draw.uniform(0.5, 2.0), draw.uniform(0.5, 2.0));
    let f = |t: f64| {
        if t <= at {
            a * (t - at) * (t - at)
        } else {
            b * (1.0 + t - at).ln()
        }
    };
    let truth = if x <= at {
        2.0 * a * (x - at)
    } else {
        b / (1.0 + x - at)
    };
    let what = format!("{a} (t - {at})^2, then {b} ln(1 + t - {at}), at {x}");
    scalar(method, f, x, 1, one(truth), what)
}
