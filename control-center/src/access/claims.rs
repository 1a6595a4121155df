//! Claim codes: how an edge gets its credential without anybody carrying a secret to it.
//!
//! An administrator makes a code for an edge; a technician types it at the device within 24 hours, and the device gets its
//! credential for it, once. A code has 160 random bits and is kept as SHA-256 alone, so finding it by its digest tells a
//! guesser nothing by its time, and guessing is hopeless even without the rate limit before it.

use super::audit::{self, Act};
pub(crate) use super::claim_code::Enroll;
use super::claim_code::{ALPHABET, GROUP, SIGNS, digest};
use super::{AreaScope, Person};
use crate::certificates::{self, Authority, CertificateError, Full, Issued};
use crate::city;
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::EdgeId;
use rand::Rng as _;
use sqlx::PgPool;

/// How long a code can be used.
const LASTS: TimeDelta = TimeDelta::hours(24);
/// A new code: eight groups of four signs.
fn new_code() -> String {
    let mut bytes = [0_u8; SIGNS];
    rand::rng().fill(&mut bytes);
    let signs: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    signs.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// Whether an edge is within somebody's areas with all its cameras; one without cameras is within the whole city only.
const WITHIN: &str = "($2::text[] is null or (exists (select from cameras where edge = $1)
    and not exists (select from cameras where edge = $1 and (area is null or not area = any($2)))))";

async fn is_within(pool: &PgPool, areas: &AreaScope, edge: &EdgeId) -> Result<bool, sqlx::Error> {
    let sql = format!("select exists (select from edges where id = $1 and {WITHIN})");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(edge.as_str()).bind(areas.bind()).fetch_one(pool).await
}

/// Makes a code for an edge, which replaces one that was not used; answers it, this once, and until when it can be used.
/// None when there is no such edge within the person's areas.
///
/// # Errors
/// When the database refuses.
pub async fn make(
    pool: &PgPool,
    by: &Person,
    edge: &EdgeId,
    now: DateTime<Utc>,
) -> Result<Option<(String, DateTime<Utc>)>, sqlx::Error> {
    if !is_within(pool, &by.areas, edge).await? {
        return Ok(None);
    }
    let code = new_code();
    let key = digest(&code).expect("a new code is a code");
    let until = now + LASTS;
    let mut transaction = pool.begin().await?;
    // One after the other: the later one of two replaces the earlier one.
    sqlx::query("select from edges where id = $1 for no key update")
        .bind(edge.as_str())
        .execute(&mut *transaction)
        .await?;
    sqlx::query("delete from claim_codes where (edge = $1 and used_at is null) or expires_at <= $2")
        .bind(edge.as_str())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "insert into claim_codes (code_sha256, edge, created_at, created_by, expires_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(&key[..])
    .bind(edge.as_str())
    .bind(now)
    .bind(by.id)
    .bind(until)
    .execute(&mut *transaction)
    .await?;
    let detail = serde_json::json!({ "until": until });
    let act = Act { actor: Some(by.id), action: "edge.claim_code", subject: edge.as_str(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(Some((code, until)))
}

/// What an edge gets for its code.
#[derive(Debug)]
pub struct Credential {
    /// Whose it is.
    pub edge: EdgeId,
    /// The secret.
    pub secret: String,
    /// The certificate, where one was asked for.
    pub certificate: Option<Issued>,
}

/// Gives the edge of a code its credential, once, with a certificate for the key behind a request. None for a code that is
/// wrong, used or too old: which, is not told.
///
/// # Errors
/// When the database refuses, or the request is none: then the code can still be used.
pub async fn redeem(
    pool: &PgPool,
    typed: &str,
    request: Option<(&Authority, &str)>,
    now: DateTime<Utc>,
) -> Result<Option<Credential>, CertificateError> {
    let Some(key) = digest(typed) else { return Ok(None) };
    let mut transaction = pool.begin().await?;
    // One statement: of two who use it at once, one finds it used.
    let edge: Option<String> = sqlx::query_scalar(
        "update claim_codes set used_at = $2 where code_sha256 = $1 and used_at is null and expires_at > $2
         returning edge",
    )
    .bind(&key[..])
    .bind(now)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(edge) = edge.and_then(|edge| EdgeId::new(edge).ok()) else { return Ok(None) };
    let secret = city::give_secret(&mut transaction, &edge, None, now).await?;
    let certificate = match request {
        // Those from before are revoked by now, so there are never too many.
        Some((authority, request)) => {
            certificates::sign(&mut transaction, authority, (&edge, request), now).await?.ok()
        }
        None => None,
    };
    let serial = certificate.as_ref().map(|certificate| &certificate.serial);
    let detail = serial.map_or(serde_json::json!({}), |serial| serde_json::json!({ "certificate": serial }));
    let act = Act { actor: None, action: "edge.claim", subject: edge.as_str(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(Some(Credential { edge, secret, certificate }))
}

/// Gives an edge that has shown its secret another certificate, before the one that it has ends. The older one stays good: the
/// edge may not have the new one on its disk yet.
///
/// # Errors
/// When the database refuses, or the request is none; the inner error when the edge asked too often.
pub(crate) async fn renew(
    pool: &PgPool,
    authority: &Authority,
    (edge, request): (&EdgeId, &str),
    now: DateTime<Utc>,
) -> Result<Result<Issued, Full>, CertificateError> {
    let mut transaction = pool.begin().await?;
    let issued = match certificates::sign(&mut transaction, authority, (edge, request), now).await? {
        Ok(issued) => issued,
        Err(full) => return Ok(Err(full)),
    };
    city::tell(&mut transaction).await?;
    let detail = serde_json::json!({ "certificate": issued.serial });
    let act = Act { actor: None, action: "edge.certificate", subject: edge.as_str(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(Ok(issued))
}

/// Takes an edge's credential away: from the next request on, and its connection to the private broker is cut. False when
/// there is none to take within the person's areas.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(
    pool: &PgPool,
    by: &Person,
    edge: &EdgeId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let sql = format!(
        "update edges set secret_sha256 = null, mqtt_password = null
         where id = $1 and (secret_sha256 is not null or mqtt_password is not null) and {WITHIN}"
    );
    let taken = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(edge.as_str())
        .bind(by.areas.bind())
        .execute(&mut *transaction)
        .await?;
    if taken.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("delete from claim_codes where edge = $1 and used_at is null")
        .bind(edge.as_str())
        .execute(&mut *transaction)
        .await?;
    certificates::revoke_all(&mut transaction, edge, now).await?;
    city::tell(&mut transaction).await?;
    let detail = serde_json::json!({});
    let act = Act { actor: Some(by.id), action: "edge.revoke", subject: edge.as_str(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_long_typable_and_read_as_people_type_it() {
        let code = new_code();
        assert_eq!((code.len(), code.split('-').count()), (39, 8), "{code}");
        assert_ne!(code, new_code());
        let key = digest(&code);
        assert!(key.is_some());
        assert_eq!(digest(&code.to_lowercase().replace('-', " ")), key);
        assert_eq!(digest(&code.replace('0', "o").replace('1', "l")), key);
        for wrong in ["", "ABCD", &code[1..], &format!("{code}0"), &code.replace('-', "ư"), &"U".repeat(32)]
        {
            assert_eq!(digest(wrong), None, "{wrong}");
        }
    }
}
