//! A webhook that never succeeds: ten attempts over 75 hours under one id, and then no more.

use crate::dispatch::{get, open, put_unit, receiver, runner, send, settle, taken};
use crate::harness::Center;
use chrono::{DateTime, TimeDelta, Utc};
use control_center::access::users::Role;
use control_center::clock;
use control_center::dispatch::plan::RETRY_AFTER_S;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_webhook_is_tried_ten_times_over_75_hours_each_at_its_time() {
    let center = Center::start().await;
    let (hook, hooked) = receiver(vec![500]).await;
    let runner = runner(&center, None, &["127.0.0.1"]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    let channels = json!([{ "kind": "webhook", "url": format!("http://{hook}/hook") }]);
    put_unit(&admin, "u-1", json!({ "channels": channels })).await;
    let dispatch = send(&lan, &open(&lan).await, "u-1").await;
    let start = clock::now();
    settle(&runner, start).await;
    let next = async || {
        let sql = "select next_at from deliveries";
        sqlx::query_scalar::<_, Option<DateTime<Utc>>>(sql).fetch_one(&center.pool).await.unwrap()
    };
    let (mut before, mut waits) = (start, Vec::new());
    while let Some(at) = next().await {
        settle(&runner, at - TimeDelta::microseconds(1)).await;
        assert_eq!(taken(&hooked).len(), waits.len() + 1, "not a moment earlier");
        settle(&runner, at).await;
        waits.push((at - before).num_seconds());
        before = at;
    }
    assert_eq!(waits.len(), RETRY_AFTER_S.len());
    for (wait, least) in waits.iter().zip(RETRY_AFTER_S) {
        // Up to a tenth more, and how long the attempt itself took.
        assert!((least..=least + least / 10 + 30).contains(wait), "{waits:?}");
    }
    let attempts = taken(&hooked);
    assert_eq!(attempts.len(), 10);
    let ids: BTreeSet<&str> =
        attempts.iter().map(|(headers, _)| headers["webhook-id"].to_str().unwrap()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    settle(&runner, before + TimeDelta::days(30)).await;
    assert_eq!(taken(&hooked).len(), 10, "and no more");
    let path = format!("/api/v1/dispatches/{}", dispatch["id"].as_str().unwrap());
    let delivery = &get(&lan, &path).await["deliveries"][0];
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(10)));
}
