//! The outbox's disk fills up from outside and is freed again.
//!
//! The edge is a process of its own in a mount namespace of its own, where a small file system lies over its folder:
//! ordinary users may mount one in a user namespace, and root where there are none.

use crate::clock;
use crate::faults::shed::{Given, agrees};
use crate::faults::{Tally, enrolled};
use crate::stack::Center;
use crate::stack::process::program;
use crate::virtual_edge::{self, Options, VirtualEdge};
use crate::wait::{Seen, wait_for};
use anyhow::{Context, ensure};
use edge_agent::outbox::OutboxError;
use ngatu_protocol::Lane;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The small file system, MiB.
const DISK_MIB: u32 = 8;
/// Events while there is room.
const FIRST: u64 = 100;
/// Longest that the edge's process may take.
const DEADLINE: Duration = Duration::from_secs(180);

/// What the edge's process says at its end.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    problem: String,
    /// Of each lane how many messages were pushed, and what the outbox says of them.
    lanes: BTreeMap<Lane, (u64, Given)>,
}

/// What fills the disk.
const LANES: [Lane; 3] = [Lane::Events, Lane::Observations, Lane::Health];

/// Runs the edge on a disk that fills up, and compares what it gave up with what the center knows. Where no small file
/// system can be mounted, nothing is done and [`Tally::skipped`] says so.
///
/// # Errors
/// When a message is neither stored nor declared lost, or an outbox and the ledger differ.
pub async fn disk_full(center: &Center, progress: impl Fn(String)) -> anyhow::Result<Tally> {
    let options = enrolled(center, "disk-full").await?;
    std::fs::create_dir_all(&options.dir)?;
    let Some(way) = way_to_mount(&options.dir).await else {
        progress(
            "SKIPPED the full disk: neither a user namespace nor root can mount a small one here".into(),
        );
        return Ok(Tally { skipped: 1, ..Tally::default() });
    };
    let secret_file = options.dir.with_extension("secret");
    std::fs::write(&secret_file, &options.secret)?;
    let script = format!("mount -t tmpfs -o size={DISK_MIB}m tmpfs \"$0\" && exec \"$@\"");
    let child = Command::new("unshare")
        .args(way)
        .args(["sh", "-c", &script])
        .arg(&options.dir)
        .arg(program("virtual-edge")?)
        .arg(options.edge.as_str())
        .args(["--url", &options.url])
        .arg("--secret-file")
        .arg(&secret_file)
        .arg("--dir")
        .arg(&options.dir)
        .arg("--full-disk")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(DEADLINE, child).await.context("an edge on a full disk hangs")??;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success() && !err.contains("panicked"), "{}:\n{out}{err}", output.status);
    let said: Said = serde_json::from_str(out.lines().last().unwrap_or(""))
        .with_context(|| format!("the edge said:\n{out}{err}"))?;
    progress(format!("disk full: {}", said.problem));
    let database = center.database().await?;
    let mut tally = Tally::default();
    for (lane, (pushed, given)) in said.lanes {
        let declared = agrees(&database, ("disk-full", lane), given).await?;
        let (arrived, lost) = (declared.received, declared.lost);
        progress(format!("disk full: {arrived} of {pushed} {lane} arrived, {lost} declared lost"));
        ensure!(arrived + lost <= pushed, "{lane}: {pushed} pushed, {declared:?}");
        match lane {
            Lane::Events => tally.events += pushed,
            _ => tally.observations += pushed,
        }
        tally.lost += pushed - arrived - lost;
    }
    Ok(tally)
}

/// How `unshare` must be called so that a small file system can be mounted in the folder.
async fn way_to_mount(dir: &Path) -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];
    for way in ways {
        let tried = Command::new("unshare")
            .args(way)
            .args(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(dir)
            .output();
        if tried.await.is_ok_and(|output| output.status.success()) {
            return Some(way);
        }
    }
    None
}

/// The edge's process: fills its disk, goes on for a while, frees the disk, and sends everything.
///
/// # Errors
/// When the outbox does not complain, or does not recover.
pub async fn serve(options: Options) -> anyhow::Result<()> {
    let dir = options.dir.clone();
    let mut edge = VirtualEdge::open(options)?;
    edge.push_events(FIRST).await?;
    let ballast = fill(&dir)?;
    let mut pushed = FIRST;
    let mut after = 0;
    // Two hundred more of each lane after it noticed: some wait in memory, or older ones give way; both are counted.
    while after < 200 {
        ensure!(pushed < 100_000, "a full disk never made the outbox complain");
        after += u64::from(edge.outbox().problem().is_some());
        pushed += 1;
        let (now, value) = (clock::now(), f64::from(u32::try_from(pushed)?));
        let telemetry = [virtual_edge::observation(value, now), virtual_edge::health(value, now)];
        let messages = [virtual_edge::event(pushed, now)].into_iter().chain(telemetry);
        if let Err(error) = edge.push(messages.collect()).await {
            match error.downcast_ref::<OutboxError>() {
                Some(OutboxError::HeldInMemory(_)) => {}
                _ => return Err(error).context("pushing onto a full disk"),
            }
        }
    }
    let problem = edge.outbox().problem().context("a full disk is a problem to report")?;
    std::fs::remove_file(ballast)?;
    wait_for("outbox to recover", Duration::from_secs(60), async || {
        let problem = edge.outbox().problem();
        Ok(Seen::when(problem.is_none(), (), format!("{problem:?}")))
    })
    .await?;
    edge.connect()?;
    edge.drained(Duration::from_secs(60)).await?;
    let given = |lane| {
        let others = if lane == Lane::Events { 0 } else { FIRST };
        (lane, (pushed - others, Given::by(&edge, lane)))
    };
    let said = Said { problem, lanes: LANES.map(given).into() };
    edge.stop().await;
    let line = serde_json::to_string(&said)? + "\n";
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    Ok(())
}

/// Takes all the space that is left.
fn fill(dir: &Path) -> anyhow::Result<std::path::PathBuf> {
    use std::io::Write;
    let path = dir.join("ballast");
    let mut file = std::fs::File::create(&path)?;
    while file.write_all(&[0; 4096]).is_ok() {}
    Ok(path)
}
