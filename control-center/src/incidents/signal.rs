//! A reading of a sensor or a message of another system, and whether it is an incident: pure.

use super::text::{self, is_word};
use crate::alerts::{AlertPlace, Severity};
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Clocks may be ahead of ours by this.
const MAX_AHEAD: TimeDelta = TimeDelta::hours(1);

/// What a source says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Signal {
    /// The source's own name for this message: sent again, it is stored once.
    #[schema(min_length = 1, max_length = 100)]
    pub id: String,
    /// The kind of incident that it speaks of, one of the procedures'.
    #[schema(example = "forest_fire")]
    pub kind: String,
    /// When, by the source's clock.
    pub time: DateTime<Utc>,
    /// Where; the place of the source when it is left out.
    #[serde(default)]
    pub place: Option<AlertPlace>,
    /// What was measured.
    #[serde(default)]
    pub value: Option<f64>,
    /// Its unit, UCUM, such as `Cel`, `cm` or `1`.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub unit: Option<String>,
    /// How grave it is, if the source knows.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// In short, for people.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub title: Option<String>,
}

/// From which value a reading is an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The kind of the signals that it judges.
    pub kind: String,
    /// The unit that it is given in; a reading in another one is refused.
    pub unit: String,
    /// This value or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// This value or less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// How grave it is then.
    pub severity: Severity,
}

/// A known sensor or system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalSource {
    /// Its id, also its user name at the broker.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<AlertPlace>,
    /// The area that it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The names of the people and API tokens that may speak for it over HTTP; where none is named, operators and the tokens
    /// that were made for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
    /// From which values its readings are incidents.
    #[serde(default, rename = "threshold", skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
}

impl Signal {
    /// Checks what a database and people can use.
    ///
    /// # Errors
    /// Says what cannot be used.
    pub fn check(mut self, now: DateTime<Utc>) -> Result<Signal, String> {
        self.id = text::line("id", &self.id, 100)?;
        if !is_word(&self.kind, "_") {
            return Err("kind is not a kind of incident".into());
        }
        if self.value.is_some_and(|value| !value.is_finite()) {
            return Err("value is not a number".into());
        }
        self.unit = self.unit.map(|unit| text::line("unit", &unit, 32)).transpose()?;
        self.title = self.title.map(|title| text::line("title", &title, 200)).transpose()?;
        if let Some(place) = self.place
            && !((-90.0..=90.0).contains(&place.lat) && (-180.0..=180.0).contains(&place.lon))
        {
            return Err("place is not on the earth".into());
        }
        if self.time.year() < 2000 || self.time > now + MAX_AHEAD {
            return Err("time is before 2000 or more than an hour ahead".into());
        }
        Ok(self)
    }

    /// How grave an incident it is; none when it is a reading only. A source with thresholds for the kind is judged by those
    /// alone; without any, a source that says critical or high is believed.
    ///
    /// # Errors
    /// When the reading is in another unit than the threshold.
    pub fn judge(&self, source: Option<&SignalSource>) -> Result<Option<Severity>, String> {
        let thresholds = source.map(|source| source.thresholds.as_slice()).unwrap_or_default();
        let mut own = thresholds.iter().filter(|threshold| threshold.kind == self.kind).peekable();
        let Some(value) = self.value.filter(|_| own.peek().is_some()) else {
            let believed = self.severity.filter(|severity| *severity <= Severity::High);
            return Ok(if own.peek().is_some() { None } else { believed });
        };
        let mut gravest = None;
        for threshold in own {
            if self.unit.as_deref() != Some(threshold.unit.as_str()) {
                return Err(format!("the threshold is in {}", threshold.unit));
            }
            let over = threshold.at_least.is_some_and(|limit| value >= limit);
            let under = threshold.at_most.is_some_and(|limit| value <= limit);
            if over || under {
                gravest =
                    Some(gravest.map_or(threshold.severity, |known: Severity| known.min(threshold.severity)));
            }
        }
        Ok(gravest)
    }
}

impl SignalSource {
    /// Everything that cannot be used: key and reason.
    #[must_use]
    pub fn check(&self) -> Vec<(String, String)> {
        let mut errors = Vec::new();
        let mut error = |key: &str, reason: &str| errors.push((key.to_owned(), reason.to_owned()));
        // Names of topics below which edges write: a source of that name could not be told from one.
        let taken = ["state", "ack", "config", "command", "events", "health", "observations", "tracks"];
        if !is_word(&self.id, "-") || taken.contains(&self.id.as_str()) {
            error("id", "wanted a to z, 0 to 9 and -, at most 64, and no name of a topic");
        }
        if text::line("name", &self.name, 200).is_err() {
            error("name", "wanted 1 to 200 characters");
        }
        for threshold in &self.thresholds {
            if !is_word(&threshold.kind, "_") {
                error("threshold.kind", "wanted a kind of incident");
            }
            let limits = [threshold.at_least, threshold.at_most];
            if limits.iter().flatten().count() == 0 || limits.iter().flatten().any(|limit| !limit.is_finite())
            {
                error("threshold", "wanted at_least or at_most");
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SignalSource {
        let level = |at_least, severity| Threshold {
            kind: "flood".into(),
            unit: "cm".into(),
            at_least: Some(at_least),
            at_most: None,
            severity,
        };
        SignalSource {
            id: "cau-bo".into(),
            name: "Cầu Bo".into(),
            place: None,
            area: None,
            senders: Vec::new(),
            thresholds: vec![level(20.0, Severity::Medium), level(50.0, Severity::Critical)],
        }
    }

    fn signal(value: Option<f64>, severity: Option<Severity>) -> Signal {
        Signal {
            id: "1".into(),
            kind: "flood".into(),
            time: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            place: None,
            value,
            unit: Some("cm".into()),
            severity,
            title: None,
        }
    }

    #[test]
    fn thresholds_judge_and_without_any_a_grave_word_is_believed() {
        let source = source();
        let judge = |value, severity, source| signal(value, severity).judge(source).unwrap();
        assert_eq!(judge(Some(19.9), None, Some(&source)), None);
        assert_eq!(judge(Some(20.0), None, Some(&source)), Some(Severity::Medium));
        assert_eq!(judge(Some(70.0), None, Some(&source)), Some(Severity::Critical));
        assert_eq!(
            judge(Some(1.0), Some(Severity::Critical), Some(&source)),
            None,
            "the city's limits decide"
        );
        assert_eq!(judge(Some(1.0), Some(Severity::High), None), Some(Severity::High));
        assert_eq!(judge(Some(1.0), Some(Severity::Low), None), None);
        let wrong = Signal { unit: Some("m".into()), ..signal(Some(70.0), None) };
        assert!(wrong.judge(Some(&source)).unwrap_err().contains("cm"));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let now = DateTime::from_timestamp(1_800_000_100, 0).unwrap();
        let good = signal(Some(1.0), None);
        assert!(good.clone().check(now).is_ok());
        let bad = [
            Signal { id: "\0".into(), ..good.clone() },
            Signal { kind: "Flood!".into(), ..good.clone() },
            Signal { time: now + TimeDelta::hours(2), ..good.clone() },
            Signal { place: Some(AlertPlace { lat: 91.0, lon: 0.0 }), ..good.clone() },
            Signal { value: Some(f64::INFINITY), ..good },
        ];
        for bad in bad {
            assert!(bad.clone().check(now).is_err(), "{bad:?}");
        }
        assert_eq!(source().check(), []);
        assert!(!SignalSource { id: "state".into(), ..source() }.check().is_empty());
    }
}
