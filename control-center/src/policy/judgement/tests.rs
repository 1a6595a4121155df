//! Hold-offs, groups, inhibitions and mutes over time, with a clock that the test holds.

use super::super::compiled::tests::event;
use super::super::{Policy, PolicyBody, Says, Sites};
use super::*;
use ngatu_protocol::{CameraId, OutboxId, RuleId};
use serde_json::{Value, json};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_800_000 + seconds, 0).unwrap()
}

/// The database of these tests, under one policy.
struct World {
    policy: Policy,
    alerts: Vec<AlertState>,
    told: Vec<(Change, EventKind)>,
    sequence: u64,
}

impl World {
    fn new(body: Value) -> World {
        let policy = Policy::new(1, &PolicyBody::parse(&body).unwrap(), &[], &Sites::new(), &[]);
        World { policy, alerts: Vec::new(), told: Vec::new(), sequence: 0 }
    }

    fn judgement(&self) -> Judgement {
        Judgement::new(self.alerts.clone(), &self.policy.inhibiting())
    }

    /// Events of one batch, each with its rule, kind, phase and second, that arrive at `now`.
    fn take(&mut self, now: i64, events: &[(&str, EventKind, Phase, i64)]) {
        let mut judgement = self.judgement();
        let (edge, camera) = (EdgeId::new("e-1").unwrap(), CameraId::new("north").unwrap());
        for (rule, kind, phase, second) in events {
            self.sequence += 1;
            let data = ngatu_protocol::EventData {
                rule: RuleId::new(*rule).unwrap(),
                phase: *phase,
                ..event(*kind)
            };
            let fact = Fact {
                edge: &edge,
                camera: Some(&camera),
                event: &data,
                time: at(*second),
                outbox: OutboxId(Uuid::nil()),
                sequence: self.sequence,
                ended_at: None,
            };
            judgement.take(&fact, &Says::of(&self.policy, &fact, at(now)), at(now), Uuid::now_v7);
        }
        self.keep(judgement);
    }

    fn wake(&mut self, now: i64) {
        let over: Vec<String> = self.alerts.iter().filter(|a| !a.active).map(|a| a.id.to_string()).collect();
        let mut judgement = self.judgement();
        judgement.wake(at(now), |id| over.iter().any(|over| over == id));
        self.keep(judgement);
    }

    fn keep(&mut self, judgement: Judgement) {
        for changed in judgement.changes() {
            if let Some(change) = changed.change {
                self.told.push((change, changed.state.kind));
            }
            self.alerts.retain(|alert| alert.id != changed.state.id);
            if !changed.is_dropped() {
                self.alerts.push(changed.state);
            }
        }
    }
}

use Change::{Cleared, Inhibited, Raised, Repeated};
use EventKind::{CameraLost, Intrusion, Loitering};
use Phase::{End, Start};

fn held(seconds: i64) -> World {
    World::new(json!({ "rule": [{ "name": "wait", "hold_off_s": seconds }] }))
}

#[test]
fn a_condition_that_does_not_last_raises_nothing_and_one_that_does_is_raised_when_it_is_due() {
    let mut world = held(10);
    world.take(0, &[("a", Intrusion, Start, 0)]);
    world.wake(9);
    world.take(9, &[("a", Intrusion, End, 9)]);
    world.wake(60);
    assert_eq!(world.told, []);
    assert!(world.alerts.is_empty());
    world.take(100, &[("a", Intrusion, Start, 100)]);
    world.wake(109);
    assert_eq!(world.told, []);
    assert_eq!(world.alerts[0].pending.as_ref().unwrap().due, at(110));
    world.wake(110);
    world.wake(111);
    assert_eq!(world.told, [(Raised, Intrusion)]);
    world.take(120, &[("a", Intrusion, End, 120)]);
    assert_eq!(world.told[1..], [(Cleared, Intrusion)]);
    assert_eq!((world.alerts[0].first_at, world.alerts[0].cleared_at), (at(100), Some(at(120))));
}

#[test]
fn another_road_user_carries_a_held_off_condition_on() {
    let mut world = held(10);
    let mut two = |second, phase| world.take(second, &[("a", Intrusion, phase, second)]);
    two(0, Start);
    two(4, Start);
    world.wake(10);
    assert_eq!((world.told.as_slice(), world.alerts[0].count), (&[(Raised, Intrusion)][..], 2));
}

#[test]
fn out_of_a_backlog_the_edges_own_times_decide() {
    let mut world = held(10);
    world.take(5000, &[("a", Intrusion, Start, 0), ("a", Intrusion, End, 3)]);
    assert_eq!(world.told, []);
    world.take(5000, &[("a", Intrusion, Start, 100), ("a", Intrusion, End, 130)]);
    assert_eq!(world.told, [(Raised, Intrusion)]);
    assert!(!world.alerts[0].active);
    world.take(5000, &[("a", Intrusion, Start, 1000)]);
    assert_eq!(world.alerts[1].pending.as_ref().unwrap().due, at(5001), "its end may be next in the backlog");
    world.take(5000, &[("a", Intrusion, End, 1005)]);
    world.wake(6000);
    assert_eq!(world.told.len(), 1);
    world.take(6000, &[("a", Intrusion, Start, 99_999)]);
    let ahead = world.alerts.iter().find_map(|alert| alert.pending.as_ref());
    assert_eq!(ahead.unwrap().due, at(6010), "an edge's clock that is ahead delays nothing");
}

#[test]
fn a_pending_alert_reads_back_from_the_database_as_it_was() {
    let mut world = held(10);
    world.take(0, &[("a", Intrusion, Start, 0)]);
    let text = serde_json::to_string(&world.alerts[0]).unwrap();
    assert_eq!(serde_json::from_str::<AlertState>(&text).unwrap(), world.alerts[0]);
}

#[test]
fn a_group_is_one_alert_until_the_last_of_its_members_has_ended() {
    let mut world = World::new(json!({ "rule": [{ "name": "g", "group": { "by": ["kind"] } }] }));
    world.take(0, &[("a", Intrusion, Start, 0), ("b", Intrusion, Start, 1), ("a", Loitering, Start, 2)]);
    assert_eq!(world.told, [(Raised, Intrusion), (Raised, Loitering)]);
    world.take(3, &[("b", Intrusion, Start, 3)]);
    assert_eq!(world.told[2..], [(Repeated, Intrusion)]);
    world.take(5, &[("a", Intrusion, End, 5)]);
    assert_eq!(world.told.len(), 3, "rule b still holds");
    world.take(6, &[("b", Intrusion, End, 6)]);
    assert_eq!(world.told[3..], [(Cleared, Intrusion)]);
}

#[test]
fn a_lost_camera_inhibits_its_own_rules_and_what_lasts_is_raised_when_it_is_back() {
    let mut world =
        World::new(json!({ "inhibit": [{ "while_active": ["camera_lost", "camera_tampered"] }] }));
    world.take(0, &[("lost", CameraLost, Start, 0), ("a", Intrusion, Start, 1), ("b", Loitering, Start, 1)]);
    assert_eq!(world.told, [(Raised, CameraLost), (Inhibited, Intrusion), (Inhibited, Loitering)]);
    let mute = world.alerts.iter().find(|alert| alert.kind == Intrusion).unwrap().muted.clone().unwrap();
    assert_eq!((mute.cause, mute.reason.as_str()), (MuteCause::Inhibited, "camera_lost"));
    world.wake(2);
    assert_eq!(world.told.len(), 3);
    world.take(3, &[("b", Loitering, End, 3), ("lost", CameraLost, End, 4)]);
    world.wake(5);
    world.wake(6);
    let wanted = [(Cleared, CameraLost), (Cleared, Loitering), (Raised, Intrusion)];
    let mut told = world.told[3..].to_vec();
    told.sort_by_key(|(change, kind)| (*change == Raised, *kind == Loitering));
    assert_eq!(told, wanted);
}

/// One alert for all that a camera sees.
fn of_the_camera(mut body: Value) -> World {
    body["rule"] = json!([
        { "name": "fire", "when": { "kinds": ["smoke_or_fire"] }, "incident": true, "group": { "by": [] } },
        { "name": "slow", "when": { "kinds": ["person_down"] }, "hold_off_s": 5, "group": { "by": [] } },
        { "name": "all", "group": { "by": [] } },
    ]);
    World::new(body)
}

#[test]
fn a_graver_start_makes_its_alert_graver_and_calls_again_and_a_lesser_one_changes_nothing_of_that() {
    let mut world = of_the_camera(json!({}));
    world.take(0, &[("a", Loitering, Start, 0)]);
    world.take(1, &[("b", Intrusion, Start, 1)]);
    world.take(2, &[("a", Loitering, Start, 2)]);
    assert_eq!(world.told, [(Raised, Loitering), (Raised, Loitering), (Repeated, Loitering)]);
    assert_eq!(
        (world.alerts.len(), world.alerts[0].severity, world.alerts[0].incident),
        (1, Severity::High, false)
    );
    let mut judgement = world.judgement();
    let (edge, camera) = (EdgeId::new("e-1").unwrap(), CameraId::new("north").unwrap());
    let data = event(EventKind::SmokeOrFire);
    let fact = Fact {
        edge: &edge,
        camera: Some(&camera),
        event: &data,
        time: at(3),
        outbox: OutboxId(Uuid::nil()),
        sequence: 99,
        ended_at: None,
    };
    judgement.take(&fact, &Says::of(&world.policy, &fact, at(3)), at(3), Uuid::now_v7);
    let changed = judgement.changes().remove(0);
    let graver = Graver { before: Severity::High, policy: 1, rule: Some("fire".into()), incident: true };
    assert_eq!((changed.change, changed.graver), (Some(Raised), Some(graver)));
    assert_eq!((changed.state.severity, changed.state.incident), (Severity::Critical, true));
    // The same in one batch with the alert's begin: it is as grave from there on.
    let mut world = of_the_camera(json!({}));
    let mut judgement = world.judgement();
    for (kind, second) in [(Loitering, 0), (EventKind::SmokeOrFire, 1)] {
        let data = event(kind);
        let fact = Fact { event: &data, time: at(second), sequence: 1, ..fact.clone() };
        judgement.take(&fact, &Says::of(&world.policy, &fact, at(1)), at(1), Uuid::now_v7);
    }
    let changed = judgement.changes().remove(0);
    let subject = changed.subject.clone().unwrap();
    assert_eq!(
        (subject.severity, subject.incident, changed.graver.is_none()),
        (Severity::Critical, true, true)
    );
    world.take(0, &[("a", EventKind::SmokeOrFire, Start, 0), ("a", EventKind::SmokeOrFire, End, 1)]);
    world.take(2, &[("a", EventKind::SmokeOrFire, Start, 2)]);
    assert_eq!(
        world.told,
        [(Raised, EventKind::SmokeOrFire), (Repeated, EventKind::SmokeOrFire)],
        "it wants its incident once"
    );
}

#[test]
fn what_is_muted_comes_back_with_a_start_that_is_not_and_a_muted_start_weighs_nothing() {
    let window = |kinds: &[&str]| json!({ "maintenance": [{ "name": "works", "when": { "kinds": kinds }, "from": at(0), "until": at(1000) }] });
    let mut world = of_the_camera(window(&["loitering"]));
    world.take(1, &[("a", Loitering, Start, 1)]);
    world.take(2, &[("a", Loitering, Start, 2)]);
    world.take(3, &[("b", EventKind::Congestion, Start, 3)]);
    assert_eq!(world.told, [(Inhibited, Loitering), (Repeated, Loitering), (Raised, Loitering)]);
    assert_eq!((&world.alerts[0].muted, world.alerts[0].severity), (&None, Severity::Medium));
    let mut world = of_the_camera(window(&["intrusion"]));
    world.take(1, &[("a", Loitering, Start, 1)]);
    world.take(2, &[("b", Intrusion, Start, 2)]);
    assert_eq!(world.told, [(Raised, Loitering), (Repeated, Loitering)]);
    assert_eq!((&world.alerts[0].muted, world.alerts[0].severity), (&None, Severity::Medium));
    let mut world = of_the_camera(window(&["intrusion", "loitering"]));
    world.take(1, &[("a", Loitering, Start, 1)]);
    world.take(2, &[("b", Intrusion, Start, 2)]);
    assert_eq!(world.told, [(Inhibited, Loitering), (Repeated, Loitering)]);
    assert_eq!((world.alerts[0].muted.is_some(), world.alerts[0].severity), (true, Severity::High));
}

#[test]
fn what_is_held_off_waits_no_longer_than_its_gravest_start_must() {
    let rule = |kind: &str, seconds: i64| json!({ "name": kind, "when": { "kinds": [kind] }, "hold_off_s": seconds, "group": { "by": [] } });
    let rules = json!({ "rule": [rule("loitering", 100), rule("person_down", 5), rule("smoke_or_fire", 0)] });
    let mut world = World::new(rules.clone());
    world.take(0, &[("a", Loitering, Start, 0)]);
    world.take(10, &[("b", EventKind::PersonDown, Start, 10)]);
    let pending = world.alerts[0].pending.as_ref().unwrap();
    assert_eq!((pending.due, pending.subject.severity), (at(15), Severity::Critical));
    world.wake(15);
    assert_eq!(
        (world.told.as_slice(), world.alerts[0].severity),
        (&[(Raised, Loitering)][..], Severity::Critical)
    );
    let mut world = World::new(rules);
    world.take(0, &[("a", Loitering, Start, 0)]);
    world.take(10, &[("b", EventKind::SmokeOrFire, Start, 10)]);
    assert_eq!(
        (world.told.as_slice(), world.alerts[0].severity),
        (&[(Raised, Loitering)][..], Severity::Critical)
    );
}

#[test]
fn a_group_of_neighbours_finds_its_ends_though_it_is_named_after_another_camera_since() {
    let mut world =
        World::new(json!({ "rule": [{ "name": "g", "group": { "by": ["kind"], "metres": 50 } }] }));
    world.take(0, &[("a", Intrusion, Start, 0), ("b", Intrusion, Start, 1)]);
    assert_eq!(world.told, [(Raised, Intrusion)]);
    world.alerts[0].key = "~50/a-0/before/*/*/intrusion".into();
    world.take(5, &[("a", Intrusion, End, 5)]);
    world.take(6, &[("b", Intrusion, End, 6)]);
    assert_eq!((world.told[1..].to_vec(), world.alerts.len()), (vec![(Cleared, Intrusion)], 1));
}
