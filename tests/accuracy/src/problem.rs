//! Problem files.

use super::decimal::Decimal;
use super::formula::FormulaError;
use serde::Deserialize;

/// A problem file: the format of `tests/golden/derivative_problems.json`.
#[derive(Debug, Deserialize)]
pub struct Problems {
    /// Scalar cases.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// Gradients, Jacobians and Hessians, coded by name.
    #[serde(default)]
    pub vector: Vec<Vector>,
}

/// One derivative of a function of one variable.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "RawCase")]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The kind of difficulty.
    pub group: String,
    /// f in the formula language.
    pub formula: String,
    /// Order of the derivative.
    pub order: usize,
    /// The point: an IEEE hexadecimal literal.
    pub x: String,
    /// What is known of the derivative; `None` where it does not exist.
    pub truth: Option<Truth>,
}

/// The derivative of a case.
#[derive(Clone, Debug)]
pub struct Truth {
    /// 30 digits.
    pub exact: String,
    /// Relative errors are errors over this.
    pub scale: f64,
    /// The absolute error of the best stencil of order 8 or less with an oracle step.
    pub limit: f64,
    /// The error that one rounding of the argument inside f causes.
    pub inherent: f64,
}

#[derive(Deserialize)]
struct RawCase {
    name: String,
    group: String,
    formula: String,
    order: usize,
    x_hex: String,
    exact: Option<String>,
    scale: Option<f64>,
    limit: Option<f64>,
    #[serde(default)]
    inherent: Option<f64>,
    #[serde(default)]
    undefined: bool,
}

impl From<RawCase> for Case {
    fn from(raw: RawCase) -> Case {
        let truth = match (raw.undefined, raw.exact) {
            (false, Some(exact)) => {
                let size = exact.parse().map_or(f64::NAN, f64::abs);
                Some(Truth {
                    scale: raw.scale.unwrap_or(size),
                    limit: raw.limit.unwrap_or(f64::NAN),
                    inherent: raw.inherent.unwrap_or(0.0),
                    exact,
                })
            }
            _ => None,
        };
        Case {
            name: raw.name,
            group: raw.group,
            formula: raw.formula,
            order: raw.order,
            x: raw.x_hex,
            truth,
        }
    }
}

/// A gradient, a Jacobian or a Hessian.
#[derive(Clone, Debug, Deserialize)]
pub struct Vector {
    /// Its name: the function, then `_grad`, `_jac` or `_hess`.
    pub name: String,
    /// `vector-grad`, `vector-jac` or `vector-hess`.
    pub group: String,
    /// `grad`, `jac` or `hess`.
    pub kind: String,
    /// The point, in decimal.
    pub x: Vec<String>,
    /// The derivatives, 27 digits; a list, or a list of rows.
    pub exact: serde_json::Value,
}

/// A problem file that cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemError {
    /// Not JSON, or not of this format.
    #[error("{0}; the file must have the format of tests/golden/derivative_problems.json")]
    Format(#[from] serde_json::Error),
    /// A formula is not of the language.
    #[error("case {name}: {source}")]
    Formula {
        /// The case.
        name: String,
        /// Where and why.
        source: FormulaError,
    },
    /// A number does not parse.
    #[error("case {name}: {text:?} is not a number")]
    Number {
        /// The case.
        name: String,
        /// The text.
        text: String,
    },
    /// No code for this vector problem.
    #[error(
        "vector problem {name}: no function is coded under this name; add it to tests/accuracy/src/vector.rs"
    )]
    UnknownVector {
        /// Its name.
        name: String,
    },
}

impl Problems {
    /// Reads a problem file's text.
    ///
    /// # Errors
    /// [`ProblemError::Format`].
    pub fn parse(text: &str) -> Result<Problems, ProblemError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The 466 scalar cases and 13 vector problems of `tests/golden/derivative_problems.json`.
    ///
    /// # Errors
    /// None unless the file was damaged.
    pub fn hard() -> Result<Problems, ProblemError> {
        Problems::parse(include_str!("../../golden/derivative_problems.json"))
    }

    /// The 480 random smooth cases of `tests/golden/derivative_random.json`.
    ///
    /// # Errors
    /// None unless the file was damaged.
    pub fn random() -> Result<Problems, ProblemError> {
        Problems::parse(include_str!("../../golden/derivative_random.json"))
    }
}

/// The value of an IEEE hexadecimal literal such as `-0x1.8p-3`.
pub(super) fn hexadecimal(text: &str) -> Option<f64> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = rest.strip_prefix("0x")?.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let mut exponent = exponent.parse::<i32>().ok()? - 4 * i32::try_from(fraction.len()).ok()?;
    // 53 bits are exact in f64; the power is applied in two exact parts.
    let mut value = digits as f64;
    if exponent < -1000 {
        value *= 2.0_f64.powi(-500);
        exponent += 500;
    }
    value *= 2.0_f64.powi(exponent);
    value
        .is_finite()
        .then_some(if negative { -value } else { value })
}

pub(super) fn decimal(name: &str, text: &str) -> Result<Decimal, ProblemError> {
    Decimal::parse(text).ok_or_else(|| ProblemError::Number {
        name: name.into(),
        text: text.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_literals_are_exact() {
        assert_eq!(hexadecimal("0x1.0000000000000p+0"), Some(1.0));
        assert_eq!(hexadecimal("-0x1.999999999999ap-4"), Some(-0.1));
        assert_eq!(hexadecimal("0x0.0p+0"), Some(0.0));
        assert_eq!(hexadecimal("0x1.bff2ee48e0530p-333"), Some(1e-100));
        assert_eq!(
            hexadecimal("0x0.0000000000001p-1022"),
            Some(f64::from_bits(1))
        );
        assert_eq!(hexadecimal("1.5"), None);
    }

    #[test]
    fn the_public_files_are_whole() {
        let hard = Problems::hard().unwrap();
        assert_eq!((hard.cases.len(), hard.vector.len()), (466, 13));
        assert_eq!(Problems::random().unwrap().cases.len(), 480);
        assert_eq!(
            hard.cases
                .iter()
                .filter(|case| case.truth.is_none())
                .count(),
            3
        );
    }
}
