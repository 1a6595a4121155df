//! The outbox's file: its tables, its rows and their checksums. No policy here.

use super::OutboxError;
use super::board::{LaneState, Span, cost_bytes, index};
use ngatu_protocol::{EdgeId, Lane, LossReason, OutboxId};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use uuid::Uuid;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lanes (
    lane TEXT PRIMARY KEY, next INTEGER NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
    dropped INTEGER NOT NULL, cleared INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS losses (
    lane TEXT NOT NULL, sequence INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, reason TEXT NOT NULL, cost INTEGER NOT NULL, PRIMARY KEY (lane, sequence)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarantine (
    lane TEXT NOT NULL, sequence INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS events (sequence INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS health (sequence INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS observations (sequence INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tracks (sequence INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, body BLOB NOT NULL);
";

/// What the file says of the outbox as a whole.
pub(super) struct Known {
    pub(super) id: OutboxId,
    pub(super) boot: u64,
    /// The tally's record that is stored or declared, 0 for none.
    pub(super) settled: u64,
    pub(super) lanes: [LaneState; 4],
}

/// A row as it lies in the file.
pub(super) struct StoredRow {
    pub(super) sequence: u64,
    checksum: u32,
    pub(super) body: Vec<u8>,
}

impl StoredRow {
    /// The row's text, if it is still what was written under this number.
    pub(super) fn verified(self, lane: Lane) -> Option<String> {
        if checksum(lane, self.sequence, &self.body) == self.checksum {
            String::from_utf8(self.body).ok()
        } else {
            None
        }
    }
}

fn checksum(lane: Lane, sequence: u64, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(lane.as_str().as_bytes());
    hasher.update(&sequence.to_le_bytes());
    hasher.update(body);
    hasher.finalize()
}

/// SQLite counts in i64; numbers of an outbox never come near its end.
pub(super) fn sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Opens the file for one user of it.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Sets how far the write-ahead log grows before it is folded in: what it holds must find room in the file when the
/// disk is full, so it may hold half of the reserve.
pub(super) fn limit_log(connection: &Connection, reserve_bytes: u64) -> rusqlite::Result<()> {
    let pages = (reserve_bytes / 2 / 4096).clamp(16, 1000);
    connection.pragma_update(None, "wal_autocheckpoint", sql(pages))
}

/// Makes what is missing and reads the figures.
pub(super) fn prepare(connection: &mut Connection, edge: &EdgeId) -> Result<Known, OutboxError> {
    let exists: bool =
        connection.query_row("SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'tracks'", [], |row| {
            row.get(0)
        })?;
    if !exists {
        let tx = connection.transaction()?;
        create(&tx, edge, OutboxId(Uuid::new_v4()))?;
        tx.commit()?;
    }
    load(connection, edge)
}

/// Makes the tables of an outbox that has given no number yet.
pub(super) fn create(connection: &Connection, edge: &EdgeId, id: OutboxId) -> rusqlite::Result<()> {
    connection.execute_batch(SCHEMA)?;
    for (name, value) in [("id", id.to_string()), ("edge", edge.to_string())] {
        connection.execute("INSERT INTO meta VALUES (?1, ?2)", params![name, value])?;
    }
    set_number(connection, BOOT, 0)?;
    set_number(connection, SETTLED, 0)?;
    for lane in Lane::ALL {
        connection.execute("INSERT INTO lanes VALUES (?1, 1, 0, 0, 0, 0)", [lane.as_str()])?;
    }
    Ok(())
}

/// The name under which the number of connections is kept.
pub(super) const BOOT: &str = "boot";
/// The name under which the number of the tally's last settled record is kept.
pub(super) const SETTLED: &str = "settled";

/// Keeps a number under its name.
pub(super) fn set_number(connection: &Connection, name: &str, number: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![name, number.to_string()])?;
    Ok(())
}

/// Reads identity, numbers and figures.
pub(super) fn load(connection: &Connection, edge: &EdgeId) -> Result<Known, OutboxError> {
    let meta = |name: &str| -> rusqlite::Result<String> {
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
    };
    let owner = meta("edge")?;
    if owner != edge.as_str() {
        return Err(OutboxError::Disk(format!(
            "this outbox belongs to edge `{owner}`, not `{edge}`: give `{edge}` a data_dir of its own"
        )));
    }
    let id =
        Uuid::parse_str(&meta("id")?).map_err(|e| OutboxError::Disk(format!("its id is damaged: {e}")))?;
    let boot = meta(BOOT)?.parse().unwrap_or(0);
    // Files made before there was a tally have no such row.
    let settled = match meta(SETTLED) {
        Ok(number) => number.parse().unwrap_or(0),
        Err(rusqlite::Error::QueryReturnedNoRows) => 0,
        Err(error) => return Err(error.into()),
    };
    let mut lanes: [LaneState; 4] = Default::default();
    for lane in Lane::ALL {
        lanes[index(lane)] = load_lane(connection, lane)?;
    }
    Ok(Known { id: OutboxId(id), boot, settled, lanes })
}

fn load_lane(connection: &Connection, lane: Lane) -> rusqlite::Result<LaneState> {
    let mut state = connection.query_row(
        "SELECT next, rows, bytes, dropped, cleared FROM lanes WHERE lane = ?1",
        [lane.as_str()],
        |row| {
            Ok(LaneState {
                next: unsql(row.get(0)?),
                rows: unsql(row.get(1)?),
                bytes: unsql(row.get(2)?),
                dropped: unsql(row.get(3)?),
                cleared: unsql(row.get(4)?),
                ..LaneState::default()
            })
        },
    )?;
    let mut losses = connection.prepare(
        "SELECT sequence, first, last, count, reason, cost FROM losses WHERE lane = ?1 ORDER BY sequence",
    )?;
    let mut rows = losses.query([lane.as_str()])?;
    while let Some(row) = rows.next()? {
        let span = Span {
            from: unsql(row.get(1)?),
            to: unsql(row.get(2)?),
            count: unsql(row.get(3)?),
            reason: LossReason::parse(&row.get::<_, String>(4)?).unwrap_or(LossReason::Disk),
            cost: unsql(row.get(5)?),
        };
        state.losses.insert(unsql(row.get(0)?), span);
    }
    Ok(state)
}

/// Writes a row and counts it.
pub(super) fn insert(
    connection: &Connection,
    lane: Lane,
    sequence: u64,
    body: &[u8],
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!("INSERT INTO {lane} (sequence, checksum, body) VALUES (?1, ?2, ?3)"))?
        .execute(params![sql(sequence), checksum(lane, sequence, body), body])?;
    Ok(())
}

/// Writes a new body under a number that has one.
pub(super) fn replace(
    connection: &Connection,
    lane: Lane,
    sequence: u64,
    body: &[u8],
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!("UPDATE {lane} SET checksum = ?2, body = ?3 WHERE sequence = ?1"))?
        .execute(params![sql(sequence), checksum(lane, sequence, body), body])?;
    Ok(())
}

/// Deletes a range of numbers; returns how many rows there were and what they cost.
pub(super) fn delete(
    connection: &Connection,
    lane: Lane,
    from: u64,
    to: u64,
) -> rusqlite::Result<(u64, u64)> {
    let range = params![sql(from), sql(to)];
    let found: (i64, i64) = connection
        .prepare_cached(&format!(
            "SELECT count(*), coalesce(sum(length(body) + length(body) / 8 + 64), 0) FROM {lane} \
             WHERE sequence BETWEEN ?1 AND ?2"
        ))?
        .query_row(range, |row| Ok((row.get(0)?, row.get(1)?)))?;
    connection
        .prepare_cached(&format!("DELETE FROM {lane} WHERE sequence BETWEEN ?1 AND ?2"))?
        .execute(range)?;
    Ok((unsql(found.0), unsql(found.1)))
}

/// Numbers and costs of the rows after a number, oldest first.
pub(super) fn costs_after(
    connection: &Connection,
    lane: Lane,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<(u64, u64)>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT sequence, length(body) FROM {lane} WHERE sequence > ?1 ORDER BY sequence LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![sql(after), sql(limit as u64)], |row| {
        let bytes: i64 = row.get(1)?;
        Ok((unsql(row.get(0)?), cost_bytes(usize::try_from(bytes).unwrap_or(0))))
    })?;
    rows.collect()
}

/// Hands the rows after a number to `take`, oldest first, until it returns false.
pub(super) fn read_after(
    connection: &Connection,
    lane: Lane,
    after: u64,
    mut take: impl FnMut(StoredRow) -> bool,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT sequence, checksum, body FROM {lane} WHERE sequence > ?1 ORDER BY sequence"
    ))?;
    let mut rows = statement.query([sql(after)])?;
    while let Some(row) = rows.next()? {
        if !take(stored(row)?) {
            break;
        }
    }
    Ok(())
}

/// Whether the lane certainly has no row after this number.
pub(super) fn nothing_after(connection: &Connection, lane: Lane, after: u64) -> bool {
    costs_after(connection, lane, after, 1).is_ok_and(|rows| rows.is_empty())
}

/// The row of one number.
pub(super) fn read_one(
    connection: &Connection,
    lane: Lane,
    sequence: u64,
) -> rusqlite::Result<Option<StoredRow>> {
    connection
        .prepare_cached(&format!("SELECT sequence, checksum, body FROM {lane} WHERE sequence = ?1"))?
        .query_row([sql(sequence)], stored)
        .optional()
}

fn stored(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredRow> {
    // A damaged cell may hold anything, so nothing here trusts the column's type.
    let body = match row.get_ref(2)? {
        rusqlite::types::ValueRef::Blob(bytes) | rusqlite::types::ValueRef::Text(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    };
    let checksum = row.get_ref(1)?.as_i64().ok().and_then(|c| u32::try_from(c).ok());
    // Without a readable checksum the row must fail the comparison: take one that differs in every bit.
    let sequence = unsql(row.get(0)?);
    Ok(StoredRow { sequence, checksum: checksum.unwrap_or(u32::MAX), body })
}

/// Writes the figures of the lanes that changed.
pub(super) fn save_lanes(
    connection: &Connection,
    before: &[LaneState; 4],
    after: &[LaneState; 4],
) -> rusqlite::Result<()> {
    for lane in Lane::ALL {
        let (old, new) = (&before[index(lane)], &after[index(lane)]);
        if old == new {
            continue;
        }
        connection
            .prepare_cached(
                "UPDATE lanes SET next = ?2, rows = ?3, bytes = ?4, dropped = ?5, cleared = ?6 WHERE lane = ?1",
            )?
            .execute(params![
                lane.as_str(),
                sql(new.next),
                sql(new.rows),
                sql(new.bytes),
                sql(new.dropped),
                sql(new.cleared)
            ])?;
        if old.losses == new.losses {
            continue;
        }
        for gone in old.losses.keys().filter(|n| !new.losses.contains_key(n)) {
            connection
                .prepare_cached("DELETE FROM losses WHERE lane = ?1 AND sequence = ?2")?
                .execute(params![lane.as_str(), sql(*gone)])?;
        }
        for (number, span) in new.losses.iter().filter(|(n, span)| old.losses.get(n) != Some(span)) {
            connection
                .prepare_cached("INSERT OR REPLACE INTO losses VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
                .execute(params![
                lane.as_str(),
                sql(*number),
                sql(span.from),
                sql(span.to),
                sql(span.count),
                span.reason.as_str(),
                sql(span.cost)
            ])?;
        }
    }
    Ok(())
}
