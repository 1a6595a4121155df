//! Every step from every state that matters.

use super::*;
use crate::alerts::Severity;
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_800_000, 0).unwrap()
}

fn hand(n: u128, leads: bool) -> Hand {
    Hand {
        person: Person { id: Uuid::from_u128(n), name: format!("ca-{n}") },
        leads,
        areas: AreaScope::whole_city(),
    }
}

fn alert() -> Alert {
    Alert {
        id: Uuid::from_u128(9),
        seq: 1,
        kind: "intrusion".into(),
        severity: Severity::High,
        edge: "e-1".into(),
        camera: Some("north".into()),
        camera_name: None,
        area: None,
        place: None,
        rule: "yard".into(),
        zone: None,
        active: true,
        first_at: now(),
        last_at: now(),
        raised_at: now(),
        cleared_at: None,
        count: 1,
        class: None,
        confidence: None,
        why: None,
        snapshot_url: None,
        acknowledged_at: None,
        acknowledged_by: None,
        owner: None,
        claimed_at: None,
        shelved: None,
        verdict: None,
        forwarded_to: None,
        muted: None,
    }
}

fn done(alert: &Alert, step: &Step, hand: &Hand) -> Stepped {
    take(alert, step, hand, now()).unwrap().expect("it changes something")
}

#[test]
fn who_comes_second_learns_who_was_first_and_who_repeats_changes_nothing() {
    let (lan, minh, lead) = (hand(1, false), hand(2, false), hand(3, true));
    for (step, refused) in [
        (Step::Acknowledge, Refused::Acknowledged(lan.person.clone())),
        (Step::Claim, Refused::Claimed(lan.person.clone())),
    ] {
        let first = done(&alert(), &step, &lan).alert;
        assert_eq!(take(&first, &step, &lan, now()), Ok(None));
        assert_eq!(take(&first, &step, &minh, now()), Err(refused.clone()));
        assert_eq!(
            take(&first, &step, &lead, now()),
            Err(refused),
            "a leader does not take it silently either"
        );
    }
}

#[test]
fn only_the_owner_or_a_leader_releases_and_forwards() {
    let (lan, minh, lead) = (hand(1, false), hand(2, false), hand(3, true));
    let claimed = done(&alert(), &Step::Claim, &lan).alert;
    let forward = Step::Forward(Recipient::Unit("ca-phuong".into()), " xem giúp ".into());
    for step in [&Step::Release, &forward] {
        assert_eq!(take(&claimed, step, &minh, now()), Err(Refused::Claimed(lan.person.clone())));
        for may in [&lan, &lead] {
            let stepped = done(&claimed, step, may);
            assert_eq!((stepped.alert.owner, stepped.alert.claimed_at), (None, None));
        }
    }
    let sent = done(&claimed, &forward, &lan).alert.forwarded_to.unwrap();
    assert_eq!(
        (sent.unit.as_deref(), sent.user, sent.message.as_str()),
        (Some("ca-phuong"), None, "xem giúp")
    );
    assert_eq!(take(&alert(), &Step::Release, &minh, now()), Ok(None), "nobody owns it");
    done(&alert(), &forward, &minh);
    let silent = Step::Forward(Recipient::User(minh.person), "  ".into());
    assert!(matches!(take(&alert(), &silent, &lan, now()), Err(Refused::Unusable(_))));
}

#[test]
fn a_shelf_needs_a_reason_and_an_end_within_a_day() {
    let lan = hand(1, false);
    let at = |s| now() + TimeDelta::seconds(s);
    for (s, reason) in [(60, ""), (60, " \n"), (0, "sửa đường"), (-1, "sửa đường"), (86_401, "sửa đường")]
    {
        let refused = take(&alert(), &Step::Shelve(at(s), reason.into()), &lan, now());
        assert!(matches!(refused, Err(Refused::Unusable(_))), "{s} {reason:?}: {refused:?}");
    }
    let shelve = Step::Shelve(at(60), "sửa đường".into());
    let shelved = done(&alert(), &shelve, &lan).alert;
    assert_eq!(take(&shelved, &shelve, &lan, now()), Ok(None));
    let longer = done(&shelved, &Step::Shelve(at(90), "còn sửa".into()), &hand(2, false)).alert;
    assert_eq!(longer.shelved.as_ref().unwrap().until, at(90));
    assert_eq!(done(&longer, &Step::Unshelve, &lan).alert.shelved, None);
    assert_eq!(take(&alert(), &Step::Unshelve, &lan, now()), Ok(None));
}

#[test]
fn a_shelved_alert_comes_back_exactly_when_it_is_due() {
    let until = now() + TimeDelta::seconds(60);
    let shelved = done(&alert(), &Step::Shelve(until, "mưa".into()), &hand(1, false)).alert;
    assert_eq!(come_back(&shelved, until - TimeDelta::microseconds(1)), None);
    let back = come_back(&shelved, until).unwrap();
    assert_eq!((back.change, back.alert.shelved), (Change::Unshelved, None));
    assert_eq!(back.detail["expired"], true);
    assert_eq!(come_back(&alert(), until), None);
}

#[test]
fn a_verdict_acknowledges_and_only_its_giver_or_a_leader_changes_it() {
    let (lan, minh, lead) = (hand(1, false), hand(2, false), hand(3, true));
    let wrong = Step::Dismiss(Verdict::False, "shadow".into(), None);
    let right = Step::Dismiss(Verdict::True, "police_sent".into(), Some("hai người".into()));
    let judged = done(&alert(), &wrong, &lan).alert;
    assert_eq!(judged.acknowledged_by, Some(lan.person.clone()));
    assert_eq!(take(&judged, &wrong, &minh, now()), Ok(None), "they agree");
    assert_eq!(take(&judged, &right, &minh, now()), Err(Refused::Decided(lan.person.clone())));
    let overruled = done(&judged, &right, &lead).alert;
    assert_eq!(overruled.verdict.unwrap().by, lead.person);
    assert_eq!(overruled.acknowledged_by, Some(lan.person.clone()), "who saw it first stays");
    for code in ["", "Shadow", "bóng", "a b"] {
        let refused = take(&alert(), &Step::Dismiss(Verdict::Test, code.into(), None), &lan, now());
        assert!(matches!(refused, Err(Refused::Unusable(_))), "{code:?}");
    }
}
