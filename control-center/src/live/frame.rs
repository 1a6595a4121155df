//! The messages on the websocket, server to client.

use crate::alerts::{Alert, Change, Person};
use crate::incidents::{Incident, IncidentChange, ReportBell, ReportChange};
use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use utoipa::ToSchema;

/// What the server sends, one JSON object a text frame. The client sends nothing.
///
/// Serves the OpenAPI document and the tests; the frames themselves are put together from the log's JSON as it is.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveMessage {
    /// The state: every alert that is active or not acknowledged, and not muted by the policy, the gravest first and of these the
    /// newest.
    Snapshot {
        /// The number of the newest change in it.
        seq: i64,
        /// The alerts, at most 5,000.
        alerts: Vec<Alert>,
        /// How many more there are, which have no room: the least grave, the oldest of them.
        #[serde(default)]
        left_out: i64,
        /// The unfinished incidents of your areas, at most 2,000, the gravest first and of these the newest.
        #[serde(default)]
        incidents: Vec<Incident>,
        /// How many more of those there are.
        #[serde(default)]
        incidents_left_out: i64,
        /// The number of the newest change of an incident in it.
        #[serde(default)]
        incident_seq: i64,
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
    /// The changes of alerts up to this one that are not in your areas have passed: the next one may follow. Only those hear
    /// it who do not have the whole city.
    Passed {
        /// The number of the last change of an alert that is sent or passed.
        seq: i64,
    },
    /// One change of one incident, beside the alerts and with a number of its own.
    Incident {
        /// Its number in the log of incidents.
        seq: i64,
        /// What changed.
        change: IncidentChange,
        /// When.
        at: DateTime<Utc>,
        /// Who; none when the machine did it.
        actor: Option<Person>,
        /// What else is worth knowing, such as who is called.
        #[schema(value_type = Object)]
        detail: serde_json::Value,
        /// The incident after the change.
        incident: Box<Incident>,
    },
    /// A citizen's report came or changed, for those who may read it: look at the reports again. No number, and not told again
    /// after a resume: who shows reports looks at them once it is connected, too.
    Report {
        /// The report's number; none when any may have come or changed.
        number: Option<String>,
        /// What happened to it.
        change: ReportChange,
    },
    /// Every 15 s, and once after the changes that a resuming client had missed.
    Heartbeat {
        /// The number of the last change sent.
        seq: i64,
        /// The number of the last change of an incident sent, or passed over because it lies outside your areas.
        #[serde(default)]
        incident_seq: i64,
        /// The center's clock.
        now: DateTime<Utc>,
    },
    /// Alerts come faster than the operators can work them, or do not any more: within a few seconds after it begins and
    /// ends, and after the start when it lasts.
    Flood {
        /// Whether it lasts: it begins above 10 alerts per operator in 10 minutes and ends below 5 (ISA-18.2).
        on: bool,
        /// Alerts of your areas in the last 10 minutes that no policy muted; at most 10,000 are counted.
        alerts: u64,
        /// Operators who are connected to this center and see one of your areas; at least 1.
        operators: u32,
        /// The center's clock.
        now: DateTime<Utc>,
    },
    /// The client did not keep up: close 1013 follows; connect again with `after`.
    Resume {
        /// The number of the last change sent.
        after: i64,
        /// The number of the last change of an incident sent.
        #[serde(default)]
        incidents_after: i64,
        /// Always `slow`.
        reason: String,
    },
}

/// One change, ready to be sent: made once, shared by all clients.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The change's number; 0 of a report, whose changes have none.
    pub seq: i64,
    /// The JSON text.
    pub text: Utf8Bytes,
    /// Which log the number is of.
    pub(super) log: Log,
}

/// Which log a frame comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Log {
    /// The log of alerts, and the area of the alert.
    Alerts(Option<Arc<str>>),
    /// The log of incidents, and the area of the incident.
    Incidents(Option<String>),
    /// None: the bell of reports, and where the report lay and lies.
    Reports(Arc<[Option<String>]>),
}

/// A row of the log: number, kind of change, the alert's JSON as the database keeps it, and its area.
pub(super) type LogRow = (i64, String, String, Option<String>);

/// The rows behind `$1`, at most `$2`, as [`LogRow`].
pub(super) const SELECT_LOG: &str = "select seq, change, alert_row::text, alert_row ->> 'area' from alert_log where seq > $1 order by seq limit $2";

/// A row of the log of incidents: number, the frame's text as the database puts it together, and the incident's area.
pub(super) type IncidentRow = (i64, String, Option<String>);

impl Frame {
    /// The frame of a change: its number, its word, and the alert after it as JSON. It lies in no area yet.
    #[must_use]
    pub fn new(seq: i64, change: &str, alert: &str) -> Frame {
        let text = format!(r#"{{"type":"change","seq":{seq},"change":"{change}","alert":{alert}}}"#);
        Frame { seq, text: text.into(), log: Log::Alerts(None) }
    }

    /// The same, of an alert in that area.
    #[must_use]
    pub fn in_area(self, area: Option<&str>) -> Frame {
        Frame { log: Log::Alerts(area.map(Arc::from)), ..self }
    }

    /// The frame of a change of an incident: its number, its text and the incident's area.
    pub(super) fn of_incident((seq, text, area): IncidentRow) -> Frame {
        Frame { seq, text: text.into(), log: Log::Incidents(area) }
    }

    /// The frame of a report that came or changed.
    pub(super) fn of_report(ReportBell { number, change, areas }: ReportBell) -> Frame {
        let text = serde_json::json!({ "type": "report", "number": number, "change": change }).to_string();
        Frame { seq: 0, text: text.into(), log: Log::Reports(areas.into()) }
    }

    pub(super) fn of_row((seq, change, alert, area): &LogRow) -> Frame {
        Frame::new(*seq, change, alert).in_area(area.as_deref())
    }
}

/// The numbers of the last changes of alerts and of incidents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seqs {
    pub(super) alerts: i64,
    pub(super) incidents: i64,
}

/// `left_out` counts the alerts and the incidents that are not in it.
pub(super) fn snapshot(
    seqs: Seqs,
    (alerts, incidents): (&[String], &[String]),
    left_out: (i64, i64),
    now: DateTime<Utc>,
) -> Utf8Bytes {
    let length: usize = alerts.iter().chain(incidents).map(|row| row.len() + 1).sum();
    let mut text = String::with_capacity(length + 200);
    let (now, Seqs { alerts: seq, incidents: incident_seq }) = (stamp(now), seqs);
    let (left_out, incidents_left_out) = left_out;
    write!(
        text,
        r#"{{"type":"snapshot","seq":{seq},"incident_seq":{incident_seq},"now":"{now}","left_out":{left_out},"incidents_left_out":{incidents_left_out},"alerts":["#
    )
    .expect("a String takes all");
    push_list(&mut text, alerts);
    text.push_str(r#"],"incidents":["#);
    push_list(&mut text, incidents);
    text.push_str("]}");
    text.into()
}

fn push_list(text: &mut String, rows: &[String]) {
    for (i, row) in rows.iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(row);
    }
}

/// Numbers of changes of alerts are without holes, and a client takes a hole for something that it missed. So where some are
/// left out for one client, it is told up to which number they have passed, before the next one that it sees.
#[derive(Debug)]
pub(super) struct Passing {
    /// The last change that the client was sent, or knows to have passed.
    pub(super) told: i64,
}

impl Passing {
    /// What the client must be told so that it knows that nothing up to `seq` is missing.
    pub(super) fn settle(&mut self, seq: i64) -> Option<Utf8Bytes> {
        let text = (self.told < seq).then(|| format!(r#"{{"type":"passed","seq":{seq}}}"#).into());
        self.told = self.told.max(seq);
        text
    }
}

pub(super) fn heartbeat(seqs: Seqs, now: DateTime<Utc>) -> Utf8Bytes {
    let (now, Seqs { alerts: seq, incidents: incident_seq }) = (stamp(now), seqs);
    format!(r#"{{"type":"heartbeat","seq":{seq},"incident_seq":{incident_seq},"now":"{now}"}}"#).into()
}

pub(super) fn flood(on: bool, (alerts, operators): (u64, u32), now: DateTime<Utc>) -> Utf8Bytes {
    let now = stamp(now);
    format!(r#"{{"type":"flood","on":{on},"alerts":{alerts},"operators":{operators},"now":"{now}"}}"#).into()
}

pub(super) fn resume(seqs: Seqs) -> Utf8Bytes {
    let Seqs { alerts: after, incidents } = seqs;
    format!(r#"{{"type":"resume","after":{after},"incidents_after":{incidents},"reason":"slow"}}"#).into()
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
        let seqs = Seqs { alerts: 7, incidents: 3 };
        let snapshot = read(snapshot(seqs, (&[], &[]), (5, 6), now));
        let (alerts, incidents) = (vec![], vec![]);
        let (left_out, incidents_left_out) = (5, 6);
        let wanted = LiveMessage::Snapshot {
            seq: 7,
            alerts,
            left_out,
            incidents,
            incidents_left_out,
            incident_seq: 3,
            now,
        };
        assert_eq!(snapshot, wanted);
        assert_eq!(read(heartbeat(seqs, now)), LiveMessage::Heartbeat { seq: 7, incident_seq: 3, now });
        let wave = read(flood(true, (23, 2), now));
        assert_eq!(wave, LiveMessage::Flood { on: true, alerts: 23, operators: 2, now });
        let (number, change) = (Some("R-1".to_owned()), ReportChange::Filed);
        let bell = ReportBell { number: number.clone(), change, areas: vec![] };
        assert_eq!(read(Frame::of_report(bell).text), LiveMessage::Report { number, change });
        let mut passing = Passing { told: 5 };
        assert_eq!(passing.settle(5), None);
        assert_eq!(passing.settle(7).map(read), Some(LiveMessage::Passed { seq: 7 }));
        assert_eq!(passing.settle(7), None);
        let resume = read(resume(seqs));
        assert_eq!(resume, LiveMessage::Resume { after: 7, incidents_after: 3, reason: "slow".into() });
    }
}
