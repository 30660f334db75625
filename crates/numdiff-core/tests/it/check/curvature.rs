//! Second derivatives where they jump: a right one lies between those of the sides, a wrong one outside.

use crate::bugs::Random;
use ndarray::{Array1, Array2, array};
use numdiff_core::check::{self, Diagnosis, Verdict};

/// A smooth function and strength (a·(x - x₀))² on one side of a plane through x₀.
struct Bent {
    x: Array1<f64>,
    a: Array1<f64>,
    strength: f64,
}

impl Bent {
    fn draw(random: &mut Random) -> Bent {
        let n = 1 + random.below(3);
        let size = 10_f64.powf(random.within(-1.0, 2.0));
        Bent {
            x: Array1::from(random.vector(n)) * size,
            // No coefficient is small: each coordinate leaves the plane.
            a: Array1::from_shape_fn(n, |_| {
                let sign = if random.next() & 1 == 0 { 1.0 } else { -1.0 };
                sign * random.within(0.3, 2.0)
            }),
            strength: random.within(0.5, 3.0),
        }
    }

    fn value(&self, x: &Array1<f64>) -> f64 {
        let past = (x - &self.x).dot(&self.a).max(0.0);
        x.iter().map(|x| x.sin() + 0.2 * x * x).sum::<f64>()
            + x[0] * x[x.len() - 1]
            + self.strength * past * past
    }

    /// The Hessian at x₀ with this share of the far side's.
    fn hessian(&self, share: f64) -> Array2<f64> {
        let n = self.x.len();
        let mut h = Array2::from_shape_fn((n, n), |(i, j)| {
            share * 2.0 * self.strength * self.a[i] * self.a[j]
        });
        for i in 0..n {
            h[[i, i]] += 0.4 - self.x[i].sin();
        }
        h[[0, n - 1]] += 1.0;
        h[[n - 1, 0]] += 1.0;
        h
    }
}

#[test]
fn a_hessian_lies_between_those_of_the_sides() {
    let functions = if cfg!(debug_assertions) { 40 } else { 120 };
    let mut random = Random(41);
    let mut told = 0;
    for _ in 0..functions {
        let f = Bent::draw(&mut random);
        for share in [0.0, 1.0, random.within(0.1, 0.9)] {
            let h = |_: &Array1<f64>| f.hessian(share);
            let report = check::hessian(|x: &Array1<f64>| f.value(x), h, &f.x).unwrap();
            assert_eq!(report.counts().wrong, 0, "{share}: {report}");
            assert!(report.is_ok(), "{share}: {report}");
            told += report.counts().not_smooth;
        }
        for share in [-0.5, 1.5] {
            let h = |_: &Array1<f64>| f.hessian(share);
            let report = check::hessian(|x: &Array1<f64>| f.value(x), h, &f.x).unwrap();
            assert!(!report.is_ok(), "{share}: {report}");
            assert_eq!(report.counts().right, 0, "{share}: {report}");
        }
        let v = Array1::from(random.vector(f.x.len()));
        for (share, right) in [(0.0, true), (1.0, true), (-1.0, false), (2.0, false)] {
            let product = |_: &Array1<f64>, v: &Array1<f64>| f.hessian(share).dot(v);
            let value = |x: &Array1<f64>| f.value(x);
            let report = check::hessian_vector(value, product, &f.x, &v).unwrap();
            let wrong = report.counts().wrong;
            // The jump of a product vanishes with a·v.
            let seen = f.a.dot(&v).abs() > 0.1;
            assert!(
                if right {
                    wrong == 0
                } else {
                    wrong > 0 || !seen
                },
                "{share}: {report}"
            );
        }
    }
    assert!(told > 5 * functions / 2, "{told}");
}

/// The squared hinge and the square with a sign at their corners.
#[test]
fn one_sided_curvature() {
    let at = |f: fn(f64) -> f64, second: f64, x: f64| {
        let h = move |_: &Array1<f64>| array![[second]];
        check::hessian(|x: &Array1<f64>| f(x[0]), h, &array![x]).unwrap()
    };
    let hinge: fn(f64) -> f64 = |x| x.max(0.0).powi(2);
    let signed: fn(f64) -> f64 = |x| x * x.abs();
    for (f, second, right) in [
        (hinge, 0.0, true),
        (hinge, 1.0, true),
        (hinge, 2.0, true),
        (hinge, -1.0, false),
        (hinge, 2.5, false),
        (signed, 2.0, true),
        (signed, -2.0, true),
        (signed, 3.0, false),
        (signed, -2.5, false),
    ] {
        let report = at(f, second, 0.0);
        assert_eq!(report.is_ok(), right, "{second}: {report}");
        if !right {
            assert_eq!(report.diagnosis, Some(Diagnosis::OutsideSlopes), "{report}");
        }
    }
    let report = at(signed, 2.0, 0.0);
    let Verdict::NotSmooth { left, right } = report.entries[0].verdict else {
        panic!("{report}");
    };
    assert!(
        (left + 2.0).abs() < 1e-6 && (right - 2.0).abs() < 1e-6,
        "{report}"
    );
    // The slope jumps, and nothing bends on either side.
    let sum = |x: &Array1<f64>| x.iter().map(|x| x.abs()).sum::<f64>();
    let x = array![0.0, 1.0, 0.0];
    for (diagonal, right) in [(0.0, true), (1.0, false)] {
        let h = |x: &Array1<f64>| Array2::eye(x.len()) * diagonal;
        let report = check::hessian(sum, h, &x).unwrap();
        assert_eq!(report.counts().wrong == 0, right, "{report}");
        assert_eq!(report.is_ok(), right, "{report}");
    }
}
