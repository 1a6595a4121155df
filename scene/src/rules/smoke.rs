//! `smoke_or_fire`, experimental: states what the detector of flames and smoke is sure enough of, for long enough.

use super::level::{Level, Reading};
use super::{Base, SceneEvent, Sight, Stated};
use crate::geometry::Polygon;
use crate::{SceneError, Time};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, Fact, Measure};

/// The detector's score from which on smoke or fire counts as visible.
const VISIBLE: f64 = 0.5;
/// It counts as gone below this score.
const GONE: f64 = 0.25;
/// An experimental detector is never surer than this.
const HIGHEST_CONFIDENCE: f64 = 0.4;
/// What its events say of themselves, since nobody should send a fire engine for them unseen.
const NOTE: &str = "experimental";

#[derive(Debug, Clone)]
pub(super) struct SmokeRule {
    zone: Option<Polygon>,
    level: Level,
}

impl SmokeRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let zone = rule.zone.as_ref().map(|_| Base::outline(camera, rule)).transpose()?;
        Ok(Self { zone, level: Level::new(Base::new(camera, rule)) })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let inside = |(_, place): &(f64, _)| self.zone.as_ref().is_none_or(|zone| zone.contains(*place));
        let seen = sight.view.smoke_or_fire.filter(inside);
        let score = seen.map_or(0.0, |(score, _)| score);
        let fact = Fact::against(Measure::Score, score, VISIBLE);
        let reading = if score >= VISIBLE {
            Reading::Met(fact)
        } else if score >= GONE {
            Reading::Between(fact)
        } else {
            Reading::Unmet(fact)
        };
        let stated = Stated {
            confidence: score * HIGHEST_CONFIDENCE,
            picture: seen.map(|(_, place)| place),
            ..Stated::default()
        };
        let known = events.len();
        self.level.step(sight.now, reading, stated, events);
        mark(&mut events[known..]);
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        let known = events.len();
        self.level.end_all(now, reason, events);
        mark(&mut events[known..]);
    }
}

fn mark(events: &mut [SceneEvent]) {
    for event in events {
        event.why.note = Some(NOTE.to_owned());
    }
}
