//! A pattern made ready for evaluation.

use super::decompression::{Compression, Pairs};
use super::{Coloring, ColoringKind, Order, SparsityPattern, Storage};
use crate::Error;
use std::fmt;
use std::sync::Arc;

/// The structure of a sparse Jacobian: its pattern, colored, and the order of its values.
///
/// Made once and used at every x: coloring costs much more than reading entries off. Cloning is
/// cheap.
///
/// ```
/// use ndarray::{Array1, array};
/// use numdiff_core::{FiniteDifference, SparseJacobian, SparsityPattern};
/// // A tridiagonal system: f_i = x_(i-1) - 2 x_i + x_(i+1) - exp(x_i).
/// let n = 1000;
/// let f = |x: &Array1<f64>| {
///     let at = |i: Option<usize>| i.and_then(|i| x.get(i)).copied().unwrap_or(0.0);
///     Array1::from_shape_fn(n, |i| at(i.checked_sub(1)) - 2.0 * x[i] + at(Some(i + 1)) - x[i].exp())
/// };
/// let structure = SparseJacobian::new(SparsityPattern::banded(n, n, 1, 1)?);
/// assert_eq!(structure.coloring().colors(), 3);
/// let jacobian = FiniteDifference::central().sparse_jacobian(f, &Array1::zeros(n), &structure)?;
/// let (starts, rows, values) = jacobian.csc();
/// assert_eq!((starts.len(), rows.len(), values.len()), (n + 1, 3 * n - 2, 3 * n - 2));
/// assert!((values[0] - -3.0).abs() < 1e-9 && (values[1] - 1.0).abs() < 1e-9);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone)]
pub struct SparseJacobian {
    pub(crate) compression: Arc<Compression>,
}

impl SparseJacobian {
    /// Colors the columns in the best of several orders.
    pub fn new(pattern: SparsityPattern) -> Self {
        let coloring = Coloring::columns(&pattern, Order::Best);
        Self {
            compression: Arc::new(Compression::new(pattern, coloring)),
        }
    }

    /// Uses a coloring of the columns.
    ///
    /// # Errors
    /// [`Error::InvalidColoring`] when it is none of this pattern, [`Error::RowColoring`] for one
    /// of rows, [`Error::SymmetricColoring`] for one of a symmetric matrix.
    pub fn with_coloring(pattern: SparsityPattern, coloring: Coloring) -> Result<Self, Error> {
        if matches!(coloring.kind(), ColoringKind::Star | ColoringKind::Acyclic) {
            return Err(Error::SymmetricColoring);
        }
        Compression::check(&pattern, &coloring)?;
        Ok(Self {
            compression: Arc::new(Compression::new(pattern, coloring)),
        })
    }

    /// The order of the values: compressed columns by default.
    pub fn with_storage(mut self, storage: Storage) -> Self {
        Arc::make_mut(&mut self.compression).store(storage);
        self
    }

    /// The pattern.
    pub fn pattern(&self) -> &SparsityPattern {
        &self.compression.pattern
    }

    /// The coloring: an evaluation for each color and node of the method's stencil.
    pub fn coloring(&self) -> &Coloring {
        &self.compression.coloring
    }
}

/// The structure of a sparse Hessian: its symmetric pattern, colored, and the order of its values.
///
/// From a gradient ([`sparse_hessian_from_gradient`]) a Hessian costs one directional derivative
/// of the gradient for each color. From values of f alone ([`sparse_hessian`]) no coloring helps,
/// since every evaluation gives one number: it costs a second difference for each coordinate and
/// each pair i < j of the pattern.
///
/// [`sparse_hessian_from_gradient`]: crate::FiniteDifference::sparse_hessian_from_gradient
/// [`sparse_hessian`]: crate::FiniteDifference::sparse_hessian
///
/// ```
/// use ndarray::Array1;
/// use numdiff_core::{FiniteDifference, SparseHessian, SparsityPattern};
/// // f = sum of x_0 x_i^2: an arrow, two colors whatever n.
/// let n = 100;
/// let g = |x: &Array1<f64>| {
///     let mut g = Array1::from_shape_fn(n, |i| 2.0 * x[0] * x[i]);
///     g[0] = x.iter().skip(1).map(|v| v * v).sum();
///     g
/// };
/// let arrow = SparsityPattern::from_fn(n, n, |i, j| i == j || i == 0 || j == 0);
/// let structure = SparseHessian::new(arrow)?;
/// assert_eq!(structure.coloring().colors(), 2);
/// let h = FiniteDifference::central().sparse_hessian_from_gradient(g, &Array1::ones(n), &structure)?;
/// assert!((h.get(0, 7) - 2.0).abs() < 1e-9 && h.get(0, 7) == h.get(7, 0));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone)]
pub struct SparseHessian {
    pub(crate) compression: Arc<Compression>,
    pub(crate) pairs: Arc<Pairs>,
}

impl SparseHessian {
    /// Star coloring in the best of several orders: entries are read off directly.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NotSymmetric`].
    pub fn new(pattern: SparsityPattern) -> Result<Self, Error> {
        let coloring = Coloring::star(&pattern, Order::Best)?;
        Self::with_coloring(pattern, coloring)
    }

    /// Acyclic coloring: fewer evaluations, entries follow by substitution, errors add up along
    /// the way. The error bars of an adaptive method account for that.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn by_substitution(pattern: SparsityPattern) -> Result<Self, Error> {
        let coloring = Coloring::acyclic(&pattern, Order::Best)?;
        Self::with_coloring(pattern, coloring)
    }

    /// Uses a coloring: star, acyclic, or one of the columns, which ignores the symmetry.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), [`Error::InvalidColoring`] for another pattern's, [`Error::RowColoring`] for one of rows.
    pub fn with_coloring(pattern: SparsityPattern, coloring: Coloring) -> Result<Self, Error> {
        pattern.expect_symmetric()?;
        Compression::check(&pattern, &coloring)?;
        let pairs = Arc::new(Pairs::new(&pattern));
        let compression = Arc::new(Compression::new(pattern, coloring));
        Ok(Self { compression, pairs })
    }

    /// The order of the values: compressed columns by default; for a symmetric matrix both orders
    /// hold the same numbers up to rounding.
    pub fn with_storage(mut self, storage: Storage) -> Self {
        Arc::make_mut(&mut self.compression).store(storage);
        self
    }

    /// The pattern.
    pub fn pattern(&self) -> &SparsityPattern {
        &self.compression.pattern
    }

    /// The coloring.
    pub fn coloring(&self) -> &Coloring {
        &self.compression.coloring
    }
}

macro_rules! debug {
    ($structure:ident) => {
        impl fmt::Debug for $structure {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($structure))
                    .field("pattern", self.pattern())
                    .field("colors", &self.coloring().colors())
                    .finish()
            }
        }
    };
}
debug!(SparseJacobian);
debug!(SparseHessian);
