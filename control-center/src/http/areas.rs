//! `/api/v1/areas`: the parts of the city.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page::{self, PageQuery};
use super::problem::Error;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

/// A page of areas.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AreaList {
    /// The areas, by id.
    items: Vec<Area>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
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
    params(PageQuery), responses((status = 200, description = "The areas", body = AreaList)))]
pub(crate) async fn list_areas(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Json<AreaList>, Error> {
    let limit = query.limit()?;
    let mut items: Vec<Area> = sqlx::query_as(
        "select id, name from areas where ($1::text[] is null or id = any($1)) and ($2::text is null or id > $2) \
         order by id limit $3",
    )
    .bind(person.areas.bind())
    .bind(query.after()?.map(|[area]| area))
    .bind(limit + 1)
    .fetch_all(shared.pool())
    .await?;
    let next_cursor = page::cut(&mut items, limit, |area| page::encode_texts(&[&area.id]));
    Ok(Json(AreaList { items, next_cursor }))
}
