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
        if self.loss != Loss::Linear {
            let scale = self.loss.scale();
            let expected = "positive and finite; take about the size of the good residuals";
            require(positive(scale), "the scale of the loss", scale, expected)?;
        }
        for &index in &self.fixed {
            let expected = "below the number of parameters; count from 0";
            require(index < n, "fixed", index as f64, expected)?;
        }
        let expected = "positive and finite; leave points without a weight out";
        all_positive("sigma", self.sigma.as_deref().unwrap_or_default(), expected)?;
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
            all_positive("typical", typical, "positive and finite")?;
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

/// Whether a number may scale another.
fn positive(v: f64) -> bool {
    v > 0.0 && v.is_finite()
}

fn all_positive(setting: &'static str, all: &[f64], expected: &'static str) -> Result<(), Error> {
    match all.iter().position(|v| !positive(*v)) {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            setting,
            index,
            value: all[index],
            expected,
        }),
    }
}
