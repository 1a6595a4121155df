//! Trackers that change a road user's number: the rules state what they would state without it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use crate::story::{FPS, FRAME, Told, camera, person};
use ngatu_protocol::camera::CameraConfig;
use ngatu_scene::{Detection, Scene, Time, Track};

/// A track that goes with this velocity, heights of the picture per second to the right.
fn track(id: u64, detection: Detection, right: f64) -> Track {
    #[allow(clippy::cast_possible_truncation, reason = "pixels per second")]
    let velocity_px_s = [(right * 1000.0) as f32, 0.0];
    Track {
        id,
        bbox: detection.bbox,
        detected: detection.bbox,
        class: detection.class,
        score: detection.score,
        seen: true,
        velocity_px_s,
        first_seen: Time::default(),
        first_bbox: detection.bbox,
    }
}

/// Plays tracks as they are.
fn play(camera: &CameraConfig, until_s: f64, at: impl Fn(f64) -> Vec<Track>) -> Told {
    let mut scene = Scene::new(camera).unwrap();
    let mut told = Told::default();
    let mut now = Time::default();
    while now < Time::from_seconds(until_s) {
        told.take(scene.step_tracks(now, FRAME, &at(now.as_seconds())));
        now = now.plus_s(1.0 / FPS);
    }
    told.take(scene.finish(now));
    told
}

const LEFT: &str = "[[rule]]\nkind = \"zone_left\"\nzone = \"yard\"\n";

#[test]
fn whoever_leaves_a_zone_is_the_same_one_under_a_new_number() {
    // Stays inside for 4 s, then goes out to the left, over the edge at 5.0 s.
    let way = |t: f64| person(0.6 - 0.1 * (t - 4.0).max(0.0), 0.5);
    let goes = |t: f64| if t < 4.0 { 0.0 } else { -0.1 };
    type Numbers = fn(f64) -> Option<u64>;
    let table: [(&str, Numbers); 5] = [
        ("one number", |_| Some(1)),
        ("another one inside", |t| Some(if t < 4.5 { 1 } else { 2 })),
        ("another one at the edge, after a moment unseen", |t| match t {
            t if t < 4.7 => Some(1),
            t if t < 5.3 => None,
            _ => Some(2),
        }),
        ("another one outside", |t| Some(if t < 5.5 { 1 } else { 2 })),
        ("many", |t| {
            Some(if t < 3.0 {
                1
            } else if t < 4.9 {
                2
            } else if t < 5.3 {
                3
            } else {
                4
            })
        }),
    ];
    let mut wrong = Vec::new();
    for (name, number) in table {
        let told = play(&camera(LEFT), 8.0, |t| {
            number(t).map(|id| track(id, way(t), goes(t))).into_iter().collect()
        });
        let phases = told.phases();
        // Outside at 5.2 s, or seen there at 5.4 s, and the hold time is a second.
        let starts: Vec<_> = phases.iter().filter(|phase| phase.starts_with("start")).collect();
        if starts.len() != 1 || !["start@6.2", "start@6.4"].contains(&starts[0].as_str()) {
            wrong.push(format!("{name}: {phases:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whoever_passes_outside_where_a_resident_vanished_inside_is_somebody_else() {
    // One stays well inside and vanishes; another one was seen together with the first, and stays outside near the edge.
    let told = play(&camera(LEFT), 12.0, |t| {
        let resident = (t < 5.0).then(|| track(1, person(0.53, 0.5), 0.0));
        resident.into_iter().chain([track(2, person(0.47, 0.5), 0.0)]).collect()
    });
    assert_eq!(told.phases(), Vec::<String>::new());
}
