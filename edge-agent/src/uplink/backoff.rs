//! How long to wait before the next attempt.

use std::time::Duration;

/// Doubling delays between two bounds; the caller brings the randomness.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Backoff {
        Backoff { first, longest, failures: 0 }
    }

    /// It worked: the next failure waits the shortest time again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: the time to wait, between half of the delay and all of it by `random`, so that a hundred edges
    /// do not come back in the same millisecond.
    pub(crate) fn failed(&mut self, random: u64) -> Duration {
        let delay = self.first.saturating_mul(1 << self.failures.min(16)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        let permille = u32::try_from(500 + random % 501).unwrap_or(1000);
        delay * permille / 1000
    }
}

/// Bits that differ from call to call and from machine to machine; good for jitter, not for secrets.
pub(crate) fn random_bits() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_to_the_longest_and_begin_anew_after_success() {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
        let delays: Vec<u128> = (0..8).map(|_| backoff.failed(500).as_millis()).collect();
        assert_eq!(delays, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(backoff.failed(0).as_millis(), 5000);
        backoff.reset();
        assert_eq!(backoff.failed(500).as_millis(), 200);
    }
}
