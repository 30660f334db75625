//! What f does, and what is recorded about its calls.

use ndarray::{Array1, Array2, Axis};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// SplitMix64 over the bits of a point.
pub fn hash(point: impl Iterator<Item = f64>, seed: u64) -> u64 {
    point.fold(seed, |state, x| scrambled(state ^ x.to_bits()))
}

pub fn scrambled(bits: u64) -> u64 {
    let mut z = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What f does; a pure function of the point.
#[derive(Clone, Copy, Debug)]
pub struct Behavior {
    pub kind: usize,
    pub seed: u64,
    /// Outputs of the vector function.
    pub outputs: usize,
}

impl Behavior {
    pub fn value(&self, x: &Array1<f64>, output: usize) -> Result<f64, &'static str> {
        let bits = hash(x.iter().copied(), self.seed);
        let rare = bits.is_multiple_of(8);
        let smooth: f64 = x
            .iter()
            .enumerate()
            .map(|(i, x)| (x * (1.0 + 0.1 * (i + output) as f64)).sin())
            .sum();
        Ok(match self.kind {
            0 => smooth,
            1 => f64::from_bits(scrambled(bits ^ output as u64)),
            2 if rare => f64::NAN,
            3 if rare => f64::NEG_INFINITY,
            4 if rare => return Err("fails here"),
            5 => 1e308 * smooth,
            6 => 5e-324 * (10.0 * smooth).round(),
            7 => x[0].abs() + smooth,
            8 => f64::NAN,
            9 => return Err("always fails"),
            10 => x[0].powi(3) * 1e200,
            11 => 7.0,
            12 => (bits % 3) as f64,
            _ => smooth,
        })
    }

    pub fn values(&self, x: &Array1<f64>) -> Result<Vec<f64>, &'static str> {
        let bits = hash(x.iter().copied(), self.seed);
        let outputs = match self.kind {
            13 => (bits % 4) as usize,
            14 => 0,
            _ => self.outputs,
        };
        (0..outputs).map(|output| self.value(x, output)).collect()
    }
}

/// f with what is recorded about its calls.
pub struct Recorded {
    pub behavior: Behavior,
    pub calls: AtomicUsize,
    /// A point that was not finite or lay outside the bounds.
    pub stray: AtomicBool,
    /// A point that differs from x in more coordinates than a line moves.
    pub spoiled: AtomicBool,
    pub x: Vec<f64>,
    pub most_moved: usize,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

impl Recorded {
    pub fn see(&self, x: &Array1<f64>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let inside = x
            .iter()
            .zip(self.lower.iter().zip(&self.upper))
            .all(|(x, (l, u))| x.is_finite() && l <= x && x <= u);
        let moved = x
            .iter()
            .zip(&self.x)
            .filter(|(a, b)| a.to_bits() != b.to_bits())
            .count();
        self.stray.fetch_or(!inside, Ordering::Relaxed);
        self.spoiled
            .fetch_or(moved > self.most_moved, Ordering::Relaxed);
    }
    pub fn scalar(&self, x: &Array1<f64>) -> Result<f64, &'static str> {
        self.see(x);
        self.behavior.value(x, 0)
    }
    pub fn vector(&self, x: &Array1<f64>) -> Result<Vec<f64>, &'static str> {
        self.see(x);
        self.behavior.values(x)
    }
    pub fn scalars(&self, points: &Array2<f64>) -> Result<Vec<f64>, &'static str> {
        points
            .axis_iter(Axis(0))
            .map(|x| self.scalar(&x.to_owned()))
            .collect()
    }
    pub fn vectors(&self, points: &Array2<f64>) -> Result<Vec<f64>, &'static str> {
        let rows: Result<Vec<Vec<f64>>, _> = points
            .axis_iter(Axis(0))
            .map(|x| self.vector(&x.to_owned()))
            .collect();
        Ok(rows?.concat())
    }
}
