//! What a check found.

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
/// assert!(report.to_string().starts_with("derivatives right: 13 entries right, 0 wrong, 0 not smooth here, 0 not checkable"));
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The loss, where a network was checked.
    pub loss: Option<f64>,
    /// Each parameter block, and the inputs of each layer.
    pub blocks: Vec<BlockCheck>,
    /// Every entry that is not right, with both values and the reason.
    pub findings: Vec<Finding>,
    /// The layers that are wrong, with what is wrong about them.
    pub suspects: Vec<Suspect>,
    /// Layers that compute in single precision in a network of doubles: checked as closely as that
    /// allows.
    pub single: Vec<(usize, String)>,
    /// Whether a block in which nothing could be checked passes.
    pub(crate) unchecked_allowed: bool,
}

/// How many entries ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Entries whose derivative agrees.
    pub right: usize,
    /// Entries whose derivative does not.
    pub wrong: usize,
    /// Entries at a kink, where the analytic value lies between the one-sided slopes.
    pub not_smooth: usize,
    /// Entries that rounding hides.
    pub not_checkable: usize,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> usize {
        self.right + self.wrong + self.not_smooth + self.not_checkable
    }

    pub(crate) fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Right => self.right += 1,
            Verdict::Wrong => self.wrong += 1,
            Verdict::NotSmooth => self.not_smooth += 1,
            Verdict::NotCheckable => self.not_checkable += 1,
        }
    }
}

/// One parameter block, or the inputs of one layer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BlockCheck {
    /// Index of the layer.
    pub layer: usize,
    /// Name of the block; that of the inputs of layer l is `inputs of layer l`.
    pub name: String,
    /// How its entries ended.
    pub counts: Counts,
    /// Largest |analytic - numeric| among the right ones.
    pub largest_error: f64,
    /// The smallest error, relative to the block's largest entry, that is found in it: the largest
    /// tolerance among the entries that are right over the largest entry.
    pub found_from: f64,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The analytic value agrees with the difference quotients.
    Right,
    /// It does not; at a kink: it lies outside the one-sided slopes.
    Wrong,
    /// There is a kink here (a ReLU at 0, a tie in a max pool) and the analytic value lies between the
    /// one-sided slopes.
    NotSmooth,
    /// Rounding hides the derivative here.
    NotCheckable,
}

/// An entry that is not right.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// Index of the layer.
    pub layer: usize,
    /// Name of the block.
    pub block: String,
    /// Index in the block, along each axis.
    pub index: Vec<usize>,
    /// By the layer's `backward`.
    pub analytic: f64,
    /// By difference quotients; between the one-sided slopes at a kink.
    pub numeric: f64,
    /// The slopes on the left and on the right, at a kink.
    pub sides: Option<[f64; 2]>,
    /// The difference that was allowed.
    pub tolerance: f64,
    /// What became of it.
    pub verdict: Verdict,
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
    /// It gives other values when it is asked again; nothing else about it was checked.
    NotDeterministic,
}

impl CheckReport {
    /// How all entries ended.
    pub fn counts(&self) -> Counts {
        self.blocks
            .iter()
            .fold(Counts::default(), |sum, block| Counts {
                right: sum.right + block.counts.right,
                wrong: sum.wrong + block.counts.wrong,
                not_smooth: sum.not_smooth + block.counts.not_smooth,
                not_checkable: sum.not_checkable + block.counts.not_checkable,
            })
    }

    /// The blocks in which no entry could be checked: all of them are at kinks, or hidden by rounding.
    pub fn unchecked(&self) -> impl Iterator<Item = &BlockCheck> {
        let checked = |block: &&BlockCheck| block.counts.right + block.counts.wrong == 0;
        self.blocks.iter().filter(checked)
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

/// Findings written out for each block; more of them rarely say more.
const SHOWN: usize = 5;

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if !self.suspects.is_empty() {
            "WRONG"
        } else if self.passed() {
            "right"
        } else {
            "NOT CHECKED everywhere"
        };
        let counts = self.counts();
        writeln!(
            f,
            "derivatives {verdict}: {} entries right, {} wrong, {} not smooth here, {} not checkable",
            counts.right, counts.wrong, counts.not_smooth, counts.not_checkable
        )?;
        for suspect in &self.suspects {
            writeln!(
                f,
                "  layer {} ({}): {}",
                suspect.layer, suspect.name, suspect.fault
            )?;
        }
        for (layer, name) in &self.single {
            writeln!(
                f,
                "  layer {layer} ({name}) computes in single precision; use f64 inside to check it closer"
            )?;
        }
        for block in &self.blocks {
            let Counts {
                right,
                wrong,
                not_smooth,
                not_checkable,
            } = block.counts;
            write!(
                f,
                "  {:<8} {right} right, {wrong} wrong, {not_smooth} not smooth, {not_checkable} not checkable",
                block.name
            )?;
            if right > 0 {
                writeln!(
                    f,
                    "; largest error {:.1e}, finds errors from {:.0e} of the largest entry",
                    block.largest_error, block.found_from
                )?;
            } else if wrong == 0 {
                let why = if not_smooth >= not_checkable {
                    "every entry is at a kink: check it with other data"
                } else {
                    "rounding hides every entry: check it with data of another size"
                };
                writeln!(f, "; NOTHING was checked, as {why}")?;
            } else {
                writeln!(f)?;
            }
            let here: Vec<&Finding> = self
                .findings
                .iter()
                .filter(|finding| finding.layer == block.layer && finding.block == block.name)
                .collect();
            // The wrong ones first.
            let (wrong, rest): (Vec<&Finding>, Vec<&Finding>) =
                here.into_iter().partition(|f| f.verdict == Verdict::Wrong);
            let all = wrong.len() + rest.len();
            for finding in wrong.into_iter().chain(rest).take(SHOWN) {
                writeln!(f, "    {finding}")?;
            }
            if all > SHOWN {
                writeln!(f, "    and {} more", all - SHOWN)?;
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
            Fault::NotDeterministic => f.write_str(
                "it is not deterministic: asked twice it gives other values; freeze its random numbers to check it",
            ),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{:?}: analytic {:.10e}, ",
            self.block, self.index, self.analytic
        )?;
        match (self.sides, self.verdict) {
            (Some([left, right]), Verdict::Wrong) => write!(
                f,
                "outside the slopes {left:.10e} on the left and {right:.10e} on the right"
            ),
            (Some([left, right]), _) => write!(
                f,
                "between the slopes {left:.10e} on the left and {right:.10e} on the right: not smooth here"
            ),
            (None, Verdict::NotCheckable) => write!(
                f,
                "numeric {:.10e} +- {:.1e}: rounding hides it",
                self.numeric, self.tolerance
            ),
            (None, _) => write!(
                f,
                "numeric {:.10e} +- {:.1e}: the backward is wrong",
                self.numeric, self.tolerance
            ),
        }
    }
}
