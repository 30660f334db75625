//! One step at a time, with gradients that come from elsewhere.

use super::UpdateRule;
use crate::error::require;
use crate::{Error, Method, Schedule};

/// The update rule of a method with a learning rate, one step at a time. It is for loops of your own, such as the
/// training of a network on batches, where the caller supplies each gradient.
///
/// [`Method`] names the papers and equations. A step takes O(n) operations for n unknowns.
///
/// # Example
/// ```
/// use numdiff_optim::{Method, Optimizer};
/// let mut adam = Optimizer::new(Method::adam(0.1), 1)?;
/// let mut x = [3.0];
/// for _ in 0..200 {
///     let g = [2.0 * x[0]];
///     adam.step(&mut x, &g)?;
/// }
/// println!("distance from the minimum {:.0e}", x[0].abs());
/// assert!(x[0].abs() < 1e-2);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
/// ```text
/// distance from the minimum 5e-5
/// ```
#[derive(Clone, Debug)]
pub struct Optimizer {
    rule: UpdateRule,
    unknowns: usize,
    steps: usize,
}

impl Optimizer {
    /// Creates the update rule of a method for this number of unknowns, with a constant learning rate.
    ///
    /// # Errors
    /// The method has no learning rate, or one of its settings is out of range.
    pub fn new(method: Method, unknowns: usize) -> Result<Self, Error> {
        method.validate()?;
        let Some(rule) = UpdateRule::new(&method, Schedule::Constant, unknowns) else {
            return Err(Error::Setting {
                setting: "learning rate of the method",
                value: f64::NAN,
                expected: "given: an Optimizer takes GradientDescent, Momentum, Nesterov, AdaGrad, RmsProp, Adam or AdamW",
            });
        };
        Ok(Self {
            rule,
            unknowns,
            steps: 0,
        })
    }

    /// Sets how the learning rate changes from step to step.
    ///
    /// # Errors
    /// A setting of the schedule is out of range.
    pub fn with_schedule(mut self, schedule: Schedule) -> Result<Self, Error> {
        schedule.validate()?;
        self.rule.schedule = schedule;
        Ok(self)
    }

    /// Returns the method.
    pub fn method(&self) -> &Method {
        &self.rule.method
    }

    /// Returns the number of unknowns, n.
    pub fn unknowns(&self) -> usize {
        self.unknowns
    }

    /// Returns the schedule of the learning rate.
    pub fn schedule(&self) -> Schedule {
        self.rule.schedule
    }

    /// Returns the point at which the next gradient is to be taken, if that is not x: x + m v for [`Method::Nesterov`]
    /// with momentum m and velocity v. `None` means x.
    pub fn ahead(&self, x: &[f64]) -> Option<Vec<f64>> {
        self.rule.ahead(x)
    }

    /// Moves x by one step, given the gradient `g` at x or, if there is one, at the point [`ahead`](Self::ahead).
    ///
    /// # Errors
    /// x or `g` does not have n elements. Nothing changes then. Elements that are not finite are not detected.
    pub fn step(&mut self, x: &mut [f64], g: &[f64]) -> Result<(), Error> {
        for (setting, found) in [
            ("length of x", x.len()),
            ("length of the gradient", g.len()),
        ] {
            let expected = "the number of unknowns given to Optimizer::new";
            require(found == self.unknowns, setting, found as f64, expected)?;
        }
        self.rule.step(self.steps, x, g);
        self.steps += 1;
        Ok(())
    }

    /// Returns the state as numbers, for saving a run: the number of steps, then the velocities or moving averages.
    pub fn state(&self) -> Vec<f64> {
        let mut rule = self.rule.clone();
        let memory = rule.memory().map(|number| *number);
        std::iter::once(self.steps as f64).chain(memory).collect()
    }

    /// Restores what [`state`](Self::state) returned. The steps that follow have the same bits.
    ///
    /// # Errors
    /// The state is that of another method or number of unknowns. Nothing changes then.
    pub fn restore(&mut self, state: &[f64]) -> Result<(), Error> {
        let expected = self.state().len();
        // Steps are counted exactly up to 2^53.
        let counted = |steps: f64| (0.0..9e15).contains(&steps) && steps.fract() == 0.0;
        let fits = state.len() == expected && counted(state[0]);
        let found = state.len() as f64;
        require(
            fits,
            "length of the state",
            found,
            "that of a state of this method and number of unknowns",
        )?;
        self.steps = state[0] as usize;
        self.rule
            .memory()
            .zip(&state[1..])
            .for_each(|(number, saved)| *number = *saved);
        Ok(())
    }
}
