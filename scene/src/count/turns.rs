//! Turning movements: who crossed which tripwire next.
//!
//! Every crossing is one row of the table, from its tripwire to the next that the same track crossed, or to none when
//! the track ended first: so the rows of a tripwire sum up to its count, and those to none are who left elsewhere and
//! whom the tracker lost.

use crate::{Paths, Time};
use ngatu_protocol::RoadUserClass;
use std::collections::BTreeMap;

/// Between two crossings of one movement lies at most so long, seconds: a cycle of a traffic light and more.
const LONGEST_S: f64 = 180.0;

/// From a tripwire to another or to none, by class.
pub(super) type Movement = (usize, Option<usize>, RoadUserClass);

/// Crossings that wait for the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns {
    open: BTreeMap<u64, Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    from: usize,
    class: RoadUserClass,
    at: Time,
}

/// Movements that were completed in a window.
pub(super) type Completed = BTreeMap<Movement, u32>;

impl Turns {
    pub(super) fn cross(
        &mut self,
        (wire, track, class): (usize, u64, RoadUserClass),
        now: Time,
        done: &mut Completed,
    ) {
        if let Some(open) = self.open.insert(track, Open { from: wire, class, at: now }) {
            *done.entry((open.from, Some(wire), open.class)).or_default() += 1;
        }
    }

    /// Those whose track ended cross nothing any more.
    pub(super) fn end_the_gone(&mut self, now: Time, paths: &Paths, done: &mut Completed) {
        self.open.retain(|track, open| {
            let goes_on = paths.get(*track).is_some() && now.since_s(open.at) <= LONGEST_S;
            if !goes_on {
                *done.entry((open.from, None, open.class)).or_default() += 1;
            }
            goes_on
        });
    }

    pub(super) fn end_all(&mut self, done: &mut Completed) {
        for open in std::mem::take(&mut self.open).into_values() {
            *done.entry((open.from, None, open.class)).or_default() += 1;
        }
    }
}
