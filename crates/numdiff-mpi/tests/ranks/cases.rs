//! What the ranks do.

mod failures;
mod lost;
mod results;
mod shares;

use mpi::topology::SimpleCommunicator;
use mpi::traits::Communicator;
use ndarray::Array1;
use numdiff_mpi::Error;
use std::process::exit;
use std::time::Duration;

pub fn run(case: &str) {
    let result = match case {
        "serial_bits" => results::serial_bits(),
        "failed_evaluation_is_planned_again" => failures::failed_evaluation_is_planned_again(),
        "hopeless_evaluation" => failures::hopeless_evaluation(),
        "panic" => failures::panic(),
        "bad_input" => failures::bad_input(),
        "no_begin" => failures::no_begin(),
        "borrowed_communicator" => results::borrowed_communicator(),
        "leader_panics" => failures::leader_panics(),
        "adaptive_goes_around" => results::adaptive_goes_around(),
        "idle_leader" => shares::idle_leader(),
        "slow_rank_gets_less" => shares::slow_rank_gets_less(),
        "cheap_jobs_travel_together" => shares::cheap_jobs_travel_together(),
        "large_outputs" => results::large_outputs(),
        "endless_evaluation" => lost::endless_evaluation(0),
        "endless_evaluation_elsewhere" => lost::endless_evaluation(1),
        "stopped_rank" => lost::stopped_rank(0),
        "stopped_rank_elsewhere" => lost::stopped_rank(1),
        "rank_ends_by_exit" => lost::rank_ends(|| exit(0)),
        "rank_ends_by_abort" => lost::rank_ends(|| std::process::abort()),
        "rank_ends_by_kill" => lost::rank_ends(lost::killed),
        "rank_ends_by_kill_then_abort" => lost::rank_ends(lost::killed).inspect_err(|error| {
            eprintln!("{error}");
            SimpleCommunicator::world().abort(1);
        }),
        _ => panic!("no case {case}"),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        exit(1);
    }
}

type Outcome = Result<(), Error>;

fn x(n: usize) -> Array1<f64> {
    Array1::from_shape_fn(n, |i| 0.3 + 0.17 * i as f64)
}

/// Every coordinate counts, no two alike; each evaluation takes another time, so that replies arrive
/// in another order than jobs leave.
fn f(x: &Array1<f64>) -> f64 {
    std::thread::sleep(Duration::from_micros(x.sum().to_bits() % 7 * 40));
    let mut sum = 0.0;
    for (i, &v) in x.iter().enumerate() {
        sum += (v * (i + 1) as f64).sin() * x[(i + 1) % x.len()].exp();
    }
    sum
}

fn same<'a>(a: impl IntoIterator<Item = &'a f64>, b: impl IntoIterator<Item = &'a f64>) {
    let bits = |v: &f64| v.to_bits();
    let (a, b): (Vec<u64>, Vec<u64>) = (
        a.into_iter().map(bits).collect(),
        b.into_iter().map(bits).collect(),
    );
    assert!(!a.is_empty());
    assert_eq!(a, b);
}
