//! Alerts in the database: reading, the steps of people, and appending to the log.

use super::step::{self, Hand, Refused, Step, Stepped};
use super::{Alert, AlertPlace, Person, Reason, Severity};
use crate::access::AreaScope;
use crate::access::audit::{self, Act};
use crate::database::CHANNEL_ALERTS;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Connection as _, FromRow, PgConnection, PgPool, Postgres, Row as _, Transaction};
use std::collections::HashSet;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "a.id, a.seq, a.kind, a.severity, a.edge, a.camera, a.area, a.rule, a.zone, a.active, a.first_at, a.last_at, \
         a.raised_at, a.cleared_at, a.count, a.class, a.confidence, a.why, a.snapshot, a.acknowledged_at, \
         a.acknowledged_by, a.owner, a.claimed_at, a.shelved, a.verdict, a.forwarded_to, a.muted, coalesce(nullif(u.full_name, ''), u.name) as acknowledged_name, c.name as camera_name, \
         c.lat, c.lon"
    };
}

macro_rules! joins {
    () => {
        "left join cameras c on c.edge = a.edge and c.id = a.camera left join users u on u.id = a.acknowledged_by"
    };
}

/// What [`Alert`] is read from: of `a` (alerts), `c` (cameras) and `u` (the acknowledging user).
pub(crate) const COLUMNS: &str = columns!();

/// Joins `c` and `u` to `a`.
pub(crate) const JOINS: &str = joins!();

/// Selects every column that [`Alert`] is read from; add `where`, `order by` and `limit` on `a`, `c` or `u`, and read the
/// rows with `query_as::<_, Alert>`.
pub const SELECT: &str = concat!("select ", columns!(), " from alerts a ", joins!(), " ");

/// Takes the advisory lock under which `alert_log.seq` is given; held until the transaction ends, so that numbers become
/// visible in the order in which they are given.
macro_rules! lock {
    () => {
        "select pg_advisory_xact_lock(7220501)"
    };
}

/// The next number of the log, from the end of its index. With `max` PostgreSQL read the whole index for each batch where the
/// query joins more to it, 2 ms at 24,000 rows.
macro_rules! next_seq {
    () => {
        "select coalesce((select seq from alert_log order by seq desc limit 1), 0) + 1 as next_seq"
    };
}

/// The same, for a statement that does more.
pub(crate) const NEXT_SEQ: &str = next_seq!();

/// The statement that takes it, for a statement that does more.
pub(crate) const LOCK: &str = lock!();

impl FromRow<'_, PgRow> for Alert {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let severity: String = row.try_get("severity")?;
        let place = match (row.try_get("lat")?, row.try_get("lon")?) {
            (Some(lat), Some(lon)) => Some(AlertPlace { lat, lon }),
            _ => None,
        };
        let snapshot: Option<String> = row.try_get("snapshot")?;
        let acknowledged_by: Option<Uuid> = row.try_get("acknowledged_by")?;
        let acknowledged_name: Option<String> = row.try_get("acknowledged_name")?;
        Ok(Alert {
            id: row.try_get("id")?,
            seq: row.try_get("seq")?,
            kind: row.try_get("kind")?,
            // The table's check allows only these words.
            severity: Severity::parse(&severity).unwrap_or(Severity::Low),
            edge: row.try_get("edge")?,
            camera: row.try_get("camera")?,
            camera_name: row.try_get("camera_name")?,
            area: row.try_get("area")?,
            place,
            rule: row.try_get("rule")?,
            zone: row.try_get("zone")?,
            active: row.try_get("active")?,
            first_at: row.try_get("first_at")?,
            last_at: row.try_get("last_at")?,
            raised_at: row.try_get("raised_at")?,
            cleared_at: row.try_get("cleared_at")?,
            count: row.try_get("count")?,
            class: row.try_get("class")?,
            confidence: row.try_get("confidence")?,
            why: json::<Reason>(row, "why")?,
            snapshot_url: snapshot.as_deref().map(snapshot_url),
            acknowledged_at: row.try_get("acknowledged_at")?,
            acknowledged_by: acknowledged_by
                .map(|id| Person { id, name: acknowledged_name.unwrap_or_default() }),
            owner: json(row, "owner")?,
            claimed_at: row.try_get("claimed_at")?,
            shelved: json(row, "shelved")?,
            verdict: json(row, "verdict")?,
            forwarded_to: json(row, "forwarded_to")?,
            muted: json(row, "muted")?,
        })
    }
}

fn json<T: DeserializeOwned>(row: &PgRow, column: &str) -> Result<Option<T>, sqlx::Error> {
    Ok(row.try_get::<Option<Json<T>>, _>(column)?.map(|value| value.0))
}

/// Where the API serves a picture.
#[must_use]
pub fn snapshot_url(digest: &str) -> String {
    format!("/api/v1/evidence/{digest}")
}

/// One alert, if there is one of that id in these areas.
///
/// # Errors
/// When the database fails.
pub async fn get(pool: &PgPool, id: Uuid, areas: &AreaScope) -> Result<Option<Alert>, sqlx::Error> {
    let seen = "where a.id = $1 and ($2::text[] is null or a.area = any($2))";
    let sql = AssertSqlSafe(format!("{SELECT} {seen}"));
    sqlx::query_as(sql).bind(id).bind(areas.bind()).fetch_optional(pool).await
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// There is no such alert.
    #[error("there is no such alert")]
    Unknown,
    /// The alert's state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database failed.
    #[error("take a step: {0}")]
    Database(#[from] sqlx::Error),
}

/// Takes a person's step. Of many at once exactly one wins; a repeated one changes nothing. The step, its row of the log and
/// its audit row are committed together, or not at all.
///
/// # Errors
/// [`StepError::Refused`] names who was faster.
pub async fn take(
    pool: &PgPool,
    id: Uuid,
    (step, hand): (&Step, &Hand),
    now: DateTime<Utc>,
) -> Result<Alert, StepError> {
    let mut transaction = begin_soon(pool).await?;
    let alert = take_in(&mut transaction, id, (step, hand), now).await?;
    transaction.commit().await?;
    Ok(alert)
}

/// As [`take`], in a transaction of [`begin_soon`].
///
/// # Errors
/// [`StepError::Refused`] names who was faster.
pub(crate) async fn take_in(
    transaction: &mut PgConnection,
    id: Uuid,
    (step, hand): (&Step, &Hand),
    now: DateTime<Utc>,
) -> Result<Alert, StepError> {
    let (alert, seq) = read(transaction, &[id], &hand.areas).await?.pop().ok_or(StepError::Unknown)?;
    let Some(stepped) = step::take(&alert, step, hand, now)? else { return Ok(alert) };
    let (subject, detail) = (id.to_string(), stepped.detail.clone());
    let action = format!("alert.{}", step.word());
    let alert = write(transaction, stepped, (seq, Some(hand.person.id)), now).await?;
    let act = Act { actor: Some(hand.person.id), action: &action, subject: &subject, detail };
    audit::record_in(transaction, act, now).await?;
    Ok(alert)
}

/// What became of many acknowledgements.
#[derive(Debug, Default)]
pub struct ManyTaken {
    /// Acknowledged, by this or an earlier request of the same person.
    pub done: Vec<Alert>,
    /// Acknowledged by others before.
    pub refused: Vec<(Uuid, Person)>,
    /// Not there.
    pub unknown: Vec<Uuid>,
}

/// Acknowledges many in one transaction, with a row of the log each and one audit row.
///
/// # Errors
/// When the database fails; then none is acknowledged.
pub async fn acknowledge_many(
    pool: &PgPool,
    ids: &[Uuid],
    hand: &Hand,
    now: DateTime<Utc>,
) -> Result<ManyTaken, StepError> {
    let mut transaction = begin_soon(pool).await?;
    let known = read(&mut transaction, ids, &hand.areas).await?;
    let mut taken = ManyTaken::default();
    let found: HashSet<Uuid> = known.iter().map(|(alert, _)| alert.id).collect();
    taken.unknown.extend(ids.iter().filter(|id| !found.contains(id)));
    let mut next = known.first().map_or(0, |(_, seq)| *seq);
    let mut changed = Vec::new();
    for (alert, _) in known {
        match step::take(&alert, &Step::Acknowledge, hand, now) {
            Ok(Some(stepped)) => {
                taken.done.push(write(&mut transaction, stepped, (next, Some(hand.person.id)), now).await?);
                next += 1;
                changed.push(alert.id);
            }
            Ok(None) => taken.done.push(alert),
            Err(Refused::Acknowledged(by)) => taken.refused.push((alert.id, by)),
            Err(refused) => return Err(refused.into()),
        }
    }
    if !changed.is_empty() {
        let detail = serde_json::json!({ "alerts": changed });
        let act = Act { actor: Some(hand.person.id), action: "alert.acknowledge", subject: "many", detail };
        audit::record_in(&mut transaction, act, now).await?;
    }
    transaction.commit().await?;
    Ok(taken)
}

/// Brings back what is shelved until `now` or earlier; answers how many, and when the next is due.
///
/// # Errors
/// When the database fails; then none has come back.
pub async fn unshelve_due(
    pool: &PgPool,
    now: DateTime<Utc>,
) -> Result<(usize, Option<DateTime<Utc>>), sqlx::Error> {
    let first: Option<DateTime<Utc>> =
        sqlx::query_scalar("select min(shelved_until) from alerts where shelved_until is not null")
            .fetch_one(pool)
            .await?;
    if first.is_none_or(|first| first > now) {
        return Ok((0, first));
    }
    let mut connection = pool.acquire().await?;
    let mut transaction = begin(&mut connection).await?;
    let due: Vec<Uuid> = sqlx::query_scalar(
        "select id from alerts where shelved_until <= $1 order by shelved_until limit 1000",
    )
    .bind(now)
    .fetch_all(&mut *transaction)
    .await?;
    let known = read(&mut transaction, &due, &AreaScope::whole_city()).await?;
    let mut next = known.first().map_or(0, |(_, seq)| *seq);
    let mut back = 0;
    for stepped in known.iter().filter_map(|(alert, _)| step::come_back(alert, now)) {
        write(&mut transaction, stepped, (next, None), now).await?;
        (next, back) = (next + 1, back + 1);
    }
    let first = sqlx::query_scalar("select min(shelved_until) from alerts where shelved_until is not null")
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok((back, first))
}

/// No longer watches what is over and was quiet for ten minutes, so that `alerts_watched` is small; answers how many. What
/// becomes active again is watched again by whoever writes that. Ten minutes are longer than an alert that comes and goes
/// stays away (`MERGE_WITHIN` of the policy), so such a one is changed in place.
///
/// # Errors
/// When the database fails.
pub async fn unwatch_quiet(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let quiet = sqlx::query(
        "update alerts set watched = false where watched and not active and last_at < $1 - interval '10 minutes'",
    );
    Ok(quiet.bind(now).execute(pool).await?.rows_affected())
}

/// Begins a transaction and locks the alert log until it ends, in one round trip. What is read of alerts and the log in it,
/// nobody else changes. If it fails the connection may be left with a lock: close it.
pub(crate) async fn begin(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>, sqlx::Error> {
    connection.begin_with(concat!("begin; ", lock!())).await
}

/// As [`begin`], for people who wait: given up after three seconds, so that somebody's lock does not become everybody's.
pub(crate) async fn begin_soon(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::raw_sql(concat!("set local lock_timeout = '3s'; ", lock!())).execute(&mut *transaction).await?;
    Ok(transaction)
}

/// The alerts of these ids in these areas, each with the next number of the log. The statement's view begins after the lock is ours.
async fn read(
    connection: &mut PgConnection,
    ids: &[Uuid],
    areas: &AreaScope,
) -> Result<Vec<(Alert, i64)>, sqlx::Error> {
    let rows = sqlx::query(concat!(
        "select (",
        next_seq!(),
        ") as next_seq, ",
        columns!(),
        " from alerts a ",
        joins!(),
        " where a.id = any($1) and ($2::text[] is null or a.area = any($2)) order by a.raised_at, a.id"
    ))
    .bind(ids)
    .bind(areas.bind())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((Alert::from_row(row)?, row.try_get("next_seq")?))).collect()
}

/// Writes what people change of an alert, appends to the log under `seq` and rings the bell.
async fn write(
    connection: &mut PgConnection,
    Stepped { mut alert, change, detail }: Stepped,
    (seq, actor): (i64, Option<Uuid>),
    now: DateTime<Utc>,
) -> Result<Alert, sqlx::Error> {
    alert.seq = seq;
    sqlx::query(
        "with changed as (update alerts set seq = $2, acknowledged_at = $3, acknowledged_by = $4, owner = $5, \
             claimed_at = $6, shelved = $7, shelved_until = $8, verdict = $9, forwarded_to = $10 where id = $1), \
         logged as (insert into alert_log (seq, at, alert, change, actor, alert_row, detail) \
           values ($2, $11, $1, $12, $13, $14, $15)) \
         select pg_notify($16, '')",
    )
    .bind(alert.id)
    .bind(seq)
    .bind(alert.acknowledged_at)
    .bind(alert.acknowledged_by.as_ref().map(|by| by.id))
    .bind(alert.owner.as_ref().map(Json))
    .bind(alert.claimed_at)
    .bind(alert.shelved.as_ref().map(Json))
    .bind(alert.shelved.as_ref().map(|shelf| shelf.until))
    .bind(alert.verdict.as_ref().map(Json))
    .bind(alert.forwarded_to.as_ref().map(Json))
    .bind(now)
    .bind(change.as_str())
    .bind(actor)
    .bind(Json(&alert))
    .bind(detail)
    .bind(CHANNEL_ALERTS)
    .execute(connection)
    .await?;
    Ok(alert)
}
