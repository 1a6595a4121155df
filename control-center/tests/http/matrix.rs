//! Every documented call, for things of another area, for things that do not exist, and by every role; and every documented
//! write, which leaves exactly one audit row. A path that is in the document and not in one of the lists here fails.

use crate::claim_codes::claim;
use crate::harness::{Browser, Center, NewAlert, PASSWORD, jpeg};
use crate::reports;
use crate::things::{Things, call, made, put, silence, things, unit};
use chrono::TimeDelta;
use control_center::access::limits::{Quota, Quotas};
use control_center::access::table::{self, Who};
use control_center::access::users::Role;
use control_center::alerts::Severity;
use control_center::clock;
use control_center::dispatch::{link, store};
use control_center::evidence::Digest;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// What to call: method and path as the document writes it, and a body that is in order.
type Call = (Method, &'static str, Value);

/// Calls in which nothing of an area is named, and why, or which test calls them from another area. A new one must be put
/// somewhere, here or below.
const WITHOUT_AREA: &[(&str, &[&str])] = &[
    (
        "anybody's",
        &[
            "GET /healthz",
            "GET /readyz",
            "GET /api/v1/openapi.json",
            "GET /report",
            "GET /api/v1/reports/form",
        ],
    ),
    ("the key or the link says which", &["GET /report/{number}", "GET /api/v1/reports/{number}"]),
    ("the same", &["GET /link/{token}", "POST /link/{token}", "GET /link/{token}/pictures/{digest}"]),
    (
        "who signs in is named by what they know",
        &[
            "POST /api/v1/session",
            "GET /api/v1/session/ways",
            "GET /oidc/start",
            "GET /oidc/callback",
            "POST /api/v1/enroll",
        ],
    ),
    (
        "one's own",
        &["DELETE /api/v1/session", "GET /api/v1/me", "PATCH /api/v1/me", "POST /api/v1/me/password"],
    ),
    ("a citizen's, who has none", &["POST /api/v1/reports"]),
    (
        "a device's, which has none",
        &[
            "PUT /api/v1/cameras/{edge}/{camera}/picture",
            "PUT /api/v1/evidence/{digest}",
            "POST /api/v1/edges/{id}/certificate",
        ],
    ),
    (
        "one rule for the whole city, which every reader may know",
        &[
            "GET /api/v1/areas",
            "GET /api/v1/policies",
            "GET /api/v1/policies/{version}",
            "GET /api/v1/procedures",
            "GET /api/v1/silences",
        ],
    ),
    ("members of the unit alone: dispatch.rs", &["GET /api/v1/inbox"]),
    (
        "read from several areas: areas.rs, audit.rs",
        &[
            "GET /api/v1/live",
            "GET /api/v1/events",
            "GET /api/v1/observations",
            "GET /api/v1/tracks",
            "GET /api/v1/ledger",
            "GET /api/v1/dead-letters",
            "GET /api/v1/cameras",
            "GET /api/v1/edges",
            "GET /api/v1/audit",
            "GET /api/v1/audit/verification",
        ],
    ),
    ("answers for each id: alert_steps.rs", &["POST /api/v1/alerts/acknowledge"]),
    ("numbers of one's own areas: policies.rs", &["GET /api/v1/statistics/precision"]),
    ("the same", &["GET /api/v1/policies/proposals"]),
    ("a place says where, and the source is believed or not: signals.rs", &["POST /api/v1/signals"]),
];

/// Lists, each with what it shows of the south.
fn lists(things: &Things) -> Vec<(&'static str, String)> {
    let (feed, _) = things.cap.rsplit_once('.').unwrap();
    [
        ("/api/v1/alerts", things.alert.as_str()),
        ("/api/v1/incidents", &things.incident),
        ("/api/v1/reports", &things.report),
        ("/api/v1/dispatches", &things.dispatch),
        ("/api/v1/units", &things.unit),
        ("/api/v1/users", &things.user),
        ("/api/v1/tokens", &things.token),
        ("/api/v1/statistics/alarm-load", "e-1/b/rule"),
        ("/cap/v1/feed.atom", feed),
    ]
    .map(|(path, shown)| (path, shown.to_owned()))
    .into()
}

/// Writes whose body says that they are about the south: refused to who has not got it.
fn in_the_south(things: &Things) -> Vec<Call> {
    let user =
        json!({ "name": "mai", "role": "viewer", "areas": ["south"], "password": "một cụm từ khác hẳn" });
    let rule = json!({ "kind": "intrusion", "zone": "z" });
    let zone = json!({ "id": "z", "points": [[0.4, 0.2], [0.6, 0.2], [0.6, 0.9]] });
    let tried = json!({ "days": 1, "rule": { "edge": "e-1", "camera": "b", "zone": zone, "rule": rule } });
    vec![
        (Method::POST, "/api/v1/incidents", json!({ "kind": "fire", "title": "Ba", "area": "south" })),
        (Method::POST, "/api/v1/dispatches", json!({ "incident": things.incident, "unit": "u-1" })),
        (Method::POST, "/api/v1/users", user),
        (
            Method::POST,
            "/api/v1/tokens",
            json!({ "name": "t", "role": "viewer", "areas": ["south"], "days": 1 }),
        ),
        (Method::POST, "/api/v1/silences", silence()),
        (Method::POST, "/api/v1/policies/backtest", tried),
        (Method::PUT, "/api/v1/units/{id}", unit()),
    ]
}

/// Writes that hold for the whole city: refused to who has a part of it.
async fn for_the_city(chief: &Browser<'_>) -> Vec<Call> {
    let procedures = chief.get("/api/v1/procedures").await;
    let mut items = procedures["items"].as_array().unwrap().clone();
    items.retain(|item| item["kind"] == "flood");
    items[0]["severity"] = json!(if items[0]["severity"] == "low" { "high" } else { "low" });
    vec![
        (Method::PUT, "/api/v1/procedures", json!({ "items": items })),
        (Method::POST, "/api/v1/policies", json!({ "body": {}, "note": "x" })),
        (Method::POST, "/api/v1/policies/{version}/activate", Value::Null),
    ]
}

/// What the people of a unit do with what was sent to it.
fn of_units() -> Vec<Call> {
    vec![
        (Method::POST, "/api/v1/inbox/{id}/state", json!({ "state": "read" })),
        (Method::GET, "/api/v1/inbox/{id}/pictures/{digest}", Value::Null),
    ]
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
        (M::GET, "/api/v1/incidents/{id}/units", none.clone()),
        (M::PATCH, "/api/v1/incidents/{id}", json!({ "owner": null })),
        (M::POST, "/api/v1/incidents/{id}/take", none.clone()),
        (M::POST, "/api/v1/incidents/{id}/notes", json!({ "text": "x" })),
        (M::POST, "/api/v1/incidents/{id}/steps/{step}", json!({})),
        (M::POST, "/api/v1/incidents/{id}/merge", json!({ "other": things.other_incident })),
        (M::POST, "/api/v1/incidents/{id}/split", json!({ "incident": things.other_incident })),
        (M::POST, "/api/v1/reports/{number}/area", json!({ "area": "south" })),
        (M::POST, "/api/v1/reports/{number}/link", json!({})),
        (M::POST, "/api/v1/reports/{number}/answer", json!({ "text": "x" })),
        (M::POST, "/api/v1/reports/{number}/reject", json!({ "reason": "x" })),
        (M::GET, "/cap/v1/alerts/{file}", none.clone()),
        (M::DELETE, "/api/v1/silences/{id}", none.clone()),
        (M::GET, "/api/v1/backtests/{id}", none.clone()),
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
        path if path.contains("/dispatches/") || path.contains("/inbox/") => &things.dispatch,
        path if path.contains("/silences/") => &things.silence,
        path if path.contains("/backtests/") => &things.backtest,
        path if path.contains("/users/") => &things.user,
        path if path.contains("/tokens/") => &things.token,
        path if path.contains("/edges/") => "e-1",
        path if path.contains("/units/") => "u-1",
        _ => "-",
    };
    let report = if path.ends_with("/reject") { &things.other_report } else { &things.report };
    path.replace("{id}", id)
        .replace("{number}", report)
        .replace("{file}", &things.cap)
        .replace("{version}", "2")
        .replace("{step}", "verify")
        .replace("{edge}", "e-1")
        .replace("{camera}", "b")
        .replace("{digest}", &things.digest)
}

fn unknown(path: &str) -> String {
    let id = if path.contains("/edges/") { "e-9".to_owned() } else { Uuid::now_v7().to_string() };
    path.replace("{id}", &id)
        .replace("{number}", "R-0000-0000")
        .replace("{file}", "none.xml")
        .replace("{step}", "verify")
        .replace("{edge}", "e-9")
        .replace("{camera}", "b")
        .replace("{digest}", &format!("sha256:{}", "0".repeat(64)))
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

/// A back-test is shown to who began it, an edge with cameras in several areas belongs to who has all of them, and a token
/// that was taken away above is not there any more.
const OWN_OR_GONE: [&str; 4] = [
    "/api/v1/backtests/{id}",
    "/api/v1/edges/{id}/claim-codes",
    "/api/v1/edges/{id}/credential",
    "/api/v1/tokens/{id}",
];

fn names<'a>(calls: impl IntoIterator<Item = &'a Call>) -> BTreeSet<(String, String)> {
    calls.into_iter().map(|(method, path, _)| (method.to_string(), (*path).to_owned())).collect()
}

/// Nobody is told to wait.
async fn center() -> Center {
    let often = Quota { burst: 1_000_000, every: Duration::from_micros(1) };
    Center::start_limited(Quotas { writes: often, reads: often, ..Quotas::default() }).await
}

#[tokio::test]
async fn each_documented_call_has_its_place_in_one_of_the_lists() {
    let center = center().await;
    let chief = center.person("chief", Role::Admin).await;
    let things = things(&center, &chief).await;
    let listed = lists(&things).into_iter().map(|(path, _)| (Method::GET, path, Value::Null)).collect();
    let without = WITHOUT_AREA.iter().flat_map(|(_, calls)| *calls).map(|call| {
        let (method, path) = call.split_once(' ').unwrap();
        (method.parse().unwrap(), path, Value::Null)
    });
    let lists: [Vec<Call>; 6] = [
        calls(&things),
        of_units(),
        in_the_south(&things),
        for_the_city(&chief).await,
        listed,
        without.collect(),
    ];
    let known = names(lists.iter().flatten());
    assert_eq!(known.len(), lists.iter().map(Vec::len).sum::<usize>(), "each in one of them");
    let documented = documented();
    let forgotten: Vec<_> = documented.difference(&known).collect();
    let gone: Vec<_> = known.difference(&documented).collect();
    assert!(forgotten.is_empty(), "called from no other area: {forgotten:?}");
    assert!(gone.is_empty(), "not in the document: {gone:?}");
}

#[tokio::test]
async fn what_lies_in_another_area_is_answered_like_what_does_not_exist_by_every_role() {
    let center = center().await;
    let chief = center.person("chief", Role::Admin).await;
    let things = things(&center, &chief).await;
    let lets_in = |role: Role, method: &Method, path: &str| match table::who(method, path) {
        Some(Who::People(roles)) => roles.contains(&role),
        other => panic!("{method} {path}: {other:?}"),
    };
    let mut named = calls(&things);
    named.extend(of_units());
    for role in Role::ALL {
        let name = format!("north-{}", role.as_str());
        let north = center.person_of(&name, role, &["north"]).await;
        let before = rows(&center).await;
        for (method, path, body) in &named {
            let foreign = call(&north, method, &address(path, &things), body).await;
            let nobodys = call(&north, method, &unknown(path), body).await;
            let wanted =
                if lets_in(role, method, path) { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
            assert_eq!(foreign.0, wanted, "{method} {path} by {name}: {}", foreign.1);
            assert_eq!(foreign, nobodys, "{method} {path} by {name}");
        }
        for (method, path, body) in &in_the_south(&things) {
            let (status, text) = call(&north, method, &address(path, &things), body).await;
            let refused = match lets_in(role, method, path) {
                true => [StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY].contains(&status),
                false => status == StatusCode::FORBIDDEN,
            };
            assert!(refused, "{method} {path} by {name}: {status} {text}");
        }
        for (method, path, body) in &for_the_city(&chief).await {
            let (status, text) = call(&north, method, &address(path, &things), body).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} by {name}: {text}");
        }
        assert_eq!(rows(&center).await, before, "{name} has done nothing");
        for (path, shown) in &lists(&things) {
            let (status, text) = call(&north, &Method::GET, path, &Value::Null).await;
            let wanted =
                if lets_in(role, &Method::GET, path) { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(status, wanted, "{path} by {name}: {text}");
            assert!(!text.contains(shown), "{path} by {name} shows {shown}: {text}");
        }
    }
    for (path, shown) in &lists(&things) {
        let (status, text) = call(&chief, &Method::GET, path, &Value::Null).await;
        assert!(status == StatusCode::OK && text.contains(shown), "{path} shows no {shown}: {text}");
    }
    for (method, path, body) in &calls(&things) {
        let (status, text) = call(&chief, method, &address(path, &things), body).await;
        assert!(status.is_success(), "{method} {path} for who has the whole city: {status} {text}");
    }
    // Everything is done by now, so much is refused: but not as if it were not theirs.
    for role in Role::ALL {
        let name = format!("south-{}", role.as_str());
        let south = center.person_of(&name, role, &["south"]).await;
        for (method, path, body) in &calls(&things) {
            if OWN_OR_GONE.contains(path) {
                continue;
            }
            let (status, text) = call(&south, method, &address(path, &things), body).await;
            let others = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
            match lets_in(role, method, path) {
                true => assert!(!others.contains(&status), "{method} {path} by {name}: {status} {text}"),
                false => assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} by {name}: {text}"),
            }
            assert!(!status.is_server_error(), "{method} {path} by {name}: {status} {text}");
        }
    }
}

#[tokio::test]
async fn every_write_and_every_look_leaves_exactly_one_audit_row() {
    let center = center().await;
    let chief = center.person("chief", Role::Admin).await;
    let things = things(&center, &chief).await;
    let alert = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await[0];
    let new_user = json!({ "name": "lan", "role": "viewer", "areas": ["*"], "password": PASSWORD });
    let signal = json!({ "source": "s-1", "id": "1", "kind": "forest_fire", "time": clock::now(), "severity": "low",
        "place": { "lat": 20.4, "lon": 106.3 }, "title": "x" });
    let mut calls = calls(&things);
    calls.extend(in_the_south(&things));
    calls.extend(for_the_city(&chief).await);
    calls.extend([
        (Method::POST, "/api/v1/alerts/acknowledge", json!({ "ids": [alert] })),
        (Method::POST, "/api/v1/users", new_user),
        (Method::PATCH, "/api/v1/me", json!({ "language": "en" })),
        (Method::POST, "/api/v1/signals", signal),
        (Method::GET, "/api/v1/reports", Value::Null),
    ]);
    let looks = ["/api/v1/cameras/{edge}/{camera}/picture", "/api/v1/evidence/{digest}", "/api/v1/reports"];
    let mut written = BTreeSet::new();
    for (method, path, body) in &calls {
        let before = rows(&center).await;
        let (status, text) = call(&chief, method, &address(path, &things), body).await;
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        let wanted = i64::from(*method != Method::GET || looks.contains(path));
        assert_eq!(rows(&center).await - before, wanted, "{method} {path}");
        written.insert((method.to_string(), (*path).to_owned()));
    }
    let before = rows(&center).await;
    assert_eq!(reports::file(&center, &[], 3).await.0, 201);
    assert_eq!(rows(&center).await - before, 1);
    // What a unit says: in its inbox, and by its link, which leads to the page that is looked at.
    center.add_user("squad", Role::Unit).await;
    let squad = center.sign_in("squad").await;
    let mut own = unit();
    own["members"] = json!(["squad"]);
    let path = format!("/api/v1/units/{}", things.unit);
    assert_eq!(call(&chief, &Method::PUT, &path, &own).await.0, 200);
    let sent = json!({ "incident": things.other_incident, "unit": things.unit });
    let sent: Uuid = made(&chief, "/api/v1/dispatches", sent).await["id"].as_str().unwrap().parse().unwrap();
    let before = rows(&center).await;
    let path = format!("/api/v1/inbox/{sent}/state");
    assert_eq!(call(&squad, &Method::POST, &path, &json!({ "state": "read" })).await.0, 200);
    assert_eq!(rows(&center).await - before, 1);
    let secret = store::link_secret(&mut center.pool.acquire().await.unwrap(), &[7; 32]).await.unwrap();
    let answer = center.bare(Method::POST, &format!("/link/{}", link::token(&secret, sent)));
    let answer = answer.header("content-type", "application/x-www-form-urlencoded").body("state=accepted");
    assert_eq!(answer.send().await.unwrap().status(), 200);
    assert_eq!(rows(&center).await - before, 3);
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
    let csr = rcgen::CertificateParams::default().serialize_request(&rcgen::KeyPair::generate().unwrap());
    let csr = json!({ "csr": csr.unwrap().pem().unwrap() });
    let renew = center.bare(Method::POST, "/api/v1/edges/e-1/certificate").basic_auth("e-1", Some(&secret));
    assert_eq!(renew.json(&csr).send().await.unwrap().status(), 200);
    assert_eq!(rows(&center).await - before, 3);
    // Newest pictures are replaced every few seconds and are no evidence: no row.
    put(&center, &secret, "/api/v1/cameras/e-1/b/picture?taken_at=2024-11-22T08:00:00Z".into()).await;
    assert_eq!(rows(&center).await - before, 3);
    for (method, path) in [
        ("POST", "/api/v1/me/password"),
        ("POST", "/api/v1/session"),
        ("DELETE", "/api/v1/session"),
        ("POST", "/api/v1/enroll"),
        ("POST", "/api/v1/edges/{id}/certificate"),
        ("PUT", "/api/v1/evidence/{digest}"),
        ("PUT", "/api/v1/cameras/{edge}/{camera}/picture"),
        ("POST", "/api/v1/reports"),
        ("POST", "/api/v1/inbox/{id}/state"),
        ("POST", "/link/{token}"),
    ] {
        written.insert((method.to_owned(), path.to_owned()));
    }
    let wanted: BTreeSet<_> = documented().into_iter().filter(|(method, _)| method != "GET").collect();
    let missing: Vec<_> = wanted.difference(&written).collect();
    assert!(missing.is_empty(), "each documented write is counted here: {missing:?}");
    assert!(control_center::access::chain::verify(&center.pool, &[]).await.is_ok());
}
