//! The uplink against a real Mosquitto; the test plays the center.

use super::transport::{Address, Event, Mqtt, Transport};
use super::*;
use crate::clock;
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

const SECRET: &str = "a device secret";

struct Broker {
    dir: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Broker {
    /// `acl`: what the edge may do; the center may do anything.
    fn start(acl: &str) -> Broker {
        let dir = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
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
        let config = format!(
            "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {}\nacl_file {}\nuser root\n\
             max_queued_messages 0\nmax_queued_bytes 0\n",
            file("passwords"),
            file("acl")
        );
        std::fs::write(file("conf"), config).unwrap();
        let process = Broker::spawn(dir.path(), port);
        Broker { dir, port, process }
    }

    fn spawn(dir: &Path, port: u16) -> Child {
        let start = clock::instant();
        loop {
            let mut process = Command::new("mosquitto")
                .arg("-c")
                .arg(dir.join("conf"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            while process.try_wait().unwrap().is_none() {
                if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return process;
                }
                assert!(start.elapsed().as_secs() < 20, "the broker does not listen");
                std::thread::yield_now();
            }
            assert!(start.elapsed().as_secs() < 20, "the broker does not start");
        }
    }

    fn restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = Broker::spawn(self.dir.path(), self.port);
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
        let mut line = Mqtt::connect(address, "center", SECRET, ("center/will".into(), String::new()));
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
    start(outbox.clone(), UplinkOptions { edge, url: broker.url(), secret: secret.into() }).unwrap()
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
        from: clock::now() - chrono::Duration::seconds(60),
        to: clock::now(),
        value: 1.0,
        unit: "1".into(),
        coverage_s: 50.0,
        config: 0,
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_arrives_and_leaves_the_outbox_after_its_acknowledgement() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    push(&outbox, vec![event(), health(), event()]).await;
    let uplink = start_uplink(&outbox, &broker, SECRET);
    until_empty(&outbox).await;
    push(&outbox, vec![event()]).await;
    until_empty(&outbox).await;
    assert_eq!(until_status(&uplink, "acks", |s| s.connected).await.acknowledged[&Lane::Events], 3);
    uplink.stop().await;
    center.until("the farewell", |s| s.states.last().is_some_and(|s| !s.online)).await;
    let first = center.seen.lock().unwrap().states[0].clone();
    assert_eq!((first.online, first.outbox, first.boot), (true, outbox.id(), 1));
    assert_eq!((first.oldest[&Lane::Events], first.oldest[&Lane::Observations]), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_took_but_no_center_acknowledged_stays() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    center.silent.store(true, Ordering::Relaxed);
    let uplink = start_uplink(&outbox, &broker, SECRET);
    push(&outbox, vec![event(), event()]).await;
    center.until("both events", |s| s.count(Lane::Events) == 2).await;
    assert_eq!(outbox.depth()[&Lane::Events], 2);
    uplink.stop().await;
    center.silent.store(false, Ordering::Relaxed);
    let _again = start_uplink(&outbox, &broker, SECRET);
    until_empty(&outbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_sixty_thousand_messages_does_not_freeze() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    for _ in 0..60 {
        push(&outbox, (0..1000).map(|_| event()).collect()).await;
    }
    let (start, backlog) = (clock::instant(), outbox.depth()[&Lane::Events]);
    until_empty(&outbox).await;
    println!(
        "drained {backlog} in {:?}: {:.0}/s",
        start.elapsed(),
        backlog as f64 / start.elapsed().as_secs_f64()
    );
    uplink.stop().await;
    let (start, backlog) = (clock::instant(), 60_000.0);
    for _ in 0..120 {
        push(&outbox, (0..500).map(|_| event()).collect()).await;
    }
    println!("pushed at {:.0}/s", backlog / start.elapsed().as_secs_f64());
    let start = clock::instant();
    let _again = start_uplink(&outbox, &broker, SECRET);
    until_empty(&outbox).await;
    println!("drained 60000 from connecting on: {:.0}/s", backlog / start.elapsed().as_secs_f64());
    assert_eq!(center.seen.lock().unwrap().count(Lane::Events), 120_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_again_and_again_costs_nothing() {
    let (dir, mut broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    for round in 1..=4 {
        for _ in 0..50 {
            push(&outbox, (0..10).map(|_| event()).collect()).await;
        }
        broker.restart();
        until_status(&uplink, "a new connection", |s| s.connected && s.connections > round).await;
    }
    until_empty(&outbox).await;
    let seen = center.seen.lock().unwrap();
    assert_eq!((seen.count(Lane::Events), seen.disordered), (2000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_event_overtakes_a_long_backlog_of_observations() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    for _ in 0..60 {
        push(&outbox, (0..500).map(|_| observation()).collect()).await;
    }
    let _uplink = start_uplink(&outbox, &broker, SECRET);
    center.until("the drain has begun", |s| s.count(Lane::Observations) > 0).await;
    push(&outbox, vec![event()]).await;
    let start = clock::instant();
    center.until("the event", |s| s.count(Lane::Events) == 1).await;
    let (lag, left) = (start.elapsed(), outbox.depth()[&Lane::Observations]);
    println!("an event took {lag:?} with {left} observations waiting");
    assert!(lag < Duration::from_secs(2), "{lag:?}");
    until_empty(&outbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_a_clear_error_and_loses_nothing() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let outbox = open(dir.path());
    push(&outbox, vec![event()]).await;
    let uplink = start_uplink(&outbox, &broker, "wrong");
    let status = until_status(&uplink, "the refusal", |s| s.last_error.is_some()).await;
    let error = status.last_error.unwrap();
    assert!(error.contains("name and secret"), "{error}");
    uplink.stop().await;
    assert_eq!(outbox.depth()[&Lane::Events], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_the_broker_does_not_allow_is_counted_and_stays() {
    let only_events = "topic read ngatu/v1/nga-tu-1/#\ntopic write ngatu/v1/nga-tu-1/state\n\
                       topic write ngatu/v1/nga-tu-1/events";
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(only_events));
    let (_center, outbox) = (Center::start(&broker), open(dir.path()));
    push(&outbox, vec![event(), health()]).await;
    let uplink = start_uplink(&outbox, &broker, SECRET);
    let status = until_status(&uplink, "the refusal", |s| s.refused > 0).await;
    assert!(status.last_error.unwrap().contains("NotAuthorized"));
    let start = clock::instant();
    while outbox.depth()[&Lane::Events] > 0 {
        assert!(start.elapsed().as_secs() < 30);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(outbox.depth()[&Lane::Health], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_will_of_a_session_that_was_taken_over_carries_the_older_boot() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    center.until("the birth", |s| s.states.iter().any(|s| s.online && s.boot == 1)).await;
    let address = Address::parse(&broker.url()).unwrap();
    let mut intruder =
        Mqtt::connect(&address, "nga-tu-1", SECRET, ("ngatu/v1/nga-tu-1/x".into(), String::new()));
    assert_eq!(intruder.event().await, Event::Connected);
    center.until("the will", |s| s.states.iter().any(|s| !s.online && s.boot == 1)).await;
    center.until("the new birth", |s| s.states.iter().any(|s| s.online && s.boot >= 2)).await;
    push(&outbox, vec![event()]).await;
    until_empty(&outbox).await;
    drop(uplink);
    center.until("the last will", |s| s.states.last().is_some_and(|s| !s.online && s.boot >= 2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_arrives_and_a_broken_one_is_answered_with_the_reason() {
    let (dir, broker) = (tempfile::tempdir().unwrap(), Broker::start(EVERYTHING));
    let (center, outbox) = (Center::start(&broker), open(dir.path()));
    let uplink = start_uplink(&outbox, &broker, SECRET);
    center.until("the birth", |s| s.states.len() == 1).await;
    let mut configs = uplink.configs();
    let tell = async |config: &str| {
        center.seen.lock().unwrap().config = Some(config.into());
        push(&outbox, vec![event()]).await; // wakes the center
    };
    tell(r#"{"version":7,"cameras":[]}"#).await;
    configs.wait_for(|c| c.as_ref().is_some_and(|c| c.version == 7)).await.unwrap();
    uplink.report_config(7, None);
    center.until("the version that runs", |s| s.states.last().is_some_and(|s| s.config == 7)).await;
    tell("{").await;
    center.until("the reason", |s| s.states.last().is_some_and(|s| s.config_error.is_some())).await;
    assert_eq!(until_status(&uplink, "the count", |s| s.bad_configs == 1).await.strange_acks, 0);
    assert_eq!(configs.borrow().as_ref().unwrap().version, 7);
}
