//! What a layer says of itself besides its derivatives: is it true?

use super::bits::Bits;
use super::report::Fault;
use super::subject::{Subject, largest};
use crate::{Change, Error, Form};
use ndarray::Array2;
use numdiff_core::Real;

/// How often derivatives are taken with other last places.
const REPEATS: usize = 6;

/// How many movements of parameters and inputs are tried.
const TRIED: usize = 64;

impl<T: Real> Subject<'_, T> {
    /// Whether the layer gives the same values and derivatives twice.
    pub(super) fn is_deterministic(&self, dy: &Array2<T>) -> Result<bool, Error> {
        let again = self.forward(self.parameters, self.x)?;
        let ((dx, dp), (dx_again, dp_again)) = (self.backward(dy)?, self.backward(dy)?);
        let all = self.y.iter().chain(&dx).chain(&dp);
        let mut pairs = all.zip(again.iter().chain(&dx_again).chain(&dp_again));
        Ok(pairs.all(|(a, b)| a == b || a.is_nan() && b.is_nan()))
    }

    /// The rounding of the derivatives by the inputs and by the parameters: by how much they change with
    /// the last places of both. More than a layer of outputs this large can round is not counted: it
    /// comes from a kink.
    pub(super) fn backward_rounding(
        &self,
        dy: &Array2<T>,
        bits: &mut Bits,
    ) -> Result<(Array2<f64>, Vec<f64>), Error> {
        let (dx, dp) = self.backward(dy)?;
        let mut by_inputs = Array2::zeros(dx.dim());
        let mut by_parameters = vec![0.0; dp.len()];
        let most = 256.0 * T::EPSILON * largest(&self.y) * (self.y.len() as f64).sqrt();
        for _ in 0..REPEATS {
            let mut near = |v: T| {
                let last = bits.weight() * 4.0 * T::EPSILON;
                T::round_from(v.widen() * (1.0 + last))
            };
            let parameters: Vec<T> = self.parameters.iter().map(|p| near(*p)).collect();
            let x = self.x.mapv(&mut near);
            let moved = Subject::new(self.index, self.layer, &parameters, &x, Vec::new())?;
            let (dx_near, dp_near) = moved.backward(dy)?;
            let off = |a: T, b: T, moved: f64| {
                let off = (a - b).widen().abs();
                if off.is_finite() {
                    off.min(most / moved)
                } else {
                    0.0
                }
            };
            for ((n, k), rounding) in by_inputs.indexed_iter_mut() {
                let off = off(dx[[n, k]], dx_near[[n, k]], self.input_size(n, k));
                *rounding = off.max(*rounding);
            }
            for (i, rounding) in by_parameters.iter_mut().enumerate() {
                *rounding = off(dp[i], dp_near[i], self.parameter_size(i)).max(*rounding);
            }
        }
        Ok((by_inputs, by_parameters))
    }

    /// Whether samples meet: every other one is replaced by its neighbor, and the rest must stay as it
    /// is. What counts is half of the digits, far above the rounding of any sum and far below what
    /// samples do to each other.
    pub(super) fn samples_meet(&self) -> Result<bool, Error> {
        let rows = self.x.nrows();
        for parity in [0, 1] {
            let mut x = self.x.to_owned();
            for n in (parity..rows).step_by(2) {
                x.row_mut(n).assign(&self.x.row((n + 1) % rows));
            }
            let y = self.forward(self.parameters, &x)?;
            for n in (1 - parity..rows).step_by(2) {
                let row = self.y.row(n);
                let tolerance = T::EPSILON.sqrt() * largest(row);
                let mut pairs = y.row(n).into_iter().zip(row);
                if pairs.any(|(a, b)| (*a - *b).widen().abs() > tolerance) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether movements as the layer gives them are those of its values. They are larger than in any
    /// gradient, so that rounding hides little.
    pub(super) fn wrong_increments(
        &self,
        noise: &Array2<f64>,
        bits: &mut Bits,
    ) -> Result<Vec<Fault>, Error> {
        let mut faults = Vec::new();
        let at = self.at();
        for form in [Form::Subtract, Form::Algebra] {
            let parameters = self.parameters.len();
            for i in chosen(parameters, bits) {
                let by = T::round_from(bits.sign() * 0.125 * self.parameter_size(i));
                let mut moved = self.parameters.to_vec();
                moved[i] += by;
                let said = self.layer.seed(&at, i, by, form);
                if !self.agrees(&said, &self.forward(&moved, self.x)?, noise) {
                    faults.push(Fault::Seed);
                    break;
                }
            }
            let (rows, columns) = self.x.dim();
            for k in chosen(columns, bits) {
                let d = Array2::from_shape_fn((rows, 1), |(n, _)| {
                    T::round_from(bits.sign() * 0.125 * self.input_size(n, k))
                });
                let change = Change { first: k, d };
                let moved = change.applied(self.x);
                let said = self.layer.push(&at, change, form);
                if !self.agrees(&said, &self.forward(self.parameters, &moved)?, noise) {
                    faults.push(Fault::Push);
                    break;
                }
            }
        }
        faults.dedup();
        Ok(faults)
    }

    fn agrees(&self, said: &Change<T>, after: &Array2<T>, noise: &Array2<f64>) -> bool {
        let (rows, width) = self.y.dim();
        if said.rows() != rows || said.columns().end > width {
            return false;
        }
        let largest = largest(self.y.iter().chain(after));
        let moved = said.applied(&self.y);
        moved.indexed_iter().all(|(at, moved)| {
            let off = (*moved - after[at]).widen().abs();
            // A movement that leaves the layer's domain says nothing.
            !after[at].is_finite() || off <= 64.0 * noise[at] + 1e3 * T::EPSILON * largest
        })
    }

    /// Whether the outputs are affine in the parameters, for a layer that says so.
    pub(super) fn is_linear(&self, noise: &Array2<f64>, bits: &mut Bits) -> Result<bool, Error> {
        let by: Vec<f64> = (0..self.parameters.len())
            .map(|i| bits.sign() * 0.25 * self.parameter_size(i))
            .collect();
        let moved = |sign: f64| -> Result<Array2<T>, Error> {
            let p = self.parameters.iter().zip(&by);
            let p: Vec<T> = p
                .map(|(p, by)| T::round_from(p.widen() + sign * by))
                .collect();
            self.forward(&p, self.x)
        };
        let (up, down) = (moved(1.0)?, moved(-1.0)?);
        let largest = largest(up.iter().chain(&down));
        Ok(self.y.indexed_iter().all(|(at, y)| {
            let bend = up[at].widen() - 2.0 * y.widen() + down[at].widen();
            bend.abs() <= 64.0 * noise[at] + T::EPSILON.sqrt() * 1e-2 * largest
        }))
    }
}

/// All of so many, or some of them.
fn chosen(count: usize, bits: &mut Bits) -> Vec<usize> {
    if count <= TRIED {
        return (0..count).collect();
    }
    (0..TRIED)
        .map(|_| (bits.next() % count as u64) as usize)
        .collect()
}
