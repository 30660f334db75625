//! says: .single()

fn main() {
    let _ = numdiff_core::Adaptive::<f32>::new();
}
