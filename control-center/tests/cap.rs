//! Messages of the Common Alerting Protocol against the schema that OASIS published.

#![allow(clippy::unwrap_used, reason = "a test says by panicking what is wrong")]

mod schema;

use chrono::{DateTime, TimeDelta, Utc};
use control_center::alerts::{AlertPlace, Severity};
use control_center::dispatch::cap::{
    Category, Kind, Message, Reference, Resource, Status, Words, document, is_name, time,
};
use schema::complaints;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_334_400 + seconds, 0).unwrap()
}

fn words(event: &str) -> Words {
    Words {
        event: event.into(),
        headline: "Va chạm < tại \"Ngã tư\" & Phúc Khánh".into(),
        description: "Hai xe máy\u{0}, ]]> một ô tô \u{1f6a8}\u{ffff}".into(),
        instruction: String::new(),
        area: "Ngã tư Phúc Khánh".into(),
    }
}

fn message(kind: Kind) -> Message {
    let earlier = Reference { identifier: "019.1".into(), sent: at(-60) };
    Message {
        identifier: "019.2".into(),
        sender: "center.example.vn".into(),
        sender_name: "Trung tâm điều hành".into(),
        sent: at(0),
        status: Status::Actual,
        kind,
        addresses: if kind == Kind::Cancel {
            vec![]
        } else {
            vec!["police 1".into(), "cứu-thương".into()]
        },
        references: if kind == Kind::Alert {
            vec![]
        } else {
            vec![earlier.clone(), Reference { identifier: "019.0".into(), ..earlier }]
        },
        incident: "2026-000123".into(),
        category: Category::Transport,
        severity: Severity::High,
        expires: at(3600),
        place: Some(AlertPlace { lat: 20.446_3, lon: 106.336_6 }),
        web: Some("https://center.example.vn/x?a=1&b=2".into()),
        resources: vec![Resource {
            description: "Camera".into(),
            media_type: "image/jpeg".into(),
            uri: "https://center.example.vn/p".into(),
        }],
        vi: words("Tai nạn giao thông"),
        en: Words { instruction: "Come.".into(), ..words("Traffic accident") },
    }
}

#[test]
fn an_alert_an_update_and_a_cancel_are_valid_by_the_schema() {
    for kind in [Kind::Alert, Kind::Update, Kind::Cancel] {
        let bare =
            Message { place: None, web: None, resources: vec![], status: Status::Test, ..message(kind) };
        for message in [message(kind), bare] {
            let document = document(&message);
            assert_eq!(complaints(&document), "", "{document}");
        }
    }
}

#[test]
fn the_schema_does_refuse_what_is_wrong() {
    let wrong = document(&message(Kind::Alert)).replace("+07:00", "Z");
    assert!(complaints(&wrong).contains("pattern"));
}

#[test]
fn a_message_says_who_where_when_and_what_came_before() {
    let xml = document(&message(Kind::Update));
    let wanted = [
        "<sent>2026-11-22T15:00:00+07:00</sent>".to_owned(),
        "<scope>Private</scope>".into(),
        "<addresses>&quot;police 1&quot; cứu-thương</addresses>".into(),
        "<references>center.example.vn,019.1,2026-11-22T14:59:00+07:00 center.example.vn,019.0,2026-11-22T14:59:00+07:00</references>"
            .into(),
        "<language>vi-VN</language>".into(),
        "<language>en-US</language>".into(),
        "<severity>Severe</severity>".into(),
        // Latitude first.
        "<circle>20.446300,106.336600 0.1</circle>".into(),
        "Va chạm &lt; tại".into(),
    ];
    for text in wanted {
        assert!(xml.contains(&text), "{text} is missing in {xml}");
    }
    assert_eq!(xml.matches("<info>").count(), 2);
    assert!(!xml.contains('\u{0}') && !xml.contains('\u{ffff}'));
    let cancel = document(&message(Kind::Cancel));
    assert!(
        cancel.contains("<responseType>AllClear</responseType>")
            && cancel.contains("<scope>Restricted</scope>")
    );
}

#[test]
fn names_and_times_are_what_the_standard_allows() {
    assert!(is_name("center.example.vn") && is_name("019a-1.2"));
    for wrong in ["", "a b", "a,b", "a<b", "a&b", "a\u{7}b"] {
        assert!(!is_name(wrong), "{wrong:?}");
    }
    assert_eq!(time(at(0) + TimeDelta::milliseconds(999)), "2026-11-22T15:00:00+07:00");
}
