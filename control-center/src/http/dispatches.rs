//! `/api/v1/dispatches` for the center, `/api/v1/inbox` for the people of a unit.

use super::Shared;
use super::extract::{Json, Path, Query, SignedIn};
use super::idempotency::Idempotent;
use super::page::{self, Cursor};
use super::problem::{Conflict, Error, Problem};
use crate::access::audit::{self, Act};
use crate::access::users::Role;
use crate::access::{AreaScope, Person};
use crate::clock;
use crate::dispatch::store::{self, Filter, Moved, NewDispatch, Step};
use crate::dispatch::suggest::{self, Need};
use crate::dispatch::units;
use crate::dispatch::{Dispatch, State as Progress};
use crate::incidents::{self, Incident, IncidentEvidence, text};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const MAX_NOTE_CHARS: usize = 2000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DispatchQuery {
    /// Only of this incident.
    incident: Option<Uuid>,
    /// Only of this unit.
    unit: Option<String>,
    /// Only those that are not over.
    #[serde(default)]
    open: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Dispatches on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of dispatches, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DispatchPage {
    /// The dispatches.
    items: Vec<Dispatch>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

async fn read_page(
    shared: &Shared,
    (query, units): (DispatchQuery, Option<Vec<String>>),
    areas: &AreaScope,
) -> Result<DispatchPage, Error> {
    let limit = page::limit(query.limit)?;
    let before = match &query.cursor {
        None => None,
        Some(cursor) => {
            let cursor = Cursor::open(cursor)?;
            Some((cursor.time()?, cursor.key(1)?))
        }
    };
    let filter = Filter { id: None, incident: query.incident, units, open_only: query.open, before };
    let mut connection = shared.pool().acquire().await?;
    let mut items = store::list(&mut connection, &filter, areas, limit + 1).await?;
    let next_cursor =
        page::cut(&mut items, limit, |item| page::encode(item.created_at, &[item.id.to_string()]));
    Ok(DispatchPage { items, next_cursor })
}

/// List dispatches
#[utoipa::path(get, path = "/api/v1/dispatches", operation_id = "list_dispatches", tag = "dispatches",
    params(DispatchQuery), responses((status = 200, description = "A page of dispatches", body = DispatchPage)))]
pub(crate) async fn list_dispatches(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<DispatchQuery>,
) -> Result<axum::Json<DispatchPage>, Error> {
    let units = query.unit.as_ref().map(|unit| vec![unit.replace('\0', "\u{fffd}")]);
    let mut page = read_page(&shared, (query, units), &person.areas).await?;
    page.items = page.items.into_iter().map(|dispatch| shown(dispatch, &person)).collect();
    Ok(axum::Json(page))
}

/// Read one dispatch
#[utoipa::path(get, path = "/api/v1/dispatches/{id}", operation_id = "read_dispatch", tag = "dispatches",
    params(("id" = Uuid, Path, description = "The dispatch's id")),
    responses(
        (status = 200, description = "The dispatch", body = Dispatch),
        (status = 404, description = "There is no such dispatch in your areas", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_dispatch(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Dispatch>, Error> {
    let mut connection = shared.pool().acquire().await?;
    let dispatch = find(&mut connection, id, &person.areas).await?;
    Ok(axum::Json(shown(dispatch, &person)))
}

/// A dispatch as this person may see it.
fn shown(dispatch: Dispatch, to: &Person) -> Dispatch {
    if to.role == Role::Admin { dispatch } else { dispatch.masked() }
}

async fn find(connection: &mut PgConnection, id: Uuid, areas: &AreaScope) -> Result<Dispatch, Error> {
    store::find(connection, id, areas).await?.ok_or(Error::NotFound("dispatch"))
}

/// Whom to send where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendUnit {
    /// The incident.
    incident: Uuid,
    /// The unit.
    unit: String,
    /// What it is asked to do.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// Why it is sent although it is off duty or does not serve the incident's area; needed only then.
    #[serde(default)]
    #[schema(max_length = 2000)]
    despite: Option<String>,
}

/// Send a unit
///
/// The message goes over the unit's channels in their order until somebody reads it; then to the units behind it, and at last
/// to the supervisor. A unit that is off duty, or does not serve the incident's area, is sent only when `despite` says why; the
/// reason is kept in the incident's log and in the audit row.
#[utoipa::path(post, path = "/api/v1/dispatches", operation_id = "send_unit", tag = "dispatches", request_body = SendUnit,
    responses(
        (status = 201, description = "The dispatch", body = Dispatch),
        (status = 404, description = "There is no such incident or unit in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The incident is over, or the unit is on its way already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The unit takes nothing, or is off duty or of another area and `despite` does not say why", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn send_unit(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Json(send): Json<SendUnit>,
) -> Result<(StatusCode, axum::Json<Dispatch>), Error> {
    let said = |key: &str, text: Option<&str>| match text.filter(|text| !text.trim().is_empty()) {
        None => Ok(None),
        Some(text) => text::lines(key, text, MAX_NOTE_CHARS).map(Some).map_err(Error::Unprocessable),
    };
    let note = said("note", Some(&send.note))?.unwrap_or_default();
    let despite = said("despite", send.despite.as_deref())?;
    let now = clock::now();
    let mut transaction = incidents::begin(shared.pool()).await?;
    let incident = incidents::find(&mut transaction, send.incident, &person.areas).await?;
    let incident = incident.ok_or(Error::NotFound("incident"))?;
    check_open(&incident)?;
    let unit = units::find(&mut transaction, &send.unit).await?;
    let unit = unit.filter(|unit| {
        person.areas.is_whole_city()
            || unit.unit.areas.iter().any(|area| area == "*" || person.areas.sees(Some(area)))
    });
    let unit = unit.ok_or(Error::NotFound("unit"))?.unit;
    if unit.disabled {
        return Err(Error::Unprocessable(format!("unit `{}` takes nothing: it is disabled", unit.id)));
    }
    if store::is_under_way(&mut transaction, incident.id, &unit.id).await? {
        return Err(conflict(format!("unit `{}` has this incident already", unit.id)));
    }
    let need = Need { kind: &incident.kind, area: incident.area.as_deref() };
    let despite = match (suggest::objection(&unit, need, now), despite) {
        (None, _) => None,
        (Some(objection), None) => return Err(Error::Unprocessable(objection)),
        (Some(_), despite) => despite,
    };
    let (by, despite) = (Some(person.id), despite.as_deref());
    let new = NewDispatch { incident: incident.id, unit: &unit.id, note: &note, by, asked: &[], despite };
    let id = store::create(&mut transaction, &new, now).await?;
    let mut detail = json!({ "incident": incident.number, "unit": unit.id });
    if let (Some(despite), Some(detail)) = (despite, detail.as_object_mut()) {
        detail.insert("despite".into(), json!(despite));
    }
    let act = Act { actor: Some(person.id), action: "dispatch.send", subject: &id.to_string(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    let dispatch = shown(find(&mut transaction, id, &AreaScope::whole_city()).await?, &person);
    once.seal(&mut transaction, StatusCode::CREATED, &dispatch).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(dispatch)))
}

fn check_open(incident: &Incident) -> Result<(), Error> {
    match incident.is_unfinished() {
        true => Ok(()),
        false => Err(conflict(format!("incident {} is {}", incident.number, incident.status.as_str()))),
    }
}

fn conflict(detail: String) -> Error {
    Error::Conflict(Box::new(Conflict { detail, ..Conflict::default() }))
}

/// A step of a dispatch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveDispatch {
    /// `read`, `accepted`, `on_scene`, `done`, `refused`; from the center also `recalled`.
    pub(super) state: Progress,
    /// What is said with it; needed with `refused` and `recalled`.
    #[schema(max_length = 2000)]
    pub(super) answer: Option<String>,
}

impl MoveDispatch {
    fn answer(&self) -> Result<Option<String>, Error> {
        let needed = matches!(self.state, Progress::Refused | Progress::Recalled);
        match self.answer.as_deref().filter(|answer| !answer.trim().is_empty()) {
            None if needed => Err(Error::Unprocessable("answer: say why".into())),
            None => Ok(None),
            Some(answer) => {
                text::lines("answer", answer, MAX_NOTE_CHARS).map(Some).map_err(Error::Unprocessable)
            }
        }
    }
}

async fn do_move(
    connection: &mut PgConnection,
    id: Uuid,
    (moved, way): (&MoveDispatch, &str),
    by: Option<Uuid>,
) -> Result<Dispatch, Error> {
    let by_people =
        [Progress::Read, Progress::Accepted, Progress::OnScene, Progress::Done, Progress::Refused];
    let may = by_people.contains(&moved.state) || (way == "center" && moved.state == Progress::Recalled);
    if !may {
        return Err(Error::Unprocessable(format!("state: `{}` is not for you to say", moved.state.as_str())));
    }
    let answer = moved.answer()?;
    let now = clock::now();
    let step = Step { to: moved.state, answer: answer.as_deref(), by, way };
    match store::step(connection, id, &step, now).await? {
        Moved::Unknown => return Err(Error::NotFound("dispatch")),
        Moved::No(state) => {
            let (from, to) = (state.as_str(), moved.state.as_str());
            return Err(conflict(format!("a dispatch that is `{from}` does not become `{to}`")));
        }
        Moved::Already(_) => {}
        Moved::Yes => {
            let action = format!("dispatch.{}", moved.state.as_str());
            let detail = json!({ "way": way });
            let act = Act { actor: by, action: &action, subject: &id.to_string(), detail };
            audit::record_in(connection, act, now).await?;
        }
    }
    find(connection, id, &AreaScope::whole_city()).await
}

/// Note what a unit said, or take a dispatch back
///
/// For units that answer by telephone or radio.
#[utoipa::path(post, path = "/api/v1/dispatches/{id}/state", operation_id = "move_dispatch", tag = "dispatches",
    params(("id" = Uuid, Path, description = "The dispatch's id")), request_body = MoveDispatch,
    responses(
        (status = 200, description = "The dispatch", body = Dispatch),
        (status = 404, description = "There is no such dispatch in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot go there from where it is", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn move_dispatch(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Json(moved): Json<MoveDispatch>,
) -> Result<axum::Json<Dispatch>, Error> {
    let mut transaction = incidents::begin(shared.pool()).await?;
    find(&mut transaction, id, &person.areas).await?;
    let dispatch = do_move(&mut transaction, id, (&moved, "center"), Some(person.id)).await?;
    transaction.commit().await?;
    Ok(axum::Json(shown(dispatch, &person)))
}

/// A dispatch as its unit sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InboxItem {
    /// The dispatch.
    dispatch: Dispatch,
    /// The incident.
    incident: Incident,
    /// Its pictures: addresses under `/api/v1/inbox/{id}/pictures/{digest}`.
    pictures: Vec<String>,
}

/// What a unit has to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbox {
    /// The newest first.
    items: Vec<InboxItem>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InboxQuery {
    /// With those that are over.
    #[serde(default)]
    all: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Dispatches on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Read your unit's inbox
///
/// What was sent to the units that you are a member of.
#[utoipa::path(get, path = "/api/v1/inbox", operation_id = "read_inbox", tag = "dispatches", params(InboxQuery),
    responses((status = 200, description = "A page of it", body = Inbox)))]
pub(crate) async fn read_inbox(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<InboxQuery>,
) -> Result<axum::Json<Inbox>, Error> {
    let mut connection = shared.pool().acquire().await?;
    let units = units::of_member(&mut connection, person.id).await?;
    let InboxQuery { all, cursor, limit } = query;
    let query = DispatchQuery { incident: None, unit: None, open: !all, cursor, limit };
    let page = read_page(&shared, (query, Some(units)), &AreaScope::whole_city()).await?;
    let incidents: Vec<Uuid> = page.items.iter().map(|dispatch| dispatch.incident).collect();
    let incidents = incidents::with_evidence(&mut connection, &incidents).await?;
    let items = page.items.into_iter().map(|dispatch| item(shown(dispatch, &person), &incidents));
    Ok(axum::Json(Inbox { items: items.collect::<Result<_, _>>()?, next_cursor: page.next_cursor }))
}

fn item(
    dispatch: Dispatch,
    incidents: &HashMap<Uuid, (Incident, Vec<IncidentEvidence>)>,
) -> Result<InboxItem, Error> {
    let (incident, evidence) = incidents.get(&dispatch.incident).ok_or(Error::NotFound("incident"))?;
    let shown = if is_given_back(dispatch.state) { &[][..] } else { evidence };
    let own = |url: &str| {
        url.rsplit('/').next().map(|digest| format!("/api/v1/inbox/{}/pictures/{digest}", dispatch.id))
    };
    let pictures = shown.iter().filter_map(|picture| own(&picture.url)).collect();
    Ok(InboxItem { incident: incident.clone(), pictures, dispatch })
}

/// The dispatch, if the person is a member of its unit.
async fn own(connection: &mut PgConnection, id: Uuid, person: &Person) -> Result<Dispatch, Error> {
    let dispatch = find(connection, id, &AreaScope::whole_city()).await?;
    let units = units::of_member(connection, person.id).await?;
    match person.role == Role::Unit && units.contains(&dispatch.unit) {
        true => Ok(dispatch),
        false => Err(Error::NotFound("dispatch")),
    }
}

/// Answer a dispatch
///
/// For the people of its unit.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/state", operation_id = "answer_dispatch", tag = "dispatches",
    params(("id" = Uuid, Path, description = "The dispatch's id")), request_body = MoveDispatch,
    responses(
        (status = 200, description = "The dispatch", body = Dispatch),
        (status = 404, description = "There is no such dispatch in your inbox", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot go there from where it is", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn answer_dispatch(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Json(moved): Json<MoveDispatch>,
) -> Result<axum::Json<Dispatch>, Error> {
    let mut transaction = incidents::begin(shared.pool()).await?;
    own(&mut transaction, id, &person).await?;
    let dispatch = do_move(&mut transaction, id, (&moved, "inbox"), Some(person.id)).await?;
    transaction.commit().await?;
    Ok(axum::Json(shown(dispatch, &person)))
}

/// Look at a picture of a dispatch
///
/// Each look is recorded.
#[utoipa::path(get, path = "/api/v1/inbox/{id}/pictures/{digest}", operation_id = "read_inbox_picture", tag = "dispatches",
    params(("id" = Uuid, Path, description = "The dispatch's id"), ("digest" = String, Path, description = "`sha256:` and 64 hex digits")),
    responses(
        (status = 200, description = "The picture", body = inline(super::extract::JpegFile), content_type = "image/jpeg"),
        (status = 404, description = "It does not belong to a dispatch of yours", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_inbox_picture(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path((id, digest)): Path<(Uuid, String)>,
) -> Result<impl axum::response::IntoResponse, Error> {
    let mut connection = shared.pool().acquire().await?;
    let dispatch = own(&mut connection, id, &person).await?;
    let bytes = picture(&shared, &mut connection, (&dispatch, &digest), Some(person.id)).await?;
    Ok(super::evidence::jpeg(bytes))
}

/// Whether the unit has given a dispatch back, or the center has taken it back: its pictures are no business of the unit's
/// any more.
pub(super) fn is_given_back(state: Progress) -> bool {
    matches!(state, Progress::Refused | Progress::Recalled)
}

/// A picture of a dispatch's incident; the look is recorded.
pub(super) async fn picture(
    shared: &Shared,
    connection: &mut PgConnection,
    (dispatch, digest): (&Dispatch, &str),
    by: Option<Uuid>,
) -> Result<bytes::Bytes, Error> {
    let view = incidents::view(connection, dispatch.incident, &AreaScope::whole_city()).await?;
    let belongs = !is_given_back(dispatch.state)
        && view.is_some_and(|view| {
            view.evidence.iter().any(|picture| picture.url.ends_with(&format!("/{digest}")))
        });
    let digest = digest
        .parse::<crate::evidence::Digest>()
        .ok()
        .filter(|_| belongs)
        .ok_or(Error::NotFound("picture"))?;
    let bytes = shared.0.store.read(&digest).await?.ok_or(Error::NotFound("picture"))?;
    let subject = digest.to_string();
    let detail = json!({ "dispatch": dispatch.id });
    let act = Act { actor: by, action: "evidence.look", subject: &subject, detail };
    audit::record_in(connection, act, clock::now()).await?;
    Ok(bytes)
}

/// Answers a dispatch through its link.
pub(super) async fn answer_by_link(
    shared: &Shared,
    id: Uuid,
    moved: &MoveDispatch,
) -> Result<Dispatch, Error> {
    let mut transaction = incidents::begin(shared.pool()).await?;
    let dispatch = do_move(&mut transaction, id, (moved, "link"), None).await?;
    transaction.commit().await?;
    Ok(dispatch)
}
