//! Ingest: events in payloads as the uplink makes them, from MQTT to committed rows.

use crate::bench::floors::{Broker, unnest_rows_per_s};
use crate::bench::{Bar, Figure, real};
use crate::clock;
use crate::faults::storm::HandMade;
use crate::stack::Center;
use crate::stack::process::peak_resident_bytes;
use crate::virtual_edge::event_of;
use anyhow::ensure;
use bytes::Bytes;
use ngatu_protocol::batch;
use std::time::Duration;

/// Edges that send at once.
const EDGES: usize = 4;
/// Payloads that an edge has under way, like the uplink's window.
const WINDOW: usize = 8;
/// Most messages of a payload, as the contract says.
const MAX_MESSAGES: usize = 500;

struct Sender {
    edge: HandMade,
    payloads: Vec<(u64, Bytes)>,
}

/// Measures with about `events` events.
///
/// # Errors
/// When something does not arrive.
pub async fn measure(center: &mut Center, events: u64) -> anyhow::Result<Vec<Figure>> {
    let each = events / EDGES as u64;
    let mut senders = Vec::new();
    for i in 0..EDGES {
        let edge = HandMade::connect(center, &format!("bench-{i}")).await?;
        let payloads = payloads(&edge, each)?;
        senders.push(Sender { edge, payloads });
    }
    let floor_payloads: Vec<Bytes> = senders[0].payloads.iter().map(|(_, payload)| payload.clone()).collect();
    let single: Vec<Bytes> =
        (1..=20_000).map(|n| Bytes::from(senders[0].edge.event(n, clock::now()))).collect();
    let database = center.database().await?;
    let insert_floor = unnest_rows_per_s(&database, &senders[0].edge.edge, events / 1000).await?;
    let broker = Broker::start(center.dir()).await?;
    let per_payload = real(usize::try_from(each)?) / real(floor_payloads.len());
    let mqtt_floor = broker.payloads_per_s(floor_payloads).await? * per_payload;
    let single_floor = broker.payloads_per_s(single).await?;
    drop(broker);

    let start = clock::instant();
    futures_util::future::try_join_all(senders.iter_mut().map(send)).await?;
    let took_s = start.elapsed().as_secs_f64();
    for sender in &senders {
        let rows = database.events_of(sender.edge.edge.as_str()).await?;
        ensure!(rows == each, "{}: {rows} rows of {each}", sender.edge.edge);
    }
    let peak = peak_resident_bytes(center.process().pid());
    let value = real(usize::try_from(each * EDGES as u64)?) / took_s;
    let again = unnest_rows_per_s(&database, &senders[0].edge.edge, events / 1000).await?;
    // The disk swings: the floor is the mean of before and after.
    let insert_floor = f64::midpoint(insert_floor, again);
    let figure = |name, floor, bar| Figure { name, value, unit: "events/s", floor, bar };
    Ok(vec![
        figure("ingest", insert_floor.min(mqtt_floor), Bar::RatioAtLeast(0.6)),
        figure("ingest-absolute", 20_000.0, Bar::AtLeast(20_000.0)),
        figure("ingest-against-unnest-500", insert_floor, Bar::None),
        figure("ingest-against-mosquitto-same-payloads", mqtt_floor, Bar::None),
        figure("ingest-against-mosquitto-single-events", single_floor, Bar::None),
        Figure {
            name: "ingest-center-resident-peak",
            value: real(usize::try_from(peak >> 10)?) / 1024.0,
            unit: "MB",
            floor: 150.0,
            bar: Bar::None,
        },
    ])
}

fn payloads(edge: &HandMade, events: u64) -> anyhow::Result<Vec<(u64, Bytes)>> {
    let now = clock::now();
    let sealed: Vec<String> = (1..=events)
        .map(|number| {
            let time = now + chrono::Duration::microseconds(i64::try_from(number).unwrap_or(0));
            edge.sealed(number, &event_of("virtual", "yard", number, time))
        })
        .collect();
    let mut last = 0;
    let mut payloads = Vec::new();
    for payload in batch::join(sealed.iter().map(String::as_str), MAX_MESSAGES) {
        let count = payload.matches("\"specversion\"").count();
        last += u64::try_from(count)?;
        payloads.push((last, Bytes::from(payload)));
    }
    ensure!(last == events, "{last} of {events} events are in the payloads");
    Ok(payloads)
}

async fn send(sender: &mut Sender) -> anyhow::Result<()> {
    let topic = sender.edge.events_topic();
    let mut acknowledged = 0;
    for i in 0..sender.payloads.len() + WINDOW {
        if let Some((_, payload)) = sender.payloads.get(i) {
            sender.edge.wire.send(&topic, payload.clone()).await?;
        }
        let Some(oldest) = i.checked_sub(WINDOW - 1).and_then(|at| sender.payloads.get(at)) else { continue };
        if acknowledged < oldest.0 {
            let wanted = oldest.0;
            let ack =
                tokio::time::timeout(Duration::from_secs(60), sender.edge.wire.ack(|ack| ack.upto >= wanted));
            acknowledged = ack.await??.upto;
        }
    }
    Ok(())
}
