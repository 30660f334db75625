//! Clusters of atoms.

use crate::{Number, Objective, Problem};

const SOURCE: &str = "Hoare, Pal, Adv. Phys. 20 (1971) 161-196; minima: Wales, Doye, J. Phys. Chem. A 101 (1997) 5111";

/// The energy of atoms at x, three coordinates each: sum over pairs of 4 (d^-12 - d^-6). It does not change
/// when the cluster moves or turns: six directions without curvature at every minimum.
struct LennardJones;

impl Objective for LennardJones {
    fn evaluate<T: Number>(&self, x: &[T]) -> T {
        let atoms: Vec<&[T]> = x.chunks_exact(3).collect();
        let mut energy = T::constant(0.0);
        for (i, a) in atoms.iter().enumerate() {
            for b in &atoms[..i] {
                let d2 = T::sum((0..3).map(|k| (a[k] - b[k]).squared()));
                let d6 = T::constant(1.0) / d2.cubed();
                energy = energy + (d6.squared() - d6) * 4.0;
            }
        }
        energy
    }
}

/// Seven atoms: a pentagonal bipyramid, widened and shaken.
pub fn seven() -> Problem {
    let mut atoms = vec![[0.0, 0.0, 0.6], [0.0, 0.0, -0.6]];
    atoms.extend(ring(0.95, 0.0, 0.0));
    Problem::plain(
        "lj7",
        "Lennard-Jones, 7 atoms",
        SOURCE,
        LennardJones,
        shaken(&atoms),
        -16.505384168012213,
    )
}

/// Thirteen atoms: an icosahedron with its center, widened and shaken.
pub fn thirteen() -> Problem {
    let mut atoms = vec![[0.0, 0.0, 0.0], [0.0, 0.0, 1.1], [0.0, 0.0, -1.1]];
    atoms.extend(ring(1.0, 0.5, 0.0));
    atoms.extend(ring(1.0, -0.5, 0.5));
    Problem::plain(
        "lj13",
        "Lennard-Jones, 13 atoms",
        SOURCE,
        LennardJones,
        shaken(&atoms),
        -44.32680141953405,
    )
}

fn ring(radius: f64, height: f64, turn: f64) -> Vec<[f64; 3]> {
    let angle = |k: u32| (f64::from(k) + turn) * std::f64::consts::TAU / 5.0;
    (0..5)
        .map(|k| [radius * angle(k).cos(), radius * angle(k).sin(), height])
        .collect()
}

/// Distances of the minimum are about 1.12; 15 % more, and every coordinate moved by up to 0.08.
fn shaken(atoms: &[[f64; 3]]) -> Vec<f64> {
    let flat = atoms.iter().flatten();
    flat.zip(1..)
        .map(|(x, k)| 1.3 * x + 0.08 * f64::from(k * k).sin())
        .collect()
}
