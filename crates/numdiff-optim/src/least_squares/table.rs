//! A fit as a table.

use super::Fit;
use super::standard_errors::ParameterError;
use std::fmt;

/// Correlations that are shown.
const STRONG: f64 = 0.5;

impl<X> fmt::Display for Fit<X> {
    /// Prints a line for each parameter with its value and standard error, or the reason why it has none; undetermined
    /// directions; correlations above 0.5; chi^2, reduced chi^2, degrees of freedom, evaluations and the status.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.standard_errors();
        let names: Vec<String> = (0..self.numbers.len()).map(|i| self.name(i)).collect();
        let width = names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0);
        for (i, (name, value)) in names.iter().zip(&self.numbers).enumerate() {
            write!(to, "{name:<width$}  {value:>14.7e}  ")?;
            match errors.of(i) {
                ParameterError::Known(error) => {
                    let percent = 100.0 * error / value.abs();
                    writeln!(to, "± {error:.2e} ({percent:.2} %)")?;
                }
                other => writeln!(to, "{other}")?,
            }
        }
        for direction in self.undetermined() {
            let parts = direction.iter().enumerate().filter(|(_, d)| **d != 0.0);
            let parts: Vec<String> = parts
                .map(|(i, d)| format!("{d:+.3e} {}", names[i]))
                .collect();
            writeln!(to, "undetermined: {}", parts.join(" "))?;
        }
        if let Some(correlations) = self.correlations() {
            for ((i, j), c) in correlations.indexed_iter() {
                if i < j && c.abs() > STRONG {
                    writeln!(to, "correlation of {} and {}: {c:+.3}", names[i], names[j])?;
                }
            }
        }
        writeln!(
            to,
            "chi² {:.6e}, reduced {:.6e}, {} degrees of freedom, {} evaluations",
            self.value,
            self.reduced_value(),
            self.degrees_of_freedom(),
            self.evaluations
        )?;
        write!(to, "{}", self.status)
    }
}

impl<X: fmt::Debug> fmt::Debug for Fit<X> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Fit")
            .field("x", &self.x)
            .field("value", &self.value)
            .field("errors", &self.statistics.errors)
            .field("status", &self.status)
            .field("iterations", &self.iterations)
            .field("evaluations", &self.evaluations)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "serde")]
impl<X> serde::Serialize for Fit<X> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let rows = |matrix: ndarray::Array2<f64>| -> Vec<Vec<f64>> {
            matrix.rows().into_iter().map(|row| row.to_vec()).collect()
        };
        let names: Vec<String> = (0..self.numbers.len()).map(|i| self.name(i)).collect();
        let mut map = to.serialize_struct("Fit", 14)?;
        map.serialize_field("names", &names)?;
        map.serialize_field("x", &self.numbers)?;
        map.serialize_field("standard_errors", self.standard_errors().as_slice())?;
        map.serialize_field("errors", &self.statistics.errors)?;
        map.serialize_field("covariance", &self.covariance().map(rows))?;
        map.serialize_field("undetermined", &self.statistics.unseen)?;
        map.serialize_field("value", &self.value)?;
        map.serialize_field("reduced_value", &self.reduced_value())?;
        map.serialize_field("degrees_of_freedom", &self.degrees_of_freedom())?;
        map.serialize_field("residuals", &self.residuals.to_vec())?;
        map.serialize_field("status", &self.status)?;
        map.serialize_field("iterations", &self.iterations)?;
        map.serialize_field("evaluations", &self.evaluations)?;
        map.serialize_field("trajectory", &self.trajectory)?;
        map.end()
    }
}
