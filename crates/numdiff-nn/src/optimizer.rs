//! What turns a gradient into a step.

use crate::Error;
use numdiff_optim::Stepper;

/// What turns a gradient into a step: any method of `numdiff-optim` that follows a learning rate, as
/// a [`Stepper`], or one of your own.
///
/// Everything it remembers is a list of numbers, so that a training run can be saved and resumed
/// with the same bits.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Dense, Loss, Network, Optimizer, Targets, Training};
/// use std::ops::ControlFlow;
///
/// /// Steps of one size, against the sign of each derivative.
/// #[derive(Debug)]
/// struct Signs(f64);
/// impl Optimizer for Signs {
///     fn step(&mut self, x: &mut [f64], gradient: &[f64]) {
///         x.iter_mut().zip(gradient).for_each(|(x, g)| *x -= self.0 * g.signum());
///     }
///     fn name(&self) -> String { format!("signs, {}", self.0) }
/// }
///
/// let network: Network = Network::builder()
///     .layer(Dense::new(1, 1).without_bias()).loss(Loss::SumSquaredError).weights(&[0.0])?;
/// let data = Batch::new(array![[1.0]], Targets::values(&array![[1.0]])?)?;
/// let mut training = Training::new(network, data, Signs(0.25)).with_epochs(4);
/// training.run(|_| ControlFlow::Continue(()))?;
/// assert_eq!(training.network().parameters(), [1.0]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
pub trait Optimizer {
    /// Moves the parameters `x`, given the gradient of the loss there (or
    /// [`ahead`](Self::ahead) of there). Both have one element per parameter.
    fn step(&mut self, x: &mut [f64], gradient: &[f64]);

    /// Where the next gradient is to be taken, when that is not `x`; `None` by default.
    fn ahead(&self, x: &[f64]) -> Option<Vec<f64>> {
        let _ = x;
        None
    }

    /// Whether the settings make sense; asked before the first step. `Ok` by default.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting out of its range.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The number of parameters it is made for; `None` (the default): any.
    fn parameters(&self) -> Option<usize> {
        None
    }

    /// Name and settings, such as `gradient descent, rate 0.1`; a saved run is only resumed with an
    /// optimizer of the same name.
    fn name(&self) -> String;

    /// Whatever it remembers between steps; empty by default.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Takes back what [`state`](Self::state) gave; `false`, and no change, when it can't be its own.
    fn restore(&mut self, state: &[f64]) -> bool {
        state.is_empty()
    }
}

impl Optimizer for Stepper {
    /// # Panics
    /// Never in a [`Training`](crate::Training) of a network with as many parameters as the stepper
    /// has unknowns, which is checked before the first step.
    fn step(&mut self, x: &mut [f64], gradient: &[f64]) {
        Stepper::step(self, x, gradient)
            .expect("a stepper for as many unknowns as there are parameters");
    }

    fn ahead(&self, x: &[f64]) -> Option<Vec<f64>> {
        Stepper::ahead(self, x)
    }

    fn name(&self) -> String {
        format!("{:?}, {:?}", self.method(), self.schedule())
    }

    fn parameters(&self) -> Option<usize> {
        Some(self.unknowns())
    }

    fn state(&self) -> Vec<f64> {
        Stepper::state(self)
    }

    fn restore(&mut self, state: &[f64]) -> bool {
        Stepper::restore(self, state).is_ok()
    }
}

/// x <- x - rate * gradient, the tutorial's method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientDescent {
    /// The learning rate; finite and above 0.
    pub rate: f64,
}

impl Optimizer for GradientDescent {
    fn step(&mut self, x: &mut [f64], gradient: &[f64]) {
        for (x, g) in x.iter_mut().zip(gradient) {
            *x -= self.rate * g;
        }
    }

    fn check(&self) -> Result<(), Error> {
        if self.rate > 0.0 && self.rate.is_finite() {
            return Ok(());
        }
        Err(Error::Setting {
            layer: "GradientDescent".into(),
            argument: "rate",
            value: self.rate,
            expected: "finite and above 0",
        })
    }

    fn name(&self) -> String {
        format!("gradient descent, rate {}", self.rate)
    }
}
