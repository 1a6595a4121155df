//! The spool and its sender against a small center on port 0.

use super::*;
use std::collections::VecDeque;
use std::path::Path;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

/// A center that answers what it was told to and remembers what it got.
#[derive(Clone, Default)]
struct Center {
    /// Status codes to give; 201 when there are none left.
    answers: Arc<Mutex<VecDeque<u16>>>,
    /// Request lines with the Authorization header and the body's length.
    got: Arc<Mutex<Vec<(String, String, usize)>>>,
}

impl Center {
    async fn start(answers: &[u16]) -> (Center, String) {
        let center =
            Center { answers: Arc::new(Mutex::new(answers.iter().copied().collect())), ..Center::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = center.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(socket));
            }
        });
        (center, url)
    }

    /// The same over TLS; also the certificate to trust.
    async fn start_tls() -> (Center, String, String) {
        let center = Center::default();
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let own = params.self_signed(&key).unwrap();
        let chain = vec![own.der().clone()];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let serving = center.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                if let Ok(socket) = acceptor.accept(socket).await {
                    tokio::spawn(serving.clone().serve(socket));
                }
            }
        });
        (center, url, own.pem())
    }

    async fn serve(self, mut socket: impl AsyncRead + AsyncWrite + Unpin) {
        let mut bytes = Vec::new();
        loop {
            let end = loop {
                if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                    break at + 4;
                }
                if socket.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return;
                }
            };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let header = |name: &str| {
                head.lines()
                    .find_map(|l| {
                        l.to_lowercase().starts_with(name).then(|| l[name.len()..].trim().to_owned())
                    })
                    .unwrap_or_default()
            };
            let length: usize = header("content-length:").parse().unwrap_or(0);
            while bytes.len() < end + length {
                if socket.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            bytes.drain(..end + length);
            let line = head.lines().next().unwrap_or_default().to_owned();
            lock(&self.got).push((line, header("authorization:"), length));
            let status = lock(&self.answers).pop_front().unwrap_or(201);
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 3\r\n\r\nwhy");
            if socket.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

fn evidence(dir: &Path, url: &str, max_bytes: u64) -> Evidence {
    Evidence::start(options(dir, url, max_bytes)).unwrap()
}

fn options(dir: &Path, url: &str, max_bytes: u64) -> EvidenceOptions {
    EvidenceOptions {
        dir: dir.into(),
        center_url: url.into(),
        edge: EdgeId::new("nga-tu-1").unwrap(),
        secret: "secret".into(),
        center_ca: None,
        max_bytes,
    }
}

fn camera() -> CameraId {
    CameraId::new("north").unwrap()
}

async fn until(evidence: &Evidence, what: &str, holds: impl Fn(&EvidenceStatus) -> bool) -> EvidenceStatus {
    let mut status = evidence.status();
    let wait = tokio::time::timeout(Duration::from_secs(60), status.wait_for(|s| holds(s))).await;
    let found = wait.map(|s| s.unwrap().clone());
    found.unwrap_or_else(|_| panic!("never came: {what}; last {:?}", evidence.status().borrow()))
}

fn files(dir: &Path) -> usize {
    std::fs::read_dir(dir).unwrap().filter(|f| f.as_ref().unwrap().path().is_file()).count()
}

/// An address where nobody listens.
const NOBODY: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn a_kept_picture_reaches_the_center_with_the_device_credential_and_leaves_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let (center, url) = Center::start(&[]).await;
    let evidence = evidence(dir.path(), &url, DEFAULT_MAX_BYTES);
    let digest = evidence.keep(&camera(), b"picture", clock::now()).unwrap();
    until(&evidence, "the picture is sent", |s| s.sent == 1 && s.waiting == 0).await;
    let (line, authorization, length) = lock(&center.got)[0].clone();
    assert_eq!(line, format!("PUT /api/v1/evidence/{digest}?camera=north HTTP/1.1"));
    assert_eq!((authorization.as_str(), length), ("Basic bmdhLXR1LTE6c2VjcmV0", 7));
    assert_eq!(files(dir.path()), 0);
}

#[tokio::test]
async fn a_picture_waits_on_disk_while_the_center_is_away_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let waiting = evidence(dir.path(), NOBODY, DEFAULT_MAX_BYTES);
    waiting.keep(&camera(), b"picture", clock::now()).unwrap();
    let status = until(&waiting, "the error is shown", |s| s.last_error.is_some()).await;
    assert_eq!(status.waiting, 1);
    drop(waiting);
    std::fs::write(dir.path().join("half.jpg.tmp"), b"half").unwrap();
    let (center, url) = Center::start(&[503, 500]).await;
    let evidence = evidence(dir.path(), &url, DEFAULT_MAX_BYTES);
    until(&evidence, "the picture is sent", |s| s.sent == 1 && s.waiting == 0).await;
    assert_eq!(lock(&center.got).len(), 3);
    assert_eq!(files(dir.path()), 0);
}

#[tokio::test]
async fn a_picture_that_the_center_will_never_take_is_set_aside_and_the_next_one_goes() {
    let dir = tempfile::tempdir().unwrap();
    let (center, url) = Center::start(&[400]).await;
    let evidence = evidence(dir.path(), &url, DEFAULT_MAX_BYTES);
    evidence.keep(&camera(), b"bad", clock::now()).unwrap();
    until(&evidence, "the refusal", |s| s.refused == 1 && s.waiting == 0).await;
    evidence.keep(&camera(), b"good", clock::now()).unwrap();
    until(&evidence, "the next picture", |s| s.sent == 1).await;
    assert_eq!(lock(&center.got).len(), 2);
    assert_eq!(files(&dir.path().join("refused")), 2, "the picture and the reason");
}

#[tokio::test]
async fn a_full_spool_drops_the_oldest_and_counts_them() {
    let dir = tempfile::tempdir().unwrap();
    let evidence = evidence(dir.path(), NOBODY, 25);
    for n in 0..5_u8 {
        evidence.keep(&camera(), &[n; 10], clock::now()).unwrap();
    }
    let status = until(&evidence, "the drops", |s| s.dropped == 3).await;
    assert_eq!((status.waiting, status.waiting_bytes), (2, 20));
    assert_eq!(files(dir.path()), 2);
}

#[tokio::test]
async fn a_picture_too_large_for_the_center_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let evidence = evidence(dir.path(), NOBODY, DEFAULT_MAX_BYTES);
    let error = evidence.keep(&camera(), &vec![0; MAX_PICTURE_BYTES + 1], clock::now()).unwrap_err();
    assert!(matches!(error, EvidenceError::TooBig(_)), "{error}");
}

#[tokio::test]
async fn the_newest_picture_replaces_one_that_still_waits() {
    let dir = tempfile::tempdir().unwrap();
    let (center, url) = Center::start(&[]).await;
    let evidence = evidence(dir.path(), &url, DEFAULT_MAX_BYTES);
    // No await in between, so the sender cannot run before the last one is there.
    for n in 1..=100 {
        evidence.newest(&camera(), vec![0; n], clock::now());
    }
    let start = clock::instant();
    while lock(&center.got).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(60), "no picture came");
        tokio::task::yield_now().await;
    }
    let (line, _, length) = lock(&center.got)[0].clone();
    assert!(line.starts_with("PUT /api/v1/cameras/nga-tu-1/north/picture?taken_at=20"), "{line}");
    assert_eq!(length, 100);
}

#[tokio::test]
async fn over_tls_a_picture_goes_to_a_center_that_is_trusted_and_to_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (center, url, trusted) = Center::start_tls().await;
    let sending = evidence(dir.path(), &url, DEFAULT_MAX_BYTES);
    sending.keep(&camera(), &[1; 100], crate::clock::now()).unwrap();
    let status = until(&sending, "an error", |s| s.last_error.is_some()).await;
    assert!(status.last_error.unwrap().contains("cannot be reached"));
    assert!(lock(&center.got).is_empty());
    drop(sending);
    let ca = dir.path().join("ca.crt");
    std::fs::write(&ca, trusted).unwrap();
    let spool = dir.path().join("spool");
    let options = EvidenceOptions { center_ca: Some(ca.clone()), ..options(&spool, &url, DEFAULT_MAX_BYTES) };
    let sending = Evidence::start(options.clone()).unwrap();
    sending.keep(&camera(), &[1; 100], crate::clock::now()).unwrap();
    until(&sending, "the picture", |s| s.sent == 1).await;
    std::fs::write(&ca, "nothing").unwrap();
    assert!(matches!(Evidence::start(options), Err(EvidenceError::Ca(_))));
}

#[tokio::test]
async fn an_address_that_is_no_center_is_refused() {
    for url in ["ftp://x", "x", ""] {
        let options = EvidenceOptions {
            dir: "/nonexistent".into(),
            center_url: url.into(),
            edge: EdgeId::new("a").unwrap(),
            secret: String::new(),
            center_ca: None,
            max_bytes: 1,
        };
        assert!(matches!(Evidence::start(options), Err(EvidenceError::Url { .. })), "{url}");
    }
}
