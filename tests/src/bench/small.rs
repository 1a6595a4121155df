//! Small parts: the outbox's commits, and the protocol's encoding and decoding.

use crate::bench::{Bar, Figure, real};
use crate::clock;
use crate::virtual_edge::event;
use edge_agent::outbox::{Outbox, OutboxOptions};
use ngatu_protocol::{EdgeId, Lane, OutboxId, batch};
use std::io::Write;
use std::path::Path;
use uuid::Uuid;

/// Rows of one push.
const ROWS: u64 = 50;

/// Measures in a directory on the disk in question.
///
/// # Errors
/// When the outbox or the disk fails.
pub fn measure(dir: &Path) -> anyhow::Result<Vec<Figure>> {
    let edge = EdgeId::new("bench")?;
    Ok(vec![outbox(dir, &edge)?, encode(&edge)?, decode(&edge)?])
}

/// Rows per second through the outbox; the floor appends the same bytes to a file with one fdatasync a push.
fn outbox(dir: &Path, edge: &EdgeId) -> anyhow::Result<Figure> {
    const PUSHES: u64 = 200;
    let options = OutboxOptions { edge: edge.clone(), max_bytes: 1 << 30 };
    let outbox = Outbox::open(&dir.join("bench-outbox"), options)?;
    let now = clock::now();
    let pushes: Vec<Vec<_>> =
        (0..PUSHES).map(|push| (1..=ROWS).map(|row| event(push * ROWS + row, now)).collect()).collect();
    let start = clock::instant();
    for push in pushes {
        outbox.push(push)?;
    }
    let rows = real(usize::try_from(PUSHES * ROWS)?);
    let value = rows / start.elapsed().as_secs_f64();
    let bytes = sealed(edge, ROWS)?.concat().into_bytes();
    let mut file = std::fs::File::create(dir.join("bench-append"))?;
    let start = clock::instant();
    for _ in 0..PUSHES {
        file.write_all(&bytes)?;
        file.sync_data()?;
    }
    let floor = rows / start.elapsed().as_secs_f64();
    Ok(Figure { name: "outbox-push", value, unit: "rows/s", floor, bar: Bar::None })
}

fn sealed(edge: &EdgeId, count: u64) -> anyhow::Result<Vec<String>> {
    let (outbox, now) = (OutboxId(Uuid::new_v4()), clock::now());
    (1..=count).map(|n| Ok(serde_json::to_string(&event(n, now).seal(edge, outbox, n)?)?)).collect()
}

/// Nanoseconds to seal and encode one event; the floor encodes the same as a plain JSON value.
fn encode(edge: &EdgeId) -> anyhow::Result<Figure> {
    const TIMES: u32 = 20_000;
    let (outbox, message) = (OutboxId(Uuid::new_v4()), event(1, clock::now()));
    let plain: serde_json::Value = serde_json::from_str(&sealed(edge, 1)?[0])?;
    let start = clock::instant();
    let mut bytes = 0;
    for n in 1..=u64::from(TIMES) {
        bytes += serde_json::to_string(&message.seal(edge, outbox, n)?)?.len();
    }
    let value = start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES);
    let start = clock::instant();
    for _ in 0..TIMES {
        bytes += serde_json::to_string(&plain)?.len();
    }
    let floor = start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES);
    anyhow::ensure!(bytes > 0, "the encoder wrote nothing");
    Ok(Figure { name: "protocol-encode", value, unit: "ns", floor, bar: Bar::None })
}

/// Nanoseconds an event to decode and check a payload; the floor parses it as plain JSON values.
fn decode(edge: &EdgeId) -> anyhow::Result<Figure> {
    const TIMES: u32 = 100;
    const EVENTS: u32 = 300;
    let messages = sealed(edge, u64::from(EVENTS))?;
    let payload = batch::join(messages.iter().map(String::as_str), 500).remove(0);
    let start = clock::instant();
    let mut good = 0;
    for _ in 0..TIMES {
        good +=
            batch::decode(payload.as_bytes(), edge, Lane::Events)?.iter().filter(|one| one.is_ok()).count();
    }
    let per_event = 1e9 / f64::from(TIMES * EVENTS);
    let value = start.elapsed().as_secs_f64() * per_event;
    let start = clock::instant();
    for _ in 0..TIMES {
        good += serde_json::from_str::<Vec<serde_json::Value>>(&payload)?.len();
    }
    let floor = start.elapsed().as_secs_f64() * per_event;
    anyhow::ensure!(good == 2 * usize::try_from(TIMES * EVENTS)?, "{good} events were good");
    Ok(Figure { name: "protocol-decode", value, unit: "ns", floor, bar: Bar::None })
}
