//! Starts in a box, spread evenly.

use super::sobol::Sobol;
use crate::Error;
use crate::error::{counted, require};

/// Starting points for [`run_from`](crate::LeastSquares::run_from), spread evenly over a box. The same seed gives the
/// same points on every machine.
#[derive(Clone, Debug)]
pub struct Starts {
    lower: Vec<f64>,
    upper: Vec<f64>,
    count: usize,
    seed: u64,
    design: Design,
}

#[derive(Clone, Copy, Debug)]
enum Design {
    LatinHypercube,
    Sobol,
}

impl Starts {
    /// Draws `count` points as a Latin hypercube: of `count` equal intervals of each parameter, every one contains one
    /// point. `lower` and `upper` hold one bound for each parameter.
    ///
    /// # Source
    /// M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979) 239-245.
    pub fn latin_hypercube<'b>(
        lower: impl IntoIterator<Item = &'b f64>,
        upper: impl IntoIterator<Item = &'b f64>,
        count: usize,
        seed: u64,
    ) -> Self {
        Self::new(lower, upper, count, seed, Design::LatinHypercube)
    }

    /// Takes the first `count` points of Sobol's sequence, which are also spread evenly over every pair of parameters.
    /// `lower` and `upper` hold one bound for each parameter. Powers of 2 are the most even counts. The points are
    /// shifted, binary digit by digit, by numbers drawn from `seed`.
    ///
    /// # Source
    /// I. M. Sobol, USSR Comput. Math. Math. Phys. 7 (1967) 86-112; the direction numbers are those of S. Joe and F. Y.
    /// Kuo, SIAM J. Sci. Comput. 30 (2008) 2635-2654, up to 21 parameters, and drawn from `seed` beyond.
    ///
    /// # Example
    /// ```
    /// use numdiff_optim::{Starts, least_squares};
    /// let r = |p: &[f64; 1]| [p[0] * p[0] - 1.0, 0.1 * (p[0] - 1.0)];
    /// let minima = least_squares(r, &[2.0]).run_from(&Starts::sobol(&[-3.0], &[3.0], 16, 1))?;
    /// assert_eq!(minima.found.len(), 2);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    pub fn sobol<'b>(
        lower: impl IntoIterator<Item = &'b f64>,
        upper: impl IntoIterator<Item = &'b f64>,
        count: usize,
        seed: u64,
    ) -> Self {
        Self::new(lower, upper, count, seed, Design::Sobol)
    }

    fn new<'b>(
        lower: impl IntoIterator<Item = &'b f64>,
        upper: impl IntoIterator<Item = &'b f64>,
        count: usize,
        seed: u64,
        design: Design,
    ) -> Self {
        Starts {
            lower: lower.into_iter().copied().collect(),
            upper: upper.into_iter().copied().collect(),
            count,
            seed,
            design,
        }
    }

    pub(super) fn validate(&self, n: usize) -> Result<(), Error> {
        counted("the box of starts", self.lower.len(), n)?;
        counted("the box of starts", self.upper.len(), n)?;
        for (index, (lower, upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            if !((upper - lower) >= 0.0 && (upper - lower).is_finite()) {
                return Err(Error::Element {
                    setting: "the box of starts",
                    index,
                    value: upper - lower,
                    expected: "a width of at least 0 and finite; pass the lower bound first",
                });
            }
        }
        require(self.count > 0, "starts", 0.0, "at least 1")
    }

    /// The starts, one a row.
    pub(super) fn points(&self) -> Vec<Vec<f64>> {
        let mut points = match self.design {
            Design::LatinHypercube => latin_hypercube(self.lower.len(), self.count, self.seed),
            Design::Sobol => {
                let mut stream = Stream(self.seed);
                let mut draw = || (stream.uniform() * 2f64.powi(32)) as u32;
                Sobol::new(self.lower.len(), &mut draw).points(self.count)
            }
        };
        for share in points.iter_mut().flat_map(|p| p.iter_mut().enumerate()) {
            let (i, share) = share;
            *share = self.lower[i] + *share * (self.upper[i] - self.lower[i]);
        }
        points
    }
}

fn latin_hypercube(n: usize, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut stream = Stream(seed);
    let mut points = vec![vec![0.0; n]; count];
    for i in 0..n {
        let mut strata: Vec<usize> = (0..count).collect();
        for k in (1..count).rev() {
            strata.swap(k, (stream.uniform() * (k + 1) as f64) as usize);
        }
        for (point, stratum) in points.iter_mut().zip(strata) {
            point[i] = (stratum as f64 + stream.uniform()) / count as f64;
        }
    }
    points
}

/// SplitMix64: the stream of a seed never changes.
struct Stream(u64);

impl Stream {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every stratum of each parameter once; of Sobol's points also each cell of a grid over two parameters, where
    /// their number is a power of 2.
    #[test]
    fn designs_are_even() {
        let (low, high) = ([-1.0, 0.0, 5.0], [1.0, 10.0, 6.0]);
        let stratum = |points: &[Vec<f64>], i: usize, parts: usize| -> Vec<usize> {
            let share = |p: &Vec<f64>| (p[i] - low[i]) / (high[i] - low[i]);
            let part = |p| (share(p) * parts as f64) as usize;
            points.iter().map(part).collect()
        };
        for seed in 0..5 {
            for design in [Starts::latin_hypercube, Starts::sobol] {
                let points = design(&low, &high, 64, seed).points();
                for i in 0..3 {
                    let mut met = stratum(&points, i, 64);
                    met.sort_unstable();
                    assert_eq!(met, (0..64).collect::<Vec<_>>(), "{seed} {i}");
                }
            }
            let points = Starts::sobol(&low, &high, 64, seed).points();
            for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                let (a, b) = (stratum(&points, i, 8), stratum(&points, j, 8));
                let mut cells: Vec<usize> = a.iter().zip(b).map(|(a, b)| 8 * a + b).collect();
                cells.sort_unstable();
                cells.dedup();
                assert!(cells.len() >= 32, "{seed} {i} {j}: {}", cells.len());
                if (i, j) == (0, 1) {
                    assert_eq!(cells.len(), 64);
                }
            }
        }
    }
}
