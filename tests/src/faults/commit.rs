//! An edge that does nothing but commit is killed again and again: what an outbox reported as committed is there when it
//! is opened next, and nothing of what was being written stands in its way.

use crate::faults::Tally;
use crate::virtual_edge::pilot::{Makes, Pilot};
use crate::virtual_edge::{Options, VirtualEdge};
use crate::wait::{Seen, wait_closely};
use anyhow::ensure;
use edge_agent::outbox::Want;
use ngatu_protocol::{EdgeId, Lane, batch};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Duration;

/// More than an edge makes in a round.
const WITHOUT_END: u64 = 1_000_000;
/// Longest from the first commit of a life to its kill.
const LATEST: Duration = Duration::from_millis(50);

/// T4 at the outbox alone: `rounds` kills at random moments between and inside commits.
///
/// # Errors
/// When a reported commit is missing, a number has another's content, or the process panicked.
pub async fn killed_inside(rounds: usize, seed: u64, progress: impl Fn(String)) -> anyhow::Result<Tally> {
    progress(format!("commit: seed {seed}"));
    let dir = tempfile::tempdir()?;
    let options = Options {
        edge: EdgeId::new("killed")?,
        secret: "none".into(),
        // Nobody listens there: the edge has nothing to do but to commit.
        url: "mqtt://127.0.0.1:1".into(),
        dir: dir.path().join("edge"),
        max_bytes: 1 << 30,
    };
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::default();
    let mut committed = 0;
    for round in 1..=rounds {
        let mut pilot = Pilot::start(options.clone(), Makes::Observations)?;
        pilot.upto(WITHOUT_END).await?;
        wait_closely("first commit", Duration::from_secs(30), Duration::from_millis(1), async || {
            Ok(Seen::when(pilot.committed() > committed, (), pilot.committed()))
        })
        .await?;
        tokio::time::sleep(LATEST.mul_f64(rng.random_range(0.0..1.0))).await;
        ensure!(pilot.uncommitted() > 0, "round {round}: there was nothing left to commit");
        committed = pilot.kill9().await?;
        (tally.kills, tally.busy_kills) = (tally.kills + 1, tally.busy_kills + 1);
        let edge = VirtualEdge::open(options.clone())?;
        for lane in [Lane::Events, Lane::Observations] {
            let kept = kept(&edge, lane)?;
            ensure!(
                kept >= committed,
                "round {round}: {committed} were committed, {kept} of {lane} are there"
            );
        }
        let last = edge.outbox().last();
        ensure!(last[&Lane::Events] == last[&Lane::Observations], "half a commit is there: {last:?}");
        committed = edge.made();
        let log = std::fs::read_to_string(options.dir.join("log"))?;
        ensure!(!log.contains("panicked"), "the edge panicked:\n{log}");
    }
    (tally.events, tally.observations) = (committed, committed);
    progress(format!("commit: {rounds} kills, {committed} events and as many observations committed"));
    Ok(tally)
}

/// Reads the whole lane as an uplink does; answers with its last number, if none is missing or damaged.
fn kept(edge: &VirtualEdge, lane: Lane) -> anyhow::Result<u64> {
    let mut last = 0;
    loop {
        let want = Want { lane, after: last, max_messages: 500, max_bytes: 128 * 1024 };
        let slice = edge.outbox().pending(want)?;
        if slice.envelopes.is_empty() {
            ensure!(edge.outbox().dropped()[&lane] == 0, "{lane}: something was declared lost");
            return Ok(last);
        }
        let payload = format!("[{}]", slice.envelopes.join(","));
        for message in batch::decode(payload.as_bytes(), edge.outbox().edge(), lane)? {
            let message = message.map_err(|refused| anyhow::anyhow!("{lane}: {}", refused.reason))?;
            last += 1;
            ensure!(message.envelope.sequence == last, "{lane}: {last} is missing");
        }
    }
}
