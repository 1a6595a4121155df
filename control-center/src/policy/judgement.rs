//! One batch's judgement: which alerts begin, repeat, clear, wait or are muted.

use super::compiled::{Ruling, bit};
use super::{AlertState, Fact, Newest, Open, OrphanCause, Orphans, Pending, Subject};
use crate::alerts::{Change, Mute, MuteCause, Reason, Severity};
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::{EdgeId, EventKind, Phase};
use std::collections::HashMap;
use uuid::Uuid;

/// More open tracks than this in one alert are not told apart; the oldest is forgotten.
const MAX_OPEN: usize = 1000;
/// What comes out of an edge's backlog waits so long for its end to come out as well.
const BACKLOG: TimeDelta = TimeDelta::seconds(1);

/// An alert that changed, with what never changes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// What happened, if people must hear of it; an alert that is new stays `raised` whatever else happened to it in
    /// the same batch. That one of several tracks ended is worth keeping but no news.
    pub change: Option<Change>,
    /// Its state now; with `pending` it is no alert yet.
    pub state: AlertState,
    /// Of a new alert: what it is about.
    pub subject: Option<Subject>,
    /// Of one that was there: that a graver start joined it.
    pub graver: Option<Graver>,
    /// Whether it was pending before and no longer is: it was raised, or its condition did not last.
    pub was_pending: bool,
}

/// What a graver start made of an alert that it joined: people have to look again, whatever they did with it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graver {
    /// How much it mattered before.
    pub before: Severity,
    /// The version of the policy.
    pub policy: i64,
    /// The rule of the policy that decided.
    pub rule: Option<String>,
    /// Whether that start wants an incident.
    pub incident: bool,
}

/// One batch's judgement: knows each key's newest alert, takes facts in the order of their numbers, answers the changes.
#[derive(Debug, Default)]
pub struct Judgement {
    newest: HashMap<String, usize>,
    /// By source: alerts of kinds that inhibit others.
    inhibiting: HashMap<String, Vec<usize>>,
    /// Kinds that inhibit others, one bit each.
    inhibiting_kinds: u32,
    /// Groups of neighbours that were known at the begin, by each member that is open in them.
    groups: HashMap<String, Vec<usize>>,
    alerts: Vec<Touched>,
}

#[derive(Debug)]
struct Touched {
    state: AlertState,
    is_changed: bool,
    change: Option<Change>,
    subject: Option<Subject>,
    graver: Option<Graver>,
    was_pending: bool,
}

impl Touched {
    fn mark(&mut self, change: Change) {
        let is_new = matches!(self.change, Some(Change::Raised | Change::Inhibited));
        let is_no_alert = self.state.pending.is_some() || (self.was_pending && self.subject.is_none());
        if !is_new && !is_no_alert {
            self.change = Some(change);
        }
    }

    fn changed(self) -> Option<Changed> {
        let Touched { state, is_changed, change, subject, graver, was_pending } = self;
        is_changed.then_some(Changed { change, state, subject, graver, was_pending })
    }

    /// Whether it ended before `until` and waits for nothing.
    fn is_settled(&self, until: DateTime<Utc>) -> bool {
        let state = &self.state;
        let is_over = !state.active && state.pending.is_none() && state.open.is_empty();
        is_over && state.cleared_at.max(Some(state.last_at)).is_some_and(|end| end < until)
    }

    /// What was pending becomes an alert.
    fn raise(&mut self, pending: Pending, mute: Option<Mute>) {
        self.state.muted = mute.or(self.state.muted.take());
        (self.state.severity, self.state.incident) = (pending.subject.severity, pending.subject.incident);
        self.change = Some(if self.state.muted.is_some() { Change::Inhibited } else { Change::Raised });
        self.subject = Some(pending.subject);
        (self.is_changed, self.was_pending) = (true, true);
    }

    /// Takes over what a start says that joined it: it never matters less than one of its starts, and is muted only while
    /// all of them are. `mute` is what mutes the start.
    fn weigh(&mut self, ruling: &Ruling, mute: Option<Mute>) {
        let state = &mut self.state;
        if mute.is_some() && state.muted.is_none() {
            // What is muted changes nothing of what people see.
            return self.mark(Change::Repeated);
        }
        let before = state.severity;
        let is_graver = ruling.severity < before || (ruling.incident && !state.incident);
        let is_lifted = state.muted.is_some() && mute.is_none();
        if is_graver {
            state.severity = before.min(ruling.severity);
            state.incident |= ruling.incident;
        }
        if is_graver || is_lifted {
            state.muted = mute;
        }
        let change =
            if (is_graver || is_lifted) && state.muted.is_none() { Change::Raised } else { Change::Repeated };
        match &mut self.subject {
            // It is new in this batch, and as grave from its begin.
            Some(subject) => {
                (subject.severity, subject.incident) = (state.severity, state.incident);
                self.change =
                    if state.muted.is_some() { Some(Change::Inhibited) } else { Some(Change::Raised) };
            }
            None => {
                if is_graver {
                    let before = self.graver.as_ref().map_or(before, |graver| graver.before);
                    let (policy, rule) = (ruling.policy, ruling.rule.clone());
                    self.graver = Some(Graver { before, policy, rule, incident: ruling.incident });
                }
                self.mark(change);
            }
        }
    }

    /// The same of what is held off: it waits no longer than one of its starts must.
    fn hasten(&mut self, ruling: &Ruling, due: DateTime<Utc>) {
        let Touched { state, .. } = self;
        let Some(pending) = &mut state.pending else { return };
        let subject = &mut pending.subject;
        subject.severity = subject.severity.min(ruling.severity);
        subject.incident |= ruling.incident;
        (state.severity, state.incident) = (subject.severity, subject.incident);
        pending.due = pending.due.min(due);
        pending.hold_ms = pending.hold_ms.min(ruling.hold_off.num_milliseconds());
        if ruling.mute.is_none() {
            state.muted = None;
        }
    }
}

/// When a start is due that is held off, by the center's clock at `now`.
fn due(fact: &Fact<'_>, ruling: &Ruling, now: DateTime<Utc>) -> DateTime<Utc> {
    (fact.time + ruling.hold_off).clamp(now + ruling.hold_off.min(BACKLOG), now + ruling.hold_off)
}

impl Judgement {
    /// Begins with the newest alert of each key that the batch touches; an active one counts as the newest, a pending one
    /// even more. `inhibiting` are the kinds that mute others: of these every active alert of the batch's cameras is known.
    #[must_use]
    pub fn new(known: Vec<AlertState>, inhibiting: &[EventKind]) -> Judgement {
        let inhibiting_kinds = inhibiting.iter().fold(0, |bits, kind| bits | bit(*kind));
        let mut judgement = Judgement { inhibiting_kinds, ..Judgement::default() };
        for state in known {
            let at = judgement.alerts.len();
            if state.key.starts_with('~') {
                for member in state.open.iter().filter_map(|open| open.member.as_ref()) {
                    judgement.groups.entry(member.clone()).or_default().push(at);
                }
            }
            judgement.add(state);
        }
        judgement
    }

    fn add(&mut self, state: AlertState) -> &mut Touched {
        let at = self.alerts.len();
        let known = self.newest.get(&state.key).map(|at| &self.alerts[*at].state);
        if known.is_none_or(|known| known.pending.is_none() || state.pending.is_some()) {
            self.newest.insert(state.key.clone(), at);
        }
        if self.inhibiting_kinds & bit(state.kind) != 0 {
            self.inhibiting.entry(state.source.clone()).or_default().push(at);
        }
        self.alerts.push(Touched {
            state,
            is_changed: false,
            change: None,
            subject: None,
            graver: None,
            was_pending: false,
        });
        self.alerts.last_mut().expect("it was pushed just now")
    }

    /// Takes an event at `now` with what the policy says of it: of a start the ruling, of an end all keys that its alert
    /// may have. `new_id` names the alert if it becomes a new one.
    pub fn take(&mut self, fact: &Fact<'_>, says: &Says, now: DateTime<Utc>, new_id: impl FnOnce() -> Uuid) {
        match says {
            Says::Start(ruling) => self.start(fact, ruling, now, new_id),
            Says::End(keys) => self.end(fact, keys, now),
        }
    }

    fn start(&mut self, fact: &Fact<'_>, ruling: &Ruling, now: DateTime<Utc>, new_id: impl FnOnce() -> Uuid) {
        if !ruling.alert {
            return;
        }
        let known = self.newest.get(&ruling.key).copied();
        if let Some(at) = known.filter(|at| joins(&self.alerts[*at].state, fact.time, ruling.within)) {
            return self.join(at, fact, ruling, now);
        }
        let lasted = fact.ended_at.map(|ended| ended - fact.time);
        if lasted.is_some_and(|lasted| lasted < ruling.hold_off) {
            return;
        }
        let mut state = raise(fact, ruling, new_id());
        state.muted.clone_from(&ruling.mute);
        let waits = ruling.hold_off > TimeDelta::zero() && lasted.is_none();
        let pending = Pending {
            due: due(fact, ruling, now),
            hold_ms: ruling.hold_off.num_milliseconds(),
            inhibitors: ruling.inhibitors,
            subject: subject(fact, ruling),
        };
        let mute = self.inhibitor(&state.source, ruling.inhibitors);
        let alert = self.add(state);
        alert.is_changed = true;
        if waits {
            alert.state.pending = Some(pending);
        } else {
            alert.raise(pending, mute);
            alert.was_pending = false;
        }
    }

    /// A start that belongs to an alert that is there. How long it lasts is not waited for: the alert lasts already. Only
    /// one that is known to have been too short changes nothing of its weight.
    fn join(&mut self, at: usize, fact: &Fact<'_>, ruling: &Ruling, now: DateTime<Utc>) {
        let alert = &mut self.alerts[at];
        alert.is_changed = true;
        repeat(&mut alert.state, fact, ruling.member.as_deref());
        let state = &alert.state;
        let is_short = fact.ended_at.is_some_and(|ended| ended - fact.time < ruling.hold_off);
        let weighs = ruling.severity < state.severity
            || (ruling.incident && !state.incident)
            || state.muted.is_some()
            || state.pending.is_some();
        if is_short || !weighs {
            return alert.mark(Change::Repeated);
        }
        if state.pending.is_none() {
            let mute = ruling.mute.clone().or_else(|| self.inhibitor(&fact.source(), ruling.inhibitors));
            return self.alerts[at].weigh(ruling, mute);
        }
        alert.hasten(ruling, due(fact, ruling, now));
        if ruling.hold_off <= TimeDelta::zero()
            && let Some(pending) = alert.state.pending.take()
        {
            self.raise_pending(at, pending);
        }
    }

    /// The alert that inhibits others of this source now.
    fn inhibitor(&self, source: &str, kinds: u32) -> Option<Mute> {
        let of_source = self.inhibiting.get(source).filter(|_| kinds != 0)?;
        let by = of_source.iter().map(|at| &self.alerts[*at].state);
        let by = by
            .into_iter()
            .find(|state| state.active && state.pending.is_none() && kinds & bit(state.kind) != 0)?;
        let (by, reason) = (by.id.to_string(), by.kind.as_str().to_owned());
        Some(Mute { cause: MuteCause::Inhibited, by, reason, until: None })
    }

    fn end(&mut self, fact: &Fact<'_>, keys: &[String], now: DateTime<Utc>) {
        let plain = fact.key();
        // Of neighbours the key names the first camera of today, and the group may have begun under another one.
        let groups = self.groups.get(&plain).cloned().unwrap_or_default();
        let newest: Vec<usize> = keys.iter().filter_map(|key| self.newest.get(key).copied()).collect();
        let others = groups.into_iter().filter(|at| !newest.contains(at)).collect::<Vec<_>>();
        for at in newest.into_iter().chain(others) {
            let is_touched = self.end_open(at, (fact.time, now), |open| {
                ends(fact, open) && open.member.as_ref().is_none_or(|member| *member == plain)
            });
            let state = &mut self.alerts[at].state;
            if is_touched {
                state.last_at = state.last_at.max(fact.time);
            }
        }
    }

    /// Ends what is open of an alert and fits; answers whether anything did.
    fn end_open(
        &mut self,
        at: usize,
        (ended_at, now): (DateTime<Utc>, DateTime<Utc>),
        fits: impl Fn(&Open) -> bool,
    ) -> bool {
        let state = &mut self.alerts[at].state;
        let before = state.open.len();
        state.open.retain(|open| !fits(open));
        if state.open.len() == before {
            return false;
        }
        self.alerts[at].is_changed = true;
        if self.alerts[at].state.open.is_empty() {
            self.decide(at, ended_at, now);
        }
        let alert = &mut self.alerts[at];
        if settle(&mut alert.state, ended_at) {
            alert.mark(Change::Cleared);
        }
        true
    }

    /// What is pending and whose condition ended: it lasted long enough, or it never was an alert.
    fn decide(&mut self, at: usize, ended_at: DateTime<Utc>, now: DateTime<Utc>) {
        let state = &mut self.alerts[at].state;
        let Some(pending) = state.pending.take() else { return };
        let lasted =
            ended_at - state.first_at >= TimeDelta::milliseconds(pending.hold_ms) || pending.due <= now;
        if lasted {
            self.raise_pending(at, pending);
        } else {
            self.newest.remove(&self.alerts[at].state.key);
            self.alerts[at].was_pending = true;
        }
    }

    fn raise_pending(&mut self, at: usize, pending: Pending) {
        let mute = self.inhibitor(&self.alerts[at].state.source, pending.inhibitors);
        self.alerts[at].raise(pending, mute);
    }

    /// Raises what was held off until `now`, and brings back what was muted until `now` or by an alert that is over:
    /// `is_over` says so of an alert's id that this judgement does not know.
    pub fn wake(&mut self, now: DateTime<Utc>, is_over: impl Fn(&str) -> bool) {
        for at in 0..self.alerts.len() {
            let state = &mut self.alerts[at].state;
            if let Some(pending) = state.pending.take_if(|pending| pending.due <= now) {
                self.raise_pending(at, pending);
                continue;
            }
            let back = |mute: &mut Mute| match mute.cause {
                MuteCause::Inhibited => is_over(&mute.by),
                MuteCause::Silenced | MuteCause::Maintenance => {
                    mute.until.is_none_or(|until| until <= now) || is_over(&mute.by)
                }
            };
            if state.active && state.pending.is_none() && state.muted.take_if(back).is_some() {
                let alert = &mut self.alerts[at];
                (alert.is_changed, alert.change) = (true, Some(Change::Raised));
            }
        }
    }

    /// Closes what no event will end.
    pub fn close(&mut self, edge: &EdgeId, orphans: &Orphans, now: DateTime<Utc>) {
        let of_edge = format!("{edge}/");
        for at in 0..self.alerts.len() {
            let is_own = self.alerts[at].state.key.starts_with(&of_edge);
            self.end_open(at, (orphans.at, now), |open| {
                open.member.as_ref().map_or(is_own, |member| member.starts_with(&of_edge))
                    && orphans.hold(open)
            });
        }
    }

    /// What changed, in the order in which the alerts were touched first.
    #[must_use]
    pub fn changes(self) -> Vec<Changed> {
        self.alerts.into_iter().filter_map(Touched::changed).collect()
    }

    /// Gives out what changed of the alerts that ended before `until`, and forgets them. Nothing that begins later than that by
    /// more than a group's window belongs to them.
    #[must_use]
    pub fn settled(&mut self, until: DateTime<Utc>) -> Vec<Changed> {
        let (mut kept, mut moved, mut settled) =
            (Vec::new(), Vec::with_capacity(self.alerts.len()), Vec::new());
        for alert in std::mem::take(&mut self.alerts) {
            if alert.is_settled(until) {
                moved.push(None);
                settled.extend(alert.changed());
            } else {
                moved.push(Some(kept.len()));
                kept.push(alert);
            }
        }
        self.alerts = kept;
        self.newest.retain(|_, at| match moved[*at] {
            Some(now_at) => {
                *at = now_at;
                true
            }
            None => false,
        });
        for lists in [&mut self.inhibiting, &mut self.groups] {
            lists.retain(|_, list| {
                *list = list.iter().filter_map(|at| moved[*at]).collect();
                !list.is_empty()
            });
        }
        settled
    }

    /// Alerts that are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.alerts.len()
    }

    /// When the next pending alert of this judgement is due.
    #[must_use]
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.alerts.iter().filter_map(|alert| alert.state.pending.as_ref()).map(|pending| pending.due).min()
    }
}

impl Changed {
    /// Whether its condition ended before it became an alert.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.was_pending && self.subject.is_none()
    }
}

/// What the policy says of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Says {
    /// Of a start: what becomes of it.
    Start(Ruling),
    /// Of an end: all keys that its alert may have.
    End(Vec<String>),
}

impl Says {
    /// What holds where no policy says anything.
    #[must_use]
    pub fn plain(fact: &Fact<'_>) -> Says {
        match fact.event.phase {
            Phase::Start => Says::Start(Ruling::plain(fact)),
            Phase::End => Says::End(vec![fact.key()]),
        }
    }

    /// What a policy says of a fact at `now`.
    #[must_use]
    pub fn of(policy: &super::Policy, fact: &Fact<'_>, now: DateTime<Utc>) -> Says {
        match fact.event.phase {
            Phase::Start => Says::Start(policy.rule(fact, now)),
            Phase::End => Says::End(policy.keys(fact)),
        }
    }

    /// The keys of the alerts that it touches.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        match self {
            Says::Start(ruling) => std::slice::from_ref(&ruling.key),
            Says::End(keys) => keys,
        }
    }
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

/// Whether a start at `time` belongs to the alert: it lasts, or it is not farther away than `within`.
fn joins(state: &AlertState, time: DateTime<Utc>, within: TimeDelta) -> bool {
    let end = state.cleared_at.map_or(state.last_at, |cleared| cleared.max(state.last_at));
    state.active || (time >= state.first_at - within && time <= end + within)
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

fn raise(fact: &Fact<'_>, ruling: &Ruling, id: Uuid) -> AlertState {
    let mut state = AlertState {
        id,
        key: ruling.key.clone(),
        active: false,
        first_at: fact.time,
        last_at: fact.time,
        cleared_at: None,
        count: 0,
        newest: Newest::default(),
        open: Vec::new(),
        kind: fact.event.kind,
        source: fact.source(),
        severity: ruling.severity,
        incident: ruling.incident,
        muted: None,
        pending: None,
    };
    repeat(&mut state, fact, ruling.member.as_deref());
    state
}

fn repeat(state: &mut AlertState, fact: &Fact<'_>, member: Option<&str>) {
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
    open(state, fact, member);
    state.active = true;
    state.cleared_at = None;
}

fn open(state: &mut AlertState, fact: &Fact<'_>, member: Option<&str>) {
    let track = fact.event.track;
    let same = |open: &&mut Open| {
        open.outbox == fact.outbox && open.track == track && open.member.as_deref() == member
    };
    let known = state.open.iter_mut().find(same);
    match known {
        Some(open) if open.sequence >= fact.sequence => {}
        Some(open) => (open.sequence, open.since) = (fact.sequence, fact.time),
        None => {
            if state.open.len() >= MAX_OPEN {
                state.open.remove(0);
            }
            let member = member.map(str::to_owned);
            let open = Open { outbox: fact.outbox, track, sequence: fact.sequence, since: fact.time, member };
            state.open.push(open);
        }
    }
}

fn subject(fact: &Fact<'_>, ruling: &Ruling) -> Subject {
    Subject {
        kind: fact.event.kind,
        severity: ruling.severity,
        edge: fact.edge.to_string(),
        camera: fact.camera.map(ToString::to_string),
        rule: fact.event.rule.to_string(),
        zone: fact.event.zone.as_ref().map(ToString::to_string),
        policy: ruling.policy,
        policy_rule: ruling.rule.clone(),
        incident: ruling.incident,
    }
}

#[cfg(test)]
mod tests;
