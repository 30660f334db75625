//! Sparse structures at scale: colors against ColPack, Jacobians against a loop written by hand,
//! finitediff and scipy; threads. A JSON array of rows on standard output.

mod coloring;
mod colpack;
mod jacobian;
mod matrices;
mod threads;

fn main() {
    let mut rows = jacobian::run();
    rows.extend(threads::run());
    rows.extend(coloring::run());
    println!("{:#}", serde_json::Value::Array(rows));
}
