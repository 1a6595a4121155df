//! Enrolling an edge: it gets a secret, and the center keeps what the secret can be checked against.

use crate::access::audit::{self, Act};
use crate::access::devices::{new_secret, secret_sha256};
use crate::broker::{self, Devices};
use crate::certificates::{self, Authority, CertificateError, Issued, Validity};
use crate::database::CHANNEL_CITY;
use chrono::{DateTime, Utc};
use ngatu_protocol::EdgeId;
use sqlx::{PgConnection, PgPool, Row as _};

/// Why an edge was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// The database failed.
    #[error("enroll the edge: {0}")]
    Database(#[from] sqlx::Error),
    /// The certificate could not be made.
    #[error("enroll the edge: {0}")]
    Certificate(#[from] CertificateError),
}

/// What an edge gets, this once.
#[derive(Debug)]
pub struct Enrolled {
    /// Its secret.
    pub secret: String,
    /// Its certificate.
    pub certificate: Issued,
    /// The certificate's private key as PEM; none when the edge made its own.
    pub key: Option<String>,
}

/// As [`enroll`], with a certificate: for the key behind a request, or else for a new one.
///
/// # Errors
/// When the database fails, or the request is none.
pub async fn enroll_with_certificate(
    pool: &PgPool,
    authority: &Authority,
    (edge, name, request): (&EdgeId, Option<&str>, Option<&str>),
    now: DateTime<Utc>,
) -> Result<Enrolled, EnrollError> {
    let validity = Validity::of_device(now);
    let (certificate, key) = match request {
        Some(request) => (authority.sign(request, edge, validity)?, None),
        None => {
            let (certificate, key) = authority.with_key(edge, validity)?;
            (certificate, Some(key))
        }
    };
    let mut transaction = pool.begin().await?;
    let secret = give_secret(&mut transaction, edge, name, now).await?;
    certificates::record(&mut transaction, edge, &certificate, now).await?;
    let detail = serde_json::json!({ "certificate": certificate.serial });
    let act = Act { actor: None, action: "edge.enroll", subject: edge.as_str(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(Enrolled { secret, certificate, key })
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

/// As [`enroll`], in the caller's transaction and without an audit row. Certificates of an earlier enrolment are revoked.
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
    certificates::revoke_all(&mut *connection, edge, now).await?;
    tell(connection).await?;
    Ok(secret)
}

/// Tells running centers, at COMMIT, that the city or a credential has changed.
pub(crate) async fn tell(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_notify($1, '')").bind(CHANNEL_CITY).execute(connection).await?;
    Ok(())
}

/// Who may connect to the private broker.
///
/// # Errors
/// When the database fails.
pub async fn devices(pool: &PgPool, now: DateTime<Utc>) -> Result<Devices, sqlx::Error> {
    let passwords = sqlx::query("select id, mqtt_password from edges where mqtt_password is not null")
        .fetch_all(pool)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    Ok(Devices { passwords, certificates: certificates::state(pool, now).await? })
}
