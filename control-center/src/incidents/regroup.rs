//! Merging two incidents into one, and taking one apart again. Sources and dispatches move; no log is rewritten.

use super::gather::{NewIncident, prepare};
use super::machine::{self, Act, Outcome, Refusal};
use super::model::{Incident, IncidentChange, SourceKind};
use super::procedures::procedure_of;
use super::store::{self, Entry};
use super::work::{Actor, WorkError, audited, look, record, refused};
use crate::dispatch::follow;
use chrono::{DateTime, SubsecRound as _, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// What is taken out of an incident.
#[derive(Debug, Clone)]
pub enum Part {
    /// An incident that was merged into it comes back with what it had brought.
    Merged(Uuid),
    /// Some of its sources become a new incident, with this title if it is not to have the old one's.
    Sources(Vec<(SourceKind, String)>, Option<String>),
}

/// Merges `other` into an incident: its sources and dispatches move there, and it is closed as a duplicate.
///
/// # Errors
/// [`WorkError`]; then the transaction is to be given up.
pub async fn merge(
    connection: &mut PgConnection,
    (into, seen): (Uuid, Option<i64>),
    other: Uuid,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Incident, WorkError> {
    let now = now.trunc_subsecs(6);
    if into == other {
        return Err(WorkError::Unusable("an incident cannot be merged into itself".into()));
    }
    let mut incident = look(connection, (into, seen), actor).await?;
    let mut other = look(connection, (other, None), actor).await?;
    if other.merged_into == Some(into) {
        return Ok(incident);
    }
    if !incident.is_unfinished() {
        let status = incident.status;
        return Err(refused(connection, &incident, Refusal::Status(status)).await?);
    }
    if other.area != incident.area {
        return Err(WorkError::Unusable(
            "the two lie in different areas: not the same people see them".into(),
        ));
    }
    let procedure = procedure_of(connection, &other.kind, other.procedure).await?;
    let act = Act::MergeInto(into, &incident.number);
    let closed = machine::apply(&mut other, &act, Some(&actor.person), (&procedure, now));
    let (change, detail) = match closed {
        Ok(Outcome::Changed(change, detail)) => (change, detail),
        Ok(Outcome::Unchanged) => return Ok(incident),
        Err(refusal) => return Err(refused(connection, &other, refusal).await?),
    };
    sqlx::query(
        "update incident_sources set incident = $1, brought_by = brought_by || $2::uuid where incident = $2",
    )
    .bind(into)
    .bind(other.id)
    .execute(&mut *connection)
    .await?;
    let dispatches = follow::merged(connection, other.id, into, now).await?;
    let before = incident.clone();
    let (brought, number) = (std::mem::take(&mut other.sources), other.number.clone());
    record(connection, &mut other, (change, detail), Some(&actor.person), now).await?;
    incident.sources += brought;
    incident.severity = incident.severity.min(other.severity);
    incident.place = incident.place.or(other.place);
    incident.last_source_at = incident.last_source_at.max(other.last_source_at);
    let detail =
        json!({ "incident": other.id, "number": number, "sources": brought, "dispatches": dispatches });
    record(connection, &mut incident, (IncidentChange::Absorbed, detail), Some(&actor.person), now).await?;
    if incident.reads_otherwise_than(&before) {
        follow::say_again(connection, incident.id).await?;
    }
    audited(connection, (&incident, IncidentChange::Absorbed), &actor.person, now).await?;
    Ok(incident)
}

/// Takes a part out of an incident; answers the incident that the part is now.
///
/// # Errors
/// [`WorkError`]; then the transaction is to be given up.
pub async fn split(
    connection: &mut PgConnection,
    (id, seen): (Uuid, Option<i64>),
    part: &Part,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Incident, WorkError> {
    let now = now.trunc_subsecs(6);
    let mut incident = look(connection, (id, seen), actor).await?;
    if !incident.is_unfinished() {
        let status = incident.status;
        return Err(refused(connection, &incident, Refusal::Status(status)).await?);
    }
    let (mut apart, moved) = match part {
        Part::Merged(other) => bring_back(connection, &incident, *other, actor, now).await?,
        Part::Sources(sources, title) => {
            split_off(connection, &incident, (sources, title.as_deref()), actor, now).await?
        }
    };
    incident.sources -= moved;
    let detail = json!({ "incident": apart.id, "number": apart.number, "sources": moved });
    record(connection, &mut incident, (IncidentChange::Split, detail), Some(&actor.person), now).await?;
    audited(connection, (&incident, IncidentChange::Split), &actor.person, now).await?;
    // The answer carries its own newest number, whichever row came last.
    apart = store::find(connection, apart.id, &actor.areas).await?.ok_or(WorkError::Unknown)?;
    Ok(apart)
}

async fn bring_back(
    connection: &mut PgConnection,
    from: &Incident,
    other: Uuid,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(Incident, i64), WorkError> {
    let mut other = look(connection, (other, None), actor).await?;
    if other.merged_into != Some(from.id) {
        return Err(WorkError::Unusable(format!("{} was not merged into {}", other.number, from.number)));
    }
    let procedure = procedure_of(connection, &other.kind, other.procedure).await?;
    let reason = format!("split from {}", from.number);
    let act = Act::Unmerge(&reason);
    let outcome = machine::apply(&mut other, &act, Some(&actor.person), (&procedure, now));
    let (change, detail) = match outcome {
        Ok(Outcome::Changed(change, detail)) => (change, detail),
        Ok(Outcome::Unchanged) => return Err(WorkError::Unusable("it was not merged".into())),
        Err(refusal) => return Err(refused(connection, &other, refusal).await?),
    };
    let moved = sqlx::query(
        "update incident_sources set incident = $2, brought_by = brought_by[:cardinality(brought_by) - 1] \
         where incident = $1 and brought_by[cardinality(brought_by)] = $2",
    )
    .bind(from.id)
    .bind(other.id)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let dispatches = follow::split(connection, other.id, from.id, now).await?;
    let mut detail = detail;
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("dispatches".into(), json!(dispatches));
    }
    other.sources = i64::try_from(moved).unwrap_or(i64::MAX);
    record(connection, &mut other, (change, detail), Some(&actor.person), now).await?;
    let moved = other.sources;
    Ok((other, moved))
}

async fn split_off(
    connection: &mut PgConnection,
    from: &Incident,
    (sources, title): (&[(SourceKind, String)], Option<&str>),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(Incident, i64), WorkError> {
    let procedure = procedure_of(connection, &from.kind, from.procedure).await?;
    let new = NewIncident {
        procedure: &procedure,
        severity: from.severity,
        title: title.unwrap_or(&from.title).to_owned(),
        place: from.place,
        area: from.area.clone(),
        origin: from.origin,
        by: Some(actor.person.clone()),
    };
    let mut apart = prepare(connection, new, now).await?;
    apart.sources = i64::try_from(sources.len()).unwrap_or(i64::MAX);
    apart.last_source_at = from.last_source_at;
    let detail = json!({ "split_from": from.id, "number": from.number });
    let entry = Entry { change: IncidentChange::Opened, detail, actor: Some(actor.person.id) };
    store::save(connection, &mut apart, (entry, None), now).await?;
    let moved = sqlx::query(
        "update incident_sources s set incident = $1, brought_by = '{}' \
         from unnest($3::text[], $4::text[]) as w (kind, ref) \
         where s.incident = $2 and s.kind = w.kind and s.ref = w.ref",
    )
    .bind(apart.id)
    .bind(from.id)
    .bind(sources.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>())
    .bind(sources.iter().map(|(_, reference)| reference.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await?
    .rows_affected();
    if moved == 0 || i64::try_from(moved) != Ok(apart.sources) {
        return Err(WorkError::Unusable("not all of these are sources of the incident".into()));
    }
    let moved = apart.sources;
    Ok((apart, moved))
}
