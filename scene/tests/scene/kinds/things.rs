//! What is left behind.

use super::{Story, tell};
use crate::story::{person, sized};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::Detection;

/// A bag.
fn bag(x: f64, y: f64) -> Detection {
    sized(RoadUserClass::Object, (x, y), (40.0, 35.0))
}

#[test]
fn things_that_are_left_behind() {
    let rule = "kind = \"abandoned_object\"\nafter_s = 10";
    tell(&[
        Story {
            name: "a person puts a bag down and goes",
            rule,
            at: |t| {
                let person = person(0.55 + 0.05 * t.min(4.0) + 0.05 * (t - 6.0).max(0.0), 0.5);
                let person = Some(person).filter(|d| d.bbox.left < 1000.0);
                person.into_iter().chain((t >= 5.0).then(|| bag(0.72, 0.51))).collect()
            },
            until_s: 30.0,
            // 0.17 away from the bag at 9.4 s, 2 heights of 0.1.
            wanted: &["start@19.4", "end@30.0"],
            due_s: &[19.4],
        },
        Story {
            name: "a person stays with the bag",
            rule,
            at: |t| {
                let person = person(0.55 + 0.05 * t.min(4.0), 0.5);
                [person].into_iter().chain((t >= 5.0).then(|| bag(0.70, 0.53))).collect()
            },
            until_s: 40.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "the owner comes back in time and takes it",
            rule,
            at: |t| {
                let away = if t < 6.0 { 0.0 } else { 0.05 * (6.0 - (t - 12.0).abs()).max(0.0) };
                let person = person(0.55 + 0.05 * t.min(4.0) - away, 0.5);
                [person].into_iter().chain((5.0..19.0).contains(&t).then(|| bag(0.72, 0.51))).collect()
            },
            until_s: 40.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a blob stays where something drove past",
            rule,
            at: |t| {
                let passes = sized(RoadUserClass::Object, (0.4 * t - 1.2, 0.5), (160.0, 100.0));
                let passes = (3.0..5.6).contains(&t).then_some(passes);
                passes.into_iter().chain((t >= 5.0).then(|| bag(0.72, 0.5))).collect()
            },
            until_s: 40.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "something appears where nobody was",
            rule,
            at: |t| if t < 5.0 { vec![person(0.1, 0.5)] } else { vec![person(0.1, 0.5), bag(0.72, 0.51)] },
            until_s: 40.0,
            wanted: &[],
            due_s: &[],
        },
    ]);
}
