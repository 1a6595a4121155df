//! A policy made ready to judge: names are sorted, kinds are bits, and which cameras are neighbours is known.

use super::body::{GroupBy, Grouping, Maintenance, Matcher, PolicyBody};
use super::{Fact, MERGE_WITHIN};
use crate::alerts::{Mute, MuteCause, Severity};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use ngatu_protocol::camera::ScheduleConfig;
use ngatu_protocol::{EventKind, ZoneId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Metres of one degree of latitude, on the mean sphere of 6,371,009 m (IUGG).
const METRES_PER_DEGREE: f64 = 111_195.08;

/// Where a camera is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Site {
    /// Its area.
    pub area: Option<String>,
    /// Latitude and longitude, degrees.
    pub place: Option<(f64, f64)>,
}

/// All cameras, by edge and camera.
pub type Sites = BTreeMap<(String, String), Site>;

/// A matcher that mutes for a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// Its id.
    pub id: Uuid,
    /// Which events.
    pub when: Matcher,
    /// Begin.
    pub from: DateTime<Utc>,
    /// End.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// What makes events one alert besides the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form {
    rule: bool,
    zone: bool,
    kind: bool,
    /// Cameras so close count as one.
    metres: Option<u32>,
}

impl Form {
    /// What holds unless a policy says otherwise: camera, rule, zone and kind.
    pub const PLAIN: Form = Form { rule: true, zone: true, kind: true, metres: None };

    /// The forms of all groups of a policy.
    pub fn all_of(body: &PolicyBody) -> impl Iterator<Item = Form> {
        body.rules.iter().filter_map(|rule| rule.group.as_ref()).map(Form::of)
    }

    fn of(group: &Grouping) -> Form {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be 1 to 5000")]
        let metres = group.metres.map(|metres| metres as u32);
        let has = |by| group.by.contains(&by);
        Form { rule: has(GroupBy::Rule), zone: has(GroupBy::Zone), kind: has(GroupBy::Kind), metres }
    }
}

/// What the policy says of one event.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// Whether it becomes an alert.
    pub alert: bool,
    /// How much that matters.
    pub severity: Severity,
    /// The condition must last so long.
    pub hold_off: TimeDelta,
    /// A condition that comes back this soon is the same alert.
    pub within: TimeDelta,
    /// What lasts as one alert.
    pub key: String,
    /// Of a group: which of its members this is, as the plain key.
    pub member: Option<String>,
    /// Whether an incident is opened at once.
    pub incident: bool,
    /// The version of the policy.
    pub policy: i64,
    /// The policy's rule that decided.
    pub rule: Option<String>,
    /// Muted by a silence or by maintenance.
    pub mute: Option<Mute>,
    /// Kinds that mute it while an alert of one of them is active at its camera, one bit each.
    pub inhibitors: u32,
}

impl Ruling {
    /// What holds where no policy says anything.
    #[must_use]
    pub fn plain(fact: &Fact<'_>) -> Ruling {
        Ruling {
            alert: true,
            severity: Severity::of(fact.event.kind),
            hold_off: TimeDelta::zero(),
            within: MERGE_WITHIN,
            key: fact.key(),
            member: None,
            incident: false,
            policy: 0,
            rule: None,
            mute: None,
            inhibitors: 0,
        }
    }
}

/// One bit for each kind.
pub(super) const fn bit(kind: EventKind) -> u32 {
    1 << kind as u32
}

fn bits(kinds: &[EventKind]) -> u32 {
    kinds.iter().fold(0, |bits, kind| bits | bit(*kind))
}

/// A policy with all that is needed to judge.
#[derive(Debug, Clone)]
pub struct Policy {
    zone: Tz,
    rules: Vec<Rule>,
    /// By kind: which kinds inhibit it.
    inhibitors: HashMap<EventKind, u32>,
    windows: Vec<Window>,
    forms: Vec<Form>,
    sites: HashMap<String, HashMap<String, Known>>,
    version: i64,
}

/// A camera, with its neighbourhood's first camera for each distance.
#[derive(Debug, Clone, Default)]
struct Known {
    area: Option<String>,
    anchors: HashMap<u32, String>,
}

#[derive(Debug, Clone)]
struct Rule {
    name: String,
    fits: Fits,
    alert: bool,
    severity: Option<Severity>,
    hold_off: TimeDelta,
    within: TimeDelta,
    form: Form,
    incident: bool,
}

#[derive(Debug, Clone)]
struct Window {
    fits: Fits,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    mute: Mute,
}

/// A matcher made ready.
#[derive(Debug, Clone)]
struct Fits {
    kinds: u32,
    classes: u32,
    edges: Vec<String>,
    cameras: Vec<(String, String)>,
    areas: Vec<String>,
    zones: Vec<String>,
    rules: Vec<String>,
    min_confidence: f64,
    below_confidence: f64,
    hours: Vec<ScheduleConfig>,
}

/// What matchers ask of an event, found once.
struct Asked<'a> {
    fact: &'a Fact<'a>,
    known: Option<&'a Known>,
    zone: Tz,
}

impl Asked<'_> {
    /// Whole minutes of local time since 1970.
    fn local_minute(&self) -> i64 {
        let local: NaiveDateTime = self.fact.time.with_timezone(&self.zone).naive_local();
        local.and_utc().timestamp().div_euclid(60)
    }
}

fn sorted(names: &[String]) -> Vec<String> {
    let names: BTreeSet<&String> = names.iter().collect();
    names.into_iter().cloned().collect()
}

fn holds(names: &[String], name: Option<&str>) -> bool {
    names.is_empty()
        || name.is_some_and(|name| names.binary_search_by(|known| known.as_str().cmp(name)).is_ok())
}

impl Fits {
    fn new(when: &Matcher) -> Fits {
        let mut cameras: Vec<(String, String)> = when
            .cameras
            .iter()
            .filter_map(|camera| camera.split_once('/'))
            .map(|(edge, camera)| (edge.to_owned(), camera.to_owned()))
            .collect();
        cameras.sort();
        Fits {
            kinds: bits(&when.kinds),
            classes: when.classes.iter().fold(0, |bits, class| bits | 1 << *class as u32),
            edges: sorted(&when.edges),
            cameras,
            areas: sorted(&when.areas),
            zones: sorted(&when.zones),
            rules: sorted(&when.rules),
            min_confidence: when.min_confidence.unwrap_or(0.0),
            below_confidence: when.below_confidence.unwrap_or(f64::INFINITY),
            hours: when.hours.clone(),
        }
    }

    /// The cheap questions first.
    fn holds(&self, asked: &Asked<'_>) -> bool {
        let event = asked.fact.event;
        (self.kinds == 0 || self.kinds & bit(event.kind) != 0)
            && (self.classes == 0 || event.class.is_some_and(|class| self.classes & (1 << class as u32) != 0))
            && event.confidence >= self.min_confidence
            && event.confidence < self.below_confidence
            && holds(&self.edges, Some(asked.fact.edge.as_str()))
            && self.holds_camera(asked.fact)
            && holds(&self.rules, Some(event.rule.as_str()))
            && holds(&self.zones, event.zone.as_ref().map(ZoneId::as_str))
            && holds(&self.areas, asked.known.and_then(|known| known.area.as_deref()))
            && (self.hours.is_empty() || {
                let minute = asked.local_minute();
                self.hours.iter().any(|hours| hours.holds(minute))
            })
    }

    fn holds_camera(&self, fact: &Fact<'_>) -> bool {
        let Some(camera) = fact.camera else { return self.cameras.is_empty() };
        let wanted = (fact.edge.as_str(), camera.as_str());
        self.cameras.is_empty()
            || self
                .cameras
                .binary_search_by(|(edge, camera)| (edge.as_str(), camera.as_str()).cmp(&wanted))
                .is_ok()
    }
}

impl Policy {
    /// The longest time after its end in which a condition that comes back is the same alert.
    #[must_use]
    pub fn longest_within(&self) -> TimeDelta {
        self.rules.iter().map(|rule| rule.within).fold(MERGE_WITHIN, TimeDelta::max)
    }

    /// Makes a checked policy ready. `before` are the forms of groups of earlier versions: alerts that those raised still
    /// have to find their ends.
    #[must_use]
    pub fn new(
        version: i64,
        body: &PolicyBody,
        silences: &[Silence],
        sites: &Sites,
        before: &[Form],
    ) -> Policy {
        let rules: Vec<Rule> = body.rules.iter().map(Rule::new).collect();
        let forms: BTreeSet<Form> =
            rules.iter().map(|rule| rule.form).chain(before.iter().copied()).collect();
        let mut inhibitors: HashMap<EventKind, u32> = HashMap::new();
        for inhibit in &body.inhibits {
            let by = bits(&inhibit.while_active);
            let muted = if inhibit.mutes.is_empty() { EventKind::ALL } else { &inhibit.mutes };
            // Nothing inhibits itself, and what inhibits is not inhibited by its like.
            for kind in muted.iter().filter(|kind| by & bit(**kind) == 0) {
                *inhibitors.entry(*kind).or_default() |= by;
            }
        }
        let windows = body.maintenance.iter().map(Window::of_maintenance);
        let windows = windows.chain(silences.iter().map(Window::of_silence)).collect();
        let metres: BTreeSet<u32> = forms.iter().filter_map(|form| form.metres).collect();
        Policy {
            zone: body.zone(),
            rules,
            inhibitors,
            windows,
            sites: know(sites, &metres),
            forms: forms.into_iter().filter(|form| *form != Form::PLAIN).collect(),
            version,
        }
    }

    /// The version of the body.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The forms of groups that it has known, its own and those of versions before.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// Whether some events are held off.
    #[must_use]
    pub fn holds_off(&self) -> bool {
        self.rules.iter().any(|rule| rule.hold_off > TimeDelta::zero())
    }

    /// Whether cameras near each other count as one, or did in a version before.
    #[must_use]
    pub fn has_neighbours(&self) -> bool {
        self.forms.iter().any(|form| form.metres.is_some())
    }

    /// Kinds that inhibit others, one bit each.
    #[must_use]
    pub fn inhibiting(&self) -> Vec<EventKind> {
        let all = self.inhibitors.values().fold(0, |all, bits| all | bits);
        EventKind::ALL.iter().copied().filter(|kind| all & bit(*kind) != 0).collect()
    }

    /// What it says of an event. Hours count at the event's own time, silences and maintenance at `now`.
    #[must_use]
    pub fn rule(&self, fact: &Fact<'_>, now: DateTime<Utc>) -> Ruling {
        let asked = self.ask(fact);
        let mut ruling = Ruling::plain(fact);
        ruling.policy = self.version;
        ruling.inhibitors = self.inhibitors.get(&fact.event.kind).copied().unwrap_or(0);
        let open = |window: &&Window| (window.from..window.until).contains(&now) && window.fits.holds(&asked);
        ruling.mute = self.windows.iter().find(open).map(|window| window.mute.clone());
        let Some(rule) = self.rules.iter().find(|rule| rule.fits.holds(&asked)) else { return ruling };
        ruling.alert = rule.alert;
        ruling.severity = rule.severity.unwrap_or(ruling.severity);
        (ruling.hold_off, ruling.within, ruling.incident) = (rule.hold_off, rule.within, rule.incident);
        ruling.rule = Some(rule.name.clone());
        if rule.form != Form::PLAIN {
            let plain = std::mem::replace(&mut ruling.key, key_of(rule.form, &asked));
            ruling.member = Some(plain);
        }
        ruling
    }

    /// All keys under which the alert of an event may be known: its rule may have changed since it began.
    #[must_use]
    pub fn keys(&self, fact: &Fact<'_>) -> Vec<String> {
        let asked = self.ask(fact);
        let mut keys = vec![fact.key()];
        keys.extend(self.forms.iter().map(|form| key_of(*form, &asked)));
        keys
    }

    fn ask<'a>(&'a self, fact: &'a Fact<'a>) -> Asked<'a> {
        let known = fact.camera.and_then(|camera| self.sites.get(fact.edge.as_str())?.get(camera.as_str()));
        Asked { fact, known, zone: self.zone }
    }
}

/// `edge/camera/rule/zone/kind` with `*` for what may differ; `~metres/edge/camera/…` for neighbours of that camera.
fn key_of(form: Form, asked: &Asked<'_>) -> String {
    let (fact, event) = (asked.fact, asked.fact.event);
    let rule = if form.rule { event.rule.as_str() } else { "*" };
    let zone = if form.zone { event.zone.as_ref().map_or("-", ZoneId::as_str) } else { "*" };
    let kind = if form.kind { event.kind.as_str() } else { "*" };
    let anchor = form.metres.and_then(|metres| Some((metres, asked.known?.anchors.get(&metres)?)));
    match anchor {
        Some((metres, anchor)) => format!("~{metres}/{anchor}/{rule}/{zone}/{kind}"),
        None => {
            let camera = fact.camera.map_or("-", ngatu_protocol::CameraId::as_str);
            format!("{}/{camera}/{rule}/{zone}/{kind}", fact.edge)
        }
    }
}

/// For each distance: a camera belongs to the first one, in the order of their names, that is near enough.
fn know(sites: &Sites, metres: &BTreeSet<u32>) -> HashMap<String, HashMap<String, Known>> {
    let mut known: HashMap<String, HashMap<String, Known>> = HashMap::new();
    for ((edge, camera), site) in sites {
        let of = Known { area: site.area.clone(), anchors: HashMap::new() };
        known.entry(edge.clone()).or_default().insert(camera.clone(), of);
    }
    for distance in metres {
        let mut anchors: Vec<(String, (f64, f64))> = Vec::new();
        for ((edge, camera), site) in sites {
            let Some(place) = site.place else { continue };
            let near =
                anchors.iter().find(|(_, other)| metres_between(place, *other) <= f64::from(*distance));
            let anchor = match near {
                Some((anchor, _)) => anchor.clone(),
                None => {
                    let anchor = format!("{edge}/{camera}");
                    anchors.push((anchor.clone(), place));
                    anchor
                }
            };
            if let Some(known) = known.get_mut(edge).and_then(|cameras| cameras.get_mut(camera)) {
                known.anchors.insert(*distance, anchor);
            }
        }
    }
    known
}

/// Between places a few kilometres apart: the equirectangular approximation.
fn metres_between(a: (f64, f64), b: (f64, f64)) -> f64 {
    let north = (a.0 - b.0) * METRES_PER_DEGREE;
    let east = (a.1 - b.1) * METRES_PER_DEGREE * f64::midpoint(a.0, b.0).to_radians().cos();
    north.hypot(east)
}

impl Rule {
    fn new(rule: &super::body::PolicyRule) -> Rule {
        let seconds = |seconds: f64| {
            #[allow(clippy::cast_possible_truncation, reason = "checked to be at most a day")]
            let millis = (seconds * 1000.0).round() as i64;
            TimeDelta::milliseconds(millis)
        };
        Rule {
            name: rule.name.clone(),
            fits: Fits::new(&rule.when),
            alert: rule.alert.unwrap_or(true),
            severity: rule.severity,
            hold_off: seconds(rule.hold_off_s),
            within: rule.group.as_ref().map_or(MERGE_WITHIN, |group| seconds(group.within_s)),
            form: rule.group.as_ref().map_or(Form::PLAIN, Form::of),
            incident: rule.incident,
        }
    }
}

impl Window {
    fn of_maintenance(window: &Maintenance) -> Window {
        let mute = Mute {
            cause: MuteCause::Maintenance,
            by: window.name.clone(),
            reason: window.name.clone(),
            until: Some(window.until),
        };
        Window { fits: Fits::new(&window.when), from: window.from, until: window.until, mute }
    }

    fn of_silence(silence: &Silence) -> Window {
        let mute = Mute {
            cause: MuteCause::Silenced,
            by: silence.id.to_string(),
            reason: silence.reason.clone(),
            until: Some(silence.until),
        };
        Window { fits: Fits::new(&silence.when), from: silence.from, until: silence.until, mute }
    }
}

#[cfg(test)]
pub(crate) mod tests;
