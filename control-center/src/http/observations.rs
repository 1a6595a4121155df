//! `/api/v1/observations`: measured quantities, the newest first.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page;
use super::problem::Error;
use crate::access::AreaScope;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId, Quantity, ZoneId};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ObservationQuery {
    /// Only observations of this edge.
    #[param(value_type = Option<String>)]
    edge: Option<EdgeId>,
    /// Only observations of this camera.
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
    /// Only observations at this tripwire or zone.
    #[param(value_type = Option<String>)]
    zone: Option<ZoneId>,
    /// Only this quantity, such as `count`.
    #[param(value_type = Option<String>)]
    quantity: Option<Quantity>,
    /// Not before this time, by the edge's clock.
    from: Option<DateTime<Utc>>,
    /// Before this time, by the edge's clock.
    to: Option<DateTime<Utc>>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Observations on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of observations, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObservationPage {
    /// The observations.
    items: Vec<Observation>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// One quantity at one tripwire or zone in one window.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct Observation {
    /// The edge that measured it.
    edge: String,
    /// The camera that measured it.
    camera: Option<String>,
    /// When it was stated, by the edge's clock.
    time: DateTime<Utc>,
    /// When it arrived, by the center's clock.
    received_at: DateTime<Utc>,
    /// The outbox that it came from.
    outbox: Uuid,
    /// Its number in that outbox's lane of observations.
    sequence: i64,
    /// What was measured.
    quantity: String,
    /// The tripwire or zone.
    zone: String,
    /// The class counted; none for all together.
    class: Option<String>,
    /// The direction counted, at a tripwire.
    direction: Option<String>,
    /// The tripwire that was crossed next, of a turning movement; none when no other was.
    to_zone: Option<String>,
    /// Which figure of a distribution it is, such as `mean` or `p85`; none where the quantity has only one.
    statistic: Option<String>,
    /// On how many measured values it rests; none for counts and shares of time.
    samples: Option<i64>,
    /// Half the width of the interval that holds the truth 95 times of 100; none where unknown.
    plus_minus: Option<f64>,
    /// Begin of the window, inclusive.
    from: DateTime<Utc>,
    /// End of the window, exclusive.
    to: DateTime<Utc>,
    /// The measured value.
    value: f64,
    /// Its unit, UCUM.
    unit: String,
    /// Seconds of the window that were really observed.
    coverage_s: f64,
    /// The version of the edge's configuration.
    config: i64,
}

/// List observations
#[utoipa::path(get, path = "/api/v1/observations", operation_id = "list_observations", tag = "observations",
    params(ObservationQuery),
    responses((status = 200, description = "A page of observations", body = ObservationPage)))]
pub(crate) async fn list_observations(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<ObservationQuery>,
) -> Result<Json<ObservationPage>, Error> {
    let limit = page::limit(query.limit)?;
    let mut items: Vec<Observation> =
        select(&query, &person.areas, limit)?.build_query_as().fetch_all(shared.pool()).await?;
    let cursor_of = |seen: &Observation| page::encode_key(seen.time, seen.outbox, seen.sequence);
    let next_cursor = page::cut(&mut items, limit, cursor_of);
    Ok(Json(ObservationPage { items, next_cursor }))
}

fn select(query: &ObservationQuery, areas: &AreaScope, limit: i64) -> Result<QueryBuilder<Postgres>, Error> {
    let mut sql = QueryBuilder::new(
        r#"select time, outbox, sequence, received_at, edge, camera, quantity, zone, class, direction,
             to_zone, statistic, samples, plus_minus, window_from as "from", window_to as "to", value, unit, coverage_s, config from observations where true"#,
    );
    page::push_areas(&mut sql, areas);
    page::push_source(&mut sql, query.edge.as_ref(), query.camera.as_ref());
    if let Some(zone) = &query.zone {
        sql.push(" and zone = ").push_bind(zone.as_str().to_owned());
    }
    if let Some(quantity) = query.quantity {
        sql.push(" and quantity = ").push_bind(quantity.as_str());
    }
    page::push_window(&mut sql, query.from, query.to);
    page::push_page(&mut sql, query.cursor.as_deref(), limit)?;
    Ok(sql)
}
