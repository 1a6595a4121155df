//! What must hold on every documented path: headers, unknown fields, foreign origins; and websockets whose session ends.

use crate::harness::{Center, next};
use control_center::access::table::{self, Who};
use control_center::access::users::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;

/// Method and path as documented, the address, and whether a JSON body belongs to it.
fn documented() -> Vec<(Method, String, String, bool)> {
    let document: Value = serde_json::from_str(&control_center::http::openapi::document_json()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let address = path
                .replace("{edge}", "e-1")
                .replace("{camera}", "north")
                .replace("{version}", "1")
                .replace("{id}", "00000000-0000-7000-8000-000000000000")
                .replace("{step}", "verify")
                .replace("{number}", "R-0000-0000")
                .replace("{digest}", &format!("sha256:{}", "0".repeat(64)));
            let takes_json = operation["requestBody"]["content"]["application/json"].is_object();
            found.push((method.to_uppercase().parse().unwrap(), path.clone(), address, takes_json));
        }
    }
    found
}

fn of_people(method: &Method, path: &str) -> bool {
    matches!(table::who(method, path), Some(Who::People(_)))
}

/// Somebody of each role, the first that may call it.
fn role_for(method: &Method, path: &str) -> Role {
    match table::who(method, path) {
        Some(Who::People(roles)) if !roles.contains(&Role::Admin) => roles[0],
        _ => Role::Admin,
    }
}

#[tokio::test]
async fn every_documented_path_answers_with_the_security_headers_whoever_asks() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    for (method, path, address, _) in documented() {
        let anonymous = center.bare(method.clone(), &address).send().await.unwrap();
        let mut answers = vec![anonymous];
        if (method.as_str(), path.as_str()) != ("DELETE", "/api/v1/session") {
            answers.push(admin.request(method.clone(), &address).send().await.unwrap());
        }
        for answer in answers {
            let headers = answer.headers();
            let has = |name: &str, wanted: &str| {
                headers
                    .get(name)
                    .and_then(|value| value.to_str().ok())
                    .is_some_and(|value| value.contains(wanted))
            };
            let policy = "default-src 'self'";
            assert!(has("content-security-policy", policy), "{method} {path}: {headers:?}");
            assert!(has("content-security-policy", "form-action 'self'"), "{method} {path}");
            assert!(has("x-content-type-options", "nosniff"), "{method} {path}");
            assert!(has("strict-transport-security", "max-age=31536000"), "{method} {path}");
            assert!(has("x-frame-options", "DENY"), "{method} {path}");
            assert!(has("referrer-policy", "no-referrer"), "{method} {path}");
            assert!(has("cache-control", "no-store") || !path.starts_with("/api"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_field_that_nobody_knows_is_refused_in_every_documented_body() {
    let center = Center::start().await;
    let (mut asked, mut taken) = (0, Vec::new());
    for role in [Role::Admin, Role::Unit] {
        let browser = center.person(role.as_str(), role).await;
        for (method, path, address, takes_json) in documented() {
            // A device shows its credential before its body is read.
            if matches!(table::who(&method, &path), Some(Who::Devices)) {
                continue;
            }
            // Sensors say the same over MQTT, where receivers ignore what they do not know.
            if path == "/api/v1/signals" {
                continue;
            }
            if !takes_json || (of_people(&method, &path) && role_for(&method, &path) != role) {
                continue;
            }
            let body = json!({ "is_admin": true });
            let answer = browser.request(method.clone(), &address).json(&body).send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            if status != 400 || !text.contains("is_admin") {
                taken.push(format!("{method} {path}: {status} {text}"));
            }
            asked += 1;
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
    assert!(asked > 20, "{asked} bodies");
}

#[tokio::test]
async fn no_documented_write_is_done_for_a_foreign_page_or_without_an_origin() {
    let center = Center::start().await;
    let (mut asked, mut done) = (0, Vec::new());
    for role in [Role::Admin, Role::Unit] {
        let browser = center.person(role.as_str(), role).await;
        let writes = documented().into_iter().filter(|(method, path, ..)| {
            !method.is_safe() && of_people(method, path) && role_for(method, path) == role
        });
        for (method, path, address, _) in writes {
            for origin in [None, Some("https://evil.example"), Some("null")] {
                let mut request = browser.without_origin(method.clone(), &address);
                // As a foreign form sends it: no preflight asks before it.
                request = request.header("content-type", "text/plain").body("{}");
                if let Some(origin) = origin {
                    request = request.header("origin", origin);
                }
                let answer = request.send().await.unwrap();
                let (status, text) = (answer.status(), answer.text().await.unwrap());
                if status != 403 || !text.contains("foreign-origin") {
                    done.push(format!("{method} {path} from {origin:?}: {status} {text}"));
                }
                asked += 1;
            }
            // A link, which brings the cookie along, changes nothing either: no path takes a method from a header.
            let link = browser.without_origin(Method::GET, &address);
            let link = link.header("x-http-method-override", method.as_str()).send().await.unwrap();
            let reads = table::who(&Method::GET, &path).is_some();
            if !reads && link.status() != 405 {
                done.push(format!("GET {path}: {}", link.status()));
            }
        }
        browser.get("/api/v1/me").await;
    }
    assert!(done.is_empty(), "{}", done.join("\n"));
    assert!(asked > 100, "{asked} writes");
}

#[tokio::test]
async fn a_websocket_needs_a_session_that_holds_and_ends_with_it_within_5_s() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    let made = json!({ "name": "t", "role": "viewer", "areas": ["*"], "days": 1 });
    let made = admin.request(Method::POST, "/api/v1/tokens").json(&made).send().await.unwrap();
    let secret = made.json::<Value>().await.unwrap()["secret"].as_str().unwrap().to_owned();
    let endings = [
        "update sessions set expires_at = now()",
        "update sessions set last_seen = last_seen - interval '12 hours'",
        "update api_tokens set expires_at = now()",
    ];
    for (i, ending) in endings.into_iter().enumerate() {
        let browser = center.person(&format!("p-{i}"), Role::Viewer).await;
        let request = || {
            let mut request = browser.live_request(None);
            if ending.contains("api_tokens") {
                request.headers_mut().remove("cookie");
                request.headers_mut().remove("origin");
                let bearer = format!("Bearer {secret}").parse().unwrap();
                request.headers_mut().insert("authorization", bearer);
            }
            request
        };
        let (mut socket, _) = tokio_tungstenite::connect_async(request()).await.unwrap();
        next(&mut socket).await;
        sqlx::query(ending).execute(&center.pool).await.unwrap();
        assert_eq!(crate::live::close_code(&mut socket).await, 1008, "{ending}");
        let refused = tokio_tungstenite::connect_async(request()).await.unwrap_err();
        let tungstenite::Error::Http(answer) = refused else { panic!("{ending}: {refused}") };
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{ending}");
    }
}
