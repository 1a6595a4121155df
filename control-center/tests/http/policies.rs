//! Policies as versions, silences, and who may change them.

use crate::harness::{Browser, Center};
use chrono::TimeDelta;
use control_center::access::users::Role;
use control_center::alerts::policies;
use control_center::clock;
use control_center::policy::PolicyBody;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_back_test_says_what_a_policy_or_a_rule_would_have_raised_beside_the_one_in_force() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Supervisor).await;
    center.add_edge("e-1").await;
    let camera = json!({ "id": "north", "name": "Bắc", "url": "rtsp://127.0.0.1/x" });
    sqlx::query(
        "insert into cameras (edge, id, name, config, created_at) values ('e-1', 'north', 'Bắc', $1, now())",
    )
    .bind(camera)
    .execute(&center.pool)
    .await
    .unwrap();
    // Thirty conditions of 5 s, ten minutes apart; and as many road users that cross the picture within 12 s.
    sqlx::query(
        "insert into events (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, confidence, data) \
         select t, '00000000-0000-0000-0000-000000000001', 2 * n + p, t, gen_random_uuid(), 'e-1', 'north', 'intrusion', phase, \
           'intrusion-middle', 0.5, jsonb_build_object('kind', 'intrusion', 'rule', 'intrusion-middle', 'track', n, \
             'phase', phase, 'confidence', 0.5) \
         from generate_series(1, 30) n, (values (0, 'start'), (1, 'end')) as v (p, phase), \
           lateral (select now() - n * interval '10 minutes' + p * interval '5 seconds' as t) t",
    )
    .execute(&center.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into tracks (time, outbox, sequence, received_at, track_from, track, config, confidence, frame_width_px, \
           frame_height_px, goes_on, edge, camera, class, points) \
         select t + interval '12 seconds', '00000000-0000-0000-0000-000000000001', n, now(), t, n, 1, 0.8, 1280, 720, \
           false, 'e-1', 'north', 'person', array[0, 0, 5000, 500, 1000, 600, 5000, 0, 0, 0, 600, 5000, 0, 0, 0] \
         from generate_series(1, 30) n, lateral (select now() - n * interval '10 minutes' as t) t",
    )
    .execute(&center.pool)
    .await
    .unwrap();
    let answer = async |body: Value| {
        let (status, begun) = post(&lan, "/api/v1/policies/backtest", body).await;
        assert_eq!(status, 202, "{begun}");
        let path = format!("/api/v1/backtests/{}", begun["id"].as_str().unwrap());
        loop {
            let status = lan.get(&path).await;
            match status["state"].as_str().unwrap() {
                "running" => tokio::task::yield_now().await,
                "done" => return status["result"].clone(),
                _ => panic!("{status}"),
            }
        }
    };
    let held = json!({ "rule": [{ "name": "đợi", "hold_off_s": 10 }] });
    let result = answer(json!({ "policy": held, "days": 1 })).await;
    assert_eq!((&result["draft"]["alerts"], &result["active"]["alerts"]), (&json!(0), &json!(30)));
    assert_eq!(result["active"]["kinds"], json!([{ "kind": "intrusion", "alerts": 30 }]));
    assert_eq!(result["active"]["shifts"].as_array().unwrap().len(), 3);
    let zone = json!({ "id": "middle", "points": [[0.4, 0.2], [0.6, 0.2], [0.6, 0.9], [0.4, 0.9]] });
    let rule = |zone: Value, kind: &str| json!({ "days": 1, "rule": { "edge": "e-1", "camera": "north", "zone": zone, "rule": { "kind": kind, "zone": "middle" } } });
    let result = answer(rule(zone.clone(), "intrusion")).await;
    assert_eq!(
        (&result["tracks"], &result["draft"]["alerts"], &result["active"]["alerts"]),
        (&json!(30), &json!(30), &json!(30))
    );
    assert_eq!(result["draft"]["examples"][0]["zone"], "middle");
    let aside = json!({ "id": "middle", "points": [[0.0, 0.2], [0.1, 0.2], [0.1, 0.3]] });
    assert_eq!(answer(rule(aside, "intrusion")).await["draft"]["alerts"], 0, "nobody goes there");
    for bad in [
        rule(zone, "earthquake"),
        rule(Value::Null, "intrusion"),
        json!({ "days": 1 }),
        json!({ "policy": {}, "days": 0 }),
        json!({ "policy": { "rules": [] }, "days": 1 }),
    ] {
        assert_eq!(post(&lan, "/api/v1/policies/backtest", bad.clone()).await.0, 422, "{bad}");
    }
    let other = lan
        .request(Method::GET, &format!("/api/v1/backtests/{}", uuid::Uuid::now_v7()))
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 404);
}

#[tokio::test]
async fn the_alarm_load_and_the_precision_of_rules_are_measured_from_the_log_and_the_verdicts() {
    use crate::harness::NewAlert;
    use control_center::alerts::Severity;
    let center = Center::start().await;
    let lan = center.person("lan", Role::Supervisor).await;
    let ids = center.raise(&[NewAlert { edge: "e-1", severity: Severity::Low }; 14]).await;
    for (i, id) in ids.iter().enumerate().take(12) {
        let verdict = json!({ "verdict": if i < 11 { "false" } else { "true" }, "reason": "x" });
        assert_eq!(post(&lan, &format!("/api/v1/alerts/{id}/dismiss"), verdict).await.0, 200);
    }
    sqlx::query("update alerts set first_at = now() - interval '25 hours' where id = $1")
        .bind(ids[13])
        .execute(&center.pool)
        .await
        .unwrap();
    sqlx::query(
        "insert into events (time, outbox, sequence, received_at, id, edge, camera, kind, phase, rule, confidence, data) \
         select t, '00000000-0000-0000-0000-000000000001', n, t, gen_random_uuid(), 'e-1', 'north', 'intrusion', phase, \
           'rule', 0.5, jsonb_build_object('kind', 'intrusion', 'rule', 'rule', 'track', 1, 'phase', phase, 'confidence', 0.5) \
         from (values (1, 'start', 30), (2, 'end', 29), (3, 'start', 10)) as v (n, phase, ago), \
           lateral (select now() - ago * interval '1 minute' as t) t",
    )
    .execute(&center.pool)
    .await
    .unwrap();
    let load = lan.get("/api/v1/statistics/alarm-load").await;
    assert_eq!((&load["load"]["rate"]["alerts"], &load["load"]["rate"]["floods"]), (&json!(14), &json!(1)));
    assert_eq!((&load["stale_count"], &load["stale"][0]["id"]), (&json!(1), &json!(ids[13])));
    assert_eq!(load["load"]["top"][0]["source"], "e-1/north/rule");
    assert_eq!(load["load"]["chattering"][0]["count"], 14, "all within a minute");
    assert!(load["acknowledged_p50_s"].as_f64().unwrap() > 3000.0, "raised an hour ago: {load}");
    let precision = lan.get("/api/v1/statistics/precision").await;
    let rule = &precision["items"][0];
    assert_eq!((&rule["right"], &rule["wrong"], &rule["poor"]), (&json!(1), &json!(11), &json!(true)));
    assert!(rule["precision"]["high"].as_f64().unwrap() < 0.4);
    let proposals = lan.get("/api/v1/policies/proposals").await;
    let proposal = &proposals["items"][0];
    assert_eq!(
        (&proposal["rule"]["rule"], &proposal["proposal"]["wrong_spared"]),
        (&json!("rule"), &json!(11))
    );
    let tried = ["events", "active", "active_urgent", "draft", "draft_urgent"]
        .map(|key| proposal["back_test"][key].clone());
    assert_eq!(tried, [3, 2, 2, 2, 0].map(Value::from), "no threshold tells them apart: they matter less");
    let added = json!({ "body": proposal["proposal"]["policy"], "note": "theo đề xuất", "activate": true });
    assert_eq!(post(&lan, "/api/v1/policies", added).await.0, 201, "as proposed it can be activated");
    assert_eq!(
        post(&lan, "/api/v1/policies/1/activate", Value::Null).await.1["version"],
        3,
        "and taken back"
    );
    let bad = lan
        .request(Method::GET, "/api/v1/statistics/precision?from=2020-01-01T00:00:00Z")
        .send()
        .await
        .unwrap();
    assert_eq!(bad.status(), 400);
}

async fn post(browser: &Browser<'_>, path: &str, body: Value) -> (u16, Value) {
    let response = browser.request(Method::POST, path).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn two_back_tests_run_at_once_and_who_asks_for_a_third_is_told_to_wait() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Supervisor).await;
    let mut busy = center.pool.begin().await.unwrap();
    sqlx::query("lock table events in access exclusive mode").execute(&mut *busy).await.unwrap();
    let draft = json!({ "policy": {}, "days": 1 });
    let mut running = Vec::new();
    for _ in 0..2 {
        let (status, begun) = post(&lan, "/api/v1/policies/backtest", draft.clone()).await;
        assert_eq!(status, 202, "{begun}");
        running.push(begun["id"].as_str().unwrap().to_owned());
    }
    let refused = lan.request(Method::POST, "/api/v1/policies/backtest").json(&draft).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"10".parse().unwrap()));
    assert_eq!(center.audit_rows("backtest.begin").await, 2, "a row for each, and none for what was refused");
    busy.rollback().await.unwrap();
    for id in running {
        while lan.get(&format!("/api/v1/backtests/{id}")).await["state"] == "running" {
            tokio::task::yield_now().await;
        }
    }
    let until_free = async {
        while post(&lan, "/api/v1/policies/backtest", draft.clone()).await.0 == 429 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), until_free).await.expect("a place becomes free");
}

#[tokio::test]
async fn silences_of_other_areas_and_of_the_whole_city_are_shown_to_who_has_the_whole_city() {
    let center = Center::start().await;
    crate::areas::import(&center).await;
    let chief = center.person("chief", Role::Supervisor).await;
    let north = center.person_of("north", Role::Supervisor, &["north"]).await;
    let until = clock::now() + TimeDelta::hours(2);
    for when in [
        json!({ "areas": ["north"] }),
        json!({ "areas": ["south"] }),
        json!({ "areas": ["north", "south"] }),
        json!({ "cameras": ["e-1/a"] }),
    ] {
        let (status, made) =
            post(&chief, "/api/v1/silences", json!({ "match": when, "until": until, "reason": "x" })).await;
        assert_eq!(status, 201, "{made}");
    }
    assert_eq!(chief.get("/api/v1/silences").await["items"].as_array().unwrap().len(), 4);
    for path in ["/api/v1/silences", "/api/v1/silences?all=true", "/api/v1/silences?limit=1"] {
        let seen = north.get(path).await;
        assert_eq!(seen["items"].as_array().unwrap().len(), 1, "{path}");
        assert_eq!(
            (&seen["items"][0]["match"]["areas"], &seen["next_cursor"]),
            (&json!(["north"]), &Value::Null)
        );
    }
}

#[tokio::test]
async fn a_new_center_has_the_policy_that_changes_nothing() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Viewer).await;
    let first = lan.get("/api/v1/policies/1").await;
    assert_eq!(first["active"], true);
    assert_eq!(PolicyBody::parse(&first["body"]).unwrap(), PolicyBody::default());
    let missing = lan.request(Method::GET, "/api/v1/policies/2").send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn a_supervisor_adds_activates_and_takes_back_a_policy_and_the_history_stays() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Supervisor).await;
    let draft = json!({ "body": { "rule": [{ "name": "đêm", "severity": "critical" }] }, "note": "thử" });
    let (status, added) = post(&lan, "/api/v1/policies", draft).await;
    assert_eq!((status, &added["version"], &added["active"]), (201, &json!(2), &json!(false)));
    let generation = || async {
        let mut connection = center.pool.acquire().await.unwrap();
        let (generation, policy) = policies::load(&mut connection, clock::now()).await.unwrap();
        (generation, policy.version())
    };
    let (before, version) = generation().await;
    assert_eq!(version, 1);
    for _ in 0..2 {
        let (status, active) = post(&lan, "/api/v1/policies/2/activate", Value::Null).await;
        assert_eq!((status, &active["version"], &active["active"]), (200, &json!(2), &json!(true)));
    }
    let (after, version) = generation().await;
    assert!(after > before && version == 2, "whoever holds the old policy sees that it is old");
    let (_, undone) = post(&lan, "/api/v1/policies/1/activate", Value::Null).await;
    assert_eq!((&undone["version"], &undone["note"]), (&json!(3), &json!("as version 1")));
    let all = lan.get("/api/v1/policies?limit=2").await;
    let active: Vec<_> = all["items"].as_array().unwrap().iter().map(|v| v["active"].clone()).collect();
    assert_eq!(active, [json!(true), json!(false)]);
    let cursor = all["next_cursor"].as_str().unwrap();
    let rest = lan.get(&format!("/api/v1/policies?cursor={cursor}")).await;
    assert_eq!(rest["items"][0]["version"], 1);
    // One row for each of the three, though taking one back adds a version.
    for (action, rows) in [("policy.add", 1), ("policy.activate", 2)] {
        assert_eq!(center.audit_rows(action).await, rows, "{action}");
    }
    let (_, at_once) =
        post(&lan, "/api/v1/policies", json!({ "body": {}, "note": "ngay", "activate": true })).await;
    assert_eq!(at_once["active"], true);
    assert_eq!((center.audit_rows("policy.add").await, center.audit_rows("policy.activate").await), (2, 2));
    let (status, _) = post(&lan, "/api/v1/policies/9/activate", Value::Null).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_policy_with_a_mistake_is_refused_with_its_key_and_an_operator_may_not_add_one() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Supervisor).await;
    let body = json!({ "rule": [{ "name": "a" }, { "name": "b", "sevrity": "low" }] });
    let (status, problem) = post(&lan, "/api/v1/policies", json!({ "body": body, "note": "x" })).await;
    let detail = problem["detail"].as_str().unwrap();
    assert!(status == 422 && detail.contains("rule[1]") && detail.contains("sevrity"), "{status} {detail}");
    let (status, _) = post(&lan, "/api/v1/policies", json!({ "body": {}, "note": " " })).await;
    assert_eq!(status, 422);
    let minh = center.person("minh", Role::Operator).await;
    let (status, _) = post(&minh, "/api/v1/policies", json!({ "body": {}, "note": "x" })).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_silence_needs_a_condition_a_reason_and_an_end_and_can_be_ended_early() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Supervisor).await;
    let until = clock::now() + TimeDelta::hours(2);
    let when = json!({ "cameras": ["e-1/north"] });
    for bad in [
        json!({ "match": {}, "until": until, "reason": "x" }),
        json!({ "match": when, "until": until, "reason": "" }),
        json!({ "match": when, "reason": "x" }),
        json!({ "match": when, "until": until - TimeDelta::hours(3), "reason": "x" }),
        json!({ "match": when, "until": until + TimeDelta::days(40), "reason": "x" }),
        json!({ "match": { "camera": ["e-1/north"] }, "until": until, "reason": "x" }),
    ] {
        assert_eq!(post(&lan, "/api/v1/silences", bad.clone()).await.0, 422, "{bad}");
    }
    let (status, silence) =
        post(&lan, "/api/v1/silences", json!({ "match": when, "until": until, "reason": "lễ hội" })).await;
    assert_eq!((status, &silence["author"]["name"]), (201, &json!("Người lan")));
    let id = silence["id"].as_str().unwrap();
    assert_eq!(lan.get("/api/v1/silences").await["items"][0]["id"], id);
    for _ in 0..2 {
        let request = lan.request(Method::DELETE, &format!("/api/v1/silences/{id}"));
        let ended: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(ended["ended_by"]["name"], "Người lan");
    }
    assert_eq!(center.audit_rows("silence.end").await, 1);
    assert_eq!(lan.get("/api/v1/silences").await["items"], json!([]));
    assert_eq!(lan.get("/api/v1/silences?all=true").await["items"].as_array().unwrap().len(), 1);
}
