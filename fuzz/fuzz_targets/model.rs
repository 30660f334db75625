//! Any bytes are a network or an error; what was read is written and read again with the same bits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ndarray::Array2;
use numdiff_nn::{
    Activation, BatchNorm, Checkpoint, Conv2d, Dense, Error, Image, Network, Targets, Training,
};
use numdiff_optim::{Method, Optimizer};
use std::ops::ControlFlow;
use std::sync::OnceLock;

fuzz_target!(|data: &[u8]| {
    read(data);
    resume(data);
    // Starting from a file that is one: the first two bytes say what to change and where.
    if let [place, byte, rest @ ..] = data {
        let change = |mut file: Vec<u8>| {
            let at = usize::from(*place) * file.len() / 256;
            let end = (at + rest.len() % 8).min(file.len());
            file.splice(at..end, rest.iter().copied().chain([*byte]));
            file
        };
        let (network, checkpoint) = FILES.get_or_init(files);
        read(&change(network.clone()));
        resume(&change(checkpoint.clone()));
    }
});

/// A network and a checkpoint as they should be.
static FILES: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();

fn files() -> (Vec<u8>, Vec<u8>) {
    let mut files = (Vec::new(), Vec::new());
    network().save(&mut files.0).unwrap();
    training().checkpoint().write(&mut files.1).unwrap();
    files
}

fn network() -> Network {
    let image = Image::new(1, 3, 3);
    let network = Network::builder()
        .layer(Conv2d::new(image, 1, 2))
        .layer(BatchNorm::new(4))
        .layer(Activation::LeakyRelu { slope: 0.1 })
        .layer(Dense::new(4, 2));
    let parameters: Vec<f64> = (0..23).map(f64::from).collect();
    let network = network.weights(&parameters).unwrap();
    network.inference(&Array2::eye(9)).unwrap()
}

/// Three epochs of three steps, stopped in the middle.
fn training() -> Training<f64> {
    let data = numdiff_nn::Batch::new(
        Array2::eye(9),
        Targets::labels(&[0, 1, 0, 1, 0, 1, 0, 1, 0]),
    );
    let descent = Method::GradientDescent { learning_rate: 0.1 };
    let descent = Optimizer::new(descent, network().parameters().len()).unwrap();
    let mut training = Training::new(network(), data.unwrap(), descent)
        .with_batch_size(3)
        .with_epochs(3)
        .with_patience(2)
        .with_gradient(numdiff_nn::GradientAlgorithm::Backpropagation);
    training
        .run(|progress| match progress.step {
            4 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .unwrap();
    training
}

/// The file with the checksum that the error asks for: what is behind it is to be reached.
fn sealed(file: &[u8], said: &Error) -> Option<Vec<u8>> {
    let Error::Saved {
        what: "checksum",
        expected,
        ..
    } = said
    else {
        return None;
    };
    let mut value: serde_json::Value = serde_json::from_slice(file).ok()?;
    value["checksum"] = expected.split(',').next()?.parse::<u64>().ok()?.into();
    serde_json::to_vec(&value).ok()
}

/// A checkpoint that is taken up ends, whatever it says.
fn resume(file: &[u8]) {
    let checkpoint = match Checkpoint::read(file) {
        Err(said) => match sealed(file, &said) {
            Some(file) => Checkpoint::read(file.as_slice()),
            None => return,
        },
        read => read,
    };
    let Ok(checkpoint) = checkpoint else {
        return;
    };
    let mut training = training();
    if training.resume(checkpoint).is_ok() {
        let _ = training.run(|_| ControlFlow::Continue(()));
    }
}

fn read(file: &[u8]) {
    let network = match Network::<f64>::load(file) {
        Err(said) => match sealed(file, &said) {
            Some(file) => Network::<f64>::load(file.as_slice()),
            None => return,
        },
        loaded => loaded,
    };
    let Ok(network) = network else {
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
