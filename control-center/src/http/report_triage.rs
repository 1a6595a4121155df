//! `/api/v1/reports`: operators triage what citizens filed.

use super::Shared;
use super::extract::{Json, Path, Query, SignedIn};
use super::idempotency::Idempotent;
use super::incidents::actor;
use super::page::{self, Cursor};
use super::problem::{Conflict, Error, Problem};
use crate::access::audit::{self, Act};
use crate::clock;
use crate::incidents::report_triage::{Triage, TriageError, triage as carry_out};
use crate::incidents::reports::{self, AnswerClock, Report};
use crate::incidents::text;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// Only reports that wait: received or accepted, and not answered.
    #[serde(default)]
    unanswered: bool,
    /// Only reports that nobody has placed in an area yet.
    #[serde(default)]
    unplaced: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Reports on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of reports, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportPage {
    /// The reports.
    items: Vec<Report>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
    /// How well reports were answered.
    answers: AnswerClock,
}

/// List reports
///
/// With the reporters' words and contacts, so each look is in the audit. Those in your areas, and those that nobody has
/// placed in an area yet: they wait for everybody who triages.
#[utoipa::path(get, path = "/api/v1/reports", operation_id = "list_reports", tag = "reports", params(ReportQuery),
    responses((status = 200, description = "A page of reports", body = ReportPage)))]
pub(crate) async fn list_reports(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<ReportQuery>,
) -> Result<axum::Json<ReportPage>, Error> {
    let limit = page::limit(query.limit)?;
    let now = clock::now();
    let mut sql = QueryBuilder::new(reports::SELECT_REPORTS);
    sql.push(if query.unanswered { "where r.answered_at is null" } else { "where true" });
    if let Some(areas) = person.areas.bind() {
        sql.push(" and (r.area is null or r.area = any(").push_bind(areas).push("))");
    }
    if query.unplaced {
        sql.push(" and r.area is null");
    }
    if let Some(cursor) = &query.cursor {
        let cursor = Cursor::open(cursor)?;
        let number: String = cursor.key(1)?;
        sql.push(" and (r.received_at, r.number) < (").push_bind(cursor.time()?).push(", ");
        sql.push_bind(number).push(")");
    }
    sql.push(" order by r.received_at desc, r.number desc limit ").push_bind(limit + 1);
    let mut items: Vec<Report> = sql.build_query_as().fetch_all(shared.pool()).await?;
    let next_cursor = page::cut(&mut items, limit, |report| {
        page::encode(report.received_at, std::slice::from_ref(&report.number))
    });
    let mut connection = shared.pool().acquire().await?;
    let answers = reports::answer_clock(&mut connection, person.areas.bind(), now).await?;
    let detail = serde_json::json!({ "reports": items.len() });
    let act = Act { actor: Some(person.id), action: "reports.look", subject: "reports", detail };
    audit::record_in(&mut connection, act, now).await?;
    Ok(axum::Json(ReportPage { items, next_cursor, answers }))
}

/// Which incident a report belongs to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkReport {
    /// The incident; when it is left out the one that the report belongs to by kind, place and time, or a new one.
    incident: Option<Uuid>,
}

/// Why a report is not taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectReport {
    /// The reason; the reporter reads it.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// What the reporter is told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerReport {
    /// The answer; the reporter reads it.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

async fn triage(
    (shared, once): (&Shared, &Idempotent),
    person: &crate::access::Person,
    number: &str,
    what: Triage,
) -> Result<axum::Json<Report>, Error> {
    let mut transaction = shared.pool().begin().await?;
    let done = carry_out(&mut transaction, number, &what, &actor(person), clock::now()).await;
    let report = done.map_err(|error| {
        let detail = error.to_string();
        let conflict =
            |by| Error::Conflict(Conflict { detail: detail.clone(), by, ..Conflict::default() }.into());
        match error {
            TriageError::Unknown => Error::NotFound("report"),
            TriageError::UnknownIncident => Error::NotFound("incident"),
            TriageError::Decided(_, by) => conflict(by),
            TriageError::Linked(_) => conflict(None),
            TriageError::UnknownArea | TriageError::Unplaced => Error::Unprocessable(detail),
            TriageError::Database(error) => error.into(),
        }
    })?;
    once.seal(&mut transaction, StatusCode::OK, &report).await?;
    transaction.commit().await?;
    Ok(axum::Json(report))
}

/// Make a report part of an incident
#[utoipa::path(post, path = "/api/v1/reports/{number}/link", operation_id = "link_report", tag = "reports",
    params(("number" = String, Path, description = "The report's number")), request_body = LinkReport,
    responses(
        (status = 200, description = "The report", body = Report),
        (status = 404, description = "There is no such report or incident in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was rejected, or is part of another incident", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It lies in no area yet, and you have several: say which first", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn link_report(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(number): Path<String>,
    Json(link): Json<LinkReport>,
) -> Result<axum::Json<Report>, Error> {
    triage((&shared, &Idempotent::default()), &person, &number, Triage::Link(link.incident)).await
}

/// Reject a report
#[utoipa::path(post, path = "/api/v1/reports/{number}/reject", operation_id = "reject_report", tag = "reports",
    params(("number" = String, Path, description = "The report's number")), request_body = RejectReport,
    responses(
        (status = 200, description = "The report", body = Report),
        (status = 404, description = "There is no such report in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided already: `by` says who", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn reject_report(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Path(number): Path<String>,
    Json(why): Json<RejectReport>,
) -> Result<axum::Json<Report>, Error> {
    let reason = text::lines("reason", &why.reason, 1000).map_err(Error::Unprocessable)?;
    triage((&shared, &once), &person, &number, Triage::Reject(reason)).await
}

/// Answer a report
#[utoipa::path(post, path = "/api/v1/reports/{number}/answer", operation_id = "answer_report", tag = "reports",
    params(("number" = String, Path, description = "The report's number")), request_body = AnswerReport,
    responses(
        (status = 200, description = "The report", body = Report),
        (status = 404, description = "There is no such report in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided already: `by` says who", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn answer_report(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Path(number): Path<String>,
    Json(answer): Json<AnswerReport>,
) -> Result<axum::Json<Report>, Error> {
    let text = text::lines("text", &answer.text, 4000).map_err(Error::Unprocessable)?;
    triage((&shared, &once), &person, &number, Triage::Answer(text)).await
}

/// Where a report lies.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceReport {
    /// The area; it need not be one of yours.
    #[schema(max_length = 64)]
    area: String,
}

/// Say in which area a report lies
///
/// The people of that area see it from now on. One that is part of an incident stays where it is.
#[utoipa::path(post, path = "/api/v1/reports/{number}/area", operation_id = "place_report", tag = "reports",
    params(("number" = String, Path, description = "The report's number")), request_body = PlaceReport,
    responses(
        (status = 200, description = "The report", body = Report),
        (status = 404, description = "There is no such report in your areas", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is part of an incident", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "There is no such area", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn place_report(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(number): Path<String>,
    Json(place): Json<PlaceReport>,
) -> Result<axum::Json<Report>, Error> {
    triage((&shared, &Idempotent::default()), &person, &number, Triage::Place(place.area)).await
}
