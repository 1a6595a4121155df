//! Scenes with vehicles, drawn, for the motion detector: wrong ways, stops, parking, queues, congestion, collisions, speeds.

use crate::truth::canvas::Colour;
use crate::truth::dice::Dice;
use crate::truth::play::{Scene, camera, rule, zone};
use crate::truth::road::{HEIGHT, Lens, PointM, Road, Vehicle, WIDTH, middle_m};
use crate::truth::stage::spans;
use ngatu_protocol::EventKind;
use ngatu_protocol::camera::{Detector, RuleConfig, ZoneConfig};
use ngatu_scene::geometry::Polygon;

#[allow(clippy::cast_precision_loss, reason = "sides of a picture")]
const SIZE: (f64, f64) = (WIDTH as f64, HEIGHT as f64);

/// Analysed frames per second.
const FPS: f64 = 5.0;
/// Nothing moves before: the detector learns what the empty road looks like, seconds.
const LEAD_IN_S: f64 = 2.4;
/// A way begins and ends so far from the middle of the picture seen from above, metres.
const FAR_M: f64 = 27.0;
/// Breadth of a lane, metres.
const LANE_M: f64 = 3.5;

/// Colours that stand out from the road, bright and dark.
const COLOURS: [Colour; 6] =
    [[220, 128, 128], [40, 128, 128], [195, 108, 150], [55, 170, 110], [185, 100, 170], [205, 140, 115]];

fn road(name: &str, lens: Lens, vehicles: Vec<Vehicle>) -> Scene {
    let length_s = vehicles.iter().map(Vehicle::end_s).fold(0.0, f64::max);
    Scene {
        name: name.into(),
        camera: camera("road", Detector::Motion, FPS),
        picture: Box::new(Road::new(lens, vehicles)),
        length_s,
        truths: Vec::new(),
    }
}

/// The middle of lane 0..4 seen from above, metres ahead.
fn lane_y(lane: usize) -> f64 {
    let lane = f64::from(u32::try_from(lane).unwrap_or(0));
    middle_m(Lens::ABOVE) + LANE_M * (lane - 1.5)
}

/// A piece of a lane seen from above, between two places along the road.
fn lane_zone(id: &str, lanes: std::ops::RangeInclusive<usize>, (from_m, to_m): (f64, f64)) -> ZoneConfig {
    let (near, far) = (lane_y(*lanes.start()) - LANE_M / 2.0, lane_y(*lanes.end()) + LANE_M / 2.0);
    let corners = [(from_m, far), (to_m, far), (to_m, near), (from_m, near)];
    zone(id, &corners.map(|corner| Lens::ABOVE.project(corner, 0.0)), SIZE)
}

/// When a vehicle's foot point is inside a zone.
fn inside(vehicle: &Vehicle, lens: Lens, zone: &ZoneConfig) -> Vec<(f64, f64)> {
    let outline = Polygon::new(zone.points.clone());
    spans(vehicle.end_s(), |at_s| {
        let foot = vehicle.foot(lens, at_s);
        foot.is_some_and(|(x, y)| outline.contains(ngatu_protocol::geometry::Point { x, y }))
    })
}

fn looks(dice: &mut Dice) -> ((f64, f64, f64), Colour) {
    let size = [Vehicle::CAR, Vehicle::CAR, Vehicle::LORRY, Vehicle::MOTORBIKE][dice.below(4)];
    (size, COLOURS[dice.below(COLOURS.len())])
}

/// A vehicle that crosses the picture on a lane, and may stop on its way.
struct Drive {
    lane: usize,
    begin_s: f64,
    speed: f64,
    /// To the right when positive, else -1.
    towards: f64,
    /// Where it stops and for how long.
    stop: Option<(f64, f64)>,
}

impl Drive {
    fn vehicle(&self, ((length, breadth, height), colour): ((f64, f64, f64), Colour)) -> Vehicle {
        let y = lane_y(self.lane);
        let (begin, end) = (-self.towards * FAR_M, self.towards * FAR_M);
        let mut way = vec![(self.begin_s, begin, y)];
        if let Some((place, seconds)) = self.stop {
            // It brakes over the last metres at half its speed.
            let brake = place - self.towards * 4.0;
            let at_s = self.begin_s + (brake - begin).abs() / self.speed;
            let stands_s = at_s + 8.0 / self.speed;
            way.extend([(at_s, brake, y), (stands_s, place, y), (stands_s + seconds, place, y)]);
        }
        let (at_s, x, _) = way[way.len() - 1];
        way.push((at_s + (end - x).abs() / self.speed, end, y));
        Vehicle { way, size_m: (length, breadth, height), colour, heading: (self.towards, 0.0) }
    }

    /// When it stands.
    fn stands(&self) -> Option<(f64, f64)> {
        let vehicle = self.vehicle((Vehicle::CAR, COLOURS[0]));
        self.stop.map(|_| (vehicle.way[2].0, vehicle.way[3].0))
    }
}

/// On two lanes vehicles drive the legal way, and one on each against it.
#[must_use]
pub fn wrong_ways(seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0x3357);
    let (mut vehicles, mut wrong) = (Vec::new(), Vec::new());
    let mut zones = Vec::new();
    for (lane, legal) in [(0_usize, 1.0), (3, -1.0)] {
        let mut zone = lane_zone(&format!("lane-{lane}"), lane..=lane, (-15.0, 15.0));
        zone.direction = Some([legal, 0.0]);
        let mut begin_s = LEAD_IN_S + dice.between(0.0, 1.5);
        let odd = dice.below(3);
        for k in 0..3 {
            let towards = if k == odd { -legal } else { legal };
            let drive = Drive { lane, begin_s, speed: dice.between(7.0, 13.0), towards, stop: None };
            let vehicle = drive.vehicle(looks(&mut dice));
            begin_s = vehicle.end_s() + 0.6;
            if k == odd {
                wrong.push((zones.len(), inside(&vehicle, Lens::ABOVE, &zone)));
            }
            vehicles.push(vehicle);
        }
        zones.push(zone);
    }
    let mut scene = road(&format!("wrong-ways-{seed}"), Lens::ABOVE, vehicles);
    for zone in &zones {
        scene.camera.rules.push(rule(EventKind::WrongWay, zone.id.as_str(), 0.8));
    }
    for (zone, spans) in wrong {
        let rule = scene.camera.rules[zone].clone();
        spans.into_iter().for_each(|span| scene.expect(&rule, span));
    }
    scene.camera.zones = zones;
    scene
}

/// On one lane a vehicle stops for long, on another one for a moment only, others drive through.
#[must_use]
pub fn stops(seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0x5709);
    let long = Drive {
        lane: 0,
        begin_s: LEAD_IN_S + dice.between(0.0, 1.0),
        speed: dice.between(8.0, 13.0),
        towards: 1.0,
        stop: Some((dice.between(-9.0, 9.0), dice.between(8.0, 11.0))),
    };
    let short = Drive {
        lane: 3,
        begin_s: LEAD_IN_S + dice.between(0.0, 1.0),
        speed: dice.between(8.0, 13.0),
        towards: -1.0,
        stop: Some((dice.between(-9.0, 9.0), dice.between(1.5, 2.5))),
    };
    let through = |dice: &mut Dice, begin_s: f64| {
        let drive = Drive { lane: 2, begin_s, speed: dice.between(9.0, 14.0), towards: -1.0, stop: None };
        drive.vehicle(looks(dice))
    };
    let mut vehicles = vec![long.vehicle(looks(&mut dice)), short.vehicle(looks(&mut dice))];
    let begin_s = vehicles[1].end_s() + 1.0;
    vehicles.push(through(&mut dice, begin_s));
    let mut scene = road(&format!("stops-{seed}"), Lens::ABOVE, vehicles);
    let zone = lane_zone("carriageway", 0..=3, (-16.0, 16.0));
    scene.camera.zones.push(zone);
    for (kind, after_s) in [(EventKind::StoppedVehicle, 4.0), (EventKind::IllegalParking, 6.0)] {
        let rule = rule(kind, "carriageway", after_s);
        if let Some(span) = long.stands() {
            scene.expect(&rule, span);
        }
        scene.camera.rules.push(rule);
    }
    scene
}

/// A car parks for longer than five minutes and leaves. Another one stood there from the first picture on and drives
/// away; a third passes. None of them leaves a thing behind.
#[must_use]
pub fn parking(seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0x9A21);
    let parks = Drive {
        lane: 0,
        begin_s: 8.0 + dice.between(0.0, 4.0),
        speed: dice.between(8.0, 13.0),
        towards: 1.0,
        stop: Some((dice.between(-9.0, 9.0), dice.between(318.0, 330.0))),
    };
    let place = dice.between(-6.0, 6.0);
    let leaves_s = 40.0 + dice.between(0.0, 20.0);
    let stood = Vehicle {
        way: vec![
            (0.0, place, lane_y(3)),
            (leaves_s, place, lane_y(3)),
            (leaves_s + 4.0, place - 12.0, lane_y(3)),
            (leaves_s + 6.0, -FAR_M, lane_y(3)),
        ],
        size_m: Vehicle::CAR,
        colour: COLOURS[dice.below(6)],
        heading: (-1.0, 0.0),
    };
    let mut vehicles = vec![parks.vehicle(looks(&mut dice)), stood];
    for begin_s in [120.0, 240.0] {
        let passes = Drive { lane: 1, begin_s, speed: 9.0, towards: 1.0, stop: None };
        vehicles.push(passes.vehicle(looks(&mut dice)));
    }
    let mut scene = road(&format!("parking-{seed}"), Lens::ABOVE, vehicles);
    scene.length_s += 30.0;
    scene.camera.zones.push(lane_zone("carriageway", 0..=3, (-16.0, 16.0)));
    for (kind, after_s) in [
        (EventKind::StoppedVehicle, 10.0),
        (EventKind::IllegalParking, 300.0),
        (EventKind::AbandonedObject, 10.0),
    ] {
        let rule = rule(kind, "carriageway", after_s);
        if let Some(span) = parks.stands().filter(|_| kind != EventKind::AbandonedObject) {
            scene.expect(&rule, span);
        }
        scene.camera.rules.push(rule);
    }
    scene
}

/// Vehicles drive up to a red light one after another and stand in a queue; then all go on. One rule is met when the last
/// of them stands, another would need one more.
#[must_use]
pub fn queues(seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0x0EE0);
    let count = 3 + dice.below(2);
    let lane = dice.below(4);
    let towards = if dice.below(2) == 0 { 1.0 } else { -1.0 };
    let spacing = 8.5;
    let speed = dice.between(7.0, 10.0);
    let (mut drives, mut begin_s) = (Vec::new(), LEAD_IN_S + dice.between(0.0, 1.0));
    let green_s = LEAD_IN_S + 17.0;
    for k in 0..count {
        let k = f64::from(u32::try_from(k).expect("few"));
        let place = towards * (12.0 - spacing * k);
        let mut drive = Drive { lane, begin_s, speed, towards, stop: Some((place, 1.0)) };
        let stands_s = drive.stands().map_or(0.0, |span| span.0);
        drive.stop = Some((place, (green_s + 0.9 * k - stands_s).max(1.0)));
        begin_s += dice.between(1.7, 2.3);
        drives.push(drive);
    }
    let stands: Vec<_> = drives.iter().filter_map(Drive::stands).collect();
    let from_s = stands.iter().map(|span| span.0).fold(0.0, f64::max);
    let to_s = stands.iter().map(|span| span.1).fold(f64::INFINITY, f64::min);
    let vehicles = drives.iter().map(|drive| drive.vehicle((Vehicle::CAR, COLOURS[dice.below(6)]))).collect();
    let mut scene = road(&format!("queues-{seed}"), Lens::ABOVE, vehicles);
    scene.camera.zones.push(lane_zone("approach", lane..=lane, (-19.0, 19.0)));
    for (name, at_least) in [("queue", count), ("longer-queue", count + 1)] {
        let rule = RuleConfig {
            id: ngatu_protocol::RuleId::new(name).ok(),
            at_least: u32::try_from(at_least).ok(),
            ..rule(EventKind::QueueTooLong, "approach", 3.0)
        };
        if at_least == count {
            scene.expect(&rule, (from_s, to_s));
        }
        scene.camera.rules.push(rule);
    }
    scene
}

/// Vehicles crawl over two lanes, dense and slow, after others went through freely.
#[must_use]
pub fn jams(seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0x1A77);
    let crawl = dice.between(0.7, 1.1);
    let mut vehicles = Vec::new();
    let free = Drive { lane: 1, begin_s: LEAD_IN_S, speed: 13.0, towards: 1.0, stop: None };
    vehicles.push(free.vehicle(looks(&mut dice)));
    let count = 4 + dice.below(2);
    for k in 0..count {
        let number = f64::from(u32::try_from(k / 2).expect("few"));
        let (lane, shift) = if k % 2 == 0 { (0, 0.0) } else { (2, 3.0) };
        let y = lane_y(lane);
        // They roll in, slow down, crawl for a while, and roll on.
        let slow_x = 9.0 - 9.5 * number - shift;
        let begin_s = LEAD_IN_S + 2.5 + 1.3 * number + dice.between(0.0, 0.3);
        let slow_s = begin_s + (slow_x + FAR_M) / 9.0;
        let go_s = LEAD_IN_S + 18.5 + 0.6 * number;
        let go_x = slow_x + crawl * (go_s - slow_s);
        let end_s = go_s + (FAR_M - go_x) / 9.0;
        vehicles.push(Vehicle {
            way: vec![(begin_s, -FAR_M, y), (slow_s, slow_x, y), (go_s, go_x, y), (end_s, FAR_M, y)],
            size_m: Vehicle::CAR,
            colour: COLOURS[dice.below(COLOURS.len())],
            heading: (1.0, 0.0),
        });
    }
    let from_s = vehicles[1..].iter().map(|vehicle| vehicle.way[1].0).fold(0.0, f64::max);
    let to_s = vehicles[1..].iter().map(|vehicle| vehicle.way[2].0).fold(f64::INFINITY, f64::min);
    let mut scene = road(&format!("jams-{seed}"), Lens::ABOVE, vehicles);
    scene.camera.calibration = Some(Lens::ABOVE.calibration(&above_points()));
    scene.camera.zones.push(lane_zone("carriageway", 0..=3, (-18.0, 18.0)));
    for (name, at_least) in [("jam", count), ("larger-jam", count + 2)] {
        let rule = RuleConfig {
            id: ngatu_protocol::RuleId::new(name).ok(),
            at_least: u32::try_from(at_least).ok(),
            below_kmh: Some(15.0),
            clear_s: Some(2.0),
            ..rule(EventKind::Congestion, "carriageway", 4.0)
        };
        if at_least == count {
            scene.expect(&rule, (from_s, to_s));
        }
        scene.camera.rules.push(rule);
    }
    scene
}

/// Two vehicles run into each other and stand where they met: head on, into the side of one that crosses, or into the
/// back of one that stands and is pushed on a little. Others pass by and go on.
#[must_use]
pub fn collisions(seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0xC011);
    let meet = (dice.between(-8.0, 8.0), lane_y(1));
    let meet_s = LEAD_IN_S + dice.between(3.2, 4.2);
    let end_s = meet_s + 8.0;
    let speed = dice.between(8.0, 12.0);
    let gap = Vehicle::CAR.0 / 2.0 + 0.1;
    let hit = |from: PointM, place: PointM, heading: PointM, colour: Colour| {
        let way_m = (from.0 - place.0).hypot(from.1 - place.1);
        let begin_s = meet_s - way_m / speed;
        Vehicle {
            way: vec![
                (begin_s.max(LEAD_IN_S), from.0, from.1),
                (meet_s, place.0, place.1),
                (end_s, place.0, place.1),
            ],
            size_m: Vehicle::CAR,
            colour,
            heading,
        }
    };
    let mut first = hit((meet.0 - 24.0, meet.1), (meet.0 - gap, meet.1), (1.0, 0.0), COLOURS[dice.below(3)]);
    let colour = COLOURS[3 + dice.below(3)];
    let other = match seed % 3 {
        0 => hit((meet.0 + 24.0, meet.1), (meet.0 + gap, meet.1), (-1.0, 0.0), colour),
        1 => {
            let side = Vehicle::CAR.1 / 2.0 + 0.1;
            hit((meet.0 + side, meet.1 + 16.0), (meet.0 + side, meet.1), (0.0, -1.0), colour)
        }
        _ => {
            // Pushed on by a metre within 0.4 s, both together.
            let pushed = |way: &mut Vec<(f64, f64, f64)>, x: f64| {
                way.truncate(way.len() - 1);
                way.extend([(meet_s + 0.4, x + 1.0, meet.1), (end_s, x + 1.0, meet.1)]);
            };
            pushed(&mut first.way, meet.0 - gap);
            let mut stands =
                braked((-FAR_M, meet.0 + gap, meet.1), (LEAD_IN_S - 1.2, 10.0, 3.0), meet_s + 1.0);
            stands.way.retain(|knot| knot.0 < meet_s);
            stands.way.extend([(meet_s, meet.0 + gap, meet.1), (end_s, 0.0, 0.0)]);
            pushed(&mut stands.way, meet.0 + gap);
            Vehicle { colour, ..stands }
        }
    };
    let pass = |lane: usize, towards: f64, dice: &mut Dice| {
        let drive =
            Drive { lane, begin_s: LEAD_IN_S + 1.0, speed: dice.between(8.0, 12.0), towards, stop: None };
        drive.vehicle((Vehicle::CAR, COLOURS[dice.below(6)]))
    };
    let passing = pass(3, -1.0, &mut dice);
    let mut scene = road(&format!("collisions-{seed}"), Lens::ABOVE, vec![first, other, passing]);
    scene.camera.zones.push(lane_zone("carriageway", 0..=3, (-18.0, 18.0)));
    let rule = rule(EventKind::CollisionSuspected, "carriageway", 2.0);
    scene.expect(&rule, (meet_s, end_s));
    scene.camera.rules.push(rule);
    scene
}

/// A car that comes along the road from `from` and brakes evenly so that it stands at `to`, metres, on the line `y`;
/// from `begin_s` on at `speed` m/s, braking with so many m/s². It stands until `until_s`.
fn braked(
    (from, to, y): (f64, f64, f64),
    (begin_s, speed, brakes): (f64, f64, f64),
    until_s: f64,
) -> Vehicle {
    let towards = (to - from).signum();
    let braking_s = speed / brakes;
    let braking_m = speed * braking_s / 2.0;
    let brakes_s = begin_s + ((to - from).abs() - braking_m) / speed;
    let mut way = vec![(begin_s, from, y), (brakes_s, to - towards * braking_m, y)];
    let steps = 12;
    for step in 1..=steps {
        let share = f64::from(step) / f64::from(steps);
        // What is left of the way falls with the square of what is left of the time.
        way.push((brakes_s + share * braking_s, to - towards * braking_m * (1.0 - share).powi(2), y));
    }
    way.push((until_s.max(brakes_s + braking_s + 0.1), to, y));
    Vehicle { way, size_m: Vehicle::CAR, colour: COLOURS[0], heading: (towards, 0.0) }
}

/// Nobody collides: two vehicles brake side by side and wait, a third brakes hard just behind one of them; on the other
/// lanes one overtakes another closely, and one comes the other way.
#[must_use]
pub fn close_calls(seed: u64) -> Scene {
    let mut dice = Dice::new(seed ^ 0xC105);
    let place = dice.between(2.0, 9.0);
    let speed = dice.between(8.0, 12.0);
    let until_s = LEAD_IN_S + 13.0;
    let mut vehicles = vec![
        braked((-FAR_M, place, lane_y(0)), (LEAD_IN_S, speed, dice.between(2.0, 4.0)), until_s),
        braked(
            (-FAR_M, place + dice.between(-1.0, 1.0), lane_y(1)),
            (LEAD_IN_S + dice.between(0.0, 0.6), speed, dice.between(2.0, 4.0)),
            until_s,
        ),
        braked(
            (-FAR_M, place - 4.4 - dice.between(0.6, 1.5), lane_y(0)),
            (LEAD_IN_S + dice.between(2.2, 3.5), speed, dice.between(3.5, 5.0)),
            until_s,
        ),
    ];
    let slow = dice.between(5.0, 6.5);
    let begin_s = LEAD_IN_S + 3.5;
    let meets = dice.between(-6.0, 6.0);
    let drive = |lane_m: f64, (speed, towards): (f64, f64), passes_s: f64| Vehicle {
        way: vec![
            (passes_s - (FAR_M + towards * meets) / speed, -towards * FAR_M, lane_m),
            (passes_s + (FAR_M - towards * meets) / speed, towards * FAR_M, lane_m),
        ],
        size_m: Vehicle::CAR,
        colour: COLOURS[0],
        heading: (towards, 0.0),
    };
    let passes_s = begin_s + 5.0;
    vehicles.push(drive(lane_y(2), (slow, -1.0), passes_s));
    // One overtakes the slow one half a metre beside it, and later one comes towards the last of the queue's lane.
    vehicles.push(drive(lane_y(2) + 2.3, (dice.between(10.0, 12.0), -1.0), passes_s));
    vehicles.push(drive(lane_y(3), (dice.between(9.0, 12.0), 1.0), passes_s + 4.5));
    for vehicle in &mut vehicles {
        vehicle.colour = COLOURS[dice.below(COLOURS.len())];
        vehicle.way.iter_mut().for_each(|knot| knot.0 = knot.0.max(0.0));
    }
    let mut scene = road(&format!("close-calls-{seed}"), Lens::ABOVE, vehicles);
    scene.camera.zones.push(lane_zone("carriageway", 0..=3, (-18.0, 18.0)));
    scene.camera.rules.push(rule(EventKind::CollisionSuspected, "carriageway", 2.0));
    scene
}

/// Points of the ground before the camera along the road that the calibration knows.
const ALONG_POINTS: [PointM; 6] =
    [(-7.0, 16.0), (7.0, 16.0), (7.0, 50.0), (-7.0, 50.0), (0.0, 24.0), (0.0, 36.0)];

/// Points of the ground under the high camera that the calibration knows.
fn above_points() -> [PointM; 6] {
    let y = middle_m(Lens::ABOVE);
    [(-15.0, y - 7.0), (15.0, y - 7.0), (15.0, y + 7.0), (-15.0, y + 7.0), (0.0, y - 7.0), (0.0, y + 7.0)]
}

/// Vehicles of all sizes that pass before a calibrated camera.
pub struct Passing {
    /// The scene; it has no rules.
    pub scene: Scene,
    /// The camera.
    pub lens: Lens,
    /// The vehicles, to be found again among the tracks.
    pub vehicles: Vec<Vehicle>,
}

/// Points of the ground before the camera at the roadside that the calibration knows.
const OBLIQUE_POINTS: [PointM; 6] =
    [(-6.0, 6.0), (6.0, 10.0), (6.0, 40.0), (-6.0, 30.0), (0.0, 16.0), (0.0, 28.0)];

/// The middle of lane 0..4 of a road that runs ahead, metres to the right of its middle.
fn lane_x(lane: usize) -> f64 {
    LANE_M * (f64::from(u32::try_from(lane).unwrap_or(0)) - 1.5)
}

/// Cars, lorries and motorbikes in both directions, seen along the road, from above and across it, by the seed in turn.
#[must_use]
pub fn passing(seed: u64) -> Passing {
    let mut dice = Dice::new(seed ^ 0x512E);
    let (lens, near, far, points) = match seed % 3 {
        0 => (Lens::ALONG, 12.0, 66.0, ALONG_POINTS),
        1 => (Lens::ABOVE, -FAR_M, FAR_M, above_points()),
        _ => (Lens::OBLIQUE, -8.0, 52.0, OBLIQUE_POINTS),
    };
    let mut vehicles = Vec::new();
    for (lane, towards) in [(0_usize, -1.0), (2, 1.0)] {
        let mut begin_s = LEAD_IN_S + dice.between(0.0, 0.8);
        let first = dice.below(3);
        for k in 0..3 {
            let speed = dice.between(6.0, 14.0);
            let lane = lane + dice.below(2);
            let (from, to) = if towards > 0.0 { (near, far) } else { (far, near) };
            let end_s = begin_s + (far - near) / speed;
            let (way, heading) = if seed % 3 == 1 {
                (vec![(begin_s, from, lane_y(lane)), (end_s, to, lane_y(lane))], (towards, 0.0))
            } else {
                (vec![(begin_s, lane_x(lane), from), (end_s, lane_x(lane), to)], (0.0, towards))
            };
            let size_m = [Vehicle::CAR, Vehicle::LORRY, Vehicle::MOTORBIKE][(first + k) % 3];
            vehicles.push(Vehicle { way, size_m, colour: COLOURS[dice.below(6)], heading });
            begin_s = end_s + 0.5;
        }
    }
    let mut scene = road(&format!("passing-{seed}"), lens, vehicles.clone());
    scene.camera.calibration = Some(lens.calibration(&points));
    Passing { scene, lens, vehicles }
}

/// One vehicle of a scene of speeds.
#[derive(Debug, Clone)]
pub struct Driven {
    /// Its true speed, km/h.
    pub kmh: f64,
    /// Its way, to be found again among the tracks.
    pub vehicle: Vehicle,
}

/// Along a calibrated road: vehicles at about 30, 50 and 80 km/h on four lanes, towards the camera and away from it. The
/// rule is met above 65 km/h.
#[must_use]
pub fn speeds(seed: u64) -> (Scene, Vec<Driven>) {
    let mut dice = Dice::new(seed ^ 0x59ED);
    let (near, far) = (12.0, 66.0);
    let mut driven = Vec::new();
    for (lane, towards) in [(0_usize, -1.0), (2, 1.0)] {
        let mut begin_s = LEAD_IN_S + dice.between(0.0, 0.8);
        let first = dice.below(3);
        for k in 0..3 {
            let kmh = [30.0, 50.0, 80.0][(first + k) % 3] * dice.between(0.95, 1.05);
            let lane = lane + dice.below(2);
            let x = lane_x(lane);
            let (from, to) = if towards > 0.0 { (near, far) } else { (far, near) };
            let end_s = begin_s + (far - near) / (kmh / 3.6);
            let (size_m, colour) = ([Vehicle::CAR, Vehicle::LORRY][dice.below(2)], COLOURS[dice.below(6)]);
            let way = vec![(begin_s, x, from), (end_s, x, to)];
            driven.push(Driven { kmh, vehicle: Vehicle { way, size_m, colour, heading: (0.0, towards) } });
            begin_s = end_s + 0.5;
        }
    }
    let vehicles = driven.iter().map(|one| one.vehicle.clone()).collect();
    let mut scene = road(&format!("speeds-{seed}"), Lens::ALONG, vehicles);
    scene.camera.calibration = Some(Lens::ALONG.calibration(&ALONG_POINTS));
    scene.camera.analysis_fps = 10.0;
    let corners = [(-7.0, 17.0), (7.0, 17.0), (7.0, 48.0), (-7.0, 48.0)];
    scene.camera.zones.push(zone("road", &corners.map(|corner| Lens::ALONG.project(corner, 0.0)), SIZE));
    let rule = RuleConfig { above_kmh: Some(65.0), ..rule(EventKind::Speeding, "road", 0.3) };
    for one in driven.iter().filter(|one| one.kmh > 65.0) {
        for span in inside(&one.vehicle, Lens::ALONG, &scene.camera.zones[0]) {
            scene.expect(&rule, span);
        }
    }
    scene.camera.rules.push(rule);
    (scene, driven)
}
