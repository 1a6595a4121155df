//! `/api/v1/edges`: every edge agent and how it is doing.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page::{self, PageQuery};
use super::problem::Error;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Health older than that is not shown as the present one.
const HEALTH_COUNTS: TimeDelta = TimeDelta::days(1);

/// A page of edges.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EdgeList {
    /// The edges, by id.
    items: Vec<Edge>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// An edge agent and how it is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Edge {
    /// Its id.
    id: String,
    /// What people call it.
    name: String,
    /// Whether it is connected to the broker.
    online: bool,
    /// When anything came from it last.
    last_seen: Option<DateTime<Utc>>,
    /// The agent's version.
    version: Option<String>,
    /// The version of its configuration here.
    config_version: i64,
    /// The version that it runs.
    config_running: Option<i64>,
    /// Why it does not run the newest.
    config_error: Option<String>,
    /// Messages that wait in its outbox, by lane.
    outbox_depth: BTreeMap<String, u64>,
    /// Messages of it that were refused.
    dead_letters: i64,
    /// Free bytes on the disk of its outbox.
    disk_free_bytes: Option<u64>,
    /// Its hottest part, °C.
    temperature_c: Option<f64>,
    /// Pictures of events that it gave up because their folder was full, since its agent started.
    pictures_dropped: Option<u64>,
    /// Pictures of events that this center did not take, since its agent started.
    pictures_refused: Option<u64>,
    /// Why its pictures wait; none while they are taken.
    pictures_error: Option<String>,
    /// Its clock against the center's, ms.
    clock_skew_ms: Option<i64>,
    /// When its certificate ends; none when it has none.
    certificate_expires_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    online: bool,
    last_seen: Option<DateTime<Utc>>,
    version: Option<String>,
    config_version: i64,
    config_running: Option<i64>,
    config_error: Option<String>,
    dead_letters: i64,
    clock_skew_ms: Option<i64>,
    health: Option<serde_json::Value>,
    certificate_expires_at: Option<DateTime<Utc>>,
}

/// What of an edge's health is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Health {
    temperature_c: Option<f64>,
    disk_free_bytes: Option<u64>,
    outbox_depth: BTreeMap<String, u64>,
    pictures_dropped: Option<u64>,
    pictures_refused: Option<u64>,
    pictures_error: Option<String>,
}

/// List edges
///
/// Those with a camera in your areas.
#[utoipa::path(get, path = "/api/v1/edges", operation_id = "list_edges", tag = "edges",
    params(PageQuery), responses((status = 200, description = "A page of edges", body = EdgeList)))]
pub(crate) async fn list_edges(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Json<EdgeList>, Error> {
    let limit = query.limit()?;
    let after = query.after()?.map(|[edge]| edge);
    let rows: Vec<Row> = sqlx::query_as(
        "select e.id, e.name, e.online, e.last_seen, e.version, e.config_version, e.config_running, e.config_error,
           e.dead_letters, e.clock_skew_ms, h.data as health,
           (select max(expires_at) from edge_certificates where edge = e.id and revoked_at is null) as certificate_expires_at
         from edges e left join lateral (
           select data from health where edge = e.id and time > $1 order by time desc limit 1) h on true
         where ($2::text[] is null or exists (select from cameras where edge = e.id and area = any($2)))
           and ($3::text is null or e.id > $3)
         order by e.id limit $4",
    )
    .bind(crate::clock::now() - HEALTH_COUNTS)
    .bind(person.areas.bind())
    .bind(after)
    .bind(limit + 1)
    .fetch_all(shared.pool())
    .await?;
    let mut items: Vec<Edge> = rows.into_iter().map(Edge::from).collect();
    let next_cursor = page::cut(&mut items, limit, |edge| page::encode_texts(&[&edge.id]));
    Ok(Json(EdgeList { items, next_cursor }))
}

impl From<Row> for Edge {
    fn from(row: Row) -> Edge {
        let health: Health =
            row.health.and_then(|health| serde_json::from_value(health).ok()).unwrap_or_default();
        Edge {
            id: row.id,
            name: row.name,
            online: row.online,
            last_seen: row.last_seen,
            version: row.version,
            config_version: row.config_version,
            config_running: row.config_running,
            config_error: row.config_error,
            outbox_depth: health.outbox_depth,
            dead_letters: row.dead_letters,
            disk_free_bytes: health.disk_free_bytes,
            temperature_c: health.temperature_c,
            pictures_dropped: health.pictures_dropped,
            pictures_refused: health.pictures_refused,
            pictures_error: health.pictures_error,
            clock_skew_ms: row.clock_skew_ms,
            certificate_expires_at: row.certificate_expires_at,
        }
    }
}
