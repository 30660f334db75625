//! The caller's constraints: several closures, one list of numbers.

use super::{Evaluator, Given};
use crate::interrupt::Cause;

/// Closures in the order in which they were given.
#[derive(Default)]
pub(crate) struct Constraints<'a> {
    list: Vec<Group<'a>>,
}

/// What one closure returns.
struct Group<'a> {
    equality: bool,
    function: Given<'a>,
    jacobian: Option<Given<'a>>,
    /// Numbers returned at x0.
    count: Option<usize>,
}

/// Why f and the constraints could not be evaluated.
pub(crate) enum SampleFailure {
    /// A function reported a failure.
    Cause(&'static str, Cause),
    /// A constraint returned another number of values.
    Count { found: usize, expected: usize },
}

impl<'a> Constraints<'a> {
    pub fn push(&mut self, equality: bool, function: Given<'a>, jacobian: Option<Given<'a>>) {
        self.list.push(Group {
            equality,
            function,
            jacobian,
            count: None,
        });
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether each number is an equality; known after the first evaluation.
    pub fn equality(&self) -> Vec<bool> {
        let groups = self.list.iter();
        groups
            .flat_map(|group| std::iter::repeat_n(group.equality, group.count.unwrap_or(0)))
            .collect()
    }

    /// Numbers that each closure returns; empty before the first evaluation.
    pub fn counts(&self) -> Vec<usize> {
        self.list.iter().filter_map(|group| group.count).collect()
    }

    /// Goes on with the counts of a saved run.
    pub fn resume(&mut self, counts: &[usize]) {
        for (group, count) in self.list.iter_mut().zip(counts) {
            group.count = Some(*count);
        }
    }

    /// Numbers that all closures return; known after the first evaluation.
    pub fn rows(&self) -> Option<usize> {
        self.list.iter().map(|group| group.count).sum()
    }

    /// Whether the row of each number is given by a Jacobian.
    pub fn has_row(&self) -> Vec<bool> {
        let groups = self.list.iter();
        groups
            .flat_map(|group| {
                std::iter::repeat_n(group.jacobian.is_some(), group.count.unwrap_or(0))
            })
            .collect()
    }

    /// The rows that the Jacobians give, one after the other.
    pub fn jacobians(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        for group in &mut self.list {
            let Some(jacobian) = &mut group.jacobian else {
                continue;
            };
            let before = out.len();
            jacobian(x, out)?;
            let (found, expected) = (out.len() - before, group.count.unwrap_or(0) * x.len());
            if found != expected {
                let reason = "elements, a row of as many as x has is needed for each number";
                return Err(format!(
                    "the Jacobian of a constraint has {found} {reason}: {expected}"
                )
                .into());
            }
        }
        Ok(())
    }
}

impl Evaluator<'_, '_> {
    /// f and all constraints. Where one of them fails, a single NaN; `strict` returns the failure instead, and puts the
    /// numbers that each closure returns in front.
    pub fn sample(
        &mut self,
        x: &[f64],
        strict: bool,
        out: &mut Vec<f64>,
    ) -> Result<(), SampleFailure> {
        out.clear();
        let mut failure = None;
        match self.objective.value(x) {
            Ok(f) => out.push(f),
            Err(cause) => failure = Some(("f", cause)),
        }
        for group in &mut self.constraints.list {
            if failure.is_some() {
                break;
            }
            let before = out.len();
            if let Err(cause) = (group.function)(x, out) {
                failure = Some(("a constraint", cause));
                break;
            }
            let found = out.len() - before;
            let expected = *group.count.get_or_insert(found);
            if found != expected {
                return Err(SampleFailure::Count { found, expected });
            }
        }
        match failure {
            Some((function, cause)) if strict => Err(SampleFailure::Cause(function, cause)),
            Some(_) => {
                out.clear();
                out.push(f64::NAN);
                Ok(())
            }
            None if strict => {
                let counts = self.constraints.counts();
                let front = std::iter::once(counts.len()).chain(counts);
                out.splice(0..0, front.map(|count| count as f64));
                Ok(())
            }
            None => Ok(()),
        }
    }
}
