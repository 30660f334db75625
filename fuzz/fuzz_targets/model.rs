//! Any bytes are a network or an error; what was read is written and read again with the same bits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ndarray::Array2;
use numdiff_nn::{Activation, Checkpoint, Conv2d, Dense, Image, Network};

fuzz_target!(|data: &[u8]| {
    read(data);
    let _ = Checkpoint::read(data);
    // Starting from a file that is one: the first two bytes say what to change and where.
    if let [place, byte, rest @ ..] = data {
        let mut file = Vec::new();
        network().save(&mut file).unwrap();
        let at = usize::from(*place) * file.len() / 256;
        let end = (at + rest.len() % 8).min(file.len());
        file.splice(at..end, rest.iter().copied().chain([*byte]));
        read(&file);
    }
});

fn network() -> Network {
    let image = Image::new(1, 3, 3);
    let network = Network::builder()
        .layer(Conv2d::new(image, 1, 2))
        .layer(Activation::Tanh)
        .layer(Dense::new(4, 2));
    let parameters: Vec<f64> = (0..15).map(f64::from).collect();
    network.weights(&parameters).unwrap()
}

fn read(file: &[u8]) {
    let Ok(network) = Network::<f64>::load(file) else {
        return;
    };
    let mut again = Vec::new();
    network.save(&mut again).unwrap();
    let second = Network::<f64>::load(again.as_slice()).unwrap();
    let bits = |network: &Network| {
        network
            .parameters()
            .iter()
            .map(|p| p.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&network), bits(&second));
    if network.inputs() <= 1000 && network.outputs() <= 1000 {
        let _ = network.predict(&Array2::zeros((1, network.inputs())));
    }
}
