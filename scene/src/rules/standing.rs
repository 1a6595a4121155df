//! Rules about vehicles that stand: `stopped_vehicle` and `illegal_parking`. The hold time is the standing time, counted
//! from the moment of the stop.

use super::subject::{Holds, Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::Polygon;
use crate::{SceneError, Time};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, EventKind, Measure};

/// A stopped vehicle may be hidden for so long: a lorry beside it waits for the light, seconds.
const STOPPED_HIDDEN_S: f64 = 20.0;
/// A parked one may be hidden for longer, seconds.
const PARKED_HIDDEN_S: f64 = 60.0;

#[derive(Debug, Clone)]
pub(super) struct StandingRule {
    zone: Polygon,
    subjects: Subjects,
}

impl StandingRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let hidden_s = match rule.kind {
            EventKind::IllegalParking => PARKED_HIDDEN_S,
            _ => STOPPED_HIDDEN_S,
        };
        let manner = Manner::still(Measure::Standing, EndReason::ConditionEnded, hidden_s);
        let subjects = Subjects::new(Base::new(camera, rule), manner);
        Ok(Self { zone: Base::outline(camera, rule)?, subjects })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let Self { zone, subjects } = self;
        subjects.step(sight, events, |track, foot| {
            let since = sight.paths.get(track.id).and_then(|path| path.standing_since());
            let holds = if since.is_some() && zone.contains(foot) { Holds::Yes } else { Holds::No };
            Judgement { since, ..Judgement::of(holds) }
        });
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.subjects.end_all(now, reason, events);
    }
}
