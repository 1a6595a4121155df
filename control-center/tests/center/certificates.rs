//! T35: who comes in where certificates are switched on, with a real Mosquitto and real certificates.

use crate::support::{Center, Edge, array, folder, until};
use chrono::{DateTime, TimeDelta, Utc};
use control_center::access::sessions::SessionKey;
use control_center::access::users::{self, NewUser, Role};
use control_center::access::{AreaScope, Person, Via, claims};
use control_center::certificates::{Authority, Validity};
use control_center::city::{self, Enrolled};
use control_center::clock;
use ngatu_protocol::{EdgeId, Lane};
use rcgen::{CertificateParams, KeyPair};
use rumqttc::v5::MqttOptions;
use rumqttc::v5::mqttbytes::v5::PubAckReason;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const CERTIFICATES: &str = "[mqtt.tls]\nlisten = \"127.0.0.1:0\"\nnames = [\"localhost\", \"127.0.0.1\"]\n";
const HTTPS: &str = "[http.tls]\nnames = [\"localhost\", \"127.0.0.1\"]\n";

/// A certificate and its key, PEM.
pub(crate) type Shown<'a> = (&'a str, &'a str);

pub(crate) fn edge_id(name: &str) -> EdgeId {
    EdgeId::new(name).unwrap()
}

pub(crate) fn authority(center: &Center) -> Authority {
    Authority::open(&center.dir.path().join("data"), clock::now()).unwrap()
}

pub(crate) async fn enroll(center: &Center, name: &str) -> Enrolled {
    let asked = (&edge_id(name), None, None);
    let authority = authority(center);
    city::enroll_with_certificate(center.app.pool(), &authority, asked, clock::now()).await.unwrap()
}

fn client(center: &Center, shown: Option<Shown<'_>>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let authority = authority(center);
    roots.add(CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder().with_root_certificates(roots);
    Arc::new(match shown {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    })
}

/// Begins to connect with this certificate; the client calls itself `calls`.
fn begin(center: &Center, (name, calls): (&str, &str), shown: Option<Shown<'_>>) -> Edge {
    over_tls(center, center.app.mqtts().unwrap(), (name, calls), shown)
}

pub(crate) fn over_tls(
    center: &Center,
    broker: SocketAddr,
    (name, calls): (&str, &str),
    shown: Option<Shown<'_>>,
) -> Edge {
    let mut options = MqttOptions::new(calls, broker.ip().to_string(), broker.port());
    let tls = rumqttc::TlsConfiguration::Rustls(client(center, shown));
    options.set_transport(rumqttc::Transport::tls_with_config(tls));
    Edge::begin_with(options, name)
}

pub(crate) async fn connected(edge: Edge) -> Edge {
    until("connection of an edge", |connected| *connected, async || edge.heard.lock().unwrap().connected)
        .await;
    edge
}

pub(crate) fn shown(enrolled: &Enrolled) -> Shown<'_> {
    (&enrolled.certificate.pem, enrolled.key.as_deref().unwrap())
}

/// Waits until it is refused for that reason, having never come in.
pub(crate) async fn refused(what: &str, edge: &Edge, wanted: &str) {
    let look = async || {
        let heard = edge.heard.lock().unwrap();
        assert!(!heard.connected, "{what} came in");
        heard.refused.clone().unwrap_or_default()
    };
    until(&format!("refusal of {what} with {wanted}"), |why: &String| why.contains(wanted), look).await;
}

pub(crate) fn admin() -> Person {
    Person {
        id: uuid::Uuid::now_v7(),
        name: "an".into(),
        full_name: String::new(),
        role: Role::Admin,
        areas: AreaScope::whole_city(),
        language: "vi".into(),
        session: SessionKey::of_token(&"ab".repeat(32)).unwrap(),
        via: Via::Session,
    }
}

async fn revoke(center: &Center, name: &str) {
    assert!(claims::revoke(center.app.pool(), &admin(), &edge_id(name), clock::now()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_certificate_of_the_own_authority_comes_in_and_only_to_its_own_topics() {
    let center = Center::start_with(CERTIFICATES).await;
    let good = enroll(&center, "good").await;
    let other = enroll(&center, "other").await;
    let revoked = enroll(&center, "revoked").await;
    revoke(&center, "revoked").await;
    let now = clock::now();
    let own = authority(&center);
    let within = |from: DateTime<Utc>, until: DateTime<Utc>| {
        let (issued, key) = own.with_key(&edge_id("good"), Validity { from, until }).unwrap();
        (issued.pem, key)
    };
    let hours = TimeDelta::hours;
    let expired = within(now - hours(48), now - hours(24));
    let early = within(now + hours(24), now + hours(48));
    let elsewhere = folder();
    let stranger = Authority::open(elsewhere.path(), now).unwrap();
    let (strange, strange_key) = stranger.with_key(&edge_id("good"), Validity::of_device(now)).unwrap();
    let own_key = KeyPair::generate().unwrap();
    let own_made = CertificateParams::new(vec!["good".to_owned()]).unwrap().self_signed(&own_key).unwrap();
    let server = own.server(&["good".to_owned()], now).unwrap();

    // The neighbour is there all the time.
    let bystander = connected(begin(&center, ("other", "any"), Some(shown(&other)))).await;
    let table: &[(&str, Option<Shown<'_>>, &str)] = &[
        ("no certificate", None, "CertificateRequired"),
        ("one of another authority", Some((&strange.pem, &strange_key)), "UnknownCA"),
        ("one that nobody signed", Some((&own_made.pem(), &own_key.serialize_pem())), "fatal alert"),
        ("an expired one", Some((&expired.0, &expired.1)), "CertificateExpired"),
        ("one of the future", Some((&early.0, &early.1)), "BadCertificate"),
        ("a revoked one", Some(shown(&revoked)), "CertificateRevoked"),
        ("a server's", Some((&server.certificate, &server.key)), "fatal alert"),
    ];
    for (what, certificate, wanted) in table {
        let edge = begin(&center, ("good", "good"), *certificate);
        refused(what, &edge, wanted).await;
    }
    let edge = connected(begin(&center, ("good", "good"), Some(shown(&good)))).await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    let pubacks = || edge.heard.lock().unwrap().pubacks.len();
    let before = pubacks();
    for topic in
        ["ngatu/v1/other/events", "ngatu/v1/other/state", "ngatu/v1/signals/other", "ngatu/v1/x/config"]
    {
        edge.publish(topic, array([edge.event(2)])).await;
    }
    until("answers", |n| *n == before + 4, async || pubacks()).await;
    let reasons = edge.heard.lock().unwrap().pubacks[before..].to_vec();
    assert!(reasons.iter().all(|reason| *reason == PubAckReason::NotAuthorized), "{reasons:?}");

    // The password that came with the certificate, and another one's name, are not looked at.
    let broker = center.app.mqtts().unwrap();
    let mut options = MqttOptions::new("other", broker.ip().to_string(), broker.port());
    let tls = rumqttc::TlsConfiguration::Rustls(client(&center, Some(shown(&good))));
    options.set_transport(rumqttc::Transport::tls_with_config(tls));
    options.set_credentials("other", &other.secret);
    drop(edge);
    let masked = connected(Edge::begin_with(options, "good")).await;
    masked.publish("ngatu/v1/other/events", array([masked.event(2)])).await;
    let last = async || masked.heard.lock().unwrap().pubacks.last().copied();
    until("refusal", |last| *last == Some(PubAckReason::NotAuthorized), last).await;
    assert!(bystander.heard.lock().unwrap().refused.is_none(), "nobody has put the neighbour out");
    bystander.send(Lane::Events, array([bystander.event(1)])).await;
    bystander.until_acked(Lane::Events, 1).await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_is_cut_off_at_once_and_stays_out_and_nobody_else_notices() {
    let center = Center::start_with(CERTIFICATES).await;
    let (gone, stays) = (enroll(&center, "gone").await, enroll(&center, "stays").await);
    let edge = connected(begin(&center, ("gone", "gone"), Some(shown(&gone)))).await;
    let neighbour = connected(begin(&center, ("stays", "stays"), Some(shown(&stays)))).await;
    revoke(&center, "gone").await;
    let look = async || {
        let heard = edge.heard.lock().unwrap();
        (heard.connected, heard.refused.clone().unwrap_or_default())
    };
    let is_out = |(connected, why): &(bool, String)| !connected && why.contains("CertificateRevoked");
    until("end of the connection", is_out, look).await;
    assert!(neighbour.heard.lock().unwrap().refused.is_none(), "nobody else is cut off");
    neighbour.send(Lane::Events, array([neighbour.event(1)])).await;
    neighbour.until_acked(Lane::Events, 1).await;
    // It stays out of a broker and a center that were started anew, and comes back with a new certificate alone.
    let center = center.again_with(CERTIFICATES).await;
    let edge = begin(&center, ("gone", "gone"), Some(shown(&gone)));
    refused("a revoked one", &edge, "CertificateRevoked").await;
    let new = enroll(&center, "gone").await;
    let back = connected(begin(&center, ("gone", "gone"), Some(shown(&new)))).await;
    back.send(Lane::Events, array([back.event(1)])).await;
    back.until_acked(Lane::Events, 1).await;
    // Enrolling anew ends what was given before.
    let newest = enroll(&center, "gone").await;
    let is_out = |why: &Option<String>| why.as_ref().is_some_and(|why| why.contains("CertificateRevoked"));
    until("end of the older one", is_out, async || back.heard.lock().unwrap().refused.clone()).await;
    let last = connected(begin(&center, ("gone", "gone"), Some(shown(&newest)))).await;
    // The same where a password is given instead.
    last.heard.lock().unwrap().refused = None;
    let secret = center.enroll("gone").await;
    until("end of the last one", is_out, async || last.heard.lock().unwrap().refused.clone()).await;
    Edge::connect(center.mqtt(), "gone", &secret).await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_lets_in_who_has_no_certificate_and_nobody_else() {
    let center = Center::start_with(CERTIFICATES).await;
    let old = center.edge("old").await;
    old.send(Lane::Events, array([old.event(1)])).await;
    old.until_acked(Lane::Events, 1).await;
    let secret = center.enroll("moves").await;
    let moves = Edge::connect(center.mqtt(), "moves", &secret).await;
    let enrolled = enroll(&center, "moves").await;
    // It may have been refused before the broker knew it as well.
    let look = async || {
        let heard = moves.heard.lock().unwrap();
        (heard.connected, heard.refused.clone().unwrap_or_default())
    };
    let is_out = |(connected, why): &(bool, String)| !connected && why.contains("NotAuthorized");
    until("end of the password", is_out, look).await;
    for secret in [&secret, &enrolled.secret] {
        let edge = Edge::begin(center.mqtt(), "moves", secret);
        refused("a password beside a certificate", &edge, "NotAuthorized").await;
    }
    connected(begin(&center, ("moves", "moves"), Some(shown(&enrolled)))).await;
    assert!(old.heard.lock().unwrap().refused.is_none());
    // Where certificates are switched off again, the passwords are as good as before.
    let center = center.again().await;
    Edge::connect(center.mqtt(), "moves", &enrolled.secret).await;
    center.app.stop().await;
}

fn openssl(dir: &Path, args: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(args).current_dir(dir).stdin(Stdio::null()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_agrees_with_what_is_signed_and_revoked_and_no_session_outlives_a_revocation() {
    let center = Center::start_with(CERTIFICATES).await;
    let dir = center.dir.path();
    let new = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "e.key", "-out", "e.csr"];
    let (made, said) = openssl(dir, &[&new[..], &["-subj", "/CN=somebody else"]].concat());
    assert!(made, "{said}");
    let csr = std::fs::read_to_string(dir.join("e.csr")).unwrap();
    let asked = (&edge_id("e-1"), None, Some(csr.as_str()));
    let own = authority(&center);
    let enrolled = city::enroll_with_certificate(center.app.pool(), &own, asked, clock::now()).await.unwrap();
    assert!(enrolled.key.is_none(), "its key never left it");
    std::fs::write(dir.join("e.crt"), &enrolled.certificate.pem).unwrap();
    let list = dir.join("data/mosquitto/revoked.crl");
    let verify = ["verify", "-CAfile", "data/ca/ca.crt", "-crl_check", "-CRLfile"];
    let verify = |purpose| {
        let args = [&verify[..], &[list.to_str().unwrap(), "-purpose", purpose, "e.crt"]].concat();
        openssl(dir, &args)
    };
    assert!(verify("sslclient").0, "{:?}", verify("sslclient"));
    assert!(!verify("sslserver").0, "a device's certificate is no server's");
    let (_, text) = openssl(dir, &["x509", "-in", "e.crt", "-noout", "-subject", "-serial"]);
    assert!(
        text.contains("CN = e-1") && text.to_lowercase().contains(&enrolled.certificate.serial),
        "{text}"
    );

    let broker = center.app.mqtts().unwrap().to_string();
    let connect = ["s_client", "-tls1_2", "-connect", &broker, "-CAfile", "data/ca/ca.crt"];
    let connect = |more: &[&str]| {
        let own =
            ["-cert", "e.crt", "-key", "e.key", "-verify_return_error", "-verify_hostname", "localhost"];
        openssl(dir, &[&connect[..], &own, more].concat())
    };
    let (came_in, said) = connect(&["-sess_out", "session"]);
    assert!(came_in && said.contains("Verification: OK"), "{said}");
    revoke(&center, "e-1").await;
    until("revocation", |(good, _)| !good, async || verify("sslclient")).await;
    // The list is read by the broker a moment after it is written.
    until("end of the session", |(came_in, _)| !came_in, async || connect(&["-sess_in", "session"])).await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_gets_and_renews_its_certificate_over_https_with_a_key_that_never_leaves_it() {
    let center = Center::start_with(&format!("{CERTIFICATES}{HTTPS}")).await;
    let pool = center.app.pool();
    center.enroll("e-1").await;
    let http = center.app.http()[0];
    let url = |path: &str| format!("https://{http}{path}");
    let trusted = reqwest::Certificate::from_pem(authority(&center).certificate().as_bytes()).unwrap();
    let web = reqwest::Client::builder().tls_certs_only([trusted]).build().unwrap();
    let health = web.get(url("/healthz")).send().await.unwrap();
    assert_eq!(health.status(), 200);
    assert!(health.headers()["strict-transport-security"].to_str().unwrap().contains("max-age=31536000"));
    assert!(reqwest::get(url("/healthz")).await.is_err(), "nobody trusts the authority unasked");
    assert!(reqwest::get(format!("http://{http}/healthz")).await.is_err(), "no plain HTTP beside it");

    let key = KeyPair::generate().unwrap();
    let csr = CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
    let (code, _) = claims::make(pool, &admin(), &edge_id("e-1"), clock::now()).await.unwrap().unwrap();
    let enroll = async |csr: &str| {
        let body = json!({ "code": code, "csr": csr });
        let answer = web.post(url("/api/v1/enroll")).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, problem) = enroll("no request").await;
    assert!(status == 422 && problem["detail"].as_str().unwrap().starts_with("csr: "), "{problem}");
    let (status, given) = enroll(&csr).await;
    assert_eq!(status, 200, "a request that was none has not used the code up: {given}");
    assert_eq!(enroll(&csr).await.0, 403, "and now it is");
    let (pem, secret) = (given["certificate"]["pem"].as_str().unwrap(), given["secret"].as_str().unwrap());
    assert_eq!(given["certificate"]["ca"], authority(&center).certificate());
    let edge = connected(begin(&center, ("e-1", "e-1"), Some((pem, &key.serialize_pem())))).await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;

    let renew = async |edge: &str, secret: &str| {
        let request = web.post(url(&format!("/api/v1/edges/{edge}/certificate")));
        let answer =
            request.basic_auth("e-1", Some(secret)).json(&json!({ "csr": csr })).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(renew("e-1", "wrong").await.0, 401);
    assert_eq!(renew("e-2", secret).await.0, 404, "for itself only");
    let (status, renewed) = renew("e-1", secret).await;
    assert_eq!(status, 200, "{renewed}");
    let new = renewed["pem"].as_str().unwrap();
    assert_ne!(new, pem);
    assert!(edge.heard.lock().unwrap().refused.is_none(), "the older one stays good");
    drop(edge);
    connected(begin(&center, ("e-1", "e-1"), Some((new, &key.serialize_pem())))).await;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(renew("e-1", secret).await.0);
    }
    assert!(statuses[0] == 200 && *statuses.last().unwrap() == 429, "ten a day: {statuses:?}");
    revoke(&center, "e-1").await;
    assert_eq!(renew("e-1", secret).await.0, 401, "what is revoked renews nothing");

    live_over_tls(&center, &web).await;
    center.app.stop().await;
}

/// A browser signs in and opens the websocket, both over TLS.
async fn live_over_tls(center: &Center, web: &reqwest::Client) {
    let http = center.app.http()[0];
    let password = "mật khẩu đủ dài";
    let user = NewUser {
        name: "an".into(),
        full_name: String::new(),
        role: Role::Operator,
        areas: AreaScope::whole_city(),
        password: password.into(),
    };
    users::add(center.app.pool(), user, clock::now()).await.unwrap();
    let origin = format!("https://{http}");
    let signed = web.post(format!("{origin}/api/v1/session")).header("origin", &origin);
    let signed = signed.json(&json!({ "name": "an", "password": password })).send().await.unwrap();
    assert_eq!(signed.status(), 200);
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-") && cookie.contains("Secure"), "{cookie}");
    let stream = tokio::net::TcpStream::connect(http).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(client(center, None));
    let stream = connector.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await.unwrap();
    let request = tokio_tungstenite::tungstenite::http::Request::builder()
        .uri(format!("wss://{http}/api/v1/live"))
        .header("host", http.to_string())
        .header("origin", origin)
        .header("cookie", cookie.split(';').next().unwrap())
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", tokio_tungstenite::tungstenite::handshake::client::generate_key())
        .body(())
        .unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    use futures_util::StreamExt as _;
    assert!(socket.next().await.unwrap().unwrap().is_text());
}
