//! What a layer says of itself besides its derivatives: is it true?

use super::bits::Bits;
use super::report::Fault;
use super::subject::{Subject, largest};
use crate::{Change, Error, Form, Layer};
use ndarray::Array2;
use numdiff_core::Real;
use std::ops::Range;

/// How often derivatives are taken with other last places.
const REPEATS: usize = 6;

/// Derivatives that change by more than this share of the largest with the last places of a point change at a kink.
const CONSIDERABLE: f64 = 1e-6;

/// How many movements of parameters and inputs are tried.
const TRIED: usize = 64;

/// How large they are, of the size of what is moved; one to either side.
const PARTS: [f64; 2] = [0.125, -1.0 / 16384.0];

/// How many times larger and smaller derivatives by the outputs are tried.
const FAR: f64 = (1u64 << 30) as f64;

impl<T: Real> Subject<'_, T> {
    /// Whether the layer gives other values or derivatives when it is asked again, or other derivatives after it was asked
    /// elsewhere.
    pub(super) fn unsteady(&self, dy: &Array2<T>, bits: &mut Bits) -> Result<Option<Fault>, Error> {
        let is_same = |a: &[T], b: &[T]| {
            let mut pairs = a.iter().zip(b);
            pairs.all(|(a, b)| a == b || a.is_nan() && b.is_nan())
        };
        let derivatives = || -> Result<Vec<T>, Error> {
            let (dx, dp) = self.backward(dy)?;
            Ok(dx.into_iter().chain(dp).collect())
        };
        let again = self.forward(self.parameters, self.x)?;
        let (once, twice) = (derivatives()?, derivatives()?);
        let values = |y: &Array2<T>| y.iter().copied().collect::<Vec<T>>();
        if !is_same(&values(&self.y), &values(&again)) || !is_same(&once, &twice) {
            return Ok(Some(Fault::NotDeterministic));
        }
        let elsewhere = Array2::from_shape_fn(self.x.dim(), |(n, k)| {
            self.x[[n, k]] + T::round_from(0.25 * bits.weight() * self.input_size(n, k))
        });
        self.forward(self.parameters, &elsewhere)?;
        let stale = !is_same(&once, &derivatives()?);
        Ok(stale.then_some(Fault::Stale))
    }

    /// The rounding of the derivatives by the inputs and by the parameters: by how much they change with
    /// the last places of both, and by how much those for a sum of two `dy` differ from the sum of those for each, whose
    /// terms may cancel. What is more than a layer of outputs this large can round, and a considerable share of the largest
    /// derivative, is not counted: it comes from a kink.
    pub(super) fn backward_rounding(
        &self,
        dy: &Array2<T>,
        bits: &mut Bits,
    ) -> Result<(Array2<f64>, Vec<f64>), Error> {
        let (dx, dp) = self.backward(dy)?;
        let mut by_inputs = Array2::zeros(dx.dim());
        let mut by_parameters = vec![0.0; dp.len()];
        let most = 256.0 * T::EPSILON * largest(&self.y) * (self.y.len() as f64).sqrt();
        let shares = [largest(&dx), largest(&dp)].map(|size| CONSIDERABLE * size);
        for _ in 0..REPEATS {
            let sum = dy + &self.weights(bits);
            let (dx_sum, dp_sum) = self.backward(&sum)?;
            let (dx_rest, dp_rest) = self.backward(&(sum - dy))?;
            let mut near = |v: T| {
                let last = bits.weight() * 4.0 * T::EPSILON;
                T::round_from(v.widen() * (1.0 + last))
            };
            let parameters: Vec<T> = self.parameters.iter().map(|p| near(*p)).collect();
            let x = self.x.mapv(&mut near);
            let moved = Subject::new(self.index, self.layer, &parameters, &x, Vec::new())?;
            let (dx_near, dp_near) = moved.backward(dy)?;
            let off = |here: T, others: [T; 3], moved: f64, share: f64| {
                let [near, sum, rest] = others;
                let off = (near - here).abs().max((sum - rest - here).abs());
                let off = off.widen();
                if off.is_finite() {
                    off.min(share.max(most / moved))
                } else {
                    0.0
                }
            };
            for (at, rounding) in by_inputs.indexed_iter_mut() {
                let others = [dx_near[at], dx_sum[at], dx_rest[at]];
                let off = off(dx[at], others, self.input_size(at.0, at.1), shares[0]);
                *rounding = off.max(*rounding);
            }
            for (i, rounding) in by_parameters.iter_mut().enumerate() {
                let others = [dp_near[i], dp_sum[i], dp_rest[i]];
                let off = off(dp[i], others, self.parameter_size(i), shares[1]);
                *rounding = off.max(*rounding);
            }
        }
        Ok((by_inputs, by_parameters))
    }

    /// By how much of its size a sample's output changes with other samples, at most: every other one is replaced by
    /// its neighbor, moved, so that equal ones, and sums of all, change as well.
    pub(super) fn meeting(&self, bits: &mut Bits) -> Result<f64, Error> {
        let rows = self.x.nrows();
        let mut most = 0.0f64;
        for parity in [0, 1] {
            let mut x = self.x.to_owned();
            for n in (parity..rows).step_by(2) {
                let neighbor = (n + 1) % rows;
                for (k, x) in x.row_mut(n).iter_mut().enumerate() {
                    let by = 0.25 * bits.weight() * self.input_size(neighbor, k);
                    *x = self.x[[neighbor, k]] + T::round_from(by);
                }
            }
            let y = self.forward(self.parameters, &x)?;
            for n in (1 - parity..rows).step_by(2) {
                let size = largest(self.y.row(n));
                let pairs = y.row(n).into_iter().zip(self.y.row(n));
                let changes = pairs.map(|(a, b)| (*a - *b).widen().abs());
                let changed = changes.fold(
                    0.0,
                    |m, d| if d.is_nan() { f64::INFINITY } else { d.max(m) },
                );
                if changed > 0.0 {
                    most = most.max(changed / size);
                }
            }
        }
        Ok(most)
    }

    /// Whether movements as the layer gives them are those of its values: of one parameter, of one column of
    /// inputs and of several. The first are larger than in any gradient, so that rounding hides little.
    pub(super) fn wrong_increments(
        &self,
        noise: &Array2<f64>,
        bits: &mut Bits,
    ) -> Result<Vec<Fault>, Error> {
        let mut faults = Vec::new();
        let at = self.at();
        let columns_alone = chosen(self.x.ncols(), bits);
        let (rows, columns) = self.x.dim();
        for form in [Form::Subtract, Form::Algebra] {
            let is_wrong = |i: usize, sign: f64, part: f64| -> Result<bool, Error> {
                let by = T::round_from(sign * part * self.parameter_size(i));
                let mut moved = self.parameters.to_vec();
                moved[i] += by;
                let said = self.layer.seed(&at, i, by, form);
                Ok(!self.agrees(&said, &self.forward(&moved, self.x)?, noise))
            };
            for i in chosen(self.parameters.len(), bits) {
                let sign = bits.sign();
                if is_wrong(i, sign, PARTS[0])? || is_wrong(i, sign, PARTS[1])? {
                    faults.push(Fault::Seed);
                    break;
                }
            }
            let mut is_wrong = |range: Range<usize>, part: f64| -> Result<bool, Error> {
                let first = range.start;
                let d = Array2::from_shape_fn((rows, range.len()), |(n, k)| {
                    T::round_from(bits.sign() * part * self.input_size(n, first + k))
                });
                let change = Change { first, d };
                let moved = change.applied(self.x);
                let said = self.layer.push(&at, change, form);
                Ok(!self.agrees(&said, &self.forward(self.parameters, &moved)?, noise))
            };
            let single = columns_alone.iter().map(|k| *k..k + 1);
            let several = [0..columns, columns / 3..columns - columns / 3];
            for range in single.chain(several) {
                if is_wrong(range.clone(), PARTS[0])? || is_wrong(range, PARTS[1])? {
                    faults.push(Fault::Push);
                    break;
                }
            }
        }
        faults.sort_by_key(|fault| *fault == Fault::Push);
        faults.dedup();
        Ok(faults)
    }

    /// Whether `backward` adds to what it is given, and is proportional to `dy`; whether it may compute in single precision.
    pub(super) fn wrong_backward(&self, dy: &Array2<T>, single: bool) -> Result<Vec<Fault>, Error> {
        // Of what neither overflows nor loses digits to underflow.
        let least = if single {
            f64::from(f32::MIN_POSITIVE / f32::EPSILON) * FAR
        } else {
            T::min_positive_value().widen() * FAR / T::EPSILON
        };
        let differ = |a: &[f64], b: &[f64]| {
            let finite = |(a, b): &(&f64, &f64)| a.is_finite() && b.is_finite();
            let pairs = || a.iter().zip(b).filter(finite);
            let size = pairs().fold(0.0f64, |m, (a, b)| m.max(a.abs()).max(b.abs()));
            pairs().any(|(a, b)| (a - b).abs() > T::EPSILON.sqrt() * size.max(least))
        };
        let mut faults = Vec::new();
        let (_, dp) = self.backward(dy)?;
        let mut twice = dp.clone();
        self.layer.backward(&self.at(), dy, &mut twice);
        let is_same = |(once, twice): (&T, &T)| {
            let off = (*twice - *once).widen().abs();
            *once != T::zero() && off <= T::EPSILON.sqrt() * once.widen().abs()
        };
        if dp.iter().zip(&twice).any(is_same) {
            faults.push(Fault::Overwrites);
        }
        let here = self.flat_backward(dy)?;
        for by in [-FAR, 1.0 / FAR] {
            let far = self.flat_backward(&dy.mapv(|d| d * T::round_from(by)))?;
            let expected: Vec<f64> = here.iter().map(|d| by * d).collect();
            let (inputs, both) = (self.x.len(), far.len());
            if [0..inputs, inputs..both]
                .into_iter()
                .any(|part| differ(&expected[part.clone()], &far[part]))
            {
                faults.push(Fault::NotProportional);
                break;
            }
        }
        Ok(faults)
    }

    /// Whether the layer gives the values of another that it says it is, and its derivatives to a hundredth of the
    /// largest. At a kink of what is computed inside they may take either side, but not at each of three points.
    pub(super) fn is<U: Real>(
        &self,
        other: &dyn Layer<U>,
        noise: &Array2<f64>,
        bits: &mut Bits,
    ) -> Result<bool, Error> {
        let dy = self.weights(bits);
        let mut apart = vec![true; self.x.len() + self.parameters.len()];
        for point in 0..3 {
            let mut near = |v: &T| match point {
                0 => *v,
                _ => T::round_from(v.widen() * (1.0 + 1e-3 * bits.weight())),
            };
            let p: Vec<T> = self.parameters.iter().map(&mut near).collect();
            let x = self.x.map(&mut near);
            let here = Subject::new(self.index, self.layer, &p, &x, Vec::new())?;
            let across = |v: &T| U::round_from(v.widen());
            let (p, x) = (p.iter().map(across).collect::<Vec<U>>(), x.map(across));
            let there = Subject::new(self.index, other, &p, &x, Vec::new())?;
            let values = there.y.mapv(|y| T::round_from(y.widen()));
            if !here.agrees(&Change::none(here.y.nrows()), &values, noise) {
                return Ok(false);
            }
            let [here, there] = [
                here.flat_backward(&dy)?,
                there.flat_backward(&dy.map(across))?,
            ];
            let size = largest(&there);
            for (apart, (a, b)) in apart.iter_mut().zip(here.iter().zip(&there)) {
                *apart &= (a - b).abs() > 1e-2 * size;
            }
        }
        Ok(!apart.contains(&true))
    }

    /// The derivatives by the inputs, and behind them those by the parameters.
    fn flat_backward(&self, dy: &Array2<T>) -> Result<Vec<f64>, Error> {
        let (dx, dp) = self.backward(dy)?;
        Ok(dx.iter().chain(&dp).map(|d| d.widen()).collect())
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
