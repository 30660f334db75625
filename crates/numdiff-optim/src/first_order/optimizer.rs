//! One step at a time, with gradients that come from elsewhere.

use super::UpdateRule;
use crate::error::require;
use crate::{Error, Method, Schedule};

/// A method that follows a learning rate, one step at a time: for loops of one's own, such as the
/// training of a network on a batch after the other, where each gradient is of another function.
///
/// ```
/// use numdiff_optim::{Method, Optimizer};
/// let mut adam = Optimizer::new(Method::adam(0.1), 1)?;
/// let mut x = [3.0];
/// for _ in 0..200 {
///     let g = [2.0 * x[0]];
///     adam.step(&mut x, &g)?;
/// }
/// assert!(x[0].abs() < 1e-2);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Optimizer {
    rule: UpdateRule,
    unknowns: usize,
    steps: usize,
}

impl Optimizer {
    /// A method with a learning rate, for this number of unknowns.
    ///
    /// # Errors
    /// A method without a learning rate; a setting outside its range.
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

    /// How the learning rate changes from step to step.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn with_schedule(mut self, schedule: Schedule) -> Result<Self, Error> {
        schedule.validate()?;
        self.rule.schedule = schedule;
        Ok(self)
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.rule.method
    }

    /// The number of unknowns.
    pub fn unknowns(&self) -> usize {
        self.unknowns
    }

    /// The schedule of the learning rate.
    pub fn schedule(&self) -> Schedule {
        self.rule.schedule
    }

    /// Where the next gradient is to be taken, when that is not x: Nesterov's method looks ahead.
    pub fn ahead(&self, x: &[f64]) -> Option<Vec<f64>> {
        self.rule.ahead(x)
    }

    /// Moves x by one step against the gradient `g`.
    ///
    /// # Errors
    /// x or g of the wrong length; nothing is changed then.
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

    /// All it remembers as numbers, for a run that is put away: the steps made, then moments and
    /// velocities.
    pub fn state(&self) -> Vec<f64> {
        let mut rule = self.rule.clone();
        let memory = rule.memory().map(|number| *number);
        std::iter::once(self.steps as f64).chain(memory).collect()
    }

    /// Takes back what [`state`](Self::state) gave; the steps that follow have the same bits.
    ///
    /// # Errors
    /// The state of another method or number of unknowns; nothing is changed then.
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
