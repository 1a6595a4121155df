//! The outbox: every message waits on disk until the center says that it committed it.
//!
//! It stands between the pipeline, which pushes, and the uplink, which reads and forgets what was acknowledged. What
//! always holds: a push that returned `Ok` survives a kill at any time; numbers of a lane have no holes except those
//! that a `vn.ngatu.loss.v1` message of the same lane declares; a row that no longer matches its checksum is never sent.
//! A push that the full disk refused is in memory only, but its count is on disk before the push returns, and is declared
//! lost if the process dies before there is room.

mod board;
mod read;
mod repair;
mod reserve;
mod shed;
mod store;
mod tally;
#[cfg(test)]
mod tests;
mod writer;

pub use read::{Slice, Want};

use board::{Board, index};
use ngatu_protocol::{Body, EdgeId, Lane, Message, OutboxId};
use reserve::Reserve;
use rusqlite::Connection;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tally::Tally;
use tokio::sync::Notify;
use writer::{Command, Writer};

/// The outbox's file inside its directory.
pub const FILE_NAME: &str = "outbox.sqlite";

/// How an outbox is opened.
#[derive(Debug, Clone)]
pub struct OutboxOptions {
    /// The edge that the messages come from; it stands in each envelope's source.
    pub edge: EdgeId,
    /// Largest size of the stored messages on disk, bytes; beyond it the oldest of the least important lane go, those that
    /// were handed to the uplink last.
    pub max_bytes: u64,
}

/// Why the outbox could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The file cannot be opened or read.
    #[error("outbox: {0}")]
    Disk(String),
    /// A message does not pass the protocol's checks; nothing of its push was stored.
    #[error("outbox refuses a message: {0}")]
    Invalid(String),
    /// The disk takes nothing more: events wait in memory until it does, the rest is counted and declared lost; both
    /// are, if the process dies meanwhile. The caller must not push the same messages again.
    #[error("outbox keeps events in memory, the disk takes nothing: {0}")]
    HeldInMemory(String),
    /// The writer has ended.
    #[error("outbox is closed")]
    Closed,
}

impl From<rusqlite::Error> for OutboxError {
    fn from(error: rusqlite::Error) -> Self {
        OutboxError::Disk(error.to_string())
    }
}

/// What handles and writer share.
#[derive(Debug)]
struct Shared {
    board: Mutex<Board>,
    /// Locked before the board when both are.
    reader: Mutex<Connection>,
    changed: Notify,
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
        // The board is replaced as a whole, so a panic elsewhere leaves it usable.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Inner {
    id: OutboxId,
    edge: EdgeId,
    shared: Arc<Shared>,
    commands: Option<SyncSender<Command>>,
    writer: Option<JoinHandle<()>>,
    lock: File,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the outbox's writer had panicked");
        }
        // Closing is not enough: a process just started holds a copy of each open file until it runs its own program.
        let _ = self.lock.unlock();
    }
}

/// A handle to the outbox; clones share one file and one writer. The file is closed when the last handle is dropped.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").field("id", &self.inner.id).finish_non_exhaustive()
    }
}

impl Outbox {
    /// Opens or makes the outbox in a directory, which is made if it is missing.
    ///
    /// # Errors
    /// When the directory or the file cannot be used, another process uses it, or it belongs to another edge.
    pub fn open(dir: &Path, options: OutboxOptions) -> Result<Outbox, OutboxError> {
        let at = |what: &str, error: &dyn std::fmt::Display| {
            OutboxError::Disk(format!("{what} in {}: {error}", dir.display()))
        };
        std::fs::create_dir_all(dir).map_err(|e| at("cannot make the directory", &e))?;
        let lock = File::create(dir.join("outbox.lock")).map_err(|e| at("cannot make outbox.lock", &e))?;
        lock.try_lock().map_err(|e| at("another process uses the outbox", &e))?;
        let (connection, reader, known) =
            open_files(dir, &options.edge).map_err(|e| at("cannot open the outbox", &e))?;
        let store::Known { id, boot, settled, lanes } = known;
        let tally = Tally::open(dir.join(tally::FILE_NAME), id, settled);
        let reserve = Reserve::new(dir.join("outbox.reserve"), options.max_bytes);
        let mut board = writer::first_board(&lanes);
        if !reserve.lay_aside() {
            board.problem = Some("the disk is nearly full".into());
        }
        store::limit_log(&connection, reserve.held_bytes())?;
        let shared =
            Arc::new(Shared { board: Mutex::new(board), reader: Mutex::new(reader), changed: Notify::new() });
        let (sender, commands) = sync_channel(1024);
        let mut writer = Writer {
            connection,
            dir: dir.to_owned(),
            is_damaged: false,
            shared: Arc::clone(&shared),
            edge: options.edge.clone(),
            outbox: id,
            boot,
            stored_boot: boot,
            max_bytes: options.max_bytes,
            lanes,
            reserve,
            disk_limit: None,
            held: VecDeque::new(),
            unsaved: tally.unsettled(),
            tally,
        };
        writer.begin();
        let thread = std::thread::Builder::new()
            .name("outbox".into())
            .spawn(move || writer.run(&commands))
            .map_err(|e| at("cannot start the writer", &e))?;
        let inner =
            Inner { id, edge: options.edge, shared, commands: Some(sender), writer: Some(thread), lock };
        Ok(Outbox { inner: Arc::new(inner) })
    }

    /// The identity of this outbox, made with its file.
    #[must_use]
    pub fn id(&self) -> OutboxId {
        self.inner.id
    }

    /// The edge that it belongs to.
    #[must_use]
    pub fn edge(&self) -> &EdgeId {
        &self.inner.edge
    }

    /// Stores messages and returns after COMMIT. Blocks; concurrent callers share one commit.
    ///
    /// # Errors
    /// See [`OutboxError`]. After [`OutboxError::Invalid`] nothing was stored; after [`OutboxError::HeldInMemory`]
    /// the events are in memory.
    pub fn push(&self, messages: Vec<Message>) -> Result<(), OutboxError> {
        if messages.is_empty() {
            return Ok(());
        }
        let checked = messages.into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
        let (caller, answer) = sync_channel(1);
        self.send(Command::Push(checked, caller))?;
        answer.recv().map_err(|_| OutboxError::Closed)?
    }

    /// Counts a connection and returns its number, which grows over the outbox's life. Blocks for the disk.
    ///
    /// # Errors
    /// When the writer has ended.
    pub fn next_boot(&self) -> Result<u64, OutboxError> {
        let (caller, answer) = sync_channel(1);
        self.send(Command::Boot(caller))?;
        answer.recv().map_err(|_| OutboxError::Closed)
    }

    fn send(&self, command: Command) -> Result<(), OutboxError> {
        let commands = self.inner.commands.as_ref().ok_or(OutboxError::Closed)?;
        commands.send(command).map_err(|_| OutboxError::Closed)
    }

    /// Reads a piece of a lane to be sent. Blocks for the disk. What is damaged is left out and declared lost.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn pending(&self, want: Want) -> Result<Slice, OutboxError> {
        let reading = {
            let reader = self.inner.shared.reader();
            read::read(&reader, &mut self.inner.shared.board(), want)
        };
        if reading.as_ref().is_err_and(repair::is_damage) {
            self.send(Command::Repair)?;
        }
        let reading = reading?;
        for complaint in reading.complaints {
            self.send(complaint)?;
        }
        Ok(reading.slice)
    }

    /// Forgets everything of a lane up to a number, because the center has committed it. Returns at once.
    pub fn acknowledged(&self, lane: Lane, upto: u64) {
        let mut board = self.inner.shared.board();
        let acked = &mut board.acked[index(lane)];
        *acked = upto.max(*acked);
        drop(board);
        // A full queue means that the writer is about to look at the board anyway.
        if let Some(commands) = &self.inner.commands {
            let _ = commands.try_send(Command::Acked);
        }
    }

    fn by_lane(&self, figure: impl Fn(&board::LaneState) -> u64) -> BTreeMap<Lane, u64> {
        let board = self.inner.shared.board();
        Lane::ALL.map(|lane| (lane, figure(&board.lanes[index(lane)]))).into()
    }

    /// Messages that wait, by lane; declared losses that wait are among them.
    #[must_use]
    pub fn depth(&self) -> BTreeMap<Lane, u64> {
        self.by_lane(|lane| lane.rows)
    }

    /// Messages dropped since the outbox was made, by lane.
    #[must_use]
    pub fn dropped(&self) -> BTreeMap<Lane, u64> {
        self.by_lane(|lane| lane.dropped)
    }

    /// The lowest number that is not acknowledged yet, by lane; the next one to be given when nothing waits.
    #[must_use]
    pub fn oldest(&self) -> BTreeMap<Lane, u64> {
        self.by_lane(board::LaneState::oldest)
    }

    /// The last number given, by lane; 0 before the first.
    #[must_use]
    pub fn last(&self) -> BTreeMap<Lane, u64> {
        self.by_lane(|lane| lane.next.saturating_sub(1))
    }

    /// Why the outbox is degraded, if it is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.inner.shared.board().problem.clone()
    }

    /// Resolves after the next commit.
    pub async fn changed(&self) {
        self.inner.shared.changed.notified().await;
    }
}

/// Opens the file for the writer and for the readers, after repairing it if it is damaged.
fn open_files(dir: &Path, edge: &EdgeId) -> Result<(Connection, Connection, store::Known), OutboxError> {
    repair::finish(dir)?;
    let path = dir.join(FILE_NAME);
    let sound = match store::connect(&path) {
        Ok(connection) => repair::is_sound(&connection),
        Err(error) if repair::is_damage(&error) => false,
        Err(error) => return Err(error.into()),
    };
    if !sound {
        repair::replace(dir, edge)?;
    }
    let mut connection = store::connect(&path)?;
    let known = store::prepare(&mut connection, edge)?;
    let reader = store::connect(&path)?;
    reader.pragma_update(None, "query_only", true)?;
    Ok((connection, reader, known))
}

/// A message that fits in no payload would be refused by every center for ever, and with it all that follows.
fn check_size(data: &impl serde::Serialize) -> Result<(), String> {
    const ENVELOPE_BYTES: usize = 1024;
    let bytes = serde_json::to_vec(data).map_err(|e| e.to_string())?.len();
    if bytes + ENVELOPE_BYTES > ngatu_protocol::batch::MAX_PAYLOAD_BYTES {
        return Err(format!("{bytes} bytes fit in no payload"));
    }
    Ok(())
}

fn check(message: Message) -> Result<(Lane, Message), OutboxError> {
    let checked = match &message.body {
        Body::Event(data) => data.check().and_then(|()| check_size(data)),
        Body::Observation(data) => data.check().and_then(|()| check_size(data)),
        Body::Track(data) => data.check().and_then(|()| check_size(data)),
        Body::Health(data) => data.check().and_then(|()| check_size(data)),
        Body::Loss(_) => Err("losses are declared by the outbox itself".into()),
    };
    checked.map_err(OutboxError::Invalid)?;
    let lane = message.body.lane().ok_or_else(|| OutboxError::Invalid("it belongs in no lane".into()))?;
    Ok((lane, message))
}
