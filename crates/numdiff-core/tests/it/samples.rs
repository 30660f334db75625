//! Derivatives of sampled data: exact on polynomials, equal to the peers', and errors for bad data.

use crate::bugs::Random;
use ndarray::{Array1, Array2, Axis, array};
use numdiff_core::{Error, SampledDifference};

/// Distances of places, drawn: even (none), or uneven by up to a factor of ten.
fn places(random: &mut Random, count: usize, even: bool) -> Vec<f64> {
    let mut x = random.within(-2.0, 2.0);
    let step = 10_f64.powf(random.within(-3.0, 3.0));
    (0..count)
        .map(|_| {
            x += step * if even { 1.0 } else { random.within(0.2, 2.0) };
            x
        })
        .collect()
}

fn polynomial(c: &[f64], t: f64) -> f64 {
    c.iter().rev().fold(0.0, |sum, c| sum * t + c)
}

/// Coefficients of the derivative of this order.
fn differentiated(c: &[f64], order: usize) -> Vec<f64> {
    (0..order).fold(c.to_vec(), |c, _| {
        let terms = c.iter().enumerate().skip(1);
        terms.map(|(k, c)| k as f64 * c).collect()
    })
}

/// Exact on polynomials of degree below order + accuracy, or of the fitted degree, at every sample.
#[test]
fn polynomials_are_exact() {
    let mut random = Random(41);
    for trial in 0..400 {
        let order = 1 + random.below(4);
        let accuracy = 1 + random.below(6);
        let least_squares = trial % 2 == 0;
        let (method, degree, size) = if least_squares {
            let degree = order + random.below(4);
            let window = 2 * (degree / 2 + 1 + random.below(4)) + 1;
            let method = SampledDifference::savitzky_golay(order, window, degree);
            (method, degree, window)
        } else {
            let method = SampledDifference::new(order).with_accuracy(accuracy);
            (method, order + accuracy - 1, order + accuracy)
        };
        let even = random.next() & 1 == 0;
        let count = size + random.below(12);
        let x = places(&mut random, count, even);
        let (center, width) = (x[0], (x[x.len() - 1] - x[0]).abs());
        let c = random.vector(degree + 1);
        let t = |x: f64| (x - center) / width;
        let values: Vec<f64> = x.iter().map(|x| 1e3 + polynomial(&c, t(*x))).collect();
        let found = method.differentiate(&values, &x).unwrap();
        let slopes = differentiated(&c, order);
        for (i, x) in x.iter().enumerate() {
            let truth = polynomial(&slopes, t(*x)) / width.powi(order as i32);
            // The rounding of the samples, as far as the weights carry it, and of the places.
            let rounding = found.variance[i].sqrt() * 1e3 * f64::EPSILON;
            let tolerance = 40.0 * rounding
                + 1e-9 * slopes.iter().map(|s| s.abs()).sum::<f64>() / width.powi(order as i32);
            assert!(
                (found.value[i] - truth).abs() <= tolerance,
                "{method:?} at {i} of {}: {} for {truth}, {tolerance:e}",
                values.len(),
                found.value[i]
            );
        }
    }
}

/// Halving the spacing divides the error by 2^accuracy, in the middle and at the ends.
#[test]
fn the_error_falls_with_the_accuracy() {
    for order in 1..=3 {
        for accuracy in 1..=4 {
            let error = |count: usize, uneven: bool| {
                let h = 1.0 / count as f64;
                let stretch = |t: f64| if uneven { t + 0.1 * (3.0 * t).sin() } else { t };
                let x: Vec<f64> = (0..=count).map(|i| stretch(i as f64 * h)).collect();
                let values: Vec<f64> = x.iter().map(|x| (2.0 * x).sin()).collect();
                let method = SampledDifference::new(order).with_accuracy(accuracy);
                let found = if uneven {
                    method.differentiate(&values, &x)
                } else {
                    method.differentiate(&values, h)
                };
                let truth = |x: f64| {
                    2_f64.powi(order as i32)
                        * (2.0 * x + order as f64 * std::f64::consts::FRAC_PI_2).sin()
                };
                let apart = |(x, d): (&f64, &f64)| (d - truth(*x)).abs();
                x.iter()
                    .zip(&found.unwrap().value)
                    .map(apart)
                    .fold(0.0, f64::max)
            };
            for uneven in [false, true] {
                let rate = (error(40, uneven) / error(80, uneven)).log2();
                assert!(
                    rate > accuracy as f64 - 0.35,
                    "order {order}, accuracy {accuracy}, uneven {uneven}: {rate}"
                );
            }
        }
    }
}

/// The variance is that of the derivatives of noise alone.
#[test]
fn the_variance_is_that_of_noise() {
    let mut random = Random(43);
    let count = 15;
    let x = places(&mut random, count, false);
    let deviations: Vec<f64> = (0..count).map(|_| random.within(0.1, 2.0)).collect();
    for method in [
        SampledDifference::new(1).with_accuracy(3),
        SampledDifference::new(2),
        SampledDifference::savitzky_golay(0, 7, 2),
        SampledDifference::savitzky_golay(1, 9, 3),
    ] {
        let method = method.with_noise(&deviations);
        let mut sums = vec![0.0; count];
        const DRAWS: usize = 4000;
        let mut expected = Vec::new();
        for _ in 0..DRAWS {
            // Uniform noise of standard deviation 1 has the half-width sqrt(3).
            let draw = |s: &f64| s * random.within(-1.0, 1.0) * 3_f64.sqrt();
            let noise: Vec<f64> = deviations.iter().map(draw).collect();
            let found = method.differentiate(&noise, &x).unwrap();
            sums.iter_mut()
                .zip(&found.value)
                .for_each(|(s, v)| *s += v * v);
            expected = found.variance;
        }
        for (sum, expected) in sums.iter().zip(&expected) {
            // Five standard deviations of a variance from so many draws.
            let ratio = sum / DRAWS as f64 / expected;
            assert!(
                (ratio - 1.0).abs() < 5.0 * (2.0 / DRAWS as f64).sqrt(),
                "{ratio}"
            );
        }
    }
    // One deviation for all scales the variance by its square.
    let unit = SampledDifference::new(1)
        .differentiate(&deviations, &x)
        .unwrap();
    let three = SampledDifference::new(1)
        .with_noise(3.0)
        .differentiate(&deviations, &x)
        .unwrap();
    for (a, b) in unit.variance.iter().zip(&three.variance) {
        assert!((9.0 * a - b).abs() <= 1e-14 * b);
    }
}

/// A fit of the smallest window is interpolation.
#[test]
fn a_fit_of_the_smallest_window_interpolates() {
    let mut random = Random(44);
    for _ in 0..50 {
        let (order, even) = (1 + random.below(3), random.next() & 1 == 0);
        let degree = 2 * (order / 2 + 1 + random.below(2));
        let x = places(&mut random, degree + 8, even);
        let values = random.vector(x.len());
        let fit = SampledDifference::savitzky_golay(order, degree + 1, degree);
        let through = SampledDifference::new(order).with_accuracy(degree + 1 - order);
        let (a, b) = (
            fit.differentiate(&values, &x).unwrap(),
            through.differentiate(&values, &x).unwrap(),
        );
        for i in 0..x.len() {
            let tolerance = 1e-9 * b.variance[i].sqrt();
            assert!((a.value[i] - b.value[i]).abs() <= tolerance);
        }
    }
}

/// numpy.gradient, findiff and scipy.signal.savgol_filter.
#[test]
fn peers_agree() {
    let text = include_str!("../../../../tests/golden/sampled_derivatives.json");
    let cases: serde_json::Value = serde_json::from_str(text).unwrap();
    let numbers = |v: &serde_json::Value| -> Vec<f64> {
        v.as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect()
    };
    let mut seen = 0;
    for case in cases.as_array().unwrap() {
        let size = |name: &str| case[name].as_u64().map(|v| v as usize);
        let order = size("order").unwrap();
        let method = match (size("window"), size("degree")) {
            (Some(window), Some(degree)) => {
                SampledDifference::savitzky_golay(order, window, degree)
            }
            _ => SampledDifference::new(order).with_accuracy(size("accuracy").unwrap()),
        };
        let values = numbers(&case["values"]);
        let found = match case["spacing"].as_f64() {
            Some(spacing) => method.differentiate(&values, spacing),
            None => method.differentiate(&values, numbers(&case["places"])),
        };
        let found = found.unwrap();
        let largest = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        for (row, expected) in numbers(&case["rows"])
            .iter()
            .zip(numbers(&case["expected"]))
        {
            let i = *row as usize;
            // Rounding of weights times values; findiff and SciPy solve linear systems for their weights:
            // rational arithmetic finds them off by up to 6e-11 of the result and 3e-13 of the values.
            let rounding = 200.0 * f64::EPSILON * largest * found.variance[i].sqrt();
            let peer = match case["peer"].as_str() {
                Some("findiff") => 1e-9 * expected.abs(),
                Some("savgol_filter") => 1e-12 * largest,
                _ => 0.0,
            };
            let tolerance = rounding + peer;
            assert!(
                (found.value[i] - expected).abs() <= tolerance,
                "{} order {order} row {i}: {} for {expected}, {tolerance:e}",
                case["peer"],
                found.value[i]
            );
            seen += 1;
        }
    }
    assert!(seen > 1000, "{seen}");
}

/// Along an axis as along each of its lanes; results in the kind of what was passed.
#[test]
fn axes_and_kinds() {
    let mut random = Random(45);
    let x = places(&mut random, 9, false);
    let f = Array2::from_shape_fn((9, 5), |_| random.within(-1.0, 1.0));
    let method = SampledDifference::new(2).with_noise(0.5);
    let all = method.along_axis(&f, Axis(0), &x).unwrap();
    for (j, lane) in f.columns().into_iter().enumerate() {
        let one = method.differentiate(&lane, &x).unwrap();
        assert_eq!(
            (one.value, one.variance),
            (
                all.value.column(j).to_owned(),
                all.variance.column(j).to_owned()
            )
        );
    }
    let transposed = method.along_axis(&f.t(), Axis(1), &x).unwrap();
    assert_eq!(transposed.value, all.value.t());
    let slope: [f64; 3] = SampledDifference::new(1)
        .differentiate(&[1.0, 3.0, 5.0], 2.0)
        .unwrap()
        .value;
    assert_eq!(slope, [1.0; 3]);
    let slope: Vec<f64> = SampledDifference::new(1)
        .differentiate(&[1.0, 3.0, 5.0][..], &array![4.0, 2.0, 0.0])
        .unwrap()
        .value;
    assert_eq!(slope, [-1.0; 3]);
    assert!(matches!(
        method.along_axis(&f, Axis(2), &x),
        Err(Error::OutOfRange {
            argument: "axis",
            ..
        })
    ));
}

/// Powers of two go through: derivatives of f 2^a at places 2^b apart are those of f at places 1 apart times
/// 2^(a - b order), wherever these are numbers, though the spacing to the power of the order may not be.
#[test]
fn scales_go_through() {
    let mut random = Random(46);
    for trial in 0..200 {
        let (order, window) = (1 + trial % 4, 5 + 2 * (trial % 3));
        let method = if trial % 2 == 0 {
            SampledDifference::new(order)
        } else {
            SampledDifference::savitzky_golay(order, window, 4)
        };
        let (n, b) = (12, 1000 - 2 * random.below(1000) as i32);
        let a = (b * order as i32).clamp(-900, 900);
        let two = |exponent: i32| f64::from(exponent).exp2();
        let f = random.vector(n);
        let far: Vec<f64> = f.iter().map(|f| f * two(a)).collect();
        let one = method.differentiate(&f, 1.0).unwrap();
        let found = method.with_noise(0.0).differentiate(&far, two(b));
        let left = a - b * order as i32;
        if !(-900..900).contains(&left) {
            continue;
        }
        assert_eq!(
            found.unwrap().value,
            one.value.iter().map(|d| d * two(left)).collect::<Vec<_>>(),
            "order {order}, 2^{a}, 2^{b}"
        );
    }
}

#[test]
fn bad_samples_are_named() {
    let d = || SampledDifference::new(1);
    let five = [1.0, 2.0, 4.0, 7.0, 11.0];
    let x = [0.0, 1.0, 2.0, 3.0, 4.0];
    let at = |places: &[f64]| d().differentiate(&five, places).unwrap_err();
    assert!(matches!(
        at(&[0.0, 1.0, 1.0, 2.0, 3.0]),
        Error::RepeatedNode {
            value: 1.0,
            index: 2
        }
    ));
    assert!(matches!(
        at(&[0.0, 2.0, 1.0, 3.0, 4.0]),
        Error::NotSorted {
            argument: "grid",
            index: 2,
            ..
        }
    ));
    assert!(matches!(
        at(&[4.0, 2.0, 1.0, 3.0, 0.0]),
        Error::NotSorted { index: 3, .. }
    ));
    assert!(matches!(
        at(&[0.0, 1.0, f64::NAN, 3.0, 4.0]),
        Error::NotFinite {
            argument: "grid",
            index: 2,
            ..
        }
    ));
    assert!(matches!(
        at(&[0.0, 1.0, 2.0, 3.0]),
        Error::Length {
            argument: "grid",
            found: 4,
            expected: 5
        }
    ));
    for spacing in [0.0, f64::NAN, f64::INFINITY] {
        let error = d().differentiate(&five, spacing).unwrap_err();
        assert!(
            matches!(
                error,
                Error::OutOfRange {
                    argument: "spacing",
                    ..
                }
            ),
            "{error}"
        );
    }
    let error = d()
        .differentiate(&[1.0, f64::INFINITY, 2.0], 1.0)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::NotFinite {
            argument: "values",
            index: 1,
            ..
        }
    ));
    assert!(matches!(
        d().differentiate(&Array1::<f64>::zeros(0), 1.0),
        Err(Error::Empty { .. })
    ));
    let few = SampledDifference::new(2)
        .with_accuracy(4)
        .differentiate(&five, x)
        .unwrap_err();
    assert!(
        matches!(
            few,
            Error::TooFewSamples {
                found: 5,
                needed: 6
            }
        ),
        "{few}"
    );
    for (order, accuracy) in [(0, 2), (1, 0), (20, 5), (usize::MAX, 2)] {
        let error = SampledDifference::new(order)
            .with_accuracy(accuracy)
            .differentiate(&five, x);
        assert!(
            matches!(error, Err(Error::OutOfRange { .. })),
            "{order} {accuracy}"
        );
    }
    for (window, degree) in [(4, 2), (3, 3), (7, 2), (1, 1), (0, 0)] {
        let error = SampledDifference::savitzky_golay(1, window, degree).differentiate(&five, x);
        assert!(
            matches!(error, Err(Error::Window { .. })),
            "{window} {degree}"
        );
    }
    let high = SampledDifference::savitzky_golay(3, 5, 2).differentiate(&five, x);
    assert!(matches!(high, Err(Error::OutOfRange { .. })));
    for noise in [-1.0, f64::NAN, f64::INFINITY] {
        let error = d().with_noise(noise).differentiate(&five, x);
        assert!(matches!(
            error,
            Err(Error::OutOfRange {
                argument: "noise",
                ..
            })
        ));
    }
    for noise in [&[1.0][..], &[1.0, 2.0], &[]] {
        let error = d().with_noise(noise).differentiate(&five, x);
        assert!(matches!(
            error,
            Err(Error::Length {
                argument: "noise",
                expected: 5,
                ..
            })
        ));
    }
    // A place that another can't be told from, seen from afar, by its name in the grid.
    let error = d().differentiate(&five, [0.0, 1e-200, 1.0, 2.0, 1e200]);
    assert!(matches!(
        error,
        Err(Error::RepeatedNode {
            value: 2.0,
            index: 3
        })
    ));
    // Rows of an image are no continuation of each other.
    let image = d().differentiate(&array![[1.0, 2.0], [3.0, 4.0]], 1.0);
    assert!(matches!(image, Err(Error::OutOfRange { value: 2.0, .. })));
    assert!(d().differentiate(&array![[1.0], [3.0], [4.0]], 1.0).is_ok());
    let error = d().differentiate(&[-1e308, 1e308, 1e308], 1e-3);
    assert!(matches!(error, Err(Error::ResultOverflows { .. })));
    let error = d().differentiate(&[0.0, 1.0, 2.0], [-1.5e308, 0.0, 1.5e308]);
    assert!(error.is_err());
}
