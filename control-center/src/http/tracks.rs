//! `/api/v1/tracks`: simplified trajectories of road users, the newest first.
//!
//! The index begins with the edge, and a city's tracks of one day are millions: who names no edge asks for a day at most.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page;
use super::problem::{Error, Problem};
use crate::access::AreaScope;
use crate::clock;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::track::{MAX_DURATION_CS, SCALE, TrackPoint, unpack};
use ngatu_protocol::{CameraId, EdgeId, RoadUserClass};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// As much time may be asked for without an edge.
const MOST_OF_ALL_EDGES: TimeDelta = TimeDelta::days(1);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrackQuery {
    /// Only tracks of this edge. Without it at most one day can be asked for.
    #[param(value_type = Option<String>)]
    edge: Option<EdgeId>,
    /// Only tracks of this camera.
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
    /// Only this class, such as `person`.
    #[param(value_type = Option<String>)]
    class: Option<RoadUserClass>,
    /// Only pieces of this track.
    #[param(minimum = 0)]
    track: Option<i64>,
    /// Only what was still there at this time or later, by the edge's clock. Without `edge`: one day before `to` or now,
    /// if it is left out.
    from: Option<DateTime<Utc>>,
    /// Only what was there before this time, by the edge's clock.
    to: Option<DateTime<Utc>>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Tracks on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of trajectories, those that ended last first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrackPage {
    /// The trajectories.
    items: Vec<Track>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// One road user's way through the picture, or a piece of it. Between two points it moved evenly.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Track {
    /// The edge that saw it.
    edge: String,
    /// The camera that saw it.
    camera: Option<String>,
    /// When it ended, by the edge's clock.
    time: DateTime<Utc>,
    /// When it arrived, by the center's clock.
    received_at: DateTime<Utc>,
    /// The outbox that it came from.
    outbox: Uuid,
    /// Its number in that outbox's lane of tracks.
    sequence: i64,
    /// The track, unique per start of the agent. A long one comes in pieces with the same number.
    track: i64,
    /// Whether another piece follows, which begins where this one ends.
    goes_on: bool,
    /// The road user's class.
    class: String,
    /// Mean score of its detections, 0..=1.
    confidence: f32,
    /// Begin, by the edge's clock; the points' times count from here.
    from: DateTime<Utc>,
    /// Width of the analysed picture, pixels.
    frame_width_px: i32,
    /// Height of the analysed picture, pixels.
    frame_height_px: i32,
    /// At least two points in the order of time.
    points: Vec<WayPoint>,
    /// Which detector saw it.
    model: Option<String>,
    /// The version of the edge's configuration.
    config: i64,
}

/// Where a road user was at one moment. Lengths are shares of the picture's width or height.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct WayPoint {
    /// Seconds since the trajectory's `from`.
    after_s: f64,
    /// Foot point, from the left edge; a little outside 0..=1 when the road user was.
    x: f64,
    /// Foot point, from the upper edge.
    y: f64,
    /// Width of the box.
    width: f64,
    /// Height of the box.
    height: f64,
    /// Whether nobody saw the way to here from the point before.
    unseen: bool,
}

#[derive(FromRow)]
struct Row {
    time: DateTime<Utc>,
    outbox: Uuid,
    sequence: i64,
    received_at: DateTime<Utc>,
    edge: String,
    camera: Option<String>,
    track: i64,
    class: String,
    confidence: f32,
    track_from: DateTime<Utc>,
    frame_width_px: i32,
    frame_height_px: i32,
    goes_on: bool,
    model: Option<String>,
    config: i64,
    points: Vec<i16>,
    unseen: Option<Vec<i16>>,
}

/// List tracks
#[utoipa::path(get, path = "/api/v1/tracks", operation_id = "list_tracks", tag = "tracks", params(TrackQuery),
    responses(
        (status = 200, description = "A page of trajectories", body = TrackPage),
        (status = 400, description = "A parameter cannot be read, or more than one day is asked for without `edge`",
            body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_tracks(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(mut query): Query<TrackQuery>,
) -> Result<Json<TrackPage>, Error> {
    let limit = page::limit(query.limit)?;
    if query.edge.is_none() {
        query.from = Some(begin_of_all_edges(query.from, query.to, clock::now())?);
    }
    let rows: Vec<Row> =
        select(&query, &person.areas, limit)?.build_query_as().fetch_all(shared.pool()).await?;
    let mut items: Vec<Track> = rows.into_iter().map(Track::from).collect();
    let cursor_of = |track: &Track| page::encode_key(track.time, track.outbox, track.sequence);
    let next_cursor = page::cut(&mut items, limit, cursor_of);
    Ok(Json(TrackPage { items, next_cursor }))
}

/// Where the time begins that is asked for without an edge.
fn begin_of_all_edges(
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Error> {
    let to = to.unwrap_or(now);
    let earliest = to.checked_sub_signed(MOST_OF_ALL_EDGES).unwrap_or(to);
    match from {
        Some(from) if from < earliest => Err(Error::BadRequest(
            "without `edge` at most one day can be asked for: name an edge, or a `from` at most 24 h before `to` or now"
                .into(),
        )),
        from => Ok(from.unwrap_or(earliest)),
    }
}

fn select(query: &TrackQuery, areas: &AreaScope, limit: i64) -> Result<QueryBuilder<Postgres>, Error> {
    let mut sql = QueryBuilder::new(
        "select time, outbox, sequence, received_at, edge, camera, track, class, confidence, track_from, \
           frame_width_px, frame_height_px, goes_on, model, config, points, unseen from tracks where true",
    );
    page::push_areas(&mut sql, areas);
    page::push_source(&mut sql, query.edge.as_ref(), query.camera.as_ref());
    if let Some(class) = query.class {
        sql.push(" and class = ").push_bind(class.as_str());
    }
    if let Some(track) = query.track {
        sql.push(" and track = ").push_bind(track);
    }
    if let Some(to) = query.to {
        sql.push(" and track_from < ").push_bind(to);
    }
    // What began before `to` ended no later than this; it lets whole partitions be left out.
    let longest = TimeDelta::milliseconds(i64::from(MAX_DURATION_CS) * 10 + 1);
    let ended_before = query.to.and_then(|to| to.checked_add_signed(longest));
    page::push_window(&mut sql, query.from, ended_before);
    page::push_page(&mut sql, query.cursor.as_deref(), limit)?;
    Ok(sql)
}

impl From<Row> for Track {
    fn from(row: Row) -> Track {
        let unseen = row.unseen.unwrap_or_default();
        // What ingest took can be read; what somebody else wrote into the table has no points.
        let points = unpack(&row.points).unwrap_or_default();
        let points =
            (0_i16..).zip(&points).map(|(i, point)| WayPoint::new(point, unseen.contains(&i))).collect();
        Track {
            edge: row.edge,
            camera: row.camera,
            time: row.time,
            received_at: row.received_at,
            outbox: row.outbox,
            sequence: row.sequence,
            track: row.track,
            goes_on: row.goes_on,
            class: row.class,
            confidence: row.confidence,
            from: row.track_from,
            frame_width_px: row.frame_width_px,
            frame_height_px: row.frame_height_px,
            points,
            model: row.model,
            config: row.config,
        }
    }
}

impl WayPoint {
    fn new(point: &TrackPoint, unseen: bool) -> WayPoint {
        let share = |value: i16| f64::from(value) / f64::from(SCALE);
        WayPoint {
            after_s: f64::from(point.after_cs) / 100.0,
            x: share(point.x),
            y: share(point.y),
            width: share(point.width),
            height: share(point.height),
            unseen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_edge_it_is_one_day_and_more_is_refused() {
        let at = |hours: i64| DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours);
        let now = at(0);
        let begin =
            |from: Option<i64>, to: Option<i64>| begin_of_all_edges(from.map(at), to.map(at), now).ok();
        assert_eq!(begin(None, None), Some(at(-24)));
        assert_eq!(begin(None, Some(-100)), Some(at(-124)));
        assert_eq!(begin(Some(-24), None), Some(at(-24)));
        assert_eq!(begin(Some(-25), None), None);
        assert_eq!(begin(Some(-124), Some(-100)), Some(at(-124)));
        assert_eq!(begin(Some(-125), Some(-100)), None);
        assert_eq!(begin(Some(5), None), Some(at(5)), "nothing is there, and that is no mistake");
        assert!(begin_of_all_edges(None, Some(DateTime::<Utc>::MIN_UTC), now).is_ok());
    }
}
