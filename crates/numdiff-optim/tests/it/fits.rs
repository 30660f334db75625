//! Weighted, fixed, bounded, robust, profiled, rank-deficient and far fits against reference results
//! (tests/golden/fits.json).

use numdiff_optim::{Fit, Loss, ParameterError, Status, least_squares};
use numdiff_problems::regression::{Formula, fits, numbers, predictors};
use serde_json::Value;

/// A task of the file, with its data.
struct Task {
    name: String,
    formula: Formula,
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    sigma: Option<Vec<f64>>,
    start: Vec<f64>,
    task: Value,
}

impl Task {
    fn model(&self, b: &[f64], x: &[Vec<f64>]) -> Vec<f64> {
        x.iter().map(|x| self.formula.eval(b, x)).collect()
    }

    fn residuals(&self, b: &[f64]) -> Vec<f64> {
        let model = self.model(b, &self.x);
        model.iter().zip(&self.y).map(|(m, y)| m - y).collect()
    }

    fn expected(&self, key: &str) -> &Value {
        &self.task["expected"][key]
    }
}

fn tasks(feature: &str) -> Vec<Task> {
    let mut all = Vec::new();
    for set in fits() {
        for task in set["tasks"].as_array().unwrap() {
            if task["feature"] != feature {
                continue;
            }
            let model = task.get("model").unwrap_or(&set["model"]);
            let sigma = match (&task["weights"], task.get("sigma")) {
                (Value::String(_), Some(own)) if !own.is_null() => Some(numbers(own)),
                (Value::String(_), _) => Some(numbers(&set["sigma"])),
                _ => None,
            };
            all.push(Task {
                name: task["id"].as_str().unwrap().into(),
                formula: Formula::parse(model.as_str().unwrap()),
                x: predictors(&set["x"]),
                y: numbers(&set["y"]),
                sigma,
                start: numbers(&task["start"]),
                task: task.clone(),
            });
        }
    }
    assert!(!all.is_empty(), "{feature}");
    all
}

/// `b3` is parameter 2.
fn index(name: &str) -> usize {
    name[1..].parse::<usize>().unwrap() - 1
}

fn close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = |e: &f64| tolerance * e.abs().max(1e-12);
    let off = found
        .iter()
        .zip(expected)
        .any(|(f, e)| !((f - e).abs() <= scale(e)));
    assert!(!off, "{what}: {found:?} instead of {expected:?}");
}

fn errors_of(fit: &Fit<Vec<f64>>, free: &[usize]) -> Vec<f64> {
    let errors = fit.standard_errors();
    free.iter().map(|&i| errors[i]).collect()
}

/// Digits that are asked of parameters and errors.
const SIX: f64 = 1e-6;

#[test]
fn weights_relative_and_absolute() {
    for task in tasks("a") {
        let sigma = task.sigma.as_ref().unwrap();
        let r = |b: &[f64]| task.residuals(b);
        let fit = least_squares(r, &task.start).sigma(sigma).run().unwrap();
        assert!(fit.status.is_success(), "{}: {}", task.name, fit.status);
        close(&fit.x, &numbers(task.expected("params")), SIX, &task.name);
        close(
            &[fit.value],
            &[task.expected("chi2").as_f64().unwrap()],
            SIX,
            &task.name,
        );
        let all: Vec<usize> = (0..fit.x.len()).collect();
        let relative = &task.expected("absolute_sigma_false")["se"];
        close(&errors_of(&fit, &all), &numbers(relative), 1e-5, &task.name);
        let fit = least_squares(r, &task.start)
            .sigma(sigma)
            .absolute_sigma()
            .run()
            .unwrap();
        let absolute = &task.expected("absolute_sigma_true")["se"];
        close(&errors_of(&fit, &all), &numbers(absolute), 1e-5, &task.name);
    }
}

#[test]
fn fixed_parameters_and_equal_bounds() {
    for task in tasks("b") {
        let r = |b: &[f64]| task.residuals(b);
        let (mut start, mut fixed) = (task.start.clone(), Vec::new());
        for (name, value) in task.task["fixed"].as_object().unwrap() {
            start[index(name)] = value.as_f64().unwrap();
            fixed.push(index(name));
        }
        let (mut lower, mut upper) = (vec![-1e9; start.len()], vec![1e9; start.len()]);
        for &i in &fixed {
            (lower[i], upper[i]) = (start[i], start[i]);
        }
        let free: Vec<usize> = (0..start.len()).filter(|i| !fixed.contains(i)).collect();
        let by_name = least_squares(r, &start).fixed(&fixed).run().unwrap();
        let by_bounds = least_squares(r, &start)
            .bounds(&lower, &upper)
            .run()
            .unwrap();
        for fit in [by_name, by_bounds] {
            assert!(fit.status.is_success(), "{}: {}", task.name, fit.status);
            close(&fit.x, &numbers(task.expected("params")), SIX, &task.name);
            let expected = numbers(task.expected("se_free_scaled"));
            close(&errors_of(&fit, &free), &expected, 1e-5, &task.name);
            let dof = task.expected("dof").as_u64().unwrap() as usize;
            assert_eq!(fit.degrees_of_freedom(), dof);
            for &i in &fixed {
                assert_eq!(fit.standard_errors().of(i), ParameterError::Fixed);
            }
        }
    }
}

#[test]
fn parameters_held_by_bounds() {
    for task in tasks("c") {
        let r = |b: &[f64]| task.residuals(b);
        let n = task.start.len();
        let (mut lower, mut upper) = (vec![f64::NEG_INFINITY; n], vec![f64::INFINITY; n]);
        for (name, pair) in task.task["bounds"].as_object().unwrap() {
            lower[index(name)] = pair[0].as_f64().unwrap_or(f64::NEG_INFINITY);
            upper[index(name)] = pair[1].as_f64().unwrap_or(f64::INFINITY);
        }
        let fit = least_squares(r, &task.start)
            .bounds(&lower, &upper)
            .run()
            .unwrap();
        assert!(fit.status.is_success(), "{}: {}", task.name, fit.status);
        close(&fit.x, &numbers(task.expected("params")), SIX, &task.name);
        let free: Vec<usize> = numbers(task.expected("free"))
            .iter()
            .map(|k| *k as usize - 1)
            .collect();
        close(
            &errors_of(&fit, &free),
            &numbers(task.expected("se_free")),
            1e-5,
            &task.name,
        );
        for (name, side) in task.expected("held").as_object().unwrap() {
            let told = match side.as_str() {
                Some("lower") => ParameterError::AtLowerBound,
                _ => ParameterError::AtUpperBound,
            };
            assert_eq!(fit.standard_errors().of(index(name)), told, "{}", task.name);
        }
    }
}

#[test]
fn robust_losses() {
    for task in tasks("d") {
        let r = |b: &[f64]| task.residuals(b);
        let scale = task.task["f_scale"].as_f64().unwrap();
        let losses = [
            ("linear", Loss::Linear),
            ("soft_l1", Loss::SoftL1(scale)),
            ("huber", Loss::Huber(scale)),
            ("cauchy", Loss::Cauchy(scale)),
            ("arctan", Loss::Arctan(scale)),
        ];
        for (name, loss) in losses {
            let expected = task.expected(name);
            let what = format!("{} {name}", task.name);
            let fit = least_squares(r, &task.start).loss(loss).run().unwrap();
            let cost = expected["cost"].as_f64().unwrap();
            let mut minima = vec![(cost, numbers(&expected["params"]))];
            for other in expected["other_minima"].as_array().into_iter().flatten() {
                minima.push((other["cost"].as_f64().unwrap(), numbers(&other["params"])));
            }
            // Two of the losses are not convex: a listed minimum, or a status that is no success.
            let near = |(cost, _): &&(f64, Vec<f64>)| (0.5 * fit.value / cost - 1.0).abs() < 1e-6;
            match minima.iter().find(near) {
                Some((_, x)) => close(&fit.x, x, 1e-5, &what),
                // Only the lowest of many are listed.
                None if expected["other_minima_found"].as_u64() > Some(7) => {}
                None => assert!(
                    !fit.status.is_success(),
                    "{what}: {} {}",
                    fit.value,
                    fit.status
                ),
            }
            if matches!(loss, Loss::Linear | Loss::SoftL1(_) | Loss::Huber(_)) {
                assert!(fit.status.is_success(), "{what}: {}", fit.status);
                close(&[0.5 * fit.value], &[cost], SIX, &what);
            }
        }
    }
}

#[test]
fn profile_intervals() {
    for task in tasks("e") {
        let r = |b: &[f64]| task.residuals(b);
        let plain = least_squares(r, &task.start).run().unwrap();
        let sigma = vec![task.task["sigma_for_chi2"].as_f64().unwrap(); task.y.len()];
        let weighted = match &task.sigma {
            Some(own) => own.clone(),
            None => sigma,
        };
        let known = least_squares(r, &task.start)
            .sigma(&weighted)
            .absolute_sigma()
            .run()
            .unwrap();
        let plain = match &task.sigma {
            Some(own) => least_squares(r, &task.start).sigma(own).run().unwrap(),
            None => plain,
        };
        for (key, fit) in [
            ("F_68.27", &plain),
            ("F_95", &plain),
            ("chi2_68.27", &known),
            ("chi2_95", &known),
        ] {
            let expected = task.expected(key);
            let level = expected["probability"].as_f64().unwrap();
            for (name, ends) in expected["intervals"].as_object().unwrap() {
                let what = format!("{} {key} {name}", task.name);
                let profile = fit.profile(r, index(name), level).unwrap();
                for (found, end) in [(profile.lower, &ends[0]), (profile.upper, &ends[1])] {
                    match (found, end.as_f64()) {
                        (Some(found), Some(end)) => {
                            let error = fit.standard_errors()[index(name)];
                            assert!((found - end).abs() < 1e-5 * error, "{what}: {found} {end}");
                        }
                        (None, None) => {}
                        // The rate passes 0, where the amplitude is infinite: the note of the file allows for it.
                        (_, Some(end)) if end < 0.0 && task.name.starts_with("bod") => {}
                        (found, end) => panic!("{what}: {found:?} {end:?}"),
                    }
                }
            }
        }
    }
}

#[test]
fn bands() {
    for task in tasks("f") {
        let r = |b: &[f64]| task.residuals(b);
        let run = least_squares(r, &task.start);
        let fit = match &task.sigma {
            Some(sigma) => run.sigma(sigma),
            None => run,
        };
        let fit = fit.run().unwrap();
        let points = task.expected("points").as_array().unwrap();
        let column = |key: &str| -> Vec<f64> {
            points
                .iter()
                .map(|p| p[key].as_f64().unwrap_or(f64::NAN))
                .collect()
        };
        let at: Vec<Vec<f64>> = column("x").iter().map(|x| vec![*x]).collect();
        let band = fit.band(|b: &[f64]| task.model(b, &at), 0.95).unwrap();
        close(&band.value.to_vec(), &column("value"), SIX, &task.name);
        close(
            &band.standard_error.to_vec(),
            &column("se_fit"),
            1e-5,
            &task.name,
        );
        close(
            &band.confidence.to_vec(),
            &column("confidence_halfwidth_95"),
            1e-5,
            &task.name,
        );
        let sigma: Vec<f64> = column("sigma_at_x")
            .iter()
            .map(|s| if s.is_nan() { 1.0 } else { *s })
            .collect();
        let prediction = band.prediction_with(&sigma).to_vec();
        close(
            &prediction,
            &column("prediction_halfwidth_95"),
            1e-5,
            &task.name,
        );
    }
}

#[test]
fn combinations_that_are_undetermined_are_named() {
    for task in tasks("g") {
        let r = |b: &[f64]| task.residuals(b);
        let fit = least_squares(r, &task.start).run().unwrap();
        println!("{}\n{fit}", task.name);
        let rss = task.expected("rss").as_f64().unwrap();
        close(&[fit.value], &[rss], SIX, &task.name);
        let errors = fit.standard_errors();
        for name in task.expected("undetermined").as_array().unwrap() {
            let told = errors.of(index(name.as_str().unwrap()));
            assert_eq!(told, ParameterError::Undetermined, "{}", task.name);
        }
        for (name, truth) in task.expected("determined").as_object().unwrap() {
            let i = index(name);
            close(
                &[fit.x[i]],
                &[truth["value"].as_f64().unwrap()],
                SIX,
                &task.name,
            );
            close(
                &[errors[i]],
                &[truth["se"].as_f64().unwrap()],
                1e-5,
                &task.name,
            );
        }
        let dof = task.expected("dof").as_u64().unwrap() as usize;
        assert_eq!(fit.degrees_of_freedom(), dof, "{}", task.name);
    }
}

#[test]
fn far_starts_end_in_the_minimum_or_are_told() {
    let (mut runs, mut solved) = (0, 0);
    for task in tasks("h") {
        let expected = task.expected("rss").as_f64().unwrap();
        for start in task.task["starts"].as_array().unwrap() {
            let start = numbers(&start["start"]);
            let fit = least_squares(|b: &[f64]| task.residuals(b), &start)
                .run()
                .unwrap();
            let reached = fit.value <= 1.001 * expected;
            println!("{} {start:?} {} {}", task.name, fit.evaluations, fit.status);
            assert!(
                reached || !fit.status.is_success(),
                "{}: {} {}",
                task.name,
                fit.value,
                fit.status
            );
            runs += 1;
            solved += usize::from(reached && fit.status.is_success());
        }
    }
    // Two exponentials that start nearly equal and grow by e^56 are told.
    assert!(solved + 1 >= runs, "{solved} of {runs}");
}

/// A fit that is started again where it claimed claims at once, and lowers the sum by rounding at most.
#[test]
fn a_claim_holds_from_where_it_was_made() {
    for feature in ["a", "b", "e", "f"] {
        for task in tasks(feature) {
            let r = |b: &[f64]| task.residuals(b);
            let fit = least_squares(r, &task.start).run().unwrap();
            let again = least_squares(r, &fit.x).run().unwrap();
            assert!(again.status.is_success(), "{}: {}", task.name, again.status);
            let n = fit.x.len();
            let gain = fit.value - again.value;
            let at_once = again.iterations == 0 && again.evaluations <= 4 * (n + 1);
            assert!(
                at_once || gain <= 1e-12 * fit.value,
                "{}: {gain:e} {}",
                task.name,
                again.evaluations
            );
        }
    }
}

/// A parameter that r does not see, and one that runs away, are named in the status.
#[test]
fn degenerate_ends_name_their_parameters() {
    let unused = |x: &[f64]| vec![x[0] - 1.0, 2.0 * (x[0] + 1.0), x[0] - 3.0 + 0.0 * x[1]];
    let fit = least_squares(unused, &vec![0.5, 0.5]).run().unwrap();
    println!("{fit}");
    assert!(
        !fit.status.is_success() && fit.status.to_string().contains("x[1]"),
        "{}",
        fit.status
    );
    assert_eq!(fit.standard_errors().of(1), ParameterError::Undetermined);
    let away = |x: &[f64]| {
        (1..8)
            .map(|t| (1.0 - f64::exp(-x[0] * f64::from(t))) - 2.0)
            .collect::<Vec<_>>()
    };
    let fit = least_squares(away, &vec![1.0]).run().unwrap();
    assert!(!fit.status.is_success(), "{}", fit.status);
}

/// Threads and batches see the points that the serial run sees.
#[test]
fn batches_threads_records_and_tables() {
    let t: Vec<f64> = (0..12).map(|i| 0.25 * f64::from(i)).collect();
    let model = move |p: &[f64]| -> Vec<f64> {
        t.iter()
            .map(|t| {
                p[0] * f64::exp(-p[1] * t) + p[2]
                    - 2.0 * f64::exp(-0.7 * t)
                    - 0.01 * f64::sin(7.0 * t)
            })
            .collect()
    };
    let start = vec![1.0, 1.0, 0.1];
    let names: &[&str] = &["height", "rate", "floor"];
    let serial = least_squares(&model, &start)
        .names(names)
        .record()
        .run()
        .unwrap();
    let batch = |points: ndarray::ArrayView2<'_, f64>| -> Vec<Vec<f64>> {
        points
            .rows()
            .into_iter()
            .map(|row| model(&row.to_vec()))
            .collect()
    };
    let batched = least_squares(&model, &start).batch(batch).run().unwrap();
    assert_eq!(
        (&serial.x, serial.evaluations),
        (&batched.x, batched.evaluations)
    );
    {
        let threaded = least_squares(&model, &start).threads().run().unwrap();
        assert_eq!(
            (&serial.x, serial.evaluations),
            (&threaded.x, threaded.evaluations)
        );
    }
    assert_eq!(
        serial.trajectory.records.last().unwrap().iteration,
        serial.iterations
    );
    let table = serial.to_string();
    for part in [
        "height",
        "rate",
        "floor",
        "correlation of",
        "chi²",
        "9 degrees of freedom",
        "converged",
    ] {
        assert!(table.contains(part), "{table}");
    }
    {
        let json = serde_json::to_value(&serial).unwrap();
        assert_eq!(json["names"][1], "rate");
        assert!(json["standard_errors"][0].as_f64().unwrap() > 0.0);
    }
    assert!(matches!(serial.status, Status::Converged { .. }));
}

/// The lengths of what is left of each column beside the others.
fn lengths_beside_others(columns: &[Vec<f64>]) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let beside = |k: usize| {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let others = (0..columns.len()).filter(|j| *j != k);
        for j in others.chain([k]) {
            let mut left = columns[j].clone();
            // Twice is enough (Kahan and Parlett).
            for _ in 0..2 {
                for q in &basis {
                    let along = dot(q, &left);
                    left.iter_mut().zip(q).for_each(|(l, q)| *l -= along * q);
                }
            }
            let length = dot(&left, &left).sqrt();
            if j == k {
                return length;
            }
            basis.push(left.iter().map(|l| l / length).collect());
        }
        unreachable!()
    };
    (0..columns.len()).map(beside).collect()
}

/// Two parameters that are nearly the same to the residuals, so that they end large, beside small ones: all have errors,
/// those of linear theory.
#[test]
fn correlated_parameters_beside_small_ones_have_errors() {
    let drawn = |k: usize| 2.0 * (k as f64 * 0.618_033_988_749_894_8).fract() - 1.0;
    for apart in [3e-6, 1e-5, 1e-4, 1e-2] {
        for draw in 0..8 {
            let m = 9 + 3 * draw;
            let column =
                |c: usize| (0..m).map(move |i| drawn(31 * draw + 7 * i * (c + 1) + i * i + c));
            let mut columns: Vec<Vec<f64>> = (0..4).map(|c| column(c).collect()).collect();
            for i in 0..m {
                columns[1][i] = apart * columns[1][i] - columns[0][i];
            }
            let truth = [-1.7, -0.6, -2.1, 0.01];
            let row = |p: &[f64], i: usize| (0..4).map(|c| p[c] * columns[c][i]).sum::<f64>();
            let data: Vec<f64> = (0..m)
                .map(|i| row(&truth, i) + 0.1 * drawn(13 * i + 5 * draw + 3))
                .collect();
            let residuals =
                |p: &[f64]| -> Vec<f64> { (0..m).map(|i| row(p, i) - data[i]).collect() };
            let fit = least_squares(residuals, &[-1.0, 0.0, -2.0, 0.0][..])
                .run()
                .unwrap();
            let errors = fit.standard_errors();
            let s = (fit.value / (m - 4) as f64).sqrt();
            for (k, length) in lengths_beside_others(&columns).into_iter().enumerate() {
                let want = s / length;
                assert!(
                    (errors[k] / want - 1.0).abs() < 1e-4,
                    "{apart:e} {draw} {k}: {} for {want:e}; {}",
                    errors.of(k),
                    fit.status
                );
            }
        }
    }
}
