//! Tracks as data: the way of each road user through the picture, simplified while it is followed, and played again
//! later.
//!
//! [`Traces`] stands behind the tracker and gathers what it saw. When a track has ended, or has grown long, it comes out
//! as a [`Trajectory`]: the few points between which the road user moved evenly, see [`simplify`]. [`replay()`] makes
//! tracks of trajectories again, for rules that are run on what was stored. What always holds: the memory of a track
//! is bounded, however long it is followed.

mod replay;
mod simplify;
mod wire;

pub use replay::{Replay, Step, replay};
pub use wire::Packed;

use crate::{BoxPx, FrameSize, Time, Track};
use ngatu_protocol::RoadUserClass;
use simplify::{inner_vertices, thin};
use std::collections::BTreeMap;

/// Trajectories that were followed for less are not worth keeping, seconds.
const SHORTEST_S: f64 = 0.5;
/// A track that was not seen for so long has ended: longer than the tracker remembers one, seconds.
const ENDED_AFTER_S: f64 = 3.0;
/// A track that was not seen for so long was lost, and its way meanwhile is not known, seconds.
const LOST_AFTER_S: f64 = 0.5;
/// A longer trajectory comes in pieces, so that a parked car is known of in time, seconds. Also, what an agent that is
/// killed forgets.
const PIECE_S: f64 = 300.0;
/// A trajectory with so many points comes in pieces. With a full window, no more than the protocol takes.
const PIECE_POINTS: usize = 100;
/// Samples that wait to be simplified together, of one track.
const WINDOW: usize = 128;

/// Where a road user was at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TracePoint {
    /// When.
    pub at: Time,
    /// Foot point, share of the picture's width and height. Unlike other foot points, it may lie a little outside.
    pub foot: [f32; 2],
    /// Width and height of the box, share of the picture's.
    pub size: [f32; 2],
    /// Whether the way to here from the point before was not seen.
    pub unseen: bool,
}

impl TracePoint {
    fn new(at: Time, frame: FrameSize, bbox: BoxPx) -> Self {
        let [x, y] = bbox.foot();
        #[allow(clippy::cast_precision_loss, reason = "pixels of a picture are exact in f32")]
        let (width, height) = (frame.width_px.max(1) as f32, frame.height_px.max(1) as f32);
        let (foot, size) = ([x / width, y / height], [bbox.width / width, bbox.height / height]);
        Self { at, foot, size, unseen: false }
    }

    /// The box in pixels of a frame.
    #[must_use]
    pub fn bbox(&self, frame: FrameSize) -> BoxPx {
        #[allow(clippy::cast_precision_loss, reason = "pixels of a picture are exact in f32")]
        let (x, y) = (frame.width_px as f32, frame.height_px as f32);
        let [width, height] = [self.size[0] * x, self.size[1] * y];
        BoxPx { left: self.foot[0] * x - width / 2.0, top: self.foot[1] * y - height, width, height }
    }
}

/// The way of one road user through the picture, or a piece of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// The track.
    pub track: u64,
    /// Its class by vote over the whole track.
    pub class: RoadUserClass,
    /// Mean score, 0..=1.
    pub confidence: f64,
    /// The picture that it was seen in.
    pub frame: FrameSize,
    /// At least two points, in the order of time.
    pub points: Vec<TracePoint>,
    /// Whether the track goes on in another piece, which begins with this one's last point.
    pub goes_on: bool,
}

impl Trajectory {
    /// When it was first seen.
    #[must_use]
    pub fn from(&self) -> Time {
        self.points.first().map_or_else(Time::default, |point| point.at)
    }

    /// When it was last seen.
    #[must_use]
    pub fn to(&self) -> Time {
        self.points.last().map_or_else(Time::default, |point| point.at)
    }
}

/// One track on its way.
#[derive(Debug, Clone)]
struct Trace {
    class: RoadUserClass,
    frame: FrameSize,
    /// Points that are final.
    kept: Vec<TracePoint>,
    /// What follows them, not simplified yet; never empty, and its first one is a point as well.
    window: Vec<TracePoint>,
    last_seen: Time,
    /// Whether a frame was looked at since in which it was not.
    missed: bool,
    scores: f64,
    samples: u32,
    /// Whether a piece of it was given out.
    continues: bool,
}

impl Trace {
    fn new(point: TracePoint, frame: FrameSize, track: &Track) -> Self {
        let window = vec![point];
        Self {
            class: track.class,
            frame,
            kept: Vec::new(),
            window,
            last_seen: point.at,
            missed: false,
            scores: f64::from(track.score),
            samples: 1,
            continues: false,
        }
    }

    fn add(&mut self, mut point: TracePoint, frame: FrameSize, track: &Track) {
        if point.at <= self.last_seen {
            return;
        }
        point.unseen = self.missed && point.at.since_s(self.last_seen) >= LOST_AFTER_S;
        (self.class, self.frame, self.last_seen, self.missed) = (track.class, frame, point.at, false);
        self.scores += f64::from(track.score);
        self.samples += 1;
        if point.unseen {
            // Both ends of what was not seen are points.
            self.settle();
            self.kept.append(&mut self.window);
        }
        self.window.push(point);
        if self.window.len() >= WINDOW {
            self.make_room();
        }
    }

    /// Leaves of the window only its points.
    fn settle(&mut self) {
        let vertices = inner_vertices(&self.window, self.frame);
        let last = self.window.len() - 1;
        let mut i = 0;
        self.window.retain(|_| {
            let stays = i == 0 || i == last || vertices.binary_search(&i).is_ok();
            i += 1;
            stays
        });
    }

    /// What stands before the last point of a full window is final; what follows it waits on, every second one when
    /// that is nearly all.
    fn make_room(&mut self) {
        let vertices = inner_vertices(&self.window, self.frame);
        if let Some(last) = vertices.last() {
            self.kept.push(self.window[0]);
            self.kept.extend(vertices[..vertices.len() - 1].iter().map(|i| self.window[*i]));
            self.window.drain(..*last);
        }
        if self.window.len() > WINDOW * 3 / 4 {
            thin(&mut self.window);
        }
    }

    fn is_long(&self) -> bool {
        let first = self.kept.first().or(self.window.first());
        let age_s = first.map_or(0.0, |first| self.last_seen.since_s(first.at));
        age_s >= PIECE_S || self.kept.len() >= PIECE_POINTS
    }

    /// What there is, as a trajectory; the next piece begins where it ends.
    fn take(&mut self, id: u64, goes_on: bool) -> Option<Trajectory> {
        self.settle();
        let mut points = std::mem::take(&mut self.kept);
        points.append(&mut self.window);
        let (first, last) = (*points.first()?, *points.last()?);
        self.window.push(TracePoint { unseen: false, ..last });
        let confidence = (self.scores / f64::from(self.samples.max(1))).clamp(0.0, 1.0);
        (self.scores, self.samples) = (0.0, 0);
        let short = last.at.since_s(first.at) < SHORTEST_S && !self.continues;
        if short || points.len() < 2 {
            return None;
        }
        self.continues = goes_on;
        Some(Trajectory { track: id, class: self.class, confidence, frame: self.frame, points, goes_on })
    }
}

/// The ways of all tracks of a scene.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    // In the order of the tracks, so that the same input gives the same output.
    traces: BTreeMap<u64, Trace>,
}

impl Traces {
    /// Takes the tracks of the frame at `now`, and appends the trajectories of tracks that have ended or grown long.
    pub fn step(&mut self, now: Time, frame: FrameSize, tracks: &[Track], out: &mut Vec<Trajectory>) {
        for track in tracks.iter().filter(|track| track.seen) {
            let point = TracePoint::new(now, frame, track.bbox);
            let Some(trace) = self.traces.get_mut(&track.id) else {
                self.traces.insert(track.id, Trace::new(point, frame, track));
                continue;
            };
            trace.add(point, frame, track);
            if trace.is_long() {
                out.extend(trace.take(track.id, true));
            }
        }
        self.traces.retain(|id, trace| {
            trace.missed |= trace.last_seen < now;
            let ended = now.since_s(trace.last_seen) > ENDED_AFTER_S;
            if ended {
                out.extend(trace.take(*id, false));
            }
            !ended
        });
    }

    /// Everything ends: appends what there is.
    pub fn end_all(&mut self, out: &mut Vec<Trajectory>) {
        out.extend(std::mem::take(&mut self.traces).into_iter().filter_map(|(id, mut t)| t.take(id, false)));
    }
}

#[cfg(test)]
mod tests;
