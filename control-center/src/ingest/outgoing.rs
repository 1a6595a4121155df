//! What the center wants to say to edges: acknowledgements and configurations.
//!
//! Only the newest of each kind is kept, so the box is bounded by the number of edges and putting something in never
//! waits: the writer must not wait for the connection, which may be waiting for the writer.

use ngatu_protocol::{Ack, EdgeId, Lane, OutboxId, Topic};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Where to.
    pub topic: String,
    /// The JSON.
    pub payload: String,
    /// Whether the broker keeps it for those who come later.
    pub retain: bool,
}

#[derive(Debug, Default)]
struct Boxes {
    acks: BTreeMap<(EdgeId, OutboxId, Lane), u64>,
    configs: BTreeMap<EdgeId, String>,
}

/// The box's handle; cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    boxes: Arc<Mutex<Boxes>>,
    filled: Arc<Notify>,
}

impl Outgoing {
    fn lock(&self) -> std::sync::MutexGuard<'_, Boxes> {
        self.boxes.lock().expect("nothing panics while it holds the lock")
    }

    /// Puts acknowledgements in; a newer one replaces an older one.
    pub fn acknowledge(&self, acks: Vec<(EdgeId, Ack)>) {
        let mut boxes = self.lock();
        for (edge, ack) in acks {
            boxes.acks.insert((edge, ack.outbox, ack.lane), ack.upto);
        }
        drop(boxes);
        self.filled.notify_one();
    }

    /// Puts an edge's configuration in, as JSON.
    pub fn configure(&self, edge: EdgeId, config: String) {
        self.lock().configs.insert(edge, config);
        self.filled.notify_one();
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let boxes = self.lock();
        boxes.acks.is_empty() && boxes.configs.is_empty()
    }

    fn try_next(&self) -> Option<Outbound> {
        let mut boxes = self.lock();
        if let Some(((edge, outbox, lane), upto)) = boxes.acks.pop_first() {
            let payload = serde_json::to_string(&Ack { outbox, lane, upto }).ok()?;
            return Some(Outbound { topic: Topic::Ack(edge).to_string(), payload, retain: false });
        }
        let (edge, payload) = boxes.configs.pop_first()?;
        Some(Outbound { topic: Topic::Config(edge).to_string(), payload, retain: true })
    }

    /// Waits for the next message.
    pub async fn next(&self) -> Outbound {
        loop {
            let filled = self.filled.notified();
            if let Some(next) = self.try_next() {
                return next;
            }
            filled.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_newest_acknowledgement_of_a_lane_goes_out() {
        let outgoing = Outgoing::default();
        let edge = EdgeId::new("a").unwrap();
        let ack = |upto| Ack { outbox: OutboxId(uuid::Uuid::nil()), lane: Lane::Events, upto };
        outgoing.acknowledge(vec![(edge.clone(), ack(1)), (edge.clone(), ack(2))]);
        let sent = outgoing.next().await;
        assert_eq!(sent.topic, "ngatu/v1/a/ack");
        assert_eq!(serde_json::from_str::<Ack>(&sent.payload).unwrap(), ack(2));
        assert!(outgoing.is_empty());
    }
}
