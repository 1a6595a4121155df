//! Killing parts with -9 while events flow.
//!
//! Each kill gets its share of the events. A share is released only when the system has visibly gone on after the last
//! kill, and the next kill comes while that share is under way: an edge is killed some milliseconds after it got more to
//! commit than it can in that time, another part when a random piece of the share has arrived. What was still on its way
//! is noted at each kill, and a run in which too many kills hit a system that had nothing to do fails.

mod backlog;

use crate::faults::{Tally, enrolled};
use crate::stack::{Center, Database, Part};
use crate::virtual_edge::pilot::{Makes, Pilot};
use crate::wait::{Seen, wait_closely, wait_for};
use anyhow::{Context, ensure};
use backlog::Backlog;
use ngatu_protocol::Lane;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Duration;

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One of the edges, at random.
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
    /// What the edges make.
    pub makes: Makes,
    /// Chooses the edges and the moments.
    pub seed: u64,
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
/// Between two looks at how much has arrived.
const LOOK: Duration = Duration::from_millis(2);
/// An edge is killed so long after it got work, at most.
const LATEST_EDGE_KILL: Duration = Duration::from_millis(50);
/// Another part is killed when less than this share of what was released has arrived: a center that falls behind commits
/// all the rest at once.
const LATEST_PART_KILL: f64 = 0.1;
/// This share of an edge's events is kept for the moments when it is killed itself.
const KEPT_FOR_ITS_KILLS: u64 = 4;

/// Runs the plan and settles the accounts.
///
/// # Errors
/// When a part does not come back, a kill in five hit nothing, a log tells of a panic, or the accounts do not agree.
pub async fn run(center: &mut Center, plan: &Plan, progress: impl Fn(String)) -> anyhow::Result<Tally> {
    progress(format!("{}: seed {}", plan.name, plan.seed));
    let mut pilots = Vec::new();
    for i in 1..=plan.edges {
        let options = enrolled(center, &format!("{}-{i}", plan.name)).await?;
        pilots.push(Pilot::start(options, plan.makes)?);
    }
    let database = center.database().await?;
    let schedule = Schedule::new(plan);
    let mut run = Run { pilots, database, rng: StdRng::seed_from_u64(!plan.seed), at_kill: 0 };
    let (mut tally, mut backlog) = (Tally::default(), Backlog::default());
    for (i, target) in plan.kills.iter().enumerate() {
        let killing = async {
            run.goes_on().await?;
            match (target, schedule.victims[i]) {
                (Target::Part(part), _) => run.kill_part(center, *part, &schedule.goals[i]).await,
                (Target::Edge, victim) => run.kill_edge(victim, &schedule.goals[i]).await,
            }
        };
        backlog.add(killing.await.with_context(|| format!("kill {} of {target:?}", i + 1))?);
        tally.kills += 1;
        if (i + 1) % 10 == 0 || i + 1 == plan.kills.len() {
            let arrived = run.arrived().await.unwrap_or(0);
            let (name, kills, events) = (plan.name, plan.kills.len(), plan.events);
            progress(format!("{name}: {} of {kills} kills, {arrived} of {events} events", i + 1));
        }
    }
    progress(format!("{}: {backlog}", plan.name));
    tally.busy_kills = backlog.busy();
    run.settle(plan, &mut tally).await?;
    let panics = center.dir().panics();
    ensure!(panics.is_empty(), "a part panicked: {panics:?}");
    ensure!(backlog.is_busy(), "too many kills hit a system that had nothing to do: {backlog}");
    Ok(tally)
}

/// Which edges are killed, and up to which number each edge may go at each kill.
struct Schedule {
    victims: Vec<usize>,
    goals: Vec<Vec<u64>>,
}

impl Schedule {
    fn new(plan: &Plan) -> Schedule {
        let mut rng = StdRng::seed_from_u64(plan.seed);
        let edges = usize::try_from(plan.edges).unwrap_or(usize::MAX);
        let victims: Vec<usize> = plan.kills.iter().map(|_| rng.random_range(0..edges)).collect();
        let killed = |edge: usize, kills: usize| {
            let until = plan.kills.iter().zip(&victims).take(kills);
            until.filter(|(target, victim)| **target == Target::Edge && **victim == edge).count() as u64
        };
        let (each, shares) = (plan.events / plan.edges, plan.kills.len() as u64 + 1);
        let goal = |edge: usize, kill: usize| {
            let burst = (each / KEPT_FOR_ITS_KILLS).checked_div(killed(edge, plan.kills.len())).unwrap_or(0);
            let bursts = burst * killed(edge, kill + 1);
            let rest = each - burst * killed(edge, plan.kills.len());
            bursts + (rest * (kill as u64 + 1)).div_ceil(shares)
        };
        let goals =
            (0..plan.kills.len()).map(|kill| (0..edges).map(|edge| goal(edge, kill)).collect()).collect();
        Schedule { victims, goals }
    }
}

struct Run {
    pilots: Vec<Pilot>,
    database: Database,
    rng: StdRng,
    /// How much had arrived right after the last kill.
    at_kill: u64,
}

impl Run {
    /// Waits until something arrives that had not at the last kill, if there is something.
    async fn goes_on(&self) -> anyhow::Result<()> {
        self.grown(self.at_kill + 1, true).await
    }

    async fn kill_part(&mut self, center: &mut Center, part: Part, goals: &[u64]) -> anyhow::Result<u64> {
        let pid = wait_for("part to kill", RECOVERY_DEADLINE, async || {
            Ok(center.pid_of(part).map_or_else(|e| Seen::NotYet(e.to_string()), Seen::Ready))
        })
        .await?;
        let before = self.arrived().await?;
        let more = self.release(goals).await?;
        let wanted = before + 1 + scaled(more, self.rng.random_range(0.0..LATEST_PART_KILL));
        self.grown(wanted, false).await?;
        // What was released is read before what has arrived, so this is the least that can have been on its way.
        let released: u64 = self.pilots.iter().map(Pilot::released).sum();
        let on_its_way = released.saturating_sub(self.arrived().await?);
        center.kill9(part).with_context(|| format!("pid {pid}"))?;
        self.at_kill = self.arrived().await?;
        Ok(on_its_way)
    }

    async fn kill_edge(&mut self, victim: usize, goals: &[u64]) -> anyhow::Result<u64> {
        let before = self.pilots[victim].committed();
        self.release(goals).await?;
        // A process that has just been started commits as soon as it has opened its outbox.
        wait_closely("commit of the edge", RECOVERY_DEADLINE, LOOK, async || {
            let committed = self.pilots[victim].committed();
            Ok(Seen::when(committed > before, (), format!("{committed} committed")))
        })
        .await?;
        tokio::time::sleep(LATEST_EDGE_KILL.mul_f64(self.rng.random_range(0.0..1.0))).await;
        let on_its_way = self.pilots[victim].uncommitted();
        self.pilots[victim].kill9_and_start().await?;
        self.at_kill = self.arrived().await?;
        Ok(on_its_way)
    }

    /// Lets each edge go to its goal; answers how much more that is.
    async fn release(&mut self, goals: &[u64]) -> anyhow::Result<u64> {
        let mut more = 0;
        for (pilot, goal) in self.pilots.iter_mut().zip(goals) {
            more += goal.saturating_sub(pilot.released());
            pilot.upto(*goal).await?;
        }
        Ok(more)
    }

    fn names(&self) -> Vec<String> {
        self.pilots.iter().map(|pilot| pilot.edge().to_owned()).collect()
    }

    async fn arrived(&self) -> anyhow::Result<u64> {
        let sql =
            "select coalesce(sum(received), 0)::bigint from ledger where lane = 'events' and edge = any($1)";
        let names = self.names();
        wait_for("answer of the database", RECOVERY_DEADLINE, async || {
            let sum: i64 = sqlx::query_scalar(sql).bind(&names).fetch_one(self.database.pool()).await?;
            Ok(Seen::Ready(u64::try_from(sum)?))
        })
        .await
    }

    /// Waits until so much has arrived, or (`or_all`) all that was committed.
    async fn grown(&self, wanted: u64, or_all: bool) -> anyhow::Result<()> {
        wait_closely("events to arrive", RECOVERY_DEADLINE, LOOK, async || {
            let committed: u64 = self.pilots.iter().map(Pilot::committed).sum();
            let arrived = self.arrived().await?;
            let seen = format!("{arrived} arrived of {committed} committed, {wanted} wanted");
            Ok(Seen::when(arrived >= wanted || (or_all && arrived >= committed), (), seen))
        })
        .await
    }

    /// Lets the edges make the rest, waits for it, and compares what they committed with what is there.
    async fn settle(mut self, plan: &Plan, tally: &mut Tally) -> anyhow::Result<()> {
        let each = plan.events / plan.edges;
        self.release(&vec![each; self.pilots.len()]).await?;
        self.grown(each * plan.edges, false).await.context("after the last kill")?;
        let lanes = match plan.makes {
            Makes::Events => vec![Lane::Events],
            Makes::Observations => vec![Lane::Events, Lane::Observations],
        };
        // A kill of these leaves a moment in which nobody is subscribed: see `faults` on order.
        let deaf = |target: &&Target| matches!(target, Target::Part(Part::Broker | Part::Center));
        let breaks = plan.kills.iter().filter(deaf).count() as u64;
        for pilot in &self.pilots {
            for lane in &lanes {
                let edge = pilot.edge();
                complete(&self.database, (edge, *lane), each).await?;
                let committed = each.max(pilot.committed());
                let account = tally.settle_lane(&self.database, (edge, *lane), committed).await?;
                ensure!(
                    account.came_late <= breaks,
                    "{edge} {lane}: {breaks} kills of broker or center explain no more late pieces: {account}"
                );
            }
        }
        if each.is_multiple_of(2) {
            // The last event of each edge is an end: whatever came late, nothing may be left standing.
            let sql = "select count(*) from alerts where active and edge = any($1)";
            let active: i64 =
                sqlx::query_scalar(sql).bind(self.names()).fetch_one(self.database.pool()).await?;
            ensure!(active == 0, "{active} alerts are active after the last end");
        }
        for pilot in self.pilots {
            pilot.stop().await?;
        }
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss, reason = "small counts")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive counts")]
fn scaled(count: u64, share: f64) -> u64 {
    (count as f64 * share) as u64
}

/// Waits until the ledger's unbroken run ends where the numbers do.
async fn complete(database: &Database, (edge, lane): (&str, Lane), upto: u64) -> anyhow::Result<()> {
    wait_for("complete ledger", RECOVERY_DEADLINE, async || {
        let line = database.ledger(edge, lane.as_str()).await?;
        Ok(Seen::when(line.upto >= upto, (), format!("{edge} {lane} has {line:?}")))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_only_grows_ends_below_the_total_and_gives_a_victim_more() {
        for kills in [Plan::cycle(&[Target::Edge], 50), Plan::cycle(&ALL_PARTS, 20)] {
            let plan = Plan { name: "x", edges: 5, events: 40_000, kills, makes: Makes::Events, seed: 7 };
            let Schedule { victims, goals } = Schedule::new(&plan);
            for (i, (before, after)) in goals.iter().zip(&goals[1..]).enumerate() {
                assert!(before.iter().zip(after).all(|(a, b)| a <= b && *b <= 8000), "{before:?} {after:?}");
                if plan.kills[i + 1] == Target::Edge {
                    let (victim, neighbour) = (victims[i + 1], (victims[i + 1] + 1) % 5);
                    assert!(after[victim] - before[victim] > after[neighbour] - before[neighbour] + 50);
                }
            }
            assert_ne!(victims, Schedule::new(&Plan { seed: 8, ..plan }).victims);
        }
    }
}
