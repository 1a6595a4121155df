//! Times that nobody watched: they are no hold time, and no end either.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use crate::story::{FPS, FRAME, Told, camera, car, person, sized};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Measure, RoadUserClass};
use ngatu_scene::{Detection, Scene, Time};

/// Plays a story of which nothing is seen between two times: no frame comes.
fn play(
    camera: &CameraConfig,
    until_s: f64,
    hole_s: std::ops::Range<f64>,
    at: impl Fn(f64) -> Vec<Detection>,
) -> Told {
    let mut scene = Scene::new(camera).unwrap();
    let mut told = Told::default();
    let mut now = Time::default();
    while now < Time::from_seconds(until_s) {
        if !hole_s.contains(&now.as_seconds()) {
            told.take(scene.step(now, FRAME, &at(now.as_seconds())));
        }
        now = now.plus_s(1.0 / FPS);
    }
    told.take(scene.finish(now));
    told
}

fn many(_: f64) -> Vec<Detection> {
    (0..4).map(|i| person(0.6 + 0.1 * f64::from(i), 0.5)).collect()
}

const CROWD: &str = "[[rule]]\nzone = \"yard\"\nkind = \"crowd\"\nat_least = 4\nafter_s = 6\n";

#[test]
fn a_crowd_that_nobody_watched_for_a_while_has_not_held_meanwhile() {
    let watched = play(&camera(CROWD), 12.0, 0.0..0.0, many);
    assert_eq!(watched.phases(), ["start@6.0", "end@12.0"]);
    // From 2 s to 7 s no frame; at most a second of it counts.
    let told = play(&camera(CROWD), 14.0, 2.1..6.9, many);
    let start = told.events[0].time.as_seconds();
    assert!((10.0..=10.6).contains(&start), "{:?}", told.phases());
    let held = told.events[0].why.facts.iter().find(|fact| fact.measure == Measure::Held).unwrap();
    assert!(held.value < 6.5, "{held:?}");
}

#[test]
fn what_was_met_long_before_a_hole_begins_anew() {
    let told = play(&camera(CROWD), 40.0, 5.1..29.9, many);
    let start = told.events[0].time.as_seconds();
    assert!((36.0..=36.6).contains(&start), "{:?}", told.phases());
}

#[test]
fn a_jam_that_nobody_watched_is_not_over_before_it_was_seen_to_be() {
    let rule = "[[rule]]\nzone = \"yard\"\nkind = \"congestion\"\nat_least = 2\nafter_s = 4\nclear_s = 5\n";
    let told = play(&camera(rule), 30.0, 12.1..19.9, |t| {
        if t < 11.0 { vec![car(0.6, 0.3), car(0.8, 0.7)] } else { vec![] }
    });
    let end = told.events[1].time.as_seconds();
    // Empty from 12.6 s on, when the two are forgotten; a second until the hole's middle, four after it.
    assert!((23.0..=25.5).contains(&end), "{:?}", told.phases());
}

#[test]
fn a_camera_that_is_analysed_slowly_still_fires() {
    let slow = camera(CROWD).analysis_fps;
    assert!((slow - FPS).abs() < 1e-9);
    let mut scene = Scene::new(&camera(CROWD)).unwrap();
    let mut told = Told::default();
    // The machine manages one frame in two seconds.
    for i in 0..20 {
        told.take(scene.step(Time::from_seconds(f64::from(i) * 2.0), FRAME, &many(0.0)));
    }
    assert!(!told.events.is_empty());
}

#[test]
fn what_stood_before_the_hours_of_a_rule_stands_from_their_beginning_on() {
    // From 00:10 UTC on parking is forbidden; the car stands since 00:05.
    let rule = "[[rule]]\nzone = \"yard\"\nkind = \"illegal_parking\"\nafter_s = 60\n[[rule.schedule]]\nfrom = \"00:10\"\nto = \"06:00\"\n";
    let mut camera = camera(rule);
    camera.utc_offset_minutes = 0;
    let mut scene = Scene::new(&camera).unwrap();
    let mut told = Told::default();
    let mut now = Time::from_seconds(300.0);
    while now < Time::from_seconds(700.0) {
        let car = sized(RoadUserClass::Car, (0.7, 0.5), (160.0, 100.0));
        told.take(scene.step(now, FRAME, &[car]));
        now = now.plus_s(1.0 / FPS);
    }
    assert_eq!(told.phases(), ["start@660.0"]);
}
