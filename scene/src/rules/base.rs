//! What all rules have in common: who they are, when they are in force, whom they concern, how an event is made.

use super::SceneEvent;
use crate::geometry::Polygon;
use crate::{FrameSize, SceneError, Time, Track};
use ngatu_protocol::camera::{CameraConfig, Detector, RuleConfig};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, Fact, Phase, RoadUserClass, RuleId, Why};

/// Between two looks at most so many seconds count as seen, or three analysis periods if that is longer: what was there
/// meanwhile, nobody knows. As with the coverage of the counts.
const LONGEST_GAP_S: f64 = 1.0;

/// A rule's configuration, its hours and its cool-down.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) config: RuleConfig,
    /// Between two looks at most so many seconds count as seen.
    pub(super) longest_gap_s: f64,
    detector: Detector,
    id: RuleId,
    utc_offset_minutes: i64,
    /// Since when the schedule has held; `None` outside of it.
    in_force_since: Option<Time>,
    cooling_until: Option<Time>,
}

/// What an event says of whom and where; empty for a whole zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Stated {
    pub(super) track: Option<u64>,
    pub(super) class: Option<RoadUserClass>,
    /// 0..=1.
    pub(super) confidence: f64,
    pub(super) picture: Option<Point>,
    pub(super) speed_kmh: Option<f64>,
    /// A second value that decided, for a whole zone.
    pub(super) also: Option<Fact>,
}

impl Base {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Self {
        Self {
            config: rule.clone(),
            longest_gap_s: LONGEST_GAP_S.max(3.0 / camera.analysis_fps.max(0.01)),
            detector: camera.detector,
            id: rule.rule_id(),
            utc_offset_minutes: i64::from(camera.utc_offset_minutes),
            in_force_since: None,
            cooling_until: None,
        }
    }

    /// The outline of the rule's zone.
    pub(super) fn outline(camera: &CameraConfig, rule: &RuleConfig) -> Result<Polygon, SceneError> {
        let found = camera.zones.iter().find(|zone| Some(&zone.id) == rule.zone.as_ref());
        let found = found.map(|zone| Polygon::new(zone.points.clone()));
        found.ok_or_else(|| SceneError::NoSuchZone { rule: rule.rule_id(), zone: rule.zone.clone() })
    }

    /// Whether the schedule holds `now`. The time axis must be the Unix epoch's for that; without a schedule it need not.
    pub(super) fn in_force(&mut self, now: Time) -> bool {
        let minute = now.as_micros().div_euclid(60_000_000) + self.utc_offset_minutes;
        let holds =
            self.config.schedule.is_empty() || self.config.schedule.iter().any(|hours| hours.holds(minute));
        self.in_force_since = holds.then(|| self.in_force_since.unwrap_or(now));
        holds
    }

    /// The time, or when the schedule began to hold if that is later: what was so before is none of the rule's.
    pub(super) fn in_hours(&self, since: Time) -> Time {
        let begun = self.in_force_since.filter(|_| !self.config.schedule.is_empty());
        begun.map_or(since, |begun| since.max(begun))
    }

    /// Whether the rule concerns a road user of this class and size.
    pub(super) fn concerns(&self, track: &Track, frame: FrameSize) -> bool {
        let height = f64::from(track.bbox.height) / f64::from(frame.height_px.max(1));
        self.concerns_class(track.class) && self.config.min_height.is_none_or(|least| height >= least)
    }

    /// Whether the rule concerns a class.
    pub(super) fn concerns_class(&self, class: RoadUserClass) -> bool {
        self.config.concerns_at(self.detector, class)
    }

    /// Down to which number something that needs so many goes on: four of five, and always one fewer, since one who is
    /// hidden is no end. Who needs one needs that one.
    pub(super) fn still_enough(at_least: u32) -> u32 {
        if at_least < 2 { at_least } else { (at_least - 1).min((4 * at_least).div_ceil(5)) }
    }

    /// Whether an end is so near that nothing new may start.
    pub(super) fn is_cooling(&self, now: Time) -> bool {
        self.cooling_until.is_some_and(|until| now < until)
    }

    /// An event ended at `now`: the cool-down begins if its condition ended. What only interrupted the rule, such as a
    /// lost source, must not mute whoever is still there.
    pub(super) fn ended(&mut self, now: Time, reason: Option<EndReason>) {
        let own = matches!(reason, Some(EndReason::ConditionEnded | EndReason::Left | EndReason::NotSeen));
        self.cooling_until = self.config.cooldown_s.filter(|_| own).map(|seconds| now.plus_s(seconds));
    }

    pub(super) fn event(&self, phase: Phase, time: Time, stated: Stated, why: Why) -> SceneEvent {
        SceneEvent {
            kind: self.config.kind,
            rule: self.id.clone(),
            zone: self.config.zone.clone(),
            track: stated.track,
            class: stated.class,
            phase,
            time,
            confidence: stated.confidence.clamp(0.0, 1.0),
            picture: stated.picture.map(in_picture),
            speed_kmh: stated.speed_kmh,
            why,
        }
    }
}

/// A foot point may lie a little below the picture.
fn in_picture(point: Point) -> Point {
    Point { x: point.x.clamp(0.0, 1.0), y: point.y.clamp(0.0, 1.0) }
}
