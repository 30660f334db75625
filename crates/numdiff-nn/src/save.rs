//! Networks as files.

mod checksum;

pub(crate) use checksum::fnv;

use crate::error::{io, require_finite};
use crate::network::rounded;
use crate::{Block, Error, Loss, Network, Spec};
use checksum::checksum;
use numdiff_core::Real;
use serde_json::Value;
use std::io::{Read, Write};

const FORMAT: &str = "numdiff-nn network";

/// Version of the file; a file of another one is refused.
const VERSION: u32 = 2;

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

fn precision<T: Real>() -> &'static str {
    if T::EPSILON == f64::EPSILON {
        "f64"
    } else {
        "f32"
    }
}

impl<T: Real> Network<T> {
    /// Writes layers, loss and parameters as JSON with a checksum. Reading it back gives the same bits. Needs the
    /// feature `serde`.
    ///
    /// Layers of your own are written by name; [`load_parameters`](Self::load_parameters) reads their parameters back.
    ///
    /// # Errors
    /// The writer fails, or the loss is [`Loss::Own`].
    ///
    /// # Example
    /// ```
    /// use numdiff_nn::{Dense, Network};
    /// let network = Network::builder().layer(Dense::new(1, 2)).weights(&[0.1, 1.0 / 3.0, 0.0, -0.0])?;
    /// let mut file = Vec::new();
    /// network.save(&mut file)?;
    /// let loaded = Network::<f64>::load(&file[..])?;
    /// assert_eq!(loaded.parameters(), network.parameters());
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    pub fn save(&self, writer: impl Write) -> Result<(), Error> {
        let layers = self.layers.iter().map(|l| SavedLayer {
            name: l.name(),
            spec: l.spec(),
        });
        let saved = Saved {
            format: FORMAT.into(),
            version: VERSION,
            precision: precision::<T>().into(),
            inputs: self.inputs(),
            loss: self.loss,
            weight_decay: self.weight_decay,
            layers: layers.collect(),
            blocks: self.saved_blocks(),
            parameters: self.wide_parameters(),
            statistics: self.statistics.clone(),
        };
        write(writer, &saved)
    }

    /// Reads a network that [`save`](Self::save) wrote. Needs the feature `serde`.
    ///
    /// # Errors
    /// - The reader fails, or the file is truncated, damaged or not a network.
    /// - The file has another version or precision, or parameters that do not fit its layers.
    /// - A layer is not one of this crate's: build the network and use [`load_parameters`](Self::load_parameters).
    pub fn load(reader: impl Read) -> Result<Self, Error> {
        let saved: Saved = read::<T>(reader)?;
        let mut builder = Self::builder().inputs(saved.inputs).loss(saved.loss);
        builder = builder.weight_decay(saved.weight_decay);
        for layer in saved.layers {
            let needed = "a layer of this crate; build the network and use load_parameters";
            let spec = layer.spec.ok_or(saved_error("layer", layer.name, needed))?;
            builder = builder.boxed(spec.layer());
        }
        let mut network = builder.weights(&rounded(&saved.parameters))?;
        network.require_blocks(&saved.blocks)?;
        network.take_statistics(saved.statistics)?;
        Ok(network)
    }

    /// Reads the parameters and statistics of a saved network into this one, whose blocks must have the same names and
    /// shapes. Needs the feature `serde`.
    ///
    /// # Errors
    /// Those of [`load`](Self::load), except for layers that are not this crate's; the blocks or statistics differ.
    /// Nothing changes then.
    pub fn load_parameters(&mut self, reader: impl Read) -> Result<(), Error> {
        let saved: Saved = read::<T>(reader)?;
        self.require_blocks(&saved.blocks)?;
        self.take(&saved.parameters, saved.statistics)
    }

    /// Takes parameters and statistics, or nothing.
    pub(crate) fn take(
        &mut self,
        parameters: &[f64],
        statistics: Vec<Vec<f64>>,
    ) -> Result<(), Error> {
        let mut network = self.clone();
        network.set_wide_parameters(parameters)?;
        network.take_statistics(statistics)?;
        *self = network;
        Ok(())
    }

    fn take_statistics(&mut self, saved: Vec<Vec<f64>>) -> Result<(), Error> {
        let lengths = |all: &[Vec<f64>]| all.iter().map(Vec::len).collect::<Vec<_>>();
        let (found, expected) = (lengths(&saved), lengths(&self.statistics));
        if found != expected {
            let found = format!("{found:?} numbers of each layer");
            let expected = format!("{expected:?}; build the network with the same layers");
            return Err(saved_error("statistics", found, expected));
        }
        require_finite("statistics", saved.iter().flatten().copied())?;
        self.statistics = saved;
        Ok(())
    }

    /// The names and shapes of the blocks.
    pub(crate) fn saved_blocks(&self) -> Vec<SavedBlock> {
        let saved = |block: &Block| SavedBlock {
            name: block.name.clone(),
            shape: block.shape.clone(),
        };
        self.blocks.iter().map(saved).collect()
    }

    /// Checks that the blocks of a file are those of this network.
    pub(crate) fn require_blocks(&self, found: &[SavedBlock]) -> Result<(), Error> {
        let list = |blocks: &[SavedBlock]| {
            let each = blocks.iter().map(|b| format!("{} {:?}", b.name, b.shape));
            each.collect::<Vec<_>>().join(", ")
        };
        require_saved("blocks", list(found), list(&self.saved_blocks()))
    }
}

fn read<T: Real>(reader: impl Read) -> Result<Saved, Error> {
    let saved: Saved = parse(reader, FORMAT, VERSION)?;
    let precision = precision::<T>();
    if saved.precision == precision {
        return Ok(saved);
    }
    let expected = format!("{precision}; load it as a Network<{}>", saved.precision);
    Err(saved_error("precision", saved.precision, expected))
}

/// Writes JSON that ends with a checksum of what it says.
pub(crate) fn write(mut writer: impl Write, value: &impl serde::Serialize) -> Result<(), Error> {
    let mut value = serde_json::to_value(value).map_err(json)?;
    value[CHECKSUM] = checksum(&mut value).into();
    serde_json::to_writer(&mut writer, &value).map_err(json)?;
    writer.flush().map_err(io)
}

/// Reads JSON that says of itself which format and version it is.
pub(crate) fn parse<V: serde::de::DeserializeOwned>(
    mut reader: impl Read,
    format: &str,
    version: u32,
) -> Result<V, Error> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(io)?;
    let mut value: Value = serde_json::from_slice(&bytes).map_err(json)?;
    let said = |value: Option<&Value>| value.map_or("nothing".into(), Value::to_string);
    require_saved("format", said(value.get("format")), format!("{format:?}"))?;
    require_saved("version", said(value.get("version")), version.to_string())?;
    let found = value.as_object_mut().and_then(|v| v.remove(CHECKSUM));
    let (found, expected) = (said(found.as_ref()), checksum(&mut value).to_string());
    if found != expected {
        let expected = format!("{expected}, that of its content; the file is damaged");
        return Err(saved_error("checksum", found, expected));
    }
    serde_json::from_value(value).map_err(json)
}

fn json(source: serde_json::Error) -> Error {
    Error::Json { source }
}

/// What a file says, where another thing is needed.
pub(crate) fn saved_error(
    what: &'static str,
    found: impl Into<String>,
    expected: impl Into<String>,
) -> Error {
    Error::Saved {
        what,
        found: found.into(),
        expected: expected.into(),
    }
}

/// Checks that a file says what is needed.
pub(crate) fn require_saved(
    what: &'static str,
    found: String,
    expected: String,
) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(saved_error(what, found, expected))
}
