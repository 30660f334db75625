//! Training: the same bits after a break, a stop with a reason, the right order.

use ndarray::{Array2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, Batch, BatchNorm, Checkpoint, Dense, Dropout, Error, GradientAlgorithm, Init, Loss,
    Network, Stopped, Targets, Training,
};
use numdiff_optim::{Method, Optimizer};
use rand_chacha::ChaCha8Rng;
use std::ops::ControlFlow;

fn descent(learning_rate: f64, network: &Network) -> Optimizer {
    let method = Method::GradientDescent { learning_rate };
    Optimizer::new(method, network.parameters().len()).unwrap()
}

fn network() -> Network {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    Network::builder()
        .layer(Dense::new(3, 5))
        .layer(BatchNorm::new(5))
        .layer(Activation::Tanh)
        .layer(Dropout::new(0.2, 9))
        .layer(Dense::new(5, 2))
        .initialize(Init::Xavier, &mut rng)
        .unwrap()
}

fn data() -> Batch {
    let x = Array2::from_shape_fn((23, 3), |(n, i)| ((n * 3 + i) as f64 * 0.7).sin());
    let labels: Vec<usize> = x
        .rows()
        .into_iter()
        .map(|r| usize::from(r.sum() > 0.0))
        .collect();
    Batch::new(x, Targets::labels(&labels)).unwrap()
}

fn training(seed: u64) -> Training<f64> {
    let momentum = Method::Momentum {
        learning_rate: 0.1,
        momentum: 0.9,
    };
    let momentum = Optimizer::new(momentum, network().parameters().len()).unwrap();
    Training::new(network(), data(), momentum)
        .with_batch_size(5)
        .with_epochs(6)
        .with_seed(seed)
        .with_validation(data())
        .with_patience(4)
}

fn on(_: &numdiff_nn::Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_run_resumed_after_any_step_ends_with_the_same_bits() {
    let mut whole = training(1);
    assert_eq!(whole.run(on).unwrap(), Stopped::Finished);
    assert_eq!(whole.history().len(), 6);
    assert_eq!(whole.history()[5].steps, 30);
    for stop in [1, 5, 7, 18, 29] {
        let mut first = training(1);
        let stopped = first.run(|p| {
            if p.step == stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!(stopped.unwrap(), Stopped::ByCaller);
        let mut file = Vec::new();
        first.checkpoint().write(&mut file).unwrap();
        let mut second = training(1);
        second.resume(Checkpoint::read(&file[..]).unwrap()).unwrap();
        assert_eq!(second.run(on).unwrap(), Stopped::Finished);
        assert_eq!(
            second.network().parameters(),
            whole.network().parameters(),
            "stopped at {stop}"
        );
        assert_eq!(second.history(), whole.history());
        // Going on without a file is the same.
        first.run(on).unwrap();
        assert_eq!(first.network().parameters(), whole.network().parameters());
    }
}

#[test]
fn every_method_with_a_learning_rate_trains_and_resumes() {
    use numdiff_optim::Schedule;
    let methods = [
        Method::GradientDescent { learning_rate: 0.5 },
        Method::Momentum {
            learning_rate: 0.1,
            momentum: 0.9,
        },
        Method::Nesterov {
            learning_rate: 0.1,
            momentum: 0.9,
        },
        Method::ada_grad(0.1),
        Method::rms_prop(0.02),
        Method::adam(0.05),
        Method::adam_w(0.05, 1e-3),
    ];
    for method in methods {
        let training = || {
            let unknowns = network().parameters().len();
            let optimizer = Optimizer::new(method.clone(), unknowns).unwrap();
            let optimizer = optimizer
                .with_schedule(Schedule::Exponential { factor: 0.999 })
                .unwrap();
            Training::new(network(), data(), optimizer)
                .with_batch_size(8)
                .with_epochs(25)
                .with_gradient(GradientAlgorithm::Backpropagation)
        };
        let mut whole = training();
        whole.run(on).unwrap();
        let (first, last) = (&whole.history()[0], &whole.history()[24]);
        assert!(
            last.loss < 0.7 * first.loss,
            "{method:?}: {} {}",
            first.loss,
            last.loss
        );
        let mut half = training();
        half.run(|p| {
            if p.step == 31 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
        let mut resumed = training();
        resumed.resume(half.checkpoint()).unwrap();
        resumed.run(on).unwrap();
        assert_eq!(
            resumed.network().parameters(),
            whole.network().parameters(),
            "{method:?}"
        );
    }
    let optimizer = Optimizer::new(Method::adam(0.1), 3).unwrap();
    let mut training = Training::new(network(), data(), optimizer);
    assert!(matches!(
        training.run(on),
        Err(Error::Length { found: 3, .. })
    ));
}

#[test]
fn another_run_is_not_resumed() {
    let checkpoint = training(1).checkpoint();
    let mut other = training(2);
    let before = other.network().parameters().to_vec();
    assert!(matches!(
        other.resume(checkpoint.clone()),
        Err(Error::Saved { what: "seed", .. })
    ));
    let mut other = Training::new(network(), data(), descent(0.1, &network()));
    assert!(matches!(
        other.resume(checkpoint),
        Err(Error::Saved {
            what: "optimizer",
            ..
        })
    ));
    assert_eq!(other.network().parameters(), before);
}

#[test]
fn a_different_seed_is_a_different_order() {
    let run = |seed| {
        let mut training = training(seed);
        training.run(on).unwrap();
        training.into_network().parameters().to_vec()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_loss_that_is_no_number_stops_with_step_and_block() {
    let network = Network::builder()
        .layer(Dense::new(1, 2))
        .weights(&[1.0, -1.0, 0.0, 0.0])
        .unwrap();
    let batch = Batch::new(
        array![[1e200]],
        Targets::values(&array![[1.0, 2.0]]).unwrap(),
    )
    .unwrap();
    let network = Network::builder()
        .layer(Dense::new(1, 2))
        .loss(Loss::SumSquaredError)
        .weights(network.parameters())
        .unwrap();
    let mut training = {
        let descent = descent(1.0, &network);
        Training::new(network, batch, descent)
    }
    .with_gradient(GradientAlgorithm::Backpropagation);
    let error = training.run(on).unwrap_err();
    let Error::Training {
        epoch: 0,
        step: 0,
        source,
    } = &error
    else {
        panic!("{error}")
    };
    assert!(
        matches!(&**source, Error::NonFiniteOutput { block: Some(block), .. } if block == "W1"),
        "{error}"
    );

    // Steps so large that the parameters overflow: the network keeps the last finite ones.
    let network = Network::builder()
        .layer(Dense::new(1, 2))
        .weights(&[1.0, -1.0, 0.0, 0.0])
        .unwrap();
    let batch = Batch::new(array![[100.0], [200.0]], Targets::labels(&[1, 1])).unwrap();
    let mut training = {
        let descent = descent(f64::MAX, &network);
        Training::new(network, batch, descent)
    }
    .with_epochs(3);
    let error = training.run(on).unwrap_err();
    let Error::Training {
        epoch: 0,
        step: 0,
        source,
    } = &error
    else {
        panic!("{error}")
    };
    assert!(
        matches!(&**source, Error::NotFinite { argument, .. } if argument == "W1"),
        "{error}"
    );
    assert_eq!(training.network().parameters(), [1.0, -1.0, 0.0, 0.0]);
}

#[test]
fn patience_ends_at_the_best_parameters() {
    // A rate that overshoots: the loss does not sink for long.
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let network = Network::builder()
        .layer(Dense::new(3, 2))
        .initialize(Init::Xavier, &mut rng)
        .unwrap();
    let mut training = {
        let descent = descent(50.0, &network);
        Training::new(network, data(), descent)
    }
    .with_epochs(1000)
    .with_validation(data())
    .with_patience(3);
    assert_eq!(training.run(on).unwrap(), Stopped::Early);
    let best = training
        .history()
        .iter()
        .map(|e| e.validation_loss.unwrap())
        .fold(f64::INFINITY, f64::min);
    assert_eq!(training.network().loss(&data()).unwrap(), best);
}

#[test]
fn no_epochs_is_a_run_that_changes_nothing() {
    let mut training = training(1).with_epochs(0);
    assert_eq!(training.run(on).unwrap(), Stopped::Finished);
    assert_eq!(training.network().parameters(), network().parameters());
}

/// A validation loss that is no number ends the run as well, and running on says so again.
#[test]
fn a_validation_loss_that_is_no_number_stops() {
    let network = Network::builder()
        .layer(Dense::new(1, 1))
        .loss(Loss::SumSquaredError)
        .weights(&[1.0, 0.0])
        .unwrap();
    let batch = |x: f64| {
        let targets = Targets::values(&array![[1.0]]).unwrap();
        Batch::new(array![[x]], targets).unwrap()
    };
    let mut training = {
        let descent = descent(0.1, &network);
        Training::new(network, batch(1.0), descent)
    }
    .with_epochs(3)
    .with_validation(batch(1e300))
    .with_patience(2);
    for _ in 0..2 {
        let error = training.run(on).unwrap_err();
        assert!(
            matches!(&error, Error::Training { step: 1, source, .. }
                if matches!(&**source, Error::NonFiniteOutput { .. })),
            "{error}"
        );
    }
    // It is put away and taken up as it is.
    let mut file = Vec::new();
    training.checkpoint().write(&mut file).unwrap();
    let checkpoint = Checkpoint::read(&file[..]).unwrap();
    training.resume(checkpoint).unwrap();
    assert!(training.run(on).is_err());
}

/// Whatever number of a checkpoint is another one: an error, never a panic, a hang or another run.
#[test]
fn damaged_checkpoints_are_clear_errors() {
    let mut first = training(1);
    first
        .run(|p| match p.step {
            7 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .unwrap();
    let mut file = Vec::new();
    first.checkpoint().write(&mut file).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let state = [
        "/state/epoch",
        "/state/batch",
        "/state/step",
        "/state/history",
        "/state/best/epoch",
        "/state/best/parameters",
        "/settings/1",
        "/settings/2",
        "/settings/5",
        "/parameters",
        "/parameters/0",
    ];
    for place in state {
        for claim in [
            "0",
            "3",
            "\"3\"",
            "1000",
            "18446744073709551615",
            "[]",
            "null",
        ] {
            let mut damaged = value.clone();
            let number = damaged.pointer_mut(place).unwrap();
            let claim: serde_json::Value = serde_json::from_str(claim).unwrap();
            if *number == claim {
                continue;
            }
            *number = claim.clone();
            let read = |value: &serde_json::Value| {
                Checkpoint::read(&serde_json::to_vec(value).unwrap()[..])
            };
            let Err(Error::Saved {
                what: "checksum",
                expected,
                ..
            }) = read(&damaged)
            else {
                panic!("{place} = {claim}")
            };
            // With the checksum of what it says now.
            let right: u64 = expected.split(',').next().unwrap().parse().unwrap();
            damaged["checksum"] = right.into();
            let mut second = training(1);
            let Ok(()) = read(&damaged).and_then(|checkpoint| second.resume(checkpoint)) else {
                assert_eq!(second.network().parameters(), network().parameters());
                continue;
            };
            // What can be is run.
            assert!(
                ["/state/best/epoch", "/parameters/0"].contains(&place),
                "{place} = {claim}"
            );
            second.run(on).unwrap();
        }
    }
}

#[test]
fn an_empty_batch_size_is_an_error() {
    let mut training = training(1).with_batch_size(0);
    assert!(matches!(
        training.run(on),
        Err(Error::Setting {
            argument: "batch size",
            ..
        })
    ));
}
