//! Clocks that run out call up the chain until somebody takes the incident; procedures are versioned data.

use crate::harness::Center;
use crate::incidents::{answer, post};
use chrono::{DateTime, TimeDelta, Utc};
use control_center::access::users::Role;
use control_center::clock;
use control_center::incidents::escalate::call_due;
use reqwest::Method;
use serde_json::{Value, json};

async fn due(center: &Center) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("select min(escalate_at) from incidents").fetch_one(&center.pool).await.unwrap()
}

#[tokio::test]
async fn a_clock_that_ran_out_calls_up_the_chain_until_somebody_takes_it() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let minh = center.person("minh", Role::Supervisor).await;
    let me = lan.get("/api/v1/me").await["id"].clone();
    let mut procedures = lan.get("/api/v1/procedures").await["items"].clone();
    let fire = procedures.as_array_mut().unwrap().iter_mut().find(|p| p["kind"] == "fire").unwrap();
    fire["escalation"]["on_call"] = json!(["lan"]);
    let put = minh.request(Method::PUT, "/api/v1/procedures").json(&json!({ "items": [fire] }));
    assert_eq!(put.send().await.unwrap().status(), 200);
    let (_, incident) = post(&lan, "/api/v1/incidents", json!({ "kind": "fire" })).await;
    let path = format!("/api/v1/incidents/{}", incident["id"].as_str().unwrap());
    assert_eq!(incident["procedure"], 1);
    let patched = minh.request(Method::PATCH, &path).json(&json!({ "owner": me })).send().await.unwrap();
    assert_eq!(patched.status(), 200);
    let mut live = minh.live(None).await;
    crate::harness::next_json(&mut live).await;

    let opened: DateTime<Utc> = incident["opened_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(due(&center).await, Some(opened + TimeDelta::seconds(60)));
    assert_eq!(call_due(&center.pool, opened + TimeDelta::seconds(59)).await.unwrap(), due(&center).await);
    let mut called = Vec::new();
    for n in 0..4 {
        let now = due(&center).await.unwrap();
        assert_eq!(call_due(&center.pool, now).await.unwrap(), Some(now + TimeDelta::seconds(60)));
        let frame = crate::harness::next_json(&mut live).await;
        assert_eq!((&frame["change"], &frame["detail"]["call"]), (&json!("escalated"), &json!(n + 1)));
        called.push((frame["detail"]["rung"].clone(), frame["detail"]["to"][0]["name"].clone()));
    }
    let wanted = [("owner", "lan"), ("supervisor", "minh"), ("on_call", "lan"), ("on_call", "lan")];
    assert_eq!(called, wanted.map(|(rung, name)| (json!(rung), json!(format!("Người {name}")))));
    // Back after two hours: one call for each clock that ran out, not one for each that was missed.
    let later = opened + TimeDelta::hours(2);
    call_due(&center.pool, later).await.unwrap();
    let calls: i64 = sqlx::query_scalar("select count(*) from incident_log where change = 'escalated'")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(calls, 6, "acknowledge and on scene");
    assert_eq!(post(&minh, &format!("{path}/take"), json!({})).await.0, 200);
    assert_eq!(
        due(&center).await,
        Some(opened + TimeDelta::seconds(14_400)),
        "only resolving is still to come"
    );
    assert_eq!(call_due(&center.pool, later).await.unwrap(), due(&center).await);
}

#[tokio::test]
async fn of_two_centers_one_calls_and_a_new_one_goes_on_where_the_old_one_was_killed() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let mut opened = Vec::new();
    for _ in 0..3 {
        opened.push(post(&lan, "/api/v1/incidents", json!({ "kind": "person_down" })).await.1);
    }
    let now = clock::now() + TimeDelta::seconds(61);
    // A transaction that a killed center left unfinished never happened.
    let mut killed = control_center::incidents::begin(&center.pool).await.unwrap();
    sqlx::query("update incidents set escalate_at = null").execute(&mut *killed).await.unwrap();
    killed.rollback().await.unwrap();
    let calls = (0..8).map(|_| call_due(&center.pool, now));
    for called in futures_util::future::join_all(calls).await {
        assert!(called.unwrap().unwrap() > now);
    }
    let calls: Vec<(uuid::Uuid, i64)> =
        sqlx::query_as("select incident, count(*) from incident_log where change = 'escalated' group by 1")
            .fetch_all(&center.pool)
            .await
            .unwrap();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|(_, count)| *count == 1), "{calls:?}");
}

#[tokio::test]
async fn procedures_are_versioned_and_an_incident_keeps_its_own() {
    let center = Center::start().await;
    let (minh, lan) =
        (center.person("minh", Role::Supervisor).await, center.person("lan", Role::Operator).await);
    let put = async |items: Value| {
        let request = minh.request(Method::PUT, "/api/v1/procedures").json(&json!({ "items": items }));
        answer(request.send().await.unwrap()).await
    };
    let shipped = lan.get("/api/v1/procedures").await["items"].clone();
    assert_eq!(shipped.as_array().unwrap().len(), 8);
    assert_eq!(put(shipped.clone()).await.0, 200, "what is so already is no new version");
    let (_, before) = post(&lan, "/api/v1/incidents", json!({ "kind": "flood" })).await;
    let mut flood = shipped.as_array().unwrap().iter().find(|p| p["kind"] == "flood").unwrap().clone();
    flood["steps"] = json!([{ "id": "pump", "mandatory": "always", "text": { "vi": "Bơm", "en": "Pump" } }]);
    let (status, changed) = put(json!([flood])).await;
    assert_eq!(status, 200, "{changed}");
    let (status, late) = put(json!([{ "version": 0, "severity": "low" }])).await;
    assert_eq!(status, 422, "{late}");
    let mut late = flood.clone();
    late["severity"] = json!("low");
    let (status, late) = put(json!([late])).await;
    assert_eq!((status.as_u16(), &late["by"]["name"]), (409, &json!("Người minh")), "{late}");
    let (_, after) = post(&lan, "/api/v1/incidents", json!({ "kind": "flood" })).await;
    assert_eq!((&before["procedure"], &after["procedure"]), (&json!(0), &json!(1)));
    assert_eq!(after["steps"].as_array().unwrap().len(), 1);
    let path = format!("/api/v1/incidents/{}/steps/drainage", before["id"].as_str().unwrap());
    assert_eq!(post(&lan, &path, json!({})).await.0, 200, "the older one keeps its steps");
    let mut thief = flood.clone();
    (thief["version"], thief["events"]) = (json!(1), json!(["smoke_or_fire"]));
    let (status, thief) = put(json!([thief])).await;
    assert_eq!(status, 422, "fire claims that event: {thief}");
    let refused = lan.request(Method::PUT, "/api/v1/procedures").json(&json!({ "items": [] }));
    assert_eq!(refused.send().await.unwrap().status(), 403);
    assert_eq!(center.audit_rows("procedures.change").await, 1);
}

#[tokio::test]
async fn procedures_go_in_and_out_with_the_city_file() {
    use control_center::city::{self, CityFile};
    let center = Center::start().await;
    let text = r#"
        [[procedure]]
        kind = "dog"
        name = { vi = "Chó thả rông", en = "Stray dog" }
        severity = "low"
        merge = { within_m = 10.0, within_s = 60 }
        escalation = { chain = ["supervisor"], every_s = 600 }
        steps = [{ id = "catch", mandatory = "if_true", text = { vi = "Bắt", en = "Catch" } }]
    "#;
    let file = CityFile::parse(text).unwrap();
    for _ in 0..2 {
        city::import(&center.pool, &file, clock::now()).await.unwrap();
    }
    let out = city::export(&center.pool).await.unwrap();
    assert_eq!(
        out.procedures.iter().map(|own| own.kind.as_str()).collect::<Vec<_>>(),
        ["dog"],
        "its own alone"
    );
    let versions: i64 =
        sqlx::query_scalar("select count(*) from procedures").fetch_one(&center.pool).await.unwrap();
    assert_eq!(versions, 1, "importing it again is no new version");
    let again = CityFile::parse(&toml::to_string(&out).unwrap()).unwrap();
    assert_eq!(again, out);
    let lan = center.person("lan", Role::Operator).await;
    assert_eq!(post(&lan, "/api/v1/incidents", json!({ "kind": "dog" })).await.0, 201);
    let twice = format!("{text}{text}");
    assert!(CityFile::parse(&twice).unwrap_err().to_string().contains("two procedures"));
}

#[tokio::test]
async fn machines_are_never_called_and_never_own_an_incident() {
    let center = Center::start().await;
    let admin = center.person("admin", Role::Admin).await;
    center.person("minh", Role::Supervisor).await;
    let token = json!({ "name": "robot", "role": "supervisor", "areas": ["*"], "days": 1 });
    let (status, token) = post(&admin, "/api/v1/tokens", token).await;
    assert_eq!(status, 201, "{token}");
    let (_, incident) = post(&admin, "/api/v1/incidents", json!({ "kind": "fire" })).await;
    let path = format!("/api/v1/incidents/{}", incident["id"].as_str().unwrap());
    let patch = admin.request(Method::PATCH, &path).json(&json!({ "owner": token["token"]["id"] }));
    assert_eq!(patch.send().await.unwrap().status(), 422);
    for _ in 0..3 {
        call_due(&center.pool, due(&center).await.unwrap()).await.unwrap();
    }
    let view = admin.get(&path).await;
    let calls: Vec<&Value> =
        view["log"].as_array().unwrap().iter().filter(|row| row["change"] == "escalated").collect();
    let supervisors: Vec<&Value> = calls
        .iter()
        .filter(|row| row["detail"]["rung"] == "supervisor")
        .map(|row| &row["detail"]["to"])
        .collect();
    assert!(!supervisors.is_empty(), "{view}");
    for to in supervisors {
        let names: Vec<&str> =
            to.as_array().unwrap().iter().map(|who| who["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Người minh"]);
    }
}
