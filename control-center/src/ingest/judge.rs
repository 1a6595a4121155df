//! Puts a batch's new events before the policy and stores what it decides, inside ingest's transaction.

use super::columns::Head;
use crate::alerts::store::{self, LogEntry};
use crate::alerts::{Alert, Change};
use crate::policy::{AlertState, Changed, Fact, Judgement, Newest, Open, Orphans, Subject};
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId, EventData, Phase};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// What the policy judges.
#[derive(Default)]
pub(crate) struct Case<'a> {
    /// New events, with whether a higher number of their outbox had arrived before.
    pub(crate) events: Vec<(Head<'a>, &'a EventData, bool)>,
    /// Edges with starts that no event of their own will end.
    pub(crate) orphans: Vec<(Arc<EdgeId>, Orphans)>,
}

/// The columns of an [`AlertState`].
const STATE: &str = "a.id, a.key, a.active, a.first_at, a.last_at, a.cleared_at, a.count, a.class, a.confidence, \
    a.why, a.snapshot, a.open";

/// Judges, stores the alerts, appends to the log and rings the bell.
pub(crate) async fn judge(
    connection: &mut PgConnection,
    mut case: Case<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if case.events.is_empty() && case.orphans.is_empty() {
        return Ok(());
    }
    case.events.sort_by_key(|(head, ..)| head.number());
    let ends = find_ends(connection, &case).await?;
    let facts: Vec<Fact<'_>> = case.events.iter().map(|(head, event, _)| fact(head, event, &ends)).collect();
    // The lock comes before the alerts are read: nobody changes them between our look and our write.
    let seq = store::next_seq(connection).await?;
    let mut judgement = Judgement::new(load(connection, &facts, &case.orphans).await?);
    for fact in &facts {
        judgement.take(fact, Uuid::now_v7);
    }
    for (edge, orphans) in &case.orphans {
        judgement.close(edge, orphans);
    }
    // Each change that people hear of has a number; what only policy must remember keeps the alert's old one.
    let mut next = seq;
    let mut changes = Vec::new();
    for changed in judgement.changes() {
        let seq = changed.change.map(|_| next);
        next += i64::from(seq.is_some());
        changes.push((seq, changed));
    }
    save(connection, &changes, now).await?;
    log(connection, &changes, now).await
}

fn fact<'a>(head: &Head<'a>, event: &'a EventData, ends: &HashMap<(Uuid, u64), DateTime<Utc>>) -> Fact<'a> {
    let envelope = &head.message.envelope;
    Fact {
        edge: head.edge,
        camera: head.message.camera.as_ref(),
        event,
        time: envelope.time,
        outbox: envelope.outbox,
        sequence: envelope.sequence,
        ended_at: ends.get(&head.number()).copied(),
    }
}

/// For starts that arrive out of order: whether their end is here already.
async fn find_ends(
    connection: &mut PgConnection,
    case: &Case<'_>,
) -> Result<HashMap<(Uuid, u64), DateTime<Utc>>, sqlx::Error> {
    let mut ends = HashMap::new();
    // `is not distinct from` cannot use the index, and nearly every event has a camera: so two statements.
    for (with_camera, same_camera) in [(true, "e.camera = s.camera"), (false, "e.camera is null")] {
        let late: Vec<_> = case
            .events
            .iter()
            .filter(|(head, event, late)| {
                *late && event.phase == Phase::Start && head.message.camera.is_some() == with_camera
            })
            .collect();
        if late.is_empty() {
            continue;
        }
        let sql = format!(
            "select s.outbox, s.sequence, f.time \
             from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], \
               $8::bigint[]) as s (outbox, sequence, time, edge, camera, rule, kind, track) \
             cross join lateral (select e.time from events e where e.edge = s.edge and {same_camera} \
               and e.time between s.time - interval '1 hour' and s.time + interval '2 days' \
               and e.outbox = s.outbox and e.sequence > s.sequence and e.phase = 'end' and e.rule = s.rule \
               and e.kind = s.kind and e.track is not distinct from s.track order by e.sequence limit 1) f"
        );
        let bigint = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(late.iter().map(|(head, ..)| head.number().0).collect::<Vec<_>>())
            .bind(late.iter().map(|(head, ..)| bigint(head.number().1)).collect::<Vec<_>>())
            .bind(late.iter().map(|(head, ..)| head.message.envelope.time).collect::<Vec<_>>())
            .bind(late.iter().map(|(head, ..)| head.edge.as_str()).collect::<Vec<_>>())
            .bind(
                late.iter()
                    .map(|(head, ..)| head.message.camera.as_ref().map(CameraId::as_str))
                    .collect::<Vec<_>>(),
            )
            .bind(late.iter().map(|(_, event, _)| event.rule.as_str()).collect::<Vec<_>>())
            .bind(late.iter().map(|(_, event, _)| event.kind.as_str()).collect::<Vec<_>>())
            .bind(
                late.iter()
                    .map(|(_, event, _)| event.track.and_then(|track| i64::try_from(track).ok()))
                    .collect::<Vec<_>>(),
            )
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let sequence: i64 = row.try_get(1)?;
            ends.insert((row.try_get(0)?, sequence.unsigned_abs()), row.try_get(2)?);
        }
    }
    Ok(ends)
}

/// The newest alert of each key that is touched, and every active one of an edge with orphans.
async fn load(
    connection: &mut PgConnection,
    facts: &[Fact<'_>],
    orphans: &[(Arc<EdgeId>, Orphans)],
) -> Result<Vec<AlertState>, sqlx::Error> {
    let keys: BTreeSet<String> = facts.iter().map(Fact::key).collect();
    let sql = format!(
        "select {STATE} from unnest($1::text[]) as k (key) cross join lateral \
           (select * from alerts where alerts.key = k.key order by active desc, raised_at desc, id desc limit 1) a"
    );
    let mut rows = sqlx::query(AssertSqlSafe(sql))
        .bind(keys.iter().map(String::as_str).collect::<Vec<_>>())
        .fetch_all(&mut *connection)
        .await?;
    if !orphans.is_empty() {
        let edges: Vec<&str> = orphans.iter().map(|(edge, _)| edge.as_str()).collect();
        let sql = format!("select {STATE} from alerts a where a.active and a.edge = any($1)");
        let of_edges = sqlx::query(AssertSqlSafe(sql)).bind(edges).fetch_all(connection).await?;
        for row in of_edges {
            let key: String = row.try_get("key")?;
            if !keys.contains(&key) {
                rows.push(row);
            }
        }
    }
    rows.iter().map(read_state).collect()
}

fn read_state(row: &sqlx::postgres::PgRow) -> Result<AlertState, sqlx::Error> {
    let open: sqlx::types::Json<Vec<Open>> = row.try_get("open")?;
    Ok(AlertState {
        id: row.try_get("id")?,
        key: row.try_get("key")?,
        active: row.try_get("active")?,
        first_at: row.try_get("first_at")?,
        last_at: row.try_get("last_at")?,
        cleared_at: row.try_get("cleared_at")?,
        count: row.try_get("count")?,
        newest: Newest {
            class: row.try_get("class")?,
            confidence: row.try_get("confidence")?,
            why: row.try_get("why")?,
            snapshot: row.try_get("snapshot")?,
        },
        open: open.0,
    })
}

async fn save(
    connection: &mut PgConnection,
    changes: &[(Option<i64>, Changed)],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for (seq, changed) in changes {
        if let (Some(seq), Some(subject)) = (seq, &changed.subject) {
            insert(connection, (&changed.state, subject), *seq, now).await?;
        }
    }
    let known: Vec<_> = changes.iter().filter(|(_, changed)| changed.subject.is_none()).collect();
    if known.is_empty() {
        return Ok(());
    }
    let states = || known.iter().map(|(_, changed)| &changed.state);
    sqlx::query(
        "update alerts a set seq = coalesce(t.seq, a.seq), active = t.active, first_at = t.first_at, last_at = t.last_at, \
           cleared_at = t.cleared_at, count = t.count, class = t.class, confidence = t.confidence, why = t.why, \
           snapshot = t.snapshot, open = t.open \
         from unnest($1::uuid[], $2::bigint[], $3::bool[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], \
           $7::bigint[], $8::text[], $9::double precision[], $10::text[], $11::text[], $12::jsonb[]) \
           as t (id, seq, active, first_at, last_at, cleared_at, count, class, confidence, why, snapshot, open) \
         where a.id = t.id",
    )
    .bind(states().map(|state| state.id).collect::<Vec<_>>())
    .bind(known.iter().map(|(seq, _)| *seq).collect::<Vec<_>>())
    .bind(states().map(|state| state.active).collect::<Vec<_>>())
    .bind(states().map(|state| state.first_at).collect::<Vec<_>>())
    .bind(states().map(|state| state.last_at).collect::<Vec<_>>())
    .bind(states().map(|state| state.cleared_at).collect::<Vec<_>>())
    .bind(states().map(|state| state.count).collect::<Vec<_>>())
    .bind(states().map(|state| state.newest.class.as_deref()).collect::<Vec<_>>())
    .bind(states().map(|state| state.newest.confidence).collect::<Vec<_>>())
    .bind(states().map(|state| state.newest.why.as_deref()).collect::<Vec<_>>())
    .bind(states().map(|state| state.newest.snapshot.as_deref()).collect::<Vec<_>>())
    .bind(states().map(|state| sqlx::types::Json(state.open.clone())).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// New alerts are rare: one statement each.
async fn insert(
    connection: &mut PgConnection,
    (state, subject): (&AlertState, &Subject),
    seq: i64,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into alerts (id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, last_at, \
           raised_at, cleared_at, count, class, confidence, why, snapshot, open) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    )
    .bind(state.id)
    .bind(seq)
    .bind(&state.key)
    .bind(subject.kind)
    .bind(subject.severity.as_str())
    .bind(&subject.edge)
    .bind(&subject.camera)
    .bind(&subject.rule)
    .bind(&subject.zone)
    .bind(state.active)
    .bind(state.first_at)
    .bind(state.last_at)
    .bind(now)
    .bind(state.cleared_at)
    .bind(state.count)
    .bind(&state.newest.class)
    .bind(state.newest.confidence)
    .bind(&state.newest.why)
    .bind(&state.newest.snapshot)
    .bind(sqlx::types::Json(&state.open))
    .execute(connection)
    .await?;
    Ok(())
}

async fn log(
    connection: &mut PgConnection,
    changes: &[(Option<i64>, Changed)],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let news: HashMap<Uuid, Change> =
        changes.iter().filter_map(|(_, changed)| Some((changed.state.id, changed.change?))).collect();
    if news.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = news.keys().copied().collect();
    let sql = format!("{} where a.id = any($1) order by a.seq", store::SELECT);
    let alerts: Vec<Alert> = sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *connection).await?;
    let entries: Vec<LogEntry<'_>> = alerts
        .iter()
        .filter_map(|alert| Some(LogEntry { change: *news.get(&alert.id)?, actor: None, alert }))
        .collect();
    store::append(connection, &entries, now).await
}
