//! Rules: from tracks to events that have a start and an end.
//!
//! Two lives of a condition serve all rules: [`subject`] for what one road user does, [`level`] for what a whole zone or
//! picture shows. A rule only says whether its condition is met; hold time, hysteresis, hours, cool-down and the
//! reason's words are theirs. What always holds: an end follows its start, with the same rule and track and not before
//! it, and every start has at most one end.

mod abandoned;
mod base;
mod collision;
mod down;
mod flow;
mod group;
mod level;
mod memory;
mod presence;
mod smoke;
mod standing;
mod subject;
mod view;
mod way;

use crate::paths::Paths;
use crate::view::View;
use crate::{BoxPx, FrameSize, SceneError, Time, Track};
use abandoned::AbandonedRule;
use base::{Base, Stated};
use collision::CollisionRule;
use down::DownRule;
use flow::FlowRule;
use group::CrowdRule;
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, EventKind, Phase, RoadUserClass, RuleId, Why, ZoneId};
use presence::PresenceRule;
use smoke::SmokeRule;
use standing::StandingRule;
use view::ViewRule;
use way::WayRule;

/// What a rule states.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneEvent {
    /// What happened.
    pub kind: EventKind,
    /// The rule that states it.
    pub rule: RuleId,
    /// The zone that the rule watches, if it watches one.
    pub zone: Option<ZoneId>,
    /// The track as it was called at the start; the end names the same. `None` when it is about a zone or the camera.
    pub track: Option<u64>,
    /// The track's class by vote.
    pub class: Option<RoadUserClass>,
    /// Start or end.
    pub phase: Phase,
    /// When it was stated: the `now` of the step.
    pub time: Time,
    /// Mean score of the detections that it rests on, 0..=1.
    pub confidence: f64,
    /// Last seen foot point, or the zone's middle, normalised.
    pub picture: Option<Point>,
    /// Speed over ground, km/h, where the camera is calibrated.
    pub speed_kmh: Option<f64>,
    /// Measured values and thresholds.
    pub why: Why,
}

/// What the rules look at in one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) now: Time,
    pub(crate) frame: FrameSize,
    pub(crate) tracks: &'a [Track],
    /// Things that stand still; `None` where nobody looks for such.
    pub(crate) things: Option<&'a [Track]>,
    /// Where something stood until this frame.
    pub(crate) left: &'a [BoxPx],
    pub(crate) paths: &'a Paths,
    pub(crate) view: &'a View,
}

impl Sight<'_> {
    /// Speed of a track over ground, km/h.
    pub(crate) fn speed_kmh(&self, track: u64) -> Option<f64> {
        self.paths.get(track)?.speed().map(|speed| speed.kmh)
    }

    /// Whether this track was seen in this frame.
    pub(crate) fn sees(&self, track: u64) -> bool {
        self.tracks.iter().any(|other| other.seen && other.id == track)
    }
}

/// One rule of any kind.
#[derive(Debug, Clone)]
enum Rule {
    Presence(Box<PresenceRule>),
    Crowd(Box<CrowdRule>),
    Way(Box<WayRule>),
    Standing(Box<StandingRule>),
    Flow(Box<FlowRule>),
    Down(Box<DownRule>),
    Abandoned(Box<AbandonedRule>),
    Collision(Box<CollisionRule>),
    Smoke(Box<SmokeRule>),
    View(Box<ViewRule>),
}

impl Rule {
    fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        Ok(match rule.kind {
            EventKind::Intrusion
            | EventKind::Loitering
            | EventKind::PedestrianOnRoad
            | EventKind::ZoneLeft => Rule::Presence(Box::new(PresenceRule::new(camera, rule)?)),
            EventKind::Crowd => Rule::Crowd(Box::new(CrowdRule::new(camera, rule)?)),
            EventKind::WrongWay | EventKind::Speeding => Rule::Way(Box::new(WayRule::new(camera, rule)?)),
            EventKind::StoppedVehicle | EventKind::IllegalParking => {
                Rule::Standing(Box::new(StandingRule::new(camera, rule)?))
            }
            EventKind::Congestion | EventKind::QueueTooLong => {
                Rule::Flow(Box::new(FlowRule::new(camera, rule)?))
            }
            EventKind::PersonDown => Rule::Down(Box::new(DownRule::new(camera, rule)?)),
            EventKind::AbandonedObject => Rule::Abandoned(Box::new(AbandonedRule::new(camera, rule)?)),
            EventKind::CollisionSuspected => Rule::Collision(Box::new(CollisionRule::new(camera, rule)?)),
            EventKind::SmokeOrFire => Rule::Smoke(Box::new(SmokeRule::new(camera, rule)?)),
            EventKind::CameraTampered | EventKind::CameraMoved => {
                Rule::View(Box::new(ViewRule::new(camera, rule)))
            }
            kind @ EventKind::CameraLost => return Err(SceneError::NotBuilt { rule: rule.rule_id(), kind }),
        })
    }

    fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        match self {
            Rule::Presence(rule) => rule.step(sight, events),
            Rule::Crowd(rule) => rule.step(sight, events),
            Rule::Way(rule) => rule.step(sight, events),
            Rule::Standing(rule) => rule.step(sight, events),
            Rule::Flow(rule) => rule.step(sight, events),
            Rule::Down(rule) => rule.step(sight, events),
            Rule::Abandoned(rule) => rule.step(sight, events),
            Rule::Collision(rule) => rule.step(sight, events),
            Rule::Smoke(rule) => rule.step(sight, events),
            Rule::View(rule) => rule.step(sight, events),
        }
    }

    fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        match self {
            Rule::Presence(rule) => rule.end_all(now, reason, events),
            Rule::Crowd(rule) => rule.end_all(now, reason, events),
            Rule::Way(rule) => rule.end_all(now, reason, events),
            Rule::Standing(rule) => rule.end_all(now, reason, events),
            Rule::Flow(rule) => rule.end_all(now, reason, events),
            Rule::Down(rule) => rule.end_all(now, reason, events),
            Rule::Abandoned(rule) => rule.end_all(now, reason, events),
            Rule::Collision(rule) => rule.end_all(now, reason, events),
            Rule::Smoke(rule) => rule.end_all(now, reason, events),
            Rule::View(rule) => rule.end_all(now, reason, events),
        }
    }

    /// Whether it is about the camera itself, and goes on while the rest is suspended.
    fn is_about_camera(&self) -> bool {
        matches!(self, Rule::View(_))
    }

    /// Whether it needs the picture only, and no tracks.
    fn is_about_picture(&self) -> bool {
        matches!(self, Rule::View(_) | Rule::Smoke(_))
    }
}

/// All rules of one camera.
#[derive(Debug, Clone)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// The rules of a configuration, and those about the camera itself that every camera has.
    ///
    /// # Errors
    /// When a rule's kind is not built or its zone does not exist.
    pub fn new(camera: &CameraConfig) -> Result<Self, SceneError> {
        let configured = camera.rules.iter().map(|rule| Rule::new(camera, rule));
        let defaults = ViewRule::defaults(camera).map(|rule| Ok(Rule::View(Box::new(rule))));
        configured.chain(defaults).collect::<Result<_, _>>().map(Rules)
    }

    /// Takes what is seen at one moment and appends what the rules state.
    pub(crate) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        self.0.iter_mut().for_each(|rule| rule.step(sight, events));
    }

    /// Takes a look at the picture in which nobody looked for road users.
    pub(crate) fn see(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        self.0.iter_mut().filter(|rule| rule.is_about_picture()).for_each(|rule| rule.step(sight, events));
    }

    /// Takes a look at a picture that cannot be trusted: only what is about the camera goes on, the rest ends.
    pub(crate) fn suspend(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        for rule in &mut self.0 {
            if rule.is_about_camera() {
                rule.step(sight, events);
            } else {
                rule.end_all(sight.now, EndReason::Suspended, events);
            }
        }
    }

    /// Ends all that is active, because of `reason`.
    pub fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.0.iter_mut().for_each(|rule| rule.end_all(now, reason, events));
    }
}
