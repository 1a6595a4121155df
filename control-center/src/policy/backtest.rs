//! What a policy would have done: the same judgement over stored events, with the events' own times as the clock. Pure.

use super::{Changed, Fact, Judgement, Policy, Says};
use crate::alerts::{Change, Severity};
use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Alerts that are shown as examples.
const EXAMPLES: usize = 20;
/// Alerts that examples are chosen from; beyond that every second one is left out.
const MOST_CANDIDATES: usize = 2000;
/// Events after which alerts that are over are added up.
const SETTLE_EVERY: u64 = 10_000;
/// Events of several tracks may come a little out of order.
const OUT_OF_ORDER: TimeDelta = TimeDelta::hours(1);
/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Alerts that begin in the same shift of the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShiftTally {
    /// When the shift begins, `HH:MM` in the policy's time zone.
    pub from: String,
    /// Alerts in all such shifts.
    pub alerts: u64,
    /// The most in one shift of one day.
    pub most: u64,
}

/// Alerts of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KindTally {
    /// The kind of event.
    pub kind: String,
    /// Alerts of it.
    pub alerts: u64,
}

/// One alert that would have been raised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Example {
    /// The kind of event.
    pub kind: String,
    /// How much it would have mattered.
    pub severity: Severity,
    /// The edge.
    pub edge: String,
    /// The camera.
    pub camera: Option<String>,
    /// The rule.
    pub rule: String,
    /// The zone.
    pub zone: Option<String>,
    /// When it would have begun.
    pub first_at: DateTime<Utc>,
    /// When it would have ended, if it did.
    pub cleared_at: Option<DateTime<Utc>>,
    /// Events merged into it.
    pub count: i64,
    /// How sure the detector was.
    pub confidence: Option<f64>,
    /// The picture's address.
    pub snapshot_url: Option<String>,
}

/// How many alerts a policy would have raised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// Events that it judged.
    pub events: u64,
    /// Alerts that it would have raised.
    pub alerts: u64,
    /// Those of them that would have been critical or high.
    #[serde(default)]
    pub urgent: u64,
    /// Alerts on record only, because another was active or work was planned.
    pub muted: u64,
    /// By shift of the day.
    pub shifts: Vec<ShiftTally>,
    /// By kind of event.
    pub kinds: Vec<KindTally>,
    /// Some of them, spread over the time.
    pub examples: Vec<Example>,
}

/// A policy that is tried. Alerts that are over are added up and forgotten, so that months of events take the memory of some.
#[derive(Debug)]
pub struct Backtest {
    policy: Policy,
    judgement: Judgement,
    events: u64,
    last: Option<DateTime<Utc>>,
    sum: Sum,
}

/// What was raised, added up.
#[derive(Debug)]
struct Sum {
    zone: Tz,
    begins: Vec<i64>,
    alerts: u64,
    urgent: u64,
    muted: u64,
    /// By shift of the day, and of each by the day on which it began.
    shifts: BTreeMap<usize, BTreeMap<i64, u64>>,
    kinds: BTreeMap<String, u64>,
    /// Each `step`th alert.
    candidates: Vec<Example>,
    step: u64,
}

impl Backtest {
    /// Begins; shifts begin at these minutes of the day.
    #[must_use]
    pub fn new(policy: Policy, (zone, begins): (Tz, Vec<i64>)) -> Backtest {
        let judgement = Judgement::new(Vec::new(), &policy.inhibiting());
        let sum = Sum {
            zone,
            begins,
            alerts: 0,
            urgent: 0,
            muted: 0,
            shifts: BTreeMap::new(),
            kinds: BTreeMap::new(),
            candidates: Vec::new(),
            step: 1,
        };
        Backtest { policy, judgement, events: 0, last: None, sum }
    }

    /// Takes the next event, in the order of time.
    pub fn take(&mut self, fact: &Fact<'_>) {
        self.events += 1;
        self.last = self.last.max(Some(fact.time));
        // Ids need not be unique beyond this test, and a counter is the same each time.
        let id = Uuid::from_u128(u128::from(self.events));
        self.judgement.take(fact, &Says::of(&self.policy, fact, fact.time), fact.time, || id);
        if self.events.is_multiple_of(SETTLE_EVERY)
            && let Some(last) = self.last
        {
            let settled = self.judgement.settled(last - self.policy.longest_within() - OUT_OF_ORDER);
            settled.iter().for_each(|changed| self.sum.add(changed));
        }
    }

    /// What it would have raised.
    #[must_use]
    pub fn finish(mut self) -> Tally {
        if let Some(last) = self.last {
            self.judgement.wake(last, |_| false);
        }
        self.judgement.changes().iter().for_each(|changed| self.sum.add(changed));
        self.sum.tally(self.events)
    }
}

impl Sum {
    fn add(&mut self, changed: &Changed) {
        let Some(example) = example(changed) else { return };
        if changed.change != Some(Change::Raised) {
            self.muted += 1;
            return;
        }
        if self.alerts.is_multiple_of(self.step) {
            self.candidates.push(example);
        }
        if self.candidates.len() >= MOST_CANDIDATES {
            let mut is_kept = false;
            self.candidates.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            self.step *= 2;
        }
        self.alerts += 1;
        self.urgent += u64::from(changed.state.severity <= Severity::High);
        *self.kinds.entry(changed.state.kind.as_str().to_owned()).or_default() += 1;
        let local = changed.state.first_at.with_timezone(&self.zone).naive_local();
        let minute = i64::from(local.hour() * 60 + local.minute());
        let day = local.and_utc().timestamp().div_euclid(60 * DAY);
        let (shift, day) = match self.begins.iter().rposition(|begin| *begin <= minute) {
            Some(shift) => (shift, day),
            None => (self.begins.len().saturating_sub(1), day - 1),
        };
        *self.shifts.entry(shift).or_default().entry(day).or_default() += 1;
    }

    fn tally(mut self, events: u64) -> Tally {
        let shift = |(shift, begin): (usize, &i64)| {
            let days = self.shifts.get(&shift);
            ShiftTally {
                from: format!("{:02}:{:02}", begin / 60, begin % 60),
                alerts: days.map_or(0, |days| days.values().sum()),
                most: days.and_then(|days| days.values().max().copied()).unwrap_or(0),
            }
        };
        let shifts = self.begins.iter().enumerate().map(shift).collect();
        self.candidates.sort_by_key(|example| example.first_at);
        let step = self.candidates.len().div_ceil(EXAMPLES).max(1);
        Tally {
            events,
            alerts: self.alerts,
            urgent: self.urgent,
            muted: self.muted,
            shifts,
            kinds: self.kinds.into_iter().map(|(kind, alerts)| KindTally { kind, alerts }).collect(),
            examples: self.candidates.into_iter().step_by(step).collect(),
        }
    }
}

fn example(changed: &Changed) -> Option<Example> {
    let (subject, state) = (changed.subject.as_ref()?, &changed.state);
    Some(Example {
        kind: subject.kind.as_str().to_owned(),
        severity: subject.severity,
        edge: subject.edge.clone(),
        camera: subject.camera.clone(),
        rule: subject.rule.clone(),
        zone: subject.zone.clone(),
        first_at: state.first_at,
        cleared_at: state.cleared_at,
        count: state.count,
        confidence: state.newest.confidence,
        snapshot_url: state.newest.snapshot.as_deref().map(crate::alerts::store::snapshot_url),
    })
}

#[cfg(test)]
mod tests {
    use super::super::compiled::tests::event;
    use super::super::{PolicyBody, Sites};
    use super::*;
    use ngatu_protocol::{CameraId, EdgeId, EventData, EventKind, OutboxId, Phase};
    use serde_json::{Value, json};

    /// One intrusion an hour, 30 s long, from 00:10 of a Sunday in Vietnam on.
    fn tally(body: Value, hours: i64) -> Tally {
        tried(body, hours).finish()
    }

    fn tried(body: Value, hours: i64) -> Backtest {
        let body = PolicyBody::parse(&body).unwrap();
        let policy = Policy::new(1, &body, &[], &Sites::new(), &[]);
        let mut test = Backtest::new(policy, (body.zone(), body.shift_minutes()));
        let begin: DateTime<Utc> = "2026-11-21T17:10:00Z".parse().unwrap();
        let (edge, camera) = (EdgeId::new("e-1").unwrap(), CameraId::new("north").unwrap());
        for hour in 0..hours {
            for (sequence, phase, second) in [(1, Phase::Start, 0), (2, Phase::End, 30)] {
                let data = EventData { phase, ..event(EventKind::Intrusion) };
                test.take(&Fact {
                    edge: &edge,
                    camera: Some(&camera),
                    event: &data,
                    time: begin + TimeDelta::hours(hour) + TimeDelta::seconds(second),
                    outbox: OutboxId(Uuid::nil()),
                    sequence: u64::try_from(hour).unwrap() * 2 + sequence,
                    ended_at: None,
                });
            }
        }
        test
    }

    #[test]
    fn years_of_alerts_are_counted_whole_and_only_the_newest_are_kept_in_memory() {
        // Eleven years.
        let hours = 100_000;
        let test = tried(json!({}), hours);
        let known = u64::try_from(test.judgement.len()).unwrap();
        assert!(known <= SETTLE_EVERY, "{known}");
        assert!(test.sum.candidates.len() < MOST_CANDIDATES);
        let tally = test.finish();
        assert_eq!((tally.events, tally.alerts, tally.muted), (200_000, 100_000, 0));
        assert_eq!(tally.shifts.iter().map(|shift| shift.alerts).sum::<u64>(), 100_000);
        assert!((10..=EXAMPLES).contains(&tally.examples.len()), "{}", tally.examples.len());
        let (first, last) = (tally.examples.first().unwrap(), tally.examples.last().unwrap());
        assert!(last.first_at - first.first_at > TimeDelta::hours(hours * 8 / 10), "spread over the time");
    }

    #[test]
    fn alerts_are_counted_by_the_shift_in_which_they_begin_and_a_night_belongs_to_the_day_before() {
        let tally = tally(json!({}), 48);
        assert_eq!((tally.events, tally.alerts, tally.muted), (96, 48, 0));
        let shifts: Vec<_> = tally.shifts.iter().map(|s| (s.from.as_str(), s.alerts, s.most)).collect();
        // The first night has six hours of the shift that began the day before, the last one two.
        assert_eq!(shifts, [("06:00", 16, 8), ("14:00", 16, 8), ("22:00", 16, 8)]);
        assert_eq!(tally.kinds, [KindTally { kind: "intrusion".into(), alerts: 48 }]);
        assert_eq!(tally.examples.len(), 16, "at most twenty, spread over the time");
        assert_eq!(tally.examples[0].count, 1);
    }

    #[test]
    fn a_hold_off_longer_than_the_conditions_leaves_none_and_a_shorter_one_all() {
        let held =
            |seconds: i64| tally(json!({ "rule": [{ "name": "a", "hold_off_s": seconds }] }), 24).alerts;
        assert_eq!((held(31), held(30), held(5)), (0, 24, 24));
        let night = json!({ "rule": [{ "name": "a", "when": { "hours": [{ "from": "22:00", "to": "06:00" }] }, "alert": false }] });
        assert_eq!(tally(night, 24).alerts, 16);
    }
}
