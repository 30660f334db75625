//! The one list of methods: a new one is a line here, and every test that draws from it tries it.

use numdiff_optim::{Method, Search};
use proptest::prelude::*;

/// Every method that searches, with each of its searches.
pub fn searching() -> Vec<(Method, Option<Search>)> {
    let lines = [
        Search::Backtracking,
        Search::StrongWolfe,
        Search::HagerZhang,
    ];
    let methods = [
        Method::SteepestDescent,
        Method::BarzilaiBorwein,
        Method::ConjugateGradient,
        Method::Bfgs,
        Method::Lbfgs { memory: 4 },
        Method::Newton,
        Method::NewtonCg,
    ];
    let each = |method: &Method| {
        let searches = lines.into_iter().chain([Search::TrustRegion]);
        let pairs = searches.map(|search| (method.clone(), Some(search)));
        pairs.chain([(method.clone(), None)]).collect::<Vec<_>>()
    };
    methods.iter().flat_map(each).collect()
}

/// Every method with a learning rate.
pub fn first_order(learning_rate: f64) -> Vec<Method> {
    let momentum = 0.9;
    vec![
        Method::GradientDescent { learning_rate },
        Method::Momentum {
            learning_rate,
            momentum,
        },
        Method::Nesterov {
            learning_rate,
            momentum,
        },
        Method::ada_grad(learning_rate),
        Method::rms_prop(learning_rate),
        Method::adam(learning_rate),
        Method::adam_w(learning_rate, 0.01),
    ]
}

/// Every method.
pub fn all(learning_rate: f64) -> Vec<(Method, Option<Search>)> {
    let rated = first_order(learning_rate);
    [(Method::Automatic, None)]
        .into_iter()
        .chain(searching())
        .chain(rated.into_iter().map(|method| (method, None)))
        .collect()
}

/// One of them; the default in a third of the cases.
pub fn any_method(learning_rate: f64) -> impl Strategy<Value = (Method, Option<Search>)> {
    prop_oneof![
        1 => Just((Method::Automatic, None)),
        2 => prop::sample::select(all(learning_rate)),
    ]
}
