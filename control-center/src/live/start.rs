//! What a client gets first: the state, or the changes that it missed.

use super::Frame;
use super::frame::{self, LogRow};
use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Larger gaps are answered with the state.
const MAX_GAP: i64 = 5000;
const MAX_ALERTS: i64 = 5000;

/// The first frames, and the number of the last change in them.
pub(super) struct Start {
    pub(super) frames: Vec<Utf8Bytes>,
    pub(super) seq: i64,
}

/// The gap after `after` when it is small enough and the log knows that number, else the state.
pub(super) async fn read(
    pool: &PgPool,
    after: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Start, sqlx::Error> {
    match after {
        Some(after) => match gap(pool, after, now).await? {
            Some(start) => Ok(start),
            None => state(pool, now).await,
        },
        None => state(pool, now).await,
    }
}

async fn gap(pool: &PgPool, after: i64, now: DateTime<Utc>) -> Result<Option<Start>, sqlx::Error> {
    let newest: i64 =
        sqlx::query_scalar("select coalesce(max(seq), 0) from alert_log").fetch_one(pool).await?;
    // A number from the future comes from another database's life.
    if !(0..=newest).contains(&after) || newest - after > MAX_GAP {
        return Ok(None);
    }
    let rows: Vec<LogRow> = sqlx::query_as(
        "select seq, change, alert_row::text from alert_log where seq > $1 order by seq limit $2",
    )
    .bind(after)
    .bind(MAX_GAP + 1)
    .fetch_all(pool)
    .await?;
    // Numbers are dense: a first row that is not the next one means that older rows are gone.
    if rows.first().is_some_and(|row| row.0 != after + 1) || (rows.is_empty() && newest > after) {
        return Ok(None);
    }
    let seq = rows.last().map_or(after, |row| row.0);
    let mut frames: Vec<_> = rows.iter().map(|row| Frame::of_row(row).text).collect();
    frames.push(frame::heartbeat(seq, now));
    Ok(Some(Start { frames, seq }))
}

async fn state(pool: &PgPool, now: DateTime<Utc>) -> Result<Start, sqlx::Error> {
    // One statement, so that number and alerts are of the same moment.
    let (seq, alerts): (i64, Vec<String>) = sqlx::query_as(
        "select coalesce((select max(seq) from alert_log), 0),
           array(select l.alert_row::text from alerts a join alert_log l on l.seq = a.seq
                 where a.active or a.acknowledged_at is null order by a.raised_at desc, a.id desc limit $1)",
    )
    .bind(MAX_ALERTS)
    .fetch_one(pool)
    .await?;
    Ok(Start { frames: vec![frame::snapshot(seq, &alerts, now)], seq })
}
