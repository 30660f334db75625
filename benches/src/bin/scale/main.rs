//! Sparse structures at scale: colors against ColPack, Jacobians against a loop written by hand,
//! finitediff and scipy. One JSON row per measurement on standard output.

mod coloring;
mod colpack;
mod jacobian;
mod matrices;
mod row;

fn main() {
    jacobian::run();
    coloring::run();
}
