//! How long to wait before a broken source is opened again.

use std::time::Duration;

/// The first wait, seconds.
const FIRST_S: f64 = 0.5;
/// The longest wait, seconds.
const LONGEST_S: f64 = 30.0;

/// Exponential back-off from 0.5 s to 30 s.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    next_s: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next_s: FIRST_S }
    }
}

impl Backoff {
    /// The wait after a failed pass; each call doubles the next one.
    pub fn wait(&mut self) -> Duration {
        let wait_s = self.next_s;
        self.next_s = (wait_s * 2.0).min(LONGEST_S);
        Duration::from_secs_f64(wait_s)
    }

    /// The pass was healthy: the next failure waits briefly again.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_start_again_after_health() {
        let mut backoff = Backoff::default();
        let waits: Vec<f64> = (0..8).map(|_| backoff.wait().as_secs_f64()).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
        backoff.reset();
        assert_eq!(backoff.wait(), Duration::from_millis(500));
    }
}
