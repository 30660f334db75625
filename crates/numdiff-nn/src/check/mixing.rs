//! Do samples meet in a layer that says they do not?

use super::Suspect;
use crate::{Batch, Error, Network};
use numdiff_core::Real;

/// The layers that say so although they do: every other sample is replaced by its neighbor, and the
/// rest must stay as they are. What counts is half of the digits, far above the rounding of any sum
/// and far below what samples do to each other.
pub(super) fn untold<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
) -> Result<Vec<Suspect>, Error> {
    let trace = network.trace(batch)?;
    let rows = batch.len();
    let mut found = Vec::new();
    for (l, layer) in network.layers.iter().enumerate() {
        if layer.mixes_samples() {
            continue;
        }
        let at = trace.at(network, l);
        let largest = at.y.iter().fold(0.0f64, |m, y| y.widen().abs().max(m));
        let tolerance = T::EPSILON.sqrt() * largest;
        let mut meets = false;
        for parity in [0, 1] {
            let mut x = at.x.to_owned();
            for n in (parity..rows).step_by(2) {
                x.row_mut(n).assign(&at.x.row((n + 1) % rows));
            }
            let y = network.layer_forward(l, &network.parameters, &x)?;
            meets |= (1 - parity..rows).step_by(2).any(|n| {
                let pairs = y.row(n).into_iter().zip(at.y.row(n));
                pairs
                    .into_iter()
                    .any(|(a, b)| (*a - *b).widen().abs() > tolerance)
            });
        }
        if meets {
            found.push(Suspect {
                layer: l,
                name: layer.name(),
                block: None,
            });
        }
    }
    Ok(found)
}
