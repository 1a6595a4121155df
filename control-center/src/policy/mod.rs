//! Which events become alerts, and when an alert begins, repeats and clears.
//!
//! Stands between ingest and the alert store. Pure: events, the alerts' states and the time in, changes out. `body` is a
//! policy as data, `compiled` says what it makes of an event, `judgement` applies that to the alerts. What always holds:
//! of what counts as one alert (edge, camera, rule, zone and kind, unless a policy groups otherwise) at most one is active,
//! and it is active exactly while a start is known whose end is not. An event that is held off, muted or inhibited is on
//! record: no fact is lost.

pub mod backtest;
pub mod body;
pub mod compiled;
mod judgement;

use crate::alerts::{Mute, Reason, Severity};
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::{CameraId, EdgeId, EventData, EventKind, OutboxId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use body::PolicyBody;
pub use compiled::{Form, Policy, Ruling, Silence, Site, Sites};
pub use judgement::{Changed, Graver, Judgement, Says};

/// A condition that comes back this soon after it ended is the same alert.
pub const MERGE_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// An event with what else policy must know of it.
#[derive(Debug, Clone)]
pub struct Fact<'a> {
    /// The edge.
    pub edge: &'a EdgeId,
    /// The camera, if the event is of one.
    pub camera: Option<&'a CameraId>,
    /// The event.
    pub event: &'a EventData,
    /// When it happened, by the edge's clock.
    pub time: DateTime<Utc>,
    /// The outbox that numbered it.
    pub outbox: OutboxId,
    /// Its number, which gives the order in which the edge saw things even when its clock steps.
    pub sequence: u64,
    /// Of a start that arrived out of order: when its end happened, if that arrived before.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Fact<'_> {
    /// What lasts as one alert.
    #[must_use]
    pub fn key(&self) -> String {
        let camera = self.camera.map_or("-", CameraId::as_str);
        let zone = self.event.zone.as_ref().map_or("-", ngatu_protocol::ZoneId::as_str);
        format!("{}/{camera}/{}/{zone}/{}", self.edge, self.event.rule, self.event.kind)
    }
}

impl Fact<'_> {
    /// The camera, `edge/camera`; the edge alone when no camera saw it.
    #[must_use]
    pub fn source(&self) -> String {
        self.camera.map_or_else(|| self.edge.to_string(), |camera| format!("{}/{camera}", self.edge))
    }
}

/// A start whose end has not come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// The outbox that numbered it.
    pub outbox: OutboxId,
    /// The track; absent when the rule has none.
    pub track: Option<u64>,
    /// The start's number.
    pub sequence: u64,
    /// The start's time.
    pub since: DateTime<Utc>,
    /// Of a group: which of its members, as the plain key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

/// Starts of one edge that no event of their own will end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// When they count as ended, by the edge's clock.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: OrphanCause,
}

/// Why an end will not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrphanCause {
    /// The agent was started anew, so what it watched before is forgotten.
    Restart,
    /// A new disk replaced the outbox, and what waited in the old one is gone.
    NewOutbox(OutboxId),
    /// Events up to this number were lost, and the ends may have been among them.
    Loss(OutboxId, u64),
}

/// What policy changes of an alert, and what it needs to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertState {
    /// The alert.
    pub id: Uuid,
    /// What lasts as one alert.
    pub key: String,
    /// Whether the condition lasts.
    pub active: bool,
    /// Time of the first event.
    pub first_at: DateTime<Utc>,
    /// Time of the newest event.
    pub last_at: DateTime<Utc>,
    /// When the condition ended.
    pub cleared_at: Option<DateTime<Utc>>,
    /// Start events merged into it.
    pub count: i64,
    /// Of the newest start: class, confidence, reason and picture.
    pub newest: Newest,
    /// Starts without their end.
    pub open: Vec<Open>,
    /// The kind of event that it began with.
    pub kind: EventKind,
    /// The camera that it began at, `edge/camera`; the edge alone when no camera saw it.
    pub source: String,
    /// How much it matters: as much as the gravest start in it.
    #[serde(default = "least")]
    pub severity: Severity,
    /// Whether the policy wants an incident for one of its starts.
    #[serde(default)]
    pub incident: bool,
    /// Why the policy mutes it, if it does.
    pub muted: Option<Mute>,
    /// Of an alert that is not raised yet: what it waits for.
    pub pending: Option<Pending>,
}

/// Of what an older center held off; its subject says how much it matters.
fn least() -> Severity {
    Severity::Low
}

/// What is held off: it becomes an alert if its condition lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// When it is raised, by the center's clock.
    pub due: DateTime<Utc>,
    /// How long the condition must last, milliseconds.
    pub hold_ms: i64,
    /// Kinds that inhibit it, one bit each.
    pub inhibitors: u32,
    /// What it is about.
    pub subject: Subject,
}

/// What an alert shows of its newest start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Newest {
    /// The road user's class.
    pub class: Option<String>,
    /// How sure the detector was.
    pub confidence: Option<f64>,
    /// Why the rule fired.
    pub why: Option<Reason>,
    /// The picture's digest.
    pub snapshot: Option<String>,
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The kind of event.
    pub kind: EventKind,
    /// How much it matters.
    pub severity: Severity,
    /// The edge.
    pub edge: String,
    /// The camera.
    pub camera: Option<String>,
    /// The rule.
    pub rule: String,
    /// The zone.
    pub zone: Option<String>,
    /// The version of the policy.
    pub policy: i64,
    /// The rule of the policy that decided.
    pub policy_rule: Option<String>,
    /// Whether an incident is to be opened at once.
    pub incident: bool,
}

#[cfg(test)]
mod tests;
