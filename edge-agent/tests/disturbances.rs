//! Weather, light and faults before a camera that has a rule of every kind that its detector can serve: what each rule does. The detector is the one
//! that sees all that moves, so whatever is stated comes from the disturbance itself.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels of small pictures"
)]

use chrono::{DateTime, TimeDelta};
use edge_agent::analysis::Analysis;
use edge_agent::health::Stages;
use edge_agent::source::Frame;
use ngatu_protocol::camera::{CameraConfig, Need, RuleConfig, profile};
use ngatu_protocol::{EndReason, EventKind, Phase, RoadUserClass, ZoneId};
use std::collections::BTreeSet;

const FPS: f64 = 5.0;
/// The usual picture before, seconds: only a camera that was seen to change for half a minute can freeze.
const BEFORE_S: f64 = 36.0;
/// The disturbance, seconds.
const DISTURBED_S: f64 = 20.0;

/// A number that looks random and is the same for the same place.
fn grain(x: usize, y: usize, seed: usize) -> u8 {
    let mut v =
        (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (y as u64).rotate_left(32) ^ (seed as u64) << 7;
    v = (v ^ (v >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (v >> 56) as u8
}

/// A picture of brightness; places are shares of its sides.
#[derive(Clone)]
struct Picture {
    width: usize,
    height: usize,
    luma: Vec<f32>,
}

impl Picture {
    /// A street with houses and kerbs.
    fn street(width: usize, height: usize) -> Picture {
        let tone = |u: f64, v: f64| {
            let block = grain((u * 21.0) as usize, (v * 12.0) as usize, 5);
            70.0 + f32::from(block) * 0.45
        };
        let at = |i: usize| ((i % width) as f64 / width as f64, (i / width) as f64 / height as f64);
        let luma = (0..width * height).map(at).map(|(u, v)| tone(u, v)).collect();
        Picture { width, height, luma }
    }

    /// Changes each pixel, given its place.
    fn each(&mut self, change: impl Fn(f64, f64, f32) -> f32) {
        for i in 0..self.luma.len() {
            let (u, v) =
                ((i % self.width) as f64 / self.width as f64, (i / self.width) as f64 / self.height as f64);
            self.luma[i] = change(u, v, self.luma[i]);
        }
    }

    fn fill(&mut self, (left, top, right, bottom): (f64, f64, f64, f64), tone: f32) {
        self.each(
            |u, v, was| {
                if (left..right).contains(&u) && (top..bottom).contains(&v) { tone } else { was }
            },
        );
    }

    fn shifted(&self, dx: i64, dy: i64) -> Picture {
        let mut moved = self.clone();
        for y in 0..self.height {
            for x in 0..self.width {
                let from =
                    |at: usize, by: i64, end: usize| (at as i64 - by).clamp(0, end as i64 - 1) as usize;
                moved.luma[y * self.width + x] =
                    self.luma[from(y, dy, self.height) * self.width + from(x, dx, self.width)];
            }
        }
        moved
    }

    /// The frame, with a sensor's noise of this number.
    fn frame(&self, noise: usize, at_s: f64) -> Frame {
        let noisy = |(i, tone): (usize, &f32)| {
            let noise = f32::from(grain(i, 0, noise) % 3) - 1.0;
            (tone + noise).clamp(0.0, 255.0) as u8
        };
        let mut planes: Vec<u8> = self.luma.iter().enumerate().map(noisy).collect();
        planes.resize(self.width * self.height / 2 * 3, 128);
        let at = DateTime::UNIX_EPOCH
            + TimeDelta::hours(1000)
            + TimeDelta::milliseconds((at_s * 1000.0).round() as i64);
        let size = (self.width as u32, self.height as u32);
        Frame::of_planes(size, planes, at, 0).unwrap()
    }
}

/// A camera with a rule of every kind over nearly the whole picture, but for those about people alone.
fn camera() -> CameraConfig {
    let text = r#"
        id = "north"
        name = "north"
        url = "file:///north"
        detector = "motion"
        analysis_fps = 5
        window_s = 5
        [calibration]
        picture = [[0.1, 0.9], [0.9, 0.9], [0.9, 0.3], [0.1, 0.3]]
        ground_m = [[0.0, 0.0], [16.0, 0.0], [16.0, 20.0], [0.0, 20.0]]
        [[zone]]
        id = "road"
        points = [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]
        direction = [1.0, 0.0]
    "#;
    let mut camera: CameraConfig = toml::from_str(text).unwrap();
    for kind in EventKind::BUILT_RULES.iter().copied() {
        let needs = profile(kind).unwrap();
        let zone = (needs.zone != Need::Never).then(|| ZoneId::new("road").unwrap());
        let mut rule = RuleConfig::new(kind, zone);
        rule.after_s = Some(needs.hold_s.min(5.0));
        rule.at_least = (needs.at_least == Need::Must).then_some(3);
        rule.above_kmh = (needs.above_kmh == Need::Must).then_some(90.0);
        // Whoever moves is meant, where a rule is about people when it says nothing.
        if matches!(kind, EventKind::Crowd | EventKind::ZoneLeft | EventKind::PedestrianOnRoad) {
            rule.classes = vec![RoadUserClass::Object];
        }
        camera.rules.push(rule);
        // Somebody who lies wants the network.
        if !camera.check().is_empty() {
            camera.rules.pop();
        }
    }
    assert!(camera.check().is_empty() && camera.rules.len() >= 16, "{:?}", camera.check());
    camera
}

/// What a camera stated: kind, phase, second, and why it ended.
type Stated = Vec<(EventKind, Phase, f64, Option<EndReason>)>;

/// Plays pictures by second and number of the frame.
fn play(length_s: f64, paint: &dyn Fn(f64, usize) -> (Picture, usize)) -> Stated {
    gstreamer::init().unwrap();
    let mut analysis = Analysis::new(&camera(), None).unwrap();
    let (mut stages, mut stated) = (Stages::default(), Vec::new());
    for number in 0..(length_s * FPS) as usize {
        let at_s = number as f64 / FPS;
        let (picture, noise) = paint(at_s, number);
        let output = analysis.look(&picture.frame(noise, at_s), &mut stages).unwrap().output;
        stated.extend(output.events.iter().map(|e| (e.kind, e.phase, at_s, e.why.ended)));
    }
    stated
}

type Disturb = fn(&mut Picture, f64, usize);

/// Headlights at night: two lamps and what they light, driving along the legal way every four seconds.
fn headlights(picture: &mut Picture, since_s: f64) {
    let x = (since_s % 4.0) * 0.4 - 0.2;
    picture.each(|u, v, was| {
        let lamp = |at: f64| ((u - x) * 16.0).hypot((v - at) * 9.0) < 0.35;
        // The light on the road lies before the car and fades.
        let ahead = (u - x - 0.02) / 0.16;
        let beam = (0.0..1.0).contains(&ahead) && (v - 0.6).abs() < 0.05 + 0.05 * ahead;
        if lamp(0.57) || lamp(0.63) {
            250.0
        } else if beam {
            was + (1.0 - ahead as f32) * 70.0
        } else {
            was
        }
    });
}

/// What disturbs, what the usual picture is like, and the kinds that are stated.
const TABLE: &[(&str, f32, &[EventKind], Disturb)] = &[
    ("nothing", 1.0, &[], |_, _, _| {}),
    ("the shadow of a thin cloud passes", 1.0, &[], |picture, since_s, _| {
        picture.each(|u, v, was| {
            let edge = (u + 0.3 * v + 0.4 - since_s / 12.0) * 3.0;
            was * (1.0 - 0.1 * (1.0 - edge.abs()).clamp(0.0, 1.0) as f32)
        });
    }),
    // Its front crosses the place within 10 s and its end follows.
    ("the hard edge of a cloud's shadow passes, 40 % darker", 1.0, &[], |picture, since_s, _| {
        picture.each(|u, v, was| {
            let depth = since_s / 10.0 - 0.7 * u - 0.3 * v;
            if (0.0..0.9).contains(&depth) { was * 0.6 } else { was }
        });
    }),
    ("a tree swings", 1.0, &[], |picture, _, number| {
        for branch in 0..5_usize {
            let sway = if (number + branch).is_multiple_of(2) {
                0.0
            } else {
                0.02 + f64::from(grain(number, branch, 1)) / 2e4
            };
            let left = 0.06 + 0.05 * branch as f64 + sway;
            picture.fill((left, 0.1, left + 0.025, 0.3), 40.0);
        }
    }),
    ("it rains", 1.0, &[], |picture, _, number| {
        let drops: Vec<(f64, f64)> = (0..60)
            .map(|drop| {
                (f64::from(grain(drop, number, 2)) / 255.0, f64::from(grain(drop, number, 3)) / 255.0)
            })
            .collect();
        for (u, v) in drops {
            let (x, y) = ((u * 639.0) as usize, (v * 340.0) as usize);
            for down in 0..14 {
                picture.luma[(y + down) * 640 + x] = 200.0;
            }
        }
    }),
    // The light of a car is a road user that comes by: it is in the zone, it goes its legal way, and no more is said.
    (
        "headlights at night, driving by",
        0.3,
        &[EventKind::Intrusion, EventKind::PedestrianOnRoad],
        |picture, since_s, _| headlights(picture, since_s),
    ),
    ("the camera shakes by 3 pixels", 1.0, &[], |picture, _, number| {
        let (dx, dy) = [(0, 0), (3, 0), (0, 2), (-3, 0), (2, -2), (0, -3)][number % 6];
        *picture = picture.shifted(dx, dy);
    }),
    ("one black frame", 1.0, &[], |picture, since_s, _| {
        if since_s < 0.1 {
            picture.each(|_, _, _| 16.0);
        }
    }),
    // A lorry before a near camera covers as much: what is seen of the rest goes on being watched.
    ("a cloth over half of the lens", 1.0, &[], |picture, _, _| picture.fill((0.0, 0.0, 0.5, 1.0), 30.0)),
    ("black for long", 1.0, &[EventKind::CameraTampered], |picture, _, _| picture.each(|_, _, _| 16.0)),
    ("turned away", 1.0, &[EventKind::CameraMoved], |picture, _, _| *picture = picture.shifted(90, 10)),
];

fn starts(stated: &Stated) -> BTreeSet<EventKind> {
    stated.iter().filter(|(_, phase, ..)| *phase == Phase::Start).map(|(kind, ..)| *kind).collect()
}

#[test]
fn each_rule_states_what_a_disturbance_is_and_nothing_else() {
    let mut wrong = Vec::new();
    for (name, light, wanted, disturb) in TABLE {
        let stated = play(BEFORE_S + DISTURBED_S + 6.0, &|at_s, number| {
            let mut picture = Picture::street(640, 360);
            picture.each(|_, _, was| was * light);
            if (BEFORE_S..BEFORE_S + DISTURBED_S).contains(&at_s) {
                disturb(&mut picture, at_s - BEFORE_S, number);
            }
            (picture, number)
        });
        eprintln!("{name}: {stated:?}");
        let wanted: BTreeSet<EventKind> = wanted.iter().copied().collect();
        // Whatever began while it was disturbed is over soon after.
        let count = |wanted| stated.iter().filter(|(_, phase, ..)| *phase == wanted).count();
        if starts(&stated) != wanted || count(Phase::Start) != count(Phase::End) {
            wrong.push(format!("{name}: {stated:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Somebody who walks to and fro in the zone.
fn walker(picture: &mut Picture, at_s: f64) {
    let phase = (at_s / 8.0).fract();
    let x = 0.3 + 0.4 * (1.0 - (2.0 * phase - 1.0).abs());
    picture.fill((x, 0.5, x + 0.06, 0.75), 235.0);
}

#[test]
fn an_intrusion_that_lasts_goes_on_through_what_is_only_light_or_weather_and_is_suspended_by_what_blinds() {
    let table = [
        ("the shadow of a thin cloud passes", None),
        ("it rains", None),
        ("the camera shakes by 3 pixels", None),
        ("one black frame", None),
        ("black for long", Some(EndReason::Suspended)),
        ("turned away", Some(EndReason::Suspended)),
    ];
    let mut wrong = Vec::new();
    for (name, wanted) in table {
        let (.., disturb) = TABLE.iter().find(|(row, ..)| *row == name).unwrap();
        let stated = play(BEFORE_S + DISTURBED_S + 10.0, &|at_s, number| {
            let mut picture = Picture::street(640, 360);
            if at_s > 10.0 {
                walker(&mut picture, at_s);
            }
            if (BEFORE_S..BEFORE_S + DISTURBED_S).contains(&at_s) {
                disturb(&mut picture, at_s - BEFORE_S, number);
            }
            (picture, number)
        });
        let intrusion: Vec<_> = stated.iter().filter(|(kind, ..)| *kind == EventKind::Intrusion).collect();
        let first_end = intrusion.iter().find(|(_, phase, ..)| *phase == Phase::End);
        let starts = intrusion.iter().filter(|(_, phase, ..)| *phase == Phase::Start).count();
        let right = match (wanted, first_end) {
            (None, None) => starts == 1,
            // Suspended after 2 s of a picture that says nothing, and stated again when it does.
            (Some(reason), Some((_, _, at_s, why))) => {
                *why == Some(reason) && *at_s < BEFORE_S + 4.0 && starts == 2
            }
            _ => false,
        };
        eprintln!("{name}: {intrusion:?}");
        if !right {
            wrong.push(format!("{name}: {intrusion:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a walker to and fro makes a camera with all rules state.
const OF_A_WALKER: [EventKind; 4] =
    [EventKind::Intrusion, EventKind::Loitering, EventKind::PedestrianOnRoad, EventKind::WrongWay];

#[test]
fn a_frozen_picture_ends_all_and_is_stated() {
    let stated = play(BEFORE_S + DISTURBED_S, &|at_s, number| {
        let (at_s, number) =
            if at_s < BEFORE_S { (at_s, number) } else { (BEFORE_S, (BEFORE_S * FPS) as usize) };
        let mut picture = Picture::street(640, 360);
        if at_s > 10.0 {
            walker(&mut picture, at_s);
        }
        (picture, number)
    });
    let intrusion: Vec<_> = stated.iter().filter(|(kind, ..)| *kind == EventKind::Intrusion).collect();
    assert_eq!(intrusion.last().map(|(.., why)| *why), Some(Some(EndReason::Suspended)), "{stated:?}");
    let tampered: Vec<_> = stated.iter().filter(|(kind, ..)| *kind == EventKind::CameraTampered).collect();
    assert_eq!(tampered.len(), 1, "{stated:?}");
    let wanted: BTreeSet<_> = OF_A_WALKER.into_iter().chain([EventKind::CameraTampered]).collect();
    assert_eq!(starts(&stated), wanted, "{stated:?}");
    // It counts as frozen after 10 s, and the rule waits for 5.
    let frozen_s = tampered[0].2 - BEFORE_S;
    assert!((14.5..16.5).contains(&frozen_s), "{frozen_s} s");
}

#[test]
fn a_resolution_that_changes_interrupts_nothing_and_a_shape_that_changes_ends_all() {
    for (size, goes_on) in [((1280, 720), true), ((320, 180), true), ((640, 480), false)] {
        let stated = play(40.0, &|at_s, number| {
            let (width, height) = if at_s < 25.0 { (640, 360) } else { size };
            let mut picture = Picture::street(width, height);
            if (12.0..37.0).contains(&at_s) {
                walker(&mut picture, at_s);
            }
            (picture, number)
        });
        eprintln!("{size:?}: {stated:?}");
        let of = |wanted: Phase| {
            stated.iter().filter(move |(kind, phase, ..)| (*kind, *phase) == (EventKind::Intrusion, wanted))
        };
        let reasons: Vec<_> = of(Phase::End).map(|(.., why)| *why).collect();
        assert_eq!(reasons.contains(&Some(EndReason::ViewChanged)), !goes_on, "{size:?}: {stated:?}");
        assert_eq!(of(Phase::Start).count(), if goes_on { 1 } else { 2 }, "{size:?}: {stated:?}");
        assert_eq!(starts(&stated), BTreeSet::from(OF_A_WALKER), "{size:?}: {stated:?}");
    }
}
