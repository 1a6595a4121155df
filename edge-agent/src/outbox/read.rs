//! What the uplink reads: a lane's rows in the order in which they should travel.
//!
//! That is the order of the numbers, with one exception: a declared loss travels where its hole is, not only where
//! its own number stands. The center acknowledges unbroken runs, so a hole whose declaration came a thousand messages
//! later would hold up a sender that keeps a bounded number in flight. It does so also when reading begins inside
//! the hole: an acknowledgement may end there.

use super::board::{Board, Span, index};
use super::store;
use super::writer::Command;
use ngatu_protocol::Lane;
use rusqlite::Connection;

/// A piece of a lane, read to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slice {
    /// Encoded envelopes in the order in which they should travel.
    pub envelopes: Vec<String>,
    /// The position to read on from: the last number that this piece passed; `after` again when there was nothing.
    pub upto: u64,
    /// The highest number that is settled once the center has all of this piece: higher than `upto` when a loss
    /// among them speaks of later numbers.
    pub settles: u64,
}

/// How much to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// The lane.
    pub lane: Lane,
    /// Numbers above this one.
    pub after: u64,
    /// At most this many envelopes; at least one is read when there is one.
    pub max_messages: usize,
    /// At most this many bytes, except that one envelope is always read.
    pub max_bytes: usize,
}

pub(super) struct Reading {
    pub(super) slice: Slice,
    /// What the writer should put right.
    pub(super) complaints: Vec<Command>,
}

/// Reads a piece and notes on the board what was handed out. The board is locked by the caller, so no loss can grow
/// between the reading and the note.
pub(super) fn read(connection: &Connection, board: &mut Board, want: Want) -> rusqlite::Result<Reading> {
    let Want { lane, after, max_messages, max_bytes } = want;
    let at = index(lane);
    let losses: Vec<(u64, Span)> =
        board.lanes[at].losses.iter().map(|(n, span)| (*n, *span)).filter(|(_, s)| s.to > after).collect();
    let mut slice = Slice { envelopes: Vec::new(), upto: after, settles: after };
    let mut complaints = Vec::new();
    let mut given: Vec<u64> = Vec::new();
    let mut bytes = 0;
    let mut expected = after.max(board.acked[at]) + 1;
    let mut failure = None;
    let mut is_end = true;
    store::read_after(connection, lane, after, |row| {
        let number = row.sequence;
        if number > expected && !board.lanes[at].accounts_for(expected, number - 1) {
            complaints.push(Command::Missing(lane, (expected, number - 1)));
        }
        let Some(text) = row.verified(lane) else {
            complaints.push(Command::Corrupt(lane, number));
            slice.upto = number;
            expected = number + 1;
            return true;
        };
        let mut pieces = Vec::new();
        for (loss, _) in losses.iter().filter(|(n, s)| s.from <= number && *n > number && !given.contains(n))
        {
            match store::read_one(connection, lane, *loss) {
                // Behind its hole nothing is acknowledged, so nobody would come by its own number.
                Ok(None) => complaints.push(Command::Missing(lane, (*loss, *loss))),
                Ok(Some(row)) => match row.verified(lane) {
                    Some(text) => pieces.push((*loss, text)),
                    None => complaints.push(Command::Corrupt(lane, *loss)),
                },
                Err(error) => failure = Some(error),
            }
        }
        pieces.push((number, text));
        let size: usize = pieces.iter().map(|(_, text)| text.len() + 1).sum();
        let full = slice.envelopes.len() + pieces.len() > max_messages || bytes + size > max_bytes;
        if full && !slice.envelopes.is_empty() {
            is_end = false;
            return false;
        }
        bytes += size;
        let sequence = number;
        for (number, text) in pieces {
            slice.settles = slice.settles.max(settles(board, at, number, number == sequence));
            given.push(number);
            slice.envelopes.push(text);
        }
        slice.upto = number;
        expected = number + 1;
        is_end = slice.envelopes.len() < max_messages;
        is_end
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    // The board is never ahead of the file: what it says was given and has no row at the end is missing too.
    let last = board.lanes[at].next.saturating_sub(1);
    if is_end && expected <= last && !board.lanes[at].accounts_for(expected, last) {
        complaints.push(Command::Missing(lane, (expected, last)));
    }
    slice.settles = slice.settles.max(slice.upto);
    board.handed_out[at] = board.handed_out[at].max(slice.upto);
    if board.growable[at].is_some_and(|n| given.contains(&n)) {
        board.growable[at] = None;
    }
    Ok(Reading { slice, complaints })
}

/// The highest number that is settled with a row. A loss that travels early settles its range but not its own number,
/// since what lies in between is still to come.
fn settles(board: &Board, lane: usize, number: u64, in_order: bool) -> u64 {
    let own = if in_order { number } else { 0 };
    board.lanes[lane].losses.get(&number).map_or(own, |span| span.to.max(own))
}
