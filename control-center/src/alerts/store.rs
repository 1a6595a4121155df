//! Alerts in the database: reading, acknowledging, and appending to the log.

use super::{Alert, AlertPlace, Change, Person, Reason, Severity};
use crate::database::CHANNEL_ALERTS;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Connection as _, FromRow, PgConnection, PgPool, Postgres, Row as _, Transaction};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "a.id, a.seq, a.kind, a.severity, a.edge, a.camera, a.rule, a.zone, a.active, a.first_at, a.last_at, \
         a.raised_at, a.cleared_at, a.count, a.class, a.confidence, a.why, a.snapshot, a.acknowledged_at, \
         a.acknowledged_by, coalesce(nullif(u.full_name, ''), u.name) as acknowledged_name, c.name as camera_name, \
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
            why: row.try_get::<Option<Json<Reason>>, _>("why")?.map(|why| why.0),
            snapshot_url: snapshot.as_deref().map(snapshot_url),
            acknowledged_at: row.try_get("acknowledged_at")?,
            acknowledged_by: acknowledged_by
                .map(|id| Person { id, name: acknowledged_name.unwrap_or_default() }),
        })
    }
}

/// Where the API serves a picture.
#[must_use]
pub fn snapshot_url(digest: &str) -> String {
    format!("/api/v1/evidence/{digest}")
}

/// One alert, if there is one of that id.
///
/// # Errors
/// When the database fails.
pub async fn get(pool: &PgPool, id: Uuid) -> Result<Option<Alert>, sqlx::Error> {
    sqlx::query_as(AssertSqlSafe(format!("{SELECT} where a.id = $1"))).bind(id).fetch_optional(pool).await
}

/// Why an alert was not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum AcknowledgeError {
    /// There is no such alert.
    #[error("there is no such alert")]
    Unknown,
    /// Someone else was first.
    #[error("acknowledged by {} already", .by.name)]
    Taken {
        /// Who.
        by: Person,
        /// When.
        at: DateTime<Utc>,
    },
    /// The database failed.
    #[error("acknowledge: {0}")]
    Database(#[from] sqlx::Error),
}

/// Acknowledges an alert in the name of `user`. Of many at once exactly one wins; the winner may repeat it freely.
///
/// # Errors
/// [`AcknowledgeError::Taken`] when someone else acknowledged it before.
pub async fn acknowledge(
    pool: &PgPool,
    id: Uuid,
    user: Uuid,
    now: DateTime<Utc>,
) -> Result<Alert, AcknowledgeError> {
    let mut transaction = pool.begin().await?;
    // The lock first, then the row: ingest takes them in the same order.
    let seq = next_seq(&mut transaction).await?;
    let changed = sqlx::query(
        "update alerts set acknowledged_at = $2, acknowledged_by = $3, seq = $4 \
         where id = $1 and acknowledged_at is null",
    )
    .bind(id)
    .bind(now)
    .bind(user)
    .bind(seq)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    let alert: Option<Alert> = sqlx::query_as(AssertSqlSafe(format!("{SELECT} where a.id = $1")))
        .bind(id)
        .fetch_optional(&mut *transaction)
        .await?;
    let alert = alert.ok_or(AcknowledgeError::Unknown)?;
    if changed == 0 {
        return match (&alert.acknowledged_by, alert.acknowledged_at) {
            (Some(by), Some(at)) if by.id != user => Err(AcknowledgeError::Taken { by: by.clone(), at }),
            _ => Ok(alert),
        };
    }
    append(&mut transaction, (Change::Acknowledged, user), &alert, now).await?;
    transaction.commit().await?;
    Ok(alert)
}

/// Begins a transaction and locks the alert log until it ends, in one round trip. What is read of alerts and the log in it,
/// nobody else changes. If it fails the connection may be left with a lock: close it.
pub(crate) async fn begin(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>, sqlx::Error> {
    connection.begin_with(concat!("begin; ", lock!())).await
}

/// Locks the alert log and takes its next number.
async fn next_seq(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query(lock!()).execute(&mut *connection).await?;
    // A statement of its own: its view of the log begins after the lock is ours.
    sqlx::query_scalar("select coalesce(max(seq), 0) + 1 from alert_log").fetch_one(connection).await
}

/// Appends a person's change and rings the bell; the alert carries its number.
async fn append(
    connection: &mut PgConnection,
    (change, actor): (Change, Uuid),
    alert: &Alert,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into alert_log (seq, at, alert, change, actor, alert_row) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(alert.seq)
    .bind(now)
    .bind(alert.id)
    .bind(change.as_str())
    .bind(actor)
    .bind(sqlx::types::Json(alert))
    .execute(&mut *connection)
    .await?;
    sqlx::query("select pg_notify($1, '')").bind(CHANNEL_ALERTS).execute(connection).await?;
    Ok(())
}
