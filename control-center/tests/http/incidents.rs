//! Incidents over HTTP: opened, worked, merged, split, and what two people do at once.

use crate::harness::{Browser, Center, NewAlert};
use control_center::access::AreaScope;
use control_center::access::users::Role;
use control_center::alerts::{Severity, store};
use control_center::{clock, incidents};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) async fn post(browser: &Browser<'_>, path: &str, body: Value) -> (StatusCode, Value) {
    answer(browser.request(Method::POST, path).json(&body).send().await.unwrap()).await
}

pub(crate) async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Opens an incident by hand; its address.
async fn open(browser: &Browser<'_>, kind: &str) -> String {
    let place = json!({ "lat": 20.4463, "lon": 106.3366 });
    let (status, incident) =
        post(browser, "/api/v1/incidents", json!({ "kind": kind, "title": "Khói", "place": place })).await;
    assert_eq!(status, 201, "{incident}");
    format!("/api/v1/incidents/{}", incident["id"].as_str().unwrap())
}

fn changes(view: &Value) -> Vec<&str> {
    view["log"].as_array().unwrap().iter().map(|row| row["change"].as_str().unwrap()).collect()
}

/// Adds an alert of a kind at a place and a number of seconds ago.
pub(crate) async fn alert(center: &Center, kind: &str, (lat, lon): (f64, f64), ago_s: i64) -> Uuid {
    let id = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await[0];
    let camera = format!("c-{}", id.simple());
    sqlx::query(
        "insert into edges (id, name, created_at) values ('e-1', 'e-1', now()) on conflict do nothing",
    )
    .execute(&center.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into cameras (edge, id, name, lat, lon, created_at) values ('e-1', $1, 'Bắc', $2, $3, now())",
    )
    .bind(&camera)
    .bind(lat)
    .bind(lon)
    .execute(&center.pool)
    .await
    .unwrap();
    let first_at = clock::now() - chrono::TimeDelta::seconds(ago_s);
    sqlx::query("update alerts set kind = $2, camera = $3, first_at = $4 where id = $1")
        .bind(id)
        .bind(kind)
        .bind(&camera)
        .bind(first_at)
        .execute(&center.pool)
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn an_incident_goes_from_a_map_point_over_its_mandatory_steps_to_closed_and_back() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let path = open(&lan, "fire").await;
    let (status, refused) = post(&lan, &format!("{path}/resolve"), json!({ "verdict": "true" })).await;
    assert_eq!(status, 409, "{refused}");
    assert_eq!(refused["steps"], json!(["verify", "fire-brigade", "people", "out"]));
    assert_eq!(refused["by"]["name"], "Người lan");
    for step in ["verify", "fire-brigade", "people"] {
        let (status, _) = post(&lan, &format!("{path}/steps/{step}"), json!({})).await;
        assert_eq!(status, 200);
    }
    let skip = json!({ "state": "skipped", "reason": "chỉ huy đã về" });
    assert_eq!(post(&lan, &format!("{path}/steps/out"), skip).await.0, 200);
    assert_eq!(post(&lan, &format!("{path}/steps/out"), json!({ "state": "skipped" })).await.0, 422);
    assert_eq!(post(&lan, &format!("{path}/steps/dance"), json!({})).await.0, 404);
    let note = json!({ "text": "Nga\u{303} tư" });
    assert_eq!(post(&lan, &format!("{path}/notes"), note).await.0, 200);
    assert_eq!(post(&lan, &format!("{path}/close"), json!({})).await.0, 409, "it is not resolved");
    let (status, resolved) = post(&lan, &format!("{path}/resolve"), json!({ "verdict": "true" })).await;
    assert_eq!((status, &resolved["status"]), (StatusCode::OK, &json!("resolved")));
    assert_eq!(post(&lan, &format!("{path}/close"), json!({})).await.0, 200);
    let (status, again) = post(&lan, &format!("{path}/reopen"), json!({ "reason": "vẫn còn khói" })).await;
    assert_eq!(
        (status, &again["status"], &again["verdict"]),
        (StatusCode::OK, &json!("in_progress"), &Value::Null)
    );
    let view = lan.get(&path).await;
    let wanted = [
        "opened",
        "step_done",
        "step_done",
        "step_done",
        "step_skipped",
        "noted",
        "resolved",
        "closed",
        "reopened",
    ];
    assert_eq!(changes(&view), wanted);
    assert_eq!(view["log"][5]["detail"]["text"], "Ngã tư", "kept as one character each");
    assert_eq!(view["log"][8]["detail"]["verdict"], "true", "nothing is forgotten");
    assert_eq!(view["incident"]["owner"]["name"], "Người lan");
    // The log is numbered without holes, each row with its audit row, and cannot be changed.
    let (rows, last): (i64, i64) =
        sqlx::query_as("select count(*), max(seq) from incident_log").fetch_one(&center.pool).await.unwrap();
    assert_eq!(rows, last);
    let audited: i64 = sqlx::query_scalar("select count(*) from audit where action like 'incident.%'")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(audited, rows);
    for change in
        ["update incident_log set change = 'x'", "delete from incident_log", "truncate incident_log"]
    {
        let refused = sqlx::query(change).execute(&center.pool).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
}

#[tokio::test]
async fn numbers_run_without_holes_and_lists_page_and_filter() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let mut numbers = Vec::new();
    for kind in ["fire", "flood", "fire", "other"] {
        let path = open(&lan, kind).await;
        numbers.push(lan.get(&path).await["incident"]["number"].as_str().unwrap().to_owned());
        // A request that fails in the middle takes no number along.
        assert_eq!(post(&lan, "/api/v1/incidents", json!({ "kind": "earthquake" })).await.0, 422);
    }
    let year = &numbers[0][..4];
    assert_eq!(numbers, (1..=4).map(|n| format!("{year}-{n:06}")).collect::<Vec<_>>());
    let page = lan.get("/api/v1/incidents?limit=3").await;
    let second =
        lan.get(&format!("/api/v1/incidents?cursor={}", page["next_cursor"].as_str().unwrap())).await;
    let listed = [&page, &second].into_iter().flat_map(|page| page["items"].as_array().unwrap().clone());
    let listed: Vec<_> = listed.map(|incident| incident["number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, numbers.iter().rev().cloned().collect::<Vec<_>>());
    let count = async |query: &str| {
        lan.get(&format!("/api/v1/incidents?{query}")).await["items"].as_array().unwrap().len()
    };
    assert_eq!(count("kind=fire").await, 2);
    assert_eq!(count("kind=fire&state=unfinished&severity=critical").await, 2);
    assert_eq!(count("state=closed").await, 0);
    assert_eq!(count(&format!("number={}", numbers[1])).await, 1);
    let bad = lan.request(Method::GET, "/api/v1/incidents?state=lost").send().await.unwrap();
    assert_eq!(bad.status(), 400);
}

#[tokio::test]
async fn of_a_hundred_who_take_it_at_once_one_wins_and_the_others_learn_who() {
    let center = Center::start().await;
    let mut people = Vec::new();
    for n in 0..10 {
        people.push(center.person(&format!("p{n}"), Role::Operator).await);
    }
    let path = format!("{}/take", open(&people[0], "fire").await);
    let tries = (0..100).map(|n| post(&people[n % 10], &path, json!({})));
    let answers = futures_util::future::join_all(tries).await;
    let won: BTreeSet<String> = answers
        .iter()
        .filter(|(status, _)| *status == 200)
        .map(|(_, incident)| incident["owner"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(won.len(), 1, "one winner, who may repeat it");
    let winner = won.first().unwrap();
    let lost: Vec<_> = answers.iter().filter(|(status, _)| *status == 409).collect();
    assert_eq!(lost.len(), 90);
    assert!(lost.iter().all(|(_, problem)| problem["by"]["name"] == winner.as_str()));
    let taken: i64 = sqlx::query_scalar("select count(*) from incident_log where change = 'taken'")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn who_changes_what_somebody_else_changed_since_learns_who_and_what() {
    let center = Center::start().await;
    let (lan, minh) =
        (center.person("lan", Role::Operator).await, center.person("minh", Role::Supervisor).await);
    let path = open(&lan, "fire").await;
    let seen = lan.get(&path).await["incident"]["seq"].clone();
    let patch = async |browser: &Browser<'_>, body: Value| {
        answer(browser.request(Method::PATCH, &path).json(&body).send().await.unwrap()).await
    };
    assert_eq!(post(&minh, &format!("{path}/notes"), json!({ "text": "gió mạnh" })).await.0, 200);
    let (status, _) = patch(&minh, json!({ "severity": "high", "seq": seen })).await;
    assert_eq!(status, 200, "a note stands against nothing");
    let (status, late) = patch(&lan, json!({ "title": "Cháy chợ", "seq": seen })).await;
    assert_eq!((status, &late["change"]), (StatusCode::CONFLICT, &json!("edited")), "{late}");
    assert_eq!(late["by"]["name"], "Người minh");
    let lan_id = lan.get("/api/v1/me").await["id"].clone();
    let (status, mine) = patch(&minh, json!({ "owner": lan_id, "title": "Cháy chợ" })).await;
    assert_eq!((status, &mine["owner"]["name"]), (StatusCode::OK, &json!("Người lan")));
    assert_eq!(mine["status"], "open", "she has not taken it yet");
    let (status, none) = patch(&minh, json!({ "owner": null })).await;
    assert_eq!((status, &none["owner"]), (StatusCode::OK, &Value::Null));
    let viewer = center.add_user("viewer", Role::Viewer).await;
    assert_eq!(patch(&minh, json!({ "owner": viewer })).await.0, 422);
    assert_eq!(patch(&minh, json!({ "owner": 7 })).await.0, 422);
    assert_eq!(patch(&minh, json!({ "status": "closed" })).await.0, 400, "there are paths for that");
    let log = lan.get(&path).await;
    assert_eq!(changes(&log), ["opened", "noted", "edited", "assigned", "assigned"]);
    assert_eq!(log["log"][3]["detail"]["title"], json!({ "from": "Khói", "to": "Cháy chợ" }));
}

#[tokio::test]
async fn alerts_join_by_place_time_and_kind_and_the_same_one_only_once() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let here = (20.4463, 106.3366);
    let ids = [
        alert(&center, "collision_suspected", here, 60).await,
        alert(&center, "collision_suspected", (20.4470, 106.3366), 30).await, // 78 m north
        alert(&center, "collision_suspected", (20.4563, 106.3366), 30).await, // 1.1 km north
        alert(&center, "smoke_or_fire", here, 30).await,
        alert(&center, "collision_suspected", here, 4000).await, // over an hour ago
    ];
    let mut answers = Vec::new();
    for id in ids {
        answers.push(post(&lan, "/api/v1/incidents", json!({ "alert": id })).await);
    }
    assert_eq!(
        answers.iter().map(|(status, _)| status.as_u16()).collect::<Vec<_>>(),
        [201, 200, 201, 201, 201]
    );
    assert_eq!(answers[0].1["id"], answers[1].1["id"]);
    assert_eq!(answers[1].1["sources"], 2);
    let (status, again) = post(&lan, "/api/v1/incidents", json!({ "alert": ids[1] })).await;
    assert_eq!((status, &again), (StatusCode::OK, &answers[1].1), "nothing changes");
    let view = lan.get(&format!("/api/v1/incidents/{}", again["id"].as_str().unwrap())).await;
    assert_eq!(changes(&view), ["opened", "source_added"]);
    assert_eq!(view["sources"][0]["ref"], ids[0].to_string());
    assert_eq!(view["incident"]["kind"], "traffic_accident");
    assert_eq!(post(&lan, "/api/v1/incidents", json!({ "alert": Uuid::now_v7() })).await.0, 404);
    let both = json!({ "alert": ids[0], "kind": "fire" });
    assert_eq!(post(&lan, "/api/v1/incidents", both).await.0, 422);

    // The policy's way: inside a transaction that is not ours, and again for a repeat.
    let new = alert(&center, "collision_suspected", here, 10).await;
    let new = store::get(&center.pool, new, &AreaScope::whole_city()).await.unwrap().unwrap();
    for _ in 0..2 {
        let mut transaction = center.pool.begin().await.unwrap();
        let gathered = incidents::from_alert(&mut transaction, &new, clock::now()).await.unwrap();
        assert_eq!(gathered.into_incident().sources, 3);
        transaction.commit().await.unwrap();
    }
    let mut given_up = center.pool.begin().await.unwrap();
    let other = Uuid::now_v7();
    let other = control_center::alerts::Alert { id: other, kind: "person_down".into(), ..new };
    incidents::from_alert(&mut given_up, &other, clock::now()).await.unwrap();
    given_up.rollback().await.unwrap();
    assert_eq!(lan.get("/api/v1/incidents?kind=person_down").await["items"], json!([]));
}

#[tokio::test]
async fn two_incidents_become_one_and_two_again() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let first = alert(&center, "smoke_or_fire", (20.40, 106.30), 60).await;
    let second = alert(&center, "smoke_or_fire", (20.45, 106.35), 60).await;
    let (_, stays) = post(&lan, "/api/v1/incidents", json!({ "alert": first })).await;
    let (_, goes) = post(&lan, "/api/v1/incidents", json!({ "alert": second })).await;
    let path = |incident: &Value| format!("/api/v1/incidents/{}", incident["id"].as_str().unwrap());
    let merge = format!("{}/merge", path(&stays));
    assert_eq!(post(&lan, &merge, json!({ "other": stays["id"] })).await.0, 422);
    assert_eq!(post(&lan, &merge, json!({ "other": Uuid::now_v7() })).await.0, 404);
    let (status, merged) = post(&lan, &merge, json!({ "other": goes["id"], "seq": stays["seq"] })).await;
    assert_eq!((status, &merged["sources"]), (StatusCode::OK, &json!(2)), "{merged}");
    assert_eq!(post(&lan, &merge, json!({ "other": goes["id"] })).await.0, 200, "it is so already");
    let gone = lan.get(&path(&goes)).await;
    assert_eq!(gone["incident"]["merged_into"], stays["id"]);
    assert_eq!(
        (&gone["incident"]["status"], &gone["incident"]["verdict"]),
        (&json!("closed"), &json!("duplicate"))
    );
    assert_eq!(gone["sources"], json!([]));
    let (status, _) = post(&lan, &format!("{}/reopen", path(&goes)), json!({ "reason": "x" })).await;
    assert_eq!(status, 409, "its sources are elsewhere: split it off there");
    // The alert stays with whom it was merged into.
    assert_eq!(post(&lan, "/api/v1/incidents", json!({ "alert": second })).await.1["id"], stays["id"]);
    let split = format!("{}/split", path(&stays));
    let (status, back) = post(&lan, &split, json!({ "incident": goes["id"] })).await;
    assert_eq!((status, &back["status"]), (StatusCode::OK, &json!("open")), "{back}");
    assert_eq!(lan.get(&path(&goes)).await["sources"][0]["ref"], second.to_string());
    assert_eq!(lan.get(&path(&stays)).await["incident"]["sources"], 1);
    // Some of its sources become a new one.
    let source = json!({ "kind": "alert", "ref": first });
    let (status, apart) = post(&lan, &split, json!({ "sources": [source], "title": "Khác" })).await;
    assert_eq!((status, &apart["title"], &apart["sources"]), (StatusCode::OK, &json!("Khác"), &json!(1)));
    let (status, _) = post(&lan, &split, json!({ "sources": [{ "kind": "alert", "ref": first }] })).await;
    assert_eq!(status, 422, "that one is not here any more");
    let view = lan.get(&path(&stays)).await;
    assert_eq!(changes(&view), ["opened", "absorbed", "split", "split"]);
    let numbers: i64 =
        sqlx::query_scalar("select last from incident_numbers").fetch_one(&center.pool).await.unwrap();
    assert_eq!(numbers, 3, "the refused split took no number");
}

#[tokio::test]
async fn an_incident_of_another_area_is_answered_like_none() {
    let center = Center::start().await;
    sqlx::query("insert into areas (id, name) values ('north', 'Bắc'), ('south', 'Nam')")
        .execute(&center.pool)
        .await
        .unwrap();
    center.add_user_of("bac", Role::Operator, AreaScope::of(vec!["north".into()])).await;
    center.add_user_of("nam", Role::Supervisor, AreaScope::of(vec!["south".into()])).await;
    let (bac, nam) = (center.sign_in("bac").await, center.sign_in("nam").await);
    let path = open(&bac, "fire").await;
    assert_eq!(bac.get(&path).await["incident"]["area"], "north", "who has one area means that one");
    let southern = open(&nam, "fire").await;
    let none = |path: &str| format!("/api/v1/incidents/{}{path}", Uuid::now_v7());
    let tries = [
        (Method::GET, "", json!({})),
        (Method::PATCH, "", json!({ "severity": "low" })),
        (Method::POST, "/take", json!({})),
        (Method::POST, "/steps/verify", json!({})),
        (Method::POST, "/notes", json!({ "text": "x" })),
        (Method::POST, "/resolve", json!({ "verdict": "false" })),
        (Method::POST, "/close", json!({})),
        (Method::POST, "/reopen", json!({ "reason": "x" })),
        (Method::POST, "/merge", json!({ "other": southern.rsplit('/').next().unwrap() })),
        (Method::POST, "/split", json!({ "incident": southern.rsplit('/').next().unwrap() })),
    ];
    for (method, tail, body) in tries {
        let send = async |path: String| {
            answer(nam.request(method.clone(), &path).json(&body).send().await.unwrap()).await
        };
        let wrong = send(format!("{path}{tail}")).await;
        assert_eq!(wrong.0, 404, "{method} {tail}: {wrong:?}");
        assert_eq!(wrong, send(none(tail)).await, "{method} {tail}: as if there were none");
    }
    let other = json!({ "other": path.rsplit('/').next().unwrap() });
    assert_eq!(post(&nam, &format!("{southern}/merge"), other).await.0, 404);
    assert_eq!(nam.get("/api/v1/incidents").await["items"].as_array().unwrap().len(), 1);
    let (status, _) = post(&nam, "/api/v1/incidents", json!({ "kind": "fire", "area": "north" })).await;
    assert_eq!(status, 422, "nobody opens what they could not see");
    let in_north = alert(&center, "smoke_or_fire", (20.4, 106.3), 5).await;
    sqlx::query("update alerts set area = 'north' where id = $1")
        .bind(in_north)
        .execute(&center.pool)
        .await
        .unwrap();
    assert_eq!(post(&nam, "/api/v1/incidents", json!({ "alert": in_north })).await.0, 404);
    let (status, opened) = post(&bac, "/api/v1/incidents", json!({ "alert": in_north })).await;
    assert!(status.is_success() && opened["area"] == "north", "{opened}");
    assert_eq!(center.audit_rows("incident.opened").await, 3);
}
