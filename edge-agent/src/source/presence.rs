//! Whether usable pictures arrive from a camera: the source of `camera_lost`.

use std::time::Duration;

/// What became different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// No usable frame for too long.
    Lost,
    /// Usable frames again after a loss.
    Back,
}

/// A camera's presence over a monotonic time that the caller counts from the camera's start.
#[derive(Debug, Clone)]
pub struct Presence {
    lost_after: Duration,
    last_usable: Duration,
    lost: bool,
}

impl Presence {
    /// A camera that starts at `now`; it is lost when `lost_after` passes without a usable frame.
    #[must_use]
    pub fn new(lost_after: Duration, now: Duration) -> Self {
        Self { lost_after, last_usable: now, lost: false }
    }

    /// A usable frame arrived.
    pub fn usable(&mut self, now: Duration) -> Option<Change> {
        self.last_usable = now;
        std::mem::take(&mut self.lost).then_some(Change::Back)
    }

    /// Time passed without a usable frame.
    pub fn tick(&mut self, now: Duration) -> Option<Change> {
        let overdue = now.saturating_sub(self.last_usable) >= self.lost_after;
        let newly = overdue && !self.lost;
        self.lost |= newly;
        newly.then_some(Change::Lost)
    }

    /// Whether the camera is lost.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_stated_once_and_so_is_its_end() {
        let s = Duration::from_secs;
        let mut presence = Presence::new(s(5), s(100));
        assert_eq!(presence.tick(s(104)), None);
        assert_eq!(presence.tick(s(105)), Some(Change::Lost));
        assert_eq!(presence.tick(s(106)), None);
        assert!(presence.is_lost());
        assert_eq!(presence.usable(s(107)), Some(Change::Back));
        assert_eq!(presence.usable(s(108)), None);
        assert_eq!(presence.tick(s(112)), None);
        assert_eq!(presence.tick(s(113)), Some(Change::Lost));
    }
}
