//! Rules about being inside a zone for some time: `intrusion` and `loitering` differ in their thresholds only.

use super::SceneEvent;
use crate::geometry::Polygon;
use crate::{FrameSize, Time, Track};
use ngatu_protocol::camera::RuleConfig;
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EventKind, Phase, RoadUserClass, RuleId, ZoneId};

/// A new track takes over from a vanished one whose foot point was nearer than this, in box heights: the same person
/// with a new id.
const HANDOVER_HEIGHTS: f64 = 1.0;
/// Between a sight inside and one outside, at most so many seconds count as inside.
const LONGEST_HELD_S: f64 = 0.5;
/// Sums of frame times are compared with thresholds to this precision, seconds.
const EPSILON_S: f64 = 1e-6;

/// How much absence a rule bears before it takes the road user for gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tolerance {
    /// Seconds seen outside the zone.
    pub(super) leave_s: f64,
    /// Seconds not seen at all.
    pub(super) gone_s: f64,
}

#[derive(Debug, Clone)]
pub(super) struct PresenceRule {
    kind: EventKind,
    id: RuleId,
    zone_id: ZoneId,
    zone: Polygon,
    classes: Vec<RoadUserClass>,
    hold_s: f64,
    tolerance: Tolerance,
    present: Vec<Presence>,
}

/// One road user who is or was just inside the zone.
#[derive(Debug, Clone)]
struct Presence {
    /// The track that it is now.
    follows: u64,
    /// The track that the start named; `None` before the start.
    started_as: Option<u64>,
    /// Seconds inside, without the leaves.
    dwell_s: f64,
    last_inside: Time,
    last_seen: Time,
    outside_since: Option<Time>,
    class: RoadUserClass,
    confidence: f64,
    foot: Point,
    height: f64,
}

impl PresenceRule {
    pub(super) fn new(rule: &RuleConfig, zone: Polygon, tolerance: Tolerance) -> Self {
        Self {
            kind: rule.kind,
            id: rule.rule_id(),
            zone_id: rule.zone.clone(),
            zone,
            classes: rule.classes.clone(),
            hold_s: rule.hold_s(),
            tolerance,
            present: Vec::new(),
        }
    }

    pub(super) fn step(
        &mut self,
        now: Time,
        frame: FrameSize,
        tracks: &[Track],
        events: &mut Vec<SceneEvent>,
    ) {
        self.end_the_gone(now, events);
        // Where a track coasts, nobody saw it: only seen tracks enter, stay or leave.
        for track in tracks.iter().filter(|track| track.seen) {
            self.see(now, frame, track);
        }
        self.end_the_gone(now, events);
        for i in 0..self.present.len() {
            self.start(i, now, events);
        }
    }

    fn see(&mut self, now: Time, frame: FrameSize, track: &Track) {
        let foot = frame.foot(track.bbox);
        let inside = self.zone.contains(foot);
        let known = self.present.iter().position(|presence| presence.follows == track.id);
        let index = known.or_else(|| self.take_over(now, foot, track));
        let Some(presence) = index.map(|index| &mut self.present[index]) else {
            if inside && self.concerns(track.class) {
                self.present.push(Presence::new(now, frame, track));
            }
            return;
        };
        // The time between two sights belongs to where the first one was. Nobody knows where somebody was who vanished
        // inside and came back outside.
        let since_inside_s = now.since_s(presence.last_inside);
        if presence.outside_since.is_none() && (inside || since_inside_s <= LONGEST_HELD_S) {
            presence.dwell_s += since_inside_s;
        }
        if inside {
            presence.outside_since = None;
            presence.last_inside = now;
        } else if presence.outside_since.is_none() {
            presence.outside_since = Some(now);
        }
        presence.last_seen = now;
        presence.class = track.class;
        presence.confidence = f64::from(track.score);
        presence.foot = foot;
        presence.height = f64::from(track.bbox.height) / f64::from(frame.height_px);
    }

    /// A vanished road user at this place, who goes on as this track.
    fn take_over(&mut self, now: Time, foot: Point, track: &Track) -> Option<usize> {
        let away = |presence: &Presence| {
            let (dx, dy) = (presence.foot.x - foot.x, presence.foot.y - foot.y);
            dx.hypot(dy) / presence.height.max(1e-6)
        };
        let fits = |presence: &Presence| {
            presence.last_seen < now && presence.class == track.class && away(presence) <= HANDOVER_HEIGHTS
        };
        let vanished = self.present.iter().enumerate().filter(|(_, presence)| fits(presence));
        let nearest = vanished.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b)));
        let index = nearest.map(|(index, _)| index)?;
        self.present[index].follows = track.id;
        Some(index)
    }

    fn concerns(&self, class: RoadUserClass) -> bool {
        self.classes.is_empty() || self.classes.contains(&class)
    }

    fn start(&mut self, index: usize, now: Time, events: &mut Vec<SceneEvent>) {
        let presence = &self.present[index];
        let held = presence.dwell_s + EPSILON_S >= self.hold_s;
        if presence.started_as.is_some()
            || presence.last_inside < now
            || !held
            || !self.concerns(presence.class)
        {
            return;
        }
        let track = presence.follows;
        let why = format!(
            "{} inside zone {} for {:.1} s, threshold {:.1} s (rule {})",
            presence.class, self.zone_id, presence.dwell_s, self.hold_s, self.id
        );
        events.push(self.event(presence, Phase::Start, now, (track, why)));
        self.present[index].started_as = Some(track);
    }

    fn end_the_gone(&mut self, now: Time, events: &mut Vec<SceneEvent>) {
        let Tolerance { leave_s, gone_s } = self.tolerance;
        let mut present = std::mem::take(&mut self.present);
        present.retain(|presence| {
            let unseen_s = now.since_s(presence.last_seen);
            let outside_s = presence.outside_since.map_or(0.0, |since| now.since_s(since));
            let reason = if unseen_s + EPSILON_S >= gone_s {
                format!("not seen for {unseen_s:.1} s, tolerance {gone_s:.1} s")
            } else if outside_s + EPSILON_S >= leave_s {
                format!("outside for {outside_s:.1} s, tolerance {leave_s:.1} s")
            } else {
                return true;
            };
            events.extend(self.end(presence, now, &reason));
            false
        });
        self.present = present;
    }

    pub(super) fn end_all(&mut self, now: Time, reason: &str, events: &mut Vec<SceneEvent>) {
        let present = std::mem::take(&mut self.present);
        events.extend(present.iter().filter_map(|presence| self.end(presence, now, reason)));
    }

    fn end(&self, presence: &Presence, now: Time, reason: &str) -> Option<SceneEvent> {
        let track = presence.started_as?;
        let why = format!(
            "{} was inside zone {} for {:.1} s; {reason} (rule {})",
            presence.class, self.zone_id, presence.dwell_s, self.id
        );
        Some(self.event(presence, Phase::End, now, (track, why)))
    }

    fn event(
        &self,
        presence: &Presence,
        phase: Phase,
        time: Time,
        (track, why): (u64, String),
    ) -> SceneEvent {
        SceneEvent {
            kind: self.kind,
            rule: self.id.clone(),
            zone: self.zone_id.clone(),
            track,
            class: presence.class,
            phase,
            time,
            confidence: presence.confidence.clamp(0.0, 1.0),
            picture: presence.foot,
            why,
        }
    }
}

impl Presence {
    fn new(now: Time, frame: FrameSize, track: &Track) -> Self {
        Self {
            follows: track.id,
            started_as: None,
            dwell_s: 0.0,
            last_inside: now,
            last_seen: now,
            outside_since: None,
            class: track.class,
            confidence: f64::from(track.score),
            foot: frame.foot(track.bbox),
            height: f64::from(track.bbox.height) / f64::from(frame.height_px),
        }
    }
}
