//! What turns a gradient into a step.

/// What turns a gradient into a step: gradient descent, momentum, Adam.
///
/// Everything it remembers is a list of numbers, so that a training run can be saved and resumed
/// with the same bits.
pub trait Optimizer {
    /// Moves the parameters `x`, given the gradient of the loss there.
    fn step(&mut self, x: &mut [f64], gradient: &[f64]);

    /// Name and settings, such as `gradient descent, rate 0.1`; a saved run is only resumed with an
    /// optimizer of the same name.
    fn name(&self) -> String;

    /// Whatever it remembers between steps; empty by default.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Takes back what [`state`](Self::state) gave; `false` when it can't be its own.
    fn restore(&mut self, state: &[f64]) -> bool {
        state.is_empty()
    }
}

/// x <- x - rate * gradient, the tutorial's method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientDescent {
    /// The learning rate.
    pub rate: f64,
}

impl Optimizer for GradientDescent {
    fn step(&mut self, x: &mut [f64], gradient: &[f64]) {
        for (x, g) in x.iter_mut().zip(gradient) {
            *x -= self.rate * g;
        }
    }

    fn name(&self) -> String {
        format!("gradient descent, rate {}", self.rate)
    }
}
