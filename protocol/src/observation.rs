//! Observations: measured quantities with unit, window and coverage.

use crate::event::worded_enum;
use crate::{RoadUserClass, ZoneId, storable};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

worded_enum!(
    /// What was measured.
    Quantity {
        /// Road users that crossed a tripwire, unit `1`.
        Count = "count",
        /// Mean number of road users inside a zone, unit `1`.
        ZoneCount = "zone_count",
        /// Share of the observed time with at least one road user inside a zone, unit `1`, 0..=1.
        Occupancy = "occupancy",
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
    /// Begin of the window, inclusive.
    pub from: DateTime<Utc>,
    /// End of the window, exclusive.
    pub to: DateTime<Utc>,
    /// The measured value.
    pub value: f64,
    /// Its unit, UCUM: `1`, `km/h`, `s`, `m`.
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
        if self.unit.is_empty() || self.unit.len() > 16 {
            return Err("unit must have 1 to 16 bytes".into());
        }
        Ok(())
    }
}
