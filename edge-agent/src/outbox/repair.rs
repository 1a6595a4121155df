//! What happens when the file itself is damaged: all that can still be read and matches its checksum moves to a new
//! file under the same identity; the rest is missed by the readers later and declared lost.

use super::board::{cost_bytes, index};
use super::{FILE_NAME, OutboxError, store};
use ngatu_protocol::{EdgeId, Lane};
use rusqlite::{Connection, ErrorCode};
use std::fs::{self, File};
use std::path::Path;

/// The damaged file is kept under this name for a look; the last one only.
const DAMAGED_NAME: &str = "outbox.damaged.sqlite";
const NEW_NAME: &str = "outbox.new.sqlite";
/// After so many unreadable places in a row larger steps are taken.
const PATIENCE: u64 = 2000;

/// Whether an error says that the file is damaged, rather than full or busy.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether the file's structure is sound. Rows are not looked at: each has its checksum.
pub(super) fn is_sound(connection: &Connection) -> bool {
    connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        .is_ok_and(|answer| answer == "ok")
}

/// Replaces the damaged file. When not even its identity can be read, nothing is put in its place, and the next
/// opening makes a new outbox with a new identity.
pub(super) fn replace(dir: &Path, edge: &EdgeId) -> Result<(), OutboxError> {
    remove(dir, NEW_NAME).map_err(failed)?;
    let salvaged = salvage(dir, edge);
    match &salvaged {
        Ok(rows) => tracing::error!(rows, "the outbox's file was damaged; what could be read goes on"),
        Err(error) => {
            tracing::error!(%error, "the outbox's file is damaged beyond repair; a new one begins");
            // Under its name a later opening expects a complete file.
            remove(dir, NEW_NAME).map_err(failed)?;
        }
    }
    remove(dir, DAMAGED_NAME).map_err(failed)?;
    fs::rename(dir.join(FILE_NAME), dir.join(DAMAGED_NAME)).map_err(failed)?;
    finish(dir)
}

/// Puts the repaired file in its place when there is none: the last step of a repair, which a crash may have cut off.
/// The companions of the file that is gone go first, since SQLite would fold its log into any file of that name.
pub(super) fn finish(dir: &Path) -> Result<(), OutboxError> {
    if dir.join(FILE_NAME).try_exists().map_err(failed)? {
        return Ok(());
    }
    remove(dir, FILE_NAME).map_err(failed)?;
    if dir.join(NEW_NAME).try_exists().map_err(failed)? {
        fs::rename(dir.join(NEW_NAME), dir.join(FILE_NAME)).map_err(failed)?;
    }
    // The repaired file was closed and folded in, so its companions hold nothing.
    remove(dir, NEW_NAME).map_err(failed)?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)
}

fn failed(error: std::io::Error) -> OutboxError {
    OutboxError::Disk(format!("cannot repair the outbox: {error}"))
}

/// Removes a database file and its two companions.
fn remove(dir: &Path, name: &str) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(dir.join(format!("{name}{suffix}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Copies what is sound; answers how many rows.
fn salvage(dir: &Path, edge: &EdgeId) -> Result<u64, OutboxError> {
    let old = Connection::open(dir.join(FILE_NAME))?;
    let known = store::load(&old, edge)?;
    let mut new = store::connect(&dir.join(NEW_NAME))?;
    let tx = new.transaction()?;
    store::create(&tx, edge, known.id)?;
    store::set_number(&tx, store::BOOT, known.boot)?;
    store::set_number(&tx, store::SETTLED, known.settled)?;
    let mut after = known.lanes;
    for lane in Lane::ALL {
        let state = &mut after[index(lane)];
        (state.rows, state.bytes) = copy_rows(&old, &tx, lane, state.next)?;
    }
    store::save_lanes(&tx, &Default::default(), &after)?;
    tx.commit()?;
    new.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(after.iter().map(|lane| lane.rows).sum())
}

fn copy_rows(old: &Connection, new: &Connection, lane: Lane, next: u64) -> Result<(u64, u64), OutboxError> {
    let (mut rows, mut bytes) = (0, 0);
    let (mut after, mut unreadable) = (0, 0);
    while after + 1 < next {
        let mut failure = None;
        let read = store::read_after(old, lane, after, |row| {
            let number = row.sequence;
            // A damaged tree can hand out numbers in any order; going back would never end.
            if number <= after || number >= next {
                return false;
            }
            (after, unreadable) = (number, 0);
            if let Some(text) = row.verified(lane) {
                if let Err(error) = store::insert(new, lane, number, text.as_bytes()) {
                    failure = Some(error);
                    return false;
                }
                rows += 1;
                bytes += cost_bytes(text.len());
            }
            true
        });
        if let Some(error) = failure {
            return Err(error.into());
        }
        if read.is_ok() && unreadable == 0 && store::nothing_after(old, lane, after) {
            break;
        }
        unreadable += 1;
        after += 1 + unreadable / PATIENCE * 100;
    }
    Ok((rows, bytes))
}
