//! Enrolling an edge: it gets a secret, and the center keeps what the secret can be checked against.

use crate::access::audit::{self, Act};
use crate::access::devices::{new_secret, secret_sha256};
use crate::broker;
use crate::database::CHANNEL_CITY;
use chrono::{DateTime, Utc};
use ngatu_protocol::EdgeId;
use sqlx::{PgConnection, PgPool, Row as _};
use std::collections::BTreeMap;

/// Why an edge was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// The database failed.
    #[error("enroll the edge: {0}")]
    Database(#[from] sqlx::Error),
}

/// Gives an edge a new secret, which replaces an older one, and answers it: this is the only time that it is known.
/// A running center lets the edge in at once.
///
/// # Errors
/// When the database fails.
pub async fn enroll(
    pool: &PgPool,
    edge: &EdgeId,
    name: Option<&str>,
    now: DateTime<Utc>,
) -> Result<String, EnrollError> {
    let mut transaction = pool.begin().await?;
    let secret = give_secret(&mut transaction, edge, name, now).await?;
    let act =
        Act { actor: None, action: "edge.enroll", subject: edge.as_str(), detail: serde_json::json!({}) };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(secret)
}

/// As [`enroll`], in the caller's transaction and without an audit row.
pub(crate) async fn give_secret(
    connection: &mut PgConnection,
    edge: &EdgeId,
    name: Option<&str>,
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    let secret = new_secret();
    sqlx::query(
        "insert into edges (id, name, secret_sha256, mqtt_password, created_at) \
         values ($1, coalesce($2, $1), $3, $4, $5) \
         on conflict (id) do update set name = coalesce($2, edges.name), secret_sha256 = $3, mqtt_password = $4",
    )
    .bind(edge.as_str())
    .bind(name)
    .bind(secret_sha256(&secret).as_slice())
    .bind(broker::hash(&secret))
    .bind(now)
    .execute(&mut *connection)
    .await?;
    tell(connection).await?;
    Ok(secret)
}

/// Tells running centers, at COMMIT, that the city or a credential has changed.
pub(crate) async fn tell(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_notify($1, '')").bind(CHANNEL_CITY).execute(connection).await?;
    Ok(())
}

/// The entries of the broker's password file: edges that may connect.
///
/// # Errors
/// When the database fails.
pub async fn device_passwords(pool: &PgPool) -> Result<BTreeMap<String, String>, sqlx::Error> {
    sqlx::query("select id, mqtt_password from edges where mqtt_password is not null")
        .fetch_all(pool)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
