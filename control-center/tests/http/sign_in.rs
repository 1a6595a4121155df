//! Signing in and out, and the lock.

use crate::harness::{Center, PASSWORD};
use control_center::access::users::Role;
use reqwest::Method;
use serde_json::Value;

#[tokio::test]
async fn a_person_signs_in_reads_changes_their_language_and_signs_out_for_good() {
    let center = Center::start().await;
    center.add_user("lan", Role::Operator).await;
    let response = center.try_sign_in("lan", PASSWORD).await;
    assert_eq!(response.status(), 200);
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["__Host-session=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let me: Value = response.json().await.unwrap();
    assert_eq!(
        (&me["name"], &me["role"], &me["language"]),
        (&"lan".into(), &"operator".into(), &"vi".into())
    );

    let browser = center.sign_in("lan").await;
    let change = browser.request(Method::PATCH, "/api/v1/me").json(&serde_json::json!({ "language": "en" }));
    assert_eq!(change.send().await.unwrap().status(), 200);
    assert_eq!(browser.get("/api/v1/me").await["language"], "en");
    let wrong = browser.request(Method::PATCH, "/api/v1/me").json(&serde_json::json!({ "role": "admin" }));
    assert_eq!(wrong.send().await.unwrap().status(), 400);

    let out = browser.request(Method::DELETE, "/api/v1/session").send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let after = browser.request(Method::GET, "/api/v1/me").send().await.unwrap();
    assert_eq!(after.status(), 401);
    assert_eq!(center.audit_rows("session.end").await, 1);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let center = Center::start().await;
    center.add_user("lan", Role::Viewer).await;
    let mut answers = Vec::new();
    for name in ["lan", "nobody"] {
        let response = center.try_sign_in(name, "một mật khẩu khác").await;
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        answers.push(response.text().await.unwrap());
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn five_failures_lock_a_name_for_five_minutes_and_a_restart_does_not_open_it() {
    let center = Center::start().await;
    center.add_user("lan", Role::Viewer).await;
    center.add_user("minh", Role::Viewer).await;
    for _ in 0..5 {
        assert_eq!(center.try_sign_in("lan", "sai mật khẩu").await.status(), 401);
        assert_eq!(center.try_sign_in("nobody", "sai mật khẩu").await.status(), 401);
    }
    let center = center.restart().await;
    for name in ["lan", "nobody"] {
        let locked = center.try_sign_in(name, PASSWORD).await;
        assert_eq!(locked.status(), 429, "{name}");
        let retry_after: i64 = locked.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((270..=300).contains(&retry_after), "{retry_after}");
    }
    assert_eq!(center.try_sign_in("minh", PASSWORD).await.status(), 200);
    assert_eq!(center.audit_rows("session.lock").await, 2);
    sqlx::query("update sign_in_failures set at = at - interval '5 minutes'")
        .execute(&center.pool)
        .await
        .unwrap();
    assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn guesses_sent_all_at_once_are_counted_before_the_lock_closes() {
    let center = Center::start().await;
    center.add_user("lan", Role::Viewer).await;
    let guesses = (0..20).map(|_| center.try_sign_in("lan", "sai mật khẩu"));
    let answers = futures_util::future::join_all(guesses).await;
    let tried = answers.iter().filter(|response| response.status() == 401).count();
    assert_eq!(tried, 5, "only five guesses may reach the password");
}

#[tokio::test]
async fn a_session_ends_by_idling_by_age_and_when_its_user_is_disabled() {
    let center = Center::start().await;
    center.add_user("lan", Role::Viewer).await;
    let endings = [
        "update sessions set last_seen = last_seen - interval '12 hours'",
        "update sessions set expires_at = now()",
        "update users set disabled = true",
    ];
    for ending in endings {
        let browser = center.sign_in("lan").await;
        browser.get("/api/v1/me").await;
        sqlx::query(ending).execute(&center.pool).await.unwrap();
        let after = browser.request(Method::GET, "/api/v1/me").send().await.unwrap();
        assert_eq!(after.status(), 401, "{ending}");
    }
    assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 401, "a disabled user stays out");
}

#[tokio::test]
async fn a_name_is_added_once_and_a_short_password_never() {
    use control_center::access::AreaScope;
    use control_center::access::users::{self, AddUserError, NewUser};
    let center = Center::start().await;
    center.add_user("lan", Role::Viewer).await;
    let new = |name: &str, password: &str| NewUser {
        name: name.into(),
        full_name: String::new(),
        role: Role::Viewer,
        areas: AreaScope::whole_city(),
        password: password.into(),
    };
    let now = control_center::clock::now();
    let taken = users::add(&center.pool, new("lan", PASSWORD), now).await;
    assert!(matches!(taken, Err(AddUserError::Taken(_))), "{taken:?}");
    let short = users::add(&center.pool, new("minh", "ngắn"), now).await;
    assert!(matches!(short, Err(AddUserError::Password(_))), "{short:?}");
    let name = users::add(&center.pool, new(" x", PASSWORD), now).await;
    assert!(matches!(name, Err(AddUserError::Name(_))), "{name:?}");
}
