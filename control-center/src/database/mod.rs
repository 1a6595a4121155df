//! PostgreSQL: connecting, the schema, and the tables that are split by time.
//!
//! Stands behind ingest, alerts and HTTP. What always holds: the schema is complete before anything else starts.

pub mod private;
pub mod timeseries;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgPool};
use std::time::Duration;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The channel that says "`alert_log` has grown": a doorbell only, read the rows. What it says is a hint of [`crate::live`].
pub const CHANNEL_ALERTS: &str = "ngatu_alerts";
/// The channel that says "`incident_log` has grown": a doorbell only, read the rows.
pub const CHANNEL_INCIDENTS: &str = "ngatu_incidents";
/// The channel that says "the city has changed": edges, cameras or credentials.
pub const CHANNEL_CITY: &str = "ngatu_city";

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The private one does not run.
    #[error("{0}")]
    Private(#[source] private::PrivateError),
    /// It does not answer.
    #[error("connect to the database: {0}")]
    Connect(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("bring the schema up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The tables that are split by time could not be prepared.
    #[error("prepare the time series tables: {0}")]
    TimeSeries(#[source] sqlx::Error),
}

/// Opens a pool and makes sure that the database answers.
///
/// # Errors
/// When it does not answer within 10 s.
pub async fn connect(options: PgConnectOptions) -> Result<PgPool, DatabaseError> {
    let options = options
        .application_name("ngatu-center")
        .log_statements(tracing::log::LevelFilter::Trace)
        .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(2));
    PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        .acquire_slow_level(tracing::log::LevelFilter::Debug)
        .connect_with(options)
        .await
        .map_err(DatabaseError::Connect)
}

/// Brings the schema up to date and prepares the time series tables. Safe to repeat, and to run twice at once.
///
/// # Errors
/// [`DatabaseError`] says which step failed.
pub async fn migrate(pool: &PgPool) -> Result<(), DatabaseError> {
    MIGRATOR.run(pool).await?;
    timeseries::adopt_timescale(pool).await.map_err(DatabaseError::TimeSeries)?;
    timeseries::prepare(pool, crate::clock::now()).await.map_err(DatabaseError::TimeSeries)
}
