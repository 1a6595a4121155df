//! What a client gets first: the state, or the changes that it missed.

use super::Frame;
use super::client::Wish;
use super::frame::{self, IncidentRow, LogRow, Passing, SELECT_LOG, Seqs};
use crate::access::AreaScope;
use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Larger gaps are answered with the state.
const MAX_GAP: i64 = 5000;
const MAX_ALERTS: i64 = 5000;
const MAX_INCIDENTS: i64 = 2000;

/// Puts together the frames of changes of incidents; add `where`, `order by` and `limit` on `l`.
macro_rules! incident_frames {
    () => {
        "select l.seq, json_build_object('type', 'incident', 'seq', l.seq, 'change', l.change, 'at', l.at, \
           'actor', case when l.actor is not null then json_build_object('id', l.actor, \
             'name', coalesce(nullif(u.full_name, ''), u.name, '')) end, \
           'detail', l.detail, 'incident', l.incident_row)::text, l.incident_row ->> 'area' \
         from incident_log l left join users u on u.id = l.actor "
    };
}
pub(super) use incident_frames;

/// The first frames, and the numbers of the last changes in them.
pub(super) struct Start {
    pub(super) frames: Vec<Utf8Bytes>,
    pub(super) seqs: Seqs,
}

/// The gaps after the numbers that the client has when they are small enough and the logs know those numbers, else the
/// state. A client that does not say which change of an incident it has hears of those from now on.
pub(super) async fn read(pool: &PgPool, wish: &Wish, now: DateTime<Utc>) -> Result<Start, sqlx::Error> {
    if let Some(after) = wish.after
        && let Some((alerts, seq)) = gap(pool, after, &wish.areas).await?
    {
        let incidents = match wish.incidents_after {
            Some(after) => incident_gap(pool, after, &wish.areas).await?,
            None => Some((vec![], newest_incident(pool).await?)),
        };
        if let Some((incidents, incident_seq)) = incidents {
            let seqs = Seqs { alerts: seq, incidents: incident_seq };
            let mut frames = alerts;
            frames.extend(incidents);
            frames.push(frame::heartbeat(seqs, now));
            return Ok(Start { frames, seqs });
        }
    }
    state(pool, &wish.areas, now).await
}

/// What happened to alerts after a number as far as the areas see it, and the number of the last change.
async fn gap(
    pool: &PgPool,
    after: i64,
    areas: &AreaScope,
) -> Result<Option<(Vec<Utf8Bytes>, i64)>, sqlx::Error> {
    let newest: i64 =
        sqlx::query_scalar("select coalesce(max(seq), 0) from alert_log").fetch_one(pool).await?;
    // A number from the future comes from another database's life.
    if !(0..=newest).contains(&after) || newest - after > MAX_GAP {
        return Ok(None);
    }
    let rows: Vec<LogRow> = sqlx::query_as(SELECT_LOG).bind(after).bind(MAX_GAP + 1).fetch_all(pool).await?;
    // Numbers are dense: a first row that is not the next one means that older rows are gone.
    if rows.first().is_some_and(|row| row.0 != after + 1) || (rows.is_empty() && newest > after) {
        return Ok(None);
    }
    let seq = rows.last().map_or(after, |row| row.0);
    let (mut passing, mut frames) = (Passing { told: after }, Vec::with_capacity(rows.len()));
    for row in rows.iter().filter(|(.., area)| areas.sees(area.as_deref())) {
        frames.extend(passing.settle(row.0 - 1));
        frames.push(Frame::of_row(row).text);
        passing.told = row.0;
    }
    frames.extend(passing.settle(seq));
    Ok(Some((frames, seq)))
}

async fn newest_incident(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select coalesce(max(seq), 0) from incident_log").fetch_one(pool).await
}

/// What happened to incidents after a number as far as the areas see it, and the number of the last change.
async fn incident_gap(
    pool: &PgPool,
    after: i64,
    areas: &AreaScope,
) -> Result<Option<(Vec<Utf8Bytes>, i64)>, sqlx::Error> {
    let newest = newest_incident(pool).await?;
    if !(0..=newest).contains(&after) || newest - after > MAX_GAP {
        return Ok(None);
    }
    let rows: Vec<IncidentRow> =
        sqlx::query_as(concat!(incident_frames!(), "where l.seq > $1 and l.seq <= $2 order by l.seq"))
            .bind(after)
            .bind(newest)
            .fetch_all(pool)
            .await?;
    let seen = rows.into_iter().filter(|(.., area)| areas.sees(area.as_deref()));
    Ok(Some((seen.map(|row| Frame::of_incident(row).text).collect(), newest)))
}

async fn state(pool: &PgPool, areas: &AreaScope, now: DateTime<Utc>) -> Result<Start, sqlx::Error> {
    // One statement, so that number and alerts are of the same moment. What has no room is the least grave.
    let (seq, alerts, all): (i64, Vec<String>, i64) = sqlx::query_as(
        "with open as (select a.seq, array_position(array['critical', 'high', 'medium', 'low'], a.severity) as rank,
             a.raised_at, a.id, count(*) over () as \"all\" from alerts a
           where ((a.watched and a.active) or a.acknowledged_at is null) and a.muted is null
             and ($2::text[] is null or a.area = any($2))
           order by rank, a.raised_at desc, a.id desc limit $1)
         select coalesce((select max(seq) from alert_log), 0),
           array(select l.alert_row::text from open o join alert_log l on l.seq = o.seq order by o.rank, o.raised_at desc, o.id desc),
           coalesce((select o.\"all\" from open o limit 1), 0)",
    )
    .bind(MAX_ALERTS)
    .bind(areas.bind())
    .fetch_one(pool)
    .await?;
    let (incident_seq, incidents, all_incidents): (i64, Vec<String>, i64) = sqlx::query_as(
        "with open as (select i.seq, array_position(array['critical', 'high', 'medium', 'low'], i.severity) as rank,
             i.opened_at, i.id, count(*) over () as \"all\" from incidents i
           where i.status in ('open', 'in_progress') and ($2::text[] is null or i.area = any($2))
           order by rank, i.opened_at desc, i.id desc limit $1)
         select coalesce((select max(seq) from incident_log), 0),
           array(select l.incident_row::text from open o join incident_log l on l.seq = o.seq order by o.rank, o.opened_at desc, o.id desc),
           coalesce((select o.\"all\" from open o limit 1), 0)",
    )
    .bind(MAX_INCIDENTS)
    .bind(areas.bind())
    .fetch_one(pool)
    .await?;
    let seqs = Seqs { alerts: seq, incidents: incident_seq };
    let left_out = |all: i64, sent: usize| all.saturating_sub(i64::try_from(sent).unwrap_or(i64::MAX)).max(0);
    let left_out = (left_out(all, alerts.len()), left_out(all_incidents, incidents.len()));
    Ok(Start { frames: vec![frame::snapshot(seqs, (&alerts, &incidents), left_out, now)], seqs })
}
