//! What a database can keep. JSON allows more than PostgreSQL stores: U+0000, half a surrogate pair, a number with a
//! million digits, the year 200000. One such value would make every batch that holds it fail for ever, so none passes.

use chrono::{DateTime, Datelike, Utc};
use std::ops::RangeInclusive;

/// Years that are taken. A machine without a battery clock starts in 1970.
const YEARS: RangeInclusive<i32> = 1970..=9999;
/// Longest number, in characters, and its longest exponent, in digits. PostgreSQL stops at an exponent of 16383.
const MAX_NUMBER_CHARS: usize = 64;
const MAX_EXPONENT_DIGITS: usize = 3;

/// Checks that a value fits PostgreSQL's `bigint` with room to add one.
///
/// # Errors
/// Names the field.
pub(crate) fn number(field: &str, value: u64) -> Result<(), String> {
    if value < i64::MAX.unsigned_abs() { Ok(()) } else { Err(format!("{field} {value} is not below 2^63")) }
}

/// Checks that a time is one that the database can hold and that a clock could show.
///
/// # Errors
/// Names the field.
pub(crate) fn time(field: &str, time: DateTime<Utc>) -> Result<(), String> {
    if YEARS.contains(&time.year()) {
        Ok(())
    } else {
        Err(format!("{field} is outside the years {} to {}", YEARS.start(), YEARS.end()))
    }
}

/// A text without U+0000, which PostgreSQL's `text` cannot hold.
pub(crate) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Checks in one pass that PostgreSQL's `jsonb` takes `json`, which must be JSON already.
///
/// # Errors
/// Says what it would refuse.
pub(crate) fn json(json: &str) -> Result<(), String> {
    let mut rest = json.as_bytes();
    let mut in_string = false;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' => {
                in_string = !in_string;
                after
            }
            b'\\' => escape(after)?,
            b'-' | b'0'..=b'9' if !in_string => number_token(rest)?,
            _ => after,
        };
    }
    Ok(())
}

/// Reads what follows a backslash, and returns what follows that.
fn escape(bytes: &[u8]) -> Result<&[u8], String> {
    let unit = |bytes: &[u8]| {
        let digits = bytes.strip_prefix(b"u")?.get(..4)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    match unit(bytes) {
        None => Ok(bytes.get(1..).unwrap_or_default()),
        Some(0) => Err("data holds the character U+0000".into()),
        Some(0xd800..=0xdbff) => {
            let second = &bytes[5..];
            match second.strip_prefix(b"\\").and_then(unit) {
                Some(0xdc00..=0xdfff) => Ok(&second[6..]),
                _ => Err("data holds half a surrogate pair".into()),
            }
        }
        Some(0xdc00..=0xdfff) => Err("data holds half a surrogate pair".into()),
        Some(_) => Ok(&bytes[5..]),
    }
}

/// Reads a number, and returns what follows it.
fn number_token(bytes: &[u8]) -> Result<&[u8], String> {
    let part_of_number = |b: &u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    let length = bytes.iter().take_while(|b| part_of_number(b)).count();
    let (token, rest) = bytes.split_at(length);
    let exponent = token.iter().position(|b| matches!(b, b'e' | b'E')).map_or(&token[..0], |at| &token[at..]);
    if length > MAX_NUMBER_CHARS
        || exponent.iter().filter(|b| b.is_ascii_digit()).count() > MAX_EXPONENT_DIGITS
    {
        return Err("data holds a number that is too long".into());
    }
    // PostgreSQL would keep 1e999, and whoever reads the row as JSON could not.
    let value = std::str::from_utf8(token).ok().and_then(|token| token.parse::<f64>().ok());
    if value.is_some_and(f64::is_infinite) {
        return Err("data holds a number that is too large".into());
    }
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_refuses_is_refused_with_its_reason() {
        let long = format!(r#"{{"a":{}}}"#, "1".repeat(65));
        let table = [
            (r#"{"a":"\u0000"}"#, "U+0000"),
            (r#"{"\u0000":1}"#, "U+0000"),
            (r#"{"a":"\ud800"}"#, "surrogate"),
            (r#"{"a":"\ud800\u0041"}"#, "surrogate"),
            (r#"{"a":"\ud800\n"}"#, "surrogate"),
            (r#"{"a":"\udc00"}"#, "surrogate"),
            (r#"{"a":1e999999}"#, "too long"),
            (r#"{"a":-0E-999999}"#, "too long"),
            (r#"[1.5,1e0001]"#, "too long"),
            (long.as_str(), "too long"),
            (r#"{"a":[1,1e999]}"#, "too large"),
            (r#"{"a":-1e309}"#, "too large"),
        ];
        for (text, wanted) in table {
            let reason = json(text).unwrap_err();
            assert!(reason.contains(wanted), "{text}: {reason} should speak of {wanted}");
        }
    }

    #[test]
    fn what_postgresql_keeps_is_taken() {
        for text in [
            r#"{"a":"\ud83d\ude00 \u1ecd \\u0000 \"1e999999\" ngã tư"}"#,
            r#"{"a":[1,-2.5,1e300,0.1E-12],"b":{"c":null}}"#,
            "\"\\\\\"",
        ] {
            assert_eq!(json(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn only_times_that_a_clock_could_show_are_taken() {
        let at = |text: &str| time("time", text.parse().unwrap());
        assert!(at("1970-01-01T00:00:00Z").is_ok() && at("2036-02-07T06:28:16Z").is_ok());
        assert!(at("+10000-01-01T00:00:00Z").is_err() && at("-0001-01-01T00:00:00Z").is_err());
    }
}
