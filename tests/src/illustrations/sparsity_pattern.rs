//! A sparsity pattern with the groups of columns that one evaluation moves together.

use crate::Failure;
use crate::figure::{Axis, Figure, Ink, Layer, Mark};
use numdiff_core::{SparseJacobian, SparsityPattern};

const N: usize = 14;

pub fn figure() -> Result<Figure, Failure> {
    let structure = SparseJacobian::new(SparsityPattern::banded(N, N, 1, 1)?);
    let coloring = structure.coloring();
    let styles = [
        ("columns of color 1", Ink::First, Mark::Disk),
        ("color 2", Ink::Second, Mark::Ring),
        ("color 3", Ink::Third, Mark::Cross),
    ];
    let entries = |color: usize| -> Vec<[f64; 2]> {
        let columns = (0..N).filter(|&j| coloring.color_of(j) == color);
        columns
            .flat_map(|j| (j.saturating_sub(1)..N.min(j + 2)).map(move |i| [j as f64, i as f64]))
            .collect()
    };
    let layers = styles
        .iter()
        .enumerate()
        .map(|(color, &(label, ink, mark))| Layer::Dots {
            label: Some(label.into()),
            ink,
            mark,
            points: entries(color),
        });
    Ok(Figure {
        name: "sparsity-pattern",
        title: "A tridiagonal Jacobian: three colors, three groups of columns",
        description: "The entries of a tridiagonal matrix of 14 columns. Every third column has the same color: no two \
                      columns of a color share a row, so that one evaluation moves all of them, and each entry of \
                      the result belongs to one column."
            .into(),
        x: Axis::linear("column (the coordinate that moves)", (-1.0, N as f64), 0.0, 2.0),
        // Row 0 on top, as matrices are written.
        y: Axis::linear("row (the output of f)", (N as f64, -1.0), 0.0, 2.0),
        equal: true,
        layers: layers.collect(),
    })
}
