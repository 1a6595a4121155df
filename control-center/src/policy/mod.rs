//! Which events become alerts, and when an alert begins, repeats and clears.
//!
//! Stands between ingest and the alert store. Pure: events and the alerts' states in, changes out. What always holds: of
//! one edge, camera, rule, zone and kind at most one alert is active, and it is active exactly while a start is known
//! whose end is not.

use crate::alerts::{Change, Reason, Severity};
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::{CameraId, EdgeId, EventData, OutboxId, Phase};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// A condition that comes back this soon after it ended is the same alert.
pub const MERGE_WITHIN: TimeDelta = TimeDelta::seconds(60);
/// More open tracks than this in one alert are not told apart; the oldest is forgotten.
const MAX_OPEN: usize = 1000;

/// An event with what else policy must know of it.
#[derive(Debug, Clone)]
pub struct Fact<'a> {
    /// The edge.
    pub edge: &'a EdgeId,
    /// The camera, if the event is of one.
    pub camera: Option<&'a CameraId>,
    /// The event.
    pub event: &'a EventData,
    /// When it happened, by the edge's clock.
    pub time: DateTime<Utc>,
    /// The outbox that numbered it.
    pub outbox: OutboxId,
    /// Its number, which gives the order in which the edge saw things even when its clock steps.
    pub sequence: u64,
    /// Of a start that arrived out of order: when its end happened, if that arrived before.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Fact<'_> {
    /// What lasts as one alert.
    #[must_use]
    pub fn key(&self) -> String {
        let camera = self.camera.map_or("-", CameraId::as_str);
        let zone = self.event.zone.as_ref().map_or("-", ngatu_protocol::ZoneId::as_str);
        format!("{}/{camera}/{}/{zone}/{}", self.edge, self.event.rule, self.event.kind)
    }
}

/// A start whose end has not come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// The outbox that numbered it.
    pub outbox: OutboxId,
    /// The track; absent when the rule has none.
    pub track: Option<u64>,
    /// The start's number.
    pub sequence: u64,
    /// The start's time.
    pub since: DateTime<Utc>,
}

/// Starts of one edge that no event of their own will end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// When they count as ended, by the edge's clock.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: OrphanCause,
}

/// Why an end will not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrphanCause {
    /// The agent was started anew, so what it watched before is forgotten.
    Restart,
    /// A new disk replaced the outbox, and what waited in the old one is gone.
    NewOutbox(OutboxId),
    /// Events up to this number were lost, and the ends may have been among them.
    Loss(OutboxId, u64),
}

impl Orphans {
    fn hold(&self, open: &Open) -> bool {
        match self.cause {
            OrphanCause::Restart => open.since < self.at,
            OrphanCause::NewOutbox(outbox) => open.outbox != outbox,
            OrphanCause::Loss(outbox, upto) => open.outbox == outbox && open.sequence < upto,
        }
    }
}

/// What policy changes of an alert, and what it needs to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertState {
    /// The alert.
    pub id: Uuid,
    /// What lasts as one alert.
    pub key: String,
    /// Whether the condition lasts.
    pub active: bool,
    /// Time of the first event.
    pub first_at: DateTime<Utc>,
    /// Time of the newest event.
    pub last_at: DateTime<Utc>,
    /// When the condition ended.
    pub cleared_at: Option<DateTime<Utc>>,
    /// Start events merged into it.
    pub count: i64,
    /// Of the newest start: class, confidence, reason and picture.
    pub newest: Newest,
    /// Starts without their end.
    pub open: Vec<Open>,
}

/// What an alert shows of its newest start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Newest {
    /// The road user's class.
    pub class: Option<String>,
    /// How sure the detector was.
    pub confidence: Option<f64>,
    /// Why the rule fired.
    pub why: Option<Reason>,
    /// The picture's digest.
    pub snapshot: Option<String>,
}

/// An alert that changed, with what never changes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// What happened, if people must hear of it; an alert that is new stays `raised` whatever else happened to it in
    /// the same batch. That one of several tracks ended is worth keeping but no news.
    pub change: Option<Change>,
    /// Its state now.
    pub state: AlertState,
    /// Of a new alert: what it is about.
    pub subject: Option<Subject>,
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// The kind of event.
    pub kind: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The edge.
    pub edge: String,
    /// The camera.
    pub camera: Option<String>,
    /// The rule.
    pub rule: String,
    /// The zone.
    pub zone: Option<String>,
}

/// One batch's judgement: knows each key's newest alert, takes facts in the order of their numbers, answers the changes.
#[derive(Debug, Default)]
pub struct Judgement {
    newest: HashMap<String, usize>,
    alerts: Vec<Touched>,
}

#[derive(Debug)]
struct Touched {
    state: AlertState,
    is_changed: bool,
    change: Option<Change>,
    subject: Option<Subject>,
}

impl Touched {
    fn mark(&mut self, change: Change) {
        if self.change != Some(Change::Raised) {
            self.change = Some(change);
        }
    }
}

impl Judgement {
    /// Begins with the newest alert of each key that the batch touches; an active one counts as the newest.
    #[must_use]
    pub fn new(known: Vec<AlertState>) -> Judgement {
        let mut judgement = Judgement::default();
        for state in known {
            judgement.newest.insert(state.key.clone(), judgement.alerts.len());
            judgement.alerts.push(Touched { state, is_changed: false, change: None, subject: None });
        }
        judgement
    }

    /// Takes an event. `new_id` names the alert if it becomes a new one.
    pub fn take(&mut self, fact: &Fact<'_>, new_id: impl FnOnce() -> Uuid) {
        match fact.event.phase {
            Phase::Start => self.start(fact, new_id),
            Phase::End => self.end(fact),
        }
    }

    fn start(&mut self, fact: &Fact<'_>, new_id: impl FnOnce() -> Uuid) {
        let key = fact.key();
        let known = self.newest.get(&key).copied();
        let Some(at) = known.filter(|at| joins(&self.alerts[*at].state, fact.time)) else {
            self.newest.insert(key.clone(), self.alerts.len());
            self.alerts.push(Touched {
                state: raise(key, fact, new_id()),
                is_changed: true,
                change: Some(Change::Raised),
                subject: Some(subject(fact)),
            });
            return;
        };
        let alert = &mut self.alerts[at];
        alert.is_changed = true;
        repeat(&mut alert.state, fact);
        alert.mark(Change::Repeated);
    }

    fn end(&mut self, fact: &Fact<'_>) {
        let Some(at) = self.newest.get(&fact.key()).copied() else { return };
        let alert = &mut self.alerts[at];
        let before = alert.state.open.len();
        alert.state.open.retain(|open| !ends(fact, open));
        if alert.state.open.len() == before {
            return;
        }
        alert.is_changed = true;
        alert.state.last_at = alert.state.last_at.max(fact.time);
        if settle(&mut alert.state, fact.time) {
            alert.mark(Change::Cleared);
        }
    }

    /// Closes what no event will end.
    pub fn close(&mut self, edge: &EdgeId, orphans: &Orphans) {
        let of_edge = format!("{edge}/");
        for alert in self.alerts.iter_mut().filter(|alert| alert.state.key.starts_with(&of_edge)) {
            let before = alert.state.open.len();
            alert.state.open.retain(|open| !orphans.hold(open));
            alert.is_changed |= alert.state.open.len() < before;
            if alert.is_changed && settle(&mut alert.state, orphans.at) {
                alert.mark(Change::Cleared);
            }
        }
    }

    /// What changed, in the order in which the alerts were touched first.
    #[must_use]
    pub fn changes(self) -> Vec<Changed> {
        self.alerts
            .into_iter()
            .filter(|alert| alert.is_changed)
            .map(|Touched { state, change, subject, .. }| Changed { change, state, subject })
            .collect()
    }
}

/// Whether a start at `time` belongs to the alert: it lasts, or it is at most a minute away.
fn joins(state: &AlertState, time: DateTime<Utc>) -> bool {
    let end = state.cleared_at.map_or(state.last_at, |cleared| cleared.max(state.last_at));
    state.active || (time >= state.first_at - MERGE_WITHIN && time <= end + MERGE_WITHIN)
}

fn ends(end: &Fact<'_>, open: &Open) -> bool {
    open.outbox == end.outbox && open.track == end.event.track && open.sequence < end.sequence
}

/// Clears an alert that has nothing open any more; answers whether it was active until now. An edge's clock may have
/// stepped back, but no alert ends before it began.
fn settle(state: &mut AlertState, ended_at: DateTime<Utc>) -> bool {
    if !state.open.is_empty() || !state.active {
        return false;
    }
    state.active = false;
    state.cleared_at = Some(ended_at.max(state.last_at));
    true
}

fn raise(key: String, fact: &Fact<'_>, id: Uuid) -> AlertState {
    let mut state = AlertState {
        id,
        key,
        active: false,
        first_at: fact.time,
        last_at: fact.time,
        cleared_at: None,
        count: 0,
        newest: Newest::default(),
        open: Vec::new(),
    };
    repeat(&mut state, fact);
    state
}

fn repeat(state: &mut AlertState, fact: &Fact<'_>) {
    if fact.time >= state.last_at {
        let event = fact.event;
        state.newest = Newest {
            class: event.class.map(|class| class.as_str().to_owned()),
            confidence: Some(event.confidence),
            why: event.why.as_ref().map(Reason::from),
            snapshot: event.snapshot.clone().or_else(|| state.newest.snapshot.take()),
        };
    }
    state.count += 1;
    state.first_at = state.first_at.min(fact.time);
    state.last_at = state.last_at.max(fact.time);
    if let Some(ended_at) = fact.ended_at {
        state.last_at = state.last_at.max(ended_at);
        if !state.active {
            state.cleared_at = state.cleared_at.max(Some(state.last_at));
        }
        return;
    }
    open(state, fact);
    state.active = true;
    state.cleared_at = None;
}

fn open(state: &mut AlertState, fact: &Fact<'_>) {
    let track = fact.event.track;
    let known = state.open.iter_mut().find(|open| open.outbox == fact.outbox && open.track == track);
    match known {
        Some(open) if open.sequence >= fact.sequence => {}
        Some(open) => (open.sequence, open.since) = (fact.sequence, fact.time),
        None => {
            if state.open.len() >= MAX_OPEN {
                state.open.remove(0);
            }
            let open = Open { outbox: fact.outbox, track, sequence: fact.sequence, since: fact.time };
            state.open.push(open);
        }
    }
}

fn subject(fact: &Fact<'_>) -> Subject {
    Subject {
        kind: fact.event.kind.as_str(),
        severity: Severity::of(fact.event.kind),
        edge: fact.edge.to_string(),
        camera: fact.camera.map(ToString::to_string),
        rule: fact.event.rule.to_string(),
        zone: fact.event.zone.as_ref().map(ToString::to_string),
    }
}

#[cfg(test)]
mod tests;
