//! Questions that make no sense are errors that name what is wrong.

use ndarray::{Array1, ArrayRef1, array};
use numdiff_optim::{Error, Method, Schedule, Search, least_squares, minimize};

fn bowl(x: &ArrayRef1<f64>) -> f64 {
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
    let outside = minimize(bowl, &array![3.0]).bounds(0.0, 1.0).run();
    assert!(message(outside).contains("x[0] = 3"));
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
        message(minimize(|_: &ArrayRef1<f64>| f64::NAN, &array![1.0]).run())
            .contains("f(x0) is NaN")
    );
    let fails = |_: &ArrayRef1<f64>| -> Result<f64, String> { Err("no license".into()) };
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
            decay: 2.0
        })
        .contains("decay is 2")
    );
    assert!(
        with(Method::Adam {
            learning_rate: 0.1,
            beta1: 1.0,
            beta2: 0.9
        })
        .contains("beta1")
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
        .gradient(|_: &ArrayRef1<f64>| vec![1.0])
        .run();
    assert!(message(short).contains("1 elements where 2"));
    let fails = |_: &ArrayRef1<f64>| -> Result<Vec<f64>, &str> { Err("singular") };
    assert!(message(minimize(bowl, &x).gradient(fails).run()).contains("singular"));
    assert!(
        message(least_squares(|_: &ArrayRef1<f64>| Vec::<f64>::new(), &x).run())
            .contains("residuals")
    );
    assert!(message(least_squares(|_: &ArrayRef1<f64>| vec![f64::NAN], &x).run()).contains("NaN"));
    let wrong = least_squares(|x: &ArrayRef1<f64>| x.to_owned(), &x)
        .jacobian(|_: &ArrayRef1<f64>| vec![1.0])
        .run();
    assert!(message(wrong).contains("1 elements where 4"));
    assert!(
        message(
            least_squares(|x: &ArrayRef1<f64>| x.to_owned(), &x)
                .max_evaluations(0)
                .run()
        )
        .contains("max_evaluations")
    );
}
