//! The caller's constraints: several closures, one list of numbers.

use super::simulated::Own;
use super::{Evaluator, Given, counted};
use crate::interrupt::{Cause, Interrupt};

/// Closures in the order in which they were given.
#[derive(Default)]
pub(crate) struct Constraints<'a> {
    list: Vec<Group<'a>>,
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

/// Why f and the constraints could not be evaluated.
pub(crate) enum SampleFailure {
    /// A function reported a failure.
    Cause(&'static str, Cause),
    /// A constraint returned another number of values.
    Count { found: usize, expected: usize },
}

impl<'a> Constraints<'a> {
    /// Those that come with f: equalities, then inequalities.
    pub fn with_f() -> Self {
        let group = |equality| Group {
            equality,
            function: None,
            jacobian: None,
            count: None,
        };
        Constraints {
            list: vec![group(true), group(false)],
            residual_jacobian: None,
        }
    }

    pub fn push(&mut self, equality: bool, function: Given<'a>, jacobian: Option<Given<'a>>) {
        self.list.push(Group {
            equality,
            function: Some(function),
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

    /// Pushes f, the numbers of all constraints at x, and the residuals; the failure of a constraint is inside.
    fn after(
        &mut self,
        own: Own,
        x: &[f64],
        out: &mut Vec<f64>,
    ) -> Result<Result<(), (&'static str, Cause)>, SampleFailure> {
        out.push(own.f);
        let mut with_f = own.constraints.into_iter();
        for group in &mut self.list {
            let before = out.len();
            match &mut group.function {
                None => out.extend(with_f.next().unwrap_or_default()),
                Some(function) => {
                    if let Err(cause) = function(x, out) {
                        return Ok(Err(("a constraint", cause)));
                    }
                }
            }
            let found = out.len() - before;
            let expected = *group.count.get_or_insert(found);
            if found != expected {
                return Err(SampleFailure::Count { found, expected });
            }
        }
        out.extend(own.residuals);
        Ok(Ok(()))
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
    /// f, all constraints, and the residuals that came with f. Where one of them fails, a single NaN; `strict` returns
    /// the failure instead, and puts the numbers that each closure returns in front.
    pub fn sample(
        &mut self,
        x: &[f64],
        strict: bool,
        out: &mut Vec<f64>,
    ) -> Result<(), SampleFailure> {
        out.clear();
        let own = self.objective.at(x);
        let done = match own {
            Ok(own) => self.constraints.after(own, x, out)?,
            Err(cause) => Err(("f", cause)),
        };
        match done {
            Err((function, cause)) if strict => Err(SampleFailure::Cause(function, cause)),
            Err(_) => {
                failed(out);
                Ok(())
            }
            Ok(()) if strict => {
                let counts = self.constraints.counts();
                let front = std::iter::once(counts.len()).chain(counts);
                out.splice(0..0, front.map(|count| count as f64));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Whether several points are evaluated together.
    pub fn is_together(&self) -> bool {
        self.objective.is_together()
    }

    /// As [`sample`](Self::sample) at several points: f by threads or by the caller's batch, the other closures one
    /// after the other.
    pub fn samples(
        &mut self,
        points: &[Vec<f64>],
    ) -> Result<Result<Vec<Vec<f64>>, SampleFailure>, Interrupt> {
        let all = self.objective.many(points);
        let mut samples = Vec::with_capacity(points.len());
        for (own, x) in counted(all, points.len())?.into_iter().zip(points) {
            let mut out = Vec::new();
            let done = match own {
                Some(own) => match self.constraints.after(own, x, &mut out) {
                    Ok(done) => done.is_ok(),
                    Err(failure) => return Ok(Err(failure)),
                },
                None => false,
            };
            if !done {
                failed(&mut out);
            }
            samples.push(out);
        }
        Ok(Ok(samples))
    }
}

/// What stands for a point that could not be evaluated.
fn failed(out: &mut Vec<f64>) {
    out.clear();
    out.push(f64::NAN);
}
