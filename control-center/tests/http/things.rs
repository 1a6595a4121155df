//! One thing of each kind, all of which lie in the south, and calls that name them.

use crate::areas::import;
use crate::harness::{Browser, Center, NewAlert, PASSWORD, jpeg};
use crate::reports;
use chrono::TimeDelta;
use control_center::alerts::Severity;
use control_center::clock;
use control_center::evidence::Digest;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// Things that lie in the south.
pub(crate) struct Things {
    pub(crate) alert: String,
    pub(crate) incident: String,
    pub(crate) other_incident: String,
    pub(crate) user: String,
    pub(crate) token: String,
    pub(crate) digest: String,
    pub(crate) dispatch: String,
    pub(crate) silence: String,
    pub(crate) backtest: String,
    /// A message in the CAP feed.
    pub(crate) cap: String,
    /// A citizen's report, and one to reject.
    pub(crate) report: String,
    pub(crate) other_report: String,
    /// A unit that serves the south alone.
    pub(crate) unit: String,
}

fn with_body(request: RequestBuilder, body: &Value) -> RequestBuilder {
    if body.is_null() { request } else { request.json(body) }
}

pub(crate) async fn call(
    browser: &Browser<'_>,
    method: &Method,
    address: &str,
    body: &Value,
) -> (StatusCode, String) {
    let request = with_body(browser.request(method.clone(), address), body);
    let answer = request.send().await.unwrap();
    (answer.status(), String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned())
}

pub(crate) async fn made(browser: &Browser<'_>, path: &str, body: Value) -> Value {
    let (status, text) = call(browser, &Method::POST, path, &body).await;
    assert!(status.is_success(), "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

pub(crate) async fn put(center: &Center, secret: &str, path: String) {
    let request = center.bare(Method::PUT, &path).basic_auth("e-1", Some(secret));
    let sent = request.header("content-type", "image/jpeg").body(jpeg(1)).send().await.unwrap();
    assert!(sent.status().is_success(), "{path}");
}

pub(crate) async fn things(center: &Center, chief: &Browser<'_>) -> Things {
    import(center).await;
    let secret = center.add_edge_secret("e-1").await;
    put(center, &secret, "/api/v1/cameras/e-1/b/picture?taken_at=2024-11-22T08:00:00Z".into()).await;
    let digest = Digest::of(&jpeg(1)).to_string();
    put(center, &secret, format!("/api/v1/evidence/{digest}?camera=b")).await;
    let alert = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await[0];
    sqlx::query("update alerts set camera = 'b', area = 'south'").execute(&center.pool).await.unwrap();
    let place = json!({ "lat": 20.4463, "lon": 106.3366 });
    let mut incidents = Vec::new();
    for title in ["Khói", "Lửa"] {
        let new = json!({ "kind": "fire", "title": title, "place": place, "area": "south" });
        incidents.push(made(chief, "/api/v1/incidents", new).await);
    }
    // All but the first step are done, so that it can be resolved after that.
    for step in incidents[0]["steps"].as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap()) {
        if step != "verify" {
            let path = format!("/api/v1/incidents/{}/steps/{step}", incidents[0]["id"].as_str().unwrap());
            made(chief, &path, json!({})).await;
        }
    }
    let user = json!({ "name": "south", "role": "viewer", "areas": ["south"], "password": PASSWORD });
    let user = made(chief, "/api/v1/users", user).await;
    let token = json!({ "name": "south", "role": "viewer", "areas": ["south"], "days": 1 });
    let token = made(chief, "/api/v1/tokens", token).await;
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let mut southern = unit();
    southern["areas"] = json!(["south"]);
    for (id, unit) in [("u-1", unit()), ("u-2", southern)] {
        let (status, text) = call(chief, &Method::PUT, &format!("/api/v1/units/{id}"), &unit).await;
        assert!(status.is_success(), "{text}");
    }
    let dispatch = json!({ "incident": id(&incidents[0]), "unit": "u-1" });
    let dispatch = made(chief, "/api/v1/dispatches", dispatch).await;
    let silence = made(chief, "/api/v1/silences", silence()).await;
    let backtest = made(chief, "/api/v1/policies/backtest", json!({ "policy": {}, "days": 1 })).await;
    let cap = "center.example.vn-1";
    sqlx::query(
        "insert into cap_messages (identifier, incident, kind, sent, area, title, document)
         values ($1, $2::uuid, 'Alert', now(), 'south', 'Khói', '<alert/>')",
    )
    .bind(cap)
    .bind(id(&incidents[0]))
    .execute(&center.pool)
    .await
    .unwrap();
    let mut reports = Vec::new();
    for picture in 1..=2 {
        let (status, filed) = reports::file(center, &[("area", "south")], picture).await;
        assert_eq!(status, StatusCode::CREATED, "{filed}");
        reports.push(filed["number"].as_str().unwrap().to_owned());
    }
    let [report, other_report] = reports.try_into().unwrap();
    Things {
        silence: id(&silence),
        backtest: id(&backtest),
        cap: format!("{cap}.xml"),
        report,
        other_report,
        unit: "u-2".into(),
        dispatch: id(&dispatch),
        alert: alert.to_string(),
        incident: id(&incidents[0]),
        other_incident: id(&incidents[1]),
        user: id(&user["user"]),
        token: id(&token["token"]),
        digest,
    }
}

/// A silence for the south.
pub(crate) fn silence() -> Value {
    json!({ "match": { "areas": ["south"] }, "until": clock::now() + TimeDelta::hours(1), "reason": "lễ hội" })
}

pub(crate) fn unit() -> Value {
    json!({ "name_vi": "Công an", "name_en": "Police", "kind": "police", "areas": ["*"], "channels": [{ "kind": "inbox" }] })
}
