//! Verdicts on drawn functions: kinks at every distance, jumps, large offsets, f32, zeros.

use crate::bugs::Random;
use ndarray::{Array1, array};
use numdiff_core::check::{self, Diagnosis, Reason, Report, Verdict};

fn one(f: impl Fn(f64) -> f64, slope: f64, x: f64) -> Report {
    check::gradient(
        |x: &Array1<f64>| f(x[0]),
        |_: &Array1<f64>| array![slope],
        &array![x],
    )
    .unwrap()
}

/// 10^u with u uniform.
fn decades(random: &mut Random, low: f64, high: f64) -> f64 {
    10_f64.powf(random.within(low, high))
}

struct Kinked {
    x: f64,
    at: f64,
    strength: f64,
    frequency: f64,
    scale: f64,
}

impl Kinked {
    /// sin plus a kink of relative size 0.01 to 10 at `at`.
    fn draw(random: &mut Random, distance: f64) -> Kinked {
        let sign = |r: &mut Random| if r.next() & 1 == 0 { 1.0 } else { -1.0 };
        let size = decades(random, -3.0, 3.0);
        let x = sign(random) * size * random.within(0.5, 1.0);
        Kinked {
            x,
            at: x + sign(random) * distance * size,
            strength: sign(random) * decades(random, -2.0, 1.0),
            frequency: random.within(0.3, 3.0) / size,
            scale: decades(random, -6.0, 6.0),
        }
    }

    fn value(&self, x: f64) -> f64 {
        let kink = self.strength * self.frequency * (x - self.at).max(0.0);
        self.scale * ((self.frequency * x).sin() + kink)
    }

    /// Slopes of the left and the right branch at x.
    fn branches(&self) -> [f64; 2] {
        let smooth = self.frequency * (self.frequency * self.x).cos();
        [0.0, self.strength * self.frequency].map(|kink| self.scale * (smooth + kink))
    }

    fn check(&self, slope: f64) -> Report {
        one(|x| self.value(x), slope, self.x)
    }
}

/// A right derivative passes at any distance from a kink, and one that lies outside both branches
/// does not.
#[test]
fn kinks_at_every_distance() {
    let mut random = Random(31);
    let (mut outside, mut missed) = (0, 0);
    for trial in 0..1500 {
        let distance = if trial % 5 == 0 {
            0.0
        } else {
            decades(&mut random, -15.0, -0.5)
        };
        let f = Kinked::draw(&mut random, distance);
        let [left, right] = f.branches();
        let own = if f.x > f.at { right } else { left };
        let report = f.check(own);
        assert_eq!(report.counts().wrong, 0, "distance {distance:e}: {report}");
        assert!(report.is_ok(), "distance {distance:e}: {report}");
        // At the kink itself every value between the slopes is a subgradient.
        if distance == 0.0 {
            let between = left + random.within(0.1, 0.9) * (right - left);
            let report = f.check(between);
            assert_eq!(report.counts().not_smooth, 1, "{report}");
            assert!(report.is_ok() && report.diagnosis == Some(Diagnosis::Kink));
        }
        let width = (right - left).abs() + 0.1 * left.abs();
        let beyond = random.within(0.3, 3.0) * width;
        let slope = if random.next() & 1 == 0 {
            left.max(right) + beyond
        } else {
            left.min(right) - beyond
        };
        outside += 1;
        missed += usize::from(f.check(slope).is_ok());
    }
    assert_eq!(missed, 0, "of {outside}");
}

/// Two coordinates that tie, a hinge at its corner, a layer of rectified units: the kind of kink that
/// is met in practice.
#[test]
fn kinks_of_several_coordinates() {
    let tie = |x: &Array1<f64>| x.iter().copied().fold(f64::MIN, f64::max);
    let run = |g: [f64; 2]| {
        let g = move |_: &Array1<f64>| g.to_vec();
        check::gradient(tie, g, &array![1.0, 1.0]).unwrap()
    };
    for g in [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]] {
        let report = run(g);
        assert_eq!(
            (report.is_ok(), report.counts().not_smooth),
            (true, 2),
            "{report}"
        );
    }
    for g in [[1.5, 0.0], [0.0, -0.5], [2.0, 2.0]] {
        let report = run(g);
        assert!(!report.is_ok());
        assert_eq!(report.diagnosis, Some(Diagnosis::OutsideSlopes), "{report}");
    }
    let hinge = |x: &Array1<f64>| x.iter().map(|v| (1.0 - v).max(0.0)).sum::<f64>();
    let ones = |x: &Array1<f64>| -Array1::ones(x.len());
    let at = |x: [f64; 3]| check::gradient(hinge, ones, &Array1::from(x.to_vec())).unwrap();
    at([0.5, -2.0, 0.9]).assert_ok();
    assert_eq!(at([1.0, 1.0, 1.0]).counts().not_smooth, 3);
    assert_eq!(at([2.5, 1.2, 3.0]).diagnosis, Some(Diagnosis::Flat));
}

/// A jump at x hides every derivative; a step elsewhere hides none.
#[test]
fn jumps_are_told() {
    let mut random = Random(32);
    for _ in 0..100 {
        let x = f64::from(1 + random.below(9) as u8);
        let (height, slope) = (decades(&mut random, -3.0, 3.0), random.within(-2.0, 2.0));
        let f = |t: f64| height * t.floor() + slope * t;
        for claimed in [0.0, slope, 3.0] {
            let report = one(f, claimed, x);
            assert!(!report.is_ok(), "{report}");
            assert!(
                matches!(
                    report.entries[0].verdict,
                    Verdict::NotCheckable(Reason::Jump { .. })
                ),
                "{report}"
            );
            assert!(report.clone().allow_not_checkable().is_ok());
            assert!(report.to_string().contains("NOTHING CHECKED"));
        }
        one(f, slope, x + random.within(0.3, 0.7)).assert_ok();
    }
    for root in [f64::cbrt, |x: f64| x.abs().sqrt()] {
        let report = one(root, 0.0, 0.0);
        assert_eq!(report.diagnosis, Some(Diagnosis::NotConverged), "{report}");
    }
}

/// An error of a hundredth never passes as right, however large a constant hides it; without one it
/// is found.
#[test]
fn offsets_do_not_hide_mistakes() {
    let mut random = Random(33);
    let (mut wrong, mut hidden) = (0, 0);
    for _ in 0..600 {
        let offset = decades(&mut random, 0.0, 16.0);
        let x = random.within(-3.0, 3.0);
        let slope = 1.01 * x.cos();
        if slope.abs() < 0.1 {
            continue;
        }
        let report = one(|x| offset + x.sin(), slope, x);
        let counts = report.counts();
        assert_eq!(counts.right + counts.not_smooth, 0, "{offset:e}: {report}");
        wrong += counts.wrong;
        hidden += counts.not_checkable;
        assert!(offset > 1e9 || counts.wrong == 1, "{offset:e}: {report}");
        // The right one is never wrong.
        let right = one(|x| offset + x.sin(), x.cos(), x);
        assert_eq!(right.counts().wrong, 0, "{offset:e}: {right}");
        assert!(offset > 1e9 || right.is_ok());
    }
    assert!(wrong > 300 && hidden > 50, "{wrong} wrong, {hidden} hidden");
    let report = one(|x| 1e12 + x.sin(), 1.01 * 1_f64.cos(), 1.0);
    assert!(
        matches!(report.diagnosis, Some(Diagnosis::TooNoisy { .. })),
        "{report}"
    );
}

/// Functions that compute in single precision: right ones pass, an error of a hundredth is found.
#[test]
fn single_precision_inside() {
    let mut random = Random(34);
    for _ in 0..150 {
        let (a, b) = (random.within(0.3, 2.0), random.within(0.3, 2.0));
        let f = |x: &Array1<f64>| {
            let (a, b) = (x[0] as f32, x[1] as f32);
            f64::from((a * b).sin() + a * a + (-b).exp())
        };
        let gradient = |x: &Array1<f64>| {
            let c = (x[0] * x[1]).cos();
            array![x[1] * c + 2.0 * x[0], x[0] * c - (-x[1]).exp()]
        };
        let x = array![a, b];
        let report = check::gradient(f, gradient, &x).unwrap();
        report.assert_ok();
        let report = check::gradient(f, |x: &Array1<f64>| 1.01 * gradient(x), &x).unwrap();
        assert!(!report.is_ok(), "{report}");
        assert_eq!(report.counts().not_smooth, 0, "{report}");
    }
}

/// A derivative that is exactly zero agrees with zero, and one that is not does not.
#[test]
fn zero_gradients() {
    let mut random = Random(35);
    let normalized = |x: &Array1<f64>| {
        let mean = x.sum() / x.len() as f64;
        let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64;
        x.iter()
            .map(|v| (v - mean) / (variance + 1e-5).sqrt())
            .sum::<f64>()
    };
    for _ in 0..60 {
        let n = 2 + random.below(6);
        let x = Array1::from(random.vector(n));
        let report = check::gradient(normalized, |x: &Array1<f64>| Array1::zeros(x.len()), &x);
        let report = report.unwrap();
        assert_eq!(
            (report.is_ok(), report.counts().wrong),
            (true, 0),
            "{report}"
        );
        let text = report.to_string();
        assert!(
            text.contains("zero within") && !text.contains("1.0e0"),
            "{text}"
        );
        let off = |x: &Array1<f64>| Array1::from_elem(x.len(), 1e-6);
        let report = check::gradient(normalized, off, &x).unwrap();
        assert_eq!(
            (report.is_ok(), report.counts().right),
            (false, 0),
            "{report}"
        );
        // The minimum of a quadratic.
        let (center, curvature) = (x.clone(), decades(&mut random, -3.0, 3.0));
        let bowl = |x: &Array1<f64>| {
            let d = x.iter().zip(&center).map(|(x, c)| (x - c).powi(2));
            curvature * d.sum::<f64>()
        };
        let slope = |x: &Array1<f64>| (x.to_owned() - &center) * (2.0 * curvature);
        check::gradient(bowl, slope, &x).unwrap().assert_ok();
        let off = |x: &Array1<f64>| slope(x) + 1e-3 * curvature;
        assert!(!check::gradient(bowl, off, &x).unwrap().is_ok());
    }
}

/// A range of entries is named by its first and its last; a part that is all of it is not a part.
#[test]
fn regions_in_words() {
    let f = |x: &Array1<f64>| x.iter().map(|v| v.powi(3)).sum::<f64>();
    let x = Array1::linspace(1.0, 2.0, 9);
    let spoiled = |from: usize, to: usize| {
        let g = |x: &Array1<f64>| {
            let mut g = x.mapv(|v| 3.0 * v * v);
            (from..to).for_each(|k| g[k] *= 1.7);
            g
        };
        check::gradient(f, g, &x).unwrap().to_string()
    };
    assert!(spoiled(2, 5).contains("wrong in entries 2 to 4 only; all else agrees"));
    let five = Array1::linspace(1.0, 2.0, 5);
    let mixed = |x: &Array1<f64>| {
        let g = x.mapv(|v| 3.0 * v * v);
        array![g[0] + 0.3, g[1], 1.5 * g[2], g[3] - 1.0, 0.2 * g[4]]
    };
    let text = check::gradient(f, mixed, &five).unwrap().to_string();
    assert!(!text.contains("all else"), "{text}");
}

/// The four counts stand in the first line.
#[test]
fn the_headline_counts_all_four() {
    let x = array![1.0, 2.0, 0.0, 3.0];
    let f = |x: &Array1<f64>| x[0].sin() + x[1].exp() + x[2].abs() + x[3].floor();
    let g = |x: &Array1<f64>| array![x[0].cos(), 1.0, 0.5, 0.0];
    let report = check::gradient(f, g, &x).unwrap();
    let headline = "WRONG: 1 right, 1 wrong, 1 not smooth here, 1 not checkable";
    assert!(report.to_string().contains(headline), "{report}");
    let verdicts: Vec<Verdict> = report.findings().iter().map(|(_, e)| e.verdict).collect();
    assert!(matches!(
        verdicts[..],
        [
            Verdict::Wrong { .. },
            Verdict::NotSmooth { .. },
            Verdict::NotCheckable(_)
        ]
    ));
}
