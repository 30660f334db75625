//! says: `Motor` can't be a point of numbers of type `f64`
//! says: a type of your own that implements `numdiff_core::Point`

struct Motor {
    resistance: f64,
}

fn main() {
    let motor = Motor { resistance: 2.0 };
    let loss = |m: &Motor| m.resistance.powi(2);
    let _ = numdiff_core::gradient(loss, &motor);
}
