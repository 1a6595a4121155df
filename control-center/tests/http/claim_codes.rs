//! Claim codes: one credential once, and a guess none.

use crate::areas::import;
use crate::harness::{Center, jpeg};
use crate::things::{made, put};
use control_center::access::users::Role;
use control_center::clock;
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) async fn claim(center: &Center) -> (String, Value) {
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

/// T36 over HTTP; `limits.rs` tries a million guesses with a clock that the test holds.
#[tokio::test]
async fn guesses_from_many_addresses_end_at_the_limit_over_all_and_the_code_is_not_used_up() {
    let center = Center::start().await;
    import(&center).await;
    let (code, _) = claim(&center).await;
    let guess = async |n: u32| {
        let from = format!("198.51.{}.{}", 100 + n / 250, 1 + n % 250);
        let request = center.bare(Method::POST, "/api/v1/enroll").header("x-forwarded-for", from);
        let answer = request.json(&json!({ "code": format!("{n:032}") })).send().await.unwrap();
        let wait = answer.headers().get("retry-after").cloned();
        (answer.status().as_u16(), wait.and_then(|wait| wait.to_str().ok()?.parse::<u32>().ok()))
    };
    let begin = clock::instant();
    let mut heard = 0;
    for n in 0..300 {
        match guess(n).await {
            (403, None) => heard += 1,
            (429, Some(wait)) => assert!(wait >= 1, "it is told how long to wait"),
            other => panic!("{other:?}"),
        }
    }
    let most = 60 + begin.elapsed().as_secs() + 1;
    assert!((60..=most).contains(&heard), "{heard} guesses were heard, at most {most} may be");
    let used: bool = sqlx::query_scalar("select bool_or(used_at is not null) from claim_codes")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert!(!used && !code.is_empty());
    assert_eq!(center.audit_rows("edge.claim").await, 0, "guesses leave no rows");
}
