//! A tripwire: who crossed it, in which direction.
//!
//! The path of a track's foot point must cross the segment itself, and then get away from it by a share of the box's
//! height: someone who stands on the line and trembles is counted once, or not at all. A path begins where the track
//! was first detected, which at few frames a second may be before the line while its first report is behind it.
//!
//! Trackers err, so a road user that changes its id on the way, is followed twice, or whose id jumps to somebody else
//! is counted once: see [`Tripwire::step`].

use super::passer::{Passer, share};
use crate::geometry::{Segment, Side, iou};
use crate::{BoxPx, FrameSize, Time, Track};
use ngatu_protocol::camera::{Detector, TripwireConfig};
use ngatu_protocol::{Direction, RoadUserClass, ZoneId};

/// Distance from the line at which a side counts as reached, in box heights.
pub(super) const SETTLED_HEIGHTS: f64 = 0.2;
/// The same for a track that came from the other side and ends: it will not get any farther.
const SETTLED_AT_END_HEIGHTS: f64 = 0.03;
/// A track that was not seen for so long has ended; longer than the tracker remembers it.
const ENDED_S: f64 = 3.5;
/// Who crosses in the same direction as somebody less than this before …
const TWIN_S: f64 = 1.0;
/// … while their boxes overlap by more than this, is the same road user followed twice.
const TWIN_IOU: f32 = 0.5;
/// So is a large vehicle of which more than this lies in another's box, or the other way round: a detector also boxes a
/// lorry's roof, or two cars as one.
const TWIN_SHARE: f32 = 0.7;

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
    line: Line,
    passers: Vec<Passer>,
}

/// The line with what was counted at it lately.
#[derive(Debug, Clone)]
struct Line {
    segment: Segment,
    classes: Vec<RoadUserClass>,
    crossings: Vec<Crossing>,
}

/// Somebody who was counted, while a twin may follow.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    direction: Direction,
    class: RoadUserClass,
    track: u64,
    at: Time,
    /// The latest box, and when that was.
    bbox: BoxPx,
    seen: Time,
    velocity_px_s: [f32; 2],
}

impl Tripwire {
    pub(super) fn new(config: &TripwireConfig, detector: Detector) -> Self {
        let [a, b] = config.points;
        // To the motion detector all that moves is an object, whatever its size says.
        let names_all = detector == Detector::Motion && config.classes.contains(&RoadUserClass::Object);
        let classes = if names_all { Vec::new() } else { config.classes.clone() };
        Self {
            id: config.id.clone(),
            line: Line { segment: Segment::new(a, b), classes, crossings: Vec::new() },
            passers: Vec::new(),
        }
    }

    /// The wire itself.
    pub(super) fn segment(&self) -> &Segment {
        &self.line.segment
    }

    /// Takes the tracks of the frame at `now`. What a track that coasts does is not looked at: nobody knows.
    pub(super) fn step(&mut self, now: Time, frame: FrameSize, tracks: &[Track], counts: &mut WireCounts) {
        self.line.refresh(now, tracks);
        for track in tracks.iter().filter(|track| track.seen) {
            let passer = Passer::of(track, now, frame);
            let known = match self.index_of(&passer, track, tracks) {
                Some(index) => &mut self.passers[index],
                None => {
                    self.passers.push(Passer::first_sight(&passer, track, frame, &self.line.segment));
                    self.passers.last_mut().expect("it was just pushed")
                }
            };
            if passer.jumped_from(known) {
                // The id went over to somebody else: nobody made this way.
                *known = passer.settled_by(&self.line.segment, SETTLED_HEIGHTS);
                continue;
            }
            let crossed = match self.line.segment.crossed_to(known.at, passer.at) {
                Some(Side::Right) => 1,
                Some(Side::Left) => -1,
                None => 0,
            };
            *known = Passer { settled: known.settled, crossed: known.crossed + crossed, ..passer };
            if known.distance(&self.line.segment) >= SETTLED_HEIGHTS {
                self.line.settle(known, now, counts);
            }
        }
        let line = &mut self.line;
        self.passers.retain_mut(|passer| {
            let ended = now.since_s(passer.last_seen) > ENDED_S;
            if ended {
                line.settle_at_end(passer, counts);
            }
            !ended
        });
    }

    pub(super) fn end_all(&mut self, counts: &mut WireCounts) {
        for mut passer in std::mem::take(&mut self.passers) {
            self.line.settle_at_end(&mut passer, counts);
        }
        self.line.crossings.clear();
    }

    /// The passer as it was in the last frame; failing that, the nearest vanished one that this may be.
    fn index_of(&self, passer: &Passer, track: &Track, tracks: &[Track]) -> Option<usize> {
        self.passers.iter().position(|other| other.track == passer.track).or_else(|| {
            let vanished = |other: &Passer| !tracks.iter().any(|track| track.seen && track.id == other.track);
            let candidates = self.passers.iter().enumerate().filter(|(_, other)| vanished(other));
            let heirs = candidates.filter(|(_, other)| passer.takes_over(other, track.first_seen));
            heirs.min_by(|(_, a), (_, b)| passer.away(a).total_cmp(&passer.away(b))).map(|(index, _)| index)
        })
    }
}

impl Line {
    /// Forgets old crossings and follows those who made the others.
    fn refresh(&mut self, now: Time, tracks: &[Track]) {
        self.crossings.retain(|crossing| now.since_s(crossing.at) <= TWIN_S);
        for crossing in &mut self.crossings {
            if let Some(track) = tracks.iter().find(|track| track.seen && track.id == crossing.track) {
                crossing.bbox = track.bbox;
                crossing.seen = now;
                crossing.velocity_px_s = track.velocity_px_s;
            }
        }
    }

    fn settle_at_end(&mut self, passer: &mut Passer, counts: &mut WireCounts) {
        if passer.settled.is_some() && passer.distance(&self.segment) >= SETTLED_AT_END_HEIGHTS {
            self.settle(passer, passer.last_seen, counts);
        }
    }

    /// The passer is clearly on a side: counts it when it came there across the segment.
    fn settle(&mut self, passer: &mut Passer, now: Time, counts: &mut WireCounts) {
        let side = self.segment.side(passer.at);
        let (direction, across) = match side {
            Side::Right => (Direction::AToB, passer.crossed > 0),
            Side::Left => (Direction::BToA, passer.crossed < 0),
        };
        let counted = self.classes.is_empty() || self.classes.contains(&passer.class);
        if passer.settled != Some(side) && across && counted && !self.is_twin(direction, passer, now) {
            counts.add(direction, passer.class, passer.track);
            self.crossings.push(Crossing {
                direction,
                class: passer.class,
                track: passer.track,
                at: now,
                bbox: passer.bbox,
                seen: now,
                velocity_px_s: passer.velocity_px_s,
            });
        }
        passer.settled = Some(side);
        passer.crossed = 0;
    }

    /// Whether somebody was counted lately who is where this passer is: one road user with two tracks.
    fn is_twin(&self, direction: Direction, passer: &Passer, now: Time) -> bool {
        let mut same = self.crossings.iter().filter(|crossing| crossing.direction == direction);
        same.any(|crossing| {
            #[allow(clippy::cast_possible_truncation, reason = "seconds; no more digits are needed")]
            let since_s = now.since_s(crossing.seen) as f32;
            let [vx, vy] = crossing.velocity_px_s;
            let bbox = BoxPx {
                left: crossing.bbox.left + vx * since_s,
                top: crossing.bbox.top + vy * since_s,
                ..crossing.bbox
            };
            let large = crossing.class.is_large_vehicle() && passer.class.is_large_vehicle();
            let nested = large && share(bbox, passer.bbox) > TWIN_SHARE;
            crossing.track != passer.track && (nested || iou(bbox, passer.bbox) > TWIN_IOU)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Track;

    const FRAME: FrameSize = FrameSize { width_px: 640, height_px: 360 };

    fn at(seconds: f64) -> Time {
        Time::from_micros(1_000_000_000 + micros(seconds))
    }

    #[allow(clippy::cast_possible_truncation, reason = "a few seconds")]
    fn micros(seconds: f64) -> i64 {
        (seconds * 1e6).round() as i64
    }

    fn bbox(left: f32, top: f32, width: f32, height: f32) -> BoxPx {
        BoxPx { left, top, width, height }
    }

    /// A car that was first detected at `first` and is seen now.
    fn car(id: u64, now: BoxPx, first: (f64, BoxPx)) -> Track {
        Track {
            id,
            bbox: now,
            detected: now,
            class: RoadUserClass::Car,
            score: 0.8,
            seen: true,
            velocity_px_s: [200.0, 0.0],
            first_seen: at(first.0),
            first_bbox: first.1,
        }
    }

    /// Crossings to the left and to the right of the picture over a wire in its middle.
    fn counted(frames: &[(f64, Vec<Track>)]) -> (u32, u32) {
        let points = [[0.5, 0.0], [0.5, 1.0]];
        let id = ZoneId::new("wire").unwrap();
        let mut wire = Tripwire::new(&TripwireConfig { id, points, classes: Vec::new() }, Detector::Onnx);
        let mut counts = WireCounts::default();
        for (seconds, tracks) in frames {
            wire.step(at(*seconds), FRAME, tracks, &mut counts);
        }
        wire.end_all(&mut counts);
        (counts.get(Direction::AToB, None), counts.get(Direction::BToA, None))
    }

    /// A car box with its foot's middle at `x`.
    fn car_at(x: f32) -> BoxPx {
        bbox(x - 75.0, 200.0, 150.0, 75.0)
    }

    #[test]
    fn a_new_id_in_the_place_of_a_vanished_one_counts_once() {
        let frames: Vec<_> = (0..20)
            .map(|i| {
                let (t, x) = (f64::from(i) * 0.1, 200.0 + 20.0 * i as f32);
                let (id, born) = if i < 8 { (1, 0) } else { (2, 8) };
                (t, vec![car(id, car_at(x), (f64::from(born) * 0.1, car_at(200.0 + 20.0 * born as f32)))])
            })
            .collect();
        assert_eq!(counted(&frames), (0, 1));
    }

    #[test]
    fn a_track_that_comes_back_does_not_take_the_place_of_one_that_is_there() {
        // One box over two cars vanishes; its place goes to a new track, which crosses; then the old track is found
        // again around it, and is looked at first.
        let double = |x: f32| bbox(x - 102.0, 137.0, 204.0, 143.0);
        let frames: Vec<_> = (0..30)
            .map(|i| {
                let (t, x) = (f64::from(i) * 0.1, 200.0 + 12.0 * i as f32);
                let old = car(1, double(x), (0.0, double(200.0)));
                let new = car(2, car_at(x), (0.4, car_at(248.0)));
                let tracks = match i {
                    0..4 => vec![old],
                    4..20 => vec![new],
                    _ => vec![old, new],
                };
                (t, tracks)
            })
            .collect();
        assert_eq!(counted(&frames), (0, 1));
    }

    #[test]
    fn a_box_over_half_the_picture_hands_its_place_to_nobody_far_from_its_foot() {
        let huge = bbox(10.0, 12.0, 633.0, 316.0);
        let entering = |i: i32| bbox(1.0, 225.0, 14.0 + 10.0 * i as f32, 65.0);
        let mut frames: Vec<_> = (0..4)
            .map(|i| (f64::from(i) * 0.1, vec![car(1, bbox(60.0, 12.0, 570.0, 316.0), (0.0, huge))]))
            .collect();
        frames
            .extend((4..10).map(|i| (f64::from(i) * 0.1, vec![car(2, entering(i - 4), (0.4, entering(0)))])));
        assert_eq!(counted(&frames), (0, 0));
    }
}
