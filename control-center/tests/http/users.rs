//! People and machines: adding, changing and ending them, and what ends with them.

use crate::areas::import;
use crate::harness::{Browser, Center, PASSWORD, next};
use control_center::access::limits::{Quota, Quotas};
use control_center::access::users::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

async fn send(browser: &Browser<'_>, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    read(browser.request(method, path).json(body).send().await.unwrap()).await
}

async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    (status, response.json().await.unwrap_or_default())
}

fn new_user(name: &str, more: &Value) -> Value {
    let mut user = json!({ "name": name, "role": "operator", "areas": ["*"], "password": PASSWORD });
    user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    user
}

#[tokio::test]
async fn an_admin_adds_a_person_who_signs_in_and_changes_their_own_password() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    let new = json!({ "name": "lan", "full_name": "Nguyễn Thị Lan", "role": "operator", "areas": ["*"] });
    let (status, added) = send(&admin, Method::POST, "/api/v1/users", &new).await;
    assert_eq!(status, 201, "{added}");
    let made = added["password"].as_str().unwrap();
    assert_eq!(center.try_sign_in("lan", made).await.status(), 200);
    let path = format!("/api/v1/users/{}", added["user"]["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await["full_name"], "Nguyễn Thị Lan");
    let names: Vec<Value> = admin.get("/api/v1/users").await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| u["name"].clone())
        .collect();
    assert_eq!(names, ["lan", "an"]);
    let first = admin.get("/api/v1/users?limit=1").await;
    let rest = admin.get(&format!("/api/v1/users?cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!((&first["items"][0]["name"], &rest["items"][0]["name"]), (&json!("lan"), &json!("an")));

    let set = json!({ "password": PASSWORD });
    assert_eq!(send(&admin, Method::PATCH, &path, &set).await.0, 200);
    let (one, other) = (center.sign_in("lan").await, center.sign_in("lan").await);
    let wrong = json!({ "old": "không phải thế", "new": "một cụm từ khác hẳn" });
    assert_eq!(send(&one, Method::POST, "/api/v1/me/password", &wrong).await.0, 403);
    let common = json!({ "old": PASSWORD, "new": "password1234" });
    assert_eq!(send(&one, Method::POST, "/api/v1/me/password", &common).await.0, 422);
    let change = json!({ "old": PASSWORD, "new": "một cụm từ khác hẳn" });
    let changed = one.request(Method::POST, "/api/v1/me/password").json(&change).send().await.unwrap();
    assert_eq!(changed.status(), 200);
    let cookie = changed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    for ended in [&one, &other] {
        assert_eq!(ended.request(Method::GET, "/api/v1/me").send().await.unwrap().status(), 401);
    }
    assert_eq!(center.browser(&cookie).get("/api/v1/me").await["name"], "lan");
    assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 401);
    assert_eq!(center.try_sign_in("lan", "một cụm từ khác hẳn").await.status(), 200);
    assert_eq!(center.audit_rows("me.password").await, 1);
}

#[tokio::test]
async fn what_cannot_be_a_user_is_refused_and_unknown_fields_are_named() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    let table = [
        (new_user("lan", &json!({ "is_root": true })), 400),
        (new_user("lan", &json!({ "id": "00000000-0000-7000-8000-000000000000" })), 400),
        (new_user("lan", &json!({ "role": "device" })), 422),
        (new_user("lan", &json!({ "areas": ["nowhere"] })), 422),
        (new_user("lan", &json!({ "areas": ["\u{0}"] })), 422),
        (new_user("lan", &json!({ "password": "123456789012" })), 422),
        (new_user("lan", &json!({ "password": "ngắn" })), 422),
        (new_user(" lan", &json!({})), 422),
        (new_user("lan\u{0}", &json!({})), 422),
        (new_user("lan", &json!({ "full_name": "a\u{0}" })), 422),
        (new_user("an", &json!({})), 409),
    ];
    for (body, wanted) in table {
        let (status, problem) = send(&admin, Method::POST, "/api/v1/users", &body).await;
        assert_eq!(status, wanted, "{body}: {problem}");
    }
    let id = center.add_user("lan", Role::Viewer).await;
    let path = format!("/api/v1/users/{id}");
    for (body, wanted) in
        [(json!({ "name": "x" }), 400), (json!({ "created_at": null }), 400), (json!({}), 200)]
    {
        assert_eq!(send(&admin, Method::PATCH, &path, &body).await.0, wanted, "{body}");
    }
    assert_eq!(center.try_sign_in("lan\u{0}", PASSWORD).await.status(), 422);
}

#[tokio::test]
async fn an_admin_of_an_area_gives_and_sees_no_more_than_they_have() {
    let center = Center::start().await;
    import(&center).await;
    let chief = center.add_user("chief", Role::Admin).await;
    let south = center.add_user_of("south", Role::Viewer, areas(&["south"])).await;
    let north = center.person_of("north", Role::Admin, &["north"]).await;
    for id in [chief, south] {
        let path = format!("/api/v1/users/{id}");
        let foreign = north.request(Method::GET, &path).send().await.unwrap();
        let nobody = north
            .request(Method::GET, "/api/v1/users/00000000-0000-7000-8000-000000000000")
            .send()
            .await
            .unwrap();
        assert_eq!((foreign.status(), nobody.status()), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        assert_eq!(foreign.text().await.unwrap(), nobody.text().await.unwrap());
        assert_eq!(send(&north, Method::PATCH, &path, &json!({ "password": PASSWORD })).await.0, 404);
    }
    assert_eq!(north.get("/api/v1/users").await["items"].as_array().unwrap().len(), 1);
    for more in [json!(["*"]), json!(["south"]), json!(["north", "south"])] {
        let new = new_user("lan", &json!({ "areas": more }));
        assert_eq!(send(&north, Method::POST, "/api/v1/users", &new).await.0, 422, "{more}");
        let token = json!({ "name": "t", "role": "viewer", "areas": more, "days": 1 });
        assert_eq!(send(&north, Method::POST, "/api/v1/tokens", &token).await.0, 422, "{more}");
    }
    let new = new_user("lan", &json!({ "areas": ["north"] }));
    let (status, added) = send(&north, Method::POST, "/api/v1/users", &new).await;
    assert_eq!(status, 201, "{added}");
    let path = format!("/api/v1/users/{}", added["user"]["id"].as_str().unwrap());
    assert_eq!(send(&north, Method::PATCH, &path, &json!({ "areas": ["*"] })).await.0, 422);
    assert_eq!(north.get("/api/v1/areas").await["items"], json!([{ "id": "north", "name": "Bắc" }]));
}

fn areas(words: &[&str]) -> control_center::access::AreaScope {
    control_center::access::AreaScope::of(words.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn the_last_administrator_of_the_city_stays_one() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    let own = format!("/api/v1/users/{}", admin.get("/api/v1/me").await["id"].as_str().unwrap());
    for change in [json!({ "disabled": true }), json!({ "role": "viewer" }), json!({ "areas": [] })] {
        assert_eq!(send(&admin, Method::PATCH, &own, &change).await.0, 409, "{change}");
    }
    let other = center.add_user("binh", Role::Admin).await;
    let second = center.sign_in("binh").await;
    let (path, disable) = (format!("/api/v1/users/{other}"), json!({ "disabled": true }));
    let (first, third) = tokio::join!(
        send(&admin, Method::PATCH, &path, &disable),
        send(&second, Method::PATCH, &own, &disable),
    );
    let mut both = [first.0.as_u16(), third.0.as_u16()];
    both.sort_unstable();
    // One wins; the other is refused, or signed out already.
    assert!(both[0] == 200 && [401, 409].contains(&both[1]), "{both:?}");
    let left: i64 = sqlx::query_scalar("select count(*) from users where role = 'admin' and not disabled")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_change_of_what_a_person_may_do_ends_their_sessions_and_websockets() {
    let center = Center::start().await;
    import(&center).await;
    let admin = center.person("an", Role::Admin).await;
    let id = center.add_user("lan", Role::Operator).await;
    let path = format!("/api/v1/users/{id}");
    let changes = [
        json!({ "role": "viewer" }),
        json!({ "areas": ["north"] }),
        json!({ "password": PASSWORD }),
        json!({ "disabled": true }),
    ];
    for change in changes {
        let (one, other) = (center.sign_in("lan").await, center.sign_in("lan").await);
        let mut socket = one.live(None).await;
        next(&mut socket).await;
        assert_eq!(send(&admin, Method::PATCH, &path, &json!({ "full_name": "Lan" })).await.0, 200);
        one.get("/api/v1/me").await;
        assert_eq!(send(&admin, Method::PATCH, &path, &change).await.0, 200, "{change}");
        assert_eq!(crate::live::close_code(&mut socket).await, 1008, "{change}");
        for browser in [one, other] {
            assert_eq!(
                browser.request(Method::GET, "/api/v1/me").send().await.unwrap().status(),
                401,
                "{change}"
            );
        }
    }
    assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 401);
    assert_eq!(send(&admin, Method::PATCH, &path, &json!({ "disabled": false })).await.0, 200);
    assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn an_administrator_signs_a_person_out_everywhere_who_may_sign_in_again() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    let id = center.add_user("lan", Role::Operator).await;
    let (one, other) = (center.sign_in("lan").await, center.sign_in("lan").await);
    let mut socket = one.live(None).await;
    next(&mut socket).await;
    let path = format!("/api/v1/users/{id}/sessions");
    assert_eq!(admin.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert!(matches!(next(&mut socket).await, Message::Close(_)));
    for browser in [one, other] {
        assert_eq!(browser.request(Method::GET, "/api/v1/me").send().await.unwrap().status(), 401);
    }
    assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 200);
    let rows = admin.get("/api/v1/audit?action=user.end_sessions").await;
    assert_eq!((&rows["items"][0]["subject"], &rows["items"][0]["detail"]["ended"]), (&json!(id), &json!(2)));
}

#[tokio::test]
async fn signing_out_ends_every_session_of_the_person_and_nobody_elses() {
    let center = Center::start().await;
    center.add_user("lan", Role::Viewer).await;
    let minh = center.person("minh", Role::Viewer).await;
    let (one, other) = (center.sign_in("lan").await, center.sign_in("lan").await);
    let mut socket = other.live(None).await;
    next(&mut socket).await;
    assert_eq!(one.request(Method::DELETE, "/api/v1/session").send().await.unwrap().status(), 204);
    assert!(matches!(next(&mut socket).await, Message::Close(_)));
    assert_eq!(other.request(Method::GET, "/api/v1/me").send().await.unwrap().status(), 401);
    minh.get("/api/v1/me").await;
}

#[tokio::test]
async fn a_machine_works_with_its_token_until_it_is_revoked_and_is_named_in_the_audit_rows() {
    let center = Center::start().await;
    let admin = center.person("an", Role::Admin).await;
    let new = json!({ "name": "cảm biến lũ", "role": "operator", "areas": ["*"], "days": 30 });
    let request = admin.request(Method::POST, "/api/v1/tokens").header("idempotency-key", "k");
    let (status, made) = read(request.json(&new).send().await.unwrap()).await;
    assert_eq!(status, 201, "{made}");
    let kept: i64 =
        sqlx::query_scalar("select count(*) from idempotency").fetch_one(&center.pool).await.unwrap();
    assert_eq!(kept, 0, "nothing of a secret is kept");
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("ngt_"));
    let id = made["token"]["id"].as_str().unwrap();
    let call = async |method: Method, path: &str, secret: &str| {
        center.bare(method, path).bearer_auth(secret).json(&json!({ "language": "en" })).send().await.unwrap()
    };
    // No origin: no browser sends it.
    assert_eq!(call(Method::PATCH, "/api/v1/me", secret).await.status(), 200);
    assert_eq!(call(Method::GET, "/api/v1/users", secret).await.status(), 403, "its role is operator");
    assert_eq!(call(Method::GET, "/api/v1/me", &format!("ngt_{}", "0".repeat(64))).await.status(), 401);
    let password = json!({ "old": PASSWORD, "new": "một cụm từ khác hẳn" });
    let request = center.bare(Method::POST, "/api/v1/me/password").bearer_auth(secret).json(&password);
    assert_eq!(request.send().await.unwrap().status(), 403);
    let rows = admin.get("/api/v1/audit?action=me.change").await;
    assert_eq!(rows["items"][0]["actor"], json!({ "id": id, "name": "cảm biến lũ" }));
    let list = admin.get("/api/v1/tokens").await;
    assert_eq!(list["items"][0]["name"], "cảm biến lũ");
    assert!(list["items"][0]["last_used_at"].is_string());
    assert!(!list.to_string().contains(secret));
    assert!(!admin.get("/api/v1/users").await.to_string().contains("machine"));
    let stored: i64 =
        sqlx::query_scalar("select count(*) from api_tokens where encode(token_sha256, 'hex') = $1")
            .bind(&secret[4..])
            .fetch_one(&center.pool)
            .await
            .unwrap();
    assert_eq!(stored, 0, "only its digest is kept");
    // Its name signs nobody in.
    assert_eq!(center.try_sign_in(&format!("machine:{id}"), "").await.status(), 401);

    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(admin.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(call(Method::GET, "/api/v1/me", secret).await.status(), 401);
    assert_eq!(admin.request(Method::DELETE, &path).send().await.unwrap().status(), 404);
    let (_, made) = send(&admin, Method::POST, "/api/v1/tokens", &new).await;
    sqlx::query("update api_tokens set expires_at = now()").execute(&center.pool).await.unwrap();
    assert_eq!(call(Method::GET, "/api/v1/me", made["secret"].as_str().unwrap()).await.status(), 401);
}

#[tokio::test]
async fn who_asks_without_end_is_told_to_wait_and_others_are_not() {
    let quota = Quota { burst: 3, every: Duration::from_secs(3600) };
    let writes = Quotas { writes: quota, ..Quotas::default() };
    let center = Center::start_limited(writes).await;
    let (lan, minh) = (center.person("lan", Role::Viewer).await, center.person("minh", Role::Viewer).await);
    let change = json!({ "language": "en" });
    for wanted in [200, 200, 200, 429] {
        assert_eq!(send(&lan, Method::PATCH, "/api/v1/me", &change).await.0, wanted);
    }
    let refused = lan.request(Method::PATCH, "/api/v1/me").json(&change).send().await.unwrap();
    assert!(refused.headers()["retry-after"].to_str().unwrap().parse::<i64>().unwrap() > 3500);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(send(&minh, Method::PATCH, "/api/v1/me", &change).await.0, 200);
    lan.get("/api/v1/me").await;

    let center = Center::start_limited(Quotas { sign_in: quota, ..Quotas::default() }).await;
    let from = async |address: &str| {
        let request = center.bare(Method::POST, "/api/v1/session").header("x-forwarded-for", address);
        request.json(&json!({ "name": "lan", "password": "sai mật khẩu" })).send().await.unwrap().status()
    };
    for wanted in [401, 401, 401, 429] {
        assert_eq!(from("198.51.100.7").await, wanted);
    }
    assert_eq!(from("198.51.100.8").await, 401);
}
