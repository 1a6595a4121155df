//! A track in front of a tripwire: where it is, and whether another one is the same road user.

use crate::geometry::{Segment, Side};
use crate::{BoxPx, FrameSize, Time, Track};
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::geometry::Point;

/// A new track takes over from one that vanished at most so long before its first detection …
const HANDOVER_S: f64 = 1.0;
/// … and so many heights of the lower box away …
const HANDOVER_HEIGHTS: f64 = 0.7;
/// … or whose box lies in its own, or the other way round, by this share: what enters the picture grows …
const HANDOVER_SHARE: f32 = 0.6;
/// … and at most so many heights of the lower box away.
const HANDOVER_GROWN_HEIGHTS: f64 = 2.0;
/// A track that was first detected longer ago than the tracker needs to be sure is known, and its place was handed over.
const NEW_S: f64 = 1.0;
/// A way that is so much farther from the expected one, in box scales (larger side), is nobody's way …
const JUMP_SCALES: f64 = 1.5;
/// … when the track was not seen for so long: from frame to frame, the tracker is mostly right.
const JUMP_S: f64 = 0.5;
/// A way against the one that the track was going, so many box scales long from one frame to the next, is nobody's way.
const JUMP_BACK_SCALES: f64 = 0.6;

/// A track in front of the tripwire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passer {
    pub(super) track: u64,
    pub(super) class: RoadUserClass,
    pub(super) at: Point,
    pub(super) bbox: BoxPx,
    pub(super) velocity_px_s: [f32; 2],
    pub(super) frame: [f64; 2],
    pub(super) last_seen: Time,
    /// The side that it was last clearly on.
    pub(super) settled: Option<Side>,
    /// Crossings of the segment since then: to the right less to the left.
    pub(super) crossed: i32,
}

impl Passer {
    /// A track as it is now, settled nowhere.
    pub(super) fn of(track: &Track, now: Time, frame: FrameSize) -> Self {
        Self {
            track: track.id,
            class: track.class,
            at: frame.foot(track.bbox),
            bbox: track.bbox,
            velocity_px_s: track.velocity_px_s,
            frame: [f64::from(frame.width_px), f64::from(frame.height_px)],
            last_seen: now,
            settled: None,
            crossed: 0,
        }
    }

    /// The passer where its track was first detected; too near the line, it is not on a side yet. A track that comes
    /// back after another one took its place begins where it is now: its way until then was the other's.
    pub(super) fn first_sight(now: &Passer, track: &Track, frame: FrameSize, line: &Segment) -> Self {
        if now.last_seen.since_s(track.first_seen) > NEW_S {
            return now.settled_by(line, super::tripwire::SETTLED_HEIGHTS);
        }
        let first = Self {
            at: frame.foot(track.first_bbox),
            bbox: track.first_bbox,
            last_seen: track.first_seen,
            ..*now
        };
        first.settled_by(line, super::tripwire::SETTLED_HEIGHTS)
    }

    /// The passer, on the side where it is if it is at least `heights` from the line.
    pub(super) fn settled_by(self, line: &Segment, heights: f64) -> Self {
        let settled = (self.distance(line) >= heights).then(|| line.side(self.at));
        Self { settled, crossed: 0, ..self }
    }

    /// Distance from the endless line, box heights.
    pub(super) fn distance(&self, line: &Segment) -> f64 {
        line.distance(self.at, self.frame) / self.height_px()
    }

    fn height_px(&self) -> f64 {
        f64::from(self.bbox.height).max(1.0)
    }

    /// Distance between the foot points in heights of the lower box: one that holds many is near to everything.
    pub(super) fn away(&self, other: &Passer) -> f64 {
        let [dx, dy] = self.from(other);
        dx.hypot(dy) / other.height_px().min(self.height_px())
    }

    /// The way from the other's foot point, pixels.
    fn from(&self, other: &Passer) -> [f64; 2] {
        [(self.at.x - other.at.x) * self.frame[0], (self.at.y - other.at.y) * self.frame[1]]
    }

    /// Whether this one, first detected at `first_seen`, may be the other that vanished before, with a new id.
    pub(super) fn takes_over(&self, other: &Passer, first_seen: Time) -> bool {
        let gone_s = self.last_seen.since_s(other.last_seen);
        let near = gone_s > 0.0 && self.away(other) <= HANDOVER_HEIGHTS;
        let inside = share(self.bbox, other.bbox) >= HANDOVER_SHARE;
        let there = first_seen > other.last_seen && inside && self.away(other) <= HANDOVER_GROWN_HEIGHTS;
        gone_s <= HANDOVER_S && (near || there)
    }

    /// Whether the same id came from `before` here by no way that a road user makes.
    pub(super) fn jumped_from(&self, before: &Passer) -> bool {
        let gone_s = self.last_seen.since_s(before.last_seen);
        let [dx, dy] = self.from(before);
        let [vx, vy] = before.velocity_px_s.map(f64::from);
        let off = (dx - vx * gone_s).hypot(dy - vy * gone_s).min(dx.hypot(dy));
        let side = |bbox: BoxPx| f64::from(bbox.width.max(bbox.height));
        let far = gone_s >= JUMP_S && off > JUMP_SCALES * side(before.bbox).max(side(self.bbox));
        let back = dx * vx + dy * vy < 0.0 && dx.hypot(dy) > JUMP_BACK_SCALES * side(before.bbox);
        far || back
    }
}

/// Share of the smaller box that lies in the other.
pub(super) fn share(a: BoxPx, b: BoxPx) -> f32 {
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    if x <= 0.0 || y <= 0.0 { 0.0 } else { x * y / a.area().min(b.area()).max(f32::MIN_POSITIVE) }
}
