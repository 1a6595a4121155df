//! Riders and what they ride.

use super::*;

const MOTORCYCLE: RoadUserClass = RoadUserClass::Motorcycle;

/// A motorcycle from the side.
fn wheels(left: f32) -> Detection {
    let bbox = BoxPx { left, top: 200.0, width: 80.0, height: 50.0 };
    Detection { bbox, class: MOTORCYCLE, score: 0.6 }
}

/// Who rides it, `back` pixels from its left end.
fn rider(left: f32, back: f32) -> Detection {
    let bbox = BoxPx { left: left + back, top: 160.0, width: 34.0, height: 78.0 };
    Detection { bbox, class: PERSON, score: 0.8 }
}

/// Runs frames at 5 fps and gives class and id of what is reported in each.
fn run(frames: &[Vec<Detection>]) -> Vec<Vec<(RoadUserClass, u64)>> {
    let mut tracker = Tracker::new();
    let step = |(i, detections): (usize, &Vec<Detection>)| {
        let tracks = tracker.step(Time::from_seconds(0.2 * f64::from(f(i))), detections);
        tracks.iter().map(|track| (track.class, track.id)).collect()
    };
    frames.iter().enumerate().map(step).collect()
}

#[test]
fn rider_and_passenger_and_motorcycle_are_one_road_user_with_one_box() {
    let frames: Vec<_> = (0..20)
        .map(|i| {
            let left = 25.0 * f(i);
            vec![wheels(left), rider(left, 24.0), rider(left, 2.0)]
        })
        .collect();
    let seen = run(&frames);
    assert!(seen[4..].iter().all(|one| one.len() == 1 && one[0] == seen[4][0]), "{seen:?}");
    assert_eq!(seen[4][0].0, MOTORCYCLE);
    let mut tracker = Tracker::new();
    for (i, detections) in frames.iter().enumerate() {
        tracker.step(Time::from_seconds(0.2 * f64::from(f(i))), detections);
    }
    let bbox = tracker.tracks()[0].bbox;
    assert!((bbox.top - 160.0).abs() < 5.0 && (bbox.top + bbox.height - 250.0).abs() < 5.0, "{bbox:?}");
}

#[test]
fn a_motorcycle_that_the_detector_finds_now_and_then_stays_one_road_user() {
    let frames: Vec<_> = (0..40)
        .map(|i| {
            let left = 20.0 * f(i);
            if i < 8 || i % 6 == 0 { vec![wheels(left), rider(left, 24.0)] } else { vec![rider(left, 24.0)] }
        })
        .collect();
    let seen = run(&frames);
    assert!(seen[4..].iter().all(|one| *one == seen[4] && one.len() == 1), "{seen:?}");
}

#[test]
fn a_ride_goes_on_at_a_red_light_and_ends_when_the_rider_walks_away() {
    let frames: Vec<_> = (0..40)
        .map(|i| {
            let left = 25.0 * f(i.min(10));
            let away = if i > 25 { 22.0 * f(i - 25) } else { 0.0 };
            vec![wheels(left), rider(left, 24.0 + away)]
        })
        .collect();
    let seen = run(&frames);
    assert!(seen[5..=25].iter().all(|one| *one == seen[5] && one.len() == 1), "{seen:?}");
    assert!(seen[33..].iter().all(|one| one.len() == 2), "{seen:?}");
}

#[test]
fn someone_who_walks_past_a_parked_motorcycle_does_not_ride_it() {
    let walk: Vec<_> = (0..40).map(|i| vec![wheels(300.0), rider(100.0 + 12.0 * f(i), 0.0)]).collect();
    let seen = run(&walk);
    assert!(seen[3..].iter().all(|one| one.len() == 2), "{seen:?}");
    let stand = vec![vec![wheels(300.0), rider(300.0, 24.0)]; 30];
    assert!(run(&stand)[3..].iter().all(|one| one.len() == 2), "someone who stands behind it");
}
