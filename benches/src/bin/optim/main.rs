//! Optimizers side by side: the price of an iteration of L-BFGS at large n, and the function values that
//! numdiff, argmin, basin and scipy use on the problems of Moré, Garbow and Hillstrom. A JSON array of rows
//! on standard output.

mod argmin_peer;
mod basin_peer;
mod counted;
mod lbfgs;
mod quartic;
mod scipy_peer;
mod values;

fn main() {
    let mut rows = lbfgs::run();
    rows.extend(values::run());
    println!("{:#}", serde_json::Value::Array(rows));
}
