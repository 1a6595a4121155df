//! The one thread that writes: it takes what has queued up and commits it as one transaction.
//!
//! When the disk takes nothing more it gives back a reserve, drops the least important rows and writes in the room
//! that they leave; when even that fails, events wait in memory and everything else is counted, to be declared lost
//! with numbers of its own as soon as the disk recovers. How many there are is noted in the tally's file, so that a
//! later process declares what this one could not.

use super::board::{Board, LaneState, index};
use super::reserve::Reserve;
use super::shed::Ledger;
use super::tally::Tally;
use super::{OutboxError, Shared, open_files, repair, store};
use crate::clock;
use ngatu_protocol::{EdgeId, Lane, LossReason, Message, OutboxId};
use rusqlite::Connection;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// Most messages in one transaction.
const GROUP_MESSAGES: usize = 5000;
/// Most events that wait in memory while the disk takes nothing.
const HELD_MESSAGES: usize = 10_000;
/// How often a degraded outbox tries again by itself.
const RETRY: Duration = Duration::from_millis(500);

/// What the handles ask the writer for.
pub(super) enum Command {
    Push(Vec<(Lane, Message)>, SyncSender<Result<(), OutboxError>>),
    Boot(SyncSender<u64>),
    /// The center acknowledged something: see the board.
    Acked,
    /// A row that does not match its checksum.
    Corrupt(Lane, u64),
    /// Numbers without rows that nothing declares.
    Missing(Lane, (u64, u64)),
    /// A reader found the file itself damaged.
    Repair,
}

#[derive(Default)]
struct Group {
    messages: Vec<(Lane, Message)>,
    /// Who waits, and how many of `messages` are theirs.
    callers: Vec<SyncSender<Result<(), OutboxError>>>,
    boots: Vec<SyncSender<u64>>,
    corrupt: Vec<(Lane, u64)>,
    missing: Vec<(Lane, (u64, u64))>,
    repair: bool,
}

impl Group {
    fn add(&mut self, command: Command) {
        match command {
            Command::Push(messages, caller) => {
                self.messages.extend(messages);
                self.callers.push(caller);
            }
            Command::Boot(caller) => self.boots.push(caller),
            Command::Acked => {}
            Command::Corrupt(lane, number) => self.corrupt.push((lane, number)),
            Command::Missing(lane, range) => self.missing.push((lane, range)),
            Command::Repair => self.repair = true,
        }
    }
}

/// The writer's own state.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) dir: PathBuf,
    /// The file is damaged and could not be repaired yet.
    pub(super) is_damaged: bool,
    pub(super) shared: Arc<Shared>,
    pub(super) edge: EdgeId,
    pub(super) outbox: OutboxId,
    pub(super) boot: u64,
    /// The boot number that the file holds: a bad disk may have refused a later one.
    pub(super) stored_boot: u64,
    pub(super) max_bytes: u64,
    pub(super) lanes: [LaneState; 4],
    pub(super) reserve: Reserve,
    /// The size that the disk allowed when it was full.
    pub(super) disk_limit: Option<u64>,
    /// Events that could not be stored, oldest first.
    pub(super) held: VecDeque<(Lane, Message)>,
    /// Messages that were dropped before they got a number, by this process or by one that died without room.
    pub(super) unsaved: [u64; 4],
    /// What `held` and `unsaved` come to, on disk.
    pub(super) tally: Tally,
}

impl Writer {
    /// Declares what the process before this one had no room for.
    pub(super) fn begin(&mut self) {
        if self.unsaved != [0; 4] {
            tracing::warn!(dropped = self.unsaved.iter().sum::<u64>(), "messages were lost to a full disk");
            self.serve(Group::default());
        }
    }

    pub(super) fn run(mut self, commands: &Receiver<Command>) {
        loop {
            let mut group = Group::default();
            let wait = if self.shared.board().problem.is_some() { RETRY } else { Duration::from_secs(3600) };
            match commands.recv_timeout(wait) {
                Ok(command) => group.add(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            }
            let most = self.group_messages();
            while group.messages.len() < most
                && let Ok(command) = commands.try_recv()
            {
                group.add(command);
            }
            self.serve(group);
        }
    }

    /// The last handle is gone: what waits in memory gets a last chance.
    fn end(mut self) {
        if self.held.is_empty() && self.unsaved == [0; 4] {
            return;
        }
        self.serve(Group::default());
        if !self.held.is_empty() || self.unsaved != [0; 4] {
            let (held, dropped) = (self.held.len(), self.unsaved.iter().sum::<u64>());
            tracing::error!(held, dropped, "the disk takes nothing: events in memory are lost");
        }
    }

    /// A transaction must fit in the reserve, about 1 KiB a message.
    fn group_messages(&self) -> usize {
        usize::try_from(self.reserve.held_bytes() / 2 / 1024)
            .unwrap_or(GROUP_MESSAGES)
            .clamp(50, GROUP_MESSAGES)
    }

    fn serve(&mut self, mut group: Group) {
        let messages = std::mem::take(&mut group.messages);
        if !group.boots.is_empty() {
            self.boot += 1;
        }
        if group.repair || self.is_damaged {
            self.repair();
        }
        let mut outcome = self.transact(&messages, &group, None);
        if outcome.as_ref().is_err_and(repair::is_damage) {
            self.repair();
            outcome = self.transact(&messages, &group, None);
        }
        if let Err(error) = &outcome {
            tracing::warn!(%error, "the outbox cannot be written, making room");
            self.degrade(error);
            outcome = self.rescue(&messages, &group);
        }
        let result = match outcome {
            Ok(()) => {
                self.held.clear();
                self.unsaved = [0; 4];
                self.try_to_recover();
                Ok(())
            }
            Err(error) => Err(self.hold(messages, &error)),
        };
        self.shared.changed.notify_waiters();
        self.shared.changed.notify_one();
        for caller in group.callers {
            // A caller that no longer waits has nobody to tell.
            let _ = caller.send(match &result {
                Ok(()) => Ok(()),
                Err(reason) => Err(OutboxError::HeldInMemory(reason.clone())),
            });
        }
        for caller in group.boots {
            let _ = caller.send(self.boot);
        }
    }

    /// One transaction with everything that waits. `free_bytes`: how much less than now the rows may cost after it.
    fn transact(
        &mut self,
        messages: &[(Lane, Message)],
        group: &Group,
        free_bytes: Option<u64>,
    ) -> rusqlite::Result<()> {
        let mut lanes = self.lanes.clone();
        let acked = self.shared.board().acked;
        let tx = self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut ledger = Ledger {
            connection: &tx,
            lanes: &mut lanes,
            edge: &self.edge,
            outbox: self.outbox,
            now: clock::now(),
        };
        for lane in Lane::ALL {
            if acked[index(lane)] > ledger.lanes[index(lane)].cleared {
                ledger.clear(lane, acked[index(lane)])?;
            }
        }
        let limit = match free_bytes {
            Some(free) => ledger.total_bytes().saturating_sub(free).min(self.max_bytes),
            None => self.disk_limit.unwrap_or(self.max_bytes).min(self.max_bytes),
        };
        let reason = if limit < self.max_bytes { LossReason::Disk } else { LossReason::OutboxFull };
        let coming: u64 = messages.len() as u64 * 512;
        let special =
            !(group.corrupt.is_empty() && group.missing.is_empty()) || self.unsaved.iter().any(|n| *n > 0);
        // With room made first, what follows is written into pages that are free already.
        let mut guard = None;
        if special || free_bytes.is_some() || ledger.total_bytes() + coming > limit {
            guard = Some(self.shared.board());
        }
        let growable_before = guard.as_ref().map(|board| board.growable);
        let result = (|| {
            if let Some(board) = guard.as_deref_mut() {
                if ledger.total_bytes() > limit {
                    ledger.shed(board, limit, reason)?;
                }
                for (lane, number) in &group.corrupt {
                    ledger.quarantine(board, *lane, *number)?;
                }
                for (lane, range) in &group.missing {
                    ledger.declare_missing(board, *lane, *range)?;
                }
                for lane in Lane::ALL {
                    if self.unsaved[index(lane)] > 0 {
                        ledger.declare_unsaved(board, lane, self.unsaved[index(lane)])?;
                    }
                }
            }
            for (lane, message) in self.held.iter().chain(messages) {
                ledger.append(*lane, message)?;
            }
            if ledger.total_bytes() > limit {
                let board = guard.get_or_insert_with(|| self.shared.board());
                // A little more than needed, so that not every push has to drop.
                ledger.shed(board, limit - limit / 64, reason)?;
            }
            if self.boot != self.stored_boot {
                store::set_number(&tx, store::BOOT, self.boot)?;
            }
            if let Some(record) = self.tally.to_settle() {
                store::set_number(&tx, store::SETTLED, record)?;
            }
            store::save_lanes(&tx, &self.lanes, ledger.lanes)
        })();
        let result = result.and_then(|()| tx.commit());
        let mut board = guard.unwrap_or_else(|| self.shared.board());
        match result {
            Ok(()) => {
                board.lanes = lanes.clone();
                self.lanes = lanes;
                self.stored_boot = self.boot;
                self.tally.settle();
                Ok(())
            }
            Err(error) => {
                if let Some(before) = growable_before {
                    board.growable = before;
                }
                Err(error)
            }
        }
    }

    /// Replaces a damaged file and goes on in the new one.
    fn repair(&mut self) {
        // A second reader may have asked for what is done already.
        if !self.is_damaged && repair::is_sound(&self.connection) {
            return;
        }
        self.is_damaged = true;
        let mut reader = self.shared.reader();
        let outcome = (|| {
            // Both connections let go of the file before it is replaced.
            self.connection = Connection::open_in_memory()?;
            *reader = Connection::open_in_memory()?;
            let (connection, new_reader, known) = open_files(&self.dir, &self.edge)?;
            if known.id != self.outbox {
                let reason = "nothing of its file could be read; a restart begins a new one";
                return Err(OutboxError::Disk(reason.into()));
            }
            store::limit_log(&connection, self.reserve.held_bytes())?;
            (self.connection, *reader) = (connection, new_reader);
            Ok((known.boot, known.lanes))
        })();
        let mut board = self.shared.board();
        match outcome {
            Ok((stored_boot, lanes)) => {
                self.stored_boot = stored_boot;
                board.lanes.clone_from(&lanes);
                board.growable = [None; 4];
                self.lanes = lanes;
                self.is_damaged = false;
            }
            Err(error) => board.problem = Some(error.to_string()),
        }
    }

    fn degrade(&mut self, error: &rusqlite::Error) {
        self.shared.board().problem = Some(format!("the outbox cannot be written: {error}"));
    }

    /// Makes room step by step until the group can be stored.
    fn rescue(&mut self, messages: &[(Lane, Message)], group: &Group) -> rusqlite::Result<()> {
        self.reserve.release();
        let coming: u64 = (messages.len() + self.held.len()) as u64 * 1024;
        let total: u64 = self.lanes.iter().map(|lane| lane.bytes).sum();
        let mut last = Ok(());
        for free in [coming + total / 16 + 32 * 1024, coming * 2 + total / 4 + 64 * 1024] {
            self.fold_log();
            last = self.transact(messages, group, Some(free));
            if last.is_ok() {
                self.disk_limit = Some(self.lanes.iter().map(|lane| lane.bytes).sum());
                self.fold_log();
                return last;
            }
        }
        last
    }

    /// Folds the write-ahead log into the file, so that the log's room can be used again.
    fn fold_log(&self) {
        let folded =
            self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0));
        if let Err(error) = folded {
            tracing::debug!(%error, "the outbox's log could not be folded in");
        }
    }

    /// Events wait in memory, the rest is counted. Returns the reason for the caller.
    fn hold(&mut self, messages: Vec<(Lane, Message)>, error: &rusqlite::Error) -> String {
        for (lane, message) in messages {
            if lane == Lane::Events {
                self.held.push_back((lane, message));
            } else {
                self.unsaved[index(lane)] += 1;
            }
        }
        while self.held.len() > HELD_MESSAGES {
            if let Some((lane, _)) = self.held.pop_front() {
                self.unsaved[index(lane)] += 1;
            }
        }
        let mut at_stake = self.unsaved;
        at_stake[index(Lane::Events)] += self.held.len() as u64;
        self.tally.note(at_stake);
        let reason = error.to_string();
        self.shared.board().problem = Some(format!(
            "the outbox cannot be written: {reason}; {} events wait in memory, {} messages were dropped",
            self.held.len(),
            self.unsaved.iter().sum::<u64>()
        ));
        reason
    }

    /// Ends the degraded state once the reserve can be laid aside again.
    fn try_to_recover(&mut self) {
        if self.shared.board().problem.is_none() {
            return;
        }
        self.fold_log();
        if self.reserve.lay_aside() {
            self.disk_limit = None;
            if let Err(error) = store::limit_log(&self.connection, self.reserve.held_bytes()) {
                tracing::debug!(%error, "the log's limit could not be set");
            }
            self.shared.board().problem = None;
            tracing::info!("the outbox can be written again");
        }
    }
}

/// A board as a fresh writer publishes it.
pub(super) fn first_board(lanes: &[LaneState; 4]) -> Board {
    let acked = [0, 1, 2, 3].map(|i| lanes[i].cleared);
    Board { lanes: lanes.clone(), acked, ..Board::default() }
}
