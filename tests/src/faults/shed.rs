//! Full outboxes: what goes first, and that every drop is counted exactly and stands in the ledger as lost.

use crate::clock;
use crate::faults::{Tally, enrolled};
use crate::stack::{Center, Database};
use crate::virtual_edge::{self, VirtualEdge};
use crate::wait::{Seen, wait_for};
use anyhow::{bail, ensure};
use ngatu_protocol::Lane;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How much is pushed into how small an outbox.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The outbox's limit, bytes.
    pub max_bytes: u64,
    /// Health messages and observations each: more than fit.
    pub telemetry: u64,
    /// Events on top of those that filled the outbox.
    pub more_events: u64,
}

/// T6: telemetry goes before events, oldest first, and the ledger shows each drop.
///
/// # Errors
/// When a drop is not counted, or the wrong lane gives way.
pub async fn outbox_full(center: &Center, plan: Plan) -> anyhow::Result<Tally> {
    let mut options = enrolled(center, "full").await?;
    options.max_bytes = plan.max_bytes;
    let mut edge = VirtualEdge::open(options)?;
    for i in 0..plan.telemetry {
        let (now, value) = (clock::now(), f64::from(u32::try_from(i)?));
        edge.push(vec![virtual_edge::observation(value, now), virtual_edge::health(value, now)]).await?;
    }
    let dropped = edge.outbox().dropped();
    ensure!(dropped[&Lane::Health] > 0, "the telemetry should not have fitted: {dropped:?}");
    let dropped = push_until(&edge, Lane::Observations).await?;
    ensure!(dropped[&Lane::Events] == 0, "events went while telemetry was left: {dropped:?}");
    push_until(&edge, Lane::Events).await?;
    let left = edge.outbox().depth();
    // What is left of the telemetry is the declaration of its loss.
    ensure!(
        left[&Lane::Observations] <= 1 && left[&Lane::Health] <= 1,
        "events went before telemetry: {left:?}"
    );
    edge.push_events(plan.more_events).await?;
    let events = edge.outbox().last()[&Lane::Events];
    edge.connect()?;
    edge.drained(Duration::from_secs(60)).await?;
    let database = center.database().await?;
    let mut tally = Tally::default();
    for lane in [Lane::Events, Lane::Observations, Lane::Health] {
        let declared = agrees(&database, ("full", lane), Given::by(&edge, lane)).await?;
        if lane == Lane::Events {
            // A drop that is declared and counted is no silent loss.
            tally.events = events - declared.declarations;
            tally.lost = tally.events - declared.received - declared.lost;
            oldest_went_first(&database, "full").await?;
        }
    }
    edge.stop().await;
    Ok(tally)
}

/// Pushes events until a lane has given way.
async fn push_until(edge: &VirtualEdge, lane: Lane) -> anyhow::Result<BTreeMap<Lane, u64>> {
    for _ in 0..1000 {
        let dropped = edge.outbox().dropped();
        if dropped[&lane] > 0 {
            return Ok(dropped);
        }
        edge.push_events(20).await?;
    }
    bail!("20,000 events made {lane} give nothing up: {:?}", edge.outbox().dropped())
}

/// What is left of the events has higher numbers than what went: nothing had been handed to an uplink before.
async fn oldest_went_first(database: &Database, name: &str) -> anyhow::Result<()> {
    let sql = "select coalesce((select max(last_lost) from losses where edge = $1 and lane = 'events'), 0),
               coalesce((select min(sequence) from events where edge = $1), 0)";
    let (last_lost, first_left): (i64, i64) =
        sqlx::query_as(sql).bind(name).fetch_one(database.pool()).await?;
    ensure!(
        0 < last_lost && last_lost < first_left,
        "number {last_lost} went although {first_left} is older and stayed"
    );
    Ok(())
}

/// What the database has of a lane.
#[derive(Debug)]
pub(super) struct Declared {
    /// Rows.
    pub(super) received: u64,
    /// Declared lost.
    pub(super) lost: u64,
    /// Declarations of a loss.
    pub(super) declarations: u64,
}

/// What an outbox says of a lane.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Given {
    /// Messages that it dropped.
    dropped: u64,
    /// The last number that it gave.
    last: u64,
}

impl Given {
    pub(super) fn by(edge: &VirtualEdge, lane: Lane) -> Given {
        Given { dropped: edge.outbox().dropped()[&lane], last: edge.outbox().last()[&lane] }
    }
}

/// Each number that the lane gave is a row, a declared loss, or the declaration itself.
pub(super) async fn agrees(
    database: &Database,
    (name, lane): (&str, Lane),
    Given { dropped, last }: Given,
) -> anyhow::Result<Declared> {
    let declarations: i64 = sqlx::query_scalar("select count(*) from losses where edge = $1 and lane = $2")
        .bind(name)
        .bind(lane.as_str())
        .fetch_one(database.pool())
        .await?;
    let declarations = u64::try_from(declarations)?;
    let line = wait_for("the lane's ledger", Duration::from_secs(60), async || {
        let line = database.ledger(name, lane.as_str()).await?;
        Ok(Seen::when(line.upto == last, line.clone(), format!("{line:?}, wanted upto {last}")))
    })
    .await?;
    let table: i64 =
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {lane} where edge = $1")))
            .bind(name)
            .fetch_one(database.pool())
            .await?;
    ensure!(line.lost == dropped, "{lane}: {dropped} dropped, the ledger says {line:?}");
    let rows = u64::try_from(table)?;
    // A declaration arrives like any message, so the ledger counts it among the received.
    ensure!(
        line.received == rows + declarations,
        "{lane}: {rows} rows, {declarations} declarations, {line:?}"
    );
    ensure!(line.received + line.lost == last, "{lane}: {last} numbers, {line:?}");
    let line = crate::stack::database::LedgerLine { received: rows, ..line };
    Ok(Declared { received: line.received, lost: line.lost, declarations })
}
