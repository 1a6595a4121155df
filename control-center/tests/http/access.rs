//! Every path of the OpenAPI document by every role equals the one table; foreign origins are refused.

use crate::harness::Center;
use control_center::access::table::{self, Who};
use control_center::access::users::Role;
use control_center::alerts::Severity;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Every documented method and path, with its parameters filled in.
fn documented() -> Vec<(Method, String, String)> {
    let document: Value = serde_json::from_str(&control_center::http::openapi::document_json()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let address = path
                .replace("{edge}", "e-1")
                .replace("{camera}", "north")
                .replace("{version}", "1")
                .replace("{id}", "00000000-0000-7000-8000-000000000000")
                .replace("{step}", "verify")
                .replace("{number}", "R-0000-0000")
                .replace("{digest}", &format!("sha256:{}", "0".repeat(64)));
            found.push((method, path.clone(), address));
        }
    }
    assert!(found.len() > 15, "the document names the routes");
    found
}

#[tokio::test]
async fn without_a_credential_only_the_open_list_answers() {
    let center = Center::start().await;
    for (method, path, address) in documented() {
        let status = center.bare(method.clone(), &address).send().await.unwrap().status();
        let open = table::who(&method, &path) == Some(Who::Anybody);
        assert_eq!(status != StatusCode::UNAUTHORIZED, open, "{method} {path} answered {status}");
    }
    for unknown in ["/api/v1/passwords", "/api", "/api/v1/alerts/x/y", "/api/v2/alerts"] {
        let status = center.bare(Method::GET, unknown).send().await.unwrap().status();
        assert_eq!(status, 401, "{unknown}");
    }
    let post = center.bare(Method::POST, "/api/v1/cameras").send().await.unwrap();
    assert_eq!(post.status(), 401);
}

#[tokio::test]
async fn every_path_by_every_role_equals_the_table() {
    let center = Center::start().await;
    for role in Role::ALL {
        let browser = center.person(role.as_str(), role).await;
        for (method, path, address) in documented() {
            if address == "/api/v1/session" {
                continue; // would end the session of the walk
            }
            let status = browser.request(method.clone(), &address).send().await.unwrap().status();
            let expected = match table::who(&method, &path).unwrap() {
                Who::Anybody => true,
                Who::People(roles) => roles.contains(&role),
                Who::Devices => false,
            };
            assert_eq!(status != StatusCode::FORBIDDEN, expected, "{method} {path} as {role:?}: {status}");
        }
    }
}

#[tokio::test]
async fn a_device_reaches_its_uploads_and_nothing_else() {
    let center = Center::start().await;
    let secret = center.add_edge("e-1").await;
    for (method, path, address) in documented() {
        let request = center.bare(method.clone(), &address).basic_auth("e-1", Some(&secret));
        let status = request.send().await.unwrap().status();
        let expected = matches!(table::who(&method, &path).unwrap(), Who::Anybody | Who::Devices);
        let open = status != StatusCode::FORBIDDEN;
        // Signing in with no body is refused for the body, not for the device.
        assert_eq!(open, expected, "{method} {path} as a device: {status}");
    }
}

#[tokio::test]
async fn every_path_by_a_machine_of_every_role_equals_the_table() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    for role in Role::ALL {
        let new = serde_json::json!({ "name": role.as_str(), "role": role, "areas": ["*"], "days": 1 });
        let made = admin.request(Method::POST, "/api/v1/tokens").json(&new).send().await.unwrap();
        let made: Value = made.json().await.unwrap();
        let secret = made["secret"].as_str().unwrap();
        for (method, path, address) in documented() {
            let request = center.bare(method.clone(), &address).bearer_auth(secret);
            let status = request.send().await.unwrap().status();
            let expected = match table::who(&method, &path).unwrap() {
                Who::Anybody => true,
                Who::People(roles) => roles.contains(&role),
                Who::Devices => false,
            };
            assert_eq!(
                status != StatusCode::FORBIDDEN,
                expected,
                "{method} {path} as a {role:?}'s token: {status}"
            );
        }
    }
}

#[tokio::test]
async fn a_known_path_by_another_method_is_405_and_an_unknown_path_404_once_signed_in() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Admin).await;
    let post = browser.request(Method::POST, "/api/v1/cameras").send().await.unwrap();
    assert_eq!(post.status(), 405);
    assert_eq!(post.headers()["content-type"], "application/problem+json");
    let unknown = browser.request(Method::GET, "/api/v1/nothing").send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert_eq!(unknown.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_write_or_a_websocket_from_a_foreign_or_missing_origin_is_refused() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Operator).await;
    let alert = crate::harness::NewAlert { edge: "e-1", severity: Severity::High };
    let id = center.raise(&[alert]).await[0];
    let writes = [
        (Method::POST, format!("/api/v1/alerts/{id}/acknowledge")),
        (Method::PATCH, "/api/v1/me".into()),
        (Method::DELETE, "/api/v1/session".into()),
    ];
    let foreign = ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1"];
    for (method, path) in &writes {
        let missing = browser.without_origin(method.clone(), path).send().await.unwrap();
        assert_eq!(missing.status(), 403, "{method} {path} without an origin");
        for origin in foreign {
            let request = browser.without_origin(method.clone(), path).header("origin", origin);
            assert_eq!(request.send().await.unwrap().status(), 403, "{method} {path} from {origin}");
        }
    }
    let reading = browser.without_origin(Method::GET, "/api/v1/alerts").send().await.unwrap();
    assert_eq!(reading.status(), 200, "reading needs no origin");

    let mut without = browser.live_request(None);
    without.headers_mut().remove("origin");
    let mut other = browser.live_request(None);
    other.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    let mut anonymous = browser.live_request(None);
    anonymous.headers_mut().remove("cookie");
    for (request, status) in [(without, 403), (other, 403), (anonymous, 401)] {
        let refused = tokio_tungstenite::connect_async(request).await.unwrap_err();
        let tokio_tungstenite::tungstenite::Error::Http(response) = refused else { panic!("{refused}") };
        assert_eq!(response.status(), status);
    }
    let typed = serde_json::json!({ "name": "lan", "password": crate::harness::PASSWORD });
    let sign_in = center.bare(Method::POST, "/api/v1/session").json(&typed);
    let foreign = sign_in.header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403, "a foreign page may not sign anybody in");
}
