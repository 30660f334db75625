//! A second opinion along a line: plain differences at many steps, which share nothing with the
//! adaptive method but f.

use crate::evaluate::points::values;
use crate::{Error, Function};

/// f along a line, all outputs.
pub(super) struct Sweep<'a, F> {
    pub f: &'a mut F,
    pub x: &'a [f64],
    pub base: &'a [f64],
    pub evaluations: usize,
}

impl<F: Function> Sweep<'_, F> {
    /// f at x with coordinate `i` moved by h, or, without one, at x + h direction.
    fn at(
        &mut self,
        coordinate: Option<usize>,
        direction: &[f64],
        h: f64,
    ) -> Result<(Vec<f64>, f64), Error> {
        let mut point = self.x.to_vec();
        let moved = match coordinate {
            Some(i) => {
                point[i] += h;
                point[i] - self.x[i]
            }
            None => {
                point
                    .iter_mut()
                    .zip(direction)
                    .for_each(|(p, d)| *p += h * d);
                h
            }
        };
        self.evaluations += 1;
        Ok((values(self.f, self.x, Some(&point))?, moved))
    }

    /// Scale of a line: that of the coordinate, or the reach of the direction.
    fn scale(&self, coordinate: Option<usize>, direction: &[f64]) -> f64 {
        match coordinate {
            Some(i) => self.x[i].abs().max(1.0),
            None => {
                let reach = |(d, x): (&f64, &f64)| d.abs() / x.abs().max(1.0);
                1.0 / direction
                    .iter()
                    .zip(self.x)
                    .map(reach)
                    .fold(f64::MIN_POSITIVE, f64::max)
            }
        }
    }

    /// Whether the derivative of `output` may be `claimed`: the central difference whose own
    /// uncertainty (its change when the step is quartered, and rounding and `noise` over the step)
    /// is smallest is not further off than ten times that.
    pub fn supports(
        &mut self,
        coordinate: Option<usize>,
        direction: &[f64],
        output: usize,
        claimed: f64,
        noise: f64,
    ) -> Result<bool, Error> {
        let scale = self.scale(coordinate, direction);
        let mut best = (f64::INFINITY, f64::NAN);
        let mut previous: Option<f64> = None;
        for k in (2..=46).step_by(2) {
            let h = scale * (-f64::from(k)).exp2();
            let Ok(((high, up), (low, down))) = self
                .at(coordinate, direction, h)
                .and_then(|high| Ok((high, self.at(coordinate, direction, -h)?)))
            else {
                previous = None;
                continue;
            };
            let (a, b) = (high[output], low[output]);
            let slope = (a - b) / (up - down);
            if !slope.is_finite() {
                previous = None;
                continue;
            }
            let rounding = (4.0 * f64::EPSILON * (a.abs() + b.abs()) + 2.0 * noise) / h;
            if let Some(coarse) = previous {
                let uncertainty = (slope - coarse).abs() + rounding;
                if uncertainty < best.0 {
                    best = (uncertainty, slope);
                }
            }
            previous = Some(slope);
        }
        let (uncertainty, slope) = best;
        Ok(uncertainty.is_infinite()
            || (slope - claimed).abs() <= 10.0 * uncertainty + 1e-8 * claimed.abs())
    }

    /// Whether the slopes on the two sides of x differ however near one looks.
    pub fn has_kink(
        &mut self,
        coordinate: Option<usize>,
        direction: &[f64],
        output: usize,
        noise: f64,
    ) -> Result<bool, Error> {
        let scale = self.scale(coordinate, direction);
        let center = self.base[output];
        let mut bends = Vec::new();
        for k in (8..=44).step_by(4) {
            let h = scale * (-f64::from(k)).exp2();
            let sides = (
                self.at(coordinate, direction, h),
                self.at(coordinate, direction, -h),
            );
            let (Ok((high, _)), Ok((low, _))) = sides else {
                continue;
            };
            let (high, low) = (high[output], low[output]);
            let bend = ((high - center) + (low - center)).abs() / h;
            let size = high.abs() + low.abs() + center.abs();
            let rounding = (4.0 * f64::EPSILON * size + 4.0 * noise) / h;
            if bend.is_finite() && bend > 20.0 * rounding {
                bends.push(bend);
            } else if !bends.is_empty() {
                break;
            }
        }
        // The bend of a smooth f shrinks 16-fold from one step to the next.
        let nearest = &bends[bends.len().saturating_sub(4)..];
        Ok(nearest.len() == 4 && nearest.windows(2).all(|w| w[1] > 0.5 * w[0]))
    }

    /// Noise that a tiny displacement shows, and the change over a hundredth and over a quarter of
    /// the scale of x, for `output`.
    pub fn noise_and_signals(&mut self, output: usize) -> (f64, [f64; 2]) {
        let n = self.x.len();
        let center = self.base[output];
        let picks = [0, n / 2, n - 1];
        let (mut noise, mut signals) = (0.0_f64, [0.0_f64; 2]);
        let mut lines: Vec<(Option<usize>, f64)> = Vec::new();
        for &i in &picks[..n.min(3)] {
            lines.push((Some(i), own_scale(self.x[i])));
        }
        // All coordinates at once.
        let relative: Vec<f64> = self.x.iter().map(|x| own_scale(*x)).collect();
        lines.push((None, 1.0));
        for (coordinate, scale) in lines {
            // The even part of f at displacements that change 12 digits of x: f'' is lost in
            // rounding there, only noise is seen.
            for t in [3e-13, 7e-13] {
                let sides = (
                    self.at(coordinate, &relative, t * scale),
                    self.at(coordinate, &relative, -t * scale),
                );
                if let (Ok((high, _)), Ok((low, _))) = sides {
                    let even = 0.5 * (high[output] - center) + 0.5 * (low[output] - center);
                    if even.is_finite() {
                        noise = noise.max(even.abs());
                    }
                }
            }
            for (signal, t) in signals.iter_mut().zip([0.01, 0.25]) {
                for t in [-t, t] {
                    if let Ok((v, _)) = self.at(coordinate, &relative, t * scale) {
                        let change = (v[output] - center).abs();
                        if change.is_finite() {
                            *signal = signal.max(change);
                        }
                    }
                }
            }
        }
        (noise, signals)
    }
}

/// The size of a coordinate; one for zero.
pub(super) fn own_scale(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x.abs() }
}
