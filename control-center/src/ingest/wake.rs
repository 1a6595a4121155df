//! What becomes of alerts because time passes: a condition that was held off has lasted, a mute is over. The due times are
//! in the database, so a kill loses none.

use super::alert_rows::{self, Known, POLICYS};
use crate::alerts::{policies, shelves, store};
use crate::clock;
use crate::live::Hub;
use crate::policy::{AlertState, Judgement};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Of `a`, an active alert that is muted: whether its mute is over at `$1`. Maintenance is over where the policy in force has
/// none of that name now: it may have been taken out, or moved.
const IS_OVER: &str = "((a.muted ->> 'cause' <> 'maintenance' and (a.muted ->> 'until')::timestamptz <= $1) \
    or (a.muted ->> 'cause' = 'maintenance' and not exists (select from policies p \
      cross join lateral jsonb_array_elements(p.body -> 'maintenance') as m where p.active \
        and m ->> 'name' = a.muted ->> 'by' and (m ->> 'from')::timestamptz <= $1 \
        and (m ->> 'until')::timestamptz > $1)) \
    or (a.muted ->> 'cause' = 'inhibited' and not exists (select from alerts i where i.watched and i.active \
      and i.id = case when a.muted ->> 'cause' = 'inhibited' then (a.muted ->> 'by')::uuid end)) \
    or (a.muted ->> 'cause' = 'silenced' and exists (select from silences s where s.ended_at is not null \
      and s.id = case when a.muted ->> 'cause' = 'silenced' then (a.muted ->> 'by')::uuid end)))";

/// Runs until `shutdown`.
pub async fn keep(pool: PgPool, hub: Hub, shutdown: CancellationToken) {
    loop {
        let wait = match wake_due(&pool, &hub, clock::now()).await {
            Ok(next) => shelves::pause(next, clock::now()),
            Err(error) => {
                tracing::warn!(%error, "alerts that are held off wait for the database");
                AGAIN_AFTER
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Raises what is due at `now`; answers when the next is.
///
/// # Errors
/// When the database fails; then nothing was raised.
pub async fn wake_due(
    pool: &PgPool,
    hub: &Hub,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let look = format!(
        "select (select min(due) from alert_pending) as next, \
           exists (select from alerts a where a.watched and a.active and a.muted is not null and {IS_OVER}) as over"
    );
    let row = sqlx::query(AssertSqlSafe(look)).bind(now).fetch_one(pool).await?;
    let (next, over): (Option<DateTime<Utc>>, bool) = (row.try_get("next")?, row.try_get("over")?);
    if !over && next.is_none_or(|next| next > now) {
        return Ok(next);
    }
    let mut connection = pool.acquire().await?;
    let mut transaction = store::begin(&mut connection).await?;
    let mut known = Known::default();
    known.next_seq = sqlx::query_scalar(store::NEXT_SEQ).fetch_one(&mut *transaction).await?;
    let muted = format!(
        "select {POLICYS}, {} from alerts a {} where a.watched and a.active and a.muted is not null and {IS_OVER} limit 1000",
        store::COLUMNS,
        store::JOINS
    );
    for row in &sqlx::query(AssertSqlSafe(muted)).bind(now).fetch_all(&mut *transaction).await? {
        known.keep(row)?;
    }
    let back: HashSet<String> =
        known.states.iter().filter_map(|state| state.muted.as_ref()).map(|mute| mute.by.clone()).collect();
    let held: Vec<Json<AlertState>> =
        sqlx::query_scalar("select state from alert_pending where due <= $1 order by due limit 1000")
            .bind(now)
            .fetch_all(&mut *transaction)
            .await?;
    let held: Vec<AlertState> = held.into_iter().map(|state| state.0).collect();
    let (_, policy) = policies::load(&mut transaction, now).await?;
    let inhibiting = policy.inhibiting();
    let places: BTreeSet<(&str, &str)> =
        held.iter().filter_map(|state| state.source.split_once('/')).collect();
    alert_rows::load_inhibiting(&mut transaction, &mut known, (&inhibiting, &places)).await?;
    let mut states = std::mem::take(&mut known.states);
    states.extend(held);
    let mut judgement = Judgement::new(states, &inhibiting);
    judgement.wake(now, |by| back.contains(by));
    let frames = alert_rows::save(&mut transaction, known, judgement.changes(), (hub, now)).await?;
    let next = sqlx::query_scalar("select min(due) from alert_pending").fetch_one(&mut *transaction).await?;
    transaction.commit().await?;
    hub.hand_over(frames);
    Ok(next)
}
