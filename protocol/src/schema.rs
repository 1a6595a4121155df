//! JSON Schemas of all that travels, made from the types.

use crate::{Ack, EdgeConfig, EventData, HealthData, Loss, ObservationData, State, TrackData};
use schemars::{Schema, schema_for};

/// Each message's name with its JSON Schema (draft 2020-12).
#[must_use]
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("event", schema_for!(EventData)),
        ("observation", schema_for!(ObservationData)),
        ("track", schema_for!(TrackData)),
        ("health", schema_for!(HealthData)),
        ("loss", schema_for!(Loss)),
        ("state", schema_for!(State)),
        ("ack", schema_for!(Ack)),
        ("config", schema_for!(EdgeConfig)),
    ]
}
