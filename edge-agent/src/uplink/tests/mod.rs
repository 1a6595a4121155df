//! The uplink against a real Mosquitto; the test plays the center.

use super::transport::{Address, Event, Mqtt, Transport};
use super::*;
use crate::clock;
use crate::credential::TlsFiles;
use crate::outbox::OutboxOptions;
use ngatu_protocol::{
    Ack, Body, CameraId, EventData, EventKind, HealthData, Message, ObservationData, OutboxId, Phase,
    Quantity, RuleId, State, Topic, ZoneId, batch,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

mod stories;
mod tls;

const SECRET: &str = "a device secret";

struct Broker {
    dir: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Broker {
    /// `acl`: what the edge may do; the center may do anything.
    fn start(acl: &str) -> Broker {
        Broker::start_with(acl, |_| String::new())
    }

    /// `more`: further lines of the configuration; it gets the broker's folder.
    fn start_with(acl: &str, more: impl Fn(&Path) -> String) -> Broker {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(file("passwords"), "").unwrap();
        for name in ["nga-tu-1", "center"] {
            let made = Command::new("mosquitto_passwd")
                .args(["-b", &file("passwords"), name, SECRET])
                .output()
                .unwrap();
            assert!(made.status.success(), "{made:?}");
        }
        std::fs::write(file("acl"), format!("user center\ntopic readwrite #\nuser nga-tu-1\n{acl}\n"))
            .unwrap();
        // Another process can take a free port before the broker does: then the next one is tried.
        for _ in 0..10 {
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            // Not `max_queued_messages 0`: with it Mosquitto 2.0.11 cuts the connection of a publish that the ACL
            // denies instead of answering it.
            let config = format!(
                "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {}\nacl_file {}\nuser root\n\
                 max_queued_messages 1000000\nlog_dest file {}\nlog_type all\n",
                file("passwords"),
                file("acl"),
                file("log")
            );
            std::fs::write(file("conf"), config + &more(dir.path())).unwrap();
            if let Some(process) = Broker::spawn(dir.path()) {
                return Broker { dir, port, process };
            }
        }
        panic!("the broker does not start: {:?}", std::fs::read_to_string(file("log")));
    }

    /// Starts the broker and waits until its own log says that it listens; `None` when it ended instead.
    fn spawn(dir: &Path) -> Option<Child> {
        let log = dir.join("log");
        let _ = std::fs::remove_file(&log);
        let mut process = Command::new("mosquitto")
            .arg("-c")
            .arg(dir.join("conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = clock::instant();
        while process.try_wait().unwrap().is_none() {
            if std::fs::read_to_string(&log).is_ok_and(|text| text.contains(" running")) {
                return Some(process);
            }
            assert!(start.elapsed().as_secs() < 60, "the broker does not listen");
            std::thread::yield_now();
        }
        None
    }

    fn restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = Broker::spawn(self.dir.path()).expect("the port was its own a moment ago");
    }

    fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const EVERYTHING: &str = "topic readwrite ngatu/v1/nga-tu-1/#";

#[derive(Default)]
struct Seen {
    numbers: BTreeMap<Lane, BTreeSet<u64>>,
    /// First arrivals that came after a higher number.
    disordered: u64,
    states: Vec<State>,
    outbox: Option<OutboxId>,
    connected: bool,
    /// Published retained when set.
    config: Option<String>,
}

impl Seen {
    fn count(&self, lane: Lane) -> usize {
        self.numbers.get(&lane).map_or(0, BTreeSet::len)
    }

    fn take(&mut self, topic: &str, payload: &[u8]) -> Option<Lane> {
        match Topic::parse(topic)? {
            Topic::State(_) => {
                self.states.push(State::read(payload).unwrap());
                None
            }
            Topic::Lane(edge, lane) => {
                for message in batch::decode(payload, &edge, lane).unwrap() {
                    let envelope = message.unwrap().envelope;
                    self.outbox = Some(envelope.outbox);
                    let numbers = self.numbers.entry(lane).or_default();
                    let highest = numbers.last().copied().unwrap_or(0);
                    if numbers.insert(envelope.sequence) && envelope.sequence < highest {
                        self.disordered += 1;
                    }
                }
                Some(lane)
            }
            _ => None,
        }
    }
}

/// A center that acknowledges what arrives, unless it is told to be silent, and comes back when the broker does.
#[derive(Clone, Default)]
struct Center {
    seen: Arc<Mutex<Seen>>,
    silent: Arc<AtomicBool>,
}

impl Center {
    fn start(broker: &Broker) -> Center {
        let center = Center::default();
        let (address, serving) = (Address::parse(&broker.url()).unwrap(), center.clone());
        tokio::spawn(async move {
            loop {
                serving.serve(&address).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        center
    }

    async fn serve(&self, address: &Address) {
        let mut line =
            Mqtt::connect(address, ("center", SECRET), None, ("center/will".into(), String::new()));
        let mut outstanding = 0;
        let mut due = BTreeSet::new();
        loop {
            match line.event().await {
                Event::Connected => {
                    for leaf in ["state", "events", "health", "observations"] {
                        line.subscribe(&format!("ngatu/v1/+/{leaf}"));
                    }
                }
                Event::Subscribed(refusal) => {
                    assert_eq!(refusal, None);
                    self.seen.lock().unwrap().connected = true;
                }
                Event::Message { topic, payload } => {
                    due.extend(self.seen.lock().unwrap().take(&topic, &payload))
                }
                Event::Published(_) => outstanding -= 1,
                Event::Closed(_) => {
                    self.seen.lock().unwrap().connected = false;
                    return;
                }
            }
            let mut seen = self.seen.lock().unwrap();
            if let Some(config) = seen.config.take() {
                line.publish("ngatu/v1/nga-tu-1/config", config, true);
                outstanding += 1;
            }
            while outstanding < 10
                && !self.silent.load(Ordering::Relaxed)
                && let Some(lane) = due.pop_first()
            {
                let numbers = &seen.numbers[&lane];
                let upto = numbers.iter().zip(1..).take_while(|(n, at)| *n == at).count() as u64;
                let ack = Ack { outbox: seen.outbox.unwrap(), lane, upto };
                line.publish("ngatu/v1/nga-tu-1/ack", serde_json::to_string(&ack).unwrap(), false);
                outstanding += 1;
            }
        }
    }

    async fn until(&self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let start = clock::instant();
        loop {
            let (lanes, states) = {
                let seen = self.seen.lock().unwrap();
                if holds(&seen) {
                    return;
                }
                (Lane::ALL.map(|lane| (lane, seen.count(lane))), seen.states.clone())
            };
            assert!(start.elapsed().as_secs() < 60, "never came: {what}; last {lanes:?} {states:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn open(dir: &Path) -> Outbox {
    let edge = EdgeId::new("nga-tu-1").unwrap();
    Outbox::open(dir, OutboxOptions { edge, max_bytes: 1 << 30 }).unwrap()
}

fn start_uplink(outbox: &Outbox, broker: &Broker, secret: &str) -> UplinkHandle {
    let edge = outbox.edge().clone();
    start(
        outbox.clone(),
        UplinkOptions { edge, url: broker.url(), secret: secret.into(), tls: TlsFiles::default() },
    )
    .unwrap()
}

async fn push(outbox: &Outbox, messages: Vec<Message>) {
    let outbox = outbox.clone();
    tokio::task::spawn_blocking(move || outbox.push(messages)).await.unwrap().unwrap();
}

async fn until_status(
    uplink: &UplinkHandle,
    what: &str,
    holds: impl Fn(&UplinkStatus) -> bool,
) -> UplinkStatus {
    let mut status = uplink.status();
    let found = tokio::time::timeout(Duration::from_secs(60), status.wait_for(|s| holds(s))).await;
    let found = found.map(|s| s.unwrap().clone());
    found.unwrap_or_else(|_| panic!("never came: {what}; last {:?}", uplink.status().borrow()))
}

async fn until_empty(outbox: &Outbox) {
    let start = clock::instant();
    while outbox.depth().values().sum::<u64>() > 0 {
        assert!(start.elapsed().as_secs() < 90, "the outbox does not drain: {:?}", outbox.depth());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn message(body: Body) -> Message {
    Message { id: Uuid::now_v7(), camera: Some(CameraId::new("north").unwrap()), time: clock::now(), body }
}

fn event() -> Message {
    message(Body::Event(EventData {
        kind: EventKind::Intrusion,
        rule: RuleId::new("yard").unwrap(),
        zone: None,
        track: Some(1),
        class: None,
        phase: Phase::Start,
        confidence: 0.5,
        picture: None,
        place: None,
        speed_kmh: None,
        snapshot: None,
        model: None,
        config: 0,
        clock_error_ms: None,
        why: None,
    }))
}

fn health() -> Message {
    message(Body::Health(HealthData { version: "1".into(), ..HealthData::default() }))
}

fn observation() -> Message {
    message(Body::Observation(ObservationData {
        quantity: Quantity::Count,
        zone: ZoneId::new("line").unwrap(),
        class: None,
        direction: None,
        to_zone: None,
        statistic: None,
        samples: None,
        plus_minus: None,
        from: clock::now() - chrono::Duration::seconds(60),
        to: clock::now(),
        value: 1.0,
        unit: "1".into(),
        coverage_s: 50.0,
        config: 0,
    }))
}
