//! Tables of events and the alerts that they must make, and the same under every shuffling.

use super::*;
use crate::alerts::Change;
use chrono::TimeDelta;
use ngatu_protocol::{EventKind, Phase, RuleId, ZoneId};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One event of the one rule that these tests look at.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    sequence: u64,
    track: Option<u64>,
    phase: Phase,
    at_s: i64,
}

fn event(seen: Seen) -> EventData {
    EventData {
        kind: EventKind::Intrusion,
        rule: RuleId::new("yard").unwrap(),
        zone: Some(ZoneId::new("yard").unwrap()),
        track: seen.track,
        class: None,
        phase: seen.phase,
        confidence: 0.5,
        picture: None,
        place: None,
        speed_kmh: None,
        snapshot: None,
        model: None,
        config: 0,
        clock_error_ms: None,
        why: None,
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_000_000 + seconds)
}

/// The database of the tests: all alerts, and the events that arrived.
#[derive(Default)]
struct World {
    alerts: Vec<AlertState>,
    arrived: Vec<Seen>,
    changes: Vec<Change>,
}

impl World {
    /// Takes a batch as ingest does: only what is new, in the order of the numbers, with a look at what arrived before
    /// for a start that comes out of order.
    fn take(&mut self, batch: &[Seen]) {
        let highest = self.arrived.iter().map(|seen| seen.sequence).max().unwrap_or(0);
        let mut new: Vec<Seen> = Vec::new();
        for seen in batch {
            if !self.arrived.contains(seen) {
                self.arrived.push(*seen);
                new.push(*seen);
            }
        }
        new.sort_by_key(|seen| seen.sequence);
        let current = self.alerts.iter().max_by_key(|state| (state.active, state.last_at)).cloned();
        let mut judgement = Judgement::new(current.into_iter().collect(), &[]);
        for seen in new {
            let ended = self.arrived.iter().filter(|end| {
                end.phase == Phase::End && end.track == seen.track && end.sequence > seen.sequence
            });
            let ended_at = ended.min_by_key(|end| end.sequence).map(|end| at(end.at_s));
            let data = event(seen);
            let edge = EdgeId::new("e").unwrap();
            let fact = Fact {
                edge: &edge,
                camera: None,
                event: &data,
                time: at(seen.at_s),
                outbox: OutboxId(Uuid::nil()),
                sequence: seen.sequence,
                ended_at: ended_at.filter(|_| seen.phase == Phase::Start && seen.sequence < highest),
            };
            judgement.take(&fact, &Says::plain(&fact), fact.time, Uuid::new_v4);
        }
        for changed in judgement.changes() {
            self.changes.extend(changed.change);
            match self.alerts.iter_mut().find(|state| state.id == changed.state.id) {
                Some(state) => *state = changed.state,
                None => self.alerts.push(changed.state),
            }
        }
    }
}

fn seen(sequence: u64, track: u64, phase: Phase, at_s: i64) -> Seen {
    Seen { sequence, track: Some(track), phase, at_s }
}

#[test]
fn one_alert_lasts_from_the_first_start_to_the_last_end() {
    use Phase::{End, Start};
    let mut world = World::default();
    for one in [seen(1, 1, Start, 0), seen(2, 2, Start, 5), seen(3, 1, End, 9), seen(4, 2, End, 20)] {
        world.take(&[one]);
    }
    assert_eq!(world.changes, [Change::Raised, Change::Repeated, Change::Cleared]);
    let alert = &world.alerts[0];
    assert_eq!((alert.count, alert.active, alert.cleared_at), (2, false, Some(at(20))));
}

#[test]
fn what_comes_back_within_a_minute_is_the_same_alert_and_later_a_new_one() {
    use Phase::{End, Start};
    for (gap_s, alerts) in [(59, 1), (60, 1), (61, 2)] {
        let mut world = World::default();
        world.take(&[seen(1, 1, Start, 0), seen(2, 1, End, 10)]);
        world.take(&[seen(3, 2, Start, 10 + gap_s)]);
        assert_eq!(world.alerts.len(), alerts, "after {gap_s} s");
        assert_eq!(world.alerts.iter().filter(|alert| alert.active).count(), 1);
    }
}

#[test]
fn an_alert_that_began_and_ended_while_the_edge_was_away_is_raised_but_not_active() {
    let mut world = World::default();
    world.take(&[seen(1, 1, Phase::Start, 0), seen(2, 1, Phase::End, 10)]);
    assert_eq!(world.changes, [Change::Raised]);
    assert!(!world.alerts[0].active);
}

#[test]
fn an_end_before_its_start_leaves_nothing_active() {
    let mut world = World::default();
    world.take(&[seen(2, 1, Phase::End, 10)]);
    world.take(&[seen(1, 1, Phase::Start, 0)]);
    assert_eq!(world.alerts.len(), 1);
    assert!(!world.alerts[0].active);
    assert_eq!(world.alerts[0].cleared_at, Some(at(10)));
}

#[test]
fn a_clock_that_steps_back_makes_no_negative_duration() {
    let mut world = World::default();
    world.take(&[seen(1, 1, Phase::Start, 0)]);
    world.take(&[seen(2, 1, Phase::End, -600)]);
    let alert = &world.alerts[0];
    assert!(!alert.active && alert.cleared_at >= Some(alert.first_at));
}

#[test]
fn an_agent_that_was_started_anew_ends_what_it_had_open() {
    let mut world = World::default();
    world.take(&[seen(1, 1, Phase::Start, 0), seen(2, 2, Phase::Start, 100)]);
    let mut judgement = Judgement::new(world.alerts.clone(), &[]);
    judgement.close(&EdgeId::new("e").unwrap(), &Orphans { at: at(50), cause: OrphanCause::Restart }, at(50));
    let changes = judgement.changes();
    assert_eq!((changes[0].change, changes[0].state.active), (None, true), "track 2 began after the restart");
    let mut judgement = Judgement::new(world.alerts, &[]);
    judgement.close(
        &EdgeId::new("e").unwrap(),
        &Orphans { at: at(150), cause: OrphanCause::Restart },
        at(150),
    );
    assert_eq!(judgement.changes()[0].change, Some(Change::Cleared));
}

#[test]
fn a_start_whose_end_may_be_lost_does_not_stay_active_for_ever() {
    let edge = EdgeId::new("e").unwrap();
    let mut world = World::default();
    world.take(&[seen(1, 1, Phase::Start, 0), seen(9, 2, Phase::Start, 20)]);
    let outbox = world.alerts[0].open[0].outbox;
    let other = OutboxId(Uuid::from_u128(outbox.0.as_u128() + 1));
    let table = [
        (OrphanCause::Loss(outbox, 5), 1, "numbers 2..=5 may have held the end of number 1, not that of 9"),
        (OrphanCause::Loss(other, 100), 2, "another outbox's loss says nothing"),
        (OrphanCause::NewOutbox(outbox), 2, "the outbox is the same"),
        (OrphanCause::NewOutbox(other), 0, "a new disk knows nothing of what was open"),
    ];
    for (cause, still_open, why) in table {
        let mut judgement = Judgement::new(world.alerts.clone(), &[]);
        judgement.close(&edge, &Orphans { at: at(60), cause }, at(60));
        let changes = judgement.changes();
        let left = changes.first().map_or(2, |changed| changed.state.open.len());
        assert_eq!(left, still_open, "{why}");
        assert_eq!(
            changes.iter().any(|changed| changed.change == Some(Change::Cleared)),
            still_open == 0,
            "{why}"
        );
    }
}

/// A history as an edge makes it: tracks that start and mostly end, in the order of the numbers.
fn history() -> impl Strategy<Value = Vec<Seen>> {
    prop::collection::vec((prop::option::of(1_u64..5), prop::bool::ANY, 0_i64..90), 1..30).prop_map(|steps| {
        let (mut now, mut open, mut all) = (0, BTreeMap::new(), Vec::new());
        for (sequence, (track, wants_start, pause_s)) in (1..).zip(steps) {
            now += pause_s;
            let starts = wants_start || !open.contains_key(&track);
            let phase = if starts { Phase::Start } else { Phase::End };
            if starts {
                open.insert(track, ());
            } else {
                open.remove(&track);
            }
            all.push(Seen { sequence, track, phase, at_s: now });
        }
        all
    })
}

fn lacks_its_end(history: &[Seen]) -> bool {
    history.iter().any(|start| {
        start.phase == Phase::Start
            && !history.iter().any(|end| {
                end.phase == Phase::End && end.track == start.track && end.sequence > start.sequence
            })
    })
}

proptest! {
    #[test]
    fn however_events_arrive_an_alert_is_active_exactly_while_a_start_lacks_its_end(
        (history, arrivals) in history().prop_flat_map(|history| {
            let thrice: Vec<Seen> = history.iter().flat_map(|seen| [*seen; 3]).collect();
            (Just(history), Just(thrice).prop_shuffle())
        }),
        batch in 1_usize..8,
    ) {
        let mut world = World::default();
        for batch in arrivals.chunks(batch) {
            world.take(batch);
            prop_assert!(world.alerts.iter().filter(|alert| alert.active).count() <= 1);
        }
        let starts = history.iter().filter(|seen| seen.phase == Phase::Start).count();
        prop_assert_eq!(world.alerts.iter().any(|alert| alert.active), lacks_its_end(&history));
        prop_assert!(world.alerts.len() <= starts && !world.alerts.is_empty());
        prop_assert_eq!(world.alerts.iter().map(|alert| alert.count).sum::<i64>(), starts as i64);
        for alert in &world.alerts {
            prop_assert!(alert.first_at <= alert.last_at);
            prop_assert!(alert.cleared_at.is_none_or(|cleared| cleared >= alert.first_at));
            prop_assert_eq!(alert.active, !alert.open.is_empty());
            prop_assert_eq!(alert.active, alert.cleared_at.is_none());
        }
    }

    #[test]
    fn in_order_the_alerts_are_the_same_however_they_are_batched(history in history(), batch in 1_usize..8) {
        let summary = |world: &World| {
            world.alerts.iter().map(|a| (a.first_at, a.last_at, a.count, a.active)).collect::<Vec<_>>()
        };
        let (mut one, mut many) = (World::default(), World::default());
        history.iter().for_each(|seen| one.take(&[*seen]));
        history.chunks(batch).for_each(|seen| many.take(seen));
        prop_assert_eq!(summary(&one), summary(&many));
    }
}
