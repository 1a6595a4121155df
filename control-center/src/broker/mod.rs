//! The MQTT broker: a private Mosquitto when none is configured, with a password file and topic rights of its own.
//!
//! Stands between the edges and ingest. What always holds: nobody gets in without a password, or where certificates are
//! switched on without one of the center's own authority, and a device writes and reads only under its own name.

mod cut;
mod external;
mod files;
mod listener;
mod password;
mod private;

pub use external::ExternalBroker;
pub use listener::TlsListener;
pub use password::hash;
pub use private::{BrokerError, Devices, PrivateBroker};

use rumqttc::{TlsConfiguration, Transport};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The center's own user name; no edge can have it because `_` is not in their alphabet.
pub const CENTER_USER: &str = "_center";

/// The user name under which the center reads signals.
pub const SIGNALS_USER: &str = "_signals";

/// The user name under which the center tells units of their dispatches.
pub const DISPATCH_USER: &str = "_dispatch";

/// How the center reaches the broker.
#[derive(Debug, Clone)]
pub struct BrokerAddress {
    /// Name or address; an IPv6 address in brackets, without them where TLS is spoken.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whom to trust, when TLS is spoken.
    pub tls: Option<Arc<ClientConfig>>,
    /// The center's user name and password there.
    pub credentials: Option<(String, String)>,
}

impl BrokerAddress {
    /// How the MQTT library connects.
    #[must_use]
    pub fn transport(&self) -> Transport {
        let tls = |config: &Arc<ClientConfig>| {
            Transport::tls_with_config(TlsConfiguration::Rustls(Arc::clone(config)))
        };
        self.tls.as_ref().map_or_else(Transport::tcp, tls)
    }
}

/// Who lets edges in, and is told who may come.
#[derive(Debug, Clone)]
pub enum Gate {
    /// Our own broker.
    Private(Arc<PrivateBroker>),
    /// Another one, where edges show certificates of our authority.
    External(Arc<ExternalBroker>),
}

impl Gate {
    /// Lets in exactly these devices from now on, and cuts the connections of those whose certificate was revoked.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub async fn set_devices(&self, devices: Devices) -> Result<(), BrokerError> {
        match self {
            Gate::Private(broker) => broker.set_devices(devices).await,
            Gate::External(broker) => broker.set_devices(devices).await,
        }
    }
}

/// Trusts the authorities of a file, or without one those that the system trusts, and shows a certificate (its file and its
/// key's) where one is given.
///
/// # Errors
/// Names the key of the configuration, the file and what is wrong.
pub fn trust(ca: Option<&Path>, own: Option<(&Path, &Path)>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in read_chain("mqtt.ca", path)? {
                roots.add(certificate).map_err(|error| format!("mqtt.ca: {}: {error}", path.display()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err("mqtt.ca: is missing, and the system trusts no authority".into());
    }
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = read_chain("mqtt.certificate", certificate)?;
            let wrong = |error: String| format!("mqtt.key: {}: {error}", key.display());
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(error.to_string()))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| wrong(error.to_string()))?
        }
    };
    Ok(Arc::new(config))
}

fn read_chain(key: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(format!("{key}: {}: there is no certificate in it", path.display())),
        Err(error) => Err(format!("{key}: {}: {error}", path.display())),
    }
}
