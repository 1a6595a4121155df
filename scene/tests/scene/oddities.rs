//! What cameras and detectors do when they misbehave.

use crate::story::{FPS, FRAME, INTRUSION, Told, camera, person, play};
use ngatu_protocol::{EndReason, Quantity};
use ngatu_scene::{BoxPx, Detection, FrameSize, Scene, Time};

fn second(i: u32) -> Time {
    Time::from_seconds(f64::from(i) / FPS)
}

#[test]
fn a_resolution_change_with_the_same_aspect_changes_nothing() {
    let mut scene = Scene::new(&camera(INTRUSION)).unwrap();
    let mut told = Told::default();
    for i in 0..20 {
        let d = person(0.55 + 0.01 * f64::from(i), 0.5);
        let (frame, factor) = if i < 10 { (FRAME, 1.0) } else { (FrameSize::new(500, 500), 0.5) };
        let scaled = Detection { bbox: d.bbox.scaled(factor, factor), ..d };
        told.take(scene.step(second(i), frame, &[scaled]));
    }
    told.take(scene.finish(second(20)));
    assert_eq!(told.phases(), ["start@0.6", "end@4.0"]);
}

#[test]
fn another_aspect_ratio_is_another_view_and_ends_what_was_active() {
    let mut scene = Scene::new(&camera(INTRUSION)).unwrap();
    let mut told = Told::default();
    for i in 0..20 {
        let frame = if i < 10 { FRAME } else { FrameSize::new(1000, 600) };
        told.take(scene.step(second(i), frame, &[person(0.7, 0.5)]));
    }
    told.take(scene.finish(second(20)));
    assert_eq!(told.phases(), ["start@0.6", "end@2.0", "start@2.6", "end@4.0"]);
    let tracks: Vec<_> = told.events.iter().map(|event| event.track).collect();
    assert_eq!(tracks, [Some(1), Some(1), Some(2), Some(2)]);
}

#[test]
fn a_lost_source_ends_events_once_and_what_comes_back_starts_anew() {
    let mut scene = Scene::new(&camera(INTRUSION)).unwrap();
    let mut told = Told::default();
    for i in 0..10 {
        told.take(scene.step(second(i), FRAME, &[person(0.7, 0.5)]));
    }
    told.take(scene.interrupt(second(20)));
    told.take(scene.interrupt(second(25)));
    for i in 30..40 {
        told.take(scene.step(second(i), FRAME, &[person(0.7, 0.5)]));
    }
    told.take(scene.finish(second(40)));
    assert_eq!(told.phases(), ["start@0.6", "end@4.0", "start@6.6", "end@8.0"]);
    assert_eq!(told.events[1].why.ended, Some(EndReason::SourceLost));
}

#[test]
fn a_time_that_goes_back_ends_events_at_the_last_frame_and_begins_a_new_window() {
    let mut scene = Scene::new(&camera(INTRUSION)).unwrap();
    let mut told = Told::default();
    for i in (0..10).chain(0..10) {
        told.take(scene.step(second(i), FRAME, &[person(0.7, 0.5)]));
    }
    told.take(scene.finish(second(10)));
    assert_eq!(told.phases(), ["start@0.6", "end@1.8", "start@0.6", "end@2.0"]);
    let coverage: Vec<_> = told.observations.iter().map(|o| format!("{:.1}", o.coverage_s)).collect();
    assert!(coverage.iter().all(|s| s == "1.8"), "{coverage:?}");
    let counts = told.observations.iter().filter(|o| o.quantity == Quantity::Count).count();
    assert_eq!(counts, 4, "both directions of two windows");
}

#[test]
fn boxes_without_area_or_with_bad_numbers_are_nobody() {
    let bad = [f32::NAN, f32::INFINITY, 0.0, -5.0, 1e30];
    let told = play(&camera(INTRUSION), 5.0, |_| {
        let with = |width: f32, height: f32, score: f32| Detection {
            bbox: BoxPx { left: 700.0, top: 400.0, width, height },
            score,
            ..person(0.7, 0.5)
        };
        bad.iter().flat_map(|b| [with(*b, 100.0, 0.9), with(40.0, *b, 0.9), with(0.0, 0.0, *b)]).collect()
    });
    assert!(told.events.is_empty());
}
