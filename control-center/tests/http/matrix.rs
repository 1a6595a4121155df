//! Every documented path that names something, called for things of another area and for things that do not exist; and
//! every documented write, which leaves exactly one audit row.

use crate::areas::import;
use crate::harness::{Browser, Center, NewAlert, PASSWORD, jpeg};
use chrono::TimeDelta;
use control_center::access::table::{self, Who};
use control_center::access::users::Role;
use control_center::alerts::Severity;
use control_center::clock;
use control_center::evidence::Digest;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Things that lie in the south.
pub(crate) struct Things {
    pub(crate) alert: String,
    pub(crate) incident: String,
    other_incident: String,
    pub(crate) user: String,
    pub(crate) token: String,
    pub(crate) digest: String,
    pub(crate) dispatch: String,
}

/// What to call: method and path as the document writes it, and a body that is in order.
type Call = (Method, &'static str, Value);

/// What is called in files of its own: what a citizen reports, policies and silences, which lie in no area, units, which
/// may be made under any id, and what belongs to the members of a unit or to who has a link.
fn is_elsewhere(path: &str) -> bool {
    let begins = [
        "/api/v1/reports",
        "/api/v1/policies",
        "/api/v1/backtests",
        "/api/v1/silences",
        "/api/v1/units",
        "/api/v1/inbox",
        "/link/",
        "/cap/",
    ];
    begins.iter().any(|begin| path.starts_with(begin))
}

/// Every call that names a thing by its id, in an order in which each one succeeds.
fn calls(things: &Things) -> Vec<Call> {
    use reqwest::Method as M;
    let until = clock::now() + TimeDelta::hours(1);
    let none = Value::Null;
    vec![
        (M::GET, "/api/v1/alerts/{id}", none.clone()),
        (M::GET, "/api/v1/alerts/{id}/log", none.clone()),
        (M::POST, "/api/v1/alerts/{id}/claim", none.clone()),
        (M::POST, "/api/v1/alerts/{id}/release", none.clone()),
        (M::POST, "/api/v1/alerts/{id}/forward", json!({ "unit": "u-1", "message": "x" })),
        (M::POST, "/api/v1/alerts/{id}/shelve", json!({ "until": until, "reason": "x" })),
        (M::POST, "/api/v1/alerts/{id}/unshelve", none.clone()),
        (M::POST, "/api/v1/alerts/{id}/acknowledge", none.clone()),
        (M::POST, "/api/v1/alerts/{id}/dismiss", json!({ "verdict": "false", "reason": "shadow" })),
        (M::GET, "/api/v1/incidents/{id}", none.clone()),
        (M::PATCH, "/api/v1/incidents/{id}", json!({ "owner": null })),
        (M::POST, "/api/v1/incidents/{id}/take", none.clone()),
        (M::POST, "/api/v1/incidents/{id}/notes", json!({ "text": "x" })),
        (M::POST, "/api/v1/incidents/{id}/steps/{step}", json!({})),
        (M::POST, "/api/v1/incidents/{id}/merge", json!({ "other": things.other_incident })),
        (M::POST, "/api/v1/incidents/{id}/split", json!({ "incident": things.other_incident })),
        (M::GET, "/api/v1/dispatches/{id}", none.clone()),
        (M::POST, "/api/v1/dispatches/{id}/state", json!({ "state": "recalled", "answer": "x" })),
        (M::POST, "/api/v1/incidents/{id}/resolve", json!({ "verdict": "true" })),
        (M::POST, "/api/v1/incidents/{id}/close", none.clone()),
        (M::POST, "/api/v1/incidents/{id}/reopen", json!({ "reason": "x" })),
        (M::GET, "/api/v1/cameras/{edge}/{camera}/picture", none.clone()),
        (M::GET, "/api/v1/evidence/{digest}", none.clone()),
        (M::GET, "/api/v1/users/{id}", none.clone()),
        (M::PATCH, "/api/v1/users/{id}", json!({ "full_name": "Khác" })),
        (M::DELETE, "/api/v1/users/{id}/sessions", none.clone()),
        (M::DELETE, "/api/v1/tokens/{id}", none.clone()),
        (M::POST, "/api/v1/edges/{id}/claim-codes", none.clone()),
        (M::DELETE, "/api/v1/edges/{id}/credential", none),
    ]
}

/// The documented address with the ids of these things, or with ids that do not exist.
fn address(path: &str, things: &Things) -> String {
    let id = match path {
        path if path.contains("/alerts/") => &things.alert,
        path if path.contains("/incidents/") => &things.incident,
        path if path.contains("/dispatches/") => &things.dispatch,
        path if path.contains("/users/") => &things.user,
        path if path.contains("/tokens/") => &things.token,
        path if path.contains("/edges/") => "e-1",
        path if path.contains("/units/") => "u-1",
        _ => "-",
    };
    path.replace("{id}", id)
        .replace("{step}", "verify")
        .replace("{edge}", "e-1")
        .replace("{camera}", "b")
        .replace("{digest}", &things.digest)
}

fn unknown(path: &str) -> String {
    let id = if path.contains("/edges/") { "e-9".to_owned() } else { Uuid::now_v7().to_string() };
    path.replace("{id}", &id)
        .replace("{step}", "verify")
        .replace("{edge}", "e-9")
        .replace("{camera}", "b")
        .replace("{digest}", &format!("sha256:{}", "0".repeat(64)))
}

fn with_body(request: RequestBuilder, body: &Value) -> RequestBuilder {
    if body.is_null() { request } else { request.json(body) }
}

async fn call(browser: &Browser<'_>, method: &Method, address: &str, body: &Value) -> (StatusCode, String) {
    let request = with_body(browser.request(method.clone(), address), body);
    let answer = request.send().await.unwrap();
    (answer.status(), String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned())
}

async fn made(browser: &Browser<'_>, path: &str, body: Value) -> Value {
    let (status, text) = call(browser, &Method::POST, path, &body).await;
    assert!(status.is_success(), "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

async fn put(center: &Center, secret: &str, path: String) {
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
    let (status, unit) = call(chief, &Method::PUT, "/api/v1/units/u-1", &unit()).await;
    assert!(status.is_success(), "{unit}");
    let dispatch = json!({ "incident": id(&incidents[0]), "unit": "u-1" });
    let dispatch = made(chief, "/api/v1/dispatches", dispatch).await;
    Things {
        dispatch: id(&dispatch),
        alert: alert.to_string(),
        incident: id(&incidents[0]),
        other_incident: id(&incidents[1]),
        user: id(&user["user"]),
        token: id(&token["token"]),
        digest,
    }
}

fn unit() -> Value {
    json!({ "name_vi": "Công an", "name_en": "Police", "kind": "police", "areas": ["*"], "channels": [{ "kind": "inbox" }] })
}

fn documented() -> BTreeSet<(String, String)> {
    let document: Value = serde_json::from_str(&control_center::http::openapi::document_json()).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        found.extend(item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    }
    found
}

async fn rows(center: &Center) -> i64 {
    sqlx::query_scalar("select id from audit_head").fetch_one(&center.pool).await.unwrap()
}

#[tokio::test]
async fn what_lies_in_another_area_is_answered_like_what_does_not_exist_on_every_path() {
    let center = Center::start().await;
    let chief = center.person("chief", Role::Admin).await;
    let things = things(&center, &chief).await;
    let north = center.person_of("north", Role::Admin, &["north"]).await;
    let calls = calls(&things);
    let named: BTreeSet<_> =
        calls.iter().map(|(method, path, _)| (method.to_string(), (*path).to_owned())).collect();
    let people = |(method, path): &(String, String)| {
        let who = table::who(&method.parse().unwrap(), path);
        path.contains('{') && !is_elsewhere(path) && matches!(who, Some(Who::People(_)))
    };
    let wanted: BTreeSet<_> = documented().into_iter().filter(people).collect();
    assert_eq!(named, wanted, "each documented path with an id has its call here");
    for (method, path, body) in &calls {
        let foreign = call(&north, method, &address(path, &things), body).await;
        let nobodys = call(&north, method, &unknown(path), body).await;
        assert_eq!(foreign.0, StatusCode::NOT_FOUND, "{method} {path}: {}", foreign.1);
        assert_eq!(foreign, nobodys, "{method} {path}");
    }
    for (method, path, body) in &calls {
        let (status, text) = call(&chief, method, &address(path, &things), body).await;
        assert!(status.is_success(), "{method} {path} for who has the whole city: {status} {text}");
    }
}

#[tokio::test]
async fn every_write_and_every_look_leaves_exactly_one_audit_row() {
    let center = Center::start().await;
    let chief = center.person("chief", Role::Admin).await;
    let things = things(&center, &chief).await;
    let alert = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await[0];
    let new_user = json!({ "name": "lan", "role": "viewer", "areas": ["*"], "password": PASSWORD });
    let place = json!({ "lat": 20.4, "lon": 106.3 });
    let mut calls = calls(&things);
    calls.extend([
        (Method::POST, "/api/v1/alerts/acknowledge", json!({ "ids": [alert] })),
        (Method::POST, "/api/v1/incidents", json!({ "kind": "fire", "title": "Ba", "place": place.clone() })),
        (Method::POST, "/api/v1/users", new_user),
        (Method::POST, "/api/v1/tokens", json!({ "name": "t", "role": "viewer", "areas": ["*"], "days": 1 })),
        (Method::PATCH, "/api/v1/me", json!({ "language": "en" })),
        (Method::POST, "/api/v1/dispatches", json!({ "incident": things.incident, "unit": "u-1" })),
        (Method::PUT, "/api/v1/units/{id}", unit()),
    ]);
    let signal = json!({ "source": "s-1", "id": "1", "kind": "forest_fire", "time": clock::now(), "severity": "low",
        "place": place, "title": "x" });
    calls.push((Method::POST, "/api/v1/signals", signal));
    let procedures = chief.get("/api/v1/procedures").await;
    let mut flood =
        procedures["items"].as_array().unwrap().iter().find(|item| item["kind"] == "flood").unwrap().clone();
    flood["severity"] = json!(if flood["severity"] == "low" { "high" } else { "low" });
    calls.push((Method::PUT, "/api/v1/procedures", json!({ "items": [flood] })));
    let looks = ["/api/v1/cameras/{edge}/{camera}/picture", "/api/v1/evidence/{digest}"];
    let mut written = BTreeSet::new();
    for (method, path, body) in &calls {
        let before = rows(&center).await;
        let (status, text) = call(&chief, method, &address(path, &things), body).await;
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        let wanted = i64::from(*method != Method::GET || looks.contains(path));
        assert_eq!(rows(&center).await - before, wanted, "{method} {path}");
        written.insert((method.to_string(), (*path).to_owned()));
    }
    // A refused write leaves none.
    let before = rows(&center).await;
    let (status, _) = call(&chief, &Method::POST, "/api/v1/users", &json!({ "name": "lan" })).await;
    assert!(status.is_client_error());
    assert_eq!(rows(&center).await, before);

    let password = json!({ "old": PASSWORD, "new": "một cụm từ khác hẳn" });
    let before = rows(&center).await;
    assert_eq!(call(&chief, &Method::POST, "/api/v1/me/password", &password).await.0, 200);
    assert_eq!(center.try_sign_in("chief", "một cụm từ khác hẳn").await.status(), 200);
    assert_eq!(rows(&center).await - before, 2, "a new password, and signing in");
    let lan = center.sign_in("lan").await;
    assert_eq!(call(&lan, &Method::DELETE, "/api/v1/session", &Value::Null).await.0, 204);
    assert_eq!(rows(&center).await - before, 4);
    let (code, _) = claim(&center).await;
    let before = rows(&center).await;
    let enrolled =
        center.bare(Method::POST, "/api/v1/enroll").json(&json!({ "code": code })).send().await.unwrap();
    let secret = enrolled.json::<Value>().await.unwrap()["secret"].as_str().unwrap().to_owned();
    assert_eq!(rows(&center).await - before, 1);
    let kept = center.bare(Method::PUT, &format!("/api/v1/evidence/{}", Digest::of(&jpeg(2))));
    let kept = kept.basic_auth("e-1", Some(&secret)).header("content-type", "image/jpeg").body(jpeg(2));
    assert_eq!(kept.send().await.unwrap().status(), 201);
    assert_eq!(rows(&center).await - before, 2);
    // Newest pictures are replaced every few seconds and are no evidence: no row.
    put(&center, &secret, "/api/v1/cameras/e-1/b/picture?taken_at=2024-11-22T08:00:00Z".into()).await;
    assert_eq!(rows(&center).await - before, 2);
    for (method, path) in [
        ("POST", "/api/v1/me/password"),
        ("POST", "/api/v1/session"),
        ("DELETE", "/api/v1/session"),
        ("POST", "/api/v1/enroll"),
        ("PUT", "/api/v1/evidence/{digest}"),
        ("PUT", "/api/v1/cameras/{edge}/{camera}/picture"),
    ] {
        written.insert((method.to_owned(), path.to_owned()));
    }
    let wanted: BTreeSet<_> =
        documented().into_iter().filter(|(method, path)| method != "GET" && !is_elsewhere(path)).collect();
    let missing: Vec<_> = wanted.difference(&written).collect();
    assert!(missing.is_empty(), "each documented write is counted here: {missing:?}");
    assert!(control_center::access::chain::verify(&center.pool, &[]).await.is_ok());
}

async fn claim(center: &Center) -> (String, Value) {
    let admin = center.person("claimer", Role::Admin).await;
    let made = made(&admin, "/api/v1/edges/e-1/claim-codes", Value::Null).await;
    (made["code"].as_str().unwrap().to_owned(), made)
}

#[tokio::test]
async fn a_claim_code_gives_one_credential_once_and_a_guess_none() {
    let center = Center::start().await;
    import(&center).await;
    let (code, _) = claim(&center).await;
    let admin = center.sign_in("claimer").await;
    let enroll = async |code: &str, from: &str| {
        let request = center.bare(Method::POST, "/api/v1/enroll").header("x-forwarded-for", from);
        let answer = request.json(&json!({ "code": code })).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let newer = made(&admin, "/api/v1/edges/e-1/claim-codes", Value::Null).await;
    assert_eq!(enroll(&code, "198.51.100.1").await.0, 403, "a newer code replaces it");
    let code = newer["code"].as_str().unwrap();
    let small = code.to_lowercase();
    let both = tokio::join!(enroll(code, "198.51.100.1"), enroll(&small, "198.51.100.1"));
    let mut statuses = [both.0.0.as_u16(), both.1.0.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "of two at once one gets it");
    let given = if both.0.0 == 200 { both.0.1 } else { both.1.1 };
    let secret = given["secret"].as_str().unwrap();
    assert_eq!(given["edge"], "e-1");
    put(&center, secret, "/api/v1/cameras/e-1/b/picture?taken_at=2024-11-22T08:00:00Z".into()).await;

    let old = made(&admin, "/api/v1/edges/e-1/claim-codes", Value::Null).await;
    sqlx::query("update claim_codes set expires_at = now()").execute(&center.pool).await.unwrap();
    assert_eq!(enroll(old["code"].as_str().unwrap(), "198.51.100.1").await.0, 403, "24 hours have passed");
    let wrong = enroll(&"7".repeat(32), "198.51.100.2").await;
    assert_eq!(wrong, enroll(code, "198.51.100.2").await, "used, or never given out: it is not told");
    let mut guesses = 2;
    while enroll("guess", "198.51.100.2").await.0 == 403 {
        guesses += 1;
        assert!(guesses <= 15, "an address may guess ten times at once, and then one each six seconds");
    }
    assert!(guesses >= 10, "{guesses}");
    assert_eq!(enroll("guess", "198.51.100.3").await.0, 403, "another address may");
    let gone = admin.request(Method::DELETE, "/api/v1/edges/e-1/credential").send().await.unwrap();
    assert_eq!(gone.status(), 204);
    let path = "/api/v1/cameras/e-1/b/picture?taken_at=2024-11-22T08:00:00Z";
    let refused = center.bare(Method::PUT, path).basic_auth("e-1", Some(secret));
    let refused = refused.header("content-type", "image/jpeg").body(jpeg(1)).send().await.unwrap();
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn of_many_codes_that_are_made_at_once_for_one_edge_one_can_be_used() {
    let center = Center::start().await;
    import(&center).await;
    let admin = center.person("admin", Role::Admin).await;
    let making = (0..12).map(|_| made(&admin, "/api/v1/edges/e-1/claim-codes", Value::Null));
    let codes = futures_util::future::join_all(making).await;
    let waiting: i64 = sqlx::query_scalar("select count(*) from claim_codes where used_at is null")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(waiting, 1);
    let mut taken = 0;
    for (n, code) in codes.into_iter().enumerate() {
        let sent =
            center.bare(Method::POST, "/api/v1/enroll").header("x-forwarded-for", format!("198.51.100.{n}"));
        let sent = sent.json(&json!({ "code": code["code"] })).send().await.unwrap();
        taken += i32::from(sent.status() == 200);
    }
    assert_eq!(taken, 1);
}
