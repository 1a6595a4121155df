//! Rules about the traffic in a zone: `congestion` and `queue_too_long`.

use super::level::{Level, Reading};
use super::memory::Memory;
use super::{Base, SceneEvent, Sight, Stated};
use crate::geometry::Polygon;
use crate::{Path, SceneError, Time, Track};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, EventKind, Fact, Measure};

/// Traffic is slow below this mean speed in the picture where no speed over ground is asked for, box heights per second.
const SLOW_HEIGHTS_PER_S: f64 = 0.3;
/// A vehicle joins a queue below this speed over ground, km/h (as PTV Vissim's queue counters) …
const JOINS_KMH: f64 = 5.0;
/// … and leaves it above this one.
const LEAVES_KMH: f64 = 10.0;
/// The same in the picture, box heights per second.
const JOINS_HEIGHTS_PER_S: f64 = 0.3;
const LEAVES_HEIGHTS_PER_S: f64 = 0.6;
/// What is active stays up to this share above the threshold of speed, and down to [`Base::still_enough`] vehicles.
const STILL_SLOW: f64 = 1.5;
/// A vehicle that is not found for so long still counts, seconds …
const UNSEEN_S: f64 = 1.5;
/// … and a new track within so many of its sizes is the same one.
const SAME_PLACE: f64 = 0.5;
/// Speeds are taken over so long, seconds …
const OVER_S: f64 = 1.0;
/// … and over so long where it is asked who queues: a mean over longer states a queue that much later.
const QUEUE_OVER_S: f64 = 0.6;

#[derive(Debug, Clone)]
pub(super) struct FlowRule {
    zone: Polygon,
    base: Base,
    at_least: f64,
    still: f64,
    below_kmh: Option<f64>,
    is_queue: bool,
    vehicles: Memory<Vehicle>,
    level: Level,
}

/// What is known of a vehicle in the zone.
#[derive(Debug, Clone, Copy, Default)]
struct Vehicle {
    /// km/h where `below_kmh` asks for it, else box heights per second.
    speed: Option<f64>,
    queues: bool,
    /// Where on the ground, metres; `None` where the camera is not calibrated.
    at_m: Option<[f64; 2]>,
    /// Of the detector, 0..=1.
    score: f64,
}

impl FlowRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let base = Base::new(camera, rule);
        let at_least = rule.at_least.unwrap_or(1).max(1);
        Ok(Self {
            zone: Base::outline(camera, rule)?,
            at_least: f64::from(at_least),
            still: f64::from(Base::still_enough(at_least)),
            below_kmh: rule.below_kmh,
            is_queue: rule.kind == EventKind::QueueTooLong,
            vehicles: Memory::new(UNSEEN_S),
            level: Level::new(base.clone()),
            base,
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        self.vehicles.tidy(sight.now);
        for track in sight.tracks.iter().filter(|track| track.seen) {
            self.see(sight, track);
        }
        let is_queue = self.is_queue;
        let counted = self.vehicles.entries().map(|entry| entry.value);
        let counted: Vec<Vehicle> = counted.filter(|vehicle| vehicle.queues || !is_queue).collect();
        let scores: f64 = counted.iter().map(|vehicle| vehicle.score).sum();
        let (reading, also) = self.read(&counted);
        let stated = Stated {
            confidence: scores / (counted.len() as f64).max(1.0),
            picture: Some(self.zone.center()),
            also,
            ..Stated::default()
        };
        self.level.step(sight.now, reading, stated, events);
    }

    fn see(&mut self, sight: &Sight<'_>, track: &Track) {
        if !self.base.concerns(track, sight.frame) || !self.zone.contains(sight.frame.foot(track.bbox)) {
            return self.vehicles.forget(track.id);
        }
        let Some(path) = sight.paths.get(track.id) else { return };
        if self.vehicles.recall(sight, track, SAME_PLACE).is_none() {
            self.vehicles.note(sight, track, Vehicle::default());
        }
        let Some(entry) = self.vehicles.recall(sight, track, SAME_PLACE) else { return };
        let known = match self.below_kmh {
            Some(_) => path.speed().map(|speed| speed.kmh),
            None => path.heights_per_s(OVER_S, sight.frame),
        };
        let queues = queues(path, sight, entry.value.queues);
        let at_m = sight.paths.ground().and_then(|ground| path.ground(ground)).map(|point| point.at_m);
        entry.value = Vehicle {
            speed: known.or(entry.value.speed),
            queues,
            at_m: at_m.or(entry.value.at_m),
            score: f64::from(track.score),
        };
    }

    /// The reading of this moment, and the second value that goes with the number of vehicles.
    fn read(&self, vehicles: &[Vehicle]) -> (Reading, Option<Fact>) {
        let count = vehicles.len() as f64;
        let number = Fact::against(Measure::Vehicles, count, self.at_least);
        let (enough, nearly) = (count >= self.at_least, count >= self.still);
        let (slow, nearly_slow, also) = if self.is_queue {
            (true, true, length_m(vehicles).map(|length_m| Fact::of(Measure::QueueLength, length_m)))
        } else {
            let (measure, threshold, mean) = self.mean_speed(vehicles);
            let fact = mean.map(|mean| Fact::against(measure, mean, threshold));
            // Where nobody has a speed yet, nothing is said.
            (mean.is_some_and(|v| v < threshold), mean.is_none_or(|v| v < STILL_SLOW * threshold), fact)
        };
        let reading = match (enough && slow, nearly && nearly_slow) {
            (true, _) => Reading::Met(number),
            (false, true) => Reading::Between(number),
            (false, false) => Reading::Unmet(number),
        };
        (reading, also)
    }

    /// Time-mean speed of the vehicles: what is measured, the threshold, and the mean of those whose speed is known.
    fn mean_speed(&self, vehicles: &[Vehicle]) -> (Measure, f64, Option<f64>) {
        let speeds = vehicles.iter().filter_map(|vehicle| vehicle.speed);
        let known = speeds.clone().count() as f64;
        let mean = (known > 0.0).then(|| speeds.sum::<f64>() / known);
        match self.below_kmh {
            Some(below_kmh) => (Measure::Speed, below_kmh, mean),
            None => (Measure::PictureSpeed, SLOW_HEIGHTS_PER_S, mean),
        }
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.level.end_all(now, reason, events);
        self.vehicles.clear();
    }
}

/// Length of a queue: between the two that are farthest apart; `None` where fewer than two have a place on the ground.
fn length_m(vehicles: &[Vehicle]) -> Option<f64> {
    let places: Vec<[f64; 2]> = vehicles.iter().filter_map(|vehicle| vehicle.at_m).collect();
    let to_others = |a: &[f64; 2]| {
        let apart = |b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        places.iter().map(apart).fold(0.0, f64::max)
    };
    (places.len() >= 2).then(|| places.iter().map(to_others).fold(0.0, f64::max))
}

/// Whether a vehicle queues, from its speed and whether it did before.
fn queues(path: &Path, sight: &Sight<'_>, did: bool) -> bool {
    let over_ground = path.speed().map(|speed| (speed.kmh, JOINS_KMH, LEAVES_KMH));
    let in_picture = || {
        let speed = path.heights_per_s(QUEUE_OVER_S, sight.frame)?;
        Some((speed, JOINS_HEIGHTS_PER_S, LEAVES_HEIGHTS_PER_S))
    };
    match over_ground.or_else(in_picture) {
        Some((speed, joins, leaves)) => speed < if did { leaves } else { joins },
        None => did,
    }
}
