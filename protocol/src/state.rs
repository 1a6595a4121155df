//! Liveness, acknowledgement, declared loss and pushed configuration.

use crate::camera::{CameraConfig, check_cameras};
use crate::event::worded_enum;
use crate::{Lane, OutboxId, batch, storable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The retained message on `ngatu/v1/{edge}/state`; with `online: false` it is also the will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// Whether the edge is connected.
    pub online: bool,
    /// The outbox in use.
    pub outbox: OutboxId,
    /// Counts the agent's connections over the outbox's life; a will of an older boot is ignored.
    pub boot: u64,
    /// The agent's version.
    pub version: String,
    /// The version of the configuration in force; 0 for one from a local file.
    #[serde(default)]
    pub config: u64,
    /// Why the newest configuration was refused, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_error: Option<String>,
    /// For each lane the lowest number that the outbox still holds, or the next one to be given when it is empty.
    /// What lies below was acknowledged earlier: a center with a new database need not wait for it.
    #[serde(default)]
    pub oldest: BTreeMap<Lane, u64>,
}

/// Longest version, bytes.
const MAX_VERSION_BYTES: usize = 64;

impl State {
    /// Reads a payload that came on a state topic. Texts that are too long are cut.
    ///
    /// # Errors
    /// When the payload is not a state, or a number in it cannot be kept.
    pub fn read(payload: &[u8]) -> Result<State, String> {
        let mut state: State = serde_json::from_slice(payload).map_err(|e| e.to_string())?;
        storable::number("boot", state.boot)?;
        storable::number("config", state.config)?;
        for (lane, oldest) in &state.oldest {
            storable::number(lane.as_str(), *oldest)?;
        }
        state.version = batch::cut(&storable::text(&state.version), MAX_VERSION_BYTES).to_owned();
        state.config_error = state.config_error.as_deref().map(batch::keep);
        Ok(state)
    }
}

/// The message on `ngatu/v1/{edge}/ack`: all numbers up to `upto` are committed, dead-lettered or declared lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ack {
    /// The outbox whose numbers these are.
    pub outbox: OutboxId,
    /// The lane.
    pub lane: Lane,
    /// The last number of the unbroken run from 1.
    pub upto: u64,
}

impl Ack {
    /// Reads a payload that came on an acknowledgement topic.
    ///
    /// # Errors
    /// When the payload is not an acknowledgement, or its number is none that an outbox gives.
    pub fn read(payload: &[u8]) -> Result<Ack, String> {
        let ack: Ack = serde_json::from_slice(payload).map_err(|e| e.to_string())?;
        storable::number("upto", ack.upto)?;
        Ok(ack)
    }
}

worded_enum!(
    /// Why an outbox gave messages up.
    LossReason {
        /// The outbox reached its size limit.
        OutboxFull = "outbox_full",
        /// The disk was full or failed.
        Disk = "disk",
        /// A stored message no longer matched its checksum.
        Corrupt = "corrupt",
    }
);

/// The body of `vn.ngatu.loss.v1`: numbers of its own lane that will never arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// First lost number, inclusive.
    pub from: u64,
    /// Last lost number, inclusive.
    pub to: u64,
    /// How many of them were lost; fewer than the range when some had been delivered before.
    pub count: u64,
    /// Why.
    pub reason: LossReason,
}

impl Loss {
    /// Checks that range and count fit each other.
    ///
    /// # Errors
    /// When the range is empty or the count does not fit in it.
    pub fn check(&self) -> Result<(), String> {
        if self.from == 0 || self.from > self.to {
            return Err(format!("loss range {}..={} is empty", self.from, self.to));
        }
        storable::number("to", self.to)?;
        if self.count == 0 || self.count > self.to - self.from + 1 {
            return Err(format!("{} messages cannot be lost in {}..={}", self.count, self.from, self.to));
        }
        Ok(())
    }
}

/// The retained message on `ngatu/v1/{edge}/config`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeConfig {
    /// Grows with each change; the edge answers in its state with the version that it runs.
    pub version: u64,
    /// The edge's cameras with their zones and rules.
    pub cameras: Vec<CameraConfig>,
}

impl EdgeConfig {
    /// Reads a payload that came on a configuration topic, and checks every camera in it.
    ///
    /// # Errors
    /// When the payload is not a configuration; or else all that is wrong with its cameras, one a line.
    pub fn read(payload: &[u8]) -> Result<EdgeConfig, String> {
        let config: EdgeConfig = serde_json::from_slice(payload).map_err(|e| e.to_string())?;
        storable::number("version", config.version)?;
        let errors: Vec<_> = check_cameras(&config.cameras).iter().map(ToString::to_string).collect();
        if errors.is_empty() { Ok(config) } else { Err(errors.join("\n")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str =
        r#"{"online":true,"outbox":"00000000-0000-0000-0000-000000000001","boot":3,"version":"0.1.0"}"#;

    #[test]
    fn a_state_is_cut_to_what_can_be_kept() {
        let state = State::read(STATE.replace("0.1.0", &"\\u0000".repeat(100)).as_bytes()).unwrap();
        assert_eq!(state.version, "\u{fffd}".repeat(21));
        for bad in [STATE.replace(":3", ":9223372036854775807"), STATE.replace("true", "yes"), String::new()]
        {
            assert!(State::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_acknowledgement_of_an_impossible_number_is_refused() {
        let ack = |upto: u64| {
            let outbox = OutboxId(uuid::Uuid::from_u128(1));
            Ack::read(&serde_json::to_vec(&Ack { outbox, lane: Lane::Events, upto }).unwrap())
        };
        assert_eq!(ack(7).unwrap().upto, 7);
        assert!(ack(u64::MAX).is_err());
    }

    #[test]
    fn a_pushed_configuration_is_refused_with_all_that_is_wrong() {
        let camera = |id: &str, url: &str| format!(r#"{{"id":"{id}","name":"{id}","url":"{url}"}}"#);
        let config =
            |cameras: &str| EdgeConfig::read(format!(r#"{{"version":1,"cameras":[{cameras}]}}"#).as_bytes());
        assert!(config(&camera("north", "rtsp://[::1]/a")).is_ok());
        let reason =
            config(&[camera("north", "http://a"), camera("north", "ftp://b")].join(",")).unwrap_err();
        assert_eq!(reason.lines().count(), 3, "{reason}");
        assert!(config(r#"{"id":"north","name":"n","url":"rtsp://a","speed":1}"#).is_err());
        let with_rule = |kind: &str| {
            let rule = format!(
                r#""zone":[{{"id":"z","points":[[0,0],[1,0],[1,1]]}}],"rule":[{{"kind":"{kind}","zone":"z"}}]"#
            );
            config(&format!(r#"{{"id":"north","name":"n","url":"rtsp://a",{rule}}}"#))
        };
        assert!(with_rule("intrusion").is_ok());
        for (kind, wanted) in [
            ("camera_lost", "`camera_lost` is not built"),
            ("no_such_kind", "unknown variant `no_such_kind`"),
        ] {
            let reason = with_rule(kind).unwrap_err();
            assert!(reason.contains(wanted), "{reason}");
        }
    }
}
