//! Sessions: rows in the database, found by the SHA-256 of a token of 32 random bytes that only the browser holds.
//!
//! A session ends by sign-out, when it idles, by age, or when its user is disabled, gets another role or other areas, or
//! another password. Each request asks the database, so an end holds from the next request on; open websockets are asked
//! after every 2 s by [`crate::live`].

pub use super::key::SessionKey;
use super::role::Role;
use super::{AreaScope, Person, Via};
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng as _;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

/// `last_seen` is written at most this often, to spare a write for each request.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How long sessions last. What a session was begun with holds until it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A session without a request for so long is over.
    pub idle: TimeDelta,
    /// No session lasts longer.
    pub absolute: TimeDelta,
}

impl Default for Limits {
    /// 12 hours, longer than a shift, so that an operator's screen does not die within one; and 7 days.
    fn default() -> Self {
        Limits { idle: TimeDelta::hours(12), absolute: TimeDelta::days(7) }
    }
}

/// A new token: 64 hex digits to hand out once, and its key.
#[must_use]
pub fn new_token() -> (String, SessionKey) {
    let mut token = [0_u8; 32];
    rand::rng().fill(&mut token);
    (hex::encode(token), SessionKey::of_bytes(&token))
}

/// Begins a session and answers the token for the cookie. Ended sessions of everybody are swept on the way.
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    connection: &mut PgConnection,
    user: Uuid,
    limits: Limits,
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    let (token, key) = new_token();
    sqlx::query(
        "delete from sessions where expires_at <= $1 or last_seen + idle_s * interval '1 second' <= $1",
    )
    .bind(now)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        r#"insert into sessions (token_sha256, "user", created_at, last_seen, expires_at, idle_s)
           values ($1, $2, $3, $3, $4, $5)"#,
    )
    .bind(key.as_bytes())
    .bind(user)
    .bind(now)
    .bind(now + limits.absolute)
    .bind(limits.idle.num_seconds())
    .execute(connection)
    .await?;
    Ok(token)
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    full_name: String,
    role: String,
    areas: Vec<String>,
    language: String,
    seen: Option<DateTime<Utc>>,
}

impl Row {
    /// A role that this version does not know may do nothing.
    fn person(self, session: SessionKey, via: Via) -> Option<Person> {
        Some(Person {
            id: self.id,
            name: self.name,
            full_name: self.full_name,
            role: Role::parse(&self.role)?,
            areas: AreaScope::of(self.areas),
            language: self.language,
            session,
            via,
        })
    }

    fn is_to_touch(&self, now: DateTime<Utc>) -> bool {
        self.seen.is_none_or(|seen| now - seen > TOUCH_EVERY)
    }
}

/// The person of a session that still holds.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &PgPool, key: SessionKey, now: DateTime<Utc>) -> Result<Option<Person>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        r#"select u.id, u.name, u.full_name, u.role, u.areas, u.language, s.last_seen as seen
           from sessions s join users u on u.id = s."user"
           where s.token_sha256 = $1 and not u.disabled and s.expires_at > $2
             and s.last_seen + s.idle_s * interval '1 second' > $2"#,
    )
    .bind(key.as_bytes())
    .bind(now)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.is_to_touch(now) {
        sqlx::query("update sessions set last_seen = $2 where token_sha256 = $1")
            .bind(key.as_bytes())
            .bind(now)
            .execute(pool)
            .await?;
    }
    Ok(row.person(key, Via::Session))
}

/// The machine of an API token that still holds.
///
/// # Errors
/// When the database refuses.
pub async fn find_machine(
    pool: &PgPool,
    key: SessionKey,
    now: DateTime<Utc>,
) -> Result<Option<Person>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        r#"select u.id, u.name, u.full_name, u.role, u.areas, u.language, t.last_used_at as seen
           from api_tokens t join users u on u.id = t."user"
           where t.token_sha256 = $1 and not u.disabled and t.revoked_at is null and t.expires_at > $2"#,
    )
    .bind(key.as_bytes())
    .bind(now)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.is_to_touch(now) {
        sqlx::query("update api_tokens set last_used_at = $2 where token_sha256 = $1")
            .bind(key.as_bytes())
            .bind(now)
            .execute(pool)
            .await?;
    }
    Ok(row.person(key, Via::Token))
}

/// Which of these sessions and machines' tokens still hold.
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
           where s.token_sha256 = any($1) and not u.disabled and s.expires_at > $2
             and s.last_seen + s.idle_s * interval '1 second' > $2
           union all
           select t.token_sha256 from api_tokens t join users u on u.id = t."user"
           where t.token_sha256 = any($1) and not u.disabled and t.revoked_at is null and t.expires_at > $2"#,
    )
    .bind(bytes)
    .bind(now)
    .fetch_all(pool)
    .await?;
    Ok(keys_of(held))
}

/// Keeps what a session was begun with at an OpenID provider.
///
/// # Errors
/// When the database refuses.
pub async fn keep_id_token(
    connection: &mut PgConnection,
    key: SessionKey,
    id_token: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("update sessions set id_token = $2 where token_sha256 = $1")
        .bind(key.as_bytes())
        .bind(id_token)
        .execute(connection)
        .await?;
    Ok(())
}

/// What a session was begun with at an OpenID provider; none when it was begun with a password.
///
/// # Errors
/// When the database refuses.
pub async fn id_token(connection: &mut PgConnection, key: SessionKey) -> Result<Option<String>, sqlx::Error> {
    let kept: Option<Option<String>> =
        sqlx::query_scalar("select id_token from sessions where token_sha256 = $1")
            .bind(key.as_bytes())
            .fetch_optional(connection)
            .await?;
    Ok(kept.flatten())
}

/// Ends one session; false when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn end(connection: &mut PgConnection, key: SessionKey) -> Result<bool, sqlx::Error> {
    let ended =
        sqlx::query("delete from sessions where token_sha256 = $1").bind(key.as_bytes()).execute(connection);
    Ok(ended.await?.rows_affected() == 1)
}

/// Ends every session of a user; their keys, for whoever holds connections of them.
///
/// # Errors
/// When the database refuses.
pub async fn end_all(connection: &mut PgConnection, user: Uuid) -> Result<Vec<SessionKey>, sqlx::Error> {
    let ended: Vec<Vec<u8>> =
        sqlx::query_scalar(r#"delete from sessions where "user" = $1 returning token_sha256"#)
            .bind(user)
            .fetch_all(connection)
            .await?;
    Ok(keys_of(ended))
}

fn keys_of(rows: Vec<Vec<u8>>) -> Vec<SessionKey> {
    rows.into_iter().filter_map(SessionKey::of_stored).collect()
}
