//! Problems whose constraints contradict one another, and by how little they can be violated.

use super::Evaluation;

/// No point satisfies the constraints.
#[derive(Clone, Debug)]
pub struct Infeasible {
    /// What contradicts what.
    pub name: &'static str,
    /// Where to start.
    pub start: Vec<f64>,
    /// Lower bounds; minus infinity for none.
    pub lower: Vec<f64>,
    /// Upper bounds; infinity for none.
    pub upper: Vec<f64>,
    /// Whether each constraint is an equality; equalities come first.
    pub is_equality: Vec<bool>,
    evaluate: fn(&[f64]) -> (f64, Vec<f64>),
}

impl Infeasible {
    /// f and all constraints.
    pub fn evaluate(&self, x: &[f64]) -> Evaluation {
        let (value, constraints) = (self.evaluate)(x);
        Evaluation { value, constraints }
    }
}

/// `kinds`: `=` for an equality, `>` for an inequality.
fn problem(
    name: &'static str,
    start: &[f64],
    bounds: Option<(f64, f64)>,
    kinds: &str,
    evaluate: fn(&[f64]) -> (f64, Vec<f64>),
) -> Infeasible {
    let (lower, upper) = bounds.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    Infeasible {
        name,
        start: start.to_vec(),
        lower: vec![lower; start.len()],
        upper: vec![upper; start.len()],
        is_equality: kinds.bytes().map(|kind| kind == b'=').collect(),
        evaluate,
    }
}

fn square(x: f64) -> f64 {
    x * x
}

fn squares(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// Twenty of them: linear and curved, equalities and inequalities, with bounds and without, well and badly scaled.
pub fn infeasible() -> Vec<Infeasible> {
    vec![
        problem("a square that is negative", &[1.0], None, "=", |x| {
            (x[0], vec![square(x[0]) + 1.0])
        }),
        problem("a disk and a half plane", &[0.5, 0.5], None, ">>", |x| {
            (x[0] + x[1], vec![1.0 - squares(x), x[0] - 3.0])
        }),
        problem("two parallel lines", &[0.0, 0.0], None, "==", |x| {
            let sum = x[0] + x[1];
            (squares(x), vec![sum - 1.0, sum - 2.0])
        }),
        problem("two disks apart", &[0.3, 1.0], None, ">>", |x| {
            let disk = |center: f64| 1.0 - square(x[0] - center) - square(x[1]);
            (x[1], vec![disk(-2.0), disk(2.0)])
        }),
        problem("an exponential that is negative", &[0.0], None, "=", |x| {
            (square(x[0]), vec![x[0].exp() + 1.0])
        }),
        problem(
            "a sum beyond the bounds",
            &[0.2, 0.7],
            Some((0.0, 1.0)),
            ">",
            |x| (x[0] - x[1], vec![x[0] + x[1] - 3.0]),
        ),
        problem("a sine above one", &[0.4], None, ">", |x| {
            (square(x[0]), vec![x[0].sin() - 1.5])
        }),
        problem(
            "a product beyond the bounds",
            &[1.2, 1.6],
            Some((1.0, 2.0)),
            "=",
            |x| (x[0] + x[1], vec![x[0] * x[1] - 5.0]),
        ),
        problem(
            "a logarithm beyond the bounds",
            &[1.0],
            Some((0.1, 2.0)),
            ">",
            |x| (x[0], vec![x[0].ln() - 1.0]),
        ),
        problem("a triangle of lines", &[0.0, 0.0], None, ">>>", |x| {
            let g = vec![x[0] - 1.0, x[1] - 1.0, 1.0 - x[0] - x[1]];
            (squares(x), g)
        }),
        problem("a square below -0.001", &[2.0], None, ">", |x| {
            (x[0], vec![-square(x[0]) - 1e-3])
        }),
        problem("two parabolas", &[1.5, 0.0], None, ">>", |x| {
            let g = vec![x[1] - square(x[0]) - 1.0, -x[1] - square(x[0])];
            (square(x[0] - 1.0), g)
        }),
        problem("a sphere and a plane", &[1.0, 0.0, 0.0], None, "==", |x| {
            let sum: f64 = x.iter().sum();
            (x[2], vec![squares(x) - 1.0, sum - 3.0])
        }),
        problem(
            "two circles around one center",
            &[1.0, 1.0],
            None,
            "==",
            |x| (x[0], vec![squares(x) - 4.0, squares(x) - 9.0]),
        ),
        problem(
            "a cube beyond the bounds",
            &[0.5],
            Some((-1.0, 1.0)),
            "=",
            |x| (-x[0], vec![x[0].powi(3) - 2.0]),
        ),
        problem(
            "a product and a sum of squares beyond the bounds",
            &[1.0, 1.5, 1.5, 1.0],
            Some((1.0, 2.0)),
            "=>",
            |x| {
                let product: f64 = x.iter().product();
                let f = x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2];
                (f, vec![squares(x) - 40.0, product - 25.0])
            },
        ),
        problem(
            "a sum of five beyond the bounds",
            &[0.5; 5],
            Some((0.0, 1.0)),
            "=",
            |x| (squares(x), vec![x.iter().sum::<f64>() - 10.0]),
        ),
        problem("two hyperbolic cosines", &[1.0, -1.0], None, ">", |x| {
            (x[0], vec![1.5 - x[0].cosh() - x[1].cosh()])
        }),
        problem(
            "a sphere, a plane and a diagonal",
            &[0.1, 0.2, 0.3],
            None,
            "===",
            |x| {
                let sum: f64 = x.iter().sum();
                (x[2], vec![squares(x) - 1.0, sum - 4.0, x[0] - x[1]])
            },
        ),
        problem(
            "a large unit and a small one",
            &[0.0, 0.0],
            Some((-1.0, 1.0)),
            "=>",
            |x| {
                let c = vec![1e-6 * (x[1] - square(x[0])), 1e6 * (x[0] - 2.0)];
                (x[1], c)
            },
        ),
    ]
}
