//! What becomes of dispatches afterwards: when their incident is merged and split, when a unit reads and says nothing, when
//! the center takes them back, and what a unit may look at then.

use crate::dispatch::{get, mail_server, open, put_unit, receiver, runner, send, settle, taken};
use crate::harness::{Browser, Center, jpeg};
use crate::incidents::{alert, post};
use crate::schema::complaints;
use chrono::TimeDelta;
use control_center::access::users::Role;
use control_center::clock;
use control_center::evidence::Digest;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn two(center: &Center) -> (Browser<'_>, Browser<'_>) {
    (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await)
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

async fn units_of(lan: &Browser<'_>, incident: &str) -> BTreeSet<String> {
    let page = get(lan, &format!("/api/v1/dispatches?incident={incident}")).await;
    page["items"].as_array().unwrap().iter().map(|item| item["unit"].as_str().unwrap().to_owned()).collect()
}

async fn calls_of(lan: &Browser<'_>, incident: &str) -> usize {
    let view = get(lan, &format!("/api/v1/incidents/{incident}")).await;
    view["log"].as_array().unwrap().iter().filter(|row| row["change"] == "escalated").count()
}

async fn merge(lan: &Browser<'_>, into: &str, other: &str) {
    let (status, merged) =
        post(lan, &format!("/api/v1/incidents/{into}/merge"), json!({ "other": other })).await;
    assert_eq!(status, 200, "{merged}");
}

async fn split(lan: &Browser<'_>, from: &str, other: &str) {
    let (status, back) =
        post(lan, &format!("/api/v1/incidents/{from}/split"), json!({ "incident": other })).await;
    assert_eq!(status, 200, "{back}");
}

async fn move_to(browser: &Browser<'_>, dispatch: &str, state: &str) -> Value {
    let body = json!({ "state": state, "answer": "vì" });
    let (status, moved) = post(browser, &format!("/api/v1/dispatches/{dispatch}/state"), body).await;
    assert_eq!(status, 200, "{moved}");
    moved
}

/// An incident with a picture.
pub(crate) async fn pictured(center: &Center, lan: &Browser<'_>) -> Value {
    let secret = center.add_edge("e-1").await;
    let digest = Digest::of(&jpeg(1)).to_string();
    let kept =
        center.bare(Method::PUT, &format!("/api/v1/evidence/{digest}")).basic_auth("e-1", Some(&secret));
    let kept = kept.header("content-type", "image/jpeg").body(jpeg(1)).send().await.unwrap();
    assert_eq!(kept.status(), 201);
    let alert = alert(center, "smoke_or_fire", (20.40, 106.30), 60).await;
    sqlx::query("update alerts set snapshot = $1").bind(&digest).execute(&center.pool).await.unwrap();
    let (status, incident) = post(lan, "/api/v1/incidents", json!({ "alert": alert })).await;
    assert_eq!(status, 201, "{incident}");
    incident
}

async fn last_said(center: &Center, incident: &str) -> Option<String> {
    sqlx::query_scalar(
        "select kind from cap_messages where incident = $1::uuid \
         order by sent desc, length(identifier) desc, identifier desc limit 1",
    )
    .bind(incident)
    .fetch_optional(&center.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn sources_and_dispatches_go_with_each_merge_and_come_back_with_each_split() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    let mut incidents = Vec::new();
    for (i, unit) in ["u-1", "u-2", "u-3"].into_iter().enumerate() {
        put_unit(&admin, unit, json!({ "channels": [{ "kind": "inbox" }] })).await;
        let north = 20.40 + 0.05 * f64::from(u8::try_from(i).unwrap());
        let alert = alert(&center, "smoke_or_fire", (north, 106.30), 60).await;
        let (status, incident) = post(&lan, "/api/v1/incidents", json!({ "alert": alert })).await;
        assert_eq!(status, 201);
        send(&lan, id(&incident), unit).await;
        incidents.push((id(&incident).to_owned(), alert.to_string()));
    }
    let start = clock::now();
    settle(&runner, start).await;
    let [(a, in_a), (b, in_b), (c, in_c)] = &incidents[..] else { panic!("three") };
    let sources = async |incident: &str| {
        let view = get(&lan, &format!("/api/v1/incidents/{incident}")).await;
        let refs = view["sources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|source| source["ref"].as_str().unwrap().to_owned());
        refs.collect::<BTreeSet<_>>()
    };
    let set = |words: &[&str]| words.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    merge(&lan, b, c).await;
    merge(&lan, a, b).await;
    assert_eq!(units_of(&lan, a).await, set(&["u-1", "u-2", "u-3"]));
    assert_eq!((units_of(&lan, b).await, units_of(&lan, c).await), (set(&[]), set(&[])));
    assert_eq!(sources(a).await, set(&[in_a, in_b, in_c]));
    let view = get(&lan, &format!("/api/v1/incidents/{a}")).await;
    let absorbed = view["log"].as_array().unwrap().iter().find(|row| row["change"] == "absorbed").unwrap();
    assert_eq!(absorbed["detail"]["dispatches"].as_array().unwrap().len(), 2);
    // Nobody reads: the supervisor is called for the incident that people work, and for no other.
    settle(&runner, start + TimeDelta::seconds(70)).await;
    assert_eq!([calls_of(&lan, a).await, calls_of(&lan, b).await, calls_of(&lan, c).await], [3, 0, 0]);
    let said = [last_said(&center, a).await, last_said(&center, b).await, last_said(&center, c).await];
    assert_eq!(said.map(Option::unwrap), ["Update", "Cancel", "Cancel"]);

    split(&lan, a, b).await;
    assert_eq!((units_of(&lan, a).await, units_of(&lan, b).await), (set(&["u-1"]), set(&["u-2", "u-3"])));
    assert_eq!((sources(a).await, sources(b).await), (set(&[in_a]), set(&[in_b, in_c])));
    split(&lan, b, c).await;
    assert_eq!((units_of(&lan, b).await, units_of(&lan, c).await), (set(&["u-2"]), set(&["u-3"])));
    assert_eq!((sources(b).await, sources(c).await), (set(&[in_b]), set(&[in_c])));
    settle(&runner, start + TimeDelta::seconds(80)).await;
    let said = [last_said(&center, a).await, last_said(&center, b).await, last_said(&center, c).await];
    assert_eq!(said.map(Option::unwrap), ["Update", "Alert", "Alert"]);
}

#[tokio::test]
async fn a_unit_that_comes_by_one_dispatch_is_not_missed_by_its_other_one() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "inbox" }] })).await;
    let (a, b) = (open(&lan).await, open(&lan).await);
    let first = send(&lan, &a, "u-1").await;
    send(&lan, &b, "u-1").await;
    let start = clock::now();
    settle(&runner, start).await;
    move_to(&lan, id(&first), "accepted").await;
    merge(&lan, &a, &b).await;
    settle(&runner, start + TimeDelta::hours(1)).await;
    assert_eq!(calls_of(&lan, &a).await, 0, "it comes");
    split(&lan, &a, &b).await;
    settle(&runner, start + TimeDelta::hours(2)).await;
    assert_eq!((calls_of(&lan, &a).await, calls_of(&lan, &b).await), (0, 1));
}

#[tokio::test]
async fn nobody_is_called_for_an_incident_that_is_over_until_it_is_opened_again() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "inbox" }] })).await;
    let (_, incident) = post(&lan, "/api/v1/incidents", json!({ "kind": "other" })).await;
    let path = format!("/api/v1/incidents/{}", id(&incident));
    for step in incident["steps"].as_array().unwrap() {
        assert_eq!(post(&lan, &format!("{path}/steps/{}", id(step)), json!({})).await.0, 200);
    }
    send(&lan, id(&incident), "u-1").await;
    let start = clock::now();
    settle(&runner, start).await;
    let (status, resolved) = post(&lan, &format!("{path}/resolve"), json!({ "verdict": "false" })).await;
    assert_eq!(status, 200, "{resolved}");
    settle(&runner, start + TimeDelta::hours(1)).await;
    assert_eq!(calls_of(&lan, id(&incident)).await, 0);
    assert_eq!(post(&lan, &format!("{path}/reopen"), json!({ "reason": "x" })).await.0, 200);
    settle(&runner, start + TimeDelta::hours(1)).await;
    assert_eq!(calls_of(&lan, id(&incident)).await, 0, "the unit is asked anew, and has its time");
    settle(&runner, start + TimeDelta::minutes(62)).await;
    assert_eq!(calls_of(&lan, id(&incident)).await, 1);
}

#[tokio::test]
async fn who_was_asked_hears_that_the_incident_is_over_and_is_asked_anew_when_it_goes_on() {
    let center = Center::start().await;
    let (hook, asked) = receiver(vec![500]).await;
    let (cap_hook, as_cap) = receiver(vec![200]).await;
    let (smtp, mails) = mail_server().await;
    let runner = runner(&center, Some(smtp), &["127.0.0.1"]).await;
    let (admin, lan) = two(&center).await;
    let units = [
        ("u-asked", json!({ "kind": "webhook", "url": format!("http://{hook}/hook") })),
        ("u-comes", json!({ "kind": "webhook", "url": format!("http://{cap_hook}/hook"), "format": "cap" })),
        ("u-mail", json!({ "kind": "mail", "to": "doi@example.vn" })),
    ];
    let (_, incident) = post(&lan, "/api/v1/incidents", json!({ "kind": "other" })).await;
    let path = format!("/api/v1/incidents/{}", id(&incident));
    for step in incident["steps"].as_array().unwrap() {
        assert_eq!(post(&lan, &format!("{path}/steps/{}", id(step)), json!({})).await.0, 200);
    }
    let mut sent = Vec::new();
    for (unit, channel) in units {
        put_unit(&admin, unit, json!({ "channels": [channel] })).await;
        sent.push(send(&lan, id(&incident), unit).await);
    }
    let start = clock::now();
    settle(&runner, start).await;
    assert_eq!((taken(&asked).len(), taken(&as_cap).len(), taken(&mails).len()), (1, 1, 1));
    move_to(&lan, id(&sent[1]), "accepted").await;
    let (status, resolved) = post(&lan, &format!("{path}/resolve"), json!({ "verdict": "true" })).await;
    assert_eq!(status, 200, "{resolved}");
    assert_eq!(resolved["seq"], get(&lan, &path).await["incident"]["seq"], "the newest number");
    settle(&runner, start + TimeDelta::hours(80)).await;

    let types = |arrived: Vec<(axum::http::HeaderMap, String)>| {
        let kind = |(_, body): &(_, String)| serde_json::from_str::<Value>(body).unwrap()["type"].clone();
        arrived.iter().map(kind).collect::<Vec<_>>()
    };
    let (ask, over) = (json!("vn.ngatu.dispatch.v1"), json!("vn.ngatu.dispatch.recalled.v1"));
    assert_eq!(types(taken(&asked)), [ask, over], "asked once, told once that it is over");
    let [_, (_, cancel)] = &taken(&as_cap)[..] else { panic!("what was said, and its Cancel") };
    assert!(cancel.contains("<msgType>Cancel<"), "{cancel}");
    assert_eq!(taken(&mails).len(), 2);
    let now = async |dispatch: &Value| get(&lan, &format!("/api/v1/dispatches/{}", id(dispatch))).await;
    let dispatch = now(&sent[0]).await;
    assert_eq!(dispatch["state"], "recalled");
    assert!(dispatch["answer"].as_str().unwrap().contains("The incident is over"), "{dispatch}");
    let error = dispatch["deliveries"][0]["error"].as_str().unwrap();
    assert!(error.contains("not needed any more"), "{dispatch}");
    assert_eq!(now(&sent[1]).await["state"], "accepted", "the unit says itself how it ended");
    let view = get(&lan, &path).await;
    let rows = view["log"].as_array().unwrap().iter();
    let by_resolving = rows.filter(|row| row["detail"]["way"] == "over").count();
    assert_eq!(by_resolving, 2, "each with its row: {view}");

    assert_eq!(post(&lan, &format!("{path}/reopen"), json!({ "reason": "x" })).await.0, 200);
    for _ in 0..2 {
        settle(&runner, start + TimeDelta::hours(81)).await;
    }
    assert_eq!(taken(&mails).len(), 3, "asked anew, once");
    assert_eq!(taken(&as_cap).len(), 2, "who had accepted knows");
    let all = get(&lan, &format!("/api/v1/dispatches?incident={}", id(&incident))).await;
    let open: BTreeSet<&str> = (all["items"].as_array().unwrap().iter())
        .filter(|dispatch| dispatch["state"] != "recalled")
        .map(|dispatch| dispatch["unit"].as_str().unwrap())
        .collect();
    assert_eq!((all["items"].as_array().unwrap().len(), open.len()), (5, 3), "{all}");
}

#[tokio::test]
async fn a_unit_that_nothing_reached_can_be_sent_again() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "mail", "to": "a@example.vn" }] })).await;
    let incident = open(&lan).await;
    let first = send(&lan, &incident, "u-1").await;
    settle(&runner, clock::now()).await;
    assert_eq!(get(&lan, &format!("/api/v1/dispatches/{}", id(&first))).await["state"], "failed");
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "inbox" }] })).await;
    send(&lan, &incident, "u-1").await;
    let again = json!({ "incident": incident, "unit": "u-1" });
    assert_eq!(post(&lan, "/api/v1/dispatches", again).await.0, 409, "now it has it");
}

#[tokio::test]
async fn a_unit_that_reads_and_says_nothing_is_passed_over_after_its_time() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    put_unit(&admin, "u-2", json!({ "channels": [{ "kind": "inbox" }] })).await;
    let settings = json!({ "channels": [{ "kind": "inbox" }], "fallback": ["u-2"], "accept_within_s": 200 });
    put_unit(&admin, "u-1", settings).await;
    let incident = open(&lan).await;
    let dispatch = send(&lan, &incident, "u-1").await;
    let before = clock::now();
    settle(&runner, before).await;
    move_to(&lan, id(&dispatch), "read").await;
    settle(&runner, before + TimeDelta::seconds(199)).await;
    assert_eq!(units_of(&lan, &incident).await.len(), 1, "there is time");
    settle(&runner, clock::now() + TimeDelta::seconds(201)).await;
    assert_eq!(units_of(&lan, &incident).await.len(), 2, "the next unit is asked");
    let passed = get(&lan, &format!("/api/v1/dispatches/{}", id(&dispatch))).await;
    assert_eq!((&passed["state"], &passed["passed_on"]), (&json!("read"), &json!(true)));
    // Who answers late is welcome.
    move_to(&lan, id(&dispatch), "accepted").await;
}

#[tokio::test]
async fn what_is_taken_back_is_taken_back_on_every_channel_by_a_message_that_names_the_first() {
    let center = Center::start().await;
    let (json_hook, as_json) = receiver(vec![200]).await;
    let (cap_hook, as_cap) = receiver(vec![200]).await;
    let (smtp, mails) = mail_server().await;
    let runner = runner(&center, Some(smtp), &["127.0.0.1"]).await;
    let (admin, lan) = two(&center).await;
    let channels = json!([
        { "kind": "webhook", "url": format!("http://{json_hook}/hook") },
        { "kind": "webhook", "url": format!("http://{cap_hook}/hook"), "format": "cap" },
        { "kind": "mail", "to": "doi@example.vn" },
        { "kind": "inbox" },
    ]);
    put_unit(&admin, "u-1", json!({ "channels": channels })).await;
    let dispatch = send(&lan, &open(&lan).await, "u-1").await;
    let start = clock::now();
    for minutes in 0..3 {
        settle(&runner, start + TimeDelta::seconds(61 * minutes)).await;
    }
    assert_eq!((taken(&as_json).len(), taken(&as_cap).len(), taken(&mails).len()), (1, 1, 1));
    let recalled = move_to(&lan, id(&dispatch), "recalled").await;
    assert_eq!(recalled["answer"], "vì");
    for _ in 0..2 {
        settle(&runner, start + TimeDelta::hours(1)).await;
    }
    assert_eq!((taken(&as_json).len(), taken(&as_cap).len(), taken(&mails).len()), (2, 2, 2), "once each");

    let [(told, _), (header, body)] = &taken(&as_json)[..] else { panic!("two") };
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(event["type"], "vn.ngatu.dispatch.recalled.v1");
    assert_eq!(event["data"]["dispatch"], dispatch["id"]);
    assert_eq!(event["data"]["takes_back"], told["webhook-id"].to_str().unwrap());
    assert_eq!(event["data"]["reason"], "vì");
    assert_ne!(header["webhook-id"], told["webhook-id"], "a receiver drops what it has seen");

    let part = |text: &str, from: &str, to: &str| {
        text.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
    };
    let [(_, alert), (_, cancel)] = &taken(&as_cap)[..] else { panic!("two") };
    for document in [alert, cancel] {
        assert_eq!(complaints(document), "", "{document}");
    }
    assert!(
        cancel.contains("<msgType>Cancel</msgType>") && cancel.contains("<addresses>u-1</addresses>"),
        "{cancel}"
    );
    let (named, sent) = (part(alert, "<identifier>", "<"), part(alert, "<sent>", "<"));
    assert_eq!(part(cancel, "<references>", "<"), format!("center.example.vn,{named},{sent}"));
    assert_eq!(
        last_said(&center, dispatch["incident"].as_str().unwrap()).await.unwrap(),
        "Alert",
        "others may come, and nothing new was to be said"
    );

    let [first, second] = &taken(&mails)[..] else { panic!("two") };
    let message_id = part(first, "Message-ID: ", "\n");
    assert_eq!(part(second, "In-Reply-To: ", "\n"), message_id);

    let deliveries = get(&lan, &format!("/api/v1/dispatches/{}", id(&dispatch))).await["deliveries"].clone();
    let taking_back = deliveries.as_array().unwrap().iter().filter(|delivery| !delivery["cancels"].is_null());
    assert_eq!(taking_back.filter(|delivery| delivery["state"] == "delivered").count(), 3, "{deliveries}");
}

#[tokio::test]
async fn pictures_are_nobodys_business_after_a_refusal_or_a_recall() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    let doi = center.person("doi", Role::Unit).await;
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "inbox" }], "members": ["doi"] })).await;
    let incident = pictured(&center, &lan).await;
    for (end, by_unit) in [("refused", true), ("recalled", false)] {
        let dispatch = send(&lan, id(&incident), "u-1").await;
        settle(&runner, clock::now()).await;
        let inbox = get(&doi, "/api/v1/inbox").await;
        let picture = inbox["items"][0]["pictures"][0].as_str().unwrap().to_owned();
        let look = async || doi.request(Method::GET, &picture).send().await.unwrap().status();
        assert_eq!(look().await, 200);
        if by_unit {
            let path = format!("/api/v1/inbox/{}/state", id(&dispatch));
            let answer = json!({ "state": end, "answer": "bận" });
            assert_eq!(post(&doi, &path, answer).await.0, StatusCode::OK);
        } else {
            move_to(&lan, id(&dispatch), end).await;
        }
        assert_eq!(look().await, 404, "{end}");
        let all = get(&doi, "/api/v1/inbox?all=true").await;
        let items = all["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["dispatch"]["id"] == dispatch["id"]).unwrap();
        assert_eq!(item["pictures"], json!([]), "{end}");
    }
    assert_eq!(center.audit_rows("evidence.look").await, 2);
}

#[tokio::test]
async fn the_address_of_a_webhook_is_for_administrators_alone() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    let viewer = center.person("viewer", Role::Viewer).await;
    let url = "https://127.0.0.1:9/services/T0/secret?key=1";
    let unit = put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "webhook", "url": url }] })).await;
    assert_eq!(unit["channels"][0]["url"], url);
    let (status, sent) =
        post(&lan, "/api/v1/dispatches", json!({ "incident": open(&lan).await, "unit": "u-1" })).await;
    assert_eq!(status, 201);
    settle(&runner, clock::now()).await;
    let one = format!("/api/v1/dispatches/{}", id(&sent));
    for path in ["/api/v1/units", "/api/v1/dispatches", one.as_str()] {
        assert!(get(&admin, path).await.to_string().contains("T0/secret"), "{path}");
        for browser in [&lan, &viewer] {
            let seen = get(browser, path).await.to_string();
            assert!(seen.contains("https://127.0.0.1:9/…") && !seen.contains("secret"), "{path}: {seen}");
        }
    }
}
