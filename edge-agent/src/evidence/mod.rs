//! Evidence: pictures that belong to events go to the center over HTTP, by way of a spool on disk.
//!
//! It stands beside outbox and uplink: an event carries only its picture's digest. What always holds: a kept picture
//! lies on disk under its digest before `keep` returns and is deleted only after the center has it; a center that is
//! away delays nobody, neither the pipeline nor another picture.

mod client;
mod spool;
#[cfg(test)]
mod tests;

use crate::clock;
use crate::uplink::backoff::{Backoff, random_bits};
use chrono::{DateTime, Utc};
use client::{Answer, Client};
use ngatu_protocol::{CameraId, EdgeId};
use spool::Spool;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Largest spool unless told otherwise, bytes.
pub const DEFAULT_MAX_BYTES: u64 = 512 * 1024 * 1024;
/// Largest picture that the center takes, bytes.
pub const MAX_PICTURE_BYTES: usize = 2 * 1024 * 1024;

/// Where pictures are kept and where they go.
#[derive(Debug, Clone)]
pub struct EvidenceOptions {
    /// The spool's directory, usually `{data_dir}/evidence`.
    pub dir: PathBuf,
    /// The control center's address, such as `http://127.0.0.1:8080`.
    pub center_url: String,
    /// User name at the center.
    pub edge: EdgeId,
    /// The device secret.
    pub secret: String,
    /// For `https://`: the authorities to trust, PEM; without it those that the system trusts.
    pub center_ca: Option<PathBuf>,
    /// Largest size of the spool, bytes; beyond it the oldest pictures go and are counted.
    pub max_bytes: u64,
}

/// Why a picture was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The spool cannot be read or written.
    #[error("evidence spool: {0}")]
    Disk(#[from] std::io::Error),
    /// The address is not one of a center.
    #[error("center.url `{url}`: {reason}")]
    Url {
        /// The address as given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file of the authorities to trust cannot be used.
    #[error("center.ca_file: {0}")]
    Ca(String),
    /// Larger than [`MAX_PICTURE_BYTES`].
    #[error("a picture of {0} bytes is larger than the center takes")]
    TooBig(usize),
}

/// How the evidence is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceStatus {
    /// Pictures in the spool.
    pub waiting: u64,
    /// Their size, bytes.
    pub waiting_bytes: u64,
    /// Pictures that the center took since the start.
    pub sent: u64,
    /// Pictures given up because the spool was full, since the start.
    pub dropped: u64,
    /// Pictures that the center will never take, set aside since the start.
    pub refused: u64,
    /// The last error, for people; `None` after a success.
    pub last_error: Option<String>,
}

struct Newest {
    jpeg: Vec<u8>,
    taken_at: DateTime<Utc>,
}

struct Shared {
    spool: Mutex<Spool>,
    newest: Mutex<BTreeMap<CameraId, Newest>>,
    kept: Notify,
    renewed: Notify,
    status: watch::Sender<EvidenceStatus>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Both guarded values are usable after any panic: a list of files and the newest pictures.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// A handle to the spool; clones share it. Sending ends when the last handle is dropped; what is kept stays on disk.
#[derive(Clone)]
pub struct Evidence {
    shared: Arc<Shared>,
    _tasks: Arc<Tasks>,
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence").field("status", &*self.shared.status.borrow()).finish_non_exhaustive()
    }
}

impl Evidence {
    /// Opens the spool and starts sending on the running tokio runtime.
    ///
    /// # Errors
    /// When the directory or the address cannot be used.
    pub fn start(options: EvidenceOptions) -> Result<Evidence, EvidenceError> {
        let client = Client::new(&options)?;
        let spool = Spool::open(options.dir, options.max_bytes)?;
        let status = EvidenceStatus {
            waiting: spool.count(),
            waiting_bytes: spool.bytes(),
            ..EvidenceStatus::default()
        };
        let shared = Arc::new(Shared {
            spool: Mutex::new(spool),
            newest: Mutex::default(),
            kept: Notify::new(),
            renewed: Notify::new(),
            status: watch::channel(status).0,
        });
        let tasks = vec![
            tokio::spawn(send_kept(Arc::clone(&shared), client.clone())),
            tokio::spawn(send_newest(Arc::clone(&shared), client)),
        ];
        Ok(Evidence { shared, _tasks: Arc::new(Tasks(tasks)) })
    }

    /// Keeps a JPEG on disk until the center has it; returns its name, `sha256:` and 64 hex digits. Blocks for the disk.
    ///
    /// # Errors
    /// When the spool cannot be written or the picture is too large.
    pub fn keep(
        &self,
        camera: &CameraId,
        jpeg: &[u8],
        taken_at: DateTime<Utc>,
    ) -> Result<String, EvidenceError> {
        if jpeg.len() > MAX_PICTURE_BYTES {
            return Err(EvidenceError::TooBig(jpeg.len()));
        }
        let (digest, figures) = {
            let mut spool = lock(&self.shared.spool);
            let kept = spool.keep(camera, jpeg, taken_at);
            (kept, (spool.count(), spool.bytes(), spool.dropped()))
        };
        self.shared.status.send_modify(|s| (s.waiting, s.waiting_bytes, s.dropped) = figures);
        self.shared.kept.notify_one();
        Ok(digest?)
    }

    /// Sends a camera's newest picture when there is time; an older one that still waits is replaced. Never blocks.
    pub fn newest(&self, camera: &CameraId, jpeg: Vec<u8>, taken_at: DateTime<Utc>) {
        lock(&self.shared.newest).insert(camera.clone(), Newest { jpeg, taken_at });
        self.shared.renewed.notify_one();
    }

    /// Follows the status.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<EvidenceStatus> {
        self.shared.status.subscribe()
    }
}

fn backoff() -> Backoff {
    Backoff::new(Duration::from_millis(500), Duration::from_secs(30))
}

/// Sends what the spool holds, oldest first. A picture that fails waits for its own next time, so that one bad
/// picture holds up no other; when the center as a whole is away, all wait.
async fn send_kept(shared: Arc<Shared>, client: Client) {
    let mut center = backoff();
    let mut postponed: BTreeMap<String, (Instant, Backoff)> = BTreeMap::new();
    loop {
        let now = clock::instant();
        let next = lock(&shared.spool).oldest(|name| postponed.get(name).is_none_or(|(at, _)| *at <= now));
        let Some(item) = next else {
            let wait = if postponed.is_empty() { Duration::from_secs(3600) } else { Duration::from_secs(1) };
            tokio::select! {
                () = shared.kept.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
            continue;
        };
        let name = item.name.clone();
        let answer = match tokio::fs::read(&item.path).await {
            Ok(jpeg) if spool::digest(&jpeg) == item.digest => client.evidence(&item, jpeg).await,
            Ok(_) => Answer::Never("the file no longer matches its digest".into()),
            Err(error) => Answer::Later(format!("the spool cannot be read: {error}")),
        };
        // The spool's list changes even when the disk refuses, so a picture is never sent for ever.
        let settled = match &answer {
            Answer::Taken => lock(&shared.spool).remove(&name),
            Answer::Never(reason) => lock(&shared.spool).set_aside(&name, reason),
            Answer::Later(_) | Answer::Away(_) => Ok(()),
        };
        let mut error = settled.err().map(|e| format!("evidence spool: {e}"));
        let wait = match answer {
            Answer::Taken => {
                center.reset();
                postponed.remove(&name);
                None
            }
            Answer::Never(reason) => {
                tracing::warn!(picture = name, reason, "the center will never take this picture");
                postponed.remove(&name);
                shared.status.send_modify(|s| s.refused += 1);
                error = Some(reason);
                None
            }
            Answer::Later(reason) => {
                let entry = postponed.entry(name).or_insert_with(|| (now, backoff()));
                entry.0 = now + entry.1.failed(random_bits());
                error = Some(reason);
                None
            }
            Answer::Away(reason) => {
                error = Some(reason);
                Some(center.failed(random_bits()))
            }
        };
        let (waiting, waiting_bytes) = {
            let spool = lock(&shared.spool);
            (spool.count(), spool.bytes())
        };
        shared.status.send_modify(|s| {
            (s.waiting, s.waiting_bytes) = (waiting, waiting_bytes);
            s.sent += u64::from(error.is_none());
            s.last_error = error;
        });
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
    }
}

/// Sends the newest picture of each camera that has a new one.
async fn send_newest(shared: Arc<Shared>, client: Client) {
    let mut center = backoff();
    loop {
        let next = lock(&shared.newest).pop_first();
        let Some((camera, newest)) = next else {
            shared.renewed.notified().await;
            continue;
        };
        match client.newest(&camera, newest.jpeg, newest.taken_at).await {
            Answer::Taken => center.reset(),
            // The next picture is newer than this one, so this one is not kept.
            Answer::Never(reason) | Answer::Later(reason) => {
                tracing::debug!(%camera, reason, "the center did not take the newest picture");
            }
            Answer::Away(reason) => {
                tracing::debug!(%camera, reason, "the center is away");
                tokio::time::sleep(center.failed(random_bits())).await;
            }
        }
    }
}
