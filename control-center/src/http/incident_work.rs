//! `/api/v1/incidents/{id}/…`: taking, steps, notes, resolving, closing, reopening, merging and splitting.

use super::Shared;
use super::extract::{Json, Path, SignedIn};
use super::idempotency::Idempotent;
use super::incidents::actor;
use super::problem::{Error, Problem};
use crate::access::Person;
use crate::clock;
use crate::incidents::machine::{Act, StepAct};
use crate::incidents::{self, Incident, Part, SourceKind, Verdict, do_act, text};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const MAX_NOTE_CHARS: usize = 5000;
const MAX_REASON_CHARS: usize = 500;
const MAX_TITLE_CHARS: usize = 200;
/// Sources that can be split off at once.
const MAX_SOURCES: usize = 1000;

type Answer = Result<axum::Json<Incident>, Error>;

async fn work(shared: &Shared, person: &Person, of: (Uuid, Option<i64>), act: Act<'_>) -> Answer {
    work_once(shared, &Idempotent::default(), person, of, act).await
}

/// The same of an act that would be done again where it is repeated.
async fn work_once(
    shared: &Shared,
    once: &Idempotent,
    person: &Person,
    (id, seen): (Uuid, Option<i64>),
    act: Act<'_>,
) -> Answer {
    let mut transaction = incidents::begin(shared.pool()).await?;
    let incident = do_act(&mut transaction, (id, seen), &act, &actor(person), clock::now()).await?;
    once.seal(&mut transaction, StatusCode::OK, &incident).await?;
    transaction.commit().await?;
    Ok(axum::Json(incident))
}

fn reason(name: &str, given: &str) -> Result<String, Error> {
    text::lines(name, given, MAX_REASON_CHARS).map_err(Error::Unprocessable)
}

/// Take an incident
///
/// You work on it from now on. Of several at once one wins, and may repeat it. While a clock calls, anybody may take over.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/take", operation_id = "take_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")),
    responses(
        (status = 200, description = "The incident, yours", body = Incident),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else has it, or it is over: `by` says who", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn take_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Answer {
    work(&shared, &person, (id, None), Act::Take).await
}

/// What was done with a step.
#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepState {
    /// It was done.
    #[default]
    Done,
    /// It is left out; `reason` says why.
    Skipped,
    /// It is to be done after all.
    Undone,
}

/// What happened to a step.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DoStep {
    /// What was done with it; `done` when it is left out.
    state: StepState,
    /// Why it is left out.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Do a step
#[utoipa::path(post, path = "/api/v1/incidents/{id}/steps/{step}", operation_id = "do_incident_step", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id"), ("step" = String, Path, description = "The step's id")),
    request_body = DoStep,
    responses(
        (status = 200, description = "The incident", body = Incident),
        (status = 404, description = "There is no such incident in your areas, or no such step", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else did it, or the incident is over: `by` says who", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn do_step(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path((id, step)): Path<(Uuid, String)>,
    Json(done): Json<DoStep>,
) -> Answer {
    let reason = match (done.state, &done.reason) {
        (StepState::Skipped, Some(given)) => reason("reason", given)?,
        (StepState::Skipped, None) => return Err(Error::Unprocessable("say why it is left out".into())),
        (_, Some(_)) => return Err(Error::Unprocessable("only a step that is left out has a reason".into())),
        (_, None) => String::new(),
    };
    let act = match done.state {
        StepState::Done => StepAct::Done,
        StepState::Skipped => StepAct::Skip(&reason),
        StepState::Undone => StepAct::Undo,
    };
    work(&shared, &person, (id, None), Act::Step(&step, act)).await
}

/// What a person writes down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncidentNote {
    /// The text.
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
}

/// Write something down
///
/// At any time, also when the incident is over.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/notes", operation_id = "note_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")), request_body = IncidentNote,
    responses(
        (status = 200, description = "The incident", body = Incident),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn note_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Path(id): Path<Uuid>,
    Json(note): Json<IncidentNote>,
) -> Answer {
    let text = text::lines("text", &note.text, MAX_NOTE_CHARS).map_err(Error::Unprocessable)?;
    work_once(&shared, &once, &person, (id, None), Act::Note(&text)).await
}

/// How the work ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveIncident {
    /// What it turned out to be.
    verdict: Verdict,
    /// What else is worth knowing.
    #[schema(max_length = 5000)]
    note: Option<String>,
    /// The number of the newest change that you saw: refused when somebody changed the incident since.
    seq: Option<i64>,
}

/// Resolve an incident
///
/// The work is done. Mandatory steps that are open stand against it.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/resolve", operation_id = "resolve_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")), request_body = ResolveIncident,
    responses(
        (status = 200, description = "The incident, resolved", body = Incident),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Mandatory steps are open: `steps` names them; or somebody was faster: `by` and `change` say who and what",
            body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn resolve_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Json(ended): Json<ResolveIncident>,
) -> Answer {
    let note = ended.note.as_deref().map(|note| text::lines("note", note, MAX_NOTE_CHARS)).transpose();
    let note = note.map_err(Error::Unprocessable)?;
    work(&shared, &person, (id, ended.seq), Act::Resolve(ended.verdict, note.as_deref())).await
}

/// Close an incident
///
/// After it was resolved. It can be reopened.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/close", operation_id = "close_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")),
    responses(
        (status = 200, description = "The incident, closed", body = Incident),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not resolved: `by` and `change` say who did what last", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn close_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Answer {
    work(&shared, &person, (id, None), Act::Close).await
}

/// Why it goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReopenIncident {
    /// The reason.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Reopen an incident
///
/// Nothing of what was done is rewritten; the time to resolve it begins anew.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/reopen", operation_id = "reopen_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")), request_body = ReopenIncident,
    responses(
        (status = 200, description = "The incident, unfinished again", body = Incident),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not over, or was merged: `by` and `change` say who did what last", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn reopen_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Path(id): Path<Uuid>,
    Json(why): Json<ReopenIncident>,
) -> Answer {
    let reason = reason("reason", &why.reason)?;
    work_once(&shared, &once, &person, (id, None), Act::Reopen(&reason)).await
}

/// What is merged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeIncident {
    /// The incident that is the same; it is closed as a duplicate and brings what it groups.
    other: Uuid,
    /// The number of the newest change that you saw: refused when somebody changed the incident since.
    seq: Option<i64>,
}

/// Merge another incident into this one
#[utoipa::path(post, path = "/api/v1/incidents/{id}/merge", operation_id = "merge_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The id of the incident that stays")), request_body = MergeIncident,
    responses(
        (status = 200, description = "The incident with what the other one brought", body = Incident),
        (status = 404, description = "One of the two is not in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One of the two is over, or somebody was faster: `by` and `change` say who and what",
            body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn merge_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Json(merge): Json<MergeIncident>,
) -> Answer {
    let mut transaction = incidents::begin(shared.pool()).await?;
    let (into, actor) = ((id, merge.seq), actor(&person));
    let incident = incidents::merge(&mut transaction, into, merge.other, &actor, clock::now()).await?;
    transaction.commit().await?;
    Ok(axum::Json(incident))
}

/// One of an incident's sources.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitSource {
    /// What it is.
    kind: SourceKind,
    /// The alert's id, the report's number or the signal's id.
    #[serde(rename = "ref")]
    reference: String,
}

/// What is taken out: an incident that was merged, or some sources.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitIncident {
    /// The incident that was merged into this one and comes back.
    incident: Option<Uuid>,
    /// The sources that become an incident of their own.
    #[serde(default)]
    sources: Vec<SplitSource>,
    /// What people call that one; as this one when it is left out.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// The number of the newest change that you saw: refused when somebody changed the incident since.
    seq: Option<i64>,
}

/// Split an incident
///
/// Answers the other one: the incident that came back, or the new one.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/split", operation_id = "split_incident", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident's id")), request_body = SplitIncident,
    responses(
        (status = 200, description = "What was taken out, as an incident", body = Incident),
        (status = 404, description = "There is no such incident in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is over, or somebody was faster: `by` and `change` say who and what", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn split_incident(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Path(id): Path<Uuid>,
    Json(split): Json<SplitIncident>,
) -> Answer {
    let title = split.title.as_deref().map(|title| text::line("title", title, MAX_TITLE_CHARS)).transpose();
    let title = title.map_err(Error::Unprocessable)?;
    let part = match (split.incident, split.sources) {
        (Some(other), sources) if sources.is_empty() && title.is_none() => Part::Merged(other),
        (None, sources) if (1..=MAX_SOURCES).contains(&sources.len()) => {
            if sources.iter().any(|source| source.reference.contains('\0')) {
                return Err(Error::Unprocessable("not all of these are sources of the incident".into()));
            }
            let sources = sources.into_iter().map(|source| (source.kind, source.reference)).collect();
            Part::Sources(sources, title)
        }
        _ => return Err(Error::Unprocessable("name an incident or 1 to 1000 sources".into())),
    };
    let mut transaction = incidents::begin(shared.pool()).await?;
    let (of, actor) = ((id, split.seq), actor(&person));
    let apart = incidents::split(&mut transaction, of, &part, &actor, clock::now()).await?;
    once.seal(&mut transaction, StatusCode::OK, &apart).await?;
    transaction.commit().await?;
    Ok(axum::Json(apart))
}
