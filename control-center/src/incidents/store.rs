//! Incidents in the database: reading them, and writing one together with the row of its log.

use super::model::{Incident, IncidentChange, Origin, Status, Verdict};
use crate::access::AreaScope;
use crate::alerts::{AlertPlace, Person, Severity};
use crate::database::CHANNEL_INCIDENTS;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, PgPool, Postgres, Row as _, Transaction};
use uuid::Uuid;

/// Selects every column that [`Incident`] is read from, of `i` (incidents), `o` (its owner) and `b` (who opened it).
pub(crate) const SELECT: &str = "select i.id, i.number, i.seq, i.kind, i.severity, i.title, i.area, i.lat, i.lon, \
    i.status, i.owner, i.unit, i.origin, i.opened_at, i.opened_by, i.last_source_at, i.sources, i.resolved_at, \
    i.closed_at, i.verdict, i.merged_into, i.procedure, i.steps, i.clocks, i.escalate_at, \
    coalesce(nullif(o.full_name, ''), o.name) as owner_name, \
    coalesce(nullif(b.full_name, ''), b.name) as opened_by_name \
    from incidents i left join users o on o.id = i.owner left join users b on b.id = i.opened_by ";

impl FromRow<'_, PgRow> for Incident {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let place = match (row.try_get("lat")?, row.try_get("lon")?) {
            (Some(lat), Some(lon)) => Some(AlertPlace { lat, lon }),
            _ => None,
        };
        Ok(Incident {
            id: row.try_get("id")?,
            number: row.try_get("number")?,
            seq: row.try_get("seq")?,
            kind: row.try_get("kind")?,
            severity: word(row, "severity", Severity::parse)?,
            title: row.try_get("title")?,
            area: row.try_get("area")?,
            place,
            status: word(row, "status", Status::parse)?,
            owner: person(row, "owner", "owner_name")?,
            unit: row.try_get("unit")?,
            origin: word(row, "origin", Origin::parse)?,
            opened_at: row.try_get("opened_at")?,
            opened_by: person(row, "opened_by", "opened_by_name")?,
            last_source_at: row.try_get("last_source_at")?,
            sources: row.try_get("sources")?,
            resolved_at: row.try_get("resolved_at")?,
            closed_at: row.try_get("closed_at")?,
            verdict: match row.try_get::<Option<&str>, _>("verdict")? {
                Some(_) => Some(word(row, "verdict", Verdict::parse)?),
                None => None,
            },
            merged_into: row.try_get("merged_into")?,
            procedure: row.try_get("procedure")?,
            steps: row.try_get::<Json<_>, _>("steps")?.0,
            clocks: row.try_get::<Json<_>, _>("clocks")?.0,
            escalate_at: row.try_get("escalate_at")?,
        })
    }
}

/// A word that the table's check allows.
pub(super) fn word<T>(row: &PgRow, column: &str, parse: fn(&str) -> Option<T>) -> Result<T, sqlx::Error> {
    let text: &str = row.try_get(column)?;
    parse(text).ok_or_else(|| sqlx::Error::Decode(format!("{column}: no such word as {text}").into()))
}

/// A user of a column, and their name of another.
pub(super) fn person(row: &PgRow, id: &str, name: &str) -> Result<Option<Person>, sqlx::Error> {
    let id: Option<Uuid> = row.try_get(id)?;
    let name: Option<String> = row.try_get(name)?;
    Ok(id.map(|id| Person { id, name: name.unwrap_or_default() }))
}

/// Begins a transaction and takes the lock of the incident log, which is given up after three seconds: people wait.
///
/// # Errors
/// When the database fails, or somebody else has the lock.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("set local lock_timeout = '3s'").execute(&mut *transaction).await?;
    lock(&mut transaction).await?;
    Ok(transaction)
}

/// Takes the lock under which `incident_log.seq` is given, until the transaction ends. Taking it again is free.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_xact_lock(7220502)").execute(connection).await?;
    Ok(())
}

/// One incident, if there is one of that id that the areas see.
///
/// # Errors
/// When the database fails.
pub async fn find(
    connection: &mut PgConnection,
    id: Uuid,
    areas: &AreaScope,
) -> Result<Option<Incident>, sqlx::Error> {
    let sql = format!("{SELECT} where i.id = $1 and ($2::text[] is null or i.area = any($2))");
    sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(areas.bind()).fetch_optional(connection).await
}

/// What the log is to say of a change.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) change: IncidentChange,
    pub(super) detail: Value,
    /// The person; none for the machine.
    pub(super) actor: Option<Uuid>,
}

/// Stores an incident as it is now, appends to its log and rings the bell. The incident gets the number of that row. The
/// caller holds the lock.
pub(super) async fn save(
    connection: &mut PgConnection,
    incident: &mut Incident,
    (entry, source_key): (Entry, Option<&str>),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    incident.seq = sqlx::query_scalar("select coalesce(max(seq), 0) + 1 from incident_log")
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query(
        "insert into incidents (id, number, seq, kind, severity, title, area, lat, lon, source_key, status, owner, unit, \
           origin, opened_at, opened_by, last_source_at, sources, resolved_at, closed_at, verdict, merged_into, \
           procedure, steps, clocks, escalate_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
           $23, $24, $25, $26) \
         on conflict (id) do update set seq = $3, kind = $4, severity = $5, title = $6, area = $7, lat = $8, lon = $9, \
           status = $11, owner = $12, unit = $13, last_source_at = $17, sources = $18, resolved_at = $19, \
           closed_at = $20, verdict = $21, merged_into = $22, procedure = $23, steps = $24, clocks = $25, \
           escalate_at = $26",
    )
    .bind(incident.id)
    .bind(&incident.number)
    .bind(incident.seq)
    .bind(&incident.kind)
    .bind(incident.severity.as_str())
    .bind(&incident.title)
    .bind(&incident.area)
    .bind(incident.place.map(|place| place.lat))
    .bind(incident.place.map(|place| place.lon))
    .bind(source_key)
    .bind(incident.status.as_str())
    .bind(incident.owner.as_ref().map(|owner| owner.id))
    .bind(&incident.unit)
    .bind(incident.origin.as_str())
    .bind(incident.opened_at)
    .bind(incident.opened_by.as_ref().map(|by| by.id))
    .bind(incident.last_source_at)
    .bind(incident.sources)
    .bind(incident.resolved_at)
    .bind(incident.closed_at)
    .bind(incident.verdict.map(Verdict::as_str))
    .bind(incident.merged_into)
    .bind(incident.procedure)
    .bind(Json(&incident.steps))
    .bind(Json(&incident.clocks))
    .bind(incident.escalate_at)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "with logged as (insert into incident_log (seq, at, incident, change, actor, detail, incident_row) \
           values ($1, $2, $3, $4, $5, $6, $7)) select pg_notify($8, $1::text)",
    )
    .bind(incident.seq)
    .bind(now)
    .bind(incident.id)
    .bind(entry.change.as_str())
    .bind(entry.actor)
    .bind(entry.detail)
    .bind(Json(&*incident))
    .bind(CHANNEL_INCIDENTS)
    .execute(connection)
    .await?;
    Ok(())
}
