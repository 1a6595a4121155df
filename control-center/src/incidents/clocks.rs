//! By when what must have happened, and whom to call when it has not: pure, `now` is an input.
//!
//! An incident has up to three clocks. One that runs out calls the first of its chain, and calls again, the next of the
//! chain and at last always the last, until the clock is met or somebody takes the incident. A machine that was away
//! calls once when it is back, not once for each call that it missed.

use super::model::words;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// What a clock waits for.
    ClockKind {
        /// Somebody takes the incident.
        Acknowledge = "acknowledge",
        /// A unit is on scene.
        OnScene = "on_scene",
        /// The work is done.
        Resolve = "resolve",
    }
}

words! {
    /// Who is called.
    #[schema(as = EscalationRung)]
    Rung {
        /// The incident's owner.
        Owner = "owner",
        /// The supervisors who see the incident.
        Supervisor = "supervisor",
        /// The procedure's on-call list.
        OnCall = "on_call",
    }
}

/// Seconds from the opening of an incident; none where nothing is promised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sla {
    /// Somebody takes it within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 31536000)]
    pub acknowledge_s: Option<i64>,
    /// A unit is on scene within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 31536000)]
    pub on_scene_s: Option<i64>,
    /// The work is done within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 31536000)]
    pub resolve_s: Option<i64>,
}

/// One clock of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = IncidentClock)]
pub struct Clock {
    /// What it waits for.
    pub kind: ClockKind,
    /// By when.
    pub due_at: DateTime<Utc>,
    /// When it happened; in time or late.
    pub met_at: Option<DateTime<Utc>>,
    /// How often somebody was called.
    pub calls: u32,
    /// When somebody was called last.
    pub called_at: Option<DateTime<Utc>>,
    /// When somebody took the incident after it had called: it calls no more.
    pub taken_at: Option<DateTime<Utc>>,
}

impl Clock {
    fn new(kind: ClockKind, due_at: DateTime<Utc>) -> Clock {
        Clock { kind, due_at, met_at: None, calls: 0, called_at: None, taken_at: None }
    }

    /// When it calls next; none when it is met or somebody took the incident after a call.
    #[must_use]
    pub fn next_call(&self, every_s: i64) -> Option<DateTime<Utc>> {
        if self.met_at.is_some() || self.taken_at.is_some() {
            return None;
        }
        Some(self.called_at.map_or(self.due_at, |called_at| called_at + TimeDelta::seconds(every_s)))
    }
}

impl Sla {
    /// The clocks of an incident that begins at `from`.
    #[must_use]
    pub fn start(&self, from: DateTime<Utc>) -> Vec<Clock> {
        let clock = |kind| Some(Clock::new(kind, from + TimeDelta::seconds(self.seconds(kind)?)));
        [ClockKind::Acknowledge, ClockKind::OnScene, ClockKind::Resolve]
            .into_iter()
            .filter_map(clock)
            .collect()
    }

    /// The promise for one clock.
    #[must_use]
    pub const fn seconds(&self, kind: ClockKind) -> Option<i64> {
        match kind {
            ClockKind::Acknowledge => self.acknowledge_s,
            ClockKind::OnScene => self.on_scene_s,
            ClockKind::Resolve => self.resolve_s,
        }
    }

    /// The same clocks under another promise than `before`: what was met stays met; what waits gets its new time, and calls
    /// again when that lies after the calls there were. A clock counts from where it began, which for one that was opened
    /// again is later than `opened_at`.
    pub fn restart(&self, clocks: &mut Vec<Clock>, before: &Sla, opened_at: DateTime<Utc>) {
        let mut fresh = self.start(opened_at);
        for clock in &mut fresh {
            let Some(old) = clocks.iter().find(|old| old.kind == clock.kind) else { continue };
            let began = before.seconds(clock.kind).map(|promised| old.due_at - TimeDelta::seconds(promised));
            let due_at = clock.due_at + began.map_or(TimeDelta::zero(), |began| began - opened_at);
            *clock = Clock { due_at, ..old.clone() };
            if old.called_at.is_some_and(|called_at| called_at < due_at) {
                (clock.calls, clock.called_at, clock.taken_at) = (0, None, None);
            }
        }
        *clocks = fresh;
    }
}

/// Marks a clock as met, once.
pub fn meet(clocks: &mut [Clock], kind: ClockKind, now: DateTime<Utc>) {
    if let Some(clock) = clocks.iter_mut().find(|clock| clock.kind == kind) {
        clock.met_at.get_or_insert(now);
    }
}

/// Stops the calls of clocks that have called: somebody took the incident.
pub fn take(clocks: &mut [Clock], now: DateTime<Utc>) {
    for clock in clocks.iter_mut().filter(|clock| clock.calls > 0 && clock.met_at.is_none()) {
        clock.taken_at.get_or_insert(now);
    }
}

/// The next call of all clocks.
#[must_use]
pub fn next_call(clocks: &[Clock], every_s: i64) -> Option<(DateTime<Utc>, ClockKind)> {
    let calls = clocks.iter().filter_map(|clock| Some((clock.next_call(every_s)?, clock.kind)));
    calls.min_by_key(|(at, _)| *at)
}

/// Notes that a clock called at `now`; answers the number of the call, from 0.
pub fn call(clocks: &mut [Clock], kind: ClockKind, now: DateTime<Utc>) -> u32 {
    let Some(clock) = clocks.iter_mut().find(|clock| clock.kind == kind) else { return 0 };
    let call = clock.calls;
    clock.calls = clock.calls.saturating_add(1);
    clock.called_at = Some(now);
    call
}

/// Whom a call goes to: the chain in its order, then its last for ever. An owner's place is passed over while there is none.
#[must_use]
pub fn rung(chain: &[Rung], call: u32, has_owner: bool) -> Option<Rung> {
    let reachable: Vec<Rung> =
        chain.iter().copied().filter(|rung| has_owner || *rung != Rung::Owner).collect();
    let place = usize::try_from(call).unwrap_or(usize::MAX);
    reachable.get(place).or(reachable.last()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + s, 0).unwrap()
    }

    const SLA: Sla = Sla { acknowledge_s: Some(60), on_scene_s: None, resolve_s: Some(3600) };

    #[test]
    fn a_clock_that_ran_out_calls_again_until_it_is_met() {
        let mut clocks = SLA.start(at(0));
        assert_eq!(next_call(&clocks, 120), Some((at(60), ClockKind::Acknowledge)));
        assert_eq!(call(&mut clocks, ClockKind::Acknowledge, at(60)), 0);
        assert_eq!(next_call(&clocks, 120), Some((at(180), ClockKind::Acknowledge)));
        assert_eq!(call(&mut clocks, ClockKind::Acknowledge, at(181)), 1);
        meet(&mut clocks, ClockKind::Acknowledge, at(200));
        assert_eq!(next_call(&clocks, 120), Some((at(3600), ClockKind::Resolve)));
        meet(&mut clocks, ClockKind::Resolve, at(300));
        assert_eq!(next_call(&clocks, 120), None);
        meet(&mut clocks, ClockKind::Resolve, at(400));
        assert_eq!(clocks[1].met_at, Some(at(300)), "what is met is met once");
    }

    #[test]
    fn after_an_outage_there_is_one_call_and_not_one_for_each_that_was_missed() {
        let mut clocks = SLA.start(at(0));
        let back = at(1_000_000);
        assert_eq!(next_call(&clocks, 120).unwrap().0, at(60));
        call(&mut clocks, ClockKind::Acknowledge, back);
        assert_eq!(clocks[0].next_call(120), Some(back + TimeDelta::seconds(120)));
    }

    #[test]
    fn taking_ends_the_calls_there_were_and_not_those_of_later_clocks() {
        let mut clocks = SLA.start(at(0));
        call(&mut clocks, ClockKind::Acknowledge, at(60));
        take(&mut clocks, at(70));
        assert_eq!(next_call(&clocks, 120), Some((at(3600), ClockKind::Resolve)));
        call(&mut clocks, ClockKind::Resolve, at(3600));
        take(&mut clocks, at(3700));
        assert_eq!(next_call(&clocks, 120), None);
    }

    #[test]
    fn the_chain_goes_up_and_stays_at_its_end() {
        let chain = [Rung::Owner, Rung::Supervisor, Rung::OnCall];
        let rungs = |has_owner| (0..5).map(|call| rung(&chain, call, has_owner).unwrap()).collect::<Vec<_>>();
        assert_eq!(rungs(true), [Rung::Owner, Rung::Supervisor, Rung::OnCall, Rung::OnCall, Rung::OnCall]);
        assert_eq!(rungs(false), [Rung::Supervisor, Rung::OnCall, Rung::OnCall, Rung::OnCall, Rung::OnCall]);
        assert_eq!(rung(&[], 0, true), None);
        assert_eq!(rung(&[Rung::Owner], 0, false), None);
    }

    #[test]
    fn another_unit_moves_what_still_waits() {
        let mut clocks = SLA.start(at(0));
        meet(&mut clocks, ClockKind::Acknowledge, at(10));
        call(&mut clocks, ClockKind::Resolve, at(3600));
        let slower = Sla { acknowledge_s: Some(5), on_scene_s: Some(600), resolve_s: Some(7200) };
        slower.restart(&mut clocks, &SLA, at(0));
        assert_eq!(clocks.len(), 3);
        assert_eq!(clocks[0].met_at, Some(at(10)));
        assert_eq!(clocks[1].due_at, at(600));
        assert_eq!((clocks[2].calls, clocks[2].next_call(60)), (0, Some(at(7200))));
        // Opened again at 9000: its clock counts from there.
        let mut again = SLA.start(at(9000));
        slower.restart(&mut again, &SLA, at(0));
        assert_eq!(again[2].due_at, at(9000 + 7200));
        assert_eq!(again[1].due_at, at(600), "what was not promised before counts from the beginning");
    }
}
