//! A real OpenID provider (`tests/provider/`, in Node.js), and a browser that signs in there.

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Weak};
use tokio::sync::Mutex;

/// The client's secret at the provider.
pub(crate) const SECRET: &str = "secret of the center: +/&=%";

/// A running provider; ends with this value.
pub(crate) struct TestProvider {
    pub(crate) issuer: String,
    child: Child,
}

static SHARED: Mutex<Weak<TestProvider>> = Mutex::const_new(Weak::new());

impl TestProvider {
    /// One for all tests that need nothing of their own.
    pub(crate) async fn shared() -> Arc<TestProvider> {
        let mut shared = SHARED.lock().await;
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let started = Arc::new(TestProvider::start());
        *shared = Arc::downgrade(&started);
        started
    }

    pub(crate) fn start() -> TestProvider {
        TestProvider::start_with(&[])
    }

    /// One that takes clients' secrets in one way alone.
    pub(crate) fn start_taking(method: &str) -> TestProvider {
        TestProvider::start_with(&[method])
    }

    fn start_with(arguments: &[&str]) -> TestProvider {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/provider");
        assert!(
            folder.join("node_modules").is_dir(),
            "the tests' OpenID provider is missing: run `make setup`"
        );
        let mut command = Command::new("node");
        command
            .arg("provider.mjs")
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("Node.js is installed by the set-up");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = lines
            .by_ref()
            .map(|line| line.expect("the provider starts"))
            .find(|line| line.starts_with("http://"))
            .expect("the provider starts");
        // What else it says is read, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        TestProvider { issuer, child }
    }

    async fn tell(&self, what: &str, body: &Value) -> Value {
        let client = Client::builder().no_proxy().build().unwrap();
        let answer = client.post(format!("{}/test/{what}", self.issuer)).json(body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{what}");
        answer.json().await.unwrap()
    }

    pub(crate) async fn add_client(&self, id: &str, center: &str, method: &str) {
        let client = json!({ "id": id, "secret": SECRET, "center": center, "method": method });
        self.tell("client", &client).await;
    }

    pub(crate) async fn add_person(&self, sub: &str, name: &str, groups: &[&str]) {
        let person = json!({ "sub": sub, "preferred_username": name, "name": format!("Người {name}"),
            "groups": groups, "email": format!("{name}@example.vn"), "email_verified": false });
        self.tell("person", &person).await;
    }

    /// Alters the ID tokens that the client gets from now on.
    pub(crate) async fn twist(&self, client: &str, twist: Value) {
        let mut twist = twist;
        twist["client"] = json!(client);
        self.tell("twist", &twist).await;
    }

    pub(crate) async fn rotate(&self) {
        self.tell("rotate", &json!({})).await;
    }

    /// How often the path was asked for.
    pub(crate) async fn asked(&self, path: &str) -> u64 {
        self.tell("asked", &json!({})).await[path].as_u64().unwrap_or_default()
    }
}

impl Drop for TestProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser's way through the provider, without following what it is told by itself.
pub(crate) struct Visitor {
    client: Client,
}

impl Visitor {
    pub(crate) fn new() -> Visitor {
        let client =
            Client::builder().no_proxy().cookie_store(true).redirect(Policy::none()).build().unwrap();
        Visitor { client }
    }

    pub(crate) async fn get(&self, url: &str) -> Response {
        self.client.get(url).send().await.unwrap()
    }

    pub(crate) async fn post(&self, url: &str, form: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.client.post(url).header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap()
    }

    /// Signs in as that person at the provider (`nobody` cancels); the address back at the center.
    pub(crate) async fn sign_in(&self, authorize: &str, who: &str) -> String {
        let mut address = authorize.to_owned();
        for _ in 0..6 {
            if address.contains("/oidc/callback") {
                return address;
            }
            if address.contains("/interaction/") {
                address = format!("{address}?as={who}");
            }
            let response = self.get(&address).await;
            let base = response.url().clone();
            let status = response.status();
            let Some(next) = response.headers().get("location").cloned() else {
                panic!("{address} answered {status}: {}", response.text().await.unwrap());
            };
            address = base.join(next.to_str().unwrap()).unwrap().to_string();
        }
        panic!("the provider leads in circles: {address}");
    }
}

/// The address with another value of a parameter, or without it.
pub(crate) fn with(address: &str, key: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(address).unwrap();
    let mut pairs: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| name != key).map(|(k, v)| (k.into(), v.into())).collect();
    pairs.extend(value.map(|value| (key.to_owned(), value.to_owned())));
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.to_string()
}

/// The value of a parameter.
pub(crate) fn parameter(address: &str, key: &str) -> String {
    let url = Url::parse(address).unwrap();
    let (_, value) =
        url.query_pairs().find(|(name, _)| name == key).unwrap_or_else(|| panic!("{key} in {address}"));
    value.into_owned()
}
