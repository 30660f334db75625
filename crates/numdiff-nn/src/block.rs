//! Named parts of the flat parameter array.

use crate::layers::{BlockShape, Layer};
use numdiff_core::Real;
use std::ops::Range;
use std::sync::Arc;

/// One named parameter block of a network, such as `W1`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// Name: that of the layer's block and the number of the layer among its kind, counted from 1.
    pub name: String,
    /// Shape; elements lie in row-major order.
    pub shape: Vec<usize>,
    /// Index of the layer it belongs to.
    pub layer: usize,
    /// Where it lies in the flat parameter array.
    pub range: Range<usize>,
}

/// The blocks of these layers, and where each layer's parameters begin (one more than layers).
///
/// Layers whose first block has the same name are numbered together: `W1 b1 gamma1 beta1 W2 b2`.
pub(crate) fn lay_out<T: Real>(layers: &[Arc<dyn Layer<T>>]) -> (Vec<Block>, Vec<usize>) {
    let (mut blocks, mut offsets) = (Vec::new(), vec![0]);
    let mut families: Vec<(&'static str, usize)> = Vec::new();
    let mut begin: usize = 0;
    for (layer, of) in layers.iter().enumerate() {
        let shapes = of.blocks();
        let number = shapes
            .first()
            .map_or(0, |first| count(&mut families, first));
        for shape in shapes {
            let end = begin.saturating_add(shape.len());
            blocks.push(Block {
                name: format!("{}{number}", shape.name),
                shape: shape.shape,
                layer,
                range: begin..end,
            });
            begin = end;
        }
        offsets.push(begin);
    }
    (blocks, offsets)
}

fn count(families: &mut Vec<(&'static str, usize)>, first: &BlockShape) -> usize {
    match families.iter_mut().find(|(name, _)| *name == first.name) {
        Some((_, number)) => {
            *number += 1;
            *number
        }
        None => {
            families.push((first.name, 1));
            1
        }
    }
}

/// The block and the row-major index in it of a flat parameter index.
pub(crate) fn locate(blocks: &[Block], parameter: usize) -> (&Block, usize) {
    let block = blocks
        .iter()
        .find(|b| b.range.contains(&parameter))
        .expect("every parameter lies in a block");
    (block, parameter - block.range.start)
}

/// The block of this name.
pub(crate) fn named<'b>(blocks: &'b [Block], name: &str) -> Result<&'b Block, crate::Error> {
    blocks
        .iter()
        .find(|b| b.name == name)
        .ok_or_else(|| crate::Error::UnknownBlock {
            name: name.into(),
            known: if blocks.is_empty() {
                "no parameters".into()
            } else {
                blocks
                    .iter()
                    .map(|b| b.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            },
        })
}
