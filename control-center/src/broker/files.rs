//! What stands in the private broker's files: settings, who may come in, and what each may say.

use super::private::{BrokerError, Devices};
use super::{CENTER_USER, DISPATCH_USER, SIGNALS_USER, hash};
use crate::supervise::{Account, own};
use ngatu_protocol::topic::PREFIX;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// What a device may write and read below its own name.
const DEVICE_WRITES: [&str; 6] = ["state", "events", "health", "observations", "tracks", "command/+/reply"];
const DEVICE_READS: [&str; 3] = ["ack", "config", "command/#"];

/// The folder of the files that a broker reads.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) dir: PathBuf,
    /// Whose they are; the center's own when there is none.
    pub(super) account: Option<Account>,
    /// Who may read them.
    pub(super) mode: u32,
}

impl Files {
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a file, whole or not at all.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), BrokerError> {
        let (path, unfinished) = (self.dir.join(name), self.dir.join(format!("{name}.new")));
        let failed = |error| BrokerError::Files(path.clone(), error);
        std::fs::write(&unfinished, "").map_err(failed)?;
        own(&unfinished, self.account.as_ref(), self.mode)?;
        std::fs::write(&unfinished, text).map_err(failed)?;
        std::fs::rename(&unfinished, &path).map_err(failed)
    }
}

/// The password file. With a listener for certificates, who has one is not let in with a password; the center's own one is
/// there for each edge that ever had a certificate, so that the center can take over its connection and end it; for those that
/// are `held` to be cut, whatever password they have by now.
pub(super) fn passwords(
    center_password: &str,
    devices: &Devices,
    held: &BTreeSet<String>,
    has_certificates: bool,
) -> String {
    let mut text = String::new();
    for user in [CENTER_USER, SIGNALS_USER, DISPATCH_USER] {
        let _ = writeln!(text, "{user}:{}", hash(center_password));
    }
    let certificates = &devices.certificates;
    let is_let_in =
        |device: &str| !has_certificates || !(certificates.holders.contains(device) || held.contains(device));
    for (device, entry) in devices.passwords.iter().filter(|(device, _)| is_let_in(device)) {
        let _ = writeln!(text, "{device}:{entry}");
    }
    let is_known = |device: &str| devices.passwords.contains_key(device) && is_let_in(device);
    for device in certificates.ever.iter().filter(|device| has_certificates && !is_known(device)) {
        let _ = writeln!(text, "{device}:{}", hash(center_password));
    }
    text
}

pub(super) fn acl() -> String {
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

/// The lines of a listener, each with what is said of it. `[::]` takes IPv4 as well, which Mosquitto does only without an
/// address; beside `127.0.0.1` it listens on `[::1]`, where the machine has that.
pub(super) fn listeners(listen: SocketAddr, of_each: &str) -> String {
    let (ip, port) = (listen.ip(), listen.port());
    let mut hosts = vec![if ip == Ipv6Addr::UNSPECIFIED { String::new() } else { format!(" {ip}") }];
    if ip == Ipv4Addr::LOCALHOST && TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_ok() {
        hosts.push(format!(" {}", Ipv6Addr::LOCALHOST));
    }
    let mut text = String::new();
    for host in hosts {
        // By user name, else a device could take another one's client id and have it thrown out. It is said of each listener.
        let _ = writeln!(text, "listener {port}{host}\nuse_username_as_clientid true");
        text += of_each;
    }
    text
}

/// The whole configuration; `listeners` are the lines of all of them.
pub(super) fn settings(dir: &Path, listeners: &str) -> String {
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
         connection_messages false\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates::State;

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
            let text = listeners(listen.parse().unwrap(), "cafile x\n");
            let found: Vec<_> =
                text.lines().filter(|line| line.starts_with("listener")).map(str::to_owned).collect();
            assert_eq!(text.matches("cafile x").count(), found.len(), "{text}");
            found
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
    fn who_has_a_certificate_is_not_let_in_with_a_password_where_certificates_are_switched_on() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let devices = Devices {
            passwords: ["old", "new"].map(|name| (name.to_owned(), format!("entry of {name}"))).into(),
            certificates: State {
                holders: names(&["new"]),
                ever: names(&["gone", "new"]),
                revoked: BTreeSet::new(),
            },
        };
        let nobody = BTreeSet::new();
        let with = passwords("secret", &devices, &nobody, true);
        assert!(with.contains("old:entry of old\n") && !with.contains("entry of new"), "{with}");
        assert!(
            with.contains("\nnew:$7$") && with.contains("\ngone:$7$"),
            "the center can take over: {with}"
        );
        let held = passwords("secret", &devices, &names(&["old"]), true);
        assert!(!held.contains("entry of old"), "{held}");
        let without = passwords("secret", &devices, &nobody, false);
        assert!(without.contains("old:entry of old\n") && without.contains("new:entry of new\n"));
        assert!(!without.contains("gone"), "{without}");
    }
}
