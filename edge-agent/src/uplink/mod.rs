//! The uplink: sends what the outbox holds over MQTT 5 until the center acknowledges it.
//!
//! The last stage of the edge. What always holds: a row is deleted only after the center's own acknowledgement, never
//! because the broker took it; a connection can be lost at any time and costs nothing but sending again.

pub(crate) mod backoff;
mod session;
#[cfg(test)]
mod tests;
pub(crate) mod tls;
mod transport;
mod window;

use crate::credential::TlsFiles;
use crate::outbox::Outbox;
use ngatu_protocol::{EdgeConfig, EdgeId, Lane};
use session::Uplink;
use std::collections::BTreeMap;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where the broker is and who this edge is.
#[derive(Debug, Clone)]
pub struct UplinkOptions {
    /// User name and client id; the outbox must belong to the same edge.
    pub edge: EdgeId,
    /// `mqtt://host:port` or `mqtts://host:port`.
    pub url: String,
    /// The device secret.
    pub secret: String,
    /// For `mqtts://`: whom to trust, and the certificate to show.
    pub tls: TlsFiles,
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
    /// Publications and subscriptions that the broker refused.
    pub refused: u64,
    /// Connections that failed or were lost.
    pub failures: u64,
    /// Acknowledgements that could not be read, of another outbox, or of numbers never given.
    pub strange_acks: u64,
    /// Configurations that could not be read.
    pub bad_configs: u64,
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
    /// The outbox was made for another edge.
    #[error("the outbox belongs to edge `{outbox}`, the uplink to `{uplink}`")]
    Edge {
        /// The outbox's edge.
        outbox: EdgeId,
        /// The uplink's edge.
        uplink: EdgeId,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ConfigReport {
    version: u64,
    error: Option<String>,
}

/// A running uplink. Dropping the handle ends it without a farewell, as a crash would.
#[derive(Debug)]
pub struct UplinkHandle {
    status: watch::Receiver<UplinkStatus>,
    configs: watch::Receiver<Option<EdgeConfig>>,
    report: watch::Sender<ConfigReport>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts the uplink on the running tokio runtime.
///
/// # Errors
/// When the address cannot be used, or the outbox belongs to another edge.
pub fn start(outbox: Outbox, options: UplinkOptions) -> Result<UplinkHandle, UplinkError> {
    if *outbox.edge() != options.edge {
        return Err(UplinkError::Edge { outbox: outbox.edge().clone(), uplink: options.edge });
    }
    let address = transport::Address::parse(&options.url)
        .map_err(|reason| UplinkError::Url { url: options.url.clone(), reason })?;
    let (status_sender, status) = watch::channel(UplinkStatus::default());
    let (configs_sender, configs) = watch::channel(None);
    let (report, report_receiver) = watch::channel(ConfigReport::default());
    let (stop, stop_receiver) = watch::channel(false);
    let uplink = Uplink {
        outbox,
        address,
        secret: options.secret,
        tls: options.tls,
        status: status_sender,
        configs: configs_sender,
        report: report_receiver,
        stop: stop_receiver,
        unreadable_config: None,
    };
    Ok(UplinkHandle { status, configs, report, stop, task: tokio::spawn(uplink.run()) })
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
    pub fn report_config(&self, version: u64, error: Option<String>) {
        self.report.send_replace(ConfigReport { version, error });
    }

    /// Says goodbye (`online: false`) and disconnects; takes at most a few seconds. What was not acknowledged stays
    /// in the outbox.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "the uplink's task had failed");
        }
    }
}

impl Drop for UplinkHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}
