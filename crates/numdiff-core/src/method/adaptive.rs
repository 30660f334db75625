//! Derivatives whose steps are found while f is evaluated, with an error bar.

use super::{Differences, Method};
use crate::answer::{Found, Size};
use crate::bounds::Bound;
use crate::reach::Reach;
use crate::scheme::adaptive::Settings;
use crate::scheme::fixed::Side;
use crate::scheme::{AdaptiveRule, Rule, Scheme, Search};
use crate::{Error, Estimate, Real};

/// Derivatives with an error bar: the step, the order and the noise are found while f is evaluated.
///
/// Results are [`Estimate`]s. The error bar is part of the answer and meant to hold; the status
/// tells when f has a kink at x, when noise or a bound limits the accuracy, and when the budget
/// ended. Each output of a vector-valued f and each coordinate is judged on its own.
///
/// By default it goes for the best accuracy that f's rounding allows; a dozen evaluations for each
/// line (coordinate or direction) are typical, [`with_tolerance`](Self::with_tolerance) stops
/// earlier. Derivatives of order 1 to 8: of an
/// f that is smooth over the scale of x some 13, 11, 10, 8, 6, 4, 3 and 1 digits by the bar, a few more by the value.
///
/// # Example
/// ```
/// use numdiff_core::{Adaptive, Status};
/// let d = Adaptive::new().derivative(|x: f64| x.ln(), 1e-6)?;
/// println!("error {:e}, error bar {:e}, {} evaluations", d.value - 1e6, d.error, d.evaluations);
/// assert!((d.value - 1e6).abs() <= d.error && d.error < 1e-4);
/// let kink = Adaptive::new().derivative(|x: f64| x.abs(), 0.0)?;
/// assert_eq!(kink.status, Status::NotSmooth);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub type Adaptive<T = f64> = Differences<AdaptiveRule, T>;

/// Evaluations along one line by default: twice what hard functions take.
const MAX_EVALUATIONS: usize = 64;

/// Floor of the scale of x on which a search begins by default.
const TYPICAL: f64 = 1.0;

impl Default for Adaptive<f64> {
    fn default() -> Self {
        Self::new()
    }
}

impl Adaptive<f64> {
    /// Best accuracy, noise found by itself, no bounds.
    pub fn new() -> Self {
        Self::with_defaults()
    }
}

impl<T: Real> Adaptive<T> {
    pub(crate) fn with_defaults() -> Self {
        let settings = Settings {
            tolerance: None,
            side: Side::Central,
            noise: None,
            max_evaluations: MAX_EVALUATIONS,
        };
        let rule = Rule::Adaptive(Search {
            settings,
            reach: Reach {
                typical: Bound::from(TYPICAL),
                max_step: None,
            },
        });
        Differences::of(Scheme { rule, bounds: None })
    }

    fn search(&mut self) -> &mut Search {
        match &mut self.scheme.rule {
            Rule::Adaptive(search) => search,
            Rule::Fixed(_) => unreachable!("an adaptive method holds an adaptive rule"),
        }
    }

    /// Stops as soon as the error bar is below `rtol` times the value.
    pub fn with_tolerance(mut self, rtol: f64) -> Self {
        self.search().settings.tolerance = Some(rtol);
        self
    }

    /// The noise in f: absolute, one standard deviation. Found by itself when not given.
    pub fn with_noise(mut self, level: f64) -> Self {
        self.search().settings.noise = Some(level);
        self
    }

    /// f is evaluated at x and above it only: the derivative from the right, at a kink or a jump too.
    /// Along a direction v at x + t v, t >= 0; orders to 6. With the same number of evaluations it has
    /// fewer digits than both sides have.
    ///
    /// # Example
    /// ```
    /// use numdiff_core::Adaptive;
    /// let f = |x: f64| 3.0 * x.abs() + x.exp();
    /// let right = Adaptive::new().forward().derivative(f, 0.0)?;
    /// let left = Adaptive::new().backward().derivative(f, 0.0)?;
    /// assert!((right.value - 4.0).abs() <= right.error && right.error < 1e-9);
    /// assert!((left.value + 2.0).abs() <= left.error && left.error < 1e-9);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn forward(mut self) -> Self {
        self.search().settings.side = Side::Forward;
        self
    }

    /// f is evaluated at x and below it only: the derivative from the left; see
    /// [`forward`](Self::forward).
    pub fn backward(mut self) -> Self {
        self.search().settings.side = Side::Backward;
        self
    }

    /// Most evaluations that one output of f asks for along one line (f(x), which all lines share,
    /// counts in each); 64 by default. Outputs share their evaluations, but those that vary on
    /// different scales ask for different points: m outputs take at most m times as many.
    pub fn with_max_evaluations(mut self, n: usize) -> Self {
        self.search().settings.max_evaluations = n;
        self
    }

    /// The typical size of x: the floor of the scale on which the search for a step begins, and of
    /// the distance from x at which f is evaluated. A number holds for all coordinates, an array for
    /// each; 1 by default.
    ///
    /// The search goes to smaller steps where f asks for them, to steps above max(|x_i|, typical)
    /// never, unless [`with_max_step`](Self::with_max_step) allows it.
    ///
    /// # Errors
    /// Calls return [`Error::OutOfRange`] for a size that is not positive and finite, and
    /// [`Error::Length`] for an array that is not of the length of x.
    pub fn with_typical(mut self, typical: impl Into<Bound>) -> Self {
        self.search().reach.typical = typical.into();
        self
    }

    /// The largest |t_i - x_i| at which f is evaluated, in the units of x, in the place of
    /// max(|x_i|, typical). A number holds for all coordinates, an array for each; infinity sets no
    /// limit. Along a direction v every coordinate keeps within its own: t |v_i| <= h_i. Bounds hold
    /// besides.
    ///
    /// Where larger steps would make the error bar at least 4 times smaller, the status says
    /// [`StepLimited`](crate::Status::StepLimited), unless the bar is below the tolerance, or below
    /// 1.5e-14 of the derivative; without this setting, below 1.5e-8 of it. An answer that noise limits is
    /// [`NoiseLimited`](crate::Status::NoiseLimited) in either case: its bar falls as the step grows.
    ///
    /// # Errors
    /// Calls return [`Error::OutOfRange`] for a step that is 0, negative or NaN, [`Error::Length`]
    /// for an array that is not of the length of x, and [`Error::NoFiniteDifference`] for steps
    /// below 64 spacings of the numbers at x, which leave no room.
    ///
    /// # Example
    /// ```
    /// use numdiff_core::Adaptive;
    /// use std::cell::Cell;
    /// let farthest = Cell::new(0.0_f64);
    /// let f = |t: f64| {
    ///     farthest.set(farthest.get().max((t - 3.0).abs()));
    ///     1000.0 + 3.0 * t
    /// };
    /// let d = Adaptive::new().with_max_step(0.25).derivative(f, 3.0)?;
    /// println!("{} at most {} from x", d.value, farthest.get());
    /// assert!((d.value - 3.0).abs() <= d.error && farthest.get() <= 0.25);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn with_max_step(mut self, step: impl Into<Bound>) -> Self {
        self.search().reach.max_step = Some(step.into());
        self
    }
}

#[allow(private_interfaces, private_bounds)]
impl<T: Real> Method for Adaptive<T> {
    type Number = T;
    type Answer<V> = Estimate<V>;
    type Rule = AdaptiveRule;

    fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    fn answer<V>(
        found: Found<'_>,
        shape: impl Fn(Size, Vec<T>) -> V,
    ) -> Result<Estimate<V>, Error> {
        found.estimate(shape)
    }

    fn values<V>(answer: &Estimate<V>) -> (&V, Option<&Estimate<V>>) {
        (&answer.value, Some(answer))
    }
}
