//! Whether the complex step can be believed: two values of f on the real axis beside x.

use super::ComplexStep;
use super::lines::{Lines, place, size};
use crate::error::expect_outputs;
use crate::evaluate::complex::ComplexBuffers;
use crate::moves::Failure;
use crate::point::ComplexPoint;
use crate::step::power_of_two;
use crate::{Adaptive, Error, Estimate, Real, Workspace};
use ndarray::Array1;

/// One error bar does not hold for all of many functions; four do.
const BARS: f64 = 4.0;

impl<T: Real> ComplexStep<T> {
    /// Compares the slopes along the direction with values on the real axis.
    ///
    /// # Errors
    /// [`Error::NotAnalytic`] where these exclude them.
    pub(super) fn confirm<X: ComplexPoint<T> + ?Sized>(
        &self,
        mut lines: Lines<'_, '_, T, X>,
    ) -> Result<(), Error> {
        if self.checked {
            *lines.evaluations += match lines.looks_right() {
                Ok(count) => count,
                Err(count) => count + lines.refute()?,
            };
        }
        Ok(())
    }
}

impl<T: Real, X: ComplexPoint<T> + ?Sized> Lines<'_, '_, T, X> {
    /// Whether the slopes agree with a central difference on the real axis. It has some ten digits where f
    /// varies over the size of x; where it has fewer, a closer look decides. Returns the evaluations, as an
    /// error where they do not.
    fn looks_right(&mut self) -> Result<usize, usize> {
        let ComplexBuffers {
            x,
            v,
            slopes,
            sides,
            ..
        } = &mut *self.kept;
        let parts = x.iter().zip(&*v).map(|(x, v)| v.abs() / size(*x));
        let reach = parts.fold(0.0, f64::max);
        if reach == 0.0 {
            return Ok(0);
        }
        // The cube root of the rounding.
        let t = power_of_two(T::EPSILON.cbrt()) / reach;
        for (side, (values, t)) in sides.iter_mut().zip([t, -t]).enumerate() {
            let moved = x.iter().zip(&*v).map(|(x, v)| T::round_from(x + t * v));
            place(X::numbers_in(self.copy), moved);
            values.clear();
            let done = (self.f)(self.copy, values);
            if done.is_err() || values.len() != slopes.len() {
                return Err(side + 1);
            }
        }
        let [high, low] = sides;
        let agrees = high
            .iter()
            .zip(low)
            .zip(slopes)
            .all(|((high, low), slope)| {
                let (up, down) = (high.re.widen(), low.re.widen());
                let difference = (up - down) / (2.0 * t);
                let rounding = 16.0 * T::EPSILON * (up.abs() + down.abs());
                let real = high.im.widen().abs().max(low.im.widen().abs()) <= 4.0 * rounding;
                let tolerance = doubt::<T>() * (difference.abs() + slope.abs()) + rounding / t;
                real && (difference - *slope).abs() <= tolerance
            });
        if agrees { Ok(2) } else { Err(2) }
    }

    /// The closer look: differences with error bars. Returns its evaluations.
    #[cold]
    fn refute(&mut self) -> Result<usize, Error> {
        let (complex, real) = match self.both() {
            Ok(both) => both,
            Err(
                error @ Error::NonFiniteValue {
                    displacement: 0.0, ..
                },
            ) => return Err(error),
            // f that has no values beside x can't be asked there.
            Err(_) => return Ok(0),
        };
        let trusted = real.status.is_trusted();
        let excluded = |slope: f64, output: usize, part: f64| {
            let other = real.value[output].widen();
            let rounding = part * slope.abs().max(other.abs());
            trusted && (slope - other).abs() > BARS * real.error[output].widen() + rounding
        };
        let not_analytic = |k: &usize| excluded(complex[*k].widen(), *k, 64.0 * T::EPSILON);
        if let Some(output) = (0..complex.len()).find(not_analytic) {
            return Err(Error::NotAnalytic {
                output,
                complex: complex[output].widen(),
                real: real.value[output].widen(),
                error: real.error[output].widen(),
            });
        }
        // f itself is right along the direction: what was read off by a pattern is not.
        let slopes = self.kept.slopes.iter().take(complex.len());
        let misread = slopes
            .enumerate()
            .find(|(k, s)| self.by_pattern && excluded(**s, *k, doubt::<T>()));
        match misread {
            Some((row, _)) => Err(Error::MissingEntry { row }),
            None => Ok(1 + real.evaluations),
        }
    }

    /// The derivatives along the direction, by the complex step and from real parts on the real axis.
    fn both(&mut self) -> Result<(Vec<T>, Estimate<Array1<T>>), Error> {
        let v: Vec<T> = self.kept.v.iter().map(|v| T::round_from(*v)).collect();
        let (mut complex, workspace) = (Vec::new(), &mut Workspace::new());
        Lines::begin(self.f, self.x, workspace)?.along(&v, |_, slope| complex.push(slope))?;
        let on_axis = |x: &[T]| {
            let mut values = Vec::new();
            place(X::numbers_in(self.copy), x.iter().copied());
            (self.f)(self.copy, &mut values)?;
            Ok::<_, Failure>(values.iter().map(|v| v.re).collect::<Vec<T>>())
        };
        let numbers: Vec<T> = self.x.numbers().collect();
        let real = Adaptive::with_defaults().jacobian_vector(on_axis, &numbers, &v)?;
        expect_outputs(real.value.len(), complex.len())?;
        Ok((complex, real))
    }
}

/// The part of a slope by which a central difference may miss it.
fn doubt<T: Real>() -> f64 {
    T::EPSILON.powf(0.4)
}
