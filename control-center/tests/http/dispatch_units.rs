//! Which unit is asked in another's place, what is promised for it, and whom the center calls when none answers.

use crate::dispatch::{get, open, put_unit, receiver, runner, send, settle, taken};
use crate::harness::{Browser, Center};
use crate::incidents::post;
use chrono::{DateTime, Datelike as _, FixedOffset, TimeDelta, Utc};
use control_center::access::users::Role;
use control_center::clock;
use reqwest::Method;
use serde_json::{Value, json};

async fn two(center: &Center) -> (Browser<'_>, Browser<'_>) {
    (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await)
}

/// Hours of duty that are not now: a day that is neither today nor next to it.
fn off_duty() -> Value {
    let local = clock::now().with_timezone(&FixedOffset::east_opt(7 * 3600).unwrap());
    let day = (local.weekday().num_days_from_monday() + 3) % 7 + 1;
    json!([{ "days": [day], "from_min": 0, "to_min": 1440 }])
}

#[tokio::test]
async fn another_unit_is_asked_only_on_duty_and_in_its_own_area() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    let inbox = json!([{ "kind": "inbox" }]);
    put_unit(&admin, "u-asleep", json!({ "channels": inbox, "shifts": off_duty() })).await;
    put_unit(&admin, "u-far", json!({ "channels": inbox, "areas": ["elsewhere"] })).await;
    put_unit(&admin, "u-near", json!({ "channels": inbox, "areas": ["here"] })).await;
    let fallback = json!(["u-asleep", "u-far", "u-near"]);
    put_unit(&admin, "u-1", json!({ "channels": inbox, "fallback": fallback })).await;
    let incident = open(&lan).await;
    sqlx::query("update incidents set area = 'here'").execute(&center.pool).await.unwrap();
    send(&lan, &incident, "u-1").await;
    let start = clock::now();
    for minutes in 0..4 {
        settle(&runner, start + TimeDelta::seconds(61 * minutes)).await;
    }
    let all = get(&lan, &format!("/api/v1/dispatches?incident={incident}")).await;
    let units: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|item| item["unit"].as_str().unwrap()).collect();
    assert_eq!(units, ["u-near", "u-1"], "{all}");
}

#[tokio::test]
async fn units_are_suggested_by_area_kind_and_shift_and_who_does_not_fit_is_sent_only_with_a_reason() {
    let center = Center::start().await;
    let (admin, lan) = two(&center).await;
    let inbox = json!([{ "kind": "inbox" }]);
    for (id, more) in [
        ("a-off", json!({ "shifts": off_duty(), "areas": ["here"], "kind": "fire" })),
        ("b-far", json!({ "areas": ["elsewhere"], "kind": "fire" })),
        ("c-police", json!({ "areas": ["here"] })),
        ("d-fire", json!({ "areas": ["here"], "kind": "fire" })),
        ("e-gone", json!({ "areas": ["here"], "kind": "fire", "disabled": true })),
    ] {
        let mut unit = json!({ "channels": inbox });
        unit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        put_unit(&admin, id, unit).await;
    }
    let incident = open(&lan).await;
    sqlx::query("update incidents set area = 'here'").execute(&center.pool).await.unwrap();
    let path = format!("/api/v1/incidents/{incident}/units");
    let suggested = get(&lan, &path).await["items"].as_array().unwrap().clone();
    let order: Vec<&str> = suggested.iter().map(|one| one["unit"]["id"].as_str().unwrap()).collect();
    assert_eq!(order, ["d-fire", "c-police", "a-off", "b-far"]);
    let why = |one: &Value| {
        ["serves_area", "is_usual", "has_it", "needs_reason"].map(|key| one[key].as_bool().unwrap())
    };
    let whys: Vec<[bool; 4]> = suggested.iter().map(why).collect();
    let wanted = [
        [true, true, false, false],
        [true, false, false, false],
        [true, true, false, true],
        [false, true, false, true],
    ];
    assert_eq!(whys, wanted);
    assert_eq!(
        (&suggested[2]["unit"]["on_duty"], &suggested[0]["duty_until"]),
        (&json!(false), &Value::Null)
    );
    let back: DateTime<Utc> = suggested[2]["duty_until"].as_str().unwrap().parse().unwrap();
    assert!(back > clock::now() && back < clock::now() + TimeDelta::days(7), "{back}");

    let before = center.audit_rows("dispatch.send").await;
    for (unit, said) in [("a-off", "is off duty until"), ("b-far", "does not serve the area `here`")] {
        let body = json!({ "incident": incident, "unit": unit, "despite": " " });
        let (status, refused) = post(&lan, "/api/v1/dispatches", body).await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(status == 422 && detail.contains(said) && detail.contains("`despite`"), "{status} {refused}");
    }
    assert_eq!(center.audit_rows("dispatch.send").await, before);
    let reason = "Đội trực đã hết xe";
    let body = json!({ "incident": incident, "unit": "a-off", "despite": reason });
    let (status, dispatch) = post(&lan, "/api/v1/dispatches", body).await;
    assert_eq!(status, 201, "{dispatch}");
    let view = get(&lan, &format!("/api/v1/incidents/{incident}")).await;
    let said = view["log"].as_array().unwrap().iter().filter(|row| row["detail"]["despite"] == reason);
    assert_eq!(said.count(), 1, "{view}");
    let kept: i64 = sqlx::query_scalar("select count(*) from audit where detail->>'despite' = $1")
        .bind(reason)
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(kept, 1);
    let suggested = get(&lan, &path).await;
    assert_eq!(suggested["items"][2]["has_it"], true, "{suggested}");
}

#[tokio::test]
async fn a_unit_that_was_passed_over_and_that_its_last_attempt_does_not_reach_either_has_failed() {
    let center = Center::start().await;
    let (hook, hooked) = receiver(vec![500]).await;
    let runner = runner(&center, None, &["127.0.0.1"]).await;
    let (admin, lan) = two(&center).await;
    put_unit(&admin, "u-2", json!({ "channels": [{ "kind": "inbox" }] })).await;
    let channels = json!([{ "kind": "webhook", "url": format!("http://{hook}/hook") }]);
    put_unit(&admin, "u-1", json!({ "channels": channels, "fallback": ["u-2"] })).await;
    let incident = open(&lan).await;
    let dispatch = send(&lan, &incident, "u-1").await;
    let path = format!("/api/v1/dispatches/{}", dispatch["id"].as_str().unwrap());
    let start = clock::now();
    settle(&runner, start).await;
    settle(&runner, start + TimeDelta::seconds(61)).await;
    let passed = get(&lan, &path).await;
    assert_eq!((&passed["state"], &passed["passed_on"]), (&json!("sent"), &json!(true)), "{passed}");
    // Ten attempts take 76 hours, a tenth more where they are spread, and each is looked for once an hour.
    for hours in 1..100 {
        settle(&runner, start + TimeDelta::hours(hours)).await;
    }
    assert_eq!(taken(&hooked).len(), 10);
    let failed = get(&lan, &path).await;
    assert_eq!((&failed["state"], &failed["deliveries"][0]["state"]), (&json!("failed"), &json!("failed")));
    assert_eq!(
        failed["times"]["failed"], failed["deliveries"][0]["done_at"],
        "when the last attempt had ended"
    );
    let view = get(&lan, &format!("/api/v1/incidents/{incident}")).await;
    let rows = view["log"].as_array().unwrap().iter().filter(|row| row["detail"]["state"] == "failed");
    assert_eq!(rows.count(), 1, "{view}");
    send(&lan, &incident, "u-1").await;
}

#[tokio::test]
async fn when_no_unit_answers_the_supervisors_of_the_area_are_called_by_name() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) = two(&center).await;
    center.person("minh", Role::Supervisor).await;
    center.person("far", Role::Supervisor).await;
    sqlx::query("update users set areas = '{elsewhere}' where name = 'far'")
        .execute(&center.pool)
        .await
        .unwrap();
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "inbox" }] })).await;
    let incident = open(&lan).await;
    sqlx::query("update incidents set area = 'here'").execute(&center.pool).await.unwrap();
    send(&lan, &incident, "u-1").await;
    let start = clock::now();
    settle(&runner, start).await;
    settle(&runner, start + TimeDelta::seconds(61)).await;
    let view = get(&lan, &format!("/api/v1/incidents/{incident}")).await;
    let calls: Vec<&Value> =
        view["log"].as_array().unwrap().iter().filter(|row| row["change"] == "escalated").collect();
    let [call] = calls[..] else { panic!("one call: {view}") };
    let names: Vec<&Value> =
        call["detail"]["to"].as_array().unwrap().iter().map(|who| &who["name"]).collect();
    assert_eq!(names, ["Người minh"]);
}

#[tokio::test]
async fn what_is_promised_for_a_unit_holds_as_soon_as_it_is_sent_and_for_the_one_that_comes() {
    let center = Center::start().await;
    let (admin, lan) = two(&center).await;
    let minh = center.person("minh", Role::Supervisor).await;
    for unit in ["u-1", "u-2", "u-3"] {
        put_unit(&admin, unit, json!({ "channels": [{ "kind": "inbox" }] })).await;
    }
    let mut procedures = lan.get("/api/v1/procedures").await["items"].clone();
    let fire = procedures.as_array_mut().unwrap().iter_mut().find(|p| p["kind"] == "fire").unwrap();
    fire["unit_sla"] = json!([{ "unit": "u-1", "sla": { "on_scene_s": 111 } }, { "unit": "u-2", "sla": { "on_scene_s": 222 } }]);
    let put = minh.request(Method::PUT, "/api/v1/procedures").json(&json!({ "items": [fire] }));
    assert_eq!(put.send().await.unwrap().status(), 200);
    let incident = open(&lan).await;
    let path = format!("/api/v1/incidents/{incident}");
    let promised = async || {
        let incident = get(&lan, &path).await["incident"].clone();
        let clocks = incident["clocks"].as_array().unwrap().clone();
        let clock = clocks.iter().find(|clock| clock["kind"] == "on_scene").unwrap();
        let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let seconds = (time(&clock["due_at"]) - time(&incident["opened_at"])).num_seconds();
        (incident["unit"].as_str().map(ToOwned::to_owned), seconds)
    };
    let whose = |unit: &str, seconds| (Some(unit.to_owned()), seconds);
    let (nobody, usual) = promised().await;
    assert_eq!(nobody, None);
    let seen = get(&lan, &path).await["incident"]["seq"].clone();
    let first = send(&lan, &incident, "u-1").await;
    assert_eq!(promised().await, whose("u-1", 111), "sent");
    let second = send(&lan, &incident, "u-2").await;
    let third = send(&lan, &incident, "u-3").await;
    assert_eq!(promised().await, whose("u-1", 111), "it is meant for the first");
    let accept = async |dispatch: &Value| {
        let state = format!("/api/v1/dispatches/{}/state", dispatch["id"].as_str().unwrap());
        assert_eq!(post(&lan, &state, json!({ "state": "accepted" })).await.0, 200);
        promised().await
    };
    assert_eq!(accept(&second).await, whose("u-2", 222), "it comes");
    assert_eq!(accept(&third).await, whose("u-2", 222), "the one that it is meant for comes");
    assert_eq!(accept(&first).await, whose("u-2", 222));
    let rows = get(&lan, &path).await["log"].as_array().unwrap().clone();
    let meant: Vec<&Value> =
        rows.iter().map(|row| &row["detail"]["meant_for"]).filter(|row| !row.is_null()).collect();
    assert_eq!(meant, [&json!({ "from": null, "to": "u-1" }), &json!({ "from": "u-1", "to": "u-2" })]);
    // Nobody who looked before is told to look again because of it.
    let edit = lan.request(Method::PATCH, &path).json(&json!({ "unit": "u-3", "seq": seen }));
    assert_eq!(edit.send().await.unwrap().status(), 200);
    assert_eq!(promised().await, whose("u-3", usual));
}
