//! How the outputs of a layer are rounded, from their values.

use super::bits::Bits;
use super::subject::Subject;
use crate::Error;
use ndarray::Array2;
use numdiff_core::Real;

/// Points of a difference table, and the order of the difference that is taken for noise: what is left
/// of a smooth function there is far below rounding (Hamming's method; Moré and Wild 2011).
const POINTS: usize = 17;
const ORDER: usize = 4;

/// Standard deviation of noise over the median of thirteen fourth differences, of which a kink spoils four: the sum of
/// the squares of the binomial coefficients, 70, and the median of |N(0, 1)|.
const TO_DEVIATION: f64 = 1.0 / (8.366_600_265 * 0.674_489_75);

/// Distances between two points of a table, relative. At the first one smooth terms of order 4 are 1e-40. The second
/// is some last places of single precision, for terms that are computed in it. The wider ones are for outputs that do
/// not move between most of the points of those before.
const SPACINGS: [f64; 8] = [1e-10, 1.1e-6, 1.9e-5, 2.3e-4, 3.7e-3, 0.057, 1.1, 17.0];

/// Beside each but the first stands one so much wider: by a single one a staircase may look like a straight line.
const BESIDE: f64 = 1.37;

/// The rounding of each output, and whether it is that of single precision.
pub(super) struct Noise {
    /// Standard deviations.
    pub of_outputs: Array2<f64>,
    /// Whether each moves by steps that are wider than the last places of its inputs.
    pub steps: Array2<bool>,
    /// Unit roundoff of the numbers inside.
    pub epsilon: f64,
    /// The same, where nothing that the layer did shows that it is less: that of single precision, in which a layer may
    /// sum its numbers before doubles are made of them.
    pub largest_epsilon: f64,
    pub single: bool,
}

impl Noise {
    /// That of outputs that are moved by increments, which are rounded as they are.
    pub fn none<T: Real>(dim: (usize, usize)) -> Self {
        Self {
            of_outputs: Array2::zeros(dim),
            steps: Array2::from_elem(dim, false),
            epsilon: T::EPSILON,
            largest_epsilon: T::EPSILON,
            single: false,
        }
    }
}

impl<T: Real> Subject<'_, T> {
    /// From tables of differences along lines through parameters and inputs.
    pub(super) fn noise(&self, bits: &mut Bits) -> Result<Noise, Error> {
        let single = self.is_single(bits)?;
        let epsilon = if single {
            f64::from(f32::EPSILON)
        } else {
            T::EPSILON
        };
        let mut of_outputs = self.y.mapv(|y| 2.0 * epsilon * y.widen().abs());
        let mut steps = Array2::from_elem(self.y.dim(), false);
        let mut still = Array2::from_elem(self.y.dim(), true);
        let mut seen = Array2::from_elem(self.y.dim(), false);
        let mut largest_epsilon = epsilon;
        for (k, spacing) in SPACINGS.into_iter().enumerate() {
            let all_seen = k > 2 || seen.iter().all(|seen| *seen);
            if k > 1 && all_seen && !still.iter().any(|still| *still) {
                break;
            }
            let mut tables = vec![self.table(spacing, bits)?];
            if k > 0 {
                tables.push(self.table(BESIDE * spacing, bits)?);
            }
            for (at, noise) in of_outputs.indexed_iter_mut() {
                let lines = || tables.iter().map(|table| table.iter().map(|y| y[at]));
                let found = lines().map(deviation).fold(0.0, f64::max);
                let size = lines().flatten().fold(0.0f64, |m, y| y.abs().max(m));
                let single = 4.0 * f64::from(f32::EPSILON) * size;
                // Steps may look like a straight line at two spacings, too: then a third one tells.
                let near = k == 1 || k == 2 && !seen[at];
                if found.is_finite() && (still[at] || near && found <= single) {
                    steps[at] |= k > 1 && still[at] && found > 16.0 * epsilon * size;
                    *noise = noise.max(found);
                }
                seen[at] |= found > 0.0;
                still[at] &= lines().all(is_staircase);
            }
            if k == 0 && still.iter().all(|still| *still) {
                largest_epsilon = f64::from(f32::EPSILON);
            }
        }
        Ok(Noise {
            of_outputs,
            steps,
            epsilon,
            largest_epsilon,
            single,
        })
    }

    /// Whether doubles of all digits become numbers that have the digits of single precision.
    fn is_single(&self, bits: &mut Bits) -> Result<bool, Error> {
        if T::EPSILON > f64::EPSILON {
            return Ok(false);
        }
        let mut near = |v: T| T::round_from(v.widen() * (1.0 + 1e-3 * bits.weight()));
        let parameters: Vec<T> = self.parameters.iter().map(|p| near(*p)).collect();
        let y = self.forward(&parameters, &self.x.mapv(&mut near))?;
        let short = |y: f64| f64::from(y as f32) == y;
        // Whole numbers and halves are no sign of it.
        let many_digits = |y: f64| (y as f32).to_bits() & 0xfff != 0;
        let (all, some) = y.iter().fold((true, false), |(all, some), y| {
            (all && short(y.widen()), some || many_digits(y.widen()))
        });
        Ok(all && some)
    }

    /// Outputs at points so far apart.
    fn table(&self, spacing: f64, bits: &mut Bits) -> Result<Vec<Array2<f64>>, Error> {
        let p: Vec<f64> = self.parameters.iter().map(|_| bits.sign()).collect();
        let x = Array2::from_shape_fn(self.x.dim(), |_| bits.sign());
        let moved = |v: T, by: f64| T::round_from(v.widen() * (1.0 + by));
        let points = (0..POINTS).map(|k| {
            let t = spacing * k as f64;
            let all = self.parameters.iter().zip(&p);
            let parameters: Vec<T> = all.map(|(v, sign)| moved(*v, t * sign)).collect();
            let x = Array2::from_shape_fn(self.x.dim(), |at| moved(self.x[at], t * x[at]));
            Ok(self.forward(&parameters, &x)?.mapv(T::widen))
        });
        points.collect()
    }
}

/// Whether most neighbors are equal.
fn is_staircase(values: impl Iterator<Item = f64> + Clone) -> bool {
    let pairs = values.clone().zip(values.skip(1));
    2 * pairs.filter(|(a, b)| a == b).count() >= POINTS
}

/// Standard deviation of the noise in equally spaced values.
fn deviation(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    for _ in 0..ORDER {
        values = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    }
    values.iter_mut().for_each(|d| *d = d.abs());
    values.sort_by(f64::total_cmp);
    values[values.len() / 2] * TO_DEVIATION
}
