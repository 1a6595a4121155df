//! The messages on the websocket, server to client.

use crate::alerts::{Alert, Change};
use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// What the server sends, one JSON object a text frame. The client sends nothing.
///
/// Serves the OpenAPI document and the tests; the frames themselves are put together from the log's JSON as it is.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveMessage {
    /// The state: every alert that is active or not acknowledged, the newest first.
    Snapshot {
        /// The number of the newest change in it.
        seq: i64,
        /// The alerts, at most 5,000.
        alerts: Vec<Alert>,
        /// The center's clock.
        now: DateTime<Utc>,
    },
    /// One change of one alert.
    Change {
        /// Its number.
        seq: i64,
        /// What changed.
        change: Change,
        /// The alert after the change.
        alert: Box<Alert>,
    },
    /// Every 15 s, and once after the changes that a resuming client had missed.
    Heartbeat {
        /// The number of the last change sent.
        seq: i64,
        /// The center's clock.
        now: DateTime<Utc>,
    },
    /// The client did not keep up: close 1013 follows; connect again with `after`.
    Resume {
        /// The number of the last change sent.
        after: i64,
        /// Always `slow`.
        reason: String,
    },
}

/// One change, ready to be sent: made once, shared by all clients.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The change's number.
    pub seq: i64,
    /// The JSON text.
    pub text: Utf8Bytes,
}

/// A row of the log: number, kind of change, and the alert's JSON as the database keeps it.
pub(super) type LogRow = (i64, String, String);

impl Frame {
    /// The frame of a change: its number, its word, and the alert after it as JSON.
    #[must_use]
    pub fn new(seq: i64, change: &str, alert: &str) -> Frame {
        let text = format!(r#"{{"type":"change","seq":{seq},"change":"{change}","alert":{alert}}}"#);
        Frame { seq, text: text.into() }
    }

    pub(super) fn of_row((seq, change, alert): &LogRow) -> Frame {
        Frame::new(*seq, change, alert)
    }
}

pub(super) fn snapshot(seq: i64, alerts: &[String], now: DateTime<Utc>) -> Utf8Bytes {
    let length: usize = alerts.iter().map(|alert| alert.len() + 1).sum();
    let mut text = String::with_capacity(length + 100);
    let now = stamp(now);
    write!(text, r#"{{"type":"snapshot","seq":{seq},"now":"{now}","alerts":["#).expect("a String takes all");
    for (i, alert) in alerts.iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(alert);
    }
    text.push_str("]}");
    text.into()
}

pub(super) fn heartbeat(seq: i64, now: DateTime<Utc>) -> Utf8Bytes {
    format!(r#"{{"type":"heartbeat","seq":{seq},"now":"{}"}}"#, stamp(now)).into()
}

pub(super) fn resume(after: i64) -> Utf8Bytes {
    format!(r#"{{"type":"resume","after":{after},"reason":"slow"}}"#).into()
}

fn stamp(now: DateTime<Utc>) -> String {
    now.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_together_by_hand_reads_as_the_documented_message() {
        let now = DateTime::from_timestamp_millis(1_763_800_000_123).unwrap();
        let read = |text: Utf8Bytes| serde_json::from_str::<LiveMessage>(&text).unwrap();
        assert_eq!(read(snapshot(7, &[], now)), LiveMessage::Snapshot { seq: 7, alerts: vec![], now });
        assert_eq!(read(heartbeat(7, now)), LiveMessage::Heartbeat { seq: 7, now });
        assert_eq!(read(resume(7)), LiveMessage::Resume { after: 7, reason: "slow".into() });
    }
}
