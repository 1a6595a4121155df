//! What an edge sends that wants a certificate. Of a request that is accepted the key can be put into one.

use rcgen::{CertificateParams, Issuer, KeyPair, PublicKeyData as _};
use std::sync::LazyLock;

#[path = "../../control-center/src/certificates/request.rs"]
mod request;

static AUTHORITY: LazyLock<Issuer<'static, KeyPair>> = LazyLock::new(|| {
    let key = KeyPair::generate().expect("this machine has random numbers");
    Issuer::new(CertificateParams::default(), key)
});

/// A request for a certificate, as PEM.
pub fn request(pem: &str) {
    let Ok(key) = request::read(pem) else { return };
    assert!(!key.der_bytes().is_empty());
    let signed = CertificateParams::default().signed_by(&key, &*AUTHORITY);
    assert!(signed.is_ok(), "an accepted key can be signed: {signed:?}");
}

/// The same without its PEM, so that most changes reach what is inside.
pub fn request_der(der: &[u8]) {
    request(&pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", der)));
}
