//! Rules about being inside or outside a zone: `intrusion`, `loitering` and `pedestrian_on_road` differ in whom they
//! concern and for how long; `zone_left` is about whoever was inside and is not any more.

use super::subject::{Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::Polygon;
use crate::{SceneError, Time};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, EventKind, Measure};
use std::collections::HashMap;

/// Whoever was inside for so long belongs there, seconds: a box that only touched the zone's edge does not.
const BELONGS_AFTER_S: f64 = 2.0;
/// Who belongs is remembered for so long after the last sight, seconds.
const BELONGING_KEPT_S: f64 = 10.0;

#[derive(Debug, Clone)]
pub(super) struct PresenceRule {
    zone: Polygon,
    subjects: Subjects,
    /// For `zone_left`: who belongs inside.
    residents: Option<HashMap<u64, Resident>>,
}

#[derive(Debug, Clone, Copy)]
struct Resident {
    inside_since: Time,
    last_inside: Time,
    last_seen: Time,
    belongs: bool,
}

impl PresenceRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let manner = match rule.kind {
            EventKind::ZoneLeft => Manner::moving(Measure::Outside, EndReason::Left),
            _ => Manner::moving(Measure::Dwell, EndReason::Left),
        };
        Ok(Self {
            zone: Base::outline(camera, rule)?,
            subjects: Subjects::new(Base::new(camera, rule), manner),
            residents: (rule.kind == EventKind::ZoneLeft).then(HashMap::new),
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let Self { zone, subjects, residents } = self;
        let now = sight.now;
        match residents {
            None => subjects.step(sight, events, |_, foot| Judgement::only(zone.contains(foot))),
            Some(residents) => {
                residents.retain(|_, resident| now.since_s(resident.last_seen) <= BELONGING_KEPT_S);
                subjects.step(sight, events, |track, foot| {
                    let inside = zone.contains(foot);
                    Judgement::only(left(residents, now, (track.id, inside)))
                });
            }
        }
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.subjects.end_all(now, reason, events);
        if let Some(residents) = &mut self.residents {
            residents.clear();
        }
    }
}

/// Whether a road user belongs inside and is outside.
fn left(residents: &mut HashMap<u64, Resident>, now: Time, (track, inside): (u64, bool)) -> bool {
    let known = residents.get_mut(&track);
    match (known, inside) {
        (Some(resident), true) => {
            if now.since_s(resident.last_inside) > 1.0 {
                resident.inside_since = now;
            }
            resident.last_inside = now;
            resident.last_seen = now;
            resident.belongs |= now.since_s(resident.inside_since) >= BELONGS_AFTER_S;
            false
        }
        (Some(resident), false) => {
            resident.last_seen = now;
            resident.belongs
        }
        (None, true) => {
            let resident = Resident { inside_since: now, last_inside: now, last_seen: now, belongs: false };
            residents.insert(track, resident);
            false
        }
        (None, false) => false,
    }
}
