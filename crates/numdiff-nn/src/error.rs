//! What can go wrong with a network, its data and its files, with the numbers and what to try.

use numdiff_core::Real;

/// Why an operation on a network, its data or its files failed. Each message carries the numbers and says what to try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The network has no layers.
    #[error("the network has no layers; add at least one before it is built")]
    EmptyNetwork,
    /// No layer determines the number of inputs of the network.
    #[error("no layer fixes the number of inputs; call inputs(n) on the builder")]
    UnknownInputs,
    /// A layer cannot take as many values as the layer before it returns.
    #[error(
        "layer {first} ({first_name}) gives {outputs} values but layer {second} ({second_name}) takes {inputs}; \
         make the two widths agree"
    )]
    Chain {
        /// The index of the first layer, counted from 0.
        first: usize,
        /// The name of the first layer.
        first_name: String,
        /// The number of its outputs.
        outputs: usize,
        /// The index of the second layer.
        second: usize,
        /// The name of the second layer.
        second_name: String,
        /// The number of inputs that the second layer takes.
        inputs: usize,
    },
    /// A setting is out of range.
    #[error("{layer}: {argument} is {}, but must be {expected}", short(*value))]
    Setting {
        /// The name of the layer, or of the function or type that has the setting.
        layer: String,
        /// The name of the setting.
        argument: &'static str,
        /// The value passed.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// A layer returned an array of the wrong shape.
    #[error(
        "layer {layer} ({name}) returned an array of shape ({}, {}) where ({}, {}) is needed; check its {method}",
        found.0, found.1, expected.0, expected.1
    )]
    LayerShape {
        /// The index of the layer, counted from 0.
        layer: usize,
        /// The name of the layer.
        name: String,
        /// The method that returned the array.
        method: &'static str,
        /// The shape returned.
        found: (usize, usize),
        /// The shape needed: rows of the batch, width of the layer.
        expected: (usize, usize),
    },
    /// The batch has no rows.
    #[error("the batch has no rows; pass at least one sample")]
    EmptyBatch,
    /// The rows of data have the wrong length.
    #[error(
        "x has {found} columns but the network takes {expected} inputs; pass one sample in each row"
    )]
    Inputs {
        /// The number of columns passed.
        found: usize,
        /// The number of inputs of the network.
        expected: usize,
    },
    /// An element of the data or of the parameters is NaN or infinite.
    #[error("{argument}[{index}] is {value}; every element must be finite")]
    NotFinite {
        /// The array with the element: `x`, `targets` or the name of a block.
        argument: String,
        /// The row-major index of the element.
        index: usize,
        /// The element.
        value: f64,
    },
    /// A flat array has the wrong number of elements.
    #[error("{argument} has {found} elements where {expected} are needed; make the lengths agree")]
    Length {
        /// The name of the argument.
        argument: String,
        /// The number of elements passed.
        found: usize,
        /// The number of elements needed.
        expected: usize,
    },
    /// The array for a block has the wrong shape.
    #[error(
        "{block} has shape {expected:?} but was given {found:?}; pass an array of the block's shape"
    )]
    BlockShape {
        /// The name of the block.
        block: String,
        /// The shape passed.
        found: Vec<usize>,
        /// The shape of the block.
        expected: Vec<usize>,
    },
    /// There is no parameter block of this name.
    #[error("there is no block {name:?}; this network has {known}")]
    UnknownBlock {
        /// The name asked for.
        name: String,
        /// The names of all blocks.
        known: String,
    },
    /// The numbers of rows and of targets differ.
    #[error("x has {rows} rows but there are {targets} targets; give one target for each row")]
    Targets {
        /// The number of rows of the data.
        rows: usize,
        /// The number of targets.
        targets: usize,
    },
    /// The rows of targets have the wrong length.
    #[error("targets have {found} columns but the network has {expected} outputs; make them agree")]
    TargetWidth {
        /// The number of columns of the targets.
        found: usize,
        /// The number of outputs of the network.
        expected: usize,
    },
    /// A label is not below the number of classes.
    #[error("label {label} of row {row} is out of range; with {classes} outputs pass labels from 0 to {}", classes.saturating_sub(1))]
    Label {
        /// The row of the label, counted from 0.
        row: usize,
        /// The label.
        label: usize,
        /// The number of classes.
        classes: usize,
    },
    /// A row of one-hot targets is not a single 1 among zeros.
    #[error(
        "targets row {row} is not one-hot: element {column} is {value}; exactly one element is 1, the others 0 \
             (Targets::soft takes distributions)"
    )]
    OneHot {
        /// The row of the targets, counted from 0.
        row: usize,
        /// The column that breaks the rule; 0 if there is no 1 in the row.
        column: usize,
        /// The value of the element.
        value: f64,
    },
    /// A row of soft targets is not a distribution.
    #[error(
        "targets row {row} is not a distribution: its sum is {sum}, its smallest element {smallest}; \
             elements must be >= 0 and sum to 1 (Targets::values takes any numbers)"
    )]
    Distribution {
        /// The row of the targets, counted from 0.
        row: usize,
        /// The sum of the row.
        sum: f64,
        /// The smallest element of the row.
        smallest: f64,
    },
    /// A loss cannot use this kind of targets, or a question has no answer for them.
    #[error("{what} needs {needed}")]
    Unsuitable {
        /// The loss or the method.
        what: &'static str,
        /// What it needs.
        needed: &'static str,
    },
    /// The output or the loss of the network is NaN or infinite.
    #[error("{what} is {value} from layer {layer} ({name}) on{}; lower the learning rate or scale the data",
        block.as_ref().map(|b| format!(", whose parameters {b} make it so")).unwrap_or_default())]
    NonFiniteOutput {
        /// The quantity that is not finite: `output` or `loss`.
        what: &'static str,
        /// The value.
        value: f64,
        /// The index of the first layer whose output is not finite; the last layer for a loss.
        layer: usize,
        /// The name of the layer.
        name: String,
        /// The first parameter block of the layer or, if it has none, of the last layer before it that has some.
        block: Option<String>,
    },
    /// A layer has no backward pass.
    #[error(
        "layer {layer} ({name}) has no backward; use a numerical gradient, or give the layer a backward"
    )]
    NoBackward {
        /// The index of the layer, counted from 0.
        layer: usize,
        /// The name of the layer.
        name: String,
    },
    /// A loss has no derivative.
    #[error("the loss {loss:?} has no slope; use a numerical gradient, or give the loss a slope")]
    NoSlope {
        /// The name of the loss.
        loss: &'static str,
    },
    /// A step is lost in the rounding of a parameter.
    #[error(
        "the step {} vanishes against {block}[{index}] = {}; use a larger step or the nominal divisor",
        short(*step), short(*parameter)
    )]
    StepVanishes {
        /// The name of the block.
        block: String,
        /// The row-major index in the block.
        index: usize,
        /// The parameter.
        parameter: f64,
        /// The step.
        step: f64,
    },
    /// A difference of losses is NaN or infinite.
    #[error(
        "the loss difference is {value} with {block}[{index}] moved by {}; use a {} step", short(*step),
        if value.is_nan() { "smaller step, or where it is lost in the rounding of a layer's inputs a larger" } else { "smaller" }
    )]
    NonFiniteDifference {
        /// The name of the block.
        block: String,
        /// The row-major index in the block.
        index: usize,
        /// The distance by which the parameter was moved to either side.
        step: f64,
        /// The difference of the losses.
        value: f64,
    },
    /// The optimizer rejected a step.
    #[error("the optimizer refuses the step: {source}")]
    Optimizer {
        /// The error of the optimizer.
        source: Box<numdiff_optim::Error>,
    },
    /// Training stopped at a loss or a parameter that is not finite.
    #[error("training stopped in epoch {epoch} at step {step}: {source}")]
    Training {
        /// The epoch, counted from 0.
        epoch: usize,
        /// The step, counted from 0 over all epochs.
        step: u64,
        /// The error at this step.
        source: Box<Error>,
    },
    /// The content of a saved file is not what is needed.
    #[error("the saved {what} is {found}, but must be {expected}")]
    Saved {
        /// The part that is wrong, such as `format`, `version`, `checksum` or `blocks`.
        what: &'static str,
        /// The content of the file.
        found: String,
        /// The content that is needed.
        expected: String,
    },
    /// An IDX file is truncated, damaged or something else.
    #[error("IDX {what}: found {found}, expected {expected}")]
    Idx {
        /// The part that is wrong.
        what: &'static str,
        /// The content of the file.
        found: String,
        /// The content that is needed.
        expected: String,
    },
    /// One of several files cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// The path of the file.
        path: std::path::PathBuf,
        /// The error of this file.
        source: Box<Error>,
    },
    /// A file could not be read or written.
    #[error("the file can't be read or written: {source}; check that it exists and may be opened")]
    Io {
        /// The error of the system.
        source: std::io::Error,
    },
    /// A file cannot be read or written as JSON.
    #[cfg(feature = "serde")]
    #[error(
        "JSON can't be read or written: {source}; save the file again (a loss of your own can't be saved)"
    )]
    Json {
        /// The error, with its position in the file.
        source: serde_json::Error,
    },
}

/// Checks that every element is finite.
pub(crate) fn require_finite<T: Real>(
    argument: &str,
    values: impl Iterator<Item = T>,
) -> Result<(), Error> {
    match values.enumerate().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some((index, value)) => Err(Error::NotFinite {
            argument: argument.into(),
            index,
            value: value.widen(),
        }),
    }
}

/// What the system says of a file.
pub(crate) fn io(source: std::io::Error) -> Error {
    Error::Io { source }
}

/// Checks how many elements an argument has.
pub(crate) fn require_length(argument: &str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Length {
        argument: argument.into(),
        found,
        expected,
    })
}

/// Checks that there are samples, and a target for each.
pub(crate) fn require_rows(rows: usize, targets: usize) -> Result<(), Error> {
    match rows {
        0 => Err(Error::EmptyBatch),
        _ if rows != targets => Err(Error::Targets { rows, targets }),
        _ => Ok(()),
    }
}

/// Checks that there are samples with as many columns as there are inputs.
pub(crate) fn require_inputs((rows, found): (usize, usize), expected: usize) -> Result<(), Error> {
    match rows {
        0 => Err(Error::EmptyBatch),
        _ if found != expected => Err(Error::Inputs { found, expected }),
        _ => Ok(()),
    }
}

/// Checks one setting.
pub(crate) fn require(
    holds: bool,
    layer: &str,
    (argument, value): (&'static str, f64),
    expected: &'static str,
) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(Error::Setting {
        layer: layer.into(),
        argument,
        value,
        expected,
    })
}

/// Checks what a method of a layer returned.
pub(crate) fn require_shape(
    (layer, name): (usize, impl FnOnce() -> String),
    method: &'static str,
    found: (usize, usize),
    expected: (usize, usize),
) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::LayerShape {
        layer,
        name: name(),
        method,
        found,
        expected,
    })
}

/// A number to read: with an exponent where it would have rows of zeros.
fn short(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-4..1e16).contains(&size) => value.to_string(),
        _ if value.is_finite() => format!("{value:e}"),
        _ => value.to_string(),
    }
}
