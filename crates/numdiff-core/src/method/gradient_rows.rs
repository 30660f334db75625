//! The gradients at many points: not one operator, but one for each row.

#[cfg(feature = "rayon")]
use super::Parallel;
use super::{Batched, Differences, Method, serial};
use crate::answer::{Out, Size};
use crate::error::SCALAR;
use crate::evaluate::batch;
#[cfg(feature = "rayon")]
use crate::evaluate::{adapter, adapter::Copied, threads};
use crate::line::LineResults;
use crate::operators::{Gradient, line_entry};
use crate::plan::lines::LinePlan;
use crate::plan::rounds::Rounds;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Outputs, Real, Written};
#[cfg(feature = "rayon")]
use ndarray::ArrayView1;
use ndarray::{Array1, Array2, ArrayRef, Axis, Ix2};
#[cfg(feature = "rayon")]
use std::time::Instant;

/// As `operator!`.
macro_rules! gradient_rows {
    (
        $method:ident
        $return:path: [$($f:tt)*] -> [$($result:tt)*],
        $write:path: [$($writer:tt)*] -> [$($done:tt)*], $how:literal
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
            let mut answer = $method::blank(Array2::zeros(xs.raw_dim()));
            $return(self, f, xs, $method::out(&mut answer), &mut Workspace::new())?;
            Ok(answer)
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
            $write(self, f, xs, out, workspace)
        }
    };
}

impl<K, T: Real> Differences<K, T>
where
    Self: Method<Number = T>,
{
    gradient_rows! {
        Self
        one_by_one: [FnMut(&Array1<T>) -> R] -> [Outcome<T>],
        one_by_one: [FnMut(&Array1<T>) -> R] -> [Outcome<T>],
        "without allocation"
    }
}

#[cfg(feature = "rayon")]
impl<M: Method<Number = T>, T: Real> Parallel<M> {
    gradient_rows! {
        M
        on_threads: [Fn(&Array1<T>) -> R + Sync] -> [Outcome<T>],
        on_threads: [Fn(&Array1<T>) -> R + Sync] -> [Outcome<T>],
        "without allocation for each evaluation; rows that are many enough to be shared among threads take a few allocations each"
    }
}

impl<M: Method<Number = T>, T: Real> Batched<M> {
    gradient_rows! {
        M
        returned: [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
        written: [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
        "without allocation: f writes the value at each point to its second argument"
    }
}

/// The rows one after the other.
fn one_by_one<M, T, F, R, U>(
    method: &M,
    mut f: F,
    xs: &ArrayRef<T, Ix2>,
    out: &mut U,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array1<T>) -> R,
    R: Outcome<T>,
    U: Out<M::Rule, T> + ?Sized,
{
    let scheme = method.scheme();
    let mut rows = Rows::begin(xs, out, workspace)?;
    for x in xs.outer_iter() {
        serial::evaluate_scalar(scheme, &Gradient, &mut f, &x, [], workspace)?;
        rows.add(&workspace.results);
    }
    rows.end(workspace)
}

/// Many rows are shared among threads, of few rows the lines are.
#[cfg(feature = "rayon")]
fn on_threads<M, T, F, R, U>(
    driver: &Parallel<M>,
    f: F,
    xs: &ArrayRef<T, Ix2>,
    out: &mut U,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: Fn(&Array1<T>) -> R + Sync,
    R: Outcome<T>,
    U: Out<M::Rule, T> + ?Sized,
{
    let scheme = driver.scheme()?;
    let mut rows = Rows::begin(xs, out, workspace)?;
    let threads = driver.threads.unwrap_or_else(rayon::current_num_threads);
    let serial = |x: &ArrayView1<'_, T>, workspace: &mut Workspace<Array1<T>, T>| {
        serial::evaluate_scalar(scheme, &Gradient, &f, x, [], workspace)
    };
    // As many rows as threads would leave some threads without work at the end.
    let few = xs.nrows() < 4 * threads;
    while rows.next < xs.nrows() {
        let x = xs.row(rows.next);
        if few {
            let worker = || adapter::scalar_closure(&f, &x, Copied::default());
            driver.evaluate(&Gradient, &x, [], worker, workspace)?;
            rows.add(&workspace.results);
            continue;
        }
        let start = Instant::now();
        serial(&x, workspace)?;
        let cost = start.elapsed();
        rows.add(&workspace.results);
        let left = u32::try_from(xs.nrows() - rows.next).unwrap_or(u32::MAX);
        if threads > 1 && cost.saturating_mul(left) >= threads::WORTH_SHARING {
            let (found, failure) = threads::each(
                rows.next..xs.nrows(),
                threads,
                |own: &mut Workspace<Array1<T>, T>, i| {
                    serial(&xs.row(i), own)?;
                    Ok(own.results.clone())
                },
            );
            for results in &found {
                rows.add(results);
            }
            if let Some(error) = failure {
                return Err(error);
            }
        }
    }
    rows.end(workspace)
}

/// f returns its values.
fn returned<M, T, F, R, U>(
    driver: &Batched<M>,
    mut f: F,
    xs: &ArrayRef<T, Ix2>,
    out: &mut U,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array2<T>) -> R,
    R: Outputs<T>,
    U: Out<M::Rule, T> + ?Sized,
{
    side_by_side(driver, xs, out, workspace, |points, _, values| {
        f(points).push_to(values)
    })
}

/// f writes its values.
fn written<M, T, F, R, U>(
    driver: &Batched<M>,
    mut f: F,
    xs: &ArrayRef<T, Ix2>,
    out: &mut U,
    workspace: &mut Workspace<Array1<T>, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array2<T>, &mut [T]) -> R,
    R: Written,
    U: Out<M::Rule, T> + ?Sized,
{
    side_by_side(driver, xs, out, workspace, |points, written, values| {
        batch::write(&mut f, points, 1, written, values)
    })
}

/// Rows whose plans are open at the same time: enough to fill a batch of points, some megabytes of
/// plans.
const ROWS: usize = 1024;

/// The plans of many rows, so that f sees the points of all of them at once.
fn side_by_side<M, T, U, E>(
    driver: &Batched<M>,
    xs: &ArrayRef<T, Ix2>,
    out: &mut U,
    workspace: &mut Workspace<Array1<T>, T>,
    mut fill: impl FnMut(&Array2<T>, &mut Vec<T>, &mut Vec<f64>) -> Result<(), E>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    U: Out<M::Rule, T> + ?Sized,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let scheme = driver.method.scheme();
    let mut rows = Rows::begin(xs, out, workspace)?;
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
        let mut fill = |points: &Array2<T>, values: &mut Vec<f64>| {
            fill(points, written, values).map_err(Into::into)
        };
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
            rows.add(results);
        }
    }
    rows.end(workspace)
}

/// What was found for the rows so far, one after the other.
struct Rows<'o, U: ?Sized> {
    out: &'o mut U,
    size: Size,
    next: usize,
    all: LineResults,
}

impl<'o, U: ?Sized> Rows<'o, U> {
    fn begin<K, T: Real>(
        xs: &ArrayRef<T, Ix2>,
        out: &'o mut U,
        workspace: &mut Workspace<Array1<T>, T>,
    ) -> Result<Self, Error>
    where
        U: Out<K, T>,
    {
        if xs.is_empty() {
            return Err(Error::Empty { argument: "xs" });
        }
        let (found, rows) = out.extent();
        if found != xs.len() || rows.is_some_and(|rows| rows != xs.nrows()) {
            return Err(Error::Length {
                argument: "out",
                found,
                expected: xs.len(),
            });
        }
        let mut all = std::mem::take(&mut workspace.rows);
        all.begin(0, None, false);
        Ok(Rows {
            out,
            size: xs.dim(),
            next: 0,
            all,
        })
    }

    /// Takes the gradient of the next row.
    fn add(&mut self, results: &LineResults) {
        self.all.append(results);
        self.next += 1;
    }

    /// Writes them, and leaves the counts in the workspace; coordinates are those of all rows.
    fn end<K, T: Real>(self, workspace: &mut Workspace<Array1<T>, T>) -> Result<(), Error>
    where
        U: Out<K, T>,
    {
        let (all, columns) = (self.all, self.size.1);
        workspace.results.count_as(&all);
        let entry = |row, column| line_entry(&all, row * columns + column, 0);
        let done = self.out.write(self.size, &all, entry);
        workspace.rows = all;
        done
    }
}
