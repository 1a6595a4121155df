//! The life of a condition that one road user meets: it must hold for a time before the event starts, and be away for
//! a time before it ends. Missed detections, short interruptions and a change of the track's id are no end.
//!
//! Who stands still is remembered by the place ([`Manner::still`]): a vehicle that a lorry hides for ten seconds and
//! that has another number afterwards is the same one, and one that drove up to the place is another one.

use super::{Base, SceneEvent, Sight, Stated};
use crate::{FrameSize, Time, Track};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, Fact, Measure, Phase, RoadUserClass, Why};

/// A new track takes over from a vanished one whose foot point was nearer than this, in box heights: the same road
/// user with a new id.
const HANDOVER_HEIGHTS: f64 = 1.0;
/// A vanished road user is expected farther along its way for at most so long, seconds.
const EXPECTED_S: f64 = 1.0;
/// Between a sight that met the condition and one that did not, at most so many seconds count as meeting it.
const LONGEST_HELD_S: f64 = 0.5;
/// Whoever stands within so many box heights of a place stands at that place.
const SAME_PLACE_HEIGHTS: f64 = 0.5;
/// Two of about the same size whose foot points are nearer than this, in box heights, cannot both stand there.
const ONE_PLACE_HEIGHTS: f64 = 0.35;
/// Boxes whose heights differ by more than this factor are of two road users, whatever the track's number says.
const SAME_SIZE: f64 = 1.6;
/// What stands was seen for this share of the time, when nothing else is asked for: it may be hidden for 10 s of 14.
const STILL_VISIBLE: f64 = 0.25;
/// Between two sights at most so many seconds count as seen.
const LONGEST_SEEN_S: f64 = 1.0;
/// Who was seen elsewhere for so long just before, seconds, and at least twice, drove up to the place and is not the one
/// who stood there.
const DROVE_UP_S: f64 = 0.4;
/// Sums of frame times are compared with thresholds to this precision, seconds.
const EPSILON_S: f64 = 1e-6;

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// It is.
    Yes,
    /// Neither clearly met nor clearly not: what is active stays, what is not does not start.
    Between,
    /// It is not. Of what stands still and is where it was, this is not believed: boxes tremble.
    No,
    /// It is not, wherever the road user stands.
    Over,
}

/// What a rule says of one sight of one road user.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judgement {
    pub(super) holds: Holds,
    /// Since when it is met, where the rule knows; otherwise the times of the sights that met it are added up.
    pub(super) since: Option<Time>,
    /// The values that decided, beside the time.
    pub(super) facts: [Option<Fact>; 2],
}

impl Judgement {
    pub(super) fn only(holds: bool) -> Self {
        Self::of(if holds { Holds::Yes } else { Holds::No })
    }

    pub(super) fn of(holds: Holds) -> Self {
        Self { holds, since: None, facts: [None; 2] }
    }
}

/// How a kind of rule names its time and its end, and what it bears.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// What the time of the condition is called in the reason.
    pub(super) time: Measure,
    /// Why it ended when the condition was seen not to hold any more.
    pub(super) ended: EndReason,
    /// Not seen at all is borne longer than seen not to meet the condition, by so many seconds.
    pub(super) borne_s: f64,
    /// Whether meeting the condition means standing still: then the place counts, not the track's number.
    pub(super) still: bool,
    /// Share of the time that it must have been seen before it starts, 0..=1.
    pub(super) visible: f64,
}

impl Manner {
    /// Of road users who move, or may.
    pub(super) const fn moving(time: Measure, ended: EndReason) -> Self {
        Self { time, ended, borne_s: 2.0, still: false, visible: 0.0 }
    }

    /// Of what stands still and may be hidden for so many seconds.
    pub(super) const fn still(time: Measure, ended: EndReason, borne_s: f64) -> Self {
        Self { time, ended, borne_s, still: true, visible: STILL_VISIBLE }
    }
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
    /// The track that it is now; `None` when that one was seen to be somebody else.
    follows: Option<u64>,
    /// The track that the start named; `None` before the start.
    started_as: Option<u64>,
    /// Seconds that the condition held, without the interruptions.
    held_s: f64,
    since: Option<Time>,
    /// Seconds of them in which it was seen.
    visible_s: f64,
    facts: [Option<Fact>; 2],
    last_met: Time,
    last_seen: Time,
    away_since: Option<Time>,
    /// Where it is; for [`Manner::still`], where it stands or stood.
    seen: Seen,
}

/// One sight of a road user.
#[derive(Debug, Clone, Copy)]
struct Seen {
    class: RoadUserClass,
    confidence: f64,
    foot: Point,
    /// Length on which distances are measured: the height, or the length of a person who lies; share of the height of
    /// the picture.
    size: f64,
    /// Normalised, per second.
    velocity: [f64; 2],
    speed_kmh: Option<f64>,
}

impl Seen {
    fn of(sight: &Sight<'_>, track: &Track) -> Self {
        let frame = sight.frame;
        let share = |px: f32| f64::from(px) / f64::from(frame.height_px.max(1));
        let (width, height) = (share(track.bbox.width), share(track.bbox.height));
        let [x, y] = track.velocity_px_s.map(f64::from);
        Self {
            class: track.class,
            confidence: f64::from(track.score),
            foot: frame.foot(track.bbox),
            size: if track.class == RoadUserClass::Person { width.max(height) } else { height }.max(1e-6),
            velocity: [x / f64::from(frame.width_px.max(1)), y / f64::from(frame.height_px.max(1))],
            speed_kmh: sight.speed_kmh(track.id),
        }
    }

    /// Distance in sizes of this one.
    fn sizes_to(&self, foot: Point, frame: FrameSize) -> f64 {
        frame.apart(self.foot, foot) / self.size
    }

    fn expected(&self, after_s: f64) -> Point {
        let after_s = after_s.clamp(0.0, EXPECTED_S);
        Point { x: self.foot.x + self.velocity[0] * after_s, y: self.foot.y + self.velocity[1] * after_s }
    }

    fn is_as_large(&self, other: &Seen) -> bool {
        (1.0 / SAME_SIZE..=SAME_SIZE).contains(&(self.size / other.size))
    }

    /// Whether both are people, or neither: a detector confuses cars with lorries, hardly ever with people.
    fn is_kin(&self, other: &Seen) -> bool {
        (self.class == RoadUserClass::Person) == (other.class == RoadUserClass::Person)
    }
}

impl Subjects {
    pub(super) fn new(base: Base, manner: Manner) -> Self {
        let (hold_s, leave_s) = (base.config.hold_s(), base.config.leave_s());
        Self { base, manner, hold_s, leave_s, present: Vec::new() }
    }

    /// Takes a frame; `judge` says whether a road user who was seen meets the condition. Classes and sizes that the
    /// rule does not concern begin nothing.
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
            let seen = Seen::of(sight, track);
            let judgement = judge(track, seen.foot);
            let judgement =
                Judgement { since: judgement.since.map(|since| self.base.in_hours(since)), ..judgement };
            if let Some(index) = self.find(sight, track, (&seen, judgement.holds), events) {
                self.see(index, sight, (seen, judgement));
            }
        }
        self.end_the_gone(now, events);
        for i in 0..self.present.len() {
            self.start(i, now, events);
        }
    }

    /// The subject that this track is: known, taken over, or new.
    fn find(
        &mut self,
        sight: &Sight<'_>,
        track: &Track,
        (seen, holds): (&Seen, Holds),
        events: &mut Vec<SceneEvent>,
    ) -> Option<usize> {
        if let Some(index) = self.present.iter().position(|subject| subject.follows == Some(track.id)) {
            let subject = &mut self.present[index];
            let is_other = self.manner.still && !subject.seen.is_as_large(seen);
            if !(is_other && subject.seen.sizes_to(seen.foot, sight.frame) > SAME_PLACE_HEIGHTS) {
                return Some(index);
            }
            // What stood here was overtaken by something of another size, which carried the number off.
            subject.follows = None;
            return None;
        }
        let known = if self.manner.still {
            if !matches!(holds, Holds::Yes | Holds::Over) {
                return None;
            }
            self.take_place(sight, track, seen)
        } else {
            self.take_over(sight, seen)
        };
        if let Some(index) = known {
            self.present[index].follows = Some(track.id);
            return Some(index);
        }
        if holds != Holds::Yes || !self.base.concerns(track, sight.frame) {
            return None;
        }
        if self.manner.still && !self.free_the_place(sight, seen, events) {
            return None;
        }
        self.present.push(Subject::new(sight.now, track.id, *seen));
        Some(self.present.len() - 1)
    }

    fn see(&mut self, index: usize, sight: &Sight<'_>, (seen, judgement): (Seen, Judgement)) {
        let (now, still) = (sight.now, self.manner.still);
        let subject = &mut self.present[index];
        let is_here = subject.seen.sizes_to(seen.foot, sight.frame) <= SAME_PLACE_HEIGHTS;
        let holds = match judgement.holds {
            Holds::No if still && is_here => Holds::Between,
            Holds::Between if !still && subject.started_as.is_none() => Holds::No,
            holds => holds,
        };
        // The time between two sights belongs to what the first one showed. Nobody knows what somebody did who
        // vanished meeting the condition and came back without.
        let since_s = now.since_s(subject.last_met);
        if subject.away_since.is_none() && (holds == Holds::Yes || since_s <= LONGEST_HELD_S) {
            subject.held_s += since_s;
        }
        match holds {
            Holds::Yes => {
                let goes_on = subject.away_since.is_none() && (is_here || !still);
                let before = subject.since.filter(|_| goes_on);
                subject.since = judgement.since.map(|since| before.map_or(since, |before| since.min(before)));
                if let Some(since) = subject.since {
                    subject.held_s = now.since_s(since);
                }
                // The time before it was known to meet the condition was seen as well.
                subject.visible_s = match before {
                    Some(_) => subject.visible_s + now.since_s(subject.last_seen).min(LONGEST_SEEN_S),
                    None => subject.held_s,
                };
                subject.away_since = None;
                subject.last_met = now;
                subject.facts = judgement.facts;
            }
            Holds::Between => {}
            Holds::No | Holds::Over => {
                subject.away_since.get_or_insert(now);
            }
        }
        subject.last_seen = now;
        // The place of what stands is where it first stood; else whoever creeps on would always be at the place.
        if !still || (holds == Holds::Yes && !is_here) {
            subject.seen = seen;
        } else if holds == Holds::Yes {
            subject.seen = Seen { foot: subject.seen.foot, ..seen };
        }
    }

    /// A vanished road user at this place or on the way to it, who goes on as this track.
    fn take_over(&self, sight: &Sight<'_>, seen: &Seen) -> Option<usize> {
        let away = |subject: &Subject| {
            let expected = subject.seen.expected(sight.now.since_s(subject.last_seen));
            let at_last = subject.seen.sizes_to(seen.foot, sight.frame);
            at_last.min(sight.frame.apart(expected, seen.foot) / subject.seen.size)
        };
        let fits = |subject: &Subject| {
            !subject.is_seen(sight) && subject.seen.class == seen.class && away(subject) <= HANDOVER_HEIGHTS
        };
        let vanished = self.present.iter().enumerate().filter(|(_, subject)| fits(subject));
        vanished.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b))).map(|(index, _)| index)
    }

    /// What stood at this place and goes on as this track, which was first seen at the place.
    fn take_place(&self, sight: &Sight<'_>, track: &Track, seen: &Seen) -> Option<usize> {
        let path = sight.paths.get(track.id)?;
        let away = |subject: &Subject| subject.seen.sizes_to(seen.foot, sight.frame);
        // One box elsewhere may be nonsense that the tracker took for its beginning.
        let drove_up = |subject: &Subject| {
            let far = path
                .samples
                .iter()
                .filter(|sample| subject.seen.sizes_to(sample.foot, sight.frame) > HANDOVER_HEIGHTS);
            let mut times = far.map(|sample| sample.at);
            let first = times.next();
            first
                .zip(times.next_back())
                .is_some_and(|(first, last)| last.since_s(first) >= DROVE_UP_S - EPSILON_S)
        };
        let fits = |subject: &Subject| {
            (!subject.is_seen(sight) || subject.away_since.is_some())
                && subject.seen.is_kin(seen)
                && subject.seen.is_as_large(seen)
                && away(subject) <= SAME_PLACE_HEIGHTS
                && !drove_up(subject)
        };
        let vanished = self.present.iter().enumerate().filter(|(_, subject)| fits(subject));
        vanished.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b))).map(|(index, _)| index)
    }

    /// Whether somebody new can stand here. What stood here unseen and is as large has gone; what is seen here is the
    /// same one twice.
    fn free_the_place(&mut self, sight: &Sight<'_>, seen: &Seen, events: &mut Vec<SceneEvent>) -> bool {
        let here = |subject: &Subject| {
            subject.seen.is_as_large(seen)
                && subject.seen.is_kin(seen)
                && subject.seen.sizes_to(seen.foot, sight.frame) <= ONE_PLACE_HEIGHTS
        };
        let stands = |subject: &Subject| subject.is_seen(sight) && subject.away_since.is_none();
        if self.present.iter().any(|subject| here(subject) && stands(subject)) {
            return false;
        }
        let (gone, stay) = std::mem::take(&mut self.present).into_iter().partition(here);
        self.present = stay;
        let gone: Vec<Subject> = gone;
        for subject in &gone {
            self.end(subject, sight.now, (self.manner.ended, None), events);
        }
        true
    }

    fn start(&mut self, index: usize, now: Time, events: &mut Vec<SceneEvent>) {
        let subject = &self.present[index];
        let visible = subject.since.is_none() || subject.visible_s >= self.manner.visible * subject.held_s;
        let held = visible && subject.held_s + EPSILON_S >= self.hold_s;
        let Some(track) = subject.follows.filter(|_| subject.started_as.is_none() && held) else { return };
        let concerned = self.base.concerns_class(subject.seen.class);
        // A number that was carried off may still name what it was before.
        let is_taken = || self.present.iter().any(|other| other.started_as == Some(track));
        if subject.last_met < now || !concerned || self.base.is_cooling(now) || is_taken() {
            return;
        }
        let time = Fact::against(self.manner.time, subject.held_s, self.hold_s);
        // The values that decided come first.
        let facts: Vec<Fact> = subject.facts.into_iter().flatten().chain([time]).collect();
        events.push(self.event(subject, Phase::Start, (now, track), Why::start(facts)));
        self.present[index].started_as = Some(track);
    }

    fn end_the_gone(&mut self, now: Time, events: &mut Vec<SceneEvent>) {
        let (leave_s, gone_s) = (self.leave_s, self.leave_s + self.manner.borne_s);
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

    /// Takes where something stood until now: who stood there is not hidden but gone, whatever its track's number does.
    pub(super) fn vacate(&mut self, sight: &Sight<'_>) {
        for place in sight.left {
            let foot = sight.frame.foot(*place);
            let here =
                |subject: &&mut Subject| subject.seen.sizes_to(foot, sight.frame) <= SAME_PLACE_HEIGHTS;
            for subject in self.present.iter_mut().filter(here) {
                subject.away_since.get_or_insert(sight.now);
            }
        }
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
        self.base.ended(now, Some(ended));
    }

    fn event(&self, subject: &Subject, phase: Phase, (now, track): (Time, u64), why: Why) -> SceneEvent {
        let stated = Stated {
            track: Some(track),
            class: Some(subject.seen.class),
            confidence: subject.seen.confidence,
            picture: Some(subject.seen.foot),
            speed_kmh: subject.seen.speed_kmh,
            also: None,
        };
        self.base.event(phase, now, stated, why)
    }
}

impl Subject {
    fn new(now: Time, track: u64, seen: Seen) -> Self {
        Self {
            follows: Some(track),
            started_as: None,
            held_s: 0.0,
            since: None,
            visible_s: 0.0,
            facts: [None; 2],
            last_met: now,
            last_seen: now,
            away_since: None,
            seen,
        }
    }

    /// Whether its track was seen in this frame.
    fn is_seen(&self, sight: &Sight<'_>) -> bool {
        self.follows.is_some_and(|track| sight.sees(track))
    }
}
