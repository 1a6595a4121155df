//! Overload: many edges at a steady rate, then ten times as much for a while, then the steady rate again.
//!
//! Alerts must still reach a browser in time, memory must stay bounded, and telemetry gives way: at the edges, whose
//! outboxes are small, and at the center, which takes what it has room for. Every message is accounted for afterwards.

use crate::bench::percentile;
use crate::clock;
use crate::faults::{Tally, enrolled};
use crate::stack::process::resident_bytes;
use crate::stack::{Center, Database, Operator};
use crate::virtual_edge::{self, VirtualEdge};
use crate::wait::{Seen, wait_for};
use anyhow::{Context, bail, ensure};
use chrono::{DateTime, SubsecRound, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use ngatu_protocol::{Body, Lane, Message};
use sqlx::Row as _;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How much more in the burst.
const TIMES: u32 = 10;
/// One message in so many is an event, which changes an alert.
const EVENT_EVERY: u64 = 50;
/// One message in so many is of the lane health.
const HEALTH_EVERY: u64 = 10;
/// Zones of an edge that its events go round.
const ZONES: u64 = 8;
/// How often an edge makes what is due.
const TICK: Duration = Duration::from_millis(250);
/// An alert must be at a browser by then, in 99 of 100 cases, on a machine that does nothing else.
const ALERT_P99_S: f64 = 2.0;
/// More resident memory than this is no bounded center.
const RESIDENT_BYTES: u64 = 400 << 20;
/// How long the backlog may take afterwards.
const DRAINED: Duration = Duration::from_secs(180);

/// How much comes from how many.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Edges.
    pub edges: u64,
    /// Messages a second at the steady rate, of all edges together.
    pub per_s: u32,
    /// How long the steady rate lasts, before the burst and after it.
    pub steady: Duration,
    /// How long the burst lasts.
    pub burst: Duration,
    /// The limit of each edge's outbox, bytes.
    pub max_bytes: u64,
}

/// How often the rate is doubled for a machine that keeps up.
const DOUBLED_AT_MOST: u32 = 3;

/// Runs the plan until telemetry has given way: each time that the machine kept up, at twice the rate, with a new center
/// from `start`. Every run must reach the bars.
///
/// # Errors
/// When a bar is missed, or the machine kept up with eight times the plan's rate, so that nothing was seen.
pub async fn until_it_sheds(
    mut plan: Plan,
    start: impl AsyncFn() -> anyhow::Result<(Center, Operator)>,
    progress: impl Fn(String),
) -> anyhow::Result<Tenfold> {
    for _ in 0..=DOUBLED_AT_MOST {
        let (mut center, operator) = start().await?;
        let found = run(&mut center, &operator, plan).await?;
        center.stop()?;
        progress(format!("tenfold at {}/s: {found}", plan.per_s * TIMES));
        found.check(ALERT_P99_S)?;
        if found.has_shed() {
            return Ok(found);
        }
        plan.per_s *= 2;
    }
    bail!("nothing gave way at {} messages a second: this machine needs more", plan.per_s / 2 * TIMES)
}

impl Plan {
    /// Messages that each edge should have made by a time since the start.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive counts")]
    #[allow(clippy::cast_precision_loss, reason = "few edges")]
    fn due(&self, since: Duration) -> u64 {
        let in_burst = since.saturating_sub(self.steady).min(self.burst);
        let seconds = (since + in_burst * (TIMES - 1)).as_secs_f64();
        (seconds * f64::from(self.per_s) / self.edges as f64) as u64
    }

    fn length(&self) -> Duration {
        self.steady * 2 + self.burst
    }

    fn is_burst(&self, since: Duration) -> bool {
        since >= self.steady && since < self.steady + self.burst
    }
}

/// What it showed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tenfold {
    /// Accounts of all lanes.
    pub tally: Tally,
    /// Messages made during the burst, each second.
    pub made_per_s: f64,
    /// Messages committed during the burst, each second.
    pub committed_per_s: f64,
    /// Telemetry that the edges gave up and declared: counted when dropped, whether sent before or not.
    pub declared: u64,
    /// Of it, what never arrived: the ledger's `lost`.
    pub lost: u64,
    /// Payloads that the center had no room for, as the API counts them; they came again.
    pub shed: u64,
    /// Messages that came again.
    pub came_again: u64,
    /// Events of the burst.
    pub alerts: u64,
    /// From before the push at the edge to the websocket's frame, seconds: half, 99 of 100, and all of them.
    pub alert_s: (f64, f64, f64),
    /// The highest resident memory of the center, bytes.
    pub resident_bytes: u64,
    /// From the end of the making to empty outboxes, seconds.
    pub drained_s: f64,
}

impl std::fmt::Display for Tenfold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (half, most, all) = self.alert_s;
        write!(
            f,
            "made {:.0}/s, committed {:.0}/s, {} events to the browser in p50 {half:.3} s, p99 {most:.3} s, \
             slowest {all:.3} s, {} given up and declared at the edges, of which {} never arrived, \
             {} payloads shed at the center, {} messages came again, center at most {} MiB, drained in {:.1} s",
            self.made_per_s,
            self.committed_per_s,
            self.alerts,
            self.declared,
            self.lost,
            self.shed,
            self.came_again,
            self.resident_bytes >> 20,
            self.drained_s
        )
    }
}

impl Tenfold {
    /// Whether telemetry gave way, with counters that say so.
    #[must_use]
    pub fn has_shed(&self) -> bool {
        self.declared > 0 && self.lost > 0
    }

    /// Holds what was seen against the bars; `alert_p99_s`: by when 99 of 100 alerts must be at a browser, seconds.
    ///
    /// # Errors
    /// When one is missed.
    pub fn check(&self, alert_p99_s: f64) -> anyhow::Result<()> {
        ensure!(self.alerts > 0 && self.alert_s.1 <= alert_p99_s, "alerts came late: {self}");
        ensure!(self.resident_bytes < RESIDENT_BYTES, "memory: {self}");
        // Either telemetry gave way, or the outboxes had room for what the center was behind, and it caught up.
        let caught_up = self.drained_s < DRAINED.as_secs_f64();
        ensure!(self.lost > 0 || caught_up, "the center fell behind and nothing gave way: {self}");
        ensure!(self.tally.is_clean(), "{:?}", self.tally);
        Ok(())
    }
}

/// Events on their way to the browser.
#[derive(Debug, Default)]
struct Board {
    /// By zone: the event's time, when it was pushed, and whether in the burst; the oldest first.
    waiting: HashMap<String, VecDeque<(DateTime<Utc>, Instant, bool)>>,
    left: u64,
    burst_s: Vec<f64>,
}

#[derive(Debug, Clone, Default)]
struct Watched {
    board: Arc<Mutex<Board>>,
    made: Arc<AtomicU64>,
}

impl Watched {
    fn board(&self) -> std::sync::MutexGuard<'_, Board> {
        self.board.lock().expect("nothing panics while it holds the lock")
    }

    /// A frame shows its alert's newest event, and with it all before.
    fn shown(&self, zone: &str, newest: DateTime<Utc>) {
        let now = clock::instant();
        let mut board = self.board();
        let Board { waiting, left, burst_s } = &mut *board;
        let Some(queue) = waiting.get_mut(zone) else { return };
        while let Some((_, pushed, in_burst)) = queue.front().copied().filter(|(time, ..)| *time <= newest) {
            queue.pop_front();
            *left -= 1;
            if in_burst {
                burst_s.push(now.saturating_duration_since(pushed).as_secs_f64());
            }
        }
    }
}

/// One edge and what it made.
struct Maker {
    edge: VirtualEdge,
    name: String,
    made: BTreeMap<Lane, u64>,
    watched: Watched,
}

impl Maker {
    /// Makes what is due, tick by tick, until the plan is over.
    async fn run(mut self, plan: Plan, start: Instant) -> anyhow::Result<Maker> {
        let (mut done, mut tick) = (0, tokio::time::interval_at(start.into(), TICK));
        loop {
            let since = start.elapsed().min(plan.length());
            let due = plan.due(since);
            if due > done {
                self.push(done..due, plan.is_burst(since)).await?;
                self.watched.made.fetch_add(due - done, Ordering::Relaxed);
                done = due;
            }
            if since == plan.length() {
                return Ok(self);
            }
            tick.tick().await;
        }
    }

    async fn push(&mut self, range: std::ops::Range<u64>, in_burst: bool) -> anyhow::Result<()> {
        // The database keeps microseconds.
        let now = clock::now().trunc_subsecs(6);
        let messages = range.map(|number| self.message(number, now, in_burst)).collect();
        self.edge.push(messages).await
    }

    #[allow(clippy::cast_precision_loss, reason = "small counts")]
    fn message(&mut self, number: u64, now: DateTime<Utc>, in_burst: bool) -> Message {
        let (lane, message) = if number % EVENT_EVERY == EVENT_EVERY - 1 {
            let nth = self.made.get(&Lane::Events).copied().unwrap_or(0) + 1;
            let zone = format!("{}-{}", self.name, nth.div_ceil(2) % ZONES);
            let message = virtual_edge::event_of("virtual", &zone, nth, now);
            let mut board = self.watched.board();
            board.waiting.entry(zone).or_default().push_back((now, clock::instant(), in_burst));
            board.left += 1;
            (Lane::Events, message)
        } else if number.is_multiple_of(HEALTH_EVERY) {
            (Lane::Health, self.health(number as f64, now))
        } else {
            (Lane::Observations, virtual_edge::observation(number as f64, now))
        };
        *self.made.entry(lane).or_default() += 1;
        message
    }
}

impl Maker {
    /// As an agent reports it: how much waits and how much was given up.
    fn health(&self, uptime_s: f64, now: DateTime<Utc>) -> Message {
        let mut message = virtual_edge::health(uptime_s, now);
        if let Body::Health(data) = &mut message.body {
            (data.outbox_depth, data.outbox_dropped) =
                (self.edge.outbox().depth(), self.edge.outbox().dropped());
        }
        message
    }
}

/// T16: runs the plan and settles the accounts.
///
/// # Errors
/// When a message is not accounted for, or something ends.
pub async fn run(center: &mut Center, operator: &Operator, plan: Plan) -> anyhow::Result<Tenfold> {
    let watched = Watched::default();
    let makers = makers(center, plan, &watched).await?;
    let database = center.database().await?;
    let pid = center.process().pid();
    let mut live = operator.live(None).await?;
    live.next().await?;
    let shown = watched.clone();
    let mut reader = tokio::spawn(async move {
        loop {
            let frame = live.next().await?;
            ensure!(frame["type"] != "resume", "the center told the client to resume: {frame}");
            let Some(zone) = frame["alert"]["zone"].as_str() else { continue };
            shown.shown(zone, frame["alert"]["last_at"].as_str().context("last_at")?.parse()?);
        }
        #[allow(unreachable_code, reason = "names the type of the result")]
        anyhow::Ok(())
    });
    let mut found = Tenfold::default();
    let mut peak = 0;
    let memory = async {
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        loop {
            tick.tick().await;
            peak = resident_bytes(pid).max(peak);
        }
    };
    let makers = tokio::select! {
        ended = &mut reader => bail!("the websocket's reader ended: {ended:?}"),
        () = memory => bail!("the watch on the memory ended"),
        done = work(&database, (plan, makers), &watched, &mut found) => done?,
    };
    reader.abort();
    found.resident_bytes = peak;
    let mut seconds = std::mem::take(&mut watched.board().burst_s);
    found.alerts = seconds.len() as u64;
    let mut share = |share| percentile(&mut seconds, share);
    found.alert_s = (share(0.5), share(0.99), share(1.0));
    settle(&database, makers, &mut found).await.with_context(|| found.to_string())?;
    // The API counts the same.
    let ledger = operator.get("ledger").await?;
    let sum = |list: &str, figure: &str| -> u64 {
        ledger[list].as_array().into_iter().flatten().filter_map(|line| line[figure].as_u64()).sum()
    };
    found.shed = sum("shed", "payloads");
    let lost = sum("items", "lost");
    ensure!(lost == found.lost, "lost {}, the API says {lost}", found.lost);
    Ok(found)
}

async fn makers(center: &Center, plan: Plan, watched: &Watched) -> anyhow::Result<Vec<Maker>> {
    let makers: Vec<Maker> = stream::iter(0..plan.edges)
        .map(|i| async move {
            let name = format!("tenfold-{i}");
            let mut options = enrolled(center, &name).await?;
            options.max_bytes = plan.max_bytes;
            let mut edge = VirtualEdge::open(options)?;
            edge.connect()?;
            anyhow::Ok(Maker { edge, name, made: BTreeMap::new(), watched: watched.clone() })
        })
        .buffer_unordered(4)
        .try_collect()
        .await?;
    wait_for("connected edges", Duration::from_secs(60), async || {
        let away = makers.iter().filter(|m| m.edge.uplink().is_none_or(|u| !u.status().borrow().connected));
        let away = away.count();
        Ok(Seen::when(away == 0, (), format!("{away} are not connected")))
    })
    .await?;
    Ok(makers)
}

async fn work(
    database: &Database,
    (plan, makers): (Plan, Vec<Maker>),
    watched: &Watched,
    found: &mut Tenfold,
) -> anyhow::Result<Vec<Maker>> {
    let start = clock::instant();
    let running = makers.into_iter().map(|maker| tokio::spawn(maker.run(plan, start)));
    let rates = async {
        let at = |since: Duration| async move {
            tokio::time::sleep_until((start + since).into()).await;
            let (made, committed) = (watched.made.load(Ordering::Relaxed), committed(database).await?);
            anyhow::Ok((made, committed, start.elapsed().as_secs_f64()))
        };
        let (begin, end) = (at(plan.steady).await?, at(plan.steady + plan.burst).await?);
        let per_s = |more: u64| f64::from(u32::try_from(more).unwrap_or(u32::MAX)) / (end.2 - begin.2);
        anyhow::Ok((per_s(end.0 - begin.0), per_s(end.1 - begin.1)))
    };
    let (makers, rates) = tokio::join!(futures_util::future::join_all(running), rates);
    (found.made_per_s, found.committed_per_s) = rates?;
    let makers = makers.into_iter().map(|done| done?).collect::<anyhow::Result<Vec<Maker>>>()?;
    let ended = clock::instant();
    for maker in &makers {
        maker.edge.drained(DRAINED.saturating_sub(ended.elapsed())).await?;
    }
    found.drained_s = ended.elapsed().as_secs_f64();
    wait_for("the last alert at the browser", Duration::from_secs(60), async || {
        let left = watched.board().left;
        Ok(Seen::when(left == 0, (), format!("{left} events were not shown")))
    })
    .await?;
    Ok(makers)
}

async fn settle(database: &Database, makers: Vec<Maker>, found: &mut Tenfold) -> anyhow::Result<()> {
    for lane in [Lane::Observations, Lane::Health] {
        settle_telemetry(database, &makers, lane, found).await?;
    }
    for maker in makers {
        let dropped = maker.edge.outbox().dropped()[&Lane::Events];
        ensure!(dropped == 0, "{} gave up {dropped} events while telemetry was left", maker.name);
        found.tally.settle(database, &maker.name, maker.made[&Lane::Events]).await?;
        maker.edge.stop().await;
    }
    Ok(())
}

async fn committed(database: &Database) -> anyhow::Result<u64> {
    Ok(u64::try_from(database.number("select coalesce(sum(received), 0)::bigint from ledger").await?)?)
}

/// A lane as the tables have it: each number that an edge gave is a row, a declared loss or the declaration itself. What
/// was dropped while it was on its way may have arrived: then it is declared, and not lost.
async fn settle_telemetry(
    database: &Database,
    makers: &[Maker],
    lane: Lane,
    found: &mut Tenfold,
) -> anyhow::Result<()> {
    let sql = format!(
        "select l.edge, l.upto, l.received, l.lost, l.duplicates, coalesce(t.rows, 0) as rows, \
             coalesce(t.numbers, 0) as numbers, coalesce(d.declarations, 0) as declarations, \
             coalesce(d.declared, 0)::bigint as declared \
         from ledger l \
         left join (select edge, count(*) as rows, count(distinct sequence) as numbers from {lane} group by edge) t \
             using (edge) \
         left join (select edge, count(*) as declarations, sum(count) as declared from losses where lane = $1 \
             group by edge) d using (edge) \
         where l.lane = $1"
    );
    let lines = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(lane.as_str()).fetch_all(database.pool()).await?;
    for maker in makers {
        let name = &maker.name;
        let line = lines.iter().find(|line| line.get::<String, _>("edge") == *name);
        let line = line.with_context(|| format!("{name} has no ledger of {lane}"))?;
        let number = |column| anyhow::Ok(u64::try_from(line.try_get::<i64, _>(column)?)?);
        let (received, lost, rows, numbers) =
            (number("received")?, number("lost")?, number("rows")?, number("numbers")?);
        let (declarations, declared) = (number("declarations")?, number("declared")?);
        let outbox = maker.edge.outbox();
        let (made, dropped, last) = (maker.made[&lane], outbox.dropped()[&lane], outbox.last()[&lane]);
        let seen = format!(
            "{name} {lane}: made {made}, dropped {dropped}, received {received}, lost {lost}, rows {rows}, numbers \
             {numbers}, declarations {declarations} of {declared}"
        );
        ensure!(number("upto")? == last, "not all of {last} numbers are settled: {seen}");
        ensure!(declared == dropped && lost <= declared, "dropped and declared differ: {seen}");
        ensure!(received == numbers + declarations, "ledger and table differ: {seen}");
        ensure!(numbers + lost == made, "a message is neither stored nor declared lost: {seen}");
        found.tally.duplicated += rows - numbers;
        found.declared += declared;
        found.lost += lost;
        found.came_again += number("duplicates")?;
    }
    Ok(())
}
