//! What edge and center send each other. Beyond not failing: what is accepted reads back the same, what is refused comes
//! with a reason and a cut of the message, and everything that comes out can be kept by PostgreSQL.

use crate::replay;
use ngatu_protocol::batch::{self, KEPT_BYTES};
use ngatu_protocol::{Ack, Body, Decoded, EdgeId, Lane, Message, State, Topic};

#[path = "../../control-center/src/ingest/composed.rs"]
mod composed;

fn edge() -> EdgeId {
    EdgeId::new("e").expect("a letter is a name")
}

/// Whether a text somewhere in the value holds U+0000, which PostgreSQL cannot keep. Debug writes it as `\0`, and a
/// backslash as two, so escapes must be read in pairs: a text may well hold a backslash before a zero.
fn holds_nul(value: &impl std::fmt::Debug) -> bool {
    let text = format!("{value:?}");
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char == '\\' && chars.next() == Some('0') {
            return true;
        }
    }
    false
}

fn decode_one(text: &str, lane: Lane) -> Decoded {
    let payload = format!("[{text}]");
    let mut decoded =
        batch::decode(payload.as_bytes(), &edge(), lane).expect("one accepted message is a batch");
    assert_eq!(decoded.len(), 1, "one message stays one: {text}");
    decoded.remove(0).expect("an accepted message is accepted again")
}

/// The payload of one lane.
pub fn lane(payload: &[u8], lane: Lane) {
    let Ok(messages) = batch::decode(payload, &edge(), lane) else { return };
    let mut tracks = Vec::new();
    for message in messages {
        match message {
            Ok(message) => {
                one_spelling(message.envelope.data.get());
                let number = message.envelope.sequence;
                assert!((1..i64::MAX.unsigned_abs()).contains(&number), "{number} fits a bigint");
                assert!(!holds_nul(&message.body), "no text with U+0000: {:?}", message.body);
                let text = serde_json::to_string(&message.envelope).expect("what came as JSON goes as JSON");
                assert_eq!(decode_one(&text, lane).body, message.body);
                if let Body::Track(data) = &message.body {
                    tracks.push(data.clone());
                }
                reseal(message, lane);
            }
            Err(refused) => {
                assert!(
                    !refused.reason.is_empty() && refused.reason.len() <= 2000,
                    "{}",
                    refused.reason.len()
                );
                assert!(refused.raw.len() <= KEPT_BYTES);
                assert!(!refused.raw.contains('\0') && !refused.reason.contains('\0'), "{refused:?}");
            }
        }
    }
    replay::play(&tracks);
}

/// What the center stores is in one spelling, and stays in it.
fn one_spelling(data: &str) {
    let Some(composed) = composed::json(data) else { return };
    assert_eq!(composed::json(&composed), None, "composed is composed");
}

/// An edge that had made the same message would have been understood.
fn reseal(decoded: Decoded, lane: Lane) {
    let Decoded { envelope, camera, body } = decoded;
    let message = Message { id: envelope.id, camera, time: envelope.time, body };
    let sealed =
        message.seal(&edge(), envelope.outbox, envelope.sequence).expect("checked numbers are finite");
    decode_one(&serde_json::to_string(&sealed).expect("an envelope is JSON"), lane);
}

/// The retained state of an edge, and its will.
fn state(payload: &[u8]) {
    if let Ok(text) = std::str::from_utf8(payload) {
        one_spelling(text);
    }
    let Ok(state) = State::read(payload) else { return };
    assert!(!holds_nul(&state), "{state:?}");
    let again = serde_json::to_vec(&state).expect("a state is JSON");
    assert_eq!(State::read(&again), Ok(state));
}

/// What is not a lane: what an edge says of itself, and what it is told.
pub fn state_or_ack(payload: &[u8]) {
    state(payload);
    ack(payload);
}

/// An acknowledgement.
fn ack(payload: &[u8]) {
    let Ok(ack) = Ack::read(payload) else { return };
    let again = serde_json::to_vec(&ack).expect("an acknowledgement is JSON");
    assert_eq!(Ack::read(&again), Ok(ack));
}

/// The name of a topic.
pub fn topic(bytes: &[u8]) {
    let Ok(name) = std::str::from_utf8(bytes) else { return };
    if let Some(topic) = Topic::parse(name) {
        assert_eq!(topic.to_string(), name);
    }
}
