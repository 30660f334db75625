//! Questions that make no sense are errors that name what is wrong.

use ndarray::{Array1, array};
use numdiff_core::SparsityPattern;
use numdiff_optim::{Error, Loss, Method, Schedule, Search, least_squares, minimize, stochastic};

fn bowl(x: &Array1<f64>) -> f64 {
    x.iter().map(|x| x * x).sum()
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn starts() {
    assert!(message(minimize(bowl, &Array1::zeros(0)).run()).contains('x'));
    assert!(message(minimize(bowl, &array![1.0, f64::NAN]).run()).contains("x[1]"));
    assert!(message(minimize(bowl, &array![f64::INFINITY]).run()).contains("x[0]"));
    // A start outside the box is moved into it.
    let outside = minimize(bowl, &array![3.0]).bounds(0.5, 1.0).run().unwrap();
    assert_eq!((outside.start_moved, outside.x[0]), (1, 0.5));
    assert!(
        message(minimize(bowl, &array![0.5]).bounds(1.0, 0.0).run())
            .contains("bounds of coordinate 0")
    );
    assert!(
        message(minimize(bowl, &array![0.5]).bounds(f64::NAN, 1.0).run())
            .contains("bounds of coordinate 0")
    );
    let lower = array![0.0, 0.0, 0.0];
    assert!(
        message(minimize(bowl, &array![0.5, 0.5]).bounds(&lower, 1.0).run()).contains("3 elements")
    );
    assert!(
        message(minimize(|_: &Array1<f64>| f64::NAN, &array![1.0]).run()).contains("f(x0) is NaN")
    );
    // Finite residuals whose squares are not.
    let steep = |x: &Array1<f64>| array![1e160 * x[0], 1.0];
    assert!(message(least_squares(steep, &array![1.0]).run()).contains("f(x0) is inf"));
    let fails = |_: &Array1<f64>| -> Result<f64, String> { Err("no license".into()) };
    assert!(message(minimize(fails, &array![1.0]).run()).contains("no license"));
}

#[test]
fn settings() {
    let x = array![1.0, 2.0];
    let with = |method| message(minimize(bowl, &x).method(method).run());
    for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(with(Method::GradientDescent { learning_rate }).contains("learning rate"));
        assert!(with(Method::adam(learning_rate)).contains("learning rate"));
    }
    assert!(
        with(Method::Momentum {
            learning_rate: 0.1,
            momentum: 1.0
        })
        .contains("momentum is 1")
    );
    assert!(
        with(Method::Nesterov {
            learning_rate: 0.1,
            momentum: -0.1
        })
        .contains("momentum")
    );
    assert!(
        with(Method::RmsProp {
            learning_rate: 0.1,
            decay: 2.0,
            epsilon: 1e-8,
        })
        .contains("decay is 2")
    );
    assert!(
        with(Method::Adam {
            learning_rate: 0.1,
            beta1: 1.0,
            beta2: 0.9,
            epsilon: 1e-8,
        })
        .contains("beta1")
    );
    assert!(
        with(Method::AdaGrad {
            learning_rate: 0.1,
            epsilon: 0.0,
        })
        .contains("epsilon is 0")
    );
    assert!(with(Method::adam_w(0.1, -1.0)).contains("weight decay"));
    assert!(with(Method::Lbfgs { memory: 0 }).contains("memory"));
    assert!(message(minimize(bowl, &x).max_evaluations(0).run()).contains("max_evaluations"));
    assert!(message(minimize(bowl, &x).tolerance(-1.0).run()).contains("tolerance"));
    assert!(message(minimize(bowl, &x).target(f64::NAN).run()).contains("target"));
    assert!(message(minimize(bowl, &x).record_every(0).run()).contains("record_every"));
    assert!(message(minimize(bowl, &x).search(Search::HagerZhang).run()).contains("search"));
    let schedule = Schedule::Exponential { factor: 2.0 };
    let run = minimize(bowl, &x)
        .method(Method::GradientDescent { learning_rate: 0.1 })
        .schedule(schedule)
        .run();
    assert!(message(run).contains("schedule factor"));
    assert!(
        message(
            minimize(bowl, &x)
                .schedule(Schedule::Inverse { half: 1.0 })
                .run()
        )
        .contains("schedule")
    );
}

#[test]
fn gradients_and_residuals() {
    let x = array![1.0, 2.0];
    let short = minimize(bowl, &x)
        .gradient(|_: &Array1<f64>| vec![1.0])
        .run();
    assert!(message(short).contains("1 elements where 2"));
    let fails = |_: &Array1<f64>| -> Result<Vec<f64>, &str> { Err("singular") };
    assert!(message(minimize(bowl, &x).gradient(fails).run()).contains("singular"));
    assert!(
        message(least_squares(|_: &Array1<f64>| Vec::<f64>::new(), &x).run()).contains("residuals")
    );
    assert!(message(least_squares(|_: &Array1<f64>| vec![f64::NAN], &x).run()).contains("NaN"));
    let wrong = least_squares(|x: &Array1<f64>| x.to_owned(), &x)
        .jacobian(|_: &Array1<f64>| vec![1.0])
        .run();
    assert!(message(wrong).contains("1 elements where 4"));
    assert!(
        message(
            least_squares(|x: &Array1<f64>| x.to_owned(), &x)
                .max_evaluations(0)
                .run()
        )
        .contains("max_evaluations")
    );
}

/// A derivative that is no number is not searched along.
#[test]
fn derivatives_that_are_not_finite() {
    let x = array![1.0, 2.0];
    for wrong in [f64::NAN, f64::INFINITY] {
        let says = format!("the gradient[1] is {wrong}");
        let methods = [
            Method::Automatic,
            Method::Bfgs,
            Method::NewtonCg,
            Method::adam(0.1),
        ];
        for method in methods {
            let at_once = minimize(bowl, &x).method(method.clone());
            let at_once = at_once.gradient(|x: &Array1<f64>| vec![2.0 * x[0], wrong]);
            assert!(message(at_once.run()).contains(&says), "{method:?}");
            let later = minimize(bowl, &x).method(method.clone());
            let later = later.gradient(|x: &Array1<f64>| {
                let second = if x[1] == 2.0 { 4.0 } else { wrong };
                vec![2.0 * x[0], second]
            });
            assert!(message(later.run()).contains(&says), "{method:?}");
        }
        let f = |x: &Array1<f64>, _: &i32| bowl(x);
        let run = stochastic(f, &x, [1]).gradient(|_: &Array1<f64>, _: &i32| vec![1.0, wrong]);
        assert!(message(run.run()).contains(&says));
        let fit = least_squares(|x: &Array1<f64>| x.to_owned(), &x)
            .jacobian(|_: &Array1<f64>| vec![1.0, 0.0, wrong, 1.0]);
        assert!(message(fit.run()).contains(&format!("the Jacobian[2] is {wrong}")));
    }
    // Ahead of x, outside f's domain, it is no fault: Nesterov's method then takes that of x.
    let f = |x: &Array1<f64>| x[0] - x[0].ln();
    let end = minimize(f, &array![5.0])
        .gradient(|x: &Array1<f64>| {
            vec![if x[0] > 0.0 {
                1.0 - 1.0 / x[0]
            } else {
                f64::NAN
            }]
        })
        .method(Method::Nesterov {
            learning_rate: 0.5,
            momentum: 0.9,
        })
        .run()
        .unwrap();
    assert!(
        end.status.is_success() && (end.x[0] - 1.0).abs() < 1e-7,
        "{} {}",
        end.x,
        end.status
    );
}

/// One value for each point: with another number nothing tells which is whose.
#[test]
fn batches_of_another_number_of_values() {
    for found in [0, 1, 3] {
        let x0 = array![1.0, 2.0];
        let run = minimize(bowl, &x0).batch(|_| vec![1.0; found]);
        let says = format!("the values of the batch has {found} elements where 2");
        assert!(message(run.run()).contains(&says));
    }
}

/// What the other doors reject, the fit rejects.
#[test]
fn fits() {
    let r = |x: &Array1<f64>| x.to_owned();
    let x = array![0.5, 0.5];
    assert!(message(least_squares(r, &Array1::zeros(0)).run()).contains('x'));
    assert!(message(least_squares(r, &array![1.0, f64::NAN]).run()).contains("x[1]"));
    assert!(message(least_squares(r, &array![f64::NEG_INFINITY]).run()).contains("x[0]"));
    let bounded = |lower: f64, upper: f64| message(least_squares(r, &x).bounds(lower, upper).run());
    // A start outside is moved to the nearest point.
    let moved = least_squares(r, &x).bounds(1.0, 2.0).run().unwrap();
    assert_eq!((moved.x, moved.start_moved), (array![1.0, 1.0], 2));
    assert!(bounded(1.0, 0.0).contains("bounds of coordinate 0"));
    assert!(bounded(f64::NAN, 1.0).contains("bounds of coordinate 0"));
    let lower = array![0.0, 0.0, 0.0];
    assert!(message(least_squares(r, &x).bounds(&lower, 1.0).run()).contains("3 elements"));
    for tolerance in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(message(least_squares(r, &x).tolerance(tolerance).run()).contains("tolerance"));
    }
    assert!(message(least_squares(r, &x).target(f64::NAN).run()).contains("target"));
    let infinite = |_: &Array1<f64>| vec![1.0, f64::INFINITY];
    assert!(message(least_squares(infinite, &x).run()).contains("inf"));
    let fails = |_: &Array1<f64>| -> Result<Vec<f64>, &str> { Err("no license") };
    assert!(message(least_squares(fails, &x).run()).contains("no license"));
    let fails = |_: &Array1<f64>| -> Result<Vec<f64>, &str> { Err("no Jacobian today") };
    assert!(message(least_squares(r, &x).jacobian(fails).run()).contains("no Jacobian today"));
    let pattern = || SparsityPattern::dense(2, 2).unwrap();
    let both = least_squares(r, &x)
        .jacobian(|_: &Array1<f64>| vec![1.0, 0.0, 0.0])
        .sparsity(pattern());
    assert!(message(both.run()).contains("4"));
    let wide = SparsityPattern::dense(2, 3).unwrap();
    assert!(message(least_squares(r, &x).sparsity(wide).run()).contains('3'));
}

#[test]
fn batches() {
    let f = |x: &Array1<f64>, _: &i32| bowl(x);
    let x = array![1.0, 2.0];
    let with = |method| message(stochastic(f, &x, [1, 2]).method(method).run());
    assert!(message(stochastic(f, &Array1::zeros(0), [1]).run()).contains('x'));
    assert!(message(stochastic(f, &array![f64::NAN], [1]).run()).contains("x[0]"));
    for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(with(Method::adam(learning_rate)).contains("learning rate"));
    }
    for momentum in [1.0, 1.5, -0.1, f64::NAN] {
        assert!(
            with(Method::Momentum {
                learning_rate: 0.1,
                momentum
            })
            .contains("momentum")
        );
    }
    assert!(with(Method::Lbfgs { memory: 0 }).contains("memory"));
    assert!(with(Method::Bfgs).contains("without a learning rate"));
    assert!(
        message(stochastic(f, &x, [1]).max_evaluations(0).run()).contains("max_evaluations is 0")
    );
    let schedule = Schedule::Cosine { period: 0 };
    assert!(message(stochastic(f, &x, [1]).schedule(schedule).run()).contains("schedule period"));
    let fails = |_: &Array1<f64>, _: &i32| -> Result<f64, &str> { Err("no license") };
    assert!(message(stochastic(fails, &x, [1]).run()).contains("no license"));
    let short = stochastic(f, &x, [1])
        .gradient(|_: &Array1<f64>, _: &i32| vec![1.0])
        .run();
    assert!(message(short).contains("1 elements where 2"));
    let fails = |_: &Array1<f64>, _: &i32| -> Result<Vec<f64>, &str> { Err("singular") };
    assert!(message(stochastic(f, &x, [1]).gradient(fails).run()).contains("singular"));
}

/// A saved run of another size, or outside the bounds of the new one.
#[test]
fn checkpoints() {
    let r = |x: &Array1<f64>| x.to_owned();
    let (x, other) = (array![1.0, 2.0], array![0.5]);
    let saved = || {
        minimize(bowl, &x)
            .max_iterations(0)
            .run()
            .unwrap()
            .checkpoint
    };
    let wrong = minimize(bowl, &x)
        .method(Method::Bfgs)
        .resume(saved())
        .run();
    assert!(message(wrong).contains("method"));
    let wrong = minimize(bowl, &x).bounds(0.0, 9.0).resume(saved()).run();
    assert!(message(wrong).contains("bounds"));
    let wrong = minimize(bowl, &other).resume(saved()).run();
    assert!(message(wrong).contains("unknowns of the checkpoint is 2"));
    let x0 = array![0.5, 0.5];
    let outside = minimize(bowl, &x0).bounds(0.0, 0.9).resume(saved());
    assert!(message(outside.run()).contains("x[0] = 1"));
    let saved = || {
        least_squares(r, &x)
            .max_iterations(0)
            .run()
            .unwrap()
            .checkpoint
    };
    let wrong = least_squares(r, &other).resume(saved()).run();
    assert!(message(wrong).contains("unknowns of the checkpoint is 2"));
    let wrong = least_squares(r, &x)
        .sigma(&[1.0, 2.0])
        .resume(saved())
        .run();
    assert!(
        message(wrong).contains("at the saved x"),
        "other weights, other residuals"
    );
    let wrong = least_squares(r, &x)
        .loss(Loss::Huber(1.0))
        .resume(saved())
        .run();
    assert!(message(wrong).contains("loss"));
    let wrong = least_squares(r, &x).fixed(&[1]).resume(saved()).run();
    assert!(message(wrong).contains("fixed"));
    let x0 = array![0.5, 0.5];
    let outside = least_squares(r, &x0).bounds(0.0, 0.9).resume(saved());
    assert!(message(outside.run()).contains("x[0] = 1"));
    let f = |x: &Array1<f64>, _: &i32| bowl(x);
    let saved = stochastic(f, &x, [1]).run().unwrap().checkpoint;
    let wrong = stochastic(f, &other, [1]).resume(saved).run();
    assert!(message(wrong).contains("unknowns of the checkpoint is 2"));
}
