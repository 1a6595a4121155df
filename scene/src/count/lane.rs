//! A lane: a zone with a direction. Its queue, and where the camera is calibrated its flow, density and speed over the
//! area in the sense of Edie.
//!
//! Edie, Discussion of Traffic Stream Measurements and Definitions, 1963: over an area A = L·T, q = Σd/A, k = Σt/A and
//! v = Σd/Σt, whatever the number of lanes. Here Σt is the time of all vehicles inside; v is taken from those whose
//! way from frame to frame is known, and q = k·v, so that a vehicle without one counts in density and flow alike. A way is
//! measured along the lane from place to place and not from speeds, which are means over the last seconds: they lag behind
//! whoever brakes or drives off, and come late for whoever is fast.

use super::passages::length_m;
use crate::geometry::Polygon;
use crate::rules::Sight;
use crate::{Ground, Path, Track};
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::camera::{Pair, ZoneConfig};
use std::collections::HashSet;

/// A vehicle queues when it is slower than this, km/h …
const QUEUES_BELOW_KMH: f64 = 5.0;
/// … until it is faster than this. Both are the default queue definition of the simulator PTV Vissim.
const UNTIL_ABOVE_KMH: f64 = 10.0;
const CLASSES: usize = RoadUserClass::ALL.len();

/// The lane's memory between frames.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    metric: Option<Metric>,
    queued: HashSet<u64>,
    /// Who was inside in the last frame, where the ground is known.
    places: Vec<Place>,
    /// What the last frame showed.
    pub(super) state: LaneState,
}

/// Where a vehicle is along the lane, metres.
#[derive(Debug, Clone, Copy)]
struct Place {
    track: u64,
    class: usize,
    at_m: f64,
    /// Where it was when it came in.
    came_in_m: f64,
}

/// The lane on the ground.
#[derive(Debug, Clone, Copy)]
struct Metric {
    /// Unit vector along the lane.
    along: Pair,
    length_m: f64,
}

/// What one frame shows of a lane; it holds until the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LaneState {
    /// Vehicles inside, by class.
    inside: [f64; CLASSES],
    /// Those of them whose way to the next frame is known, and the sum of their speeds on it, m/s.
    known: [f64; CLASSES],
    speed_m_s: [f64; CLASSES],
    /// Those of them whose speed is measured, and the sum of what it may be off, m/s.
    measured: [f64; CLASSES],
    error_m_s: [f64; CLASSES],
    /// Vehicles in the queue, by class, and its length, metres.
    queue: [f64; CLASSES],
    queue_m: f64,
}

/// Sums over a window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LaneSums {
    /// Σt of all, Σt of those whose way is known (s), and Σd of these (m), by class.
    time_s: [f64; CLASSES],
    known_s: [f64; CLASSES],
    way_m: [f64; CLASSES],
    /// Σt of those whose speed is measured (s), and what it may be off (m), by class.
    measured_s: [f64; CLASSES],
    error_m: [f64; CLASSES],
    /// ∫ number in the queue dt by class, and the most at once by class and of all.
    queue_s: [f64; CLASSES],
    queue_max_by: [f64; CLASSES],
    queue_max: f64,
    queue_m_s: f64,
    queue_max_m: f64,
}

/// Edie's three, of one class or of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stream {
    pub(super) flow_per_h: f64,
    pub(super) density_per_km: f64,
    pub(super) speed_kmh: f64,
    pub(super) speed_plus_minus_kmh: f64,
}

impl Lane {
    /// The lane of a zone with a direction.
    pub(super) fn new(zone: &ZoneConfig, ground: Option<&Ground>) -> Option<Lane> {
        let direction = zone.direction?;
        let metric = ground.and_then(|ground| Metric::new(zone, direction, ground));
        Some(Lane { metric, queued: HashSet::new(), places: Vec::new(), state: LaneState::default() })
    }

    pub(super) fn is_metric(&self) -> bool {
        self.metric.is_some()
    }

    /// How far a track is along the lane, metres.
    fn along_m(&self, sight: &Sight<'_>, track: &Track) -> Option<f64> {
        let (metric, ground) = self.metric.zip(sight.paths.ground())?;
        let foot = sight.frame.foot(track.bbox);
        let [x, y] = ground.metres([foot.x, foot.y])?;
        Some(x * metric.along[0] + y * metric.along[1])
    }

    /// A frame comes, `seconds` after the last one: now it is known how far whoever was inside went meanwhile.
    pub(super) fn arrive(&mut self, sight: &Sight<'_>, seconds: f64) {
        if seconds <= 0.0 {
            return;
        }
        for place in &self.places {
            let track = sight.tracks.iter().find(|track| track.id == place.track);
            let Some(at_m) = track.and_then(|track| self.along_m(sight, track)) else { continue };
            // Farther from where it came in: so a box that trembles goes nowhere, and who comes the wrong way goes on.
            let way_m = (at_m - place.came_in_m).abs() - (place.at_m - place.came_in_m).abs();
            self.state.known[place.class] += 1.0;
            self.state.speed_m_s[place.class] += way_m / seconds;
        }
    }

    /// Takes a frame.
    pub(super) fn step(&mut self, sight: &Sight<'_>, zone: &Polygon) {
        let mut state = LaneState::default();
        let before = std::mem::take(&mut self.places);
        let mut queue: Vec<(f64, RoadUserClass)> = Vec::new();
        let mut queued = std::mem::take(&mut self.queued);
        queued.retain(|track| sight.tracks.iter().any(|other| other.id == *track));
        let vehicles = sight.tracks.iter().filter(|track| track.class != RoadUserClass::Person);
        for track in vehicles.filter(|track| zone.contains(sight.frame.foot(track.bbox))) {
            let class = track.class as usize;
            state.inside[class] += 1.0;
            let Some(path) = sight.paths.get(track.id) else { continue };
            if let (Some(speed), true) = (path.speed(), self.metric.is_some()) {
                state.measured[class] += 1.0;
                state.error_m_s[class] += speed.plus_minus_kmh / 3.6;
            }
            let along_m = self.along_m(sight, track);
            if let Some(at_m) = along_m {
                let known = before.iter().find(|place| place.track == track.id);
                let came_in_m = known.map_or(at_m, |place| place.came_in_m);
                self.places.push(Place { track: track.id, class, at_m, came_in_m });
            }
            if queues(path, queued.contains(&track.id)) {
                queued.insert(track.id);
                queue.push((along_m.unwrap_or(0.0), track.class));
                state.queue[class] += 1.0;
            } else {
                queued.remove(&track.id);
            }
        }
        self.queued = queued;
        if let (Some(metric), false) = (self.metric, queue.is_empty()) {
            let first = queue.iter().map(|(along, _)| *along).fold(f64::MIN, f64::max);
            // Whose foot point is last also has a length.
            let (last, class) = queue
                .iter()
                .copied()
                .fold((f64::MAX, RoadUserClass::Car), |last, next| if next.0 < last.0 { next } else { last });
            state.queue_m = (first - last + length_m(class)).min(metric.length_m + length_m(class));
        }
        self.state = state;
    }

    /// Nothing is seen any more.
    pub(super) fn clear(&mut self) {
        self.queued.clear();
        self.places.clear();
        self.state = LaneState::default();
    }

    /// Edie's three over `coverage_s`, of one class or of all; `None` where no speed is known.
    pub(super) fn stream(
        &self,
        sums: &LaneSums,
        class: Option<RoadUserClass>,
        coverage_s: f64,
    ) -> Option<Stream> {
        let metric = self.metric?;
        let of = |values: &[f64; CLASSES]| -> f64 {
            class.map_or_else(|| values.iter().sum(), |class| values[class as usize])
        };
        let [time_s, known_s, measured_s] = [&sums.time_s, &sums.known_s, &sums.measured_s].map(of);
        if coverage_s <= 0.0 || known_s <= 0.0 || measured_s <= 0.0 {
            return None;
        }
        let area_m_s = metric.length_m * coverage_s;
        let (density_per_m, speed_m_s) = (time_s / area_m_s, of(&sums.way_m).max(0.0) / known_s);
        Some(Stream {
            flow_per_h: density_per_m * speed_m_s * 3600.0,
            density_per_km: density_per_m * 1000.0,
            speed_kmh: speed_m_s * 3.6,
            speed_plus_minus_kmh: of(&sums.error_m) / measured_s * 3.6,
        })
    }
}

impl LaneSums {
    /// Adds `seconds` of a state.
    pub(super) fn add(&mut self, state: &LaneState, seconds: f64) {
        for class in 0..CLASSES {
            self.time_s[class] += state.inside[class] * seconds;
            self.known_s[class] += state.known[class] * seconds;
            self.way_m[class] += state.speed_m_s[class] * seconds;
            self.measured_s[class] += state.measured[class] * seconds;
            self.error_m[class] += state.error_m_s[class] * seconds;
            self.queue_s[class] += state.queue[class] * seconds;
        }
        self.queue_m_s += state.queue_m * seconds;
        if seconds > 0.0 {
            for (most, now) in self.queue_max_by.iter_mut().zip(state.queue) {
                *most = most.max(now);
            }
            self.queue_max = self.queue_max.max(state.queue.iter().sum());
            self.queue_max_m = self.queue_max_m.max(state.queue_m);
        }
    }

    /// Mean and largest number in the queue, of one class or of all.
    pub(super) fn queue(&self, class: Option<RoadUserClass>, coverage_s: f64) -> (f64, f64) {
        let (sum_s, most) = class.map_or_else(
            || (self.queue_s.iter().sum(), self.queue_max),
            |class| (self.queue_s[class as usize], self.queue_max_by[class as usize]),
        );
        (sum_s / coverage_s.max(f64::MIN_POSITIVE), most)
    }

    /// Mean and largest length of the queue, metres.
    pub(super) fn queue_m(&self, coverage_s: f64) -> (f64, f64) {
        (self.queue_m_s / coverage_s.max(f64::MIN_POSITIVE), self.queue_max_m)
    }
}

impl Metric {
    fn new(zone: &ZoneConfig, direction: Pair, ground: &Ground) -> Option<Metric> {
        let corners = zone.points.iter().map(|corner| ground.metres(*corner)).collect::<Option<Vec<_>>>()?;
        let center = Polygon::new(zone.points.clone()).center();
        let step = 0.01 / direction[0].hypot(direction[1]);
        let ahead = [center.x + direction[0] * step, center.y + direction[1] * step];
        let (from, to) = (ground.metres([center.x, center.y])?, ground.metres(ahead)?);
        let way = [to[0] - from[0], to[1] - from[1]];
        let along = way.map(|v| v / way[0].hypot(way[1]));
        let places = corners.iter().map(|[x, y]| x * along[0] + y * along[1]);
        let length_m = places.clone().fold(f64::MIN, f64::max) - places.fold(f64::MAX, f64::min);
        (length_m.is_finite() && length_m > 0.1).then_some(Metric { along, length_m })
    }
}

/// Whether a vehicle is in a queue. Without a speed over ground, standing is slow and moving is fast.
fn queues(path: &Path, queued: bool) -> bool {
    match path.speed() {
        Some(speed) => speed.kmh < if queued { UNTIL_ABOVE_KMH } else { QUEUES_BELOW_KMH },
        None => path.standing_s() > 0.0,
    }
}
