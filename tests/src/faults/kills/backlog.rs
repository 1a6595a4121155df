//! What was on its way when a part was killed.

use std::fmt;

/// In so many of a hundred kills something must have been on its way.
const BUSY_PERCENT: u64 = 80;
/// Fewer kills than this tell little.
const FEW: u64 = 20;

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

    /// Of a few kills a slow look may miss what was on its way at some; then one that had something is enough.
    pub(super) fn is_busy(&self) -> bool {
        let kills = self.0.len() as u64;
        self.busy() * 100 >= BUSY_PERCENT * kills || (kills < FEW && self.busy() > 0)
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
        let of = |idle: usize, busy: usize| Backlog([vec![0; idle], vec![3; busy]].concat());
        assert!(of(4, 16).is_busy() && !of(5, 15).is_busy());
        assert!(of(4, 1).is_busy() && !of(5, 0).is_busy(), "of a few one is enough");
        let backlog = Backlog(vec![7, 0, 300, 1, 12]);
        assert_eq!(
            backlog.to_string(),
            "on their way at a kill: least 0, half 7, most 300; 4 of 5 kills had some"
        );
    }
}
