#![doc = include_str!("../README.md")]
//!
//! # Which function do I want?
//!
//! | You want | Call | Evaluations |
//! |---|---|---|
//! | f'(x) with its error bar | [`derivative`] | about 10 |
//! | a gradient for few evaluations | [`gradient`]; at many points [`gradient_rows`] | 2n |
//! | a gradient with error bars | [`Adaptive::gradient`] | about 10n |
//! | a Jacobian; a sparse one | [`jacobian`]; [`sparse_jacobian`] | 2n; 2 for each color |
//! | a Hessian; a sparse one | [`hessian`]; [`sparse_hessian`] | n² + n + 1; by the pattern |
//! | J v, H v, a derivative along v, a Laplacian, one mixed partial, an order above 2 | the methods of [`FiniteDifference`] and [`Adaptive`] | each says its own |
//! | another stencil, step or side, bounds on x | [`FiniteDifference`] with its settings, [`Bound`], [`Step`] | |
//! | every digit, where f also takes complex numbers | `ComplexStep` (feature `complex`) | n + 2 |
//! | to know whether a gradient written by hand is right | [`check::gradient`] | |
//! | how noisy f is, and a step that suits it | [`noise_level`], [`Step::Noise`] | about 10 |
//! | derivatives of samples | [`SampledDifference`] | none |
//! | the covariance of f(x) from that of x | [`Adaptive::propagate`] | as its Jacobian |
//! | evaluations on threads, in batches; by a cluster, by programs | `method.plan().gradient(&x).parallel(f)` or `.batched(f)`, see [`Run`]; [`AskTell`], [`drive_workers`] | the same |
//! | no allocation; to be told how far it is; f(x), which is known | [`Run::write_to`]; [`Run::progress`]; [`Run::given`] | the same; one less where f(x) is needed |
//!
//! Most programs need the first lines: a free function where the usual method serves, or a method with
//! its settings, `Adaptive::new().with_tolerance(1e-9).gradient(f, &x)`. f is called one point after the other and
//! the result is returned. For everything else [`plan`](FiniteDifference::plan) comes first and f last:
//!
//! ```
//! use ndarray::{Array1, array};
//! use numdiff_core::{FiniteDifference, Workspace};
//! let central = FiniteDifference::central();                           // a method
//! let x = array![3.0, 4.0];
//! let f = |x: &Array1<f64>| x[0] * x[1];
//! let (mut out, mut workspace) = (Array1::zeros(2), Workspace::new());
//! let g = central.gradient(f, &x)?;                                    // at once
//! central.plan().gradient(&x)                                          // a run: which points
//!     .write_to(&mut out, &mut workspace)                              // its settings
//!     .progress(|told, open| println!("{told} told, {open} open"))
//!     .serial(f)?;                                                     // its driver, and f
//! assert_eq!(out, g);
//! # Ok::<(), numdiff_core::Error>(())
//! ```
//!
//! # Features
//! None is on by default: the crate then needs ndarray, num-traits and thiserror alone.
//!
//! | Feature | Adds | Brings |
//! |---|---|---|
//! | `complex` | `ComplexStep`: derivatives of functions over complex numbers, exact to rounding | num-complex |
//! | `faer` | faer's columns and matrices as x and as outputs; matrices come back as faer's | faer |
//! | `nalgebra` | nalgebra's vectors and matrices as x and as outputs; matrices come back as nalgebra's | nalgebra |
//! | `rayon` | `parallel` of every run: evaluations on the threads of a pool | rayon |
//! | `serde` | plans, estimates and settings that can be saved and resumed | serde, postcard |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod bounds;
mod buffer;
pub mod check;
#[cfg(feature = "complex")]
mod complex;
mod detect;
mod error;
mod estimate;
mod evaluate;
mod functions;
mod line;
mod method;
mod moves;
mod noise;
mod operators;
mod outcome;
mod plan;
mod point;
mod printed;
mod random;
mod reach;
mod real;
mod samples;
#[doc(hidden)]
pub mod saved;
mod scheme;
mod sparse;
mod stencil;
mod step;

pub use bounds::Bound;
#[cfg(feature = "complex")]
pub use complex::ComplexStep;
pub use detect::{detect_pattern, detect_pattern_by_probing};
pub use error::Error;
pub use estimate::{Estimate, Status};
pub use evaluate::workers::drive_workers;
pub(crate) use evaluate::workspace;
pub use evaluate::workspace::Workspace;
pub use functions::{
    derivative, gradient, gradient_rows, hessian, jacobian, sparse_hessian, sparse_jacobian,
};
pub use method::{Adaptive, Differences, FiniteDifference, Method, Plans, Run};
pub use moves::{Function, Moves};
pub use ndarray;
pub use noise::{
    EcNoise, NoiseLevel, NoiseStatus, NoiseSteps, StepStatus, noise_level, noise_level_univariate,
};
/// The complex numbers of [`ComplexStep`].
#[cfg(feature = "complex")]
pub use num_complex;
pub use outcome::{Outcome, Outputs, Written};
pub use plan::{AskTell, Job, OwnedMoves};
#[cfg(feature = "complex")]
pub use point::ComplexPoint;
pub use point::{DenseMatrix, Point};
pub use printed::Printed;
pub use real::Real;
pub use samples::{Grid, SampledDerivative, SampledDifference};
pub use saved::SavedError;
pub use sparse::{
    Coloring, ColoringKind, Order, PatternCheck, SparseHessian, SparseJacobian, SparseMatrix,
    SparsityPattern, Storage,
};
pub use stencil::{MAX_NODES, Stencil};
pub use step::Step;
