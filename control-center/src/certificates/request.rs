//! What a device sends that wants a certificate. Pure: text in, a key out.

use rcgen::{CertificateSigningRequestParams, PublicKey};

/// Longest request, bytes: one with an RSA key of 16,384 bits fits.
const MAX_BYTES: usize = 8192;

/// Not a request for a certificate, or not signed with its own key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// More than any key needs.
    #[error("csr: wanted at most {MAX_BYTES} bytes")]
    Long,
    /// What the library says.
    #[error("csr: wanted a certificate signing request as PEM, signed with its own key: {0}")]
    Other(String),
}

/// The key of a request in PEM. Nothing else in it counts: whose certificate it is says who asks.
pub(crate) fn read(pem: &str) -> Result<PublicKey, RequestError> {
    if pem.len() > MAX_BYTES {
        return Err(RequestError::Long);
    }
    let request = CertificateSigningRequestParams::from_pem(pem);
    request.map(|request| request.public_key).map_err(|error| RequestError::Other(error.to_string()))
}
