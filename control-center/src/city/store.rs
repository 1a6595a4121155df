//! A city file into the database and out of it.

use super::file::{CityArea, CityEdge, CityError, CityFile};
use crate::access::audit::{self, Act};
use crate::alerts::policies::{self, Draft};
use crate::database::CHANNEL_CITY;
use crate::incidents::{self, procedure::Procedure};
use crate::policy::PolicyBody;
use chrono::{DateTime, Utc};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{AreaId, EdgeId};
use serde_json::Value;
use sqlx::{PgConnection, PgPool, Row as _};
use std::collections::BTreeMap;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Edges in the file.
    pub edges: usize,
    /// Cameras in the file.
    pub cameras: usize,
    /// Edges whose configuration changed and got a new version.
    pub changed: usize,
}

/// Takes a city: an edge in the file then has exactly the cameras that the file gives it; edges and areas
/// that are not in the file stay as they are. A running center pushes what changed.
///
/// # Errors
/// When the database fails; then nothing has changed.
pub async fn import(pool: &PgPool, city: &CityFile, now: DateTime<Utc>) -> Result<Imported, CityError> {
    let mut imported = Imported { edges: city.edges.len(), ..Imported::default() };
    let mut transaction = pool.begin().await?;
    for area in &city.areas {
        sqlx::query("insert into areas (id, name) values ($1, $2) on conflict (id) do update set name = excluded.name")
            .bind(area.id.as_str())
            .bind(&area.name)
            .execute(&mut *transaction)
            .await?;
    }
    for edge in &city.edges {
        sqlx::query(
            "insert into edges (id, name, created_at) values ($1, $2, $3) \
             on conflict (id) do update set name = excluded.name",
        )
        .bind(edge.id.as_str())
        .bind(&edge.name)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        imported.cameras += edge.cameras.len();
        let is_changed = import_cameras(&mut transaction, edge, now).await?;
        set_areas(&mut transaction, edge).await?;
        if is_changed {
            sqlx::query("update edges set config_version = config_version + 1 where id = $1")
                .bind(edge.id.as_str())
                .execute(&mut *transaction)
                .await?;
            imported.changed += 1;
        }
    }
    incidents::set_signal_sources(&mut transaction, &city.signal_sources).await?;
    let changed =
        incidents::change_procedures(&mut transaction, &city.procedures, (false, None), now).await?;
    if changed.is_err() {
        return Err(CityError::Stored("a procedure was changed meanwhile".into()));
    }
    sqlx::query("select pg_notify($1, '')").bind(CHANNEL_CITY).execute(&mut *transaction).await?;
    if let Some(body) = &city.policy
        && policies::active(&mut transaction).await?.body != *body
    {
        let draft = Draft { body: body.clone(), note: "from a city file".into(), activate: true };
        policies::add_in(&mut transaction, &draft, None, now).await?;
    }
    let detail = serde_json::json!({ "edges": imported.edges, "cameras": imported.cameras, "changed": imported.changed });
    let act = Act { actor: None, action: "city.import", subject: "city", detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(imported)
}

/// Brings an edge's cameras in line with the file; answers whether anything changed.
async fn import_cameras(
    connection: &mut PgConnection,
    edge: &CityEdge,
    now: DateTime<Utc>,
) -> Result<bool, CityError> {
    let known: BTreeMap<String, Value> =
        sqlx::query("select id, config from cameras where edge = $1 and config is not null for update")
            .bind(edge.id.as_str())
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, sqlx::Error>>()?;
    let mut wanted = BTreeMap::new();
    for camera in &edge.cameras {
        let config = serde_json::to_value(without_area(camera))
            .map_err(|error| CityError::Stored(error.to_string()))?;
        wanted.insert(camera.id.to_string(), config);
    }
    let version: i64 = sqlx::query_scalar("select config_version from edges where id = $1 for update")
        .bind(edge.id.as_str())
        .fetch_one(&mut *connection)
        .await?;
    if known == wanted && version > 0 {
        return Ok(false);
    }
    let kept: Vec<&str> = wanted.keys().map(String::as_str).collect();
    sqlx::query("update cameras set config = null where edge = $1 and not id = any($2)")
        .bind(edge.id.as_str())
        .bind(kept)
        .execute(&mut *connection)
        .await?;
    for camera in &edge.cameras {
        sqlx::query(
            "insert into cameras (edge, id, name, lat, lon, config, created_at) values ($1, $2, $3, $4, $5, $6, $7) \
             on conflict (edge, id) do update set name = excluded.name, lat = excluded.lat, lon = excluded.lon, \
               config = excluded.config",
        )
        .bind(edge.id.as_str())
        .bind(camera.id.as_str())
        .bind(&camera.name)
        .bind(camera.place.map(|place| place.lat))
        .bind(camera.place.map(|place| place.lon))
        .bind(&wanted[camera.id.as_str()])
        .bind(now)
        .execute(&mut *connection)
        .await?;
    }
    Ok(true)
}

/// What the edge is told: not the area, so that a new one is no new configuration.
fn without_area(camera: &CameraConfig) -> CameraConfig {
    CameraConfig { area: None, ..camera.clone() }
}

/// Puts the edge's cameras into the areas that the file says. What was raised before keeps the area that it had.
async fn set_areas(connection: &mut PgConnection, edge: &CityEdge) -> Result<(), sqlx::Error> {
    let areas = edge.cameras.iter().map(|camera| camera.area.as_ref().map(AreaId::as_str));
    sqlx::query(
        "update cameras c set area = t.area from unnest($2::text[], $3::text[]) as t (id, area) \
         where c.edge = $1 and c.id = t.id and c.area is distinct from t.area",
    )
    .bind(edge.id.as_str())
    .bind(edge.cameras.iter().map(|camera| camera.id.as_str()).collect::<Vec<_>>())
    .bind(areas.collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// The whole city as it stands in the database.
///
/// # Errors
/// When the database fails.
pub async fn export(pool: &PgPool) -> Result<CityFile, CityError> {
    let mut city = CityFile::default();
    let active = policies::active(&mut *pool.acquire().await?).await?;
    city.policy = Some(active.body).filter(|body| *body != PolicyBody::default());
    for row in sqlx::query("select id, name from areas order by id").fetch_all(pool).await? {
        let id = AreaId::new(row.try_get::<String, _>(0)?).map_err(|e| CityError::Stored(e.to_string()))?;
        city.areas.push(CityArea { id, name: row.try_get(1)? });
    }
    for row in sqlx::query("select id, name from edges order by id").fetch_all(pool).await? {
        let id: String = row.try_get(0)?;
        let id = EdgeId::new(id).map_err(|error| CityError::Stored(error.to_string()))?;
        let mut cameras = cameras_of(pool, &id).await?;
        let areas = areas_of(pool, &id).await?;
        for camera in &mut cameras {
            camera.area = areas.get(camera.id.as_str()).and_then(|area| AreaId::new(area).ok());
        }
        city.edges.push(CityEdge { id, name: row.try_get(1)?, cameras });
    }
    let mut connection = pool.acquire().await?;
    city.signal_sources = incidents::signal_sources(&mut connection).await?;
    // As shipped is not the city's own.
    let own = incidents::current_procedures(&mut connection).await?.into_iter().filter(|own| own.version > 0);
    city.procedures = own.map(|own| Procedure { version: 0, ..own }).collect();
    Ok(city)
}

/// The areas of an edge's cameras, by camera.
async fn areas_of(pool: &PgPool, edge: &EdgeId) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let areas: Vec<(String, String)> =
        sqlx::query_as("select id, area from cameras where edge = $1 and area is not null")
            .bind(edge.as_str())
            .fetch_all(pool)
            .await?;
    Ok(areas.into_iter().collect())
}

/// The configured cameras of an edge, in the order of their ids.
pub(super) async fn cameras_of(pool: &PgPool, edge: &EdgeId) -> Result<Vec<CameraConfig>, CityError> {
    let configs: Vec<Value> =
        sqlx::query_scalar("select config from cameras where edge = $1 and config is not null order by id")
            .bind(edge.as_str())
            .fetch_all(pool)
            .await?;
    configs
        .into_iter()
        .map(|config| serde_json::from_value(config).map_err(|error| CityError::Stored(error.to_string())))
        .collect()
}
