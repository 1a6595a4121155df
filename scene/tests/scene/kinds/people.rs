//! What one person does: lies.

use super::{Story, lying, tell};
use crate::story::{person, sized};
use ngatu_protocol::RoadUserClass;

#[test]
fn people_who_lie() {
    let rule = "kind = \"person_down\"";
    tell(&[
        Story {
            name: "a person walks, falls, lies and gets up",
            rule,
            at: |t| match t {
                t if t < 4.0 => vec![person(0.55 + 0.05 * t, 0.5)],
                t if t < 16.0 => vec![lying(0.75, 0.5)],
                t => vec![person(0.75 + 0.05 * (t - 16.0), 0.5)],
            },
            until_s: 20.0,
            wanted: &["start@9.0", "end@18.0"],
            due_s: &[9.0],
        },
        Story {
            name: "a person falls and gets up at once",
            rule,
            at: |t| match t {
                t if (4.0..7.0).contains(&t) => vec![lying(0.75, 0.5)],
                t => vec![person(0.55 + 0.05 * t.min(4.0), 0.5)],
            },
            until_s: 20.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a person sits down",
            rule,
            at: |t| match t {
                t if t < 4.0 => vec![person(0.55 + 0.05 * t, 0.5)],
                _ => vec![sized(RoadUserClass::Person, (0.75, 0.5), (50.0, 62.0))],
            },
            until_s: 20.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "two people stop and become one box",
            rule,
            at: |t| match t {
                t if t < 4.0 => vec![person(0.55 + 0.05 * t, 0.5), person(0.95 - 0.05 * t, 0.5)],
                _ => vec![sized(RoadUserClass::Person, (0.75, 0.5), (130.0, 100.0))],
            },
            until_s: 20.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a rider waits on a motorcycle",
            rule,
            at: |t| {
                let x = 0.45 + 0.1 * t.min(3.0);
                let cycle = sized(RoadUserClass::Motorcycle, (x, 0.5), (130.0, 80.0));
                vec![cycle, sized(RoadUserClass::Person, (x, 0.48), (110.0, 80.0))]
            },
            until_s: 20.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a person lies at the picture's edge, cut off",
            rule,
            at: |t| match t {
                t if t < 4.0 => vec![person(0.8, 0.6 + 0.1 * t)],
                _ => vec![sized(RoadUserClass::Person, (0.8, 1.0), (60.0, 30.0))],
            },
            until_s: 20.0,
            wanted: &[],
            due_s: &[],
        },
    ]);
}
