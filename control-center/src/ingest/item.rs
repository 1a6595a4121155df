//! What a payload becomes: messages that passed every check, refusals with their reason, and states.

use super::composed;
use super::inbox::Received;
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::batch::{self, KEPT_BYTES};
use ngatu_protocol::{Body, Decoded, EdgeId, EventData, Lane, OutboxId, State, Topic};
use serde_json::value::RawValue;
use std::sync::Arc;

/// A message from further ahead is refused: no clock error explains it, and it would stand above all others for ever.
/// Up to here it is kept with its own time, and the edge's clock skew is shown.
const FUTURE: TimeDelta = TimeDelta::hours(24);

/// One thing to write.
#[derive(Debug)]
pub(crate) struct Item {
    /// Who sent it; absent when the topic names no possible edge.
    pub(crate) edge: Option<Arc<EdgeId>>,
    /// When it came, by our clock.
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) content: Content,
}

impl Item {
    /// Its edge, and how many words of its reason only a newer version knows, if there are any.
    pub(crate) fn unknown_words(&self) -> Option<(&str, u32)> {
        match (&self.edge, &self.content) {
            (Some(edge), Content::Message(_, decoded)) => match &decoded.body {
                Body::Event(EventData { why: Some(why), .. }) if why.unknown > 0 => {
                    Some((edge.as_str(), why.unknown))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Content {
    /// A message that passed every check.
    Message(Lane, Box<Decoded>),
    /// What did not.
    Refused(Refused),
    /// An edge's liveness.
    State(State),
}

/// A dead letter to be.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) topic: String,
    pub(crate) lane: Option<Lane>,
    /// The numbers that need not be sent again.
    pub(crate) numbers: Vec<(OutboxId, u64)>,
    pub(crate) reason: String,
    pub(crate) raw: Vec<u8>,
}

/// Reads a payload. Never fails: what cannot be read is an item too.
pub(crate) fn decode(received: &Received) -> Vec<Item> {
    let topic = String::from_utf8_lossy(&received.topic);
    let parsed = Topic::parse(&topic);
    let edge = parsed.as_ref().map(|topic| Arc::new(topic.edge().clone()));
    let item = |content| Item { edge: edge.clone(), received_at: received.at, content };
    let refuse_all = |lane, reason: String| {
        let numbers = batch::find_numbers(&received.payload);
        vec![item(Content::Refused(refused(&topic, lane, numbers, (reason, &received.payload))))]
    };
    match &parsed {
        Some(Topic::Lane(edge, lane)) => match batch::decode(&received.payload, edge, *lane) {
            Ok(messages) => {
                messages.into_iter().map(|message| item(judge(message, &topic, *lane, received.at))).collect()
            }
            Err(error) => refuse_all(Some(*lane), error.to_string()),
        },
        Some(Topic::State(_)) if received.payload.is_empty() => Vec::new(),
        Some(Topic::State(_)) => match read_state(&received.payload) {
            Ok(state) => vec![item(Content::State(state))],
            Err(reason) => vec![item(Content::Refused(refused(
                &topic,
                None,
                Vec::new(),
                (format!("state: {reason}"), &received.payload),
            )))],
        },
        _ => refuse_all(None, "the topic is none of the center's".into()),
    }
}

fn judge(
    message: Result<Decoded, batch::Rejected>,
    topic: &str,
    lane: Lane,
    received_at: DateTime<Utc>,
) -> Content {
    match message {
        Ok(mut decoded) => match compose(&mut decoded, lane).map(|()| latest_time(&decoded)) {
            Err(reason) => Content::Refused(refuse_decoded(&decoded, topic, lane, reason)),
            Ok(time) if time > received_at + FUTURE => {
                let hours = (time - received_at).num_hours();
                let reason = format!("{time} is {hours} h in the future: the edge's clock is wrong");
                Content::Refused(refuse_decoded(&decoded, topic, lane, reason))
            }
            _ => Content::Message(lane, Box::new(decoded)),
        },
        Err(rejected) => Content::Refused(Refused {
            topic: topic.to_owned(),
            lane: Some(lane),
            numbers: rejected.number.into_iter().collect(),
            reason: rejected.reason,
            raw: rejected.raw.into_bytes(),
        }),
    }
}

/// Gives its texts one spelling, in what is stored as well as in what is read.
fn compose(decoded: &mut Decoded, lane: Lane) -> Result<(), String> {
    if let Some(data) = composed::json(decoded.envelope.data.get()) {
        decoded.envelope.data = RawValue::from_string(data).map_err(|error| error.to_string())?;
        decoded.body = decoded.envelope.body(lane)?;
    }
    Ok(())
}

/// The same for the state.
fn read_state(payload: &[u8]) -> Result<State, String> {
    let composed = std::str::from_utf8(payload).ok().and_then(composed::json);
    State::read(composed.as_deref().map_or(payload, str::as_bytes))
}

fn latest_time(decoded: &Decoded) -> DateTime<Utc> {
    match &decoded.body {
        Body::Observation(data) => decoded.envelope.time.max(data.to),
        Body::Track(data) => decoded.envelope.time.max(data.to()),
        _ => decoded.envelope.time,
    }
}

/// The dead letter of a message that was read well and refused later.
pub(crate) fn refuse_decoded(decoded: &Decoded, topic: &str, lane: Lane, reason: String) -> Refused {
    let raw = serde_json::to_string(&decoded.envelope).unwrap_or_default();
    let numbers = vec![(decoded.envelope.outbox, decoded.envelope.sequence)];
    refused(topic, Some(lane), numbers, (reason, raw.as_bytes()))
}

fn refused(
    topic: &str,
    lane: Option<Lane>,
    numbers: Vec<(OutboxId, u64)>,
    (reason, raw): (String, &[u8]),
) -> Refused {
    let raw = raw[..raw.len().min(KEPT_BYTES)].to_vec();
    Refused { topic: topic.replace('\0', "?"), lane, numbers, reason: reason.replace('\0', "?"), raw }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(topic: &str, payload: &str) -> Vec<Item> {
        let at = "2026-11-22T08:00:00Z".parse().unwrap();
        decode(&Received { topic: topic.to_owned().into(), payload: payload.to_owned().into(), at })
    }

    fn reason(items: &[Item]) -> &str {
        match &items[0].content {
            Content::Refused(refused) => &refused.reason,
            other => panic!("should be refused: {other:?}"),
        }
    }

    fn health(time: &str) -> String {
        format!(
            r#"{{"specversion":"1.0","id":"0193aaaa-0000-7000-8000-000000000000","source":"/edges/a",
            "type":"vn.ngatu.health.v1","time":"{time}","sequence":4,"outbox":"0193aaaa-0000-7000-8000-000000000001",
            "data":{{"uptime_s":1,"version":"1","memory_bytes":1,"disk_free_bytes":1,"outbox_depth":{{}},"cameras":{{}}}}}}"#
        )
    }

    #[test]
    fn a_message_of_tomorrow_night_is_refused_and_one_of_a_clock_that_is_ahead_is_not() {
        let far = decoded("ngatu/v1/a/health", &format!("[{}]", health("2026-11-23T09:00:00Z")));
        assert!(reason(&far).contains("in the future"), "{}", reason(&far));
        let Content::Refused(refused) = &far[0].content else { unreachable!() };
        assert_eq!(refused.numbers[0].1, 4);
        let near = decoded("ngatu/v1/a/health", &format!("[{}]", health("2026-11-22T09:00:00Z")));
        assert!(matches!(near[0].content, Content::Message(Lane::Health, _)), "{:?}", near[0]);
    }

    #[test]
    fn a_decomposed_text_is_one_spelling_in_what_is_stored_and_in_what_is_read() {
        let camera = r#"{"c":{"online":false,"fps_in":0,"fps_analysed":0,"detector_share":0,"stage_ms":{},"restarts":1,
            "width_px":0,"height_px":0,"error":"hỏng"}}"#;
        let sent = health("2026-11-22T08:00:00Z").replace("\"cameras\":{}", &format!("\"cameras\":{camera}"));
        for spelling in ["hỏng", "ho\u{309}ng", "ho\\u0309ng"] {
            let items = decoded("ngatu/v1/a/health", &format!("[{}]", sent.replace("hỏng", spelling)));
            let Content::Message(_, message) = &items[0].content else { panic!("{:?}", items[0]) };
            assert!(message.envelope.data.get().contains("\"hỏng\""), "{}", message.envelope.data);
            let Body::Health(data) = &message.body else { panic!("{:?}", message.body) };
            assert_eq!(data.cameras.values().next().unwrap().error.as_deref(), Some("hỏng"));
        }
        let state = r#"{"online":true,"outbox":"0193aaaa-0000-7000-8000-000000000001","boot":1,"version":"1","config_error":"ho\u0309ng"}"#;
        let Content::State(state) = &decoded("ngatu/v1/a/state", state)[0].content else {
            panic!("no state")
        };
        assert_eq!(state.config_error.as_deref(), Some("hỏng"));
    }

    #[test]
    fn an_oversized_message_is_refused_with_its_number() {
        let big = health("2026-11-22T08:00:00Z")
            .replace("\"version\":\"1\"", &format!("\"version\":\"{}\"", "v".repeat(300_000)));
        let items = decoded("ngatu/v1/a/health", &format!("[{big}]"));
        assert!(reason(&items).contains("larger than"));
        let Content::Refused(refused) = &items[0].content else { unreachable!() };
        assert_eq!((refused.numbers.len(), refused.raw.len()), (1, KEPT_BYTES));
    }

    #[test]
    fn a_trajectory_that_ends_in_the_future_is_refused() {
        let track = |from: &str| {
            let data = format!(
                r#"{{"track":1,"class":"car","confidence":0.5,"from":"{from}","frame":[640,360],
                "points":[0,5000,5000,900,900,100,300,0,0,0]}}"#
            );
            let envelope = health("2026-11-22T08:00:00Z").replace("health", "track");
            format!("[{}{data}}}]", envelope.split_once("{\"uptime_s\"").unwrap().0)
        };
        assert!(
            reason(&decoded("ngatu/v1/a/tracks", &track("2026-11-24T08:00:00Z"))).contains("in the future")
        );
        let now = decoded("ngatu/v1/a/tracks", &track("2026-11-22T08:00:00Z"));
        assert!(matches!(now[0].content, Content::Message(Lane::Tracks, _)), "{:?}", now[0]);
    }

    #[test]
    fn a_state_that_cannot_be_read_is_refused() {
        assert!(reason(&decoded("ngatu/v1/a/state", "{")).starts_with("state: "));
        assert!(decoded("ngatu/v1/a/state", "").is_empty(), "an empty retained message clears it");
    }
}
