//! Evaluations that can be sent away.

use crate::Moves;

/// An evaluation to be made: f at x with these moves.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Job {
    /// Names the job in [`AskTell::tell`](crate::AskTell::tell); never used twice in a plan.
    pub id: u64,
    /// What to replace in x.
    pub moves: OwnedMoves,
}

impl Job {
    /// The point of the job: x, as [`AskTell::x`](crate::AskTell::x) gives it, with the moved coordinates replaced.
    pub fn point(&self, x: &[f64]) -> Vec<f64> {
        let mut point = x.to_vec();
        self.moves.apply(&mut point);
        point
    }
}

/// [`Moves`] that can be sent away.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OwnedMoves {
    /// The point x itself.
    None,
    /// One coordinate (row-major) has a new value.
    One(usize, f64),
    /// Several coordinates have new values.
    Many(Vec<(usize, f64)>),
}

impl OwnedMoves {
    /// Replaces the moved coordinates in a copy of x.
    pub fn apply(&self, x: &mut [f64]) {
        match self {
            OwnedMoves::None => {}
            OwnedMoves::One(i, to) => x[*i] = *to,
            OwnedMoves::Many(many) => many.iter().for_each(|&(i, to)| x[i] = to),
        }
    }
}

impl From<Moves<'_>> for OwnedMoves {
    fn from(moves: Moves<'_>) -> Self {
        match moves {
            Moves::None => OwnedMoves::None,
            Moves::One(i, to) => OwnedMoves::One(i, to),
            Moves::Many(many) => OwnedMoves::Many(many.to_vec()),
            Moves::Dense(to) => OwnedMoves::Many(to.iter().copied().enumerate().collect()),
        }
    }
}
