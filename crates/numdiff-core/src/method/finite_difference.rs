//! Fixed finite differences.

use super::{Differences, Method};
use crate::answer::{Found, Size};
use crate::scheme::fixed::{Fixed, Side};
use crate::scheme::{FixedRule, Rule, Scheme};
use crate::{Error, Estimate, Real, Step};

/// Fixed finite differences: a stencil and a step, chosen before f is called.
///
/// Cheap and predictable; how accurate the result is depends on how well the step fits f, and
/// nothing tells. [`Adaptive`](crate::Adaptive) finds the step and an error bar.
///
/// | | first derivative, default accuracy | evaluations per coordinate | truncation | best error |
/// |---|---|---|---|---|
/// | [`forward`](Self::forward), [`backward`](Self::backward) | 1 | 1, and f(x) once | h f''/2 | eps^(1/2) |
/// | [`central`](Self::central) | 2 | 2 | h^2 f'''/6 | eps^(2/3) |
///
/// [`with_accuracy`](Self::with_accuracy) raises the order p of the truncation error: central
/// schemes take p evaluations per coordinate, one-sided ones p and f(x) once.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::{FiniteDifference, Step};
/// let x = array![3.0, 4.0];
/// let f = |x: &ndarray::Array1<f64>| x[0].powi(2) + x[1].powi(2);
/// let g = FiniteDifference::central().gradient(f, &x)?;
/// println!("errors: {:e} {:e}", g[0] - 6.0, g[1] - 8.0);
/// // The tutorial's: an absolute step, divided by 2h rather than by the distance really moved.
/// let tutorial = FiniteDifference::central().with_step(Step::Absolute(1e-4)).with_nominal_divisor();
/// assert_eq!(tutorial.gradient(f, &x)?, array![6.00000000000378, 7.999999999999119]);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub type FiniteDifference<T = f64> = Differences<FixedRule, T>;

impl FiniteDifference<f64> {
    /// f(x), f(x + h), …: first order by default.
    pub fn forward() -> Self {
        Self::on(Side::Forward, 1)
    }

    /// f(x), f(x - h), …: first order by default.
    pub fn backward() -> Self {
        Self::on(Side::Backward, 1)
    }

    /// f(x - h), f(x + h), …: second order by default.
    pub fn central() -> Self {
        Self::on(Side::Central, 2)
    }

    fn on(side: Side, accuracy: usize) -> Self {
        let rule = Rule::Fixed(Fixed::new(side, accuracy));
        Self::of(Scheme { rule, bounds: None })
    }
}

impl<T: Real> FiniteDifference<T> {
    fn fixed(&mut self) -> &mut Fixed {
        match &mut self.scheme.rule {
            Rule::Fixed(fixed) => fixed,
            #[allow(unreachable_patterns)]
            _ => unreachable!("a finite difference holds a fixed rule"),
        }
    }

    /// The order p of the truncation error, h^p. A central scheme has an even order: an odd `p`
    /// is raised by one. `p` plus the order of the derivative is at most 22.
    pub fn with_accuracy(mut self, p: usize) -> Self {
        self.fixed().accuracy = p;
        self
    }

    /// The step; [`Step::Automatic`] by default. A number is an absolute step, several are one for
    /// each coordinate.
    pub fn with_step(mut self, step: impl Into<Step>) -> Self {
        self.fixed().step = step.into();
        self
    }

    /// The typical size of x: automatic and relative steps are on the scale max(|x_i|, typical). Without
    /// it automatic steps serve functions that vary over |x_i| and over 1; see [`Step::Automatic`].
    pub fn with_typical(mut self, typical: f64) -> Self {
        self.fixed().typical = Some(typical);
        self
    }

    /// Divides by the step asked for, as in (f(x + h) - f(x - h)) / (2h), instead of by the
    /// distance really moved in rounded arithmetic. It costs digits, and a step that vanishes in
    /// rounding gives 0 instead of an error; [`Workspace::vanished`](crate::Workspace::vanished)
    /// reports it. For comparing with code that does so.
    pub fn with_nominal_divisor(mut self) -> Self {
        self.fixed().nominal = true;
        self
    }
}

#[allow(private_interfaces, private_bounds)]
impl<T: Real> Method for FiniteDifference<T> {
    type Number = T;
    type Answer<V> = V;
    type Rule = FixedRule;

    fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    fn answer<V>(found: Found<'_>, shape: impl Fn(Size, Vec<T>) -> V) -> Result<V, Error> {
        found.values(shape)
    }

    fn values<V>(answer: &V) -> (&V, Option<&Estimate<V>>) {
        (answer, None)
    }

    fn plain<V>(value: V) -> Option<V> {
        Some(value)
    }
}
