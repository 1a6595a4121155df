//! What people did with an alert, as the API shows it.

use super::Person;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Muted by a person until a time: it comes back by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shelf {
    /// When it comes back, by the center's clock.
    pub until: DateTime<Utc>,
    /// Why, in the person's words.
    pub reason: String,
    /// Who.
    pub by: Person,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// What a person says of the machine's claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What the rule stated was so.
    True,
    /// It was not so.
    False,
    /// Somebody tried it out.
    Test,
}

impl Verdict {
    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::True => "true",
            Verdict::False => "false",
            Verdict::Test => "test",
        }
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The reason's code, such as `shadow` or `police_sent`.
    pub reason: String,
    /// What else is worth knowing.
    pub note: Option<String>,
    /// Who.
    pub by: Person,
    /// When.
    pub at: DateTime<Utc>,
}

/// Handed to someone else: exactly one of `user` and `unit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Forwarded {
    /// The person.
    pub user: Option<Person>,
    /// The unit.
    pub unit: Option<String>,
    /// What the sender adds.
    pub message: String,
    /// Who sent it.
    pub by: Person,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why an alert is muted by the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MuteCause {
    /// Another alert of the camera is active.
    Inhibited,
    /// A silence fits it.
    Silenced,
    /// There is maintenance.
    Maintenance,
}

/// Muted by the policy: recorded, but nobody has to look while it lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mute {
    /// Why.
    pub cause: MuteCause,
    /// The alert's or silence's id, or the name of the maintenance.
    pub by: String,
    /// The kind of the active alert, the silence's reason, or the name of the maintenance.
    pub reason: String,
    /// Until when at most; none while another alert is active.
    pub until: Option<DateTime<Utc>>,
}
