//! The bounded queue between the broker's connection and the decoder.
//!
//! States go first and are never shed: an edge says them once. Events go before all else. When it is full, the least
//! important goes first, in the reverse of the order in which an edge sends: tracks, then observations, then health, and
//! never an event while anything else is queued. For events alone the connection waits a little, so that the broker holds
//! them back, and sheds only when the writer stands still for long. What is shed is counted and not lost: it was not
//! acknowledged, so its outbox sends it again.

use super::shed::Shed;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// Room for states, and for all else together, bytes.
const ROOM_BYTES: usize = 24 * 1024 * 1024;
/// Of which bulk takes no more than this, so that a burst of events finds room at once.
const BULK_BYTES: usize = 12 * 1024 * 1024;
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

    /// Which queue of bulk it belongs to, the first to be shed first. What belongs to no lane is worth no more than tracks.
    fn rank(&self) -> usize {
        BULK.iter().position(|lane| self.topic.ends_with(lane)).unwrap_or(0)
    }
}

/// The lanes of bulk in the order in which they are shed.
const BULK: [&[u8]; 3] = [b"/tracks", b"/observations", b"/health"];

/// Payloads, each with its place in the order in which all came.
#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<(u64, Received)>,
    bytes: usize,
}

impl Queue {
    fn push(&mut self, place: u64, item: Received) {
        self.bytes += item.size();
        self.items.push_back((place, item));
    }

    fn pop(&mut self) -> Option<Received> {
        let (_, item) = self.items.pop_front()?;
        self.bytes -= item.size();
        Some(item)
    }

    /// Takes the newest out: the oldest is what its edge waits for.
    fn pop_newest(&mut self) -> Option<Received> {
        let (_, item) = self.items.pop_back()?;
        self.bytes -= item.size();
        Some(item)
    }

    fn first_place(&self) -> Option<u64> {
        self.items.front().map(|(place, _)| *place)
    }
}

#[derive(Debug, Default)]
struct Queues {
    states: Queue,
    urgent: Queue,
    /// By [`Received::rank`].
    bulk: [Queue; BULK.len()],
    next_place: u64,
    urgent_run: u32,
    closed: bool,
    stands_still: bool,
}

impl Queues {
    fn place(&mut self) -> u64 {
        self.next_place += 1;
        self.next_place
    }

    fn bulk_bytes(&self) -> usize {
        self.bulk.iter().map(|queue| queue.bytes).sum()
    }

    /// Whether events have room, if bulk has to make it.
    fn has_room_for_events(&self) -> bool {
        self.urgent.bytes < ROOM_BYTES
    }

    /// Sheds bulk of a rank up to `upto`, the least important first, while there is more of it than `most` bytes.
    fn shed_bulk(&mut self, upto: usize, most: usize, shed: &Shed) {
        while self.bulk_bytes() > most {
            let Some(item) = self.bulk[..=upto].iter_mut().find_map(Queue::pop_newest) else { return };
            shed.count(&item.topic);
        }
    }

    /// The bulk that waits longest.
    fn pop_bulk(&mut self) -> Option<Received> {
        let waiting = self.bulk.iter_mut().filter(|queue| !queue.items.is_empty());
        waiting.min_by_key(|queue| queue.first_place())?.pop()
    }
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
            let left = ROOM_BYTES.saturating_sub(queues.urgent.bytes + item.size());
            queues.shed_bulk(BULK.len() - 1, left, &self.shed);
            let place = queues.place();
            queues.urgent.push(place, item);
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
        let place = queues.place();
        if item.is_state() {
            if queues.states.bytes >= ROOM_BYTES {
                self.shed.count(&item.topic);
                return;
            }
            queues.states.push(place, item);
        } else {
            let most = BULK_BYTES.min(ROOM_BYTES.saturating_sub(queues.urgent.bytes));
            let rank = item.rank();
            queues.bulk[rank].push(place, item);
            // Itself, if nothing less important is queued.
            queues.shed_bulk(rank, most, &self.shed);
        }
        drop(queues);
        self.filled.notify_one();
    }

    async fn wait_for_room(&self) {
        loop {
            let drained = self.drained.notified();
            {
                let queues = self.lock();
                if queues.has_room_for_events() || queues.closed {
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
            queues.pop_bulk().or_else(|| queues.urgent.pop())
        } else {
            let urgent = queues.urgent.pop();
            if urgent.is_some() {
                queues.urgent_run += 1;
            }
            urgent.or_else(|| queues.pop_bulk())
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

    /// Counts words of events that only a newer version knows.
    pub(crate) fn count_unknown(&self, edge: &str, words: u32) {
        self.shed.count_unknown(edge, words);
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
        queues.states.bytes + queues.urgent.bytes + queues.bulk_bytes()
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
        assert!(inbox.waiting_bytes() < ROOM_BYTES + 2 * 300 * 1024);
        assert_eq!(inbox.shed() + std::iter::from_fn(|| inbox.try_take()).count() as u64, 400);
    }

    fn lanes(inbox: &Inbox) -> Vec<&'static str> {
        let taken = std::iter::from_fn(|| inbox.try_take());
        let mut lanes: Vec<_> = taken
            .map(|item| {
                ["events", "health", "observations", "tracks"]
                    .into_iter()
                    .find(|lane| item.topic.ends_with(lane.as_bytes()))
                    .unwrap()
            })
            .collect();
        lanes.dedup();
        lanes
    }

    #[tokio::test]
    async fn tracks_are_shed_first_then_observations_then_health_and_events_only_when_nothing_else_is_left() {
        let inbox = Inbox::with_patience(Duration::from_millis(20));
        let mib = 1024 * 1024;
        // Four of each fill the room for bulk.
        for lane in ["tracks", "observations", "health"] {
            for _ in 0..4 {
                inbox.push(received(lane, mib - 200)).await;
            }
        }
        let shed = |inbox: &Inbox| -> Vec<(&'static str, u64)> {
            inbox.shed.lanes().into_iter().map(|lane| (lane.lane, lane.payloads)).collect()
        };
        assert_eq!(shed(&inbox), []);
        // More health takes the place of tracks, more tracks find none.
        for lane in ["health", "health", "tracks", "observations"] {
            inbox.push(received(lane, mib - 200)).await;
        }
        assert_eq!(shed(&inbox), [("tracks", 4)]);
        // Events take all that there is, and health goes last.
        for _ in 0..12 {
            inbox.push(received("events", mib - 200)).await;
        }
        assert_eq!(shed(&inbox), [("tracks", 4)], "events have room of their own");
        for _ in 0..6 {
            inbox.push(received("events", mib - 200)).await;
        }
        assert_eq!(shed(&inbox), [("observations", 5), ("tracks", 5)]);
        for _ in 0..6 {
            inbox.push(received("events", mib - 200)).await;
        }
        assert_eq!(shed(&inbox), [("health", 6), ("observations", 5), ("tracks", 5)]);
        assert_eq!(inbox.waiting_bytes() / mib, 23);
        for _ in 0..3 {
            inbox.push(received("events", mib - 200)).await;
        }
        assert_eq!(shed(&inbox)[0], ("events", 2), "the one that crosses the bound is kept");
        assert_eq!(lanes(&inbox), ["events"]);
    }

    #[tokio::test]
    async fn what_is_shed_is_the_newest_and_bulk_keeps_the_order_in_which_it_came() {
        let inbox = Inbox::default();
        for n in 0..60 {
            let lane = ["tracks", "health"][n % 2];
            let mut item = received(lane, 256 * 1024);
            item.at = DateTime::from_timestamp(i64::try_from(n).unwrap(), 0).unwrap();
            inbox.push(item).await;
        }
        let left: Vec<i64> =
            std::iter::from_fn(|| inbox.try_take()).map(|item| item.at.timestamp()).collect();
        assert!(left.is_sorted(), "{left:?}");
        assert_eq!(left[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert!(left.contains(&59), "the newest health is kept");
        assert_eq!(left.len() as u64 + inbox.shed(), 60);
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
