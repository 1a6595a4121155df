//! What a policy would have done: the same judgement over stored events, with the events' own times as the clock. Pure.

use super::{Changed, Fact, Judgement, Policy, Says};
use crate::alerts::{Change, Severity};
use chrono::{DateTime, Timelike as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// Alerts that are shown as examples.
const EXAMPLES: usize = 20;
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

/// A policy that is tried.
#[derive(Debug)]
pub struct Backtest {
    policy: Policy,
    zone: Tz,
    shifts: Vec<i64>,
    judgement: Judgement,
    events: u64,
    last: Option<DateTime<Utc>>,
}

impl Backtest {
    /// Begins; shifts begin at these minutes of the day.
    #[must_use]
    pub fn new(policy: Policy, (zone, shifts): (Tz, Vec<i64>)) -> Backtest {
        let judgement = Judgement::new(Vec::new(), &policy.inhibiting());
        Backtest { policy, zone, shifts, judgement, events: 0, last: None }
    }

    /// Takes the next event, in the order of time.
    pub fn take(&mut self, fact: &Fact<'_>) {
        self.events += 1;
        self.last = self.last.max(Some(fact.time));
        // Ids need not be unique beyond this test, and a counter is the same each time.
        let id = Uuid::from_u128(u128::from(self.events));
        self.judgement.take(fact, &Says::of(&self.policy, fact, fact.time), fact.time, || id);
    }

    /// What it would have raised.
    #[must_use]
    pub fn finish(mut self) -> Tally {
        if let Some(last) = self.last {
            self.judgement.wake(last, |_| false);
        }
        let changes = self.judgement.changes();
        let new: Vec<&Changed> = changes.iter().filter(|changed| changed.subject.is_some()).collect();
        let raised: Vec<&Changed> =
            new.iter().copied().filter(|changed| changed.change == Some(Change::Raised)).collect();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Tally {
            events: self.events,
            alerts: count(raised.len()),
            urgent: count(raised.iter().filter(|changed| changed.state.severity <= Severity::High).count()),
            muted: count(new.len() - raised.len()),
            shifts: shifts(&raised, self.zone, &self.shifts),
            kinds: kinds(&raised),
            examples: examples(&raised),
        }
    }
}

fn shifts(raised: &[&Changed], zone: Tz, begins: &[i64]) -> Vec<ShiftTally> {
    // By shift of the day, and of each by the day on which it began.
    let mut counts: BTreeMap<usize, BTreeMap<i64, u64>> = BTreeMap::new();
    for changed in raised {
        let local = changed.state.first_at.with_timezone(&zone).naive_local();
        let minute = i64::from(local.hour() * 60 + local.minute());
        let day = local.and_utc().timestamp().div_euclid(60 * DAY);
        let (shift, day) = match begins.iter().rposition(|begin| *begin <= minute) {
            Some(shift) => (shift, day),
            None => (begins.len().saturating_sub(1), day - 1),
        };
        *counts.entry(shift).or_default().entry(day).or_default() += 1;
    }
    let tally = |(shift, begin): (usize, &i64)| {
        let days = counts.get(&shift);
        ShiftTally {
            from: format!("{:02}:{:02}", begin / 60, begin % 60),
            alerts: days.map_or(0, |days| days.values().sum()),
            most: days.and_then(|days| days.values().max().copied()).unwrap_or(0),
        }
    };
    begins.iter().enumerate().map(tally).collect()
}

fn kinds(raised: &[&Changed]) -> Vec<KindTally> {
    let of: BTreeSet<&str> = raised.iter().map(|changed| changed.state.kind.as_str()).collect();
    let alerts = |kind: &str| raised.iter().filter(|changed| changed.state.kind.as_str() == kind).count();
    of.into_iter()
        .map(|kind| KindTally {
            kind: kind.to_owned(),
            alerts: u64::try_from(alerts(kind)).unwrap_or(u64::MAX),
        })
        .collect()
}

fn examples(raised: &[&Changed]) -> Vec<Example> {
    let step = raised.len().div_ceil(EXAMPLES).max(1);
    raised.iter().step_by(step).filter_map(|changed| example(changed)).collect()
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
    use chrono::TimeDelta;
    use ngatu_protocol::{CameraId, EdgeId, EventData, EventKind, OutboxId, Phase};
    use serde_json::{Value, json};

    /// One intrusion an hour, 30 s long, from 00:10 of a Sunday in Vietnam on.
    fn tally(body: Value, hours: i64) -> Tally {
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
        test.finish()
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
