//! What is too old goes: whole days of the time series, and pictures. How long each kind is kept is in `[retention]`.
//!
//! A day's partition is dropped when the whole day is older. What lies in the default partition, because the edge's clock
//! was wrong or the day had none, goes when it was received longer ago than that too: a wrong clock is no reason to delete
//! what has just come. Pictures go by the time at which they came, and not while an incident or a report that they belong
//! to is unfinished. Alerts, incidents and audit rows stay. Each deletion is an audit row in the same transaction.

use super::LOCK_NOT_AVAILABLE;
use super::timeseries::{self, TABLES, is_partitioned};
use crate::access::audit::{self, Act};
use crate::clock;
use crate::evidence::{Digest, Store};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3600);
/// Pictures that go in one transaction.
const PICTURES: i64 = 500;

/// How long each kind is kept, days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Events. A year: seasons can be compared, and rules tried on them.
    pub events_days: u16,
    /// Observations. Two years, for the same reason; they name nobody.
    pub observations_days: u16,
    /// Tracks. A month: they are what takes most room, and only for trying rules and for traces.
    pub tracks_days: u16,
    /// Health. A month.
    pub health_days: u16,
    /// Pictures of events and of citizens' reports. Three months: they show people.
    pub evidence_days: u16,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention {
            events_days: 365,
            observations_days: 730,
            tracks_days: 30,
            health_days: 30,
            evidence_days: 90,
        }
    }
}

impl Retention {
    /// For a table of [`TABLES`].
    fn of(&self, table: &str) -> u16 {
        match table {
            "events" => self.events_days,
            "observations" => self.observations_days,
            "tracks" => self.tracks_days,
            _ => self.health_days,
        }
    }
}

/// What one run deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Rows of each table, in the order of [`TABLES`].
    pub rows: [u64; TABLES.len()],
    /// Whole days of all tables.
    pub days: u64,
    /// Pictures.
    pub pictures: u64,
    /// Their bytes.
    pub picture_bytes: u64,
}

/// Runs every hour until `shutdown`.
pub async fn keep(pool: PgPool, store: Store, retention: Retention, shutdown: CancellationToken) {
    let mut due = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            () = shutdown.cancelled() => return,
        }
        let ran = tokio::select! {
            ran = run(&pool, &store, &retention, clock::now()) => ran,
            () = shutdown.cancelled() => return,
        };
        match ran {
            Ok(deleted) if deleted == Deleted::default() => {}
            Ok(Deleted { rows: [events, observations, tracks, health], days, pictures, picture_bytes }) => {
                tracing::info!(
                    events,
                    observations,
                    tracks,
                    health,
                    days,
                    pictures,
                    picture_bytes,
                    "what was kept for its time is deleted"
                );
            }
            Err(error) => tracing::warn!(%error, "retention: trying again in an hour"),
        }
    }
}

/// Deletes all that is too old at `now`. Safe to repeat, and to run twice at once.
///
/// # Errors
/// When the database or the disk refuses; what was deleted before stays deleted, with its audit rows.
pub async fn run(
    pool: &PgPool,
    store: &Store,
    retention: &Retention,
    now: DateTime<Utc>,
) -> Result<Deleted, sqlx::Error> {
    let mut deleted = Deleted::default();
    for (at, table) in TABLES.into_iter().enumerate() {
        let days = retention.of(table);
        let before = day_before(now, days);
        let mut connection = pool.acquire().await?;
        let (rows, whole_days) = match is_partitioned(&mut connection, table).await? {
            true => drop_days(pool, &mut connection, (table, before), now).await?,
            false => (drop_chunks(pool, (table, before), now).await?, 0),
        };
        deleted.rows[at] += rows;
        deleted.days += whole_days;
    }
    let before = now.checked_sub_days(Days::new(retention.evidence_days.into())).unwrap_or(now);
    loop {
        let (pictures, bytes) = delete_pictures(pool, store, before, now).await?;
        deleted.pictures += pictures;
        deleted.picture_bytes += bytes;
        if pictures < PICTURES.unsigned_abs() {
            return Ok(deleted);
        }
    }
}

/// The first day that is kept.
fn day_before(now: DateTime<Utc>, days: u16) -> NaiveDate {
    let today = now.date_naive();
    today.checked_sub_days(Days::new(days.into())).unwrap_or(today)
}

/// Begins a transaction that makes or drops partitions: one at a time in all centers.
async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    timeseries::lock(&mut transaction).await?;
    // Dropping needs the whole table for a moment: whoever reads it for long must not make all others wait behind us.
    sqlx::query("set local lock_timeout = '2s'").execute(&mut *transaction).await?;
    Ok(transaction)
}

/// Drops the partitions of days before `before`, and the old rows of the default one; answers rows and days.
async fn drop_days(
    pool: &PgPool,
    connection: &mut PgConnection,
    (table, before): (&str, NaiveDate),
    now: DateTime<Utc>,
) -> Result<(u64, u64), sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid \
         where i.inhparent = $1::text::regclass order by c.relname",
    )
    .bind(table)
    .fetch_all(&mut *connection)
    .await?;
    let (mut rows, mut days) = (0, 0);
    for (name, day) in names.iter().filter_map(|name| Some((name, day_of(table, name)?))) {
        if day >= before {
            continue;
        }
        // Before the lock: it may take its time.
        let count = format!("select count(*) from {name}");
        let count: i64 = match sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *connection).await {
            Ok(count) => count,
            Err(error) if has_code(&error, "42P01") => continue, // another center was faster
            Err(error) => return Err(error),
        };
        match drop_day(pool, (table, name), (day, count), now).await {
            Ok(true) => {
                rows += count.unsigned_abs();
                days += 1;
            }
            Ok(false) => {}
            Err(error) if has_code(&error, LOCK_NOT_AVAILABLE) => {
                tracing::info!(table, %day, "is read just now, so it goes an hour later");
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok((rows + delete_strays(pool, (table, before), now).await?, days))
}

async fn drop_day(
    pool: &PgPool,
    (table, name): (&str, &str),
    (day, rows): (NaiveDate, i64),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let mut transaction = begin(pool).await?;
    match sqlx::query(AssertSqlSafe(format!("drop table {name}"))).execute(&mut *transaction).await {
        Ok(_) => {}
        Err(error) if has_code(&error, "42P01") => return Ok(false),
        Err(error) => return Err(error),
    }
    if rows > 0 {
        record(&mut transaction, table, json!({ "day": day, "rows": rows }), now).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// Rows that are in no day's partition.
async fn delete_strays(
    pool: &PgPool,
    (table, before): (&str, NaiveDate),
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let mut transaction = begin(pool).await?;
    let sql = format!("delete from {table}_default where time < $1 and received_at < $1");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(before.and_time(NaiveTime::MIN).and_utc())
        .execute(&mut *transaction)
        .await?
        .rows_affected();
    if rows > 0 {
        record(&mut transaction, table, json!({ "before": before, "rows": rows }), now).await?;
    }
    transaction.commit().await?;
    Ok(rows)
}

/// Where the table is a hypertable.
async fn drop_chunks(
    pool: &PgPool,
    (table, before): (&str, NaiveDate),
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let mut transaction = begin(pool).await?;
    let before_time = before.and_time(NaiveTime::MIN).and_utc();
    let count = format!("select count(*) from {table} where time < $1");
    let all: i64 = sqlx::query_scalar(AssertSqlSafe(count.clone()))
        .bind(before_time)
        .fetch_one(&mut *transaction)
        .await?;
    if all == 0 {
        return Ok(0);
    }
    sqlx::query("select drop_chunks($1::text::regclass, older_than => $2::timestamptz)")
        .bind(table)
        .bind(before_time)
        .execute(&mut *transaction)
        .await?;
    let left: i64 =
        sqlx::query_scalar(AssertSqlSafe(count)).bind(before_time).fetch_one(&mut *transaction).await?;
    let rows = (all - left).unsigned_abs();
    if rows > 0 {
        record(&mut transaction, table, json!({ "before": before, "rows": rows }), now).await?;
    }
    transaction.commit().await?;
    Ok(rows)
}

/// Deletes some pictures that came before `before`; answers how many, and their bytes.
async fn delete_pictures(
    pool: &PgPool,
    store: &Store,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(u64, u64), sqlx::Error> {
    let old: Vec<(String, i64)> = sqlx::query_as(
        "select e.digest, e.bytes from evidence e where e.received_at < $1 \
           and not exists (select from alerts a join incident_sources s on s.kind = 'alert' and s.ref = a.id::text \
             join incidents i on i.id = s.incident where a.snapshot = e.digest and i.status <> 'closed') \
           and not exists (select from report_pictures p join reports r on r.number = p.report \
             left join incidents i on i.id = r.incident \
             where p.digest = e.digest and (r.state in ('received', 'accepted') or i.status <> 'closed')) \
         order by e.received_at limit $2",
    )
    .bind(before)
    .bind(PICTURES)
    .fetch_all(pool)
    .await?;
    if old.is_empty() {
        return Ok((0, 0));
    }
    let digests: Vec<&str> = old.iter().map(|(digest, _)| digest.as_str()).collect();
    // The files first: what is cut off between the two is found again by its row.
    for digest in &digests {
        if let Ok(digest) = digest.parse::<Digest>() {
            store.delete(&digest).await.map_err(sqlx::Error::Io)?;
        }
    }
    let mut transaction = pool.begin().await?;
    let gone: Vec<i64> = sqlx::query_scalar("delete from evidence where digest = any($1) returning bytes")
        .bind(&digests)
        .fetch_all(&mut *transaction)
        .await?;
    let bytes = gone.iter().map(|bytes| bytes.unsigned_abs()).sum();
    if !gone.is_empty() {
        let detail = json!({ "before": before, "pictures": gone.len(), "bytes": bytes });
        record(&mut transaction, "evidence", detail, now).await?;
    }
    transaction.commit().await?;
    Ok((old.len() as u64, bytes))
}

async fn record(
    connection: &mut PgConnection,
    subject: &str,
    detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    audit::record_in(connection, Act { actor: None, action: "retention.delete", subject, detail }, now).await
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some(code)
}

/// The day of a partition that [`timeseries::prepare`] made; none for the default one.
fn day_of(table: &str, name: &str) -> Option<NaiveDate> {
    let day = name.strip_prefix(table)?.strip_prefix('_')?;
    NaiveDate::parse_from_str(day, "%Y%m%d").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_known_by_its_name_and_a_day_goes_when_all_of_it_is_old() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22);
        assert_eq!(day_of("events", "events_20261122"), day);
        assert_eq!(day_of("events", "events_default"), None);
        assert_eq!(day_of("events", "tracks_20261122"), None);
        let now = "2026-11-22T23:59:59Z".parse().unwrap();
        assert_eq!(day_before(now, 30), NaiveDate::from_ymd_opt(2026, 10, 23).unwrap());
    }
}
