//! Vietnam's time of day, in which hours of duty, numbers of the year and times on pages are told. No summer time, so the
//! offset is fixed. Pure.

use chrono::{DateTime, FixedOffset, Utc};

/// Seconds that Vietnam's clocks are ahead of UTC.
const AHEAD_S: i32 = 7 * 3600;

/// The moment as Vietnam's clocks show it.
///
/// # Panics
/// Never: the offset is less than a day.
#[must_use]
pub(crate) fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(AHEAD_S).expect("7 h is within a day"))
}
