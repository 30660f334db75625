//! Results of every shape as plain numbers, to be compared.

use ndarray::{Array, Dimension};
use numdiff_core::{Estimate, SparseMatrix, Status};

/// A result as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Flat {
    pub values: Vec<f64>,
    pub errors: Option<Vec<f64>>,
    pub status: Option<Status>,
    pub evaluations: Option<usize>,
}

impl Flat {
    pub fn bits(&self) -> (Vec<u64>, Option<Vec<u64>>, String) {
        let bits = |v: &Vec<f64>| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let (values, errors) = (bits(&self.values), self.errors.as_ref().map(bits));
        (values, errors, format!("{:?}", self.status))
    }
}

pub trait Flatten {
    fn numbers(&self) -> Vec<f64>;
    fn flat(&self) -> Flat {
        Flat {
            values: self.numbers(),
            errors: None,
            status: None,
            evaluations: None,
        }
    }
}
impl Flatten for f64 {
    fn numbers(&self) -> Vec<f64> {
        vec![*self]
    }
}
impl<D: Dimension> Flatten for Array<f64, D> {
    fn numbers(&self) -> Vec<f64> {
        self.iter().copied().collect()
    }
}
impl Flatten for SparseMatrix {
    fn numbers(&self) -> Vec<f64> {
        self.values().to_vec()
    }
}
impl<V: Flatten> Flatten for Estimate<V> {
    fn numbers(&self) -> Vec<f64> {
        self.value.numbers()
    }
    fn flat(&self) -> Flat {
        Flat {
            values: self.value.numbers(),
            errors: Some(self.error.numbers()),
            status: Some(self.status),
            evaluations: Some(self.evaluations),
        }
    }
}
