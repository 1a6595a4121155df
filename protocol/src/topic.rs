//! MQTT topics: `ngatu/v1/{edge}/…`. One place builds them, the same place reads them.

use crate::{EdgeId, Lane};
use std::fmt;

/// The first two levels of every topic.
pub const PREFIX: &str = "ngatu/v1";

/// A topic of one edge.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Retained liveness, and the will.
    State(EdgeId),
    /// Messages of one lane, edge to center.
    Lane(EdgeId, Lane),
    /// Application acknowledgements, center to edge.
    Ack(EdgeId),
    /// The edge's cameras, zones and rules, retained, center to edge.
    Config(EdgeId),
}

impl Topic {
    /// Reads a topic name; `None` when it is none of ours.
    #[must_use]
    pub fn parse(name: &str) -> Option<Topic> {
        let rest = name.strip_prefix(PREFIX)?.strip_prefix('/')?;
        let (edge, leaf) = rest.split_once('/')?;
        let edge = EdgeId::new(edge).ok()?;
        match leaf {
            "state" => Some(Topic::State(edge)),
            "ack" => Some(Topic::Ack(edge)),
            "config" => Some(Topic::Config(edge)),
            lane => Some(Topic::Lane(edge, Lane::parse(lane)?)),
        }
    }

    /// The edge that the topic belongs to.
    #[must_use]
    pub fn edge(&self) -> &EdgeId {
        match self {
            Topic::State(edge) | Topic::Lane(edge, _) | Topic::Ack(edge) | Topic::Config(edge) => edge,
        }
    }

    /// The filter that a center subscribes to for one lane of all edges.
    #[must_use]
    pub fn all_edges(lane: Lane) -> String {
        format!("{PREFIX}/+/{lane}")
    }

    /// The filter that a center subscribes to for the state of all edges.
    #[must_use]
    pub fn all_states() -> String {
        format!("{PREFIX}/+/state")
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::State(edge) => write!(f, "{PREFIX}/{edge}/state"),
            Topic::Lane(edge, lane) => write!(f, "{PREFIX}/{edge}/{lane}"),
            Topic::Ack(edge) => write!(f, "{PREFIX}/{edge}/ack"),
            Topic::Config(edge) => write!(f, "{PREFIX}/{edge}/config"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_reads_back_as_it_was_written() {
        let edge = EdgeId::new("nga-tu-1").unwrap();
        let mut topics =
            vec![Topic::State(edge.clone()), Topic::Ack(edge.clone()), Topic::Config(edge.clone())];
        topics.extend(Lane::ALL.map(|lane| Topic::Lane(edge.clone(), lane)));
        for topic in topics {
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
        }
    }

    #[test]
    fn a_foreign_topic_is_not_ours() {
        for name in
            ["", "ngatu/v1", "ngatu/v1/a", "ngatu/v2/a/events", "ngatu/v1/A/events", "ngatu/v1/a/b/events"]
        {
            assert_eq!(Topic::parse(name), None, "{name}");
        }
    }
}
