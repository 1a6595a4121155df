//! What people, sensors and other systems post: signals and policies as JSON, and the form by which citizens report, with
//! its pictures. What is accepted fits the database, is accepted again, and is the same then.

use crate::evidence::check_picture;
use bytes::Bytes;
use chrono::DateTime;
use serde_json::Value;

#[path = "../../control-center/src/policy/body.rs"]
mod body;
#[path = "../../control-center/src/incidents/clocks.rs"]
mod clocks;
#[path = "../../control-center/src/incidents/model.rs"]
mod model;
#[path = "../../control-center/src/http/multipart.rs"]
pub mod multipart;
#[path = "../../control-center/src/incidents/procedure.rs"]
mod procedure;
#[path = "../../control-center/src/incidents/signal.rs"]
mod signal;
#[path = "../../control-center/src/incidents/text.rs"]
mod text;

use crate::dispatch;
use body::{Matcher, PolicyBody};
use procedure::{Procedure, check_all};
use signal::{Signal, SignalSource};

/// A document: a signal, a source of signals, a procedure, a unit, a silence or a policy.
pub fn document(bytes: &[u8]) {
    dispatch::unit(bytes);
    if let Ok(procedure) = serde_json::from_slice::<Procedure>(bytes) {
        check_procedure(procedure);
    }
    if let Ok(signal) = serde_json::from_slice::<Signal>(bytes) {
        check_signal(signal);
    }
    if let Ok(source) = serde_json::from_slice::<SignalSource>(bytes) {
        let _ = source.check();
    }
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        if let Ok(matcher) = Matcher::parse(&value, "match") {
            let again = serde_json::to_value(&matcher).expect("a matcher is JSON");
            assert_eq!(Matcher::parse(&again, "match"), Ok(matcher));
        }
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

fn check_procedure(procedure: Procedure) {
    if !procedure.check().is_empty() {
        return;
    }
    let again = serde_json::to_string(&procedure).expect("a procedure is JSON");
    assert!(!again.contains("\\u0000"), "the database keeps it: {again}");
    let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let clocks = procedure.sla_of(Some("police-1")).start(at);
    assert!(clocks.iter().all(|clock| clock.next_call(procedure.escalation.every_s).is_some()));
    assert_eq!(procedure.new_steps().len(), procedure.steps.len());
    let _ = check_all(&[procedure.clone(), procedure]);
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
