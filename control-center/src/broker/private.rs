//! A Mosquitto of our own, from the system's package.
//!
//! It keeps nothing on disk: every message is still in an edge's outbox until the center has committed it.

use super::cut::cut;
use super::files::{Files, acl, listeners, passwords, settings};
use super::listener::{TlsListener, Written};
use super::{BrokerAddress, CENTER_USER, DISPATCH_USER, SIGNALS_USER};
use crate::certificates::{CertificateError, State};
use crate::clock;
use crate::supervise::{
    Account, AccountError, Keeping, Server, Status, Supervisor, check_reachable, find_program, make_dir,
    stop_orphan,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nix::sys::signal::Signal;
use rand::Rng as _;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

const STOP_SIGNALS: &[(Signal, Duration)] =
    &[(Signal::SIGTERM, Duration::from_secs(2)), (Signal::SIGKILL, Duration::from_secs(1))];

/// Why the private broker does not run.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The package is missing.
    #[error("no mosquitto found in PATH or /usr/sbin: apt-get install mosquitto")]
    Missing,
    /// The port is taken.
    #[error("{0}: {1} cannot be used: {2}")]
    Listen(&'static str, SocketAddr, #[source] std::io::Error),
    /// A file could not be written.
    #[error("{0}: {1}")]
    Files(PathBuf, #[source] std::io::Error),
    /// User or folder.
    #[error("{0}")]
    Account(String),
    /// A certificate cannot be made.
    #[error("mqtt.tls: {0}")]
    Certificate(#[from] CertificateError),
    /// It does not listen.
    #[error("the private Mosquitto does not listen on {0}; see {1}")]
    Silent(SocketAddr, PathBuf),
}

impl From<AccountError> for BrokerError {
    fn from(error: AccountError) -> Self {
        BrokerError::Account(error.to_string())
    }
}

/// Who may come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Devices {
    /// Devices with a password: id and hash.
    pub passwords: BTreeMap<String, String>,
    /// The certificates; without a listener for them they change nothing.
    pub certificates: State,
}

/// The listener for certificates while the broker runs.
#[derive(Debug)]
struct Tls {
    listener: TlsListener,
    listen: SocketAddr,
    written: Written,
}

/// What may change while the broker runs.
#[derive(Debug)]
struct Inner {
    devices: Devices,
    tls: Option<Tls>,
}

/// A running private Mosquitto.
#[derive(Debug)]
pub struct PrivateBroker {
    supervisor: Supervisor,
    listen: SocketAddr,
    tls_listen: Option<SocketAddr>,
    files: Files,
    center_password: String,
    inner: Mutex<Inner>,
}

impl PrivateBroker {
    /// Ends a broker that an earlier center left behind, and starts a new one for these devices.
    ///
    /// # Errors
    /// [`BrokerError`] says what is missing and what to do.
    pub async fn start(
        data_dir: &Path,
        (listen, tls): (SocketAddr, Option<TlsListener>),
        devices: Devices,
        status: &Status,
    ) -> Result<PrivateBroker, BrokerError> {
        let program = find_program("mosquitto").ok_or(BrokerError::Missing)?;
        let account = Account::to_drop_to("mosquitto", "mosquitto")?;
        check_reachable(data_dir, account.as_ref())?;
        let files = Files { dir: make_dir(data_dir, "mosquitto", account.as_ref())?, account, mode: 0o600 };
        let config = files.dir.join("mosquitto.conf");
        let pid_file = files.dir.join("center.pid");
        if let Some(pid) = std::fs::read_to_string(&pid_file).ok().and_then(|text| text.trim().parse().ok()) {
            stop_orphan(pid, &config.to_string_lossy(), STOP_SIGNALS).await;
        }
        let listen = choose_address(&data_dir.join("mqtt.addr"), "mqtt.listen", listen)?;
        let tls = tls.map(|tls| begin_tls(data_dir, tls, &files, &devices)).transpose()?;
        let tls_listen = tls.as_ref().map(|tls| tls.listen);
        let mut secret = [0_u8; 32];
        rand::rng().fill(&mut secret);
        let log = data_dir.join("mosquitto.log");
        let server = Server {
            program,
            args: vec!["-c".into(), config.clone().into()],
            account: files.account.clone(),
            death_signal: Signal::SIGTERM,
            log: log.clone(),
            pid_file: Some(pid_file),
        };
        let center_password = URL_SAFE_NO_PAD.encode(secret);
        files.write("acl", &acl())?;
        files.write("passwd", &passwords(&center_password, &devices, &BTreeSet::new(), tls.is_some()))?;
        let of_tls = tls.as_ref().map(|tls| tls.listener.settings(&files, tls.listen)).unwrap_or_default();
        files.write("mosquitto.conf", &settings(files.dir(), &(listeners(listen, "") + &of_tls)))?;
        let keeping =
            Keeping { part: "mosquitto", stop_signals: STOP_SIGNALS, before_start: Box::new(|| ()) };
        let supervisor = Supervisor::start(server, keeping, status.clone());
        let inner = Mutex::new(Inner { devices, tls });
        let broker = PrivateBroker { supervisor, listen, tls_listen, files, center_password, inner };
        if tokio::time::timeout(Duration::from_secs(10), broker.wait_until_it_listens()).await.is_err() {
            broker.stop().await;
            return Err(BrokerError::Silent(listen, log));
        }
        Ok(broker)
    }

    async fn wait_until_it_listens(&self) {
        for address in [Some(self.listen), self.tls_listen].into_iter().flatten() {
            while tokio::net::TcpStream::connect(reachable(address)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    /// Where edges reach it.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Where edges with a certificate reach it; none when certificates are not switched on.
    #[must_use]
    pub fn tls_listen(&self) -> Option<SocketAddr> {
        self.tls_listen
    }

    /// How the center itself reaches it.
    #[must_use]
    pub fn address(&self) -> BrokerAddress {
        let reachable = reachable(self.listen);
        let host = match reachable {
            SocketAddr::V4(v4) => v4.ip().to_string(),
            SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
        };
        let credentials = Some((CENTER_USER.to_owned(), self.center_password.clone()));
        BrokerAddress { host, port: reachable.port(), tls: None, credentials }
    }

    /// How the center reads what sensors and other systems say: a user of its own, because a user's second connection ends
    /// the first one.
    #[must_use]
    pub fn signals_address(&self) -> BrokerAddress {
        let credentials = Some((SIGNALS_USER.to_owned(), self.center_password.clone()));
        BrokerAddress { credentials, ..self.address() }
    }

    /// How the center tells units of their dispatches: a user of its own for the same reason, and one that may do nothing else.
    #[must_use]
    pub fn dispatch_address(&self) -> BrokerAddress {
        let credentials = Some((DISPATCH_USER.to_owned(), self.center_password.clone()));
        BrokerAddress { credentials, ..self.address() }
    }

    /// The process id while it runs; tests kill it.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.supervisor.pid().map(nix::unistd::Pid::as_raw)
    }

    /// Lets in exactly these devices from now on, and cuts the connections of those whose certificate was revoked.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub async fn set_devices(&self, devices: Devices) -> Result<(), BrokerError> {
        let out = self.write_devices(devices)?;
        if out.is_empty() {
            return Ok(());
        }
        let address = self.address();
        for edge in &out {
            // A broker that does not answer was or will be started anew, which ends every connection.
            let credentials = (edge.clone(), self.center_password.clone());
            if let Err(error) = cut(&address, edge, Some(&credentials)).await {
                tracing::warn!(edge, error, "the connection of a revoked certificate could not be cut");
            }
        }
        // Who was cut and has a password since may come with it.
        let inner = self.inner.lock().expect("nothing panics while it holds the lock");
        self.write_passwords(&inner.devices, &BTreeSet::new(), inner.tls.is_some())
    }

    /// Writes what has changed and has it read; answers whose certificates are newly revoked.
    fn write_devices(&self, devices: Devices) -> Result<BTreeSet<String>, BrokerError> {
        let now = clock::now();
        let mut inner = self.inner.lock().expect("nothing panics while it holds the lock");
        let inner = &mut *inner;
        let mut is_new = inner.devices != devices;
        let mut out = BTreeSet::new();
        if let Some(tls) = &mut inner.tls {
            is_new |= tls.listener.refresh(&self.files, &mut tls.written, now)?;
            let before = &inner.devices.certificates.revoked;
            let revoked = &devices.certificates.revoked;
            out.extend(revoked.difference(before).map(|revoked| revoked.edge.clone()));
            if revoked != before {
                tls.listener.revoke(&self.files, revoked, (&mut tls.written, now))?;
            }
        }
        if is_new {
            self.write_passwords(&devices, &out, inner.tls.is_some())?;
            inner.devices = devices;
        }
        Ok(out)
    }

    fn write_passwords(
        &self,
        devices: &Devices,
        held: &BTreeSet<String>,
        has_certificates: bool,
    ) -> Result<(), BrokerError> {
        let text = passwords(&self.center_password, devices, held, has_certificates);
        self.files.write("passwd", &text)?;
        self.supervisor.signal(Signal::SIGHUP);
        Ok(())
    }

    /// Stops it.
    pub async fn stop(self) {
        self.supervisor.stop().await;
    }
}

fn begin_tls(
    data_dir: &Path,
    listener: TlsListener,
    files: &Files,
    devices: &Devices,
) -> Result<Tls, BrokerError> {
    let listen = choose_address(&data_dir.join("mqtts.addr"), "mqtt.tls.listen", listener.listen)?;
    let written = listener.begin(files, &devices.certificates.revoked, clock::now())?;
    Ok(Tls { listener, listen, written })
}

/// The address to connect to from this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// The address to listen on. Port 0 becomes a free port, the same one after a restart, because edges have it in their
/// configuration. It stands in the file.
fn choose_address(file: &Path, key: &'static str, wanted: SocketAddr) -> Result<SocketAddr, BrokerError> {
    let kept = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<SocketAddr>().ok());
    let kept = kept.filter(|kept| wanted.port() == 0 && kept.ip() == wanted.ip());
    let bind = |address| TcpListener::bind(address).and_then(|listener| listener.local_addr());
    let address = kept.unwrap_or(wanted);
    let chosen = bind(address).map_err(|error| BrokerError::Listen(key, address, error))?;
    std::fs::write(file, chosen.to_string()).map_err(|error| BrokerError::Files(file.into(), error))?;
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_0_becomes_a_free_port_and_stays_the_same_one() {
        let dir = tempfile::tempdir().unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let chosen = choose_address(&dir.path().join("addr"), "mqtt.listen", any).unwrap();
        assert_ne!(chosen.port(), 0);
        assert_eq!(choose_address(&dir.path().join("addr"), "mqtt.listen", any).unwrap(), chosen);
    }

    #[test]
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let error = choose_address(&dir.path().join("addr"), "mqtt.listen", address).unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("in use"), "{error}");
    }
}
