//! f along lines that leave the real axis.

use super::displacement::{displacement, quotient};
use crate::error::{expect_length, expect_outputs};
use crate::evaluate::complex::{ComplexBuffers, ComplexFunction};
use crate::evaluate::points::numbers;
use crate::line::finite;
use crate::point::ComplexPoint;
use crate::random::SplitMix64;
use crate::sparse::Compression;
use crate::step::power_of_two;
use crate::{Error, Point, Real, Workspace};
use num_complex::Complex;

/// f, and the copy of x that it sees.
pub(super) struct Lines<'a, 'f, T: Real, X: ComplexPoint<T> + ?Sized> {
    pub f: &'a mut ComplexFunction<'f, X::Filled<Complex<T>>, T>,
    pub x: &'a X,
    pub copy: &'a mut X::Filled<Complex<T>>,
    pub kept: &'a mut ComplexBuffers<T>,
    /// Whether slopes are read off by a pattern.
    pub by_pattern: bool,
    pub evaluations: &'a mut usize,
}

impl<'a, 'f, T: Real, X: ComplexPoint<T> + ?Sized> Lines<'a, 'f, T, X> {
    /// Checks and copies x, and forgets the last call.
    pub fn begin(
        f: &'a mut ComplexFunction<'f, X::Filled<Complex<T>>, T>,
        x: &'a X,
        workspace: &'a mut Workspace<X::Filled<Complex<T>>, T>,
    ) -> Result<Self, Error> {
        let (kept, results) = (&mut workspace.complex, &mut workspace.buffers.results);
        results.forget_counts();
        numbers(x, &mut kept.x)?;
        kept.slopes.clear();
        let copy = &mut workspace.point.scratch;
        // In the place of an earlier one, whatever an evaluation that panicked left there.
        match copy {
            Some(copy) if x.fits(copy) => place(X::numbers_in(copy), x.each()),
            _ => *copy = Some(x.filled(x.each().map(|re| Complex::new(re, T::zero())))),
        }
        let Some(copy) = copy else {
            unreachable!("x was copied")
        };
        Ok(Lines {
            f,
            x,
            copy,
            kept,
            by_pattern: false,
            evaluations: &mut results.evaluations,
        })
    }

    /// The derivatives `found(output, coordinate, derivative)` of all outputs by each coordinate; returns the
    /// number of outputs.
    pub fn along_coordinates(
        &mut self,
        mut found: impl FnMut(usize, usize, T),
    ) -> Result<usize, Error> {
        self.draw_direction();
        let mut outputs = 0;
        for k in 0..self.kept.x.len() {
            self.evaluate(k..k + 1, (k, self.kept.h[k]))?;
            outputs = expect_outputs(self.kept.outputs.len(), outputs)?;
            for output in 0..outputs {
                found(output, k, self.by_coordinate(output, k)?);
            }
        }
        Ok(outputs)
    }

    /// The entries of a sparse Jacobian in the order of their storage; coordinates of one color are moved
    /// together.
    pub fn along_groups(&mut self, compression: &Compression) -> Result<Vec<T>, Error> {
        let (pattern, n) = (&compression.pattern, self.kept.x.len());
        pattern.expect_shape("the Jacobian", pattern.rows(), n)?;
        self.draw_direction();
        self.by_pattern = true;
        let mut values = vec![T::zero(); compression.compressed_entries()];
        for color in 0..compression.coloring.colors() {
            let group = compression.coloring.group(color);
            let first = group.first().copied().unwrap_or(0);
            self.evaluate(group.iter().copied(), (first, self.kept.h[first]))?;
            pattern.expect_shape("the Jacobian", self.kept.outputs.len(), n)?;
            for &j in group {
                let (from, rows) = compression.entries_of(j);
                for (value, &i) in values[from..].iter_mut().zip(rows) {
                    *value = self.by_coordinate(i, j)?;
                }
            }
        }
        let entries = 0..pattern.nnz();
        Ok(entries
            .map(|k| values[compression.compressed_entry(k)])
            .collect())
    }

    /// The derivatives `found(output, derivative)` of all outputs along `v`.
    pub fn along(
        &mut self,
        v: &(impl Point<T> + ?Sized),
        mut found: impl FnMut(usize, T),
    ) -> Result<(), Error> {
        let kept = &mut *self.kept;
        kept.v.clear();
        kept.v.extend(v.numbers().map(Real::widen));
        expect_length("v", kept.v.len(), kept.x.len())?;
        finite("v", &kept.v)?;
        // In units of its largest entry v neither overflows nor underflows h.
        let largest = kept.v.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        let unit = power_of_two(largest.clamp(f64::MIN_POSITIVE, 0.25 * f64::MAX));
        // The largest h for which no coordinate moves farther than it would by itself.
        let moved = kept.x.iter().zip(&kept.v).filter(|(_, v)| **v != 0.0);
        let mut h = moved
            .map(|(x, v)| displacement::<T>(*x) / power_of_two(v.abs() / unit))
            .fold(f64::INFINITY, f64::min);
        if !h.is_finite() {
            h = displacement::<T>(0.0);
        }
        kept.h.clear();
        kept.h.extend(kept.v.iter().map(|v| h * (v / unit)));
        self.evaluate(0..self.kept.x.len(), (0, h))?;
        for output in 0..expect_outputs(self.kept.outputs.len(), 0)? {
            let slope = quotient(self.kept.outputs[output], (h, unit), 0, output)?;
            self.kept.slopes[output] = slope.widen();
            found(output, slope);
        }
        Ok(())
    }

    /// Each coordinate's displacement, and a direction that moves every coordinate by a part of its size, to
    /// either side.
    fn draw_direction(&mut self) {
        let mut random = SplitMix64::new(0);
        let ComplexBuffers { x, h, v, .. } = &mut *self.kept;
        h.clear();
        h.extend(x.iter().map(|x| displacement::<T>(*x)));
        v.clear();
        v.extend(x.iter().map(|x| {
            let part = (0.5 + random.uniform()) * power_of_two(size(*x));
            let sign = if random.below(2) == 1 { -1.0 } else { 1.0 };
            T::round_from(sign * part).widen()
        }));
    }

    /// Evaluates f with coordinates moved; `place` is what an error says of them.
    fn evaluate(
        &mut self,
        coordinates: impl Iterator<Item = usize> + Clone,
        place: (usize, f64),
    ) -> Result<(), Error> {
        let kept = &mut *self.kept;
        let numbers = X::numbers_in(self.copy);
        for k in coordinates.clone() {
            numbers[k].im = T::round_from(kept.h[k]);
        }
        kept.outputs.clear();
        *self.evaluations += 1;
        (self.f)(self.copy, &mut kept.outputs)
            .map_err(|source| Error::function(place.0, place.1, source))?;
        let numbers = X::numbers_in(self.copy);
        coordinates.for_each(|k| numbers[k].im = T::zero());
        kept.slopes.resize(kept.outputs.len(), 0.0);
        Ok(())
    }

    /// The derivative of an output by a coordinate, which adds to that along the direction.
    fn by_coordinate(&mut self, output: usize, k: usize) -> Result<T, Error> {
        let kept = &mut *self.kept;
        let slope: T = quotient(kept.outputs[output], (kept.h[k], 1.0), k, output)?;
        kept.slopes[output] += slope.widen() * kept.v[k];
        Ok(slope)
    }
}

/// |x|; 1 where it is 0.
pub(super) fn size(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x.abs() }
}

/// Puts a copy of x on the real axis.
pub(super) fn place<T: Real>(copy: &mut [Complex<T>], x: impl Iterator<Item = T>) {
    for (z, x) in copy.iter_mut().zip(x) {
        *z = Complex::new(x, T::zero());
    }
}
