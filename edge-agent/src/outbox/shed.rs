//! What the outbox does when room runs out: it drops the oldest rows of the least important lane and declares each.
//!
//! One exception: rows that were handed to the uplink and are not acknowledged yet go after all others of their lane,
//! although they are the oldest. Most of them have arrived already, so dropping them would declare lost what is not.
//!
//! A declared loss is itself a message of the same lane. While nobody has read it, it grows instead of being joined
//! by another, so a long shortage leaves one message and not thousands.

use super::board::{Board, LaneState, Span, cost_bytes, index};
use super::store;
use chrono::{DateTime, Utc};
use ngatu_protocol::{Body, EdgeId, Lane, Loss, LossReason, Message, OutboxId};
use rusqlite::Connection;
use uuid::Uuid;

/// How many rows are looked at in one go.
const STEP_ROWS: usize = 500;

/// A transaction's view of the outbox.
pub(super) struct Ledger<'a> {
    pub(super) connection: &'a Connection,
    pub(super) lanes: &'a mut [LaneState; 4],
    pub(super) edge: &'a EdgeId,
    pub(super) outbox: OutboxId,
    pub(super) now: DateTime<Utc>,
}

impl Ledger<'_> {
    /// Appends a message under the lane's next number.
    pub(super) fn append(&mut self, lane: Lane, message: &Message) -> rusqlite::Result<()> {
        let state = &mut self.lanes[index(lane)];
        let body = encode(message, self.edge, self.outbox, state.next)?;
        store::insert(self.connection, lane, state.next, &body)?;
        state.next += 1;
        state.rows += 1;
        state.bytes += cost_bytes(body.len());
        Ok(())
    }

    /// Forgets what the center acknowledged.
    pub(super) fn clear(&mut self, lane: Lane, upto: u64) -> rusqlite::Result<()> {
        let state = &mut self.lanes[index(lane)];
        let mut upto = upto.min(state.next - 1);
        // A loss that also speaks of numbers above `upto` stays until they are acknowledged too.
        if let Some((number, _)) = state.losses.range(..=upto).find(|(_, span)| span.to > upto) {
            upto = number - 1;
        }
        if upto <= state.cleared {
            return Ok(());
        }
        let (rows, bytes) = store::delete(self.connection, lane, 0, upto)?;
        state.rows = state.rows.saturating_sub(rows);
        state.bytes = state.bytes.saturating_sub(bytes);
        state.cleared = upto;
        state.losses.retain(|number, _| *number > upto);
        if upto + 1 == state.next {
            // Rows that vanished without a word were still counted.
            (state.rows, state.bytes) = (0, 0);
        }
        Ok(())
    }

    /// Drops rows until all lanes together cost at most `limit` bytes.
    pub(super) fn shed(&mut self, board: &mut Board, limit: u64, reason: LossReason) -> rusqlite::Result<()> {
        for lane in Lane::DROP_ORDER {
            let handed_out = board.handed_out[index(lane)];
            for after in [handed_out, 0] {
                self.shed_lane(board, Shortage { lane, after, limit, reason })?;
            }
        }
        Ok(())
    }

    fn shed_lane(&mut self, board: &mut Board, shortage: Shortage) -> rusqlite::Result<()> {
        let Shortage { lane, mut after, limit, reason } = shortage;
        loop {
            let mut excess = self.total_bytes().saturating_sub(limit);
            if excess == 0 {
                return Ok(());
            }
            let rows = store::costs_after(self.connection, lane, after, STEP_ROWS)?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut runs: Vec<(u64, u64)> = Vec::new();
            for (sequence, cost) in rows {
                after = sequence;
                if self.lanes[index(lane)].losses.contains_key(&sequence) {
                    continue;
                }
                match runs.last_mut() {
                    Some(run) if run.1 + 1 == sequence => run.1 = sequence,
                    _ => runs.push((sequence, sequence)),
                }
                excess = excess.saturating_sub(cost);
                if excess == 0 {
                    break;
                }
            }
            for (from, to) in runs {
                let (rows, bytes) = store::delete(self.connection, lane, from, to)?;
                let state = &mut self.lanes[index(lane)];
                state.rows = state.rows.saturating_sub(rows);
                state.bytes = state.bytes.saturating_sub(bytes);
                self.declare(board, lane, Loss { from, to, count: rows, reason })?;
            }
        }
    }

    /// Gives numbers to messages that were dropped before they could be stored, and declares them.
    pub(super) fn declare_unsaved(
        &mut self,
        board: &mut Board,
        lane: Lane,
        count: u64,
    ) -> rusqlite::Result<()> {
        let state = &mut self.lanes[index(lane)];
        let from = state.next;
        state.next += count;
        self.declare(board, lane, Loss { from, to: from + count - 1, count, reason: LossReason::Disk })
    }

    /// Moves a row that no longer matches its checksum out of the way and declares it.
    pub(super) fn quarantine(&mut self, board: &mut Board, lane: Lane, number: u64) -> rusqlite::Result<()> {
        let Some(row) = store::read_one(self.connection, lane, number)? else { return Ok(()) };
        if row.verified(lane).is_some() {
            return Ok(());
        }
        self.connection.execute(
            &format!(
                "INSERT INTO quarantine SELECT '{lane}', sequence, checksum, body FROM {lane} WHERE sequence = ?1"
            ),
            [store::sql(number)],
        )?;
        let (rows, bytes) = store::delete(self.connection, lane, number, number)?;
        let state = &mut self.lanes[index(lane)];
        state.rows = state.rows.saturating_sub(rows);
        state.bytes = state.bytes.saturating_sub(bytes);
        // A damaged number was perhaps never given: only numbers that were can be lost.
        if number < state.next && number > state.cleared {
            let lost = state.losses.remove(&number);
            self.declare(
                board,
                lane,
                Loss { from: number, to: number, count: 1, reason: LossReason::Corrupt },
            )?;
            // A damaged declaration is made again from the table of losses.
            if let Some(span) = lost {
                self.lanes[index(lane)].dropped -= span.count;
                board.growable[index(lane)] = None;
                let Span { from, to, count, reason, .. } = span;
                self.declare(board, lane, Loss { from, to, count, reason })?;
            }
        }
        Ok(())
    }

    /// Declares numbers whose rows have vanished from the file without a word. Declarations among them are made again
    /// from the table of losses.
    pub(super) fn declare_missing(
        &mut self,
        board: &mut Board,
        lane: Lane,
        range: (u64, u64),
    ) -> rusqlite::Result<()> {
        let state = &self.lanes[index(lane)];
        let (from, to) = (range.0.max(state.cleared + 1), range.1.min(state.next - 1));
        let present = from <= to
            && store::costs_after(self.connection, lane, from - 1, 1)?.first().is_some_and(|row| row.0 <= to);
        if from > to || present || state.accounts_for(from, to) {
            return Ok(());
        }
        let undeclared = state.undeclared(from, to);
        let vanished: Vec<(u64, Span)> = state.losses.range(from..=to).map(|(n, span)| (*n, *span)).collect();
        for (from, to) in undeclared {
            let count = to - from + 1;
            self.declare(board, lane, Loss { from, to, count, reason: LossReason::Corrupt })?;
        }
        for (number, span) in vanished {
            let state = &mut self.lanes[index(lane)];
            state.losses.remove(&number);
            state.dropped = state.dropped.saturating_sub(span.count);
            board.growable[index(lane)] = None;
            let Span { from, to, mut count, reason, .. } = span;
            // One that had grown beyond its own number did not count itself.
            count += u64::from(from <= number && number <= to);
            self.declare(board, lane, Loss { from, to, count, reason })?;
        }
        Ok(())
    }

    fn declare(&mut self, board: &mut Board, lane: Lane, loss: Loss) -> rusqlite::Result<()> {
        let at = index(lane);
        self.lanes[at].dropped += loss.count;
        if let Some((number, span)) = self.growing(board, lane, &loss) {
            let loss =
                Loss { from: span.from, to: loss.to, count: span.count + loss.count, reason: span.reason };
            let body = self.encode_loss(number, &loss)?;
            store::replace(self.connection, lane, number, &body)?;
            let cost = cost_bytes(body.len());
            let state = &mut self.lanes[at];
            state.bytes = state.bytes + cost - span.cost;
            state.losses.insert(number, Span { to: loss.to, count: loss.count, cost, ..span });
            return Ok(());
        }
        let number = self.lanes[at].next;
        let body = self.encode_loss(number, &loss)?;
        store::insert(self.connection, lane, number, &body)?;
        let cost = cost_bytes(body.len());
        let state = &mut self.lanes[at];
        state.next += 1;
        state.rows += 1;
        state.bytes += cost;
        let Loss { from, to, count, reason } = loss;
        state.losses.insert(number, Span { from, to, count, reason, cost });
        board.growable[at] = Some(number);
        Ok(())
    }

    /// The loss that can take `loss` in: unread, of the same reason, with nothing but itself in between.
    fn growing(&self, board: &Board, lane: Lane, loss: &Loss) -> Option<(u64, Span)> {
        let number = board.growable[index(lane)]?;
        let span = *self.lanes[index(lane)].losses.get(&number)?;
        let adjoins = span.to + 1 == loss.from || (span.to + 1 == number && number + 1 == loss.from);
        (adjoins && span.reason == loss.reason).then_some((number, span))
    }

    fn encode_loss(&self, number: u64, loss: &Loss) -> rusqlite::Result<Vec<u8>> {
        let message =
            Message { id: Uuid::now_v7(), camera: None, time: self.now, body: Body::Loss(loss.clone()) };
        encode(&message, self.edge, self.outbox, number)
    }

    /// What all rows of all lanes cost.
    pub(super) fn total_bytes(&self) -> u64 {
        self.lanes.iter().map(|state| state.bytes).sum()
    }
}

struct Shortage {
    lane: Lane,
    after: u64,
    limit: u64,
    reason: LossReason,
}

/// The text that travels.
pub(super) fn encode(
    message: &Message,
    edge: &EdgeId,
    outbox: OutboxId,
    sequence: u64,
) -> rusqlite::Result<Vec<u8>> {
    message
        .seal(edge, outbox, sequence)
        .and_then(|envelope| serde_json::to_vec(&envelope))
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}
