//! Questions that make no sense, one row each: the typed error, its numbers, the argument's name, and
//! what to try, for every operator that takes the argument.

use ndarray::Array1;
use numdiff_core::Error;

macro_rules! list {
    ($($name:ident($x:ident) = $answer:expr;)*) => {{
        let operators: Vec<(&str, Ask<'_>)> =
            vec![$((stringify!($name), Box::new(move |$x| $answer.err()))),*];
        operators
    }};
}

/// Every operator of a method, by name; `$v` is the direction or the weights.
macro_rules! operators {
    ($method:expr, $v:expr) => {{
        let (m, v) = ($method, $v);
        let sums = |points: &Array2<f64>| points.sum_axis(Axis(1));
        list! {
            gradient(x) = m.gradient(f, x);
            jacobian(x) = m.jacobian(g, x);
            hessian(x) = m.hessian(f, x);
            hessian_from_gradient(x) = m.hessian_from_gradient(g, x);
            hessian_diagonal(x) = m.hessian_diagonal(f, x);
            laplacian(x) = m.laplacian(f, x);
            mixed_partial(x) = m.mixed_partial(f, x, &[0, 0]);
            directional(x) = m.directional(f, x, v);
            jacobian_vector(x) = m.jacobian_vector(g, x, v);
            vector_jacobian(x) = m.vector_jacobian(g, x, v);
            hessian_vector(x) = m.hessian_vector(f, x, v);
            hessian_vector_from_gradient(x) = m.hessian_vector_from_gradient(g, x, v);
            planned_gradient(x) = m.plan().gradient(x).ask_tell();
            planned_jacobian(x) = m.plan().jacobian(x).ask_tell();
            planned_hessian(x) = m.plan().hessian(x).ask_tell();
            batched_gradient(x) = m.plan().gradient(x).batched(sums);
        }
    }};
}

/// The error is of this kind, and says these words and what to try.
macro_rules! expect {
    ($error:expr => $is:pat $(if $guard:expr)?, $words:expr) => {{
        let error = $error;
        assert!(matches!(&error, $is $(if $guard)?), "{error:?}");
        says(&error, $words, stringify!($is));
    }};
}

/// Every operator of `$method` has such an error.
macro_rules! everywhere {
    ($method:expr => $is:pat, $words:expr) => {{
        let (method, v) = ($method, array![1.0, -1.0]);
        for (name, ask) in operators!(&method, &v) {
            let error = ask(&array![1.0, 2.0]).unwrap_or_else(|| panic!("{name}: no error"));
            assert!(matches!(&error, $is), "{name}: {error:?}");
            says(&error, $words, name);
        }
    }};
}

mod arguments;
mod functions;
mod plans;
mod settings;

fn f(x: &Array1<f64>) -> f64 {
    x.iter().map(|x| x.sin()).sum()
}

fn g(x: &Array1<f64>) -> Array1<f64> {
    x.mapv(f64::cos)
}

/// What an operator makes of x and a vector: nothing, or its error.
type Ask<'m> = Box<dyn Fn(&Array1<f64>) -> Option<Error> + 'm>;

/// The message says `words`, numbers and names, and ends with what to try: a sentence of its own, or
/// what the argument must be.
fn says(error: &Error, words: &[&str], about: &str) {
    let message = error.to_string();
    for word in words {
        assert!(
            message.contains(word),
            "{about}: {word:?} is missing in {message:?}"
        );
    }
    let advice = message
        .rfind("; ")
        .or(message.find("must be"))
        .map(|at| &message[at..]);
    assert!(
        advice.is_some_and(|advice| advice.len() > 12),
        "{about}: no advice in {message:?}"
    );
}
