//! Rows of the time series as columns: one array a column, one statement a table, `insert … select unnest(…)`.

use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, Decoded, EdgeId, EventData, Loss, ObservationData, TrackData};
use sqlx::{PgConnection, Row as _};
use std::collections::HashSet;
use std::fmt::Write as _;
use uuid::Uuid;

/// What every table's row has.
pub(crate) struct Head<'a> {
    pub(crate) edge: &'a EdgeId,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) message: &'a Decoded,
}

impl Head<'_> {
    pub(crate) fn number(&self) -> (Uuid, u64) {
        (self.message.envelope.outbox.0, self.message.envelope.sequence)
    }

    fn camera(&self) -> Option<&str> {
        self.message.camera.as_ref().map(CameraId::as_str)
    }
}

/// Which numbers the database took as new.
#[derive(Debug)]
pub(crate) enum New {
    All,
    Only(HashSet<(Uuid, u64)>),
}

impl New {
    /// Whether the number is new. One that stands twice in a batch is new once.
    pub(crate) fn take(&mut self, number: (Uuid, u64)) -> bool {
        match self {
            New::All => true,
            New::Only(numbers) => numbers.remove(&number),
        }
    }
}

fn sequence(number: u64) -> i64 {
    i64::try_from(number).expect("the protocol refuses numbers from 2^63 on")
}

/// A value for the index beside the whole body in `data`; one that does not fit stays only there.
fn small(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

struct Keys {
    time: Vec<DateTime<Utc>>,
    outbox: Vec<Uuid>,
    sequence: Vec<i64>,
    received_at: Vec<DateTime<Utc>>,
}

fn keys<'a>(heads: impl Iterator<Item = &'a Head<'a>> + Clone) -> Keys {
    Keys {
        time: heads.clone().map(|head| head.message.envelope.time).collect(),
        outbox: heads.clone().map(|head| head.message.envelope.outbox.0).collect(),
        sequence: heads.clone().map(|head| sequence(head.message.envelope.sequence)).collect(),
        received_at: heads.map(|head| head.received_at).collect(),
    }
}

/// A statement that is being bound.
pub(crate) type Query = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

async fn insert(connection: &mut PgConnection, query: Query, sent: usize) -> Result<New, sqlx::Error> {
    let rows = query.fetch_all(connection).await?;
    if rows.len() == sent {
        return Ok(New::All);
    }
    let numbers = rows.iter().map(|row| {
        let sequence: i64 = row.try_get(1)?;
        Ok((row.try_get(0)?, sequence.unsigned_abs()))
    });
    Ok(New::Only(numbers.collect::<Result<_, sqlx::Error>>()?))
}

/// Inserts events; a row that is there already is left as it is.
pub(crate) async fn insert_events(
    connection: &mut PgConnection,
    rows: &[(Head<'_>, &EventData)],
) -> Result<New, sqlx::Error> {
    if rows.is_empty() {
        return Ok(New::All);
    }
    let query = sqlx::query(
        "insert into events (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, zone, track, \
           class, confidence, snapshot, data) \
         select t.time, t.outbox, t.sequence, t.received_at, t.id, t.edge, t.camera, t.kind, t.phase, t.rule, t.zone, \
           t.track, t.class, t.confidence, t.snapshot, t.data::jsonb \
         from unnest($1::timestamptz[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::uuid[], $6::text[], \
           $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], \
           $14::double precision[], $15::text[], $16::text[]) \
           as t (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, zone, track, class, \
             confidence, snapshot, data) \
         on conflict do nothing returning outbox, sequence",
    );
    insert(connection, bind_events(query, rows), rows.len()).await
}

/// Binds the sixteen columns of events, in the order of the table.
pub(crate) fn bind_events(query: Query, rows: &[(Head<'_>, &EventData)]) -> Query {
    let Keys { time, outbox, sequence, received_at } = keys(rows.iter().map(|(head, _)| head));
    query
        .bind(time)
        .bind(outbox)
        .bind(sequence)
        .bind(received_at)
        .bind(rows.iter().map(|(head, _)| head.message.envelope.id).collect::<Vec<_>>())
        .bind(rows.iter().map(|(head, _)| head.edge.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(head, _)| head.camera()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.kind.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.phase.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.rule.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.zone.as_ref().map(|zone| zone.as_str())).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.track.and_then(small)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.class.map(|class| class.as_str())).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.confidence).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, event)| event.snapshot.as_deref()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(head, _)| head.message.envelope.data.get()).collect::<Vec<_>>())
}

/// Inserts observations.
pub(crate) async fn insert_observations(
    connection: &mut PgConnection,
    rows: &[(Head<'_>, &ObservationData)],
) -> Result<New, sqlx::Error> {
    if rows.is_empty() {
        return Ok(New::All);
    }
    let Keys { time, outbox, sequence, received_at } = keys(rows.iter().map(|(head, _)| head));
    let query = sqlx::query(
        "insert into observations (time, outbox, sequence, received_at, edge, camera, quantity, zone, class, direction, \
           window_from, window_to, value, unit, coverage_s, config, to_zone, statistic, samples, plus_minus) \
         select * from unnest($1::timestamptz[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], \
           $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], \
           $13::double precision[], $14::text[], $15::double precision[], $16::bigint[], $17::text[], $18::text[], \
           $19::bigint[], $20::double precision[]) \
         on conflict do nothing returning outbox, sequence",
    )
    .bind(time)
    .bind(outbox)
    .bind(sequence)
    .bind(received_at)
    .bind(rows.iter().map(|(head, _)| head.edge.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(head, _)| head.camera()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.quantity.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.zone.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.class.map(|class| class.as_str())).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.direction.map(|direction| direction.as_str())).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.from).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.to).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.value).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.unit.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.coverage_s).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| small(data.config).unwrap_or(0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.to_zone.as_ref().map(|zone| zone.as_str())).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.statistic.map(|statistic| statistic.as_str())).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.samples.map(i64::from)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.plus_minus).collect::<Vec<_>>());
    insert(connection, query, rows.len()).await
}

/// Inserts trajectories.
pub(crate) async fn insert_tracks(
    connection: &mut PgConnection,
    rows: &[(Head<'_>, &TrackData)],
) -> Result<New, sqlx::Error> {
    if rows.is_empty() {
        return Ok(New::All);
    }
    let Keys { time, outbox, sequence, received_at } = keys(rows.iter().map(|(head, _)| head));
    // An array of arrays is a matrix to PostgreSQL, whose rows are equally long, so each goes as its text.
    let query = sqlx::query(
        "insert into tracks (time, outbox, sequence, received_at, edge, camera, track, class, confidence, track_from, \
           frame_width_px, frame_height_px, goes_on, model, config, points, unseen) \
         select t.time, t.outbox, t.sequence, t.received_at, t.edge, t.camera, t.track, t.class, t.confidence, \
           t.track_from, t.frame_width_px, t.frame_height_px, t.goes_on, t.model, t.config, t.points::smallint[], \
           t.unseen::smallint[] \
         from unnest($1::timestamptz[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], \
           $7::bigint[], $8::text[], $9::real[], $10::timestamptz[], $11::integer[], $12::integer[], \
           $13::boolean[], $14::text[], $15::bigint[], $16::text[], $17::text[]) \
           as t (time, outbox, sequence, received_at, edge, camera, track, class, confidence, track_from, \
             frame_width_px, frame_height_px, goes_on, model, config, points, unseen) \
         on conflict do nothing returning outbox, sequence",
    )
    .bind(time)
    .bind(outbox)
    .bind(sequence)
    .bind(received_at)
    .bind(rows.iter().map(|(head, _)| head.edge.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(head, _)| head.camera()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| small(data.track).unwrap_or(i64::MAX)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.class.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| single(data.confidence)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.from).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| i32::from(data.frame[0])).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| i32::from(data.frame[1])).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.goes_on).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| data.model.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| small(data.config).unwrap_or(0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| array(&data.points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, data)| Some(&data.unseen).filter(|u| !u.is_empty()).map(|u| array(u))).collect::<Vec<_>>());
    insert(connection, query, rows.len()).await
}

/// An array as PostgreSQL writes it.
fn array<T: std::fmt::Display>(values: &[T]) -> String {
    let mut text = String::from("{");
    for (i, value) in values.iter().enumerate() {
        // Writing to memory cannot fail.
        let _ = write!(text, "{}{value}", if i == 0 { "" } else { "," });
    }
    text.push('}');
    text
}

/// Inserts health messages.
pub(crate) async fn insert_health(
    connection: &mut PgConnection,
    rows: &[Head<'_>],
) -> Result<New, sqlx::Error> {
    if rows.is_empty() {
        return Ok(New::All);
    }
    let Keys { time, outbox, sequence, received_at } = keys(rows.iter());
    let query = sqlx::query(
        "insert into health (time, outbox, sequence, received_at, edge, data) \
         select t.time, t.outbox, t.sequence, t.received_at, t.edge, t.data::jsonb \
         from unnest($1::timestamptz[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[]) \
           as t (time, outbox, sequence, received_at, edge, data) \
         on conflict do nothing returning outbox, sequence",
    )
    .bind(time)
    .bind(outbox)
    .bind(sequence)
    .bind(received_at)
    .bind(rows.iter().map(|head| head.edge.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|head| head.message.envelope.data.get()).collect::<Vec<_>>());
    insert(connection, query, rows.len()).await
}

/// Inserts a declaration of loss; answers whether it is new.
pub(crate) async fn insert_loss(
    connection: &mut PgConnection,
    (head, lane, loss): (&Head<'_>, &str, &Loss),
) -> Result<bool, sqlx::Error> {
    let envelope = &head.message.envelope;
    let result = sqlx::query(
        "insert into losses (outbox, lane, sequence, edge, first_lost, last_lost, count, reason, declared_at, \
           received_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
    )
    .bind(envelope.outbox.0)
    .bind(lane)
    .bind(sequence(envelope.sequence))
    .bind(head.edge.as_str())
    .bind(small(loss.from).unwrap_or(i64::MAX))
    .bind(small(loss.to).unwrap_or(i64::MAX))
    .bind(small(loss.count).unwrap_or(i64::MAX))
    .bind(loss.reason.as_str())
    .bind(envelope.time)
    .bind(head.received_at)
    .execute(connection)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// In single precision: what is too small for it becomes 0. PostgreSQL's own cast would refuse the row.
#[allow(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
fn single(share: f64) -> f32 {
    share as f32
}
