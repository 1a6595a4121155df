//! When to start a server again that died: soon at first, ever later if it keeps dying.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);
/// A server that ran this long is taken for sound.
const SOUND: Duration = Duration::from_secs(30);

/// The restart policy: takes how long the server ran, answers how long to wait.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { next: FIRST }
    }
}

impl Backoff {
    /// How long to wait after a run of that length.
    pub(crate) fn after(&mut self, ran_for: Duration) -> Duration {
        if ran_for >= SOUND {
            self.next = FIRST;
        }
        let delay = self.next;
        self.next = (self.next * 2).min(LONGEST);
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_keeps_dying_is_started_ever_later_and_a_sound_one_at_once() {
        let mut backoff = Backoff::default();
        let delays: Vec<_> = (0..9).map(|_| backoff.after(Duration::ZERO).as_millis()).collect();
        assert_eq!(delays, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(backoff.after(SOUND), FIRST);
    }
}
