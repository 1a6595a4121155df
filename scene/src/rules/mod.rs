//! Rules: from tracks to events that have a start and an end.
//!
//! Each rule watches one zone. Its conditions have hysteresis, so that one person makes one start and one end: short
//! leaves, missed detections and a change of the track's id do not count as leaving. What always holds: an end follows
//! its start, with the same rule and track and not before it, and every start has at most one end.

mod presence;

use crate::geometry::Polygon;
use crate::{FrameSize, SceneError, Time, Track};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EventKind, Phase, RoadUserClass, RuleId, ZoneId};
use presence::{PresenceRule, Tolerance};

/// What a rule states.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneEvent {
    /// What happened.
    pub kind: EventKind,
    /// The rule that states it.
    pub rule: RuleId,
    /// The zone that the rule watches.
    pub zone: ZoneId,
    /// The track as it was called at the start; the end names the same.
    pub track: u64,
    /// The track's class by vote.
    pub class: RoadUserClass,
    /// Start or end.
    pub phase: Phase,
    /// When it was stated: the `now` of the step.
    pub time: Time,
    /// Mean score of the track's detections, 0..=1.
    pub confidence: f64,
    /// Last seen foot point, normalised.
    pub picture: Point,
    /// Rule, threshold and measured value in words, at most 1000 bytes.
    pub why: String,
}

/// All rules of one camera.
#[derive(Debug, Clone)]
pub struct Rules {
    presence: Vec<PresenceRule>,
}

impl Rules {
    /// The rules of a configuration.
    ///
    /// # Errors
    /// When a rule's kind is not built or its zone does not exist.
    pub fn new(camera: &CameraConfig) -> Result<Self, SceneError> {
        let mut presence = Vec::new();
        for rule in &camera.rules {
            let tolerance = match rule.kind {
                EventKind::Intrusion => Tolerance { leave_s: 1.0, gone_s: 3.0 },
                EventKind::Loitering => Tolerance { leave_s: 3.0, gone_s: 5.0 },
                kind => return Err(SceneError::NotBuilt { rule: rule.rule_id(), kind }),
            };
            let zone = camera.zones.iter().find(|zone| zone.id == rule.zone);
            let zone =
                zone.ok_or_else(|| SceneError::NoSuchZone { rule: rule.rule_id(), zone: rule.zone.clone() })?;
            presence.push(PresenceRule::new(rule, Polygon::new(zone.points.clone()), tolerance));
        }
        Ok(Self { presence })
    }

    /// Takes the tracks of the frame at `now` and appends what the rules state.
    pub fn step(&mut self, now: Time, frame: FrameSize, tracks: &[Track], events: &mut Vec<SceneEvent>) {
        for rule in &mut self.presence {
            rule.step(now, frame, tracks, events);
        }
    }

    /// Ends all that is active, because of `reason`.
    pub fn end_all(&mut self, now: Time, reason: &str, events: &mut Vec<SceneEvent>) {
        for rule in &mut self.presence {
            rule.end_all(now, reason, events);
        }
    }
}
