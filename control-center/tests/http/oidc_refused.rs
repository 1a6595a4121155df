//! Signing in at a real OpenID provider: what must not get anybody in, and what is told then.

use crate::harness::{Center, PASSWORD};
use crate::oidc::{Begun, Pair, cookie, navigate, settings};
use crate::provider::{TestProvider, Visitor, parameter, with};
use control_center::access::limits::{Quota, Quotas};
use control_center::access::users::Role;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const MAKE: &str = "unknown = \"make\"\n[[map]]\nvalue = \"g\"\nrole = \"viewer\"\nareas = [\"*\"]";

async fn sessions(center: &Center) -> i64 {
    sqlx::query_scalar("select count(*) from sessions").fetch_one(&center.pool).await.unwrap()
}

async fn reasons(center: &Center) -> Vec<String> {
    sqlx::query_scalar("select detail->>'reason' from audit where action = 'session.refuse' order by id")
        .fetch_all(&center.pool)
        .await
        .unwrap()
}

async fn refused(response: Response) -> (u16, String) {
    assert!(cookie(&response, "__Host-session").is_none());
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let status = response.status().as_u16();
    let page = response.text().await.unwrap();
    assert!(page.contains("Đăng nhập không thành công") && page.contains("Sign-in failed"), "{page}");
    assert!(!page.contains("<tỉnh>") && !page.contains("<script"), "{page}");
    (status, page)
}

#[tokio::test]
async fn who_may_not_enter_is_told_the_same_whatever_the_reason_and_administrators_see_it() {
    let closed = Pair::start("").await;
    let provider = closed.provider.clone();
    provider.add_person("r-1", "nobody-here", &["g"]).await;
    let unknown = refused(closed.sign_in("r-1").await).await;
    provider.add_person("r-2", "quang", &["g"]).await;
    closed.center.add_user("quang", Role::Admin).await;
    let same_name = refused(closed.sign_in("r-2").await).await;
    let id = closed.center.add_user("phuc", Role::Admin).await;
    provider.add_person("r-3", "phuc", &["g"]).await;
    closed.subject_of(id, "r-3").await;
    sqlx::query("update users set disabled = true where id = $1")
        .bind(id)
        .execute(&closed.center.pool)
        .await
        .unwrap();
    let disabled = refused(closed.sign_in("r-3").await).await;
    assert_eq!(reasons(&closed.center).await, ["unknown", "unknown", "disabled"]);

    let open = Pair::start(MAKE).await;
    provider.add_person("r-4", "khong-nhom", &["h"]).await;
    let no_role = refused(open.sign_in("r-4").await).await;
    open.center.add_user("quang", Role::Admin).await;
    let taken = refused(open.sign_in("r-2").await).await;
    provider.add_person("r-5", " x", &["g"]).await;
    let no_name = refused(open.sign_in("r-5").await).await;
    assert_eq!(reasons(&open.center).await, ["no_role", "name_taken", "no_name"]);
    // An address that the provider has not seen to be theirs names nobody.
    let by_mail = Pair::start(&format!("name_claim = \"email\"\nlink_by_name = true\n{MAKE}")).await;
    by_mail.center.add_user("quang@example.vn", Role::Admin).await;
    let mail = refused(by_mail.sign_in("r-2").await).await;
    assert_eq!(reasons(&by_mail.center).await, ["no_name"]);

    assert_eq!(unknown.0, 403);
    for other in [same_name, disabled, no_role, taken, no_name, mail] {
        assert_eq!(unknown, other);
    }
    assert_eq!(sessions(&closed.center).await + sessions(&open.center).await, 0);
    let admin = open.center.person("an", Role::Admin).await;
    let rows = admin.get("/api/v1/audit?action=session.refuse").await;
    let detail = &rows["items"][2]["detail"];
    assert_eq!((&detail["subject"], &detail["name"]), (&json!("r-4"), &json!("khong-nhom")));
    assert_eq!(detail["issuer"], provider.issuer);
}

#[tokio::test]
async fn a_way_back_that_is_not_ones_own_signs_nobody_in() {
    let pair = Pair::start(MAKE).await;
    let center = &pair.center;
    pair.provider.add_person("w-1", "way", &["g"]).await;
    let arrive = async || {
        let begun = pair.begin().await;
        let back = Visitor::new().sign_in(&begun.authorize, "w-1").await;
        (begun, back)
    };
    let none = "__Host-other=1";
    let state = |back: &str, state: &str| with(back, "state", Some(state));

    let (begun, back) = arrive().await;
    let (other, other_back) = arrive().await;
    let table: [(&str, String, &str); 7] = [
        ("no cookie, as when a foreign page leads here", back.clone(), none),
        ("another browser's cookie", back.clone(), &other.cookie),
        ("another state", state(&back, &"ab".repeat(32)), &begun.cookie),
        ("another flow's state", state(&back, &parameter(&other_back, "state")), &begun.cookie),
        ("no state", with(&back, "state", None), &begun.cookie),
        ("a state that is none", state(&back, "x"), &begun.cookie),
        ("two states", format!("{back}&state={}", parameter(&back, "state")), &begun.cookie),
    ];
    for (case, back, cookie) in &table {
        let (status, page) = refused(pair.come_back(back, cookie).await).await;
        assert_eq!(status, 400, "{case}");
        assert!(page.contains("begin again") && page.contains("bắt đầu lại"), "{case}");
    }
    // None of these used the flow up. Once it is used, it is used.
    assert_eq!(pair.come_back(&back, &begun.cookie).await.status(), 303);
    assert_eq!(refused(pair.come_back(&back, &begun.cookie).await).await.0, 400, "the address again");
    assert_eq!(reasons(center).await, vec!["flow"; table.len() + 1]);

    // A code that was used, in a flow of one's own: the provider refuses it.
    let fresh = pair.begin().await;
    let replayed = state(&back, &parameter(&fresh.authorize, "state"));
    assert_eq!(refused(pair.come_back(&replayed, &fresh.cookie).await).await.0, 502);
    // A code that was not used, but begun elsewhere: it needs the secret of that flow.
    let fresh = pair.begin().await;
    let stolen = state(&other_back, &parameter(&fresh.authorize, "state"));
    assert_eq!(refused(pair.come_back(&stolen, &fresh.cookie).await).await.0, 502);
    let (begun, back) = arrive().await;
    let elsewhere = with(&back, "iss", Some("https://evil.example"));
    assert_eq!(
        refused(pair.come_back(&elsewhere, &begun.cookie).await).await.0,
        502,
        "another issuer answers"
    );

    let (begun, back) = arrive().await;
    sqlx::query("update oidc_flows set created_at = created_at - interval '10 minutes'")
        .execute(&center.pool)
        .await
        .unwrap();
    assert_eq!(refused(pair.come_back(&back, &begun.cookie).await).await.0, 400, "too late");

    let Begun { authorize, cookie } = pair.begin().await;
    let back = Visitor::new().sign_in(&authorize, "nobody").await;
    assert_eq!(parameter(&back, "error"), "access_denied");
    let (status, page) = refused(pair.come_back(&back, &cookie).await).await;
    assert_eq!(status, 400);
    assert!(page.contains("Tài khoản &lt;tỉnh&gt;"), "{page}");
    let begun = pair.begin().await;
    let back = format!("{}/oidc/callback?state={}", center.origin(), parameter(&begun.authorize, "state"));
    assert_eq!(refused(pair.come_back(&back, &begun.cookie).await).await.0, 400, "no code");
    assert_eq!(sessions(center).await, 1, "one sign-in was in order");
    assert_eq!(
        reasons(center).await[table.len() + 1..],
        ["answer", "answer", "issuer", "flow", "cancelled", "cancelled"]
    );
    let left: i64 =
        sqlx::query_scalar("select count(*) from oidc_flows").fetch_one(&center.pool).await.unwrap();
    assert_eq!(left, 0, "what is used or too old is gone, with what was swept");
}

#[tokio::test]
async fn a_token_that_was_not_made_for_this_sign_in_is_refused() {
    let pair = Pair::start(MAKE).await;
    pair.provider.add_person("t-1", "token", &["g"]).await;
    // A nonce of somebody else's, put in on the way to the provider.
    let begun = pair.begin().await;
    let tampered = with(&begun.authorize, "nonce", Some("somebody-elses"));
    let back = Visitor::new().sign_in(&tampered, "t-1").await;
    assert_eq!(refused(pair.come_back(&back, &begun.cookie).await).await.0, 502, "another nonce");

    let past = control_center::clock::now().timestamp() - 60;
    let twists = [
        ("another audience", json!({ "claims": { "aud": "another" } })),
        ("one audience too many", json!({ "claims": { "aud": [pair.client, "another"] } })),
        ("issued to another", json!({ "claims": { "azp": "another" } })),
        ("another issuer", json!({ "claims": { "iss": "https://evil.example" } })),
        ("too old", json!({ "claims": { "exp": past } })),
        ("of another access token", json!({ "claims": { "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" } })),
        ("no nonce", json!({ "claims": { "nonce": null } })),
        ("another person than user info says", json!({ "claims": { "sub": "t-2" } })),
        ("no subject that is kept", json!({ "claims": { "sub": "x".repeat(256) } })),
        ("another key", json!({ "foreign": true })),
        ("a key that nobody knows", json!({ "head": { "kid": "unknown" } })),
        ("no signature", json!({ "head": { "alg": "none" } })),
        ("a signature with the secret", json!({ "head": { "alg": "HS256" } })),
    ];
    let count = twists.len() + 1;
    for (case, twist) in twists {
        pair.provider.twist(&pair.client, twist).await;
        let (status, page) = refused(pair.sign_in("t-1").await).await;
        assert_eq!(status, 502, "{case}");
        assert!(page.contains("could not be verified"), "{case}: {page}");
    }
    assert_eq!(reasons(&pair.center).await, vec!["answer"; count]);
    assert_eq!(sessions(&pair.center).await, 0);
    let people: i64 =
        sqlx::query_scalar("select count(*) from users").fetch_one(&pair.center.pool).await.unwrap();
    assert_eq!(people, 0);
    // The same token with a claim more is in order: groups may stand in it.
    pair.provider
        .twist(&pair.client, json!({ "claims": { "groups": "g", "preferred_username": "khac" } }))
        .await;
    assert_eq!(pair.enter("t-1").await.get("/api/v1/me").await["name"], "khac");
}

#[tokio::test]
async fn a_provider_that_is_down_or_silent_is_told_in_both_languages_and_passwords_work() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mute = format!("http://{}", silent.local_addr().unwrap());
    for issuer in [gone, mute] {
        let settings = settings(&issuer, "c", "");
        let center = Center::start_oidc((settings, Duration::from_millis(300)), Quotas::default()).await;
        let (status, page) = refused(navigate(&center, "/oidc/start", None).await).await;
        assert_eq!(status, 502);
        assert!(page.contains("does not answer") && page.contains("không trả lời"), "{page}");
        center.add_user("lan", Role::Viewer).await;
        assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 200);
    }
    // It dies while somebody is there.
    let provider = Arc::new(TestProvider::start());
    provider.add_person("d-1", "down", &["g"]).await;
    let pair = Pair::of(provider, MAKE, Quotas::default()).await;
    let before = pair.enter("d-1").await.cookie.clone();
    let begun = pair.begin().await;
    let back = Visitor::new().sign_in(&begun.authorize, "d-1").await;
    let Pair { center, provider, client } = pair;
    drop(Arc::into_inner(provider).unwrap());
    let path = back.strip_prefix(&center.origin()).unwrap();
    let (status, page) = refused(navigate(&center, path, Some(&begun.cookie)).await).await;
    assert_eq!(status, 502, "{client}");
    assert!(page.contains("does not answer"), "{page}");
    assert_eq!(reasons(&center).await, ["away"]);
    // Nobody needs it to get out.
    let out = center.browser(&before).request(Method::DELETE, "/api/v1/session").send().await.unwrap();
    assert!(out.status().is_success(), "{}", out.status());
}

#[tokio::test]
async fn strangers_begin_and_fail_only_so_often_and_fill_no_table() {
    let quota = |burst| Quota { burst, every: Duration::from_secs(3600) };
    let quotas = Quotas { sign_in: quota(9), refusals: quota(3), ..Quotas::default() };
    let pair = Pair::of(TestProvider::shared().await, "", quotas).await;
    let center = &pair.center;
    for i in 0..9 {
        let path = if i < 4 { "/oidc/start" } else { "/oidc/callback?state=x&code=y" };
        assert_ne!(navigate(center, path, None).await.status(), 429);
    }
    let refused = navigate(center, "/oidc/start", None).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(center.audit_rows("session.refuse").await, 3, "the log has the others");
    let ways = center.bare(Method::GET, "/api/v1/session/ways").send().await.unwrap();
    assert_eq!(ways.status(), 200);
    let full = Pair::of(pair.provider.clone(), "", Quotas::default()).await;
    sqlx::query(
        "insert into oidc_flows (state_sha256, browser_sha256, nonce, verifier, return_to, created_at)
         select sha256(n::text::bytea), '', '', '', '/', now() from generate_series(1, 10000) n",
    )
    .execute(&full.center.pool)
    .await
    .unwrap();
    assert_eq!(navigate(&full.center, "/oidc/start", None).await.status(), 429, "too many are under way");
    sqlx::query("update oidc_flows set created_at = now() - interval '10 minutes'")
        .execute(&full.center.pool)
        .await
        .unwrap();
    full.begin().await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_button_and_no_way_in() {
    let center = Center::start().await;
    let ways: Value =
        center.bare(Method::GET, "/api/v1/session/ways").send().await.unwrap().json().await.unwrap();
    assert_eq!(ways, json!({ "oidc": null }));
    for path in ["/oidc/start", "/oidc/callback?state=x&code=y"] {
        assert_eq!(navigate(&center, path, None).await.status(), 404, "{path}");
    }
    let admin = center.person("an", Role::Admin).await;
    let path = format!("/api/v1/users/{}", center.add_user("lan", Role::Viewer).await);
    let link = admin.request(Method::PATCH, &path).json(&json!({ "oidc_subject": "x" }));
    assert_eq!(link.send().await.unwrap().status(), 422);
}
