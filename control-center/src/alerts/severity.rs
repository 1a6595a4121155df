//! How much an alert matters, and how much each kind of event does unless a city says otherwise.

use ngatu_protocol::EventKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much an alert matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Lives are at stake.
    Critical,
    /// Act now.
    High,
    /// Look at it soon.
    Medium,
    /// Know of it.
    Low,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }

    /// The severity of that word, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.as_str() == word)
    }

    /// The severity that a kind of event has unless a city says otherwise.
    #[must_use]
    pub const fn of(kind: EventKind) -> Severity {
        use EventKind as K;
        match kind {
            K::CollisionSuspected | K::PersonDown | K::SmokeOrFire => Severity::Critical,
            K::Intrusion | K::WrongWay | K::PedestrianOnRoad | K::CameraTampered | K::ZoneLeft => {
                Severity::High
            }
            K::Loitering
            | K::Crowd
            | K::AbandonedObject
            | K::StoppedVehicle
            | K::CameraLost
            | K::QueueTooLong
            | K::Speeding => Severity::Medium,
            K::Congestion | K::IllegalParking | K::CameraMoved => Severity::Low,
        }
    }
}
