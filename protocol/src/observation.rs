//! Observations: measured quantities with unit, window and coverage.

use crate::event::worded_enum;
use crate::{RoadUserClass, ZoneId, storable};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

worded_enum!(
    /// What was measured. docs/observations.md has the formula and the source of each.
    Quantity {
        /// Road users that crossed a tripwire, unit `1`.
        Count = "count",
        /// Rate of crossings at a tripwire, or of vehicles through a zone, unit `/h`.
        Flow = "flow",
        /// Mean number of road users inside a zone, unit `1`.
        ZoneCount = "zone_count",
        /// Share of the observed time with at least one road user inside a zone, unit `1`, 0..=1.
        Occupancy = "occupancy",
        /// Arithmetic mean of the speeds at a tripwire, unit `km/h`.
        TimeMeanSpeed = "time_mean_speed",
        /// Harmonic mean of the speeds at a tripwire, or distance over time in a zone, unit `km/h`.
        SpaceMeanSpeed = "space_mean_speed",
        /// Vehicles on a kilometre of a zone, unit `/km`.
        Density = "density",
        /// Time from front to front of vehicles that follow each other over a tripwire, unit `s`.
        Headway = "headway",
        /// Time from rear to front of vehicles that follow each other over a tripwire, unit `s`.
        Gap = "gap",
        /// Vehicles that queue in a zone, unit `1`.
        QueueCount = "queue_count",
        /// Length of the queue in a zone along its direction, unit `m`.
        QueueLength = "queue_length",
        /// Time that road users stayed in a zone, of stays that ended, unit `s`.
        Dwell = "dwell",
        /// Road users that crossed a tripwire and next the tripwire `to_zone`; without one, none afterwards. Unit `1`.
        Turning = "turning",
    }
);

impl Quantity {
    /// The unit of its values, UCUM.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Quantity::Count
            | Quantity::ZoneCount
            | Quantity::Occupancy
            | Quantity::QueueCount
            | Quantity::Turning => "1",
            Quantity::Flow => "/h",
            Quantity::Density => "/km",
            Quantity::TimeMeanSpeed | Quantity::SpaceMeanSpeed => "km/h",
            Quantity::Headway | Quantity::Gap | Quantity::Dwell => "s",
            Quantity::QueueLength => "m",
        }
    }
}

worded_enum!(
    /// What of a distribution the value is.
    Statistic {
        /// Arithmetic mean.
        Mean = "mean",
        /// 15 of 100 values are below.
        P15 = "p15",
        /// The median.
        P50 = "p50",
        /// 85 of 100 values are below.
        P85 = "p85",
        /// The largest.
        Max = "max",
    }
);

worded_enum!(
    /// The side from which a tripwire was crossed. Standing on the first point and looking towards the second,
    /// from left to right is `a_to_b`.
    Direction {
        /// Left to right.
        AToB = "a_to_b",
        /// Right to left.
        BToA = "b_to_a",
    }
);

/// The body of `vn.ngatu.observation.v1`: one quantity at one tripwire or zone in one window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObservationData {
    /// What was measured.
    pub quantity: Quantity,
    /// The tripwire or zone.
    pub zone: ZoneId,
    /// The class counted; absent for all classes together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<RoadUserClass>,
    /// The direction counted, at a tripwire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The tripwire that was crossed next, of a turning movement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_zone: Option<ZoneId>,
    /// Which figure of a distribution it is; absent where the quantity has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// On how many measured values it rests; absent where it is a count or a share of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// Half the width of the interval that holds the truth 95 times of 100, in the value's unit; absent where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus_minus: Option<f64>,
    /// Begin of the window, inclusive.
    pub from: DateTime<Utc>,
    /// End of the window, exclusive.
    pub to: DateTime<Utc>,
    /// The measured value.
    pub value: f64,
    /// Its unit, UCUM: the quantity's, such as `1`, `km/h`, `s`, `m`.
    pub unit: String,
    /// Seconds of the window that were really observed, 0..=length of the window.
    pub coverage_s: f64,
    /// The version of the configuration in force; 0 for one from a local file.
    #[serde(default)]
    pub config: u64,
}

impl ObservationData {
    /// Checks the ranges that the types do not.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), String> {
        storable::time("from", self.from)?;
        storable::time("to", self.to)?;
        storable::number("config", self.config)?;
        let length_ms = (self.to - self.from).num_milliseconds();
        if !(1..=86_400_000).contains(&length_ms) {
            return Err(format!("window of {length_ms} ms: wanted more than nothing and at most a day"));
        }
        // The milliseconds of a day are exact in f64.
        #[allow(clippy::cast_precision_loss, reason = "at most 86,400,000, checked above")]
        let length_s = length_ms as f64 / 1000.0;
        if !(0.0..=length_s + 0.001).contains(&self.coverage_s) {
            return Err(format!("coverage_s {} is outside 0..={length_s}", self.coverage_s));
        }
        if !self.value.is_finite() || self.value < 0.0 {
            return Err(format!("value {} is not a quantity", self.value));
        }
        if self.plus_minus.is_some_and(|v| !v.is_finite() || v < 0.0) {
            return Err("plus_minus is not an error".into());
        }
        if self.samples == Some(0) {
            return Err("samples is 0: nothing was measured".into());
        }
        if self.to_zone.is_some() && self.quantity != Quantity::Turning {
            return Err(format!("to_zone means nothing with {}", self.quantity));
        }
        if self.quantity == Quantity::Occupancy && self.value > 1.0 {
            return Err(format!("value {} is not a share, 0..=1", self.value));
        }
        if self.unit.is_empty() || self.unit.len() > 16 {
            return Err("unit must have 1 to 16 bytes".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation() -> ObservationData {
        let text = r#"{"quantity":"turning","zone":"north","to_zone":"east","class":"car","from":"2026-11-22T08:00:00Z",
            "to":"2026-11-22T08:01:00Z","value":3.0,"unit":"1","coverage_s":60.0}"#;
        serde_json::from_str(text).expect("an observation")
    }

    #[test]
    fn what_is_absent_is_not_sent_and_what_is_wrong_is_named() {
        let good = observation();
        assert_eq!(good.check(), Ok(()));
        let text = serde_json::to_string(&good).unwrap();
        assert!(!text.contains("statistic") && !text.contains("samples") && !text.contains("plus_minus"));
        type Change = fn(&mut ObservationData);
        let table: [(&str, Change); 6] = [
            ("plus_minus", |o| o.plus_minus = Some(f64::NAN)),
            ("samples", |o| o.samples = Some(0)),
            ("to_zone", |o| o.quantity = Quantity::Count),
            ("share", |o| (o.quantity, o.to_zone, o.value) = (Quantity::Occupancy, None, 1.5)),
            ("value", |o| o.value = -1.0),
            ("coverage_s", |o| o.coverage_s = 61.0),
        ];
        for (wanted, change) in table {
            let mut bad = good.clone();
            change(&mut bad);
            let reason = bad.check().expect_err(wanted);
            assert!(reason.contains(wanted), "{reason} should name {wanted}");
        }
    }
}
