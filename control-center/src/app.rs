//! The one place that knows all stages: starts them in order, and stops them in the reverse order.

use crate::config::CenterConfig;
use sqlx::PgPool;
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

/// A running center.
#[derive(Debug)]
pub struct App {
    pool: PgPool,
    http: Vec<SocketAddr>,
    mqtt: Option<SocketAddr>,
}

impl App {
    /// Starts everything; when it returns, edges and browsers can connect.
    ///
    /// # Errors
    /// Says which part did not start, and what to do.
    pub async fn start(config: CenterConfig) -> anyhow::Result<App> {
        let _ = config;
        anyhow::bail!("not there yet")
    }

    /// The addresses that serve HTTP, with their real ports.
    #[must_use]
    pub fn http(&self) -> &[SocketAddr] {
        &self.http
    }

    /// Where edges reach the private broker; `None` with a broker of one's own.
    #[must_use]
    pub fn mqtt(&self) -> Option<SocketAddr> {
        self.mqtt
    }

    /// The database.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Stops everything: nothing more is taken, what was taken is committed and acknowledged.
    pub async fn stop(self) {}
}

/// Runs the center until `shutdown`.
///
/// # Errors
/// As [`App::start`].
pub async fn run(config: CenterConfig, shutdown: CancellationToken) -> anyhow::Result<()> {
    let app = App::start(config).await?;
    shutdown.cancelled().await;
    app.stop().await;
    Ok(())
}
