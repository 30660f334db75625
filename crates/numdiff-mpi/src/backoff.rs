//! How long to sleep while nothing happens.

use std::time::{Duration, Instant};

/// Awake this long: a reply in shared memory takes some microseconds, waking a thread ten times that.
const AWAKE: Duration = Duration::from_micros(50);

/// The longest sleep: rare enough to cost a waiting rank less than 1 % of its core.
const LONGEST: Duration = Duration::from_millis(1);

/// A sleep is this fraction of the time that nothing happened, so that what comes after a long wait
/// is noticed late by at most 3 % of that wait.
const FRACTION: u32 = 32;

/// Polling that grows lazier the longer nothing happens.
pub(crate) struct Backoff {
    since: Instant,
}

impl Backoff {
    pub fn new() -> Self {
        Backoff {
            since: Instant::now(),
        }
    }

    /// Something happened.
    pub fn reset(&mut self) {
        self.since = Instant::now();
    }

    /// How long to sleep now; `None`: yield only.
    pub fn pause(&self) -> Option<Duration> {
        let idle = self.since.elapsed();
        (idle > AWAKE).then(|| (idle / FRACTION).min(LONGEST))
    }
}
