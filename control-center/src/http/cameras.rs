//! `/api/v1/cameras`: every camera and how it is doing.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page::{self, PageQuery};
use super::problem::Error;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::ToSchema;

/// A page of cameras.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CameraList {
    /// The cameras, by edge and id.
    items: Vec<Camera>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// A place on the earth, WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Place {
    /// Latitude.
    pub(crate) lat: f64,
    /// Longitude.
    pub(crate) lon: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CameraState {
    /// Frames arrive.
    Online,
    /// No usable frames arrive.
    Lost,
    /// The camera's edge is not connected, so nobody knows.
    EdgeOffline,
    /// Nothing was heard of it yet.
    Unknown,
}

/// A camera and how it is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Camera {
    /// Its edge.
    edge: String,
    /// Its id, unique within the edge.
    id: String,
    /// What people call it.
    name: String,
    /// Where it stands.
    place: Option<Place>,
    /// The area in which it lies.
    area: Option<String>,
    /// Whether it is seen.
    state: CameraState,
    /// Decoded frames per second in the last period.
    fps_in: Option<f64>,
    /// Analysed frames per second in the last period.
    fps_analysed: Option<f64>,
    /// `onnx` or `motion`.
    detector: Option<String>,
    /// Width of the stream, pixels.
    width_px: Option<u32>,
    /// Height of the stream, pixels.
    height_px: Option<u32>,
    /// The source's last error, for people.
    error: Option<String>,
    /// When the newest picture was taken.
    picture_at: Option<DateTime<Utc>>,
    /// Where the newest picture is.
    picture_url: Option<String>,
    /// When its edge last told how it is doing.
    health_at: Option<DateTime<Utc>>,
    /// Alerts whose condition lasts.
    active_alerts: i64,
}

#[derive(FromRow)]
struct Row {
    edge: String,
    id: String,
    name: String,
    lat: Option<f64>,
    lon: Option<f64>,
    area: Option<String>,
    detector: Option<String>,
    online: Option<bool>,
    health: Option<serde_json::Value>,
    health_at: Option<DateTime<Utc>>,
    picture_at: Option<DateTime<Utc>>,
    edge_online: bool,
    edge_seen: bool,
    active_alerts: i64,
}

/// What of a camera's health is shown; a newer edge's further fields and a lacking one do no harm.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Health {
    fps_in: Option<f64>,
    fps_analysed: Option<f64>,
    width_px: Option<u32>,
    height_px: Option<u32>,
    error: Option<String>,
}

/// List cameras
///
/// Those of your areas.
#[utoipa::path(get, path = "/api/v1/cameras", operation_id = "list_cameras", tag = "cameras",
    params(PageQuery), responses((status = 200, description = "A page of cameras", body = CameraList)))]
pub(crate) async fn list_cameras(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Json<CameraList>, Error> {
    let limit = query.limit()?;
    let [edge, camera] = query.after()?.map_or([None, None], |after| after.map(Some));
    let rows: Vec<Row> = sqlx::query_as(
        "select c.edge, c.id, c.name, c.lat, c.lon, c.area, c.config->>'detector' as detector, c.online, c.health,
           c.health_at, c.picture_at, e.online as edge_online, e.last_seen is not null as edge_seen,
           coalesce(a.active_alerts, 0) as active_alerts
         from cameras c join edges e on e.id = c.edge
         left join (select edge, camera, count(*) as active_alerts from alerts where watched and active
           group by edge, camera) a
           on a.edge = c.edge and a.camera = c.id
         where ($1::text[] is null or c.area = any($1)) and ($2::text is null or (c.edge, c.id) > ($2, $3))
         order by c.edge, c.id limit $4",
    )
    .bind(person.areas.bind())
    .bind(edge)
    .bind(camera)
    .bind(limit + 1)
    .fetch_all(shared.pool())
    .await?;
    let mut items: Vec<Camera> = rows.into_iter().map(Camera::from).collect();
    let next_cursor = page::cut(&mut items, limit, |camera| page::encode_texts(&[&camera.edge, &camera.id]));
    Ok(Json(CameraList { items, next_cursor }))
}

impl From<Row> for Camera {
    fn from(row: Row) -> Camera {
        let state = state(&row);
        let health: Health =
            row.health.and_then(|health| serde_json::from_value(health).ok()).unwrap_or_default();
        let has_size = |size: &u32| *size > 0;
        Camera {
            place: row.lat.zip(row.lon).map(|(lat, lon)| Place { lat, lon }),
            area: row.area,
            state,
            fps_in: health.fps_in,
            fps_analysed: health.fps_analysed,
            detector: row.detector,
            width_px: health.width_px.filter(has_size),
            height_px: health.height_px.filter(has_size),
            error: health.error,
            picture_url: row
                .picture_at
                .is_some()
                .then(|| format!("/api/v1/cameras/{}/{}/picture", row.edge, row.id)),
            picture_at: row.picture_at,
            health_at: row.health_at,
            active_alerts: row.active_alerts,
            edge: row.edge,
            id: row.id,
            name: row.name,
        }
    }
}

fn state(row: &Row) -> CameraState {
    match (row.edge_online, row.online) {
        (false, _) if row.edge_seen => CameraState::EdgeOffline,
        (false, _) | (true, None) => CameraState::Unknown,
        (true, Some(true)) => CameraState::Online,
        (true, Some(false)) => CameraState::Lost,
    }
}
