//! From publishing an event to its frame on the websocket, at a steady rate; beside it the same through a bare chain:
//! MQTT, one insert committed per drained batch, websocket.
//!
//! The two take turns, and each figure is of all its turns together: one stall of the disk is longer than anything that
//! either does, and comes as often in the one as in the other.

use crate::bench::floors::Broker;
use crate::bench::{Bar, Figure, percentile, real};
use crate::clock;
use crate::faults::storm::HandMade;
use crate::stack::center::Part;
use crate::stack::process::{peak_resident_bytes, resident_bytes};
use crate::stack::{Center, Operator};
use crate::virtual_edge::event_of;
use anyhow::{Context, ensure};
use chrono::{DateTime, SubsecRound, Utc};
use futures_util::{SinkExt, StreamExt};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// Events of one payload.
const PAYLOAD: u64 = 10;
/// Zones that the events go round, so that each event changes an alert of its own.
const ZONES: u64 = 200;
/// Turns of each.
const TURNS: u64 = 4;
/// Seconds left out of the figures at the start of each turn.
const WARM_UP_S: u64 = 1;
/// Segments of the database's log, 16 MB each, that are there before the first turn: more than all turns write.
const SEGMENTS: usize = 24;

/// Measures at `per_s` events a second for `seconds` a turn.
///
/// # Errors
/// When frames are missing.
pub async fn measure(
    center: &mut Center,
    operator: &Operator,
    per_s: u64,
    seconds: u64,
) -> anyhow::Result<Vec<Figure>> {
    let plan = Plan { per_s, events: per_s * seconds };
    age(center).await.context("the database's log")?;
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for turn in 1..=TURNS {
        bare.extend(chain(center, plan).await.context("the bare chain")?);
        whole.extend(product(center, operator, turn, plan).await.context("the center")?);
    }
    let pid = center.process().pid();
    let (resident, peak) = (resident_bytes(pid), peak_resident_bytes(pid));
    let (broker, database) = (center.pid_of(Part::Broker)?, center.pid_of(Part::Database)?);
    let mib = |bytes: u64| real(usize::try_from(bytes >> 10).unwrap_or(usize::MAX)) / 1024.0;
    let mut figure = |name, share, bar| Figure {
        name,
        value: percentile(&mut whole, share) * 1000.0,
        unit: "ms",
        floor: percentile(&mut bare, share) * 1000.0,
        bar,
    };
    let (half, most) = (
        figure("event-to-websocket-p50", 0.5, Bar::None),
        figure("event-to-websocket-p99", 0.99, Bar::RatioAtMost(3.0)),
    );
    let memory = |name, bytes, bar| Figure { name, value: mib(bytes), unit: "MB", floor: 150.0, bar };
    Ok(vec![
        half,
        most,
        memory("center-resident", resident, Bar::AtMost(150.0)),
        memory("center-resident-peak", peak, Bar::AtMost(150.0)),
        memory("broker-resident", resident_bytes(broker), Bar::None),
        memory("database-postmaster-resident", resident_bytes(database), Bar::None),
    ])
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    per_s: u64,
    events: u64,
}

impl Plan {
    /// The payloads with the due time of each since the start.
    fn payloads(self, sealed: impl Fn(u64) -> String) -> Vec<(Duration, String)> {
        (0..self.events / PAYLOAD)
            .map(|i| {
                let numbers = i * PAYLOAD + 1..=(i + 1) * PAYLOAD;
                let payload = format!("[{}]", numbers.map(&sealed).collect::<Vec<_>>().join(","));
                (Duration::from_micros(i * PAYLOAD * 1_000_000 / self.per_s), payload)
            })
            .collect()
    }

    fn is_measured(self, number: u64) -> bool {
        number > WARM_UP_S * self.per_s
    }
}

/// What happens at one zone: its n-th event.
fn place(number: u64) -> (String, u64) {
    (format!("zone-{}", number % ZONES), number / ZONES + 1)
}

/// Lets the database's log be as it is after the first minutes: it writes into segments that are there already. In a new one
/// each segment is first filled with zeros, which holds up whoever writes for 10 to 20 ms, every 3 s at this rate.
async fn age(center: &Center) -> anyhow::Result<()> {
    let database = center.database().await?;
    for _ in 0..SEGMENTS {
        sqlx::raw_sql("create table bench_aged (); drop table bench_aged").execute(database.pool()).await?;
        sqlx::raw_sql("select pg_switch_wal()").execute(database.pool()).await?;
    }
    sqlx::raw_sql("checkpoint").execute(database.pool()).await?;
    Ok(())
}

async fn product(center: &Center, operator: &Operator, turn: u64, plan: Plan) -> anyhow::Result<Vec<f64>> {
    let edge = HandMade::connect(center, &format!("latency-{turn}")).await?;
    let mut live = operator.live(None).await?;
    live.next().await?;
    // The database keeps microseconds.
    let base = clock::now().trunc_subsecs(6);
    let time =
        move |number: u64| base + chrono::Duration::microseconds(i64::try_from(number * 500).unwrap_or(0));
    let payloads = plan.payloads(|number| {
        let (zone, nth) = place(number);
        edge.sealed(number, &event_of("virtual", &zone, nth, time(number)))
    });
    let topic = edge.events_topic();
    let start = clock::instant();
    let reader = tokio::spawn(async move {
        // Per zone the events that no frame has shown yet; a frame shows its alert's newest event and all before it.
        let mut waiting: HashMap<String, VecDeque<u64>> = HashMap::new();
        for number in 1..=plan.events {
            waiting.entry(place(number).0).or_default().push_back(number);
        }
        let (mut left, mut seen) = (plan.events, Vec::new());
        // Heartbeats come for ever, so the whole has a deadline.
        let end =
            start + Duration::from_micros(plan.events * 1_000_000 / plan.per_s) + Duration::from_secs(20);
        while left > 0 {
            let frame = tokio::time::timeout_at(end.into(), live.next()).await;
            let frame = frame.with_context(|| {
                let (zone, queue) = waiting.iter().max_by_key(|(_, queue)| queue.len()).unzip();
                format!(
                    "{left} events were never shown, most of {zone:?}, first {:?}",
                    queue.and_then(|q| q.front())
                )
            })??;
            let now = clock::instant();
            ensure!(frame["type"] != "resume", "the center told the client to resume: {frame}");
            let Some(zone) = frame["alert"]["zone"].as_str() else { continue };
            let newest: DateTime<Utc> = frame["alert"]["last_at"].as_str().context("last_at")?.parse()?;
            let queue = waiting.entry(zone.to_owned()).or_default();
            while let Some(number) = queue.front().copied().filter(|n| time(*n) <= newest) {
                queue.pop_front();
                left -= 1;
                seen.push((number, now));
            }
        }
        anyhow::Ok(seen)
    });
    let sent = publish(&edge.wire, &topic, start, payloads).await?;
    latencies(plan, &sent, reader.await??)
}

async fn publish(
    wire: &crate::stack::wire::Wire,
    topic: &str,
    start: Instant,
    payloads: Vec<(Duration, String)>,
) -> anyhow::Result<Vec<Instant>> {
    let mut sent = Vec::with_capacity(payloads.len());
    for (due, payload) in payloads {
        tokio::time::sleep_until((start + due).into()).await;
        sent.push(clock::instant());
        wire.send(topic, payload).await?;
    }
    Ok(sent)
}

fn latencies(plan: Plan, sent: &[Instant], seen: Vec<(u64, Instant)>) -> anyhow::Result<Vec<f64>> {
    seen.into_iter()
        .filter(|(number, _)| plan.is_measured(*number))
        .map(|(number, at)| {
            let payload = usize::try_from((number - 1) / PAYLOAD)?;
            Ok(at.saturating_duration_since(sent[payload]).as_secs_f64())
        })
        .collect()
}

/// The bare chain, with a table of its own in the same database.
async fn chain(center: &Center, plan: Plan) -> anyhow::Result<Vec<f64>> {
    let broker = Broker::start(center.dir()).await?;
    let database = center.database().await?;
    sqlx::query("create table if not exists bench_chain (number bigint primary key, data jsonb not null)")
        .execute(database.pool())
        .await?;
    sqlx::query("truncate bench_chain").execute(database.pool()).await?;
    let (publisher, mut subscriber) = (broker.client("publisher").await?, broker.client("subscriber").await?);
    subscriber.subscribe("chain").await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (taken, mut queue) = mpsc::unbounded_channel::<Vec<(i64, String)>>();
    let receive = tokio::spawn(async move {
        let mut left = plan.events / PAYLOAD;
        while left > 0 {
            let message = subscriber.message().await?;
            let events: Vec<serde_json::Value> = serde_json::from_slice(&message.payload)?;
            let events = events
                .iter()
                .map(|event| Ok((event["sequence"].as_i64().context("sequence")?, event["data"].to_string())))
                .collect::<anyhow::Result<_>>()?;
            taken.send(events).ok().context("the writer ended")?;
            left -= 1;
        }
        anyhow::Ok(subscriber)
    });
    let write = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut socket = tokio_tungstenite::accept_async(stream).await?;
        let mut connection = database.pool().acquire().await?;
        while let Some(mut events) = queue.recv().await {
            while let Ok(more) = queue.try_recv() {
                events.extend(more);
            }
            let (numbers, data): (Vec<i64>, Vec<String>) = events.into_iter().unzip();
            sqlx::query("insert into bench_chain select n, d::jsonb from unnest($1::bigint[], $2::text[]) as t (n, d) on conflict do nothing")
                .bind(&numbers)
                .bind(&data)
                .execute(&mut *connection)
                .await?;
            for (number, data) in numbers.iter().zip(&data) {
                socket.feed(Message::text(format!("{{\"number\":{number},\"event\":{data}}}"))).await?;
            }
            socket.flush().await?;
        }
        anyhow::Ok(())
    });
    let (mut client, _) = tokio_tungstenite::connect_async(format!("ws://{address}")).await?;
    let read = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < usize::try_from(plan.events)? {
            let frame = tokio::time::timeout(Duration::from_secs(20), client.next()).await?;
            let frame = frame.context("the websocket ended")??;
            let value: serde_json::Value = serde_json::from_str(frame.to_text()?)?;
            seen.push((value["number"].as_u64().context("number")?, clock::instant()));
        }
        anyhow::Ok(seen)
    });
    let outbox = ngatu_protocol::OutboxId(uuid::Uuid::new_v4());
    let edge = ngatu_protocol::EdgeId::new("chain")?;
    let base = clock::now();
    let payloads = plan.payloads(|number| {
        let (zone, nth) = place(number);
        let sealed =
            event_of("virtual", &zone, nth, base).seal(&edge, outbox, number).expect("finite numbers");
        serde_json::to_string(&sealed).expect("an envelope is JSON")
    });
    let start = clock::instant();
    let sent = publish(&publisher, "chain", start, payloads).await?;
    let seen = read.await??;
    drop(receive.await??);
    write.await??;
    sqlx::query("drop table bench_chain").execute(center.database().await?.pool()).await?;
    latencies(plan, &sent, seen)
}
