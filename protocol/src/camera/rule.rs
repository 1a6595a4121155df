//! A rule's configuration: what it watches for, where, when, and from which values on. Each kind of rule says in one
//! table ([`profile`]) what it needs and what holds when a key is absent.

use super::{CameraConfig, Check, Detector, ScheduleConfig};
use crate::{EventKind, RoadUserClass, RuleId, ZoneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rule that states events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// Unique within the camera; when absent it is made of kind and zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RuleId>,
    /// What it states.
    pub kind: EventKind,
    /// The zone that it watches. `camera_tampered` and `camera_moved` watch the whole picture and have none;
    /// `smoke_or_fire` may have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneId>,
    /// Classes that it concerns; when empty, those of the kind's [`profile`], where empty again means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<RoadUserClass>,
    /// Hours in which it is in force; none for always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<ScheduleConfig>,
    /// Smallest road user that counts: its height as a share of the picture's, 0..1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_height: Option<f64>,
    /// How long the condition must hold before the event starts, seconds, 0..=86400. When absent, the kind's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_s: Option<f64>,
    /// How long the condition must be away before the event ends, seconds, 0..=3600. When absent, the kind's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_s: Option<f64>,
    /// After an end, nothing new starts for so long, seconds, 0..=86400. When absent, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown_s: Option<f64>,
    /// From how many road users on; for `crowd`, `congestion` and `queue_too_long`, 1..=10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// Above which speed, km/h, more than 0 and at most 300; for `speeding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_kmh: Option<f64>,
    /// Below which mean speed, km/h, more than 0 and at most 300; for `congestion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_kmh: Option<f64>,
}

/// What a kind of rule needs and what holds when a key is absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// Whether it watches a zone.
    pub zone: Need,
    /// Whether the zone must have a direction.
    pub direction: bool,
    /// Whether the camera must be calibrated.
    pub calibrated: bool,
    /// Whether it takes `classes` and `min_height`: not where it is about no road user.
    pub road_users: Need,
    /// Whether it takes `at_least`.
    pub at_least: Need,
    /// Whether it takes `above_kmh`.
    pub above_kmh: Need,
    /// Whether it takes `below_kmh`.
    pub below_kmh: Need,
    /// Classes that it concerns when none are named; empty for all.
    pub classes: &'static [RoadUserClass],
    /// Classes that it can be about at all, whatever is named; empty for any.
    pub only: &'static [RoadUserClass],
    /// Hold time when `after_s` is absent, seconds.
    pub hold_s: f64,
    /// Hysteresis when `clear_s` is absent, seconds.
    pub clear_s: f64,
}

/// Whether a key must, may or must not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must be there.
    Must,
    /// It may be there.
    May,
    /// It means nothing here and is refused.
    Never,
}

const VEHICLES: &[RoadUserClass] = &[
    RoadUserClass::Bicycle,
    RoadUserClass::Car,
    RoadUserClass::Motorcycle,
    RoadUserClass::Bus,
    RoadUserClass::Truck,
    RoadUserClass::Object,
];
const MOTOR_VEHICLES: &[RoadUserClass] = &[
    RoadUserClass::Car,
    RoadUserClass::Motorcycle,
    RoadUserClass::Bus,
    RoadUserClass::Truck,
    RoadUserClass::Object,
];
const PEOPLE: &[RoadUserClass] = &[RoadUserClass::Person];
const THINGS: &[RoadUserClass] = &[RoadUserClass::Object];

/// What each kind needs; `None` for `camera_lost`, which every camera has without a rule.
#[must_use]
pub const fn profile(kind: EventKind) -> Option<Profile> {
    let plain = Profile {
        zone: Need::Must,
        direction: false,
        calibrated: false,
        road_users: Need::May,
        at_least: Need::Never,
        above_kmh: Need::Never,
        below_kmh: Need::Never,
        classes: &[],
        only: &[],
        hold_s: 0.5,
        clear_s: 1.0,
    };
    Some(match kind {
        EventKind::Intrusion => plain,
        EventKind::ZoneLeft => Profile { classes: PEOPLE, hold_s: 1.0, clear_s: 2.0, ..plain },
        EventKind::Loitering => Profile { hold_s: 30.0, clear_s: 3.0, ..plain },
        EventKind::Crowd => {
            Profile { classes: PEOPLE, at_least: Need::Must, hold_s: 5.0, clear_s: 5.0, ..plain }
        }
        EventKind::AbandonedObject => Profile { classes: THINGS, hold_s: 60.0, clear_s: 5.0, ..plain },
        EventKind::PersonDown => {
            Profile { classes: PEOPLE, only: PEOPLE, hold_s: 5.0, clear_s: 2.0, ..plain }
        }
        EventKind::WrongWay => Profile { direction: true, classes: VEHICLES, hold_s: 1.0, ..plain },
        EventKind::StoppedVehicle => Profile { classes: MOTOR_VEHICLES, hold_s: 10.0, clear_s: 2.0, ..plain },
        EventKind::IllegalParking => {
            Profile { classes: MOTOR_VEHICLES, hold_s: 300.0, clear_s: 5.0, ..plain }
        }
        EventKind::PedestrianOnRoad => Profile { classes: PEOPLE, hold_s: 1.0, clear_s: 2.0, ..plain },
        EventKind::Speeding => {
            Profile { calibrated: true, classes: VEHICLES, above_kmh: Need::Must, ..plain }
        }
        EventKind::Congestion => Profile {
            classes: VEHICLES,
            at_least: Need::Must,
            below_kmh: Need::May,
            hold_s: 30.0,
            clear_s: 15.0,
            ..plain
        },
        EventKind::QueueTooLong => {
            Profile { classes: VEHICLES, at_least: Need::Must, hold_s: 15.0, clear_s: 10.0, ..plain }
        }
        EventKind::CollisionSuspected => Profile { classes: VEHICLES, hold_s: 2.0, clear_s: 5.0, ..plain },
        EventKind::SmokeOrFire => {
            Profile { zone: Need::May, road_users: Need::Never, hold_s: 5.0, clear_s: 10.0, ..plain }
        }
        EventKind::CameraTampered | EventKind::CameraMoved => {
            // Longer than a lorry stands before a near camera at walking pace.
            Profile { zone: Need::Never, road_users: Need::Never, hold_s: 5.0, clear_s: 3.0, ..plain }
        }
        EventKind::CameraLost => return None,
    })
}

impl RuleConfig {
    /// A rule with the kind's own values for all that may be absent.
    #[must_use]
    pub fn new(kind: EventKind, zone: Option<ZoneId>) -> RuleConfig {
        RuleConfig {
            id: None,
            kind,
            zone,
            classes: Vec::new(),
            schedule: Vec::new(),
            min_height: None,
            after_s: None,
            clear_s: None,
            cooldown_s: None,
            at_least: None,
            above_kmh: None,
            below_kmh: None,
        }
    }

    /// The rule's id: as configured, or made of kind and zone.
    #[must_use]
    pub fn rule_id(&self) -> RuleId {
        let made = || {
            let mut name = self.kind.as_str().replace('_', "-");
            if let Some(zone) = &self.zone {
                name = format!("{name}-{zone}");
            }
            name.truncate(crate::ids::MAX_NAME_CHARS);
            RuleId::new(name).unwrap_or_else(|_| unreachable!("made of two checked names"))
        };
        self.id.clone().unwrap_or_else(made)
    }

    /// The hold time in force, seconds.
    #[must_use]
    pub fn hold_s(&self) -> f64 {
        self.after_s.or(profile(self.kind).map(|profile| profile.hold_s)).unwrap_or(0.5)
    }

    /// The hysteresis in force, seconds.
    #[must_use]
    pub fn leave_s(&self) -> f64 {
        self.clear_s.or(profile(self.kind).map(|profile| profile.clear_s)).unwrap_or(1.0)
    }

    /// The classes that the rule concerns; empty for all.
    fn classes_in_force(&self) -> &[RoadUserClass] {
        match profile(self.kind) {
            Some(profile) if self.classes.is_empty() => profile.classes,
            _ => &self.classes,
        }
    }

    /// Whether the rule concerns a class.
    #[must_use]
    pub fn concerns(&self, class: RoadUserClass) -> bool {
        let classes = self.classes_in_force();
        classes.is_empty() || classes.contains(&class)
    }

    /// Whether the rule concerns a class at a camera with this detector: to `detector = "motion"` all that moves is an
    /// `object`, so a rule that concerns those, by name or when none is named, means everybody, whatever size says.
    #[must_use]
    pub fn concerns_at(&self, detector: Detector, class: RoadUserClass) -> bool {
        self.concerns(class) || (detector == Detector::Motion && self.concerns(RoadUserClass::Object))
    }

    /// Why this rule could never state anything: nobody whom it is about is found by the camera's detector.
    fn check_classes(&self, profile: &Profile, (key, camera): (&str, &CameraConfig), check: &mut Check) {
        let (named, only) = (self.classes_in_force(), profile.only);
        if let Some(other) = self.classes.iter().find(|class| !only.is_empty() && !only.contains(class)) {
            let reason = format!("`{}` is never about `{other}`; remove the class", self.kind);
            return check.error(&format!("{key}.classes"), &reason);
        }
        if !only.is_empty() && camera.detector == Detector::Motion && camera.calibration.is_some() {
            let reason = format!("`{}` needs `detector = \"onnx\"`: a blob has no posture", self.kind);
            return check.error(&format!("{key}.kind"), &reason);
        }
        if camera.finds_any(named) {
            return;
        }
        let reason = camera.finds_none(named);
        if self.classes.is_empty() && only.is_empty() {
            let reason =
                format!("{reason}, or name `classes = [\"object\"]` if anything that moves is meant");
            check.error(&format!("{key}.kind"), &reason);
        } else if self.classes.is_empty() {
            check.error(&format!("{key}.kind"), &reason);
        } else {
            check.error(&format!("{key}.classes"), &reason);
        }
    }

    pub(super) fn check(&self, key: &str, camera: &CameraConfig, check: &mut Check) {
        let Some(profile) = profile(self.kind).filter(|_| self.kind.is_built()) else {
            let built: Vec<_> = EventKind::BUILT_RULES.iter().map(|kind| kind.as_str()).collect();
            let reason = format!(
                "rule kind `{}` is not built in this version, which has: {}",
                self.kind,
                built.join(", ")
            );
            return check.error(&format!("{key}.kind"), &reason);
        };
        let mut need = |name: &str, need: Need, there: bool| match (need, there) {
            (Need::Must, false) => {
                check.error(&format!("{key}.{name}"), &format!("`{}` needs it", self.kind))
            }
            (Need::Never, true) => {
                check.error(
                    &format!("{key}.{name}"),
                    &format!("`{}` has no use for it; remove the key", self.kind),
                );
            }
            _ => {}
        };
        need("zone", profile.zone, self.zone.is_some());
        need("at_least", profile.at_least, self.at_least.is_some());
        need("above_kmh", profile.above_kmh, self.above_kmh.is_some());
        need("below_kmh", profile.below_kmh, self.below_kmh.is_some());
        need("classes", profile.road_users, !self.classes.is_empty());
        need("min_height", profile.road_users, self.min_height.is_some());
        if let Some(name) = &self.zone {
            match camera.zones.iter().find(|zone| zone.id == *name) {
                None => check.error(&format!("{key}.zone"), &format!("there is no zone `{name}`")),
                Some(zone) if profile.direction && zone.direction.is_none() => {
                    let reason = format!("`{}` needs a direction on zone `{name}`: the legal way", self.kind);
                    check.error(&format!("{key}.zone"), &reason);
                }
                Some(_) => {}
            }
        }
        if (profile.calibrated || self.below_kmh.is_some()) && camera.calibration.is_none() {
            check.error(&format!("{key}.kind"), "km/h need a calibration of the camera");
        }
        self.check_classes(&profile, (key, camera), check);
        let mut range = |name: &str, value: Option<f64>, fits: fn(f64) -> bool, wanted: &str| {
            if value.is_some_and(|value| !fits(value)) {
                check.error(&format!("{key}.{name}"), &format!("wanted {wanted}"));
            }
        };
        range("after_s", self.after_s, |s| (0.0..=86_400.0).contains(&s), "0 to 86400");
        range("clear_s", self.clear_s, |s| (0.0..=3600.0).contains(&s), "0 to 3600");
        range("cooldown_s", self.cooldown_s, |s| (0.0..=86_400.0).contains(&s), "0 to 86400");
        range("min_height", self.min_height, |h| h > 0.0 && h < 1.0, "more than 0 and less than 1");
        range("above_kmh", self.above_kmh, |v| v > 0.0 && v <= 300.0, "more than 0 and at most 300");
        range("below_kmh", self.below_kmh, |v| v > 0.0 && v <= 300.0, "more than 0 and at most 300");
        range("at_least", self.at_least.map(f64::from), |n| (1.0..=10_000.0).contains(&n), "1 to 10000");
        for (i, schedule) in self.schedule.iter().enumerate() {
            if let Err(reason) = schedule.minutes() {
                check.error(&format!("{key}.schedule[{i}]"), &reason);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `check` says of a camera with a zone `road`, which has a direction, a zone `yard`, which has none, and this
    /// rule.
    fn errors_of(rule: &str) -> String {
        errors_with("onnx", rule)
    }

    fn errors_with(detector: &str, rule: &str) -> String {
        let text = format!(
            r#"
            id = "north"
            name = "north"
            url = "rtsp://127.0.0.1/north"
            detector = "{detector}"
            [[zone]]
            id = "road"
            points = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]
            direction = [0.0, 1.0]
            [[zone]]
            id = "yard"
            points = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]
            [[rule]]
            {rule}
            "#
        );
        match toml::from_str::<CameraConfig>(&text) {
            Ok(camera) => camera.check().iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_kind_is_accepted_with_what_it_needs_and_refused_with_what_it_has_no_use_for() {
        for kind in EventKind::BUILT_RULES {
            let profile = profile(*kind).unwrap();
            let key = |name: &str, value: &str, need: Need| match need {
                Need::Must => format!("{name} = {value}\n"),
                Need::May | Need::Never => String::new(),
            };
            let mut rule = format!("kind = \"{kind}\"\n");
            rule += &key("zone", "\"road\"", profile.zone);
            rule += &key("at_least", "3", profile.at_least);
            rule += &key("above_kmh", "50", profile.above_kmh);
            rule += &key("below_kmh", "20", profile.below_kmh);
            let errors = errors_of(&rule);
            if profile.calibrated {
                assert!(errors.contains("rule[0].kind: km/h need a calibration"), "{kind}: {errors}");
            } else {
                assert_eq!(errors, "", "{kind}");
            }
            for (name, value, need) in [
                ("zone", "\"road\"", profile.zone),
                ("at_least", "3", profile.at_least),
                ("above_kmh", "50", profile.above_kmh),
                ("below_kmh", "20", profile.below_kmh),
                ("classes", "[\"person\"]", profile.road_users),
                ("min_height", "0.1", profile.road_users),
            ] {
                let line = format!("{name} = {value}\n");
                let (other, reason) = match need {
                    Need::Must => (rule.replace(&line, ""), "needs it"),
                    Need::Never => (format!("{rule}{line}"), "has no use for it; remove the key"),
                    Need::May => continue,
                };
                let errors = errors_of(&other);
                assert!(errors.contains(&format!("rule[0].{name}: `{kind}` {reason}")), "{other}: {errors}");
            }
        }
    }

    #[test]
    fn a_rule_that_cannot_be_meant_is_refused_with_key_and_reason() {
        let yard = "zone = \"yard\"\n";
        let table = [
            ("kind = \"intrusion\"\nclasses = [\"tram\"]", "tram"),
            ("kind = \"intrusion\"\nspeed = 3", "unknown field `speed`"),
            (
                "kind = \"wrong_way\"",
                "rule[0].zone: `wrong_way` needs a direction on zone `yard`: the legal way",
            ),
            ("kind = \"speeding\"\nabove_kmh = 50", "rule[0].kind: km/h need a calibration of the camera"),
            ("kind = \"speeding\"\nabove_kmh = 0", "rule[0].above_kmh: wanted more than 0 and at most 300"),
            ("kind = \"congestion\"\nat_least = 3\nbelow_kmh = 15", "rule[0].kind: km/h need a calibration"),
            ("kind = \"crowd\"\nat_least = 0", "rule[0].at_least: wanted 1 to 10000"),
            ("kind = \"loitering\"\nafter_s = -1", "rule[0].after_s: wanted 0 to 86400"),
            ("kind = \"loitering\"\nafter_s = nan", "rule[0].after_s: wanted 0 to 86400"),
            ("kind = \"intrusion\"\nclear_s = 4000", "rule[0].clear_s: wanted 0 to 3600"),
            ("kind = \"intrusion\"\ncooldown_s = inf", "rule[0].cooldown_s: wanted 0 to 86400"),
            (
                "kind = \"intrusion\"\nmin_height = 1.0",
                "rule[0].min_height: wanted more than 0 and less than 1",
            ),
            ("kind = \"camera_lost\"", "rule[0].kind: rule kind `camera_lost` is not built"),
        ];
        for (rule, wanted) in table {
            let errors = errors_of(&format!("{yard}{rule}\n"));
            assert!(errors.contains(wanted), "{rule}: {errors:?} should say {wanted:?}");
        }
    }

    #[test]
    fn a_rule_about_nobody_whom_the_detector_finds_is_refused_with_what_to_do() {
        const ADVICE: &str = "but `detector = \"motion\"` finds only `object` without a calibration; choose \
                              `detector = \"onnx\"`, calibrate the camera so that sizes tell classes";
        const OR_OBJECT: &str = ", or name `classes = [\"object\"]` if anything that moves is meant";
        let people = format!("rule[0].kind: it is about `person`, {ADVICE}");
        let any = format!("{people}{OR_OBJECT}");
        let table = [
            ("kind = \"person_down\"", people.as_str()),
            ("kind = \"crowd\"\nat_least = 3", &any),
            ("kind = \"zone_left\"", &any),
            ("kind = \"pedestrian_on_road\"", &any),
            ("kind = \"crowd\"\nat_least = 3\nclasses = [\"object\"]", ""),
            ("kind = \"zone_left\"\nclasses = [\"object\"]", ""),
            ("kind = \"pedestrian_on_road\"\nclasses = [\"object\", \"person\"]", ""),
            ("kind = \"intrusion\"", ""),
            ("kind = \"wrong_way\"", ""),
            ("kind = \"congestion\"\nat_least = 3", ""),
            ("kind = \"intrusion\"\nclasses = [\"person\"]", "rule[0].classes: it is about `person`, but"),
            ("kind = \"wrong_way\"\nclasses = [\"motorcycle\", \"car\"]", "about `motorcycle`, `car`, but"),
        ];
        for (rule, wanted) in table {
            let rule = format!("zone = \"road\"\n{rule}\n");
            let errors = errors_with("motion", &rule);
            assert!(
                errors.ends_with(wanted) || wanted.ends_with("but") && errors.contains(wanted),
                "{rule}: {errors:?}"
            );
            assert_eq!(errors.is_empty(), wanted.is_empty(), "{rule}: {errors:?}");
            let errors = errors_with("onnx", &rule);
            assert_eq!(errors, "", "{rule}");
        }
        for detector in ["onnx", "motion"] {
            let errors =
                errors_with(detector, "zone = \"road\"\nkind = \"person_down\"\nclasses = [\"object\"]\n");
            let wanted = "rule[0].classes: `person_down` is never about `object`; remove the class";
            assert!(errors.ends_with(wanted), "{detector}: {errors:?}");
        }
    }

    #[test]
    fn before_a_calibrated_camera_the_size_of_a_blob_tells_classes_and_rules_about_those_are_accepted() {
        const CALIBRATED: &str = "[calibration]\npicture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.05], [0.4, 0.05]]\n\
                                  ground_m = [[0, 0], [7, 0], [7, 40], [0, 40]]\n";
        let table = [
            ("kind = \"crowd\"\nat_least = 3", ""),
            ("kind = \"zone_left\"", ""),
            ("kind = \"pedestrian_on_road\"", ""),
            ("kind = \"intrusion\"\nclasses = [\"person\"]", ""),
            ("kind = \"wrong_way\"\nclasses = [\"motorcycle\", \"car\"]", ""),
            ("kind = \"wrong_way\"\nclasses = [\"bus\", \"truck\"]", ""),
            (
                "kind = \"intrusion\"\nclasses = [\"bicycle\"]",
                "rule[0].classes: it is about `bicycle`, but `detector = \"motion\"` finds only `person`, \
                 `motorcycle`, `car`, `truck`, `object`; choose `detector = \"onnx\"`",
            ),
            (
                "kind = \"person_down\"",
                "rule[0].kind: `person_down` needs `detector = \"onnx\"`: a blob has no posture",
            ),
        ];
        for (rule, wanted) in table {
            let errors = errors_with("motion", &format!("zone = \"road\"\n{rule}\n{CALIBRATED}"));
            assert!(errors.ends_with(wanted), "{rule}: {errors:?}");
            assert_eq!(errors.is_empty(), wanted.is_empty(), "{rule}: {errors:?}");
        }
    }

    #[test]
    fn who_names_object_before_a_motion_detector_means_all_that_moves() {
        let mut rule = RuleConfig::new(EventKind::Crowd, None);
        assert!(!rule.concerns_at(Detector::Motion, RoadUserClass::Car));
        rule.classes = vec![RoadUserClass::Object];
        assert!(rule.concerns_at(Detector::Motion, RoadUserClass::Car));
        assert!(!rule.concerns_at(Detector::Onnx, RoadUserClass::Car));
    }

    #[test]
    fn the_page_about_rules_says_what_the_program_does() {
        let page = include_str!("../../../docs/rules.md");
        for kind in EventKind::BUILT_RULES {
            let profile = profile(*kind).unwrap();
            let key = |name: &str, need: Need| match need {
                Need::Must => Some(format!("`{name}`")),
                Need::May => Some(format!("may have `{name}`")),
                Need::Never => None,
            };
            let zone = key("zone", profile.zone).map(|zone| match profile.direction {
                true => format!("{zone} with `direction`"),
                false => zone,
            });
            let keys = [
                zone,
                key("at_least", profile.at_least),
                key("above_kmh", profile.above_kmh),
                key("below_kmh", profile.below_kmh),
                profile.calibrated.then(|| "calibration".to_owned()),
            ];
            let list = |words: Vec<String>, none: &str| match words.join(", ") {
                words if words.is_empty() => none.to_owned(),
                words => words,
            };
            let needs = list(keys.into_iter().flatten().collect(), "nothing");
            let classes = list(profile.classes.iter().map(ToString::to_string).collect(), "all");
            let wanted = format!("| {needs} | {classes} | {} | {} |", profile.hold_s, profile.clear_s);
            let row = page.lines().find(|line| line.starts_with(&format!("| `{kind}` |")));
            assert!(row.is_some_and(|row| row.ends_with(&wanted)), "{kind}: wanted {wanted}, found {row:?}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, EventKind::BUILT_RULES.len());
    }
}
