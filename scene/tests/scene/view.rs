//! The camera's own picture: what is stated when it is covered, blurred, frozen or turned away, and what is suspended.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

use crate::story::{FRAME, INTRUSION, Told, camera, person};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, EventKind, Measure, Phase, Quantity};
use ngatu_scene::view::{Adoption, Glimpse, Step};
use ngatu_scene::{BoxPx, Look, Scene, Thing, Time, View};

const CAMERA_RULES: &str = "[[rule]]\nkind = \"camera_tampered\"\n[[rule]]\nkind = \"camera_moved\"\n";

/// Plays what the picture looks like at each second, with somebody in the yard all the time, 5 times a second.
fn play(rules: &str, until_s: f64, at: impl Fn(f64) -> View) -> Told {
    let mut scene = Scene::new(&camera(rules)).expect("a configuration of a test");
    let (mut told, mut now) = (Told::default(), Time::default());
    while now < Time::from_seconds(until_s) {
        told.take(scene.step_with(now, FRAME, (&[person(0.7, 0.5)], &at(now.as_seconds()))));
        now = now.plus_s(0.2);
    }
    told.take(scene.finish(now));
    told
}

/// The events as `kind phase@second`.
fn words(told: &Told) -> Vec<String> {
    let word = |event: &ngatu_scene::SceneEvent| {
        format!("{} {}@{:.1}", event.kind, event.phase, event.time.as_seconds())
    };
    told.events.iter().map(word).collect()
}

#[test]
fn each_trouble_of_the_picture_is_stated_after_its_hold_time_and_ends_when_it_is_over() {
    let good = View::default();
    let covered = View { sharpness: 0.05, lost_outlines: 0.98, ..good };
    let turned = View { lost_outlines: 0.9, ..good };
    let shifted = View { shift: 0.05, lost_outlines: 0.2, ..good };
    type Story = Box<dyn Fn(f64) -> View>;
    let during = |from: f64, to: f64, bad: View| -> Story {
        Box::new(move |t| if (from..to).contains(&t) { bad } else { View::default() })
    };
    let both = |kind: &str| vec![format!("{kind} start@15.0"), format!("{kind} end@23.0")];
    let table: Vec<(&str, Story, Vec<String>)> = vec![
        ("a black picture", during(10.0, 20.0, View { blank: Some(3.0), ..good }), both("camera_tampered")),
        ("a cloth", during(10.0, 20.0, covered), both("camera_tampered")),
        ("a blurred picture", during(10.0, 20.0, View { sharpness: 0.3, ..good }), both("camera_tampered")),
        ("a frozen picture", during(10.0, 20.0, View { frozen_s: 12.0, ..good }), both("camera_tampered")),
        ("a turned camera", during(10.0, 20.0, turned), both("camera_moved")),
        ("a camera that was pushed", during(10.0, 20.0, shifted), both("camera_moved")),
        ("a lorry that fills the picture for 3 s", during(10.0, 13.0, turned), vec![]),
        ("a flash", during(10.0, 10.6, View { sharpness: 0.1, lost_outlines: 1.0, ..good }), vec![]),
        ("a mount that trembles", during(10.0, 30.0, View { shift: 0.0095, ..good }), vec![]),
        ("dense traffic", during(10.0, 30.0, View { lost_outlines: 0.55, ..good }), vec![]),
        ("dusk", during(10.0, 30.0, View { sharpness: 0.65, lost_outlines: 0.5, ..good }), vec![]),
        ("a freeze of 8 s", during(10.0, 18.0, View { frozen_s: 8.0, ..good }), vec![]),
    ];
    for (name, story, wanted) in table {
        assert_eq!(words(&play(CAMERA_RULES, 40.0, story)), wanted, "{name}");
    }
}

#[test]
fn what_rests_on_the_picture_is_suspended_with_or_without_a_rule_about_the_camera() {
    let away = |t: f64| View { shift: if (10.0..20.0).contains(&t) { 0.2 } else { 0.0 }, ..View::default() };
    for rules in [INTRUSION.to_owned(), format!("{INTRUSION}{CAMERA_RULES}")] {
        let told = play(&rules, 30.0, away);
        let intrusions: Vec<_> =
            told.events.iter().filter(|event| event.kind == EventKind::Intrusion).collect();
        let [start, end, again, last] = intrusions.as_slice() else { panic!("{intrusions:?}") };
        assert_eq!((start.phase, end.phase, again.phase), (Phase::Start, Phase::End, Phase::Start));
        assert_eq!(end.why.ended, Some(EndReason::Suspended));
        assert_eq!(end.time, Time::from_seconds(12.0));
        // The picture was right for 2 s by then, and the rule's own half second passed.
        assert!((22.4..22.8).contains(&again.time.as_seconds()), "{again:?}");
        assert_eq!(last.why.ended, Some(EndReason::ObservationEnded));
        let windows =
            told.observations.iter().filter(|o| o.quantity == Quantity::ZoneCount && o.class.is_none());
        let covered: f64 = windows.map(|o| o.coverage_s).sum();
        // 12 s and 8 s, less the frame at each interruption.
        assert!((19.0..=20.0).contains(&covered), "{covered} s of 30 s are covered");
    }
}

#[test]
fn suspension_is_stated_also_where_no_rule_asks_for_it_and_under_a_name_of_its_own() {
    let black = |t: f64| View { blank: (10.0..20.0).contains(&t).then_some(2.0), ..View::default() };
    let told = play("", 30.0, black);
    assert_eq!(words(&told), ["camera_tampered start@15.0", "camera_tampered end@23.0"]);
    assert_eq!(told.events[0].rule.as_str(), "camera-tampered");
    let taken = "[[rule]]\nid = \"camera-tampered\"\nkind = \"intrusion\"\nzone = \"yard\"\n";
    let told = play(taken, 30.0, black);
    let rule = told.events.iter().find(|event| event.kind == EventKind::CameraTampered).unwrap();
    assert_eq!(rule.rule.as_str(), "camera-tampered-x");
    // Who has such a rule has no second one.
    assert_eq!(words(&play(CAMERA_RULES, 30.0, black)).len(), 2);
}

#[test]
fn a_view_that_is_adopted_ends_the_event_and_what_was_suspended_goes_on() {
    let turned = View { lost_outlines: 0.9, ..View::default() };
    let story = move |t: f64| match t {
        t if (10.0..40.0).contains(&t) => turned,
        t if t >= 40.0 => View { adopted: 1, ..View::default() },
        _ => View::default(),
    };
    let told = play(INTRUSION, 50.0, story);
    let about = |kind| told.events.iter().filter(move |event| event.kind == kind);
    let moved: Vec<_> = about(EventKind::CameraMoved).collect();
    assert_eq!((moved[0].phase, moved[1].phase, moved.len()), (Phase::Start, Phase::End, 2));
    assert_eq!((moved[1].time, moved[1].why.ended), (Time::from_seconds(40.0), Some(EndReason::ViewAdopted)));
    let back = about(EventKind::Intrusion).filter(|event| event.phase == Phase::Start).nth(1).unwrap();
    assert!((42.0..43.0).contains(&back.time.as_seconds()), "{back:?}");
}

#[test]
fn a_changed_view_is_adopted_only_after_it_lasted() {
    use Glimpse::{Both, Confirmed, Nothing, Other, Usual};
    const SAME: Glimpse = Other { agrees: true };
    const THIRD: Glimpse = Other { agrees: false };
    // Each row: glimpses with the seconds for which they last, two a second, and when what happens.
    type Row<'a> = (&'a str, &'a [(Glimpse, u32)], &'a [(f64, Step)]);
    let table: &[Row] = &[
        ("the snow has melted", &[(Usual, 10), (Both, 70)], &[(69.5, Step::Return)]),
        ("the snow is thin here and there", &[(Both, 50), (Usual, 1), (Both, 50)], &[]),
        ("turned for good", &[(Usual, 10), (SAME, 400)], &[(10.0, Step::Begin), (310.0, Step::Adopt)]),
        ("turned and back", &[(Usual, 10), (SAME, 200), (Usual, 200)], &[(10.0, Step::Begin)]),
        ("covered", &[(Usual, 10), (Nothing, 2000)], &[]),
        (
            "a lorry for 20 s",
            &[(SAME, 100), (THIRD, 20), (SAME, 250)],
            &[(0.0, Step::Begin), (320.0, Step::Adopt)],
        ),
        (
            "a black minute",
            &[(SAME, 200), (Nothing, 60), (SAME, 250)],
            &[(0.0, Step::Begin), (260.0, Step::Begin)],
        ),
        (
            "turned twice",
            &[(SAME, 100), (THIRD, 31), (SAME, 200)],
            &[(0.0, Step::Begin), (130.0, Step::Begin)],
        ),
        (
            "back where it was confirmed",
            &[(SAME, 100), (Confirmed, 4)],
            &[(0.0, Step::Begin), (101.5, Step::Return)],
        ),
    ];
    for (name, glimpses, wanted) in table {
        let (mut adoption, mut now_s, mut happened) = (Adoption::default(), 0.0, Vec::new());
        for (glimpse, seconds) in *glimpses {
            for _ in 0..seconds * 2 {
                let step = adoption.step(now_s, *glimpse);
                if !matches!(step, Step::Wait | Step::Gather)
                    && happened.last().is_none_or(|(_, s)| *s != step || step == Step::Begin)
                {
                    happened.push((now_s, step));
                }
                now_s += 0.5;
            }
        }
        eprintln!("{name}: {happened:?}");
        let first = &happened[..wanted.len().min(happened.len())];
        assert_eq!(first, *wanted, "{name}: {happened:?}");
    }
}

#[test]
fn on_an_adopted_view_nothing_is_measured_over_ground_until_the_confirmed_one_is_back() {
    let calibration = "[calibration]\npicture = [[0.1, 0.9], [0.9, 0.9], [0.9, 0.3], [0.1, 0.3]]\n\
                       ground_m = [[0.0, 0.0], [10.0, 0.0], [10.0, 20.0], [0.0, 20.0]]\n";
    let rules = format!("{INTRUSION}{calibration}");
    let mut scene = Scene::new(&camera(&rules)).unwrap();
    let mut now = Time::default();
    let mut speeds = Vec::new();
    for adopted in [0, 1, 0] {
        let mut known = false;
        for i in 0..30_u8 {
            let view = View { adopted, ..View::default() };
            let walker = person(0.3 + f64::from(i) * 0.01, 0.5);
            scene.step_with(now, FRAME, (&[walker], &view));
            known |= scene.paths().iter().any(|path| path.speed().is_some());
            now = now.plus_s(0.2);
        }
        speeds.push((known, scene.paths().ground().is_some()));
    }
    assert_eq!(speeds, [(true, true), (false, false), (true, true)]);
}

#[test]
fn the_picture_is_judged_also_where_nobody_looks_for_road_users() {
    let mut scene = Scene::new(&camera(CAMERA_RULES)).unwrap();
    let mut told = Told::default();
    for second in 0..20 {
        let view = View { blank: (second > 5).then_some(0.0), ..View::default() };
        told.take(scene.see(Time::from_seconds(f64::from(second)), &view));
    }
    assert_eq!(words(&told), ["camera_tampered start@11.0"]);
    assert_eq!(told.events[0].why.facts[0].measure, Measure::Brightness);
    assert!(scene.is_suspended());
}

#[test]
fn smoke_is_stated_with_little_confidence_and_only_in_its_zone() {
    let seen = |x: f64| {
        move |t: f64| {
            let score = if t < 15.0 { 0.9 } else { 0.0 };
            View { smoke_or_fire: Some((score, Point { x, y: 0.5 })), ..View::default() }
        }
    };
    let anywhere = "[[rule]]\nkind = \"smoke_or_fire\"\n";
    let in_yard = "[[rule]]\nkind = \"smoke_or_fire\"\nzone = \"yard\"\n";
    let wanted = ["smoke_or_fire start@5.0", "smoke_or_fire end@25.0"];
    assert_eq!(words(&play(anywhere, 30.0, seen(0.2))), wanted);
    assert_eq!(words(&play(in_yard, 30.0, seen(0.8))), wanted);
    assert!(words(&play(in_yard, 30.0, seen(0.2))).is_empty());
    assert!(play(anywhere, 30.0, seen(0.2)).events[0].confidence < 0.5);
}

#[test]
fn whose_a_thing_is_is_known_still_after_the_picture_could_not_be_trusted() {
    let rules = "[[rule]]\nkind = \"abandoned_object\"\nzone = \"yard\"\nafter_s = 10\n";
    // Somebody puts a thing down at 5 s; in the one story they go at 6 s, in the other they stay with it.
    for (goes_s, wanted) in [(6.0, 1), (1000.0, 0)] {
        let mut scene = Scene::new(&camera(rules)).expect("a configuration of a test");
        let (mut told, mut now) = (Told::default(), Time::default());
        while now < Time::from_seconds(60.0) {
            let at_s = now.as_seconds();
            let x = 0.55 + 0.05 * at_s.min(3.0) + 0.1 * (at_s - goes_s).max(0.0);
            let people: Vec<_> = (x < 1.0).then(|| person(x, 0.5)).into_iter().collect();
            let bbox = BoxPx { left: 700.0, top: 475.0, width: 40.0, height: 35.0 };
            let thing = Thing { number: 1, bbox, since: Time::from_seconds(5.0) };
            let things: Vec<_> = (at_s >= 6.0).then_some(thing).into_iter().collect();
            let shift = if (12.0..30.0).contains(&at_s) { 0.2 } else { 0.0 };
            let view = View { shift, ..View::default() };
            let look = Look { detections: &people, things: Some(&things), left: &[], view: &view };
            told.take(scene.look(now, FRAME, &look));
            now = now.plus_s(0.2);
        }
        let ours = told.events.iter().filter(|event| event.kind == EventKind::AbandonedObject);
        let starts: Vec<_> = ours.filter(|event| event.phase == Phase::Start).collect();
        assert_eq!(starts.len(), wanted, "goes at {goes_s}: {:?}", words(&told));
        assert!(starts.iter().all(|start| (32.0..33.0).contains(&start.time.as_seconds())), "{starts:?}");
    }
}
