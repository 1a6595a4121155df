//! Rules about being inside or outside a zone: `intrusion`, `loitering` and `pedestrian_on_road` differ in whom they
//! concern and for how long; `zone_left` is about whoever was inside and is not any more.

use super::memory::Memory;
use super::subject::{Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::Polygon;
use crate::{SceneError, Time, Track};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, EventKind, Measure};

/// Whoever was inside for so long belongs there, seconds: a box that only touched the zone's edge does not.
const BELONGS_AFTER_S: f64 = 2.0;
/// Who belongs is remembered for so long after the last sight, seconds.
const BELONGING_KEPT_S: f64 = 10.0;
/// Outside for longer than this, whoever comes in again belongs after as long as anybody, seconds.
const OUTSIDE_S: f64 = 1.0;
/// A new number is the one who vanished within so many sizes of it, or of where that one was going.
const SAME_PERSON: f64 = 1.0;

#[derive(Debug, Clone)]
pub(super) struct PresenceRule {
    zone: Polygon,
    subjects: Subjects,
    /// For `zone_left`: who belongs inside.
    residents: Option<Memory<Resident>>,
}

/// Somebody who was inside.
#[derive(Debug, Clone, Copy)]
struct Resident {
    inside_since: Time,
    last_inside: Time,
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
            residents: (rule.kind == EventKind::ZoneLeft).then(|| Memory::new(BELONGING_KEPT_S)),
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let Self { zone, subjects, residents } = self;
        match residents {
            None => subjects.step(sight, events, |_, foot| Judgement::only(zone.contains(foot))),
            Some(residents) => {
                residents.tidy(sight.now);
                subjects.step(sight, events, |track, foot| {
                    Judgement::only(left(residents, sight, (track, zone.contains(foot))))
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
fn left(residents: &mut Memory<Resident>, sight: &Sight<'_>, (track, inside): (&Track, bool)) -> bool {
    let now = sight.now;
    match (residents.recall_moving(sight, track, SAME_PERSON).map(|entry| &mut entry.value), inside) {
        (Some(resident), true) => {
            if now.since_s(resident.last_inside) > OUTSIDE_S {
                resident.inside_since = now;
            }
            resident.last_inside = now;
            resident.belongs |= now.since_s(resident.inside_since) >= BELONGS_AFTER_S;
            false
        }
        (Some(resident), false) => resident.belongs,
        (None, true) => {
            let resident = Resident { inside_since: now, last_inside: now, belongs: false };
            residents.note(sight, track, resident);
            false
        }
        (None, false) => false,
    }
}
