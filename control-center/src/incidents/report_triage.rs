//! What operators do with citizens' reports: link, reject, answer, place.

use super::gather::{Gathered, NewSource, attach, gather};
use super::model::{Incident, SourceKind};
use super::procedures::current;
use super::report_bell::{ReportBell, ReportChange};
use super::reports::{Report, ReportState, SEEN_BY_2, SELECT_REPORTS, is_area};
use super::store;
use super::work::Actor;
use crate::access::AreaScope;
use crate::access::audit;
use crate::alerts::Person;
use chrono::{DateTime, SubsecRound as _, Utc};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

/// What an operator does with a report.
#[derive(Debug, Clone)]
pub enum Triage {
    /// It becomes part of this incident; with none of the one that it belongs to, or a new one.
    Link(Option<Uuid>),
    /// It is not taken, with the reason that the reporter reads.
    Reject(String),
    /// The reporter is answered.
    Answer(String),
    /// It lies in this area: the people there see it from now on, and nobody else.
    Place(String),
}

impl Triage {
    /// What the audit calls it.
    const fn act(&self) -> &'static str {
        match self {
            Triage::Link(_) => "report.link",
            Triage::Reject(_) => "report.reject",
            Triage::Answer(_) => "report.answer",
            Triage::Place(_) => "report.place",
        }
    }

    /// What others hear.
    const fn change(&self) -> ReportChange {
        match self {
            Triage::Link(_) => ReportChange::Linked,
            Triage::Reject(_) => ReportChange::Rejected,
            Triage::Answer(_) => ReportChange::Answered,
            Triage::Place(_) => ReportChange::Placed,
        }
    }
}

/// Why a report was not changed.
#[derive(Debug, thiserror::Error)]
pub enum TriageError {
    /// There is no such report, or not for this person.
    #[error("there is no such report")]
    Unknown,
    /// There is no such incident, or not for this person.
    #[error("there is no such incident")]
    UnknownIncident,
    /// Somebody decided already.
    #[error("the report is {} already", .0.as_str())]
    Decided(ReportState, Option<Person>),
    /// It is part of another incident.
    #[error("the report is part of an incident already")]
    Linked(Uuid),
    /// There is no such area.
    #[error("area: there is no such area")]
    UnknownArea,
    /// It lies in no area yet, and its incident would be seen by others only.
    #[error("the report lies in no area yet: say in which one first")]
    Unplaced,
    /// The database failed.
    #[error("triage: {0}")]
    Database(#[from] sqlx::Error),
}

/// Does it in a person's name, with its audit row.
///
/// # Errors
/// [`TriageError`]; then the transaction is to be given up.
pub async fn triage(
    connection: &mut PgConnection,
    number: &str,
    what: &Triage,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Report, TriageError> {
    let now = now.trunc_subsecs(6);
    store::lock(connection).await?;
    let report = find_report(connection, number, actor).await?.ok_or(TriageError::Unknown)?;
    let mut area = report.area.clone();
    let (state, answer) = match what {
        Triage::Link(incident) => {
            if incident.is_none() && area.is_none() {
                area = own_area(actor)?;
            }
            let linked = link(connection, (&report, area.clone()), *incident, (actor, now)).await?;
            area = area.or_else(|| linked.area.clone());
            sqlx::query("update reports set incident = $2 where number = $1")
                .bind(number)
                .bind(linked.id)
                .execute(&mut *connection)
                .await?;
            let state =
                if report.state == ReportState::Received { ReportState::Accepted } else { report.state };
            (state, None)
        }
        Triage::Reject(reason) => (ReportState::Rejected, Some(reason)),
        Triage::Answer(text) => (ReportState::Answered, Some(text)),
        Triage::Place(to) => {
            if let Some(linked) = report.incident {
                return Err(TriageError::Linked(linked));
            }
            if !is_area(connection, to).await? {
                return Err(TriageError::UnknownArea);
            }
            area = Some(to.clone());
            (report.state, None)
        }
    };
    let is_decided = matches!(report.state, ReportState::Rejected | ReportState::Answered);
    if is_decided && (answer.is_some() || report.state == ReportState::Rejected) {
        return Err(TriageError::Decided(report.state, report.answered_by));
    }
    if state == ReportState::Rejected && report.incident.is_some() {
        return Err(TriageError::Decided(report.state, None));
    }
    sqlx::query(
        "update reports set state = $2, answer = coalesce($3, answer), \
           answered_at = case when $3 is null then answered_at else $4 end, \
           answered_by = case when $3 is null then answered_by else $5 end, area = $6 where number = $1",
    )
    .bind(number)
    .bind(state.as_str())
    .bind(answer)
    .bind(now)
    .bind(actor.person.id)
    .bind(&area)
    .execute(&mut *connection)
    .await?;
    let detail = if area == report.area { json!({}) } else { json!({ "from": report.area, "area": area }) };
    let act = audit::Act { actor: Some(actor.person.id), action: what.act(), subject: number, detail };
    audit::record_in(connection, act, now).await?;
    let areas = vec![report.area, area];
    let bell = ReportBell { number: Some(number.to_owned()), change: what.change(), areas };
    bell.ring(connection).await?;
    // Also for who has just passed it on to others.
    let whole_city = Actor { areas: AreaScope::whole_city(), ..actor.clone() };
    find_report(connection, number, &whole_city).await?.ok_or(TriageError::Unknown)
}

/// The area of what somebody opens who does not say where: none for who sees what lies in none, the only one of who has one.
fn own_area(actor: &Actor) -> Result<Option<String>, TriageError> {
    match actor.areas.bind() {
        None => Ok(None),
        Some(areas) => match <[String; 1]>::try_from(areas) {
            Ok([area]) => Ok(Some(area)),
            Err(_) => Err(TriageError::Unplaced),
        },
    }
}

async fn find_report(
    connection: &mut PgConnection,
    number: &str,
    actor: &Actor,
) -> Result<Option<Report>, sqlx::Error> {
    let sql = format!("{SELECT_REPORTS} where r.number = $1 and {SEEN_BY_2}");
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(number.replace('\0', "\u{fffd}"))
        .bind(actor.areas.bind())
        .fetch_optional(connection)
        .await
}

async fn link(
    connection: &mut PgConnection,
    (report, area): (&Report, Option<String>),
    incident: Option<Uuid>,
    (actor, now): (&Actor, DateTime<Utc>),
) -> Result<Incident, TriageError> {
    if let Some(linked) = report.incident
        && incident != Some(linked)
    {
        return Err(TriageError::Linked(linked));
    }
    let procedure = current(connection, &report.kind).await?.ok_or(sqlx::Error::RowNotFound)?;
    let title: String = report.text.lines().next().unwrap_or_default().chars().take(120).collect();
    let source = NewSource {
        kind: SourceKind::Report,
        reference: report.number.clone(),
        at: report.received_at,
        title: format!("{}: {title}", procedure.name.vi),
        place: report.place,
        source_key: None,
        severity: None,
        area,
    };
    let by = Some(&actor.person);
    match incident {
        None => Ok(gather(connection, (&procedure, source), by, now).await.map(Gathered::into_incident)?),
        Some(id) => {
            let incident = store::find(connection, id, &actor.areas).await?;
            let incident = incident.ok_or(TriageError::UnknownIncident)?;
            Ok(attach(connection, incident, &source, by, now).await?)
        }
    }
}
