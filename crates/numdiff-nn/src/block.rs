//! Named parts of the flat parameter array.

use crate::Error;
use crate::layers::Layer;
use ndarray::ArrayViewD;
use numdiff_core::Real;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A named parameter block of a network, such as `W1`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// The name: that of the block in its layer, then the number of the layer among those of its kind, counted from 1.
    pub name: String,
    /// The shape. Elements lie in row-major order.
    pub shape: Vec<usize>,
    /// The index of its layer, counted from 0.
    pub layer: usize,
    /// The range of its elements in the flat array of parameters.
    pub range: Range<usize>,
}

impl Block {
    /// Its part of a flat array of all parameters, in its shape.
    pub(crate) fn of<'a, V>(&self, flat: &'a [V]) -> ArrayViewD<'a, V> {
        ArrayViewD::from_shape(self.shape.clone(), &flat[self.range.clone()])
            .expect("a block holds as many parameters as its shape")
    }
}

/// The blocks of these layers, and where each layer's parameters begin (one more than layers).
///
/// Layers whose first block has the same name are numbered together: `W1 b1 gamma1 beta1 W2 b2`.
pub(crate) fn lay_out<T: Real>(layers: &[Arc<dyn Layer<T>>]) -> (Vec<Block>, Vec<usize>) {
    let (mut blocks, mut offsets) = (Vec::new(), vec![0]);
    let mut families = HashMap::new();
    let mut begin: usize = 0;
    for (layer, of) in layers.iter().enumerate() {
        let shapes = of.blocks();
        let family = shapes.first().map(|first| first.name);
        let number = families.entry(family).or_insert(0);
        *number += 1;
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

/// The block and the row-major index in it of a flat parameter index.
pub(crate) fn locate(blocks: &[Block], parameter: usize) -> (&Block, usize) {
    let block = blocks
        .iter()
        .find(|b| b.range.contains(&parameter))
        .expect("every parameter lies in a block");
    (block, parameter - block.range.start)
}

/// The block of this name.
pub(crate) fn named<'b>(blocks: &'b [Block], name: &str) -> Result<&'b Block, Error> {
    let found = blocks.iter().find(|b| b.name == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = blocks.iter().map(|b| b.name.as_str()).collect();
        Error::UnknownBlock {
            name: name.into(),
            known: match known[..] {
                [] => "no parameters".into(),
                _ => known.join(", "),
            },
        }
    })
}
