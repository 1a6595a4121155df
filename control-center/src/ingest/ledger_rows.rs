//! The ledger's rows: locked in one order for the length of a transaction, changed in memory, written back at once.

use super::columns::Query;
use super::ledger::{Ledger, Ranges};
use chrono::{DateTime, SubsecRound as _, Utc};
use ngatu_protocol::{Ack, EdgeId, Lane, OutboxId};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// An outbox and a lane.
pub(crate) type Key = (Uuid, Lane);

/// Writes rows back.
pub(crate) const STORE: &str = "update ledger l set settled = t.settled::int8multirange, \
    lost_numbers = t.lost_numbers::int8multirange, upto = t.upto, highest = t.highest, received = t.received, \
    dead = t.dead, duplicates = t.duplicates, lost = t.lost, acked_before = t.acked_before, updated_at = $12 \
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], \
    $9::bigint[], $10::bigint[], $11::bigint[]) \
    as t (outbox, lane, settled, lost_numbers, upto, highest, received, dead, duplicates, lost, acked_before) \
  where l.outbox = t.outbox and l.lane = t.lane";
/// What a row is read from: of `l` (ledger).
pub(crate) const COLUMNS: &str = "l.edge as of_edge, l.outbox, l.lane, l.settled::text as settled, \
    l.lost_numbers::text as lost_numbers, l.highest, l.received, l.dead, l.duplicates, l.acked_before, l.updated_at";
/// How many parameters [`STORE`] has.
pub(crate) const STORE_PARAMETERS: usize = 12;

/// One locked row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Whose outbox it is.
    pub(crate) edge: String,
    /// The ledger, changed by the batch.
    pub(crate) ledger: Ledger,
    /// The highest number before the batch: what is above it arrives in order.
    pub(crate) highest_before: u64,
    /// When it was written before the batch.
    written_at: DateTime<Utc>,
    /// How many messages it had counted then, each time it came.
    counted: u64,
}

/// The rows that a batch touches.
#[derive(Debug, Default)]
pub(crate) struct Rows(HashMap<Key, Row>);

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Rows {
    /// Makes the rows that are new and locks all, in the order of their keys so that two centers cannot wait for
    /// each other. `known` rows need not be made.
    pub(crate) async fn lock(
        connection: &mut PgConnection,
        touched: &BTreeMap<Key, Arc<EdgeId>>,
        known: &HashSet<Key>,
        now: DateTime<Utc>,
    ) -> Result<Rows, sqlx::Error> {
        if touched.is_empty() {
            return Ok(Rows::default());
        }
        let new: Vec<_> = touched.iter().filter(|(key, _)| !known.contains(*key)).collect();
        if !new.is_empty() {
            sqlx::query(
                "insert into ledger (edge, outbox, lane, updated_at) \
                 select edge, outbox, lane, $4 from unnest($1::text[], $2::uuid[], $3::text[]) \
                   as t (edge, outbox, lane) on conflict do nothing",
            )
            .bind(new.iter().map(|(_, edge)| edge.as_str()).collect::<Vec<_>>())
            .bind(new.iter().map(|((outbox, _), _)| *outbox).collect::<Vec<_>>())
            .bind(new.iter().map(|((_, lane), _)| lane.as_str()).collect::<Vec<_>>())
            .bind(now)
            .execute(&mut *connection)
            .await?;
        }
        let sql = format!(
            "select {COLUMNS} from ledger l join unnest($1::uuid[], $2::text[]) as t (outbox, lane) \
               on l.outbox = t.outbox and l.lane = t.lane \
             order by l.outbox, l.lane for update of l"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(touched.keys().map(|(outbox, _)| *outbox).collect::<Vec<_>>())
            .bind(touched.keys().map(|(_, lane)| lane.as_str()).collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
        Rows::read(rows.iter())
    }

    /// Reads rows of [`COLUMNS`].
    pub(crate) fn read<'r>(rows: impl Iterator<Item = &'r PgRow>) -> Result<Rows, sqlx::Error> {
        rows.map(read).collect::<Result<_, _>>().map(Rows)
    }

    /// The row, if the batch touches it.
    pub(crate) fn get(&self, key: Key) -> Option<&Row> {
        self.0.get(&key)
    }

    /// Whether the batch touches none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a batch that was stored at this moment wrote any of them last.
    pub(crate) fn have_stamp(&self, stored_at: DateTime<Utc>) -> bool {
        self.0.values().any(|row| row.written_at == stored_at.trunc_subsecs(6))
    }

    /// The ledger to change.
    pub(crate) fn ledger(&mut self, key: Key) -> Option<&mut Ledger> {
        self.0.get_mut(&key).map(|row| &mut row.ledger)
    }

    /// Whether the outbox is the edge's own. Another edge's numbers must not be settled by anyone else.
    pub(crate) fn belongs(&self, key: Key, edge: &EdgeId) -> bool {
        self.0.get(&key).is_some_and(|row| row.edge == edge.as_str())
    }

    /// Writes all rows back.
    pub(crate) async fn store(
        &self,
        connection: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        if !self.0.is_empty() {
            self.bind(sqlx::query(STORE), now).execute(connection).await?;
        }
        Ok(())
    }

    /// Binds what [`STORE`] takes; the first [`STORE_PARAMETERS`] of a statement that it is a part of.
    pub(crate) fn bind(&self, query: Query, now: DateTime<Utc>) -> Query {
        let rows: Vec<_> = self.sorted().map(|((outbox, lane), row)| (*outbox, *lane, &row.ledger)).collect();
        let column = |get: fn(&Ledger) -> u64| -> Vec<i64> {
            rows.iter().map(|(_, _, ledger)| bigint(get(ledger))).collect()
        };
        query
            .bind(rows.iter().map(|(outbox, _, _)| *outbox).collect::<Vec<_>>())
            .bind(rows.iter().map(|(_, lane, _)| lane.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|(_, _, ledger)| ledger.settled.to_multirange()).collect::<Vec<_>>())
            .bind(rows.iter().map(|(_, _, ledger)| ledger.lost_numbers.to_multirange()).collect::<Vec<_>>())
            .bind(column(Ledger::upto))
            .bind(column(|ledger| ledger.highest))
            .bind(column(|ledger| ledger.received))
            .bind(column(|ledger| ledger.dead))
            .bind(column(|ledger| ledger.duplicates))
            .bind(column(Ledger::lost_count))
            .bind(column(|ledger| ledger.acked_before))
            .bind(now)
    }

    /// Binds how the rows were found, in the order of [`Rows::bind`]: when each was written and what it had counted.
    pub(crate) fn bind_found(&self, query: Query) -> Query {
        query
            .bind(self.sorted().map(|(_, row)| row.written_at).collect::<Vec<_>>())
            .bind(self.sorted().map(|(_, row)| bigint(row.counted)).collect::<Vec<_>>())
    }

    fn sorted(&self) -> impl Iterator<Item = (&Key, &Row)> {
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.sort_by_key(|(key, _)| **key);
        rows.into_iter()
    }

    /// How many rows the batch touches.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What may be acknowledged once the transaction is committed.
    pub(crate) fn acks(&self) -> Vec<(EdgeId, Ack)> {
        let ack = |((outbox, lane), row): (&Key, &Row)| {
            let ack = Ack { outbox: OutboxId(*outbox), lane: *lane, upto: row.ledger.upto() };
            Some((EdgeId::new(row.edge.clone()).ok()?, ack))
        };
        self.0.iter().filter_map(ack).filter(|(_, ack)| ack.upto > 0).collect()
    }
}

fn read(row: &PgRow) -> Result<(Key, Row), sqlx::Error> {
    let lane: String = row.try_get("lane")?;
    let lane = Lane::parse(&lane).ok_or_else(|| sqlx::Error::Decode(format!("lane {lane}").into()))?;
    let ranges = |column: &str| {
        let text: String = row.try_get(column)?;
        Ranges::parse(&text).ok_or_else(|| sqlx::Error::Decode(format!("multirange {text}").into()))
    };
    let number = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
    let ledger = Ledger {
        settled: ranges("settled")?,
        lost_numbers: ranges("lost_numbers")?,
        highest: number("highest")?,
        received: number("received")?,
        dead: number("dead")?,
        duplicates: number("duplicates")?,
        acked_before: number("acked_before")?,
    };
    let highest_before = ledger.highest;
    let counted = ledger.received + ledger.dead + ledger.duplicates;
    let (edge, written_at) = (row.try_get("of_edge")?, row.try_get("updated_at")?);
    Ok(((row.try_get("outbox")?, lane), Row { edge, ledger, highest_before, written_at, counted }))
}
