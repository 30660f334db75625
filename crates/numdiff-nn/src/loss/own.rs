//! A loss of the caller's.

/// A loss of your own: a function of the outputs c of one sample and of its target t. Both have one number for each
/// output; a label is 1 at its class and 0 elsewhere.
///
/// All algorithms subtract its values, so that a difference has their rounding. The derivative is needed for
/// backpropagation alone; [`check_network`](crate::check_network) checks it. A network with such a loss cannot be
/// saved.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Dense, GradientAlgorithm, Loss, Network, OwnLoss, Targets, check_network};
/// let absolute = OwnLoss {
///     name: "absolute error",
///     value: |c, t| c.iter().zip(t).map(|(c, t)| (c - t).abs()).sum(),
///     slope: Some(|c, t, out| out.iter_mut().zip(c.iter().zip(t)).for_each(|(out, (c, t))| *out = (c - t).signum())),
/// };
/// let network = Network::builder().layer(Dense::new(1, 1)).loss(Loss::Own(absolute)).weights(&[2.0, 0.5])?;
/// let batch = Batch::new(array![[1.0], [3.0]], Targets::values(&array![[1.0], [9.0]])?)?;
/// assert_eq!(network.loss(&batch)?, 2.0);                     // |2.5 - 1| and |6.5 - 9|
/// let gradient = network.gradient(&batch, GradientAlgorithm::Backpropagation)?;
/// assert_eq!(gradient.flat(), [-1.0, 0.0]);                   // (1 - 3)/2, (1 - 1)/2
/// let numeric = network.gradient(&batch, GradientAlgorithm::Naive)?;
/// assert!((numeric.flat()[0] + 1.0).abs() < 1e-11);
/// check_network(&network, &batch)?.assert_ok();
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OwnLoss {
    /// The name of the loss. Two losses with the same name are taken to be equal.
    pub name: &'static str,
    /// The function that returns the loss of one sample, given c and t.
    pub value: fn(&[f64], &[f64]) -> f64,
    /// The function that writes the derivative of the loss with respect to each c; `None` if it is not known.
    pub slope: Option<LossSlope>,
}

/// A function that, given c and t, writes the derivative of the loss of one sample with respect to each c into the
/// third slice.
pub type LossSlope = fn(&[f64], &[f64], &mut [f64]);

impl PartialEq for OwnLoss {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
