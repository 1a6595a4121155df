//! `/api/v1/policies/backtest` and `/api/v1/backtests/{id}`: what a draft would have raised.

use super::Shared;
use super::alert_steps::person_of;
use super::extract::{Json as Body, Path, SignedIn};
use super::idempotency::Idempotent;
use super::policies::refuse;
use super::problem::{Error, Problem};
use crate::access::areas;
use crate::alerts::Person;
use crate::backtest::job::{self, Answer, DEAD_AFTER, JobError, Request, RuleRequest};
use crate::clock;
use crate::policy::PolicyBody;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::camera::{RuleConfig, ZoneConfig};
use ngatu_protocol::{CameraId, EdgeId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json as Jsonb;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// The longest time that is tried at once, days.
const MAX_DAYS: i64 = 92;
/// Back-tests that run at once.
pub(super) const AT_ONCE: usize = 2;
/// When to ask again who came while they ran, seconds.
const BUSY_S: i64 = 10;

/// What to try: exactly one of `policy` and `rule`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "policy": { "rule": [{ "name": "Ban đêm", "hold_off_s": 10 }] }, "days": 7 }))]
pub(crate) struct NewBacktest {
    /// A policy, over the stored events of all cameras.
    #[schema(value_type = Option<PolicyBody>)]
    policy: Option<Value>,
    /// A rule at a camera, over its stored tracks.
    rule: Option<TriedRule>,
    /// Over the last so many days.
    #[schema(minimum = 1, maximum = 92)]
    days: i64,
}

/// A rule at a camera, under the policy in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriedRule {
    /// The edge.
    #[schema(value_type = String)]
    edge: EdgeId,
    /// The camera.
    #[schema(value_type = String)]
    camera: CameraId,
    /// A new zone, or one of the camera's with other points, as in the city file.
    #[schema(value_type = Option<Object>)]
    zone: Option<ZoneConfig>,
    /// The rule, as in the city file.
    #[schema(value_type = Object)]
    rule: RuleConfig,
}

/// How far a back-test is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BacktestState {
    /// It runs.
    Running,
    /// There is an answer.
    Done,
    /// There will be none; `error` says why.
    Failed,
}

/// A back-test.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestStatus {
    /// Its id.
    id: Uuid,
    /// When it began.
    at: DateTime<Utc>,
    /// Who asked.
    author: Person,
    /// How far it is.
    state: BacktestState,
    /// Share that is done, 0..=1.
    progress: f64,
    /// The answer, once it is done.
    result: Option<Answer>,
    /// Why there is none.
    error: Option<String>,
}

/// Begin a back-test
///
/// Runs a draft over what is stored of the last days; ask for it until it is done. Two run at once: while they do, the answer
/// is 429.
#[utoipa::path(post, path = "/api/v1/policies/backtest", operation_id = "begin_backtest", tag = "policies",
    request_body = NewBacktest,
    responses((status = 202, description = "It runs", body = BacktestStatus)))]
pub(crate) async fn begin_backtest(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Body(new): Body<NewBacktest>,
) -> Result<(StatusCode, Json<BacktestStatus>), Error> {
    let now = clock::now();
    if !(1..=MAX_DAYS).contains(&new.days) {
        return Err(Error::Unprocessable(format!("days: wanted 1 to {MAX_DAYS}")));
    }
    let (policy, rule) = match (new.policy, new.rule) {
        // It shows alerts of every area.
        (Some(_), None) if !person.areas.is_whole_city() => return Err(Error::Forbidden),
        (Some(policy), None) => (Some(PolicyBody::parse(&policy).map_err(|errors| refuse(&errors))?), None),
        (None, Some(TriedRule { edge, camera, zone, rule })) => {
            (None, Some(RuleRequest { edge, camera, zone, rule }))
        }
        _ => return Err(Error::Unprocessable("wanted exactly one of policy and rule".into())),
    };
    if let Some(rule) = &rule {
        if !areas::sees_camera(shared.pool(), &person.areas, (&rule.edge, &rule.camera)).await? {
            return Err(Error::Unprocessable(
                JobError::NoCamera(rule.edge.clone(), rule.camera.clone()).to_string(),
            ));
        }
        let camera = job::camera(shared.pool(), rule).await?;
        job::prepare(&camera, rule)?;
    }
    let request = Request { policy, rule, from: now - TimeDelta::days(new.days), to: now };
    // Each reads up to three months: two run at once, whoever else asks waits.
    let turn = Arc::clone(&shared.0.backtests).try_acquire_owned();
    let turn = turn.map_err(|_| Error::TooOften { retry_after_s: BUSY_S })?;
    let mut transaction = shared.pool().begin().await?;
    let id = job::begin_in(&mut transaction, &request, &person_of(&person), now).await?;
    let begun = status(&mut transaction, id).await?;
    once.seal(&mut transaction, StatusCode::ACCEPTED, &begun).await?;
    transaction.commit().await?;
    job::run(shared.pool().clone(), id, request, turn);
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// Read a back-test
#[utoipa::path(get, path = "/api/v1/backtests/{id}", operation_id = "read_backtest", tag = "policies",
    params(("id" = Uuid, Path, description = "The back-test's id")),
    responses(
        (status = 200, description = "How far it is, and the answer", body = BacktestStatus),
        (status = 404, description = "There is no such back-test", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_backtest(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<BacktestStatus>, Error> {
    let status = status(&mut *shared.pool().acquire().await?, id).await?;
    match status.author.id == person.id || person.areas.is_whole_city() {
        true => Ok(Json(status)),
        false => Err(Error::NotFound("back-test")),
    }
}

async fn status(connection: &mut PgConnection, id: Uuid) -> Result<BacktestStatus, Error> {
    let row =
        sqlx::query("select * from backtests where id = $1").bind(id).fetch_optional(connection).await?;
    let row = row.ok_or(Error::NotFound("back-test"))?;
    let (state, updated_at): (String, DateTime<Utc>) = (row.try_get("state")?, row.try_get("updated_at")?);
    let mut error: Option<String> = row.try_get("error")?;
    let state = match state.as_str() {
        "done" => BacktestState::Done,
        "running" if clock::now() - updated_at < DEAD_AFTER => BacktestState::Running,
        "running" => {
            error = Some("the center stopped meanwhile".into());
            BacktestState::Failed
        }
        _ => BacktestState::Failed,
    };
    let result: Option<Jsonb<Answer>> = row.try_get("result")?;
    Ok(BacktestStatus {
        id,
        at: row.try_get("at")?,
        author: row.try_get::<Jsonb<Person>, _>("author")?.0,
        state,
        progress: row.try_get("progress")?,
        result: result.map(|result| result.0),
        error,
    })
}

impl From<JobError> for Error {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Database(error) => error.into(),
            other => Error::Unprocessable(other.to_string()),
        }
    }
}
