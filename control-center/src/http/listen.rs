//! Listeners: which addresses may be used, and the loop that takes connections.

use super::Shared;
use super::limits::Peer;
use super::tls::Tls;
use axum::Router;
use axum::middleware::AddExtension;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Layer as _;

/// Connections at once; a websocket gives its place back and is counted by the hub instead.
const MAX_CONNECTIONS: usize = 2048;
/// A request's head must be complete by then; also how long an idle connection is kept.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// How long running requests may go on after the center was told to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Why the center does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Not an address with a port.
    #[error("`{0}` is not an address like 127.0.0.1:8080 or [::1]:8080")]
    Address(String),
    /// Plain HTTP would leave the machine.
    #[error(
        "{0} is not a loopback address and there is no TLS: switch on [http.tls], or set http.insecure = true to serve plain HTTP \
         there anyway"
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
/// When an address cannot be read, or is not loopback while `insecure`, which is to be set where TLS is spoken too, is not.
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

/// Binds every address; `[::]` also takes IPv4. A machine without IPv6 does without its addresses, as long as one other is
/// left. Ask each listener's `local_addr` for the port that 0 became.
///
/// # Errors
/// As [`check_listen`], and when an address is taken.
pub async fn bind(addresses: &[String], insecure: bool) -> Result<Vec<TcpListener>, ListenError> {
    let (mut listeners, mut left_out) = (Vec::new(), None);
    for address in check_listen(addresses, insecure)? {
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(source) if address.is_ipv6() && is_without_ipv6(&source) => {
                tracing::warn!("this machine has no IPv6: not listening on {address}");
                left_out = Some(ListenError::Bind { address, source });
            }
            Err(source) => return Err(ListenError::Bind { address, source }),
        }
    }
    match left_out {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
}

/// Whether the system knows no such address at all, or no such family.
fn is_without_ipv6(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(libc::EAFNOSUPPORT)
}

/// Serves until `shutdown`, then lets running requests end for a few seconds.
pub async fn serve(shared: Shared, listeners: Vec<TcpListener>, shutdown: CancellationToken) {
    let tls = shared.0.options.tls.clone();
    let service = super::service(shared);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut accepting = JoinSet::new();
    for listener in listeners {
        let door = Door {
            service: service.clone(),
            tls: tls.clone(),
            places: places.clone(),
            shutdown: shutdown.clone(),
        };
        accepting.spawn(door.accept(listener));
    }
    while accepting.join_next().await.is_some() {}
    // All places back means that all connections have ended.
    let all = u32::try_from(MAX_CONNECTIONS).expect("the limit is small");
    let _ = timeout(DRAIN + Duration::from_secs(1), places.acquire_many(all)).await;
}

/// Where connections of one listener come in.
struct Door {
    service: Router,
    tls: Option<Arc<Tls>>,
    places: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl Door {
    async fn accept(self, listener: TcpListener) {
        loop {
            // Without a place nothing is accepted: the rest waits in the system's queue.
            let next = async {
                let place = self.places.clone().acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = self.shutdown.cancelled() => return,
                next = next => next,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let service = axum::Extension(Peer(peer)).layer(self.service.clone());
                    let service = TowerToHyperService::new(service);
                    let acceptor = self.tls.as_ref().map(|tls| tls.acceptor());
                    let shutdown = self.shutdown.clone();
                    tokio::spawn(async move {
                        let _place = place;
                        open(service, stream, acceptor, shutdown).await;
                    });
                }
                Err(error) => {
                    // Out of file descriptors, most likely: going on at once would only spin.
                    tracing::warn!(%error, "http: cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
}

/// The routes, which know who is at the other end.
type Service = TowerToHyperService<AddExtension<Router, Peer>>;

async fn open(
    service: Service,
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    shutdown: CancellationToken,
) {
    // Live frames are small and must not wait for more to come.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(acceptor) = acceptor else { return converse(service, stream, shutdown).await };
    // Who does not come to an end with shaking hands, or does not speak TLS at all, is the client's affair.
    let shaken = tokio::select! {
        shaken = timeout(HANDSHAKE, acceptor.accept(stream)) => shaken,
        () = shutdown.cancelled() => return,
    };
    if let Ok(Ok(stream)) = shaken {
        converse(service, stream, shutdown).await;
    }
}

async fn converse<S>(service: Service, stream: S, shutdown: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // An error here is the client's: gone in the middle, or not HTTP.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(DRAIN, connection).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_leaves_the_machine_only_when_asked_to() {
        let check = |address: &str, insecure| check_listen(&[address.into()], insecure);
        for loopback in ["127.0.0.1:8080", "[::1]:0", "127.8.8.8:1"] {
            assert!(check(loopback, false).is_ok(), "{loopback}");
        }
        for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80", "[::ffff:192.0.2.1]:80"] {
            assert!(matches!(check(open, false), Err(ListenError::Insecure(_))), "{open}");
            assert!(check(open, true).is_ok(), "{open}");
        }
        for wrong in ["localhost:80", "8080", "", "127.0.0.1"] {
            assert!(matches!(check(wrong, true), Err(ListenError::Address(_))), "{wrong}");
        }
        assert!(matches!(check_listen(&[], false), Err(ListenError::Empty)));
    }
}
