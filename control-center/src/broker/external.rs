//! A broker that is not ours, where edges show certificates of our authority: it reads whom to trust and what is revoked
//! from files that stand here, and who is revoked is put out.

use super::BrokerAddress;
use super::cut::cut;
use super::files::Files;
use super::private::{BrokerError, Devices};
use crate::certificates::{Authority, Revoked, State};
use crate::clock;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The list is dated back so that a clock that was set does not make it one of the future.
const DATED_BACK: TimeDelta = TimeDelta::hours(1);
/// For so long an edge that was revoked is put out again whenever devices are looked at: when the broker reads the new list is
/// its keeper's affair, and until then the edge comes back.
const AGAIN_FOR: TimeDelta = TimeDelta::minutes(10);

/// What the center keeps for a broker that is not its own.
#[derive(Debug)]
pub struct ExternalBroker {
    address: BrokerAddress,
    authority: Arc<Authority>,
    /// For all to read: none is a secret, and the broker runs as somebody else.
    files: Files,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    revoked: BTreeSet<Revoked>,
    list_at: DateTime<Utc>,
}

impl ExternalBroker {
    /// Writes `trust/ca.crt` and `trust/revoked.crl` in the data folder, for the broker to read.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn start(
        data_dir: &Path,
        address: BrokerAddress,
        authority: Arc<Authority>,
        devices: Devices,
    ) -> Result<ExternalBroker, BrokerError> {
        let dir = data_dir.join("trust");
        std::fs::create_dir_all(&dir).map_err(|error| BrokerError::Files(dir.clone(), error))?;
        let files = Files { dir, account: None, mode: 0o644 };
        let known = Known { revoked: devices.certificates.revoked, list_at: clock::now() - DATED_BACK };
        let broker = ExternalBroker { address, authority, files, known: Mutex::new(known) };
        broker.files.write("ca.crt", broker.authority.certificate())?;
        broker.write_list(&broker.known.lock().expect("nothing panics while it holds the lock"))?;
        Ok(broker)
    }

    /// Writes the list when it has changed, and cuts the connections of those whose certificate was revoked.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub async fn set_devices(&self, devices: Devices) -> Result<(), BrokerError> {
        for edge in self.write_devices(devices)? {
            if let Err(error) = cut(&self.address, &edge, self.address.credentials.as_ref()).await {
                tracing::warn!(edge, error, "the connection of a revoked certificate could not be cut");
            }
        }
        Ok(())
    }

    fn write_devices(&self, devices: Devices) -> Result<BTreeSet<String>, BrokerError> {
        let now = clock::now();
        let mut known = self.known.lock().expect("nothing panics while it holds the lock");
        let out = to_cut(&known.revoked, &devices, now);
        if devices.certificates.revoked != known.revoked {
            // Of two lists the later one counts.
            let list_at = (known.list_at + TimeDelta::seconds(1)).max(now - DATED_BACK);
            let new = Known { revoked: devices.certificates.revoked, list_at };
            self.write_list(&new)?;
            *known = new;
        }
        Ok(out)
    }

    fn write_list(&self, known: &Known) -> Result<(), BrokerError> {
        let revoked: Vec<Revoked> = known.revoked.iter().cloned().collect();
        self.files.write("revoked.crl", &self.authority.revocations(&revoked, known.list_at)?)
    }
}

/// Whose certificates are newly revoked, and who was revoked a short while ago and has no credential since.
fn to_cut(before: &BTreeSet<Revoked>, devices: &Devices, now: DateTime<Utc>) -> BTreeSet<String> {
    let State { holders, revoked, .. } = &devices.certificates;
    let is_gone = |revoked: &Revoked| {
        let edge = revoked.edge.as_str();
        now - revoked.at <= AGAIN_FOR && !holders.contains(edge) && !devices.passwords.contains_key(edge)
    };
    let out = revoked.iter().filter(|revoked| !before.contains(revoked) || is_gone(revoked));
    out.map(|revoked| revoked.edge.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_revoked_is_cut_until_it_has_a_credential_again_or_the_time_is_over() {
        let now = clock::now();
        let revoked = |edge: &str| Revoked { edge: edge.into(), serial: "40".into(), at: now };
        let both = BTreeSet::from([revoked("gone"), revoked("back")]);
        let mut devices = Devices {
            passwords: [("back".to_owned(), String::new())].into(),
            certificates: State { revoked: both.clone(), ..State::default() },
        };
        let cut = |before: &BTreeSet<Revoked>, devices: &Devices, at| {
            to_cut(before, devices, at).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(cut(&BTreeSet::new(), &devices, now), ["back", "gone"], "each once");
        assert_eq!(cut(&both, &devices, now + AGAIN_FOR), ["gone"]);
        assert!(cut(&both, &devices, now + AGAIN_FOR + TimeDelta::seconds(1)).is_empty());
        devices.certificates.holders.insert("gone".into());
        assert!(cut(&both, &devices, now).is_empty());
    }
}
