//! Estimates and sparse matrices as they are printed: values with their error bars, in rows.

use crate::sparse::{SparseMatrix, Storage};
use crate::{Estimate, Real, Status};
use ndarray::{Array, Dimension};
use std::fmt;

/// What an estimate holds, as rows of numbers to be printed. Implement it for a type of your own
/// to print its estimates.
pub trait Printed {
    /// The numbers row by row, each row with what stands before it: nothing where it speaks for itself.
    /// What has no rows is one.
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)>;
}

/// The same of the types that this crate knows.
pub trait Rows {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)>;
}

impl<V: Rows> Printed for V {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        Rows::printed_rows(self)
    }
}

impl<T: Real> Rows for T {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        vec![plain_row([self])]
    }
}

pub(crate) fn plain_row<'a, T: Real>(
    numbers: impl IntoIterator<Item = &'a T>,
) -> (String, Vec<f64>) {
    let numbers = numbers.into_iter().map(|v| v.widen());
    (String::new(), numbers.collect())
}

impl<T: Real, D: Dimension> Rows for Array<T, D> {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        self.rows().into_iter().map(plain_row).collect()
    }
}

impl<T: Real> Rows for Vec<T> {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        vec![plain_row(self)]
    }
}

impl<T: Real, const N: usize> Rows for [T; N] {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        vec![plain_row(self)]
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Converged => write!(f, "converged"),
            Status::NoiseLimited { level } => write!(f, "limited by noise of {level:.1e}"),
            Status::NotSmooth => write!(f, "not smooth"),
            Status::AtBound => write!(f, "at a bound"),
            Status::StepLimited => write!(f, "limited by the largest step"),
            Status::OutOfBudget => write!(f, "out of budget"),
            Status::Fixed => write!(f, "fixed"),
            Status::Unreliable => write!(f, "unreliable"),
        }
    }
}

/// Each value with its error bar; its status where entries differ in theirs; then the evaluations and the
/// least trustworthy status.
impl<V: Printed> fmt::Display for Estimate<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (values, bars) = (self.value.printed_rows(), self.error.printed_rows());
        let differ = self.statuses.iter().any(|status| *status != self.status);
        let mut statuses = self.statuses.iter();
        let cells: Vec<(String, Vec<String>)> = values
            .into_iter()
            .zip(&bars)
            .map(|((label, values), (_, bars))| {
                let pairs = values.iter().zip(bars).map(|(v, bar)| {
                    match statuses.next().filter(|_| differ) {
                        Some(status) => format!("{v:?} ± {bar:.1e} ({status})"),
                        None => format!("{v:?} ± {bar:.1e}"),
                    }
                });
                (label, pairs.collect())
            })
            .collect();
        write_rows(f, &cells)?;
        write!(f, "({} evaluations, {})", self.evaluations, self.status)
    }
}

/// Aligned columns, a row a line, each with its label; one row without a label leaves the line open.
fn write_rows(f: &mut fmt::Formatter<'_>, rows: &[(String, Vec<String>)]) -> fmt::Result {
    let widest = |all: &mut dyn Iterator<Item = &String>| {
        all.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let width = widest(&mut rows.iter().flat_map(|(_, cells)| cells));
    let label_width = widest(&mut rows.iter().map(|(label, _)| label));
    for (label, cells) in rows {
        if label_width > 0 {
            write!(f, "{label:>label_width$}  ")?;
        }
        for (column, cell) in cells.iter().enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            write!(f, "{gap}{cell:>width$}")?;
        }
        if rows.len() > 1 || label_width > 0 {
            writeln!(f)?;
        } else {
            write!(f, " ")?;
        }
    }
    Ok(())
}

/// As the fields are, without what is said of an array besides its numbers.
impl<V: fmt::Debug> fmt::Debug for Estimate<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |part: &V| {
            let text = format!("{part:?}");
            let end = text.find(", shape=[").unwrap_or(text.len());
            Plain(text[..end].to_owned())
        };
        f.debug_struct("Estimate")
            .field("value", &plain(&self.value))
            .field("error", &plain(&self.error))
            .field("step", &plain(&self.step))
            .field("evaluations", &self.evaluations)
            .field("status", &self.status)
            .field("statuses", &self.statuses)
            .field("counts", &self.counts)
            .finish()
    }
}

/// Text that is printed as it is.
struct Plain(String);

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Each entry with its row and column, in the order of the values.
impl<T: Real> Rows for SparseMatrix<T> {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        let (starts, indices, values) = self.parts();
        let lines = starts.windows(2).enumerate();
        let places =
            lines.flat_map(|(k, ends)| indices[ends[0]..ends[1]].iter().map(move |&i| (k, i)));
        let label = |(k, i)| match self.storage() {
            Storage::Csc => format!("({i}, {k})"),
            Storage::Csr => format!("({k}, {i})"),
        };
        let rows = places.zip(values);
        rows.map(|(place, v)| (label(place), vec![v.widen()]))
            .collect()
    }
}

/// Its shape, then each entry with its row and column, in the order of the values.
impl<T: Real> fmt::Display for SparseMatrix<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pattern, rows) = (self.pattern(), Rows::printed_rows(self));
        writeln!(
            f,
            "{} x {}, {} entries",
            pattern.rows(),
            pattern.columns(),
            rows.len()
        )?;
        let text = |(label, row): (String, Vec<f64>)| (label, vec![format!("{:?}", row[0])]);
        let rows: Vec<_> = rows.into_iter().map(text).collect();
        write_rows(f, &rows)
    }
}
