//! Puts a batch's new events before the policy and stores what it decides, inside ingest's transaction.

use super::alert_rows;
use super::columns::Head;
use super::in_force::{InForce, places};
use super::ledger_rows::Rows;
use crate::live::{Frame, Hub};
use crate::policy::{Fact, Judgement, Orphans};
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId, EventData, Phase};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use std::collections::HashMap;
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

/// Judges, stores the ledger and the alerts, appends to the log and rings the bell; answers what to hand to the hub after
/// COMMIT. The log is locked since the transaction began: nobody changes alerts between our look and our write.
pub(crate) async fn judge(
    connection: &mut PgConnection,
    mut case: Case<'_>,
    ledger: &Rows,
    in_force: &mut Option<InForce>,
    (hub, now): (&Hub, DateTime<Utc>),
) -> Result<Vec<Frame>, sqlx::Error> {
    if case.events.is_empty() && case.orphans.is_empty() {
        ledger.store(connection, now).await?;
        return Ok(Vec::new());
    }
    case.events.sort_by_key(|(head, ..)| head.number());
    let ends = find_ends(connection, &case).await?;
    let facts: Vec<Fact<'_>> = case.events.iter().map(|(head, event, _)| fact(head, event, &ends)).collect();
    InForce::refresh(in_force, connection, now).await?;
    let Some(in_force) = in_force else { return Err(sqlx::Error::RowNotFound) };
    let (says, keys) = in_force.say(&facts, now);
    let members = in_force.members(&facts);
    let mut known = alert_rows::load(connection, (&keys, &case.orphans), (ledger, now)).await?;
    if in_force.holds_off {
        alert_rows::load_pending(connection, &mut known, (&keys, &case.orphans), &members).await?;
    }
    alert_rows::load_groups(connection, &mut known, &members).await?;
    let inhibiting = in_force.policy.inhibiting();
    alert_rows::load_inhibiting(connection, &mut known, (&inhibiting, &places(&facts))).await?;
    let mut judgement = Judgement::new(std::mem::take(&mut known.states), &inhibiting);
    for (fact, says) in facts.iter().zip(&says) {
        judgement.take(fact, says, now, Uuid::now_v7);
    }
    for (edge, orphans) in &case.orphans {
        judgement.close(edge, orphans, now);
    }
    alert_rows::save(connection, known, judgement.changes(), (hub, now)).await
}

/// The event as policy sees it; `ends` has the ends of starts that came late.
pub(crate) fn fact<'a>(
    head: &Head<'a>,
    event: &'a EventData,
    ends: &HashMap<(Uuid, u64), DateTime<Utc>>,
) -> Fact<'a> {
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
