//! Rules about the camera itself: `camera_tampered` (covered, blinded, blurred, frozen) and `camera_moved` (shifted,
//! turned, zoomed).

use super::level::{Level, Reading};
use super::{Base, SceneEvent, Sight, Stated};
use crate::Time;
use crate::view::Trouble;
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, EventKind};

/// How sure the rules about the camera are: their thresholds are far from what traffic and weather do.
const CONFIDENCE: f64 = 0.9;

#[derive(Debug, Clone)]
pub(super) struct ViewRule {
    moved: bool,
    level: Level,
}

impl ViewRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Self {
        Self { moved: rule.kind == EventKind::CameraMoved, level: Level::new(Base::new(camera, rule)) }
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let (trouble, fact) = if self.moved { sight.view.moved() } else { sight.view.tampered() };
        let reading = match trouble {
            Trouble::Yes => Reading::Met(fact),
            Trouble::Perhaps => Reading::Between(fact),
            Trouble::No => Reading::Unmet(fact),
        };
        let stated = Stated { confidence: CONFIDENCE, ..Stated::default() };
        self.level.step(sight.now, reading, stated, events);
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.level.end_all(now, reason, events);
    }
}
