//! A property over random cases that a seed fixes.

use crate::Failure;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// How many random cases a property is tried on, and the seed they come from.
///
/// Seeds are stretched by ChaCha, whose stream no upgrade changes: the same seed tries the same
/// cases on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trials {
    /// Number of cases.
    pub cases: u32,
    /// Seed.
    pub seed: u64,
}

impl Default for Trials {
    fn default() -> Self {
        Self {
            cases: 256,
            seed: 0,
        }
    }
}

impl Trials {
    /// Tries `test` on the cases; a failing case is simplified before it is reported.
    pub fn hold<S: Strategy>(
        self,
        strategy: S,
        test: impl Fn(S::Value) -> Result<(), TestCaseError>,
    ) -> Result<(), Failure> {
        let mut seed = [0; 32];
        ChaCha20Rng::seed_from_u64(self.seed).fill_bytes(&mut seed);
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        TestRunner::new_with_rng(config, rng)
            .run(&strategy, test)
            .map_err(|error| {
                Failure::Property(match error {
                    TestError::Abort(reason) => reason.to_string(),
                    TestError::Fail(reason, case) => format!("{reason}; simplest case: {case:?}"),
                })
            })
    }
}
