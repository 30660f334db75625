//! What a rank does while another one leads.

use crate::backoff::Backoff;
use crate::evaluator::Evaluator;
use crate::message::{Done, Failure, Reply, Task};
use crate::post::{Outbox, receive};
use mpi::topology::SimpleCommunicator;
use std::time::{Duration, Instant};

/// Bytes of one MPI message, whose count has 31 bits, with room for what surrounds the values.
const LARGEST: usize = (1 << 31) - (1 << 20);

/// Evaluates what rank 0 asks for until it says stop. While f runs, a sign of life goes out every
/// `beat`.
pub(crate) fn serve(comm: &SimpleCommunicator, evaluator: &Evaluator, beat: Duration) {
    let mut outbox = Outbox::default();
    let mut backoff = Backoff::new();
    let (mut batches, mut spoke) = (0usize, Instant::now());
    loop {
        let mut done = evaluator.try_done();
        let task = receive::<Task>(comm);
        if done.is_none() && task.is_none() {
            match backoff.pause() {
                None => std::thread::yield_now(),
                Some(pause) => done = evaluator.wait(pause),
            }
        } else {
            backoff.reset();
        }
        if let Some(done) = done {
            batches -= 1;
            spoke = Instant::now();
            outbox.send(comm, 0, &Reply::Done(sendable(done)));
        }
        match task {
            None => {}
            Some((_, Task::Stop)) => break,
            Some((_, task)) => {
                if let Task::Evaluate { .. } = task {
                    if batches == 0 {
                        spoke = Instant::now();
                    }
                    batches += 1;
                }
                evaluator.send(task);
            }
        }
        if batches > 0 && spoke.elapsed() > beat {
            spoke = Instant::now();
            outbox.send(comm, 0, &Reply::Alive);
        }
        outbox.reap();
    }
    outbox.send(comm, 0, &Reply::Gone);
    // The leader receives until it has seen the last word.
    while !outbox.reap() {
        match backoff.pause() {
            None => std::thread::yield_now(),
            Some(pause) => std::thread::sleep(pause),
        }
    }
}

fn sendable(mut done: Done) -> Done {
    if done.values.len() > LARGEST / size_of::<f64>() {
        let outputs = done.values.len();
        let message = format!("{outputs} outputs do not fit into one MPI message");
        done.outcomes.fill(Err(Failure::Panic(message)));
        done.values = Vec::new();
    }
    done
}
