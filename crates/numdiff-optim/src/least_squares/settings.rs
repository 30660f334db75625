//! What a fit may be told.

use crate::Error;
use crate::error::require;
use crate::loss::Loss;
use crate::trajectory::Recording;
use numdiff_core::{Bound, SparsityPattern};
use std::time::Duration;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub evaluations: Option<usize>,
    pub iterations: usize,
    pub time: Option<Duration>,
    pub target: Option<f64>,
    pub tolerance: f64,
    pub recording: Recording,
    pub bounds: Option<(Bound, Bound)>,
    pub pattern: Option<SparsityPattern>,
    pub fixed: Vec<usize>,
    pub sigma: Option<Vec<f64>>,
    pub absolute_sigma: bool,
    pub loss: Loss,
    pub noise: Option<f64>,
    pub typical: Option<Vec<f64>>,
    pub names: Option<Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            evaluations: None,
            iterations: usize::MAX,
            time: None,
            target: None,
            tolerance: 1e-15,
            recording: Recording::Off,
            bounds: None,
            pattern: None,
            fixed: Vec::new(),
            sigma: None,
            absolute_sigma: false,
            loss: Loss::Linear,
            noise: None,
            typical: None,
            names: None,
        }
    }
}

impl Settings {
    /// Checks what can be checked before r is known; n parameters.
    pub fn validate(&self, n: usize) -> Result<(), Error> {
        if let Some(evaluations) = self.evaluations {
            require(evaluations > 0, "max_evaluations", 0.0, "at least 1")?;
        }
        let holds = self.tolerance >= 0.0 && self.tolerance.is_finite();
        require(holds, "tolerance", self.tolerance, "at least 0 and finite")?;
        if let Some(target) = self.target {
            require(!target.is_nan(), "target", target, "a number")?;
        }
        if let Recording::Every(k) = self.recording {
            require(k > 0, "record_every", 0.0, "at least 1")?;
        }
        if let Some(noise) = self.noise {
            let holds = noise >= 0.0 && noise.is_finite();
            require(holds, "noise", noise, "at least 0 and finite")?;
        }
        let positive = |v: f64| v > 0.0 && v.is_finite();
        if self.loss != Loss::Linear {
            let scale = self.loss.scale();
            let expected = "positive and finite; take about the size of the good residuals";
            require(positive(scale), "the scale of the loss", scale, expected)?;
        }
        for &index in &self.fixed {
            let expected = "below the number of parameters; count from 0";
            require(index < n, "fixed", index as f64, expected)?;
        }
        if let Some(sigma) = &self.sigma
            && let Some(index) = sigma.iter().position(|s| !positive(*s))
        {
            return Err(Error::Element {
                setting: "sigma",
                index,
                value: sigma[index],
                expected: "positive and finite; leave points without a weight out",
            });
        }
        if self.absolute_sigma && self.sigma.is_none() {
            return Err(Error::Conflict {
                setting: "absolute_sigma",
                other: "residuals without sigma",
                advice: "pass sigma, too; 1 for each residual that is in units of its own",
            });
        }
        if let Some(typical) = &self.typical {
            counted("typical", typical.len(), n)?;
            if let Some(index) = typical.iter().position(|t| !positive(*t)) {
                return Err(Error::Element {
                    setting: "typical",
                    index,
                    value: typical[index],
                    expected: "positive and finite",
                });
            }
        }
        if let Some(names) = &self.names {
            counted("names", names.len(), n)?;
            for (index, name) in names.iter().enumerate() {
                if names[..index].contains(name) {
                    return Err(Error::Repeated {
                        setting: "names",
                        name: name.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Checks what depends on the number of residuals.
    pub fn validate_residuals(&self, m: usize) -> Result<(), Error> {
        match &self.sigma {
            Some(sigma) => counted("sigma", sigma.len(), m),
            None => Ok(()),
        }
    }
}

fn counted(setting: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    match found == expected {
        true => Ok(()),
        false => Err(Error::Count {
            setting,
            found,
            expected,
        }),
    }
}
