//! Cursors: where a page ended, as text that means nothing to who gets it. Pure.
//!
//! A cursor comes back from anybody, so what comes out of one can be bound to a query whatever it is: no text with U+0000,
//! and no time that PostgreSQL has not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use std::str::FromStr;

/// The years 1 to 9999, microseconds since 1970: what a time in a list can be.
const TIMES_US: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A cursor that no page gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cursor is not one that a page gave out")]
pub(crate) struct Forged;

/// A cursor of texts alone, whatever is in them.
pub(crate) fn encode_texts(keys: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::json!(keys).to_string())
}

/// What [`encode_texts`] wrote.
pub(crate) fn open_texts<const N: usize>(cursor: &str) -> Result<[String; N], Forged> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Forged)?;
    let keys: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| Forged)?;
    match keys.iter().any(|key| key.contains('\0')) {
        true => Err(Forged),
        false => keys.try_into().map_err(|_| Forged),
    }
}

/// A cursor of a time and further keys.
pub(crate) fn encode(time: DateTime<Utc>, keys: &[String]) -> String {
    let mut text = time.timestamp_micros().to_string();
    for key in keys {
        text.push(' ');
        text.push_str(key);
    }
    URL_SAFE_NO_PAD.encode(text)
}

/// Takes a cursor apart; the keys come in the order in which they went in.
#[derive(Debug)]
pub(crate) struct Cursor {
    text: String,
}

impl Cursor {
    /// Opens what [`encode`] wrote.
    pub(crate) fn open(cursor: &str) -> Result<Cursor, Forged> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Forged)?;
        let text = String::from_utf8(bytes).map_err(|_| Forged)?;
        if text.contains('\0') { Err(Forged) } else { Ok(Cursor { text }) }
    }

    /// The time.
    pub(crate) fn time(&self) -> Result<DateTime<Utc>, Forged> {
        let micros = self.key(0)?;
        DateTime::from_timestamp_micros(micros).filter(|_| TIMES_US.contains(&micros)).ok_or(Forged)
    }

    /// The key at a place; the time is at 0.
    pub(crate) fn key<T: FromStr>(&self, place: usize) -> Result<T, Forged> {
        self.text.split(' ').nth(place).ok_or(Forged)?.parse().map_err(|_| Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_out_and_a_forged_one_is_refused() {
        let time = DateTime::from_timestamp_micros(1_763_800_000_123_456).unwrap();
        let cursor = Cursor::open(&encode(time, &["7".into()])).unwrap();
        assert_eq!(cursor.time().unwrap(), time);
        assert_eq!(cursor.key::<i64>(1).unwrap(), 7);
        assert!(cursor.key::<i64>(2).is_err());
        let early = URL_SAFE_NO_PAD.encode("-8334601228800000000 7");
        for forged in ["", "!", "aGVsbG8", "//8", &early, &URL_SAFE_NO_PAD.encode("0 a\0b")] {
            assert!(Cursor::open(forged).and_then(|cursor| cursor.time()).is_err(), "{forged:?}");
        }
    }

    #[test]
    fn a_cursor_of_texts_comes_back_as_it_went_out_and_a_forged_one_is_refused() {
        let open = open_texts::<2>;
        assert_eq!(open(&encode_texts(&["a b", "\""])), Ok(["a b".into(), "\"".into()]));
        let wrong = [&["a"][..], &["a", "b", "c"], &["a\0", "b"]].map(encode_texts);
        for forged in ["", "!"].into_iter().chain(wrong.iter().map(String::as_str)) {
            assert_eq!(open(forged), Err(Forged), "{forged:?}");
        }
    }
}
