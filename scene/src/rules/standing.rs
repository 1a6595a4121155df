//! Rules about vehicles that stand: `stopped_vehicle` and `illegal_parking`. The hold time is the standing time, counted
//! from the moment of the stop.

use super::subject::{Holds, Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::Polygon;
use crate::{BoxPx, SceneError, Time, Track};
use ngatu_protocol::camera::{CameraConfig, Detector, RuleConfig};
use ngatu_protocol::{EndReason, EventKind, Measure, RoadUserClass};

/// A stopped vehicle may be hidden for so long: a lorry beside it waits for the light, seconds.
const STOPPED_HIDDEN_S: f64 = 20.0;
/// A parked one may be hidden for longer, seconds.
const PARKED_HIDDEN_S: f64 = 60.0;

/// What has no class is a vehicle from this breadth on, metres: a car from the front or a motorcycle from the side is
/// broader, one person or two are not.
const VEHICLE_BREADTH_M: f64 = 1.5;
/// Where the camera is not calibrated: from this width over height on. Who stands upright is narrower.
const VEHICLE_ASPECT: f32 = 0.75;

#[derive(Debug, Clone)]
pub(super) struct StandingRule {
    zone: Polygon,
    /// Whether the rule names the class `object`: then size does not matter.
    names_objects: bool,
    detector: Detector,
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
        let names_objects = rule.classes.contains(&RoadUserClass::Object);
        Ok(Self { zone: Base::outline(camera, rule)?, names_objects, detector: camera.detector, subjects })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let Self { zone, names_objects, detector, subjects } = self;
        subjects.vacate(sight);
        subjects.step(sight, events, |track, foot| {
            let since = sight.paths.get(track.id).and_then(|path| path.standing_since());
            let concerned = *names_objects || is_vehicle(track, sight, *detector);
            let holds =
                if since.is_some() && concerned && zone.contains(foot) { Holds::Yes } else { Holds::No };
            Judgement { since, ..Judgement::of(holds) }
        });
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.subjects.end_all(now, reason, events);
    }
}

/// Whether a road user is a vehicle by its class, or by its size where the detector gives no class.
fn is_vehicle(track: &Track, sight: &Sight<'_>, detector: Detector) -> bool {
    let unsure = track.class == RoadUserClass::Object
        || (detector == Detector::Motion && track.class == RoadUserClass::Person);
    !unsure
        || breadth_m(track.bbox, sight).map_or_else(
            || track.bbox.width >= VEHICLE_ASPECT * track.bbox.height,
            |breadth_m| breadth_m >= VEHICLE_BREADTH_M,
        )
}

/// Length of a box's lower edge on the ground, metres; `None` where the camera is not calibrated.
fn breadth_m(bbox: BoxPx, sight: &Sight<'_>) -> Option<f64> {
    let ground = sight.paths.ground()?;
    let (width, height) = (f64::from(sight.frame.width_px), f64::from(sight.frame.height_px));
    let at = |x: f32| ground.metres([f64::from(x) / width, f64::from(bbox.top + bbox.height) / height]);
    let (left, right) = (at(bbox.left)?, at(bbox.left + bbox.width)?);
    Some((left[0] - right[0]).hypot(left[1] - right[1]))
}
