//! Statements against truth: how many true events were found in time, how many statements were about nothing.

use crate::bench::{percentile, real};
use crate::truth::play::{Scene, Statement};
use ngatu_protocol::EventKind;
use std::collections::BTreeMap;
use std::fmt;

/// An event may start so long after the condition began and the hold time passed, seconds.
pub const LATEST_S: f64 = 1.0;
/// It may start so much before, since a foot point is not exact, seconds.
pub const EARLIEST_S: f64 = 1.0;
/// Share of the true events that has to be found.
pub const RECALL: f64 = 0.95;
/// Share of the statements that may be false.
pub const FALSE_SHARE: f64 = 0.05;

/// One kind's account over any number of scenes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// True events.
    pub truths: usize,
    /// True events that were stated in time.
    pub found: usize,
    /// True events that were stated too late, while the condition held.
    pub late: usize,
    /// Statements.
    pub stated: usize,
    /// Statements that belong to no true event.
    pub unfounded: usize,
    /// Seconds from the end of the hold time to each statement of a true event.
    pub delays_s: Vec<f64>,
}

impl Tally {
    /// Share of the true events that were found in time; 1 when there were none.
    #[must_use]
    pub fn recall(&self) -> f64 {
        if self.truths == 0 { 1.0 } else { real(self.found) / real(self.truths) }
    }

    /// Share of the statements that are about nothing; 0 when there were none.
    #[must_use]
    pub fn false_share(&self) -> f64 {
        if self.stated == 0 { 0.0 } else { real(self.unfounded) / real(self.stated) }
    }

    /// The delay that 95 of 100 statements keep, seconds.
    #[must_use]
    pub fn delay_s(&self) -> f64 {
        let mut delays = self.delays_s.clone();
        if delays.is_empty() { 0.0 } else { percentile(&mut delays, 0.95) }
    }

    /// Whether it reaches what a rule must.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.recall() >= RECALL && self.false_share() <= FALSE_SHARE && self.delay_s() <= LATEST_S
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} true, {} found, {} late; {} stated, {} of them about nothing; recall {:.3}, false {:.3}, delay {:.2} s",
            self.truths,
            self.found,
            self.late,
            self.stated,
            self.unfounded,
            self.recall(),
            self.false_share(),
            self.delay_s()
        )
    }
}

/// The accounts of all kinds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Score(pub BTreeMap<EventKind, Tally>);

impl Score {
    /// Adds a scene's statements; returns whether all of it is right.
    pub fn add(&mut self, scene: &Scene, statements: &[Statement]) -> bool {
        let mut right = true;
        let mut taken = vec![false; statements.len()];
        for rule in &scene.camera.rules {
            self.0.entry(rule.kind).or_default();
        }
        // Who is due first takes the first statement: which of two at the same time is meant, a statement does not say.
        let mut truths: Vec<_> = scene.truths.iter().collect();
        truths.sort_by(|a, b| (a.from_s + a.hold_s).total_cmp(&(b.from_s + b.hold_s)));
        for truth in truths {
            let due_s = truth.from_s + truth.hold_s;
            let latest_s = truth.to_s.max(due_s) + LATEST_S;
            let fits = |(i, s): &(usize, &Statement)| {
                !taken[*i] && s.rule == truth.rule && s.at_s >= due_s - EARLIEST_S && s.at_s <= latest_s
            };
            let first = statements.iter().enumerate().filter(fits).map(|(i, _)| i).next();
            let tally = self.0.entry(truth.kind).or_default();
            tally.truths += 1;
            let Some(first) = first else {
                right = false;
                continue;
            };
            taken[first] = true;
            let delay_s = statements[first].at_s - due_s;
            tally.delays_s.push(delay_s.max(0.0));
            if delay_s <= LATEST_S {
                tally.found += 1;
            } else {
                tally.late += 1;
                right = false;
            }
        }
        for (statement, taken) in statements.iter().zip(taken) {
            let tally = self.0.entry(statement.kind).or_default();
            tally.stated += 1;
            tally.unfounded += usize::from(!taken);
            right &= taken;
        }
        right
    }

    /// Adds another score.
    pub fn join(&mut self, other: Score) {
        for (kind, theirs) in other.0 {
            let own = self.0.entry(kind).or_default();
            own.truths += theirs.truths;
            own.found += theirs.found;
            own.late += theirs.late;
            own.stated += theirs.stated;
            own.unfounded += theirs.unfounded;
            own.delays_s.extend(theirs.delays_s);
        }
    }
}
