//! `/api/v1/me`: who is signed in.

use super::extract::{Json, SignedIn};
use super::problem::{Error, Problem};
use super::{Shared, cookie};
use crate::access::audit::{self, Act};
use crate::access::sign_in::{self, Attempt, SignInError};
use crate::access::users::{self, Role};
use crate::access::{Person, Via};
use crate::clock;
use axum::extract::State;
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The user's id.
    id: Uuid,
    /// The name to sign in with.
    name: String,
    /// The name to show; may be empty.
    full_name: String,
    /// What they may do.
    role: Role,
    /// The areas in which they see and do it; `*` is the whole city.
    areas: Vec<String>,
    /// The language of their screens.
    language: Language,
    /// Whether this center serves plain HTTP beyond its machine; every page must say so.
    insecure: bool,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Me {
    pub(crate) fn of(person: &Person, insecure: bool) -> Me {
        Me {
            id: person.id,
            name: person.name.clone(),
            full_name: person.full_name.clone(),
            role: person.role,
            areas: person.areas.words(),
            language: if person.language == "en" { Language::En } else { Language::Vi },
            insecure,
        }
    }
}

/// What a person may change about themselves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeChange {
    /// The language of their screens.
    language: Language,
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/me", operation_id = "read_me", tag = "session",
    responses((status = 200, description = "You", body = Me)))]
pub(crate) async fn read_me(State(shared): State<Shared>, SignedIn(person): SignedIn) -> axum::Json<Me> {
    axum::Json(Me::of(&person, shared.insecure()))
}

/// Change the language
#[utoipa::path(patch, path = "/api/v1/me", operation_id = "change_me", tag = "session", request_body = MeChange,
    responses((status = 200, description = "You, changed", body = Me)))]
pub(crate) async fn change_me(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Json(change): Json<MeChange>,
) -> Result<axum::Json<Me>, Error> {
    let language = match change.language {
        Language::Vi => "vi",
        Language::En => "en",
    };
    let mut transaction = shared.pool().begin().await?;
    sqlx::query("update users set language = $2 where id = $1")
        .bind(person.id)
        .bind(language)
        .execute(&mut *transaction)
        .await?;
    let detail = serde_json::json!({ "language": language });
    let act = Act { actor: Some(person.id), action: "me.change", subject: &person.name, detail };
    audit::record_in(&mut transaction, act, clock::now()).await?;
    transaction.commit().await?;
    let changed = Person { language: language.to_owned(), ..person };
    Ok(axum::Json(Me::of(&changed, shared.insecure())))
}

/// A person's old and new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The password until now.
    #[schema(max_length = 256, format = Password)]
    old: String,
    /// At least 12 characters, and not a common one.
    #[schema(min_length = 12, max_length = 256, format = Password)]
    new: String,
}

/// Change the password
///
/// Ends all your sessions, on every screen, and begins a new one here. A wrong old password counts as a failure to sign in.
#[utoipa::path(post, path = "/api/v1/me/password", operation_id = "change_password", tag = "session",
    request_body = PasswordChange,
    responses(
        (status = 200, description = "Changed", body = Me, headers(("Set-Cookie" = String, description = "The new session"))),
        (status = 403, description = "The old password is wrong, or a machine asks", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Locked, or too many at once", body = Problem,
            content_type = "application/problem+json",
            headers(("Retry-After" = i64, description = "Seconds to wait")))))]
pub(crate) async fn change_password(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Json(typed): Json<PasswordChange>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<Me>), Error> {
    if person.via == Via::Token {
        return Err(Error::NotForMachines);
    }
    let now = clock::now();
    let attempt = Attempt { name: &person.name, password: &typed.old };
    sign_in::check(shared.pool(), &shared.0.gates, attempt, now).await.map_err(|error| match error {
        SignInError::Wrong => Error::WrongOldPassword,
        error => error.into(),
    })?;
    let new = (typed.new, shared.sessions());
    let (token, ended) = users::change_own_password(shared.pool(), &person, new, now).await?;
    for session in ended {
        shared.hub().end_session(session);
    }
    Ok((
        [(header::SET_COOKIE, cookie::hand_out(&token, &shared))],
        axum::Json(Me::of(&person, shared.insecure())),
    ))
}
