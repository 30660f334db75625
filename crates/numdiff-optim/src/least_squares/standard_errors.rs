//! The standard error of each parameter, or why it has none.

use std::fmt;
use std::ops::Index;

/// The standard error of a parameter, or the reason why it has none.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ParameterError {
    /// The standard error, in the unit of the parameter.
    Known(f64),
    /// The caller fixed the parameter, or its two bounds are equal.
    Fixed,
    /// The parameter is at its lower bound, and the sum falls beyond it. The standard errors of the others are
    /// conditional on this value.
    AtLowerBound,
    /// The parameter is at its upper bound, and the sum falls beyond it. The standard errors of the others are
    /// conditional on this value.
    AtUpperBound,
    /// The active constraints determine the parameter: they leave no direction in which it can move.
    Held,
    /// The residuals do not depend on the parameter, or depend only on combinations of it with others.
    Undetermined,
    /// There are no degrees of freedom, so that the scatter of the residuals is unknown. Set
    /// [`sigma`](crate::LeastSquares::sigma) and [`absolute_sigma`](crate::LeastSquares::absolute_sigma).
    NoFreedom,
    /// The run ended before the Jacobian was known.
    Unknown,
}

impl ParameterError {
    /// Returns the standard error if there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            ParameterError::Known(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ParameterError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParameterError::Known(error) => write!(to, "{error:.3e}"),
            ParameterError::Fixed => write!(to, "fixed"),
            ParameterError::AtLowerBound => write!(to, "at its lower bound"),
            ParameterError::AtUpperBound => write!(to, "at its upper bound"),
            ParameterError::Held => write!(to, "held by constraints"),
            ParameterError::Undetermined => write!(to, "undetermined"),
            ParameterError::NoFreedom => write!(to, "no degrees of freedom"),
            ParameterError::Unknown => write!(to, "not known"),
        }
    }
}

/// The standard errors of all n parameters. `errors[i]` is the number for parameter `i`, and NaN where there is none;
/// [`of`](Self::of) gives the reason.
///
/// # Example
/// ```
/// use numdiff_optim::{ParameterError, least_squares};
/// let (t, y) = ([0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]);
/// let line = |p: &[f64; 2]| std::array::from_fn::<f64, 4, _>(|i| p[0] + p[1] * t[i] - y[i]);
/// let errors = least_squares(line, &[1.0, 1.0]).fixed(&[0]).run()?.standard_errors();
/// println!("{errors}");
/// assert!((errors[1] - 0.0215).abs() < 1e-4);
/// assert_eq!(errors.of(0), ParameterError::Fixed);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
/// ```text
/// fixed, 2.143e-2
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct StandardErrors {
    errors: Vec<ParameterError>,
    #[cfg_attr(feature = "serde", serde(skip))]
    values: Vec<f64>,
}

impl StandardErrors {
    pub(super) fn new(errors: Vec<ParameterError>) -> Self {
        let values = errors
            .iter()
            .map(|e| e.value().unwrap_or(f64::NAN))
            .collect();
        StandardErrors { errors, values }
    }

    /// Returns the standard error of parameter `i`, or the reason why it has none.
    ///
    /// # Panics
    /// If `i` is not below n.
    pub fn of(&self, i: usize) -> ParameterError {
        self.errors[i]
    }

    /// Returns the standard errors, or the reasons, in the order of the parameters.
    pub fn iter(&self) -> impl Iterator<Item = ParameterError> + '_ {
        self.errors.iter().copied()
    }

    /// Returns the standard errors as numbers; NaN where there is none.
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// Returns the number of parameters, n.
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Returns whether there are no parameters, which no fit allows.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}

impl Index<usize> for StandardErrors {
    type Output = f64;
    fn index(&self, i: usize) -> &f64 {
        &self.values[i]
    }
}

impl fmt::Display for StandardErrors {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors: Vec<String> = self.iter().map(|e| e.to_string()).collect();
        write!(to, "{}", errors.join(", "))
    }
}
