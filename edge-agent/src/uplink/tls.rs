//! What the uplink needs to speak TLS: whom it trusts, and the certificate that it shows.

use crate::credential::{OwnFiles, TlsFiles};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Reads the files; for each connection anew, so that a renewed certificate is shown at the next one.
pub(crate) fn config(files: &TlsFiles) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    match &files.ca {
        Some(path) => {
            for certificate in read_certificates(path)? {
                roots.add(certificate).map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err("the system trusts no authority: name one in mqtt.ca_file".into());
            }
        }
    }
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let mut config = match &files.own {
        None => builder.with_no_client_auth(),
        Some(OwnFiles { certificate, key }) => {
            let chain = read_certificates(certificate)?;
            let mode = std::fs::metadata(key).map_err(|error| format!("{}: {error}", key.display()))?;
            if mode.permissions().mode() & 0o007 != 0 {
                return Err(format!("{0}: everybody may read this key: chmod 600 {0}", key.display()));
            }
            let key_der =
                PrivateKeyDer::from_pem_file(key).map_err(|error| format!("{}: {error}", key.display()))?;
            builder
                .with_client_auth_cert(chain, key_der)
                .map_err(|error| format!("{} and {}: {error}", certificate.display(), key.display()))?
        }
    };
    // A resumed session shows no certificate: each connection is to be judged by the one in force.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(format!("{}: there is no certificate in it", path.display())),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
