//! Why an alert was raised, as data: the screen puts it into the reader's words.

use ngatu_protocol::Why;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One measured value with what it was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReasonFact {
    /// What was measured, such as `dwell`, `speed` or `people`.
    pub measure: String,
    /// The value.
    pub value: f64,
    /// Unit of value, threshold and plus_minus, UCUM: `1`, `s`, `m`, `km/h`, `deg`, `1/s`, `m/s2`.
    pub unit: String,
    /// The threshold that it passed.
    pub threshold: Option<f64>,
    /// How far the value may be off, 95 % of the time.
    pub plus_minus: Option<f64>,
}

/// Why an event was stated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// What was measured, the deciding value first.
    pub facts: Vec<ReasonFact>,
    /// Why the condition counts as ended, such as `left` or `source_lost`; in an event of phase end.
    pub ended: Option<String>,
    /// What a part of the machinery said, in its own words.
    pub note: Option<String>,
}

impl From<&Why> for Reason {
    fn from(why: &Why) -> Reason {
        let fact = |fact: &ngatu_protocol::Fact| ReasonFact {
            measure: fact.measure.as_str().to_owned(),
            value: fact.value,
            unit: fact.measure.unit().to_owned(),
            threshold: fact.threshold,
            plus_minus: fact.plus_minus,
        };
        Reason {
            facts: why.facts.iter().map(fact).collect(),
            ended: why.ended.map(|ended| ended.as_str().to_owned()),
            note: why.note.clone(),
        }
    }
}
