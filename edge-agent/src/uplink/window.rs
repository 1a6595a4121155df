//! What to send next: the uplink's protocol as a state machine. Input and `now` go in, wishes come out; no clock, no
//! socket, no file.
//!
//! Each lane is sent in order from the oldest number, with a bounded amount that the center has not acknowledged yet.
//! A lane above goes first, but not for ever: now and then one payload of the next one goes between.
//! Nothing is deleted before its acknowledgement; what is not acknowledged in time is sent again from the oldest.

use crate::outbox::{Slice, Want};
use ngatu_protocol::{Ack, Lane, OutboxId};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Bounds on what is under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Most unacknowledged messages of one lane.
    pub(super) messages: usize,
    /// Most unacknowledged bytes of the lane events.
    pub(super) event_bytes: usize,
    /// Most unacknowledged bytes of each other lane: little, because a new event waits behind them on a thin line.
    pub(super) other_bytes: usize,
    /// Most messages of one payload.
    pub(super) payload_messages: usize,
    /// Most bytes of one payload.
    pub(super) payload_bytes: usize,
    /// Without progress for so long, everything unacknowledged is sent again.
    pub(super) resend_after: Duration,
    /// After so many payloads of one lane in a row, one of a lane below it may go.
    pub(super) in_a_row: u32,
    /// A lane that waits for its acknowledgements for so long no longer holds back the lanes below it.
    pub(super) stalled_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            messages: 4000,
            event_bytes: 1024 * 1024,
            other_bytes: 256 * 1024,
            payload_messages: 500,
            payload_bytes: 128 * 1024,
            in_a_row: 7,
            resend_after: Duration::from_secs(10),
            stalled_after: Duration::from_secs(2),
        }
    }
}

/// What an acknowledgement turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acked {
    /// All up to this may be deleted.
    Upto(u64),
    /// Nothing new.
    Stale,
    /// Of another outbox, or of numbers that this one never gave.
    Foreign,
}

struct Flight {
    upto: u64,
    messages: usize,
    bytes: usize,
}

struct LaneWindow {
    /// All up to this are acknowledged.
    acked: u64,
    /// Sent on this connection up to this.
    sent: u64,
    /// The highest number given by the outbox.
    last: u64,
    /// The highest number that anything sent since the start settles.
    settles: u64,
    flights: VecDeque<Flight>,
    progress_at: Instant,
}

impl LaneWindow {
    fn has_unsent(&self) -> bool {
        self.sent < self.last
    }

    fn under_way(&self) -> (usize, usize) {
        self.flights.iter().fold((0, 0), |sum, f| (sum.0 + f.messages, sum.1 + f.bytes))
    }

    fn rewind(&mut self, now: Instant) {
        self.sent = self.acked;
        self.flights.clear();
        self.progress_at = now;
    }
}

/// The state of all lanes.
pub(super) struct Window {
    outbox: OutboxId,
    limits: Limits,
    lanes: BTreeMap<Lane, LaneWindow>,
    /// The lane that was sent last, and how many payloads in a row.
    row: Option<(Lane, u32)>,
}

impl Window {
    /// `oldest`: the lowest unacknowledged number of each lane.
    pub(super) fn new(
        outbox: OutboxId,
        oldest: &BTreeMap<Lane, u64>,
        limits: Limits,
        now: Instant,
    ) -> Window {
        let lanes = Lane::ALL.map(|lane| {
            let acked = oldest.get(&lane).map_or(0, |n| n.saturating_sub(1));
            let (flights, progress_at) = (VecDeque::new(), now);
            (lane, LaneWindow { acked, sent: acked, last: acked, settles: acked, flights, progress_at })
        });
        Window { outbox, limits, lanes: lanes.into(), row: None }
    }

    /// A connection stands: everything unacknowledged is sent again from the oldest.
    pub(super) fn connected(&mut self, now: Instant) {
        for lane in self.lanes.values_mut() {
            lane.rewind(now);
        }
    }

    /// The outbox has given numbers up to these.
    pub(super) fn grown(&mut self, last: &BTreeMap<Lane, u64>) {
        for (lane, last) in last {
            if let Some(window) = self.lanes.get_mut(lane) {
                window.last = window.last.max(*last);
            }
        }
    }

    /// What to read and send next, if anything may go now.
    pub(super) fn next(&mut self, now: Instant) -> Option<Want> {
        let limits = self.limits;
        // A lane that could fill the line for ever leaves the others a share, or health would never be heard.
        let mut makes_way = None;
        for (lane, window) in &mut self.lanes {
            if !window.flights.is_empty() && now.duration_since(window.progress_at) >= limits.resend_after {
                window.rewind(now);
            }
            if !window.has_unsent() {
                continue;
            }
            let (messages, bytes) = window.under_way();
            let bound = if *lane == Lane::Events { limits.event_bytes } else { limits.other_bytes };
            if messages < limits.messages && bytes < bound {
                let want = Want {
                    lane: *lane,
                    after: window.sent,
                    max_messages: limits.payload_messages.min(limits.messages - messages),
                    max_bytes: limits.payload_bytes,
                };
                let had_its_row = self.row.is_some_and(|(last, n)| last == *lane && n >= limits.in_a_row);
                if makes_way.is_some() || !had_its_row {
                    return Some(want);
                }
                makes_way = Some(want);
            } else if now.duration_since(window.progress_at) < limits.stalled_after {
                break;
            }
        }
        makes_way
    }

    /// What was wanted is on its way (or there was nothing to read).
    pub(super) fn sent(&mut self, lane: Lane, slice: &Slice, now: Instant) {
        let Some(window) = self.lanes.get_mut(&lane) else { return };
        if slice.envelopes.is_empty() {
            // Everything up to `last` was acknowledged, dropped or damaged: nothing to wait for.
            window.sent = window.sent.max(window.last).max(slice.upto);
            return;
        }
        let before = self.row.filter(|(last, _)| *last == lane).map_or(0, |(_, n)| n);
        self.row = Some((lane, before.saturating_add(1)));
        if window.flights.is_empty() {
            window.progress_at = now;
        }
        window.sent = window.sent.max(slice.upto);
        window.settles = window.settles.max(slice.settles);
        let bytes = slice.envelopes.iter().map(String::len).sum();
        window.flights.push_back(Flight { upto: slice.upto, messages: slice.envelopes.len(), bytes });
    }

    /// The center acknowledged.
    pub(super) fn acknowledged(&mut self, ack: &Ack, now: Instant) -> Acked {
        let Some(window) = self.lanes.get_mut(&ack.lane) else { return Acked::Foreign };
        if ack.outbox != self.outbox || ack.upto > window.last {
            return Acked::Foreign;
        }
        // An ack may speak of what an earlier life of this process sent; only what this life has sent is believed,
        // the rest is acknowledged again when it was sent again.
        let upto = ack.upto.min(window.settles);
        if upto <= window.acked {
            return Acked::Stale;
        }
        window.acked = upto;
        window.sent = window.sent.max(upto);
        window.progress_at = now;
        while window.flights.front().is_some_and(|f| f.upto <= upto) {
            window.flights.pop_front();
        }
        Acked::Upto(upto)
    }

    /// How long nothing may be expected to happen by itself: when the next resend or stall is due.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let waiting = self.lanes.values().filter(|lane| !lane.flights.is_empty());
        waiting.map(|lane| lane.progress_at + self.limits.stalled_after).min()
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
