//! A Mosquitto that is not the center's own, where the center and the edges show certificates of the center's authority.

use crate::certificates::{admin, authority, connected, edge_id, enroll, over_tls, refused, shown};
use crate::support::{Center, array, folder, until};
use control_center::access::claims;
use control_center::app::App;
use control_center::certificates::{Authority, Validity};
use control_center::clock;
use control_center::config::CenterConfig;
use control_center::database::CHANNEL_CITY;
use ngatu_protocol::Lane;
use rumqttc::v5::mqttbytes::v5::PubAckReason;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Broker(Child);

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Broker {
    /// As its keeper sets it up: it trusts what stands in the center's `trust/`.
    fn start(dir: &Path, port: u16, own: &Authority) -> Broker {
        let server = own.server(&["127.0.0.1".to_owned()], clock::now()).unwrap();
        std::fs::write(dir.join("broker.crt"), server.certificate).unwrap();
        std::fs::write(dir.join("broker.key"), server.key).unwrap();
        let acl = "user center\ntopic readwrite ngatu/#\n\npattern readwrite ngatu/v1/%u/#\n";
        std::fs::write(dir.join("acl"), acl).unwrap();
        let at = dir.display();
        let config = format!(
            "listener {port} 127.0.0.1\ncafile {at}/data/trust/ca.crt\ncrlfile {at}/data/trust/revoked.crl\n\
             certfile {at}/broker.crt\nkeyfile {at}/broker.key\nrequire_certificate true\n\
             use_identity_as_username true\nacl_file {at}/acl\nuser root\nlog_dest none\n"
        );
        std::fs::write(dir.join("broker.conf"), config).unwrap();
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(dir.join("broker.conf")).stdout(Stdio::null()).stderr(Stdio::null());
        Broker(command.spawn().unwrap())
    }

    /// Has it read its files again.
    fn reload(&self) {
        let done = Command::new("kill").args(["-HUP", &self.0.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

/// Below those that the system hands out, so that nobody is given it before the broker takes it.
fn free_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (0..100).map(|_| rand::random_range(15_000..32_000)).find(is_free).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_broker_of_ones_own_certificates_let_in_and_a_revoked_one_is_put_out() {
    let dir = folder();
    let data = dir.path().join("data");
    let own = Authority::open(&data, clock::now()).unwrap();
    let (certificate, key) = own.with_key(&edge_id("center"), Validity::of_device(clock::now())).unwrap();
    std::fs::write(dir.path().join("center.crt"), certificate.pem).unwrap();
    std::fs::write(dir.path().join("center.key"), key).unwrap();
    let port = free_port();
    let at = dir.path().display();
    let settings = format!(
        "data_dir = \"{at}/data\"\n[http]\nlisten = [\"127.0.0.1:0\"]\n[mqtt]\nurl = \"mqtts://127.0.0.1:{port}\"\n\
         ca = \"{at}/data/ca/ca.crt\"\ncertificate = \"{at}/center.crt\"\nkey = \"{at}/center.key\"\n\
         give_certificates = true\n"
    );
    let app = App::start(CenterConfig::parse(Path::new("center.toml"), &settings).unwrap()).await.unwrap();
    let broker = Broker::start(dir.path(), port, &own);
    let center = Center { app, dir };
    center.until_it_hears().await;

    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let [good, gone] = [enroll(&center, "good").await, enroll(&center, "gone").await];
    let begin = |name, certificate| over_tls(&center, address, (name, name), certificate);
    let edge = connected(begin("good", Some(shown(&good)))).await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    edge.publish("ngatu/v1/gone/events", array([edge.event(2)])).await;
    let last = async || edge.heard.lock().unwrap().pubacks.last().copied();
    until("refusal", |last| *last == Some(PubAckReason::NotAuthorized), last).await;
    let elsewhere = folder();
    let stranger = Authority::open(elsewhere.path(), clock::now()).unwrap();
    let (strange, key) = stranger.with_key(&edge_id("gone"), Validity::of_device(clock::now())).unwrap();
    refused("another authority's", &begin("gone", Some((&strange.pem, &key))), "UnknownCA").await;
    refused("no certificate", &begin("gone", None), "CertificateRequired").await;

    let leaving = connected(begin("gone", Some(shown(&gone)))).await;
    let list = || std::fs::read(data.join("trust/revoked.crl")).unwrap();
    let before = list();
    assert!(claims::revoke(center.app.pool(), &admin(), &edge_id("gone"), clock::now()).await.unwrap());
    until("the new list", |list| *list != before, async || list()).await;
    broker.reload();
    // The center looks every ten seconds, and now.
    let bell = sqlx::query("select pg_notify($1, '')").bind(CHANNEL_CITY);
    bell.execute(center.app.pool()).await.unwrap();
    let why = async || leaving.heard.lock().unwrap().refused.clone().unwrap_or_default();
    until("end of the connection", |why: &String| why.contains("CertificateRevoked"), why).await;
    assert!(edge.heard.lock().unwrap().refused.is_none(), "nobody else is cut off");
    assert_eq!(authority(&center).certificate(), std::fs::read_to_string(data.join("trust/ca.crt")).unwrap());
    center.app.stop().await;
}
