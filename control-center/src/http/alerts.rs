//! `/api/v1/alerts`: the list and one alert.

use super::Shared;
use super::extract::{Path, Query, SignedIn};
use super::page::{self, Cursor};
use super::problem::{Error, Problem};
use super::search;
use crate::access::{AreaScope, Person};
use crate::alerts::{Alert, Severity, store};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Postgres, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertState {
    /// Nobody has acknowledged it, and it is neither shelved nor muted.
    Open,
    /// A person has acknowledged it.
    Acknowledged,
    /// It is shelved.
    Shelved,
    /// A person gave a verdict.
    Dismissed,
    /// Whatever its state.
    #[default]
    All,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlertQuery {
    /// What people did with it; `all` by default.
    #[serde(default)]
    #[param(inline)]
    state: AlertState,
    /// Only alerts whose condition lasts, or only those whose condition has ended.
    active: Option<bool>,
    /// Only alerts of this severity.
    severity: Option<Severity>,
    /// Only alerts of this edge.
    #[param(value_type = Option<String>)]
    edge: Option<EdgeId>,
    /// Only alerts of this camera.
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
    /// Only alerts of this area.
    area: Option<String>,
    /// Only alerts of this kind of event.
    kind: Option<String>,
    /// Only alerts of this owner: `me`, `none`, or a person's id.
    owner: Option<String>,
    /// Raised at this time or later.
    from: Option<DateTime<Utc>>,
    /// Raised before this time.
    to: Option<DateTime<Utc>>,
    /// Words, or beginnings of words, of the kind, edge, camera or its name, rule and zone; all of them must be there.
    #[param(max_length = 200)]
    text: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Alerts on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A page of alerts, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertPage {
    /// The alerts.
    items: Vec<Alert>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
    /// How many alerts nobody has acknowledged or shelved, whatever the filters.
    open: OpenAlerts,
}

/// Alerts that nobody has acknowledged, by severity.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct OpenAlerts {
    critical: i64,
    high: i64,
    medium: i64,
    low: i64,
}

/// List alerts
///
/// Those of your areas. The newest first, by when the center raised them.
#[utoipa::path(get, path = "/api/v1/alerts", operation_id = "list_alerts", tag = "alerts", params(AlertQuery),
    responses((status = 200, description = "A page of alerts", body = AlertPage)))]
pub(crate) async fn list_alerts(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<AlertQuery>,
) -> Result<Json<AlertPage>, Error> {
    let limit = page::limit(query.limit)?;
    let words = match &query.text {
        Some(text) => Some(search::words(shared.pool(), text).await?),
        None => None,
    };
    let mut items: Vec<Alert> =
        select((&query, words), &person, limit)?.build_query_as().fetch_all(shared.pool()).await?;
    let cursor_of = |alert: &Alert| page::encode(alert.raised_at, &[alert.id.to_string()]);
    let next_cursor = page::cut(&mut items, limit, cursor_of);
    let open = open_alerts(shared.pool(), &person.areas).await?;
    Ok(Json(AlertPage { items, next_cursor, open }))
}

fn select(
    (query, words): (&AlertQuery, Option<String>),
    person: &Person,
    limit: i64,
) -> Result<QueryBuilder<Postgres>, Error> {
    let mut sql = QueryBuilder::new(store::SELECT);
    sql.push(match query.state {
        AlertState::Open => {
            " where a.acknowledged_at is null and a.shelved_until is null and a.muted is null"
        }
        AlertState::Acknowledged => " where a.acknowledged_at is not null",
        AlertState::Shelved => " where a.shelved_until is not null",
        AlertState::Dismissed => " where a.verdict is not null",
        AlertState::All => " where true",
    });
    match query.active {
        Some(true) => {
            sql.push(" and a.watched and a.active");
        }
        Some(false) => {
            sql.push(" and not a.active");
        }
        None => {}
    }
    if let Some(severity) = query.severity {
        sql.push(" and a.severity = ").push_bind(severity.as_str());
    }
    if let Some(edge) = &query.edge {
        sql.push(" and a.edge = ").push_bind(edge.as_str().to_owned());
    }
    if let Some(camera) = &query.camera {
        sql.push(" and a.camera = ").push_bind(camera.as_str().to_owned());
    }
    if let Some(areas) = person.areas.bind() {
        sql.push(" and a.area = any(").push_bind(areas).push(")");
    }
    if let Some(area) = &query.area {
        sql.push(" and a.area = ").push_bind(area.clone());
    }
    if let Some(kind) = &query.kind {
        sql.push(" and a.kind = ").push_bind(kind.clone());
    }
    match query.owner.as_deref() {
        None => {}
        Some("none") => {
            sql.push(" and a.owner is null");
        }
        Some(owner) => {
            let owner = if owner == "me" { Ok(person.id) } else { owner.parse() };
            let owner =
                owner.map_err(|_| Error::BadRequest("owner: wanted me, none or a person's id".into()))?;
            sql.push(" and a.owner is not null and a.owner ->> 'id' = ").push_bind(owner.to_string());
        }
    }
    if let Some(from) = query.from {
        sql.push(" and a.raised_at >= ").push_bind(from);
    }
    if let Some(to) = query.to {
        sql.push(" and a.raised_at < ").push_bind(to);
    }
    if let Some(words) = words {
        sql.push(" and a.search @@ ").push_bind(words).push("::tsquery");
    }
    if let Some(cursor) = &query.cursor {
        let cursor = Cursor::open(cursor)?;
        let id: Uuid = cursor.key(1)?;
        sql.push(" and (a.raised_at, a.id) < (").push_bind(cursor.time()?).push(", ").push_bind(id).push(")");
    }
    sql.push(" order by a.raised_at desc, a.id desc limit ").push_bind(limit + 1);
    Ok(sql)
}

async fn open_alerts(pool: &PgPool, areas: &AreaScope) -> Result<OpenAlerts, sqlx::Error> {
    let counts: Vec<(String, i64)> = sqlx::query_as(
        "select severity, count(*) from alerts where acknowledged_at is null and shelved_until is null \
           and muted is null \
           and ($1::text[] is null or area = any($1)) \
         group by severity",
    )
    .bind(areas.bind())
    .fetch_all(pool)
    .await?;
    let mut open = OpenAlerts::default();
    for (severity, count) in counts {
        match Severity::parse(&severity) {
            Some(Severity::Critical) => open.critical = count,
            Some(Severity::High) => open.high = count,
            Some(Severity::Medium) => open.medium = count,
            Some(Severity::Low) => open.low = count,
            None => {}
        }
    }
    Ok(open)
}

/// Read one alert
#[utoipa::path(get, path = "/api/v1/alerts/{id}", operation_id = "read_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")),
    responses(
        (status = 200, description = "The alert", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Alert>, Error> {
    Ok(Json(store::get(shared.pool(), id, &person.areas).await?.ok_or(Error::NotFound("alert"))?))
}
