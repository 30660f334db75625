//! The gradients at many points: not one operator, but one for each row.

// The private parts of what a run is made of keep it to this crate.
#![allow(private_interfaces, private_bounds)]

use super::Method;
use super::destination::{Destination, Goal, To};
use super::question::Question;
use super::run::Run;
use crate::answer::{Found, Out};
use crate::error::{SCALAR, expect_length};
use crate::evaluate::adapter::scalar_closure;
use crate::evaluate::{Watch, batch};
#[cfg(feature = "rayon")]
use crate::evaluate::{adapter::Copied, threads};
use crate::line::LineResults;
use crate::moves::Failure;
use crate::operators::{Gradient, Rows};
use crate::plan::LinePlan;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Outputs, Point, Real, Written};
use ndarray::{Array1, Array2, ArrayRef, Axis, Ix2};
#[cfg(feature = "rayon")]
use std::time::Instant;

/// f sees one row at a time.
#[derive(Clone, Copy, Debug)]
pub struct EachRow;

impl<'a, M, T, D> Run<'a, M, ArrayRef<T, Ix2>, [T; 0], EachRow, D>
where
    M: Method<Number = T>,
    T: Real,
    D: Goal<'a, M, ArrayRef<T, Ix2>, Array2<T>, Array1<T>>,
{
    /// The rows one after the other.
    pub fn serial<F, R>(self, mut f: F) -> Result<D::Done, Error>
    where
        F: FnMut(&Array1<T>) -> R,
        R: Outcome<T>,
    {
        self.rows(|question, workspace, found, mut watch| {
            let Workspace { point, buffers, .. } = workspace;
            for x in question.x.outer_iter() {
                let f = &mut scalar_closure(&mut f, &x, &mut *point);
                let mut watch = after(found.evaluations, &mut watch);
                let watch = watch.as_mut().map(|watch| watch as &mut Watch<'_>);
                question.at(&x).serial(f, buffers, watch)?;
                found.append(&buffers.results);
            }
            Ok(())
        })
    }

    /// Many rows are shared among threads, of few rows the lines are.
    #[cfg(feature = "rayon")]
    pub fn parallel<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: Fn(&Array1<T>) -> R + Sync,
        R: Outcome<T>,
    {
        let threads = self.threads();
        self.rows(|question, workspace, found, mut watch| {
            let (threads, xs) = (threads?, question.x);
            // As many rows as threads would leave some threads without work at the end.
            let few = xs.nrows() < threads.saturating_mul(4) || watch.is_some();
            while found.lines < xs.len() {
                let next = found.lines / xs.ncols();
                let x = xs.row(next);
                let Workspace { point, buffers, .. } = &mut *workspace;
                if few {
                    let mut watch = after(found.evaluations, &mut watch);
                    let watch = watch.as_mut().map(|watch| watch as &mut Watch<'_>);
                    let worker = threads::any(|| scalar_closure(&f, &x, Copied::default()));
                    question.at(&x).parallel(&worker, threads, buffers, watch)?;
                    found.append(&buffers.results);
                    continue;
                }
                let start = Instant::now();
                question
                    .at(&x)
                    .lines(&mut scalar_closure(&f, &x, point), buffers)?;
                let cost = start.elapsed();
                found.append(&buffers.results);
                let left = u32::try_from(xs.nrows() - next - 1).unwrap_or(u32::MAX);
                if threads > 1 && cost.saturating_mul(left) >= threads::WORTH_SHARING {
                    let (rest, failure) = threads::each(
                        next + 1..xs.nrows(),
                        threads,
                        |own: &mut Workspace<Array1<T>, T>, i| {
                            let (x, buffers) = (xs.row(i), &mut own.buffers);
                            let f = &mut scalar_closure(&f, &x, &mut own.point);
                            question.at(&x).lines(f, buffers)?;
                            Ok(buffers.results.clone())
                        },
                    );
                    rest.iter().for_each(|results| found.append(results));
                    if let Some(error) = failure {
                        return Err(error);
                    }
                }
            }
            Ok(())
        })
    }

    /// f takes points of all rows at once: an array with one in each row. It returns a value for each.
    pub fn batched<F, R>(self, mut f: F) -> Result<D::Done, Error>
    where
        F: FnMut(&Array2<T>) -> R,
        R: Outputs<T>,
    {
        self.side_by_side(|points, _, values| f(points).push_to(values).map_err(Into::into))
    }

    /// The plans of many rows, so that f sees the points of all of them at once.
    fn side_by_side(
        self,
        mut fill: impl FnMut(&Array2<T>, &mut Vec<T>, &mut Vec<f64>) -> Result<(), Failure>,
    ) -> Result<D::Done, Error> {
        self.rows(|question, workspace, found, mut watch| {
            let Workspace {
                buffers,
                points,
                outputs: written,
                ..
            } = workspace;
            let (plans, values) = (&mut buffers.row_plans, &mut buffers.scratch.base);
            let together = batch::points(2 * question.x.ncols() * question.x.ncols()).min(ROWS);
            for group in question.x.axis_chunks_iter(Axis(0), together) {
                for (k, x) in group.outer_iter().enumerate() {
                    plans.resize_with(plans.len().max(k + 1), LinePlan::default);
                    question.at(&x).open(&mut plans[k])?;
                }
                let plans = &mut plans[..group.nrows()];
                let fill =
                    &mut |points: &Array2<T>, values: &mut Vec<f64>| fill(points, written, values);
                let mut watch = after(found.evaluations, &mut watch);
                let watch = watch.as_mut().map(|watch| watch as &mut Watch<'_>);
                batch::run(plans, (points, values), fill, watch)?;
                for plan in plans {
                    expect_length(SCALAR, plan.results.outputs, 1)?;
                    found.append(&plan.results);
                }
            }
            Ok(())
        })
    }

    /// The answer from what `drive` appends row by row. The counts stay in the workspace, where coordinates
    /// are those of all rows.
    fn rows(
        mut self,
        drive: impl FnOnce(
            &Question<'a, T, ArrayRef<T, Ix2>, [T; 0]>,
            &mut Workspace<Array1<T>, T>,
            &mut LineResults,
            Option<&mut Watch<'_>>,
        ) -> Result<(), Error>,
    ) -> Result<D::Done, Error> {
        let (question, xs) = (&self.question, self.question.x);
        self.to.fill(xs, |to, workspace| {
            if xs.is_empty() {
                return Err(Error::Empty { argument: "xs" });
            }
            if let Some((numbers, rows)) = to.room() {
                expect_length("out", numbers, xs.len())?;
                expect_length("rows of out", rows.unwrap_or(xs.nrows()), xs.nrows())?;
            }
            let mut found = std::mem::take(&mut workspace.buffers.plan().results);
            found.begin(0, None, false);
            drive(question, workspace, &mut found, self.watch.as_deref_mut())?;
            let buffers = &mut workspace.buffers;
            buffers.results.count_as(&found);
            let done = to.take(Found::of(&Rows(xs.dim()), &buffers.line_set, &found));
            buffers.plan().results = found;
            done
        })
    }
}

impl<'a, 'o, M, T, U> Run<'a, M, ArrayRef<T, Ix2>, [T; 0], EachRow, To<'o, U, Array1<T>, T>>
where
    M: Method<Number = T>,
    T: Real,
    U: Out<M::Rule, T> + ?Sized,
{
    /// The same of an f that writes the value at each point to its second argument.
    pub fn batched_in_place<F, R>(self, mut f: F) -> Result<(), Error>
    where
        F: FnMut(&Array2<T>, &mut [T]) -> R,
        R: Written,
    {
        self.side_by_side(|points, written, values| {
            batch::write(&mut f, points, 1, written, values)
        })
    }
}

impl<'a, T: Real> Question<'a, T, ArrayRef<T, Ix2>, [T; 0]> {
    /// The gradient at one row.
    fn at<'x, X: Point<T>>(&self, x: &'x X) -> Question<'x, T, X, [T; 0]>
    where
        'a: 'x,
    {
        Question {
            scheme: self.scheme,
            operator: Gradient.into(),
            x,
            vector: &[],
            given: &[],
        }
    }
}

/// Rows whose plans are open at the same time: enough to fill a batch of points, some megabytes of
/// plans.
const ROWS: usize = 1024;

/// Tells what is told of one row, or of some, as of all: so many evaluations came before.
fn after<'w>(
    before: usize,
    watch: &'w mut Option<&mut Watch<'_>>,
) -> Option<impl FnMut(usize, usize) + Send + 'w> {
    let watch = watch.as_mut()?;
    Some(move |told, open| watch(before + told, open))
}
