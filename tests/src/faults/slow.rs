//! T17: a websocket that does not read, beside ones that do. The center waits for none of them: it lets the stuck one go, the
//! others' changes arrive as if it had not been there, and when it comes back it holds what the database holds.
//!
//! Windows without and with it take turns under one steady stream of changes, so that both meet the same machine.

use crate::bench::percentile;
use crate::clock;
use crate::faults::drops::{Held, catch_up, compare, kept};
use crate::faults::storm::HandMade;
use crate::stack::operator::Live;
use crate::stack::{Center, Operator};
use crate::virtual_edge::event_of;
use crate::wait::{Seen, wait_for};
use anyhow::{Context, ensure};
use chrono::{DateTime, SubsecRound as _, Utc};
use futures_util::future;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::{Duration, Instant};

/// Zones that the events go round, each with an alert of its own.
const ZONES: u32 = 200;
/// Left out at the start of each window: the state that the stuck client was sent is still being written.
const WARM_UP: Duration = Duration::from_secs(4);
/// The 99th percentile beside the stuck client may be so many times that without it, and so many seconds more: what two
/// windows of one machine, which also plays all clients, differ by themselves.
const MOST: (f64, f64) = (1.5, 0.010);

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Clients that read.
    pub readers: usize,
    /// Changes a second.
    pub per_s: u32,
    /// Length of a window: longer than a client that takes nothing is waited for, and the buffers last.
    pub window: Duration,
    /// Pairs of windows.
    pub turns: u32,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Stuck clients that the center let go.
    pub dropped: usize,
    /// Changes.
    pub changes: u32,
    /// 99th percentile from sending to a reader's frame, seconds: without and beside a stuck client.
    pub p99_s: (f64, f64),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { dropped, changes, p99_s: (alone, beside) } = self;
        let (alone, beside) = (alone * 1e3, beside * 1e3);
        write!(
            f,
            "{dropped} clients that did not read were let go over {changes} changes and came back to what the database \
             holds; the others' p99 was {alone:.1} ms without and {beside:.1} ms beside them"
        )
    }
}

impl Found {
    /// Whether the others noticed nothing.
    ///
    /// # Errors
    /// When they did.
    pub fn check(&self) -> anyhow::Result<()> {
        let (alone, beside) = self.p99_s;
        ensure!(beside <= MOST.0 * alone + MOST.1, "the others had to wait: {self}");
        Ok(())
    }
}

impl Plan {
    fn changes(self) -> u32 {
        self.per_s * u32::try_from(self.window.as_secs()).unwrap_or(u32::MAX) * 2 * self.turns
    }

    /// When a change is due, since the start.
    fn due(self, change: u32) -> Duration {
        Duration::from_secs(1) * change / self.per_s
    }

    /// In which window a change lies, if it is measured.
    fn window_of(self, change: u32) -> Option<u32> {
        let due = self.due(change);
        let window = u32::try_from(due.as_millis() / self.window.as_millis().max(1)).ok()?;
        (due >= self.window * window + WARM_UP).then_some(window)
    }

    /// Its time, as the database keeps it.
    fn time_of(self, change: u32, base: DateTime<Utc>) -> DateTime<Utc> {
        base + chrono::Duration::from_std(self.due(change)).unwrap_or_default()
    }
}

/// Plays all windows.
///
/// # Errors
/// When a change is missing, a stuck client was not let go, or holds in the end something else than the database.
pub async fn run(center: &Center, operator: &Operator, plan: Plan) -> anyhow::Result<Found> {
    let database = center.database().await?;
    let edge = HandMade::connect(center, "slow").await?;
    let mut lives = Vec::new();
    for _ in 0..plan.readers {
        let mut live = operator.live(None).await?;
        live.next().await?;
        lives.push(live);
    }
    let (start, base) = (clock::instant(), clock::now().trunc_subsecs(3));
    let end = start + plan.due(plan.changes()) + Duration::from_secs(60);
    let readers: Vec<_> = lives.into_iter().map(|live| tokio::spawn(read(live, plan, (base, end)))).collect();
    let holding = (0..plan.turns).map(async |turn| {
        let begin = start + plan.window * (2 * turn + 1);
        hold(operator, (begin, begin + plan.window)).await
    });
    let (sent, held) = tokio::try_join!(send(&edge, plan, (start, base)), future::try_join_all(holding))?;
    let mut seconds = [Vec::new(), Vec::new()];
    for reader in readers {
        for (change, seen) in reader.await?? {
            if let Some(window) = plan.window_of(change) {
                let waited = seen.saturating_duration_since(sent[change as usize]);
                seconds[(window % 2) as usize].push(waited.as_secs_f64());
            }
        }
    }
    let upto = u64::from(plan.changes());
    wait_for("all events in the database", Duration::from_secs(60), async || {
        let line = database.ledger("slow", "events").await?;
        Ok(Seen::when(line.upto == upto, (), format!("{line:?}")))
    })
    .await?;
    let (last, kept) = kept(&database).await?;
    for _ in &held {
        // It has missed more than is kept for it, so it begins anew.
        let mut back = Held::default();
        catch_up(&mut back, &mut operator.live(None).await?, last).await?;
        compare(&back, &kept)?;
    }
    let [mut alone, mut beside] = seconds;
    let p99_s = (percentile(&mut alone, 0.99), percentile(&mut beside, 0.99));
    Ok(Found { dropped: held.len(), changes: plan.changes(), p99_s })
}

/// Sends all changes; when each went.
async fn send(
    edge: &HandMade,
    plan: Plan,
    (start, base): (Instant, DateTime<Utc>),
) -> anyhow::Result<Vec<Instant>> {
    let topic = edge.events_topic();
    let mut sent = Vec::new();
    for change in 0..plan.changes() {
        tokio::time::sleep_until((start + plan.due(change)).into()).await;
        let event =
            event_of("virtual", &zone(change), u64::from(change / ZONES + 1), plan.time_of(change, base));
        let payload = format!("[{}]", edge.sealed(u64::from(change + 1), &event));
        sent.push(clock::instant());
        edge.wire.send(&topic, payload).await?;
    }
    Ok(sent)
}

fn zone(change: u32) -> String {
    format!("zone-{}", change % ZONES)
}

/// Reads every change; when each came. A frame shows its alert's newest event and all before it.
async fn read(
    mut live: Live,
    plan: Plan,
    (base, end): (DateTime<Utc>, Instant),
) -> anyhow::Result<Vec<(u32, Instant)>> {
    let mut waiting: HashMap<String, VecDeque<u32>> = HashMap::new();
    for change in 0..plan.changes() {
        waiting.entry(zone(change)).or_default().push_back(change);
    }
    let mut seen = Vec::new();
    while seen.len() < plan.changes() as usize {
        let frame = tokio::time::timeout_at(end.into(), live.next()).await;
        let frame =
            frame.with_context(|| format!("{} of {} changes were shown", seen.len(), plan.changes()))??;
        let now = clock::instant();
        ensure!(frame["type"] != "resume", "a client that reads was let go: {frame}");
        let Some(queue) = frame["alert"]["zone"].as_str().and_then(|zone| waiting.get_mut(zone)) else {
            continue;
        };
        let newest: DateTime<Utc> = frame["alert"]["last_at"].as_str().context("last_at")?.parse()?;
        while let Some(change) = queue.front().copied().filter(|change| plan.time_of(*change, base) <= newest)
        {
            queue.pop_front();
            seen.push((change, now));
        }
    }
    Ok(seen)
}

/// Takes the state and then nothing until the end of its window; by then the center must have let it go.
async fn hold(operator: &Operator, (begin, end): (Instant, Instant)) -> anyhow::Result<()> {
    tokio::time::sleep_until(begin.into()).await;
    let mut live = operator.live(None).await?;
    let mut held = Held::default();
    held.take(&live.next().await?)?;
    tokio::time::sleep_until(end.into()).await;
    // What had been sent before is still there, without a hole; then the line is at its end. A client that was still
    // served would be told to resume now.
    let rest = async {
        while let Ok(frame) = live.next().await {
            ensure!(frame["type"] != "resume", "it was let go only when it read again: {frame}");
            held.take(&frame)?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), rest).await.context("it was not let go")?
}
