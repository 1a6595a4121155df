//! Pushes each edge its configuration, retained, and lets enrolled devices into the broker: at the start, after
//! each connect to the broker, which may have forgotten what it kept, and when the city changes.

use super::enroll::devices;
use super::store::cameras_of;
use crate::broker::Gate;
use crate::clock;
use crate::database::CHANNEL_CITY;
use crate::ingest::outgoing::Outgoing;
use ngatu_protocol::{EdgeConfig, EdgeId};
use sqlx::postgres::PgListener;
use sqlx::{PgPool, Row as _};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Looked at this often even when no bell rings: a bell can be missed while the connection is made anew.
const POLL: Duration = Duration::from_secs(10);

/// Runs until `shutdown`.
pub(crate) async fn keep_published(
    pool: PgPool,
    outgoing: Outgoing,
    gate: Option<Gate>,
    (connected, shutdown): (Arc<Notify>, CancellationToken),
) {
    let mut published: HashMap<EdgeId, i64> = HashMap::new();
    let mut listener = None;
    loop {
        if listener.is_none() {
            listener = listen(&pool).await;
        }
        if let Err(error) = publish(&pool, &outgoing, gate.as_ref(), &mut published).await {
            tracing::warn!(%error, "the edges' configurations could not be published");
        }
        let bell = async {
            match listener.as_mut() {
                Some(listener) => listener.try_recv().await.is_ok_and(|bell| bell.is_some()),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            is_whole = bell => if !is_whole { listener = None },
            () = connected.notified() => published.clear(),
            () = tokio::time::sleep(POLL) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn listen(pool: &PgPool) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(pool).await.ok()?;
    listener.listen(CHANNEL_CITY).await.ok()?;
    Some(listener)
}

async fn publish(
    pool: &PgPool,
    outgoing: &Outgoing,
    gate: Option<&Gate>,
    published: &mut HashMap<EdgeId, i64>,
) -> anyhow::Result<()> {
    if let Some(gate) = gate {
        gate.set_devices(devices(pool, clock::now()).await?).await?;
    }
    let rows =
        sqlx::query("select id, config_version from edges where config_version > 0").fetch_all(pool).await?;
    for row in rows {
        let edge = EdgeId::new(row.try_get::<String, _>(0)?)?;
        let version: i64 = row.try_get(1)?;
        if published.get(&edge) == Some(&version) {
            continue;
        }
        let config = EdgeConfig { version: version.unsigned_abs(), cameras: cameras_of(pool, &edge).await? };
        outgoing.configure(edge.clone(), serde_json::to_string(&config)?);
        published.insert(edge, version);
    }
    Ok(())
}
