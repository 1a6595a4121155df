//! The life of a condition of a whole zone or of the whole picture: it must hold for a time before the event starts and
//! be away for a time before it ends. Both times are of what was seen: a hole between two looks adds next to nothing to
//! either.

use super::{Base, SceneEvent, Stated};
use crate::Time;
use ngatu_protocol::{EndReason, Fact, Measure, Phase, Why};

/// Sums of frame times are compared with thresholds to this precision, seconds.
const EPSILON_S: f64 = 1e-6;
/// Before the start, an interruption of this share of the hold time is borne …
const BORNE_SHARE: f64 = 0.25;
/// … and at most of so many seconds: one frame in which somebody was not found is no end.
const BORNE_S: f64 = 1.0;
/// What was met before a hole of so many seconds, or of the hold time if that is longer, begins anew after it.
const FORGOTTEN_S: f64 = 10.0;

/// A condition with hold time and hysteresis.
#[derive(Debug, Clone)]
pub(super) struct Level {
    base: Base,
    hold_s: f64,
    clear_s: f64,
    last_look: Option<Time>,
    /// Seconds for which the condition has been seen to be met, with short interruptions; `None` while it is not.
    met_s: Option<f64>,
    /// Seconds since it was last met.
    broken_s: f64,
    /// Seconds for which it has been seen to be clearly unmet; `None` while it is not.
    unmet_s: Option<f64>,
    active: bool,
    last: Stated,
}

/// What a rule says of one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// The condition is met.
    Met(Fact),
    /// Neither met nor clearly unmet: what is active stays, what is not does not start.
    Between(Fact),
    /// Clearly not met.
    Unmet(Fact),
}

impl Level {
    pub(super) fn new(base: Base) -> Self {
        let (hold_s, clear_s) = (base.config.hold_s(), base.config.leave_s());
        let last = Stated::default();
        Self {
            base,
            hold_s,
            clear_s,
            last_look: None,
            met_s: None,
            broken_s: 0.0,
            unmet_s: None,
            active: false,
            last,
        }
    }

    /// Takes a moment's reading; `stated` is what the event would say of confidence and place.
    pub(super) fn step(&mut self, now: Time, reading: Reading, stated: Stated, events: &mut Vec<SceneEvent>) {
        if !self.base.in_force(now) {
            return self.end_all(now, EndReason::ScheduleEnded, events);
        }
        self.last = stated;
        let seen_s = self.look(now);
        match reading {
            Reading::Met(fact) => {
                (self.unmet_s, self.broken_s) = (None, 0.0);
                let held_s = self.met_s.map_or(0.0, |met_s| met_s + seen_s);
                self.met_s = Some(held_s);
                if !self.active && held_s + EPSILON_S >= self.hold_s && !self.base.is_cooling(now) {
                    self.active = true;
                    let held = Fact::against(Measure::Held, held_s, self.hold_s);
                    let facts: Vec<Fact> =
                        [Some(fact), stated.also, Some(held)].into_iter().flatten().collect();
                    events.push(self.base.event(Phase::Start, now, self.last, Why::start(facts)));
                }
            }
            Reading::Between(_) => {
                self.unmet_s = None;
                self.interrupted(seen_s);
            }
            Reading::Unmet(fact) => {
                let away_s = self.unmet_s.map_or(0.0, |unmet_s| unmet_s + seen_s);
                self.unmet_s = Some(away_s);
                self.interrupted(seen_s);
                if self.active && away_s + EPSILON_S >= self.clear_s {
                    let facts: Vec<Fact> = [Some(fact), stated.also].into_iter().flatten().collect();
                    self.end(now, Why::end(EndReason::ConditionEnded, facts), events);
                }
            }
        }
    }

    /// How much of the time since the last look was seen, seconds.
    fn look(&mut self, now: Time) -> f64 {
        let since_s = self.last_look.replace(now).map_or(0.0, |last| now.since_s(last).max(0.0));
        if !self.active && since_s > FORGOTTEN_S.max(self.hold_s).max(self.base.longest_gap_s) {
            self.met_s = None;
        }
        since_s.min(self.base.longest_gap_s)
    }

    /// Not met, before the start: what is met again after a moment goes on.
    fn interrupted(&mut self, seen_s: f64) {
        let borne_s = BORNE_S.min(BORNE_SHARE * self.hold_s);
        self.broken_s += seen_s;
        let borne = self.active || self.broken_s <= borne_s + EPSILON_S;
        self.met_s = self.met_s.filter(|_| borne).map(|met_s| met_s + seen_s);
    }

    /// Ends it, for a reason that lies outside the rule.
    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        if self.active {
            self.end(now, Why::end(reason, []), events);
        }
        (self.last_look, self.met_s, self.unmet_s) = (None, None, None);
    }

    fn end(&mut self, now: Time, why: Why, events: &mut Vec<SceneEvent>) {
        self.active = false;
        self.met_s = None;
        self.base.ended(now, why.ended);
        events.push(self.base.event(Phase::End, now, self.last, why));
    }
}
