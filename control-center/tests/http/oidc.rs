//! Signing in at a real OpenID provider: who gets in, as whom, and out again.

use crate::harness::{Browser, Center, PASSWORD};
use crate::provider::{SECRET, TestProvider, Visitor, parameter};
use control_center::access::limits::Quotas;
use control_center::access::oidc::Settings;
use control_center::access::oidc::settings::Raw;
use control_center::access::users::Role;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const NAME: &str = "Tài khoản <tỉnh>";

/// What `[oidc]` says.
pub(crate) fn settings(issuer: &str, client: &str, more: &str) -> Settings {
    let mut secret = tempfile::NamedTempFile::new().unwrap();
    writeln!(secret, "{SECRET}").unwrap();
    let text = format!(
        "issuer = {issuer:?}\nclient_id = {client:?}\nclient_secret_file = {:?}\nname = {NAME:?}\n\
         scopes = [\"profile\", \"groups\", \"email\"]\n{more}",
        secret.path()
    );
    toml::from_str::<Raw>(&text).unwrap().check().unwrap()
}

/// A center and the provider that it knows.
pub(crate) struct Pair {
    pub(crate) center: Center,
    pub(crate) provider: Arc<TestProvider>,
    pub(crate) client: String,
}

/// A sign-in that is under way.
pub(crate) struct Begun {
    pub(crate) authorize: String,
    pub(crate) cookie: String,
}

impl Pair {
    pub(crate) async fn start(more: &str) -> Pair {
        Pair::of(TestProvider::shared().await, more, Quotas::default()).await
    }

    pub(crate) async fn of(provider: Arc<TestProvider>, more: &str, quotas: Quotas) -> Pair {
        let client = uuid::Uuid::new_v4().to_string();
        let settings = settings(&provider.issuer, &client, more);
        let center = Center::start_oidc((settings, Duration::from_secs(10)), quotas).await;
        provider.add_client(&client, &center.origin(), "client_secret_basic").await;
        Pair { center, provider, client }
    }

    pub(crate) async fn begin(&self) -> Begun {
        let response =
            navigate(&self.center, "/oidc/start?return=%2F%23%2Fincidents%3Fstate%3Dopen", None).await;
        assert_eq!(response.status(), 303);
        let authorize = response.headers()["location"].to_str().unwrap().to_owned();
        assert!(authorize.starts_with(&self.provider.issuer), "{authorize}");
        Begun { authorize, cookie: cookie(&response, "__Host-oidc").unwrap() }
    }

    /// The whole way as that person of the provider; the center's last answer.
    pub(crate) async fn sign_in(&self, who: &str) -> Response {
        let begun = self.begin().await;
        let back = Visitor::new().sign_in(&begun.authorize, who).await;
        self.come_back(&back, &begun.cookie).await
    }

    /// Signs in; the browser.
    pub(crate) async fn enter(&self, who: &str) -> Browser<'_> {
        let response = self.sign_in(who).await;
        let Some(cookie) = cookie(&response, "__Host-session") else {
            panic!("{who}: {} {}", response.status(), response.text().await.unwrap());
        };
        assert_eq!(response.status(), 303);
        self.center.browser(&cookie)
    }

    pub(crate) async fn come_back(&self, back: &str, cookie: &str) -> Response {
        let path = back.strip_prefix(&self.center.origin()).unwrap();
        navigate(&self.center, path, Some(cookie)).await
    }

    pub(crate) async fn subject_of(&self, id: uuid::Uuid, subject: &str) {
        sqlx::query("update users set oidc_issuer = $2, oidc_subject = $3 where id = $1")
            .bind(id)
            .bind(&self.provider.issuer)
            .bind(subject)
            .execute(&self.center.pool)
            .await
            .unwrap();
    }
}

/// As a browser follows a link: no origin, and nothing followed by itself.
pub(crate) async fn navigate(center: &Center, path: &str, cookie: Option<&str>) -> Response {
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let mut request = client.get(format!("{}{path}", center.origin())).header("sec-fetch-site", "cross-site");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    request.send().await.unwrap()
}

/// A cookie that the answer sets to something, as it is sent back.
pub(crate) fn cookie(response: &Response, name: &str) -> Option<String> {
    let set = response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut pairs = set.filter_map(|set| set.split(';').next());
    pairs.find(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.len() > 1)).map(ToOwned::to_owned)
}

async fn patch(browser: &Browser<'_>, path: &str, change: Value) -> StatusCode {
    browser.request(Method::PATCH, path).json(&change).send().await.unwrap().status()
}

#[tokio::test]
async fn a_person_whom_an_administrator_linked_signs_in_at_the_provider_and_is_who_they_are_here() {
    let pair = Pair::start("").await;
    let center = &pair.center;
    pair.provider.add_person("sub-lan", "lan-o-tinh", &["everything"]).await;
    let id = center.add_user("lan", Role::Operator).await;
    let admin = center.person("an", Role::Admin).await;
    let path = format!("/api/v1/users/{id}");
    let long = "x".repeat(256);
    assert_eq!(patch(&admin, &path, json!({ "oidc_subject": long })).await, 422);
    assert_eq!(patch(&admin, &path, json!({ "oidc_subject": "sub-lan" })).await, 200);
    assert_eq!(admin.get(&path).await["is_federated"], true);
    let other = format!("/api/v1/users/{}", center.add_user("minh", Role::Viewer).await);
    assert_eq!(
        patch(&admin, &other, json!({ "oidc_subject": "sub-lan" })).await,
        409,
        "one there is one here"
    );
    let ways: Value =
        center.bare(Method::GET, "/api/v1/session/ways").send().await.unwrap().json().await.unwrap();
    assert_eq!(ways, json!({ "oidc": { "name": NAME, "start": "/oidc/start" } }));

    let start = navigate(center, "/oidc/start?return=//evil.example", None).await;
    let set = start.headers()["set-cookie"].to_str().unwrap();
    for part in ["__Host-oidc=", "; Path=/", "; Max-Age=600", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
        assert!(set.contains(part), "{set} lacks {part}");
    }
    let begun = pair.begin().await;
    assert_eq!(parameter(&begun.authorize, "response_type"), "code");
    assert_eq!(parameter(&begun.authorize, "code_challenge_method"), "S256");
    assert_eq!(parameter(&begun.authorize, "redirect_uri"), format!("{}/oidc/callback", center.origin()));
    assert!(parameter(&begun.authorize, "scope").starts_with("openid "));
    assert_eq!(parameter(&begun.authorize, "state").len(), 64);
    assert!(parameter(&begun.authorize, "nonce").len() >= 16);

    // The browser has a session already: it gets another token, and the old one is worth nothing.
    let before = center.sign_in("lan").await;
    let visitor = Visitor::new();
    let back = visitor.sign_in(&begun.authorize, "sub-lan").await;
    let response = pair.come_back(&back, &format!("{}; {}", begun.cookie, before.cookie)).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], "/#/incidents?state=open");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let session = cookie(&response, "__Host-session").unwrap();
    assert_ne!(session, before.cookie);
    let taken_back = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .any(|set| set.to_str().unwrap().starts_with("__Host-oidc=; Path=/; Max-Age=0"));
    assert!(taken_back);
    assert_eq!(before.request(Method::GET, "/api/v1/me").send().await.unwrap().status(), 401);
    let lan = center.browser(&session);
    let me = lan.get("/api/v1/me").await;
    assert_eq!((&me["name"], &me["role"]), (&json!("lan"), &json!("operator")), "what they are here counts");
    let rows = admin.get("/api/v1/audit?action=session.begin").await;
    assert_eq!(rows["items"][0]["detail"]["via"], "oidc");
    assert_eq!(rows["items"][0]["subject"], "lan");

    // Out again: here at once, and at the provider by the address that is told.
    let out = lan.request(Method::DELETE, "/api/v1/session").send().await.unwrap();
    assert_eq!(out.status(), 200);
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let leave = out.json::<Value>().await.unwrap()["leave"].as_str().unwrap().to_owned();
    assert_eq!(lan.request(Method::GET, "/api/v1/me").send().await.unwrap().status(), 401);
    assert!(parameter(&leave, "id_token_hint").split('.').count() == 3);
    let page = visitor.get(&leave).await.text().await.unwrap();
    let secret = page.split("name=\"xsrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let confirm = format!("{}/session/end/confirm", pair.provider.issuer);
    let left = visitor.post(&confirm, &[("xsrf", secret), ("logout", "yes")]).await;
    assert_eq!(left.headers()["location"], format!("{}/", center.origin()));
    // With a password one is signed out here only.
    let out = center.sign_in("lan").await.request(Method::DELETE, "/api/v1/session").send().await.unwrap();
    assert_eq!(out.status(), 204);
    // Who is unlinked stays out.
    assert_eq!(patch(&admin, &path, json!({ "oidc_subject": "" })).await, 200);
    assert_eq!(pair.sign_in("sub-lan").await.status(), 403);
    assert_eq!(center.try_sign_in("lan", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn the_mapping_makes_people_and_what_administrators_change_here_stays() {
    let map = "unknown = \"make\"\n[[map]]\nvalue = \"desk\"\nrole = \"operator\"\nareas = [\"north\"]\n\
               [[map]]\nvalue = \"south\"\nareas = [\"south\"]";
    let pair = Pair::start(map).await;
    let center = &pair.center;
    pair.provider.add_person("m-1", "mai", &["others", "desk", "south"]).await;
    let mai = pair.enter("m-1").await;
    let me = mai.get("/api/v1/me").await;
    assert_eq!((&me["name"], &me["role"]), (&json!("mai"), &json!("operator")));
    assert_eq!((&me["full_name"], &me["areas"]), (&json!("Người mai"), &json!(["north", "south"])));
    assert_eq!(center.try_sign_in("mai", "").await.status(), 401, "there is no password to guess");

    // Another name there, other groups there, another role here: it is the same person, with the role from here.
    pair.provider.add_person("m-1", "mai-khac", &[]).await;
    let admin = center.person("an", Role::Admin).await;
    let path = format!("/api/v1/users/{}", me["id"].as_str().unwrap());
    assert_eq!(patch(&admin, &path, json!({ "role": "viewer" })).await, 200);
    assert_eq!(mai.request(Method::GET, "/api/v1/me").send().await.unwrap().status(), 401);
    let again = pair.enter("m-1").await.get("/api/v1/me").await;
    assert_eq!((&again["id"], &again["name"], &again["role"]), (&me["id"], &json!("mai"), &json!("viewer")));
    assert_eq!(patch(&admin, &path, json!({ "disabled": true })).await, 200);
    assert_eq!(pair.sign_in("m-1").await.status(), 403, "disabled here is disabled");

    // Two who come for the first time at once are one person each.
    pair.provider.add_person("m-2", "hai", &["desk"]).await;
    let (one, other) = tokio::join!(pair.sign_in("m-2"), pair.sign_in("m-2"));
    assert!(one.status() == 303 || other.status() == 303);
    let made: i64 = sqlx::query_scalar("select count(*) from users where oidc_subject = 'm-2'")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(made, 1);
}

#[tokio::test]
async fn where_the_mapping_rules_it_gives_and_takes_at_each_sign_in_but_never_the_last_administrator() {
    let map = "unknown = \"make\"\nauthority = \"mapping\"\nlink_by_name = true\n\
               [[map]]\nvalue = \"chiefs\"\nrole = \"admin\"\nareas = [\"*\"]\n\
               [[map]]\nvalue = \"desk\"\nrole = \"operator\"\nareas = [\"*\"]";
    let pair = Pair::start(map).await;
    let center = &pair.center;
    let admin = center.person("an", Role::Admin).await;
    // By name, once: whoever has that name there afterwards is somebody else.
    pair.provider.add_person("a-1", "an", &["chiefs"]).await;
    let an = pair.enter("a-1").await;
    assert_eq!(an.get("/api/v1/me").await["role"], "admin");
    pair.provider.add_person("a-2", "an", &["chiefs"]).await;
    assert_eq!(pair.sign_in("a-2").await.status(), 403);
    pair.provider.add_person("a-1", "an", &["desk"]).await;
    assert_eq!(pair.sign_in("a-1").await.status(), 403, "nobody could do everything any more");
    assert_eq!(admin.get("/api/v1/me").await["role"], "admin");

    pair.provider.add_person("b-1", "binh", &["chiefs"]).await;
    let binh = pair.enter("b-1").await;
    assert_eq!(binh.get("/api/v1/me").await["role"], "admin");
    assert_eq!(pair.enter("a-1").await.get("/api/v1/me").await["role"], "operator");
    assert_eq!(
        an.request(Method::GET, "/api/v1/me").send().await.unwrap().status(),
        401,
        "the old role ended"
    );
    pair.provider.add_person("a-1", "an", &[]).await;
    assert_eq!(pair.sign_in("a-1").await.status(), 403, "no group, no way in");
    assert!(control_center::access::chain::verify(&center.pool, &[]).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_takes_the_secret_in_the_body_alone_gets_it_there() {
    let provider = Arc::new(TestProvider::start_taking("client_secret_post"));
    let pair = Pair::of(
        provider.clone(),
        "unknown = \"make\"\n[[map]]\nvalue = \"g\"\nrole = \"viewer\"",
        Quotas::default(),
    );
    let pair = pair.await;
    provider.add_client(&pair.client, &pair.center.origin(), "client_secret_post").await;
    provider.add_person("p-1", "phong", &["g"]).await;
    assert_eq!(pair.enter("p-1").await.get("/api/v1/me").await["name"], "phong");
}

#[tokio::test]
async fn new_keys_are_read_when_a_token_needs_them_and_not_before() {
    let provider = Arc::new(TestProvider::start());
    let pair = Pair::of(
        provider.clone(),
        "unknown = \"make\"\n[[map]]\nvalue = \"g\"\nrole = \"viewer\"",
        Quotas::default(),
    );
    let pair = pair.await;
    provider.add_person("k-1", "kim", &["g"]).await;
    pair.enter("k-1").await;
    let (document, keys) = ("/.well-known/openid-configuration", "/jwks");
    assert_eq!((provider.asked(document).await, provider.asked(keys).await), (1, 1));
    provider.rotate().await;
    pair.enter("k-1").await.get("/api/v1/me").await;
    pair.enter("k-1").await;
    assert_eq!((provider.asked(document).await, provider.asked(keys).await), (1, 2), "asked again once");
}
