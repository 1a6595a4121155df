//! Health: how an edge agent itself is doing, every 10 s.

use crate::{CameraId, Lane};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The body of `vn.ngatu.health.v1`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HealthData {
    /// Seconds since the agent started.
    pub uptime_s: f64,
    /// The agent's version.
    pub version: String,
    /// Resident memory, bytes.
    pub memory_bytes: u64,
    /// Hottest thermal zone that could be read, °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<f64>,
    /// Free bytes on the disk of the outbox.
    pub disk_free_bytes: u64,
    /// Messages that wait in the outbox, by lane.
    pub outbox_depth: BTreeMap<Lane, u64>,
    /// Messages dropped since the outbox was made, by lane.
    #[serde(default)]
    pub outbox_dropped: BTreeMap<Lane, u64>,
    /// Pictures of events that were given up because their folder was full, since the agent started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures_dropped: Option<u64>,
    /// Pictures of events that the center will never take, since the agent started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures_refused: Option<u64>,
    /// Why pictures wait, for people; none while they are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures_error: Option<String>,
    /// Each camera's state.
    pub cameras: BTreeMap<CameraId, CameraHealth>,
}

/// One camera's part of the health.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CameraHealth {
    /// Whether frames arrive.
    pub online: bool,
    /// Decoded frames per second in the last period.
    pub fps_in: f64,
    /// Analysed frames per second in the last period.
    pub fps_analysed: f64,
    /// Share of the analysed frames that the motion gate passed to the detector, 0..=1.
    pub detector_share: f64,
    /// Mean milliseconds per frame of each stage: `convert`, `motion`, `detect`, `track`, `rules`, `snapshot`.
    pub stage_ms: BTreeMap<String, f64>,
    /// Times that the source was restarted since the agent started.
    pub restarts: u64,
    /// Width and height of the stream, pixels; 0 before the first frame.
    pub width_px: u32,
    /// Height of the stream, pixels.
    pub height_px: u32,
    /// The last error of the source, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl HealthData {
    /// Checks the ranges that the types do not.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), String> {
        if !self.uptime_s.is_finite() || self.uptime_s < 0.0 {
            return Err("uptime_s is not a duration".into());
        }
        if self.version.len() > 64 {
            return Err("version is longer than 64 bytes".into());
        }
        if self.cameras.len() > 1000 {
            return Err("more than 1000 cameras on one edge".into());
        }
        for (camera, health) in &self.cameras {
            let rates = [health.fps_in, health.fps_analysed, health.detector_share];
            if rates.iter().chain(health.stage_ms.values()).any(|v| !v.is_finite() || *v < 0.0) {
                return Err(format!("camera {camera} has a negative or infinite figure"));
            }
            if health.stage_ms.len() > 32 {
                return Err(format!("camera {camera} has more than 32 stages"));
            }
        }
        Ok(())
    }
}
