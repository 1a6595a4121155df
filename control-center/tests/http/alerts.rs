//! The alert list, its paging and filters, and acknowledging.

use crate::harness::{Center, NewAlert};
use control_center::access::users::Role;
use control_center::alerts::Severity;
use reqwest::Method;
use serde_json::Value;
use std::collections::HashSet;

#[tokio::test]
async fn paging_through_the_alerts_gives_each_once_the_newest_first_while_new_ones_come_in() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let high = NewAlert { edge: "e-1", severity: Severity::High };
    let low = NewAlert { edge: "e-2", severity: Severity::Low };
    let alerts: Vec<_> = (0..57).map(|i| if i % 3 == 0 { low } else { high }).collect();
    let ids = center.raise(&alerts).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = browser.get(&format!("/api/v1/alerts?limit=10{cursor}")).await;
        assert_eq!(page["open"]["high"], 38 + seen.len() / 10);
        seen.extend(page["items"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        // Newer than every page: must not shift the older ones.
        sqlx::query("update alerts set raised_at = raised_at").execute(&center.pool).await.unwrap();
        let newer = center.raise(&[high]).await[0];
        sqlx::query("update alerts set raised_at = now() where id = $1")
            .bind(newer)
            .execute(&center.pool)
            .await
            .unwrap();
    }
    let expected: Vec<String> = ids.iter().rev().map(ToString::to_string).collect();
    assert_eq!(seen, expected);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 57);
    let only_low = browser.get("/api/v1/alerts?severity=low&edge=e-2&state=open&active=true&limit=500").await;
    assert_eq!(only_low["items"].as_array().unwrap().len(), 19);
    assert_eq!(only_low["next_cursor"], Value::Null);
    for none in ["state=acknowledged", "active=false", "edge=e-3", "camera=south"] {
        let page = browser.get(&format!("/api/v1/alerts?{none}")).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 0, "{none}");
    }
    for bad in ["limit=0", "limit=501", "severity=grave", "cursor=x", "state=new", "page=2", "edge=A"] {
        let refused = browser.request(Method::GET, &format!("/api/v1/alerts?{bad}")).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{bad}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn of_many_acknowledgements_at_once_one_wins_and_the_others_learn_who() {
    let center = Center::start().await;
    let id = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await[0];
    let path = format!("/api/v1/alerts/{id}/acknowledge");
    let mut browsers = Vec::new();
    for name in ["lan", "minh", "huong"] {
        browsers.push(center.person(name, Role::Operator).await);
    }
    let tries = (0..30).map(|i| browsers[i % 3].request(Method::POST, &path).send());
    let mut winners = HashSet::new();
    for response in futures_util::future::join_all(tries).await {
        let response = response.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        assert!(matches!(status, 200 | 409), "{status} {body}");
        let name = body["acknowledged_by"]["name"].as_str().unwrap().to_owned();
        assert!(name.starts_with("Người "), "{name}");
        winners.insert(name);
    }
    assert_eq!(winners.len(), 1, "everybody learns the same winner: {winners:?}");
    let changes: i64 = sqlx::query_scalar("select count(*) from alert_log where change = 'acknowledged'")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(changes, 1);
    let alert = browsers[0].get(&format!("/api/v1/alerts/{id}")).await;
    assert!(alert["acknowledged_at"].is_string() && alert["active"] == true);
    assert!(center.audit_rows("alert.acknowledge").await >= 1);
}

#[tokio::test]
async fn an_alert_that_is_not_there_is_404_and_a_viewer_may_not_acknowledge() {
    let center = Center::start().await;
    let id = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await[0];
    let operator = center.person("lan", Role::Operator).await;
    let viewer = center.person("minh", Role::Viewer).await;
    let other = uuid::Uuid::now_v7();
    let missing = operator.request(Method::POST, &format!("/api/v1/alerts/{other}/acknowledge"));
    assert_eq!(missing.send().await.unwrap().status(), 404);
    let missing = operator.request(Method::GET, &format!("/api/v1/alerts/{other}"));
    assert_eq!(missing.send().await.unwrap().status(), 404);
    let odd = operator.request(Method::GET, "/api/v1/alerts/7");
    assert_eq!(odd.send().await.unwrap().status(), 400);
    let refused = viewer.request(Method::POST, &format!("/api/v1/alerts/{id}/acknowledge"));
    assert_eq!(refused.send().await.unwrap().status(), 403);
}
