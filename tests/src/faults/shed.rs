//! Full outboxes: what goes first, and that every drop is counted exactly and stands in the ledger as lost.

use crate::clock;
use crate::faults::{Tally, enrolled};
use crate::stack::{Center, Database};
use crate::virtual_edge::{self, VirtualEdge};
use crate::wait::{Seen, wait_for};
use anyhow::{Context, bail, ensure};
use edge_agent::outbox::OutboxError;
use ngatu_protocol::Lane;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
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
        let declared = agrees(&database, &edge, "full", lane).await?;
        if lane == Lane::Events {
            // A drop that is declared and counted is no silent loss.
            tally.events = events - declared.declarations;
            tally.lost = tally.events - declared.received - declared.lost;
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

struct Declared {
    received: u64,
    lost: u64,
    declarations: u64,
}

/// Each number that the lane gave is a row, a declared loss, or the declaration itself.
async fn agrees(database: &Database, edge: &VirtualEdge, name: &str, lane: Lane) -> anyhow::Result<Declared> {
    let (dropped, last) = (edge.outbox().dropped()[&lane], edge.outbox().last()[&lane]);
    let declarations: i64 = sqlx::query_scalar("select count(*) from losses where edge = $1 and lane = $2")
        .bind(name)
        .bind(lane.as_str())
        .fetch_one(database.pool())
        .await?;
    let declarations = u64::try_from(declarations)?;
    let line = wait_for("the lane's ledger", Duration::from_secs(30), async || {
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

/// The outbox's disk fills up from outside and is freed again. Needs root, for a small file system of its own; says
/// so and does nothing otherwise.
///
/// # Errors
/// When an event is lost without being declared.
pub async fn disk_full(center: &Center, progress: impl Fn(String)) -> anyhow::Result<Tally> {
    if !nix::unistd::geteuid().is_root() {
        progress("disk full: left out, mounting a small file system needs root".into());
        return Ok(Tally::default());
    }
    let options = enrolled(center, "disk-full").await?;
    let mount = SmallDisk::mount(options.dir.clone(), 8)?;
    let mut edge = VirtualEdge::open(options)?;
    edge.push_events(100).await?;
    let ballast = mount.fill()?;
    let mut pushed = 100u64;
    let mut after = 0;
    // Two hundred more after it noticed: some wait in memory, or older ones give way; both are counted.
    while after < 200 {
        ensure!(pushed < 100_000, "a full disk never made the outbox complain");
        after += u64::from(edge.outbox().problem().is_some());
        pushed += 1;
        if let Err(error) = edge.push(vec![virtual_edge::event(pushed, clock::now())]).await {
            match error.downcast_ref::<OutboxError>() {
                Some(OutboxError::HeldInMemory(_)) => {}
                _ => return Err(error).context("pushing onto a full disk"),
            }
        }
    }
    let problem = edge.outbox().problem().context("a full disk is a problem to report")?;
    progress(format!("disk full: after {pushed} events: {problem}"));
    std::fs::remove_file(ballast)?;
    wait_for("outbox to recover", Duration::from_secs(60), async || {
        let problem = edge.outbox().problem();
        Ok(Seen::when(problem.is_none(), (), format!("{problem:?}")))
    })
    .await?;
    edge.connect()?;
    edge.drained(Duration::from_secs(60)).await?;
    let declared = agrees(&center.database().await?, &edge, "disk-full", Lane::Events).await?;
    let lost = pushed - declared.received - declared.lost;
    edge.stop().await;
    progress(format!(
        "disk full: {} of {pushed} events arrived, {} declared lost",
        declared.received, declared.lost
    ));
    Ok(Tally { events: pushed, lost, ..Tally::default() })
}

/// A tmpfs of some MiB that is unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf, mib: u32) -> anyhow::Result<SmallDisk> {
        std::fs::create_dir_all(&at)?;
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(&at)
            .status()?;
        ensure!(status.success(), "mounting a small file system: {status}");
        Ok(SmallDisk(at))
    }

    /// Takes all the space that is left.
    fn fill(&self) -> anyhow::Result<PathBuf> {
        use std::io::Write;
        let path = self.0.join("ballast");
        let mut file = std::fs::File::create(&path)?;
        while file.write_all(&[0; 4096]).is_ok() {}
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
