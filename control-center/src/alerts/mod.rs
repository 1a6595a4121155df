//! Alerts: events that policy judged to need attention, and what people did with them.
//!
//! Stands between [`crate::policy`](crate) and live. What always holds: every change of an alert is one row of
//! `alert_log`, with a number taken under one lock in the changing transaction, so that numbers are visible in order.

mod handling;
pub mod load;
mod person;
mod place;
pub mod policies;
pub mod proposal;
mod reason;
mod severity;
pub mod shelves;
pub mod step;
pub mod store;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use handling::{Forwarded, Judged, Mute, MuteCause, Shelf, Verdict};
pub use person::Person;
pub use place::AlertPlace;
pub use reason::{Reason, ReasonFact};
pub use severity::Severity;

/// What happened to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Raised,
    /// It happened again and was merged.
    Repeated,
    /// The condition ended.
    Cleared,
    /// A person saw it.
    Acknowledged,
    /// A person works on it.
    Claimed,
    /// Nobody works on it any more.
    Released,
    /// A person handed it to someone else.
    Forwarded,
    /// A person muted it until a time.
    Shelved,
    /// It is back, by a person or because the time has come.
    Unshelved,
    /// A person said what it was.
    Dismissed,
    /// It is new, and muted by the policy.
    Inhibited,
}

impl Change {
    /// Every change.
    pub const ALL: [Change; 11] = [
        Change::Raised,
        Change::Repeated,
        Change::Cleared,
        Change::Acknowledged,
        Change::Claimed,
        Change::Released,
        Change::Forwarded,
        Change::Shelved,
        Change::Unshelved,
        Change::Dismissed,
        Change::Inhibited,
    ];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Change::Raised => "raised",
            Change::Repeated => "repeated",
            Change::Cleared => "cleared",
            Change::Acknowledged => "acknowledged",
            Change::Claimed => "claimed",
            Change::Released => "released",
            Change::Forwarded => "forwarded",
            Change::Shelved => "shelved",
            Change::Unshelved => "unshelved",
            Change::Dismissed => "dismissed",
            Change::Inhibited => "inhibited",
        }
    }

    /// The change of that word, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Change> {
        Change::ALL.into_iter().find(|change| change.as_str() == word)
    }
}

/// An alert as the API and the websocket show it, and as `alert_log.alert_row` keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    /// Its id, UUID v7.
    pub id: Uuid,
    /// Number of its newest change in the alert log.
    pub seq: i64,
    /// The kind of event, such as `intrusion`.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// The edge that saw it.
    pub edge: String,
    /// The camera that saw it, if one did.
    pub camera: Option<String>,
    /// What people call the camera.
    pub camera_name: Option<String>,
    /// The area in which the camera lay when it was raised.
    pub area: Option<String>,
    /// Where the camera stands.
    pub place: Option<AlertPlace>,
    /// The rule that stated it.
    pub rule: String,
    /// The zone that the rule watches.
    pub zone: Option<String>,
    /// Whether the condition lasts. Set by the machine.
    pub active: bool,
    /// Time of the first event, by the edge's clock.
    pub first_at: DateTime<Utc>,
    /// Time of the newest event, by the edge's clock.
    pub last_at: DateTime<Utc>,
    /// When the center raised it, by its own clock.
    pub raised_at: DateTime<Utc>,
    /// When the condition ended, by the edge's clock.
    pub cleared_at: Option<DateTime<Utc>>,
    /// How many start events were merged into it.
    pub count: i64,
    /// Class of the newest road user in it.
    pub class: Option<String>,
    /// How sure the detector was of that, 0..=1.
    pub confidence: Option<f64>,
    /// Why the rule fired.
    pub why: Option<Reason>,
    /// Address of the picture, under the same host.
    pub snapshot_url: Option<String>,
    /// When a person acknowledged it. Set by people.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Who did.
    pub acknowledged_by: Option<Person>,
    /// Who works on it.
    pub owner: Option<Person>,
    /// Since when.
    pub claimed_at: Option<DateTime<Utc>>,
    /// Until when it is muted, and why.
    pub shelved: Option<Shelf>,
    /// What a person says that it was.
    pub verdict: Option<Judged>,
    /// To whom it was handed last.
    pub forwarded_to: Option<Forwarded>,
    /// Why the policy mutes it, if it does.
    pub muted: Option<Mute>,
}
