//! Units in the database.

use super::unit::{Unit, UnitKind, new_key};
use crate::access::AreaScope;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Row as _};
use std::collections::HashMap;
use uuid::Uuid;

/// A unit as it is stored, with its secret.
#[derive(Debug, Clone)]
pub struct StoredUnit {
    /// The unit.
    pub unit: Unit,
    /// Signs its webhooks.
    pub webhook_key: String,
}

const SELECT: &str = "select u.id, u.name_vi, u.name_en, u.kind, u.areas, u.channels, u.read_within_s, u.accept_within_s, u.fallback, u.shifts, \
    u.webhook_key, u.disabled, array(select p.name from users p where p.id = any(u.members) order by p.name) as members \
    from units u";

impl FromRow<'_, PgRow> for StoredUnit {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let kind: &str = row.try_get("kind")?;
        let kind =
            UnitKind::parse(kind).ok_or_else(|| sqlx::Error::Decode(format!("unit kind {kind}").into()))?;
        let unit = Unit {
            id: row.try_get("id")?,
            name_vi: row.try_get("name_vi")?,
            name_en: row.try_get("name_en")?,
            kind,
            areas: row.try_get("areas")?,
            channels: row.try_get::<Json<_>, _>("channels")?.0,
            read_within_s: row.try_get("read_within_s")?,
            accept_within_s: row.try_get("accept_within_s")?,
            fallback: row.try_get("fallback")?,
            shifts: row.try_get::<Json<_>, _>("shifts")?.0,
            members: row.try_get("members")?,
            disabled: row.try_get("disabled")?,
        };
        Ok(StoredUnit { unit, webhook_key: row.try_get("webhook_key")? })
    }
}

/// Every unit that the areas see, by id.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut PgConnection, areas: &AreaScope) -> Result<Vec<StoredUnit>, sqlx::Error> {
    let sql =
        format!("{SELECT} where $1::text[] is null or '*' = any(u.areas) or u.areas && $1 order by u.id");
    sqlx::query_as(AssertSqlSafe(sql)).bind(areas.bind()).fetch_all(connection).await
}

/// One unit.
///
/// # Errors
/// When the database fails.
pub async fn find(connection: &mut PgConnection, id: &str) -> Result<Option<StoredUnit>, sqlx::Error> {
    let sql = format!("{SELECT} where u.id = $1");
    sqlx::query_as(AssertSqlSafe(sql)).bind(id.replace('\0', "\u{fffd}")).fetch_optional(connection).await
}

/// The units whose inbox a person sees.
///
/// # Errors
/// When the database fails.
pub async fn of_member(connection: &mut PgConnection, person: Uuid) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select id from units where $1 = any(members) order by id")
        .bind(person)
        .fetch_all(connection)
        .await
}

/// Why a unit was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// Something in it cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// The database failed.
    #[error("unit: {0}")]
    Database(#[from] sqlx::Error),
}

/// Makes or changes a unit; its key stays. `random` becomes the key of a new one.
///
/// # Errors
/// [`PutError`].
pub async fn put(
    connection: &mut PgConnection,
    unit: &Unit,
    random: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), PutError> {
    unit.check().map_err(PutError::Unusable)?;
    let members = members(connection, &unit.members).await?;
    let known: Vec<String> = sqlx::query_scalar("select id from units where id = any($1)")
        .bind(&unit.fallback)
        .fetch_all(&mut *connection)
        .await?;
    if let Some(unknown) = unit.fallback.iter().find(|id| !known.contains(id)) {
        return Err(PutError::Unusable(format!("fallback: there is no unit `{unknown}`")));
    }
    sqlx::query(
        "insert into units (id, name_vi, name_en, kind, areas, channels, read_within_s, fallback, shifts, members, webhook_key, \
           disabled, created_at, accept_within_s) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         on conflict (id) do update set name_vi = $2, name_en = $3, kind = $4, areas = $5, channels = $6, \
           read_within_s = $7, fallback = $8, shifts = $9, members = $10, disabled = $12, \
           accept_within_s = $14",
    )
    .bind(&unit.id)
    .bind(&unit.name_vi)
    .bind(&unit.name_en)
    .bind(unit.kind.as_str())
    .bind(&unit.areas)
    .bind(Json(&unit.channels))
    .bind(unit.read_within_s)
    .bind(&unit.fallback)
    .bind(Json(&unit.shifts))
    .bind(members)
    .bind(new_key(random))
    .bind(unit.disabled)
    .bind(now)
    .bind(unit.accept_within_s)
    .execute(connection)
    .await?;
    Ok(())
}

async fn members(connection: &mut PgConnection, names: &[String]) -> Result<Vec<Uuid>, PutError> {
    let rows: Vec<(String, Uuid)> =
        sqlx::query_as("select name, id from users where name = any($1) and role = 'unit'")
            .bind(names.iter().map(|name| name.replace('\0', "\u{fffd}")).collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
    let known: HashMap<String, Uuid> = rows.into_iter().collect();
    let id = |name: &String| {
        let missing = || PutError::Unusable(format!("members: there is no user `{name}` of role unit"));
        known.get(name).copied().ok_or_else(missing)
    };
    names.iter().map(id).collect()
}
