//! The chain of audit rows: each row's hash is SHA-256 over the hash of the row before and its own content.
//!
//! The database chains at insert (`audit_chain` in `migrations/0003_access.sql`), under a lock that lasts until COMMIT, so
//! rows are numbered without holes in the order in which they become visible. Here the same is computed again from what
//! the table holds: a changed row has another hash, a deleted one leaves a hole, reordered ones do not continue each other,
//! and rows missing at the end are missed by the head, which is kept in a table of its own, and by the checkpoints, which
//! are kept outside the database.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, PgPool};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use uuid::Uuid;

/// SHA-256 of a row; all zeros stands before the first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Hash {
    const START: Hash = Hash([0; 32]);

    fn of_stored(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }
}

/// The number and hash of a row, to be kept where the database cannot reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The row's number, 0 for none yet.
    pub id: i64,
    /// Its hash.
    pub hash: Hash,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.id, self.hash)
    }
}

impl FromStr for Checkpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Checkpoint, String> {
        let wanted =
            || format!("`{text}` is no checkpoint: wanted a row's number, a colon, and 64 hex digits");
        let (id, hash) = text.trim().split_once(':').ok_or_else(wanted)?;
        let hash = hex::decode(hash).ok().and_then(|bytes| Hash::of_stored(&bytes)).ok_or_else(wanted)?;
        Ok(Checkpoint { id: id.parse().map_err(|_| wanted())?, hash })
    }
}

/// What is wrong, at the first row where it is.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The row is not there, and a later one is, or the head or a checkpoint knows it.
    #[error("audit row {0} is missing")]
    Missing(i64),
    /// The row does not continue the one before: rows were exchanged, or the one before was written anew.
    #[error("audit row {0} does not continue the row before")]
    Order(i64),
    /// The content is not what was hashed.
    #[error("audit row {0} was changed")]
    Changed(i64),
    /// There is a row that the head does not know.
    #[error("audit row {0} stands behind the recorded end")]
    Behind(i64),
    /// The chain was written anew: it is whole, and another one than before.
    #[error("audit row {0} is not the one of the checkpoint")]
    Rewritten(i64),
}

impl Broken {
    /// The number of the first row where it is wrong.
    #[must_use]
    pub fn row(&self) -> i64 {
        let (Broken::Missing(row)
        | Broken::Order(row)
        | Broken::Changed(row)
        | Broken::Behind(row)
        | Broken::Rewritten(row)) = self;
        *row
    }
}

/// Why the chain is not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is broken.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The database refused.
    #[error("read the audit rows: {0}")]
    Database(#[from] sqlx::Error),
}

/// A row as the table holds it.
#[derive(Debug, Clone, FromRow)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    actor: Option<Uuid>,
    action: String,
    subject: String,
    detail: String,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

impl Row {
    fn expected(&self, prev: Hash) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(prev.0);
        let actor = self.actor.map(|actor| actor.to_string()).unwrap_or_default();
        let fields = [
            self.id.to_string(),
            self.at.timestamp_micros().to_string(),
            actor,
            self.action.clone(),
            self.subject.clone(),
            self.detail.clone(),
        ];
        for field in fields {
            // A netstring: nothing can move from one field to the next.
            hasher.update(format!("{}:{field},", field.len()));
        }
        Hash(hasher.finalize().into())
    }
}

/// Follows the chain, row by row.
struct Walk<'a> {
    last: Checkpoint,
    checkpoints: &'a [Checkpoint],
}

impl Walk<'_> {
    fn step(&mut self, row: &Row) -> Result<(), Broken> {
        let next = self.last.id + 1;
        if row.id != next {
            return Err(Broken::Missing(next));
        }
        if Hash::of_stored(&row.prev) != Some(self.last.hash) {
            return Err(Broken::Order(row.id));
        }
        let hash = row.expected(self.last.hash);
        if Hash::of_stored(&row.hash) != Some(hash) {
            return Err(Broken::Changed(row.id));
        }
        if self.checkpoints.iter().any(|known| known.id == row.id && known.hash != hash) {
            return Err(Broken::Rewritten(row.id));
        }
        self.last = Checkpoint { id: row.id, hash };
        Ok(())
    }

    fn end(&self, head: Checkpoint) -> Result<(), Broken> {
        let known = self.checkpoints.iter().map(|known| known.id).chain([head.id]).max().unwrap_or(0);
        if known > self.last.id {
            return Err(Broken::Missing(self.last.id + 1));
        }
        if head.id < self.last.id {
            return Err(Broken::Behind(head.id + 1));
        }
        if head.hash == self.last.hash { Ok(()) } else { Err(Broken::Changed(head.id)) }
    }
}

/// The newest row, as the table beside says.
///
/// # Errors
/// When the database refuses.
pub async fn head(pool: &PgPool) -> Result<Checkpoint, sqlx::Error> {
    let (id, hash): (i64, Vec<u8>) =
        sqlx::query_as("select id, hash from audit_head").fetch_one(pool).await?;
    Ok(Checkpoint { id, hash: Hash::of_stored(&hash).unwrap_or(Hash::START) })
}

/// Verifies the whole chain, also against checkpoints that were noted earlier; answers the newest row.
///
/// # Errors
/// [`VerifyError::Broken`] names the first bad row.
pub async fn verify(pool: &PgPool, checkpoints: &[Checkpoint]) -> Result<Checkpoint, VerifyError> {
    // One moment for rows and head: a center that runs goes on writing meanwhile.
    let mut snapshot = pool.begin_with("begin isolation level repeatable read, read only").await?;
    let (id, hash): (i64, Vec<u8>) =
        sqlx::query_as("select id, hash from audit_head").fetch_one(&mut *snapshot).await?;
    let head = Checkpoint { id, hash: Hash::of_stored(&hash).unwrap_or(Hash::START) };
    let mut walk = Walk { last: Checkpoint { id: 0, hash: Hash::START }, checkpoints };
    let mut rows = sqlx::query_as::<_, Row>(
        "select id, at, actor, action, subject, detail::text as detail, prev, hash from audit order by id",
    )
    .fetch(&mut *snapshot);
    while let Some(row) = rows.try_next().await? {
        walk.step(&row)?;
    }
    walk.end(head)?;
    Ok(walk.last)
}

/// The file of checkpoints in the data folder: one a line, the newest last. The database's server cannot write it.
const FILE: &str = "audit.checkpoints";

/// Notes the newest row in the data folder, if it is not noted yet.
///
/// # Errors
/// When the database or the file refuses.
pub async fn note(pool: &PgPool, data_dir: &Path) -> anyhow::Result<()> {
    let head = head(pool).await?;
    let mut known = noted(data_dir)?;
    if head.id > 0 && known.last() != Some(&head) {
        known.push(head);
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(data_dir.join(FILE))?;
        writeln!(file, "{head}")?;
        file.sync_data()?;
    }
    Ok(())
}

/// The checkpoints in the data folder. A line that was cut off by a full disk or a kill is no checkpoint.
///
/// # Errors
/// When the file cannot be read.
pub fn noted(data_dir: &Path) -> std::io::Result<Vec<Checkpoint>> {
    match std::fs::read_to_string(data_dir.join(FILE)) {
        Ok(text) => Ok(text.lines().filter_map(|line| line.parse().ok()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(rows: i64) -> Vec<Row> {
        let mut prev = Hash::START;
        (1..=rows)
            .map(|id| {
                let mut row = Row {
                    id,
                    at: DateTime::from_timestamp_micros(1_763_800_000_000_000 + id).unwrap(),
                    actor: (id % 2 == 0).then(Uuid::nil),
                    action: "alert.acknowledge".into(),
                    subject: format!("s{id}"),
                    detail: "{}".into(),
                    prev: prev.0.to_vec(),
                    hash: Vec::new(),
                };
                prev = row.expected(prev);
                row.hash = prev.0.to_vec();
                row
            })
            .collect()
    }

    fn end_of(rows: &[Row]) -> Checkpoint {
        let last = rows.last().unwrap();
        Checkpoint { id: last.id, hash: Hash::of_stored(&last.hash).unwrap() }
    }

    fn walk(rows: &[Row], head: Checkpoint, checkpoints: &[Checkpoint]) -> Result<(), Broken> {
        let mut walk = Walk { last: Checkpoint { id: 0, hash: Hash::START }, checkpoints };
        rows.iter().try_for_each(|row| walk.step(row))?;
        walk.end(head)
    }

    #[test]
    fn the_first_bad_row_is_named_whatever_was_done() {
        let whole = chain(5);
        let head = end_of(&whole);
        assert_eq!(walk(&whole, head, &[]), Ok(()));
        let check = |change: &dyn Fn(&mut Vec<Row>), wanted: Broken| {
            let mut rows = whole.clone();
            change(&mut rows);
            assert_eq!(walk(&rows, head, &[]), Err(wanted));
        };
        check(&|rows| rows[2].subject = "other".into(), Broken::Changed(3));
        check(&|rows| rows[2].at += chrono::TimeDelta::microseconds(1), Broken::Changed(3));
        check(&|rows| rows[0].actor = Some(Uuid::nil()), Broken::Changed(1));
        check(&|rows| drop(rows.remove(2)), Broken::Missing(3));
        check(&|rows| drop(rows.remove(0)), Broken::Missing(1));
        check(&|rows| drop(rows.pop()), Broken::Missing(5));
        check(&|rows| rows.clear(), Broken::Missing(1));
        check(
            &|rows| {
                rows.swap(1, 2);
                (rows[1].id, rows[2].id) = (2, 3);
            },
            Broken::Order(2),
        );
        // A row moved a word from one field to the next.
        check(
            &|rows| (rows[3].action, rows[3].subject) = ("alert.".into(), "acknowledges4".into()),
            Broken::Changed(4),
        );
        assert_eq!(walk(&whole, end_of(&whole[..4]), &[]), Err(Broken::Behind(5)));
    }

    #[test]
    fn a_chain_that_was_cut_or_written_anew_with_its_head_is_found_by_a_checkpoint() {
        let whole = chain(5);
        let checkpoint = end_of(&whole);
        assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
        assert!("5:abc".parse::<Checkpoint>().is_err() && "x".parse::<Checkpoint>().is_err());
        let cut = &whole[..3];
        assert_eq!(walk(cut, end_of(cut), &[]), Ok(()), "the head was cut as well");
        assert_eq!(walk(cut, end_of(cut), &[checkpoint]), Err(Broken::Missing(4)));
        let mut anew = chain(6);
        let mut prev = Hash::START;
        for row in &mut anew {
            row.subject = "forged".into();
            row.prev = prev.0.to_vec();
            prev = row.expected(prev);
            row.hash = prev.0.to_vec();
        }
        assert_eq!(walk(&anew, end_of(&anew), &[]), Ok(()));
        assert_eq!(walk(&anew, end_of(&anew), &[checkpoint]), Err(Broken::Rewritten(5)));
    }
}
