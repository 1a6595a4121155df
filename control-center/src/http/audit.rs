//! `/api/v1/audit`: who did and who looked.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page::{self, Cursor};
use super::problem::Error;
use crate::access::chain::{self, VerifyError};
use crate::alerts::Person;
use crate::clock;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Postgres, QueryBuilder};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only what this person or machine did.
    actor: Option<Uuid>,
    /// Only acts of this kind, such as `alert.acknowledge`.
    #[param(max_length = 100)]
    action: Option<String>,
    /// Only acts on this, such as an alert's id.
    #[param(max_length = 200)]
    subject: Option<String>,
    /// Not before this time.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    to: Option<DateTime<Utc>>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of audit rows, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// The rows.
    items: Vec<AuditRow>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// One act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditRow {
    /// Its number: without holes, in the order in which the acts were committed.
    id: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who; none for an edge or the command line.
    actor: Option<Person>,
    /// What, such as `alert.acknowledge`.
    action: String,
    /// On what, such as an alert's id.
    subject: String,
    /// What else is worth knowing.
    detail: serde_json::Value,
    /// SHA-256 over this row and the hash of the one before, as `control-center audit verify` checks it.
    hash: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    actor: Option<Uuid>,
    actor_name: Option<String>,
    action: String,
    subject: String,
    detail: serde_json::Value,
    hash: Vec<u8>,
}

/// List audit rows
///
/// The newest first. Who does not have the whole city sees what people and machines within their own areas did.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "list_audit", tag = "access", params(AuditQuery),
    responses((status = 200, description = "A page of audit rows", body = AuditPage)))]
pub(crate) async fn list_audit(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditPage>, Error> {
    let limit = page::limit(query.limit)?;
    if [&query.action, &query.subject].into_iter().flatten().any(|word| word.contains('\0')) {
        return Err(Error::BadRequest("action and subject are printing characters".into()));
    }
    let mut sql = select(&query)?;
    if let Some(areas) = person.areas.bind() {
        sql.push(" and u.areas <@ ").push_bind(areas);
    }
    sql.push(" order by a.id desc limit ").push_bind(limit + 1);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(shared.pool()).await?;
    let mut items: Vec<AuditRow> = rows.into_iter().map(AuditRow::from).collect();
    let next_cursor = page::cut(&mut items, limit, |row| page::encode(row.at, &[row.id.to_string()]));
    Ok(Json(AuditPage { items, next_cursor }))
}

/// Whether the chain of audit rows is whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditCheck {
    /// When it was verified.
    at: DateTime<Utc>,
    /// Whether no row was changed, deleted or moved.
    whole: bool,
    /// How many rows were verified; those before the first bad one when it is not whole.
    rows: i64,
    /// The number of the first bad row.
    first_bad: Option<i64>,
    /// What is wrong with it.
    problem: Option<String>,
}

/// One at a time: it reads every row.
static VERIFYING: Semaphore = Semaphore::const_new(1);

/// Verify the chain of audit rows
///
/// Reads all of them. `control-center audit verify` compares them with the checkpoints outside the database as well, so it
/// also finds a chain that was written anew as a whole.
#[utoipa::path(get, path = "/api/v1/audit/verification", operation_id = "verify_audit", tag = "access",
    responses((status = 200, description = "Whether it is whole", body = AuditCheck)))]
pub(crate) async fn verify_audit(State(shared): State<Shared>) -> Result<Json<AuditCheck>, Error> {
    let _turn = VERIFYING.acquire().await.map_err(|error| Error::Internal(error.into()))?;
    let at = clock::now();
    let check = match chain::verify(shared.pool(), &[]).await {
        Ok(last) => AuditCheck { at, whole: true, rows: last.id, first_bad: None, problem: None },
        Err(VerifyError::Broken(broken)) => AuditCheck {
            at,
            whole: false,
            rows: broken.row() - 1,
            first_bad: Some(broken.row()),
            problem: Some(broken.to_string()),
        },
        Err(VerifyError::Database(error)) => return Err(error.into()),
    };
    Ok(Json(check))
}

fn select(query: &AuditQuery) -> Result<QueryBuilder<Postgres>, Error> {
    let mut sql = QueryBuilder::new(
        "select a.id, a.at, a.actor, coalesce(nullif(u.full_name, ''), u.name) as actor_name, a.action, a.subject,
           a.detail, a.hash
         from audit a left join users u on u.id = a.actor where true",
    );
    if let Some(actor) = query.actor {
        sql.push(" and a.actor = ").push_bind(actor);
    }
    if let Some(action) = &query.action {
        sql.push(" and a.action = ").push_bind(action.clone());
    }
    if let Some(subject) = &query.subject {
        sql.push(" and a.subject = ").push_bind(subject.clone());
    }
    if let Some(from) = query.from {
        sql.push(" and a.at >= ").push_bind(from);
    }
    if let Some(to) = query.to {
        sql.push(" and a.at < ").push_bind(to);
    }
    if let Some(cursor) = &query.cursor {
        sql.push(" and a.id < ").push_bind(Cursor::open(cursor)?.key::<i64>(1)?);
    }
    Ok(sql)
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> AuditRow {
        AuditRow {
            id: row.id,
            at: row.at,
            actor: row.actor.map(|id| Person { id, name: row.actor_name.unwrap_or_default() }),
            action: row.action,
            subject: row.subject,
            detail: row.detail,
            hash: hex::encode(row.hash),
        }
    }
}
