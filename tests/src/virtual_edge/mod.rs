//! Virtual edges: the real outbox and the real uplink, fed with made events instead of a camera's.
//!
//! The content of an event follows from its number in the lane, so that a row in the database tells by itself
//! whether it is the right one: number n is track (n+1)/2, odd numbers its start and even ones its end.

pub mod load;
pub mod pilot;

use crate::clock;
use crate::wait::{Seen, wait_for};
use anyhow::Context;
use chrono::{DateTime, Utc};
use edge_agent::credential::TlsFiles;
use edge_agent::outbox::{Outbox, OutboxOptions};
use edge_agent::uplink::{self, UplinkHandle, UplinkOptions};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::health::HealthData;
use ngatu_protocol::observation::ObservationData;
use ngatu_protocol::{
    Body, CameraId, Direction, EdgeId, EventData, EventKind, Fact, Lane, Measure, Message, Phase, Quantity,
    RoadUserClass, RuleId, Why, ZoneId,
};
use std::path::PathBuf;
use std::time::Duration;
use uuid::Uuid;

/// How a virtual edge is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its id and user name.
    pub edge: EdgeId,
    /// The device secret.
    pub secret: String,
    /// The broker.
    pub url: String,
    /// Where its outbox lies.
    pub dir: PathBuf,
    /// The outbox's limit.
    pub max_bytes: u64,
}

/// A running virtual edge.
#[derive(Debug)]
pub struct VirtualEdge {
    outbox: Outbox,
    uplink: Option<UplinkHandle>,
    options: Options,
}

impl VirtualEdge {
    /// Opens the outbox without connecting.
    ///
    /// # Errors
    /// When the outbox cannot be opened.
    pub fn open(options: Options) -> anyhow::Result<VirtualEdge> {
        std::fs::create_dir_all(&options.dir)?;
        let outbox_options = OutboxOptions { edge: options.edge.clone(), max_bytes: options.max_bytes };
        let outbox = Outbox::open(&options.dir, outbox_options).context("opening the outbox")?;
        Ok(VirtualEdge { outbox, uplink: None, options })
    }

    /// Starts the uplink.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn connect(&mut self) -> anyhow::Result<()> {
        let Options { edge, url, secret, .. } = self.options.clone();
        self.uplink = Some(uplink::start(
            self.outbox.clone(),
            UplinkOptions { edge, url, secret, tls: TlsFiles::default() },
        )?);
        Ok(())
    }

    /// The outbox.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The uplink, when connected.
    #[must_use]
    pub fn uplink(&self) -> Option<&UplinkHandle> {
        self.uplink.as_ref()
    }

    /// The last number that the events lane gave: of a committed event, or of a loss declared in it.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.outbox.last().get(&Lane::Events).copied().unwrap_or(0)
    }

    /// Pushes the next `count` events and returns after their commit.
    ///
    /// # Errors
    /// When the outbox refuses.
    pub async fn push_events(&self, count: u64) -> anyhow::Result<()> {
        let first = self.made() + 1;
        let now = clock::now();
        self.push((first..first + count).map(|number| event(number, now)).collect()).await
    }

    /// The same with an observation beside each event, whose value is its number.
    ///
    /// # Errors
    /// When the outbox refuses.
    #[allow(clippy::cast_precision_loss, reason = "numbers of a test are small")]
    pub async fn push_with_observations(&self, count: u64) -> anyhow::Result<()> {
        let first = self.made() + 1;
        let now = clock::now();
        let both = |number| [event(number, now), observation(number as f64, now)];
        self.push((first..first + count).flat_map(both).collect()).await
    }

    /// Pushes messages and returns after their commit.
    ///
    /// # Errors
    /// When the outbox refuses.
    pub async fn push(&self, messages: Vec<Message>) -> anyhow::Result<()> {
        let outbox = self.outbox.clone();
        Ok(tokio::task::spawn_blocking(move || outbox.push(messages)).await??)
    }

    /// Waits until the center has acknowledged everything.
    ///
    /// # Errors
    /// When it has not before the deadline.
    pub async fn drained(&self, deadline: Duration) -> anyhow::Result<()> {
        wait_for("empty outbox", deadline, async || {
            let depth = self.outbox.depth();
            let status = self.uplink.as_ref().map(|uplink| uplink.status().borrow().clone());
            Ok(Seen::when(depth.values().all(|n| *n == 0), (), format!("{depth:?}, uplink {status:?}")))
        })
        .await
    }

    /// Ends the uplink with a goodbye; the outbox stays on disk.
    pub async fn stop(mut self) {
        if let Some(uplink) = self.uplink.take() {
            uplink.stop().await;
        }
    }
}

/// The event whose number is `number`, counted from 1.
#[must_use]
pub fn event(number: u64, time: DateTime<Utc>) -> Message {
    event_of("virtual", "yard", number, time)
}

/// The same at a camera and zone of one's choice.
///
/// # Panics
/// When the names are not usable.
#[must_use]
pub fn event_of(camera: &str, zone: &str, number: u64, time: DateTime<Utc>) -> Message {
    Message {
        id: Uuid::now_v7(),
        camera: Some(CameraId::new(camera).expect("a usable name")),
        time,
        body: Body::Event(EventData {
            kind: EventKind::Intrusion,
            rule: RuleId::new(format!("intrusion-{zone}")).expect("a usable name"),
            zone: Some(ZoneId::new(zone).expect("a usable name")),
            track: Some(number.div_ceil(2)),
            class: Some(RoadUserClass::Person),
            phase: if number % 2 == 1 { Phase::Start } else { Phase::End },
            confidence: 0.83,
            picture: Some(Point { x: 0.41, y: 0.63 }),
            place: None,
            speed_kmh: None,
            snapshot: None,
            model: Some("virtual".into()),
            config: 0,
            clock_error_ms: None,
            why: Some(Why::start([Fact::against(Measure::Dwell, 0.6, 0.5)])),
        }),
    }
}

/// One observation of a five-second window.
///
/// # Panics
/// Never: the names are literals.
#[must_use]
pub fn observation(value: f64, time: DateTime<Utc>) -> Message {
    Message {
        id: Uuid::now_v7(),
        camera: Some(CameraId::new("virtual").expect("a usable name")),
        time,
        body: Body::Observation(ObservationData {
            quantity: Quantity::Count,
            zone: ZoneId::new("stop-line").expect("a usable name"),
            class: Some(RoadUserClass::Motorcycle),
            direction: Some(Direction::AToB),
            to_zone: None,
            statistic: None,
            samples: None,
            plus_minus: None,
            from: time - chrono::Duration::seconds(5),
            to: time,
            value,
            unit: "1".into(),
            coverage_s: 5.0,
            config: 0,
        }),
    }
}

/// One health message.
#[must_use]
pub fn health(uptime_s: f64, time: DateTime<Utc>) -> Message {
    let data = HealthData { uptime_s, version: "virtual".into(), ..HealthData::default() };
    Message { id: Uuid::now_v7(), camera: None, time, body: Body::Health(data) }
}
