//! What happens next with a dispatch: which way is tried when, and who is asked when nobody answers. Pure: times in,
//! decisions out.
//!
//! A dispatch goes to one unit, over its channels in their order. A channel that fails, or behind which nobody reads in
//! time, gives way to the next one; what was sent before stays valid, so whoever reads late may still accept. Reading is no
//! answer: who has read has a time of their own to accept, and then it goes on in the same way. After the last channel the
//! next unit is asked, and after the last unit the supervisor.

use super::model::State;
use crate::incidents::Verdict;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a webhook waits after each failed attempt, seconds. The Standard Webhooks specification's schedule: the first
/// attempt at once, then ten in all, the last 75 h 35 min 5 s after the first.
pub const RETRY_AFTER_S: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// When an attempt that failed is repeated: `attempts` were made, the last ended at `now`; none when there is no further one.
/// `jitter`, 0..1, spreads the repetitions of many messages over a tenth of the wait.
#[must_use]
pub fn retry_at(attempts: usize, now: DateTime<Utc>, jitter: f64) -> Option<DateTime<Utc>> {
    let wait = *RETRY_AFTER_S.get(attempts.checked_sub(1)?)?;
    let extra = TimeDelta::milliseconds(wait * 100);
    Some(now + TimeDelta::seconds(wait) + scaled(extra, jitter))
}

fn scaled(time: TimeDelta, share: f64) -> TimeDelta {
    let thousandths =
        [0.0, 0.25, 0.5, 0.75, 1.0].iter().filter(|step| share >= **step).count().saturating_sub(1);
    time * i32::try_from(thousandths).unwrap_or(0) / 4
}

/// How a message on one channel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Not taken by the other side yet; it is tried again.
    Pending,
    /// The other side has it.
    Delivered,
    /// Given up.
    Failed,
}

/// A dispatch as far as the next decision needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What the unit said.
    pub state: State,
    /// Whether anybody need come: the incident goes on, and the unit does not come by another dispatch already.
    pub is_needed: bool,
    /// When somebody read it.
    pub read_at: Option<DateTime<Utc>>,
    /// How many of the unit's channels were begun.
    pub begun: usize,
    /// How many the unit has.
    pub channels: usize,
    /// How the message on the newest channel stands.
    pub newest: Delivery,
    /// When the newest channel was begun.
    pub since: DateTime<Utc>,
    /// How long to wait for a reader on it.
    pub read_within: TimeDelta,
    /// How long to wait for an answer of who has read.
    pub accept_within: TimeDelta,
    /// Whether the step behind the last channel was taken: the next unit or the supervisor was asked.
    pub passed_on: bool,
    /// Whether another unit comes after this one.
    pub has_next_unit: bool,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing before this moment.
    Wait(DateTime<Utc>),
    /// Nothing at all until the unit or a person does something.
    Rest,
    /// Begin the unit's channel of this index.
    Channel(usize),
    /// Ask the next unit.
    Unit,
    /// Call the supervisor.
    Supervisor,
}

/// Decides.
#[must_use]
pub fn next(progress: &Progress, now: DateTime<Utc>) -> Next {
    let pass_on = || match (progress.passed_on, progress.has_next_unit) {
        (true, _) => Next::Rest,
        (false, true) => Next::Unit,
        (false, false) => Next::Supervisor,
    };
    if !progress.is_needed {
        return Next::Rest;
    }
    let since = progress.since;
    let due = match progress.state {
        State::Refused | State::Failed => return pass_on(),
        State::Accepted | State::OnScene | State::Done | State::Recalled => return Next::Rest,
        State::Queued | State::Sent | State::Delivered => since + progress.read_within,
        // From when it was read, or the newest channel was begun because nobody answered.
        State::Read => progress.read_at.map_or(since, |read_at| read_at.max(since)) + progress.accept_within,
    };
    // Whoever has read one message need not get another one because a channel fails.
    let failed = progress.newest == Delivery::Failed && progress.state != State::Read;
    let is_over = progress.begun == 0 || failed || now >= due;
    match is_over {
        false => Next::Wait(due),
        true if progress.begun < progress.channels => Next::Channel(progress.begun),
        true => pass_on(),
    }
}

/// Whether a dispatch is taken back because its incident was resolved with this verdict. Who is on the way to what turned out
/// to be nothing need not come; who is on the way to what was real, or there, says how it ended. Whom nothing reached
/// has nothing to forget.
#[must_use]
pub fn stands_down(state: State, verdict: Verdict) -> bool {
    match state {
        State::Queued | State::Sent | State::Delivered | State::Read => true,
        State::Accepted => verdict != Verdict::True,
        State::OnScene | State::Done | State::Refused | State::Failed | State::Recalled => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn progress() -> Progress {
        Progress {
            state: State::Sent,
            is_needed: true,
            read_at: None,
            begun: 1,
            channels: 2,
            newest: Delivery::Delivered,
            since: at(0),
            read_within: TimeDelta::seconds(60),
            accept_within: TimeDelta::seconds(300),
            passed_on: false,
            has_next_unit: true,
        }
    }

    #[test]
    fn ten_attempts_span_75_hours() {
        let mut now = at(0);
        let mut attempts = 1;
        while let Some(next) = retry_at(attempts, now, 0.0) {
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!((attempts, now - at(0)), (10, TimeDelta::seconds(75 * 3600 + 35 * 60 + 5)));
        assert_eq!(retry_at(1, at(0), 1.0), Some(at(5) + TimeDelta::milliseconds(500)));
        assert_eq!(retry_at(0, at(0), 0.0), None);
    }

    #[test]
    fn who_does_not_read_in_time_is_asked_another_way_then_another_unit_then_the_supervisor() {
        let first = progress();
        assert_eq!(next(&first, at(59)), Next::Wait(at(60)));
        assert_eq!(next(&first, at(60)), Next::Channel(1));
        let second = Progress { begun: 2, since: at(60), ..first };
        assert_eq!(next(&second, at(119)), Next::Wait(at(120)));
        assert_eq!(next(&second, at(120)), Next::Unit);
        assert_eq!(next(&Progress { has_next_unit: false, ..second }, at(120)), Next::Supervisor);
        assert_eq!(next(&Progress { passed_on: true, ..second }, at(9999)), Next::Rest);
    }

    #[test]
    fn a_channel_that_fails_gives_way_at_once() {
        let failed = Progress { newest: Delivery::Failed, ..progress() };
        assert_eq!(next(&failed, at(1)), Next::Channel(1));
        assert_eq!(next(&Progress { begun: 2, ..failed }, at(1)), Next::Unit);
        assert_eq!(next(&Progress { begun: 0, state: State::Queued, ..progress() }, at(0)), Next::Channel(0));
        let nothing = Progress { begun: 0, channels: 0, state: State::Queued, ..progress() };
        assert_eq!(next(&nothing, at(0)), Next::Unit, "a unit without any channel");
    }

    #[test]
    fn who_reads_and_does_not_answer_is_not_waited_for_without_end() {
        let read = Progress { state: State::Read, read_at: Some(at(40)), ..progress() };
        assert_eq!(next(&read, at(339)), Next::Wait(at(340)));
        assert_eq!(next(&read, at(340)), Next::Channel(1));
        let failed = Progress { newest: Delivery::Failed, ..read };
        assert_eq!(next(&failed, at(339)), Next::Wait(at(340)), "somebody has read it all the same");
        let second = Progress { begun: 2, since: at(340), ..read };
        assert_eq!(next(&second, at(639)), Next::Wait(at(640)));
        assert_eq!(next(&second, at(640)), Next::Unit);
        assert_eq!(next(&Progress { has_next_unit: false, ..second }, at(640)), Next::Supervisor);
        assert_eq!(next(&Progress { passed_on: true, ..second }, at(9999)), Next::Rest);
    }

    #[test]
    fn nobody_is_called_for_what_is_over_or_in_good_hands() {
        for state in State::ALL {
            assert_eq!(
                next(&Progress { state, is_needed: false, ..progress() }, at(9999)),
                Next::Rest,
                "{state:?}"
            );
        }
    }

    #[test]
    fn when_it_is_over_who_was_only_asked_stands_down_and_who_comes_does_for_nothing_alone() {
        let stand_down = |verdict| State::ALL.into_iter().filter(move |state| stands_down(*state, verdict));
        let asked = [State::Queued, State::Sent, State::Delivered, State::Read];
        assert!(stand_down(Verdict::True).eq(asked));
        for nothing in [Verdict::False, Verdict::Test] {
            assert!(stand_down(nothing).eq([&asked[..], &[State::Accepted]].concat()), "{nothing:?}");
        }
    }

    #[test]
    fn once_somebody_has_accepted_people_decide() {
        for state in [State::Accepted, State::OnScene, State::Done, State::Recalled] {
            assert_eq!(next(&Progress { state, ..progress() }, at(9999)), Next::Rest, "{state:?}");
        }
        for state in [State::Refused, State::Failed] {
            assert_eq!(next(&Progress { state, ..progress() }, at(1)), Next::Unit, "{state:?}");
        }
    }
}
