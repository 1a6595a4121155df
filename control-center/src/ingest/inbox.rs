//! The bounded queue between the broker's connection and the decoder.
//!
//! States go first and are never shed: an edge says them once. Events go before health and observations. When it is full, bulk is shed at once and counted; for events
//! the connection waits a little, so that the broker holds them back, and sheds only when the writer stands still for
//! long. What is shed is not lost: it was not acknowledged, so its outbox sends it again.

use super::shed::Shed;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// Room for each of the two queues, bytes.
const ROOM_BYTES: usize = 12 * 1024 * 1024;
/// How long events may hold up the connection: less than the keep-alive, so that it survives.
const PATIENCE: Duration = Duration::from_secs(4);
/// What a queued payload takes beside its own bytes.
const OVERHEAD_BYTES: usize = 160;
/// After so many urgent payloads one of bulk is taken, so that bulk never starves.
const URGENT_RUN: u32 = 8;

/// A payload as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its topic.
    pub topic: Bytes,
    /// Its bytes.
    pub payload: Bytes,
    /// When, by our clock.
    pub at: DateTime<Utc>,
}

impl Received {
    fn size(&self) -> usize {
        self.topic.len() + self.payload.len() + OVERHEAD_BYTES
    }

    fn is_urgent(&self) -> bool {
        self.topic.ends_with(b"/events")
    }

    fn is_state(&self) -> bool {
        self.topic.ends_with(b"/state")
    }
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Received>,
    bytes: usize,
}

impl Queue {
    fn push(&mut self, item: Received) {
        self.bytes += item.size();
        self.items.push_back(item);
    }

    fn pop(&mut self) -> Option<Received> {
        let item = self.items.pop_front()?;
        self.bytes -= item.size();
        Some(item)
    }
}

#[derive(Debug, Default)]
struct Queues {
    states: Queue,
    urgent: Queue,
    bulk: Queue,
    urgent_run: u32,
    closed: bool,
    stands_still: bool,
}

/// The queue's handle; cloning shares it.
#[derive(Debug, Clone)]
pub struct Inbox {
    patience: Duration,
    shed: Shed,
    queues: Arc<Mutex<Queues>>,
    filled: Arc<Notify>,
    drained: Arc<Notify>,
}

impl Default for Inbox {
    fn default() -> Self {
        Inbox::new(Shed::default())
    }
}

impl Inbox {
    /// An empty one that counts what it sheds in `shed`.
    #[must_use]
    pub fn new(shed: Shed) -> Inbox {
        let (queues, filled, drained) = Default::default();
        Inbox { patience: PATIENCE, shed, queues, filled, drained }
    }

    #[cfg(test)]
    fn with_patience(patience: Duration) -> Inbox {
        Inbox { patience, ..Inbox::default() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queues> {
        self.queues.lock().expect("nothing panics while it holds the lock")
    }

    /// Queues a payload, or sheds it. Returns within a few seconds whatever happens behind.
    pub async fn push(&self, item: Received) {
        if !item.is_urgent() {
            self.push_at_once(item);
            return;
        }
        // Who waited once in vain does not wait again until there was room: the connection must live.
        let patience = if self.lock().stands_still { Duration::ZERO } else { self.patience };
        let has_room = tokio::time::timeout(patience, self.wait_for_room()).await.is_ok();
        let mut queues = self.lock();
        if queues.closed {
            return;
        }
        queues.stands_still = !has_room;
        if has_room {
            queues.urgent.push(item);
        } else {
            self.shed.count(&item.topic);
        }
        drop(queues);
        self.filled.notify_one();
    }

    /// Queues what holds up nobody, or sheds it. The bound on states is against a hostile edge: it has room for tens of
    /// thousands of them.
    fn push_at_once(&self, item: Received) {
        let mut queues = self.lock();
        if queues.closed {
            return;
        }
        let queue = if item.is_state() { &mut queues.states } else { &mut queues.bulk };
        if queue.bytes >= ROOM_BYTES {
            self.shed.count(&item.topic);
            return;
        }
        queue.push(item);
        drop(queues);
        self.filled.notify_one();
    }

    async fn wait_for_room(&self) {
        loop {
            let drained = self.drained.notified();
            {
                let queues = self.lock();
                if queues.urgent.bytes < ROOM_BYTES || queues.closed {
                    return;
                }
            }
            drained.await;
        }
    }

    /// The next payload, if one is there.
    #[must_use]
    pub fn try_take(&self) -> Option<Received> {
        let mut queues = self.lock();
        if let Some(state) = queues.states.pop() {
            return Some(state);
        }
        let bulk_first = queues.urgent_run >= URGENT_RUN;
        let taken = if bulk_first {
            queues.urgent_run = 0;
            queues.bulk.pop().or_else(|| queues.urgent.pop())
        } else {
            let urgent = queues.urgent.pop();
            if urgent.is_some() {
                queues.urgent_run += 1;
            }
            urgent.or_else(|| queues.bulk.pop())
        };
        drop(queues);
        if taken.is_some() {
            self.drained.notify_one();
        }
        taken
    }

    /// The next state or events, if some are there: for a batch that takes no more bulk.
    #[must_use]
    pub fn try_take_urgent(&self) -> Option<Received> {
        let mut queues = self.lock();
        let taken = queues.states.pop().or_else(|| queues.urgent.pop());
        drop(queues);
        if taken.is_some() {
            self.drained.notify_one();
        }
        taken
    }

    /// Waits for the next payload; `None` when the queue is closed and empty.
    pub async fn take(&self) -> Option<Received> {
        loop {
            let filled = self.filled.notified();
            if let Some(item) = self.try_take() {
                return Some(item);
            }
            if self.lock().closed {
                return None;
            }
            filled.await;
        }
    }

    /// Takes nothing more; what is queued can still be taken out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
        self.drained.notify_one();
    }

    /// How many payloads were shed since the start.
    #[must_use]
    pub fn shed(&self) -> u64 {
        self.shed.all()
    }

    /// How many bytes wait.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        let queues = self.lock();
        queues.states.bytes + queues.urgent.bytes + queues.bulk.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(lane: &str, bytes: usize) -> Received {
        Received {
            topic: format!("ngatu/v1/a/{lane}").into(),
            payload: vec![b' '; bytes].into(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn events_overtake_observations_which_do_not_starve() {
        let inbox = Inbox::default();
        inbox.push(received("observations", 1)).await;
        for _ in 0..20 {
            inbox.push(received("events", 1)).await;
        }
        let order: Vec<bool> = std::iter::from_fn(|| inbox.try_take()).map(|item| item.is_urgent()).collect();
        assert_eq!(order.len(), 21);
        assert_eq!(order.iter().position(|urgent| !urgent), Some(8));
    }

    #[tokio::test]
    async fn a_batch_full_of_bulk_still_takes_events() {
        let inbox = Inbox::default();
        for lane in ["observations", "events", "observations", "state"] {
            inbox.push(received(lane, 1)).await;
        }
        assert!(inbox.try_take_urgent().unwrap().is_state());
        assert!(inbox.try_take_urgent().unwrap().is_urgent());
        assert!(inbox.try_take_urgent().is_none());
        assert!(inbox.try_take().is_some_and(|item| !item.is_urgent()));
    }

    #[tokio::test]
    async fn a_full_queue_sheds_and_counts_and_never_grows_or_hangs() {
        let inbox = Inbox::with_patience(Duration::from_millis(20));
        for lane in ["observations", "events"] {
            for _ in 0..200 {
                inbox.push(received(lane, 256 * 1024)).await;
            }
        }
        assert!(inbox.waiting_bytes() < 2 * (ROOM_BYTES + 300 * 1024));
        assert_eq!(inbox.shed() + std::iter::from_fn(|| inbox.try_take()).count() as u64, 400);
    }

    #[tokio::test]
    async fn a_state_is_kept_when_events_are_shed_and_comes_first() {
        let inbox = Inbox::with_patience(Duration::from_millis(20));
        for _ in 0..100 {
            inbox.push(received("events", 256 * 1024)).await;
        }
        assert!(inbox.shed() > 0);
        inbox.push(received("state", 200)).await;
        assert!(inbox.try_take().unwrap().is_state());
    }

    #[tokio::test]
    async fn a_closed_queue_is_emptied_and_then_ends() {
        let inbox = Inbox::default();
        inbox.push(received("events", 1)).await;
        inbox.close();
        inbox.push(received("events", 1)).await;
        assert!(inbox.take().await.is_some());
        assert!(inbox.take().await.is_none());
    }
}
