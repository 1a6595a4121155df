//! A POST that is sent again with its key is done once.

use crate::harness::Center;
use crate::incidents::answer;
use control_center::access::users::Role;
use control_center::incidents::reports::{NewReport, file_report};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_write_that_is_sent_again_is_done_once_and_answered_alike() {
    let center = Center::start().await;
    let (lan, minh) =
        (center.person("lan", Role::Operator).await, center.person("minh", Role::Operator).await);
    let send = |browser: &crate::harness::Browser<'_>, key: &str, body: &Value| {
        browser.request(Method::POST, "/api/v1/incidents").header("idempotency-key", key).json(body).send()
    };
    let fire = json!({ "kind": "fire" });
    let first = send(&lan, "k-1", &fire).await.unwrap();
    assert!(first.headers().get("idempotency-replayed").is_none());
    let first = answer(first).await;
    assert_eq!(first.0, 201);
    let again = send(&lan, "k-1", &fire).await.unwrap();
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.headers()["content-type"], "application/json");
    assert_eq!(answer(again).await, first);
    // The same key of somebody else, and another key of the same person, are other requests.
    assert_ne!(answer(send(&minh, "k-1", &fire).await.unwrap()).await.1["id"], first.1["id"]);
    assert_ne!(answer(send(&lan, "k-2", &fire).await.unwrap()).await.1["id"], first.1["id"]);
    let misused = send(&lan, "k-1", &json!({ "kind": "flood" })).await.unwrap();
    assert_eq!(misused.status(), 422);
    // A refusal is an answer too.
    for _ in 0..2 {
        let refused = send(&lan, "k-3", &json!({ "kind": "earthquake" })).await.unwrap();
        assert_eq!(refused.status(), 422);
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
    for bad in ["", &"k".repeat(201)] {
        assert_eq!(send(&lan, bad, &fire).await.unwrap().status(), 400);
    }
    let opened: i64 =
        sqlx::query_scalar("select count(*) from incidents").fetch_one(&center.pool).await.unwrap();
    assert_eq!(opened, 3);
}

#[tokio::test]
async fn fifty_at_once_with_one_key_are_one() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let send = || {
        let request = lan.request(Method::POST, "/api/v1/incidents").header("idempotency-key", "k");
        request.json(&json!({ "kind": "fire" })).send()
    };
    let sent = futures_util::future::join_all((0..50).map(|_| send())).await;
    for response in sent {
        let status = response.unwrap().status();
        assert!(matches!(status, StatusCode::CREATED | StatusCode::CONFLICT), "{status}");
    }
    let opened: i64 =
        sqlx::query_scalar("select count(*) from incidents").fetch_one(&center.pool).await.unwrap();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day_and_a_cut_off_request_is_done_again() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let send = async |key: &str| {
        let request = lan.request(Method::POST, "/api/v1/incidents").header("idempotency-key", key);
        answer(request.json(&json!({ "kind": "fire" })).send().await.unwrap()).await
    };
    let first = send("k").await;
    sqlx::query("update idempotency set created_at = created_at - interval '25 hours'")
        .execute(&center.pool)
        .await
        .unwrap();
    assert_ne!(send("k").await.1["id"], first.1["id"]);
    // As a center that was killed in the middle leaves it.
    let cut_off = "update idempotency set status = null, body = null";
    sqlx::query(cut_off).execute(&center.pool).await.unwrap();
    assert_eq!(send("k").await.0, 409, "it may still be under way");
    sqlx::query("update idempotency set created_at = created_at - interval '5 minutes'")
        .execute(&center.pool)
        .await
        .unwrap();
    assert_eq!(send("k").await.0, 201);
    let now = control_center::clock::now() + chrono::TimeDelta::days(2);
    control_center::http::forget_old_answers(&center.pool, now).await.unwrap();
    let kept: i64 =
        sqlx::query_scalar("select count(*) from idempotency").fetch_one(&center.pool).await.unwrap();
    assert_eq!(kept, 0);
}

/// A center that is killed between the two would do a repeated request again.
#[tokio::test]
async fn what_is_done_and_its_answer_are_committed_together() {
    let center = Center::start().await;
    let admin = center.person("admin", Role::Admin).await;
    let incident = crate::incidents::post(&admin, "/api/v1/incidents", json!({ "kind": "fire" })).await.1;
    // A back-test's own row is changed while it runs.
    for statement in [
        "create table begun (id uuid)",
        "create function note_begun() returns trigger language plpgsql as
           $$ begin insert into begun values (new.id); return null; end $$",
        "create trigger note_begun after insert on backtests for each row execute function note_begun()",
    ] {
        sqlx::raw_sql(statement).execute(&center.pool).await.unwrap();
    }
    let until = control_center::clock::now() + chrono::TimeDelta::hours(1);
    let policy = json!({ "body": { "rule": [] }, "note": "một" });
    let silence = json!({ "match": { "cameras": ["e-1/a"] }, "until": until, "reason": "lễ" });
    let note = format!("/api/v1/incidents/{}/notes", incident["id"].as_str().unwrap());
    let newest_log = "incident_log order by seq desc limit 1";
    let forward = format!(
        "/api/v1/alerts/{}/forward",
        crate::incidents::alert(&center, "smoke_or_fire", (20.4, 106.3), 60).await
    );
    // Another one with two sources, and one that is over.
    let mut sources = Vec::new();
    for ago_s in [30, 31] {
        let id = crate::incidents::alert(&center, "smoke_or_fire", (20.4, 106.3), ago_s).await.to_string();
        sources.push(crate::incidents::post(&admin, "/api/v1/incidents", json!({ "alert": id })).await.1);
    }
    let of = format!("/api/v1/incidents/{}", sources[0]["id"].as_str().unwrap());
    let first_source = admin.get(&of).await["sources"][0]["ref"].clone();
    let (split, reopen) = (format!("{of}/split"), note.replace("/notes", "/reopen"));
    let over =
        "update incidents set status = 'resolved', resolved_at = now(), verdict = 'true' where id = $1::uuid";
    sqlx::query(over).bind(incident["id"].as_str().unwrap()).execute(&center.pool).await.unwrap();
    let mut reports = Vec::new();
    for word in ["reject", "answer"] {
        let new =
            NewReport { kind: "flood".into(), text: "Ngập".into(), language: "vi", ..NewReport::default() };
        let mut connection = center.pool.acquire().await.unwrap();
        let now = control_center::clock::now();
        let filed = file_report(&mut connection, &new, now).await.unwrap();
        reports.push(format!("/api/v1/reports/{}/{word}", filed.number));
    }
    let table = [
        ("/api/v1/policies", policy, 201, "policies where version = 2"),
        ("/api/v1/policies/2/activate", json!({}), 200, "policies where version = 2"),
        ("/api/v1/silences", silence, 201, "silences"),
        ("/api/v1/policies/backtest", json!({ "policy": { "rule": [] }, "days": 1 }), 202, "begun"),
        (note.as_str(), json!({ "text": "gió" }), 200, newest_log),
        (reopen.as_str(), json!({ "reason": "còn cháy" }), 200, newest_log),
        (split.as_str(), json!({ "sources": [{ "kind": "alert", "ref": first_source }] }), 200, newest_log),
        (
            forward.as_str(),
            json!({ "user": "admin", "message": "xem" }),
            200,
            "alert_log order by seq desc limit 1",
        ),
        (reports[0].as_str(), json!({ "reason": "trùng" }), 200, "reports where state = 'rejected'"),
        (reports[1].as_str(), json!({ "text": "cảm ơn" }), 200, "reports where state = 'answered'"),
    ];
    for (n, (path, body, wanted, rows)) in table.into_iter().enumerate() {
        let send = async || {
            let request = admin.request(Method::POST, path).header("idempotency-key", format!("k-{n}"));
            answer(request.json(&body).send().await.unwrap()).await
        };
        let first = send().await;
        assert_eq!(first.0, wanted, "{path}: {}", first.1);
        assert_eq!(send().await, first, "{path}");
        let sql = format!(
            "select (select xmin from idempotency where key = 'k-{n}')::text = (select xmin from {rows})::text"
        );
        let together: bool =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&center.pool).await.unwrap();
        assert!(together, "{path}: answer and row are of one transaction");
    }
}
