//! When a rule is in force: days and hours of the camera's local time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A day of the week, by its first three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Day {
    /// From Monday on.
    pub const ALL: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

    fn before(self) -> Day {
        Day::ALL[(self as usize + 6) % 7]
    }
}

/// Hours on some days. `to` before `from` reaches into the next morning, which belongs to the day that it began on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleConfig {
    /// The days; empty for every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// First minute, `HH:MM`, local time.
    pub from: String,
    /// First minute after it, `HH:MM`; `24:00` for midnight.
    pub to: String,
}

const DAY_MINUTES: i64 = 24 * 60;

impl ScheduleConfig {
    /// Minutes since midnight of begin and end.
    ///
    /// # Errors
    /// When an hour is not one, or both are the same.
    pub fn minutes(&self) -> Result<(i64, i64), String> {
        let (from, to) = (minute_of(&self.from)?, minute_of(&self.to)?);
        if from == to || from == DAY_MINUTES {
            return Err(format!("from {} to {} is no time at all", self.from, self.to));
        }
        Ok((from, to))
    }

    /// Whether it holds `local_minute`: whole minutes of local time since 1970-01-01 00:00.
    #[must_use]
    pub fn holds(&self, local_minute: i64) -> bool {
        let Ok((from, to)) = self.minutes() else { return false };
        let minute = local_minute.rem_euclid(DAY_MINUTES);
        // 1970-01-01 was a Thursday.
        let index = usize::try_from((local_minute.div_euclid(DAY_MINUTES) + 3).rem_euclid(7)).unwrap_or(0);
        let today = Day::ALL[index];
        let on = |day: Day| self.days.is_empty() || self.days.contains(&day);
        if from < to {
            on(today) && (from..to).contains(&minute)
        } else {
            (on(today) && minute >= from) || (on(today.before()) && minute < to)
        }
    }
}

fn minute_of(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no time of day: wanted HH:MM, 00:00 to 24:00");
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let number = |digits: &str| match digits.as_bytes() {
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => {
            Ok(i64::from(a - b'0') * 10 + i64::from(b - b'0'))
        }
        _ => Err(wrong()),
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let total = hours * 60 + minutes;
    if minutes < 60 && total <= DAY_MINUTES { Ok(total) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes since the epoch of 2026-11-22 (a Sunday), plus some.
    fn sunday(hour: i64, minute: i64) -> i64 {
        20_779 * DAY_MINUTES + hour * 60 + minute
    }

    fn schedule(days: &[Day], from: &str, to: &str) -> ScheduleConfig {
        ScheduleConfig { days: days.to_vec(), from: from.into(), to: to.into() }
    }

    #[test]
    fn a_night_belongs_to_the_day_that_it_began_on() {
        let night = schedule(&[Day::Sat], "22:00", "06:00");
        let table = [
            (sunday(-3, 0), false),
            (sunday(-2, 0), true),
            (sunday(5, 59), true),
            (sunday(6, 0), false),
            (sunday(22, 30), false),
        ];
        for (minute, wanted) in table {
            assert_eq!(night.holds(minute), wanted, "{}", minute - sunday(0, 0));
        }
        assert!(schedule(&[], "00:00", "24:00").holds(sunday(23, 59)));
        assert!(!schedule(&[Day::Mon], "00:00", "24:00").holds(sunday(12, 0)));
        assert!(schedule(&[Day::Sun], "08:00", "17:00").holds(sunday(8, 0)));
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        for (from, to) in [
            ("8:00", "17:00"),
            ("08:60", "09:00"),
            ("24:00", "06:00"),
            ("10:00", "10:00"),
            ("25:00", "26:00"),
        ] {
            assert!(schedule(&[], from, to).minutes().is_err(), "{from} to {to}");
        }
    }
}
