//! Analytic derivatives against f's values: do they agree, and if not, what is wrong?
//!
//! The numeric side is [`Adaptive`], whose error bars say how far the numbers can be
//! trusted; a derivative fails where it is further from the numeric one than bars and rounding
//! explain, and a second, independent estimate agrees that it is. A [`Report`] names the worst
//! entries and the simplest mistake that explains all of them.
//!
//! ```
//! use ndarray::{ArrayRef1, array};
//! use numdiff_core::check;
//! let f = |x: &ArrayRef1<f64>| x[0].powi(2) * x[1] + x[1].exp();
//! let x = array![1.5, 0.5];
//! check::gradient(f, |x: &ArrayRef1<f64>| array![2.0 * x[0] * x[1], x[0].powi(2) + x[1].exp()], &x)?.assert_ok();
//!
//! let report = check::gradient(f, |x: &ArrayRef1<f64>| -array![2.0 * x[0] * x[1], x[0].powi(2) + x[1].exp()], &x)?;
//! assert_eq!(report.diagnosis, Some(check::Diagnosis::SignFlipped));
//! println!("{report}");
//! # Ok::<(), numdiff_core::Error>(())
//! ```

mod compare;
mod diagnose;
mod direction;
mod line;
mod numeric;
mod question;
mod report;
mod taylor;

pub use direction::{directions, directions_of};
pub use report::{Diagnosis, Mismatch, Region, Report, Term};
pub use taylor::{TaylorTest, taylor, taylor_of};

use crate::evaluate::adapter::{Point, Scalar, Vector};
use crate::evaluate::points::values;
use crate::operators::{
    Gradient, Hessian, HessianVector, Jacobian, JacobianVector, VectorJacobian,
};
use crate::sparse::splitmix::SplitMix64;
use crate::survey::finite;
use crate::{Adaptive, Error, Function, Outcome, Status};
use compare::Comparison;
use line::{Sweep, own_scale};
use ndarray::{ArrayRef, Dimension, Ix1};
use numeric::{Question, differentiate};

/// Checks a gradient: `g` returns an array of x's shape (or its entries in row-major order).
///
/// Evaluations: about 14 of f for each coordinate, 3 of `g`; more where something is wrong.
///
/// # Errors
/// x that is empty or not finite; f or g that fails; a g of another length than x; f(x) that is
/// not finite.
///
/// # Example
/// ```
/// use ndarray::{Array1, ArrayRef1};
/// use numdiff_core::check;
/// let f = |x: &ArrayRef1<f64>| x.iter().map(|v| v.powi(4)).sum::<f64>();
/// let g = |x: &ArrayRef1<f64>| x.mapv(|v| 3.0 * v.powi(3));
/// let report = check::gradient(f, g, &Array1::linspace(0.5, 2.0, 7))?;
/// assert!(matches!(report.diagnosis, Some(check::Diagnosis::ConstantFactor { factor }) if (factor - 4.0 / 3.0).abs() < 1e-9));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn gradient<F, R, G, S, D>(f: F, g: G, x: &ArrayRef<f64, D>) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    Check {
        what: "gradient",
        name: "the gradient",
        operator: Gradient,
        f: Scalar::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(g, x.raw_dim(), &mut q),
        vector: &[],
        shape: Shape::LikeX(x.shape().to_vec()),
    }
    .run(&checked(x)?)
}

/// Checks a Jacobian: `j` returns outputs x coordinates (rows of f's outputs), both in row-major
/// order of their arrays.
///
/// # Errors
/// As [`gradient`].
pub fn jacobian<F, R, G, S, D>(f: F, j: G, x: &ArrayRef<f64, D>) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    Check {
        what: "jacobian",
        name: "the Jacobian",
        operator: Jacobian,
        f: Vector::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(j, x.raw_dim(), &mut q),
        vector: &[],
        shape: Shape::OutputsByX,
    }
    .run(&checked(x)?)
}

/// Checks a Hessian: `h` returns n x n entries, coordinates in row-major order.
///
/// The numeric Hessian is made of values of f, about 14 for each of n (n + 1) / 2 entries; where
/// the gradient was checked, [`jacobian`] with the gradient in place of f is faster and sharper.
///
/// # Errors
/// As [`gradient`].
pub fn hessian<F, R, G, S, D>(f: F, h: G, x: &ArrayRef<f64, D>) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    Check {
        what: "hessian",
        name: "the Hessian",
        operator: Hessian,
        f: Scalar::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(h, x.raw_dim(), &mut q),
        vector: &[],
        shape: Shape::Square,
    }
    .run(&checked(x)?)
}

/// Checks a Jacobian-vector product: `jvp(x, v)` returns one entry for each output of f.
///
/// # Errors
/// As [`gradient`]; v that is not finite or of another length than x.
pub fn jacobian_vector<F, R, G, S, D>(
    f: F,
    mut jvp: G,
    x: &ArrayRef<f64, D>,
    v: &ArrayRef<f64, D>,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&ArrayRef<f64, D>, &ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let vector: Vec<f64> = v.iter().copied().collect();
    Check {
        what: "Jacobian-vector product",
        name: "the product",
        operator: JacobianVector,
        f: Vector::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(|x: &ArrayRef<f64, D>| jvp(x, v), x.raw_dim(), &mut q),
        vector: &vector,
        shape: Shape::Outputs,
    }
    .run(&checked(x)?)
}

/// Checks a vector-Jacobian product: `vjp(x, u)` returns one entry for each coordinate, `u` has one
/// for each output of f.
///
/// # Errors
/// As [`gradient`]; u that is not finite or of another length than f's outputs.
pub fn vector_jacobian<F, R, G, S, D>(
    f: F,
    mut vjp: G,
    x: &ArrayRef<f64, D>,
    u: &ArrayRef<f64, Ix1>,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&ArrayRef<f64, D>, &ArrayRef<f64, Ix1>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let vector: Vec<f64> = u.iter().copied().collect();
    Check {
        what: "vector-Jacobian product",
        name: "the product",
        operator: VectorJacobian,
        f: Vector::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(|x: &ArrayRef<f64, D>| vjp(x, u), x.raw_dim(), &mut q),
        vector: &vector,
        shape: Shape::LikeX(x.shape().to_vec()),
    }
    .run(&checked(x)?)
}

/// Checks a Hessian-vector product: `hvp(x, v)` returns one entry for each coordinate.
///
/// # Errors
/// As [`jacobian_vector`].
pub fn hessian_vector<F, R, G, S, D>(
    f: F,
    mut hvp: G,
    x: &ArrayRef<f64, D>,
    v: &ArrayRef<f64, D>,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    G: FnMut(&ArrayRef<f64, D>, &ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let vector: Vec<f64> = v.iter().copied().collect();
    Check {
        what: "Hessian-vector product",
        name: "the product",
        operator: HessianVector,
        f: Scalar::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(|x: &ArrayRef<f64, D>| hvp(x, v), x.raw_dim(), &mut q),
        vector: &vector,
        shape: Shape::LikeX(x.shape().to_vec()),
    }
    .run(&checked(x)?)
}

/// x in row-major order.
fn checked<D: Dimension>(x: &ArrayRef<f64, D>) -> Result<Vec<f64>, Error> {
    let base: Vec<f64> = x.iter().copied().collect();
    if base.is_empty() {
        return Err(Error::Empty { argument: "x" });
    }
    finite("x", &base)?;
    Ok(base)
}

/// Shape of the entries.
enum Shape {
    LikeX(Vec<usize>),
    OutputsByX,
    Square,
    Outputs,
}

/// Entries that get a second opinion; the rest of many follow these.
const SECOND_OPINIONS: usize = 48;
/// Mismatches that a report lists.
const LISTED: usize = 10;
/// Noise below this many units in the last place of f is rounding.
const ROUNDING: f64 = 256.0;

/// A check in the making.
struct Check<'a, O, F, G> {
    what: &'static str,
    name: &'static str,
    operator: O,
    f: F,
    derivative: G,
    vector: &'a [f64],
    shape: Shape,
}

impl<O: Question, F: Function, G: Function> Check<'_, O, F, G> {
    fn run(mut self, x: &[f64]) -> Result<Report, Error> {
        let base = values(&mut self.f, x, None)?;
        let mut evaluations = 1;
        let shape = match &self.shape {
            Shape::LikeX(shape) => shape.clone(),
            Shape::OutputsByX => vec![base.len(), x.len()],
            Shape::Square => vec![x.len(), x.len()],
            Shape::Outputs => vec![base.len()],
        };
        let mut comparison = self.compare(x, shape.clone(), &mut evaluations)?;
        // The same x again, after f was elsewhere.
        let mut spread = vec![0.0_f64; base.len()];
        for _ in 0..3 {
            let again = values(&mut self.f, x, None)?;
            evaluations += 1;
            for ((spread, a), b) in spread.iter_mut().zip(&base).zip(&again) {
                *spread = spread.max((a - b).abs());
            }
        }
        let total_spread = spread.iter().copied().fold(0.0, f64::max);

        let mut sweep = Sweep {
            f: &mut self.f,
            x,
            base: &base,
            evaluations: 0,
        };
        let Levels { noise, hidden } = levels(&self.operator, &comparison, &mut sweep, &spread);
        let kinks = hidden.is_none()
            && find_kinks(&self.operator, &comparison, &mut sweep, self.vector, &noise)?;
        if hidden.is_none() && !kinks {
            ask_again(
                &self.operator,
                &mut comparison,
                &mut sweep,
                self.vector,
                &noise,
            )?;
        }
        let unchecked = (0..comparison.len())
            .filter(|&k| !comparison.is_checked(k))
            .count();
        evaluations += sweep.evaluations;

        let wrong = comparison.count_wrong();
        let diagnosis = if kinks {
            Some(Diagnosis::Kink)
        } else if let Some(level) = hidden {
            Some(if total_spread > 0.0 {
                Diagnosis::NotDeterministic {
                    spread: total_spread,
                }
            } else {
                Diagnosis::TooNoisy { level }
            })
        } else if wrong > 0 {
            let mut other = None;
            let mut second = || {
                other
                    .get_or_insert_with(|| {
                        let x = elsewhere(x);
                        self.compare(&x, shape.clone(), &mut evaluations).ok()
                    })
                    .clone()
            };
            let entries = (shape.iter().product::<usize>() == x.len()).then_some(x);
            Some(diagnose::diagnose(&comparison, entries, &mut second))
        } else {
            (total_spread > 0.0).then_some(Diagnosis::NotDeterministic {
                spread: total_spread,
            })
        };
        let ok = !kinks && hidden.is_none() && wrong == 0;
        Ok(report(
            self.what,
            &comparison,
            ok,
            diagnosis,
            unchecked,
            evaluations,
        ))
    }

    /// Analytic entries, numeric ones, and the rounding of the analytic ones as far as moving x by
    /// a few units in the last place shows it.
    fn compare(
        &mut self,
        x: &[f64],
        shape: Vec<usize>,
        evaluations: &mut usize,
    ) -> Result<Comparison, Error> {
        let analytic = values(&mut self.derivative, x, None)?;
        let expected = shape.iter().product();
        if analytic.len() != expected {
            return Err(Error::Length {
                argument: self.name,
                found: analytic.len(),
                expected,
            });
        }
        let mut floor = vec![0.0_f64; expected];
        for ulps in [4.0, -4.0] {
            let moved: Vec<f64> = x.iter().map(|x| x + ulps * f64::EPSILON * x).collect();
            let Ok(nearby) = values(&mut self.derivative, x, Some(&moved)) else {
                continue;
            };
            if nearby.len() == expected {
                for ((floor, a), b) in floor.iter_mut().zip(&analytic).zip(&nearby) {
                    let change = (a - b).abs();
                    if change.is_finite() {
                        *floor = floor.max(4.0 * change);
                    }
                }
            }
        }
        // A kink of the derivative at x is no rounding.
        for (floor, a) in floor.iter_mut().zip(&analytic) {
            *floor = floor.min(1e-6 * a.abs().max(f64::EPSILON));
        }
        let numeric = differentiate(
            &Adaptive::new(),
            &self.operator,
            &mut self.f,
            x,
            self.vector,
        )?;
        *evaluations += numeric.evaluations;
        Ok(Comparison::new(analytic, numeric, floor, shape))
    }
}

/// A point nearby that shares no symmetry with x.
fn elsewhere(x: &[f64]) -> Vec<f64> {
    let mut random = SplitMix64::new(1);
    x.iter()
        .map(|x| x + (0.02 + 0.05 * random.uniform()) * if *x == 0.0 { 1.0 } else { *x })
        .collect()
}

/// Confirms the entries that the adaptive method calls not smooth; those that are smooth after all
/// stay unchecked.
fn find_kinks<O: Question, F: Function>(
    operator: &O,
    c: &Comparison,
    sweep: &mut Sweep<'_, F>,
    vector: &[f64],
    noise: &[f64],
) -> Result<bool, Error> {
    let suspects = (0..c.len())
        .filter(|&k| c.numeric.status[k] == Status::NotSmooth || c.wrong[k] || !c.is_checked(k));
    for k in suspects.take(SECOND_OPINIONS) {
        let flagged = c.numeric.status[k] == Status::NotSmooth;
        match operator.line(sweep.x.len(), k) {
            Some((coordinate, output))
                if sweep.has_kink(coordinate, vector, output, noise[output])? =>
            {
                return Ok(true);
            }
            None if flagged => return Ok(true),
            _ => {}
        }
    }
    Ok(false)
}

/// Takes back the accusation of entries that plain differences support.
fn ask_again<O: Question, F: Function>(
    operator: &O,
    c: &mut Comparison,
    sweep: &mut Sweep<'_, F>,
    vector: &[f64],
    noise: &[f64],
) -> Result<(), Error> {
    let mut wrong: Vec<usize> = (0..c.len())
        .filter(|&k| c.wrong[k] && c.analytic[k].is_finite())
        .collect();
    // The least convincing first: if they stand, so do the others.
    wrong.sort_by(|&a, &b| c.excess(a).total_cmp(&c.excess(b)));
    for &k in wrong.iter().take(SECOND_OPINIONS) {
        if let Some((coordinate, output)) = operator.line(sweep.x.len(), k)
            && sweep.supports(coordinate, vector, output, c.analytic[k], noise[output])?
        {
            c.wrong[k] = false;
        }
    }
    Ok(())
}

/// Noise in f, as far as it was looked for.
struct Levels {
    /// Of each output.
    noise: Vec<f64>,
    /// Noise of an output none of whose entries could be checked; or that changes less over x than
    /// ten times its noise, and whose error bars leave most entries open; or whose derivative can't be
    /// told from zero, though it claims changes above the noise, or a hundredth of x changes the
    /// output by less than the noise.
    hidden: Option<f64>,
}

/// Looks for noise in the outputs whose derivatives are doubtful.
fn levels<O: Question, F: Function>(
    operator: &O,
    c: &Comparison,
    sweep: &mut Sweep<'_, F>,
    spread: &[f64],
) -> Levels {
    let n = sweep.x.len();
    let mut levels = Levels {
        noise: spread.to_vec(),
        hidden: None,
    };
    let mut outputs: Vec<(usize, bool)> = Vec::new();
    for k in 0..c.len() {
        let rough = matches!(
            c.numeric.status[k],
            Status::NoiseLimited { .. } | Status::Unreliable | Status::NotSmooth
        );
        let output = operator.line(n, k).map_or(0, |(_, output)| output);
        if rough || c.wrong[k] || spread[output] > 0.0 {
            // A derivative of zero is not hidden: there is nothing to tell.
            let claimed = c.analytic[k] != 0.0;
            match outputs.iter().position(|(known, _)| *known == output) {
                Some(at) => outputs[at].1 |= claimed,
                None if outputs.len() < SECOND_OPINIONS => outputs.push((output, claimed)),
                None => {}
            }
        }
    }
    for (output, claimed) in outputs {
        let (jitter, [near, far]) = sweep.noise_and_signals(output);
        let rounding = ROUNDING * f64::EPSILON * sweep.base[output].abs();
        let level = jitter.max(spread[output]);
        levels.noise[output] = level;
        if !claimed {
            continue;
        }
        let (mut entries, mut checked, mut resolved) = (0, 0, 0);
        // What the entries say of the change of f over the scale of x.
        let (mut change, mut telling) = (0.0_f64, false);
        for k in (0..c.len()).filter(|&k| c.analytic[k] != 0.0) {
            let line = operator.line(n, k);
            if line.is_none_or(|(_, of)| of == output) {
                let coordinate = line.and_then(|(coordinate, _)| coordinate);
                change = change
                    .max(coordinate.map_or(0.0, |i| c.analytic[k].abs() * own_scale(sweep.x[i])));
                telling |= c.wrong[k];
                telling |= c.is_checked(k) && c.analytic[k].abs() > c.tolerance(k);
                entries += 1;
                checked += usize::from(c.is_checked(k));
                resolved += usize::from(c.is_resolved(k));
            }
        }
        let lost = far.max(near) <= 10.0 * level && 2 * resolved < entries;
        let open = (change > level || near <= level) && !telling;
        if checked == 0 || level > rounding && (lost || open) {
            levels.hidden = Some(level);
        }
    }
    levels
}

fn report(
    what: &'static str,
    c: &Comparison,
    ok: bool,
    diagnosis: Option<Diagnosis>,
    unchecked: usize,
    evaluations: usize,
) -> Report {
    let mut wrong: Vec<usize> = (0..c.len()).filter(|&k| c.wrong[k]).collect();
    let mismatches = wrong.len();
    wrong.sort_by(|&a, &b| c.excess(b).total_cmp(&c.excess(a)));
    let worst = wrong.iter().take(LISTED).map(|&k| Mismatch {
        index: c.index(k),
        analytic: c.analytic[k],
        numeric: c.numeric.value[k],
        error: c.numeric.error[k],
        status: c.numeric.status[k],
    });
    let checked = (0..c.len()).filter(|&k| c.is_checked(k));
    let size = checked.fold(0.0_f64, |m, k| {
        m.max(c.analytic[k].abs()).max(c.numeric.value[k].abs())
    });
    let right = (0..c.len()).filter(|&k| !c.wrong[k] && c.is_checked(k));
    let difference = right.fold(0.0_f64, |m, k| {
        m.max((c.analytic[k] - c.numeric.value[k]).abs())
    });
    Report {
        what,
        shape: c.shape.clone(),
        mismatches,
        worst: worst.collect(),
        unchecked,
        diagnosis,
        agreement: if size > 0.0 { difference / size } else { 0.0 },
        evaluations,
        ok,
    }
}
