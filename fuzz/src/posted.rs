//! What people, sensors and other systems post: signals and policies as JSON, and the form by which citizens report, with
//! its pictures. What is accepted fits the database, is accepted again, and is the same then.

use crate::evidence::check_picture;
use bytes::Bytes;
use chrono::DateTime;
use serde_json::Value;

#[allow(dead_code, reason = "the policy's other half reads what is internal here")]
#[path = "../../control-center/src/policy/body.rs"]
mod body;
#[path = "../../control-center/src/http/multipart.rs"]
pub mod multipart;
#[path = "../../control-center/src/incidents/signal.rs"]
mod signal;
#[path = "../../control-center/src/incidents/text.rs"]
mod text;

use body::PolicyBody;
use signal::{Signal, SignalSource};

/// A document: a signal, a source of signals, or a policy.
pub fn document(bytes: &[u8]) {
    if let Ok(signal) = serde_json::from_slice::<Signal>(bytes) {
        check_signal(signal);
    }
    if let Ok(source) = serde_json::from_slice::<SignalSource>(bytes) {
        source.check();
    }
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        match PolicyBody::parse(&value) {
            Ok(policy) => {
                let again = serde_json::to_value(&policy).expect("a policy is JSON");
                assert_eq!(PolicyBody::parse(&again), Ok(policy));
            }
            Err(errors) => assert!(!errors.is_empty(), "a refusal has a reason"),
        }
    }
    // In a city file it is TOML.
    let policy = std::str::from_utf8(bytes).ok().and_then(|text| toml::from_str::<PolicyBody>(text).ok());
    if let Some(policy) = policy.filter(|policy| policy.check().is_empty()) {
        let _ = policy.zone();
        assert_eq!(policy.shift_minutes().len(), policy.shifts.len());
    }
}

fn check_signal(signal: Signal) {
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let Ok(signal) = signal.check(now) else { return };
    let texts = [Some(&signal.id), signal.unit.as_ref(), signal.title.as_ref()];
    for text in texts.into_iter().flatten() {
        assert!(!text.is_empty() && !text.contains('\0'), "{text:?}");
    }
    assert_eq!(signal.clone().check(now), Ok(signal.clone()));
    assert!(signal.judge(None).is_ok(), "nothing to compare with");
}

/// The body of a report's form, whose boundary is `XX`.
pub fn report(bytes: &[u8]) {
    let body = Bytes::copy_from_slice(bytes);
    let Ok(fields) = multipart::parse(&body, "XX") else { return };
    assert!(fields.len() <= 40 && fields.iter().map(|field| field.body.len()).sum::<usize>() <= bytes.len());
    for field in fields {
        if field.is_file {
            check_picture(&field.body);
            continue;
        }
        let Ok(typed) = std::str::from_utf8(&field.body) else { continue };
        if let Ok(line) = text::line(&field.name, typed, 300) {
            assert_eq!(text::line("", &line, 300).as_ref(), Ok(&line), "normal is normal");
        }
        if let Ok(lines) = text::lines(&field.name, typed, 4000) {
            assert!(lines.chars().count() <= 4000 && !lines.contains('\0'));
        }
        let _ = typed.parse::<f64>();
    }
}
