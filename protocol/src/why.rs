//! Why an event was stated, as data: what was measured, against which threshold, and why it ended. People read it in
//! their own language, so no sentence travels.
//!
//! A newer edge may measure what this version has no word for. Such a fact is left out and counted, and the rest of the
//! reason is read: no event is refused for it.

use crate::event::worded_enum;
use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;

/// Most facts in one reason.
pub const MAX_FACTS: usize = 8;
/// Longest note, bytes.
pub const MAX_NOTE_BYTES: usize = 1000;

worded_enum!(
    /// What was measured for a rule. The unit of each is fixed, so that a reader needs no conversion.
    Measure {
        /// Time that the condition held, s.
        Held = "held",
        /// Time inside a zone, s.
        Dwell = "dwell",
        /// Time outside a zone that must not be left, s.
        Outside = "outside",
        /// Time that the road user stood still, s.
        Standing = "standing",
        /// Time since the road user or the picture was last seen, s.
        Unseen = "unseen",
        /// Number of people, 1.
        People = "people",
        /// Number of vehicles, 1.
        Vehicles = "vehicles",
        /// Speed over ground, km/h.
        Speed = "speed",
        /// Speed in the picture, heights of the road user's box per second, 1/s. Where no calibration is given.
        PictureSpeed = "picture_speed",
        /// Angle between the legal way and the way taken, deg.
        Angle = "angle",
        /// Length of a queue along its lane, m.
        QueueLength = "queue_length",
        /// Distance over ground, m.
        Distance = "distance",
        /// Deceleration, m/s2.
        Deceleration = "deceleration",
        /// Width of the box over its height, 1.
        Aspect = "aspect",
        /// Share of the picture, 0..=1.
        PictureShare = "picture_share",
        /// Sharpness as a share of the usual, 0..=1 and more.
        Sharpness = "sharpness",
        /// Mean brightness of the picture, 0..=255.
        Brightness = "brightness",
        /// How far the picture shifted, share of its width.
        Shift = "shift",
        /// Time that the picture has not changed at all, s.
        Frozen = "frozen",
        /// How sure the detector is, 0..=1.
        Score = "score",
    }
);

impl Measure {
    /// The unit of its values, UCUM.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Measure::Held
            | Measure::Dwell
            | Measure::Outside
            | Measure::Standing
            | Measure::Unseen
            | Measure::Frozen => "s",
            Measure::Speed => "km/h",
            Measure::PictureSpeed => "1/s",
            Measure::Angle => "deg",
            Measure::QueueLength | Measure::Distance => "m",
            Measure::Deceleration => "m/s2",
            _ => "1",
        }
    }
}

worded_enum!(
    /// Why a condition counts as ended.
    EndReason {
        /// The condition was clearly not met any more.
        ConditionEnded = "condition_ended",
        /// The road user left the zone, or returned to it.
        Left = "left",
        /// The road user was not seen any more.
        NotSeen = "not_seen",
        /// The source of the pictures was lost.
        SourceLost = "source_lost",
        /// The picture changed its shape, so zones mean something else.
        ViewChanged = "view_changed",
        /// The camera was covered, blinded or moved: the rule cannot tell.
        Suspended = "suspended",
        /// The camera showed another view for so long that it is the usual one now.
        ViewAdopted = "view_adopted",
        /// The rule's schedule ended.
        ScheduleEnded = "schedule_ended",
        /// The time went back: a looped file, a clock that was set.
        TimeWentBack = "time_went_back",
        /// The observation ended: a new configuration, a stop of the agent, the end of a file.
        ObservationEnded = "observation_ended",
        /// The agent was restarted and did not see the end.
        AgentRestarted = "agent_restarted",
    }
);

/// One measured value with what it was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// What was measured; it fixes the unit.
    pub measure: Measure,
    /// The value, in the measure's unit.
    pub value: f64,
    /// The threshold that it passed, if it was compared with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How far the value may be off, 95 % of the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus_minus: Option<f64>,
}

impl Fact {
    /// A value and the threshold that it passed, both to thousandths.
    #[must_use]
    pub fn against(measure: Measure, value: f64, threshold: f64) -> Fact {
        Fact { measure, value: rounded(value), threshold: Some(rounded(threshold)), plus_minus: None }
    }

    /// A value that was compared with nothing, to thousandths.
    #[must_use]
    pub fn of(measure: Measure, value: f64) -> Fact {
        Fact { measure, value: rounded(value), threshold: None, plus_minus: None }
    }

    /// The same value with how far it may be off, to thousandths.
    #[must_use]
    pub fn give_or_take(self, plus_minus: f64) -> Fact {
        Fact { plus_minus: Some(rounded(plus_minus)), ..self }
    }
}

/// To thousandths: no measure here is finer, and it travels shorter.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Why an event was stated.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct Why {
    /// What was measured, the deciding value first; at most [`MAX_FACTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Why the condition counts as ended, in an event of phase end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndReason>,
    /// What a part of the machinery said, such as a decoder's error; not translated. At most [`MAX_NOTE_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How many of its words were of a newer version and left out. It does not travel.
    #[serde(skip)]
    pub unknown: u32,
}

impl<'de> Deserialize<'de> for Why {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Why, D::Error> {
        let WireWhy { facts, ended, note } = WireWhy::deserialize(deserializer)?;
        let sent = facts.len();
        let facts: Vec<Fact> = facts.into_iter().filter_map(WireFact::known).collect();
        let newer = sent - facts.len() + usize::from(matches!(ended, Some(Word::Newer)));
        let ended = match ended {
            Some(Word::Known(ended)) => Some(ended),
            Some(Word::Newer) | None => None,
        };
        Ok(Why { facts, ended, note, unknown: u32::try_from(newer).unwrap_or(u32::MAX) })
    }
}

/// [`Why`] as it travels.
#[derive(Deserialize)]
struct WireWhy {
    #[serde(default)]
    facts: Vec<WireFact>,
    #[serde(default)]
    ended: Option<Word<EndReason>>,
    #[serde(default)]
    note: Option<String>,
}

/// [`Fact`] as it travels.
#[derive(Deserialize)]
struct WireFact {
    measure: Word<Measure>,
    value: f64,
    #[serde(default)]
    threshold: Option<f64>,
    #[serde(default)]
    plus_minus: Option<f64>,
}

impl WireFact {
    fn known(self) -> Option<Fact> {
        let WireFact { measure: Word::Known(measure), value, threshold, plus_minus } = self else {
            return None;
        };
        Some(Fact { measure, value, threshold, plus_minus })
    }
}

/// A word of this version or of a newer one.
enum Word<T> {
    Known(T),
    Newer,
}

trait Vocabulary: Sized {
    fn parse_word(word: &str) -> Option<Self>;
}

impl Vocabulary for Measure {
    fn parse_word(word: &str) -> Option<Measure> {
        Measure::parse(word)
    }
}

impl Vocabulary for EndReason {
    fn parse_word(word: &str) -> Option<EndReason> {
        EndReason::parse(word)
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<T>, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<T: Vocabulary> Visitor<'_> for Reader<T> {
            type Value = Word<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Word<T>, E> {
                Ok(T::parse_word(word).map_or(Word::Newer, Word::Known))
            }
        }
        deserializer.deserialize_str(Reader(PhantomData))
    }
}

impl Why {
    /// The reason of a start.
    #[must_use]
    pub fn start(facts: impl Into<Vec<Fact>>) -> Why {
        Why { facts: facts.into(), ..Why::default() }
    }

    /// The reason of an end.
    #[must_use]
    pub fn end(ended: EndReason, facts: impl Into<Vec<Fact>>) -> Why {
        Why { facts: facts.into(), ended: Some(ended), ..Why::default() }
    }

    /// A technical note alone, cut to what may travel.
    #[must_use]
    pub fn note(text: &str) -> Why {
        let mut end = text.len().min(MAX_NOTE_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Why { note: Some(text[..end].to_owned()), ..Why::default() }
    }

    /// Checks the ranges that the types do not.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), String> {
        if self.facts.len() > MAX_FACTS {
            return Err(format!("why has {} facts: at most {MAX_FACTS}", self.facts.len()));
        }
        for fact in &self.facts {
            let numbers = [Some(fact.value), fact.threshold, fact.plus_minus];
            // Not a number compares false.
            if !numbers.into_iter().flatten().all(|number| number.abs() <= 1e9) {
                return Err(format!("why: {} is outside -1e9..=1e9", fact.measure));
            }
        }
        if self.note.as_ref().is_some_and(|note| note.len() > MAX_NOTE_BYTES) {
            return Err(format!("why: the note is longer than {MAX_NOTE_BYTES} bytes"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_newer_version_are_left_out_and_counted_and_the_rest_is_read() {
        let why: Why = serde_json::from_str(
            r#"{"facts":[{"measure":"wheels","value":3},{"measure":"dwell","value":2.5,"threshold":2}],
            "ended":"teleported","note":"x"}"#,
        )
        .unwrap();
        let known = Why { note: Some("x".into()), ..Why::start([Fact::against(Measure::Dwell, 2.5, 2.0)]) };
        assert_eq!(why, Why { unknown: 2, ..known.clone() });
        assert_eq!(serde_json::to_string(&why).unwrap(), serde_json::to_string(&known).unwrap());
        let ended: Why = serde_json::from_str(r#"{"ended":"left"}"#).unwrap();
        assert_eq!(ended, Why::end(EndReason::Left, []));
        for bad in [r#"{"facts":[{"value":3}]}"#, r#"{"facts":[{"measure":7,"value":3}]}"#, r#"{"ended":1}"#]
        {
            assert!(serde_json::from_str::<Why>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_note_is_cut_between_characters() {
        let why = Why::note(&"ố".repeat(400));
        assert_eq!(why.check(), Ok(()));
        assert_eq!(why.note.unwrap().chars().count(), 333);
    }

    #[test]
    fn a_reason_that_no_person_could_read_is_refused() {
        let fact = Fact::against(Measure::Speed, f64::INFINITY, 50.0);
        assert!(Why::start([fact]).check().unwrap_err().contains("speed"));
        let many = vec![Fact::of(Measure::Dwell, 1.0); MAX_FACTS + 1];
        assert!(Why::start(many).check().unwrap_err().contains("9 facts"));
        assert!(Why { note: Some("x".repeat(1001)), ..Why::default() }.check().is_err());
    }
}
