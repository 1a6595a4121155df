//! The uplink over TLS, against a real Mosquitto that wants a certificate of its own authority.

use super::*;
use crate::credential::OwnFiles;
use crate::files::replace;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::os::unix::fs::PermissionsExt as _;

/// Makes an authority, and of it a server's certificate for 127.0.0.1 and one for each of these names.
fn make(dir: &Path, names: &[&str]) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, format!("authority of {}", dir.display()));
    let authority = params.self_signed(&key).unwrap().pem();
    replace(&dir.join("ca.crt"), authority.as_bytes(), 0o600).unwrap();
    let issuer = Issuer::from_params(&params, &key);
    for name in names {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, *name);
        let certificate = params.signed_by(&key, &issuer).unwrap().pem();
        replace(&dir.join(format!("{name}.crt")), certificate.as_bytes(), 0o600).unwrap();
        replace(&dir.join(format!("{name}.key")), key.serialize_pem().as_bytes(), 0o600).unwrap();
    }
}

fn own(dir: &Path, name: &str) -> Option<OwnFiles> {
    let file = |end| dir.join(format!("{name}.{end}"));
    Some(OwnFiles { certificate: file("crt"), key: file("key") })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_brings_messages_home_and_what_is_wrong_with_one_is_told() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(other.path(), &["nga-tu-1"]);
    let port = std::cell::Cell::new(0);
    let broker = Broker::start_with(EVERYTHING, |dir| {
        make(dir, &["server", "nga-tu-1", "open"]);
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(dir.join("open.key"), open).unwrap();
        port.set(std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
        let dir = dir.display();
        format!(
            "listener {} 127.0.0.1\ncafile {dir}/ca.crt\ncertfile {dir}/server.crt\nkeyfile {dir}/server.key\n\
             require_certificate true\nuse_identity_as_username true\n",
            port.get()
        )
    });
    let (_center, outbox) = (Center::start(&broker), open(dir.path()));
    let files = broker.dir.path();
    let begin = |tls| {
        let url = format!("mqtts://127.0.0.1:{}", port.get());
        let edge = outbox.edge().clone();
        start(outbox.clone(), UplinkOptions { edge, url, secret: "no password".into(), tls }).unwrap()
    };
    push(&outbox, vec![event()]).await;
    let ca = || Some(files.join("ca.crt"));
    let table = [
        (TlsFiles { ca: ca(), own: None }, "refuses this edge's certificate"),
        (TlsFiles { ca: ca(), own: own(other.path(), "nga-tu-1") }, "refuses this edge's certificate"),
        (TlsFiles { ca: Some(other.path().join("ca.crt")), own: own(files, "nga-tu-1") }, "UnknownIssuer"),
        (TlsFiles { ca: None, own: own(files, "nga-tu-1") }, "UnknownIssuer"),
        (TlsFiles { ca: ca(), own: own(files, "gone") }, "gone.crt"),
        (TlsFiles { ca: ca(), own: own(files, "open") }, "chmod 600"),
    ];
    for (tls, wanted) in table {
        let uplink = begin(tls);
        let tells = |s: &UplinkStatus| s.last_error.as_ref().is_some_and(|why| why.contains(wanted));
        assert!(!until_status(&uplink, wanted, tells).await.connected);
    }
    assert_eq!(outbox.depth()[&Lane::Events], 1);
    let uplink = begin(TlsFiles { ca: ca(), own: own(files, "nga-tu-1") });
    until_empty(&outbox).await;
    uplink.stop().await;
}
