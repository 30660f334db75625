//! What a check of layers found: a report of `numdiff_core::check` for each block, and the layers that are wrong.

use numdiff_core::check::{Counts, Entry, Report};
use std::fmt;

/// The result of [`check_network`](crate::check_network) or [`check_layer`](crate::check_layer). `println!("{report}")`
/// prints it; the first line counts the verdicts.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Dense, check_layer};
/// let report = check_layer(&Dense::new(2, 3), &array![[0.5, -1.0], [2.0, 0.25]])?;
/// report.assert_ok();
/// // 6 weights, 3 biases, 4 inputs.
/// assert_eq!(report.counts().right, 13);
/// println!("{}", report.counts());
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
/// ```text
/// 13 right, 0 wrong, 0 not smooth here, 0 not checkable
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "a check that nobody looks at checks nothing; see `assert_ok`"]
pub struct CheckReport {
    /// The loss of the network; `None` if a layer was checked alone.
    pub loss: Option<f64>,
    /// The verdicts for each parameter block and for the inputs of each layer.
    pub blocks: Vec<BlockCheck>,
    /// The layers that are wrong, each with its fault.
    pub suspects: Vec<Suspect>,
    /// The index and name of layers that compute in single precision in an `f64` network. They are checked as closely
    /// as that allows.
    pub single: Vec<(usize, String)>,
    /// Whether a block in which nothing could be checked passes.
    pub(crate) unchecked_allowed: bool,
}

/// The verdicts for one parameter block, or for the inputs of one layer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BlockCheck {
    /// The index of the layer, counted from 0; that of a loss of your own follows the last layer.
    pub layer: usize,
    /// The verdict for each entry. The report has the name of the block, or `inputs of layer l`.
    pub report: Report,
}

/// A layer that is wrong when it is tested alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspect {
    /// The index of the layer, counted from 0; that of a loss of your own follows the last layer.
    pub layer: usize,
    /// The name of the layer.
    pub name: String,
    /// The fault.
    pub fault: Fault,
}

/// A fault of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Its `backward` is wrong for this parameter block.
    Parameters(String),
    /// Its `backward` is wrong for its inputs.
    Inputs,
    /// Its `seed` does not return the change of `forward` when a parameter changes.
    Seed,
    /// Its `push` does not return the change of `forward` when the inputs change.
    Push,
    /// Samples interact in it, but `mixes_samples` returns `false`: node perturbation would be wrong.
    MixesSamples,
    /// Its outputs are not affine in its parameters, but `linear_in_parameters` returns `true`: node perturbation would
    /// be wrong.
    NotLinear,
    /// Its `backward` overwrites `dp` instead of adding to it.
    Overwrites,
    /// Its `backward` is not proportional to `dy`: it clips derivatives, for example.
    NotProportional,
    /// Its `spec` is that of another layer.
    Spec,
    /// Its `wide` is another layer, with other values or derivatives.
    Wide,
    /// Its `forward` or `backward` returns other values when it is called again. Nothing else about it was checked.
    NotDeterministic,
    /// Its `backward` returns other derivatives after a call of `forward` with other inputs. Nothing else about it was checked.
    Stale,
}

impl CheckReport {
    /// Returns how many entries got each verdict.
    pub fn counts(&self) -> Counts {
        self.blocks.iter().map(|block| block.report.counts()).sum()
    }

    /// Returns the entries that are not right, with their block and index; the wrong ones of each block come first.
    pub fn findings(&self) -> impl Iterator<Item = (&BlockCheck, Vec<usize>, Entry)> {
        self.blocks.iter().flat_map(|block| {
            let found = block.report.findings().into_iter();
            found.map(move |(index, entry)| (block, index, entry))
        })
    }

    /// Returns the blocks in which no entry could be checked: all are at kinks, or rounding hides them.
    pub fn unchecked(&self) -> impl Iterator<Item = &BlockCheck> {
        self.blocks
            .iter()
            .filter(|block| block.unchecked().is_some())
    }

    /// Returns whether no layer is wrong and every block has an entry that was checked.
    pub fn passed(&self) -> bool {
        self.suspects.is_empty() && (self.unchecked_allowed || self.unchecked().next().is_none())
    }

    /// Does nothing if the check passed.
    ///
    /// # Panics
    /// If it did not pass, with the report.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.passed(), "{self}");
    }
}

impl BlockCheck {
    /// Why nothing in it could be checked, when that is so.
    fn unchecked(&self) -> Option<&'static str> {
        let counts = self.report.counts();
        if counts.right + counts.wrong > 0 {
            None
        } else if counts.not_smooth >= counts.not_checkable {
            Some("every entry is at a kink: check it with other data")
        } else {
            Some("rounding hides every entry: check it with data of another size")
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if !self.suspects.is_empty() {
            "WRONG"
        } else if self.passed() {
            "right"
        } else {
            "NOT CHECKED everywhere"
        };
        writeln!(f, "derivatives {verdict}: {}", self.counts())?;
        for Suspect { layer, name, fault } in &self.suspects {
            writeln!(f, "  layer {layer} ({name}): {fault}")?;
        }
        for (layer, name) in &self.single {
            writeln!(
                f,
                "  layer {layer} ({name}) computes in single precision; use f64 inside to check it closer"
            )?;
        }
        for block in &self.blocks {
            for line in block.report.to_string().lines() {
                writeln!(f, "  {line}")?;
            }
            if let Some(why) = block.unchecked() {
                writeln!(f, "    NOTHING was checked, as {why}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Parameters(block) => write!(f, "its backward is wrong for {block}"),
            Fault::Inputs => f.write_str("its backward is wrong for its inputs"),
            Fault::Seed => f.write_str("its seed does not give what its forward gives"),
            Fault::Push => f.write_str("its push does not give what its forward gives"),
            Fault::MixesSamples => {
                f.write_str("its samples meet, but mixes_samples() says that they do not")
            }
            Fault::NotLinear => f.write_str(
                "its outputs are not affine in its parameters, but linear_in_parameters() says that they are",
            ),
            Fault::Overwrites => {
                f.write_str("its backward overwrites dp; add to what is there")
            }
            Fault::NotProportional => f.write_str(
                "its backward is not proportional to dy: it gives other derivatives where dy is large or small",
            ),
            Fault::Spec => f.write_str("it is not the layer that its spec says"),
            Fault::Wide => f.write_str("its wide() gives other values or derivatives than it does"),
            Fault::NotDeterministic => f.write_str(
                "it is not deterministic: asked twice it gives other values; freeze its random numbers to check it",
            ),
            Fault::Stale => f.write_str(
                "its backward goes by what its last forward left behind, not by the point it is handed; keep in remember() what it needs",
            ),
        }
    }
}
