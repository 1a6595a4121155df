//! A lane's payload: a JSON array of envelopes, at most 256 KiB. Encoding, and decoding that never trusts.
//!
//! One bad element never harms its neighbours: each is decoded alone, and what cannot be read comes back as
//! [`Rejected`], with its number when that could still be found, so that the sender is not asked for it for ever.

use crate::envelope::SPEC_VERSION;
use crate::{Body, CameraId, EdgeId, Envelope, Lane, OutboxId, salvage, storable};

/// Largest payload, bytes.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;
/// Most messages in one payload; no more whole envelopes than this fit in [`MAX_PAYLOAD_BYTES`], but very many
/// broken ones would.
pub const MAX_MESSAGES: usize = 1024;
/// Deepest nesting of JSON arrays and objects inside a payload.
pub const MAX_DEPTH: usize = 32;
/// How much of a bad message is kept, bytes.
pub const KEPT_BYTES: usize = 4096;

/// Longest reason, bytes.
const MAX_REASON_BYTES: usize = 500;

/// A payload that holds no messages at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Larger than [`MAX_PAYLOAD_BYTES`].
    #[error("payload of {0} bytes is larger than {MAX_PAYLOAD_BYTES}")]
    TooBig(usize),
    /// More elements than [`MAX_MESSAGES`].
    #[error("payload holds more than {MAX_MESSAGES} messages")]
    TooMany,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("payload is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Not UTF-8.
    #[error("payload is not UTF-8: {0}")]
    NotUtf8(String),
    /// Not a JSON array.
    #[error("payload is not a JSON array: {0}")]
    NotAnArray(String),
}

/// A message that passed every check.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The envelope, its body still as it came.
    pub envelope: Envelope,
    /// The camera named in the source.
    pub camera: Option<CameraId>,
    /// The body, read and checked.
    pub body: Body,
}

/// A message that did not pass, with what could still be told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// Why, for people.
    pub reason: String,
    /// Outbox and number, when they could be read: the ledger counts the number as arrived.
    pub number: Option<(OutboxId, u64)>,
    /// The first [`KEPT_BYTES`] of the message.
    pub raw: String,
}

/// Cuts a text to at most [`KEPT_BYTES`] bytes at a character border. U+0000, which no database keeps, becomes U+FFFD.
#[must_use]
pub fn keep(text: &str) -> String {
    cut(&storable::text(cut(text, KEPT_BYTES)), KEPT_BYTES).to_owned()
}

/// The beginning of a text, at most `max` bytes, ending at a character border.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Joins already encoded envelopes into payloads, each within [`MAX_PAYLOAD_BYTES`] and `max_messages`, in order.
/// An envelope that is itself too large goes out alone: the receiver refuses and counts it.
#[must_use]
pub fn join<'a>(envelopes: impl IntoIterator<Item = &'a str>, max_messages: usize) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut payload = String::new();
    let mut count = 0;
    for envelope in envelopes {
        if count > 0 && (count >= max_messages || payload.len() + envelope.len() + 2 > MAX_PAYLOAD_BYTES) {
            payload.push(']');
            payloads.push(std::mem::take(&mut payload));
            count = 0;
        }
        payload.push(if count == 0 { '[' } else { ',' });
        payload.push_str(envelope);
        count += 1;
    }
    if count > 0 {
        payload.push(']');
        payloads.push(payload);
    }
    payloads
}

/// Cuts a JSON array into the texts of its elements in one pass without recursion, refusing what is nested deeper
/// than [`MAX_DEPTH`]. The elements are not checked here, so that a broken one stays alone.
fn split_elements(text: &str) -> Result<Vec<&str>, BatchError> {
    let not_an_array = |reason: &str| Err(BatchError::NotAnArray(reason.to_owned()));
    let text = text.trim();
    if !text.starts_with('[') {
        return not_an_array("it does not begin with [");
    }
    let (mut elements, mut start) = (Vec::new(), 1);
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(BatchError::TooDeep);
                }
            }
            b',' if depth == 1 => {
                if elements.len() + 1 >= MAX_MESSAGES {
                    return Err(BatchError::TooMany);
                }
                elements.push(text[start..at].trim());
                start = at + 1;
            }
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    if at + 1 != text.len() || byte != b']' {
                        return not_an_array("something follows its end");
                    }
                    let last = text[start..at].trim();
                    if !(last.is_empty() && elements.is_empty()) {
                        elements.push(last);
                    }
                    return Ok(elements);
                }
            }
            _ => {}
        }
    }
    not_an_array("it does not end")
}

/// Decodes a payload that `edge` sent in `lane`.
///
/// # Errors
/// When the payload as a whole cannot be read. A bad element is no error: it comes back as [`Rejected`].
pub fn decode(
    payload: &[u8],
    edge: &EdgeId,
    lane: Lane,
) -> Result<Vec<Result<Decoded, Rejected>>, BatchError> {
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(BatchError::TooBig(payload.len()));
    }
    let text = std::str::from_utf8(payload).map_err(|e| BatchError::NotUtf8(e.to_string()))?;
    Ok(split_elements(text)?.into_iter().map(|element| decode_one(element, edge, lane)).collect())
}

fn decode_one(text: &str, edge: &EdgeId, lane: Lane) -> Result<Decoded, Rejected> {
    check_one(text, edge, lane).map_err(|reason| Rejected {
        // A reason may quote the message.
        reason: storable::text(cut(&reason, MAX_REASON_BYTES)),
        number: find_number(text),
        raw: keep(text),
    })
}

fn check_one(text: &str, edge: &EdgeId, lane: Lane) -> Result<Decoded, String> {
    let envelope: Envelope = serde_json::from_str(text).map_err(|e| format!("envelope: {e}"))?;
    if envelope.specversion != SPEC_VERSION {
        return Err("specversion is not 1.0".into());
    }
    check_sequence(envelope.sequence)?;
    let camera = envelope.camera(edge)?;
    let body = envelope.body(lane)?;
    storable::time("time", envelope.time)?;
    storable::json(envelope.data.get())?;
    Ok(Decoded { envelope, camera, body })
}

/// Numbers count from 1 and fit PostgreSQL's `bigint` with room to add one.
fn check_sequence(sequence: u64) -> Result<(), String> {
    if sequence == 0 {
        return Err("sequence 0: they count from 1".into());
    }
    storable::number("sequence", sequence)
}

fn find_number(text: &str) -> Option<(OutboxId, u64)> {
    let number = salvage::numbers(text.as_bytes(), 1).into_iter().next()?;
    check_sequence(number.1).ok()?;
    Some(number)
}

/// The usable numbers in a payload that was refused as a whole: so that what the receiver will never take is not sent
/// for ever. It need not be JSON.
#[must_use]
pub fn find_numbers(payload: &[u8]) -> Vec<(OutboxId, u64)> {
    let usable = |number: &(OutboxId, u64)| check_sequence(number.1).is_ok();
    salvage::numbers(payload, 2).into_iter().filter(usable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventData, EventKind, Message, Phase, RuleId};
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    fn edge() -> EdgeId {
        EdgeId::new("nga-tu-1").unwrap()
    }

    fn event(confidence: f64) -> Message {
        Message {
            id: Uuid::from_u128(7),
            camera: Some(CameraId::new("north").unwrap()),
            time: Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap(),
            body: Body::Event(EventData {
                kind: EventKind::Intrusion,
                rule: RuleId::new("yard").unwrap(),
                zone: None,
                track: Some(812),
                class: None,
                phase: Phase::Start,
                confidence,
                picture: None,
                place: None,
                speed_kmh: None,
                snapshot: None,
                model: None,
                config: 0,
                clock_error_ms: None,
                why: None,
            }),
        }
    }

    fn encoded(sequence: u64) -> String {
        let envelope = event(0.5).seal(&edge(), OutboxId(Uuid::from_u128(1)), sequence).unwrap();
        serde_json::to_string(&envelope).unwrap()
    }

    #[test]
    fn a_message_arrives_as_it_was_sent() {
        let payload = join([encoded(1).as_str(), encoded(2).as_str()], 500).remove(0);
        let decoded = decode(payload.as_bytes(), &edge(), Lane::Events).unwrap();
        assert_eq!(decoded.len(), 2);
        for (sequence, message) in (1..).zip(decoded) {
            let message = message.unwrap();
            assert_eq!(message.envelope.sequence, sequence);
            assert_eq!(message.body, event(0.5).body);
            assert_eq!(message.camera.unwrap().as_str(), "north");
        }
    }

    #[test]
    fn a_bad_message_is_refused_alone_and_its_number_is_still_found() {
        let bad = encoded(2).replace("\"intrusion\"", "\"no_such_kind\"");
        let payload = format!("[{},{},{}]", encoded(1), bad, encoded(3));
        let decoded = decode(payload.as_bytes(), &edge(), Lane::Events).unwrap();
        assert!(decoded[0].is_ok() && decoded[2].is_ok());
        let rejected = decoded[1].as_ref().unwrap_err();
        assert_eq!(rejected.number, Some((OutboxId(Uuid::from_u128(1)), 2)));
        let no_json = format!("[{}]", encoded(5).replace("0.5", "NaN"));
        let refused = decode(no_json.as_bytes(), &edge(), Lane::Events).unwrap().remove(0).unwrap_err();
        assert_eq!(refused.number, Some((OutboxId(Uuid::from_u128(1)), 5)), "no JSON, and still a number");
        assert!(rejected.reason.contains("no_such_kind"), "{}", rejected.reason);
    }

    #[test]
    fn each_kind_of_foreign_bytes_gets_its_own_reason() {
        let table: [(Vec<u8>, &str); 8] = [
            (vec![b' '; MAX_PAYLOAD_BYTES + 1], "larger than"),
            ("[".repeat(10_000).into_bytes(), "deeper"),
            (format!("[{}]", ",".repeat(200_000)).into_bytes(), "more than 1024"),
            (vec![b'[', 0xff, b']'], "UTF-8"),
            (b"{}".to_vec(), "not a JSON array"),
            (b"[1,2".to_vec(), "does not end"),
            (b"[1]]".to_vec(), "follows its end"),
            (b"not json".to_vec(), "not a JSON array"),
        ];
        for (payload, wanted) in table {
            let reason = decode(&payload, &edge(), Lane::Events).unwrap_err().to_string();
            assert!(reason.contains(wanted), "{reason} should speak of {wanted}");
        }
    }

    #[test]
    fn each_kind_of_bad_message_gets_its_own_reason() {
        let good = encoded(1);
        let table = [
            (good.replace("/edges/nga-tu-1/", "/edges/other/"), "does not name edge"),
            (good.replace("0.5", "1.5"), "confidence"),
            (good.replace("\"sequence\":1", "\"sequence\":0"), "sequence"),
            (good.replace("\"sequence\":1", "\"sequence\":18446744073709551615"), "sequence"),
            (good.replace("vn.ngatu.event.v1", "vn.ngatu.health.v1"), "data"),
            (good.replace("vn.ngatu.event.v1", "com.example.other"), "unknown type"),
            (good.replace("\"specversion\":\"1.0\"", "\"specversion\":\"0.3\""), "specversion"),
            (good.replace("\"yard\"", "\"\\ud800\""), "data"),
            (good.replace("0.5", "NaN"), "envelope"),
            (good.replace("\"yard\"", "\"sân\""), "not a usable name"),
            (good.replace("\"config\":0", "\"config\":0,\"why\":{\"note\":\"\\u0000\"}"), "U+0000"),
        ];
        for (message, wanted) in table {
            assert_ne!(message, good, "the table's row for {wanted} changed nothing");
            let decoded =
                decode(format!("[{good},{message},{good}]").as_bytes(), &edge(), Lane::Events).unwrap();
            assert!(decoded[0].is_ok() && decoded[2].is_ok(), "{message} harmed a neighbour");
            let reason = &decoded[1].as_ref().unwrap_err().reason;
            assert!(reason.contains(wanted), "{reason} should speak of {wanted}");
        }
    }

    #[test]
    fn fields_of_a_newer_version_are_ignored() {
        let newer = encoded(1).replace("\"config\":0", "\"config\":0,\"plate_hash\":\"x\"");
        assert!(decode(format!("[{newer}]").as_bytes(), &edge(), Lane::Events).unwrap()[0].is_ok());
    }

    #[test]
    fn payloads_keep_to_the_size_limit() {
        let one = encoded(1);
        let payloads = join(std::iter::repeat_n(one.as_str(), 5000), 10_000);
        assert!(payloads.len() > 1);
        assert!(payloads.iter().all(|p| p.len() <= MAX_PAYLOAD_BYTES));
        let total: usize =
            payloads.iter().map(|p| decode(p.as_bytes(), &edge(), Lane::Events).unwrap().len()).sum();
        assert_eq!(total, 5000);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            let _ = decode(&bytes, &edge(), Lane::Events);
        }
    }
}
