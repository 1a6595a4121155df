//! What an alert takes over from its camera: its name and place.

use crate::alerts::AlertPlace;
use crate::policy::Changed;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::collections::HashMap;

/// Name and place of the cameras of new alerts, by edge and camera.
pub(crate) type Cameras = HashMap<CameraKey, Camera>;
type CameraKey = (String, String);

/// What an alert takes over from its camera.
pub(crate) struct Camera {
    pub(crate) name: String,
    pub(crate) place: Option<AlertPlace>,
    pub(crate) area: Option<String>,
}

/// The cameras of the alerts that these changes raise.
pub(crate) async fn find_cameras(
    connection: &mut PgConnection,
    changes: &[Changed],
) -> Result<Cameras, sqlx::Error> {
    let subjects = || changes.iter().filter_map(|changed| changed.subject.as_ref());
    if subjects().next().is_none() {
        return Ok(Cameras::new());
    }
    let rows = sqlx::query(
        "select c.edge as place_edge, c.id as place_camera, c.name as place_name, c.lat as place_lat, \
           c.lon as place_lon, c.area as place_area from cameras c \
         where (c.edge, c.id) in (select * from unnest($1::text[], $2::text[]))",
    )
    .bind(subjects().map(|subject| subject.edge.as_str()).collect::<Vec<_>>())
    .bind(subjects().map(|subject| subject.camera.as_deref()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_camera).collect()
}

/// Reads a row of `place_edge`, `place_camera`, `place_name`, `place_lat`, `place_lon` and `place_area`.
pub(crate) fn read_camera(row: &PgRow) -> Result<(CameraKey, Camera), sqlx::Error> {
    let place = match (row.try_get("place_lat")?, row.try_get("place_lon")?) {
        (Some(lat), Some(lon)) => Some(AlertPlace { lat, lon }),
        _ => None,
    };
    let camera = Camera { name: row.try_get("place_name")?, place, area: row.try_get("place_area")? };
    Ok(((row.try_get("place_edge")?, row.try_get("place_camera")?), camera))
}
