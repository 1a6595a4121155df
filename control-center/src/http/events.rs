//! `/api/v1/events`: what the rules stated, the newest first.

use super::Shared;
use super::cameras::Place;
use super::extract::{Query, SignedIn};
use super::page;
use super::problem::Error;
use crate::access::AreaScope;
use crate::alerts::Reason;
use crate::alerts::store::snapshot_url;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId, EventKind, Why};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Only events of this edge.
    #[param(value_type = Option<String>)]
    edge: Option<EdgeId>,
    /// Only events of this camera.
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
    /// Only events of this kind, such as `intrusion`.
    #[param(value_type = Option<String>)]
    kind: Option<EventKind>,
    /// Not before this time, by the edge's clock.
    from: Option<DateTime<Utc>>,
    /// Before this time, by the edge's clock.
    to: Option<DateTime<Utc>>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Events on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of events, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventPage {
    /// The events.
    items: Vec<Event>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// A point in the picture, both 0..=1 from the upper left corner.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub(crate) struct Point {
    /// To the right.
    x: f64,
    /// Down.
    y: f64,
}

/// An immutable fact that a rule stated.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    /// Its id, UUID v7.
    id: Uuid,
    /// The edge that saw it.
    edge: String,
    /// The camera that saw it.
    camera: Option<String>,
    /// When, by the edge's clock.
    time: DateTime<Utc>,
    /// When it arrived, by the center's clock.
    received_at: DateTime<Utc>,
    /// The outbox that it came from.
    outbox: Uuid,
    /// Its number in that outbox's lane of events.
    sequence: i64,
    /// What happened, such as `intrusion`.
    kind: String,
    /// `start` or `end`.
    phase: String,
    /// The rule that stated it.
    rule: String,
    /// The zone that the rule watches.
    zone: Option<String>,
    /// The track, unique per start of the agent.
    track: Option<i64>,
    /// The road user's class.
    class: Option<String>,
    /// How sure the detector was, 0..=1.
    confidence: f64,
    /// The road user's foot point.
    picture: Option<Point>,
    /// Where it happened.
    place: Option<Place>,
    /// Speed over ground, km/h.
    speed_kmh: Option<f64>,
    /// Digest of the picture.
    snapshot: Option<String>,
    /// Where the picture is.
    snapshot_url: Option<String>,
    /// Which detector saw it.
    model: Option<String>,
    /// The version of the edge's configuration.
    config: u64,
    /// The edge's estimate of its clock error, ms.
    clock_error_ms: Option<i64>,
    /// Why the rule fired, for people.
    why: Option<Reason>,
}

#[derive(FromRow)]
struct Row {
    time: DateTime<Utc>,
    outbox: Uuid,
    sequence: i64,
    received_at: DateTime<Utc>,
    id: Uuid,
    edge: String,
    camera: Option<String>,
    kind: String,
    phase: String,
    rule: String,
    zone: Option<String>,
    track: Option<i64>,
    class: Option<String>,
    confidence: f64,
    snapshot: Option<String>,
    data: serde_json::Value,
}

/// What of the event's body has no column.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    picture: Option<Point>,
    place: Option<Place>,
    speed_kmh: Option<f64>,
    model: Option<String>,
    config: u64,
    clock_error_ms: Option<i64>,
    why: Option<Why>,
}

/// List events
#[utoipa::path(get, path = "/api/v1/events", operation_id = "list_events", tag = "events", params(EventQuery),
    responses((status = 200, description = "A page of events", body = EventPage)))]
pub(crate) async fn list_events(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<EventQuery>,
) -> Result<Json<EventPage>, Error> {
    let limit = page::limit(query.limit)?;
    let rows: Vec<Row> =
        select(&query, &person.areas, limit)?.build_query_as().fetch_all(shared.pool()).await?;
    let mut items: Vec<Event> = rows.into_iter().map(Event::from).collect();
    let cursor_of = |event: &Event| page::encode_key(event.time, event.outbox, event.sequence);
    let next_cursor = page::cut(&mut items, limit, cursor_of);
    Ok(Json(EventPage { items, next_cursor }))
}

fn select(query: &EventQuery, areas: &AreaScope, limit: i64) -> Result<QueryBuilder<Postgres>, Error> {
    let mut sql = QueryBuilder::new(
        "select time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, zone, track, class,
           confidence, snapshot, data from events where true",
    );
    page::push_areas(&mut sql, areas);
    page::push_source(&mut sql, query.edge.as_ref(), query.camera.as_ref());
    if let Some(kind) = query.kind {
        sql.push(" and kind = ").push_bind(kind.as_str());
    }
    page::push_window(&mut sql, query.from, query.to);
    page::push_page(&mut sql, query.cursor.as_deref(), limit)?;
    Ok(sql)
}

impl From<Row> for Event {
    fn from(row: Row) -> Event {
        let body: Body = serde_json::from_value(row.data).unwrap_or_default();
        Event {
            id: row.id,
            edge: row.edge,
            camera: row.camera,
            time: row.time,
            received_at: row.received_at,
            outbox: row.outbox,
            sequence: row.sequence,
            kind: row.kind,
            phase: row.phase,
            rule: row.rule,
            zone: row.zone,
            track: row.track,
            class: row.class,
            confidence: row.confidence,
            picture: body.picture,
            place: body.place,
            speed_kmh: body.speed_kmh,
            snapshot_url: row.snapshot.as_deref().map(snapshot_url),
            snapshot: row.snapshot,
            model: body.model,
            config: body.config,
            clock_error_ms: body.clock_error_ms,
            why: body.why.as_ref().map(Reason::from),
        }
    }
}
