//! What every answer carries, the dashboard's files, IPv6, readiness, and plain HTTP that was asked for.

use crate::harness::{Center, PASSWORD};
use control_center::access::users::Role;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn every_answer_carries_the_security_headers_errors_included() {
    let center = Center::start().await;
    for path in
        ["/", "/healthz", "/api/v1/openapi.json", "/api/v1/alerts", "/api/nothing", "/missing.js", "/a/route"]
    {
        let response = center.bare(Method::GET, path).send().await.unwrap();
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'self'") && policy.contains("script-src 'self';"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["strict-transport-security"], "max-age=31536000", "{path}");
        assert!(!policy.contains("script-src 'self' 'unsafe") && !policy.contains("unsafe-eval"), "{policy}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert!(headers.contains_key("referrer-policy") && headers.contains_key("cache-control"), "{path}");
        if path.starts_with("/api") {
            assert_eq!(headers["cache-control"], "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn the_dashboard_or_a_page_that_says_how_to_build_it_is_never_a_silent_404() {
    let center = Center::start().await;
    for path in ["/", "/alerts/7"] {
        let response = center.bare(Method::GET, path).send().await.unwrap();
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        let status = response.status();
        let page = response.text().await.unwrap();
        assert!(status == 200 || (status == 503 && page.contains("npm run build")), "{status} {page}");
    }
    assert_eq!(center.bare(Method::GET, "/assets/none.js").send().await.unwrap().status(), 404);
    assert_eq!(center.bare(Method::GET, "/../Cargo.toml").send().await.unwrap().status(), 404);
    assert_eq!(center.bare(Method::POST, "/").send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn the_center_is_ready_only_when_every_part_is_and_tells_nobody_why_not() {
    let center = Center::start().await;
    let ready = || async {
        let response = center.bare(Method::GET, "/readyz").send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(ready().await.0, 503, "a center without parts is still starting");
    center.set_part("database", true);
    center.set_part("broker", false);
    let expected = json!({ "ready": false, "parts": { "broker": "down", "database": "ready" } });
    assert_eq!(ready().await, (503, expected));
    center.set_part("broker", true);
    assert_eq!(ready().await.0, 200);
    assert_eq!(center.bare(Method::GET, "/healthz").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn ipv6_loopback_serves_the_same() {
    let center = Center::start().await;
    center.add_user("lan", Role::Viewer).await;
    let origin = format!("http://{}", center.address_v6);
    let typed = json!({ "name": "lan", "password": PASSWORD });
    let client = reqwest::Client::new();
    let request = client.post(format!("{origin}/api/v1/session")).header("origin", &origin).json(&typed);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn plain_http_that_was_asked_for_drops_the_cookies_prefix_and_says_so() {
    let center = Center::start_with(true).await;
    let browser = center.person("lan", Role::Viewer).await;
    assert!(browser.cookie.starts_with("session="), "{}", browser.cookie);
    assert_eq!(browser.get("/api/v1/me").await["insecure"], true);
    let page = center.bare(Method::GET, "/").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("ngatu-insecure") || page.contains("npm run build"), "{page}");
}

#[tokio::test]
async fn bodies_that_are_too_large_too_deep_or_no_json_are_refused_with_a_problem() {
    let center = Center::start().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    for (body, status) in [(deep, 422), (large, 413), ("no".into(), 400), ("{}".into(), 422)] {
        let request = center.bare(Method::POST, "/api/v1/session").header("content-type", "application/json");
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    let untyped = center.bare(Method::POST, "/api/v1/session").body("{}").send().await.unwrap();
    assert_eq!(untyped.status(), 415);
}

#[tokio::test]
async fn a_request_that_is_no_http_is_answered_and_closed() {
    let center = Center::start().await;
    let mut socket = tokio::net::TcpStream::connect(center.address).await.unwrap();
    socket.write_all(b"\x16\x03\x01 what is this\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
}
