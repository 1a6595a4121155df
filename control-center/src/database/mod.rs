//! PostgreSQL: connecting, the schema, and the tables that are split by time.
//!
//! Stands behind ingest, alerts and HTTP. What always holds: the schema is complete before anything else starts.

pub mod private;
pub mod retention;
pub mod roles;
pub mod timeseries;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgPool};
use std::time::Duration;

/// How long a server may take to take a connection: one that starts is waited for, one that hangs is not.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long it is looked then what is wrong with it.
const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// What each connection asks of its server, our own or another's: a transaction that nobody goes on with is ended, and
/// so is a connection whose center is gone without a word, so that its locks are free again after a minute. Over a unix
/// socket the settings for TCP do nothing.
const SESSION: &str = "set idle_in_transaction_session_timeout = '60s'; set tcp_keepalives_idle = 30; \
    set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3; set tcp_user_timeout = '60s'";

/// The code of PostgreSQL for a lock that was not ours in time.
pub const LOCK_NOT_AVAILABLE: &str = "55P03";

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The channel that says "`alert_log` has grown": a doorbell only, read the rows. What it says is a hint of [`crate::live`].
pub const CHANNEL_ALERTS: &str = "ngatu_alerts";
/// The channel that says "`incident_log` has grown": a doorbell only, read the rows.
pub const CHANNEL_INCIDENTS: &str = "ngatu_incidents";
/// The channel that says "a report has come or changed": a doorbell, whose words are a hint of [`crate::incidents`].
pub const CHANNEL_REPORTS: &str = "ngatu_reports";
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
    /// Nothing came back: a wrong address, a firewall, or a server that hangs.
    #[error("connect to the database: {0} does not answer")]
    Silent(String),
    /// The schema could not be brought up to date.
    #[error("bring the schema up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The rights of the service's role could not be read or written.
    #[error("the rights of the database's roles: {0}")]
    Roles(#[source] sqlx::Error),
    /// The configuration asks for protected audit rows.
    #[error("database.protect_audit is set, and {0}: see database.owner_url in center.example.toml")]
    Unprotected(String),
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
    let pool = PgPoolOptions::new()
        .after_connect(|connection, _| Box::pin(async move { connection.execute(SESSION).await.map(|_| ()) }))
        .max_connections(16)
        .acquire_timeout(CONNECT_WITHIN)
        .acquire_slow_level(tracing::log::LevelFilter::Debug)
        .connect_with(options.clone());
    match pool.await {
        Ok(pool) => Ok(pool),
        // Which says only that it waited in vain.
        Err(sqlx::Error::PoolTimedOut) => Err(look(&options, LOOK_WITHIN).await),
        Err(error) => Err(DatabaseError::Connect(error)),
    }
}

/// What is wrong with a server to which no connection comes about.
async fn look(options: &PgConnectOptions, within: Duration) -> DatabaseError {
    let connect = async { options.connect().await?.close().await };
    match tokio::time::timeout(within, connect).await {
        Ok(Err(error)) => DatabaseError::Connect(error),
        Ok(Ok(())) => DatabaseError::Connect(sqlx::Error::PoolTimedOut),
        Err(_) => DatabaseError::Silent(options.get_socket().map_or_else(
            || format!("{}:{}", options.get_host(), options.get_port()),
            |socket| socket.display().to_string(),
        )),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_hangs_is_named_and_one_that_refuses_says_so() {
        // The kernel takes the connection, and nobody ever answers.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port);
        let said = look(&options, Duration::from_millis(50)).await.to_string();
        assert!(said.contains(&format!("127.0.0.1:{port} does not answer")), "{said}");
        drop(silent);
        let said = look(&options, Duration::from_secs(5)).await.to_string();
        assert!(said.contains("refused"), "{said}");
    }
}
