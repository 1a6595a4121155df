//! A lane: a zone with a direction. Its queue, and where the camera is calibrated its flow, density and speed over the
//! area in the sense of Edie.
//!
//! Edie, Discussion of Traffic Stream Measurements and Definitions, 1963: over an area A = L·T, q = Σd/A, k = Σt/A and
//! v = Σd/Σt, whatever the number of lanes. Here Σt is the time of all vehicles inside; v is taken from those whose
//! speed is known, and q = k·v, so that a vehicle without a speed counts in density and flow alike.

use super::passages::length_m;
use crate::geometry::Polygon;
use crate::rules::Sight;
use crate::{Ground, Path};
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
    /// What the last frame showed.
    pub(super) state: LaneState,
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
    /// Those of them whose speed is known, and the sum of their speeds, m/s.
    known: [f64; CLASSES],
    speed_m_s: [f64; CLASSES],
    /// Sum of what these speeds may be off, m/s.
    error_m_s: [f64; CLASSES],
    queue: f64,
    queue_m: f64,
}

/// Sums over a window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LaneSums {
    /// Σt of all, Σt of those with a speed (s), Σd (m), and what that may be off, by class.
    time_s: [f64; CLASSES],
    known_s: [f64; CLASSES],
    way_m: [f64; CLASSES],
    error_m: [f64; CLASSES],
    queue_s: f64,
    queue_m_s: f64,
    pub(super) queue_max: f64,
    pub(super) queue_max_m: f64,
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
        Some(Lane { metric, queued: HashSet::new(), state: LaneState::default() })
    }

    pub(super) fn is_metric(&self) -> bool {
        self.metric.is_some()
    }

    /// Takes a frame.
    pub(super) fn step(&mut self, sight: &Sight<'_>, zone: &Polygon) {
        let mut state = LaneState::default();
        let mut queue: Vec<(f64, RoadUserClass)> = Vec::new();
        let mut queued = std::mem::take(&mut self.queued);
        queued.retain(|track| sight.tracks.iter().any(|other| other.id == *track));
        let vehicles = sight.tracks.iter().filter(|track| track.class != RoadUserClass::Person);
        for track in vehicles.filter(|track| zone.contains(sight.frame.foot(track.bbox))) {
            let class = track.class as usize;
            state.inside[class] += 1.0;
            let Some(path) = sight.paths.get(track.id) else { continue };
            if let (Some(speed), true) = (path.speed(), self.metric.is_some()) {
                state.known[class] += 1.0;
                state.speed_m_s[class] += speed.kmh / 3.6;
                state.error_m_s[class] += speed.plus_minus_kmh / 3.6;
            }
            if queues(path, queued.contains(&track.id)) {
                queued.insert(track.id);
                let along = self.metric.zip(sight.paths.ground()).and_then(|(metric, ground)| {
                    let foot = sight.frame.foot(track.bbox);
                    let [x, y] = ground.metres([foot.x, foot.y])?;
                    Some(x * metric.along[0] + y * metric.along[1])
                });
                queue.push((along.unwrap_or(0.0), track.class));
            } else {
                queued.remove(&track.id);
            }
        }
        self.queued = queued;
        state.queue = queue.len() as f64;
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
        let of = |values: &[f64; CLASSES]| {
            class.map_or_else(|| values.iter().sum(), |class| values[class as usize])
        };
        let (time_s, known_s): (f64, f64) = (of(&sums.time_s), of(&sums.known_s));
        if coverage_s <= 0.0 || known_s <= 0.0 {
            return None;
        }
        let area_m_s = metric.length_m * coverage_s;
        let (density_per_m, speed_m_s) = (time_s / area_m_s, of(&sums.way_m) / known_s);
        Some(Stream {
            flow_per_h: density_per_m * speed_m_s * 3600.0,
            density_per_km: density_per_m * 1000.0,
            speed_kmh: speed_m_s * 3.6,
            speed_plus_minus_kmh: of(&sums.error_m) / known_s * 3.6,
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
            self.error_m[class] += state.error_m_s[class] * seconds;
        }
        self.queue_s += state.queue * seconds;
        self.queue_m_s += state.queue_m * seconds;
        if seconds > 0.0 {
            self.queue_max = self.queue_max.max(state.queue);
            self.queue_max_m = self.queue_max_m.max(state.queue_m);
        }
    }

    /// Mean number in the queue and its mean length, metres.
    pub(super) fn queue(&self, coverage_s: f64) -> (f64, f64) {
        let covered_s = coverage_s.max(f64::MIN_POSITIVE);
        (self.queue_s / covered_s, self.queue_m_s / covered_s)
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
