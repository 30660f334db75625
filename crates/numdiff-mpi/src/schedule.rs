//! How many jobs to hand out at a time.

/// Seconds of work in a batch: several times what handing it out costs, some 220 microseconds in
/// docs/benchmarks.md on a busy machine.
const BATCH: f64 = 1e-3;

/// A rank is given the next batch before it is done with the last when that last takes less than
/// this many seconds. Longer ones are worth waiting for: work that is waiting behind a long
/// evaluation is work that another rank could have done.
const PREFETCH: f64 = 2e-3;

/// Numbers in one reply: 8 MiB.
const NUMBERS: usize = 1 << 20;

/// Weight of the newest batch in the running mean of the cost: recent enough to notice that lines
/// differ, slow enough not to follow a single one.
const NEWEST: f64 = 0.25;

/// What is known about the cost of an evaluation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    /// Mean seconds of an evaluation.
    cost: Option<f64>,
    /// Outputs of f.
    outputs: usize,
}

impl Schedule {
    /// A batch came back.
    pub fn learn(&mut self, jobs: usize, seconds: f64, outputs: usize) {
        let cost = seconds / jobs.max(1) as f64;
        let known = self.cost.unwrap_or(cost);
        self.cost = Some(known + NEWEST * (cost - known));
        self.outputs = self.outputs.max(outputs);
    }

    /// How many of `waiting` jobs to hand to one of `seats` ranks.
    ///
    /// Enough to make a batch of a millisecond, and at most half of an equal share of what is left,
    /// so that batches shrink and all ranks finish together (guided self-scheduling: Polychronopoulos
    /// and Kuck, IEEE Trans. Comput. C-36, 1987, with half the share because costs differ).
    pub fn batch(&self, waiting: usize, seats: usize) -> usize {
        let Some(cost) = self.cost else { return 1 };
        // A cost of 0 gives an infinite count, which the cast saturates.
        let enough = (BATCH / cost) as usize;
        let fair = waiting.div_ceil(2 * seats.max(1));
        let small = NUMBERS / self.outputs.max(1);
        enough.min(fair).min(small).max(1)
    }

    /// How many batches a rank may have at a time.
    pub fn depth(&self, jobs_in_first: usize) -> usize {
        match self.cost {
            Some(cost) if cost * (jobs_in_first as f64) < PREFETCH => 2,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_batch_is_never_empty_nor_more_than_is_waiting(
            waiting in 1usize..100_000, seats in 1usize..1000, cost in 0.0..1e3f64, outputs in 0usize..1 << 22
        ) {
            let mut schedule = Schedule::default();
            prop_assert_eq!(schedule.batch(waiting, seats), 1);
            schedule.learn(1, cost, outputs);
            let batch = schedule.batch(waiting, seats);
            prop_assert!(batch >= 1 && batch <= waiting);
            prop_assert!(batch == 1 || batch * outputs <= NUMBERS);
            prop_assert!(batch == 1 || batch as f64 * cost <= BATCH);
            // Every rank can still get as much.
            prop_assert!(batch == 1 || batch * seats <= waiting.max(seats) + seats);
        }

        #[test]
        fn long_evaluations_are_handed_out_one_by_one(cost in 2e-3..1e4f64, waiting in 1usize..10_000) {
            let mut schedule = Schedule::default();
            schedule.learn(1, cost, 1);
            prop_assert_eq!((schedule.batch(waiting, 2), schedule.depth(1)), (1, 1));
        }
    }
}
