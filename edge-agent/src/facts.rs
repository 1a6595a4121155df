//! From what the scene states to the protocol's messages.

use crate::analysis::moment_of;
use chrono::{DateTime, Utc};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{
    Body, CameraId, EventData, EventKind, Message, ObservationData, Phase, RuleId, TrackData, Why,
};
use ngatu_scene::{Ground, SceneEvent, SceneObservation, Trajectory};
use uuid::{NoContext, Timestamp, Uuid};

/// What all messages of a camera have in common.
pub struct Facts<'a> {
    /// The camera.
    pub camera: &'a CameraConfig,
    /// The version of the configuration in force.
    pub config: u64,
    /// Added to the scene's track numbers, which begin at 1 with each scene, so that they stay unique.
    pub track_base: u64,
    /// What events name as their model.
    pub model: &'a str,
    /// The ground in front of the camera, see [`ground_of`].
    pub ground: Option<&'a Ground>,
}

/// The ground that gives a camera's events their place on the earth; to be kept, since it is fitted to the calibration.
#[must_use]
pub fn ground_of(camera: &CameraConfig) -> Option<Ground> {
    Ground::new(camera.calibration.as_ref().filter(|calibration| calibration.origin.is_some())?)
}

impl Facts<'_> {
    /// An event's message.
    #[must_use]
    pub fn event(&self, event: &SceneEvent, snapshot: Option<String>) -> Message {
        let data = EventData {
            kind: event.kind,
            rule: event.rule.clone(),
            zone: event.zone.clone(),
            track: event.track.map(|track| track + self.track_base),
            class: event.class,
            phase: event.phase,
            confidence: event.confidence.clamp(0.0, 1.0),
            picture: event.picture,
            // Smoke is in the air: its point in the picture is none on the ground.
            place: event
                .picture
                .filter(|_| event.kind != EventKind::SmokeOrFire)
                .and_then(|point| self.ground?.place(point))
                .or(self.camera.place),
            speed_kmh: event.speed_kmh,
            snapshot,
            model: Some(self.model.to_owned()),
            config: self.config,
            clock_error_ms: None,
            why: Some(event.why.clone()),
        };
        message(&self.camera.id, moment_of(event.time), Body::Event(data))
    }

    /// An observation's message, stated at `now`: a window that was cut short ends later than that.
    #[must_use]
    pub fn observation(&self, observation: &SceneObservation, now: DateTime<Utc>) -> Message {
        let data = ObservationData {
            quantity: observation.quantity,
            zone: observation.zone.clone(),
            class: observation.class,
            direction: observation.direction,
            to_zone: observation.to_zone.clone(),
            statistic: observation.statistic,
            samples: observation.samples,
            plus_minus: observation.plus_minus,
            from: moment_of(observation.from),
            to: moment_of(observation.to),
            value: observation.value,
            unit: observation.quantity.unit().into(),
            coverage_s: observation.coverage_s,
            config: self.config,
        };
        message(&self.camera.id, data.to.min(now), Body::Observation(data))
    }

    /// A trajectory's message, of the time at which it ends.
    #[must_use]
    pub fn trajectory(&self, trajectory: &Trajectory) -> Message {
        let packed = trajectory.packed();
        let data = TrackData {
            track: trajectory.track + self.track_base,
            class: trajectory.class,
            // Two digits say all that is known.
            confidence: (trajectory.confidence.clamp(0.0, 1.0) * 100.0).round() / 100.0,
            from: moment_of(packed.from),
            frame: packed.frame,
            points: packed.points,
            unseen: packed.unseen,
            goes_on: trajectory.goes_on,
            model: Some(self.model.to_owned()),
            config: self.config,
        };
        message(&self.camera.id, data.to(), Body::Track(data))
    }

    /// The message that the camera is lost, or back.
    #[must_use]
    pub fn camera_lost(&self, phase: Phase, at: DateTime<Utc>, why: Why) -> Message {
        let data = EventData {
            kind: EventKind::CameraLost,
            rule: camera_rule(),
            zone: None,
            track: None,
            class: None,
            phase,
            confidence: 1.0,
            picture: None,
            place: self.camera.place,
            speed_kmh: None,
            snapshot: None,
            model: None,
            config: self.config,
            clock_error_ms: None,
            why: Some(why),
        };
        message(&self.camera.id, at, Body::Event(data))
    }
}

/// The rule that states `camera_lost`; every camera has it.
fn camera_rule() -> RuleId {
    RuleId::new("camera").expect("it is in the alphabet of names")
}

fn message(camera: &CameraId, at: DateTime<Utc>, body: Body) -> Message {
    Message { id: new_id(at), camera: Some(camera.clone()), time: at, body }
}

/// A UUID v7 of that moment.
#[must_use]
pub fn new_id(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()))
}
