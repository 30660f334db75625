//! Any operator, for plans: one type, whatever is asked.

use super::*;
use crate::sparse::Compression;
use std::sync::Arc;

macro_rules! any {
    ($($operator:ident: $name:literal),*) => {
        /// An operator of any kind.
        #[derive(Clone, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub(crate) enum AnyOperator {
            $($operator($operator)),*
        }

        $(impl From<$operator> for AnyOperator {
            fn from(operator: $operator) -> Self {
                AnyOperator::$operator(operator)
            }
        })*

        macro_rules! each {
            ($any:expr, $inner:ident => $call:expr) => {
                match $any {
                    $(AnyOperator::$operator($inner) => $call),*
                }
            };
        }

        impl AnyOperator {
            /// What it finds.
            pub fn name(&self) -> &'static str {
                match self {
                    AnyOperator::Hessian(Hessian(Of::Outputs)) => "Hessian of each output",
                    $(AnyOperator::$operator(_) => $name),*
                }
            }
        }
    };
}
any! {
    CompressedJacobian: "sparse matrix",
    Derivative: "derivative",
    Gradient: "gradient",
    Hessian: "Hessian",
    HessianDiagonal: "diagonal of the Hessian",
    HessianFromGradient: "Hessian",
    HessianVector: "Hessian-vector product",
    Jacobian: "Jacobian",
    JacobianVector: "derivative along a direction",
    Laplacian: "Laplacian",
    Mixed: "mixed partial derivative",
    SparseHessianFromValues: "sparse Hessian",
    VectorJacobian: "vector-Jacobian product"
}

impl Default for AnyOperator {
    fn default() -> Self {
        Gradient.into()
    }
}

impl Operator for AnyOperator {
    fn lines(&self) -> (LineKind, usize) {
        each!(self, o => o.lines())
    }

    fn prepare(
        &self,
        vector: &[f64],
        scheme: &Scheme,
        line_set: &mut LineSet,
    ) -> Result<(), Error> {
        each!(self, o => o.prepare(vector, scheme, line_set))
    }

    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        each!(self, o => o.outputs(line_set))
    }

    fn compression(&self) -> Option<&Arc<Compression>> {
        each!(self, o => o.compression())
    }

    fn conclude(&self, line_set: &LineSet, results: &mut LineResults) {
        each!(self, o => o.conclude(line_set, results))
    }

    fn size(&self, line_set: &LineSet, results: &LineResults) -> Size {
        each!(self, o => o.size(line_set, results))
    }

    fn at(
        &self,
        line_set: &LineSet,
        results: &LineResults,
        row: usize,
        column: usize,
    ) -> LineEstimate {
        each!(self, o => o.at(line_set, results, row, column))
    }

    fn values(&self, line_set: &LineSet, results: &LineResults) -> Vec<f64> {
        each!(self, o => o.values(line_set, results))
    }
}
