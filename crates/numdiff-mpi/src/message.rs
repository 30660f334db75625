//! What the leader and the other ranks say to each other.

use numdiff_core::OwnedMoves;
use serde::{Deserialize, Serialize};

/// Numbers of x in one message: 128 MiB, since MPI counts bytes in 31 bits.
pub(crate) const PART: usize = 1 << 24;

/// From the leader. A job is its moves, some ten bytes: the rank holds x.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// A part of a new x of `length` numbers, from `start` on; the parts come in order.
    Begin {
        start: usize,
        length: usize,
        part: Vec<f64>,
    },
    /// Evaluate f at x with each of these moves.
    Evaluate { batch: u64, jobs: Vec<OwnedMoves> },
    /// No more tasks.
    Stop,
}

/// From a rank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// A batch was evaluated.
    Done(Done),
    /// Still at it.
    Alive,
    /// The last word.
    Gone,
}

/// A batch and what became of its jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Done {
    pub batch: u64,
    /// Time spent in f.
    pub seconds: f64,
    /// For each job its number of outputs, or what went wrong.
    pub outcomes: Vec<Result<usize, Failure>>,
    /// The outputs of all jobs, one after the other.
    pub values: Vec<f64>,
}

/// Why a job has no values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Failure {
    /// The function said so.
    Error(String),
    /// The function panicked.
    Panic(String),
    /// The function could not take x.
    Begin(String),
}

/// As bytes; `f64` to the last bit.
pub(crate) fn encode<M: Serialize>(message: &M) -> Vec<u8> {
    match postcard::to_stdvec(message) {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("sequences of known length can be encoded: {error}"),
    }
}

/// What [`encode`] wrote. Both ends run the same program, and the communicator is private.
pub(crate) fn decode<M: for<'a> Deserialize<'a>>(bytes: &[u8]) -> M {
    match postcard::from_bytes(bytes) {
        Ok(message) => message,
        Err(error) => {
            panic!("a message between ranks is malformed ({error}); run one program on all ranks")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moves() -> impl Strategy<Value = OwnedMoves> {
        let number = any::<u64>().prop_map(f64::from_bits);
        prop_oneof![
            Just(OwnedMoves::None),
            (any::<usize>(), number.clone()).prop_map(|(i, to)| OwnedMoves::One(i, to)),
            prop::collection::vec((any::<usize>(), number), 0..5).prop_map(OwnedMoves::Many),
        ]
    }

    proptest! {
        #[test]
        fn every_bit_arrives(jobs in prop::collection::vec(moves(), 0..20), batch: u64) {
            let bytes = encode(&Task::Evaluate { batch, jobs });
            let task: Task = decode(&bytes);
            // NaN differs from itself, its bytes do not.
            prop_assert_eq!(encode(&task), bytes);
        }
    }

    #[test]
    fn a_job_is_small() {
        let one = |jobs: usize| {
            let job = OwnedMoves::One(9_999_999, 0.1);
            encode(&Task::Evaluate {
                batch: 1 << 40,
                jobs: vec![job; jobs],
            })
            .len()
        };
        // A kind, four bytes for the coordinate below ten million, eight for the value.
        assert_eq!(one(2) - one(1), 13);
    }
}
