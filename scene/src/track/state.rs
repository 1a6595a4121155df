//! One followed road user, between frames.

use super::motion::Axis;
use super::settings::Settings;
use crate::{BoxPx, Detection, Time};
use ngatu_protocol::RoadUserClass;

/// A track or a candidate for one.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// 0 for a candidate.
    pub(super) id: u64,
    born: Time,
    pub(super) last_seen: Time,
    last_strong: Time,
    pub(super) lost_s: f32,
    /// Covered by another track in this frame, while lost.
    pub(super) covered: bool,
    pub(super) score: f32,
    pub(super) last: BoxPx,
    x: Axis,
    y: Axis,
    width: Axis,
    height: Axis,
    votes: [f32; RoadUserClass::ALL.len()],
}

/// A detection that belongs to the track.
pub(super) struct Seen<'a> {
    pub(super) detection: &'a Detection,
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
    pub(super) fn new(detection: &Detection, now: Time, settings: &Settings) -> Self {
        let bbox = detection.bbox;
        let scale = scale_of(bbox);
        let [x, y] = bbox.center();
        let speed = scale * settings.speed(detection.class);
        let (sd_center, sd_size) = (scale * settings.sd_center, scale * settings.sd_size);
        let rate = scale * settings.rate_size;
        let mut state = Self {
            id: 0,
            born: now,
            last_seen: now,
            last_strong: now,
            lost_s: 0.0,
            covered: false,
            score: detection.score,
            last: bbox,
            x: Axis::new(x, sd_center, speed),
            y: Axis::new(y, sd_center, speed),
            width: Axis::new(bbox.width, sd_size, rate),
            height: Axis::new(bbox.height, sd_size, rate),
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

    /// Seconds since the first detection.
    pub(super) fn age_s(&self, now: Time) -> f32 {
        seconds(self.born, now)
    }

    /// How far the expected centre may be off, pixels.
    pub(super) fn sd(&self) -> f32 {
        self.x.sd().max(self.y.sd())
    }

    pub(super) fn predict(&mut self, now: Time, dt_s: f32, settings: &Settings) {
        let scale = self.scale();
        self.x.predict(dt_s, scale * settings.jolt);
        self.y.predict(dt_s, scale * settings.jolt);
        self.width.predict(dt_s, scale * settings.jolt_size);
        self.height.predict(dt_s, scale * settings.jolt_size);
        if self.lost_s > 0.0 {
            let fade = (-dt_s / settings.fade_s).exp();
            self.x.fade(fade);
            self.y.fade(fade);
            self.width.fade(0.0);
            self.height.fade(0.0);
        }
        self.lost_s = seconds(self.last_seen, now);
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
        self.last_seen = now;
        if seen.strong {
            self.last_strong = now;
        }
        self.lost_s = 0.0;
        self.covered = false;
        self.score += 0.3 * (detection.score - self.score);
        self.last = bbox;
        self.vote(detection);
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
    }

    /// Whether a diverged filter left the range of numbers.
    pub(super) fn is_sane(&self) -> bool {
        self.expected().is_usable() && self.x.rate.is_finite() && self.y.rate.is_finite()
    }
}
