//! What a fit may be told.

use crate::Error;
use crate::error::require;
use crate::loss::Loss;
use crate::settings::RunSettings;
use numdiff_core::SparsityPattern;

#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub run: RunSettings,
    pub pattern: Option<SparsityPattern>,
    pub fixed: Vec<usize>,
    pub sigma: Option<Vec<f64>>,
    pub absolute_sigma: bool,
    pub loss: Loss,
    pub noise: Option<f64>,
    pub typical: Option<Vec<f64>>,
    pub names: Option<Vec<String>>,
}

/// Predicted decrease of the sum, relative to it, that is not worth going on for.
const TOLERANCE: f64 = 1e-15;

impl Settings {
    pub fn tolerance(&self) -> f64 {
        self.run.tolerance.unwrap_or(TOLERANCE)
    }

    /// Checks what can be checked before r is known; n parameters.
    pub fn validate(&self, n: usize) -> Result<(), Error> {
        self.run.validate()?;
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

    /// A number that belongs to residual `i`, in units of its sigma.
    pub fn weighed(&self, i: usize, v: f64) -> f64 {
        self.sigma.as_ref().map_or(v, |sigma| v / sigma[i])
    }

    /// The same back in the caller's units.
    pub fn unweighed(&self, i: usize, v: f64) -> f64 {
        self.sigma.as_ref().map_or(v, |sigma| v * sigma[i])
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
