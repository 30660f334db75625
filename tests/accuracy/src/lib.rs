//! How accurate a method is: problem files, their formulas, and what a method makes of them.
//!
//! `cargo xtask accuracy` prints what [`measure`] finds. A problem file holds scalar cases, whose
//! formulas are parsed, and vector problems, which are coded by name; the note inside the file
//! defines the language and every quantity.

mod case;
mod decimal;
mod families;
mod formula;
mod functions;
mod group;
mod method;
mod problem;
mod steps;
mod vector;

pub use case::Row;
pub use decimal::Decimal;
pub use families::{Family, SEED, Tally, Trial, families};
pub use formula::{Formula, FormulaError};
pub use functions::noise;
pub use group::{Group, groups};
pub use method::{Measured, MethodError};
pub use problem::{Case, ProblemError, Problems, Vector};
pub use steps::{STEP_RULES, StepRule, digits};

/// What `method` makes of every problem: scalar cases in the order of the file, then vectors.
///
/// # Errors
/// A formula that is not of the language, a vector problem of an unknown name, numbers that do not
/// parse.
pub fn measure(method: &Measured, problems: &Problems) -> Result<Vec<Row>, ProblemError> {
    let scalars = problems.cases.iter().map(|case| case::scalar(method, case));
    let vectors = problems
        .vector
        .iter()
        .map(|problem| vector::row(method, problem));
    scalars.chain(vectors).collect()
}
