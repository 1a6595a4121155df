//! Dispatches when something becomes of their incident: merged into another and split from it again, they follow the case
//! that people work, and come back with it; when it is over they stand down, and when it goes on their units are asked
//! anew. Called in the changing transaction, under the incident log's lock.

use super::model::State;
use super::plan;
use super::store::{self, NewDispatch, Step, parse};
use crate::incidents::Verdict;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

/// `other` was merged into `into`: its dispatches are `into`'s now; answers which.
///
/// # Errors
/// When the database fails.
pub async fn merged(
    connection: &mut PgConnection,
    other: Uuid,
    into: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let moved: Vec<Uuid> = sqlx::query_scalar(
        "update dispatches set incident = $2, brought_by = brought_by || $1::uuid where incident = $1 returning id",
    )
    .bind(other)
    .bind(into)
    .fetch_all(&mut *connection)
    .await?;
    look_again(connection, into, (&moved, now)).await?;
    Ok(moved)
}

/// `other` was split from `from` again: what it had brought is its own again; answers which.
///
/// # Errors
/// When the database fails.
pub async fn split(
    connection: &mut PgConnection,
    other: Uuid,
    from: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let moved: Vec<Uuid> = sqlx::query_scalar(
        "update dispatches set incident = $2, brought_by = brought_by[:cardinality(brought_by) - 1] \
         where incident = $1 and brought_by[cardinality(brought_by)] = $2 returning id",
    )
    .bind(from)
    .bind(other)
    .fetch_all(&mut *connection)
    .await?;
    look_again(connection, other, (&moved, now)).await?;
    // Of two that a unit had of one incident, one may have rested because of the other.
    look_again(connection, from, (&[], now)).await?;
    Ok(moved)
}

/// An incident goes on, with these dispatches among others: the plan looks at all that are not over, and what came is said
/// anew.
///
/// # Errors
/// When the database fails.
pub async fn look_again(
    connection: &mut PgConnection,
    incident: Uuid,
    (came, now): (&[Uuid], DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update dispatches set act_at = $2 where incident = $1 and state not in ('done', 'recalled') and not passed_on",
    )
    .bind(incident)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    if !came.is_empty() {
        sqlx::query(
            "insert into cap_open (incident, say_again) values ($1, true) \
             on conflict (incident) do update set say_again = true",
        )
        .bind(incident)
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// An incident reads otherwise than before: what stands of it in the Common Alerting Protocol is said anew.
///
/// # Errors
/// When the database fails.
pub async fn say_again(connection: &mut PgConnection, incident: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("update cap_open set say_again = true where incident = $1")
        .bind(incident)
        .execute(connection)
        .await?;
    Ok(())
}

/// Why a dispatch is taken back whose incident is over; for the unit to read.
pub(super) const OVER: &str = "Vụ việc đã kết thúc · The incident is over";

/// An incident was resolved: nobody is asked for it any more. Who has not come yet is taken back; who was told in the Common
/// Alerting Protocol hears of the end in it, whatever became of the dispatch.
///
/// # Errors
/// When the database fails.
pub async fn over(
    connection: &mut PgConnection,
    (incident, verdict): (Uuid, Verdict),
    by: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let rows: Vec<(Uuid, String)> =
        sqlx::query_as("select id, state from dispatches where incident = $1 order by created_at, id")
            .bind(incident)
            .fetch_all(&mut *connection)
            .await?;
    let mut stood_down = Vec::new();
    for (id, state) in rows {
        if plan::stands_down(parse(&state)?, verdict) {
            let step = Step { to: State::Recalled, answer: Some(OVER), by: Some(by), way: "over" };
            store::step(connection, id, &step, now).await?;
            stood_down.push(id);
        }
    }
    sqlx::query("update dispatches set stood_down = true where id = any($1)")
        .bind(stood_down)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "update deliveries m set state = 'failed', next_at = null, done_at = $2, \
           error = 'not needed any more: the incident is over' \
         from dispatches d where d.id = m.dispatch and d.incident = $1 and m.state = 'pending' and m.cancels is null",
    )
    .bind(incident)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    sqlx::query("update dispatches set act_at = $2 where incident = $1")
        .bind(incident)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// An incident that was over goes on: whoever stood down because of it is asked anew, by a dispatch of its own. Not who had
/// been passed over before, and no unit twice.
///
/// # Errors
/// When the database fails.
pub async fn goes_on(
    connection: &mut PgConnection,
    incident: Uuid,
    by: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "with back as (update dispatches set stood_down = false where incident = $1 and stood_down returning *) \
         select distinct on (back.unit) back.unit, back.note, back.asked, back.brought_by from back \
           join units u on u.id = back.unit and not u.disabled where not back.passed_on \
         order by back.unit, back.created_at desc, back.id desc",
    )
    .bind(incident)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let (unit, note): (String, String) = (row.try_get("unit")?, row.try_get("note")?);
        let asked: Vec<String> = row.try_get("asked")?;
        let (by, despite) = (Some(by), None);
        let new = NewDispatch { incident, unit: &unit, note: &note, by, asked: &asked, despite };
        let id = store::create(connection, &new, now).await?;
        sqlx::query("update dispatches set brought_by = $2 where id = $1")
            .bind(id)
            .bind(row.try_get::<Vec<Uuid>, _>("brought_by")?)
            .execute(&mut *connection)
            .await?;
    }
    look_again(connection, incident, (&[], now)).await
}
