//! `/api/v1/dead-letters`: what was refused, and why.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page::{self, Cursor};
use super::problem::Error;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeadLetterQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Dead letters on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of dead letters, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterPage {
    /// The dead letters.
    items: Vec<DeadLetter>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// A message that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetter {
    /// Its id.
    id: i64,
    /// When it arrived, by the center's clock.
    received_at: DateTime<Utc>,
    /// The edge that sent it, where known.
    edge: Option<String>,
    /// The topic that it came on.
    topic: String,
    /// Its number, where it could be read.
    sequence: Option<i64>,
    /// Why it was refused.
    reason: String,
    /// The first 4 KiB of it; what is no UTF-8 is shown as U+FFFD.
    raw: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    received_at: DateTime<Utc>,
    edge: Option<String>,
    topic: String,
    sequence: Option<i64>,
    reason: String,
    raw: Vec<u8>,
}

/// List dead letters
///
/// Nobody can tell of which camera they speak, so they are shown to those who have the whole city.
#[utoipa::path(get, path = "/api/v1/dead-letters", operation_id = "list_dead_letters", tag = "ledger",
    params(DeadLetterQuery),
    responses((status = 200, description = "A page of dead letters", body = DeadLetterPage)))]
pub(crate) async fn list_dead_letters(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<DeadLetterQuery>,
) -> Result<Json<DeadLetterPage>, Error> {
    let limit = page::limit(query.limit)?;
    let before: i64 = match &query.cursor {
        Some(cursor) => Cursor::open(cursor)?.key(1)?,
        None => i64::MAX,
    };
    let rows: Vec<Row> = sqlx::query_as(
        "select id, received_at, edge, topic, sequence, reason, raw from dead_letters where id < $1 and $3
         order by id desc limit $2",
    )
    .bind(before)
    .bind(limit + 1)
    .bind(person.areas.is_whole_city())
    .fetch_all(shared.pool())
    .await?;
    let mut items: Vec<DeadLetter> = rows.into_iter().map(DeadLetter::from).collect();
    let next_cursor =
        page::cut(&mut items, limit, |letter| page::encode(letter.received_at, &[letter.id.to_string()]));
    Ok(Json(DeadLetterPage { items, next_cursor }))
}

impl From<Row> for DeadLetter {
    fn from(row: Row) -> DeadLetter {
        DeadLetter {
            id: row.id,
            received_at: row.received_at,
            edge: row.edge,
            topic: row.topic,
            sequence: row.sequence,
            reason: row.reason,
            raw: String::from_utf8_lossy(&row.raw).into_owned(),
        }
    }
}
