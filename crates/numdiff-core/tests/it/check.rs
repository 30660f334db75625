//! The checker on correct derivatives and on planted bugs.

use crate::bugs::{CLASSES, Class, FAMILIES, Problem, Random, noise, problem, slice, spoil};
use ndarray::{Array1, Array2, ArrayRef, ArrayRef1, IxDyn, array};
use numdiff_core::Error;
use numdiff_core::check::{self, Diagnosis, Region, Report};
use std::cell::Cell;
use std::collections::BTreeMap;

fn class_of(report: &Report) -> Option<Class> {
    Some(match report.diagnosis.as_ref()? {
        Diagnosis::SignFlipped => Class::Sign,
        Diagnosis::ConstantFactor { .. } => Class::Factor,
        Diagnosis::Transposed => Class::Transposed,
        Diagnosis::ShiftedByOne { .. } => Class::Shifted,
        Diagnosis::Block { .. } => Class::Block,
        Diagnosis::MissingTerm { .. } => Class::MissingTerm,
        Diagnosis::Kink => Class::Kink,
        Diagnosis::NotDeterministic { .. } => Class::NotDeterministic,
        Diagnosis::TooNoisy { .. } => Class::TooNoisy,
        _ => return None,
    })
}

/// torch.autograd.gradcheck's documented criterion with its defaults, in double precision: central
/// differences with eps = 1e-6, |a - n| <= atol + rtol |n|, atol = 1e-5, rtol = 1e-3; and two calls
/// must agree to nondet_tol = 0, which it asks of the gradient.
fn torch_alarms(f: &dyn Fn(&[f64]) -> f64, g: &[f64], x: &[f64]) -> bool {
    alarms(f, g, x, 1e-6, |a, n| (a - n).abs() > 1e-5 + 1e-3 * n.abs())
}

/// The `gradcheck` crate's 0.1, f64 defaults: step 1e-5, a mismatch when
/// |a - n| > 1e-10 + 1e-6 max(|a|, |n|).
fn gradcheck_alarms(f: &dyn Fn(&[f64]) -> f64, g: &[f64], x: &[f64]) -> bool {
    alarms(f, g, x, 1e-5, |a, n| {
        (a - n).abs() > 1e-10 + 1e-6 * a.abs().max(n.abs())
    })
}

fn alarms(
    f: &dyn Fn(&[f64]) -> f64,
    g: &[f64],
    x: &[f64],
    h: f64,
    mismatch: impl Fn(f64, f64) -> bool,
) -> bool {
    let mut point = x.to_vec();
    (0..x.len()).any(|i| {
        point[i] = x[i] + h;
        let high = f(&point);
        point[i] = x[i] - h;
        let low = f(&point);
        let span = (x[i] + h) - (x[i] - h);
        point[i] = x[i];
        let n = (high - low) / span;
        !n.is_finite() || mismatch(g[i], n)
    })
}

const SCALES: [(f64, f64); 6] = [
    (1.0, 1.0),
    (1e-4, 1.0),
    (1e3, 1e-6),
    (1.0, 1e8),
    (1e6, 1e3),
    (1e-2, 1e-9),
];
const SIZES: [usize; 5] = [3, 5, 9, 16, 30];

/// What a planted bug does to f and g; `None` where the class does not exist for the shape.
fn run(p: &Problem, class: Class, seed: u64) -> Option<(Report, bool, bool)> {
    if class == Class::Transposed && p.shape.len() < 2 {
        return None;
    }
    let x = p.point();
    let mut random = Random(seed);
    let size = (p.f)(&p.x).abs().max(1e-300);
    let calls = Cell::new(seed);
    let scale = p.x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let at = random.below(p.x.len());
    let slope = (p.g)(&p.x).iter().fold(0.0_f64, |m, g| m.max(g.abs())) * random.within(0.3, 3.0);
    let center = p.x[at];
    let kink = random.below(3);
    let f = |x: &[f64]| match class {
        Class::Kink => {
            let d = x[at] - center;
            (p.f)(x)
                + slope
                    * match kink {
                        0 => d.abs(),
                        1 => d.max(0.0),
                        _ => 2.0 * d.min(0.0),
                    }
        }
        // Dropout, an unseeded sample: a per mille to a few percent of f.
        Class::NotDeterministic => {
            calls.set(calls.get() + 1);
            let level = 10_f64.powf(-3.0 + 2.0 * Random(seed).unit());
            (p.f)(x) + level * size * (2.0 * Random(calls.get()).unit() - 1.0)
        }
        // Noise larger than f itself, wherever one looks, and than its change over the scale of x.
        Class::TooNoisy => {
            let change = slope * scale;
            (p.f)(x) + 3.0 * (p.f)(x).abs().max(size).max(change) * noise(x)
        }
        _ => (p.f)(x),
    };
    let g = |x: &[f64]| spoil(class, &p.shape, (p.g)(x), (p.incomplete)(x), seed);
    let report = check::gradient(
        |x: &ArrayRef<f64, IxDyn>| f(&slice(x)),
        |x: &ArrayRef<f64, IxDyn>| g(&slice(x)),
        &x,
    )
    .unwrap();
    let spoiled = g(&p.x);
    let (torch, gradcheck) = (
        torch_alarms(&f, &spoiled, &p.x),
        gradcheck_alarms(&f, &spoiled, &p.x),
    );
    Some((report, torch, gradcheck))
}

/// At least 99 % found, the class right in at least 90 %; the others' defaults beside it.
#[test]
fn planted_bugs_are_found_and_named() {
    let mut random = Random(20);
    let mut table: BTreeMap<Class, [usize; 5]> = BTreeMap::new();
    for class in CLASSES {
        for family in 0..FAMILIES {
            for trial in 0..6 {
                let (sx, sf) = SCALES[(trial + family) % SCALES.len()];
                let n = SIZES[(trial + 2 * family) % SIZES.len()];
                let p = problem(family, n, sx, sf, &mut random);
                let seed = random.next();
                let Some((report, torch, gradcheck)) = run(&p, class, seed) else {
                    continue;
                };
                let found = !report.is_ok()
                    || matches!(report.diagnosis, Some(Diagnosis::NotDeterministic { .. }));
                let named = class_of(&report) == Some(class);
                if !named {
                    println!(
                        "{class:?} in {} {:?} sx {sx} sf {sf}: {report}",
                        p.name, p.shape
                    );
                }
                let row = table.entry(class).or_default();
                for (count, yes) in row.iter_mut().zip([true, found, named, torch, gradcheck]) {
                    *count += usize::from(yes);
                }
            }
        }
    }
    println!(
        "{:>18} {:>6} {:>6} {:>6} {:>6} {:>10}",
        "class", "bugs", "found", "named", "torch", "gradcheck"
    );
    let mut sums = [0; 5];
    for (class, row) in &table {
        println!(
            "{:>18} {:>6} {:>6} {:>6} {:>6} {:>10}",
            format!("{class:?}"),
            row[0],
            row[1],
            row[2],
            row[3],
            row[4]
        );
        sums.iter_mut().zip(row).for_each(|(s, r)| *s += r);
    }
    println!(
        "{:>18} {:>6} {:>6} {:>6} {:>6} {:>10}",
        "all", sums[0], sums[1], sums[2], sums[3], sums[4]
    );
    assert!(sums[0] >= 200);
    assert!(
        100 * sums[1] >= 99 * sums[0],
        "found {} of {}",
        sums[1],
        sums[0]
    );
    assert!(
        10 * sums[2] >= 9 * sums[0],
        "named {} of {}",
        sums[2],
        sums[0]
    );
}

/// Not one false alarm on 1,000 correct gradients, scaled from 1e-9 to 1e8, half of them with
/// noise from rounding's size up to 1e-5 of f.
#[test]
fn correct_gradients_raise_no_alarm() {
    let mut random = Random(7);
    let (mut alarms, mut torch, mut gradcheck) = (0, 0, 0);
    for trial in 0..1000 {
        let family = trial % FAMILIES;
        let (sx, sf) = (
            10_f64.powf(random.within(-6.0, 6.0)),
            10_f64.powf(random.within(-9.0, 8.0)),
        );
        let n = 2 + random.below(8);
        let p = problem(family, n, sx, sf, &mut random);
        let level = if trial % 2 == 0 {
            0.0
        } else {
            10_f64.powf(random.within(-13.0, -5.0))
        };
        let size = (p.f)(&p.x).abs();
        let f = |x: &[f64]| (p.f)(x) + level * size * noise(x);
        let report = check::gradient(
            |x: &ArrayRef<f64, IxDyn>| f(&slice(x)),
            |x: &ArrayRef<f64, IxDyn>| (p.g)(&slice(x)),
            &p.point(),
        )
        .unwrap();
        if !report.is_ok() {
            alarms += 1;
            println!(
                "{} {:?} sx {sx:e} sf {sf:e} noise {level:e}: {report}",
                p.name, p.shape
            );
        }
        let g = (p.g)(&p.x);
        torch += usize::from(torch_alarms(&f, &g, &p.x));
        gradcheck += usize::from(gradcheck_alarms(&f, &g, &p.x));
    }
    println!("false alarms of 1000: {alarms}; torch's defaults {torch}, gradcheck's {gradcheck}");
    assert_eq!(alarms, 0);
}

fn system(x: &ArrayRef1<f64>) -> Array1<f64> {
    let n = x.len();
    Array1::from_shape_fn(n, |i| {
        (x[i] * (1.0 + i as f64)).sin() + x[(i + 1) % n].powi(2) * x[(i + 2) % n] + 0.5 * x[i]
    })
}

fn system_jacobian(x: &ArrayRef1<f64>, linear: f64) -> Array2<f64> {
    let n = x.len();
    let mut j = Array2::zeros((n, n));
    for i in 0..n {
        let k = 1.0 + i as f64;
        j[(i, i)] += k * (x[i] * k).cos() + linear;
        j[(i, (i + 1) % n)] += 2.0 * x[(i + 1) % n] * x[(i + 2) % n];
        j[(i, (i + 2) % n)] += x[(i + 1) % n].powi(2);
    }
    j
}

#[test]
fn jacobians_are_diagnosed() {
    let mut random = Random(11);
    for n in [3, 4, 6, 9] {
        let x = Array1::from_shape_fn(n, |_| random.within(0.3, 1.5));
        let check = |spoil: &dyn Fn(Array2<f64>) -> Array2<f64>| {
            check::jacobian(
                system,
                |x: &ArrayRef1<f64>| spoil(system_jacobian(x, 0.5)),
                &x,
            )
            .unwrap()
        };
        check(&|j| j).assert_ok();
        assert_eq!(check(&|j| -j).diagnosis, Some(Diagnosis::SignFlipped));
        assert!(
            matches!(check(&|j| j * 0.25).diagnosis, Some(Diagnosis::ConstantFactor { factor }) if (factor - 4.0).abs() < 1e-9)
        );
        assert_eq!(
            check(&|j| j.reversed_axes().as_standard_layout().to_owned()).diagnosis,
            Some(Diagnosis::Transposed)
        );
        let row = check(&|mut j| {
            j.row_mut(1).mapv_inplace(|v| 2.0 * v);
            j
        });
        assert!(
            matches!(&row.diagnosis, Some(Diagnosis::Block { region: Region::Row(1), nature: Some(nature) }) if matches!(**nature, Diagnosis::ConstantFactor { .. })),
            "{row}"
        );
        let column = check(&|mut j| {
            j.column_mut(2).mapv_inplace(|v| -v);
            j
        });
        assert!(
            matches!(
                &column.diagnosis,
                Some(Diagnosis::Block {
                    region: Region::Column(2),
                    ..
                })
            ),
            "{column}"
        );
        let other = check(&|mut j| {
            let (a, b) = (j.row(0).to_owned(), j.row(1).to_owned());
            j.row_mut(1).assign(&a);
            j.row_mut(0).assign(&b);
            j
        });
        assert!(!other.is_ok());
        let shifted = check(&|j| {
            Array2::from_shape_fn((n, n), |(i, k)| if k == 0 { 0.0 } else { j[(i, k - 1)] })
        });
        assert!(
            matches!(
                shifted.diagnosis,
                Some(Diagnosis::ShiftedByOne {
                    axis: 1,
                    offset: -1
                })
            ),
            "{shifted}"
        );
        let missing =
            check::jacobian(system, |x: &ArrayRef1<f64>| system_jacobian(x, 0.0), &x).unwrap();
        assert!(
            matches!(missing.diagnosis, Some(Diagnosis::MissingTerm { .. })),
            "{missing}"
        );
    }
}

#[test]
fn hessians_and_products_are_checked() {
    let f = |x: &ArrayRef1<f64>| {
        x.iter().map(|v| v.powi(4)).sum::<f64>() + x[0] * x[1] * x[2] + (x[1] + 2.0 * x[3]).sin()
    };
    let h = |x: &ArrayRef1<f64>| {
        let mut h = Array2::from_diag(&x.mapv(|v| 12.0 * v * v));
        for (i, j, v) in [(0, 1, x[2]), (0, 2, x[1]), (1, 2, x[0])] {
            h[(i, j)] += v;
            h[(j, i)] += v;
        }
        let s = -(x[1] + 2.0 * x[3]).sin();
        h[(1, 1)] += s;
        h[(3, 3)] += 4.0 * s;
        h[(1, 3)] += 2.0 * s;
        h[(3, 1)] += 2.0 * s;
        h
    };
    let x = array![0.7, -1.1, 0.4, 1.3];
    check::hessian(f, h, &x).unwrap().assert_ok();
    assert_eq!(
        check::hessian(f, |x: &ArrayRef1<f64>| -h(x), &x)
            .unwrap()
            .diagnosis,
        Some(Diagnosis::SignFlipped)
    );
    let entry = check::hessian(
        f,
        |x: &ArrayRef1<f64>| {
            let mut h = h(x);
            h[(3, 1)] = 0.0;
            h
        },
        &x,
    )
    .unwrap();
    assert_eq!(entry.worst[0].index, [3, 1]);
    assert!(
        matches!(&entry.diagnosis, Some(Diagnosis::Block { region: Region::Entry(at), .. }) if at == &[3, 1]),
        "{entry}"
    );

    let v = array![0.5, -0.2, 1.0, 0.3];
    check::hessian_vector(
        f,
        |x: &ArrayRef1<f64>, v: &ArrayRef1<f64>| h(x).dot(v),
        &x,
        &v,
    )
    .unwrap()
    .assert_ok();
    assert!(
        !check::hessian_vector(
            f,
            |x: &ArrayRef1<f64>, v: &ArrayRef1<f64>| 1.001 * h(x).dot(v),
            &x,
            &v
        )
        .unwrap()
        .is_ok()
    );
    let jacobian = |x: &ArrayRef1<f64>| system_jacobian(x, 0.5);
    check::jacobian_vector(
        system,
        |x: &ArrayRef1<f64>, v: &ArrayRef1<f64>| jacobian(x).dot(v),
        &x,
        &v,
    )
    .unwrap()
    .assert_ok();
    let vjp = check::vector_jacobian(
        system,
        |x: &ArrayRef1<f64>, u: &ArrayRef1<f64>| jacobian(x).t().dot(u),
        &x,
        &v,
    )
    .unwrap();
    vjp.assert_ok();
    // The classic: the product with the Jacobian where that with its transpose is asked for.
    assert!(
        !check::vector_jacobian(
            system,
            |x: &ArrayRef1<f64>, u: &ArrayRef1<f64>| jacobian(x).dot(u),
            &x,
            &v
        )
        .unwrap()
        .is_ok()
    );
}

/// One and two coordinates leave little to compare: the second point tells factor from term.
#[test]
fn small_gradients_are_diagnosed() {
    let one = array![0.8];
    let f = |x: &ArrayRef1<f64>| x[0].sin() + x[0].powi(3);
    let run = |g: &dyn Fn(f64) -> f64| {
        check::gradient(f, |x: &ArrayRef1<f64>| array![g(x[0])], &one).unwrap()
    };
    run(&|x| x.cos() + 3.0 * x * x).assert_ok();
    assert_eq!(
        run(&|x| -x.cos() - 3.0 * x * x).diagnosis,
        Some(Diagnosis::SignFlipped)
    );
    assert!(matches!(
        run(&|x| 0.7301 * (x.cos() + 3.0 * x * x)).diagnosis,
        Some(Diagnosis::ConstantFactor { .. })
    ));
    assert!(matches!(
        run(&|x| x.cos()).diagnosis,
        Some(Diagnosis::MissingTerm { .. })
    ));
    let two = array![0.8, -0.4];
    let f = |x: &ArrayRef1<f64>| x[0].sin() * x[1].exp() + x[1].powi(2);
    let swapped = check::gradient(
        f,
        |x: &ArrayRef1<f64>| {
            array![
                x[0].sin() * x[1].exp() + 2.0 * x[1],
                x[0].cos() * x[1].exp()
            ]
        },
        &two,
    )
    .unwrap();
    assert!(
        matches!(swapped.diagnosis, Some(Diagnosis::ShiftedByOne { .. })),
        "{swapped}"
    );
}

#[test]
fn forgotten_terms_are_recognized() {
    let n = 6;
    let x = Array1::from_shape_fn(n, |i| {
        0.3 + 0.4 * i as f64 * if i % 2 == 0 { 1.0 } else { -1.0 }
    });
    let main = |x: &ArrayRef1<f64>| x.mapv(|v| v.cos());
    let term = |extra: &dyn Fn(f64) -> f64| {
        let f = |x: &ArrayRef1<f64>| x.iter().map(|v| v.sin() + extra(*v)).sum::<f64>();
        check::gradient(f, main, &x).unwrap().diagnosis
    };
    use check::Term::{Constant, Proportional, Sign};
    assert!(
        matches!(term(&|v| 0.05 * v * v), Some(Diagnosis::MissingTerm { looks_like: Some(Proportional { factor }) }) if (factor - 0.1).abs() < 1e-8)
    );
    assert!(
        matches!(term(&|v| 0.2 * v.abs()), Some(Diagnosis::MissingTerm { looks_like: Some(Sign { factor }) }) if (factor - 0.2).abs() < 1e-8)
    );
    assert!(
        matches!(term(&|v| 3.0 * v), Some(Diagnosis::MissingTerm { looks_like: Some(Constant { value }) }) if (value - 3.0).abs() < 1e-8)
    );
}

/// The mode for large n finds the same bugs for a handful of evaluations, but can't place them.
#[test]
fn directions_find_bugs_at_any_size() {
    let mut random = Random(3);
    let (mut wrong, mut found) = (0, 0);
    for family in 0..FAMILIES {
        let p: Problem = problem(family, 40, 1.0, 1.0, &mut random);
        let f = |x: &ArrayRef<f64, IxDyn>| (p.f)(&slice(x));
        let report = check::directions(
            f,
            |x: &ArrayRef<f64, IxDyn>| (p.g)(&slice(x)),
            &p.point(),
            5,
        )
        .unwrap();
        assert!(report.is_ok(), "{}: {report}", p.name);
        assert!(report.evaluations <= 120);
        for class in [
            Class::Sign,
            Class::Factor,
            Class::Shifted,
            Class::Block,
            Class::MissingTerm,
        ] {
            let g = |x: &ArrayRef<f64, IxDyn>| {
                spoil(
                    class,
                    &p.shape,
                    (p.g)(&slice(x)),
                    (p.incomplete)(&slice(x)),
                    9,
                )
            };
            let report = check::directions(f, g, &p.point(), 5).unwrap();
            wrong += 1;
            found += usize::from(!report.is_ok());
            if class == Class::Sign {
                assert_eq!(report.diagnosis, Some(Diagnosis::SignFlipped));
            }
        }
    }
    assert_eq!(found, wrong);
    let report = check::directions_of(
        system,
        |x: &ArrayRef1<f64>| system_jacobian(x, 0.5),
        &array![0.4, 0.9, 1.2],
        1,
    )
    .unwrap();
    report.assert_ok();
    assert!(
        !check::directions_of(
            system,
            |x: &ArrayRef1<f64>| system_jacobian(x, 0.4),
            &array![0.4, 0.9, 1.2],
            1
        )
        .unwrap()
        .is_ok()
    );
}

#[test]
fn taylor_slopes_are_two_or_one() {
    let mut random = Random(5);
    for trial in 0..90 {
        let (sx, sf) = SCALES[trial % SCALES.len()];
        let p = problem(trial % FAMILIES, 6, sx, sf, &mut random);
        let f = |x: &ArrayRef<f64, IxDyn>| (p.f)(&slice(x));
        let seed = random.next();
        let right = check::taylor(
            f,
            |x: &ArrayRef<f64, IxDyn>| (p.g)(&slice(x)),
            &p.point(),
            seed,
        )
        .unwrap();
        assert!(
            right.is_ok() && (right.slope - 2.0).abs() < 0.3,
            "{} {right}",
            p.name
        );
        let wrong = check::taylor(
            f,
            |x: &ArrayRef<f64, IxDyn>| (p.g)(&slice(x)).iter().map(|g| 1.5 * g).collect::<Vec<_>>(),
            &p.point(),
            seed,
        )
        .unwrap();
        assert!(
            !wrong.is_ok() && (wrong.slope - 1.0).abs() < 0.3,
            "{} {wrong}",
            p.name
        );
        assert_eq!(wrong.evaluations, 22);
    }
    // A linear f leaves rounding alone.
    let linear = check::taylor(
        |x: &ArrayRef1<f64>| 3.0 * x[0] - x[1],
        |_: &ArrayRef1<f64>| array![3.0, -1.0],
        &array![1.0, 2.0],
        1,
    )
    .unwrap();
    assert!(linear.is_ok() && linear.slope.is_infinite());
    check::taylor_of(
        system,
        |x: &ArrayRef1<f64>| system_jacobian(x, 0.5),
        &array![0.4, 0.9, 1.2],
        1,
    )
    .unwrap()
    .assert_ok();
}

#[test]
fn bad_input_and_odd_functions() {
    let f = |x: &ArrayRef1<f64>| x.sum();
    let g = |x: &ArrayRef1<f64>| Array1::ones(x.len());
    assert!(matches!(
        check::gradient(f, g, &Array1::zeros(0)),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        check::gradient(f, g, &array![f64::INFINITY]),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        check::gradient(f, |_: &ArrayRef1<f64>| vec![1.0], &array![1.0, 2.0]),
        Err(Error::Length { .. })
    ));
    assert!(matches!(
        check::gradient(|_: &ArrayRef1<f64>| Err::<f64, _>("no"), g, &array![1.0]),
        Err(Error::Function { .. })
    ));
    assert!(matches!(
        check::jacobian(|x: &ArrayRef1<f64>| x.to_owned(), g, &array![1.0, 2.0]),
        Err(Error::Length { expected: 4, .. })
    ));
    let nan = check::gradient(
        f,
        |_: &ArrayRef1<f64>| array![1.0, f64::NAN],
        &array![1.0, 2.0],
    )
    .unwrap();
    assert_eq!(
        (nan.is_ok(), nan.diagnosis),
        (false, Some(Diagnosis::NotFinite))
    );
    // A minimum: nothing but rounding on either side.
    let rosenbrock =
        |x: &ArrayRef1<f64>| 100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2);
    let slope = |x: &ArrayRef1<f64>| {
        array![
            -400.0 * x[0] * (x[1] - x[0].powi(2)) - 2.0 * (1.0 - x[0]),
            200.0 * (x[1] - x[0].powi(2))
        ]
    };
    check::gradient(rosenbrock, slope, &array![1.0, 1.0])
        .unwrap()
        .assert_ok();
    check::gradient(
        |_: &ArrayRef1<f64>| 4.0,
        |x: &ArrayRef1<f64>| Array1::zeros(x.len()),
        &array![1.0, 2.0],
    )
    .unwrap()
    .assert_ok();
    let text = check::gradient(
        f,
        |x: &ArrayRef1<f64>| -Array1::ones(x.len()),
        &array![1.0, 2.0],
    )
    .unwrap()
    .to_string();
    assert!(
        text.contains("FAILED, 2 of 2")
            && text.contains("sign flipped")
            && text.lines().count() == 5,
        "{text}"
    );
}

/// A derivative that noise hides must not pass because f changes a lot somewhere else: here at a
/// wall a tenth of x away, while the noise at x is ten times the change that the derivative claims.
#[test]
fn what_noise_hides_does_not_pass() {
    let x = array![1.0, 2.0, 0.7];
    let far = |(x, c): (&f64, &f64)| ((x / c - 1.0).abs() - 0.1).max(0.0).powi(3);
    let center = x.clone();
    let f = |x: &ArrayRef1<f64>| {
        let wall = 1e6 * x.iter().zip(&center).map(far).sum::<f64>();
        x[0] - x[1] + 0.5 * x[2] + wall + 10.0 * noise(x.as_slice().unwrap())
    };
    for g in [array![1.0, -1.0, 0.5], array![-1.0, 1.0, -0.5]] {
        let report = check::gradient(f, |_: &ArrayRef1<f64>| g.clone(), &x).unwrap();
        assert!(!report.is_ok(), "{report}");
    }
    // Without noise, and with noise that leaves a digit of it, the right one passes.
    for level in [0.0, 1e-7] {
        let f = |x: &ArrayRef1<f64>| {
            let v = x.as_slice().unwrap();
            x[0] - x[1] + 0.5 * x[2] + level * noise(v)
        };
        let report = check::gradient(f, |_: &ArrayRef1<f64>| array![1.0, -1.0, 0.5], &x).unwrap();
        report.assert_ok();
    }
}

/// Entries that agree by chance hide neither end of a rotation.
#[test]
fn a_rotation_of_equal_entries_is_a_shift() {
    let x = array![0.3, -0.2, 0.9, 1.1];
    let f = |x: &ArrayRef1<f64>| (3.0 * x[0] + 2.0 * (x[1] + x[2] + x[3])).exp();
    for right in [1, 3] {
        let g = |x: &ArrayRef1<f64>| {
            let mut g = [3.0, 2.0, 2.0, 2.0].map(|a| a * f(x));
            g.rotate_right(right);
            Array1::from(g.to_vec())
        };
        let report = check::gradient(f, g, &x).unwrap();
        assert!(
            matches!(report.diagnosis, Some(Diagnosis::ShiftedByOne { .. })),
            "{report}"
        );
    }
}
