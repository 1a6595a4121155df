//! The rendered junction: who moves where and when, as a pure function of time, and the truth that follows from it.
//!
//! Two roads cross under a traffic light: first the west-east road flows, then the north-south road. Meanwhile one
//! walker steps into the yard and leaves it again (the intrusion), and one paces up and down on the plaza (the
//! loiterer). One pass takes [`PERIOD_S`]; the first seconds are empty so that a background can be learnt, and the
//! last ones so that the next pass begins clean.

use ngatu_protocol::Direction;
use ngatu_protocol::camera::{CameraConfig, Detector, RuleConfig, TripwireConfig, ZoneConfig};
use ngatu_protocol::{CameraId, EventKind, ZoneId};

/// Width of the picture, pixels.
pub const WIDTH_PX: u32 = 640;
/// Height of the picture, pixels.
pub const HEIGHT_PX: u32 = 360;
/// Frames per second.
pub const FPS: u32 = 10;
/// Length of one pass, seconds.
pub const PERIOD_S: f64 = 60.0;
/// Before this second of a pass nothing moves.
pub const LEAD_IN_S: f64 = 6.0;

/// What a road user looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// 34 × 20 pixels along its way.
    Motorbike,
    /// 56 × 30 pixels along its way.
    Car,
    /// 96 × 34 pixels along its way.
    Truck,
    /// 18 × 40 pixels, upright.
    Walker,
}

/// One road user: where its box's centre is at which second of the pass.
#[derive(Debug, Clone)]
pub struct RoadUser {
    /// What it looks like.
    pub looks: Looks,
    /// Seconds and centre in pixels; straight between the points, absent before the first and after the last.
    pub path: Vec<(f64, f64, f64)>,
    /// Colour, red green blue.
    pub colour: [u8; 3],
}

impl RoadUser {
    /// The box's centre at a second of the pass.
    #[must_use]
    pub fn centre(&self, at_s: f64) -> Option<(f64, f64)> {
        let leg = self.path.windows(2).find(|leg| leg[0].0 <= at_s && at_s < leg[1].0)?;
        let share = (at_s - leg[0].0) / (leg[1].0 - leg[0].0);
        Some((leg[0].1 + share * (leg[1].1 - leg[0].1), leg[0].2 + share * (leg[1].2 - leg[0].2)))
    }

    /// Width and height of the box, pixels.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        let upright = self.path.first().zip(self.path.last()).is_some_and(|(a, b)| (a.1 - b.1).abs() < 1.0);
        let (long, broad) = match self.looks {
            Looks::Motorbike => (34.0, 20.0),
            Looks::Car => (56.0, 30.0),
            Looks::Truck => (96.0, 34.0),
            Looks::Walker => return (18.0, 40.0),
        };
        if upright { (broad, long) } else { (long, broad) }
    }

    /// The foot point: the middle of the box's lower side, pixels.
    #[must_use]
    pub fn foot(&self, at_s: f64) -> Option<(f64, f64)> {
        self.centre(at_s).map(|(x, y)| (x, y + self.size().1 / 2.0))
    }
}

/// A true crossing of a tripwire.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossing {
    /// The tripwire.
    pub wire: &'static str,
    /// Which way.
    pub direction: Direction,
    /// Second of the pass.
    pub at_s: f64,
    /// What crossed.
    pub looks: Looks,
}

/// What truly happens in one pass.
#[derive(Debug, Clone)]
pub struct Truth {
    /// Each crossing of each tripwire.
    pub crossings: Vec<Crossing>,
    /// Seconds between which the intruder's foot is in the yard.
    pub intrusion_s: (f64, f64),
    /// Seconds between which the loiterer's foot is on the plaza.
    pub loitering_s: (f64, f64),
}

impl Truth {
    /// How many crossed a wire in a direction in one pass.
    #[must_use]
    pub fn count(&self, wire: &str, direction: Direction) -> usize {
        self.crossings.iter().filter(|c| c.wire == wire && c.direction == direction).count()
    }
}

const WIRES: [(&str, [f64; 2], [f64; 2]); 4] = [
    ("west-arm", [150.0, 130.0], [150.0, 258.0]),
    ("east-arm", [500.0, 130.0], [500.0, 258.0]),
    ("north-arm", [250.0, 90.0], [390.0, 90.0]),
    ("south-arm", [250.0, 310.0], [390.0, 310.0]),
];
const YARD: [[f64; 2]; 4] = [[40.0, 280.0], [160.0, 280.0], [160.0, 355.0], [40.0, 355.0]];
const PLAZA: [[f64; 2]; 4] = [[430.0, 280.0], [610.0, 280.0], [610.0, 355.0], [430.0, 355.0]];
/// How long one may stay on the plaza before it is loitering, seconds.
pub const LOITERING_AFTER_S: f64 = 8.0;

/// All road users of a pass. The seed picks colours only, so the truth is the same for every seed.
#[must_use]
pub fn road_users(seed: u64) -> Vec<RoadUser> {
    use Looks::{Car, Motorbike, Truck, Walker};
    let mut users = Vec::new();
    let mut add = |looks, path| {
        let colour = colour_of(seed, users.len());
        users.push(RoadUser { looks, path, colour });
    };
    let across = |start_s: f64, speed: f64, from: f64, to: f64, y: f64| {
        vec![(start_s, from, y), (start_s + (to - from).abs() / speed, to, y)]
    };
    for (start, speed, looks) in
        [(6.0, 120.0, Car), (9.0, 130.0, Motorbike), (12.0, 110.0, Truck), (16.0, 125.0, Car)]
    {
        add(looks, across(start, speed, -60.0, 700.0, 222.0));
    }
    for (start, speed, looks) in [(7.5, 125.0, Motorbike), (10.5, 115.0, Car), (15.0, 120.0, Car)] {
        add(looks, across(start, speed, 700.0, -60.0, 160.0));
    }
    let down = |start_s: f64, speed: f64, from: f64, to: f64, x: f64| {
        vec![(start_s, x, from), (start_s + (to - from).abs() / speed, x, to)]
    };
    for (start, speed, looks) in [(25.0, 90.0, Car), (29.0, 95.0, Motorbike), (33.0, 85.0, Truck)] {
        add(looks, down(start, speed, -60.0, 420.0, 285.0));
    }
    for (start, speed, looks) in [(26.5, 90.0, Motorbike), (31.0, 95.0, Car)] {
        add(looks, down(start, speed, 420.0, -60.0, 355.0));
    }
    add(Walker, vec![(20.0, -15.0, 318.0), (25.0, 105.0, 318.0), (25.4, 106.0, 319.0), (30.4, -15.0, 318.0)]);
    let mut pacing = vec![(10.0, 655.0, 318.0), (15.0, 480.0, 318.0)];
    for turn in 0..5u32 {
        let x = if turn % 2 == 0 { 560.0 } else { 475.0 };
        pacing.push((18.5 + 3.5 * f64::from(turn), x, 318.0));
    }
    pacing.push((36.0, 655.0, 318.0));
    add(Walker, pacing);
    users
}

fn colour_of(seed: u64, number: usize) -> [u8; 3] {
    let dark = [[40, 44, 52], [150, 30, 30], [30, 60, 140], [225, 225, 230], [20, 90, 60], [235, 200, 60]];
    dark[(number + usize::try_from(seed % 6).expect("below 6")) % dark.len()]
}

/// The truth of one pass, found by stepping through it a hundred times a second.
#[must_use]
pub fn truth(seed: u64) -> Truth {
    let users = road_users(seed);
    let mut crossings = Vec::new();
    for user in &users {
        for (wire, a, b) in WIRES {
            let mut before = None;
            for step in 0..u32::try_from(6000).expect("fits") {
                let at_s = f64::from(step) / 100.0;
                let foot = user.foot(at_s);
                if let (Some(from), Some(to)) = (before, foot)
                    && let Some(direction) = crossed(a, b, from, to)
                {
                    crossings.push(Crossing { wire, direction, at_s, looks: user.looks });
                }
                before = foot;
            }
        }
    }
    let walkers: Vec<_> = users.iter().filter(|user| user.looks == Looks::Walker).collect();
    Truth {
        crossings,
        intrusion_s: inside_between(walkers[0], &YARD),
        loitering_s: inside_between(walkers[1], &PLAZA),
    }
}

/// Standing on `a` and looking to `b`, with y downwards, a positive side is to the right.
fn crossed(a: [f64; 2], b: [f64; 2], from: (f64, f64), to: (f64, f64)) -> Option<Direction> {
    let side = |(x, y): (f64, f64), a: [f64; 2], b: [f64; 2]| {
        (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
    };
    let (start, end) = (side(from, a, b), side(to, a, b));
    let way = |p: [f64; 2]| side((p[0], p[1]), [from.0, from.1], [to.0, to.1]);
    if (start < 0.0) == (end < 0.0) || (way(a) < 0.0) == (way(b) < 0.0) {
        return None;
    }
    Some(if start < 0.0 { Direction::AToB } else { Direction::BToA })
}

fn inside_between(user: &RoadUser, zone: &[[f64; 2]; 4]) -> (f64, f64) {
    let inside = |(x, y): (f64, f64)| x > zone[0][0] && x < zone[1][0] && y > zone[0][1] && y < zone[2][1];
    let seconds: Vec<f64> =
        (0..6000).map(|i| f64::from(i) / 100.0).filter(|s| user.foot(*s).is_some_and(inside)).collect();
    (seconds[0], seconds[seconds.len() - 1])
}

/// The configuration that fits the junction.
#[must_use]
pub fn camera(id: &str, name: &str, url: &str) -> CameraConfig {
    let unit = |[x, y]: [f64; 2]| [x / f64::from(WIDTH_PX), y / f64::from(HEIGHT_PX)];
    let zone_id = |id: &str| ZoneId::new(id).expect("a literal of the alphabet");
    let zone = |id, points: [[f64; 2]; 4]| ZoneConfig {
        id: zone_id(id),
        points: points.map(unit).to_vec(),
        direction: None,
    };
    let rule = |kind, zone, after_s| RuleConfig {
        after_s: Some(after_s),
        ..RuleConfig::new(kind, Some(zone_id(zone)))
    };
    CameraConfig {
        id: CameraId::new(id).expect("the caller gives a usable name"),
        name: name.into(),
        url: url.into(),
        place: None,
        area: None,
        analysis_fps: 5.0,
        detector: Detector::Motion,
        repeat: false,
        utc_offset_minutes: 420,
        tracks: true,
        calibration: None,
        privacy_masks: Vec::new(),
        view: 0,
        window_s: 5,
        tripwires: WIRES
            .iter()
            .map(|(id, a, b)| TripwireConfig {
                id: zone_id(id),
                points: [unit(*a), unit(*b)],
                classes: Vec::new(),
            })
            .collect(),
        zones: vec![zone("yard", YARD), zone("plaza", PLAZA)],
        rules: vec![
            rule(EventKind::Intrusion, "yard", 0.5),
            rule(EventKind::Loitering, "plaza", LOITERING_AFTER_S),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_truth_is_what_the_script_says() {
        let truth = truth(1);
        assert_eq!(truth.count("west-arm", Direction::BToA), 4, "eastbound");
        assert_eq!(truth.count("west-arm", Direction::AToB), 3, "westbound");
        assert_eq!(truth.count("east-arm", Direction::BToA), 4);
        assert_eq!(truth.count("east-arm", Direction::AToB), 3);
        assert_eq!(truth.count("north-arm", Direction::AToB), 3, "southbound");
        assert_eq!(truth.count("north-arm", Direction::BToA), 2, "northbound");
        assert_eq!(truth.count("south-arm", Direction::AToB), 3);
        assert_eq!(truth.count("south-arm", Direction::BToA), 2);
        assert_eq!(truth.crossings.len(), 24);
        assert!(truth.intrusion_s.1 - truth.intrusion_s.0 > 3.0, "{:?}", truth.intrusion_s);
        assert!(
            truth.loitering_s.1 - truth.loitering_s.0 > 2.0 * LOITERING_AFTER_S,
            "{:?}",
            truth.loitering_s
        );
    }

    #[test]
    fn nothing_moves_in_the_lead_in_and_at_the_end() {
        for user in road_users(1) {
            assert!(user.path[0].0 >= LEAD_IN_S);
            assert!(user.path[user.path.len() - 1].0 < PERIOD_S - 10.0);
        }
    }

    #[test]
    fn no_two_road_users_touch() {
        let users = road_users(1);
        for step in 0..600 {
            let at_s = f64::from(step) / 10.0;
            let boxes: Vec<_> = users
                .iter()
                .filter_map(|user| user.centre(at_s).map(|centre| (centre, user.size())))
                .collect();
            for (i, a) in boxes.iter().enumerate() {
                for b in &boxes[i + 1..] {
                    let apart = (a.0.0 - b.0.0).abs() > (a.1.0 + b.1.0) / 2.0 + 12.0
                        || (a.0.1 - b.0.1).abs() > (a.1.1 + b.1.1) / 2.0 + 12.0;
                    assert!(apart, "at {at_s} s {a:?} is too near to {b:?}");
                }
            }
        }
    }

    #[test]
    fn its_configuration_has_no_errors() {
        let camera = camera("junction", "Ngã tư mô phỏng", "rtsp://127.0.0.1/junction");
        assert!(camera.check().is_empty(), "{:?}", camera.check());
    }
}
