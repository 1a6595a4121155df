//! What a whole zone shows: a jam, a queue.

use super::{Story, rule, tell};
use crate::story::{car, play};
use ngatu_protocol::Measure;
use ngatu_scene::Detection;

#[test]
fn traffic_that_stands_still_or_nearly() {
    let jam = "kind = \"congestion\"\nat_least = 4\nafter_s = 10";
    let queue = "kind = \"queue_too_long\"\nat_least = 4\nafter_s = 10";
    /// Cars one behind the other from the right, `moved` on.
    fn column(n: u8, moved: f64) -> Vec<Detection> {
        let y = |i: u8| 0.95 - 0.18 * f64::from(i % 5);
        (0..n).map(|i| car(0.62 + 0.25 * f64::from(i / 5) + moved, y(i))).collect()
    }
    tell(&[
        Story {
            name: "five cars creep, then go",
            rule: jam,
            at: |t| column(5, 0.005 * t.min(25.0) + 0.1 * (t - 25.0).max(0.0)),
            until_s: 50.0,
            wanted: &["start@10.4", "end@40.6"],
            due_s: &[10.0],
        },
        Story {
            name: "five cars drive",
            rule: jam,
            at: |t| column(5, -0.1 + 0.08 * (t % 5.0)),
            until_s: 30.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "three cars stand",
            rule: jam,
            at: |_| column(3, 0.0),
            until_s: 30.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a queue of five",
            rule: queue,
            at: |t| {
                if t < 5.0 {
                    column(2, 0.0)
                } else if t < 25.0 {
                    column(5, 0.0)
                } else {
                    column(2, 0.0)
                }
            },
            until_s: 50.0,
            wanted: &["start@15.2", "end@36.4"],
            due_s: &[15.0],
        },
        Story {
            name: "a queue of three",
            rule: queue,
            at: |_| column(3, 0.0),
            until_s: 30.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "five cars stop for a moment",
            rule: queue,
            at: |t| column(5, -0.1 + 0.1 * t.min(2.0) + 0.1 * (t - 8.0).max(0.0)),
            until_s: 20.0,
            wanted: &[],
            due_s: &[],
        },
    ]);
}

#[test]
fn a_queue_in_front_of_a_calibrated_camera_has_a_length() {
    let rule = rule(calibrated!("kind = \"queue_too_long\"\nat_least = 3\nafter_s = 2"));
    let told = play(&rule, 6.0, |_| vec![car(0.7, 0.2), car(0.7, 0.4), car(0.7, 0.75)]);
    let facts = &told.events[0].why.facts;
    let length = facts.iter().find(|fact| fact.measure == Measure::QueueLength).unwrap();
    assert!((length.value - 55.0).abs() < 0.5, "{facts:?}");
}
