//! Estimates and sparse matrices as they are printed: values with their error bars, in rows.

use crate::sparse::{SparseMatrix, Storage};
use crate::{Estimate, Real, Status};
use ndarray::{Array, Dimension};
use std::fmt;

/// What an estimate holds, as rows of numbers to be printed. Implement it for a type of your own
/// to print its estimates.
pub trait Printed {
    /// The numbers row by row; what has no rows is one.
    fn printed_rows(&self) -> Vec<Vec<f64>>;

    /// What stands before each row; nothing where the rows speak for themselves.
    fn printed_labels(&self) -> Vec<String> {
        Vec::new()
    }
}

macro_rules! number {
    ($float:ty) => {
        impl Printed for $float {
            fn printed_rows(&self) -> Vec<Vec<f64>> {
                vec![vec![self.widen()]]
            }
        }
    };
}
number!(f32);
number!(f64);

fn row<'a, T: Real>(numbers: impl IntoIterator<Item = &'a T>) -> Vec<f64> {
    numbers.into_iter().map(|v| v.widen()).collect()
}

impl<T: Real, D: Dimension> Printed for Array<T, D> {
    fn printed_rows(&self) -> Vec<Vec<f64>> {
        self.rows().into_iter().map(row).collect()
    }
}

impl<T: Real> Printed for Vec<T> {
    fn printed_rows(&self) -> Vec<Vec<f64>> {
        vec![row(self)]
    }
}

impl<T: Real, const N: usize> Printed for [T; N] {
    fn printed_rows(&self) -> Vec<Vec<f64>> {
        vec![row(self)]
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
        let cells: Vec<Vec<String>> = values
            .iter()
            .zip(&bars)
            .map(|(values, bars)| {
                let pairs = values.iter().zip(bars).map(|(v, bar)| {
                    match statuses.next().filter(|_| differ) {
                        Some(status) => format!("{v} ± {bar:.1e} ({status})"),
                        None => format!("{v} ± {bar:.1e}"),
                    }
                });
                pairs.collect()
            })
            .collect();
        let labels = self.value.printed_labels();
        write_rows(f, &cells, &labels)?;
        write!(f, "({} evaluations, {})", self.evaluations, self.status)
    }
}

/// Aligned columns, a row a line; one row without a label leaves the line open.
fn write_rows(f: &mut fmt::Formatter<'_>, cells: &[Vec<String>], labels: &[String]) -> fmt::Result {
    let widest = |all: &mut dyn Iterator<Item = &String>| {
        all.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let (width, label_width) = (
        widest(&mut cells.iter().flatten()),
        widest(&mut labels.iter()),
    );
    for (k, row) in cells.iter().enumerate() {
        if let Some(label) = labels.get(k) {
            write!(f, "{label:>label_width$}  ")?;
        }
        for (column, cell) in row.iter().enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            write!(f, "{gap}{cell:>width$}")?;
        }
        if cells.len() > 1 || !labels.is_empty() {
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
impl<T: Real> Printed for SparseMatrix<T> {
    fn printed_rows(&self) -> Vec<Vec<f64>> {
        self.values().iter().map(|v| vec![v.widen()]).collect()
    }
    fn printed_labels(&self) -> Vec<String> {
        let (starts, indices, _) = self.parts();
        let lines = starts.windows(2).enumerate();
        let places =
            lines.flat_map(|(k, ends)| indices[ends[0]..ends[1]].iter().map(move |&i| (k, i)));
        let label = |(k, i)| match self.storage() {
            Storage::Csc => format!("({i}, {k})"),
            Storage::Csr => format!("({k}, {i})"),
        };
        places.map(label).collect()
    }
}

/// Its shape, then each entry with its row and column, in the order of the values.
impl<T: Real> fmt::Display for SparseMatrix<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pattern, rows) = (self.pattern(), self.printed_rows());
        writeln!(
            f,
            "{} x {}, {} entries",
            pattern.rows(),
            pattern.columns(),
            rows.len()
        )?;
        let cells: Vec<Vec<String>> = rows.iter().map(|row| vec![row[0].to_string()]).collect();
        write_rows(f, &cells, &self.printed_labels())
    }
}
