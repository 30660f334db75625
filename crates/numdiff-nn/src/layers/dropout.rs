//! Dropout with a mask that stays until it is renewed.

use crate::error::require;
use crate::layers::{At, Form};
use crate::{Change, Error, Layer, Spec};
use ndarray::{Array2, s};
use numdiff_core::Real;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Dropout: sets a share `ratio` of the values, chosen at random, to 0 and divides the others by 1 - `ratio` (N.
/// Srivastava et al., JMLR 15 (2014) 1929-1958, with the division in training).
///
/// The mask is drawn by ChaCha8 from the caller's seed and the number of the pass. It stays the same until the pass
/// changes, so that all evaluations of a difference have the same mask. Training takes another pass at each step, and
/// [`Network::inference`](crate::Network::inference) passes everything.
///
/// # Example
/// ```
/// use ndarray::Array2;
/// use numdiff_nn::{Dropout, Network};
/// let network = Network::builder().inputs(100).layer(Dropout::new(0.5, 7)).weights(&[])?;
/// let x = Array2::<f64>::ones((1, 100));
/// let y = network.predict(&x)?;
/// assert!(y.iter().all(|&y| y == 0.0 || y == 2.0));
/// assert_eq!(network.predict(&x)?, y);                 // the same mask
/// assert_ne!(network.renewed(1).predict(&x)?, y);      // the mask of the next step
/// assert_eq!(network.inference(&x)?.predict(&x)?, x);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dropout {
    ratio: f64,
    seed: u64,
    pass: u64,
}

impl Dropout {
    /// Creates dropout of this share of the values, at least 0 and below 1, with masks drawn from `seed`.
    pub fn new(ratio: f64, seed: u64) -> Self {
        Self {
            ratio,
            seed,
            pass: 0,
        }
    }

    /// Sets the number of the pass, and with it the mask.
    pub fn with_pass(self, pass: u64) -> Self {
        Self { pass, ..self }
    }

    /// Row-major factors, 0 or 1/(1 - ratio).
    fn mask<T: Real>(&self, rows: usize, columns: usize) -> Vec<T> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.pass);
        let kept = T::round_from(1.0 / (1.0 - self.ratio));
        // 2^32 equally likely draws; those below the ratio are dropped.
        let factor = |draw: u32| {
            let dropped = f64::from(draw) < self.ratio * 4_294_967_296.0;
            if dropped { T::zero() } else { kept }
        };
        let draws = std::iter::repeat_with(|| rng.next_u32());
        draws.map(factor).take(rows * columns).collect()
    }
}

impl<T: Real> Layer<T> for Dropout {
    fn name(&self) -> String {
        format!("Dropout {}", self.ratio)
    }

    fn check(&self) -> Result<(), Error> {
        let (holds, ratio) = ((0.0..1.0).contains(&self.ratio), ("ratio", self.ratio));
        require(holds, "Dropout", ratio, "at least 0 and below 1")
    }

    fn forward(&self, _parameters: &[T], x: &Array2<T>) -> Array2<T> {
        let mask = self.mask::<T>(x.nrows(), x.ncols());
        Array2::from_shape_fn(x.dim(), |(n, k)| x[[n, k]] * mask[n * x.ncols() + k])
    }

    /// The mask.
    fn remember(&self, _parameters: &[T], x: &Array2<T>, _y: &Array2<T>) -> Vec<T> {
        self.mask(x.nrows(), x.ncols())
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, _dp: &mut [T]) -> Option<Array2<T>> {
        let mut dx = dy.to_owned();
        dx.iter_mut().zip(at.memory).for_each(|(d, &m)| *d *= m);
        Some(dx)
    }

    fn push(&self, at: &At<'_, T>, mut change: Change<T>, _form: Form) -> Change<T> {
        let mask =
            ndarray::ArrayView2::from_shape(at.x.dim(), at.memory).expect("one factor per value");
        let columns = change.columns();
        change.d *= &mask.slice(s![.., columns]);
        change
    }

    fn mixes_samples(&self) -> bool {
        false
    }

    fn renew(&self, step: u64) -> Option<Box<dyn Layer<T>>> {
        Some(Box::new(self.with_pass(step)))
    }

    fn inference(&self, _x: &Array2<T>, _statistics: &[f64]) -> Option<Box<dyn Layer<T>>> {
        Some(Box::new(Self {
            ratio: 0.0,
            ..*self
        }))
    }

    fn spec(&self) -> Option<Spec> {
        Some(Spec::Dropout(*self))
    }
}
