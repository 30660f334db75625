//! What a check found.

use std::fmt;

/// What [`check_network`](crate::check_network) found. Its `Display` is a report to read.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Control, Dense, Network, Targets, check_network};
/// let network: Network = Network::builder().layer(Dense::new(1, 2)).weights(&[0.5, -0.5, 0.1, 0.0])?;
/// let batch = Batch::new(array![[1.0], [2.0]], Targets::labels(&[0, 1]))?;
/// let report = check_network(&network, &batch)?;
/// assert!(report.passed() && report.findings.is_empty());
/// for block in &report.blocks {
///     // How small an error of the block's largest entry would have been found.
///     assert!(matches!(block.control, Control::Found { smallest } if smallest < 1e-6));
/// }
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NetworkCheck {
    /// The loss.
    pub loss: f64,
    /// Rounding noise of the loss.
    pub noise: f64,
    /// The step h.
    pub step: f64,
    /// The noise floor of a difference, 8 noise/(2h): differences below it say nothing.
    pub floor: f64,
    /// One line for each block.
    pub blocks: Vec<BlockCheck>,
    /// Every entry that is outside its tolerance, with the reason.
    pub findings: Vec<Finding>,
    /// The layers whose backward is wrong when tested alone.
    pub suspects: Vec<Suspect>,
    /// Whether the derivative by the network's inputs agrees with forward passes. Training does not
    /// need it; a layer that is first here may stand behind others elsewhere.
    pub inputs: bool,
    /// The layers that say that samples do not meet in them
    /// ([`Layer::mixes_samples`](crate::Layer::mixes_samples)) although they do: node perturbation
    /// is wrong with them. `block` is `None`.
    pub mixing: Vec<Suspect>,
}

/// One block of a check.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BlockCheck {
    /// Name of the block.
    pub name: String,
    /// Number of entries, all of them checked.
    pub entries: usize,
    /// Entries where a layer is wrong.
    pub bugs: usize,
    /// Entries at a kink, where there is no derivative.
    pub kinks: usize,
    /// Entries for which the step was too coarse; finer ones lead to the analytic value.
    pub truncations: usize,
    /// Largest |analytic - numeric|.
    pub largest_error: f64,
    /// What became of the wrong gradient that was planted in this block.
    pub control: Control,
    /// Whether the layers' increments agree with forward passes in directions that move every
    /// parameter of the block.
    pub forward: bool,
}

/// The negative control: a factor 1.001 on the largest entry of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Control {
    /// It was found, as any relative error of that entry above `smallest`.
    Found {
        /// Smallest relative error of the block's largest entry that is found.
        smallest: f64,
    },
    /// It was not: the block's gradient is too close to 0, as that of a bias before batch
    /// normalization. An absolute error above the tolerance is found all the same.
    Blind {
        /// Smallest relative error of the block's largest entry that would be found.
        smallest: f64,
    },
}

/// An entry outside its tolerance.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// Name of the block.
    pub block: String,
    /// Index in the block, along each axis.
    pub index: Vec<usize>,
    /// By backpropagation.
    pub analytic: f64,
    /// By increments.
    pub numeric: f64,
    /// By two forward passes.
    pub forward: f64,
    /// The difference that was allowed.
    pub tolerance: f64,
    /// Why it was exceeded.
    pub verdict: Verdict,
}

/// Why an entry is outside its tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// A bug: some layer's `backward` is wrong; increments and forward passes agree.
    Backward,
    /// A bug: some layer's `seed` or `push` is wrong; backpropagation and forward passes agree.
    Increment,
    /// A bug: neither backpropagation nor the increments agree with forward passes.
    Both,
    /// The loss has a kink here: a ReLU at 0, a tie in a max pool.
    Kink,
    /// The step is too coarse here: with finer steps the difference goes to the analytic value.
    Truncation,
}

/// A layer that is wrong when it is tested alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspect {
    /// Index of the layer.
    pub layer: usize,
    /// Its name.
    pub name: String,
    /// The derivative that is wrong: a block, or `None` for that by the inputs.
    pub block: Option<String>,
}

impl NetworkCheck {
    /// Whether every layer is right: no bug among the findings, every block and the derivative by the
    /// inputs agree with the forward passes, and samples meet only where a layer says so. Kinks and
    /// coarse steps do not count against it.
    pub fn passed(&self) -> bool {
        let right = |block: &BlockCheck| block.bugs == 0 && block.forward;
        self.blocks.iter().all(right) && self.inputs && self.mixing.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Backward => {
                "bug in a backward: two forward passes agree with the numeric value"
            }
            Verdict::Increment => {
                "bug in a seed or push: two forward passes agree with the analytic value"
            }
            Verdict::Both => "bug: two forward passes agree with neither value",
            Verdict::Kink => "kink: there is no derivative here",
            Verdict::Truncation => "truncation: finer steps lead to the analytic value",
        })
    }
}

/// Findings written out for each block; more of them rarely say more.
const SHOWN: usize = 5;

impl fmt::Display for NetworkCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed() { "right" } else { "WRONG" };
        writeln!(
            f,
            "gradient {verdict}: loss {:.6}, step {:.0e}, noise floor {:.1e}",
            self.loss, self.step, self.floor
        )?;
        for block in &self.blocks {
            let control = match block.control {
                Control::Found { smallest } => format!("finds relative errors from {smallest:.0e}"),
                Control::Blind { smallest } => {
                    format!(
                        "BLIND to the planted 0.1 % error (the gradient is nearly 0: from {smallest:.0e} on)"
                    )
                }
            };
            writeln!(
                f,
                "  {:<8} {:>7} entries, {} wrong, {} at a kink, {} too coarse, largest error {:.1e}; {control}{}",
                block.name,
                block.entries,
                block.bugs,
                block.kinks,
                block.truncations,
                block.largest_error,
                if block.forward {
                    ""
                } else {
                    "; its increments DISAGREE with forward passes"
                }
            )?;
            let here: Vec<&Finding> = self
                .findings
                .iter()
                .filter(|finding| finding.block == block.name)
                .collect();
            for finding in here.iter().take(SHOWN) {
                writeln!(f, "    {finding}")?;
            }
            if here.len() > SHOWN {
                writeln!(f, "    and {} more", here.len() - SHOWN)?;
            }
        }
        if !self.inputs {
            writeln!(
                f,
                "  the derivative by the network's inputs DISAGREES with forward passes"
            )?;
        }
        for Suspect { layer, name, .. } in &self.mixing {
            writeln!(
                f,
                "  layer {layer} ({name}): its samples meet, but mixes_samples() says that they do not"
            )?;
        }
        for suspect in &self.suspects {
            match &suspect.block {
                Some(block) => writeln!(
                    f,
                    "  layer {} ({}): its backward is wrong for {block}",
                    suspect.layer, suspect.name
                )?,
                None => writeln!(
                    f,
                    "  layer {} ({}): its backward is wrong for its inputs",
                    suspect.layer, suspect.name
                )?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{:?}: analytic {:.10e}, numeric {:.10e}, tolerance {:.1e}: {}",
            self.block, self.index, self.analytic, self.numeric, self.tolerance, self.verdict
        )
    }
}
