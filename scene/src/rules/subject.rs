//! The life of a condition that one road user meets: it must hold for a time before the event starts, and be away for
//! a time before it ends. Missed detections, short interruptions and a change of the track's id are no end.

use super::{Base, SceneEvent, Sight, Stated};
use crate::{FrameSize, Time, Track};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, Fact, Measure, Phase, RoadUserClass, Why};

/// A new track takes over from a vanished one whose foot point was nearer than this, in box heights: the same road
/// user with a new id.
const HANDOVER_HEIGHTS: f64 = 1.0;
/// Between a sight that met the condition and one that did not, at most so many seconds count as meeting it.
const LONGEST_HELD_S: f64 = 0.5;
/// Not seen at all is borne longer than seen not to meet the condition, by so many seconds.
const GONE_BEYOND_LEAVE_S: f64 = 2.0;
/// Sums of frame times are compared with thresholds to this precision, seconds.
const EPSILON_S: f64 = 1e-6;

/// What a rule says of one sight of one road user.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judgement {
    /// Whether the condition is met now.
    pub(super) holds: bool,
    /// The value that decided, beside the time; `None` when the time is all there is.
    pub(super) fact: Option<Fact>,
}

impl Judgement {
    pub(super) fn only(holds: bool) -> Self {
        Self { holds, fact: None }
    }
}

/// How a kind of rule names its time and its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// What the time of the condition is called in the reason.
    pub(super) time: Measure,
    /// Why it ended when the condition was seen not to hold any more.
    pub(super) ended: EndReason,
}

/// The road users who meet, or just met, a rule's condition.
#[derive(Debug, Clone)]
pub(super) struct Subjects {
    base: Base,
    manner: Manner,
    hold_s: f64,
    leave_s: f64,
    present: Vec<Subject>,
}

#[derive(Debug, Clone)]
struct Subject {
    /// The track that it is now.
    follows: u64,
    /// The track that the start named; `None` before the start.
    started_as: Option<u64>,
    /// Seconds that the condition held, without the interruptions.
    held_s: f64,
    fact: Option<Fact>,
    last_met: Time,
    last_seen: Time,
    away_since: Option<Time>,
    class: RoadUserClass,
    confidence: f64,
    foot: Point,
    height: f64,
    speed_kmh: Option<f64>,
}

impl Subjects {
    pub(super) fn new(base: Base, manner: Manner) -> Self {
        let (hold_s, leave_s) = (base.config.hold_s(), base.config.leave_s());
        Self { base, manner, hold_s, leave_s, present: Vec::new() }
    }

    /// Takes a frame; `judge` says whether a road user who was seen meets the condition. It is asked only about
    /// classes and sizes that the rule concerns.
    pub(super) fn step(
        &mut self,
        sight: &Sight<'_>,
        events: &mut Vec<SceneEvent>,
        mut judge: impl FnMut(&Track, Point) -> Judgement,
    ) {
        let now = sight.now;
        if !self.base.in_force(now) {
            return self.end_all(now, EndReason::ScheduleEnded, events);
        }
        self.end_the_gone(now, events);
        // Where a track coasts, nobody saw it: only seen tracks meet a condition or fail it.
        for track in sight.tracks.iter().filter(|track| track.seen) {
            let foot = sight.frame.foot(track.bbox);
            let judgement = judge(track, foot);
            self.see(sight, track, judgement);
        }
        self.end_the_gone(now, events);
        for i in 0..self.present.len() {
            self.start(i, now, events);
        }
    }

    fn see(&mut self, sight: &Sight<'_>, track: &Track, judgement: Judgement) {
        let (now, foot) = (sight.now, sight.frame.foot(track.bbox));
        let known = self.present.iter().position(|subject| subject.follows == track.id);
        let index = known.or_else(|| self.take_over(now, foot, track));
        let Some(subject) = index.map(|index| &mut self.present[index]) else {
            if judgement.holds && self.base.concerns(track, sight.frame) {
                let mut subject = Subject::new(now, sight.frame, track);
                subject.fact = judgement.fact;
                subject.speed_kmh = sight.speed_kmh(track.id);
                self.present.push(subject);
            }
            return;
        };
        // The time between two sights belongs to what the first one showed. Nobody knows what somebody did who
        // vanished meeting the condition and came back without.
        let since_s = now.since_s(subject.last_met);
        if subject.away_since.is_none() && (judgement.holds || since_s <= LONGEST_HELD_S) {
            subject.held_s += since_s;
        }
        if judgement.holds {
            subject.away_since = None;
            subject.last_met = now;
            subject.fact = judgement.fact;
        } else if subject.away_since.is_none() {
            subject.away_since = Some(now);
        }
        subject.last_seen = now;
        subject.class = track.class;
        subject.confidence = f64::from(track.score);
        subject.foot = foot;
        subject.height = f64::from(track.bbox.height) / f64::from(sight.frame.height_px.max(1));
        subject.speed_kmh = sight.speed_kmh(track.id);
    }

    /// A vanished road user at this place, who goes on as this track.
    fn take_over(&mut self, now: Time, foot: Point, track: &Track) -> Option<usize> {
        let away = |subject: &Subject| {
            let (dx, dy) = (subject.foot.x - foot.x, subject.foot.y - foot.y);
            dx.hypot(dy) / subject.height.max(1e-6)
        };
        let fits = |subject: &Subject| {
            subject.last_seen < now && subject.class == track.class && away(subject) <= HANDOVER_HEIGHTS
        };
        let vanished = self.present.iter().enumerate().filter(|(_, subject)| fits(subject));
        let nearest = vanished.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b)));
        let index = nearest.map(|(index, _)| index)?;
        self.present[index].follows = track.id;
        Some(index)
    }

    fn start(&mut self, index: usize, now: Time, events: &mut Vec<SceneEvent>) {
        let subject = &self.present[index];
        let held = subject.held_s + EPSILON_S >= self.hold_s;
        if subject.started_as.is_some()
            || subject.last_met < now
            || !held
            || !self.base.config.concerns(subject.class)
            || self.base.is_cooling(now)
        {
            return;
        }
        let track = subject.follows;
        let time = Fact::against(self.manner.time, subject.held_s, self.hold_s);
        // The value that decided comes first.
        let facts: Vec<Fact> = subject.fact.into_iter().chain([time]).collect();
        events.push(self.event(subject, Phase::Start, (now, track), Why::start(facts)));
        self.present[index].started_as = Some(track);
    }

    fn end_the_gone(&mut self, now: Time, events: &mut Vec<SceneEvent>) {
        let (leave_s, gone_s) = (self.leave_s, self.leave_s + GONE_BEYOND_LEAVE_S);
        let mut present = std::mem::take(&mut self.present);
        present.retain(|subject| {
            let unseen_s = now.since_s(subject.last_seen);
            let away_s = subject.away_since.map_or(0.0, |since| now.since_s(since));
            let (ended, fact) = if unseen_s + EPSILON_S >= gone_s {
                (EndReason::NotSeen, Some(Fact::against(Measure::Unseen, unseen_s, gone_s)))
            } else if away_s > 0.0 && away_s + EPSILON_S >= leave_s {
                (self.manner.ended, None)
            } else {
                return true;
            };
            self.end(subject, now, (ended, fact), events);
            false
        });
        self.present = present;
    }

    /// Ends everything, for a reason that lies outside the rule.
    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        for subject in std::mem::take(&mut self.present) {
            self.end(&subject, now, (reason, None), events);
        }
    }

    fn end(
        &mut self,
        subject: &Subject,
        now: Time,
        (ended, fact): (EndReason, Option<Fact>),
        events: &mut Vec<SceneEvent>,
    ) {
        let Some(track) = subject.started_as else { return };
        let time = Fact::against(self.manner.time, subject.held_s, self.hold_s);
        let facts: Vec<Fact> = [time].into_iter().chain(fact).collect();
        events.push(self.event(subject, Phase::End, (now, track), Why::end(ended, facts)));
        self.base.ended(now);
    }

    fn event(&self, subject: &Subject, phase: Phase, (now, track): (Time, u64), why: Why) -> SceneEvent {
        let stated = Stated {
            track: Some(track),
            class: Some(subject.class),
            confidence: subject.confidence,
            picture: Some(subject.foot),
            speed_kmh: subject.speed_kmh,
        };
        self.base.event(phase, now, stated, why)
    }
}

impl Subject {
    fn new(now: Time, frame: FrameSize, track: &Track) -> Self {
        Self {
            follows: track.id,
            started_as: None,
            held_s: 0.0,
            fact: None,
            last_met: now,
            last_seen: now,
            away_since: None,
            class: track.class,
            confidence: f64::from(track.score),
            foot: frame.foot(track.bbox),
            height: f64::from(track.bbox.height) / f64::from(frame.height_px.max(1)),
            speed_kmh: None,
        }
    }
}
