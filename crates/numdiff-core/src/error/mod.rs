//! What can go wrong, with the numbers involved and what to try.

mod expect;
mod message;

pub(crate) use expect::{expect, expect_length, expect_outputs};

use message::{Short, failed, non_finite};
use std::error::Error as StdError;

/// A question that made no sense, or a function that could not be evaluated.
///
/// A derivative that is merely inaccurate is not an error: see [`Status`](crate::Status).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument has no elements.
    #[error("{argument} is empty; at least one element is needed")]
    Empty {
        /// Name of the argument.
        argument: &'static str,
    },
    /// An element of an argument is NaN or infinite.
    #[error("{argument}[{index}] is {value}; every element must be finite")]
    NotFinite {
        /// Name of the argument.
        argument: &'static str,
        /// Logical (row-major) index of the element.
        index: usize,
        /// The element.
        value: f64,
    },
    /// A setting is outside its range.
    #[error(
        "{argument} is {}, but must be {expected}",
        Short(*value)
    )]
    OutOfRange {
        /// Name of the argument.
        argument: &'static str,
        /// The value passed.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// An argument has the wrong number of elements.
    #[error("{argument} has {found} elements where {expected} are needed; make the lengths agree")]
    Length {
        /// Name of the argument.
        argument: &'static str,
        /// Elements passed.
        found: usize,
        /// Elements needed.
        expected: usize,
    },
    /// A lower bound exceeds the upper bound, or one is NaN.
    #[error(
        "bounds of coordinate {coordinate} are [{}, {}]; pass lower <= upper, infinities for none",
        Short(*lower),
        Short(*upper)
    )]
    Bounds {
        /// Coordinate.
        coordinate: usize,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// x lies outside its bounds.
    #[error(
        "x[{coordinate}] = {} lies outside its bounds [{}, {}]; move x inside or widen the bounds",
        Short(*x),
        Short(*lower),
        Short(*upper)
    )]
    OutsideBounds {
        /// Coordinate.
        coordinate: usize,
        /// Its value.
        x: f64,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// The step is lost in the rounding of x: x + h == x.
    #[error(
        "the step {} vanishes against x[{coordinate}] = {}; use a step above {}, or a relative step",
        Short(*step),
        Short(*x),
        Short(*smallest)
    )]
    StepVanishes {
        /// Coordinate.
        coordinate: usize,
        /// Its value.
        x: f64,
        /// The step.
        step: f64,
        /// The smallest step that moves x on both sides.
        smallest: f64,
    },
    /// The step leads beyond the largest number.
    #[error(
        "x[{coordinate}] = {} moved by steps of {} overflows; use a smaller step, or rescale x",
        Short(*x),
        Short(*step)
    )]
    StepOverflows {
        /// Coordinate.
        coordinate: usize,
        /// Its value.
        x: f64,
        /// The step.
        step: f64,
    },
    /// f returned NaN or an infinity where the method needs a value.
    #[error(
        "{}",
        non_finite(*value, *coordinate, *displacement, *output)
    )]
    NonFiniteValue {
        /// What f returned.
        value: f64,
        /// The first coordinate that was moved; 0 for f(x) itself.
        coordinate: usize,
        /// How far it was moved; 0 for f(x) itself.
        displacement: f64,
        /// Which output of f.
        output: usize,
    },
    /// f returned a complex value that is not finite.
    #[error(
        "output {output} of f is {} + {} i with coordinate {coordinate} moved by {} i; the complex step needs an f that is finite and analytic at x: check powers, roots and divisions, or use Adaptive",
        Short(*re),
        Short(*im),
        Short(*displacement)
    )]
    NonFiniteComplex {
        /// Real part.
        re: f64,
        /// Imaginary part.
        im: f64,
        /// The first coordinate that was moved.
        coordinate: usize,
        /// How far it was moved along the imaginary axis; of a direction, in units of v.
        displacement: f64,
        /// Which output of f.
        output: usize,
    },
    /// The complex step contradicts f's values on the real axis.
    #[error(
        "the complex step gives output {output} the slope {}, but its values on the real axis give {} with an error of {}: f is not analytic at x, or loses a small imaginary part as asin, acos and atan of num-complex do; use Adaptive",
        Short(*complex),
        Short(*real),
        Short(*error)
    )]
    NotAnalytic {
        /// Which output of f.
        output: usize,
        /// The slope by the complex step, along a direction that moves every coordinate, or along the
        /// caller's.
        complex: f64,
        /// The same by differences.
        real: f64,
        /// Error bar of `real`.
        error: f64,
    },
    /// A sparse Jacobian does not say what f does along a random direction.
    #[error(
        "the pattern misses an entry in row {row}, which is added to others or lost; find the pattern with detect_pattern"
    )]
    MissingEntry {
        /// The row.
        row: usize,
    },
    /// The user's function returned an error.
    #[error("{}", failed(*coordinate, *displacement, source))]
    Function {
        /// The first coordinate that was moved; 0 for f(x) itself.
        coordinate: usize,
        /// How far it was moved; 0 for f(x) itself, NaN where NaN took its place.
        displacement: f64,
        /// What the function said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A derivative that was to be checked returned an error.
    #[error("{name} failed: {source}; check at an x where it has a value")]
    Derivative {
        /// Which derivative.
        name: &'static str,
        /// What it said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// f returned another number of outputs than before.
    #[error("f returned {found} outputs after {expected}; return the same number at every point")]
    OutputsChanged {
        /// Outputs now.
        found: usize,
        /// Outputs before.
        expected: usize,
    },
    /// A function that writes its outputs left one as it was.
    #[error("f did not write output {output}; write all of its outputs at every point")]
    OutputNotWritten {
        /// Which output of f.
        output: usize,
    },
    /// A function that writes its outputs computed one from what stood there.
    #[error(
        "f added to output {output} before writing it; assign with `=` first: what stands there before the call is no zero"
    )]
    OutputAddedTo {
        /// Which output of f.
        output: usize,
    },
    /// A [`Point`](crate::Point) has another number of numbers than it had.
    #[error(
        "x has {found} numbers after {expected}; `Point::len` must stay the same while f is evaluated, and be that of `numbers`"
    )]
    LengthChanged {
        /// Numbers now.
        found: usize,
        /// Numbers before.
        expected: usize,
    },
    /// A [`Point`](crate::Point) does not hold the number that it was set to.
    #[error("x[{coordinate}] was set to {} and is {}; `Point::get` must give what `Point::set` was given, to the last bit", Short(*set), Short(*found))]
    NumberNotKept {
        /// Coordinate.
        coordinate: usize,
        /// What it was set to.
        set: f64,
        /// What it is.
        found: f64,
    },
    /// A stencil has too few nodes for its derivative.
    #[error("{nodes} nodes can't give a derivative of order {order}; use at least {}", order + 1)]
    TooFewNodes {
        /// Nodes passed.
        nodes: usize,
        /// Order of the derivative.
        order: usize,
    },
    /// Two nodes of a stencil are equal.
    #[error(
        "node {} occurs twice, the second time at index {index}; pass distinct nodes",
        Short(*value)
    )]
    RepeatedNode {
        /// The node.
        value: f64,
        /// Index of its second occurrence.
        index: usize,
    },
    /// Places of samples that neither rise nor fall throughout.
    #[error(
        "{argument}[{index}] = {} turns back after {}; sort the samples by their places",
        Short(*value),
        Short(*before)
    )]
    NotSorted {
        /// Name of the argument.
        argument: &'static str,
        /// Index of the first element that is out of order.
        index: usize,
        /// The element before it.
        before: f64,
        /// The element.
        value: f64,
    },
    /// Fewer samples than a difference of its order and accuracy takes.
    #[error(
        "{found} samples are too few for this order and accuracy; take at least {needed}, or a lower accuracy"
    )]
    TooFewSamples {
        /// Samples passed.
        found: usize,
        /// Samples needed.
        needed: usize,
    },
    /// A smoothing window that does not fit.
    #[error(
        "a window of {window} samples does not fit; take an odd number above the degree {degree} and not above the {samples} samples there are"
    )]
    Window {
        /// Samples in the window.
        window: usize,
        /// Degree of the polynomial.
        degree: usize,
        /// Samples passed.
        samples: usize,
    },
    /// The bounds leave no room for the points of a stencil.
    #[error(
        "the bounds [{}, {}] leave no room for {nodes} distinct points at x[{coordinate}] = {}; widen them, or make them equal to fix the coordinate",
        Short(*lower),
        Short(*upper),
        Short(*x)
    )]
    NoRoom {
        /// Coordinate.
        coordinate: usize,
        /// Its value.
        x: f64,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
        /// Points needed.
        nodes: usize,
    },
    /// A derivative exceeds the largest floating-point number.
    #[error(
        "the derivative of output {output} along coordinate {coordinate} overflows; rescale f or x"
    )]
    Overflow {
        /// The first coordinate that was moved.
        coordinate: usize,
        /// Which output of f.
        output: usize,
    },
    /// An element of the result exceeds the largest number of its type, though what it is combined
    /// from does not.
    #[error(
        "element {index} of the result (row-major) overflows; rescale f, x or the direction, or use f64"
    )]
    ResultOverflows {
        /// Which element.
        index: usize,
    },
    /// A coordinate index is too large.
    #[error(
        "coordinate {coordinate} does not exist: x has {length} elements; indices count from 0 in row-major order"
    )]
    NoCoordinate {
        /// Index passed.
        coordinate: usize,
        /// Elements of x.
        length: usize,
    },
    /// A job id that the open round does not have.
    #[error("job {id} is not open; tell the ids that the latest ask() returned")]
    UnknownJob {
        /// Id passed.
        id: u64,
    },
    /// A job was told twice.
    #[error("job {id} was told already; tell each job once")]
    ToldTwice {
        /// Id passed.
        id: u64,
    },
    /// A plan was finished while jobs were open.
    #[error("{open} jobs are still open; ask() and tell() until ask() returns no jobs")]
    Unfinished {
        /// Jobs that were not told.
        open: usize,
    },
    /// A plan that ended with an error was asked again.
    #[error(
        "this plan ended with an error, which it gave when it met it; make a new plan, or begin this one again"
    )]
    PlanFailed,
    /// An evaluation failed again and again.
    #[error(
        "the evaluation with coordinate {coordinate} moved by {} failed {attempts} times; move x into f's domain, set bounds, or use Adaptive, which goes around points beside x",
        Short(*displacement)
    )]
    EvaluationFailed {
        /// The first coordinate that was moved; 0 for f(x) itself.
        coordinate: usize,
        /// How far it was moved.
        displacement: f64,
        /// How often it was tried.
        attempts: u32,
    },
    /// An entry of a sparsity pattern lies outside its matrix.
    #[error(
        "entry ({row}, {column}) lies outside a {rows} x {columns} pattern; indices count from 0"
    )]
    EntryOutOfRange {
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
        /// Rows of the pattern.
        rows: usize,
        /// Columns of the pattern.
        columns: usize,
    },
    /// Compressed columns or rows are malformed.
    #[error(
        "{part}[{place}] is {value}, but must be {rule}; sort the indices and remove duplicates"
    )]
    PatternParts {
        /// Which array.
        part: &'static str,
        /// Where in it.
        place: usize,
        /// What stands there.
        value: usize,
        /// What may stand there.
        rule: &'static str,
    },
    /// A pattern has more entries than can be addressed.
    #[error(
        "a pattern of {rows} x {columns} has more entries than memory can hold; pass a sparser one"
    )]
    PatternTooLarge {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// A pattern has another shape than what it is used with.
    #[error(
        "the pattern is {rows} x {columns}, but {other} is {other_rows} x {other_columns}; outputs are rows, coordinates columns"
    )]
    PatternShape {
        /// Rows of the pattern.
        rows: usize,
        /// Columns of the pattern.
        columns: usize,
        /// What it does not fit.
        other: &'static str,
        /// Its rows.
        other_rows: usize,
        /// Its columns.
        other_columns: usize,
    },
    /// A symmetric coloring of a pattern that is not square.
    #[error(
        "the pattern is {rows} x {columns}, but a Hessian is square; use a coloring of columns or rows"
    )]
    NotSquare {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// A symmetric coloring of a pattern that is not symmetric.
    #[error(
        "the pattern has the entry ({row}, {column}) but not ({column}, {row}); use `symmetrized`, or a coloring of columns"
    )]
    NotSymmetric {
        /// Row of the entry.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// A covariance that is not symmetric.
    #[error(
        "the covariance has {} at ({row}, {column}) but {} at ({column}, {row}); pass a symmetric matrix",
        Short(*value),
        Short(*mirror)
    )]
    Asymmetric {
        /// Row of the element.
        row: usize,
        /// Its column.
        column: usize,
        /// The element.
        value: f64,
        /// The one mirrored at the diagonal.
        mirror: f64,
    },
    /// A coloring of rows can't compress differences, which move columns.
    #[error(
        "a coloring of rows serves vector-Jacobian products, not differences; use `Coloring::columns`"
    )]
    RowColoring,
    /// A star or acyclic coloring, for a Jacobian.
    #[error(
        "a star or acyclic coloring takes one entry for its mirror image, which a Jacobian's need not equal; use `Coloring::columns`, or a `SparseHessian`"
    )]
    SymmetricColoring,
    /// A coloring passed by the caller does not fit the pattern.
    #[error(
        "two lines of one color collide in the coloring with {colors} colors; use `Coloring::columns`, `rows`, `star` or `acyclic`"
    )]
    InvalidColoring {
        /// Number of colors.
        colors: usize,
    },
    /// The evaluation budget is below what the method needs for any answer.
    #[error("a budget of {budget} evaluations is too small; allow at least {minimum}")]
    Budget {
        /// Budget passed.
        budget: usize,
        /// The least that serves.
        minimum: usize,
    },
    /// f has no finite values around x from which a difference could be taken.
    #[error(
        "output {output} of f is finite at x, but at no points around it along coordinate {coordinate} that may be looked at; widen bounds or a max step that leave no room, or set bounds or a typical x that keep to f's domain"
    )]
    NoFiniteDifference {
        /// The first coordinate of the line.
        coordinate: usize,
        /// Which output of f.
        output: usize,
    },
}

impl Error {
    /// The error of an evaluation that failed with `coordinate` moved by `displacement`.
    #[cold]
    pub(crate) fn function(
        coordinate: usize,
        displacement: f64,
        source: Box<dyn StdError + Send + Sync>,
    ) -> Self {
        Misuse::or(source, |source| Error::Function {
            coordinate,
            displacement,
            source,
        })
    }

    /// The error of a derivative that was to be checked, and failed.
    #[cold]
    pub(crate) fn derivative(name: &'static str, source: Box<dyn StdError + Send + Sync>) -> Self {
        Misuse::or(source, |source| Error::Derivative { name, source })
    }
}

/// An error of the crate's own that passes through an evaluation.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(pub Error);

impl Misuse {
    /// The error that passes through, or another.
    fn or(
        source: Box<dyn StdError + Send + Sync>,
        other: impl FnOnce(Box<dyn StdError + Send + Sync>) -> Error,
    ) -> Error {
        match source.downcast::<Misuse>() {
            Ok(misuse) => misuse.0,
            Err(source) => other(source),
        }
    }
}

/// So that `?` works in functions whose errors are texts.
impl From<Error> for String {
    fn from(error: Error) -> Self {
        error.to_string()
    }
}

/// What has another number of outputs than an operator differentiates.
pub(crate) const SCALAR: &str = "the output of a scalar f";
pub(crate) const GRADIENT: &str = "the gradient";
