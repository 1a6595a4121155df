//! The handle at which clients subscribe: a ring of frames that the reader fills and each client reads at its own pace.

use super::Frame;
use super::bell::Bell;
use super::flood::{self, Pressure};
use super::{incidents, reader, watch as sessions_watch};
use crate::access::sessions::SessionKey;
use sqlx::PgPool;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Frames that a client may be behind. At 2,000 changes/s that is 2 s; a frame is about 1 KB and shared by all.
const RING_FRAMES: usize = 4096;
/// Handed-over commits that may wait for the reader; each holds at most what one batch of ingest changes. What finds no
/// room is read from the log.
const HANDED: usize = 4;
/// Connections at once.
const MAX_CLIENTS: usize = 1024;

/// The handle at which clients subscribe; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    /// Tells our own bells from those of other centers.
    id: Uuid,
    handed: mpsc::Sender<Vec<Frame>>,
    frames: broadcast::Sender<Frame>,
    pressure: watch::Sender<Pressure>,
    /// Cancelled once the reader knows from which number it reads: a snapshot taken later cannot miss a frame.
    reading: CancellationToken,
    reading_incidents: CancellationToken,
    shutdown: CancellationToken,
    places: Arc<Semaphore>,
    sessions: Mutex<HashMap<SessionKey, Open>>,
}

/// The open connections of a session.
#[derive(Debug, Default)]
struct Open {
    clients: usize,
    ended: CancellationToken,
}

/// One client's place at the hub; dropping it gives the place back.
#[derive(Debug)]
pub struct Subscription {
    hub: Hub,
    session: SessionKey,
    /// Cancelled when the session ends.
    pub(super) ended: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Hub {
    /// Starts the tasks that follow `alert_log` and `incident_log` and watch the sessions, until `shutdown`.
    #[must_use]
    pub fn start(pool: PgPool, shutdown: CancellationToken) -> Hub {
        let (handed, taken) = mpsc::channel(HANDED);
        let hub = Hub(Arc::new(Inner {
            pool,
            id: Uuid::new_v4(),
            handed,
            frames: broadcast::Sender::new(RING_FRAMES),
            pressure: watch::Sender::default(),
            reading: CancellationToken::new(),
            reading_incidents: CancellationToken::new(),
            shutdown,
            places: Arc::new(Semaphore::new(MAX_CLIENTS)),
            sessions: Mutex::default(),
        }));
        tokio::spawn(reader::run(hub.clone(), taken));
        tokio::spawn(incidents::run(hub.clone()));
        tokio::spawn(flood::run(hub.clone()));
        tokio::spawn(sessions_watch::run(hub.clone()));
        hub
    }

    /// A place for a client of that session; none when all are taken.
    #[must_use]
    pub fn subscribe(&self, session: SessionKey) -> Option<Subscription> {
        let place = self.0.places.clone().try_acquire_owned().ok()?;
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let open = sessions.entry(session).or_default();
        open.clients += 1;
        let ended = open.ended.clone();
        Some(Subscription { hub: self.clone(), session, ended, _place: place })
    }

    /// Takes what was just committed to the log, in its order, so that clients need not wait until it has been read
    /// again. Only a short cut: whatever is missing, too much or out of order here is put right by the log. Never waits.
    pub fn hand_over(&self, frames: Vec<Frame>) {
        if !frames.is_empty() {
            // Full or ended: the log has it all.
            let _ = self.0.handed.try_send(frames);
        }
    }

    /// What to ring the bell with for changes up to `seq` that will be handed over once they are committed.
    #[must_use]
    pub fn bell(&self, seq: i64) -> String {
        Bell { from: Some(self.0.id), seq: Some(seq) }.to_string()
    }

    /// Closes every connection of a session at once.
    pub fn end_session(&self, session: SessionKey) {
        let sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = sessions.get(&session) {
            open.ended.cancel();
        }
    }

    /// How many clients are connected.
    #[must_use]
    pub fn clients(&self) -> usize {
        MAX_CLIENTS - self.0.places.available_permits()
    }

    pub(super) fn sessions(&self) -> Vec<SessionKey> {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    pub(super) fn id(&self) -> Uuid {
        self.0.id
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    pub(super) fn shutdown(&self) -> &CancellationToken {
        &self.0.shutdown
    }

    /// Hands a frame to whoever listens; never waits.
    pub(super) fn publish(&self, frame: Frame) {
        // The error says that nobody listens, which is fine.
        let _ = self.0.frames.send(frame);
    }

    /// What came in the last 10 minutes.
    pub(super) fn press(&self, pressure: Pressure) {
        self.0.pressure.send_replace(pressure);
    }

    pub(super) fn pressure(&self) -> watch::Receiver<Pressure> {
        self.0.pressure.subscribe()
    }

    pub(super) fn say_reading(&self) {
        self.0.reading.cancel();
    }

    pub(super) fn say_reading_incidents(&self) {
        self.0.reading_incidents.cancel();
    }

    /// The frames from now on. What the client reads from the database after this may overlap with them, but there is
    /// no hole between the two.
    pub(super) async fn frames(&self) -> broadcast::Receiver<Frame> {
        self.0.reading.cancelled().await;
        self.0.reading_incidents.cancelled().await;
        self.0.frames.subscribe()
    }
}

impl Subscription {
    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut sessions = self.hub.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = sessions.get_mut(&self.session) {
            open.clients -= 1;
            if open.clients == 0 {
                sessions.remove(&self.session);
            }
        }
    }
}
