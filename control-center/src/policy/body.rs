//! A policy as data: what the API, the city file and the database hold, and its checks.

use crate::alerts::Severity;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ngatu_protocol::camera::{ConfigError, ScheduleConfig};
use ngatu_protocol::{EventKind, RoadUserClass};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Most rules, inhibitions or maintenance windows of a policy.
const MAX_ROWS: usize = 1000;
/// Longest hold-off and longest time for grouping, seconds.
const MAX_SECONDS: f64 = 86_400.0;
/// Cameras are neighbours at most this far apart, metres.
const MAX_METRES: f64 = 5_000.0;

/// Which events become alerts, and which alerts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyBody {
    /// IANA name of the time zone in which hours and shifts count.
    pub time_zone: String,
    /// When shifts begin, `HH:MM`, in order.
    pub shifts: Vec<String>,
    /// The first rule that fits an event decides; where none fits, it becomes an alert of its kind's severity.
    #[serde(rename = "rule")]
    pub rules: Vec<PolicyRule>,
    /// While one alert is active, others of its camera are inhibited.
    #[serde(rename = "inhibit")]
    pub inhibits: Vec<Inhibit>,
    /// Planned work: alerts are raised muted meanwhile.
    pub maintenance: Vec<Maintenance>,
}

impl Default for PolicyBody {
    /// What holds unless a city says otherwise.
    fn default() -> PolicyBody {
        PolicyBody {
            time_zone: "Asia/Ho_Chi_Minh".into(),
            shifts: ["06:00", "14:00", "22:00"].map(ToOwned::to_owned).into(),
            rules: Vec::new(),
            inhibits: Vec::new(),
            maintenance: Vec::new(),
        }
    }
}

/// What an event must be. An empty list fits everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Matcher {
    /// Kinds of events.
    #[schema(value_type = Vec<String>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<EventKind>,
    /// Edges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<String>,
    /// Cameras, `edge/camera`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cameras: Vec<String>,
    /// Areas.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// Zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// Rules of cameras.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Classes of road users.
    #[schema(value_type = Vec<String>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<RoadUserClass>,
    /// The detector is at least as sure, 0..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_confidence: Option<f64>,
    /// The detector is less sure, 0..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below_confidence: Option<f64>,
    /// Days and hours in the policy's time zone: `{days: ["sat"], from: "22:00", to: "06:00"}`.
    #[schema(value_type = Vec<Object>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<ScheduleConfig>,
}

/// What becomes of the events that fit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyRule {
    /// What people call it; the alert's log names it.
    pub name: String,
    /// Which events.
    pub when: Matcher,
    /// Whether they become alerts at all; the events are kept anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<bool>,
    /// How much the alert matters; by the kind of event when it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The condition must last so long before an alert is raised, seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub hold_off_s: f64,
    /// What counts as one alert; by camera, rule, zone and kind when it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Grouping>,
    /// Whether an incident is opened at once.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub incident: bool,
}

/// What counts as one alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grouping {
    /// What must be the same besides the camera.
    #[serde(default)]
    pub by: Vec<GroupBy>,
    /// A condition that comes back this soon after it ended is the same alert, seconds.
    #[serde(default = "sixty")]
    pub within_s: f64,
    /// Cameras this close to each other count as one, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres: Option<f64>,
}

/// What events of one alert have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// The rule of the camera.
    Rule,
    /// The zone.
    Zone,
    /// The kind of event.
    Kind,
}

/// While an alert of one kind is active, others of the same camera are inhibited: recorded, but muted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Inhibit {
    /// While an alert of one of these kinds is active,
    #[schema(value_type = Vec<String>)]
    pub while_active: Vec<EventKind>,
    /// alerts of these kinds are inhibited; empty for all others.
    #[schema(value_type = Vec<String>)]
    #[serde(default)]
    pub mutes: Vec<EventKind>,
}

/// Planned work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// What people call it.
    pub name: String,
    /// Which events.
    #[serde(default)]
    pub when: Matcher,
    /// Begin.
    pub from: DateTime<Utc>,
    /// End.
    pub until: DateTime<Utc>,
}

fn sixty() -> f64 {
    60.0
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    clippy::float_cmp,
    reason = "serde's signature; an exact default"
)]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl PolicyBody {
    /// Reads a policy strictly: unknown keys are refused.
    ///
    /// # Errors
    /// All mistakes, each with its key.
    pub fn parse(value: &Value) -> Result<PolicyBody, Vec<ConfigError>> {
        let body = PolicyBody::deserialize(value).map_err(|error| locate(value, &error))?;
        let errors = body.check();
        if errors.is_empty() { Ok(body) } else { Err(errors) }
    }

    /// What the types do not check: all mistakes, each with its key.
    #[must_use]
    pub fn check(&self) -> Vec<ConfigError> {
        let mut errors = Errors(Vec::new());
        errors.when(self.time_zone.parse::<Tz>().is_err(), "time_zone", "is no IANA time zone");
        let minutes: Vec<_> = self.shifts.iter().map(|shift| shift_minute(shift)).collect();
        let ordered = minutes.windows(2).all(|pair| pair[0] < pair[1]);
        let usable = (1..=24).contains(&minutes.len()) && minutes.iter().all(Option::is_some) && ordered;
        errors.when(!usable, "shifts", "wanted 1 to 24 times HH:MM in ascending order");
        for (key, rows) in [
            ("rule", self.rules.len()),
            ("inhibit", self.inhibits.len()),
            ("maintenance", self.maintenance.len()),
        ] {
            errors.when(rows > MAX_ROWS, key, "at most 1000");
        }
        for (i, rule) in self.rules.iter().enumerate() {
            rule.check(&format!("rule[{i}]"), &mut errors);
        }
        for (i, inhibit) in self.inhibits.iter().enumerate() {
            let key = format!("inhibit[{i}].while_active");
            errors.when(inhibit.while_active.is_empty(), &key, "wanted at least one kind");
        }
        for (i, window) in self.maintenance.iter().enumerate() {
            window.when.check(&format!("maintenance[{i}].when"), &mut errors);
            check_name(&window.name, &format!("maintenance[{i}].name"), &mut errors);
            errors.when(window.until <= window.from, &format!("maintenance[{i}].until"), "is not after from");
        }
        errors.0
    }

    /// The time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::Asia__Ho_Chi_Minh)
    }

    /// When shifts begin, minutes since midnight.
    #[must_use]
    pub fn shift_minutes(&self) -> Vec<i64> {
        self.shifts.iter().filter_map(|shift| shift_minute(shift)).collect()
    }
}

/// Mistakes so far.
pub(super) struct Errors(pub(super) Vec<ConfigError>);

impl Errors {
    fn when(&mut self, wrong: bool, key: &str, reason: &str) {
        if wrong {
            self.0.push(ConfigError { key: key.to_owned(), reason: reason.to_owned() });
        }
    }
}

impl PolicyRule {
    fn check(&self, key: &str, errors: &mut Errors) {
        check_name(&self.name, &format!("{key}.name"), errors);
        self.when.check(&format!("{key}.when"), errors);
        let seconds = |value: f64| (0.0..=MAX_SECONDS).contains(&value);
        errors.when(!seconds(self.hold_off_s), &format!("{key}.hold_off_s"), "wanted 0 to 86400 seconds");
        if let Some(group) = &self.group {
            errors.when(
                !seconds(group.within_s),
                &format!("{key}.group.within_s"),
                "wanted 0 to 86400 seconds",
            );
            let far = group.metres.is_some_and(|metres| !(1.0..=MAX_METRES).contains(&metres));
            errors.when(far, &format!("{key}.group.metres"), "wanted 1 to 5000 metres");
        }
        let silent = self.alert == Some(false);
        let for_nothing = silent && (self.incident || self.severity.is_some() || self.group.is_some());
        errors.when(for_nothing, &format!("{key}.alert"), "is false, so nothing else can be wanted of it");
    }
}

impl Matcher {
    /// Reads a matcher strictly.
    ///
    /// # Errors
    /// All mistakes, each with its key under `key`.
    pub fn parse(value: &Value, key: &str) -> Result<Matcher, Vec<ConfigError>> {
        let unreadable =
            |error: serde_json::Error| vec![ConfigError { key: key.into(), reason: error.to_string() }];
        let matcher = Matcher::deserialize(value).map_err(unreadable)?;
        let mut errors = Errors(Vec::new());
        matcher.check(key, &mut errors);
        if errors.0.is_empty() { Ok(matcher) } else { Err(errors.0) }
    }

    /// Checks a matcher whose key is given.
    pub(super) fn check(&self, key: &str, errors: &mut Errors) {
        let share = |value: Option<f64>| value.is_none_or(|value| (0.0..=1.0).contains(&value));
        errors.when(!share(self.min_confidence), &format!("{key}.min_confidence"), "wanted 0 to 1");
        errors.when(!share(self.below_confidence), &format!("{key}.below_confidence"), "wanted 0 to 1");
        for (i, camera) in self.cameras.iter().enumerate() {
            let both =
                camera.split_once('/').is_some_and(|(edge, camera)| !edge.is_empty() && !camera.is_empty());
            errors.when(!both, &format!("{key}.cameras[{i}]"), "wanted edge/camera");
        }
        for (i, hours) in self.hours.iter().enumerate() {
            if let Err(reason) = hours.minutes() {
                errors.when(true, &format!("{key}.hours[{i}]"), &reason);
            }
        }
        let lists = [&self.edges, &self.cameras, &self.areas, &self.zones, &self.rules];
        errors.when(lists.iter().any(|list| list.len() > 10_000), key, "at most 10000 names in a list");
        let storable = lists.iter().all(|list| list.iter().all(|name| !name.contains('\0')));
        errors.when(!storable, key, "names have no NUL");
    }

    /// Whether it fits every event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Matcher::default()
    }
}

fn check_name(name: &str, key: &str, errors: &mut Errors) {
    let usable = (1..=200).contains(&name.trim().chars().count()) && !name.contains('\0');
    errors.when(!usable, key, "wanted 1 to 200 characters");
}

fn shift_minute(text: &str) -> Option<i64> {
    let schedule = ScheduleConfig { days: Vec::new(), from: text.to_owned(), to: "24:00".into() };
    schedule.minutes().ok().map(|(from, _)| from)
}

/// Says in which row of which list the mistake is.
fn locate(value: &Value, error: &serde_json::Error) -> Vec<ConfigError> {
    let rows = |key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut errors = Vec::new();
    let mut note = |list: &str, i: usize, error: Option<serde_json::Error>| {
        if let Some(error) = error {
            errors.push(ConfigError { key: format!("{list}[{i}]"), reason: error.to_string() });
        }
    };
    for (i, row) in rows("rule").iter().enumerate() {
        note("rule", i, PolicyRule::deserialize(row).err());
    }
    for (i, row) in rows("inhibit").iter().enumerate() {
        note("inhibit", i, Inhibit::deserialize(row).err());
    }
    for (i, row) in rows("maintenance").iter().enumerate() {
        note("maintenance", i, Maintenance::deserialize(row).err());
    }
    if errors.is_empty() {
        errors.push(ConfigError { key: "policy".into(), reason: error.to_string() });
    }
    errors
}
