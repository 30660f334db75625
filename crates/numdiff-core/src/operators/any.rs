//! Any operator, for plans: one type, whatever is asked.

use super::*;
use std::ops::Deref;

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

        impl Deref for AnyOperator {
            type Target = dyn Operator;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(AnyOperator::$operator(operator) => operator),*
                }
            }
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
    AtPoints: "derivatives at many points",
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
