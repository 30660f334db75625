//! What a fit may be told.

use crate::Error;
use crate::error::{compatible, counted, require};
use crate::loss::Loss;
use numdiff_core::SparsityPattern;

#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub pattern: Option<SparsityPattern>,
    pub fixed: Vec<usize>,
    pub sigma: Option<Vec<f64>>,
    pub absolute_sigma: bool,
    pub loss: Loss,
    pub noise: Option<f64>,
    pub typical: Option<Vec<f64>>,
    pub names: Option<Vec<String>>,
}

impl Settings {
    /// Checks what can be checked before r is known; n parameters.
    pub fn validate(&self, n: usize) -> Result<(), Error> {
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
        let (weighed, other) = (self.sigma.is_some(), "residuals without sigma");
        let advice = "pass sigma, too; 1 for each residual that is in units of its own";
        compatible(
            weighed || !self.absolute_sigma,
            "absolute_sigma",
            other,
            advice,
        )?;
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
