//! The standard error of each parameter, or why it has none.

use std::fmt;
use std::ops::Index;

/// What is known of the error of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ParameterError {
    /// Its standard error.
    Known(f64),
    /// The caller fixed it, or its bounds are equal.
    Fixed,
    /// Its lower bound holds it; the errors of the others are those for this value.
    AtLowerBound,
    /// Its upper bound holds it.
    AtUpperBound,
    /// The constraints hold it: together they leave no direction open in which it moves.
    Held,
    /// The residuals determine only combinations of it with others, or do not depend on it.
    Undetermined,
    /// There are no more residuals than parameters, so that nothing tells the scatter: pass
    /// [`sigma`](crate::LeastSquares::sigma) and [`absolute_sigma`](crate::LeastSquares::absolute_sigma).
    NoFreedom,
    /// The run ended before the Jacobian was known.
    Unknown,
}

impl ParameterError {
    /// The standard error, where there is one.
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

/// The standard errors of all parameters: `errors[i]` is a number, NaN where there is none;
/// [`of`](Self::of) says why.
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

    /// What is known of the error of parameter `i`.
    ///
    /// # Panics
    /// When there is no such parameter.
    pub fn of(&self, i: usize) -> ParameterError {
        self.errors[i]
    }

    /// The errors in the order of the parameters.
    pub fn iter(&self) -> impl Iterator<Item = ParameterError> + '_ {
        self.errors.iter().copied()
    }

    /// The numbers, NaN where there is none.
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Whether there are no parameters: never.
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
