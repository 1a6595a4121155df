//! What a policy says of events: which rule fits, and what counts as one alert.

use super::*;
use ngatu_protocol::{CameraId, EdgeId, EventData, OutboxId, Phase, RoadUserClass, RuleId};
use serde_json::{Value, json};

/// Sunday 2026-11-22, 15:00 UTC: 22:00 in Vietnam.
fn night() -> DateTime<Utc> {
    "2026-11-22T15:00:00Z".parse().unwrap()
}

pub(crate) fn event(kind: EventKind) -> EventData {
    EventData {
        kind,
        rule: RuleId::new("yard").unwrap(),
        zone: Some(ZoneId::new("lane-2").unwrap()),
        track: Some(1),
        class: Some(RoadUserClass::Person),
        phase: Phase::Start,
        confidence: 0.6,
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

fn sites() -> Sites {
    let site = |area: &str, lat, lon| Site { area: Some(area.into()), place: Some((lat, lon)) };
    let of = |edge: &str, camera: &str, site| ((edge.to_owned(), camera.to_owned()), site);
    // north and south are 40 m apart, far is 1 km away.
    [
        of("e-1", "north", site("bac", 20.4463, 106.3366)),
        of("e-2", "south", site("nam", 20.44594, 106.3366)),
        of("e-3", "far", site("nam", 20.4553, 106.3366)),
    ]
    .into()
}

fn policy(body: Value) -> Policy {
    Policy::new(1, &PolicyBody::parse(&body).unwrap(), &[], &sites(), &[])
}

fn says(policy: &Policy, (edge, camera): (&str, &str), event: &EventData, time: DateTime<Utc>) -> Ruling {
    let (edge, camera) = (EdgeId::new(edge).unwrap(), CameraId::new(camera).unwrap());
    let fact = Fact {
        edge: &edge,
        camera: Some(&camera),
        event,
        time,
        outbox: OutboxId(Uuid::nil()),
        sequence: 1,
        ended_at: None,
    };
    policy.rule(&fact, time)
}

#[test]
fn without_rules_everything_is_as_it_was_before_there_were_policies() {
    let event = event(EventKind::Intrusion);
    let ruling = says(&policy(json!({})), ("e-1", "north"), &event, night());
    assert_eq!(ruling.key, "e-1/north/yard/lane-2/intrusion");
    assert!(ruling.alert && ruling.mute.is_none() && ruling.inhibitors == 0 && !ruling.incident);
    assert_eq!(
        (ruling.severity, ruling.hold_off, ruling.within),
        (Severity::High, TimeDelta::zero(), MERGE_WITHIN)
    );
}

#[test]
fn a_rule_fits_by_each_of_its_conditions_and_the_first_one_that_fits_decides() {
    let event = event(EventKind::Intrusion);
    let table = [
        (json!({ "kinds": ["intrusion"] }), true),
        (json!({ "kinds": ["wrong_way", "loitering"] }), false),
        (json!({ "edges": ["e-2", "e-1"] }), true),
        (json!({ "edges": ["e-2"] }), false),
        (json!({ "cameras": ["e-2/south", "e-1/north"] }), true),
        (json!({ "cameras": ["e-1/south"] }), false),
        (json!({ "areas": ["bac"] }), true),
        (json!({ "areas": ["nam"] }), false),
        (json!({ "zones": ["lane-2"] }), true),
        (json!({ "zones": ["lane-1"] }), false),
        (json!({ "rules": ["yard"] }), true),
        (json!({ "rules": ["gate"] }), false),
        (json!({ "classes": ["person"] }), true),
        (json!({ "classes": ["car"] }), false),
        (json!({ "min_confidence": 0.6 }), true),
        (json!({ "min_confidence": 0.61 }), false),
        (json!({ "below_confidence": 0.6 }), false),
        (json!({ "hours": [{ "from": "22:00", "to": "06:00" }] }), true),
        (json!({ "hours": [{ "from": "06:00", "to": "22:00" }] }), false),
        (json!({ "hours": [{ "days": ["mon"], "from": "00:00", "to": "24:00" }] }), false),
        (json!({ "kinds": ["intrusion"], "zones": ["lane-1"] }), false),
    ];
    for (when, fits) in table {
        let rules = json!([
            { "name": "first", "when": when, "severity": "critical" },
            { "name": "rest", "severity": "low", "incident": true },
        ]);
        let ruling = says(&policy(json!({ "rule": rules })), ("e-1", "north"), &event, night());
        let wanted = if fits { (Severity::Critical, "first", false) } else { (Severity::Low, "rest", true) };
        assert_eq!((ruling.severity, ruling.rule.as_deref().unwrap(), ruling.incident), wanted, "{when}");
    }
    let quiet =
        policy(json!({ "rule": [{ "name": "no", "when": { "kinds": ["intrusion"] }, "alert": false }] }));
    assert!(!says(&quiet, ("e-1", "north"), &event, night()).alert);
}

#[test]
fn hours_count_in_the_policys_time_zone() {
    let event = event(EventKind::Intrusion);
    for (zone, fits) in [("Asia/Ho_Chi_Minh", true), ("UTC", false), ("Europe/Berlin", false)] {
        let rule = json!([{ "name": "night", "when": { "hours": [{ "from": "21:00", "to": "23:00" }] } }]);
        let ruling =
            says(&policy(json!({ "time_zone": zone, "rule": rule })), ("e-1", "north"), &event, night());
        assert_eq!(ruling.rule.is_some(), fits, "{zone}");
    }
}

#[test]
fn groups_join_what_is_alike_and_neighbours_within_their_distance() {
    let event = event(EventKind::Intrusion);
    let grouped = |group: Value| policy(json!({ "rule": [{ "name": "g", "group": group }] }));
    let key = |policy: &Policy, at| says(policy, at, &event, night()).key;
    let by_kind = grouped(json!({ "by": ["kind"], "within_s": 300 }));
    assert_eq!(key(&by_kind, ("e-1", "north")), "e-1/north/*/*/intrusion");
    let ruling = says(&by_kind, ("e-1", "north"), &event, night());
    assert_eq!(ruling.within, TimeDelta::seconds(300));
    assert_eq!(ruling.member.as_deref(), Some("e-1/north/yard/lane-2/intrusion"));
    let near = grouped(json!({ "by": ["kind"], "metres": 50 }));
    assert_eq!(key(&near, ("e-1", "north")), "~50/e-1/north/*/*/intrusion");
    assert_eq!(key(&near, ("e-2", "south")), "~50/e-1/north/*/*/intrusion");
    assert_eq!(key(&near, ("e-3", "far")), "~50/e-3/far/*/*/intrusion");
    assert_eq!(key(&near, ("e-4", "unknown")), "e-4/unknown/*/*/intrusion", "nobody knows where it is");
    let nearer = grouped(json!({ "by": ["kind"], "metres": 30 }));
    assert_eq!(key(&nearer, ("e-2", "south")), "~30/e-2/south/*/*/intrusion");
}

#[test]
fn an_end_looks_under_every_form_that_its_start_may_have_had() {
    let before = grouped_forms();
    let now = Policy::new(2, &PolicyBody::default(), &[], &sites(), &before);
    let (edge, camera, event) =
        (EdgeId::new("e-1").unwrap(), CameraId::new("north").unwrap(), event(EventKind::Intrusion));
    let fact = Fact {
        edge: &edge,
        camera: Some(&camera),
        event: &event,
        time: night(),
        outbox: OutboxId(Uuid::nil()),
        sequence: 1,
        ended_at: None,
    };
    assert_eq!(now.keys(&fact), ["e-1/north/yard/lane-2/intrusion", "e-1/north/*/*/intrusion"]);
}

fn grouped_forms() -> Vec<Form> {
    policy(json!({ "rule": [{ "name": "g", "group": { "by": ["kind"] } }] })).forms().to_vec()
}

#[test]
fn silences_and_maintenance_mute_within_their_window_only() {
    let (from, until) = (night() - TimeDelta::hours(1), night() + TimeDelta::hours(1));
    let event = event(EventKind::Intrusion);
    let when = Matcher { zones: vec!["lane-2".into()], ..Matcher::default() };
    let silence = Silence { id: Uuid::nil(), when, from, until, reason: "lễ hội".into() };
    let silent = Policy::new(1, &PolicyBody::default(), &[silence], &sites(), &[]);
    let work = policy(
        json!({ "maintenance": [{ "name": "sửa", "when": { "areas": ["bac"] }, "from": from, "until": until }] }),
    );
    for (policy, cause) in [(&silent, MuteCause::Silenced), (&work, MuteCause::Maintenance)] {
        let muted = |time| says(policy, ("e-1", "north"), &event, time).mute.map(|mute| mute.cause);
        assert_eq!(muted(night()), Some(cause));
        assert_eq!((muted(from - TimeDelta::seconds(1)), muted(from)), (None, Some(cause)));
        assert_eq!(muted(until), None);
    }
    assert!(says(&work, ("e-2", "south"), &event, night()).mute.is_none());
}

#[test]
fn each_mistake_is_refused_with_its_key() {
    let table = [
        (json!({ "colour": "red" }), "policy", "unknown field `colour`"),
        (json!({ "time_zone": "Hanoi" }), "time_zone", "IANA"),
        (json!({ "shifts": ["06:00", "05:00"] }), "shifts", "ascending"),
        (
            json!({ "rule": [{ "name": "a" }, { "name": "b", "sevrity": "low" }] }),
            "rule[1]",
            "unknown field `sevrity`",
        ),
        (json!({ "rule": [{ "name": "a", "when": { "kinds": ["earthquake"] } }] }), "rule[0]", "earthquake"),
        (json!({ "rule": [{ "name": " " }] }), "rule[0].name", "characters"),
        (json!({ "rule": [{ "name": "a", "hold_off_s": -1 }] }), "rule[0].hold_off_s", "0 to 86400"),
        (
            json!({ "rule": [{ "name": "a", "group": { "metres": 0.5 } }] }),
            "rule[0].group.metres",
            "1 to 5000",
        ),
        (
            json!({ "rule": [{ "name": "a", "when": { "cameras": ["north"] } }] }),
            "rule[0].when.cameras[0]",
            "edge/camera",
        ),
        (
            json!({ "rule": [{ "name": "a", "when": { "hours": [{ "from": "25:00", "to": "26:00" }] } }] }),
            "rule[0].when.hours[0]",
            "HH:MM",
        ),
        (
            json!({ "rule": [{ "name": "a", "when": { "min_confidence": 2 } }] }),
            "rule[0].when.min_confidence",
            "0 to 1",
        ),
        (
            json!({ "rule": [{ "name": "a", "alert": false, "incident": true }] }),
            "rule[0].alert",
            "nothing else",
        ),
        (json!({ "inhibit": [{ "while_active": [] }] }), "inhibit[0].while_active", "at least one"),
        (
            json!({ "maintenance": [{ "name": "x", "from": night(), "until": night() }] }),
            "maintenance[0].until",
            "after",
        ),
    ];
    for (body, key, reason) in table {
        let errors = PolicyBody::parse(&body).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].key, key, "{errors:?}");
        assert!(errors[0].reason.contains(reason), "{errors:?}");
    }
}

#[test]
fn a_policy_reads_back_as_it_was_written_in_json_and_in_toml() {
    let body = json!({ "rule": [{ "name": "night", "when": { "kinds": ["intrusion"], "hours": [{ "days": ["sat"], "from": "22:00", "to": "06:00" }] },
        "severity": "critical", "hold_off_s": 5.0, "group": { "by": ["zone"], "within_s": 30.0, "metres": 80.0 }, "incident": true }],
        "inhibit": [{ "while_active": ["camera_lost"] }] });
    let body = PolicyBody::parse(&body).unwrap();
    assert_eq!(PolicyBody::parse(&serde_json::to_value(&body).unwrap()).unwrap(), body);
    let text = toml::to_string(&body).unwrap();
    assert_eq!(toml::from_str::<PolicyBody>(&text).unwrap(), body, "{text}");
}
