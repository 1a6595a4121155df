//! API tokens: how other systems call the API. Each belongs to a machine, a user that nobody can sign in as, with a role,
//! areas and an end. The token is shown once and kept as SHA-256: it is random and long, so a plain digest is enough.

use super::audit::{self, Act};
use super::presented::TOKEN_PREFIX;
use super::sessions::{self, SessionKey};
use super::users::{Role, check_areas};
use super::{AreaScope, Person};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A machine and its token, without the token itself.
#[derive(Debug, Clone, FromRow)]
pub struct Token {
    /// Of the machine, as the audit rows name it.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// Where.
    pub areas: Vec<String>,
    /// The sources of signals that it speaks for.
    pub sources: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A token to make.
#[derive(Debug)]
pub struct NewToken {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Where.
    pub areas: AreaScope,
    /// The sources of signals that it speaks for.
    pub sources: Vec<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Makes a token; answers it, this once, and what is known of it. Not even an admin gives what they do not have.
///
/// # Errors
/// When an area is not known, or the database refuses.
pub async fn make(
    pool: &PgPool,
    by: &Person,
    new: NewToken,
    now: DateTime<Utc>,
) -> Result<(String, Token), super::users::ChangeError> {
    check_areas(pool, by, &new.areas).await?;
    let (token, key) = sessions::new_token();
    let id = Uuid::now_v7();
    let mut transaction = pool.begin().await?;
    sqlx::query(
        "insert into users (id, name, full_name, role, areas, kind, created_at) values ($1, $2, $3, $4, $5, 'machine', $6)",
    )
    .bind(id)
    .bind(format!("machine:{id}"))
    .bind(&new.name)
    .bind(new.role.as_str())
    .bind(new.areas.words())
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        r#"insert into api_tokens ("user", token_sha256, created_at, created_by, expires_at, sources) values ($1, $2, $3, $4, $5, $6)"#,
    )
    .bind(id)
    .bind(key.as_bytes())
    .bind(now)
    .bind(by.id)
    .bind(new.expires_at)
    .bind(&new.sources)
    .execute(&mut *transaction)
    .await?;
    let areas = new.areas.words();
    let detail = serde_json::json!({
        "name": new.name, "role": new.role, "areas": areas, "expires_at": new.expires_at, "sources": new.sources,
    });
    let act = Act { actor: Some(by.id), action: "token.make", subject: &id.to_string(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    let made = Token {
        id,
        name: new.name,
        role: new.role.as_str().to_owned(),
        areas,
        sources: new.sources,
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
    };
    Ok((format!("{TOKEN_PREFIX}{token}"), made))
}

/// The tokens that are not revoked, of machines within these areas, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(pool: &PgPool, areas: &AreaScope) -> Result<Vec<Token>, sqlx::Error> {
    sqlx::query_as(
        r#"select u.id, u.full_name as name, u.role, u.areas, t.sources, t.created_at, t.expires_at, t.last_used_at
           from api_tokens t join users u on u.id = t."user"
           where t.revoked_at is null and ($1::text[] is null or u.areas <@ $1) order by u.id desc"#,
    )
    .bind(areas.bind())
    .fetch_all(pool)
    .await
}

/// Revokes a token; its key, or none when there is no such token within the person's areas.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(
    pool: &PgPool,
    by: &Person,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<SessionKey>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let token: Option<Vec<u8>> = sqlx::query_scalar(
        r#"update api_tokens t set revoked_at = $2 from users u
           where u.id = t."user" and u.id = $1 and t.revoked_at is null and ($3::text[] is null or u.areas <@ $3)
           returning t.token_sha256"#,
    )
    .bind(id)
    .bind(now)
    .bind(by.areas.bind())
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(token) = token else { return Ok(None) };
    let detail = serde_json::json!({});
    let act = Act { actor: Some(by.id), action: "token.revoke", subject: &id.to_string(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(SessionKey::of_stored(token))
}
