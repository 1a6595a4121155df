//! What is measured of those who cross a tripwire: speeds, headways and gaps.

use super::figures::Values;
use super::tripwire::Crossed;
use crate::geometry::Segment;
use crate::rules::Sight;
use crate::{Path, Speed, Time};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{Direction, RoadUserClass};

/// Nothing counts as slower than this where speeds are averaged, km/h: the harmonic mean of a standing vehicle is none.
pub(super) const SLOWEST_KMH: f64 = 1.0;
/// A crossing is looked for so far back in a path, seconds: it is stated when the other side is clearly reached.
const LATEST_S: f64 = 3.0;

const CLASSES: usize = RoadUserClass::ALL.len();

/// Length of a vehicle of the class, metres: the default lengths of the traffic simulator SUMO (Eclipse SUMO
/// documentation, "Vehicle Type Parameter Defaults": bicycle 1.6, passenger 5, motorcycle 2.2, bus 12, truck 7.1;
/// pedestrian 0.215). Something of an unknown class is taken for a passenger car.
#[must_use]
pub fn length_m(class: RoadUserClass) -> f64 {
    match class {
        RoadUserClass::Person => 0.215,
        RoadUserClass::Bicycle => 1.6,
        RoadUserClass::Car | RoadUserClass::Object => 5.0,
        RoadUserClass::Motorcycle => 2.2,
        RoadUserClass::Bus => 12.0,
        RoadUserClass::Truck => 7.1,
    }
}

/// Speeds of one class, or of all, in one direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Speeds {
    pub(super) kmh: Values,
    /// Sum of what they may be off, km/h.
    plus_minus: f64,
}

impl Speeds {
    fn push(&mut self, speed: Speed) {
        self.kmh.push(speed.kmh.max(SLOWEST_KMH));
        self.plus_minus += speed.plus_minus_kmh;
    }

    /// What a mean may be off, km/h: errors of one calibration do not average out, so their mean.
    pub(super) fn plus_minus(&self) -> Option<f64> {
        let n = f64::from(self.kmh.samples());
        (n > 0.0).then(|| self.plus_minus / n)
    }
}

/// One direction at one tripwire in one window.
#[derive(Debug, Clone, Default)]
pub(super) struct Passages {
    pub(super) speeds: Speeds,
    pub(super) by_class: [Speeds; CLASSES],
    pub(super) headways_s: Values,
    pub(super) gaps_s: Values,
}

/// Who crossed last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leader {
    at: Time,
    class: RoadUserClass,
    speed: Option<Speed>,
}

impl Passages {
    /// Takes somebody who crossed; `leader` is who crossed before in the same direction.
    pub(super) fn take(
        &mut self,
        crossed: Crossed,
        at: Time,
        speed: Option<Speed>,
        leader: &mut Option<Leader>,
    ) {
        if let Some(speed) = speed {
            self.speeds.push(speed);
            self.by_class[crossed.class as usize].push(speed);
        }
        // Headways are of vehicles; people cross side by side.
        if crossed.class == RoadUserClass::Person {
            return;
        }
        if let Some(before) = leader.filter(|before| at >= before.at) {
            let headway_s = at.since_s(before.at);
            self.headways_s.push(headway_s);
            if let Some(speed) = before.speed {
                let clearing_s = length_m(before.class) / (speed.kmh.max(SLOWEST_KMH) / 3.6);
                self.gaps_s.push((headway_s - clearing_s).max(0.0));
            }
        }
        *leader = Some(Leader { at, class: crossed.class, speed });
    }
}

/// When and how fast somebody crossed a tripwire, as far as the path says.
pub(super) fn moment(sight: &Sight<'_>, wire: &Segment, crossed: Crossed) -> (Time, Option<Speed>) {
    let Some(path) = sight.paths.get(crossed.track) else { return (sight.now, None) };
    let at = crossing_time(path, wire).filter(|at| sight.now.since_s(*at) <= LATEST_S);
    (at.unwrap_or(sight.now), path.speed())
}

/// The last time that the path crossed the tripwire, between two sights.
fn crossing_time(path: &Path, wire: &Segment) -> Option<Time> {
    let later = path.samples.iter().rev();
    let earlier = path.samples.iter().rev().skip(1);
    let (before, after) = earlier.zip(later).find(|(a, b)| wire.crossed_to(a.foot, b.foot).is_some())?;
    let away = |point: Point| wire.distance(point, [1.0, 1.0]);
    let (a, b) = (away(before.foot), away(after.foot));
    let share = if a + b > 0.0 { a / (a + b) } else { 0.5 };
    Some(before.at.plus_s(after.at.since_s(before.at) * share))
}

/// The index of a direction.
pub(super) fn index(direction: Direction) -> usize {
    direction as usize
}
