//! Schemathesis, which makes requests out of the OpenAPI document alone, those that it allows and those that it forbids,
//! and holds every answer against it: no 5xx, no status, media type, header or body that the document does not name.
//!
//! As an administrator with ids of nobody, then with ids that exist; as an edge; and as somebody without a credential. The
//! seed is fixed. `CONTRACT_SECONDS` says how long all four may take (30).

use crate::harness::Center;
use crate::things;
use control_center::access::limits::{Quota, Quotas};
use control_center::access::users::Role;
use reqwest::Method;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

const SEED: &str = "20261122";
/// All of Schemathesis' checks that hold a single answer against the document.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,allow_header_conformance,ignored_auth";

/// The program that the set-up installs.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.setup/contract/bin/st");
    assert!(program.exists(), "Schemathesis is not installed: run `make setup`");
    program
}

fn seconds() -> f64 {
    std::env::var("CONTRACT_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30.0)
}

/// Python 3.11 says so now and then of sound code that it parses deep in a call. It says nothing of the center.
const OWN_FAULT: &str = "AST constructor recursion depth mismatch";
/// How often a visit is made at most, when it ended by that and found nothing.
const ATTEMPTS: u32 = 3;

/// Who asks, and for what.
struct Visit<'a> {
    name: &'a str,
    headers: Vec<(&'a str, String)>,
    config: String,
    /// Share of the time.
    share: f64,
    /// Whether a method that a path has not must get 405. Whoever has not signed in learns of no path which methods it has.
    asks_methods: bool,
    more: &'a [&'a str],
}

/// What was found; nothing, most of the time.
async fn visit(center: &Center, visit: Visit<'_>) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("schemathesis.toml");
    std::fs::write(&config, visit.config).unwrap();
    let mut command = Command::new(program());
    let checks = format!("{CHECKS}{}", if visit.asks_methods { ",unsupported_method" } else { "" });
    let seconds = (seconds() * visit.share).ceil().to_string();
    command.arg("--config-file").arg(&config).args([
        "--no-color",
        "run",
        "--checks",
        &checks,
        "--seed",
        SEED,
    ]);
    command.args(["--max-time", &seconds, "--max-redirects", "0", "--request-timeout", "20"]);
    command.args(["--warnings", "off", "--continue-on-failure", "--workers", "1"]).args(visit.more);
    for (name, value) in visit.headers {
        command.arg("--header").arg(format!("{name}: {value}"));
    }
    command.arg(format!("{}/api/v1/openapi.json", center.origin()));
    // It writes what it remembers into the folder that it runs in, and asks the environment for proxies.
    command.current_dir(&dir).env("NO_PROXY", "*").env("PYTHONDONTWRITEBYTECODE", "1").kill_on_drop(true);
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let output = command.output().await.unwrap();
        let (said, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let cases = said.lines().find(|line| line.contains(" generated, ")).unwrap_or("no test cases").trim();
        eprintln!("{}: {cases}", visit.name);
        if output.status.success() {
            return None;
        }
        if left > 0 && said.contains(OWN_FAULT) && !cases.contains(" found ") {
            eprintln!("{}: once more, the tool's interpreter lost count of its own stack", visit.name);
            continue;
        }
        return Some(format!("{}: {}\n{said}\n{errors}", visit.name, output.status));
    }
}

/// Which ids stand for which part of a path.
fn ids(things: &things::Things) -> String {
    let digest = &things.digest;
    let mut config = format!(
        "[parameters]\n\"path.digest\" = \"{digest}\"\n\"path.edge\" = \"e-1\"\n\"path.camera\" = \"b\"\n\
         \"path.version\" = 1\n\"path.step\" = \"verify\"\n"
    );
    for (path, id) in [
        ("alerts", things.alert.as_str()),
        ("incidents", &things.incident),
        ("dispatches", &things.dispatch),
        ("users", &things.user),
        ("tokens", &things.token),
        ("edges", "e-1"),
        ("units", "u-1"),
    ] {
        let _ = writeln!(
            config,
            "[[operations]]\ninclude-path-regex = '^/api/v1/{path}/\\{{id\\}}'\nparameters = {{ \"path.id\" = \"{id}\" }}"
        );
    }
    config
}

/// The last acts that end sessions, with whom they were done to and how.
async fn ends(center: &Center) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "select action, subject, detail::text from audit
         where action in ('session.end', 'user.change', 'user.end_sessions', 'me.password') order by id desc limit 8",
    )
    .fetch_all(&center.pool)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_in_the_document_and_none_is_an_error_of_ours() {
    let often = Quota { burst: 1_000_000, every: Duration::from_micros(1) };
    let quotas = Quotas {
        sign_in: often,
        enroll: often,
        enroll_in_all: often,
        writes: often,
        reads: often,
        refusals: often,
        strangers: often,
        ..Quotas::default()
    };
    let center = Center::start_limited(quotas).await;
    for part in ["database", "broker"] {
        center.set_part(part, true);
    }
    let chief = center.person("chief", Role::Admin).await;
    let things = things::things(&center, &chief).await;
    let person = || vec![("Cookie", chief.cookie.clone()), ("Origin", center.origin())];
    // Else the first of these would end the session that all others need.
    let stays = ["--exclude-operation-id", "sign_out", "--exclude-operation-id", "end_user_sessions"];
    let strangers = Visit {
        name: "an administrator, ids of nobody",
        headers: person(),
        config: String::new(),
        share: 0.25,
        asks_methods: true,
        more: &[&["--phases", "coverage,fuzzing"], &stays[..]].concat(),
    };
    let known = Visit {
        name: "an administrator, ids that exist",
        headers: person(),
        config: ids(&things),
        share: 0.4,
        asks_methods: true,
        more: &[&["--phases", "examples,coverage,fuzzing"], &stays[..]].concat(),
    };
    let nobody = Visit {
        name: "nobody",
        headers: Vec::new(),
        config: String::new(),
        share: 0.2,
        asks_methods: false,
        more: &["--phases", "examples,coverage,fuzzing"],
    };
    let mut found = Vec::new();
    for one in [strangers, known, nobody] {
        let name = one.name;
        found.extend(visit(&center, one).await);
        // Else whatever came after was asked by nobody.
        let me = chief.request(Method::GET, "/api/v1/me").send().await.unwrap().status();
        if me != 200 {
            found.push(format!("{name}: the administrator's session ended, {me}: {:?}", ends(&center).await));
        }
    }
    // Only now: an administrator takes credentials away.
    let secret = center.add_edge_secret("e-1").await;
    let request =
        reqwest::Client::new().get("http://[::1]").basic_auth("e-1", Some(&secret)).build().unwrap();
    let credential = request.headers()["authorization"].to_str().unwrap().to_owned();
    let edge = Visit {
        name: "an edge",
        headers: vec![("Authorization", credential)],
        config: ids(&things),
        share: 0.15,
        asks_methods: true,
        more: &["--phases", "coverage,fuzzing", "--include-tag", "devices"],
    };
    found.extend(visit(&center, edge).await);
    assert!(found.is_empty(), "{}", found.join("\n"));

    let done: i64 =
        sqlx::query_scalar("select count(distinct action) from audit").fetch_one(&center.pool).await.unwrap();
    eprintln!("{done} kinds of acts were done meanwhile");
    assert!(done > 12, "what is refused altogether is not tested: {done}");
    assert!(
        control_center::access::chain::verify(&center.pool, &[]).await.is_ok(),
        "and the audit rows are whole"
    );
}
