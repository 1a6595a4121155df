//! The CloudEvents 1.0 envelope around every message of a lane.
//!
//! Bodies stay as raw JSON until their type is known, so a reader pays only for what it needs.

use crate::ids::{CameraId, EdgeId, OutboxId};
use crate::{EventData, HealthData, Lane, Loss, ObservationData, TrackData};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// The CloudEvents version that every envelope states.
pub const SPEC_VERSION: &str = "1.0";

/// One message as it travels. `data` is raw JSON until [`Envelope::body`] reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope {
    /// Always `1.0`.
    pub specversion: String,
    /// Unique for ever; UUID v7, so it sorts by time.
    pub id: Uuid,
    /// `/edges/{edge}` or `/edges/{edge}/cameras/{camera}`.
    pub source: String,
    /// Names the body: `vn.ngatu.{event,observation,track,health,loss}.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, by the edge's clock.
    pub time: DateTime<Utc>,
    /// The number in its outbox and lane, from 1, without holes.
    pub sequence: u64,
    /// The outbox that gave the number.
    pub outbox: OutboxId,
    /// The body.
    pub data: Box<RawValue>,
}

/// A body whose type is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `vn.ngatu.event.v1`, lane events.
    Event(EventData),
    /// `vn.ngatu.observation.v1`, lane observations.
    Observation(ObservationData),
    /// `vn.ngatu.track.v1`, lane tracks.
    Track(TrackData),
    /// `vn.ngatu.health.v1`, lane health.
    Health(HealthData),
    /// `vn.ngatu.loss.v1`, any lane.
    Loss(Loss),
}

/// What a producer hands to the outbox: everything but the number, which the outbox gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Unique for ever; UUID v7.
    pub id: Uuid,
    /// The camera it is about, if it is about one.
    pub camera: Option<CameraId>,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The body.
    pub body: Body,
}

/// Type of an event's body.
pub const TYPE_EVENT: &str = "vn.ngatu.event.v1";
/// Type of an observation's body.
pub const TYPE_OBSERVATION: &str = "vn.ngatu.observation.v1";
/// Type of a trajectory.
pub const TYPE_TRACK: &str = "vn.ngatu.track.v1";
/// Type of a health message's body.
pub const TYPE_HEALTH: &str = "vn.ngatu.health.v1";
/// Type of a declared loss.
pub const TYPE_LOSS: &str = "vn.ngatu.loss.v1";

impl Body {
    /// The CloudEvents type of the body.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Body::Event(_) => TYPE_EVENT,
            Body::Observation(_) => TYPE_OBSERVATION,
            Body::Track(_) => TYPE_TRACK,
            Body::Health(_) => TYPE_HEALTH,
            Body::Loss(_) => TYPE_LOSS,
        }
    }

    /// The lane that the body travels in; a loss travels in the lane that lost.
    #[must_use]
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Body::Event(_) => Some(Lane::Events),
            Body::Observation(_) => Some(Lane::Observations),
            Body::Track(_) => Some(Lane::Tracks),
            Body::Health(_) => Some(Lane::Health),
            Body::Loss(_) => None,
        }
    }

    fn to_raw(&self) -> Result<Box<RawValue>, serde_json::Error> {
        match self {
            Body::Event(data) => serde_json::value::to_raw_value(data),
            Body::Observation(data) => serde_json::value::to_raw_value(data),
            Body::Track(data) => serde_json::value::to_raw_value(data),
            Body::Health(data) => serde_json::value::to_raw_value(data),
            Body::Loss(data) => serde_json::value::to_raw_value(data),
        }
    }
}

impl Message {
    /// Puts the message into its envelope.
    ///
    /// # Errors
    /// When the body holds a number that JSON cannot carry (NaN, infinity).
    pub fn seal(
        &self,
        edge: &EdgeId,
        outbox: OutboxId,
        sequence: u64,
    ) -> Result<Envelope, serde_json::Error> {
        let source = match &self.camera {
            Some(camera) => format!("/edges/{edge}/cameras/{camera}"),
            None => format!("/edges/{edge}"),
        };
        Ok(Envelope {
            specversion: SPEC_VERSION.into(),
            id: self.id,
            source,
            kind: self.body.type_name().into(),
            time: self.time,
            sequence,
            outbox,
            data: self.body.to_raw()?,
        })
    }
}

impl Envelope {
    /// Reads and checks the body, given the lane that the envelope came in.
    ///
    /// # Errors
    /// Says what is wrong: an unknown type, a type in the wrong lane, a missing field, a value out of range.
    pub fn body(&self, lane: Lane) -> Result<Body, String> {
        fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
            serde_json::from_str(raw.get()).map_err(|e| format!("data: {e}"))
        }
        let body = match self.kind.as_str() {
            TYPE_EVENT => Body::Event(read(&self.data)?),
            TYPE_OBSERVATION => Body::Observation(read(&self.data)?),
            TYPE_TRACK => Body::Track(read(&self.data)?),
            TYPE_HEALTH => Body::Health(read(&self.data)?),
            TYPE_LOSS => Body::Loss(read(&self.data)?),
            other => return Err(format!("unknown type `{}`", other.chars().take(80).collect::<String>())),
        };
        if body.lane().is_some_and(|own| own != lane) {
            return Err(format!("type `{}` does not belong in lane {lane}", self.kind));
        }
        match &body {
            Body::Event(data) => data.check()?,
            Body::Observation(data) => data.check()?,
            Body::Track(data) => data.check()?,
            Body::Health(data) => data.check()?,
            Body::Loss(data) => data.check()?,
        }
        Ok(body)
    }

    /// The camera named in the source, after checking that the source names `edge`.
    ///
    /// # Errors
    /// When the source is not of the form `/edges/{edge}` or `/edges/{edge}/cameras/{camera}`, or names another edge.
    pub fn camera(&self, edge: &EdgeId) -> Result<Option<CameraId>, String> {
        let bad = || {
            format!(
                "source `{}` does not name edge {edge}",
                self.source.chars().take(120).collect::<String>()
            )
        };
        let rest = self.source.strip_prefix("/edges/").ok_or_else(bad)?;
        let (name, rest) = rest.split_once('/').map_or((rest, None), |(name, rest)| (name, Some(rest)));
        if name != edge.as_str() {
            return Err(bad());
        }
        rest.map(|rest| {
            let camera = rest.strip_prefix("cameras/").ok_or_else(bad)?;
            CameraId::new(camera).map_err(|e| e.to_string())
        })
        .transpose()
    }
}
