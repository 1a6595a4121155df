//! One connection: the start, then each change as it comes, a heartbeat every 15 s, and an end that says why.

use super::Frame;
use super::flood::{Gauge, Pressure};
use super::frame::{self, Log, Passing, Seqs};
use super::hub::Subscription;
use super::start;
use crate::access::AreaScope;
use crate::clock;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval_at, timeout};

const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// A client without its start by then is told to come again.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// A client that takes nothing for so long does not keep up.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// A client that says nothing for so long, not even a pong to our heartbeats' pings, is gone.
const SILENCE: Duration = Duration::from_secs(50);
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(5);

type Sink = SplitSink<WebSocket, Message>;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Gone,
    Slow,
    SessionEnded,
    Shutdown,
    NotReady,
}

/// What a client asks for, and what it may see.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The number of the last change of an alert that it has.
    pub after: Option<i64>,
    /// The number of the last change of an incident that it has.
    pub incidents_after: Option<i64>,
    /// The part of the city that it sees.
    pub areas: AreaScope,
    /// Whether it may read citizens' reports.
    pub reads_reports: bool,
}

/// The sending half, and the numbers of the last changes that went through it.
struct Client {
    sink: Sink,
    seqs: Seqs,
    passing: Passing,
    areas: AreaScope,
    reads_reports: bool,
    gauge: Gauge,
}

/// Serves one client until either side ends it.
pub async fn run(socket: WebSocket, subscription: Subscription, wish: Wish) {
    let (sink, mut stream) = socket.split();
    let seqs = Seqs { alerts: wish.after.unwrap_or(0), incidents: wish.incidents_after.unwrap_or(0) };
    let (passing, areas) = (Passing { told: seqs.alerts }, wish.areas.clone());
    let (reads_reports, gauge) = (wish.reads_reports, Gauge::default());
    let mut client = Client { sink, seqs, passing, areas, reads_reports, gauge };
    let end = tokio::select! {
        end = client.serve(&mut stream, &subscription, &wish) => end,
        () = subscription.ended.cancelled() => End::SessionEnded,
        () = subscription.hub().shutdown().cancelled() => End::Shutdown,
    };
    tracing::debug!(?end, seq = client.seqs.alerts, "live: a client leaves");
    // Gone or not, nobody waits longer for this client.
    let _ = timeout(GOODBYE_TIMEOUT, client.goodbye(stream, end)).await;
}

impl Client {
    async fn serve(
        &mut self,
        stream: &mut SplitStream<WebSocket>,
        subscription: &Subscription,
        wish: &Wish,
    ) -> End {
        let hub = subscription.hub();
        let begin = async {
            // Subscribe first, then read: what comes by both ways is dropped by its number.
            let frames = hub.frames().await;
            start::read(hub.pool(), wish, clock::now()).await.map(|start| (frames, start))
        };
        let Ok(Ok((frames, start))) = timeout(START_TIMEOUT, begin).await else { return End::NotReady };
        if let Err(end) = self.send(start.frames).await {
            return end;
        }
        self.seqs = start.seqs;
        self.passing.told = start.seqs.alerts;
        self.follow(stream, frames, hub.pressure()).await
    }

    async fn follow(
        &mut self,
        stream: &mut SplitStream<WebSocket>,
        mut frames: Receiver<Frame>,
        mut pressure: watch::Receiver<Pressure>,
    ) -> End {
        pressure.mark_changed();
        let mut heartbeats = interval_at(clock::timer() + HEARTBEAT_EVERY, HEARTBEAT_EVERY);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = clock::timer();
        loop {
            let sent = tokio::select! {
                frame = frames.recv() => match frame {
                    Ok(frame) => self.forward(frame, &mut frames).await,
                    Err(RecvError::Lagged(_)) => Err(End::Slow),
                    Err(RecvError::Closed) => Err(End::Shutdown),
                },
                message = stream.next() => match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => Err(End::Gone),
                    Some(Ok(_)) => { heard = clock::timer(); Ok(()) }
                },
                Ok(()) = pressure.changed() => {
                    let told = self.gauge.step(&pressure.borrow_and_update(), &self.areas, clock::now());
                    match told {
                        Some(text) => self.send(vec![text]).await,
                        None => Ok(()),
                    }
                }
                _ = heartbeats.tick() => {
                    if heard.elapsed() > SILENCE { Err(End::Gone) } else { self.heartbeat().await }
                }
            };
            if let Err(end) = sent {
                return end;
            }
        }
    }

    /// Sends a frame and all that wait behind it with one flush: several times the throughput of a flush for each.
    async fn forward(&mut self, first: Frame, frames: &mut Receiver<Frame>) -> Result<(), End> {
        let forwarded = async {
            let mut next = Ok(first);
            loop {
                match next {
                    // The start had it already.
                    Ok(frame) if self.seq_of(&frame.log).is_some_and(|seq| frame.seq <= *seq) => {}
                    Ok(frame) => {
                        if self.sees(&frame.log) {
                            if matches!(frame.log, Log::Alerts(_)) {
                                self.settle().await?;
                                self.passing.told = frame.seq;
                            }
                            self.sink.feed(Message::Text(frame.text)).await.map_err(|_| End::Gone)?;
                        }
                        if let Some(seq) = self.seq_of(&frame.log) {
                            *seq = frame.seq;
                        }
                    }
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                    Err(TryRecvError::Lagged(_)) => return Err(End::Slow),
                }
                next = frames.try_recv();
            }
            self.settle().await?;
            self.sink.flush().await.map_err(|_| End::Gone)
        };
        timeout(SEND_TIMEOUT, forwarded).await.unwrap_or(Err(End::Slow))
    }

    /// Says how far changes have passed that this client does not see.
    async fn settle(&mut self) -> Result<(), End> {
        match self.passing.settle(self.seqs.alerts) {
            Some(text) => self.sink.feed(Message::Text(text)).await.map_err(|_| End::Gone),
            None => Ok(()),
        }
    }

    /// Where it stands in the log that a frame comes from; none when that is none.
    fn seq_of(&mut self, log: &Log) -> Option<&mut i64> {
        match log {
            Log::Alerts(_) => Some(&mut self.seqs.alerts),
            Log::Incidents(_) => Some(&mut self.seqs.incidents),
            Log::Reports(_) => None,
        }
    }

    fn sees(&self, log: &Log) -> bool {
        match log {
            Log::Alerts(area) => self.areas.sees(area.as_deref()),
            Log::Incidents(area) => self.areas.sees(area.as_deref()),
            Log::Reports(areas) => {
                let own = |area: &Option<String>| area.is_none() || self.areas.sees(area.as_deref());
                self.reads_reports && areas.iter().any(own)
            }
        }
    }

    async fn heartbeat(&mut self) -> Result<(), End> {
        let text = frame::heartbeat(self.seqs, clock::now());
        let sent = async {
            self.sink.feed(Message::Ping(Default::default())).await?;
            self.sink.send(Message::Text(text)).await
        };
        timeout(SEND_TIMEOUT, sent).await.map_err(|_| End::Slow)?.map_err(|_| End::Gone)
    }

    async fn send(&mut self, texts: Vec<Utf8Bytes>) -> Result<(), End> {
        let sent = async {
            for text in texts {
                self.sink.feed(Message::Text(text)).await?;
            }
            self.sink.flush().await
        };
        timeout(SEND_TIMEOUT, sent).await.map_err(|_| End::Slow)?.map_err(|_| End::Gone)
    }

    async fn goodbye(mut self, mut stream: SplitStream<WebSocket>, end: End) -> Result<(), axum::Error> {
        let (code, reason) = match end {
            End::Gone => return Ok(()),
            End::Slow => (close_code::AGAIN, "slow"),
            End::SessionEnded => (close_code::POLICY, "session ended"),
            End::Shutdown => (close_code::AWAY, "the center stops"),
            End::NotReady => (close_code::AGAIN, "not ready"),
        };
        if end == End::Slow {
            self.sink.feed(Message::Text(frame::resume(self.seqs))).await?;
        }
        self.sink.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
        // Wait for the answer: closing a socket with unread bytes in it could destroy what was just sent.
        while let Some(Ok(_)) = stream.next().await {}
        Ok(())
    }
}
