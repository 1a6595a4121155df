//! `/api/v1/policies` and `/api/v1/silences`: which events become alerts, and what is muted for a while.

use super::Shared;
use super::alert_steps::person_of;
use super::extract::{Json as Body, Path, Query, SignedIn};
use super::idempotency::Idempotent;
use super::page::{self, PageQuery};
use super::problem::{Error, Problem};
use crate::alerts::policies::{self, Draft, PolicyVersion, SilenceRow};
use crate::clock;
use crate::policy::Silence;
use crate::policy::body::{Matcher, PolicyBody};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::camera::ConfigError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A silence is for a while; what should be muted for longer belongs into the policy.
const MAX_SILENCE: TimeDelta = TimeDelta::days(31);
const MAX_NOTE: usize = 1000;

/// Versions of the policy, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyList {
    /// The versions.
    items: Vec<PolicyVersion>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// A new version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPolicy {
    /// The policy.
    #[schema(value_type = PolicyBody)]
    body: Value,
    /// What people should know of it, 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    note: String,
    /// Whether it comes into force at once.
    #[serde(default)]
    activate: bool,
}

/// A new silence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "match": { "cameras": ["nga-tu-1/north"] }, "until": "2026-11-22T18:00:00Z", "reason": "Lễ hội" }))]
pub(crate) struct NewSilence {
    /// Which events; at least one condition.
    #[serde(rename = "match")]
    #[schema(value_type = Matcher)]
    matcher: Value,
    /// Begin; now when it is not said.
    from: Option<DateTime<Utc>>,
    /// End: in the future, at most 31 days after the begin.
    until: DateTime<Utc>,
    /// Why, 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SilenceQuery {
    /// Also those that are over.
    #[serde(default)]
    all: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many on a page; 500 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of silences, the last to end first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SilenceList {
    /// The silences.
    items: Vec<SilenceRow>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// All mistakes in one answer, each with its key.
pub(crate) fn refuse(errors: &[ConfigError]) -> Error {
    let lines: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.key, error.reason)).collect();
    Error::Unprocessable(lines.join("\n"))
}

/// A text that is mandatory.
fn check_text(key: &str, text: &str) -> Result<(), Error> {
    let usable = (1..=MAX_NOTE).contains(&text.trim().chars().count()) && !text.contains('\0');
    if usable {
        Ok(())
    } else {
        Err(Error::Unprocessable(format!("{key}: wanted 1 to {MAX_NOTE} characters")))
    }
}

/// List policies
///
/// All versions, the newest first; one is active.
#[utoipa::path(get, path = "/api/v1/policies", operation_id = "list_policies", tag = "policies", params(PageQuery),
    responses((status = 200, description = "Versions", body = PolicyList)))]
pub(crate) async fn list_policies(
    State(shared): State<Shared>,
    Query(query): Query<PageQuery>,
) -> Result<Json<PolicyList>, Error> {
    let limit = query.limit()?;
    let before = match query.after()? {
        Some([version]) => version.parse().map_err(|_| page::bad())?,
        None => i64::MAX,
    };
    let mut items = policies::list(shared.pool(), before, limit + 1).await?;
    let next_cursor =
        page::cut(&mut items, limit, |version| page::encode_texts(&[&version.version.to_string()]));
    Ok(Json(PolicyList { items, next_cursor }))
}

/// Read a policy
#[utoipa::path(get, path = "/api/v1/policies/{version}", operation_id = "read_policy", tag = "policies",
    params(("version" = i64, Path, description = "The version")),
    responses(
        (status = 200, description = "The version", body = PolicyVersion),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_policy(
    State(shared): State<Shared>,
    Path(version): Path<i64>,
) -> Result<Json<PolicyVersion>, Error> {
    Ok(Json(policies::get(shared.pool(), version).await?.ok_or(Error::NotFound("policy"))?))
}

/// Add a policy
///
/// As a new version, a draft unless `activate` says otherwise. Unknown keys are refused with key and reason.
#[utoipa::path(post, path = "/api/v1/policies", operation_id = "add_policy", tag = "policies", request_body = NewPolicy,
    responses((status = 201, description = "The new version", body = PolicyVersion)))]
pub(crate) async fn add_policy(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Body(new): Body<NewPolicy>,
) -> Result<(StatusCode, Json<PolicyVersion>), Error> {
    // It holds for the whole city.
    if !person.areas.is_whole_city() {
        return Err(Error::Forbidden);
    }
    let body = PolicyBody::parse(&new.body).map_err(|errors| refuse(&errors))?;
    check_text("note", &new.note)?;
    let draft = Draft { body, note: new.note, activate: new.activate };
    let mut transaction = shared.pool().begin().await?;
    let author = person_of(&person);
    let added = policies::add_in(&mut transaction, &draft, Some(&author), clock::now()).await?;
    once.seal(&mut transaction, StatusCode::CREATED, &added).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Activate a policy
///
/// A draft comes into force as it is; a version that was in force before comes back as a new version with the same body.
#[utoipa::path(post, path = "/api/v1/policies/{version}/activate", operation_id = "activate_policy", tag = "policies",
    params(("version" = i64, Path, description = "The version")),
    responses(
        (status = 200, description = "The version that is in force now", body = PolicyVersion),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn activate_policy(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Path(version): Path<i64>,
) -> Result<Json<PolicyVersion>, Error> {
    // It holds for the whole city.
    if !person.areas.is_whole_city() {
        return Err(Error::Forbidden);
    }
    let mut transaction = shared.pool().begin().await?;
    let activated =
        policies::activate_in(&mut transaction, version, &person_of(&person), clock::now()).await?;
    let activated = activated.ok_or(Error::NotFound("policy"))?;
    once.seal(&mut transaction, StatusCode::OK, &activated).await?;
    transaction.commit().await?;
    Ok(Json(activated))
}

/// Whether a matcher stays within a person's areas.
fn is_own(when: &Matcher, person: &crate::access::Person) -> bool {
    let areas = &person.areas;
    areas.is_whole_city() || (!when.areas.is_empty() && when.areas.iter().all(|area| areas.sees(Some(area))))
}

/// List silences
///
/// Those whose areas are all your own.
#[utoipa::path(get, path = "/api/v1/silences", operation_id = "list_silences", tag = "policies", params(SilenceQuery),
    responses((status = 200, description = "The silences", body = SilenceList)))]
pub(crate) async fn list_silences(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<SilenceQuery>,
) -> Result<Json<SilenceList>, Error> {
    let last_until = (!query.all).then(clock::now);
    let limit = page::limit(Some(query.limit.unwrap_or(500)))?;
    let before = match &query.cursor {
        None => None,
        Some(cursor) => {
            let cursor = page::Cursor::open(cursor)?;
            Some((cursor.time()?, cursor.key(1)?))
        }
    };
    let mut items = policies::silences(shared.pool(), last_until, &person.areas, (before, limit + 1)).await?;
    let next_cursor =
        page::cut(&mut items, limit, |silence| page::encode(silence.until, &[silence.id.to_string()]));
    Ok(Json(SilenceList { items, next_cursor }))
}

/// Add a silence
///
/// What fits it is raised muted within its window: on record, but nobody has to look.
#[utoipa::path(post, path = "/api/v1/silences", operation_id = "add_silence", tag = "policies", request_body = NewSilence,
    responses((status = 201, description = "The silence", body = SilenceRow)))]
pub(crate) async fn add_silence(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Body(new): Body<NewSilence>,
) -> Result<(StatusCode, Json<SilenceRow>), Error> {
    let now = clock::now();
    let when = Matcher::parse(&new.matcher, "match").map_err(|errors| refuse(&errors))?;
    check_text("reason", &new.reason)?;
    let from = new.from.unwrap_or(now);
    let unusable = |reason: &str| Err(Error::Unprocessable(reason.to_owned()));
    if when.is_empty() {
        return unusable("match: needs a condition, or everything would be silent");
    }
    if !is_own(&when, &person) {
        return unusable("match.areas: name areas, all of them your own");
    }
    if new.until <= now.max(from) {
        return unusable("until: is not in the future, or not after from");
    }
    if new.until - from > MAX_SILENCE || from > now + MAX_SILENCE {
        return unusable("until: at most 31 days after from, and from at most 31 days from now");
    }
    let silence = Silence { id: Uuid::now_v7(), when, from, until: new.until, reason: new.reason };
    let mut transaction = shared.pool().begin().await?;
    let row = policies::silence_in(&mut transaction, &silence, &person_of(&person), now).await?;
    once.seal(&mut transaction, StatusCode::CREATED, &row).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// End a silence
///
/// What it muted and still lasts comes back within a second. One that is over stays as it is.
#[utoipa::path(delete, path = "/api/v1/silences/{id}", operation_id = "end_silence", tag = "policies",
    params(("id" = Uuid, Path, description = "The silence's id")),
    responses(
        (status = 200, description = "The silence", body = SilenceRow),
        (status = 404, description = "There is no such silence", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn end_silence(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<SilenceRow>, Error> {
    let known = policies::find_silence(shared.pool(), id).await?;
    if known.is_some_and(|silence| !is_own(&silence.matcher, &person)) {
        return Err(Error::NotFound("silence"));
    }
    let ended = policies::end_silence(shared.pool(), id, &person_of(&person), clock::now()).await?;
    Ok(Json(ended.ok_or(Error::NotFound("silence"))?))
}
