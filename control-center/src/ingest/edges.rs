//! What a batch says about the edges themselves and their cameras: alive or not, what they run, how they are doing.

use super::columns::Head;
use crate::policy::{OrphanCause, Orphans};
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId, HealthData, OutboxId, State};
use sqlx::{PgConnection, Row as _};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What is known to stand in the tables already.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) edges: HashSet<Arc<EdgeId>>,
    pub(crate) cameras: Cameras,
    /// When `last_seen` was written last.
    pub(crate) seen: HashMap<Arc<EdgeId>, DateTime<Utc>>,
}

/// Cameras by edge.
pub(crate) type Cameras = BTreeMap<Arc<EdgeId>, BTreeSet<CameraId>>;

/// Puts a camera in; copies nothing when it is there already, as nearly always.
pub(crate) fn note_camera(cameras: &mut Cameras, edge: &Arc<EdgeId>, camera: &CameraId) {
    let of_edge = match cameras.get_mut(edge) {
        Some(of_edge) => of_edge,
        None => cameras.entry(Arc::clone(edge)).or_default(),
    };
    if !of_edge.contains(camera) {
        of_edge.insert(camera.clone());
    }
}

/// `last_seen` is written this often at most.
const SEEN_EVERY_MS: i64 = 2000;

/// What is news of the edges in one batch.
#[derive(Default)]
pub(crate) struct News<'a> {
    pub(crate) seen: BTreeMap<Arc<EdgeId>, DateTime<Utc>>,
    pub(crate) dead_letters: BTreeMap<Arc<EdgeId>, i64>,
    /// In the order in which they came.
    pub(crate) states: Vec<(Arc<EdgeId>, &'a State)>,
    /// Of each edge the newest health, if it is newer than all before.
    pub(crate) health: BTreeMap<Arc<EdgeId>, (Head<'a>, &'a HealthData)>,
}

/// Whether a state replaces what is known. A will that was set by an earlier connection can come after the birth of a
/// later one: its boot is lower. Of another outbox only a birth counts, which is how a new disk shows itself.
pub(crate) fn state_applies(known: Option<(OutboxId, u64)>, state: &State) -> bool {
    match known {
        None => true,
        Some((outbox, boot)) if outbox == state.outbox => state.boot >= boot,
        Some(_) => state.online,
    }
}

/// Makes rows for edges and cameras that are seen for the first time. They are known by name only.
pub(crate) async fn register(
    connection: &mut PgConnection,
    known: &Known,
    (edges, cameras): (&BTreeSet<Arc<EdgeId>>, &Cameras),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let edges: Vec<&str> =
        edges.iter().filter(|edge| !known.edges.contains(*edge)).map(|edge| edge.as_str()).collect();
    if !edges.is_empty() {
        sqlx::query(
            "insert into edges (id, name, created_at) select id, id, $2 from unnest($1::text[]) as t (id) \
             on conflict do nothing",
        )
        .bind(edges)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    }
    let is_known = |edge: &Arc<EdgeId>, camera: &CameraId| {
        known.cameras.get(edge).is_some_and(|of_edge| of_edge.contains(camera))
    };
    let cameras: Vec<_> = cameras
        .iter()
        .flat_map(|(edge, of_edge)| of_edge.iter().map(move |camera| (edge, camera)))
        .filter(|(edge, camera)| !is_known(edge, camera))
        .collect();
    if !cameras.is_empty() {
        sqlx::query(
            "insert into cameras (edge, id, name, created_at) select edge, id, id, $3 \
             from unnest($1::text[], $2::text[]) as t (edge, id) on conflict do nothing",
        )
        .bind(cameras.iter().map(|(edge, _)| edge.as_str()).collect::<Vec<_>>())
        .bind(cameras.iter().map(|(_, camera)| camera.as_str()).collect::<Vec<_>>())
        .bind(now)
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Writes the news down; answers the edges with starts that no event will end: their agent was started anew, or they
/// have another outbox.
pub(crate) async fn update(
    connection: &mut PgConnection,
    known: &Known,
    news: &News<'_>,
) -> Result<Vec<(Arc<EdgeId>, Orphans)>, sqlx::Error> {
    mark_seen(connection, known, news).await?;
    let mut orphans = Vec::new();
    if news.states.is_empty() && news.health.is_empty() {
        return Ok(orphans);
    }
    let mut edges: Vec<&str> = news.states.iter().map(|(edge, _)| edge.as_str()).collect();
    edges.extend(news.health.keys().map(|edge| edge.as_str()));
    let rows =
        sqlx::query("select id, outbox, boot, uptime_s from edges where id = any($1) order by id for update")
            .bind(edges)
            .fetch_all(&mut *connection)
            .await?;
    let mut runs: HashMap<String, (OutboxId, u64)> = HashMap::new();
    let mut uptimes: HashMap<String, f64> = HashMap::new();
    for row in rows {
        let id: String = row.try_get("id")?;
        if let (Some(outbox), Some(boot)) = (row.try_get("outbox")?, row.try_get::<Option<i64>, _>("boot")?) {
            runs.insert(id.clone(), (OutboxId(outbox), boot.unsigned_abs()));
        }
        if let Some(uptime_s) = row.try_get("uptime_s")? {
            uptimes.insert(id, uptime_s);
        }
    }
    for (edge, state) in &news.states {
        let before = runs.get(edge.as_str()).copied();
        if state_applies(before, state) {
            if before.is_some_and(|(outbox, _)| outbox != state.outbox) {
                let at = news.seen.get(edge).copied().unwrap_or_default();
                let cause = OrphanCause::NewOutbox(state.outbox);
                orphans.push((Arc::clone(edge), Orphans { at, cause }));
            }
            runs.insert(edge.to_string(), (state.outbox, state.boot));
            write_state(connection, edge, state).await?;
        }
    }
    for (edge, (head, health)) in &news.health {
        if uptimes.get(edge.as_str()).is_some_and(|before| health.uptime_s < *before) {
            let up = chrono::TimeDelta::try_milliseconds(milliseconds(health.uptime_s)).unwrap_or_default();
            let started = head.message.envelope.time.checked_sub_signed(up);
            let of_before = |at| (Arc::clone(edge), Orphans { at, cause: OrphanCause::Restart });
            orphans.extend(started.map(of_before));
        }
        write_health(connection, head, health).await?;
    }
    Ok(orphans)
}

#[allow(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

/// Writes down when edges were heard of last.
pub(crate) async fn mark_seen(
    connection: &mut PgConnection,
    known: &Known,
    news: &News<'_>,
) -> Result<(), sqlx::Error> {
    let mut ids = Vec::new();
    let mut times = Vec::new();
    let mut dead = Vec::new();
    for (edge, at) in &news.seen {
        let letters = news.dead_letters.get(edge).copied().unwrap_or(0);
        let is_fresh =
            known.seen.get(edge).is_some_and(|before| (*at - *before).num_milliseconds() < SEEN_EVERY_MS);
        if letters > 0 || !is_fresh {
            ids.push(edge.as_str());
            times.push(*at);
            dead.push(letters);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        // An edge that was taken for silent and is heard again needs no new birth to be online.
        "update edges e set last_seen = greatest(e.last_seen, t.at), dead_letters = e.dead_letters + t.dead, \
           online = e.online or coalesce(e.last_seen < t.at - interval '60 seconds', false) \
         from unnest($1::text[], $2::timestamptz[], $3::bigint[]) as t (id, at, dead) where e.id = t.id",
    )
    .bind(ids)
    .bind(times)
    .bind(dead)
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_state(connection: &mut PgConnection, edge: &EdgeId, state: &State) -> Result<(), sqlx::Error> {
    let bigint = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query(
        "update edges set online = $2, outbox = $3, boot = $4, version = $5, config_running = $6, config_error = $7 \
         where id = $1",
    )
    .bind(edge.as_str())
    .bind(state.online)
    .bind(state.outbox.0)
    .bind(bigint(state.boot))
    .bind(&state.version)
    .bind(bigint(state.config))
    .bind(&state.config_error)
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_health(
    connection: &mut PgConnection,
    head: &Head<'_>,
    health: &HealthData,
) -> Result<(), sqlx::Error> {
    let time = head.message.envelope.time;
    sqlx::query("update edges set clock_skew_ms = $2, uptime_s = $3, version = $4 where id = $1")
        .bind(head.edge.as_str())
        .bind((head.received_at - time).num_milliseconds())
        .bind(health.uptime_s)
        .bind(health.version.replace('\0', "?"))
        .execute(&mut *connection)
        .await?;
    let cameras: Vec<_> = health.cameras.iter().collect();
    let bodies: Result<Vec<_>, _> = cameras.iter().map(|(_, camera)| serde_json::to_string(camera)).collect();
    let bodies = bodies.map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "update cameras c set online = t.online, health = t.health::jsonb, health_at = $5 \
         from unnest($2::text[], $3::bool[], $4::text[]) as t (id, online, health) \
         where c.edge = $1 and c.id = t.id",
    )
    .bind(head.edge.as_str())
    .bind(cameras.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>())
    .bind(cameras.iter().map(|(_, camera)| camera.online).collect::<Vec<_>>())
    .bind(bodies)
    .bind(head.received_at)
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn state(outbox: u128, boot: u64, online: bool) -> State {
        State {
            online,
            outbox: OutboxId(Uuid::from_u128(outbox)),
            boot,
            version: String::new(),
            config: 0,
            config_error: None,
            oldest: BTreeMap::new(),
        }
    }

    #[test]
    fn a_late_will_of_an_older_connection_is_ignored() {
        let known = Some((OutboxId(Uuid::from_u128(1)), 5));
        let table = [
            ("will of this connection", state(1, 5, false), true),
            ("birth of the next", state(1, 6, true), true),
            ("will of the one before", state(1, 4, false), false),
            ("birth of the one before", state(1, 4, true), false),
            ("birth on a new disk", state(2, 1, true), true),
            ("will of the old disk", state(2, 9, false), false),
        ];
        for (what, state, wanted) in table {
            assert_eq!(state_applies(known, &state), wanted, "{what}");
        }
        assert!(state_applies(None, &state(1, 1, false)));
    }
}
