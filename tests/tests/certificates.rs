//! An edge over TLS with the real programs: from its claim code to the end of its certificate.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::stack::edge::write_config;
use ngatu_tests::stack::process::program;
use ngatu_tests::stack::{Center, Edge, StackDir};
use ngatu_tests::wait::{Seen, wait_for};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const TLS: &str =
    "[http.tls]\nnames = [\"127.0.0.1\"]\n[mqtt.tls]\nlisten = \"127.0.0.1:0\"\nnames = [\"127.0.0.1\"]\n";

/// An administrator, signed in over HTTPS.
struct Admin {
    web: reqwest::Client,
    url: String,
}

impl Admin {
    async fn sign_in(center: &Center) -> anyhow::Result<Admin> {
        let password = center.add_user("admin", "admin").await?;
        let admin = Admin { web: center.web()?, url: center.http_url() };
        let typed = json!({ "name": "admin", "password": password });
        admin.call(reqwest::Method::POST, "/api/v1/session", Some(typed)).await?;
        Ok(admin)
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.web.request(method, format!("{}{path}", self.url)).header("origin", &self.url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let text = request.send().await?.error_for_status()?.text().await?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    async fn edge(&self) -> anyhow::Result<Value> {
        Ok(self.call(reqwest::Method::GET, "/api/v1/edges", None).await?["items"][0].clone())
    }
}

async fn edge_agent(args: &[&str], config: &Path) -> (bool, String) {
    let command = tokio::process::Command::new(program("edge-agent").unwrap())
        .args(args)
        .arg("--config")
        .arg(config)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, command).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_is_enrolled_works_renews_and_is_revoked_over_tls() {
    let dir = Arc::new(StackDir::new("certificates").unwrap());
    let mut center = Center::start_with(Arc::clone(&dir), TLS).await.unwrap();
    center.enroll("e-1").await.unwrap();
    let admin = Admin::sign_in(&center).await.unwrap();
    let (mqtts, https) = (center.mqtts_url().unwrap(), center.http_url());
    let config = write_config(&dir, "e-1", "to be replaced", (&mqtts, &https), &[]).unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    std::fs::copy(center.authority(), file("ca.crt")).unwrap();
    let text = std::fs::read_to_string(&config).unwrap();
    let own = format!(
        "ca_file = \"{ca}\"\ncertificate_file = \"{}\"\nkey_file = \"{}\"\n[center]\nca_file = \"{ca}\"\n",
        file("e-1.crt"),
        file("e-1.key"),
        ca = file("ca.crt")
    );
    std::fs::write(&config, text.replacen("[center]\n", &own, 1)).unwrap();
    let (runs, said) = edge_agent(&["run"], &config).await;
    assert!(!runs && said.contains("mqtt.certificate_file") && said.contains("enroll"), "{said}");

    let made = admin.call(reqwest::Method::POST, "/api/v1/edges/e-1/claim-codes", None).await.unwrap();
    let (done, said) = edge_agent(&["enroll", "--code", made["code"].as_str().unwrap()], &config).await;
    assert!(done, "{said}");
    let mut edge = Edge::run(Arc::clone(&dir), "e-1", config.clone()).unwrap();
    let online = async |wanted: bool| {
        let seen = async || {
            let edge = admin.edge().await?;
            Ok(Seen::when(edge["online"] == wanted, (), edge.to_string()))
        };
        wait_for(if wanted { "the edge" } else { "its end" }, PATIENCE, seen).await
    };
    online(true).await.unwrap_or_else(|e| panic!("{e:#}\n{}", edge.process().log_tail(15)));
    let first = admin.edge().await.unwrap()["certificate_expires_at"].clone();
    assert!(first.is_string(), "{first}");

    let before = std::fs::read(file("e-1.crt")).unwrap();
    let (done, said) = edge_agent(&["enroll", "--renew"], &config).await;
    assert!(done && said.contains("is good until"), "{said}");
    assert_ne!(std::fs::read(file("e-1.crt")).unwrap(), before);
    edge.kill9_and_start().unwrap();
    wait_for("health over the renewed one", PATIENCE, async || {
        let edge = admin.edge().await?;
        Ok(Seen::when(edge["online"] == true && !edge["disk_free_bytes"].is_null(), (), edge.to_string()))
    })
    .await
    .unwrap();

    admin.call(reqwest::Method::DELETE, "/api/v1/edges/e-1/credential", None).await.unwrap();
    online(false).await.unwrap();
    wait_for("the reason in the edge's log", PATIENCE, async || {
        let log = edge.process().log_tail(50);
        Ok(Seen::when(log.contains("CertificateRevoked"), (), log))
    })
    .await
    .unwrap();
    let (done, said) = edge_agent(&["enroll", "--renew"], &config).await;
    assert!(!done && said.contains("401"), "{said}");
    edge.stop().unwrap();
    center.stop().unwrap();
}
