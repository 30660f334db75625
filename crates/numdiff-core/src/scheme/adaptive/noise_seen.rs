//! Samples of the noise in f, and what they say of its size.

use super::constants::{ASSUMED, STUDENT, UNLIKE};

/// Samples of the noise, in units of that assumed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NoiseSeen {
    squares: f64,
    count: f64,
}

impl NoiseSeen {
    /// These and one more, where there is one.
    pub(super) fn and(self, sample: Option<f64>) -> NoiseSeen {
        match sample {
            None => self,
            Some(sample) => NoiseSeen {
                squares: self.squares + sample * sample,
                count: self.count + 1.0,
            },
        }
    }

    /// These and those.
    pub(super) fn with(self, other: NoiseSeen) -> NoiseSeen {
        NoiseSeen {
            squares: self.squares + other.squares,
            count: self.count + other.count,
        }
    }

    /// What a deviation of the noise is taken to be, in units of that assumed, which counts as one sample. Where
    /// the noise must be `another` than that the samples alone tell, few of them by Student's distribution.
    pub(super) fn deviations(self, another: bool) -> f64 {
        let square = self.mean_square(ASSUMED);
        let few = if another && square > UNLIKE * UNLIKE {
            STUDENT[(self.count as usize).min(STUDENT.len() - 1)]
        } else {
            1.0
        };
        few * square.sqrt()
    }

    pub(super) fn is_any(self) -> bool {
        self.count > 0.0
    }

    /// The variance of the noise, that assumed counted like so many samples.
    pub(super) fn mean_square(self, assumed: f64) -> f64 {
        (self.squares + assumed) / (self.count + assumed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_assumed_counts_as_one_sample() {
        let none = NoiseSeen::default();
        assert!(!none.is_any() && !none.and(None).is_any());
        assert_eq!(none.mean_square(1.0), 1.0);
        let quiet = none.and(Some(0.0));
        // What is small by chance halves the variance, and many such samples make it vanish.
        assert_eq!(quiet.mean_square(1.0), 0.5);
        let many = (0..99).fold(none, |seen, _| seen.with(quiet));
        assert_eq!(many.mean_square(1.0), 0.01);
        // Without it, the mean of the squares.
        let two = quiet.and(Some(-4.0));
        assert_eq!(
            (two.mean_square(0.0), two.mean_square(1.0)),
            (8.0, 17.0 / 3.0)
        );
    }
}
