//! What one vehicle does: goes against the legal way, stands, is too fast.

use super::{Story, tell};
use crate::story::{car, person, sized};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::Detection;

#[test]
fn against_the_legal_way() {
    let rule = "kind = \"wrong_way\"";
    tell(&[
        Story {
            name: "a car goes the legal way",
            rule,
            at: |t| vec![car(0.4 + 0.1 * t, 0.5)],
            until_s: 7.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a car comes against it",
            rule,
            at: |t| vec![car(0.9 - 0.1 * t, 0.5)],
            until_s: 8.0,
            wanted: &["start@1.0", "end@5.2"],
            due_s: &[1.0],
        },
        Story {
            name: "a motorcycle comes against it between cars",
            rule,
            at: |t| {
                let rider = sized(RoadUserClass::Motorcycle, (0.95 - 0.12 * t, 0.6), (60.0, 90.0));
                vec![car(0.3 + 0.1 * t, 0.3), rider, car(0.2 + 0.1 * t, 0.9)]
            },
            until_s: 7.0,
            wanted: &["start@1.0", "end@4.8"],
            due_s: &[1.0],
        },
        Story {
            name: "a car crosses",
            rule,
            at: |t| vec![car(0.7, 0.2 + 0.1 * t)],
            until_s: 8.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a car stands",
            rule,
            at: |_| vec![car(0.7, 0.5)],
            until_s: 60.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a car goes in the legal way, turns round and comes back",
            rule,
            at: |t| vec![car(0.5 + 0.1 * (4.0 - (t - 4.0).abs()), 0.5)],
            until_s: 9.0,
            wanted: &["start@5.0", "end@9.0"],
            due_s: &[5.0],
        },
        Story {
            name: "a car comes against it and parks there",
            rule,
            at: |t| vec![car(0.9 - 0.1 * t.min(3.0), 0.5)],
            until_s: 40.0,
            wanted: &["start@1.0", "end@9.2"],
            due_s: &[1.0],
        },
        Story {
            name: "a car comes against it, waits for a moment and goes on",
            rule,
            at: |t| vec![car(0.95 - 0.05 * t.min(3.0) - 0.05 * (t - 6.0).max(0.0), 0.5)],
            until_s: 9.0,
            wanted: &["start@1.2", "end@9.0"],
            due_s: &[1.0],
        },
        Story {
            name: "a person walks against it",
            rule,
            at: |t| vec![person(0.9 - 0.05 * t, 0.5)],
            until_s: 8.0,
            wanted: &[],
            due_s: &[],
        },
    ]);
}

#[test]
fn vehicles_that_stand() {
    let stopped = "kind = \"stopped_vehicle\"";
    let parked = "kind = \"illegal_parking\"\nafter_s = 20";
    tell(&[
        Story {
            name: "a car stops, stands and drives off",
            rule: stopped,
            at: |t| vec![car(0.4 + 0.2 * t.min(2.0) + 0.1 * (t - 20.0).max(0.0), 0.5)],
            until_s: 26.0,
            wanted: &["start@11.8", "end@22.8"],
            due_s: &[12.0],
        },
        Story {
            name: "a car waits for 8 s",
            rule: stopped,
            at: |t| vec![car(0.4 + 0.2 * t.min(2.0) + 0.1 * (t - 10.0).max(0.0), 0.5)],
            until_s: 20.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a stopped car is hidden for 10 s",
            rule: stopped,
            at: |t| if (15.0..25.0).contains(&t) { vec![] } else { vec![car(0.7, 0.5)] },
            until_s: 40.0,
            wanted: &["start@10.0", "end@40.0"],
            due_s: &[10.0],
        },
        Story {
            name: "a car that has stood for 4 s is hidden for 10 s and is the same stop",
            rule: stopped,
            at: |t| if (4.0..14.0).contains(&t) { vec![] } else { vec![car(0.7, 0.5)] },
            until_s: 20.0,
            wanted: &["start@15.0", "end@20.0"],
            due_s: &[15.0],
        },
        Story {
            name: "a lorry passes before a stopped car and hides it",
            rule: stopped,
            at: |t| {
                let lorry = sized(RoadUserClass::Truck, (0.4 + 0.04 * (t - 12.0), 0.53), (500.0, 220.0));
                let (passes, hides) = ((12.0..26.0).contains(&t), (13.0..22.0).contains(&t));
                let car = (!hides).then(|| car(0.7, 0.5));
                car.into_iter().chain(passes.then_some(lorry)).collect()
            },
            until_s: 40.0,
            wanted: &["start@10.0", "end@40.0"],
            due_s: &[10.0],
        },
        Story {
            name: "a queue moves on by a length every 6 s",
            rule: stopped,
            at: |t| vec![car(0.5 + 0.1 * ((t / 6.0).floor() + (t % 6.0 - 5.0).max(0.0)), 0.5)],
            until_s: 26.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "one car leaves and another stops at the same place",
            rule: stopped,
            at: |t| {
                let first = 0.7 + 0.15 * (t - 7.0).max(0.0);
                let second = 0.7 - 0.15 * (10.0 - t).max(0.0);
                vec![car(first, 0.5), car(second, 0.5)].into_iter().filter(|d| d.bbox.left < 900.0).collect()
            },
            until_s: 18.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a parked car is one event, however long",
            rule: parked,
            at: |_| vec![car(0.7, 0.5), car(0.2, 0.5)],
            until_s: 200.0,
            wanted: &["start@20.0", "end@200.0"],
            due_s: &[20.0],
        },
        Story {
            name: "two cars park side by side",
            rule: parked,
            at: |t| if t < 5.0 { vec![car(0.6, 0.5)] } else { vec![car(0.6, 0.5), car(0.85, 0.52)] },
            until_s: 60.0,
            wanted: &["start@20.0", "start@25.0", "end@60.0", "end@60.0"],
            due_s: &[20.0, 25.0],
        },
        Story {
            name: "a person stands",
            rule: parked,
            at: |_| vec![person(0.7, 0.5)],
            until_s: 40.0,
            wanted: &[],
            due_s: &[],
        },
    ]);
}

#[test]
fn vehicles_that_are_too_fast() {
    let rule = calibrated!("kind = \"speeding\"\nabove_kmh = 50");
    /// 36 by 22 px on a ground of 100 m: a car of 3.6 m.
    fn small(x: f64) -> Vec<Detection> {
        vec![sized(RoadUserClass::Car, (x, 0.5), (36.0, 22.0))]
    }
    tell(&[
        Story {
            name: "a car at 72 km/h",
            rule,
            at: |t| small(0.1 + 0.2 * t),
            until_s: 6.0,
            wanted: &["start@2.6", "end@5.6"],
            due_s: &[2.5],
        },
        Story {
            name: "a car at 36 km/h",
            rule,
            at: |t| small(0.1 + 0.1 * t),
            until_s: 10.0,
            wanted: &[],
            due_s: &[],
        },
        Story {
            name: "a car at 50.4 km/h, which a measurement cannot tell from 50",
            rule,
            at: |t| small(0.1 + 0.14 * t),
            until_s: 8.0,
            wanted: &[],
            due_s: &[],
        },
        Story { name: "a car that stands", rule, at: |_| small(0.7), until_s: 20.0, wanted: &[], due_s: &[] },
    ]);
}
