//! Networks as files.

mod checksum;

pub(crate) use checksum::Fnv;

use crate::batch::check_finite;
use crate::{Block, Error, Loss, Network, Spec};
use checksum::checksum;
use numdiff_core::Real;
use std::io::{Read, Write};

const FORMAT: &str = "numdiff-nn network";

/// Version of the file; a file of another one is refused.
const VERSION: u32 = 1;

/// The key of a file's checksum.
const CHECKSUM: &str = "checksum";

#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    format: String,
    version: u32,
    precision: String,
    inputs: usize,
    loss: Loss,
    #[serde(default)]
    weight_decay: f64,
    layers: Vec<SavedLayer>,
    blocks: Vec<SavedBlock>,
    parameters: Vec<f64>,
    statistics: Vec<Vec<f64>>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct SavedLayer {
    name: String,
    /// Nothing for a layer that is not this crate's.
    spec: Option<Spec>,
}

/// Name and shape of a block.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SavedBlock {
    name: String,
    shape: Vec<usize>,
}

impl SavedBlock {
    pub(crate) fn all<T: Real>(network: &Network<T>) -> Vec<Self> {
        let saved = |block: &Block| Self {
            name: block.name.clone(),
            shape: block.shape.clone(),
        };
        network.blocks().iter().map(saved).collect()
    }

    pub(crate) fn list(blocks: &[Self]) -> String {
        blocks
            .iter()
            .map(|b| format!("{} {:?}", b.name, b.shape))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn precision<T: Real>() -> &'static str {
    if T::EPSILON == f64::EPSILON {
        "f64"
    } else {
        "f32"
    }
}

impl<T: Real> Network<T> {
    /// Writes layers, loss and parameters as JSON; every number comes back with the same bits. A
    /// checksum goes with them, so that a damaged file is noticed wherever the damage is.
    ///
    /// ```
    /// use numdiff_nn::{Dense, Network};
    /// let network = Network::builder().layer(Dense::new(1, 2)).weights(&[0.1, 1.0 / 3.0, 0.0, -0.0])?;
    /// let mut file = Vec::new();
    /// network.save(&mut file)?;
    /// let loaded = Network::<f64>::load(&file[..])?;
    /// assert_eq!(loaded.parameters(), network.parameters());
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the writer says.
    pub fn save(&self, writer: impl Write) -> Result<(), Error> {
        let layers = self
            .layers()
            .iter()
            .map(|l| SavedLayer {
                name: l.name(),
                spec: l.spec(),
            })
            .collect();
        let saved = Saved {
            format: FORMAT.into(),
            version: VERSION,
            precision: precision::<T>().into(),
            inputs: self.inputs(),
            loss: self.loss_function(),
            weight_decay: self.weight_decay,
            layers,
            blocks: SavedBlock::all(self),
            parameters: self.parameters().iter().map(|p| p.widen()).collect(),
            statistics: self.statistics.clone(),
        };
        write(writer, &saved)
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// What the reader says; a file that ends early, is damaged, is no network, of another version or
    /// precision, or whose parameters do not fit its layers; a layer that is not this crate's
    /// (build the network and use [`load_parameters`](Self::load_parameters)).
    pub fn load(reader: impl Read) -> Result<Self, Error> {
        let saved: Saved = read::<T>(reader)?;
        let mut builder = Self::builder().inputs(saved.inputs).loss(saved.loss);
        builder = builder.weight_decay(saved.weight_decay);
        for layer in saved.layers {
            let spec = layer.spec.ok_or(Error::Saved {
                what: "layer",
                found: layer.name,
                expected: "a layer of this crate; build the network and use load_parameters".into(),
            })?;
            builder = builder.boxed(spec.layer());
        }
        let parameters: Vec<T> = saved.parameters.iter().map(|&p| T::round_from(p)).collect();
        let mut network = builder.weights(&parameters)?;
        fits(&network, &saved.blocks)?;
        network.take_statistics(saved.statistics)?;
        Ok(network)
    }

    /// Takes the parameters of a saved network whose blocks have the same names and shapes, and the
    /// statistics that its layers collected.
    ///
    /// # Errors
    /// Those of [`load`](Self::load); other blocks or statistics. Nothing is changed then.
    pub fn load_parameters(&mut self, reader: impl Read) -> Result<(), Error> {
        let saved: Saved = read::<T>(reader)?;
        fits(self, &saved.blocks)?;
        let parameters: Vec<T> = saved.parameters.iter().map(|&p| T::round_from(p)).collect();
        let mut network = self.clone();
        network.set_parameters(&parameters)?;
        network.take_statistics(saved.statistics)?;
        *self = network;
        Ok(())
    }

    /// Takes the statistics of a saved network.
    pub(crate) fn take_statistics(&mut self, saved: Vec<Vec<f64>>) -> Result<(), Error> {
        let lengths = |all: &[Vec<f64>]| all.iter().map(Vec::len).collect::<Vec<_>>();
        let (found, expected) = (lengths(&saved), lengths(&self.statistics));
        if found != expected {
            return Err(Error::Saved {
                what: "statistics",
                found: format!("{found:?} numbers of each layer"),
                expected: format!("{expected:?}; build the network with the same layers"),
            });
        }
        check_finite("statistics", saved.iter().flatten().copied())?;
        self.statistics = saved;
        Ok(())
    }
}

fn read<T: Real>(reader: impl Read) -> Result<Saved, Error> {
    let saved: Saved = parse(reader, FORMAT, VERSION)?;
    if saved.precision != precision::<T>() {
        let expected = format!(
            "{}; load it as a Network<{}>",
            precision::<T>(),
            saved.precision
        );
        return Err(Error::Saved {
            what: "precision",
            found: saved.precision,
            expected,
        });
    }
    Ok(saved)
}

fn fits<T: Real>(network: &Network<T>, blocks: &[SavedBlock]) -> Result<(), Error> {
    let expected = SavedBlock::all(network);
    if blocks == expected {
        return Ok(());
    }
    Err(Error::Saved {
        what: "blocks",
        found: SavedBlock::list(blocks),
        expected: SavedBlock::list(&expected),
    })
}

/// Writes JSON that ends with a checksum of what it says.
pub(crate) fn write(mut writer: impl Write, value: &impl serde::Serialize) -> Result<(), Error> {
    let json = |source| Error::Json { source };
    let mut value = serde_json::to_value(value).map_err(json)?;
    value[CHECKSUM] = checksum(&value).into();
    serde_json::to_writer(&mut writer, &value).map_err(json)?;
    writer.flush().map_err(|source| Error::Io { source })
}

/// Reads JSON that says of itself which format and version it is.
pub(crate) fn parse<V: serde::de::DeserializeOwned>(
    mut reader: impl Read,
    format: &str,
    version: u32,
) -> Result<V, Error> {
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Io { source })?;
    let mut value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|source| Error::Json { source })?;
    let said =
        |value: Option<&serde_json::Value>| value.map_or("nothing".into(), |v| v.to_string());
    let refuse = |what, found, expected: String| {
        Err(Error::Saved {
            what,
            found,
            expected,
        })
    };
    let found = value.get("format");
    if found.and_then(|v| v.as_str()) != Some(format) {
        return refuse("format", said(found), format!("{format:?}"));
    }
    let found = value.get("version");
    if found.and_then(|v| v.as_u64()) != Some(u64::from(version)) {
        return refuse("version", said(found), version.to_string());
    }
    let found = value.as_object_mut().and_then(|v| v.remove(CHECKSUM));
    let expected = checksum(&value);
    if found.as_ref().and_then(|v| v.as_u64()) != Some(expected) {
        let expected = format!("{expected}, that of its content; the file is damaged");
        return refuse("checksum", said(found.as_ref()), expected);
    }
    serde_json::from_value(value).map_err(|source| Error::Json { source })
}
