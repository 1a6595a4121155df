//! What ingest left out, for the people who look why figures come late or are not shown: payloads that the inbox shed, by
//! edge and lane, and words in events that only a newer version knows, by edge.

use ngatu_protocol::Topic;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Edges and lanes that are told apart. More could only come from topics made up by a broker that is not ours; they are
/// in the sum.
const MOST: usize = 10_000;

/// Payloads that were shed of one edge's lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShedLane {
    /// The edge.
    pub edge: String,
    /// Its lane, or `state`.
    pub lane: &'static str,
    /// How many payloads; each holds one message or more, which nobody has read.
    pub payloads: u64,
}

#[derive(Debug, Default)]
struct Counts {
    all: u64,
    lanes: BTreeMap<(String, &'static str), u64>,
    unknown: BTreeMap<String, u64>,
}

/// The counters since the start of the center; cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Shed(Arc<Mutex<Counts>>);

impl Shed {
    /// Counts one payload of a topic.
    pub fn count(&self, topic: &[u8]) {
        let topic = std::str::from_utf8(topic).ok().and_then(Topic::parse);
        let lane = topic.as_ref().and_then(|topic| match topic {
            Topic::Lane(edge, lane) => Some((edge.to_string(), lane.as_str())),
            Topic::State(edge) => Some((edge.to_string(), "state")),
            _ => None,
        });
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all += 1;
        let is_full = counts.lanes.len() >= MOST;
        if let Some(lane) = lane.filter(|lane| !is_full || counts.lanes.contains_key(lane)) {
            *counts.lanes.entry(lane).or_default() += 1;
        }
    }

    /// Counts words that an edge sent and that this version does not know.
    pub fn count_unknown(&self, edge: &str, words: u32) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = counts.unknown.get_mut(edge) {
            *known += u64::from(words);
        } else if counts.unknown.len() < MOST {
            counts.unknown.insert(edge.to_owned(), words.into());
        }
    }

    /// Edges that sent words of a newer version, with how many.
    #[must_use]
    pub fn unknown(&self) -> Vec<(String, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.unknown.iter().map(|(edge, words)| (edge.clone(), *words)).collect()
    }

    /// How many payloads in all.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// By edge and lane, in that order.
    #[must_use]
    pub fn lanes(&self) -> Vec<ShedLane> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = |((edge, lane), payloads): (&(String, &'static str), &u64)| ShedLane {
            edge: edge.clone(),
            lane,
            payloads: *payloads,
        };
        counts.lanes.iter().map(lane).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shed_payloads_are_counted_by_edge_and_lane() {
        let shed = Shed::default();
        for topic in ["ngatu/v1/b/events", "ngatu/v1/a/state", "ngatu/v1/b/events", "nonsense"] {
            shed.count(topic.as_bytes());
        }
        let lane = |edge: &str, lane, payloads| ShedLane { edge: edge.into(), lane, payloads };
        assert_eq!(shed.lanes(), [lane("a", "state", 1), lane("b", "events", 2)]);
        assert_eq!(shed.all(), 4);
    }

    #[test]
    fn made_up_topics_do_not_fill_the_memory() {
        let shed = Shed::default();
        for n in 0..MOST + 5 {
            shed.count(format!("ngatu/v1/e{n}/events").as_bytes());
        }
        shed.count(b"ngatu/v1/e0/events");
        assert_eq!((shed.lanes().len(), shed.all()), (MOST, MOST as u64 + 6));
    }
}
