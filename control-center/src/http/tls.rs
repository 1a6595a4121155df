//! HTTPS: whose certificate the center shows, and when it is read again.

use crate::certificates::{Authority, CertificateError};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_util::sync::CancellationToken;

/// How often files are looked at again: who renews them need not stop the center.
const EVERY: Duration = Duration::from_secs(3600);

/// `[http.tls]`: where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Raw")]
pub enum TlsConfig {
    /// From files that somebody else makes.
    Files {
        /// The certificate with those between it and its authority, PEM.
        certificate: PathBuf,
        /// Its key, PEM.
        key: PathBuf,
    },
    /// From the center's own authority.
    Own {
        /// The names and addresses by which the center is called.
        names: Vec<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    names: Option<Vec<String>>,
}

impl TryFrom<Raw> for TlsConfig {
    type Error = String;

    fn try_from(raw: Raw) -> Result<TlsConfig, String> {
        match (raw.certificate, raw.key, raw.names) {
            (Some(certificate), Some(key), None) => Ok(TlsConfig::Files { certificate, key }),
            (None, None, Some(names)) => check_names(&names).map(|()| TlsConfig::Own { names }),
            _ => {
                Err("wanted certificate and key, or names for a certificate of the center's own authority"
                    .into())
            }
        }
    }
}

/// Checks the names of a server's certificate.
///
/// # Errors
/// Says which one is none.
pub(crate) fn check_names(names: &[String]) -> Result<(), String> {
    if names.is_empty() {
        return Err("names: wanted at least one name or address by which the center is called".into());
    }
    let wrong = names.iter().find(|name| ServerName::try_from(name.as_str()).is_err());
    wrong.map_or(Ok(()), |name| Err(format!("names: `{name}` is neither a name nor an address")))
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("http.tls.{key}: {path}: {reason}")]
    File {
        /// `certificate` or `key`.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The own authority cannot sign.
    #[error("http.tls: {0}")]
    Authority(#[from] CertificateError),
    /// The certificate and the key do not belong together, or are of a kind that is not supported.
    #[error("http.tls: {0}")]
    Pair(#[from] tokio_rustls::rustls::Error),
}

/// What listeners need to speak TLS; the certificate is exchanged while they run.
#[derive(Debug)]
pub struct Tls {
    config: TlsConfig,
    authority: Option<Arc<Authority>>,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads or makes the certificate; `authority` is wanted for one of its own.
    ///
    /// # Errors
    /// Says which file cannot be used.
    pub fn load(
        config: TlsConfig,
        authority: Option<Arc<Authority>>,
        now: DateTime<Utc>,
    ) -> Result<Tls, TlsError> {
        let current = RwLock::new(read(&config, authority.as_deref(), now)?);
        Ok(Tls { config, authority, current })
    }

    /// For one more connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Reads or makes the certificate again; what was in force stays when that fails.
    ///
    /// # Errors
    /// As [`Tls::load`].
    pub fn reload(&self, now: DateTime<Utc>) -> Result<(), TlsError> {
        let new = read(&self.config, self.authority.as_deref(), now)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Reads it again every hour until `shutdown`.
    pub async fn keep(self: Arc<Tls>, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = shutdown.cancelled() => return,
            }
            if let Err(error) = self.reload(crate::clock::now()) {
                tracing::error!(%error, "the certificate could not be read again; the old one stays in force");
            }
        }
    }
}

/// Checks the files of the configuration.
///
/// # Errors
/// As [`Tls::load`].
pub(crate) fn check(config: &TlsConfig) -> Result<(), TlsError> {
    match config {
        TlsConfig::Files { .. } => read(config, None, DateTime::UNIX_EPOCH).map(|_| ()),
        TlsConfig::Own { .. } => Ok(()),
    }
}

fn read(
    config: &TlsConfig,
    authority: Option<&Authority>,
    now: DateTime<Utc>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let (chain, key) = match (config, authority) {
        (TlsConfig::Files { certificate, key }, _) => files(certificate, key)?,
        (TlsConfig::Own { names }, Some(authority)) => {
            let pair = authority.server(names, now)?;
            let wrong = |error: tokio_rustls::rustls::pki_types::pem::Error| TlsError::File {
                key: "names",
                path: PathBuf::new(),
                reason: error.to_string(),
            };
            let certificate = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).map_err(wrong)?;
            (vec![certificate], PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).map_err(wrong)?)
        }
        (TlsConfig::Own { .. }, None) => {
            return Err(tokio_rustls::rustls::Error::General("the authority is not open".into()).into());
        }
    };
    let mut server = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}

type ChainAndKey = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn files(certificate: &Path, key: &Path) -> Result<ChainAndKey, TlsError> {
    let wrong = |key, path: &Path, reason: String| TlsError::File { key, path: path.into(), reason };
    let of_certificate = |reason: String| wrong("certificate", certificate, reason);
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| of_certificate(error.to_string()))?;
    if chain.is_empty() {
        return Err(of_certificate("there is no certificate in it".into()));
    }
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong("key", key, error.to_string()))?;
    Ok((chain, key_der))
}
