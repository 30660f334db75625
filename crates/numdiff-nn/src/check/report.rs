//! What a check of layers found: a report of `numdiff_core::check` for each block, and the layers that are wrong.

use numdiff_core::check::{Counts, Entry, Report};
use std::fmt;

/// What [`check_network`](crate::check_network) and [`check_layer`](crate::check_layer) found. Its
/// `Display` is a report to read; its first line counts what became of the entries.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Dense, check_layer};
/// let report = check_layer(&Dense::new(2, 3), &array![[0.5, -1.0], [2.0, 0.25]])?;
/// report.assert_ok();
/// // 6 weights, 3 biases, 4 inputs.
/// assert_eq!(report.counts().right, 13);
/// assert!(report.to_string().starts_with("derivatives right: 13 right, 0 wrong, 0 not smooth here, 0 not checkable"));
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "a check that nobody looks at checks nothing; see `assert_ok`"]
pub struct CheckReport {
    /// The loss, where a network was checked.
    pub loss: Option<f64>,
    /// Each parameter block, and the inputs of each layer.
    pub blocks: Vec<BlockCheck>,
    /// The layers that are wrong, with what is wrong about them.
    pub suspects: Vec<Suspect>,
    /// Layers that compute in single precision in a network of doubles: checked as closely as that
    /// allows.
    pub single: Vec<(usize, String)>,
    /// Whether a block in which nothing could be checked passes.
    pub(crate) unchecked_allowed: bool,
}

/// One parameter block, or the inputs of one layer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BlockCheck {
    /// Index of the layer.
    pub layer: usize,
    /// What became of its entries. It is named after the block; that of the inputs of layer l is
    /// `inputs of layer l`.
    pub report: Report,
}

/// A layer that is wrong when it is tested alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspect {
    /// Index of the layer.
    pub layer: usize,
    /// Its name.
    pub name: String,
    /// What is wrong about it.
    pub fault: Fault,
}

/// What is wrong about a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Its `backward` is wrong for this parameter block.
    Parameters(String),
    /// Its `backward` is wrong for its inputs.
    Inputs,
    /// Its `seed` does not give what its `forward` gives with a parameter moved.
    Seed,
    /// Its `push` does not give what its `forward` gives with the inputs moved.
    Push,
    /// Samples meet in it, but `mixes_samples` says that they do not: node perturbation is wrong.
    MixesSamples,
    /// Its outputs are not affine in its parameters, but `linear_in_parameters` says that they are: node
    /// perturbation is wrong.
    NotLinear,
    /// Its `backward` overwrites `dp` where it should add to it.
    Overwrites,
    /// Its `backward` is not proportional to `dy`: it clips derivatives, say.
    NotProportional,
    /// It is not the layer that its `spec` says.
    Spec,
    /// Its `wide` is another layer: it gives other values or derivatives in `f64`.
    Wide,
    /// It gives other values when it is asked again; nothing else about it was checked.
    NotDeterministic,
    /// Its `backward` gives other derivatives after a `forward` elsewhere; nothing else about it was checked.
    Stale,
}

impl CheckReport {
    /// How all entries ended.
    pub fn counts(&self) -> Counts {
        self.blocks.iter().map(|block| block.report.counts()).sum()
    }

    /// The entries that are not right: their block, index and values, the wrong ones of each block first.
    pub fn findings(&self) -> impl Iterator<Item = (&BlockCheck, Vec<usize>, Entry)> {
        self.blocks.iter().flat_map(|block| {
            let found = block.report.findings().into_iter();
            found.map(move |(index, entry)| (block, index, entry))
        })
    }

    /// The blocks in which no entry could be checked: all of them are at kinks, or hidden by rounding.
    pub fn unchecked(&self) -> impl Iterator<Item = &BlockCheck> {
        self.blocks
            .iter()
            .filter(|block| block.unchecked().is_some())
    }

    /// Whether no layer is wrong, and every block has an entry that was checked.
    pub fn passed(&self) -> bool {
        self.suspects.is_empty() && (self.unchecked_allowed || self.unchecked().next().is_none())
    }

    /// Nothing when the check passed.
    ///
    /// # Panics
    /// With the report, when it did not.
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
