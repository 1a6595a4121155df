//! The MQTT broker: a private Mosquitto when none is configured, with a password file and topic rights of its own.
//!
//! Stands between the edges and ingest. What always holds: nobody gets in without a password, and a device writes and
//! reads only under its own name.

mod password;
mod private;

pub use password::hash;
pub use private::{BrokerError, PrivateBroker};

/// The center's own user name; no edge can have it because `_` is not in their alphabet.
pub const CENTER_USER: &str = "_center";

/// The user name under which the center reads signals.
pub const SIGNALS_USER: &str = "_signals";

/// The user name under which the center tells units of their dispatches.
pub const DISPATCH_USER: &str = "_dispatch";

/// How the center reaches the broker.
#[derive(Debug, Clone)]
pub struct BrokerAddress {
    /// Name or address; an IPv6 address in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether to speak TLS.
    pub tls: bool,
    /// The center's user name and password there.
    pub credentials: Option<(String, String)>,
}
