//! The short way of a batch of nothing but new events, which is what a browser waits for: one statement looks, one writes
//! and commits, and no lock is held in between.
//!
//! The second statement writes only if everything is still as the first one saw it: the ledger's rows, the alerts, and the
//! log's next number, which two cannot both take. Otherwise nothing is written and the batch takes the long way, which
//! locks first. So what always holds for the long way holds here as well.

use super::alert_cameras::{Cameras, read_camera};
use super::alert_rows::{self, Changes, Known};
use super::columns::{self, Head};
use super::in_force::{InForce, places};
use super::item::{Content, Item};
use super::judge;
use super::ledger_rows::{self, Key, Rows};
use crate::alerts::store;
use crate::live::{Frame, Hub};
use crate::policy::{Fact, Judgement};
use chrono::{DateTime, Utc};
use ngatu_protocol::{Body, EdgeId, EventData, EventKind, Lane, Phase};
use sqlx::{PgConnection, Row as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

/// A judged batch, ready to be written.
pub(crate) struct Judged<'a> {
    events: Vec<(Head<'a>, &'a EventData)>,
    ledger: Rows,
    changes: Changes,
    now: DateTime<Utc>,
}

/// The ledger, the newest alert of each key, the cameras' names and the log's next number, in one look.
static LOOK: LazyLock<String> = LazyLock::new(|| {
    format!(
        "with l as materialized (select {} from unnest($1::uuid[], $2::text[]) as t (outbox, lane) \
           join ledger l on l.outbox = t.outbox and l.lane = t.lane), \
         a as materialized (select {}, {} \
           from (select n.* from unnest($3::text[]) as k (key) cross join lateral \
             (select * from alerts where alerts.key = k.key order by raised_at desc, id desc limit 1) n \
           union all select i.* from unnest($4::text[], $5::text[]) as k (edge, camera) cross join lateral ({}) i \
             where not i.key = any($3::text[])) a {}), \
         p as materialized (select c.edge as place_edge, c.id as place_camera, c.name as place_name, \
             c.lat as place_lat, c.lon as place_lon, c.area as place_area \
           from unnest($4::text[], $5::text[]) as k (edge, camera) \
           join cameras c on c.edge = k.edge and c.id = k.camera) \
         select s.next_seq, g.generation, l.*, a.*, p.* from ({}) s \
         cross join policy_state g \
         left join (l full join a on false full join p on false) on true",
        ledger_rows::COLUMNS,
        alert_rows::POLICYS,
        store::COLUMNS,
        alert_rows::inhibiting("k.edge", "k.camera", "$6::text[]"),
        store::JOINS,
        store::NEXT_SEQ
    )
});

/// Columns of events, alerts and ledger rows as the statement takes them.
const EVENT: &str = "timestamptz uuid bigint timestamptz uuid text text text text text text bigint text \
    double_precision text text";
const LEDGER: &str = "uuid text text text bigint bigint bigint bigint bigint bigint bigint";
const LEDGER_FOUND: &str = "timestamptz bigint";
const ALERT: &str = "uuid bigint text text text text text text text bool timestamptz timestamptz timestamptz timestamptz \
    bigint text double_precision jsonb text jsonb text text";
const ALERT_MORE: &str = "text jsonb jsonb bigint jsonb";

/// Writes it all, or fails by a division by zero. What is written waits for the lock of the log first, as everybody does.
static WRITE: LazyLock<String> = LazyLock::new(|| {
    let mut next = 1;
    let event = arrays(&mut next, EVENT);
    let ledger = arrays(&mut next, LEDGER);
    // The moment stands between the ledger's columns and those that follow.
    let now = next;
    next += 1;
    let (ledger_found, alert) = (arrays(&mut next, LEDGER_FOUND), arrays(&mut next, ALERT));
    // And again, with the channel and the bell, between those of the alerts.
    let (channel, bell) = (next + 1, next + 2);
    next += 3;
    let alert_more = arrays(&mut next, ALERT_MORE);
    let (events, rows, alerts) = (next, next + 1, next + 2);
    let lock = store::LOCK;
    format!(
        "with locked as materialized ({lock}), \
         inserted as (insert into events (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, zone, \
             track, class, confidence, snapshot, data) \
           select t.time, t.outbox, t.sequence, t.received_at, t.id, t.edge, t.camera, t.kind, t.phase, t.rule, t.zone, \
             t.track, t.class, t.confidence, t.snapshot, t.data::jsonb \
           from locked cross join unnest({event}) \
             as t (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, zone, track, class, \
               confidence, snapshot, data) \
           on conflict do nothing returning 1), \
         settled as (update ledger l set settled = t.settled::int8multirange, \
             lost_numbers = t.lost_numbers::int8multirange, upto = t.upto, highest = t.highest, received = t.received, \
             dead = t.dead, duplicates = t.duplicates, lost = t.lost, acked_before = t.acked_before, updated_at = ${now}::timestamptz \
           from locked cross join unnest({ledger}, {ledger_found}) \
             as t (outbox, lane, settled, lost_numbers, upto, highest, received, dead, duplicates, lost, acked_before, \
               found_at, found_count) \
           where l.outbox = t.outbox and l.lane = t.lane and l.updated_at = t.found_at \
             and l.received + l.dead + l.duplicates = t.found_count returning 1), \
         t as materialized (select t.* from locked cross join unnest({alert}, {alert_more}) \
           as t (id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, last_at, raised_at, \
             cleared_at, count, class, confidence, why, snapshot, open, change, alert_row, area, muted, detail, found_seq, found_open)), \
         raised as (insert into alerts (id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, \
             last_at, raised_at, cleared_at, count, class, confidence, why, snapshot, open, area, muted) \
           select id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, last_at, raised_at, \
             cleared_at, count, class, confidence, why, snapshot, open, area, muted from t where found_seq is null), \
         changed as (update alerts a set seq = t.seq, active = t.active, \
             watched = a.watched or t.active, first_at = t.first_at, last_at = t.last_at, \
             cleared_at = t.cleared_at, count = t.count, class = t.class, confidence = t.confidence, why = t.why, \
             snapshot = t.snapshot, open = t.open \
           from t where a.id = t.id and a.seq = t.found_seq and a.open = t.found_open returning 1), \
         logged as (insert into alert_log (seq, at, alert, change, alert_row, detail) \
           select seq, ${now}::timestamptz, id, change, alert_row::jsonb, coalesce(detail, '{{}}') from t where change is not null) \
         select 1 / (case when (select count(*) from inserted) = ${events}::bigint \
             and (select count(*) from settled) = ${rows}::bigint \
             and (select count(*) from changed) = ${alerts}::bigint then 1 else 0 end), \
           (select pg_notify(${channel}, ${bell}) where ${bell} is not null)"
    )
});

/// Parameters for arrays of these types, counting on from `next`.
fn arrays(next: &mut usize, types: &str) -> String {
    let arrays = types.split_whitespace().map(|of| {
        let array = format!("${next}::{}[]", of.replace('_', " "));
        *next += 1;
        array
    });
    arrays.collect::<Vec<_>>().join(", ")
}

/// The events of a batch that has nothing else.
pub(crate) fn only_events(items: &[Item]) -> Option<Vec<(Head<'_>, &EventData)>> {
    items.iter().map(event_of).collect()
}

fn event_of(item: &Item) -> Option<(Head<'_>, &EventData)> {
    match (&item.edge, &item.content) {
        (Some(edge), Content::Message(Lane::Events, decoded)) => match &decoded.body {
            Body::Event(event) => {
                Some((Head { edge, received_at: item.received_at, message: decoded }, event))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Looks and judges; none when the batch has something that the short way cannot do: a number that is here already, a start
/// whose end may be here already, an outbox of another edge, an end within a group of neighbours, an alert that becomes graver.
pub(crate) async fn judge<'a>(
    connection: &mut PgConnection,
    mut events: Vec<(Head<'a>, &'a EventData)>,
    touched: &BTreeMap<Key, Arc<EdgeId>>,
    in_force: Option<&InForce>,
    (hub, now): (&Hub, DateTime<Utc>),
) -> Result<Option<Judged<'a>>, sqlx::Error> {
    let Some(in_force) = in_force.filter(|known| !known.holds_off) else { return Ok(None) };
    events.sort_by_key(|(head, _)| head.number());
    let no_ends = HashMap::new();
    let facts: Vec<Fact<'_>> =
        events.iter().map(|(head, event)| judge::fact(head, event, &no_ends)).collect();
    let (says, keys) = in_force.say(&facts, now);
    if !in_force.members(&facts).is_empty() {
        return Ok(None);
    }
    let asked = Asked { keys, places: places(&facts), inhibiting: in_force.policy.inhibiting() };
    let Some((mut ledger, mut known, cameras)) =
        look(connection, (&asked, in_force.generation), touched).await?
    else {
        return Ok(None);
    };
    if !events.iter().all(|(head, event)| settle(&mut ledger, head, event)) {
        return Ok(None);
    }
    let mut judgement = Judgement::new(std::mem::take(&mut known.states), &asked.inhibiting);
    for (fact, says) in facts.iter().zip(&says) {
        judgement.take(fact, says, now, Uuid::now_v7);
    }
    let changes = alert_rows::number(known, judgement.changes(), &cameras, (hub, now))?;
    if changes.has_pending() || changes.is_more() {
        return Ok(None);
    }
    Ok(Some(Judged { events, ledger, changes, now }))
}

/// Settles a number; answers whether it is new and in order.
fn settle(ledger: &mut Rows, head: &Head<'_>, event: &EventData) -> bool {
    let (outbox, sequence) = head.number();
    let key = (outbox, Lane::Events);
    let is_late = ledger.get(key).is_some_and(|row| sequence <= row.highest_before);
    if !ledger.belongs(key, head.edge) || (is_late && event.phase == Phase::Start) {
        return false;
    }
    let Some(ledger) = ledger.ledger(key) else { return false };
    if ledger.settled.contains(sequence) {
        return false;
    }
    let before = ledger.received;
    ledger.stored(sequence, true);
    ledger.received > before
}

/// What the look asks for.
struct Asked<'a> {
    keys: BTreeSet<String>,
    places: BTreeSet<(&'a str, &'a str)>,
    inhibiting: Vec<EventKind>,
}

/// Nothing when the policy is not the newest.
async fn look(
    connection: &mut PgConnection,
    (asked, generation): (&Asked<'_>, i64),
    touched: &BTreeMap<Key, Arc<EdgeId>>,
) -> Result<Option<(Rows, Known, Cameras)>, sqlx::Error> {
    let Asked { keys, places, inhibiting } = asked;
    let rows = sqlx::query(LOOK.as_str())
        .bind(touched.keys().map(|(outbox, _)| *outbox).collect::<Vec<_>>())
        .bind(touched.keys().map(|(_, lane)| lane.as_str()).collect::<Vec<_>>())
        .bind(keys.iter().map(String::as_str).collect::<Vec<_>>())
        .bind(places.iter().map(|(edge, _)| *edge).collect::<Vec<_>>())
        .bind(places.iter().map(|(_, camera)| *camera).collect::<Vec<_>>())
        .bind(inhibiting.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    let (mut known, mut cameras, mut ledger) = (Known::default(), Cameras::new(), Vec::new());
    for row in &rows {
        known.next_seq = row.try_get("next_seq")?;
        if row.try_get::<i64, _>("generation")? != generation {
            return Ok(None);
        }
        if row.try_get::<Option<Uuid>, _>("outbox")?.is_some() {
            ledger.push(row);
        } else if row.try_get::<Option<Uuid>, _>("id")?.is_some() {
            known.keep(row)?;
        } else if row.try_get::<Option<&str>, _>("place_camera")?.is_some() {
            cameras.extend([read_camera(row)?]);
        }
    }
    Ok(Some((Rows::read(ledger.into_iter())?, known, cameras)))
}

impl Judged<'_> {
    /// A row that is there exactly if this was committed, because nobody else has it received at the same moment.
    pub(crate) fn witness(&self) -> Option<Witness> {
        let (head, _) = self.events.first()?;
        let (outbox, sequence) = head.number();
        let (time, received_at) = (head.message.envelope.time, head.received_at);
        Some(Witness { time, outbox, sequence: i64::try_from(sequence).ok()?, received_at })
    }

    /// Writes and commits in one statement. Answers with nothing when something was not as it was seen; nothing is written
    /// then.
    pub(crate) async fn write(self, connection: &mut PgConnection) -> Result<Option<Written>, sqlx::Error> {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let query = columns::bind_events(sqlx::query(WRITE.as_str()), &self.events);
        let query = self.ledger.bind_found(self.ledger.bind(query, self.now));
        let query = self.changes.bind_found(self.changes.bind(query, self.now));
        // All of the answer is waited for: the commit comes after the rows.
        let written = query
            .bind(count(self.events.len()))
            .bind(count(self.ledger.len()))
            .bind(count(self.changes.count_found()))
            .execute(connection)
            .await;
        match written {
            Ok(_) => Ok(Some(Written { ledger: self.ledger, news: self.changes.news })),
            Err(sqlx::Error::Database(error)) if is_undone(error.code().as_deref()) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether the code says that the statement was undone: by its data, by a constraint or by a conflict.
fn is_undone(code: Option<&str>) -> bool {
    code.is_some_and(|code| ["22", "23", "40", "54"].iter().any(|class| code.starts_with(class)))
}

/// What was committed.
pub(crate) struct Written {
    pub(crate) ledger: Rows,
    pub(crate) news: Vec<Frame>,
}

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Witness {
    time: DateTime<Utc>,
    outbox: Uuid,
    sequence: i64,
    received_at: DateTime<Utc>,
}

impl Witness {
    /// Whether the row is there.
    pub(crate) async fn is_there(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar(
            "select exists (select from events where time = $1 and outbox = $2 and sequence = $3 and received_at = $4)",
        )
        .bind(self.time)
        .bind(self.outbox)
        .bind(self.sequence)
        .bind(self.received_at)
        .fetch_one(connection)
        .await
    }
}
