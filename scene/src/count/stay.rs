//! Dwell: how long road users stayed in a zone. Only stays whose end was seen count: the road user was seen outside, or
//! left the picture over its edge. Where the tracker lost somebody inside, nobody knows how long the stay was.

use super::figures::Values;
use crate::Time;
use crate::geometry::Polygon;
use crate::rules::Sight;
use ngatu_protocol::RoadUserClass;
use std::collections::BTreeMap;

/// Outside for less than this is still the same stay, seconds.
const ABSENCE_S: f64 = 1.0;
/// Shorter than this nobody stayed: a box that touched the zone, seconds.
const SHORTEST_S: f64 = 0.2;

/// Finished stays of a window.
#[derive(Debug, Clone, Default)]
pub(super) struct Finished {
    pub(super) all_s: Values,
    pub(super) by_class_s: [Values; RoadUserClass::ALL.len()],
}

/// Those inside a zone.
#[derive(Debug, Clone, Default)]
pub(super) struct Stays {
    present: BTreeMap<u64, Stay>,
}

#[derive(Debug, Clone, Copy)]
struct Stay {
    class: RoadUserClass,
    from: Time,
    /// Last seen inside.
    to: Time,
    outside: bool,
    at_edge: bool,
}

impl Stays {
    pub(super) fn step(&mut self, sight: &Sight<'_>, zone: &Polygon, done: &mut Finished) {
        for track in sight.tracks.iter().filter(|track| track.seen) {
            if zone.contains(sight.frame.foot(track.bbox)) {
                let at_edge = sight.paths.get(track.id).is_some_and(|path| path.newest().touch.is_none());
                let new =
                    Stay { class: track.class, from: sight.now, to: sight.now, outside: false, at_edge };
                let stay = self.present.entry(track.id).or_insert(new);
                *stay = Stay { from: stay.from, ..new };
            } else if let Some(stay) = self.present.get_mut(&track.id) {
                stay.outside = true;
            }
        }
        self.present.retain(|track, stay| {
            let gone = sight.paths.get(*track).is_none();
            let ended = gone || (stay.outside && sight.now.since_s(stay.to) > ABSENCE_S);
            let seconds = stay.to.since_s(stay.from);
            if ended && (stay.outside || stay.at_edge) && seconds >= SHORTEST_S {
                done.all_s.push(seconds);
                done.by_class_s[stay.class as usize].push(seconds);
            }
            !ended
        });
    }

    /// The zone is not seen any more: how long they stay, nobody knows.
    pub(super) fn end_all(&mut self) {
        self.present.clear();
    }
}
