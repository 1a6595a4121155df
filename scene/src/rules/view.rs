//! Rules about the camera itself: `camera_tampered` (covered, blinded, blurred, frozen) and `camera_moved` (shifted,
//! turned, zoomed).

use super::level::{Level, Reading};
use super::{Base, SceneEvent, Sight, Stated};
use crate::Time;
use crate::view::Trouble;
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, EventKind, RuleId};

/// How sure the rules about the camera are: their thresholds are far from what traffic and weather do.
const CONFIDENCE: f64 = 0.9;

#[derive(Debug, Clone)]
pub(super) struct ViewRule {
    moved: bool,
    level: Level,
    /// How many views were adopted when the picture was last looked at.
    adopted: Option<u32>,
}

impl ViewRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Self {
        let moved = rule.kind == EventKind::CameraMoved;
        Self { moved, level: Level::new(Base::new(camera, rule)), adopted: None }
    }

    /// The rules about the camera that hold where the configuration has none of their kind: whoever reads that the
    /// other rules are suspended must learn why.
    pub(super) fn defaults(camera: &CameraConfig) -> impl Iterator<Item = Self> + '_ {
        let kinds = [EventKind::CameraTampered, EventKind::CameraMoved];
        let missing = kinds.into_iter().filter(|kind| camera.rules.iter().all(|rule| rule.kind != *kind));
        missing.map(|kind| {
            let mut rule = RuleConfig::new(kind, None);
            // Another rule may bear the name that this one would have.
            let taken = |id: &RuleId| camera.rules.iter().any(|other| other.rule_id() == *id);
            while taken(&rule.rule_id()) {
                rule.id = RuleId::new(format!("{}-x", rule.rule_id())).ok();
            }
            Self::new(camera, &rule)
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let before = self.adopted.replace(sight.view.adopted);
        if before.is_some_and(|before| before < sight.view.adopted) {
            self.level.end_all(sight.now, EndReason::ViewAdopted, events);
        }
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
