//! What was on its way when a part was killed.

use std::fmt;

/// In so many of a hundred kills something must have been on its way.
const BUSY_PERCENT: u64 = 80;

/// A figure for each kill: events that a killed edge had not committed, or, for another part, that had not arrived.
#[derive(Debug, Clone, Default)]
pub(super) struct Backlog(Vec<u64>);

impl Backlog {
    pub(super) fn add(&mut self, on_its_way: u64) {
        self.0.push(on_its_way);
    }

    /// Kills with something on its way.
    pub(super) fn busy(&self) -> u64 {
        self.0.iter().filter(|events| **events > 0).count() as u64
    }

    pub(super) fn is_busy(&self) -> bool {
        self.busy() * 100 >= BUSY_PERCENT * self.0.len() as u64
    }
}

impl fmt::Display for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = |i: usize| sorted.get(i).copied().unwrap_or(0);
        let last = sorted.len().saturating_sub(1);
        write!(
            f,
            "on their way at a kill: least {}, half {}, most {}; {} of {} kills had some",
            at(0),
            at(last / 2),
            at(last),
            self.busy(),
            sorted.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_idle_kill_in_five_is_borne_and_two_are_not() {
        let backlog = Backlog(vec![7, 0, 300, 1, 12]);
        assert!(backlog.is_busy());
        assert_eq!(
            backlog.to_string(),
            "on their way at a kill: least 0, half 7, most 300; 4 of 5 kills had some"
        );
        assert!(!Backlog(vec![7, 0, 0, 1, 12]).is_busy());
    }
}
