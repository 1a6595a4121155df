//! A dispatch: an incident handed to a unit, and how far the unit has come.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a dispatch has come. Each state has its own time; a later one does not invent the time of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DispatchState)]
pub enum State {
    /// Written down, not sent yet.
    Queued,
    /// Given to a channel.
    Sent,
    /// The other side's machine has it.
    Delivered,
    /// A person has seen it.
    Read,
    /// The unit comes.
    Accepted,
    /// The unit is there.
    OnScene,
    /// The unit has finished.
    Done,
    /// The unit does not come.
    Refused,
    /// No channel reached the unit.
    Failed,
    /// The center took it back.
    Recalled,
}

impl State {
    /// Every state, in order.
    pub const ALL: [State; 10] = [
        State::Queued,
        State::Sent,
        State::Delivered,
        State::Read,
        State::Accepted,
        State::OnScene,
        State::Done,
        State::Refused,
        State::Failed,
        State::Recalled,
    ];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sent => "sent",
            State::Delivered => "delivered",
            State::Read => "read",
            State::Accepted => "accepted",
            State::OnScene => "on_scene",
            State::Done => "done",
            State::Refused => "refused",
            State::Failed => "failed",
            State::Recalled => "recalled",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing follows any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, State::Done | State::Refused | State::Recalled)
    }

    /// Whether a dispatch may go from here to `to`. Forward only, steps may be left out; a unit that nobody reached
    /// may still answer; a refusal is possible until the unit has finished.
    #[must_use]
    pub fn may_become(self, to: State) -> bool {
        match (self, to) {
            _ if self.is_over() || to == State::Queued => false,
            (_, State::Refused | State::Recalled) => true,
            (_, State::Failed) => self < State::Read,
            (State::Failed, to) => to >= State::Delivered,
            (from, State::Done) => from >= State::Accepted,
            (from, to) => to > from,
        }
    }
}

/// When a dispatch reached which state.
pub type Times = std::collections::BTreeMap<State, DateTime<Utc>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dispatch_only_goes_forward() {
        use State as S;
        let allowed = [
            (S::Queued, S::Sent),
            (S::Sent, S::Delivered),
            (S::Sent, S::Accepted),
            (S::Delivered, S::Read),
            (S::Read, S::Accepted),
            (S::Accepted, S::OnScene),
            (S::Accepted, S::Done),
            (S::OnScene, S::Done),
            (S::OnScene, S::Refused),
            (S::Sent, S::Failed),
            (S::Failed, S::Accepted),
            (S::Accepted, S::Recalled),
        ];
        for (from, to) in allowed {
            assert!(from.may_become(to), "{from:?} to {to:?}");
        }
        let refused = [
            (S::Read, S::Delivered),
            (S::Read, S::Done),
            (S::Accepted, S::Accepted),
            (S::Accepted, S::Failed),
            (S::Done, S::Refused),
            (S::Refused, S::Accepted),
            (S::Recalled, S::Done),
            (S::Sent, S::Queued),
        ];
        for (from, to) in refused {
            assert!(!from.may_become(to), "{from:?} to {to:?}");
        }
    }

    #[test]
    fn every_state_has_its_word() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(State::parse("gone"), None);
    }
}
