//! T18: websockets that are cut again and again, in the middle of whatever comes, while alerts begin, repeat, end and are
//! acknowledged. Whoever comes back with the number of the last change that it has gets every change once and in order,
//! and holds in the end exactly what the database holds.

use crate::clock;
use crate::faults::storm::HandMade;
use crate::stack::operator::Live;
use crate::stack::proxy::Proxy;
use crate::stack::{Center, Database, Operator};
use crate::virtual_edge::event_of;
use crate::wait::{Seen, wait_for};
use anyhow::{Context, ensure};
use chrono::SubsecRound as _;
use futures_util::future;
use ngatu_protocol::{Lane, Topic};
use serde_json::Value;
use sqlx::Row as _;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use tokio::sync::watch;

/// Zones that the events go round, each with an alert of its own.
const ZONES: u64 = 40;
/// Between two events.
const EVENT_EVERY: Duration = Duration::from_millis(4);
/// Events between two acknowledgements.
const EVENTS_EACH: u64 = 20;

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Clients.
    pub clients: usize,
    /// How often each is cut.
    pub drops_each: usize,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Connections that were cut.
    pub drops: usize,
    /// Changes that each client got.
    pub changes: i64,
    /// Alerts that each client and the database hold in the end.
    pub alerts: usize,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { drops, changes, alerts } = self;
        write!(
            f,
            "{drops} drops over {changes} changes; the clients and the database hold the same {alerts} alerts"
        )
    }
}

/// An alert as far as it is compared: the number of its newest change, whether it lasts, whether a person saw it.
type Compared = (i64, bool, bool);

/// What a client holds.
#[derive(Debug, Default)]
struct Held {
    seq: Option<i64>,
    alerts: BTreeMap<String, Compared>,
}

impl Held {
    fn take(&mut self, frame: &Value) -> anyhow::Result<()> {
        let number = || frame["seq"].as_i64().with_context(|| format!("{frame} has no number"));
        match frame["type"].as_str() {
            Some("snapshot") => {
                ensure!(self.seq.is_none(), "a state instead of the missed changes: {}", frame["seq"]);
                self.seq = Some(number()?);
                for alert in frame["alerts"].as_array().into_iter().flatten() {
                    self.put(alert)?;
                }
            }
            Some("change") => {
                let seq = number()?;
                ensure!(self.seq == Some(seq - 1), "after {:?} came {seq}", self.seq);
                self.seq = Some(seq);
                self.put(&frame["alert"])?;
            }
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self, alert: &Value) -> anyhow::Result<()> {
        let id = alert["id"].as_str().context("an alert has an id")?;
        let seq = alert["seq"].as_i64().context("an alert has a number")?;
        let (active, acknowledged) = (alert["active"] == true, !alert["acknowledged_at"].is_null());
        self.alerts.insert(id.to_owned(), (seq, active, acknowledged));
        Ok(())
    }
}

/// Cuts, and compares in the end.
///
/// # Errors
/// When a change is missing, comes twice or out of order, or a client holds something else than the database.
pub async fn run(center: &Center, operator: &Operator, plan: Plan) -> anyhow::Result<Found> {
    let database = center.database().await?;
    let (stop, stopped) = watch::channel(false);
    let writing = write(center, operator, stopped);
    let cutting = async {
        let clients = (0..plan.clients).map(|client| cut(center, operator, (client, plan.drops_each)));
        let held = future::try_join_all(clients).await;
        let _ = stop.send(true);
        held
    };
    let (written, held) = tokio::join!(writing, cutting);
    let (written, held) = (written?, held?);
    wait_for("all events in the database", Duration::from_secs(120), async || {
        let line = database.ledger("drops", "events").await?;
        Ok(Seen::when(line.upto == written, (), format!("{line:?}")))
    })
    .await?;
    let (last, kept) = kept(&database).await?;
    let mut alerts = 0;
    for mut held in held {
        let mut live = operator.live(held.seq).await?;
        catch_up(&mut held, &mut live, last).await?;
        alerts = compare(&held, &kept)?;
    }
    Ok(Found { drops: plan.clients * plan.drops_each, changes: last, alerts })
}

/// Sends events, and acknowledges alerts, until told to stop; how many events.
async fn write(center: &Center, operator: &Operator, stopped: watch::Receiver<bool>) -> anyhow::Result<u64> {
    let mut edge = HandMade::connect(center, "drops").await?;
    let mut number = 0;
    while !*stopped.borrow() {
        tokio::time::sleep(EVENT_EVERY).await;
        let (zone, nth) = (format!("zone-{}", number % ZONES), number / ZONES + 1);
        number += 1;
        let event = event_of("virtual", &zone, nth, clock::now().trunc_subsecs(6));
        // With the broker's yes to each: what still waits in the client when it goes would reach nobody.
        let topic = Topic::Lane(edge.edge.clone(), Lane::Events);
        edge.publish(&topic, format!("[{}]", edge.sealed(number, &event)), false).await?;
        if number % EVENTS_EACH == 0
            && let Some(alert) = operator.items("alerts?limit=1&state=open").await?.first()
        {
            let id = alert["id"].as_str().context("an alert has an id")?;
            operator.post(&format!("alerts/{id}/acknowledge")).await?;
        }
    }
    Ok(number)
}

/// One client: connects, reads a little, is cut, and comes back.
async fn cut(center: &Center, operator: &Operator, (client, times): (usize, usize)) -> anyhow::Result<Held> {
    let proxy = Proxy::start(center.http_url().trim_start_matches("http://")).await?;
    let operator = operator.by_way_of(format!("http://{}", proxy.address()));
    let mut held = Held::default();
    for drop in 0..times {
        let mut live = operator.live(held.seq).await?;
        // Sometimes before the first frame, sometimes after some.
        let patience = (drop * 7 + client * 3) % 12;
        for _ in 0..patience.max(usize::from(held.seq.is_none())) {
            held.take(&live.next().await?)?;
        }
        // The network goes, or the client itself.
        if drop % 2 == 0 {
            proxy.reset();
            while let Ok(frame) = live.next().await {
                held.take(&frame)?;
            }
        }
    }
    Ok(held)
}

async fn catch_up(held: &mut Held, live: &mut Live, last: i64) -> anyhow::Result<()> {
    let read = async {
        while held.seq.is_none_or(|seq| seq < last) {
            held.take(&live.next().await?)?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(60), read).await.context("the last changes did not come")?
}

/// The newest change's number, and every alert as the database has it.
async fn kept(database: &Database) -> anyhow::Result<(i64, BTreeMap<String, Compared>)> {
    let last: i64 = sqlx::query_scalar("select max(seq) from alert_log").fetch_one(database.pool()).await?;
    let rows = sqlx::query("select id::text, seq, active, acknowledged_at is not null from alerts");
    let rows = rows.fetch_all(database.pool()).await?;
    let row = |row: &sqlx::postgres::PgRow| (row.get(0), (row.get(1), row.get(2), row.get(3)));
    Ok((last, rows.iter().map(row).collect()))
}

/// Whether all that a client holds is as in the database, and all that is unfinished there is held; how many that are.
fn compare(held: &Held, kept: &BTreeMap<String, Compared>) -> anyhow::Result<usize> {
    for (id, alert) in &held.alerts {
        ensure!(kept.get(id) == Some(alert), "{id}: held {alert:?}, kept {:?}", kept.get(id));
    }
    for (id, alert @ (_, active, acknowledged)) in kept {
        let is_finished = !active && *acknowledged;
        ensure!(is_finished || held.alerts.contains_key(id), "{id} is missing: {alert:?}");
    }
    Ok(held.alerts.len())
}
