//! A database that is not the center's own, and one that is busy.

use crate::harness::{Center, NewAlert};
use crate::postgres::Postgres;
use control_center::access::users::Role;
use control_center::alerts::Severity;
use control_center::database;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;

#[tokio::test]
async fn connections_over_tcp_are_kept_alive_and_a_forgotten_transaction_ends() {
    let (_server, port) = Postgres::over_tcp();
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("postgres");
    // Waits for a server that is still starting.
    let pool = database::connect(options.database("postgres")).await.unwrap();
    let settings = [
        ("idle_in_transaction_session_timeout", "1min"),
        ("tcp_keepalives_idle", "30"),
        ("tcp_keepalives_interval", "10"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "60000"),
    ];
    for (name, wanted) in settings {
        let value: String =
            sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(&pool).await.unwrap();
        assert_eq!(value, wanted, "{name}");
    }
    pool.close().await;
}

#[tokio::test]
async fn who_meets_a_locked_log_is_told_to_come_again_and_may() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Operator).await;
    let [first, second] = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }; 2]).await[..]
    else {
        unreachable!()
    };
    // A center that hangs in the middle.
    let mut stuck = center.pool.begin().await.unwrap();
    for lock in [7_220_501_i64, 7_220_502] {
        sqlx::query("select pg_advisory_xact_lock($1)").bind(lock).execute(&mut *stuck).await.unwrap();
    }
    let acknowledge = async || {
        let path = format!("/api/v1/alerts/{first}/acknowledge");
        browser.request(Method::POST, &path).header("idempotency-key", "once").send().await.unwrap()
    };
    let (one, many, incident) = tokio::join!(
        acknowledge(),
        browser.request(Method::POST, "/api/v1/alerts/acknowledge").json(&json!({ "ids": [second] })).send(),
        browser.request(Method::POST, "/api/v1/incidents").json(&json!({ "alert": first })).send(),
    );
    for refused in [one, many.unwrap(), incident.unwrap()] {
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers()["retry-after"], "2");
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["type"], "urn:ngatu:problem:log-busy");
    }
    let document = browser.get("/api/v1/openapi.json").await;
    let answer = &document["paths"]["/api/v1/alerts/{id}/acknowledge"]["post"]["responses"]["503"];
    assert!(answer["headers"]["Retry-After"].is_object(), "{answer}");
    stuck.rollback().await.unwrap();
    assert_eq!(acknowledge().await.status(), 200, "the refusal was not kept as the answer");
}
