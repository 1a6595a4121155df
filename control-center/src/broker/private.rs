//! A Mosquitto of our own, from the system's package.
//!
//! It keeps nothing on disk: every message is still in an edge's outbox until the center has committed it.

use super::{BrokerAddress, CENTER_USER, DISPATCH_USER, SIGNALS_USER, hash};
use crate::supervise::{
    Account, AccountError, Keeping, Server, Status, Supervisor, check_reachable, find_program, make_dir, own,
    stop_orphan,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ngatu_protocol::topic::PREFIX;
use nix::sys::signal::Signal;
use rand::Rng as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

const STOP_SIGNALS: &[(Signal, Duration)] =
    &[(Signal::SIGTERM, Duration::from_secs(2)), (Signal::SIGKILL, Duration::from_secs(1))];

/// What a device may write and read below its own name.
const DEVICE_WRITES: [&str; 6] = ["state", "events", "health", "observations", "tracks", "command/+/reply"];
const DEVICE_READS: [&str; 3] = ["ack", "config", "command/#"];

/// Why the private broker does not run.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The package is missing.
    #[error("no mosquitto found in PATH or /usr/sbin: apt-get install mosquitto")]
    Missing,
    /// The port is taken.
    #[error("mqtt.listen: {0} cannot be used: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// A file could not be written.
    #[error("{0}: {1}")]
    Files(PathBuf, #[source] std::io::Error),
    /// User or folder.
    #[error("{0}")]
    Account(String),
    /// It does not listen.
    #[error("the private Mosquitto does not listen on {0}; see {1}")]
    Silent(SocketAddr, PathBuf),
}

impl From<AccountError> for BrokerError {
    fn from(error: AccountError) -> Self {
        BrokerError::Account(error.to_string())
    }
}

/// A running private Mosquitto.
#[derive(Debug)]
pub struct PrivateBroker {
    supervisor: Supervisor,
    listen: SocketAddr,
    dir: PathBuf,
    account: Option<Account>,
    center_password: String,
    devices: Mutex<BTreeMap<String, String>>,
}

impl PrivateBroker {
    /// Ends a broker that an earlier center left behind, and starts a new one for these devices (id and password hash).
    ///
    /// # Errors
    /// [`BrokerError`] says what is missing and what to do.
    pub async fn start(
        data_dir: &Path,
        listen: SocketAddr,
        devices: BTreeMap<String, String>,
        status: &Status,
    ) -> Result<PrivateBroker, BrokerError> {
        let program = find_program("mosquitto").ok_or(BrokerError::Missing)?;
        let account = Account::to_drop_to("mosquitto", "mosquitto")?;
        check_reachable(data_dir, account.as_ref())?;
        let dir = make_dir(data_dir, "mosquitto", account.as_ref())?;
        let config = dir.join("mosquitto.conf");
        let pid_file = dir.join("center.pid");
        if let Some(pid) = std::fs::read_to_string(&pid_file).ok().and_then(|text| text.trim().parse().ok()) {
            stop_orphan(pid, &config.to_string_lossy(), STOP_SIGNALS).await;
        }
        let listen = choose_address(data_dir, listen)?;
        let mut secret = [0_u8; 32];
        rand::rng().fill(&mut secret);
        let log = data_dir.join("mosquitto.log");
        let server = Server {
            program,
            args: vec!["-c".into(), config.clone().into()],
            account: account.clone(),
            death_signal: Signal::SIGTERM,
            log: log.clone(),
            pid_file: Some(pid_file),
        };
        let center_password = URL_SAFE_NO_PAD.encode(secret);
        write(&dir, "acl", &acl(), account.as_ref())?;
        write(&dir, "passwd", &passwords(&center_password, &devices), account.as_ref())?;
        write(&dir, "mosquitto.conf", &settings(&dir, listen), account.as_ref())?;
        let keeping =
            Keeping { part: "mosquitto", stop_signals: STOP_SIGNALS, before_start: Box::new(|| ()) };
        let supervisor = Supervisor::start(server, keeping, status.clone());
        let devices = Mutex::new(devices);
        let broker = PrivateBroker { supervisor, listen, dir, account, center_password, devices };
        if tokio::time::timeout(Duration::from_secs(10), broker.wait_until_it_listens()).await.is_err() {
            broker.stop().await;
            return Err(BrokerError::Silent(listen, log));
        }
        Ok(broker)
    }

    async fn wait_until_it_listens(&self) {
        while tokio::net::TcpStream::connect(self.reachable()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The address to connect to from this machine.
    fn reachable(&self) -> SocketAddr {
        let mut address = self.listen;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        address
    }

    /// Where edges reach it.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// How the center itself reaches it.
    #[must_use]
    pub fn address(&self) -> BrokerAddress {
        let reachable = self.reachable();
        let host = match reachable {
            SocketAddr::V4(v4) => v4.ip().to_string(),
            SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
        };
        let credentials = Some((CENTER_USER.to_owned(), self.center_password.clone()));
        BrokerAddress { host, port: reachable.port(), tls: false, credentials }
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

    /// Lets in exactly these devices (id and password hash) from now on.
    ///
    /// # Errors
    /// When the password file cannot be written.
    pub fn set_devices(&self, devices: BTreeMap<String, String>) -> Result<(), BrokerError> {
        let mut known = self.devices.lock().expect("nothing panics while it holds the lock");
        if *known == devices {
            return Ok(());
        }
        write(&self.dir, "passwd", &passwords(&self.center_password, &devices), self.account.as_ref())?;
        self.supervisor.signal(Signal::SIGHUP);
        *known = devices;
        Ok(())
    }

    /// Stops it.
    pub async fn stop(self) {
        self.supervisor.stop().await;
    }
}

/// The address to listen on. Port 0 becomes a free port, the same one after a restart, because edges have it in their
/// configuration. It stands in `mqtt.addr`.
fn choose_address(data_dir: &Path, wanted: SocketAddr) -> Result<SocketAddr, BrokerError> {
    let file = data_dir.join("mqtt.addr");
    let kept = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<SocketAddr>().ok());
    let kept = kept.filter(|kept| wanted.port() == 0 && kept.ip() == wanted.ip());
    let bind = |address| TcpListener::bind(address).and_then(|listener| listener.local_addr());
    let address = kept.unwrap_or(wanted);
    let chosen = bind(address).map_err(|error| BrokerError::Listen(address, error))?;
    std::fs::write(&file, chosen.to_string()).map_err(|error| BrokerError::Files(file, error))?;
    Ok(chosen)
}

/// Writes a file of the broker's user, whole or not at all.
fn write(dir: &Path, name: &str, text: &str, account: Option<&Account>) -> Result<(), BrokerError> {
    let (path, unfinished) = (dir.join(name), dir.join(format!("{name}.new")));
    let failed = |error| BrokerError::Files(path.clone(), error);
    std::fs::write(&unfinished, "").map_err(failed)?;
    own(&unfinished, account, 0o600)?;
    std::fs::write(&unfinished, text).map_err(failed)?;
    std::fs::rename(&unfinished, &path).map_err(failed)
}

fn passwords(center_password: &str, devices: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for user in [CENTER_USER, SIGNALS_USER, DISPATCH_USER] {
        let _ = writeln!(text, "{user}:{}", hash(center_password));
    }
    for (device, entry) in devices {
        let _ = writeln!(text, "{device}:{entry}");
    }
    text
}

fn acl() -> String {
    let mut text = format!("user {CENTER_USER}\ntopic readwrite {PREFIX}/#\n\n");
    let _ = writeln!(text, "user {SIGNALS_USER}\ntopic read {PREFIX}/signals/+\n");
    let _ = writeln!(text, "user {DISPATCH_USER}\ntopic write {PREFIX}/units/+/dispatches\n");
    let _ = writeln!(text, "pattern write {PREFIX}/signals/%u");
    for leaf in DEVICE_WRITES {
        let _ = writeln!(text, "pattern write {PREFIX}/%u/{leaf}");
    }
    // A unit whose id has a credential of its own reads what is dispatched to it.
    let _ = writeln!(text, "pattern read {PREFIX}/units/%u/dispatches");
    for leaf in DEVICE_READS {
        let _ = writeln!(text, "pattern read {PREFIX}/%u/{leaf}");
    }
    text
}

/// The lines of the listeners. `[::]` takes IPv4 as well, which Mosquitto does only without an address; beside
/// `127.0.0.1` it listens on `[::1]`, where the machine has that.
fn listeners(listen: SocketAddr) -> String {
    let (ip, port) = (listen.ip(), listen.port());
    let mut hosts = vec![if ip == Ipv6Addr::UNSPECIFIED { String::new() } else { format!(" {ip}") }];
    if ip == Ipv4Addr::LOCALHOST && TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_ok() {
        hosts.push(format!(" {}", Ipv6Addr::LOCALHOST));
    }
    let mut text = String::new();
    for host in hosts {
        // By user name, else a device could take another one's client id and have it thrown out. It is said of each listener.
        let _ = writeln!(text, "listener {port}{host}\nuse_username_as_clientid true");
    }
    text
}

fn settings(dir: &Path, listen: SocketAddr) -> String {
    let dir = dir.display();
    format!(
        "# Made by control-center at each start.\n\
         {listeners}\
         allow_anonymous false\n\
         password_file {dir}/passwd\n\
         acl_file {dir}/acl\n\
         persistence false\n\
         set_tcp_nodelay true\n\
         sys_interval 0\n\
         # Larger than the largest payload, so that the center sees an oversized one and can say what is wrong with it.\n\
         message_size_limit 524288\n\
         max_inflight_messages 100\n\
         # The edges' windows bound what is under way; what is dropped here is sent again by its outbox.\n\
         max_queued_messages 200000\n\
         max_queued_bytes 134217728\n\
         log_dest stderr\n\
         log_type error\n\
         log_type warning\n\
         log_type notice\n\
         connection_messages false\n",
        listeners = listeners(listen),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_gets_only_what_is_under_its_own_name() {
        let acl = acl();
        assert!(acl.contains("pattern write ngatu/v1/%u/events\n"));
        assert!(acl.contains("pattern read ngatu/v1/%u/ack\n"));
        assert!(acl.lines().filter(|line| line.starts_with("pattern")).all(|line| line.contains("/%u")));
        assert!(acl.contains("pattern write ngatu/v1/signals/%u\n"), "a source speaks for itself only");
    }

    #[test]
    fn both_families_are_listened_to_where_one_address_stands_for_both() {
        let lines = |listen: &str| {
            let text = listeners(listen.parse().unwrap());
            text.lines().filter(|line| line.starts_with("listener")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines("[::]:1883"), ["listener 1883"]);
        assert_eq!(lines("[::1]:1883"), ["listener 1883 ::1"]);
        assert_eq!(lines("192.0.2.7:1883"), ["listener 1883 192.0.2.7"]);
        let on = |address: &str| TcpListener::bind(address).and_then(|listener| listener.local_addr());
        // A machine without IPv6 has the one that it can have.
        let both = on("[::1]:0").is_ok();
        let port = on(if both { "[::1]:0" } else { "127.0.0.1:0" }).unwrap().port();
        let mut wanted = vec![format!("listener {port} 127.0.0.1")];
        wanted.extend(both.then(|| format!("listener {port} ::1")));
        assert_eq!(lines(&format!("127.0.0.1:{port}")), wanted);
    }

    #[test]
    fn port_0_becomes_a_free_port_and_stays_the_same_one() {
        let dir = tempfile::tempdir().unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let chosen = choose_address(dir.path(), any).unwrap();
        assert_ne!(chosen.port(), 0);
        assert_eq!(choose_address(dir.path(), any).unwrap(), chosen);
    }

    #[test]
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let error = choose_address(dir.path(), address).unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("in use"), "{error}");
    }
}
