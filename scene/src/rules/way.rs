//! Rules about how a vehicle goes through a zone: `wrong_way` and `speeding`.

use super::subject::{Holds, Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::Polygon;
use crate::paths::Sample;
use crate::{FrameSize, Path, SceneError, Time};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, EventKind, Fact, Measure};

/// From this angle to the legal way on it is the wrong way: crossing is none, degrees.
const WRONG_DEG: f64 = 120.0;
/// Below this angle it is the legal way again, degrees.
const RIGHT_DEG: f64 = 90.0;
/// Below this speed a box has no direction, it trembles, box heights per second. A car on its way away from the camera
/// moves that slowly in the picture at about 10 km/h.
const LEAST_HEIGHTS_PER_S: f64 = 0.25;
/// The same over ground, km/h.
const LEAST_KMH: f64 = 4.0;
/// So far against the legal way it must have come, and so far along it for an end, box heights.
const LEAST_WAY_HEIGHTS: f64 = 0.5;
/// Who has stood for so long goes no way any more, seconds: the wrong way ends, and what stands is another rule's.
const STOPPED_S: f64 = 5.0;
/// Velocity is taken over so long, seconds …
const OVER_S: f64 = 1.0;
/// … and over this shorter time must not contradict: a track that jumped once does not go on jumping.
const LATELY_S: f64 = 0.4;

#[derive(Debug, Clone)]
pub(super) struct WayRule {
    zone: Polygon,
    subjects: Subjects,
    asks: Asks,
}

#[derive(Debug, Clone, Copy)]
enum Asks {
    /// Whether it goes against this way, normalised picture coordinates.
    Way([f64; 2]),
    /// Whether it is faster, km/h.
    Speed(f64),
}

impl WayRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let zone = camera.zones.iter().find(|zone| Some(&zone.id) == rule.zone.as_ref());
        let asks = match rule.kind {
            EventKind::Speeding => Asks::Speed(rule.above_kmh.unwrap_or(f64::INFINITY)),
            _ => Asks::Way(zone.and_then(|zone| zone.direction).unwrap_or([0.0, 0.0])),
        };
        let manner = Manner::moving(Measure::Held, EndReason::ConditionEnded);
        let subjects = Subjects::new(Base::new(camera, rule), manner);
        Ok(Self { zone: Base::outline(camera, rule)?, subjects, asks })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let Self { zone, subjects, asks } = self;
        subjects.step(sight, events, |track, foot| match sight.paths.get(track.id) {
            Some(path) if zone.contains(foot) => match *asks {
                Asks::Way(way) => against(way, path, (zone, sight.frame)),
                Asks::Speed(limit_kmh) => faster(limit_kmh, path),
            },
            _ => Judgement::of(Holds::No),
        });
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.subjects.end_all(now, reason, events);
    }
}

fn against(way: [f64; 2], path: &Path, (zone, frame): (&Polygon, FrameSize)) -> Judgement {
    let Some(velocity) = path.velocity(OVER_S).filter(|_| is_moving(path, frame)) else {
        let stopped = path.standing_s() >= STOPPED_S;
        return Judgement::of(if stopped { Holds::No } else { Holds::Between });
    };
    let angle = angle_deg(way, velocity, frame);
    let lately = path.velocity_between(LATELY_S, 0.0).map_or(angle, |lately| angle_deg(way, lately, frame));
    let since = turned_at(way, path, frame);
    let holds = if angle >= WRONG_DEG && lately > RIGHT_DEG && since.is_some() {
        Holds::Yes
    } else if angle < RIGHT_DEG && turned_at(way.map(|v| -v), path, frame).is_some() {
        // Who stands and trembles goes no way.
        Holds::No
    } else {
        Holds::Between
    };
    let inside = path.samples.iter().rev().take_while(|sample| zone.contains(sample.foot)).last();
    let since = since.map(|since| inside.map_or(since, |inside| since.max(inside.at)));
    let angle = Fact::against(Measure::Angle, angle, WRONG_DEG);
    Judgement { holds, since, facts: [Some(angle), None] }
}

fn is_moving(path: &Path, frame: FrameSize) -> bool {
    let by_picture = path.heights_per_s(OVER_S, frame).is_some_and(|speed| speed >= LEAST_HEIGHTS_PER_S);
    path.speed().map_or(by_picture, |speed| speed.kmh >= LEAST_KMH.max(speed.plus_minus_kmh))
}

/// Since when it has come against a way, as far as is remembered; `None` while that is not far enough.
fn turned_at(way: [f64; 2], path: &Path, frame: FrameSize) -> Option<Time> {
    let new = path.newest();
    let [x, y] = as_seen(way, frame);
    let length = x.hypot(y).max(1e-9);
    let back = |old: &Sample| {
        let [dx, dy] = as_seen([new.foot.x - old.foot.x, new.foot.y - old.foot.y], frame);
        -(dx * x + dy * y) / length
    };
    let farthest = path.samples.iter().max_by(|a, b| back(a).total_cmp(&back(b)))?;
    (back(farthest) >= LEAST_WAY_HEIGHTS * new.height).then_some(farthest.at)
}

/// A difference of normalised coordinates as it looks, in heights of the picture.
fn as_seen([x, y]: [f64; 2], frame: FrameSize) -> [f64; 2] {
    [x * f64::from(frame.width_px) / f64::from(frame.height_px.max(1)), y]
}

/// Angle between two directions as it looks in the picture, 0..=180 degrees.
fn angle_deg(a: [f64; 2], b: [f64; 2], frame: FrameSize) -> f64 {
    let ([ax, ay], [bx, by]) = (as_seen(a, frame), as_seen(b, frame));
    (ax * by - ay * bx).atan2(ax * bx + ay * by).to_degrees().abs()
}

/// In favour of the driver: what may be the measurement's error is none of the speed's.
fn faster(limit_kmh: f64, path: &Path) -> Judgement {
    let Some(speed) = path.speed() else { return Judgement::of(Holds::Between) };
    let holds = if speed.kmh - speed.plus_minus_kmh > limit_kmh {
        Holds::Yes
    } else if speed.kmh > limit_kmh {
        Holds::Between
    } else {
        Holds::No
    };
    let fact = Fact::against(Measure::Speed, speed.kmh, limit_kmh).give_or_take(speed.plus_minus_kmh);
    Judgement { facts: [Some(fact), None], ..Judgement::of(holds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_angle_is_taken_as_it_looks_and_not_in_shares_of_the_sides() {
        let wide = FrameSize { width_px: 2000, height_px: 1000 };
        let table =
            [([1.0, 0.0], [1.0, 0.0], 0.0), ([1.0, 0.0], [-1.0, 0.0], 180.0), ([0.5, 0.0], [0.5, 1.0], 45.0)];
        for (a, b, wanted) in table {
            let angle = angle_deg(a, b, wide);
            assert!((angle - wanted).abs() < 1e-9, "{a:?} {b:?}: {angle}");
        }
    }
}
