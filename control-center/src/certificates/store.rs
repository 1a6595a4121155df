//! Which certificates were given out, and which of them are revoked: table `edge_certificates`.

use super::{Authority, CertificateError, Issued, Validity};
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::EdgeId;
use sqlx::{FromRow, PgConnection, PgPool};
use std::collections::BTreeSet;

/// Certificates of one edge in a day: one that asks for more is out of order.
const MOST_A_DAY: i64 = 10;
/// An end that is nearer is worth a warning; edges renew by themselves as early.
const WARN_BEFORE: TimeDelta = TimeDelta::days(30);

/// A revoked certificate that would still be good.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct Revoked {
    /// Whose it was.
    pub edge: String,
    /// Its number, in hex.
    pub serial: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// What the broker has to know of all certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Edges with a certificate that is not revoked; a password no longer lets them in.
    pub holders: BTreeSet<String>,
    /// Edges that ever had one.
    pub ever: BTreeSet<String>,
    /// What must not let in any more.
    pub revoked: BTreeSet<Revoked>,
}

/// The edge asked for too many certificates.
#[derive(Debug, thiserror::Error)]
#[error("more than {MOST_A_DAY} certificates in a day: revoke the edge's credential and enroll it anew")]
pub(crate) struct Full;

/// Signs a request for an edge and remembers the certificate, in the caller's transaction.
///
/// # Errors
/// When the request is none or the database refuses; the inner error when the edge asked too often.
pub(crate) async fn sign(
    connection: &mut PgConnection,
    authority: &Authority,
    (edge, request): (&EdgeId, &str),
    now: DateTime<Utc>,
) -> Result<Result<Issued, Full>, CertificateError> {
    let given: i64 = sqlx::query_scalar(
        "select count(*) from edge_certificates where edge = $1 and issued_at > $2 and revoked_at is null",
    )
    .bind(edge.as_str())
    .bind(now - TimeDelta::days(1))
    .fetch_one(&mut *connection)
    .await?;
    if given >= MOST_A_DAY {
        return Ok(Err(Full));
    }
    let issued = authority.sign(request, edge, Validity::of_device(now))?;
    record(connection, edge, &issued, now).await?;
    Ok(Ok(issued))
}

/// Remembers a certificate.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn record(
    connection: &mut PgConnection,
    edge: &EdgeId,
    issued: &Issued,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into edge_certificates (serial, edge, issued_at, expires_at) values ($1, $2, $3, $4)",
    )
    .bind(&issued.serial)
    .bind(edge.as_str())
    .bind(now)
    .bind(issued.until)
    .execute(connection)
    .await?;
    Ok(())
}

/// Revokes all certificates of an edge.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn revoke_all(
    connection: &mut PgConnection,
    edge: &EdgeId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query("update edge_certificates set revoked_at = $2 where edge = $1 and revoked_at is null")
        .bind(edge.as_str())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// What is in force.
///
/// # Errors
/// When the database refuses.
pub async fn state(pool: &PgPool, now: DateTime<Utc>) -> Result<State, sqlx::Error> {
    let edges: Vec<(String, bool)> =
        sqlx::query_as("select edge, bool_or(revoked_at is null) from edge_certificates group by edge")
            .fetch_all(pool)
            .await?;
    let revoked: Vec<Revoked> = sqlx::query_as(
        "select edge, serial, revoked_at as at from edge_certificates where revoked_at is not null and expires_at > $1",
    )
    .bind(now - TimeDelta::days(1))
    .fetch_all(pool)
    .await?;
    Ok(State {
        holders: edges.iter().filter(|(_, holds)| *holds).map(|(edge, _)| edge.clone()).collect(),
        ever: edges.into_iter().map(|(edge, _)| edge).collect(),
        revoked: revoked.into_iter().collect(),
    })
}

/// Says of each edge whose last certificate ends within a month when it does.
///
/// # Errors
/// When the database refuses.
pub async fn warn_of_ends(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    for (edge, until) in ending(pool, now).await? {
        let days = (until - now).num_days();
        if until <= now {
            tracing::warn!(edge, %until, "the edge's certificate has ended: run `edge-agent enroll --renew` there");
        } else {
            tracing::warn!(edge, %until, days, "the edge's certificate ends soon, and the edge has not renewed it");
        }
    }
    Ok(())
}

/// Edges whose last certificate ends within a month.
async fn ending(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<(String, DateTime<Utc>)>, sqlx::Error> {
    sqlx::query_as(
        "select edge, max(expires_at) from edge_certificates where revoked_at is null
         group by edge having max(expires_at) < $1 order by edge",
    )
    .bind(now + WARN_BEFORE)
    .fetch_all(pool)
    .await
}
