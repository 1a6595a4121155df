//! An incident and its parts, as the API and the websocket show them and as `incident_log.incident_row` keeps them.

use super::clocks::Clock;
use super::procedure::{Mandatory, Words};
use crate::alerts::{AlertPlace, Person, Severity};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $word:literal,)+ }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$doc])*
        pub enum $name { $($(#[$item])* $variant,)+ }

        impl $name {
            /// The word in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// The value of that word, if there is one.
            #[must_use]
            pub fn parse(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How far the work on an incident is.
    #[schema(as = IncidentStatus)]
    Status {
        /// Nobody works on it yet.
        Open = "open",
        /// Somebody took it.
        InProgress = "in_progress",
        /// The work is done; it waits to be closed.
        Resolved = "resolved",
        /// Over, or merged into another one.
        Closed = "closed",
    }
}

words! {
    /// What an incident turned out to be: its closing code.
    #[schema(as = ClosingCode)]
    Verdict {
        /// It happened.
        True = "true",
        /// Nothing of the kind had happened.
        False = "false",
        /// An exercise or a test.
        Test = "test",
        /// Another incident is about the same.
        Duplicate = "duplicate",
    }
}

words! {
    /// What opened an incident.
    #[schema(as = IncidentOrigin)]
    Origin {
        /// An alert, by policy or by one click.
        Alert = "alert",
        /// A citizen's report.
        Report = "report",
        /// A sensor or another system.
        Signal = "signal",
        /// A person, from a point on the map.
        Person = "person",
    }
}

words! {
    /// What an incident groups.
    #[schema(as = IncidentSourceKind)]
    SourceKind {
        /// An alert.
        Alert = "alert",
        /// A citizen's report.
        Report = "report",
        /// A reading of a sensor or a message of another system.
        Signal = "signal",
    }
}

words! {
    /// What happened to an incident.
    IncidentChange {
        /// It is new.
        Opened = "opened",
        /// An alert, a report or a signal joined it.
        SourceAdded = "source_added",
        /// A person took it.
        Taken = "taken",
        /// It was given to a person, or taken away from one.
        Assigned = "assigned",
        /// Severity, title, kind, place or unit changed.
        Edited = "edited",
        /// A step of the procedure was done.
        StepDone = "step_done",
        /// A step was left out, with a reason.
        StepSkipped = "step_skipped",
        /// A step is to be done after all.
        StepUndone = "step_undone",
        /// A person wrote something down.
        Noted = "noted",
        /// A unit arrived.
        OnScene = "on_scene",
        /// A clock ran out and somebody was called.
        Escalated = "escalated",
        /// The work is done.
        Resolved = "resolved",
        /// It is over.
        Closed = "closed",
        /// It goes on after all.
        Reopened = "reopened",
        /// It was merged into another one.
        Merged = "merged",
        /// Another one was merged into it.
        Absorbed = "absorbed",
        /// A part of it became an incident of its own.
        Split = "split",
        /// Something happened to one of its dispatches; the detail says what.
        Dispatch = "dispatch",
    }
}

/// A step of the procedure, and whether it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = IncidentStep)]
pub struct Step {
    /// Its id within the procedure.
    pub id: String,
    /// What is to be done.
    pub text: Words,
    /// Whether the incident can be resolved without it.
    pub mandatory: Mandatory,
    /// When it was done or left out.
    pub done_at: Option<DateTime<Utc>>,
    /// Who did or left it out.
    pub done_by: Option<Person>,
    /// Why it was left out; none when it was done.
    pub skipped: Option<String>,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// Its id, UUID v7.
    pub id: Uuid,
    /// What people call it: the year and a number without gaps, such as `2026-000123`.
    #[schema(example = "2026-000123")]
    pub number: String,
    /// Number of its newest change in the incident log. A write may name the one that its author saw.
    pub seq: i64,
    /// The kind, one of the procedures'.
    #[schema(example = "traffic_accident")]
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// What people call it.
    pub title: String,
    /// The area that it lies in, if any.
    pub area: Option<String>,
    /// Where it is.
    pub place: Option<AlertPlace>,
    /// How far the work is.
    pub status: Status,
    /// Who works on it.
    pub owner: Option<Person>,
    /// The unit that it is meant for; its clocks count.
    pub unit: Option<String>,
    /// What opened it.
    pub origin: Origin,
    /// When it was opened, by the center's clock.
    pub opened_at: DateTime<Utc>,
    /// Who opened it; none when the machine did.
    pub opened_by: Option<Person>,
    /// When the newest of its sources happened.
    pub last_source_at: DateTime<Utc>,
    /// How many alerts, reports and signals it groups.
    pub sources: i64,
    /// When the work was done.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// What it turned out to be.
    pub verdict: Option<Verdict>,
    /// The incident that it was merged into.
    pub merged_into: Option<Uuid>,
    /// The version of the kind's procedure that holds for it.
    pub procedure: i64,
    /// The steps of the procedure.
    pub steps: Vec<Step>,
    /// By when what must have happened.
    pub clocks: Vec<Clock>,
    /// When the next clock runs out, or calls again.
    pub escalate_at: Option<DateTime<Utc>>,
}

impl Incident {
    /// Whether work on it may still be done.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        matches!(self.status, Status::Open | Status::InProgress)
    }

    /// Whether those outside are to be told something else than before: what it is, how grave, what it is called, where.
    #[must_use]
    pub fn reads_otherwise_than(&self, before: &Incident) -> bool {
        let read = |incident: &Incident| {
            (incident.kind.clone(), incident.severity, incident.title.clone(), incident.place)
        };
        read(self) != read(before)
    }
}

/// Something that an incident groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = IncidentSource)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// The alert's id, the report's number or the signal's id.
    #[serde(rename = "ref")]
    pub reference: String,
    /// When it happened, by its own clock.
    pub at: DateTime<Utc>,
    /// In short.
    pub title: String,
    /// Where.
    pub place: Option<AlertPlace>,
    /// When it joined the incident.
    pub added_at: DateTime<Utc>,
    /// The incident that brought it by a merge.
    pub came_with: Option<Uuid>,
}

/// One row of an incident's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentEntry {
    /// Its number in the log of all incidents.
    pub seq: i64,
    /// When, by the center's clock.
    pub at: DateTime<Utc>,
    /// Who; none when the machine did it.
    pub actor: Option<Person>,
    /// What happened.
    pub change: IncidentChange,
    /// What else is worth knowing; its fields depend on the change.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// A picture that belongs to an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentEvidence {
    /// Address of the picture, under the same host.
    pub url: String,
    /// What it came with.
    pub source: SourceKind,
    /// The alert's id or the report's number.
    #[serde(rename = "ref")]
    pub reference: String,
    /// When it was taken or sent.
    pub at: DateTime<Utc>,
}

/// An incident with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = IncidentView)]
pub struct View {
    /// The incident.
    pub incident: Incident,
    /// What it groups, the oldest first.
    pub sources: Vec<Source>,
    /// The pictures of its alerts and reports, the oldest first.
    pub evidence: Vec<IncidentEvidence>,
    /// Everything that happened to it, the oldest first.
    pub log: Vec<IncidentEntry>,
}
