//! The one module that reads the real clock; everything else takes `now`.

#![allow(clippy::disallowed_methods, reason = "this is the module that the lint points to")]

use chrono::{DateTime, Utc};
use std::time::Instant;

/// The wall clock, UTC. It can step; use it for what people and other machines read.
#[must_use]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The monotonic clock, for durations and time-outs.
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}

/// The clock of tokio's timers: what `sleep_until` and intervals take.
#[must_use]
pub fn timer() -> tokio::time::Instant {
    tokio::time::Instant::now()
}
