//! Calls when a clock has run out: the one job that acts on incidents without anybody's doing.
//!
//! When the next call is due stands in the database, so it survives whatever happens to the center; of several centers one
//! calls, because all take the lock of the log.

use super::clocks::{self, Rung};
use super::machine::{self, Act, Outcome};
use super::model::Incident;
use super::procedure::Procedure;
use super::procedures::procedure_of;
use super::store::{self, SELECT};
use super::work::record;
use crate::alerts::Person;
use crate::clock;
use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Looked at this often even when nothing is due: another center may have opened an incident meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// Calls of one transaction.
const BATCH: i64 = 100;

/// Runs until `shutdown`.
pub async fn run(pool: PgPool, shutdown: CancellationToken) {
    let mut failing = false;
    loop {
        let now = clock::now();
        let wait = match call_due(&pool, now).await {
            Ok(next) => {
                failing = false;
                let until = next.and_then(|next| (next - now).to_std().ok());
                until.unwrap_or(LOOK_EVERY).min(LOOK_EVERY)
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "incidents: cannot call whose clock has run out; trying again");
                }
                failing = true;
                RETRY_AFTER
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Calls for every clock that has run out by `now`; answers when the next call is due.
///
/// # Errors
/// When the database fails; what was called is committed.
pub async fn call_due(pool: &PgPool, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let now = now.trunc_subsecs(6);
    loop {
        let next: Option<DateTime<Utc>> =
            sqlx::query_scalar("select min(escalate_at) from incidents").fetch_one(pool).await?;
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        let mut transaction = store::begin(pool).await?;
        let sql = format!("{SELECT} where i.escalate_at <= $1 order by i.escalate_at, i.id limit $2");
        let due: Vec<Incident> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(now).bind(BATCH).fetch_all(&mut *transaction).await?;
        for incident in due {
            call(&mut transaction, incident, now).await?;
        }
        transaction.commit().await?;
    }
}

async fn call(
    connection: &mut PgConnection,
    mut incident: Incident,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let procedure = procedure_of(connection, &incident.kind, incident.procedure).await?;
    let due = clocks::next_call(&incident.clocks, procedure.escalation.every_s);
    let Some((_, clock)) = due.filter(|(at, _)| *at <= now) else {
        // Its clocks say something else than its row: the clocks are right.
        return rewind(connection, &mut incident, &procedure).await;
    };
    let calls = incident.clocks.iter().find(|c| c.kind == clock).map_or(0, |c| c.calls);
    let rung = clocks::rung(&procedure.escalation.chain, calls, incident.owner.is_some());
    let people = people(connection, rung, &incident, &procedure).await?;
    let act = Act::Escalate(clock, people);
    match machine::apply(&mut incident, &act, None, (&procedure, now)) {
        Ok(Outcome::Changed(change, detail)) => {
            record(connection, &mut incident, (change, detail), None, now).await
        }
        Ok(Outcome::Unchanged) | Err(_) => rewind(connection, &mut incident, &procedure).await,
    }
}

async fn rewind(
    connection: &mut PgConnection,
    incident: &mut Incident,
    procedure: &Procedure,
) -> Result<(), sqlx::Error> {
    incident.wind(procedure);
    sqlx::query("update incidents set escalate_at = $2 where id = $1")
        .bind(incident.id)
        .bind(incident.escalate_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// The supervisors of an area: who is called when no unit answers.
///
/// # Errors
/// When the database fails.
pub async fn supervisors(
    connection: &mut PgConnection,
    area: Option<&str>,
) -> Result<Vec<Person>, sqlx::Error> {
    named(connection, area, None).await
}

/// Who stands at a rung for an incident.
async fn people(
    connection: &mut PgConnection,
    rung: Option<Rung>,
    incident: &Incident,
    procedure: &Procedure,
) -> Result<Vec<Person>, sqlx::Error> {
    let names = match rung {
        None => return Ok(vec![]),
        Some(Rung::Owner) => return Ok(incident.owner.iter().cloned().collect()),
        Some(Rung::Supervisor) => None,
        Some(Rung::OnCall) => Some(&procedure.escalation.on_call),
    };
    named(connection, incident.area.as_deref(), names.map(Vec::as_slice)).await
}

/// Those of these names who work in an area; without names its supervisors.
async fn named(
    connection: &mut PgConnection,
    area: Option<&str>,
    names: Option<&[String]>,
) -> Result<Vec<Person>, sqlx::Error> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select id, coalesce(nullif(full_name, ''), name) from users where not disabled and kind = 'person' \
           and role in ('operator', 'supervisor', 'admin') and ('*' = any(areas) or $1 = any(areas)) \
           and case when $2::text[] is null then role = 'supervisor' else name = any($2) end order by name limit 100",
    )
    .bind(area)
    .bind(names)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, name)| Person { id, name }).collect())
}
