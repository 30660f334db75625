//! What a run asks: an operator at x, by a method's settings.

#[cfg(feature = "rayon")]
use crate::evaluate::threads::{self, AnyWorker};
use crate::evaluate::workspace::Buffers;
use crate::evaluate::{self, Watch};
use crate::moves::AnyFunction;
use crate::operators::{self, AnyOperator};
use crate::plan::LinePlan;
use crate::scheme::Scheme;
use crate::{Error, Point, Real};

/// An operator at x. Evaluations leave what they found in the line set and the results of the buffers.
pub(crate) struct Question<'a, T, X: ?Sized, V: ?Sized> {
    pub scheme: &'a Scheme,
    pub operator: AnyOperator,
    pub x: &'a X,
    /// The operator's v or u; without numbers where it has none.
    pub vector: &'a V,
    /// f's outputs at x, where the caller has them.
    pub given: &'a [T],
}

impl<T, X, V> Question<'_, T, X, V>
where
    T: Real,
    X: Point<T> + ?Sized,
    V: Point<T> + ?Sized,
{
    /// How many outputs an f that writes them has, for a result with so much room.
    pub fn written(&self, room: (usize, Option<usize>)) -> usize {
        let (coordinates, vector) = (self.x.numbers().count(), self.vector.numbers().count());
        self.operator.written(room, coordinates, vector)
    }

    /// Line by line on the calling thread.
    #[inline]
    pub fn lines(&self, f: &mut dyn AnyFunction, buffers: &mut Buffers) -> Result<(), Error> {
        let Buffers {
            line_set,
            results,
            scratch,
            vector,
            ..
        } = buffers;
        vector.clear();
        vector.extend(self.vector.numbers().map(Real::widen));
        let x = (self.x.numbers().map(Real::widen), T::EPSILON);
        let given = self.given.iter().map(|v| v.widen());
        operators::open(&*self.operator, vector, self.scheme, line_set, x, given)?;
        evaluate::serial::run(self.scheme, line_set, f, scratch, results)?;
        self.operator.conclude(line_set, results);
        Ok(())
    }

    /// On the calling thread: line by line, or as a plan where somebody watches.
    pub fn serial(
        &self,
        f: &mut dyn AnyFunction,
        buffers: &mut Buffers,
        watch: Option<&mut Watch<'_>>,
    ) -> Result<(), Error> {
        match watch {
            None => self.lines(f, buffers),
            watch => self.rounds(f, buffers, watch),
        }
    }

    /// Round by round on the calling thread.
    pub fn rounds(
        &self,
        f: &mut dyn AnyFunction,
        buffers: &mut Buffers,
        watch: Option<&mut Watch<'_>>,
    ) -> Result<(), Error> {
        self.by_plan(buffers, |plan, buffers| {
            evaluate::rounds::run(plan, f, &mut buffers.scratch.base, watch)
        })
    }

    /// On threads, where that pays or somebody watches.
    #[cfg(feature = "rayon")]
    pub fn parallel(
        &self,
        worker: &AnyWorker<'_>,
        threads: usize,
        buffers: &mut Buffers,
        watch: Option<&mut Watch<'_>>,
    ) -> Result<(), Error> {
        if watch.is_some() {
            return self.parallel_rounds(worker, threads, buffers, watch);
        }
        self.by_plan(buffers, |plan, buffers| {
            let (scratch, shared) = (&mut buffers.scratch, &mut buffers.shared);
            threads::run(plan, worker, threads, scratch, shared)
        })
    }

    /// Round by round on threads.
    #[cfg(feature = "rayon")]
    pub fn parallel_rounds(
        &self,
        worker: &AnyWorker<'_>,
        threads: usize,
        buffers: &mut Buffers,
        watch: Option<&mut Watch<'_>>,
    ) -> Result<(), Error> {
        self.by_plan(buffers, |plan, buffers| {
            threads::rounds(plan, worker, threads, &mut buffers.shared.found, watch)
        })
    }

    /// By a driver of plans.
    pub fn by_plan(
        &self,
        buffers: &mut Buffers,
        drive: impl FnOnce(&mut LinePlan, &mut Buffers) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut plan = buffers.plan.take().unwrap_or_default();
        let done = self.open(&mut plan);
        let done = done.and_then(|()| drive(&mut plan, buffers));
        std::mem::swap(&mut buffers.line_set, &mut plan.line_set);
        std::mem::swap(&mut buffers.results, &mut plan.results);
        buffers.plan = Some(plan);
        done
    }

    /// Opens a plan, in the buffers of an earlier one.
    pub fn open(&self, plan: &mut LinePlan) -> Result<(), Error> {
        plan.vector.clear();
        let vector = self.vector.numbers().map(Real::widen);
        plan.vector.extend(vector);
        let x = (self.x.numbers().map(Real::widen), T::EPSILON);
        let given = self.given.iter().map(|v| v.widen());
        plan.open(self.scheme, self.operator.clone(), x, given)
    }
}
