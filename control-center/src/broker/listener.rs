//! The private broker's listener for certificates: its files, and its part of the configuration.

use super::files::{Files, listeners};
use super::private::BrokerError;
use crate::certificates::{Authority, Revoked};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// The server's certificate is made anew after this long, well before it ends.
const SERVER_ANEW: TimeDelta = TimeDelta::days(180);
/// The list of what is revoked is dated back so that a clock that was set does not make it one of the future.
const DATED_BACK: TimeDelta = TimeDelta::hours(1);

/// What a listener for certificates needs.
#[derive(Debug, Clone)]
pub struct TlsListener {
    /// Where edges reach it; port 0 picks a free one and keeps it.
    pub listen: SocketAddr,
    /// The names and addresses by which edges call the center.
    pub names: Vec<String>,
    /// Who signs.
    pub authority: Arc<Authority>,
}

/// When the files were written.
#[derive(Debug)]
pub(super) struct Written {
    server_at: DateTime<Utc>,
    list_at: DateTime<Utc>,
}

impl TlsListener {
    /// Writes all files of the listener.
    pub(super) fn begin(
        &self,
        files: &Files,
        revoked: &BTreeSet<Revoked>,
        now: DateTime<Utc>,
    ) -> Result<Written, BrokerError> {
        files.write("ca.crt", self.authority.certificate())?;
        let mut written = Written { server_at: now, list_at: now - DATED_BACK };
        self.write_server(files, &mut written, now)?;
        self.write_list(files, revoked, &mut written)?;
        Ok(written)
    }

    /// Writes the list of what is revoked, dated later than the one before: of two the later one counts.
    pub(super) fn revoke(
        &self,
        files: &Files,
        revoked: &BTreeSet<Revoked>,
        (written, now): (&mut Written, DateTime<Utc>),
    ) -> Result<(), BrokerError> {
        written.list_at = (written.list_at + TimeDelta::seconds(1)).max(now - DATED_BACK);
        self.write_list(files, revoked, written)
    }

    /// Makes the server's certificate anew when it is time; answers whether it was.
    pub(super) fn refresh(
        &self,
        files: &Files,
        written: &mut Written,
        now: DateTime<Utc>,
    ) -> Result<bool, BrokerError> {
        let is_due = now - written.server_at >= SERVER_ANEW;
        if is_due {
            self.write_server(files, written, now)?;
        }
        Ok(is_due)
    }

    fn write_server(
        &self,
        files: &Files,
        written: &mut Written,
        now: DateTime<Utc>,
    ) -> Result<(), BrokerError> {
        let pair = self.authority.server(&self.names, now)?;
        files.write("server.key", &pair.key)?;
        files.write("server.crt", &pair.certificate)?;
        written.server_at = now;
        Ok(())
    }

    fn write_list(
        &self,
        files: &Files,
        revoked: &BTreeSet<Revoked>,
        written: &mut Written,
    ) -> Result<(), BrokerError> {
        let revoked: Vec<Revoked> = revoked.iter().cloned().collect();
        files.write("revoked.crl", &self.authority.revocations(&revoked, written.list_at)?)
    }

    /// The listener's lines in the broker's configuration.
    pub(super) fn settings(&self, files: &Files, listen: SocketAddr) -> String {
        let dir = files.dir().display();
        let of_each = format!(
            "cafile {dir}/ca.crt\n\
             certfile {dir}/server.crt\n\
             keyfile {dir}/server.key\n\
             crlfile {dir}/revoked.crl\n\
             tls_version tlsv1.2\n\
             require_certificate true\n\
             # The name in the certificate is the user, whatever the device says; no password is looked at.\n\
             use_identity_as_username true\n"
        );
        listeners(listen, &of_each)
    }
}
