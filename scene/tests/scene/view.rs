//! The camera's own picture: what is stated when it is covered, blurred, frozen or turned away, and what is suspended.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

use crate::story::{FRAME, INTRUSION, Told, camera, person};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, EventKind, Measure, Phase, Quantity};
use ngatu_scene::{Scene, Time, View};

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
        let windows = told.observations.iter().filter(|o| o.quantity == Quantity::ZoneCount);
        let covered: f64 = windows.map(|o| o.coverage_s).sum();
        // 12 s and 8 s, less the frame at each interruption.
        assert!((19.0..=20.0).contains(&covered), "{covered} s of 30 s are covered");
    }
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
