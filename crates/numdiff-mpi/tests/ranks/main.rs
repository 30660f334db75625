//! Real ranks: every case runs under `mpirun`, which starts this very program again.
//!
//! Without Open MPI's `mpirun` in the path there is nothing to test, and that is a failure.

mod cases;
mod launch;

use launch::{CASE, trial};
use libtest_mimic::{Arguments, Trial};

/// Numbers of ranks for what has to hold for any number.
const RANKS: [usize; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn main() {
    if let Ok(case) = std::env::var(CASE) {
        cases::run(&case);
        return;
    }
    let mut arguments = Arguments::from_args();
    // One program of up to eight ranks at a time.
    arguments.test_threads = Some(1);
    let mut trials: Vec<Trial> = Vec::new();
    for ranks in RANKS {
        trials.push(trial("serial_bits", ranks, &[]).passes());
    }
    for ranks in [1, 2, 4] {
        trials.push(trial("failed_evaluation_is_planned_again", ranks, &[]).passes());
        trials.push(trial("hopeless_evaluation", ranks, &[]).passes());
        trials.push(trial("panic", ranks, &[]).passes());
        trials.push(trial("bad_input", ranks, &[]).passes());
        trials.push(trial("no_begin", ranks, &[]).passes());
        trials.push(trial("borrowed_communicator", ranks, &[]).passes());
        trials.push(trial("leader_panics", ranks, &[]).fails("rank 0 says: on purpose"));
    }
    trials.push(trial("adaptive_goes_around", 3, &[]).passes());
    trials.push(trial("idle_leader", 3, &[]).passes());
    trials.push(trial("slow_rank_gets_less", 3, &[]).passes());
    trials.push(trial("cheap_jobs_travel_together", 2, &[]).passes());
    trials.push(trial("large_outputs", 3, &[]).passes());
    trials.push(trial("endless_evaluation", 1, &[]).fails("f has been running on rank 0"));
    trials.push(trial("endless_evaluation", 3, &[]).fails("f has been running on rank 2"));
    trials.push(trial("endless_evaluation_elsewhere", 3, &[]).passes());
    trials.push(trial("stopped_rank", 3, &[]).fails("rank 2 has been silent"));
    // The result is right; mpirun reports that ranks did not finalize.
    trials.push(trial("stopped_rank_elsewhere", 4, &[]).fails("as serial without rank 2"));
    // Open MPI ends the program at once, and says which rank.
    for how in ["exit", "abort", "kill"] {
        let case = format!("rank_ends_by_{how}");
        trials.push(trial(&case, 3, &[]).fails_naming_rank_2());
    }
    // Told not to, it leaves the finding to us, and the ending too.
    let case = "rank_ends_by_kill_then_abort";
    trials.push(trial(case, 3, &["--enable-recovery"]).says("rank 2 has been silent"));
    libtest_mimic::run(&arguments, trials).exit();
}
