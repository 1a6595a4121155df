//! `/api/v1/incidents`: the list, one incident, opening and changing it.

use super::Shared;
use super::alert_steps::person_of;
use super::extract::{Json, Path, Query, SignedIn};
use super::idempotency::Idempotent;
use super::page::{self, Cursor};
use super::problem::{Error, Problem};
use crate::access::Person;
use crate::alerts::{self, AlertPlace, Severity, store as alert_store};
use crate::clock;
use crate::incidents::machine::{Act, Edit};
use crate::incidents::{
    self, Actor, Gathered, Incident, IncidentChange, NewIncident, Origin, View, current_procedures, do_act,
    text,
};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Longest title, characters.
const MAX_TITLE_CHARS: usize = 200;

#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IncidentState {
    /// Open or in progress.
    Unfinished,
    /// Nobody took it yet.
    Open,
    /// Somebody works on it.
    InProgress,
    /// The work is done.
    Resolved,
    /// Over.
    Closed,
    /// Every state.
    #[default]
    All,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IncidentQuery {
    /// How far the work is; `all` by default.
    #[serde(default)]
    #[param(inline)]
    state: IncidentState,
    /// Only incidents of this kind.
    kind: Option<String>,
    /// Only incidents of this severity.
    severity: Option<Severity>,
    /// Only incidents in this area.
    area: Option<String>,
    /// Only incidents of this person.
    owner: Option<Uuid>,
    /// Only the incident of this number.
    number: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Incidents on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of incidents, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentPage {
    /// The incidents.
    items: Vec<Incident>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// Who does it.
pub(crate) fn actor(person: &Person) -> Actor {
    Actor { person: person_of(person), areas: person.areas.clone() }
}

/// List incidents
///
/// The newest first, by when they were opened. Only those in your areas.
#[utoipa::path(get, path = "/api/v1/incidents", operation_id = "list_incidents", tag = "incidents",
    params(IncidentQuery), responses((status = 200, description = "A page of incidents", body = IncidentPage)))]
pub(crate) async fn list_incidents(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<IncidentQuery>,
) -> Result<axum::Json<IncidentPage>, Error> {
    let limit = page::limit(query.limit)?;
    let mut items: Vec<Incident> =
        select(&query, &person, limit)?.build_query_as().fetch_all(shared.pool()).await?;
    let cursor_of = |incident: &Incident| page::encode(incident.opened_at, &[incident.id.to_string()]);
    let next_cursor = page::cut(&mut items, limit, cursor_of);
    Ok(axum::Json(IncidentPage { items, next_cursor }))
}

fn select(query: &IncidentQuery, person: &Person, limit: i64) -> Result<QueryBuilder<Postgres>, Error> {
    let mut sql = QueryBuilder::new(incidents::SELECT);
    sql.push(match query.state {
        IncidentState::Unfinished => "where i.status in ('open', 'in_progress')",
        IncidentState::Open => "where i.status = 'open'",
        IncidentState::InProgress => "where i.status = 'in_progress'",
        IncidentState::Resolved => "where i.status = 'resolved'",
        IncidentState::Closed => "where i.status = 'closed'",
        IncidentState::All => "where true",
    });
    if let Some(areas) = person.areas.bind() {
        sql.push(" and i.area = any(").push_bind(areas).push(")");
    }
    let no_nul = |text: &String| text.replace('\0', "\u{fffd}");
    if let Some(kind) = &query.kind {
        sql.push(" and i.kind = ").push_bind(no_nul(kind));
    }
    if let Some(severity) = query.severity {
        sql.push(" and i.severity = ").push_bind(severity.as_str());
    }
    if let Some(area) = &query.area {
        sql.push(" and i.area = ").push_bind(no_nul(area));
    }
    if let Some(owner) = query.owner {
        sql.push(" and i.owner = ").push_bind(owner);
    }
    if let Some(number) = &query.number {
        sql.push(" and i.number = ").push_bind(no_nul(number));
    }
    if let Some(cursor) = &query.cursor {
        let cursor = Cursor::open(cursor)?;
        let id: Uuid = cursor.key(1)?;
        sql.push(" and (i.opened_at, i.id) < (").push_bind(cursor.time()?).push(", ").push_bind(id).push(")");
    }
    sql.push(" order by i.opened_at desc, i.id desc limit ").push_bind(limit + 1);
    Ok(sql)
}

/// Read one incident
///
/// With what it groups, its pictures, and everything that happened to it.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", operation_id = "read_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")),
    responses(
        (status = 200, description = "The incident", body = View),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<View>, Error> {
    let mut moment = shared.pool().begin_with("begin isolation level repeatable read read only").await?;
    let view = incidents::view(&mut moment, id, &person.areas).await?;
    Ok(axum::Json(view.ok_or(Error::NotFound("incident"))?))
}

/// A new incident: from an alert, or from what a person says.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenIncident {
    /// The alert that it is about; everything else comes from it.
    alert: Option<Uuid>,
    /// The kind, one of the procedures'; mandatory without an alert.
    #[schema(example = "traffic_accident")]
    kind: Option<String>,
    /// What people call it; the kind's name when it is left out.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// How much it matters; as the kind's procedure says when it is left out.
    severity: Option<Severity>,
    /// Where it is: a point on the map.
    place: Option<AlertPlace>,
    /// The area that it lies in; that of the nearest camera when it is left out.
    area: Option<String>,
}

/// Open an incident
///
/// From an alert with one click, or from a point on the map. An alert that belongs to an incident already, or whose kind,
/// place and time say that it belongs to an unfinished one, is answered with that one and 200.
#[utoipa::path(post, path = "/api/v1/incidents", operation_id = "open_incident", tag = "incidents",
    request_body = OpenIncident,
    responses(
        (status = 200, description = "The incident that the alert belongs to", body = Incident),
        (status = 201, description = "The new incident", body = Incident),
        (status = 404, description = "There is no such alert in your areas", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn open_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    idempotent: Idempotent,
    Json(new): Json<OpenIncident>,
) -> Result<(StatusCode, axum::Json<Incident>), Error> {
    let now = clock::now();
    let alert = match new.alert {
        Some(id) => {
            Some(alert_store::get(shared.pool(), id, &person.areas).await?.ok_or(Error::NotFound("alert"))?)
        }
        None => None,
    };
    let mut transaction = incidents::begin(shared.pool()).await?;
    let gathered = match alert {
        Some(alert) => {
            if new.kind.is_some() || new.title.is_some() || new.severity.is_some() || new.place.is_some() {
                return Err(Error::Unprocessable("what an alert says is not said again beside it".into()));
            }
            incidents::open_from_alert(&mut transaction, &alert, Some(&person_of(&person)), now).await?
        }
        None => Gathered::Opened(open_by_hand(&mut transaction, new, &person).await?),
    };
    let (status, change) = match &gathered {
        Gathered::Opened(_) => (StatusCode::CREATED, Some(IncidentChange::Opened)),
        Gathered::Joined(_) => (StatusCode::OK, Some(IncidentChange::SourceAdded)),
        Gathered::Known(_) => (StatusCode::OK, None),
    };
    let incident = gathered.into_incident();
    if !person.areas.sees(incident.area.as_deref()) {
        return Err(Error::NotFound("incident"));
    }
    if let Some(change) = change {
        incidents::audited(&mut transaction, (&incident, change), &person_of(&person), now).await?;
    }
    idempotent.seal(&mut transaction, status, &incident).await?;
    transaction.commit().await?;
    Ok((status, axum::Json(incident)))
}

async fn open_by_hand(
    connection: &mut PgConnection,
    new: OpenIncident,
    person: &Person,
) -> Result<Incident, Error> {
    let kind = new.kind.ok_or_else(|| Error::Unprocessable("name an alert or a kind".into()))?;
    let procedures = current_procedures(connection).await?;
    let procedure = procedures.iter().find(|procedure| procedure.kind == kind);
    let procedure =
        procedure.ok_or_else(|| Error::Unprocessable("there is no such kind of incident".into()))?;
    let title = match new.title {
        Some(title) => text::line("title", &title, MAX_TITLE_CHARS).map_err(Error::Unprocessable)?,
        None => procedure.name.vi.clone(),
    };
    let area = match (new.area, new.place) {
        (Some(area), _) => Some(known_area(connection, area).await?),
        (None, Some(place)) => {
            check_place(place)?;
            incidents::area_near(connection, place).await?
        }
        (None, None) => None,
    };
    // Who has one area only means that one.
    let area = area.or_else(|| match person.areas.bind() {
        Some(own) if own.len() == 1 => own.into_iter().next(),
        _ => None,
    });
    if let Some(place) = new.place {
        check_place(place)?;
    }
    if !person.areas.sees(area.as_deref()) {
        return Err(Error::Unprocessable("it lies outside your areas: name one of yours".into()));
    }
    let new = NewIncident {
        procedure,
        severity: new.severity.unwrap_or(procedure.severity),
        title,
        place: new.place,
        area,
        origin: Origin::Person,
        by: Some(person_of(person)),
    };
    Ok(incidents::open(connection, new, clock::now()).await?)
}

async fn known_area(connection: &mut PgConnection, area: String) -> Result<String, Error> {
    let known: Option<String> = sqlx::query_scalar("select id from areas where id = $1")
        .bind(area.replace('\0', "\u{fffd}"))
        .fetch_optional(connection)
        .await?;
    known.ok_or_else(|| Error::Unprocessable("there is no such area".into()))
}

/// Degrees that are on the earth.
pub(crate) fn check_place(place: AlertPlace) -> Result<(), Error> {
    if (-90.0..=90.0).contains(&place.lat) && (-180.0..=180.0).contains(&place.lon) {
        Ok(())
    } else {
        Err(Error::Unprocessable("a place has lat -90 to 90 and lon -180 to 180".into()))
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeIncident {
    /// The number of the newest change that you saw: refused when somebody changed the incident since.
    seq: Option<i64>,
    /// Who works on it; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    owner: Option<Option<Uuid>>,
    /// The unit that it is meant for; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    unit: Option<Option<String>>,
    /// How much it matters.
    severity: Option<Severity>,
    /// What people call it.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// Where it is.
    place: Option<AlertPlace>,
    /// Its kind: the incident takes the kind's procedure and keeps what was done.
    kind: Option<String>,
}

/// Tells null from nothing.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(input).map(Some)
}

/// Change an incident
///
/// Assign it, or correct what is known of it. `seq` protects what others changed: 409 says who and what.
#[utoipa::path(patch, path = "/api/v1/incidents/{id}", operation_id = "change_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")), request_body = ChangeIncident,
    responses(
        (status = 200, description = "The incident, changed", body = Incident),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody was faster, or it is over: `by` and `change` say who and what", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn change_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Json(change): Json<ChangeIncident>,
) -> Result<axum::Json<Incident>, Error> {
    let mut transaction = incidents::begin(shared.pool()).await?;
    let before =
        incidents::find(&mut transaction, id, &person.areas).await?.ok_or(Error::NotFound("incident"))?;
    let owner = match change.owner {
        Some(Some(owner)) => Some(Some(worker(&mut transaction, owner, &before).await?)),
        Some(None) => Some(None),
        None => None,
    };
    if let Some(place) = change.place {
        check_place(place)?;
    }
    let line =
        |name: &str, value: &str, max: usize| text::line(name, value, max).map_err(Error::Unprocessable);
    let unit = match change.unit {
        Some(Some(unit)) => Some(Some(line("unit", &unit, 64)?)),
        Some(None) => Some(None),
        None => None,
    };
    let title = change.title.map(|title| line("title", &title, MAX_TITLE_CHARS)).transpose()?;
    let procedures = current_procedures(&mut transaction).await?;
    let kind = match &change.kind {
        Some(kind) => {
            let known = procedures.iter().find(|procedure| procedure.kind == *kind);
            Some(known.ok_or_else(|| Error::Unprocessable("there is no such kind of incident".into()))?)
        }
        None => None,
    };
    let edit = Edit { owner, unit, severity: change.severity, title, place: change.place, kind };
    let (act, actor) = (Act::Edit(edit), actor(&person));
    let incident = do_act(&mut transaction, (id, change.seq), &act, &actor, clock::now()).await?;
    transaction.commit().await?;
    Ok(axum::Json(incident))
}

/// A person to whom an incident can be given: works on incidents, and sees this one.
async fn worker(
    connection: &mut PgConnection,
    user: Uuid,
    incident: &Incident,
) -> Result<alerts::Person, Error> {
    let name: Option<String> = sqlx::query_scalar(
        "select coalesce(nullif(full_name, ''), name) from users where id = $1 and not disabled and kind = 'person' \
           and role in ('operator', 'supervisor', 'admin') and ('*' = any(areas) or $2 = any(areas))",
    )
    .bind(user)
    .bind(&incident.area)
    .fetch_optional(connection)
    .await?;
    let unusable = || Error::Unprocessable("the owner is no operator who sees this incident".into());
    Ok(alerts::Person { id: user, name: name.ok_or_else(unusable)? })
}
