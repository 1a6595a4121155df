//! A sign-in that is under way: one row from the way to the provider until the way back.
//!
//! The row is found by the SHA-256 of the state in the address together with that of the cookie of the browser which
//! began it, so a foreign page cannot bring somebody back into a sign-in of its own (RFC 6749, section 10.12).

use crate::access::sessions::SessionKey;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

/// How long somebody may take at the provider.
pub const LASTS: TimeDelta = TimeDelta::minutes(10);
/// Flows that are kept at once: strangers begin them.
const MOST: i64 = 10_000;

/// What is kept meanwhile.
#[derive(Clone)]
pub struct Flow {
    /// To be found in the provider's token.
    pub nonce: String,
    /// The secret of PKCE.
    pub verifier: String,
    /// Where the browser wanted to go: a path of this site.
    pub return_to: String,
}

/// Keeps a flow; false when too many are under way. Those that are too old are swept on the way.
///
/// # Errors
/// When the database refuses.
pub async fn keep(
    pool: &PgPool,
    (state, browser): (SessionKey, SessionKey),
    flow: &Flow,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query("delete from oidc_flows where created_at <= $1").bind(now - LASTS).execute(pool).await?;
    let kept = sqlx::query(
        "insert into oidc_flows (state_sha256, browser_sha256, nonce, verifier, return_to, created_at)
         select $1, $2, $3, $4, $5, $6 where (select count(*) from oidc_flows) < $7",
    )
    .bind(state.as_bytes())
    .bind(browser.as_bytes())
    .bind(&flow.nonce)
    .bind(&flow.verifier)
    .bind(&flow.return_to)
    .bind(now)
    .bind(MOST)
    .execute(pool)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Takes a flow out, so that it is used once; none when there is no such flow of this browser, or it is too old.
///
/// # Errors
/// When the database refuses.
pub async fn take(
    pool: &PgPool,
    (state, browser): (SessionKey, SessionKey),
    now: DateTime<Utc>,
) -> Result<Option<Flow>, sqlx::Error> {
    let taken: Option<(DateTime<Utc>, String, String, String)> = sqlx::query_as(
        "delete from oidc_flows where state_sha256 = $1 and browser_sha256 = $2
         returning created_at, nonce, verifier, return_to",
    )
    .bind(state.as_bytes())
    .bind(browser.as_bytes())
    .fetch_optional(pool)
    .await?;
    Ok(taken
        .filter(|(created_at, ..)| *created_at > now - LASTS)
        .map(|(_, nonce, verifier, return_to)| Flow { nonce, verifier, return_to }))
}
