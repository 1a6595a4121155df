//! Storms: each message three times and shuffled, and a burst of single messages that must not freeze the center.

use crate::clock;
use crate::faults::Tally;
use crate::stack::wire::{Wire, WireOptions};
use crate::stack::{Center, Database};
use crate::virtual_edge::event;
use crate::wait::{Seen, wait_for};
use anyhow::{Context, ensure};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use ngatu_protocol::{EdgeId, Lane, Message, OutboxId, State, Topic};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// A hand-made edge: it numbers and seals like a real one, and sends what its test wants.
#[derive(Debug)]
pub struct HandMade {
    /// Its id.
    pub edge: EdgeId,
    /// Its outbox.
    pub outbox: OutboxId,
    /// Its connection.
    pub wire: Wire,
    credential: WireOptions,
}

impl HandMade {
    /// Enrols an edge, connects and states that it is online.
    ///
    /// # Errors
    /// When the broker refuses.
    pub async fn connect(center: &Center, edge: &str) -> anyhow::Result<HandMade> {
        let secret = center.enroll(edge).await?;
        let address = center.mqtt_address().to_owned();
        let credential = WireOptions { address, user: edge.into(), secret, will: None };
        // The broker reads its new password file a moment after the enrolment; a real edge tries again as well.
        let wire = wait_for("the broker's yes to a new edge", Duration::from_secs(60), async || {
            Ok(Seen::Ready(Wire::connect(credential.clone()).await?))
        })
        .await?;
        let (edge, outbox) = (EdgeId::new(edge)?, OutboxId(Uuid::new_v4()));
        let mut made = HandMade { edge, outbox, wire, credential };
        let state = made.state(1, true);
        made.publish(&Topic::State(made.edge.clone()), state, true).await?;
        made.wire.subscribe(&Topic::Ack(made.edge.clone()).to_string()).await?;
        Ok(made)
    }

    /// The credential, to connect once more.
    #[must_use]
    pub fn credential(&self) -> WireOptions {
        self.credential.clone()
    }

    /// The topic of its events.
    #[must_use]
    pub fn events_topic(&self) -> String {
        Topic::Lane(self.edge.clone(), Lane::Events).to_string()
    }

    /// A state message.
    ///
    /// # Panics
    /// Never: a state is always JSON.
    #[must_use]
    pub fn state(&self, boot: u64, online: bool) -> String {
        let state = State {
            online,
            outbox: self.outbox,
            boot,
            version: "hand-made".into(),
            config: 0,
            config_error: None,
            oldest: BTreeMap::new(),
        };
        serde_json::to_string(&state).expect("a state is JSON")
    }

    /// A sealed message as JSON.
    ///
    /// # Panics
    /// When the message holds NaN.
    #[must_use]
    pub fn sealed(&self, number: u64, message: &Message) -> String {
        let envelope = message.seal(&self.edge, self.outbox, number).expect("finite numbers");
        serde_json::to_string(&envelope).expect("an envelope is JSON")
    }

    /// The payload of the one event with that number.
    #[must_use]
    pub fn event(&self, number: u64, time: DateTime<Utc>) -> String {
        format!("[{}]", self.sealed(number, &event(number, time)))
    }

    /// Publishes and wants the broker's plain yes.
    ///
    /// # Errors
    /// When the broker refuses.
    pub async fn publish(&mut self, topic: &Topic, payload: String, retain: bool) -> anyhow::Result<()> {
        let reason = self.wire.publish(&topic.to_string(), payload, retain).await?;
        let name = format!("{reason:?}");
        ensure!(
            ["Success", "NoMatchingSubscribers"].contains(&name.as_str()),
            "the broker says {name} to {topic}"
        );
        Ok(())
    }
}

/// T8: each of `count` events three times, in shuffled order.
///
/// # Errors
/// When rows and unique messages differ.
pub async fn three_times_shuffled(center: &Center, count: u64) -> anyhow::Result<Tally> {
    let mut edge = HandMade::connect(center, "storm").await?;
    let database = center.database().await?;
    let start = clock::now();
    let time = |number: u64| start + chrono::Duration::milliseconds(i64::try_from(number).unwrap_or(0));
    let mut payloads: Vec<Bytes> =
        (1..=count).flat_map(|number| vec![Bytes::from(edge.event(number, time(number))); 3]).collect();
    payloads.shuffle(&mut rand::rngs::StdRng::seed_from_u64(8));
    // A broker may drop what a slow subscriber does not take; the storm keeps within its queue.
    let mut sent = 0;
    for piece in payloads.chunks(300) {
        let topic = edge.events_topic();
        edge.wire.publish_all(&topic, piece.to_vec()).await?;
        sent += piece.len() as u64;
        taken(&database, "storm", sent).await?;
    }
    wait_for("unbroken run", Duration::from_secs(60), async || {
        let line = database.ledger("storm", "events").await?;
        Ok(Seen::when(line.upto == count, (), format!("{line:?}")))
    })
    .await?;
    let ack =
        edge.wire.ack(|ack| ack.upto == count).await.context("the acknowledgement of the last number")?;
    ensure!(ack.outbox == edge.outbox && ack.lane == Lane::Events, "{ack:?}");
    let mut tally = Tally::default();
    // In a shuffled storm the receiving order means nothing.
    tally.settle(&database, "storm", count).await?;
    tally.came_late = 0;
    let line = database.ledger("storm", "events").await?;
    ensure!(
        line.duplicates == 2 * count,
        "{count} events three times are {} repetitions: {line:?}",
        2 * count
    );
    Ok(tally)
}

/// Waits until so many messages in all were taken.
async fn taken(database: &Database, edge: &str, wanted: u64) -> anyhow::Result<()> {
    wait_for("messages to be taken", Duration::from_secs(60), async || {
        let line = database.ledger(edge, "events").await?;
        let seen = line.received + line.duplicates;
        Ok(Seen::when(seen >= wanted, (), format!("{line:?}, wanted {wanted} in all")))
    })
    .await
}

/// What a burst showed.
#[derive(Debug, Clone, Copy)]
pub struct Burst {
    /// Accounts.
    pub tally: Tally,
    /// From the first message to the last number acknowledged, seconds.
    pub took_s: f64,
    /// The longest that `/readyz` took meanwhile, seconds.
    pub slowest_reply_s: f64,
    /// The longest from a neighbour's event to its row, seconds.
    pub slowest_neighbour_s: f64,
    /// The center's resident memory afterwards, bytes.
    pub resident_bytes: u64,
}

/// Bars of a burst of any size: `/readyz` and the neighbour must not notice how much waits, so nothing here grows with
/// it. A burst of 60,000 was seen at 0.01 s, 1.4 s and 70 MiB; the margin is for a busy machine.
const SLOWEST_REPLY_S: f64 = 5.0;
const SLOWEST_NEIGHBOUR_S: f64 = 15.0;
const RESIDENT_BYTES: u64 = 300 << 20;

impl Burst {
    /// Holds what was seen against the bars.
    ///
    /// # Errors
    /// When one is missed.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(self.slowest_reply_s < SLOWEST_REPLY_S, "the center froze: {self}");
        ensure!(self.slowest_neighbour_s < SLOWEST_NEIGHBOUR_S, "the neighbour had to wait: {self}");
        ensure!(self.resident_bytes < RESIDENT_BYTES, "memory: {self}");
        ensure!(self.tally.is_clean() && self.tally.events > 0, "{:?}", self.tally);
        Ok(())
    }
}

impl std::fmt::Display for Burst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.1} s in all, slowest /readyz {:.2} s, slowest neighbour {:.2} s, center {} MiB",
            self.took_s,
            self.slowest_reply_s,
            self.slowest_neighbour_s,
            self.resident_bytes >> 20
        )
    }
}

/// A burst of single-event messages as fast as the broker takes them. What the broker dropped is sent again, as an
/// outbox does, until the center has each number. Meanwhile the center must answer and serve a neighbour.
///
/// # Errors
/// When the center freezes or something is missing.
pub async fn burst(center: &mut Center, count: u64) -> anyhow::Result<Burst> {
    let mut edge = HandMade::connect(center, "burst").await?;
    let neighbour = crate::faults::virtual_edge(center, "neighbour").await?;
    let database = center.database().await?;
    let now = clock::now();
    let payload = |edge: &HandMade, number| {
        let time = now + chrono::Duration::microseconds(i64::try_from(number).unwrap_or(0));
        Bytes::from(edge.event(number, time))
    };
    let payloads: Vec<Bytes> = (1..=count).map(|number| payload(&edge, number)).collect();
    let ready = format!("{}/readyz", center.http_url());
    let start = clock::instant();
    let (done, mut watched) = tokio::sync::watch::channel(false);
    let (look_db, look_edge) = (database.clone(), neighbour);
    let watcher = async move {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
        let (mut slowest_reply_s, mut slowest_neighbour_s) = (0.0f64, 0.0f64);
        while !*watched.borrow_and_update() {
            let asked = clock::instant();
            let status = client.get(&ready).send().await?.status();
            ensure!(status.is_success(), "/readyz says {status} during the burst");
            slowest_reply_s = slowest_reply_s.max(asked.elapsed().as_secs_f64());
            let pushed = clock::instant();
            look_edge.push_events(1).await?;
            let wanted = look_edge.made();
            wait_for("the neighbour's event", Duration::from_secs(60), async || {
                let line = look_db.ledger("neighbour", "events").await?;
                Ok(Seen::when(line.upto >= wanted, (), format!("{line:?}, wanted {wanted}")))
            })
            .await?;
            slowest_neighbour_s = slowest_neighbour_s.max(pushed.elapsed().as_secs_f64());
        }
        let made = look_edge.made();
        look_edge.stop().await;
        anyhow::Ok((slowest_reply_s, slowest_neighbour_s, made))
    };
    let work = async {
        let topic = edge.events_topic();
        edge.wire.publish_all(&topic, payloads).await.context("the burst itself")?;
        let mut before = 0;
        loop {
            let upto = settled_run(&database, count, before).await?;
            if upto >= count {
                break;
            }
            before = upto;
            let again: Vec<Bytes> =
                (upto + 1..=count.min(upto + 900)).map(|number| payload(&edge, number)).collect();
            edge.wire.publish_all(&topic, again).await?;
        }
        let _ = done.send(true);
        anyhow::Ok(start.elapsed().as_secs_f64())
    };
    let (took_s, (slowest_reply_s, slowest_neighbour_s, neighbours)) = tokio::try_join!(work, watcher)?;
    let mut tally = Tally::default();
    tally.settle(&database, "burst", count).await?;
    tally.settle(&database, "neighbour", neighbours).await?;
    let resident_bytes = center.process().resident_bytes();
    Ok(Burst { tally, took_s, slowest_reply_s, slowest_neighbour_s, resident_bytes })
}

/// Waits until the run is complete or nothing more is under way; returns where it ends.
async fn settled_run(database: &Database, count: u64, before: u64) -> anyhow::Result<u64> {
    let (mut last, mut quiet) = (0, 0);
    wait_for("the burst to be taken", Duration::from_secs(90), async || {
        let line = database.ledger("burst", "events").await?;
        let seen = line.received + line.duplicates;
        quiet = if seen == last && seen > 0 { quiet + 1 } else { 0 };
        last = seen;
        let still = quiet > 20 && line.upto >= before;
        Ok(Seen::when(line.upto >= count || still, line.upto, format!("{line:?}")))
    })
    .await
}
