//! What a client gets first: the state, or the changes that it missed.

use super::Frame;
use super::client::Wish;
use super::frame::{self, IncidentRow, LogRow, Passing, SELECT_LOG, Seqs};
use crate::access::AreaScope;
use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool};

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

/// Things of which only so many have room in a first frame.
struct Listed {
    /// Where they and their log stand, and the log's column of a whole one.
    table: &'static str,
    log: &'static str,
    row: &'static str,
    /// Which of them, of `t`, and when they began.
    filter: &'static str,
    began: &'static str,
    most: i64,
}

const ALERTS: Listed = Listed {
    table: "alerts",
    log: "alert_log",
    row: "alert_row",
    filter: "((t.watched and t.active) or t.acknowledged_at is null) and t.muted is null",
    began: "raised_at",
    most: MAX_ALERTS,
};
const INCIDENTS: Listed = Listed {
    table: "incidents",
    log: "incident_log",
    row: "incident_row",
    filter: "t.status in ('open', 'in_progress')",
    began: "opened_at",
    most: MAX_INCIDENTS,
};

impl Listed {
    /// The number of the newest change, the gravest of the things as they are then, and how many had no room.
    async fn read(&self, pool: &PgPool, areas: &AreaScope) -> Result<(i64, Vec<String>, i64), sqlx::Error> {
        let Listed { table, log, row, filter, began, most } = self;
        // One statement, so that number and things are of the same moment.
        let sql = format!(
            "with open as (select t.seq, array_position(array['critical', 'high', 'medium', 'low'], t.severity) as rank,
                 t.{began} as began, t.id, count(*) over () as \"all\" from {table} t
               where {filter} and ($2::text[] is null or t.area = any($2))
               order by rank, began desc, t.id desc limit $1)
             select coalesce((select max(seq) from {log}), 0),
               array(select l.{row}::text from open o join {log} l on l.seq = o.seq order by o.rank, o.began desc, o.id desc),
               coalesce((select o.\"all\" from open o limit 1), 0)"
        );
        let read: (i64, Vec<String>, i64) =
            sqlx::query_as(AssertSqlSafe(sql)).bind(most).bind(areas.bind()).fetch_one(pool).await?;
        let (seq, sent, all) = read;
        let left_out = all.saturating_sub(i64::try_from(sent.len()).unwrap_or(i64::MAX)).max(0);
        Ok((seq, sent, left_out))
    }
}

async fn state(pool: &PgPool, areas: &AreaScope, now: DateTime<Utc>) -> Result<Start, sqlx::Error> {
    let (seq, alerts, more_alerts) = ALERTS.read(pool, areas).await?;
    let (incident_seq, incidents, more_incidents) = INCIDENTS.read(pool, areas).await?;
    let seqs = Seqs { alerts: seq, incidents: incident_seq };
    let left_out = (more_alerts, more_incidents);
    Ok(Start { frames: vec![frame::snapshot(seqs, (&alerts, &incidents), left_out, now)], seqs })
}
