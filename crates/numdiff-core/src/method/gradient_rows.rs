//! The gradients at many points: not one operator, but one for each row.

#[cfg(feature = "rayon")]
use super::Parallel;
use super::destination::{Destination, Made};
use super::{Batched, Differences, Method, serial};
use crate::answer::Out;
use crate::error::SCALAR;
use crate::evaluate::batch;
#[cfg(feature = "rayon")]
use crate::evaluate::{adapter, adapter::Copied, threads};
use crate::line::LineResults;
use crate::moves::Failure;
use crate::operators::{Gradient, Rows};
use crate::plan::lines::LinePlan;
use crate::plan::rounds::Rounds;
use crate::workspace::Workspace;
use crate::{DenseMatrix, Error, Outcome, Outputs, Real, Written};
#[cfg(feature = "rayon")]
use ndarray::ArrayView1;
use ndarray::{Array1, Array2, ArrayRef, Axis, Ix2};
#[cfg(feature = "rayon")]
use std::time::Instant;

/// As `operator!`.
macro_rules! gradient_rows {
    (
        $method:ident
        |$($return:ident),*| $returning:expr, [$($f:tt)*] -> [$($result:tt)*],
        |$($write:ident),*| $writing:expr, [$($writer:tt)*] -> [$($done:tt)*], $how:literal
    ) => {
        /// The gradients at many points: row i of the result is the gradient at row i of `xs`.
        ///
        /// Cost: that of [`gradient`](Self::gradient) for each row.
        ///
        /// # Errors
        /// Those of [`gradient`](Self::gradient); no rows.
        pub fn gradient_rows<F, R>(
            &self,
            f: F,
            xs: &ArrayRef<T, Ix2>,
        ) -> Result<<$method as Method>::Answer<Array2<T>>, Error>
        where
            F: $($f)*,
            R: $($result)*,
        {
            let made = Made::new(|(rows, columns), numbers| Array2::from_rows(rows, columns, numbers));
            let ($($return),*) = (self, f, xs, made, &mut Workspace::new());
            $returning
        }

        #[doc = concat!("[`gradient_rows`](Self::gradient_rows) ", $how, ".")]
        ///
        /// # Errors
        /// Those of [`gradient_rows`](Self::gradient_rows); `out` of another shape than `xs`. After an error
        /// `out` may hold parts of a result.
        pub fn gradient_rows_into<F, R, U>(
            &self,
            f: F,
            xs: &ArrayRef<T, Ix2>,
            out: &mut U,
            workspace: &mut Workspace<Array1<T>, T>,
        ) -> Result<(), Error>
        where
            F: $($writer)*,
            R: $($done)*,
            U: Out<<$method as Method>::Rule, T> + ?Sized,
        {
            expect_room(xs, out.extent())?;
            let ($($write),*) = (self, f, xs, out, workspace);
            $writing
        }
    };
}

impl<K, T: Real> Differences<K, T>
where
    Self: Method<Number = T>,
{
    gradient_rows! {
        Self
        |m, f, xs, to, w| one_by_one(m, f, xs, to, w), [FnMut(&Array1<T>) -> R] -> [Outcome<T>],
        |m, f, xs, to, w| one_by_one(m, f, xs, to, w), [FnMut(&Array1<T>) -> R] -> [Outcome<T>],
        "without allocation"
    }
}

#[cfg(feature = "rayon")]
impl<M: Method<Number = T>, T: Real> Parallel<M> {
    gradient_rows! {
        M
        |p, f, xs, to, w| on_threads(p, f, xs, to, w), [Fn(&Array1<T>) -> R + Sync] -> [Outcome<T>],
        |p, f, xs, to, w| on_threads(p, f, xs, to, w), [Fn(&Array1<T>) -> R + Sync] -> [Outcome<T>],
        "without allocation for each evaluation; rows that are many enough to be shared among threads take a few allocations each"
    }
}

impl<M: Method<Number = T>, T: Real> Batched<M> {
    gradient_rows! {
        M
        |b, f, xs, to, w| {
            let mut f = f;
            side_by_side(b, xs, to, w, |points, _, values| f(points).push_to(values).map_err(Into::into))
        },
        [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
        |b, f, xs, to, w| {
            let mut f = f;
            side_by_side(b, xs, to, w, |points, written, values| batch::write(&mut f, points, 1, written, values))
        },
        [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
        "without allocation: f writes the value at each point to its second argument"
    }
}

/// The rows one after the other.
fn one_by_one<M, T, F, R, D>(
    method: &M,
    mut f: F,
    xs: &ArrayRef<T, Ix2>,
    to: D,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<D::Done, Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array1<T>) -> R,
    R: Outcome<T>,
    D: Destination<M>,
{
    let scheme = method.scheme();
    let mut found = begin(xs, workspace)?;
    for x in xs.outer_iter() {
        serial::evaluate_scalar(scheme, &Gradient, &mut f, &x, [], workspace)?;
        found.append(&workspace.results);
    }
    end(xs, found, to, workspace)
}

/// Many rows are shared among threads, of few rows the lines are.
#[cfg(feature = "rayon")]
fn on_threads<M, T, F, R, D>(
    driver: &Parallel<M>,
    f: F,
    xs: &ArrayRef<T, Ix2>,
    to: D,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<D::Done, Error>
where
    M: Method<Number = T>,
    T: Real,
    F: Fn(&Array1<T>) -> R + Sync,
    R: Outcome<T>,
    D: Destination<M>,
{
    let scheme = driver.scheme()?;
    let mut found = begin(xs, workspace)?;
    let threads = driver.threads.unwrap_or_else(rayon::current_num_threads);
    let serial = |x: &ArrayView1<'_, T>, workspace: &mut Workspace<Array1<T>, T>| {
        serial::evaluate_scalar(scheme, &Gradient, &f, x, [], workspace)
    };
    // As many rows as threads would leave some threads without work at the end.
    let few = xs.nrows() < 4 * threads;
    while found.lines < xs.len() {
        let next = found.lines / xs.ncols();
        let x = xs.row(next);
        if few {
            let worker = || adapter::scalar_closure(&f, &x, Copied::default());
            driver.evaluate(&Gradient, &x, [], worker, workspace)?;
            found.append(&workspace.results);
            continue;
        }
        let start = Instant::now();
        serial(&x, workspace)?;
        let cost = start.elapsed();
        found.append(&workspace.results);
        let left = u32::try_from(xs.nrows() - next - 1).unwrap_or(u32::MAX);
        if threads > 1 && cost.saturating_mul(left) >= threads::WORTH_SHARING {
            let shared = xs.view();
            let (rest, failure) = threads::each(
                next + 1..xs.nrows(),
                threads,
                |own: &mut Workspace<Array1<T>, T>, i| {
                    serial(&shared.row(i), own)?;
                    Ok(own.results.clone())
                },
            );
            rest.iter().for_each(|results| found.append(results));
            if let Some(error) = failure {
                return Err(error);
            }
        }
    }
    end(xs, found, to, workspace)
}

/// Rows whose plans are open at the same time: enough to fill a batch of points, some megabytes of
/// plans.
const ROWS: usize = 1024;

/// The plans of many rows, so that f sees the points of all of them at once.
fn side_by_side<M, T, D>(
    driver: &Batched<M>,
    xs: &ArrayRef<T, Ix2>,
    to: D,
    workspace: &mut Workspace<Array1<T>, T>,
    mut fill: impl FnMut(&Array2<T>, &mut Vec<T>, &mut Vec<f64>) -> Result<(), Failure>,
) -> Result<D::Done, Error>
where
    M: Method<Number = T>,
    T: Real,
    D: Destination<M>,
{
    let scheme = driver.method.scheme();
    let mut found = begin(xs, workspace)?;
    let Workspace {
        row_plans: plans,
        points,
        outputs: written,
        scratch,
        ..
    } = workspace;
    let values = &mut scratch.base;
    let together = batch::points(2 * xs.ncols() * xs.ncols()).min(ROWS);
    for group in xs.axis_chunks_iter(Axis(0), together) {
        for (k, x) in group.outer_iter().enumerate() {
            let rounds = match plans.get_mut(k) {
                Some(plan) => std::mem::take(&mut plan.rounds),
                None => Rounds::default(),
            };
            let plan = LinePlan::reuse(rounds, scheme, Gradient, &x, Vec::new())?;
            match plans.get_mut(k) {
                Some(slot) => *slot = plan,
                None => plans.push(plan),
            }
        }
        let plans = &mut plans[..group.nrows()];
        let mut fill = |points: &Array2<T>, values: &mut Vec<f64>| fill(points, written, values);
        batch::run(plans, (points, values), &mut fill)?;
        for plan in plans {
            let results = &plan.rounds.results;
            if results.outputs != 1 {
                return Err(Error::Length {
                    argument: SCALAR,
                    found: results.outputs,
                    expected: 1,
                });
            }
            found.append(results);
        }
    }
    end(xs, found, to, workspace)
}

/// An empty list of what is found row by row.
fn begin<T: Real>(
    xs: &ArrayRef<T, Ix2>,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<LineResults, Error> {
    if xs.is_empty() {
        return Err(Error::Empty { argument: "xs" });
    }
    let mut found = std::mem::take(&mut workspace.rounds().results);
    found.begin(0, None, false);
    Ok(found)
}

/// What is made of it; leaves the counts in the workspace, where coordinates are those of all rows.
fn end<M, T, D>(
    xs: &ArrayRef<T, Ix2>,
    found: LineResults,
    to: D,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<D::Done, Error>
where
    M: Method<Number = T>,
    T: Real,
    D: Destination<M>,
{
    workspace.results.count_as(&found);
    let done = to.take(&Rows(xs.dim()), &workspace.line_set, &found);
    workspace.rounds().results = found;
    done
}

/// Whether there is room for a gradient at each row, in numbers and rows, and for no more.
fn expect_room<T>(
    xs: &ArrayRef<T, Ix2>,
    (found, rows): (usize, Option<usize>),
) -> Result<(), Error> {
    let fits = found == xs.len() && rows.is_none_or(|rows| rows == xs.nrows());
    if fits || xs.is_empty() {
        return Ok(());
    }
    Err(Error::Length {
        argument: "out",
        found,
        expected: xs.len(),
    })
}
