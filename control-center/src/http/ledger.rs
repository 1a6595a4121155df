//! `/api/v1/ledger`: for each outbox and lane what arrived, what was declared lost, and what is missing.

use super::Shared;
use super::extract::{Query, SignedIn};
use super::page::{self, PageQuery};
use super::problem::Error;
use crate::access::AreaScope;
use crate::ingest::shed::ShedLane;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ledger {
    /// One for each outbox and lane.
    items: Vec<LedgerItem>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
    /// What came faster than it could be stored since this center started, by edge and lane: put back unread and not
    /// acknowledged, so it is sent again. None of it is lost. The same on every page.
    shed: Vec<ShedItem>,
    /// Edges that gave reasons of events in words that this version does not know, since this center started. The events
    /// are stored whole; those words are not shown.
    unknown: Vec<UnknownItem>,
}

/// How many words of one edge are of a newer version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnknownItem {
    /// The edge.
    edge: String,
    /// Measures and reasons, each time that one came.
    words: u64,
}

/// Payloads of one lane of one edge that were put back unread.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShedItem {
    /// The edge.
    edge: String,
    /// The lane, or `state`.
    lane: &'static str,
    /// How many payloads, of one message or more each.
    payloads: u64,
}

/// One lane of one outbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerItem {
    /// The edge.
    edge: String,
    /// Its outbox; a new disk makes a new one.
    outbox: Uuid,
    /// The lane.
    lane: String,
    /// End of the unbroken run from 1: acknowledged to the edge.
    upto: i64,
    /// The highest number seen.
    highest: i64,
    /// Messages stored.
    received: i64,
    /// What is missing below the highest number, as first and last number; the first 100 ranges.
    pending: Vec<[i64; 2]>,
    /// How many numbers are missing below the highest.
    pending_count: i64,
    /// How many the edge declared lost.
    lost: i64,
    /// The declarations, the newest first; at most 100.
    losses: Vec<LossItem>,
    /// Messages refused, kept as dead letters.
    dead: i64,
    /// Messages that came again and were not stored again.
    duplicates: i64,
    /// Messages acknowledged by a center before this ledger began.
    acked_before: i64,
    /// When the row changed last.
    updated_at: DateTime<Utc>,
}

/// Messages that the edge dropped, as it declared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LossItem {
    /// The first number dropped.
    from: i64,
    /// The last number dropped.
    to: i64,
    /// How many of that range were dropped.
    count: i64,
    /// Why.
    reason: String,
    /// When the edge declared it, by its clock.
    declared_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct Row {
    edge: String,
    outbox: Uuid,
    lane: String,
    upto: i64,
    highest: i64,
    received: i64,
    dead: i64,
    duplicates: i64,
    lost: i64,
    acked_before: i64,
    updated_at: DateTime<Utc>,
    pending: sqlx::types::Json<Vec<[i64; 2]>>,
    pending_count: i64,
}

#[derive(FromRow)]
struct LossRow {
    outbox: Uuid,
    lane: String,
    first_lost: i64,
    last_lost: i64,
    count: i64,
    reason: String,
    declared_at: DateTime<Utc>,
}

/// Read the ledger
///
/// Of the edges with a camera in your areas.
#[utoipa::path(get, path = "/api/v1/ledger", operation_id = "read_ledger", tag = "ledger",
    params(PageQuery), responses((status = 200, description = "A page of the ledger", body = Ledger)))]
pub(crate) async fn read_ledger(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Json<Ledger>, Error> {
    let limit = query.limit()?;
    let [edge, outbox, lane] = query.after()?.map_or([None, None, None], |after| after.map(Some));
    let rows: Vec<Row> = sqlx::query_as(
        "select l.edge, l.outbox, l.lane, l.upto, l.highest, l.received, l.dead, l.duplicates, l.lost, l.acked_before,
           l.updated_at, p.ranges as pending, p.total as pending_count
         from ledger l cross join lateral (
           select coalesce(jsonb_agg(jsonb_build_array(lower(r), upper(r) - 1) order by lower(r)) filter (where n <= 100),
                    '[]') as ranges,
                  coalesce(sum(upper(r) - lower(r)), 0)::bigint as total
           from (select r, row_number() over (order by lower(r)) as n
                 from unnest(int8multirange(int8range(1, l.highest + 1)) - l.settled) r) gaps) p
         where ($1::text[] is null or exists (select from cameras where edge = l.edge and area = any($1)))
           and ($2::text is null or (l.edge, l.outbox::text, l.lane) > ($2, $3, $4))
         order by l.edge, l.outbox::text, l.lane limit $5",
    )
    .bind(person.areas.bind())
    .bind(edge)
    .bind(outbox)
    .bind(lane)
    .bind(limit + 1)
    .fetch_all(shared.pool())
    .await?;
    let mut losses = losses(&shared).await?;
    let mut items: Vec<LedgerItem> = rows
        .into_iter()
        .map(|row| LedgerItem {
            losses: losses.remove(&(row.outbox, row.lane.clone())).unwrap_or_default(),
            edge: row.edge,
            outbox: row.outbox,
            lane: row.lane,
            upto: row.upto,
            highest: row.highest,
            received: row.received,
            pending: row.pending.0,
            pending_count: row.pending_count,
            lost: row.lost,
            dead: row.dead,
            duplicates: row.duplicates,
            acked_before: row.acked_before,
            updated_at: row.updated_at,
        })
        .collect();
    let next_cursor = page::cut(&mut items, limit, |item| {
        page::encode_texts(&[&item.edge, &item.outbox.to_string(), &item.lane])
    });
    let seen = seen_edges(&shared, &person.areas).await?;
    let is_seen = |edge: &str| seen.as_ref().is_none_or(|seen| seen.contains(edge));
    let shed = shared.shed().lanes().into_iter().filter(|lane| is_seen(&lane.edge));
    let shed = shed.map(|ShedLane { edge, lane, payloads }| ShedItem { edge, lane, payloads }).collect();
    let unknown = shared.shed().unknown().into_iter().filter(|(edge, _)| is_seen(edge));
    let unknown = unknown.map(|(edge, words)| UnknownItem { edge, words }).collect();
    Ok(Json(Ledger { items, next_cursor, shed, unknown }))
}

/// The edges with a camera in these areas; none for the whole city.
async fn seen_edges(shared: &Shared, areas: &AreaScope) -> Result<Option<HashSet<String>>, sqlx::Error> {
    let Some(areas) = areas.bind() else { return Ok(None) };
    let edges: Vec<String> = sqlx::query_scalar("select distinct edge from cameras where area = any($1)")
        .bind(areas)
        .fetch_all(shared.pool())
        .await?;
    Ok(Some(edges.into_iter().collect()))
}

async fn losses(shared: &Shared) -> Result<HashMap<(Uuid, String), Vec<LossItem>>, sqlx::Error> {
    let rows: Vec<LossRow> = sqlx::query_as(
        "select outbox, lane, first_lost, last_lost, count, reason, declared_at
         from (select *, row_number() over (partition by outbox, lane order by sequence desc) as n from losses) newest
         where n <= 100 order by outbox, lane, sequence desc",
    )
    .fetch_all(shared.pool())
    .await?;
    let mut losses: HashMap<_, Vec<LossItem>> = HashMap::new();
    for row in rows {
        losses.entry((row.outbox, row.lane)).or_default().push(LossItem {
            from: row.first_lost,
            to: row.last_lost,
            count: row.count,
            reason: row.reason,
            declared_at: row.declared_at,
        });
    }
    Ok(losses)
}
