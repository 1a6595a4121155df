//! Each kind of rule in stories: what starts when, and what is none. Every story is also told by bad detectors; of all that
//! is due they let find 95 of 100, with 5 false.

use crate::noise::noisy;
use crate::story::{FPS, camera, car, person, play, road_user, sized};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Measure, Phase, RoadUserClass};
use ngatu_scene::Detection;

/// How long after the truth and the hold time a start may come, seconds; told by a bad detector.
const LATE_S: f64 = 1.0;
/// How long before: a bad detector's box may be where the road user comes a moment later.
const EARLY_S: f64 = 0.4;
/// So many bad detectors tell each story.
const SEEDS: u64 = 20;

struct Story {
    name: &'static str,
    rule: &'static str,
    at: fn(f64) -> Vec<Detection>,
    until_s: f64,
    /// What a perfect detector makes of it.
    wanted: &'static [&'static str],
    /// When the condition has held for the rule's hold time, in truth.
    due_s: &'static [f64],
}

fn rule(kind: &str) -> CameraConfig {
    camera(&format!("[[rule]]\nzone = \"yard\"\n{kind}\n"))
}

/// Tells all stories; the errors of all of them together.
fn tell(stories: &[Story]) {
    let (mut wrong, mut odd) = (Vec::new(), Vec::new());
    let (mut due, mut found, mut false_starts) = (0, 0, 0);
    for story in stories {
        let camera = rule(story.rule);
        let clean = play(&camera, story.until_s, story.at).phases();
        if clean != story.wanted {
            wrong.push(format!("{}: {clean:?}, wanted {:?}", story.name, story.wanted));
        }
        for seed in 0..SEEDS {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a step's number")]
            let told =
                play(&camera, story.until_s, |t| noisy(seed, (t * FPS).round() as u64, &(story.at)(t)));
            let starts = told.events.iter().filter(|event| event.phase == Phase::Start);
            let mut starts: Vec<f64> = starts.map(|event| event.time.as_seconds()).collect();
            let wanted = story.due_s.len();
            due += wanted;
            let mut missed = 0;
            for due_s in story.due_s {
                let fits = |at: &f64| (due_s - EARLY_S..=due_s + LATE_S).contains(at);
                match starts.iter().position(fits) {
                    Some(i) => drop(starts.remove(i)),
                    None => missed += 1,
                }
            }
            found += wanted - missed;
            false_starts += starts.len();
            if missed > 0 || !starts.is_empty() {
                let all = told.phases();
                odd.push(format!("{}, detector {seed}: {all:?}, due {:?}", story.name, story.due_s));
            }
        }
    }
    let sum = format!("{found} of {due}, {false_starts} false");
    assert!(wrong.is_empty(), "{}\n{}", sum, wrong.join("\n"));
    let holds = 100 * found >= 95 * due && 100 * false_starts <= 5 * due;
    assert!(holds, "{sum}\n{}", odd.join("\n"));
}

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

/// A calibration of a picture that is looked at from straight above and 100 m wide and high.
macro_rules! calibrated {
    ($rule:literal) => {
        concat!(
            $rule,
            "\n[calibration]\npicture = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.5]]\n",
            "ground_m = [[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0], [50.0, 50.0]]\n"
        )
    };
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

/// A person of 100 px who lies along the picture.
fn lying(x: f64, y: f64) -> Detection {
    sized(RoadUserClass::Person, (x, y), (100.0, 40.0))
}

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

#[test]
fn a_queue_in_front_of_a_calibrated_camera_has_a_length() {
    let rule = rule(calibrated!("kind = \"queue_too_long\"\nat_least = 3\nafter_s = 2"));
    let told = play(&rule, 6.0, |_| vec![car(0.7, 0.2), car(0.7, 0.4), car(0.7, 0.75)]);
    let facts = &told.events[0].why.facts;
    let length = facts.iter().find(|fact| fact.measure == Measure::QueueLength).unwrap();
    assert!((length.value - 55.0).abs() < 0.5, "{facts:?}");
}

#[test]
fn an_event_says_what_was_measured() {
    type Case = (&'static str, fn(f64) -> Vec<Detection>, &'static [Measure]);
    let table: [Case; 6] = [
        (
            calibrated!("kind = \"speeding\"\nabove_kmh = 50"),
            |t| vec![sized(RoadUserClass::Car, (0.1 + 0.2 * t, 0.5), (36.0, 22.0))],
            &[Measure::Speed, Measure::Held],
        ),
        (
            calibrated!("kind = \"congestion\"\nbelow_kmh = 20\nat_least = 1\nafter_s = 2"),
            |_| vec![car(0.7, 0.5)],
            &[Measure::Vehicles, Measure::Speed, Measure::Held],
        ),
        ("kind = \"wrong_way\"", |t| vec![car(0.9 - 0.1 * t, 0.5)], &[Measure::Angle, Measure::Held]),
        ("kind = \"stopped_vehicle\"", |_| vec![car(0.7, 0.5)], &[Measure::Standing]),
        (
            "kind = \"congestion\"\nat_least = 1\nafter_s = 2",
            |_| vec![road_user(RoadUserClass::Truck, 0.7, 0.5)],
            &[Measure::Vehicles, Measure::PictureSpeed, Measure::Held],
        ),
        (
            "kind = \"person_down\"",
            |t| vec![if t < 4.0 { person(0.7, 0.5) } else { lying(0.7, 0.5) }],
            &[Measure::Aspect, Measure::Held],
        ),
    ];
    for (kind, story, wanted) in table {
        let told = play(&rule(kind), 12.0, story);
        let facts = told.events.first().map(|event| event.why.facts.clone()).unwrap_or_default();
        let measures: Vec<Measure> = facts.iter().map(|fact| fact.measure).collect();
        assert_eq!(measures, wanted, "{kind}");
        assert!(facts.iter().all(|fact| fact.threshold.is_some()), "{kind}: {facts:?}");
    }
}
