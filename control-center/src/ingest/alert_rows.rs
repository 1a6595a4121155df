//! Alerts as the policy needs them out of the database, and what it decided back in: one statement each way, because each
//! costs a browser's frame a round trip.

use super::alert_cameras::{Cameras, find_cameras};
use super::columns::Query;
use super::ledger_rows::{Rows, STORE, STORE_PARAMETERS};
use super::write::is_poison;
use crate::alerts::store::{self, snapshot_url};
use crate::alerts::{Alert, Change, Mute, Reason, Severity};
use crate::database::CHANNEL_ALERTS;
use crate::incidents;
use crate::live::{Frame, Hub};
use crate::policy::{AlertState, Changed, Graver, Newest, Open, Orphans, Subject};
use chrono::{DateTime, SubsecRound as _, Utc};
use ngatu_protocol::{EdgeId, EventKind};
use serde_json::{Value, json};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Connection as _, FromRow as _, PgConnection, Row as _};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// What is known before the judgement.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// For the policy.
    pub(crate) states: Vec<AlertState>,
    /// The same alerts as the API shows them.
    alerts: HashMap<Uuid, (Alert, Vec<Open>)>,
    /// The next number of the alert log.
    pub(crate) next_seq: i64,
}

impl Known {
    /// Keeps an alert: a row of [`store::COLUMNS`] and [`POLICYS`].
    pub(crate) fn keep(&mut self, row: &PgRow) -> Result<(), sqlx::Error> {
        let state = read_state(row)?;
        self.alerts.insert(state.id, (Alert::from_row(row)?, state.open.clone()));
        self.states.push(state);
        Ok(())
    }
}

/// What the policy alone must know of `a` (alerts).
pub(crate) const POLICYS: &str = "a.key, a.open, a.wants_incident";

/// Writes the ledger back, and reads the newest alert of each key that is touched, every active one of an edge with orphans,
/// and the next number. A key's active alert is its newest one: while it is active no other is raised.
pub(crate) async fn load(
    connection: &mut PgConnection,
    (touched, orphans): (&BTreeSet<String>, &[(Arc<EdgeId>, Orphans)]),
    (ledger, now): (&Rows, DateTime<Utc>),
) -> Result<Known, sqlx::Error> {
    let of_orphans: Vec<&str> = orphans.iter().map(|(edge, _)| edge.as_str()).collect();
    let (keys, edges) = (STORE_PARAMETERS + 1, STORE_PARAMETERS + 2);
    // The number comes even when there is no alert.
    let sql = format!(
        "with stored as ({STORE}) \
         select s.next_seq, {POLICYS}, {} from ({}) s \
         left join (select n.* from unnest(${keys}::text[]) as k (key) cross join lateral \
             (select * from alerts where alerts.key = k.key order by raised_at desc, id desc limit 1) n \
           union all select * from alerts where watched and active and not key = any(${keys}) \
             and (edge = any(${edges}) or (key like '~%' and cardinality(${edges}::text[]) > 0))) a on true {}",
        store::COLUMNS,
        store::NEXT_SEQ,
        store::JOINS
    );
    let rows = ledger
        .bind(sqlx::query(AssertSqlSafe(sql)), now)
        .bind(touched.iter().map(String::as_str).collect::<Vec<_>>())
        .bind(of_orphans)
        .fetch_all(connection)
        .await?;
    let mut known = Known::default();
    for row in &rows {
        known.next_seq = row.try_get("next_seq")?;
        if row.try_get::<Option<Uuid>, _>("id")?.is_some() {
            known.keep(row)?;
        }
    }
    Ok(known)
}

/// What is held off under these keys or at these edges.
pub(crate) async fn load_pending(
    connection: &mut PgConnection,
    known: &mut Known,
    (touched, orphans): (&BTreeSet<String>, &[(Arc<EdgeId>, Orphans)]),
    members: &[String],
) -> Result<(), sqlx::Error> {
    let states: Vec<Json<AlertState>> = sqlx::query_scalar(
        "select state from alert_pending where key = any($1) or edge = any($2) \
           or (key like '~%' and cardinality($2::text[]) > 0) \
           or (key like '~%' and exists (select from jsonb_array_elements(state -> 'open') as o \
             where o ->> 'member' = any($3)))",
    )
    .bind(touched.iter().map(String::as_str).collect::<Vec<_>>())
    .bind(orphans.iter().map(|(edge, _)| edge.as_str()).collect::<Vec<_>>())
    .bind(members)
    .fetch_all(connection)
    .await?;
    known.states.extend(states.into_iter().map(|state| state.0));
    Ok(())
}

/// The active groups of neighbours in which one of these members is open. Which camera a group is named after changes with
/// the city, so an end finds its group by the start that it ends.
pub(crate) async fn load_groups(
    connection: &mut PgConnection,
    known: &mut Known,
    members: &[String],
) -> Result<(), sqlx::Error> {
    if members.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "select {POLICYS}, {} from alerts a {} where a.watched and a.active and a.key like '~%' \
           and exists (select from jsonb_array_elements(a.open) as o where o ->> 'member' = any($1))",
        store::COLUMNS,
        store::JOINS
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(members).fetch_all(connection).await?;
    for row in &rows {
        if !known.alerts.contains_key(&row.try_get::<Uuid, _>("id")?) {
            known.keep(row)?;
        }
    }
    Ok(())
}

/// The query of the active alerts of some kinds at a camera. It goes by the few that are watched there: an index by kind would
/// lead to all that ever were, which a plan made for an empty table may prefer, and keeps.
pub(crate) fn inhibiting(edge: &str, camera: &str, kinds: &str) -> String {
    format!(
        "select i.* from alerts i where i.edge = {edge} and i.camera = {camera} and i.watched and i.active \
           and (i.kind || '') = any({kinds})"
    )
}

/// The active alerts of these kinds at these cameras, which inhibit others.
pub(crate) async fn load_inhibiting(
    connection: &mut PgConnection,
    known: &mut Known,
    (kinds, places): (&[EventKind], &BTreeSet<(&str, &str)>),
) -> Result<(), sqlx::Error> {
    if kinds.is_empty() || places.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "select {POLICYS}, {} from unnest($2::text[], $3::text[]) as k (edge, camera) \
         cross join lateral ({}) a {}",
        store::COLUMNS,
        inhibiting("k.edge", "k.camera", "$1::text[]"),
        store::JOINS
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
        .bind(places.iter().map(|(edge, _)| *edge).collect::<Vec<_>>())
        .bind(places.iter().map(|(_, camera)| *camera).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    for row in &rows {
        if !known.alerts.contains_key(&row.try_get::<Uuid, _>("id")?) {
            known.keep(row)?;
        }
    }
    Ok(())
}

fn read_state(row: &PgRow) -> Result<AlertState, sqlx::Error> {
    let open: Json<Vec<Open>> = row.try_get("open")?;
    let (kind, edge): (String, String) = (row.try_get("kind")?, row.try_get("edge")?);
    let severity: &str = row.try_get("severity")?;
    let camera: Option<String> = row.try_get("camera")?;
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
            why: row.try_get::<Option<Json<Reason>>, _>("why")?.map(|why| why.0),
            snapshot: row.try_get("snapshot")?,
        },
        open: open.0,
        kind: EventKind::parse(&kind).unwrap_or(EventKind::Intrusion),
        source: camera.map_or_else(|| edge.clone(), |camera| format!("{edge}/{camera}")),
        // The table's check allows only these words.
        severity: Severity::parse(severity).unwrap_or(Severity::Low),
        incident: row.try_get("wants_incident")?,
        muted: row.try_get::<Option<Json<Mute>>, _>("muted")?.map(|mute| mute.0),
        pending: None,
    })
}

/// A row to write.
struct Row {
    alert: Alert,
    state: AlertState,
    /// What people hear of it, if they do.
    change: Option<&'static str>,
    /// Why, for the log.
    detail: Option<Value>,
    /// Whether it is written in more than the usual columns.
    more: Option<More>,
    /// Of one that was there: its number and its open tracks as they were.
    found: Option<(i64, Vec<Open>)>,
}

/// What seldom changes of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    /// It is new and wants an incident, or the policy mutes it no longer.
    Noted,
    /// It became graver, so what people did with it before no longer holds.
    Reopened,
}

/// What to write, and the news of it.
pub(crate) struct Changes {
    rows: Vec<Row>,
    bodies: Vec<String>,
    /// In the order of their numbers.
    pub(crate) news: Vec<Frame>,
    /// What the doorbell says, if there is news.
    bell: Option<String>,
    /// What is held off, to remember.
    pending: Vec<AlertState>,
    /// What no longer is.
    gone: Vec<Uuid>,
    /// Alerts that call people now and of which the policy says that an incident is opened at once.
    for_incidents: Vec<Alert>,
    /// Alerts that were there and became graver.
    graver: Vec<Alert>,
}

/// Stores alerts and log, and rings the bell if there is news; answers the news.
pub(crate) async fn save(
    connection: &mut PgConnection,
    known: Known,
    changes: Vec<Changed>,
    (hub, now): (&Hub, DateTime<Utc>),
) -> Result<Vec<Frame>, sqlx::Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let cameras = find_cameras(connection, &changes).await?;
    let changes = number(known, changes, &cameras, (hub, now))?;
    write(connection, &changes, now).await?;
    if changes.is_more() {
        changes.write_more(connection).await?;
        open_incidents(connection, &changes, now).await?;
    }
    Ok(changes.news)
}

/// Gives each change that people hear of its number in the log.
pub(crate) fn number(
    mut known: Known,
    changes: Vec<Changed>,
    cameras: &Cameras,
    (hub, now): (&Hub, DateTime<Utc>),
) -> Result<Changes, sqlx::Error> {
    let (mut rows, mut pending, mut gone) = (Vec::with_capacity(changes.len()), Vec::new(), Vec::new());
    let (mut for_incidents, mut all_graver) = (Vec::new(), Vec::new());
    for changed in changes {
        let is_dropped = changed.is_dropped();
        let Changed { change, state, subject, graver, was_pending } = changed;
        if state.pending.is_some() {
            pending.push(state);
            continue;
        }
        if was_pending {
            gone.push(state.id);
        }
        if is_dropped {
            continue;
        }
        let mut detail = graver.as_ref().map(why_graver);
        let more = match (&graver, &subject) {
            (Some(_), _) => Some(More::Reopened),
            (None, Some(_)) => state.incident.then_some(More::Noted),
            (None, None) => (change == Some(Change::Raised)).then_some(More::Noted),
        };
        let (alert, found) = match subject {
            Some(subject) => {
                detail = Some(why_raised(&subject));
                (new_alert(subject, &state, cameras, now), None)
            }
            None => {
                let (alert, open) = known.alerts.remove(&state.id).ok_or(sqlx::Error::RowNotFound)?;
                let found = Some((alert.seq, open));
                (alert, found)
            }
        };
        let mut alert = shown(alert, &state);
        if more == Some(More::Reopened) {
            (alert.acknowledged_at, alert.acknowledged_by) = (None, None);
            (alert.shelved, alert.verdict) = (None, None);
        }
        // What people hear of has a number; what only policy must remember keeps the alert's old one.
        if change.is_some() {
            alert.seq = known.next_seq;
            known.next_seq += 1;
        }
        // A muted alert calls nobody; one that is back does.
        if change == Some(Change::Raised) && state.incident {
            for_incidents.push(alert.clone());
        }
        if graver.is_some() {
            all_graver.push(alert.clone());
        }
        rows.push(Row { alert, state, change: change.map(Change::as_str), detail, more, found });
    }
    let bodies: Result<Vec<String>, _> = rows.iter().map(|row| serde_json::to_string(&row.alert)).collect();
    let bodies = bodies.map_err(|error| sqlx::Error::Encode(error.into()))?;
    // In the order of their numbers, because that is how they were given.
    let news = rows.iter().zip(&bodies).filter_map(|(row, body)| {
        let change = row.change?;
        Some(Frame::new(row.alert.seq, change, body).in_area(row.alert.area.as_deref()))
    });
    let news: Vec<Frame> = news.collect();
    let bell = news.last().map(|frame| hub.bell(frame.seq));
    Ok(Changes { rows, bodies, news, bell, pending, gone, for_incidents, graver: all_graver })
}

/// Opens incidents in the transaction that raised the alerts, so that one is never there without the other. If an incident
/// cannot be opened for what it is, the alert is there all the same: no event is given up for it.
async fn open_incidents(
    connection: &mut PgConnection,
    changes: &Changes,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for alert in &changes.graver {
        incidents::heed_graver(connection, alert, now).await?;
    }
    for alert in &changes.for_incidents {
        let mut savepoint = connection.begin().await?;
        match incidents::from_alert(&mut savepoint, alert, now).await {
            Ok(_) => savepoint.commit().await?,
            Err(error) if is_poison(&error) || matches!(error, sqlx::Error::RowNotFound) => {
                tracing::error!(%error, alert = %alert.id, "the policy wants an incident and none can be opened");
                savepoint.rollback().await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What the policy said when the alert was raised.
fn why_raised(subject: &Subject) -> Value {
    let mut detail = json!({ "policy": subject.policy });
    if let Some(rule) = &subject.policy_rule {
        detail["rule"] = json!(rule);
    }
    if subject.incident {
        detail["incident"] = json!(true);
    }
    detail
}

/// What the policy said of the start that made it graver, and how much the alert mattered before.
fn why_graver(graver: &Graver) -> Value {
    let mut detail = json!({ "policy": graver.policy, "before": graver.before });
    if let Some(rule) = &graver.rule {
        detail["rule"] = json!(rule);
    }
    if graver.incident {
        detail["incident"] = json!(true);
    }
    detail
}

async fn write(
    connection: &mut PgConnection,
    changes: &Changes,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "with t as (select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], \
             $7::text[], $8::text[], $9::text[], $10::bool[], $11::timestamptz[], $12::timestamptz[], \
             $13::timestamptz[], $14::timestamptz[], $15::bigint[], $16::text[], $17::double precision[], $18::jsonb[], \
             $19::text[], $20::jsonb[], $21::text[], $22::text[], $26::text[], $27::jsonb[], \
             $28::jsonb[]) \
             as t (id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, last_at, raised_at, \
               cleared_at, count, class, confidence, why, snapshot, open, change, alert_row, area, muted, detail)), \
         written as (insert into alerts (id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, \
             last_at, raised_at, cleared_at, count, class, confidence, why, snapshot, open, area, muted) \
           select id, seq, key, kind, severity, edge, camera, rule, zone, active, first_at, last_at, raised_at, \
             cleared_at, count, class, confidence, why, snapshot, open, area, muted from t \
           on conflict (id) do update set seq = excluded.seq, active = excluded.active, \
             watched = alerts.watched or excluded.active, first_at = excluded.first_at, \
             last_at = excluded.last_at, cleared_at = excluded.cleared_at, count = excluded.count, \
             class = excluded.class, confidence = excluded.confidence, why = excluded.why, \
             snapshot = excluded.snapshot, open = excluded.open, muted = excluded.muted), \
         logged as (insert into alert_log (seq, at, alert, change, alert_row, detail) \
           select seq, $23, id, change, alert_row::jsonb, coalesce(detail, '{}') from t where change is not null) \
         select pg_notify($24, $25) where $25 is not null",
    );
    changes.bind(query, now).execute(&mut *connection).await?;
    changes.write_pending(connection).await
}

impl Changes {
    /// Binds 22 columns, `now`, the channel of the doorbell and what it says, and areas, mutes and details.
    pub(crate) fn bind(&self, query: Query, now: DateTime<Utc>) -> Query {
        let Changes { rows, bodies, bell, .. } = self;
        let alerts = || rows.iter().map(|row| &row.alert);
        let states = || rows.iter().map(|row| &row.state);
        query
            .bind(alerts().map(|alert| alert.id).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.seq).collect::<Vec<_>>())
            .bind(states().map(|state| state.key.as_str()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.kind.as_str()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.severity.as_str()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.edge.as_str()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.camera.as_deref()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.rule.as_str()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.zone.as_deref()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.active).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.first_at).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.last_at).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.raised_at).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.cleared_at).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.count).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.class.as_deref()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.confidence).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.why.as_ref().map(Json)).collect::<Vec<_>>())
            .bind(states().map(|state| state.newest.snapshot.as_deref()).collect::<Vec<_>>())
            .bind(states().map(|state| Json(&state.open)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.change).collect::<Vec<_>>())
            .bind(bodies.as_slice())
            .bind(now)
            .bind(CHANNEL_ALERTS)
            .bind(bell.as_deref())
            .bind(alerts().map(|alert| alert.area.as_deref()).collect::<Vec<_>>())
            .bind(alerts().map(|alert| alert.muted.as_ref().map(Json)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.detail.as_ref()).collect::<Vec<_>>())
    }

    /// Whether something must be written that seldom is, which is more than one statement.
    pub(crate) fn is_more(&self) -> bool {
        self.rows.iter().any(|row| row.more.is_some())
    }

    /// Writes what seldom changes.
    async fn write_more(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let rows = || self.rows.iter().filter(|row| row.more.is_some());
        sqlx::query(
            "update alerts a set severity = t.severity, wants_incident = t.incident, \
               acknowledged_at = case when not t.reopened then a.acknowledged_at end, \
               acknowledged_by = case when not t.reopened then a.acknowledged_by end, \
               shelved = case when not t.reopened then a.shelved end, \
               shelved_until = case when not t.reopened then a.shelved_until end, \
               verdict = case when not t.reopened then a.verdict end \
             from unnest($1::uuid[], $2::text[], $3::bool[], $4::bool[]) as t (id, severity, incident, reopened) \
             where a.id = t.id",
        )
        .bind(rows().map(|row| row.state.id).collect::<Vec<_>>())
        .bind(rows().map(|row| row.state.severity.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.state.incident).collect::<Vec<_>>())
        .bind(rows().map(|row| row.more == Some(More::Reopened)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Whether something is held off, or no longer is.
    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty() || !self.gone.is_empty()
    }

    async fn write_pending(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if !self.gone.is_empty() {
            let delete = sqlx::query("delete from alert_pending where id = any($1)").bind(&self.gone);
            delete.execute(&mut *connection).await?;
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        let edge = |state: &AlertState| state.source.split('/').next().unwrap_or_default().to_owned();
        sqlx::query(
            "insert into alert_pending (id, key, edge, due, state) \
             select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[]) \
             on conflict (id) do update set due = excluded.due, state = excluded.state",
        )
        .bind(self.pending.iter().map(|state| state.id).collect::<Vec<_>>())
        .bind(self.pending.iter().map(|state| state.key.as_str()).collect::<Vec<_>>())
        .bind(self.pending.iter().map(edge).collect::<Vec<_>>())
        .bind(
            self.pending.iter().map(|state| state.pending.as_ref().map(|held| held.due)).collect::<Vec<_>>(),
        )
        .bind(self.pending.iter().map(Json).collect::<Vec<_>>())
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Binds how the alerts were found: number and open tracks, none of new ones.
    pub(crate) fn bind_found(&self, query: Query) -> Query {
        let found = || self.rows.iter().map(|row| row.found.as_ref());
        query
            .bind(found().map(|found| found.map(|(seq, _)| *seq)).collect::<Vec<_>>())
            .bind(found().map(|found| found.map(|(_, open)| Json(open))).collect::<Vec<_>>())
    }

    /// How many alerts are there already.
    pub(crate) fn count_found(&self) -> usize {
        self.rows.iter().filter(|row| row.found.is_some()).count()
    }
}

fn new_alert(subject: Subject, state: &AlertState, cameras: &Cameras, now: DateTime<Utc>) -> Alert {
    let camera = subject.camera.clone().and_then(|camera| cameras.get(&(subject.edge.clone(), camera)));
    Alert {
        id: state.id,
        seq: 0,
        kind: subject.kind.as_str().to_owned(),
        severity: subject.severity,
        camera_name: camera.map(|camera| camera.name.clone()),
        place: camera.and_then(|camera| camera.place),
        area: camera.and_then(|camera| camera.area.clone()),
        edge: subject.edge,
        camera: subject.camera,
        rule: subject.rule,
        zone: subject.zone,
        active: state.active,
        first_at: state.first_at,
        last_at: state.last_at,
        raised_at: now.trunc_subsecs(6),
        cleared_at: state.cleared_at,
        count: state.count,
        class: None,
        confidence: None,
        why: None,
        snapshot_url: None,
        acknowledged_at: None,
        acknowledged_by: None,
        owner: None,
        claimed_at: None,
        shelved: None,
        verdict: None,
        forwarded_to: None,
        muted: None,
    }
}

/// The alert with what the policy changes of it.
fn shown(alert: Alert, state: &AlertState) -> Alert {
    Alert {
        severity: state.severity,
        active: state.active,
        // As the database keeps them, so that everybody sees the same.
        first_at: state.first_at.trunc_subsecs(6),
        last_at: state.last_at.trunc_subsecs(6),
        cleared_at: state.cleared_at.map(|at| at.trunc_subsecs(6)),
        count: state.count,
        class: state.newest.class.clone(),
        confidence: state.newest.confidence,
        why: state.newest.why.clone(),
        snapshot_url: state.newest.snapshot.as_deref().map(snapshot_url),
        muted: state.muted.clone(),
        ..alert
    }
}
