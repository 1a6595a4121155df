//! Sessions: rows in the database, found by the SHA-256 of a token of 32 random bytes that only the browser holds.
//!
//! A session ends by sign-out, 12 hours after its last request (longer than a shift, so that an operator's screen
//! does not die within one), 7 days after it began, or when its user is disabled. Each request asks the database,
//! so an end holds from the next request on; open websockets are asked after every 2 s by [`crate::live`].

use super::users::Role;
use super::{AreaScope, Person};
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A session without a request for so long is over.
pub const IDLE: TimeDelta = TimeDelta::hours(12);
/// No session lasts longer.
pub const ABSOLUTE: TimeDelta = TimeDelta::days(7);
/// `last_seen` is written at most this often, to spare a write for each request.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The SHA-256 of a session's token: finds the session, and is of no use to who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key of a token as the cookie carries it; none when it is not 64 hex digits.
    #[must_use]
    pub fn of_token(token: &str) -> Option<SessionKey> {
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(token, &mut bytes).ok()?;
        Some(SessionKey(Sha256::digest(bytes).into()))
    }

    /// The bytes in the database.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Begins a session and answers the token for the cookie. Ended sessions of everybody are swept on the way.
///
/// # Errors
/// When the database refuses.
pub async fn begin(pool: &PgPool, user: Uuid, now: DateTime<Utc>) -> Result<String, sqlx::Error> {
    let mut token = [0_u8; 32];
    rand::rng().fill(&mut token);
    let key: [u8; 32] = Sha256::digest(token).into();
    sqlx::query("delete from sessions where expires_at <= $1 or last_seen <= $2")
        .bind(now)
        .bind(now - IDLE)
        .execute(pool)
        .await?;
    sqlx::query(
        r#"insert into sessions (token_sha256, "user", created_at, last_seen, expires_at) values ($1, $2, $3, $3, $4)"#,
    )
    .bind(&key[..])
    .bind(user)
    .bind(now)
    .bind(now + ABSOLUTE)
    .execute(pool)
    .await?;
    Ok(hex::encode(token))
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    full_name: String,
    role: String,
    areas: Vec<String>,
    language: String,
    last_seen: DateTime<Utc>,
}

/// The person of a session that still holds.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &PgPool, key: SessionKey, now: DateTime<Utc>) -> Result<Option<Person>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        r#"select u.id, u.name, u.full_name, u.role, u.areas, u.language, s.last_seen
           from sessions s join users u on u.id = s."user"
           where s.token_sha256 = $1 and not u.disabled and s.expires_at > $2 and s.last_seen > $3"#,
    )
    .bind(key.as_bytes())
    .bind(now)
    .bind(now - IDLE)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    // A role that this version does not know may do nothing.
    let Some(role) = Role::parse(&row.role) else { return Ok(None) };
    if now - row.last_seen > TOUCH_EVERY {
        sqlx::query("update sessions set last_seen = $2 where token_sha256 = $1")
            .bind(key.as_bytes())
            .bind(now)
            .execute(pool)
            .await?;
    }
    Ok(Some(Person {
        id: row.id,
        name: row.name,
        full_name: row.full_name,
        role,
        areas: AreaScope::of(row.areas),
        language: row.language,
        session: key,
    }))
}

/// Which of these sessions still hold.
///
/// # Errors
/// When the database refuses.
pub async fn holding(
    pool: &PgPool,
    keys: &[SessionKey],
    now: DateTime<Utc>,
) -> Result<Vec<SessionKey>, sqlx::Error> {
    let bytes: Vec<&[u8]> = keys.iter().map(SessionKey::as_bytes).collect();
    let held: Vec<Vec<u8>> = sqlx::query_scalar(
        r#"select s.token_sha256 from sessions s join users u on u.id = s."user"
           where s.token_sha256 = any($1) and not u.disabled and s.expires_at > $2 and s.last_seen > $3"#,
    )
    .bind(bytes)
    .bind(now)
    .bind(now - IDLE)
    .fetch_all(pool)
    .await?;
    Ok(held.into_iter().filter_map(|key| key.try_into().ok().map(SessionKey)).collect())
}

/// Ends a session.
///
/// # Errors
/// When the database refuses.
pub async fn end(pool: &PgPool, key: SessionKey) -> Result<(), sqlx::Error> {
    sqlx::query("delete from sessions where token_sha256 = $1").bind(key.as_bytes()).execute(pool).await?;
    Ok(())
}
