//! Dispatches when their incident is merged into another, and when it is split from it again: they follow the case that
//! people work, and come back with it. Called in the merging transaction, under the incident log's lock.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
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
