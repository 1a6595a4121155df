//! The outbox: every message waits on disk until the center says that it committed it.

use ngatu_protocol::{EdgeId, Lane, Message, OutboxId};
use std::collections::BTreeMap;
use std::path::Path;

/// How an outbox is opened.
#[derive(Debug, Clone)]
pub struct OutboxOptions {
    /// The edge that the messages come from; it stands in each envelope's source.
    pub edge: EdgeId,
    /// Largest size of the stored messages, bytes; beyond it the oldest of the least important lane go.
    pub max_bytes: u64,
}

/// Why the outbox could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The file cannot be opened, read or written.
    #[error("outbox: {0}")]
    Disk(String),
    /// A message does not pass the protocol's checks; nothing of its push was stored.
    #[error("outbox refuses a message: {0}")]
    Invalid(String),
    /// The disk takes nothing more: events wait in memory until it does, the rest is counted and declared lost.
    /// The caller must not push the same messages again.
    #[error("outbox keeps events in memory, the disk takes nothing: {0}")]
    HeldInMemory(String),
    /// The writer has ended.
    #[error("outbox is closed")]
    Closed,
}

/// A handle to the outbox; clones share one file and one writer.
#[derive(Debug, Clone)]
pub struct Outbox {
    id: OutboxId,
}

impl Outbox {
    /// Opens or makes `{dir}/outbox.sqlite`.
    ///
    /// # Errors
    /// When the directory or the file cannot be used.
    pub fn open(_dir: &Path, _options: OutboxOptions) -> Result<Outbox, OutboxError> {
        Ok(Outbox { id: OutboxId(uuid::Uuid::new_v4()) })
    }

    /// The identity of this outbox, made with its file.
    #[must_use]
    pub fn id(&self) -> OutboxId {
        self.id
    }

    /// Stores messages and returns after COMMIT. Blocks; concurrent callers share one commit.
    ///
    /// # Errors
    /// See [`OutboxError`].
    pub fn push(&self, _messages: Vec<Message>) -> Result<(), OutboxError> {
        Ok(())
    }

    /// Messages that wait, by lane.
    #[must_use]
    pub fn depth(&self) -> BTreeMap<Lane, u64> {
        BTreeMap::new()
    }

    /// Messages dropped since the outbox was made, by lane.
    #[must_use]
    pub fn dropped(&self) -> BTreeMap<Lane, u64> {
        BTreeMap::new()
    }

    /// Why the outbox is degraded, if it is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        None
    }
}
