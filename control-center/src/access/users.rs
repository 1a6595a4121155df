//! People who sign in: adding them, listing them, and changing what they may do.
//!
//! Nobody gives away or takes what lies outside their own areas, and one enabled administrator of the whole city always
//! remains. Whatever changes what a person may do ends their sessions, in the same transaction.

use super::audit::{self, Act};
use super::passwords::{self, HashError, PasswordError};
pub use super::role::Role;
use super::sessions::{self, SessionKey};
use super::{AreaScope, Person};
use chrono::{DateTime, Utc};
use ngatu_protocol::AreaId;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

/// A person to add.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name to sign in with, unique.
    pub name: String,
    /// The name to show; may be empty.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
    /// The part of the city in which they see and do it.
    pub areas: AreaScope,
    /// The password as typed.
    pub password: String,
}

/// Why a person was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// The name is empty, too long, or has a character that does not print.
    #[error("`{0}` is not a usable name: 1 to 64 printing characters without spaces at the ends")]
    Name(String),
    /// The name is taken.
    #[error("there is a user `{0}` already")]
    Taken(String),
    /// The password is too short, too long, or easy to guess.
    #[error(transparent)]
    Password(PasswordError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database refused.
    #[error("store the user: {0}")]
    Database(#[from] sqlx::Error),
}

impl From<PasswordError> for AddUserError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Hash(error) => AddUserError::Hash(error),
            error => AddUserError::Password(error),
        }
    }
}

/// A person as administrators see them.
#[derive(Debug, Clone, FromRow)]
pub struct User {
    /// The id.
    pub id: Uuid,
    /// The name to sign in with.
    pub name: String,
    /// The name to show; may be empty.
    pub full_name: String,
    /// What they may do.
    pub role: String,
    /// Where.
    pub areas: Vec<String>,
    /// Whether they are kept out.
    pub disabled: bool,
    /// Whether they come through OIDC.
    pub is_federated: bool,
    /// When they were added.
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str =
    "id, name, full_name, role, areas, disabled, oidc_subject is not null as is_federated, created_at";

const MAX_NAME_CHARS: usize = 64;
const MAX_FULL_NAME_CHARS: usize = 200;

/// Adds a person in nobody's name, from the command line; answers their id.
///
/// # Errors
/// [`AddUserError`] says what is wrong with the name or the password, or that the database refused.
pub async fn add(pool: &PgPool, user: NewUser, now: DateTime<Utc>) -> Result<Uuid, AddUserError> {
    add_by(pool, None, user, now).await
}

/// Adds a person in somebody's name; answers their id.
///
/// # Errors
/// As [`add`].
pub async fn add_by(
    pool: &PgPool,
    by: Option<Uuid>,
    user: NewUser,
    now: DateTime<Utc>,
) -> Result<Uuid, AddUserError> {
    check_name(&user.name)?;
    passwords::check(&user.password, &[&user.name, &user.full_name]).await?;
    let hash = passwords::hash(user.password).await?;
    let id = Uuid::now_v7();
    let mut transaction = pool.begin().await?;
    let added = sqlx::query(
        "insert into users (id, name, full_name, role, password, created_at, areas) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (name) do nothing",
    )
    .bind(id)
    .bind(&user.name)
    .bind(&user.full_name)
    .bind(user.role.as_str())
    .bind(hash)
    .bind(now)
    .bind(user.areas.words())
    .execute(&mut *transaction)
    .await?;
    if added.rows_affected() == 0 {
        return Err(AddUserError::Taken(user.name));
    }
    let detail = serde_json::json!({ "name": user.name, "role": user.role, "areas": user.areas.words() });
    let act = Act { actor: by, action: "user.add", subject: &id.to_string(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Whether that can be a name to sign in with.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let prints = name.trim() == name && !name.chars().any(char::is_control);
    prints && (1..=MAX_NAME_CHARS).contains(&name.chars().count())
}

fn check_name(name: &str) -> Result<(), AddUserError> {
    if is_name(name) { Ok(()) } else { Err(AddUserError::Name(name.chars().take(80).collect())) }
}

/// Whether that can be a name to show.
#[must_use]
pub fn is_full_name(name: &str) -> bool {
    name.chars().count() <= MAX_FULL_NAME_CHARS && !name.chars().any(char::is_control)
}

/// One person within these areas.
///
/// # Errors
/// When the database refuses.
pub async fn get(pool: &PgPool, areas: &AreaScope, id: Uuid) -> Result<Option<User>, sqlx::Error> {
    let sql = format!(
        "select {COLUMNS} from users where id = $1 and kind = 'person' and ($2::text[] is null or areas <@ $2)"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).bind(areas.bind()).fetch_optional(pool).await
}

/// So many people within these areas, the newest first, behind that id.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    pool: &PgPool,
    areas: &AreaScope,
    (before, limit): (Option<Uuid>, i64),
) -> Result<Vec<User>, sqlx::Error> {
    let sql = format!(
        "select {COLUMNS} from users where kind = 'person' and ($1::text[] is null or areas <@ $1)
           and ($2::uuid is null or id < $2) order by id desc limit $3"
    );
    let list = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(areas.bind()).bind(before).bind(limit);
    list.fetch_all(pool).await
}

/// What to change of a person; what is not said stays.
#[derive(Debug, Default)]
pub struct Change {
    /// The name to show.
    pub full_name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// Where.
    pub areas: Option<AreaScope>,
    /// Whether they are kept out.
    pub disabled: Option<bool>,
    /// A new password, as typed.
    pub password: Option<String>,
    /// Who they are elsewhere, or nobody.
    pub federation: Option<Option<Subject>>,
}

/// Somebody at an OpenID provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The provider.
    pub issuer: String,
    /// Who, for all time, there.
    pub subject: String,
}

impl Change {
    /// Whether the sessions end: not for another name to show.
    fn ends_sessions(&self) -> bool {
        let credential = self.password.is_some() || self.federation.is_some();
        self.role.is_some() || self.areas.is_some() || self.disabled.is_some() || credential
    }
}

/// Why a person was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is nobody of that id within the areas of who asks.
    #[error("there is no such user")]
    Unknown,
    /// The areas are not known, or not those of who asks.
    #[error("there is no area `{0}` that you could give")]
    Area(String),
    /// Nobody would be left who may do everything everywhere.
    #[error("this is the last enabled administrator of the whole city")]
    LastAdmin,
    /// Two people here cannot be one there.
    #[error("somebody else is that subject already")]
    SubjectTaken,
    /// The password cannot be used.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database refused.
    #[error("change the user: {0}")]
    Database(#[from] sqlx::Error),
}

/// Whether somebody may give these areas: they are known, and within their own.
///
/// # Errors
/// [`ChangeError::Area`] names the first that they may not.
pub async fn check_areas(pool: &PgPool, by: &Person, areas: &AreaScope) -> Result<(), ChangeError> {
    let Some(areas) = areas.bind() else {
        return if by.areas.is_whole_city() { Ok(()) } else { Err(ChangeError::Area("*".into())) };
    };
    if let Some(word) = areas.iter().find(|area| AreaId::new(area.as_str()).is_err()) {
        return Err(ChangeError::Area(word.chars().take(80).collect()));
    }
    let known: Vec<String> =
        sqlx::query_scalar("select id from areas where id = any($1)").bind(&areas).fetch_all(pool).await?;
    match areas.into_iter().find(|area| !known.contains(area) || !by.areas.sees(Some(area))) {
        Some(area) => Err(ChangeError::Area(area)),
        None => Ok(()),
    }
}

/// Changes a person; answers them, and the sessions that this ended.
///
/// # Errors
/// [`ChangeError`] says why not.
pub async fn change(
    pool: &PgPool,
    by: &Person,
    (id, change): (Uuid, Change),
    now: DateTime<Utc>,
) -> Result<(User, Vec<SessionKey>), ChangeError> {
    if let Some(areas) = &change.areas {
        check_areas(pool, by, areas).await?;
    }
    let before = get(pool, &by.areas, id).await?.ok_or(ChangeError::Unknown)?;
    let password = match &change.password {
        Some(password) => {
            passwords::check(password, &[&before.name, &before.full_name]).await?;
            Some(passwords::hash(password.clone()).await.map_err(PasswordError::Hash)?)
        }
        None => None,
    };
    let subject = change.federation.as_ref().and_then(Option::as_ref);
    let mut transaction = pool.begin().await?;
    if is_chief(&before) {
        lock_chiefs(&mut transaction).await?;
    }
    let sql = format!(
        "update users set full_name = coalesce($2, full_name), role = coalesce($3, role), areas = coalesce($4, areas),
           disabled = coalesce($5, disabled), password = coalesce($6, password),
           oidc_issuer = case when $8 then $9 else oidc_issuer end,
           oidc_subject = case when $8 then $10 else oidc_subject end
         where id = $1 and kind = 'person' and ($7::text[] is null or areas <@ $7) returning {COLUMNS}"
    );
    let changed: Option<User> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(&change.full_name)
        .bind(change.role.map(Role::as_str))
        .bind(change.areas.as_ref().map(AreaScope::words))
        .bind(change.disabled)
        .bind(password)
        .bind(by.areas.bind())
        .bind(change.federation.is_some())
        .bind(subject.map(|subject| &subject.issuer))
        .bind(subject.map(|subject| &subject.subject))
        .fetch_optional(&mut *transaction)
        .await
        .map_err(subject_taken)?;
    let changed = changed.ok_or(ChangeError::Unknown)?;
    if is_chief(&before) && !is_chief(&changed) {
        check_chief_remains(&mut transaction).await?;
    }
    let ended =
        if change.ends_sessions() { sessions::end_all(&mut transaction, id).await? } else { Vec::new() };
    let detail = serde_json::json!({
        "full_name": change.full_name, "role": change.role, "areas": change.areas.as_ref().map(AreaScope::words),
        "disabled": change.disabled, "password": change.password.is_some(),
        "oidc_subject": change.federation.as_ref().map(|_| subject.map_or("", |subject| &subject.subject)),
    });
    let act = Act { actor: Some(by.id), action: "user.change", subject: &id.to_string(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok((changed, ended))
}

/// Ends all sessions of a person, on every screen; answers what ended.
///
/// # Errors
/// When there is no such person within the areas of `by`, or the database refuses.
pub async fn end_sessions(
    pool: &PgPool,
    by: &Person,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<SessionKey>, ChangeError> {
    get(pool, &by.areas, id).await?.ok_or(ChangeError::Unknown)?;
    let mut transaction = pool.begin().await?;
    let ended = sessions::end_all(&mut transaction, id).await?;
    let detail = serde_json::json!({ "ended": ended.len() });
    let act = Act { actor: Some(by.id), action: "user.end_sessions", subject: &id.to_string(), detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(ended)
}

fn subject_taken(error: sqlx::Error) -> ChangeError {
    match &error {
        sqlx::Error::Database(refusal) if refusal.constraint() == Some("users_by_oidc") => {
            ChangeError::SubjectTaken
        }
        _ => ChangeError::Database(error),
    }
}

/// Two who disable each other do it one after the other, so the second one is refused.
pub(super) async fn lock_chiefs(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_xact_lock(7220506)").execute(connection).await?;
    Ok(())
}

/// Who may do everything everywhere.
fn is_chief(user: &User) -> bool {
    user.role == Role::Admin.as_str() && !user.disabled && user.areas.iter().any(|area| area == "*")
}

pub(super) async fn check_chief_remains(connection: &mut PgConnection) -> Result<(), ChangeError> {
    let remains: bool = sqlx::query_scalar(
        "select exists (select from users
           where kind = 'person' and role = 'admin' and not disabled and '*' = any(areas))",
    )
    .fetch_one(connection)
    .await?;
    if remains { Ok(()) } else { Err(ChangeError::LastAdmin) }
}

/// Sets a person's own new password, ends all their sessions and begins a new one; answers its token and what ended.
///
/// # Errors
/// When the new password cannot be used, or the database refuses.
pub async fn change_own_password(
    pool: &PgPool,
    person: &Person,
    (password, limits): (String, sessions::Limits),
    now: DateTime<Utc>,
) -> Result<(String, Vec<SessionKey>), ChangeError> {
    passwords::check(&password, &[&person.name, &person.full_name]).await?;
    let hash = passwords::hash(password).await.map_err(PasswordError::Hash)?;
    let mut transaction = pool.begin().await?;
    sqlx::query("update users set password = $2 where id = $1")
        .bind(person.id)
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
    let ended = sessions::end_all(&mut transaction, person.id).await?;
    let token = sessions::begin(&mut transaction, person.id, limits, now).await?;
    let detail = serde_json::json!({});
    let act = Act { actor: Some(person.id), action: "me.password", subject: &person.name, detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok((token, ended))
}
