//! Who a vouched person is here: found, made or refused, and then their session. One transaction.
//!
//! A local account is found by issuer and subject, which never change hands; by name only where `[oidc]` says so, and only
//! once. Who is disabled here stays out whatever the provider says.

use super::mapping::{self, Granted};
use super::provider::Vouched;
use super::settings::{Authority, Settings, Unknown};
use crate::access::areas::EVERYWHERE;
use crate::access::audit::{self, Act};
use crate::access::sessions::{self, Limits, SessionKey};
use crate::access::users::{self, ChangeError, Role, is_full_name, is_name};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

/// Longer tokens are not kept: the address that signs out at the provider would be too long for it.
const MAX_TOKEN_BYTES: usize = 4096;

/// Why somebody whom the provider knows is not let in. Told to administrators in the audit rows, never to the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody here, and nobody is to be made.
    Unknown,
    /// Disabled here.
    Disabled,
    /// The mapping gives them no role.
    NoRole,
    /// The provider says no name that could be one here.
    NoName,
    /// Somebody else here has their name.
    NameTaken,
    /// The mapping takes the last administrator's role.
    LastAdmin,
}

impl Refusal {
    /// The word in the audit rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown",
            Refusal::Disabled => "disabled",
            Refusal::NoRole => "no_role",
            Refusal::NoName => "no_name",
            Refusal::NameTaken => "name_taken",
            Refusal::LastAdmin => "last_admin",
        }
    }
}

/// What became of it.
#[derive(Debug)]
pub enum Outcome {
    /// A session began.
    In {
        /// For the cookie.
        token: String,
        /// Sessions that ended: the browser's own, and all of a person whom the mapping gave something else.
        ended: Vec<SessionKey>,
    },
    /// They are refused.
    Out {
        /// Why.
        why: Refusal,
        /// Who it is here, if anybody.
        person: Option<Uuid>,
    },
}

/// What was done besides.
#[derive(Debug, Default)]
struct Done {
    made: bool,
    linked: bool,
    ended: Vec<SessionKey>,
    changed: bool,
}

#[derive(Debug, FromRow)]
struct Known {
    id: Uuid,
    name: String,
    role: String,
    areas: Vec<String>,
    disabled: bool,
}

/// Lets a vouched person in, or refuses them; `previous` is the session that their browser has. A session has its audit row; a refusal is for the caller to record.
///
/// # Errors
/// When the database refuses.
pub async fn admit(
    pool: &PgPool,
    settings: &Settings,
    vouched: &Vouched,
    (limits, previous): (Limits, Option<SessionKey>),
    now: DateTime<Utc>,
) -> Result<Outcome, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let mut done = Done::default();
    let person = match recognise(&mut transaction, settings, vouched, (&mut done, now)).await? {
        Ok(person) => person,
        Err((why, person)) => return Ok(Outcome::Out { why, person }),
    };
    // The browser gets another token than it had, and what it had is worth nothing from here on.
    if let Some(previous) = previous
        && sessions::end(&mut transaction, previous).await?
    {
        done.ended.push(previous);
    }
    let token = sessions::begin(&mut transaction, person.id, limits, now).await?;
    let kept = if vouched.id_token.len() <= MAX_TOKEN_BYTES { vouched.id_token.as_str() } else { "" };
    if let Some(key) = SessionKey::of_token(&token) {
        sessions::keep_id_token(&mut transaction, key, kept).await?;
    }
    let detail = json!({ "via": "oidc", "subject": vouched.subject, "made": done.made, "linked": done.linked,
        "changed": done.changed });
    let act = Act { actor: Some(person.id), action: "session.begin", subject: &person.name, detail };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(Outcome::In { token, ended: done.ended })
}

type Recognised = Result<Known, (Refusal, Option<Uuid>)>;

async fn recognise(
    connection: &mut PgConnection,
    settings: &Settings,
    vouched: &Vouched,
    (done, now): (&mut Done, DateTime<Utc>),
) -> Result<Recognised, sqlx::Error> {
    let values = mapping::texts(mapping::find(&vouched.claims, &settings.claim));
    let granted = mapping::granted(&settings.map, &values);
    let name = name_of(settings, &vouched.claims);
    let mut known = by_subject(connection, settings, vouched).await?;
    if known.is_none()
        && settings.link_by_name
        && let Some(name) = &name
    {
        known = by_name(connection, name).await?;
        done.linked = known.is_some();
    }
    let Some(known) = known else {
        if settings.unknown == Unknown::Refuse {
            return Ok(Err((Refusal::Unknown, None)));
        }
        let (Some(role), Some(name)) = (granted.role, name) else {
            return Ok(Err((if granted.role.is_none() { Refusal::NoRole } else { Refusal::NoName }, None)));
        };
        done.made = true;
        let made = make(connection, settings, (vouched, &name, role, granted.areas), now).await?;
        return Ok(made.ok_or((Refusal::NameTaken, None)));
    };
    let refuse = |why| Ok(Err((why, Some(known.id))));
    if known.disabled {
        return refuse(Refusal::Disabled);
    }
    if settings.authority == Authority::Mapping {
        let Granted { role: Some(role), areas } = granted else { return refuse(Refusal::NoRole) };
        match obey(connection, &known, (role, &areas)).await {
            Ok(Some(ended)) => (done.changed, done.ended) = (true, ended),
            Ok(None) => {}
            Err(ChangeError::Database(error)) => return Err(error),
            Err(_) => return refuse(Refusal::LastAdmin),
        }
    }
    if done.linked {
        let link = sqlx::query("update users set oidc_issuer = $2, oidc_subject = $3 where id = $1");
        let link = link.bind(known.id).bind(settings.issuer.as_str()).bind(&vouched.subject);
        link.execute(connection).await?;
    }
    Ok(Ok(known))
}

const KNOWN: &str = "select id, name, role, areas, disabled from users where kind = 'person'";

async fn by_subject(
    connection: &mut PgConnection,
    settings: &Settings,
    vouched: &Vouched,
) -> Result<Option<Known>, sqlx::Error> {
    let sql = format!("{KNOWN} and oidc_issuer = $1 and oidc_subject = $2 for update");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(settings.issuer.as_str());
    query.bind(&vouched.subject).fetch_optional(connection).await
}

/// Somebody of that name who is nobody at a provider yet.
async fn by_name(connection: &mut PgConnection, name: &str) -> Result<Option<Known>, sqlx::Error> {
    let sql = format!("{KNOWN} and name = $1 and oidc_subject is null for update");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(name).fetch_optional(connection).await
}

/// The name here. A mail address is one only when the provider has seen that it is theirs.
fn name_of(settings: &Settings, claims: &Value) -> Option<String> {
    let name = mapping::find(claims, &settings.name_claim)?.as_str()?;
    let is_theirs = settings.name_claim != "email" || claims["email_verified"] == true;
    (is_theirs && is_name(name)).then(|| name.to_owned())
}

/// Adds a person without a password; none when the name is taken.
async fn make(
    connection: &mut PgConnection,
    settings: &Settings,
    (vouched, name, role, areas): (&Vouched, &str, Role, Vec<String>),
    now: DateTime<Utc>,
) -> Result<Option<Known>, sqlx::Error> {
    let full_name = vouched.claims["name"].as_str().filter(|name| is_full_name(name)).unwrap_or_default();
    let made = sqlx::query_as(
        "insert into users (id, name, full_name, role, areas, oidc_issuer, oidc_subject, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
         returning id, name, role, areas, disabled",
    );
    made.bind(Uuid::now_v7())
        .bind(name)
        .bind(full_name)
        .bind(role.as_str())
        .bind(areas)
        .bind(settings.issuer.as_str())
        .bind(&vouched.subject)
        .bind(now)
        .fetch_optional(connection)
        .await
}

/// Gives a person what the mapping says; answers the sessions that ended, or none when they had just that.
async fn obey(
    connection: &mut PgConnection,
    known: &Known,
    (role, areas): (Role, &[String]),
) -> Result<Option<Vec<SessionKey>>, ChangeError> {
    let mut had = known.areas.clone();
    had.sort();
    if known.role == role.as_str() && had == areas {
        return Ok(None);
    }
    let is_chief =
        |role: &str, areas: &[String]| role == "admin" && areas.iter().any(|area| area == EVERYWHERE);
    let falls = is_chief(&known.role, &known.areas) && !is_chief(role.as_str(), areas);
    if falls {
        users::lock_chiefs(connection).await?;
    }
    sqlx::query("update users set role = $2, areas = $3 where id = $1")
        .bind(known.id)
        .bind(role.as_str())
        .bind(areas)
        .execute(&mut *connection)
        .await?;
    if falls {
        users::check_chief_remains(connection).await?;
    }
    Ok(Some(sessions::end_all(connection, known.id).await?))
}
