//! Scenes with people, before the real camera: who enters, stays, leaves, gathers, falls, and leaves a bag.

use crate::truth::campus::{Campus, HEIGHT, WIDTH, height_at};
use crate::truth::canvas::PointPx;
use crate::truth::dice::Dice;
use crate::truth::play::{Scene, camera, rule, zone};
use crate::truth::stage::{Actor, Low, Manner, Stage, Thing, Way, spans};
use ngatu_protocol::EventKind;
use ngatu_protocol::camera::{Detector, RuleConfig};

#[allow(clippy::cast_precision_loss, reason = "sides of a picture")]
const SIZE: (f64, f64) = (WIDTH as f64, HEIGHT as f64);

/// Analysed frames per second.
const FPS: f64 = 5.0;
/// Where nobody can be seen any more or begins to be, pixels from the picture's side.
const EDGE_PX: f64 = 25.0;

/// An upright rectangle on the ground, pixels.
#[derive(Debug, Clone, Copy)]
struct Area {
    middle: PointPx,
    half: (f64, f64),
}

impl Area {
    fn holds(&self, (x, y): PointPx) -> bool {
        (x - self.middle.0).abs() < self.half.0 && (y - self.middle.1).abs() < self.half.1
    }

    fn corners(&self) -> [PointPx; 4] {
        let ((x, y), (w, h)) = (self.middle, self.half);
        [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)]
    }
}

fn empty(name: &str, campus: &'static Campus) -> (Scene, Stage) {
    let stage = Stage { campus, actors: Vec::new(), things: Vec::new() };
    let nothing = Stage { campus, actors: Vec::new(), things: Vec::new() };
    let scene = Scene {
        name: name.into(),
        camera: camera("campus", Detector::Onnx, FPS),
        picture: Box::new(nothing),
        length_s: 0.0,
        truths: Vec::new(),
    };
    (scene, stage)
}

fn finished(mut scene: Scene, stage: Stage) -> Scene {
    scene.picture = Box::new(stage);
    scene
}

/// In each half of the picture somebody walks into a zone, moves about in it, and leaves it: an intrusion, a pedestrian
/// on the road, loitering and a left zone each. Every third one only passes through, which is no loitering; somebody
/// walks by outside.
#[must_use]
pub fn visitors(campus: &'static Campus, seed: u64) -> Scene {
    let mut dice = Dice::new(seed);
    let (mut scene, mut stage) = empty(&format!("visitors-{seed}"), campus);
    for half in 0..2_u32 {
        let middle =
            (f64::from(half).mul_add(385.0, 190.0) + dice.between(-20.0, 20.0), dice.between(225.0, 450.0));
        let area = Area { middle, half: (dice.between(60.0, 75.0), dice.between(36.0, 48.0)) };
        let passes = (seed + u64::from(half)) % 3 == 2;
        let way = visit(&mut dice, area, passes);
        let name = format!("zone-{half}");
        scene.camera.zones.push(zone(&name, &area.corners(), SIZE));
        let inside = way.spans(|foot| area.holds(foot));
        for (kind, after_s) in [
            (EventKind::Intrusion, 0.5),
            (EventKind::PedestrianOnRoad, 1.0),
            (EventKind::Loitering, 4.0),
            (EventKind::ZoneLeft, 1.0),
        ] {
            let rule = rule(kind, &name, after_s);
            for (from_s, to_s) in &inside {
                if kind == EventKind::ZoneLeft {
                    scene.expect(&rule, (*to_s, way.end_s()));
                } else if to_s - from_s >= after_s + 0.5 {
                    scene.expect(&rule, (*from_s, *to_s));
                }
            }
            scene.camera.rules.push(rule);
        }
        scene.length_s = scene.length_s.max(way.end_s() + 0.4);
        stage.actors.push(Actor { person: dice.below(6), way, low: None, reversed: dice.below(4) == 0 });
        if dice.below(2) == 0 && middle.1 > 270.0 {
            let (from_x, to_x) = if half == 0 { (EDGE_PX, 360.0) } else { (400.0, SIZE.0 - EDGE_PX) };
            let by =
                Way(vec![(dice.between(0.5, 3.0), from_x, 160.0)]).walk(to_x, 175.0, dice.between(0.6, 1.0));
            stage.actors.push(Actor { person: dice.below(6), way: by, ..Actor::default() });
        }
    }
    finished(scene, stage)
}

/// Somebody's way into an area and out of it again, seen for 2.5 s before and after. Who only passes is inside for 2.5 s
/// to 3.5 s, others for at least 6 s.
fn visit(dice: &mut Dice, area: Area, passes: bool) -> Way {
    let side = if dice.below(2) == 0 { 1.0 } else { -1.0 };
    let pace = dice.between(0.5, 0.95);
    let ((x, y), (w, h)) = (area.middle, area.half);
    let at = |dx: f64, dy: f64| ((x + dx).clamp(EDGE_PX, SIZE.0 - EDGE_PX), y + dy);
    let far =
        |dice: &mut Dice, side: f64| at(side * (w + dice.between(70.0, 95.0)), dice.between(-0.5, 0.5) * h);
    let begin = far(dice, side);
    let mut way = Way(vec![(dice.between(0.4, 1.6), begin.0, begin.1)]).stay(0.4);
    if passes {
        // The zone is crossed at a constant pace; its breadth and the pace give the seconds.
        let seconds = dice.between(2.5, 3.2);
        let pace = 2.0 * w / seconds / height_at(y);
        let end = far(dice, -side);
        return way.walk(end.0, y, pace).stay(1.5);
    }
    let (inner, other) = (dice.between(-0.4, 0.4), dice.between(-0.5, 0.5));
    let point = at(inner * w, other * h);
    way = way.walk(point.0, point.1, pace);
    let until_s = way.end_s() + dice.between(5.6, 7.0);
    way = way.stay(dice.between(0.8, 2.5));
    while way.end_s() < until_s {
        let point = at(dice.between(-0.5, 0.5) * w, dice.between(-0.5, 0.5) * h);
        way = way.walk(point.0, point.1, 0.5).stay(dice.between(0.3, 1.0));
    }
    let side = if dice.below(2) == 0 { side } else { -side };
    let end = far(dice, side);
    way.walk(end.0, end.1, pace).stay(1.5)
}

/// Three to five people gather one after another, stand together, and go. One rule is met when the last has come, another
/// would need one more.
#[must_use]
pub fn gathering(campus: &'static Campus, seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0xC0DE);
    let (mut scene, mut stage) = empty(&format!("gathering-{seed}"), campus);
    let count = 3 + dice.below(3);
    let breadth = 58.0 * f64::from(u32::try_from(count).expect("few")) / 2.0 + 30.0;
    let middle = (dice.between(130.0 + breadth, SIZE.0 - 130.0 - breadth), dice.between(270.0, 420.0));
    let area = Area { middle, half: (breadth, 60.0) };
    let side = if dice.below(2) == 0 { 1.0 } else { -1.0 };
    let mut last_s: f64 = 0.0;
    let mut ways = Vec::new();
    for k in 0..count {
        let k = f64::from(u32::try_from(k).expect("few"));
        // Whoever comes first goes farthest, so that nobody walks through the others.
        let x = middle.0 - side * (breadth - 32.0 - 58.0 * k);
        let y = middle.1 + if k % 2.0 < 0.5 { -20.0 } else { 18.0 } + dice.between(-6.0, 6.0);
        let from_x = middle.0 + side * (breadth + 90.0);
        let way = Way(vec![(0.4 + 0.8 * k, from_x, y)]).walk(x, y, dice.between(0.9, 1.2));
        last_s = last_s.max(way.end_s());
        ways.push(way);
    }
    let go_s = last_s + dice.between(4.0, 5.5);
    for (k, way) in ways.into_iter().rev().enumerate() {
        let wait_s = go_s + 0.5 * f64::from(u32::try_from(k).expect("few")) - way.end_s();
        let y = way.0.last().map_or(0.0, |knot| knot.2);
        let way = way.stay(wait_s).walk(middle.0 + side * (breadth + 90.0), y, 1.0);
        stage.actors.push(Actor { person: dice.below(6), way, ..Actor::default() });
    }
    scene.camera.zones.push(zone("square", &area.corners(), SIZE));
    let end_s = stage.actors.iter().map(|actor| actor.way.end_s()).fold(0.0, f64::max);
    let inside = |at_s: f64| {
        stage.actors.iter().filter(|actor| actor.way.at(at_s).is_some_and(|foot| area.holds(foot))).count()
    };
    let met = spans(end_s, |at_s| inside(at_s) >= count);
    for (name, at_least) in [("crowd", count), ("larger-crowd", count + 1)] {
        let rule = RuleConfig {
            id: ngatu_protocol::RuleId::new(name).ok(),
            at_least: u32::try_from(at_least).ok(),
            clear_s: Some(1.0),
            ..rule(EventKind::Crowd, "square", 2.0)
        };
        if at_least == count {
            met.iter().for_each(|span| scene.expect(&rule, *span));
        }
        scene.camera.rules.push(rule);
    }
    scene.length_s = go_s + 2.5;
    finished(scene, stage)
}

/// In each half somebody walks, falls to one side, lies for some seconds and gets up; somebody else stands upright all the time.
#[must_use]
pub fn falls(campus: &'static Campus, seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0xFA11);
    let (mut scene, mut stage) = empty(&format!("falls-{seed}"), campus);
    let whole = Area { middle: (SIZE.0 / 2.0, 370.0), half: (SIZE.0 / 2.0 - 2.0, 195.0) };
    scene.camera.zones.push(zone("ground", &whole.corners(), SIZE));
    let rule = rule(EventKind::PersonDown, "ground", 3.0);
    for half in 0..2_u32 {
        let x = f64::from(half).mul_add(370.0, 60.0) + dice.between(0.0, 30.0);
        let y = dice.between(240.0, 500.0);
        let way = Way(vec![(dice.between(0.4, 1.0), x, y)]).walk(x + dice.between(70.0, 110.0), y, 0.7);
        let down_s = way.end_s();
        let up_s = down_s + dice.between(6.5, 8.0);
        let place = way.0.last().map_or((x, y), |knot| (knot.1, knot.2));
        let way = way.stay(up_s - down_s + 0.5).walk(place.0 + 60.0, place.1, 0.7);
        let within_s = dice.between(0.5, 1.0);
        let turn = dice.between(0.85, 1.1) * if dice.below(2) == 0 { 1.0 } else { -1.0 };
        // Down from the moment in which the body is nearer to the ground than to upright.
        scene.expect(&rule, (down_s + 0.65 * within_s, up_s - 0.65 * within_s));
        scene.length_s = scene.length_s.max(way.end_s());
        let low = Some(Low { manner: Manner::Lies(turn), span_s: (down_s, up_s), within_s });
        stage.actors.push(Actor { person: dice.below(6), way, low, reversed: false });
    }
    let upright = Way(vec![(0.4, 384.0, 215.0)]).stay(scene.length_s - 0.4);
    stage.actors.push(Actor { person: dice.below(6), way: upright, ..Actor::default() });
    scene.camera.rules.push(rule);
    finished(scene, stage)
}

/// Nobody lies: somebody bends down for some seconds, somebody sits down on the ground for a while, one walks out of the
/// picture, and one goes behind a corner in the middle of it.
#[must_use]
pub fn stoops(campus: &'static Campus, seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0x5700);
    let (mut scene, mut stage) = empty(&format!("stoops-{seed}"), campus);
    let whole = Area { middle: (SIZE.0 / 2.0, 370.0), half: (SIZE.0 / 2.0 - 2.0, 195.0) };
    scene.camera.zones.push(zone("ground", &whole.corners(), SIZE));
    for (half, manner) in [(0.0, Manner::Bends), (1.0, Manner::Sits)] {
        let (x, y) = (370.0 * half + 60.0 + dice.between(0.0, 30.0), dice.between(300.0, 500.0));
        let to_x = x + dice.between(70.0, 110.0);
        let way = Way(vec![(dice.between(0.4, 1.0), x, y)]).walk(to_x, y, 0.7);
        let low_s = way.end_s();
        let up_s = low_s + dice.between(5.5, 7.5);
        let way = way.stay(up_s - low_s + 0.5).walk(to_x + 60.0, y, 0.7);
        let low = Some(Low { manner, span_s: (low_s, up_s), within_s: dice.between(0.6, 1.2) });
        scene.length_s = scene.length_s.max(way.end_s());
        stage.actors.push(Actor { person: dice.below(6), way, low, reversed: false });
    }
    let side = if dice.below(2) == 0 { 1.0 } else { -1.0 };
    for (to_x, y) in [(385.0 + side * 430.0, 235.0), (385.0 - side * 150.0, 250.0)] {
        let way = Way(vec![(dice.between(0.4, 1.5), 385.0, y)]).walk(to_x, y, dice.between(0.7, 1.0));
        stage.actors.push(Actor { person: dice.below(6), way, ..Actor::default() });
    }
    scene.camera.rules.push(rule(EventKind::PersonDown, "ground", 3.0));
    finished(scene, stage)
}

/// What becomes of a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// Its owner goes away without it.
    Left,
    /// Its owner stands beside it for long, and goes away without it.
    LeftLate,
    /// Its owner stands beside it and takes it away again.
    Taken,
    /// Its owner goes away, comes back before the rule's time is over, and takes it.
    Fetched,
}

/// In each half somebody comes with a bag, puts it down, and mostly goes away without it. For the motion detector or the
/// network.
#[must_use]
pub fn bags(campus: &'static Campus, detector: Detector, seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0xBA65);
    let (mut scene, mut stage) = empty(&format!("bags-{seed}"), campus);
    scene.camera.detector = detector;
    let whole = Area { middle: (SIZE.0 / 2.0, 370.0), half: (SIZE.0 / 2.0 - 2.0, 195.0) };
    scene.camera.zones.push(zone("ground", &whole.corners(), SIZE));
    let rule = rule(EventKind::AbandonedObject, "ground", 5.0);
    for half in 0..2_u32 {
        let x = f64::from(half).mul_add(360.0, 215.0) + dice.between(0.0, 30.0);
        let y = dice.between(230.0, 380.0);
        let tall = height_at(y);
        let way = Way(vec![(dice.between(2.6, 3.2), (x - 2.2 * tall).max(EDGE_PX), y)]).walk(x, y, 0.8);
        let put_s = way.end_s() + 0.4;
        let story = match (seed % 6, half) {
            (2, 0) => Story::Taken,
            (5, 0) => Story::Fetched,
            (1 | 4, 1) => Story::LeftLate,
            _ => Story::Left,
        };
        let takes = matches!(story, Story::Taken | Story::Fetched);
        let away_x = (x - 2.6 * tall).max(EDGE_PX);
        let (way, gone_s) = match story {
            Story::Left => (way.stay(0.8).walk(away_x, y, 0.9), f64::INFINITY),
            Story::LeftLate => (way.stay(8.0).walk(away_x, y, 0.9), f64::INFINITY),
            Story::Taken => {
                let way = way.stay(7.0);
                let gone_s = way.end_s();
                (way.walk(away_x, y, 0.9), gone_s)
            }
            Story::Fetched => {
                let way = way.stay(0.8).walk(away_x, y, 0.9).stay(0.6).walk(x, y, 0.9).stay(0.6);
                let gone_s = way.end_s();
                (way.walk(away_x, y, 0.9), gone_s)
            }
        };
        let foot = (x + tall * 0.22, y);
        // Left from the moment in which its owner is two of their heights away, or out of sight.
        let is_left = |at_s: f64| {
            let owner = way.at(at_s);
            at_s >= put_s && owner.is_none_or(|(x, y)| (x - foot.0).hypot(y - foot.1) > 2.0 * height_at(y))
        };
        let left_s = spans(way.end_s() + 0.1, is_left).first().map_or(way.end_s(), |span| span.0);
        let colour = [[40, 128, 128], [45, 150, 110], [215, 120, 130], [50, 115, 170]][dice.below(4)];
        let size = (tall * dice.between(0.34, 0.44), tall * dice.between(0.3, 0.36));
        stage.things.push(Thing { foot, size, colour, there_s: (put_s, gone_s) });
        scene.length_s = scene.length_s.max(if takes { way.end_s() } else { left_s + 7.5 });
        if !takes {
            scene.expect(&rule, (left_s, left_s + 7.5));
        }
        stage.actors.push(Actor { person: dice.below(6), way, ..Actor::default() });
    }
    scene.camera.rules.push(rule);
    finished(scene, stage)
}

/// Two people come, stand for long where no vehicle may stop, and go. For the motion detector, which gives no classes.
#[must_use]
pub fn bystanders(campus: &'static Campus, seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0x57A2);
    let (mut scene, mut stage) = empty(&format!("bystanders-{seed}"), campus);
    scene.camera.detector = Detector::Motion;
    let whole = Area { middle: (SIZE.0 / 2.0, 370.0), half: (SIZE.0 / 2.0 - 2.0, 195.0) };
    scene.camera.zones.push(zone("ground", &whole.corners(), SIZE));
    for half in 0..2_u32 {
        let x = f64::from(half).mul_add(360.0, 190.0) + dice.between(0.0, 60.0);
        let y = dice.between(230.0, 480.0);
        let from_x = (x - 1.8 * height_at(y)).max(EDGE_PX);
        let way =
            Way(vec![(dice.between(2.6, 3.2), from_x, y)]).walk(x, y, 0.8).stay(dice.between(12.0, 16.0));
        let way = way.walk(from_x, y, 0.9);
        scene.length_s = scene.length_s.max(way.end_s() + 2.0);
        stage.actors.push(Actor { person: dice.below(6), way, ..Actor::default() });
    }
    for kind in [EventKind::StoppedVehicle, EventKind::IllegalParking] {
        scene.camera.rules.push(rule(kind, "ground", 5.0));
    }
    finished(scene, stage)
}
