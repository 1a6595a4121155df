//! Pictures: from the edge's upload to the operator's look, and what is refused on the way.

use crate::harness::{Center, jpeg};
use control_center::access::users::Role;
use control_center::evidence::Digest;
use reqwest::{Method, Response};

async fn put(center: &Center, credential: (&str, &str), path: &str, body: Vec<u8>) -> Response {
    let request = center.bare(Method::PUT, path).basic_auth(credential.0, Some(credential.1));
    request.header("content-type", "image/jpeg").body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_picture_is_kept_once_under_its_digest_and_each_look_is_recorded() {
    let center = Center::start().await;
    let secret = center.add_edge("e-1").await;
    let body = jpeg(1);
    let path = format!("/api/v1/evidence/{}", Digest::of(&body));
    let browser = center.person("lan", Role::Viewer).await;
    let early = browser.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(early.status(), 404);
    let with_camera = format!("{path}?camera=north");
    assert_eq!(put(&center, ("e-1", &secret), &with_camera, body.clone()).await.status(), 201);
    assert_eq!(put(&center, ("e-1", &secret), &with_camera, body.clone()).await.status(), 200);
    assert_eq!(center.audit_rows("evidence.keep").await, 1);
    for looks in 1..=2 {
        let seen = browser.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(seen.headers()["content-type"], "image/jpeg");
        assert_eq!(seen.headers()["cache-control"], "no-store");
        assert_eq!(seen.bytes().await.unwrap(), body);
        assert_eq!(center.audit_rows("evidence.look").await, looks);
    }
    let center = center.restart().await;
    let browser = center.sign_in("lan").await;
    assert_eq!(browser.request(Method::GET, &path).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_picture_whose_audit_row_cannot_be_written_is_recorded_when_it_is_sent_again() {
    let center = Center::start().await;
    let secret = center.add_edge("e-1").await;
    let body = jpeg(1);
    let path = format!("/api/v1/evidence/{}", Digest::of(&body));
    for statement in [
        "create function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$",
        "create trigger fail before insert on audit for each row execute function fail()",
    ] {
        sqlx::raw_sql(statement).execute(&center.pool).await.unwrap();
    }
    assert_eq!(put(&center, ("e-1", &secret), &path, body.clone()).await.status(), 500);
    sqlx::raw_sql("drop trigger fail on audit").execute(&center.pool).await.unwrap();
    assert_eq!(put(&center, ("e-1", &secret), &path, body).await.status(), 200);
    assert_eq!(center.audit_rows("evidence.keep").await, 1);
}

#[tokio::test]
async fn an_upload_that_is_not_what_it_says_is_refused() {
    let center = Center::start().await;
    let secret = center.add_edge("e-1").await;
    let own = ("e-1", secret.as_str());
    let path = |body: &[u8]| format!("/api/v1/evidence/{}", Digest::of(body));
    let wrong = put(&center, own, &path(&jpeg(1)), jpeg(2)).await;
    assert_eq!(wrong.status(), 400);
    assert_eq!(wrong.headers()["content-type"], "application/problem+json");
    let text = b"<svg onload=alert(1)>".to_vec();
    assert_eq!(put(&center, own, &path(&text), text).await.status(), 422);
    let cut_off = jpeg(1)[..5].to_vec();
    assert_eq!(put(&center, own, &path(&cut_off), cut_off).await.status(), 422);
    let mut large = jpeg(1);
    large.splice(4..4, vec![0; 2 * 1024 * 1024]);
    assert_eq!(put(&center, own, &path(&large), large).await.status(), 413);
    for odd in ["/api/v1/evidence/sha256:..%2F..%2Fetc", "/api/v1/evidence/x", "/api/v1/evidence/..%2f..%2fx"]
    {
        assert_eq!(put(&center, own, odd, jpeg(1)).await.status(), 400, "{odd}");
    }
    let untyped = center.bare(Method::PUT, &path(&jpeg(1))).basic_auth("e-1", Some(&secret)).body(jpeg(1));
    assert_eq!(untyped.send().await.unwrap().status(), 415);
    for credential in [("e-1", "wrong"), ("e-2", secret.as_str()), ("", "")] {
        let refused = put(&center, credential, &path(&jpeg(1)), jpeg(1)).await;
        assert_eq!(refused.status(), 401, "{credential:?}");
        assert!(refused.headers().contains_key("www-authenticate"));
    }
    let kept: i64 =
        sqlx::query_scalar("select count(*) from evidence").fetch_one(&center.pool).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_camera_shows_its_newest_picture_and_only_its_own_edge_replaces_it() {
    let center = Center::start().await;
    let secret = center.add_edge("e-1").await;
    center.add_edge("e-2").await;
    let own = ("e-1", secret.as_str());
    let browser = center.person("lan", Role::Viewer).await;
    let path = "/api/v1/cameras/e-1/north/picture";
    assert_eq!(browser.request(Method::GET, path).send().await.unwrap().status(), 404);
    let at = |time: &str| format!("{path}?taken_at={time}");
    assert_eq!(put(&center, own, &at("2024-11-22T08:00:00.5Z"), jpeg(1)).await.status(), 204);
    assert_eq!(put(&center, own, &at("2024-11-22T08:00:02Z"), jpeg(2)).await.status(), 204);
    let foreign = "/api/v1/cameras/e-2/north/picture?taken_at=2024-11-22T08:00:00Z";
    assert_eq!(put(&center, own, foreign, jpeg(3)).await.status(), 403);
    assert_eq!(put(&center, own, path, jpeg(3)).await.status(), 400, "when it was taken must be said");
    let odd = "/api/v1/cameras/e-1/..%2F..%2Fx/picture?taken_at=2024-11-22T08:00:00Z";
    assert_eq!(put(&center, own, odd, jpeg(3)).await.status(), 400);
    let hour = || control_center::clock::now().timestamp().div_euclid(3600);
    let begin = hour();
    for _ in 0..3 {
        let seen = browser.request(Method::GET, path).send().await.unwrap();
        assert_eq!(seen.headers()["x-taken-at"], "2024-11-22T08:00:02.000Z");
        assert_eq!(seen.bytes().await.unwrap(), jpeg(2));
    }
    let looks = center.audit_rows("picture.look").await;
    assert!((1..=1 + hour() - begin).contains(&looks), "a wall that polls is recorded once an hour: {looks}");
    let cameras = browser.get("/api/v1/cameras").await;
    assert_eq!(cameras["items"][0]["picture_url"], path);
    assert_eq!(cameras["items"][0]["picture_at"], "2024-11-22T08:00:02Z");
}
