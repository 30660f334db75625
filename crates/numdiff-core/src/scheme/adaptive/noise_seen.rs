//! The estimator of the noise in f: numbers that a smooth f leaves no trace in, each over the deviation that noise of
//! one gives it. Here they are top levels of windows and deviations beside x; for
//! [`noise_level`](crate::noise_level) differences of equally spaced values.

use super::constants::{AGREEMENT, STUDENT, UNLIKE};

/// Samples of the noise, in units of one deviation of that assumed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NoiseSeen {
    squares: f64,
    count: f64,
}

impl NoiseSeen {
    /// These and one more, where there is one.
    pub(crate) fn and(self, sample: Option<f64>) -> NoiseSeen {
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

    /// What a deviation of the noise is taken to be, with the deviation `assumed` as one sample more: one or two alone
    /// are small, or large, by chance. Where the noise must be `another` than that the samples alone tell, few of them
    /// by Student's distribution.
    pub(super) fn deviations(self, assumed: f64, another: bool) -> f64 {
        let square = self.and(Some(assumed)).mean_square(0.0);
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
    pub(crate) fn mean_square(self, assumed: f64) -> f64 {
        (self.squares + assumed) / (self.count + assumed)
    }
}

/// Whether all of these may be the size of one noise: the least and the largest of them agree.
pub(crate) fn agree(levels: &[f64]) -> bool {
    let least = levels.iter().copied().fold(f64::INFINITY, f64::min);
    levels.iter().all(|level| *level <= AGREEMENT * least)
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
        assert!(agree(&[1.0, 3.0, 4.0]) && !agree(&[1.0, 3.0, 4.1]));
        // Without it, the mean of the squares.
        let two = quiet.and(Some(-4.0));
        assert_eq!(
            (two.mean_square(0.0), two.mean_square(1.0)),
            (8.0, 17.0 / 3.0)
        );
    }
}
