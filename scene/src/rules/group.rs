//! Rules about many road users in a zone: `crowd`.

use super::level::{Level, Reading};
use super::{Base, SceneEvent, Sight, Stated};
use crate::geometry::Polygon;
use crate::{SceneError, Time};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, Fact, Measure};

#[derive(Debug, Clone)]
pub(super) struct CrowdRule {
    zone: Polygon,
    base: Base,
    at_least: u32,
    level: Level,
}

impl CrowdRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let base = Base::new(camera, rule);
        Ok(Self {
            zone: Base::outline(camera, rule)?,
            at_least: rule.at_least.unwrap_or(1).max(1),
            level: Level::new(base.clone()),
            base,
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let concerned = sight.tracks.iter().filter(|track| self.base.concerns(track, sight.frame));
        let inside: Vec<_> =
            concerned.filter(|track| self.zone.contains(sight.frame.foot(track.bbox))).collect();
        let count = u32::try_from(inside.len()).unwrap_or(u32::MAX);
        let fact = Fact::against(Measure::People, f64::from(count), f64::from(self.at_least));
        let reading = if count >= self.at_least {
            Reading::Met(fact)
        } else if count >= Base::still_enough(self.at_least) {
            Reading::Between(fact)
        } else {
            Reading::Unmet(fact)
        };
        let scores: f64 = inside.iter().map(|track| f64::from(track.score)).sum();
        let stated = Stated {
            confidence: scores / f64::from(count.max(1)),
            picture: Some(self.zone.center()),
            ..Stated::default()
        };
        self.level.step(sight.now, reading, stated, events);
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.level.end_all(now, reason, events);
    }
}
