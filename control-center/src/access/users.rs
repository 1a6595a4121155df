//! People who sign in.

use super::AreaScope;
use super::passwords::{self, HashError};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// What a person may do; each row of the access table names the roles it lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads and acknowledges.
    Operator,
    /// Like an operator, for a whole shift.
    Supervisor,
    /// A police or health unit: sees only what is dispatched to it.
    Unit,
    /// Everything.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] = [Role::Viewer, Role::Operator, Role::Supervisor, Role::Unit, Role::Admin];

    /// The word in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Supervisor => "supervisor",
            Role::Unit => "unit",
            Role::Admin => "admin",
        }
    }

    /// The role of that word, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

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
    /// The password is too short or too long.
    #[error("a password needs 10 to 256 characters")]
    Password,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database refused.
    #[error("store the user: {0}")]
    Database(#[from] sqlx::Error),
}

const MAX_NAME_CHARS: usize = 64;

/// Adds a person and answers their id.
///
/// # Errors
/// [`AddUserError`] says what is wrong with the name or the password, or that the database refused.
pub async fn add(pool: &PgPool, user: NewUser, now: DateTime<Utc>) -> Result<Uuid, AddUserError> {
    check_name(&user.name)?;
    let chars = user.password.chars().count();
    if !(passwords::MIN_CHARS..=passwords::MAX_CHARS).contains(&chars) {
        return Err(AddUserError::Password);
    }
    let hash = passwords::hash(user.password).await?;
    let id = Uuid::now_v7();
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
    .execute(pool)
    .await?;
    if added.rows_affected() == 0 { Err(AddUserError::Taken(user.name)) } else { Ok(id) }
}

fn check_name(name: &str) -> Result<(), AddUserError> {
    let chars = name.chars().count();
    let prints = name.trim() == name && !name.chars().any(char::is_control);
    if prints && (1..=MAX_NAME_CHARS).contains(&chars) {
        Ok(())
    } else {
        Err(AddUserError::Name(name.chars().take(80).collect()))
    }
}
