//! Liveness, acknowledgement, declared loss and pushed configuration.

use crate::camera::CameraConfig;
use crate::event::worded_enum;
use crate::{Lane, OutboxId};
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
