//! `/api/v1/me`: who is signed in.

use super::Shared;
use super::extract::{Json, SignedIn};
use super::problem::Error;
use crate::access::Person;
use crate::access::audit::{self, Act};
use crate::access::users::Role;
use crate::clock;
use axum::extract::State;
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
    sqlx::query("update users set language = $2 where id = $1")
        .bind(person.id)
        .bind(language)
        .execute(shared.pool())
        .await?;
    let detail = serde_json::json!({ "language": language });
    let act = Act { actor: Some(person.id), action: "me.change", subject: &person.name, detail };
    audit::record(shared.pool(), act, clock::now()).await?;
    let changed = Person { language: language.to_owned(), ..person };
    Ok(axum::Json(Me::of(&changed, shared.insecure())))
}
