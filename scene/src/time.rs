//! Time as the scene sees it: a point on an axis whose zero the caller chooses (the Unix epoch live, the begin of the
//! video offline).

/// A point in time, microseconds since the caller's epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

const MICROS_PER_S: f64 = 1e6;

impl Time {
    /// The time that many microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The time that many seconds after the epoch, rounded to microseconds. Not a number becomes the epoch.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Self {
        Self::default().plus_s(seconds)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch.
    #[must_use]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_S
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub fn since_s(self, earlier: Time) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / MICROS_PER_S
    }

    /// The time `seconds` later, rounded to microseconds; it stops at the ends of the axis.
    #[must_use]
    pub fn plus_s(self, seconds: f64) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a float to integer cast saturates, as documented"
        )]
        let micros = (seconds * MICROS_PER_S).round() as i64;
        Self(self.0.saturating_add(micros))
    }

    /// The last whole multiple of `step_s` seconds since the epoch that is not after this time.
    #[must_use]
    pub fn floor_to(self, step_s: u32) -> Self {
        let step = i64::from(step_s.max(1)) * 1_000_000;
        Self(self.0.div_euclid(step).saturating_mul(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_the_epoch_are_floored_downwards() {
        assert_eq!(Time::from_seconds(-0.5).floor_to(60), Time::from_seconds(-60.0));
        assert_eq!(Time::from_seconds(119.9).floor_to(60), Time::from_seconds(60.0));
        assert_eq!(Time::from_seconds(120.0).floor_to(60), Time::from_seconds(120.0));
    }

    #[test]
    fn wild_seconds_stop_at_the_ends_of_the_axis() {
        assert_eq!(Time::from_seconds(f64::NAN), Time::default());
        assert_eq!(Time::from_seconds(f64::INFINITY).as_micros(), i64::MAX);
        assert_eq!(Time::from_seconds(1e300).plus_s(1e300).as_micros(), i64::MAX);
    }
}
