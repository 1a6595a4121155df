//! A tripwire: who crossed it, in which direction.
//!
//! The path of a track's foot point must cross the segment itself, and then get away from it by a share of the box's
//! height: someone who stands on the line and trembles is counted once, or not at all.

use crate::geometry::{Segment, Side};
use crate::{FrameSize, Time, Track};
use ngatu_protocol::camera::TripwireConfig;
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{Direction, RoadUserClass, ZoneId};

/// Distance from the line at which a side counts as reached, in box heights.
const SETTLED_HEIGHTS: f64 = 0.1;
/// The same for a track that came from the other side and ends: it will not get any farther.
const SETTLED_AT_END_HEIGHTS: f64 = 0.03;
/// A track that was not seen for so long has ended; longer than the tracker remembers it.
const ENDED_S: f64 = 3.5;
/// A new track takes over from one that vanished at most so long ago …
const HANDOVER_S: f64 = 1.0;
/// … and so many box heights away: the same road user with a new id.
const HANDOVER_HEIGHTS: f64 = 0.7;

/// Crossings in one window, by direction and class.
#[derive(Debug, Clone, Default)]
pub(super) struct WireCounts {
    counts: [[u32; RoadUserClass::ALL.len()]; 2],
    /// Who was counted since this was last emptied.
    pub(super) crossed: Vec<Crossed>,
}

/// Somebody who was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crossed {
    pub(super) direction: Direction,
    pub(super) class: RoadUserClass,
    pub(super) track: u64,
}

impl WireCounts {
    fn add(&mut self, direction: Direction, class: RoadUserClass, track: u64) {
        let count = &mut self.counts[direction as usize][class as usize];
        *count = count.saturating_add(1);
        self.crossed.push(Crossed { direction, class, track });
    }

    pub(super) fn get(&self, direction: Direction, class: Option<RoadUserClass>) -> u32 {
        let counts = &self.counts[direction as usize];
        class.map_or_else(|| counts.iter().sum(), |class| counts[class as usize])
    }
}

#[derive(Debug, Clone)]
pub(super) struct Tripwire {
    pub(super) id: ZoneId,
    pub(super) segment: Segment,
    classes: Vec<RoadUserClass>,
    passers: Vec<Passer>,
}

/// A track in front of the tripwire.
#[derive(Debug, Clone, Copy)]
struct Passer {
    track: u64,
    class: RoadUserClass,
    at: Point,
    /// Distance from the line, box heights.
    distance: f64,
    height_px: f64,
    last_seen: Time,
    /// The side that it was last clearly on.
    settled: Option<Side>,
    /// Crossings of the segment since then: to the right less to the left.
    crossed: i32,
}

impl Tripwire {
    pub(super) fn new(config: &TripwireConfig) -> Self {
        let [a, b] = config.points;
        Self {
            id: config.id.clone(),
            segment: Segment::new(a, b),
            classes: config.classes.clone(),
            passers: Vec::new(),
        }
    }

    pub(super) fn step(&mut self, now: Time, frame: FrameSize, tracks: &[Track], counts: &mut WireCounts) {
        // A path is what was seen: where a track coasts, nobody knows whether it crossed.
        for track in tracks.iter().filter(|track| track.seen) {
            let passer = self.look(now, frame, track);
            let Some(index) = self.index_of(&passer, frame) else {
                self.passers.push(passer);
                continue;
            };
            let known = &mut self.passers[index];
            let crossed = match self.segment.crossed_to(known.at, passer.at) {
                Some(Side::Right) => 1,
                Some(Side::Left) => -1,
                None => 0,
            };
            *known = Passer { settled: known.settled, crossed: known.crossed + crossed, ..passer };
            if known.distance >= SETTLED_HEIGHTS {
                settle(&self.segment, &self.classes, known, counts);
            }
        }
        let (segment, classes) = (&self.segment, &self.classes);
        self.passers.retain_mut(|passer| {
            let ended = now.since_s(passer.last_seen) > ENDED_S;
            if ended {
                settle_at_end(segment, classes, passer, counts);
            }
            !ended
        });
    }

    pub(super) fn end_all(&mut self, counts: &mut WireCounts) {
        for mut passer in std::mem::take(&mut self.passers) {
            settle_at_end(&self.segment, &self.classes, &mut passer, counts);
        }
    }

    fn look(&self, now: Time, frame: FrameSize, track: &Track) -> Passer {
        let at = frame.foot(track.bbox);
        let height_px = f64::from(track.bbox.height).max(1.0);
        let distance = self.segment.distance(at, scale_of(frame)) / height_px;
        let settled = (distance >= SETTLED_HEIGHTS).then(|| self.segment.side(at));
        Passer {
            track: track.id,
            class: track.class,
            at,
            distance,
            height_px,
            last_seen: now,
            settled,
            crossed: 0,
        }
    }

    /// The passer as it was in the last frame; failing that, a vanished one near by.
    fn index_of(&self, passer: &Passer, frame: FrameSize) -> Option<usize> {
        let known = self.passers.iter().position(|other| other.track == passer.track);
        let [x, y] = scale_of(frame);
        let away = |other: &Passer| {
            let (dx, dy) = ((other.at.x - passer.at.x) * x, (other.at.y - passer.at.y) * y);
            dx.hypot(dy) / other.height_px
        };
        let vanished = |other: &Passer| {
            let gone_s = passer.last_seen.since_s(other.last_seen);
            gone_s > 0.0 && gone_s <= HANDOVER_S && away(other) <= HANDOVER_HEIGHTS
        };
        known.or_else(|| {
            let candidates = self.passers.iter().enumerate().filter(|(_, other)| vanished(other));
            candidates.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b))).map(|(index, _)| index)
        })
    }
}

fn scale_of(frame: FrameSize) -> [f64; 2] {
    [f64::from(frame.width_px), f64::from(frame.height_px)]
}

fn settle_at_end(segment: &Segment, classes: &[RoadUserClass], passer: &mut Passer, counts: &mut WireCounts) {
    if passer.settled.is_some() && passer.distance >= SETTLED_AT_END_HEIGHTS {
        settle(segment, classes, passer, counts);
    }
}

/// The passer is clearly on a side: counts it when it came there across the segment.
fn settle(segment: &Segment, classes: &[RoadUserClass], passer: &mut Passer, counts: &mut WireCounts) {
    let side = segment.side(passer.at);
    let (direction, across) = match side {
        Side::Right => (Direction::AToB, passer.crossed > 0),
        Side::Left => (Direction::BToA, passer.crossed < 0),
    };
    let counted = classes.is_empty() || classes.contains(&passer.class);
    if passer.settled != Some(side) && across && counted {
        counts.add(direction, passer.class, passer.track);
    }
    passer.settled = Some(side);
    passer.crossed = 0;
}
