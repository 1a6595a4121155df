//! One followed road user, between frames.

use super::motion::{Axis, Extent};
use super::riders::Ride;
use super::settings::Settings;
use crate::{BoxPx, Detection, Time};
use ngatu_protocol::RoadUserClass;

/// A track or a candidate for one.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// 0 for a candidate.
    pub(super) id: u64,
    pub(super) born: Time,
    pub(super) last_seen: Time,
    last_strong: Time,
    pub(super) lost_s: f32,
    /// Covered by another track in this frame, while lost.
    pub(super) covered: bool,
    pub(super) score: f32,
    /// Running mean of what its detections were to be believed.
    pub(super) grade: f32,
    pub(super) last: BoxPx,
    /// The two-wheeler below, for a person.
    pub(super) ride: Ride,
    /// Box of the first detection.
    pub(super) first: BoxPx,
    x: Axis,
    y: Axis,
    width: Extent,
    height: Extent,
    votes: [f32; RoadUserClass::ALL.len()],
}

/// A detection that belongs to the track.
pub(super) struct Seen<'a> {
    pub(super) detection: &'a Detection,
    /// How much it is to be believed, 0..=1.
    pub(super) grade: f32,
    /// Whether it could begin a track.
    pub(super) strong: bool,
}

fn scale_of(bbox: BoxPx) -> f32 {
    bbox.width.max(bbox.height)
}

fn seconds(from: Time, to: Time) -> f32 {
    #[allow(clippy::cast_possible_truncation, reason = "seconds; no more digits are needed")]
    let seconds = to.since_s(from) as f32;
    seconds
}

impl State {
    pub(super) fn new(seen: &Seen, now: Time, settings: &Settings) -> Self {
        let detection = seen.detection;
        let bbox = detection.bbox;
        let scale = scale_of(bbox);
        let [x, y] = bbox.center();
        let speed = scale * settings.speed(detection.class);
        let (sd_center, sd_size) = (scale * settings.sd_center, scale * settings.sd_size);
        let mut state = Self {
            id: 0,
            born: now,
            last_seen: now,
            last_strong: now,
            lost_s: 0.0,
            covered: false,
            score: detection.score,
            grade: seen.grade,
            last: bbox,
            ride: Ride::default(),
            first: bbox,
            x: Axis::new(x, sd_center, speed),
            y: Axis::new(y, sd_center, speed),
            width: Extent::new(bbox.width, sd_size),
            height: Extent::new(bbox.height, sd_size),
            votes: [0.0; RoadUserClass::ALL.len()],
        };
        state.vote(detection);
        state
    }

    fn vote(&mut self, detection: &Detection) {
        self.votes[detection.class as usize] += detection.score.max(0.01);
    }

    /// The class with the most votes, each weighted with its score; the first in the order of the classes on a tie.
    pub(super) fn class(&self) -> RoadUserClass {
        let mut best = RoadUserClass::ALL[0];
        for class in RoadUserClass::ALL {
            if self.votes[*class as usize] > self.votes[best as usize] {
                best = *class;
            }
        }
        best
    }

    /// The expected box.
    pub(super) fn expected(&self) -> BoxPx {
        let (width, height) = (self.width.value.max(1.0), self.height.value.max(1.0));
        BoxPx { left: self.x.value - width / 2.0, top: self.y.value - height / 2.0, width, height }
    }

    /// Larger side of the expected box, pixels.
    pub(super) fn scale(&self) -> f32 {
        self.width.value.max(self.height.value).max(1.0)
    }

    /// Expected speed, pixels per second.
    pub(super) fn velocity(&self) -> [f32; 2] {
        [self.x.rate, self.y.rate]
    }

    /// Seconds since the last strong detection.
    pub(super) fn weak_s(&self, now: Time) -> f32 {
        seconds(self.last_strong, now)
    }

    /// Seconds from the first to the last detection.
    pub(super) fn followed_s(&self) -> f32 {
        seconds(self.born, self.last_seen)
    }

    /// How far the expected centre may be off, pixels.
    pub(super) fn sd(&self) -> f32 {
        self.x.sd().max(self.y.sd())
    }

    pub(super) fn predict(&mut self, now: Time, dt_s: f32, settings: &Settings) {
        let scale = self.scale();
        let lost_s = seconds(self.last_seen, now);
        // The rate holds for a moment and then fades; how many frames came meanwhile makes no difference.
        let fading_s = (lost_s - settings.hold_s).clamp(0.0, dt_s);
        for axis in [&mut self.x, &mut self.y] {
            axis.predict(dt_s - fading_s, scale * settings.jolt);
            if fading_s > 0.0 {
                axis.fade(fading_s, settings.fade_s, scale * settings.jolt);
            }
        }
        let drift = scale * settings.drift(self.class());
        self.width.predict(dt_s, drift);
        self.height.predict(dt_s, drift);
        self.lost_s = lost_s;
    }

    pub(super) fn correct(&mut self, seen: &Seen, now: Time, settings: &Settings) {
        let detection = seen.detection;
        let bbox = detection.bbox;
        let scale = self.scale();
        let [x, y] = bbox.center();
        self.x.correct(x, scale * settings.sd_center);
        self.y.correct(y, scale * settings.sd_center);
        self.width.correct(bbox.width, scale * settings.sd_size);
        self.height.correct(bbox.height, scale * settings.sd_size);
        // The plain mean at first, and later that of the last `mean_s`.
        let since_s = seconds(self.last_seen, now);
        let recent = 1.0 - (-since_s / settings.mean_s).exp();
        let share = recent.max(since_s / (since_s + seconds(self.born, self.last_seen) + since_s));
        self.score += share * (detection.score - self.score);
        self.grade += share * (seen.grade - self.grade);
        self.last_seen = now;
        if seen.strong {
            self.last_strong = now;
        }
        self.lost_s = 0.0;
        self.covered = false;
        self.last = bbox;
        self.vote(detection);
    }

    /// Takes a box that was concluded, not seen: it is there, and how it moves is known as well as before.
    pub(super) fn carry(&mut self, bbox: BoxPx, now: Time) {
        let [x, y] = bbox.center();
        (self.x.value, self.y.value) = (x, y);
        (self.width.value, self.height.value) = (bbox.width, bbox.height);
        self.last_seen = now;
        self.lost_s = 0.0;
        self.covered = false;
        self.last = bbox;
    }

    /// The box to report: the detection and the filter, mixed.
    pub(super) fn reported(&self, settings: &Settings) -> BoxPx {
        let expected = self.expected();
        if self.lost_s > 0.0 {
            return expected;
        }
        let mix = |seen: f32, filtered: f32| filtered + settings.output_mix * (seen - filtered);
        BoxPx {
            left: mix(self.last.left, expected.left),
            top: mix(self.last.top, expected.top),
            width: mix(self.last.width, expected.width),
            height: mix(self.last.height, expected.height),
        }
    }

    /// The same track in a picture of another size.
    pub(super) fn rescale(&mut self, x: f32, y: f32) {
        self.x.rescale(x);
        self.width.rescale(x);
        self.y.rescale(y);
        self.height.rescale(y);
        self.last = self.last.scaled(x, y);
        self.first = self.first.scaled(x, y);
    }

    /// Whether a diverged filter left the range of numbers.
    pub(super) fn is_sane(&self) -> bool {
        self.expected().is_usable() && self.x.rate.is_finite() && self.y.rate.is_finite()
    }
}
