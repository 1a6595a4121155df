//! The four lanes of an edge's uplink, in the order in which they drain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A lane has its own sequence numbers, its own place in the draining order, and its own rank when disk runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Facts that a rule stated; the last to be dropped.
    Events,
    /// How the edge itself is doing.
    Health,
    /// Measured quantities in windows.
    Observations,
    /// Simplified trajectories.
    Tracks,
}

impl Lane {
    /// All lanes in draining order.
    pub const ALL: [Lane; 4] = [Lane::Events, Lane::Health, Lane::Observations, Lane::Tracks];

    /// The order in which lanes are sacrificed when the outbox is full: tracks first, events last.
    pub const DROP_ORDER: [Lane; 4] = [Lane::Tracks, Lane::Health, Lane::Observations, Lane::Events];

    /// The name used in topics and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Lane::Events => "events",
            Lane::Health => "health",
            Lane::Observations => "observations",
            Lane::Tracks => "tracks",
        }
    }

    /// The lane of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Lane> {
        Lane::ALL.into_iter().find(|lane| lane.as_str() == name)
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
