//! The life of a condition of a whole zone or of the whole picture: it must hold for a time before the event starts and
//! be away for a time before it ends.

use super::{Base, SceneEvent, Stated};
use crate::Time;
use ngatu_protocol::{EndReason, Fact, Measure, Phase, Why};

/// Sums of frame times are compared with thresholds to this precision, seconds.
const EPSILON_S: f64 = 1e-6;
/// Before the start, an interruption of this share of the hold time is borne …
const BORNE_SHARE: f64 = 0.25;
/// … and at most of so many seconds: one frame in which somebody was not found is no end.
const BORNE_S: f64 = 1.0;

/// A condition with hold time and hysteresis.
#[derive(Debug, Clone)]
pub(super) struct Level {
    base: Base,
    hold_s: f64,
    clear_s: f64,
    met_since: Option<Time>,
    last_met: Time,
    unmet_since: Option<Time>,
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
            met_since: None,
            last_met: Time::default(),
            unmet_since: None,
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
        match reading {
            Reading::Met(fact) => {
                self.unmet_since = None;
                self.last_met = now;
                let since = *self.met_since.get_or_insert(now);
                let held_s = now.since_s(since);
                if !self.active && held_s + EPSILON_S >= self.hold_s && !self.base.is_cooling(now) {
                    self.active = true;
                    let held = Fact::against(Measure::Held, held_s, self.hold_s);
                    let facts: Vec<Fact> =
                        [Some(fact), stated.also, Some(held)].into_iter().flatten().collect();
                    events.push(self.base.event(Phase::Start, now, self.last, Why::start(facts)));
                }
            }
            Reading::Between(_) => {
                self.unmet_since = None;
                self.interrupted(now);
            }
            Reading::Unmet(fact) => {
                let since = *self.unmet_since.get_or_insert(now);
                self.interrupted(now);
                if self.active && now.since_s(since) + EPSILON_S >= self.clear_s {
                    let facts: Vec<Fact> = [Some(fact), stated.also].into_iter().flatten().collect();
                    self.end(now, Why::end(EndReason::ConditionEnded, facts), events);
                }
            }
        }
    }

    /// Not met, before the start: what is met again after a moment goes on.
    fn interrupted(&mut self, now: Time) {
        let borne_s = BORNE_S.min(BORNE_SHARE * self.hold_s);
        if !self.active && now.since_s(self.last_met) > borne_s + EPSILON_S {
            self.met_since = None;
        }
    }

    /// Ends it, for a reason that lies outside the rule.
    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        if self.active {
            self.end(now, Why::end(reason, []), events);
        }
        self.met_since = None;
        self.unmet_since = None;
    }

    fn end(&mut self, now: Time, why: Why, events: &mut Vec<SceneEvent>) {
        self.active = false;
        self.met_since = None;
        self.base.ended(now, why.ended);
        events.push(self.base.event(Phase::End, now, self.last, why));
    }
}
