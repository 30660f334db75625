//! The one place that calls the user's residuals and Jacobian.

use crate::evaluator::{CallerPoint, Given};
use crate::interrupt::Cause;
use ndarray::{Array2, ArrayView2};
use numdiff_core::{Outputs, Point};

/// Residuals over flat numbers.
pub(crate) trait Residuals {
    /// r(x), pushed to `out`.
    fn value(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause>;
    /// r at many points at once; `None` where they are to be evaluated one after the other.
    fn many(&mut self, points: &[Vec<f64>]) -> Option<Vec<Option<Vec<f64>>>>;
}

/// Residuals at many points by the caller's own means: a point a row.
pub(crate) type Batch<'a> = Box<dyn FnMut(ArrayView2<'_, f64>) -> Vec<Vec<f64>> + 'a>;

/// Residuals at many points by threads: chosen where r is known to be shareable.
pub(crate) type Threads<F, X> = fn(&F, &X, &[Vec<f64>]) -> Vec<Option<Vec<f64>>>;

/// The caller's r and the kind of x that it sees.
pub(crate) struct Callback<'a, F, X: Point<f64> + ?Sized> {
    pub r: F,
    pub x0: &'a X,
    pub seen: CallerPoint<X>,
    pub threads: Option<Threads<F, X>>,
    pub batch: Option<Batch<'a>>,
}

impl<F, X: Point<f64> + ?Sized> Callback<'_, F, X> {
    /// Whether several points are evaluated together.
    pub fn is_together(&self) -> bool {
        self.threads.is_some() || self.batch.is_some()
    }
}

impl<F, O, X> Residuals for Callback<'_, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    fn value(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        (self.r)(self.seen.at(x)).push_to(out).map_err(Into::into)
    }

    fn many(&mut self, points: &[Vec<f64>]) -> Option<Vec<Option<Vec<f64>>>> {
        if let Some(threads) = self.threads {
            return Some(threads(&self.r, self.x0, points));
        }
        let batch = self.batch.as_mut()?;
        let mut rows = Array2::zeros((points.len(), points.first().map_or(0, Vec::len)));
        for (mut row, point) in rows.rows_mut().into_iter().zip(points) {
            row.iter_mut().zip(point).for_each(|(slot, &v)| *slot = v);
        }
        Some(batch(rows.view()).into_iter().map(Some).collect())
    }
}

/// Evaluates the points on rayon's threads; the order of the residuals is that of the points.
#[cfg(feature = "rayon")]
pub(crate) fn by_threads<F, O, X>(r: &F, x0: &X, points: &[Vec<f64>]) -> Vec<Option<Vec<f64>>>
where
    F: Fn(&X::Seen) -> O + Sync,
    O: Outputs<f64>,
    X: Point<f64> + Sync + ?Sized,
{
    use rayon::prelude::*;
    let one = |seen: &mut CallerPoint<X>, x: &Vec<f64>| {
        let mut out = Vec::new();
        r(seen.at(x)).push_to(&mut out).ok().map(|()| out)
    };
    points
        .par_iter()
        .map_init(|| CallerPoint::new(x0), one)
        .collect()
}

/// The residuals as functions of the parameters that are free, in units of their standard deviations.
pub(crate) struct Evaluator<'r, 'a> {
    pub residuals: &'r mut dyn Residuals,
    pub given: Option<Given<'a>>,
    /// All parameters; those that are not free keep these values.
    pub whole: Vec<f64>,
    /// The parameters that move.
    pub free: Vec<usize>,
    pub sigma: Option<Vec<f64>>,
}

impl Evaluator<'_, '_> {
    /// All parameters, where the free ones are `x`.
    pub fn whole(&self, x: &[f64]) -> Vec<f64> {
        let mut whole = self.whole.clone();
        self.free.iter().zip(x).for_each(|(&i, &v)| whole[i] = v);
        whole
    }

    /// r(x) / sigma.
    pub fn value(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        let whole = self.whole(x);
        out.clear();
        self.residuals.value(&whole, out)?;
        weigh(out, self.sigma.as_deref());
        Ok(())
    }

    /// r(x) / sigma at many points at once, where that can be had.
    pub fn many(&mut self, points: &[Vec<f64>]) -> Option<Vec<Option<Vec<f64>>>> {
        let whole: Vec<Vec<f64>> = points.iter().map(|x| self.whole(x)).collect();
        let mut all = self.residuals.many(&whole)?;
        for residuals in all.iter_mut().flatten() {
            weigh(residuals, self.sigma.as_deref());
        }
        Some(all)
    }

    /// The given Jacobian row by row, of all parameters. Only to be called when there is one.
    pub fn jacobian(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        let whole = self.whole(x);
        match self.given.as_mut() {
            Some(given) => given(&whole, out),
            None => unreachable!("asked for a Jacobian that was not given"),
        }
    }
}

pub(super) fn weigh(residuals: &mut [f64], sigma: Option<&[f64]>) {
    if let Some(sigma) = sigma {
        residuals.iter_mut().zip(sigma).for_each(|(r, s)| *r /= s);
    }
}
