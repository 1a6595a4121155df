//! The uplink's task: connects, keeps a session going, connects again.
//!
//! It waits for four things at once (the connection, the outbox, a configuration report, the end) and after each one
//! sends what the window allows. It never waits for the library to take a request: it keeps fewer outstanding than
//! the library's queue holds, and a connection on which they make no progress is thrown away.

use super::backoff::{Backoff, random_bits};
use super::tls;
use super::transport::{Address, Closed, Event, Mqtt, Transport};
use super::window::{Acked, Limits, Window};
use super::{ConfigReport, UplinkStatus};
use crate::clock;
use crate::credential::TlsFiles;
use crate::outbox::Outbox;
use ngatu_protocol::{Ack, EdgeConfig, State, Topic, batch};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Publications handed to the library that the broker has not answered yet.
const OUTSTANDING: usize = 8;
/// With requests outstanding and no answer for so long, the connection is rebuilt.
const NO_PROGRESS: Duration = Duration::from_secs(15);
/// A connection that stood so long was a good one: the back-off begins anew.
const GOOD_CONNECTION: Duration = Duration::from_secs(5);
/// Wait at least so long after the broker refused the edge's name or secret.
const REFUSED_WAIT: Duration = Duration::from_secs(5);
/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(3);

pub(super) struct Uplink {
    pub(super) outbox: Outbox,
    pub(super) address: Address,
    pub(super) secret: String,
    pub(super) tls: TlsFiles,
    pub(super) status: watch::Sender<UplinkStatus>,
    pub(super) configs: watch::Sender<Option<EdgeConfig>>,
    pub(super) report: watch::Receiver<ConfigReport>,
    pub(super) stop: watch::Receiver<bool>,
    /// Why the newest pushed configuration could not be read, if it could not.
    pub(super) unreadable_config: Option<String>,
}

/// One connection's bookkeeping.
struct Session {
    boot: u64,
    connected_at: Option<Instant>,
    /// Publications without an answer.
    outstanding: usize,
    progress_at: Instant,
    state_due: bool,
    stopping_since: Option<Instant>,
    farewell_sent: bool,
}

enum End {
    Stopped,
    Failed(Closed),
}

impl Uplink {
    pub(super) async fn run(mut self) {
        let mut window =
            Window::new(self.outbox.id(), &self.outbox.oldest(), Limits::default(), clock::instant());
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
        while !*self.stop.borrow() {
            let outbox = self.outbox.clone();
            let Ok(Ok(boot)) = tokio::task::spawn_blocking(move || outbox.next_boot()).await else {
                self.status.send_modify(|s| s.last_error = Some("the outbox is closed".into()));
                return;
            };
            let (end, stood) = self.connect(boot, &mut window).await;
            self.status.send_modify(|s| s.connected = false);
            let End::Failed(closed) = end else { return };
            tracing::warn!(edge = %self.outbox.edge(), reason = closed.reason, "uplink lost");
            if stood >= GOOD_CONNECTION {
                backoff.reset();
            }
            let mut wait = backoff.failed(random_bits());
            if closed.refused {
                wait = wait.max(REFUSED_WAIT);
            }
            self.status.send_modify(|s| {
                s.failures += 1;
                s.last_error = Some(closed.reason);
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stopped(&mut self.stop) => {}
            }
        }
    }

    async fn connect(&mut self, boot: u64, window: &mut Window) -> (End, Duration) {
        let edge = self.outbox.edge().clone();
        let will = (Topic::State(edge.clone()).to_string(), self.state_json(boot, false));
        let credential = (edge.as_str(), self.secret.as_str());
        let tls = match self.address.tls.then(|| tls::config(&self.tls)).transpose() {
            Ok(tls) => tls,
            // Somebody has to put a file right.
            Err(reason) => return (End::Failed(Closed { reason, refused: true }), Duration::ZERO),
        };
        let mut transport = Mqtt::connect(&self.address, credential, tls, will);
        let mut session = Session {
            boot,
            connected_at: None,
            outstanding: 0,
            progress_at: clock::instant(),
            state_due: false,
            stopping_since: None,
            farewell_sent: false,
        };
        let end = self.keep(&mut transport, window, &mut session).await;
        let stood = session.connected_at.map_or(Duration::ZERO, |at| clock::instant().duration_since(at));
        (end, stood)
    }

    async fn keep(
        &mut self,
        transport: &mut dyn Transport,
        window: &mut Window,
        session: &mut Session,
    ) -> End {
        loop {
            if session.connected_at.is_some()
                && let Err(reason) = self.send(transport, window, session).await
            {
                return End::Failed(Closed { reason, refused: false });
            }
            let now = clock::instant();
            if session.outstanding > 0 && now.duration_since(session.progress_at) >= NO_PROGRESS {
                let reason = "the broker answers nothing any more".into();
                return End::Failed(Closed { reason, refused: false });
            }
            if session.stopping_since.is_some_and(|at| now.duration_since(at) >= FAREWELL) {
                return End::Stopped;
            }
            let wake_at = window.next_deadline().map_or(now + Duration::from_secs(1), |at| {
                at.clamp(now + Duration::from_millis(100), now + Duration::from_secs(1))
            });
            let stopping = session.stopping_since.is_some();
            tokio::select! {
                event = transport.event() => {
                    if let Some(end) = self.handle(event, transport, window, session) {
                        return end;
                    }
                }
                () = self.outbox.changed() => {}
                Ok(()) = self.report.changed() => session.state_due = true,
                () = stopped(&mut self.stop), if !stopping => {
                    if session.connected_at.is_none() {
                        return End::Stopped;
                    }
                    session.stopping_since = Some(clock::instant());
                    session.state_due = true;
                }
                () = tokio::time::sleep_until(wake_at.into()) => {}
            }
        }
    }

    fn handle(
        &mut self,
        event: Event,
        transport: &mut dyn Transport,
        window: &mut Window,
        session: &mut Session,
    ) -> Option<End> {
        let now = clock::instant();
        session.progress_at = now;
        match event {
            Event::Connected => {
                let edge = self.outbox.edge();
                for topic in [Topic::Ack(edge.clone()), Topic::Config(edge.clone())] {
                    if !transport.subscribe(&topic.to_string()) {
                        let reason = "the library takes no subscription".into();
                        return Some(End::Failed(Closed { reason, refused: false }));
                    }
                }
                session.connected_at = Some(now);
                session.state_due = true;
                window.connected(now);
                tracing::info!(%edge, "uplink connected");
                self.status.send_modify(|s| {
                    s.connected = true;
                    s.connections += 1;
                    s.last_error = None;
                });
            }
            Event::Message { topic, payload } => self.receive(&topic, &payload, window, session),
            Event::Published(refusal) => {
                session.outstanding = session.outstanding.saturating_sub(1);
                if let Some(reason) = refusal {
                    self.refused(&format!("the broker refuses a publication: {reason}"));
                }
            }
            Event::Subscribed(Some(reason)) => {
                self.refused(&format!("the broker refuses a subscription: {reason}"));
            }
            Event::Subscribed(None) => {}
            // After the farewell the broker closes: that is the end that was wanted.
            Event::Closed(_) if session.farewell_sent => return Some(End::Stopped),
            Event::Closed(closed) => return Some(End::Failed(closed)),
        }
        None
    }

    fn refused(&self, reason: &str) {
        tracing::warn!(edge = %self.outbox.edge(), reason, "refused");
        self.status.send_modify(|s| {
            s.refused += 1;
            s.last_error = Some(reason.into());
        });
    }

    fn receive(&mut self, topic: &str, payload: &[u8], window: &mut Window, session: &mut Session) {
        match Topic::parse(topic) {
            Some(Topic::Ack(_)) => match Ack::read(payload) {
                Ok(ack) => {
                    window.grown(&self.outbox.last());
                    match window.acknowledged(&ack, clock::instant()) {
                        Acked::Upto(upto) => {
                            self.outbox.acknowledged(ack.lane, upto);
                            self.status.send_modify(|s| {
                                s.acknowledged.insert(ack.lane, upto);
                            });
                        }
                        Acked::Stale => {}
                        Acked::Foreign => self.status.send_modify(|s| s.strange_acks += 1),
                    }
                }
                Err(_) => self.status.send_modify(|s| s.strange_acks += 1),
            },
            Some(Topic::Config(_)) => {
                let before = self.unreadable_config.take();
                match EdgeConfig::read(payload) {
                    Ok(config) => {
                        self.configs.send_if_modified(|current| {
                            let differs = current.as_ref() != Some(&config);
                            *current = Some(config);
                            differs
                        });
                    }
                    Err(reason) => {
                        self.status.send_modify(|s| s.bad_configs += 1);
                        self.unreadable_config = Some(reason);
                    }
                }
                session.state_due |= before != self.unreadable_config;
            }
            _ => {}
        }
    }

    /// Sends what is due and what the window allows.
    async fn send(
        &mut self,
        transport: &mut dyn Transport,
        window: &mut Window,
        session: &mut Session,
    ) -> Result<(), String> {
        let full = || "the library's queue is full".to_owned();
        if session.state_due && session.outstanding < OUTSTANDING {
            let online = session.stopping_since.is_none();
            let topic = Topic::State(self.outbox.edge().clone()).to_string();
            if !transport.publish(&topic, self.state_json(session.boot, online), true) {
                return Err(full());
            }
            session.state_due = false;
            session.submitted(1);
        }
        if session.stopping_since.is_some() {
            if session.outstanding == 0 && !session.farewell_sent {
                session.farewell_sent = transport.disconnect();
            }
            return Ok(());
        }
        window.grown(&self.outbox.last());
        while session.outstanding < OUTSTANDING {
            let Some(want) = window.next(clock::instant()) else { break };
            let outbox = self.outbox.clone();
            let slice = tokio::task::spawn_blocking(move || outbox.pending(want))
                .await
                .map_err(|e| e.to_string())?
                .map_err(|e| e.to_string())?;
            let topic = Topic::Lane(self.outbox.edge().clone(), want.lane).to_string();
            let payloads = batch::join(slice.envelopes.iter().map(String::as_str), want.max_messages);
            for payload in payloads {
                if !transport.publish(&topic, payload, false) {
                    return Err(full());
                }
                session.submitted(1);
            }
            window.sent(want.lane, &slice, clock::instant());
        }
        Ok(())
    }

    fn state_json(&self, boot: u64, online: bool) -> String {
        let report = self.report.borrow().clone();
        let state = State {
            online,
            outbox: self.outbox.id(),
            boot,
            version: env!("CARGO_PKG_VERSION").into(),
            config: report.version,
            config_error: self.unreadable_config.clone().or(report.error),
            // A will is written before it is known what will be acknowledged by then, so it says nothing of it.
            oldest: if online { self.outbox.oldest() } else { BTreeMap::new() },
        };
        serde_json::to_string(&state).expect("a state holds nothing that JSON cannot carry")
    }
}

/// Resolves when the end is wanted, or nobody is left who could want it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

impl Session {
    fn submitted(&mut self, count: usize) {
        if self.outstanding == 0 {
            self.progress_at = clock::instant();
        }
        self.outstanding += count;
    }
}
