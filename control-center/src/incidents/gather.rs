//! Opening incidents, and letting alerts, reports and signals join the one that they belong to.

use super::merge::{self, Candidate, Newcomer};
use super::model::{Incident, IncidentChange, Origin, SourceKind, Status};
use super::procedure::{OTHER, Procedure};
use super::procedures::{current, current_procedures};
use super::store::{self, Entry, SELECT};
use crate::access::AreaScope;
use crate::alerts::{Alert, AlertPlace, Person, Severity};
use crate::dispatch::follow;
use crate::local_time;
use chrono::{DateTime, Datelike as _, SubsecRound as _, Utc};
use serde_json::json;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use uuid::Uuid;

/// As far as this a camera's area counts as the area of a place.
const AREA_WITHIN_M: f64 = 3000.0;

/// A new incident.
#[derive(Debug, Clone)]
pub struct NewIncident<'a> {
    /// The procedure in force of its kind.
    pub procedure: &'a Procedure,
    /// How much it matters.
    pub severity: Severity,
    /// What people call it.
    pub title: String,
    /// Where it is.
    pub place: Option<AlertPlace>,
    /// The area that it lies in.
    pub area: Option<String>,
    /// What opens it.
    pub origin: Origin,
    /// Who opens it; none for the machine.
    pub by: Option<Person>,
}

/// Something that is to join an incident.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// What it is.
    pub kind: SourceKind,
    /// The alert's id, the report's number, the signal's id.
    pub reference: String,
    /// When it happened, by its own clock.
    pub at: DateTime<Utc>,
    /// In short.
    pub title: String,
    /// Where.
    pub place: Option<AlertPlace>,
    /// The camera or sensor: `edge/camera` or `signal/source`.
    pub source_key: Option<String>,
    /// How much it matters; the procedure's when it does not say.
    pub severity: Option<Severity>,
    /// The area that it lies in.
    pub area: Option<String>,
}

/// Where a source went.
#[derive(Debug, Clone, PartialEq)]
pub enum Gathered {
    /// It opened this one.
    Opened(Incident),
    /// It joined this one.
    Joined(Incident),
    /// It belonged to this one already.
    Known(Incident),
}

impl Gathered {
    /// The incident.
    #[must_use]
    pub fn into_incident(self) -> Incident {
        match self {
            Gathered::Opened(incident) | Gathered::Joined(incident) | Gathered::Known(incident) => incident,
        }
    }
}

/// Opens an incident without a source. The caller's transaction decides whether it comes to be.
///
/// # Errors
/// When the database fails.
pub async fn open(
    connection: &mut PgConnection,
    new: NewIncident<'_>,
    now: DateTime<Utc>,
) -> Result<Incident, sqlx::Error> {
    store::lock(connection).await?;
    let mut incident = prepare(connection, new, now).await?;
    let actor = incident.opened_by.as_ref().map(|by| by.id);
    let entry = Entry { change: IncidentChange::Opened, detail: json!({}), actor };
    store::save(connection, &mut incident, (entry, None), now).await?;
    Ok(incident)
}

/// A new incident with its number; not stored yet.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    new: NewIncident<'_>,
    now: DateTime<Utc>,
) -> Result<Incident, sqlx::Error> {
    let now = now.trunc_subsecs(6);
    let year = local_time::local(now).year();
    let number: i64 = sqlx::query_scalar(
        "insert into incident_numbers (year, last) values ($1, 1) \
         on conflict (year) do update set last = incident_numbers.last + 1 returning last",
    )
    .bind(year)
    .fetch_one(connection)
    .await?;
    let procedure = new.procedure;
    let mut incident = Incident {
        id: Uuid::now_v7(),
        number: format!("{year}-{number:06}"),
        seq: 0,
        kind: procedure.kind.clone(),
        severity: new.severity,
        title: new.title,
        area: new.area,
        place: new.place,
        status: Status::Open,
        owner: None,
        unit: None,
        origin: new.origin,
        opened_at: now,
        opened_by: new.by,
        last_source_at: now,
        sources: 0,
        resolved_at: None,
        closed_at: None,
        verdict: None,
        merged_into: None,
        procedure: procedure.version,
        steps: procedure.new_steps(),
        clocks: procedure.sla_of(None).start(now),
        escalate_at: None,
    };
    incident.wind(procedure);
    Ok(incident)
}

/// The incident that a source belongs to already.
async fn incident_of(
    connection: &mut PgConnection,
    source: &NewSource,
) -> Result<Option<Incident>, sqlx::Error> {
    let sql =
        format!("{SELECT} join incident_sources s on s.incident = i.id where s.kind = $1 and s.ref = $2");
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(source.kind.as_str())
        .bind(&source.reference)
        .fetch_optional(connection)
        .await
}

/// Lets a source join the unfinished incident of its kind that is near enough and recent enough, or opens one. Doing it
/// again changes nothing. The caller's transaction decides whether it comes to be.
///
/// # Errors
/// When the database fails.
pub async fn gather(
    connection: &mut PgConnection,
    (procedure, source): (&Procedure, NewSource),
    by: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<Gathered, sqlx::Error> {
    let now = now.trunc_subsecs(6);
    store::lock(connection).await?;
    if let Some(known) = incident_of(connection, &source).await? {
        return Ok(Gathered::Known(known));
    }
    let actor = by.map(|by| by.id);
    let detail = json!({ "kind": source.kind, "ref": source.reference, "title": source.title });
    if let Some(home) = find_home(connection, procedure, &source).await? {
        let incident = store::find(connection, home, &AreaScope::whole_city()).await?;
        let mut incident = incident.ok_or(sqlx::Error::RowNotFound)?;
        let before = incident.clone();
        // The gravest of what it groups, and a place as soon as one is known.
        incident.severity = incident.severity.min(source.severity.unwrap_or(incident.severity));
        incident.place = incident.place.or(source.place);
        incident.last_source_at = incident.last_source_at.max(source.at.trunc_subsecs(6));
        incident.sources += 1;
        let entry = Entry { change: IncidentChange::SourceAdded, detail, actor };
        store::save(connection, &mut incident, (entry, None), now).await?;
        add_source(connection, incident.id, &source, now).await?;
        if incident.reads_otherwise_than(&before) {
            follow::say_again(connection, incident.id).await?;
        }
        return Ok(Gathered::Joined(incident));
    }
    let new = NewIncident {
        procedure,
        severity: source.severity.unwrap_or(procedure.severity),
        title: source.title.clone(),
        place: source.place,
        area: source.area.clone(),
        origin: match source.kind {
            SourceKind::Alert => Origin::Alert,
            SourceKind::Report => Origin::Report,
            SourceKind::Signal => Origin::Signal,
        },
        by: by.cloned(),
    };
    let mut incident = prepare(connection, new, now).await?;
    incident.sources = 1;
    incident.last_source_at = source.at.trunc_subsecs(6);
    let entry = Entry { change: IncidentChange::Opened, detail, actor };
    store::save(connection, &mut incident, (entry, source.source_key.as_deref()), now).await?;
    add_source(connection, incident.id, &source, now).await?;
    Ok(Gathered::Opened(incident))
}

async fn add_source(
    connection: &mut PgConnection,
    incident: Uuid,
    source: &NewSource,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into incident_sources (kind, ref, incident, at, title, lat, lon, added_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(source.kind.as_str())
    .bind(&source.reference)
    .bind(incident)
    .bind(source.at)
    .bind(&source.title)
    .bind(source.place.map(|place| place.lat))
    .bind(source.place.map(|place| place.lon))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets a source join this incident, whatever is near. It may be over: then the source is only noted. Doing it again
/// changes nothing.
pub(super) async fn attach(
    connection: &mut PgConnection,
    mut incident: Incident,
    source: &NewSource,
    by: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<Incident, sqlx::Error> {
    store::lock(connection).await?;
    if let Some(known) = incident_of(connection, source).await? {
        return Ok(known);
    }
    let before = incident.clone();
    incident.place = incident.place.or(source.place);
    incident.last_source_at = incident.last_source_at.max(source.at.trunc_subsecs(6));
    incident.sources += 1;
    let detail = json!({ "kind": source.kind, "ref": source.reference, "title": source.title });
    let entry = Entry { change: IncidentChange::SourceAdded, detail, actor: by.map(|by| by.id) };
    store::save(connection, &mut incident, (entry, None), now).await?;
    add_source(connection, incident.id, source, now).await?;
    if incident.reads_otherwise_than(&before) {
        follow::say_again(connection, incident.id).await?;
    }
    Ok(incident)
}

async fn find_home(
    connection: &mut PgConnection,
    procedure: &Procedure,
    source: &NewSource,
) -> Result<Option<Uuid>, sqlx::Error> {
    let rows = sqlx::query(
        "select id, lat, lon, source_key, last_source_at, area from incidents \
         where status in ('open', 'in_progress') and kind = $1 \
           and last_source_at between $2 - make_interval(secs => $3) and $2 + make_interval(secs => $3)",
    )
    .bind(&procedure.kind)
    .bind(source.at)
    .bind(f64::from(u32::try_from(procedure.merge.within_s).unwrap_or(u32::MAX)))
    .fetch_all(connection)
    .await?;
    let read = |row: &PgRow| {
        let place = match (row.try_get("lat")?, row.try_get("lon")?) {
            (Some(lat), Some(lon)) => Some(AlertPlace { lat, lon }),
            _ => None,
        };
        Ok(Candidate {
            id: row.try_get("id")?,
            place,
            source_key: row.try_get("source_key")?,
            last_source_at: row.try_get("last_source_at")?,
            area: row.try_get("area")?,
        })
    };
    let candidates = rows.iter().map(read).collect::<Result<Vec<_>, sqlx::Error>>()?;
    let newcomer = Newcomer {
        place: source.place,
        source_key: source.source_key.as_deref(),
        at: source.at,
        area: source.area.as_deref(),
    };
    Ok(merge::find(newcomer, &candidates, procedure.merge))
}

/// Opens an incident from an alert, or lets the alert join the one that it belongs to, by policy and without a person.
///
/// For [`crate::policy`]: where a policy says `incident`, call it with ingest's own transaction after the alert's row is
/// written. It takes the lock of the incident log after the one of the alert log, which ingest holds; it changes no alert,
/// and calling it again for the same alert (a repeat, a resent batch) changes nothing. Which kind of incident an alert is,
/// how near and how recent it must be to join another one, is said by the procedures.
///
/// # Errors
/// When the database fails.
pub async fn from_alert(
    transaction: &mut PgConnection,
    alert: &Alert,
    now: DateTime<Utc>,
) -> Result<Gathered, sqlx::Error> {
    open_from_alert(transaction, alert, None, now).await
}

/// As [`from_alert`], in the name of a person: one click.
///
/// # Errors
/// When the database fails.
pub async fn open_from_alert(
    connection: &mut PgConnection,
    alert: &Alert,
    by: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<Gathered, sqlx::Error> {
    let procedures = current_procedures(connection).await?;
    let claims = |procedure: &&Procedure| procedure.events.contains(&alert.kind);
    let procedure = match procedures.iter().find(claims) {
        Some(procedure) => procedure.clone(),
        None => current(connection, OTHER).await?.ok_or(sqlx::Error::RowNotFound)?,
    };
    let camera = alert.camera.as_deref().unwrap_or("-");
    let whose = alert.camera_name.as_deref().unwrap_or(camera);
    let source = NewSource {
        kind: SourceKind::Alert,
        reference: alert.id.to_string(),
        at: alert.first_at,
        title: format!("{}: {whose}", procedure.name.vi),
        place: alert.place,
        source_key: Some(format!("{}/{camera}", alert.edge)),
        severity: Some(alert.severity),
        area: alert.area.clone(),
    };
    gather(connection, (&procedure, source), by, now).await
}

/// An alert became graver: the unfinished incident that it belongs to matters as much as the gravest of what it groups. Takes
/// the lock of the incident log after the one of the alert log, as [`from_alert`].
///
/// # Errors
/// When the database fails.
pub async fn heed_graver(
    connection: &mut PgConnection,
    alert: &Alert,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    store::lock(connection).await?;
    let sql = format!(
        "{SELECT} join incident_sources s on s.incident = i.id where s.kind = 'alert' and s.ref = $1"
    );
    let incident: Option<Incident> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(alert.id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let is_heavier = |incident: &Incident| incident.is_unfinished() && alert.severity < incident.severity;
    let Some(mut incident) = incident.filter(is_heavier) else { return Ok(()) };
    let detail = json!({ "severity": { "from": incident.severity, "to": alert.severity } });
    incident.severity = alert.severity;
    let entry = Entry { change: IncidentChange::Edited, detail, actor: None };
    store::save(connection, &mut incident, (entry, None), now.trunc_subsecs(6)).await?;
    follow::say_again(connection, incident.id).await
}

/// The area of the camera that is nearest to a place, if one is near.
///
/// # Errors
/// When the database fails.
pub async fn area_near(
    connection: &mut PgConnection,
    place: AlertPlace,
) -> Result<Option<String>, sqlx::Error> {
    let cameras: Vec<(String, f64, f64)> = sqlx::query_as(
        "select area, lat, lon from cameras where area is not null and lat between $1 - 0.05 and $1 + 0.05 \
           and lon between $2 - 0.05 and $2 + 0.05",
    )
    .bind(place.lat)
    .bind(place.lon)
    .fetch_all(connection)
    .await?;
    let near =
        cameras.into_iter().map(|(area, lat, lon)| (merge::distance_m(place, AlertPlace { lat, lon }), area));
    let near = near.filter(|(distance_m, _)| *distance_m <= AREA_WITHIN_M);
    Ok(near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, area)| area))
}
