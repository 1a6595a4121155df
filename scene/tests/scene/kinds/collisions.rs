//! Road users that come together.

use super::{Story, tell};
use crate::story::{car, person, sized};
use ngatu_protocol::RoadUserClass;

#[test]
fn road_users_that_come_together() {
    let rule = "kind = \"collision_suspected\"";
    tell(&[
        Story {
            name: "a car runs into a standing one",
            rule,
            at: |t| vec![car((0.05 + 0.4 * t).min(0.65), 0.5), car(0.82, 0.5)],
            until_s: 12.0,
            wanted: &["start@3.4", "end@12.0"],
            due_s: &[3.5],
        },
        Story {
            name: "two motorcycles meet",
            rule,
            at: |t| {
                let of = |x| sized(RoadUserClass::Motorcycle, (x, 0.5), (90.0, 90.0));
                vec![of((0.1 + 0.375 * t).min(0.7)), of((0.79_f64).max(1.39 - 0.375 * t))]
            },
            until_s: 12.0,
            wanted: &["start@3.8", "end@12.0"],
            due_s: &[3.6],
        },
        Story {
            name: "a car knocks a person over",
            rule,
            at: |t| {
                let y = 0.35 + 0.08 * t.min(1.8);
                vec![car((0.06 + 0.4 * t).min(0.7), 0.5), person(0.79, y)]
            },
            until_s: 10.0,
            wanted: &["start@3.6", "end@10.0"],
            due_s: &[3.6],
        },
        Story {
            name: "a car brakes behind a standing one as drivers do",
            rule,
            // From 3 heights a second at 2 heights a second squared: a stop in 1.5 s.
            at: |t| {
                let braking = t.clamp(1.0, 2.5) - 1.0;
                let x = 0.1 + 0.3 * t.min(1.0) + 0.3 * braking - 0.1 * braking * braking;
                vec![car(x, 0.5), car(0.81, 0.5)]
            },
            until_s: 12.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a car passes behind a standing one",
            rule,
            at: |t| vec![car(0.05 + 0.3 * t, 0.47), car(0.75, 0.5)],
            until_s: 8.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "two cars pass each other",
            rule,
            at: |t| vec![car(0.05 + 0.3 * t, 0.45), car(0.95 - 0.3 * t, 0.55)],
            until_s: 8.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a car stops all at once alone",
            rule,
            at: |t| vec![car((0.05 + 0.4 * t).min(0.65), 0.5), car(0.65, 0.9)],
            until_s: 12.0,
            wanted: &[],
            due_s: &[],
        },
    ]);
}
