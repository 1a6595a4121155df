//! The one module that reads the real clock; everything else takes `now`.

#![allow(clippy::disallowed_methods, reason = "this is the module that the lint points to")]

use chrono::{DateTime, Utc};
use std::time::Instant;

/// The wall clock, UTC.
#[must_use]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The monotonic clock, for durations and time-outs.
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}
