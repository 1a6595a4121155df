//! Many screens at once: from publishing an event to its frame on each of 200 websockets; beside it a bare fan-out that
//! sends the very same frames at the same rate to as many clients.

use crate::bench::{Bar, Figure, percentile};
use crate::clock;
use crate::faults::storm::HandMade;
use crate::stack::Center;
use crate::stack::operator::Live;
use crate::virtual_edge::event_of;
use anyhow::{Context, ensure};
use chrono::{SubsecRound, TimeDelta};
use futures_util::{SinkExt, StreamExt, future};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{self, Receiver, error::TryRecvError};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Websockets.
const CLIENTS: usize = 200;
/// Changes a second.
const PER_S: usize = 200;
/// Seconds that are played.
const SECONDS: usize = 10;
/// Of these the first are left out.
const WARM_UP_S: usize = 2;
/// Changes that each client sees.
const CHANGES: usize = PER_S * SECONDS;
/// Zones that the events go round, so that each event changes an alert of its own.
const ZONES: usize = 200;
/// How many times the 99th percentile of the bare fan-out it may take.
const MOST: f64 = 3.0;

/// Measures with a running center.
///
/// # Errors
/// When frames are missing.
pub async fn measure(center: &Center) -> anyhow::Result<Vec<Figure>> {
    let (mut product, frames) = product(center).await.context("the center")?;
    let mut bare = bare(frames).await.context("the bare fan-out")?;
    let mut figure = |name, share, bar| Figure {
        name,
        value: percentile(&mut product, share) * 1e3,
        unit: "ms",
        floor: percentile(&mut bare, share) * 1e3,
        bar,
    };
    Ok(vec![
        figure("event-to-200-websockets-p50", 0.5, Bar::None),
        figure("event-to-200-websockets-p99", 0.99, Bar::RatioAtMost(MOST)),
    ])
}

async fn product(center: &Center) -> anyhow::Result<(Vec<f64>, Vec<Utf8Bytes>)> {
    let operator = center.operator().await?;
    let edge = HandMade::connect(center, "fanout").await?;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut live = operator.live(None).await?;
        live.next().await?;
        clients.push(live);
    }
    // The database keeps microseconds.
    let base = clock::now().trunc_subsecs(6);
    let payload = |change: usize| {
        let time = base + TimeDelta::seconds(1) * i32::try_from(change)? / i32::try_from(PER_S)?;
        let (zone, nth) = (format!("zone-{}", change % ZONES), u64::try_from(change / ZONES + 1)?);
        let sealed = edge.sealed(u64::try_from(change + 1)?, &event_of("virtual", &zone, nth, time));
        anyhow::Ok(format!("[{sealed}]"))
    };
    let payloads = (0..CHANGES).map(payload).collect::<anyhow::Result<Vec<_>>>()?;
    let topic = edge.events_topic();
    let start = clock::instant();
    let readers = readers(clients, start);
    let mut sent = Vec::with_capacity(CHANGES);
    for (change, payload) in payloads.into_iter().enumerate() {
        tokio::time::sleep_until((start + due(change)).into()).await;
        sent.push(clock::instant());
        edge.wire.send(&topic, payload).await?;
    }
    finish(readers, &sent).await
}

/// One ring that all clients read, as the center has it, and nothing else.
async fn bare(frames: Vec<Utf8Bytes>) -> anyhow::Result<Vec<f64>> {
    let (ring, _) = broadcast::channel::<Utf8Bytes>(4096);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let sender = ring.clone();
    let accept = tokio::spawn(async move {
        for _ in 0..CLIENTS {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(forward(stream, sender.subscribe()));
        }
        anyhow::Ok(())
    });
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Live::open(&url).await?);
    }
    accept.await??;
    let start = clock::instant();
    let readers = readers(clients, start);
    let mut sent = Vec::with_capacity(CHANGES);
    for (change, frame) in frames.into_iter().enumerate() {
        tokio::time::sleep_until((start + due(change)).into()).await;
        sent.push(clock::instant());
        ring.send(frame).ok().context("nobody listens")?;
    }
    Ok(finish(readers, &sent).await?.0)
}

async fn forward(stream: TcpStream, mut frames: Receiver<Utf8Bytes>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    while let Ok(frame) = frames.recv().await {
        let mut next = Ok(frame);
        while let Ok(frame) = next {
            socket.feed(Message::Text(frame)).await?;
            next = frames.try_recv();
        }
        ensure!(!matches!(next, Err(TryRecvError::Lagged(_))), "a client was too slow");
        socket.flush().await?;
    }
    // Whoever closes first has read all.
    while socket.next().await.is_some() {}
    Ok(())
}

/// When a change is due, since the start.
fn due(change: usize) -> Duration {
    Duration::from_secs(1) * u32::try_from(change).unwrap_or(u32::MAX) / u32::try_from(PER_S).unwrap_or(1)
}

/// What a client has seen: of each change when, and in which frame.
type Seen = Vec<Option<(Instant, Utf8Bytes)>>;
type Reader = tokio::task::JoinHandle<anyhow::Result<Seen>>;

fn readers(clients: Vec<Live>, start: Instant) -> Vec<Reader> {
    // Heartbeats come for ever, so the whole has a deadline.
    let end = start + due(CHANGES) + Duration::from_secs(20);
    clients
        .into_iter()
        .enumerate()
        .map(|(client, live)| {
            // The frames of the first client are enough to play them again.
            tokio::spawn(read(live, client == 0, end))
        })
        .collect()
}

async fn read(mut live: Live, keeps_frames: bool, end: Instant) -> anyhow::Result<Seen> {
    let mut seen: Seen = vec![None; CHANGES];
    let mut of_zone = vec![0; ZONES];
    let mut left = CHANGES;
    while left > 0 {
        let frame = tokio::time::timeout_at(end.into(), live.text()).await;
        let frame = frame.with_context(|| format!("{left} of {CHANGES} changes were never shown"))??;
        let now = clock::instant();
        // So many alerts are a flood, which is told as well.
        if [r#"{"type":"heartbeat""#, r#"{"type":"flood""#].iter().any(|other| frame.starts_with(other)) {
            continue;
        }
        let zone = zone_of(&frame).with_context(|| format!("not a change: {frame}"))?;
        let change = of_zone[zone] * ZONES + zone;
        of_zone[zone] += 1;
        let place = seen.get_mut(change).with_context(|| format!("one change too many of zone {zone}"))?;
        *place = Some((now, if keeps_frames { frame } else { Utf8Bytes::default() }));
        left -= 1;
    }
    Ok(seen)
}

/// The number of the zone in a frame. Reading 40,000 frames a second as JSON would measure the reader.
fn zone_of(frame: &str) -> Option<usize> {
    let (_, after) = frame.split_once("\"zone-")?;
    let (number, _) = after.split_once('"')?;
    number.parse().ok().filter(|zone| *zone < ZONES)
}

/// Seconds from sending to each client's frame, without the warm-up; and the frames, in the order of the changes.
async fn finish(readers: Vec<Reader>, sent: &[Instant]) -> anyhow::Result<(Vec<f64>, Vec<Utf8Bytes>)> {
    let (mut seconds, mut frames) = (Vec::with_capacity(CLIENTS * CHANGES), Vec::new());
    for (client, seen) in future::try_join_all(readers).await?.into_iter().enumerate() {
        for (change, seen) in seen?.into_iter().enumerate() {
            let (at, frame) = seen.context("a change is missing")?;
            if change >= WARM_UP_S * PER_S {
                seconds.push(at.saturating_duration_since(sent[change]).as_secs_f64());
            }
            if client == 0 {
                frames.push(frame);
            }
        }
    }
    Ok((seconds, frames))
}
