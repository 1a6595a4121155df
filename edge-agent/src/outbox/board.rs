//! What the writer and the readers of an outbox both know: per lane the numbers, sizes and declared losses.
//!
//! The writer works on a copy inside its transaction and publishes it after COMMIT, so a figure read here never
//! speaks of something that a crash could take back.

use ngatu_protocol::{Lane, LossReason};
use std::collections::BTreeMap;

/// A declared loss that waits in a lane, by what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) count: u64,
    pub(super) reason: LossReason,
    /// What its row costs, see [`cost_bytes`].
    pub(super) cost: u64,
}

/// One lane's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LaneState {
    /// The next number to be given.
    pub(super) next: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) dropped: u64,
    /// All up to this were acknowledged and their rows deleted.
    pub(super) cleared: u64,
    /// Losses that wait, by their own number.
    pub(super) losses: BTreeMap<u64, Span>,
}

impl LaneState {
    /// The lowest number that is not acknowledged. It need not have a row: above `cleared`, what has none is a hole
    /// that must be declared, and a center that heard of a later beginning would take it for acknowledged.
    pub(super) fn oldest(&self) -> u64 {
        self.cleared + 1
    }

    /// Whether a range without rows needs no further word: every number is declared, and none of them is that of a
    /// declaration, which had a row.
    pub(super) fn accounts_for(&self, from: u64, to: u64) -> bool {
        self.losses.range(from..=to).next().is_none() && self.undeclared(from, to).is_empty()
    }

    /// The parts of a range that no loss that waits declares.
    pub(super) fn undeclared(&self, from: u64, to: u64) -> Vec<(u64, u64)> {
        let mut parts = Vec::new();
        let mut at = from;
        while at <= to {
            if let Some(span) = self.losses.values().find(|s| s.from <= at && at <= s.to) {
                at = span.to + 1;
                continue;
            }
            let next = self.losses.values().map(|s| s.from).filter(|from| *from > at).min();
            let end = next.map_or(to, |next| to.min(next - 1));
            parts.push((at, end));
            at = end + 1;
        }
        parts
    }
}

/// All lanes, and how far the readers are.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    pub(super) lanes: [LaneState; 4],
    /// The highest number that was ever handed to the uplink by this process. Rows up to it may have arrived already,
    /// so they go last when room is needed.
    pub(super) handed_out: [u64; 4],
    /// The loss that may still grow: made by this process and not yet handed out.
    pub(super) growable: [Option<u64>; 4],
    /// The highest number that the center acknowledged.
    pub(super) acked: [u64; 4],
    /// Why the outbox is degraded, if it is.
    pub(super) problem: Option<String>,
}

/// A lane's place in the arrays, and in the records of the tally's file: never to be changed.
pub(super) fn index(lane: Lane) -> usize {
    match lane {
        Lane::Events => 0,
        Lane::Health => 1,
        Lane::Observations => 2,
        Lane::Tracks => 3,
    }
}

/// What a row of `body_bytes` takes on disk at most in a long run: its share of half-filled pages and of the tree included.
pub(super) fn cost_bytes(body_bytes: usize) -> u64 {
    let bytes = body_bytes as u64;
    bytes + bytes / 8 + 64
}
