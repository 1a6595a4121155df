//! Killing parts with -9 while events flow.
//!
//! Each kill gets its share of the events: the share is released, the kill comes when some of it has arrived, and
//! the next share comes only when the system has visibly gone on. So no kill hits a system that has nothing to do.

use crate::faults::{Tally, enrolled};
use crate::stack::{Center, Database, Part};
use crate::virtual_edge::pilot::Pilot;
use crate::wait::{Seen, wait_for};
use anyhow::Context;
use std::time::Duration;

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An edge, in turn.
    Edge,
    /// Another part.
    Part(Part),
}

/// A run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Stands in the progress lines.
    pub name: &'static str,
    /// Number of virtual edges.
    pub edges: u64,
    /// Events of all edges together.
    pub events: u64,
    /// What is killed, in order.
    pub kills: Vec<Target>,
}

impl Plan {
    /// The same targets `times` over, in turn.
    #[must_use]
    pub fn cycle(targets: &[Target], times: usize) -> Vec<Target> {
        targets.iter().copied().cycle().take(targets.len() * times).collect()
    }
}

/// Every kind of part.
pub const ALL_PARTS: [Target; 4] =
    [Target::Edge, Target::Part(Part::Broker), Target::Part(Part::Center), Target::Part(Part::Database)];

/// How long the system may take to go on after a kill.
const RECOVERY_DEADLINE: Duration = Duration::from_secs(90);

/// Runs the plan and settles the accounts.
///
/// # Errors
/// When a part does not come back, or the accounts do not agree.
pub async fn run(center: &mut Center, plan: &Plan, progress: impl Fn(String)) -> anyhow::Result<Tally> {
    let mut pilots = Vec::new();
    for i in 1..=plan.edges {
        pilots.push(Pilot::start(enrolled(center, &format!("{}-{i}", plan.name)).await?)?);
    }
    let database = center.database().await?;
    let shares = plan.kills.len() as u64 + 1;
    let mut tally = Tally::default();
    for (i, target) in (1u64..).zip(&plan.kills) {
        // Uneven shares would leave edges idle, so each edge's own share is rounded up to the next event.
        let each = (plan.events * i).div_ceil(plan.edges * shares);
        let before = arrived(&database, &pilots).await?;
        release(&mut pilots, each).await?;
        let wanted = before + (each * plan.edges - before) / 4;
        grown(&database, &pilots, wanted.max(before + 1))
            .await
            .with_context(|| format!("before kill {i}"))?;
        match target {
            Target::Edge => {
                let victim = usize::try_from(i)? * 7 % pilots.len();
                pilots[victim].kill9_and_start().await?;
            }
            Target::Part(part) => {
                let pid = wait_for("part to kill", RECOVERY_DEADLINE, async || {
                    Ok(center.pid_of(*part).map_or_else(|e| Seen::NotYet(e.to_string()), Seen::Ready))
                })
                .await?;
                center.kill9(*part).with_context(|| format!("pid {pid}"))?;
            }
        }
        tally.kills += 1;
        if i % 10 == 0 || i == plan.kills.len() as u64 {
            let arrived = arrived(&database, &pilots).await.unwrap_or(0);
            progress(format!(
                "{}: {i} of {} kills, {arrived} of {} events",
                plan.name,
                plan.kills.len(),
                plan.events
            ));
        }
    }
    let each = plan.events / plan.edges;
    release(&mut pilots, each).await?;
    grown(&database, &pilots, each * plan.edges).await.context("after the last kill")?;
    settled(&database, &pilots, each).await?;
    for pilot in &pilots {
        tally.settle(&database, pilot.edge(), each.max(pilot.committed())).await?;
    }
    for pilot in pilots {
        pilot.stop().await?;
    }
    Ok(tally)
}

async fn release(pilots: &mut [Pilot], each: u64) -> anyhow::Result<()> {
    for pilot in pilots {
        pilot.upto(each).await?;
    }
    Ok(())
}

async fn arrived(database: &Database, pilots: &[Pilot]) -> anyhow::Result<u64> {
    let names: Vec<String> = pilots.iter().map(|pilot| pilot.edge().to_owned()).collect();
    let sql =
        "select coalesce(sum(received), 0)::bigint from ledger where lane = 'events' and edge = any($1)";
    wait_for("answer of the database", RECOVERY_DEADLINE, async || {
        let sum: i64 = sqlx::query_scalar(sql).bind(&names).fetch_one(database.pool()).await?;
        Ok(Seen::Ready(u64::try_from(sum)?))
    })
    .await
}

async fn grown(database: &Database, pilots: &[Pilot], wanted: u64) -> anyhow::Result<()> {
    wait_for("events to arrive", RECOVERY_DEADLINE, async || {
        let arrived = arrived(database, pilots).await?;
        let committed: u64 = pilots.iter().map(Pilot::committed).sum();
        Ok(Seen::when(
            arrived >= wanted,
            (),
            format!("{arrived} arrived of {committed} committed, {wanted} wanted"),
        ))
    })
    .await
}

/// Waits until the ledger's unbroken run of each edge ends where its numbers do.
async fn settled(database: &Database, pilots: &[Pilot], each: u64) -> anyhow::Result<()> {
    wait_for("complete ledger", RECOVERY_DEADLINE, async || {
        for pilot in pilots {
            let line = database.ledger(pilot.edge(), "events").await?;
            if line.upto < each {
                return Ok(Seen::NotYet(format!("{} has {line:?}", pilot.edge())));
            }
        }
        Ok(Seen::Ready(()))
    })
    .await
}
