//! Procedures in the database: versions are added, never changed. A kind that the city has not touched is as shipped.

use super::defaults;
use super::procedure::Procedure;
use crate::alerts::Person;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

/// The procedures in force, one of each kind: the shipped kinds in their order, then the city's own.
///
/// # Errors
/// When the database fails.
pub async fn current_procedures(connection: &mut PgConnection) -> Result<Vec<Procedure>, sqlx::Error> {
    let rows =
        sqlx::query("select distinct on (kind) version, body from procedures order by kind, version desc")
            .fetch_all(connection)
            .await?;
    let mut procedures = defaults::procedures();
    for row in rows {
        let procedure = stored(row.try_get("version")?, row.try_get("body")?);
        match procedures.iter_mut().find(|known| known.kind == procedure.kind) {
            Some(known) => *known = procedure,
            None => procedures.push(procedure),
        }
    }
    Ok(procedures)
}

fn stored(version: i64, Json(body): Json<Procedure>) -> Procedure {
    Procedure { version, ..body }
}

/// The procedure in force of a kind, if there is such a kind.
pub(super) async fn current(
    connection: &mut PgConnection,
    kind: &str,
) -> Result<Option<Procedure>, sqlx::Error> {
    Ok(current_procedures(connection).await?.into_iter().find(|procedure| procedure.kind == kind))
}

/// A version of a kind's procedure: the one that an incident was opened with.
///
/// # Errors
/// When the database fails, or does not know that version.
pub async fn procedure_of(
    connection: &mut PgConnection,
    kind: &str,
    version: i64,
) -> Result<Procedure, sqlx::Error> {
    if version == 0 {
        let shipped = defaults::procedures().into_iter().find(|procedure| procedure.kind == kind);
        return shipped.ok_or(sqlx::Error::RowNotFound);
    }
    let body = sqlx::query_scalar("select body from procedures where kind = $1 and version = $2")
        .bind(kind)
        .bind(version)
        .fetch_one(connection)
        .await?;
    Ok(stored(version, body))
}

/// Somebody changed a procedure in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// The kind.
    pub kind: String,
    /// The version that is in force.
    pub version: i64,
    /// Who made it; none when it was shipped or imported.
    pub by: Option<Person>,
}

/// Puts procedures in force: each that differs from the one in force becomes its kind's next version. With `based` each
/// must begin from the version in force; answers the first that does not, and then nothing was changed. The caller has
/// checked them.
///
/// # Errors
/// When the database fails.
pub async fn change_procedures(
    connection: &mut PgConnection,
    procedures: &[Procedure],
    (based, actor): (bool, Option<Uuid>),
    now: DateTime<Utc>,
) -> Result<Result<Vec<(String, i64)>, Outdated>, sqlx::Error> {
    super::store::lock(connection).await?;
    let in_force = current_procedures(connection).await?;
    let mut changed = Vec::new();
    let mut wanted = Vec::new();
    for procedure in procedures {
        let known = in_force.iter().find(|known| known.kind == procedure.kind);
        let version = known.map_or(0, |known| known.version);
        let new = Procedure { version, ..procedure.clone() };
        if known == Some(&new) {
            continue;
        }
        if based && procedure.version != version {
            let by = author(connection, &procedure.kind, version).await?;
            return Ok(Err(Outdated { kind: procedure.kind.clone(), version, by }));
        }
        wanted.push((procedure, version + 1));
    }
    for (procedure, version) in wanted {
        sqlx::query("insert into procedures (kind, version, body, at, actor) values ($1, $2, $3, $4, $5)")
            .bind(&procedure.kind)
            .bind(version)
            .bind(Json(Procedure { version, ..procedure.clone() }))
            .bind(now)
            .bind(actor)
            .execute(&mut *connection)
            .await?;
        changed.push((procedure.kind.clone(), version));
    }
    Ok(Ok(changed))
}

async fn author(
    connection: &mut PgConnection,
    kind: &str,
    version: i64,
) -> Result<Option<Person>, sqlx::Error> {
    let row: Option<(Uuid, String)> = sqlx::query_as(
        "select u.id, coalesce(nullif(u.full_name, ''), u.name) from procedures p join users u on u.id = p.actor \
         where p.kind = $1 and p.version = $2",
    )
    .bind(kind)
    .bind(version)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(id, name)| Person { id, name }))
}
