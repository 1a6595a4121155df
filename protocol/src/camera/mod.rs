//! A camera's configuration: where it is, what it looks at, and the zones, tripwires and rules in its picture.
//!
//! The same shape stands in `edge.toml`, in a city file, in the center's database and on the `config` topic.
//! Unknown keys are refused, so that a misspelt rule is an error and not silence.

mod calibration;
mod rule;
mod schedule;

use crate::geometry::{Place, Point};
use crate::{AreaId, CameraId, RoadUserClass, ZoneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

pub use calibration::CalibrationConfig;
pub use rule::{Need, Profile, RuleConfig, profile};
pub use schedule::{Day, ScheduleConfig};

/// A point as `[x, y]`, normalised picture coordinates.
pub type Pair = [f64; 2];

/// How a camera's frames are searched for road users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detector {
    /// The network, run by ONNX Runtime.
    #[default]
    Onnx,
    /// Moving blobs, for views where the network fails.
    Motion,
}

impl Detector {
    /// The classes that it names; empty for all. What moves is an object to the `motion` detector; before a calibrated
    /// camera its size over ground says more: a two-wheeler is a `motorcycle`, and a `truck` may be a bus.
    #[must_use]
    pub const fn classes(self, calibrated: bool) -> &'static [RoadUserClass] {
        match (self, calibrated) {
            (Detector::Onnx, _) => &[],
            (Detector::Motion, false) => &[RoadUserClass::Object],
            (Detector::Motion, true) => &[
                RoadUserClass::Person,
                RoadUserClass::Motorcycle,
                RoadUserClass::Car,
                RoadUserClass::Truck,
                RoadUserClass::Object,
            ],
        }
    }
}

/// One camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CameraConfig {
    /// Unique within the edge.
    pub id: CameraId,
    /// What people call it.
    pub name: String,
    /// `rtsp://`, `rtsps://`, `file://` or `v4l2://`.
    pub url: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The area in which it lies, for who may see it. The center's affair alone: it does not tell the edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaId>,
    /// Analysed frames per second, more than 0 and at most 60.
    #[serde(default = "default_analysis_fps")]
    pub analysis_fps: f64,
    /// What finds road users.
    #[serde(default)]
    pub detector: Detector,
    /// Play a `file://` source again from the start when it ends.
    #[serde(default, rename = "loop", skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
    /// Local time as minutes ahead of UTC, -720..=840; for the rules' schedules.
    #[serde(default = "default_utc_offset_minutes")]
    pub utc_offset_minutes: i32,
    /// What makes metres of the picture: speeds, lengths and places over ground need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationConfig>,
    /// Polygons that are blacked out before anything looks at the picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub privacy_masks: Vec<Vec<Pair>>,
    /// Number of the view that a person has confirmed. Another number, or another calibration, says: what the picture
    /// shows now is right. The agent then learns the view anew.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub view: u32,
    /// Length of an observation window, seconds, 5..=3600.
    #[serde(default = "default_window_s")]
    pub window_s: u32,
    /// Whether simplified trajectories of road users are sent; they hold no pictures.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub tracks: bool,
    /// Tripwires: their crossings are counted by class and direction.
    #[serde(default, rename = "tripwire", skip_serializing_if = "Vec::is_empty")]
    pub tripwires: Vec<TripwireConfig>,
    /// Zones that rules refer to.
    #[serde(default, rename = "zone", skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneConfig>,
    /// Rules.
    #[serde(default, rename = "rule", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleConfig>,
}

fn default_analysis_fps() -> f64 {
    5.0
}
fn default_window_s() -> u32 {
    60
}
fn yes() -> bool {
    true
}
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
/// Vietnam's time.
fn default_utc_offset_minutes() -> i32 {
    7 * 60
}

/// A directed segment. Standing on the first point and looking to the second, left to right is `a_to_b`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TripwireConfig {
    /// Unique among the camera's zones and tripwires.
    pub id: ZoneId,
    /// First and second point.
    pub points: [Pair; 2],
    /// Classes that are counted; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<RoadUserClass>,
}

/// A polygon in the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneConfig {
    /// Unique among the camera's zones and tripwires.
    pub id: ZoneId,
    /// At least three corners.
    pub points: Vec<Pair>,
    /// The legal way, picture coordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Pair>,
}

/// A configuration that cannot be used: which key, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Path to the key, such as `camera[north].rule[0].kind`.
    pub key: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.reason)
    }
}

/// Checks a set of cameras: each one, and that no two share an id.
#[must_use]
pub fn check_cameras(cameras: &[CameraConfig]) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for camera in cameras {
        if !seen.insert(&camera.id) {
            errors.push(ConfigError {
                key: format!("camera[{}].id", camera.id),
                reason: "two cameras have this id".into(),
            });
        }
        errors.extend(camera.check());
    }
    errors
}

impl CameraConfig {
    /// Everything that is wrong with the camera; empty when it can be used.
    #[must_use]
    pub fn check(&self) -> Vec<ConfigError> {
        let mut check = Check { prefix: format!("camera[{}]", self.id), errors: Vec::new() };
        if self.name.trim().is_empty() || self.name.chars().count() > 200 {
            check.error("name", "wanted 1 to 200 characters");
        }
        let scheme = self.url.split_once("://").map_or("", |(scheme, _)| scheme);
        if !["rtsp", "rtsps", "file", "v4l2"].contains(&scheme) {
            check.error("url", "wanted rtsp://, rtsps://, file:// or v4l2://");
        }
        if self.repeat && scheme != "file" {
            check.error("loop", "only a file:// source can be looped");
        }
        if !(self.analysis_fps > 0.0 && self.analysis_fps <= 60.0) {
            check.error("analysis_fps", "wanted more than 0 and at most 60");
        }
        if !(5..=3600).contains(&self.window_s) {
            check.error("window_s", "wanted 5 to 3600");
        }
        if !(-720..=840).contains(&self.utc_offset_minutes) {
            check.error("utc_offset_minutes", "wanted -720 to 840");
        }
        if let Some(Err(reason)) = self.place.map(|place| place.check("place")) {
            check.error("place", &reason);
        }
        for (i, mask) in self.privacy_masks.iter().enumerate() {
            check.polygon(&format!("privacy_masks[{i}]"), mask);
        }
        self.check_shapes(&mut check);
        if let Some(calibration) = &self.calibration {
            calibration.check(self, &mut check);
        }
        self.check_rules(&mut check);
        check.errors
    }

    /// Whether its detector can find any of these classes; empty for all of them.
    fn finds_any(&self, classes: &[RoadUserClass]) -> bool {
        let own = self.detector.classes(self.calibration.is_some());
        own.is_empty() || classes.is_empty() || classes.iter().any(|class| own.contains(class))
    }

    /// Why its detector finds none of what is asked for, and what to do.
    fn finds_none(&self, classes: &[RoadUserClass]) -> String {
        let words = |classes: &[RoadUserClass]| {
            classes.iter().map(|class| format!("`{class}`")).collect::<Vec<_>>().join(", ")
        };
        let calibrated = self.calibration.is_some();
        let by_size = classes.iter().any(|class| Detector::Motion.classes(true).contains(class));
        format!(
            "it is about {}, but `detector = \"motion\"` finds only {}{}; choose `detector = \"onnx\"`{}",
            words(classes),
            words(self.detector.classes(calibrated)),
            if calibrated { "" } else { " without a calibration" },
            if by_size && !calibrated { ", calibrate the camera so that sizes tell classes" } else { "" },
        )
    }

    fn check_shapes(&self, check: &mut Check) {
        let mut ids = BTreeSet::new();
        for (i, zone) in self.zones.iter().enumerate() {
            check.polygon(&format!("zone[{i}].points"), &zone.points);
            // Not a number compares false.
            if zone.direction.is_some_and(|[x, y]| x.hypot(y).is_nan() || x.hypot(y) <= 1e-6) {
                check.error(&format!("zone[{i}].direction"), "wanted a direction that is not [0, 0]");
            }
            if !ids.insert(&zone.id) {
                check.error(&format!("zone[{i}].id"), &format!("`{}` is used twice", zone.id));
            }
        }
        for (i, wire) in self.tripwires.iter().enumerate() {
            let key = format!("tripwire[{i}].points");
            let [a, b] = wire.points;
            if check.points(&key, &wire.points) && (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-6 {
                check.error(&key, "the tripwire has no length");
            }
            if !self.finds_any(&wire.classes) {
                let reason = self.finds_none(&wire.classes);
                check.error(&format!("tripwire[{i}].classes"), &format!("{reason}, or name no classes"));
            }
            if !ids.insert(&wire.id) {
                check.error(&format!("tripwire[{i}].id"), &format!("`{}` is used twice", wire.id));
            }
        }
    }

    fn check_rules(&self, check: &mut Check) {
        let mut ids = BTreeSet::new();
        for (i, rule) in self.rules.iter().enumerate() {
            rule.check(&format!("rule[{i}]"), self, check);
            if !ids.insert(rule.rule_id()) {
                let reason = format!("`{}` is used twice; give each rule an id of its own", rule.rule_id());
                check.error(&format!("rule[{i}].id"), &reason);
            }
        }
    }
}

struct Check {
    prefix: String,
    errors: Vec<ConfigError>,
}

impl Check {
    fn error(&mut self, key: &str, reason: &str) {
        self.errors.push(ConfigError { key: format!("{}.{key}", self.prefix), reason: reason.to_owned() });
    }

    fn points(&mut self, key: &str, points: &[Pair]) -> bool {
        for (i, [x, y]) in points.iter().enumerate() {
            if let Err(reason) = (Point { x: *x, y: *y }).check("point") {
                self.error(&format!("{key}[{i}]"), &reason);
                return false;
            }
        }
        true
    }

    fn polygon(&mut self, key: &str, points: &[Pair]) {
        if !self.points(key, points) {
            return;
        }
        if points.len() < 3 || points.len() > 100 {
            self.error(key, "wanted 3 to 100 corners");
        } else if crosses_itself(points) {
            self.error(key, "the outline crosses itself");
        } else if area(points).abs() < 1e-6 {
            self.error(key, "the corners enclose no area");
        }
    }
}

/// Signed area of a polygon by the shoelace formula.
fn area(points: &[Pair]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// Whether two edges that are not neighbours meet.
fn crosses_itself(points: &[Pair]) -> bool {
    let n = points.len();
    let side = |a: Pair, b: Pair, c: Pair| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    (0..n).any(|i| {
        (i + 2..n).filter(|j| (j + 1) % n != i).any(|j| {
            let (a, b, c, d) = (points[i], points[(i + 1) % n], points[j], points[(j + 1) % n]);
            side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        id = "north"
        name = "Ngã tư Phúc Khánh, hướng bắc"
        url = "rtsp://127.0.0.1/north"
        [[tripwire]]
        id = "stop-line"
        points = [[0.1, 0.6], [0.9, 0.6]]
        [[zone]]
        id = "yard"
        points = [[0.3, 0.9], [0.6, 0.9], [0.55, 0.4], [0.45, 0.4]]
        [[rule]]
        kind = "intrusion"
        zone = "yard"
    "#;

    fn errors_of(text: &str) -> String {
        match toml::from_str::<CameraConfig>(text) {
            Ok(camera) => camera.check().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_good_camera_has_no_errors() {
        assert_eq!(errors_of(GOOD), "");
    }

    #[test]
    fn each_mistake_is_named_with_its_key_and_reason() {
        let table = [
            (
                "kind = \"intrusion\"",
                "kind = \"camera_lost\"",
                "rule[0].kind: rule kind `camera_lost` is not built",
            ),
            ("kind = \"intrusion\"", "kind = \"no_such\"", "no_such"),
            ("zone = \"yard\"", "zone = \"garden\"", "rule[0].zone: there is no zone `garden`"),
            ("rtsp://", "http://", "url: wanted rtsp://"),
            (
                "[[0.1, 0.6], [0.9, 0.6]]",
                "[[0.1, 0.6], [0.1, 0.6]]",
                "tripwire[0].points: the tripwire has no length",
            ),
            (
                "[0.3, 0.9], [0.6, 0.9]",
                "[0.6, 0.9], [0.3, 0.9]",
                "zone[0].points: the outline crosses itself",
            ),
            ("[0.3, 0.9]", "[1.3, 0.9]", "zone[0].points[0]"),
            ("[0.3, 0.9]", "[nan, 0.9]", "zone[0].points[0]"),
            ("id = \"yard\"", "id = \"stop-line\"", "tripwire[0].id: `stop-line` is used twice"),
            ("id = \"north\"", "id = \"north\"\nspeed = 3", "unknown field `speed`"),
            ("id = \"north\"", "id = \"north\"\nanalysis_fps = 0", "analysis_fps"),
        ];
        for (from, to, wanted) in table {
            let errors = errors_of(&GOOD.replacen(from, to, 1));
            assert!(errors.contains(wanted), "{to}: {errors:?} should say {wanted:?}");
        }
    }

    #[test]
    fn a_tripwire_for_classes_that_the_detector_does_not_know_would_count_nothing_and_is_refused() {
        let motion = GOOD.replacen("id = \"north\"", "id = \"north\"\ndetector = \"motion\"", 1);
        let with =
            |text: &str, classes: &str| text.replacen("0.6]]\n", &format!("0.6]]\nclasses = {classes}\n"), 1);
        assert_eq!(errors_of(&with(GOOD, "[\"car\"]")), "");
        assert_eq!(errors_of(&motion), "");
        assert_eq!(errors_of(&with(&motion, "[\"car\", \"object\"]")), "");
        assert_eq!(
            errors_of(&with(&motion, "[\"car\", \"bus\"]")),
            "camera[north].tripwire[0].classes: it is about `car`, `bus`, but `detector = \"motion\"` finds only \
             `object` without a calibration; choose `detector = \"onnx\"`, calibrate the camera so that sizes tell \
             classes, or name no classes"
        );
    }

    #[test]
    fn a_rule_without_an_id_is_named_after_kind_and_zone() {
        let camera: CameraConfig = toml::from_str(GOOD).unwrap();
        assert_eq!(camera.rules[0].rule_id().as_str(), "intrusion-yard");
    }
}
