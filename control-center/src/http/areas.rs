//! `/api/v1/areas`: the parts of the city.

use super::Shared;
use super::extract::SignedIn;
use super::problem::Error;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

/// Areas.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AreaList {
    /// The areas, by id.
    items: Vec<Area>,
}

/// A part of the city.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct Area {
    /// Its id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
}

/// All areas, for those who say where something is.
pub(crate) async fn all_areas(connection: &mut PgConnection) -> Result<Vec<Area>, sqlx::Error> {
    sqlx::query_as("select id, name from areas order by name, id").fetch_all(connection).await
}

/// List areas
///
/// Your own; all of them if you have the whole city.
#[utoipa::path(get, path = "/api/v1/areas", operation_id = "list_areas", tag = "access",
    responses((status = 200, description = "The areas", body = AreaList)))]
pub(crate) async fn list_areas(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
) -> Result<Json<AreaList>, Error> {
    let items =
        sqlx::query_as("select id, name from areas where $1::text[] is null or id = any($1) order by id")
            .bind(person.areas.bind())
            .fetch_all(shared.pool())
            .await?;
    Ok(Json(AreaList { items }))
}
