//! What people do to an incident, with its audit row in the same transaction.

use super::machine::{self, Act, Outcome, Refusal};
use super::model::{Incident, IncidentChange};
use super::procedures::procedure_of;
use super::store::{self, Entry};
use crate::access::AreaScope;
use crate::access::audit;
use crate::alerts::Person;
use crate::dispatch::follow;
use chrono::{DateTime, SubsecRound as _, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

/// Who does it, and what they see.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person.
    pub person: Person,
    /// The part of the city in which they see and do it.
    pub areas: AreaScope,
}

/// The newest change that stands against an act: who and what.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Who; none when the machine did it.
    pub by: Option<Person>,
    /// What.
    pub change: IncidentChange,
    /// When.
    pub at: DateTime<Utc>,
    /// The number of the incident's newest change.
    pub seq: i64,
}

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// There is no such incident, or not for this person.
    #[error("there is no such incident")]
    Unknown,
    /// Somebody changed it since the author looked.
    #[error("changed since: {}", .0.change.as_str())]
    Moved(Box<Moved>),
    /// The incident's state does not allow it; with the newest change.
    #[error("{0}")]
    Refused(Refusal, Box<Moved>),
    /// It cannot be done to this incident at all.
    #[error("{0}")]
    Unusable(String),
    /// The database failed.
    #[error("incident: {0}")]
    Database(#[from] sqlx::Error),
}

/// Does an act in a person's name. `seen` is the number of the change that the person looked at: when somebody else changed
/// the incident since, it is refused. What only adds to an incident (a source, a note, a call, news of a dispatch) does not
/// count as such a change. Doing what was so already changes nothing.
///
/// # Errors
/// [`WorkError`]; then the transaction is to be given up.
pub async fn do_act(
    connection: &mut PgConnection,
    (id, seen): (Uuid, Option<i64>),
    act: &Act<'_>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Incident, WorkError> {
    let now = now.trunc_subsecs(6);
    let mut incident = look(connection, (id, seen), actor).await?;
    let before = incident.clone();
    let procedure = procedure_of(connection, &incident.kind, incident.procedure).await?;
    let outcome = machine::apply(&mut incident, act, Some(&actor.person), (&procedure, now));
    match outcome {
        Err(refusal) => Err(refused(connection, &incident, refusal).await?),
        Ok(Outcome::Unchanged) => Ok(incident),
        Ok(Outcome::Changed(change, detail)) => {
            record(connection, &mut incident, (change, detail), Some(&actor.person), now).await?;
            audited(connection, (&incident, change), &actor.person, now).await?;
            if incident.reads_otherwise_than(&before) {
                follow::say_again(connection, incident.id).await?;
            }
            match (change, incident.verdict) {
                (IncidentChange::Resolved, Some(verdict)) => {
                    follow::over(connection, (incident.id, verdict), actor.person.id, now).await?;
                }
                (IncidentChange::Reopened, _) => {
                    follow::goes_on(connection, incident.id, actor.person.id, now).await?;
                }
                _ => return Ok(incident),
            }
            // The answer carries its own newest number, whichever row came last.
            store::find(connection, incident.id, &actor.areas).await?.ok_or(WorkError::Unknown)
        }
    }
}

/// Takes the lock and reads the incident as the actor may see and change it.
pub(super) async fn look(
    connection: &mut PgConnection,
    (id, seen): (Uuid, Option<i64>),
    actor: &Actor,
) -> Result<Incident, WorkError> {
    store::lock(connection).await?;
    let incident = store::find(connection, id, &actor.areas).await?.ok_or(WorkError::Unknown)?;
    if let Some(seen) = seen
        && let Some(moved) = newest_change(connection, &incident, Some(seen)).await?
    {
        return Err(WorkError::Moved(Box::new(moved)));
    }
    Ok(incident)
}

/// A refusal, with the change that led to it.
pub(super) async fn refused(
    connection: &mut PgConnection,
    incident: &Incident,
    refusal: Refusal,
) -> Result<WorkError, sqlx::Error> {
    let moved = newest_change(connection, incident, None).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(WorkError::Refused(refusal, Box::new(moved)))
}

/// Stores a change and appends it to the log.
pub(super) async fn record(
    connection: &mut PgConnection,
    incident: &mut Incident,
    (change, detail): (IncidentChange, Value),
    by: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let entry = Entry { change, detail, actor: by.map(|by| by.id) };
    store::save(connection, incident, (entry, None), now).await
}

/// Writes the one audit row of what a person did.
///
/// # Errors
/// When the database fails.
pub async fn audited(
    connection: &mut PgConnection,
    (incident, change): (&Incident, IncidentChange),
    by: &Person,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let action = format!("incident.{}", change.as_str());
    let subject = incident.id.to_string();
    let detail = json!({ "number": incident.number, "seq": incident.seq });
    let act = audit::Act { actor: Some(by.id), action: &action, subject: &subject, detail };
    audit::record_in(connection, act, now).await
}

/// The newest change, or the newest after `seen` that somebody must have looked at before changing the incident.
async fn newest_change(
    connection: &mut PgConnection,
    incident: &Incident,
    seen: Option<i64>,
) -> Result<Option<Moved>, sqlx::Error> {
    let row = sqlx::query(
        "select l.at, l.change, l.actor, coalesce(nullif(u.full_name, ''), u.name) as actor_name \
         from incident_log l left join users u on u.id = l.actor where l.incident = $1 and l.seq > $2 \
           and l.change not in ('source_added', 'noted', 'escalated', 'dispatch', 'on_scene') \
         order by l.seq desc limit 1",
    )
    .bind(incident.id)
    .bind(seen.unwrap_or(0))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Moved {
        by: store::person(&row, "actor", "actor_name")?,
        change: store::word(&row, "change", IncidentChange::parse)?,
        at: row.try_get("at")?,
        seq: incident.seq,
    }))
}

/// Appends a row to an incident's log without changing the incident, and shows it live: for what happens beside it, such as
/// [`IncidentChange::Dispatch`]. Answers the incident, or none when there is none. No audit row is written: a person's
/// act has its own.
///
/// # Errors
/// When the database fails.
pub async fn append(
    transaction: &mut PgConnection,
    id: Uuid,
    (change, detail): (IncidentChange, Value),
    actor: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Option<Incident>, sqlx::Error> {
    store::lock(transaction).await?;
    let Some(mut incident) = store::find(transaction, id, &AreaScope::whole_city()).await? else {
        return Ok(None);
    };
    store::save(transaction, &mut incident, (Entry { change, detail, actor }, None), now.trunc_subsecs(6))
        .await?;
    Ok(Some(incident))
}

/// Appends news of a dispatch to an incident's log. `meant` is the unit that the incident is meant for from now on, with what
/// is promised for it.
///
/// # Errors
/// When the database fails.
pub async fn dispatched(
    transaction: &mut PgConnection,
    id: Uuid,
    (mut detail, meant): (Value, Option<&str>),
    actor: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let now = now.trunc_subsecs(6);
    store::lock(transaction).await?;
    let Some(mut incident) = store::find(transaction, id, &AreaScope::whole_city()).await? else {
        return Ok(());
    };
    if let Some(unit) = meant {
        let procedure = procedure_of(transaction, &incident.kind, incident.procedure).await?;
        // Refused when it is over: then nothing is promised any more.
        if let Ok(Outcome::Changed(_, change)) =
            machine::apply(&mut incident, &Act::MeantFor(unit), None, (&procedure, now))
        {
            detail["meant_for"] = change;
        }
    }
    let entry = Entry { change: IncidentChange::Dispatch, detail, actor };
    store::save(transaction, &mut incident, (entry, None), now).await
}

/// Notes that a unit is on scene, which meets the incident's clock; for dispatch. Doing it again changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn on_scene(
    transaction: &mut PgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Incident>, sqlx::Error> {
    let now = now.trunc_subsecs(6);
    store::lock(transaction).await?;
    let Some(mut incident) = store::find(transaction, id, &AreaScope::whole_city()).await? else {
        return Ok(None);
    };
    let procedure = procedure_of(transaction, &incident.kind, incident.procedure).await?;
    // Refused when it is over already: then nobody waits for it any more.
    if let Ok(Outcome::Changed(change, detail)) =
        machine::apply(&mut incident, &Act::OnScene, None, (&procedure, now))
    {
        record(transaction, &mut incident, (change, detail), None, now).await?;
    }
    Ok(Some(incident))
}
