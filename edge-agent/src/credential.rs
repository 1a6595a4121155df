//! The edge's certificate: its key is made here and never leaves, the center signs what is asked for it.
//!
//! Stands beside the uplink, which shows the certificate to the broker. What always holds: a certificate that is in force
//! is replaced only by a whole new one that the center has signed for the same key.

use crate::clock;
use crate::files::replace;
use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::EdgeId;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for the center's answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A certificate that ends sooner is renewed.
const RENEW_BEFORE: TimeDelta = TimeDelta::days(30);
/// How often the certificate's end is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(12 * 3600);
/// How soon a renewal that failed is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(3600);

/// Files of certificates, all PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authorities to trust; without it those that the system trusts.
    pub ca: Option<PathBuf>,
    /// The edge's own certificate and its key.
    pub own: Option<OwnFiles>,
}

/// Where the edge's certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFiles {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Where a certificate is renewed, and as whom.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// The center's address.
    pub center_url: String,
    /// The authorities to trust there.
    pub center_ca: Option<PathBuf>,
    /// User name at the center.
    pub edge: EdgeId,
    /// The device secret.
    pub secret: String,
    /// What to renew.
    pub own: OwnFiles,
}

/// A certificate as the center gives it.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Given {
    pub(crate) pem: String,
    pub(crate) ca: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A new key and the request for its certificate, both PEM.
pub(crate) fn new_key(edge: &str) -> anyhow::Result<(String, String)> {
    let key = KeyPair::generate()?;
    Ok((key.serialize_pem(), request(edge, &key)?))
}

fn request(edge: &str, key: &KeyPair) -> anyhow::Result<String> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, edge);
    Ok(params.serialize_request(key)?.pem()?)
}

/// Talks to the center, trusting these authorities alone if a file names them.
pub(crate) fn client(ca: Option<&Path>) -> anyhow::Result<reqwest::Client> {
    let mut builder =
        reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
    if let Some(path) = ca {
        builder = builder.tls_certs_only(authorities(path)?);
    }
    Ok(builder.build()?)
}

/// The authorities in a file.
pub(crate) fn authorities(path: &Path) -> anyhow::Result<Vec<reqwest::Certificate>> {
    let name = || path.display().to_string();
    let pem = std::fs::read(path).with_context(name)?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).with_context(name)?;
    anyhow::ensure!(!found.is_empty(), "{}: there is no certificate in it", name());
    Ok(found)
}

/// Posts to the center and reads its answer, or the reason that it gives.
pub(crate) async fn ask<T: serde::de::DeserializeOwned>(
    request: reqwest::RequestBuilder,
) -> anyhow::Result<T> {
    let answer = request.send().await.context("the center cannot be reached")?;
    let status = answer.status();
    if !status.is_success() {
        let problem: serde_json::Value = answer.json().await.unwrap_or_default();
        anyhow::bail!("the center says {status}: {}", problem["detail"].as_str().unwrap_or("no reason"));
    }
    Ok(answer.json().await?)
}

/// Gets another certificate for the key that there is; answers until when it is good.
///
/// # Errors
/// When the center refuses or cannot be reached, what it gives is not for this key, or a file cannot be used. Then the
/// certificate that there is stays.
pub async fn renew(renewal: &Renewal) -> anyhow::Result<DateTime<Utc>> {
    let key_name = || renewal.own.key.display().to_string();
    let key = std::fs::read_to_string(&renewal.own.key).with_context(key_name)?;
    let key = KeyPair::from_pem(&key).with_context(key_name)?;
    let edge = renewal.edge.as_str();
    let mut url: url::Url = renewal.center_url.parse()?;
    url.set_path(&format!("/api/v1/edges/{edge}/certificate"));
    let asked = client(renewal.center_ca.as_deref())?
        .post(url)
        .basic_auth(edge, Some(&renewal.secret))
        .json(&serde_json::json!({ "csr": request(edge, &key)? }));
    let given: Given = ask(asked).await?;
    let is_for_key = read(given.pem.as_bytes(), |certificate| {
        certificate.public_key().subject_public_key.data.as_ref() == key.der_bytes()
    })
    .context("what the center gives is no certificate")?;
    anyhow::ensure!(is_for_key, "the center gives a certificate for another key");
    let file = &renewal.own.certificate;
    replace(file, given.pem.as_bytes(), 0o644).with_context(|| file.display().to_string())?;
    Ok(given.expires_at)
}

/// Until when a certificate is good.
///
/// # Errors
/// When the file holds none.
pub fn ends_at(certificate: &Path) -> anyhow::Result<DateTime<Utc>> {
    let name = || certificate.display().to_string();
    let text = std::fs::read(certificate).with_context(name)?;
    let end = read(&text, |certificate| certificate.validity().not_after.timestamp()).with_context(name)?;
    DateTime::from_timestamp(end, 0).with_context(name)
}

/// What somebody wants to know of the first certificate in a PEM text.
fn read<T>(
    text: &[u8],
    of: impl FnOnce(&x509_parser::certificate::X509Certificate<'_>) -> T,
) -> anyhow::Result<T> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(text)?;
    Ok(of(&pem.parse_x509()?))
}

/// Renews the certificate in time, for as long as the edge runs.
pub async fn keep_renewed(renewal: Renewal) {
    loop {
        let wait = look(&renewal, clock::now()).await;
        tokio::time::sleep(wait).await;
    }
}

/// Renews the certificate when it is time; answers how soon to look again.
async fn look(renewal: &Renewal, now: DateTime<Utc>) -> Duration {
    let left = match ends_at(&renewal.own.certificate) {
        Ok(until) => until - now,
        Err(error) => {
            let reason = format!("{error:#}");
            tracing::warn!(reason, "the certificate cannot be read: run `edge-agent enroll` again");
            return TRY_AGAIN;
        }
    };
    if left > RENEW_BEFORE {
        return LOOK_EVERY;
    }
    match renew(renewal).await {
        Ok(until) => {
            tracing::info!(%until, "the certificate is renewed");
            LOOK_EVERY
        }
        Err(error) => {
            let reason = format!("{error:#}");
            tracing::warn!(days_left = left.num_days(), reason, "the certificate cannot be renewed");
            TRY_AGAIN
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::Issuer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[test]
    fn the_end_of_a_certificate_is_read_and_what_is_none_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("edge.crt");
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(2031, 2, 3);
        let issuer = Issuer::from_params(&params, &key);
        replace(&path, params.signed_by(&key, &issuer).unwrap().pem().as_bytes(), 0o644).unwrap();
        assert_eq!(ends_at(&path).unwrap().to_rfc3339(), "2031-02-03T00:00:00+00:00");
        replace(&path, b"no certificate", 0o644).unwrap();
        let error = format!("{:#}", ends_at(&path).unwrap_err());
        assert!(error.contains("edge.crt"), "{error}");
        assert!(!crate::files::beside(&path).exists());
    }

    /// A certificate for this key that ends at the beginning of a year.
    fn until(year: i32, key: &KeyPair) -> String {
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        params.signed_by(key, &Issuer::from_params(&params, key)).unwrap().pem()
    }

    /// A center that answers one request with this certificate; it gives what it was asked.
    async fn center(pem: String) -> (String, tokio::task::JoinHandle<String>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut asked = String::new();
            while !asked.contains("END CERTIFICATE REQUEST") {
                let mut bytes = [0; 4096];
                let n = socket.read(&mut bytes).await.unwrap();
                assert_ne!(n, 0, "{asked}");
                asked += std::str::from_utf8(&bytes[..n]).unwrap();
            }
            let body = serde_json::json!({ "pem": pem, "ca": "", "expires_at": "2032-01-01T00:00:00Z" });
            let body = body.to_string();
            let head =
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length";
            socket.write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
            asked
        });
        (url, asked)
    }

    #[tokio::test]
    async fn a_certificate_is_renewed_a_month_before_its_end_and_only_by_one_for_the_same_key() {
        let dir = tempfile::tempdir().unwrap();
        let own = OwnFiles { certificate: dir.path().join("e.crt"), key: dir.path().join("e.key") };
        let key = KeyPair::generate().unwrap();
        replace(&own.key, key.serialize_pem().as_bytes(), 0o600).unwrap();
        let first = until(2031, &key);
        replace(&own.certificate, first.as_bytes(), 0o644).unwrap();
        let there = || std::fs::read_to_string(&own.certificate).unwrap();
        let renewal = |center_url: &str| Renewal {
            center_url: center_url.into(),
            center_ca: None,
            edge: EdgeId::new("nga-tu-1").unwrap(),
            secret: "a secret".into(),
            own: own.clone(),
        };
        let at = |time: &str| time.parse::<DateTime<Utc>>().unwrap();
        let (early, due) = (at("2030-12-01T00:00:00Z"), at("2030-12-02T00:00:00Z"));
        // Nobody is asked before it is time; and nobody is there when it is.
        let nowhere = renewal("http://127.0.0.1:1");
        assert_eq!(look(&nowhere, early).await, LOOK_EVERY);
        assert_eq!(look(&nowhere, due).await, TRY_AGAIN);
        let (url, asked) = center(until(2032, &KeyPair::generate().unwrap())).await;
        assert_eq!(look(&renewal(&url), due).await, TRY_AGAIN, "it is for another key");
        asked.await.unwrap();
        assert_eq!(there(), first);
        let second = until(2032, &key);
        let (url, asked) = center(second.clone()).await;
        assert_eq!(look(&renewal(&url), due).await, LOOK_EVERY);
        assert_eq!(there(), second);
        let asked = asked.await.unwrap().to_lowercase();
        assert!(
            asked.starts_with("post /api/v1/edges/nga-tu-1/certificate ") && asked.contains("basic "),
            "{asked}"
        );
        assert_eq!(look(&nowhere, due).await, LOOK_EVERY, "the new one is good for a year");
        std::fs::remove_file(&own.certificate).unwrap();
        assert_eq!(look(&nowhere, due).await, TRY_AGAIN);
    }

    #[test]
    fn a_request_is_for_the_key_beside_it() {
        let (key, request) = new_key("nga-tu-1").unwrap();
        assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"), "{key}");
        assert!(request.starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{request}");
        assert_ne!(new_key("nga-tu-1").unwrap().0, key);
    }
}
