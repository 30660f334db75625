//! The caller's constraints: several closures, one list of numbers, and linear rows.

use super::Given;
use super::simulated::Own;
use crate::Error;
use crate::constraint::Linear;
use crate::error::failed;
use crate::interrupt::Cause;
use ndarray::{ArrayRef1, ArrayRef2};

/// Closures in the order in which they were given.
#[derive(Default)]
pub(crate) struct Constraints<'a> {
    list: Vec<Group<'a>>,
    pub linear: Vec<Linear>,
    /// Every accepted point satisfies the inequalities, as soon as one does.
    pub feasible: bool,
    /// The Jacobian of the residuals that come with f.
    pub residual_jacobian: Option<Given<'a>>,
}

/// What one closure returns.
struct Group<'a> {
    equality: bool,
    /// `None` for numbers that come with f.
    function: Option<Given<'a>>,
    jacobian: Option<Given<'a>>,
    /// Numbers returned at x0.
    count: Option<usize>,
}

impl<'a> Constraints<'a> {
    /// Those that come with f: equalities, then inequalities.
    pub fn with_f() -> Self {
        let mut constraints = Constraints::default();
        constraints.add(true, None, None);
        constraints.add(false, None, None);
        constraints
    }

    pub fn push(&mut self, equality: bool, function: Given<'a>, jacobian: Option<Given<'a>>) {
        self.add(equality, Some(function), jacobian);
    }

    fn add(&mut self, equality: bool, function: Option<Given<'a>>, jacobian: Option<Given<'a>>) {
        self.list.push(Group {
            equality,
            function,
            jacobian,
            count: None,
        });
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.linear.is_empty()
    }

    /// Adds the rows of A x = b or A x >= b.
    pub fn push_linear(&mut self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>, equality: bool) {
        // Rows without a number, or numbers without a row, are rows of another length than x.
        let row = |k: usize| {
            let whole = k < a.nrows() && k < b.len();
            Linear {
                normal: if whole { a.row(k).to_vec() } else { Vec::new() },
                right: if whole { b[k] } else { 0.0 },
                equality,
            }
        };
        self.linear.extend((0..a.nrows().max(b.len())).map(row));
    }

    /// Whether each number is an equality; known after the first evaluation.
    pub fn equality(&self) -> Vec<bool> {
        self.of_numbers(|group| group.equality)
    }

    /// What holds for the closure of each number.
    fn of_numbers(&self, holds: impl Fn(&Group<'_>) -> bool) -> Vec<bool> {
        let each = |group: &Group<'_>| std::iter::repeat_n(holds(group), group.count.unwrap_or(0));
        self.list.iter().flat_map(each).collect()
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
        self.of_numbers(|group| group.jacobian.is_some())
    }

    /// Pushes f, the numbers of all constraints at x, and the residuals; failures are those of this evaluation.
    pub fn after(
        &mut self,
        own: Own,
        x: &[f64],
        evaluation: usize,
        out: &mut Vec<f64>,
    ) -> Result<(), Error> {
        out.push(own.f);
        let mut with_f = own.constraints.into_iter();
        for group in &mut self.list {
            let before = out.len();
            match &mut group.function {
                None => out.extend(with_f.next().unwrap_or_default()),
                Some(function) => function(x, out).map_err(failed("a constraint", evaluation))?,
            }
            let found = out.len() - before;
            let expected = *group.count.get_or_insert(found);
            if found != expected {
                return Err(Error::ConstraintCount {
                    evaluation,
                    found,
                    expected,
                });
            }
        }
        out.extend(own.residuals);
        Ok(())
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
