//! Estimates as they are printed: values with their error bars, in rows.

use crate::{Estimate, Real, Status};
use ndarray::{Array, Dimension};
use std::fmt;

/// What an estimate holds, as rows of numbers to be printed. Implement it for a type of your own
/// to print its estimates.
pub trait Printed {
    /// The numbers row by row; what has no rows is one.
    fn printed_rows(&self) -> Vec<Vec<f64>>;
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

/// Each value with its error bar, then the evaluations and the status.
impl<V: Printed> fmt::Display for Estimate<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (values, bars) = (self.value.printed_rows(), self.error.printed_rows());
        let cells: Vec<Vec<String>> = values
            .iter()
            .zip(&bars)
            .map(|(values, bars)| {
                let pairs = values.iter().zip(bars);
                pairs.map(|(v, bar)| format!("{v} ± {bar:.1e}")).collect()
            })
            .collect();
        let width = cells
            .iter()
            .flatten()
            .map(|cell| cell.chars().count())
            .max();
        for row in &cells {
            for (k, cell) in row.iter().enumerate() {
                let gap = if k == 0 { "" } else { "  " };
                write!(f, "{gap}{cell:>width$}", width = width.unwrap_or(0))?;
            }
            if cells.len() > 1 {
                writeln!(f)?;
            } else {
                write!(f, " ")?;
            }
        }
        write!(f, "({} evaluations, {})", self.evaluations, self.status)
    }
}
