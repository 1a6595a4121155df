//! `/api/v1/users`: people and what they may do. For administrators, within their own areas.

use super::Shared;
use super::extract::{Json, Path, Query, SignedIn};
use super::page;
use super::problem::{Error, Problem};
use crate::access::oidc::provider::MAX_SUBJECT_BYTES;
use crate::access::users::{self, Change, NewUser, Role, Subject, User, check_areas, is_full_name};
use crate::access::{AreaScope, passwords};
use crate::clock;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A person as administrators see them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    /// The id.
    id: Uuid,
    /// The name to sign in with.
    name: String,
    /// The name to show; may be empty.
    full_name: String,
    /// What they may do.
    role: Option<Role>,
    /// Where: ids of areas, or `*` for the whole city.
    areas: Vec<String>,
    /// Whether they are kept out.
    disabled: bool,
    /// Whether they sign in elsewhere, through OIDC.
    is_federated: bool,
    /// When they were added.
    created_at: DateTime<Utc>,
}

impl From<User> for UserView {
    fn from(user: User) -> UserView {
        UserView {
            id: user.id,
            name: user.name,
            full_name: user.full_name,
            role: Role::parse(&user.role),
            areas: user.areas,
            disabled: user.disabled,
            is_federated: user.is_federated,
            created_at: user.created_at,
        }
    }
}

/// A page of people, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserPage {
    /// The people.
    items: Vec<UserView>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// People on a page; 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// List people
///
/// Those whose areas lie within your own.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "list_users", tag = "access", params(UserQuery),
    responses((status = 200, description = "A page of people", body = UserPage)))]
pub(crate) async fn list_users(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<UserQuery>,
) -> Result<axum::Json<UserPage>, Error> {
    let limit = page::limit(query.limit)?;
    let before = query.cursor.as_deref().map(|cursor| page::Cursor::open(cursor)?.key(1)).transpose()?;
    let users = users::list(shared.pool(), &person.areas, (before, limit + 1)).await?;
    let mut items: Vec<UserView> = users.into_iter().map(UserView::from).collect();
    let next_cursor =
        page::cut(&mut items, limit, |user| page::encode(user.created_at, &[user.id.to_string()]));
    Ok(axum::Json(UserPage { items, next_cursor }))
}

/// A person to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserNew {
    /// The name to sign in with.
    #[schema(min_length = 1, max_length = 64, example = "lan")]
    name: String,
    /// The name to show.
    #[serde(default)]
    #[schema(max_length = 200, example = "Nguyễn Thị Lan")]
    full_name: String,
    /// What they may do.
    role: Role,
    /// Where: ids of areas, or `*` for the whole city; none at all means nothing.
    #[schema(example = json!(["phuc-khanh"]))]
    areas: Vec<String>,
    /// At least 12 characters, and not a common one. Without it one is made.
    #[schema(min_length = 12, max_length = 256, format = Password)]
    password: Option<String>,
}

/// A person who was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserAdded {
    /// The person.
    user: UserView,
    /// The password that was made for them: it is told this once.
    password: Option<String>,
}

/// Add a person
#[utoipa::path(post, path = "/api/v1/users", operation_id = "add_user", tag = "access", request_body = UserNew,
    responses(
        (status = 201, description = "Added", body = UserAdded),
        (status = 409, description = "The name is taken", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn add_user(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Json(new): Json<UserNew>,
) -> Result<(StatusCode, axum::Json<UserAdded>), Error> {
    check_full_name(&new.full_name)?;
    let areas = AreaScope::of(new.areas);
    check_areas(shared.pool(), &person, &areas).await?;
    let made = new.password.is_none().then(passwords::random);
    let password = new.password.or_else(|| made.clone()).unwrap_or_default();
    let user = NewUser { name: new.name, full_name: new.full_name, role: new.role, areas, password };
    let id = users::add_by(shared.pool(), Some(person.id), user, clock::now()).await?;
    let user = users::get(shared.pool(), &person.areas, id).await?.ok_or(Error::NotFound("user"))?;
    Ok((StatusCode::CREATED, axum::Json(UserAdded { user: user.into(), password: made })))
}

/// Read one person
#[utoipa::path(get, path = "/api/v1/users/{id}", operation_id = "read_user", tag = "access",
    params(("id" = Uuid, Path, description = "The person's id")),
    responses(
        (status = 200, description = "The person", body = UserView),
        (status = 404, description = "There is no such person in your areas", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn read_user(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<UserView>, Error> {
    let user = users::get(shared.pool(), &person.areas, id).await?.ok_or(Error::NotFound("user"))?;
    Ok(axum::Json(user.into()))
}

/// What to change of a person; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    /// The name to show.
    #[schema(max_length = 200)]
    full_name: Option<String>,
    /// What they may do.
    role: Option<Role>,
    /// Where: ids of areas, or `*` for the whole city.
    areas: Option<Vec<String>>,
    /// Whether they are kept out.
    disabled: Option<bool>,
    /// A new password: at least 12 characters, and not a common one.
    #[schema(min_length = 12, max_length = 256, format = Password)]
    password: Option<String>,
    /// Who they are at the OpenID provider: the `sub` of their tokens, as a refused sign-in leaves it in the audit rows. Empty:
    /// they are nobody there.
    #[schema(max_length = 255, example = "248289761001")]
    oidc_subject: Option<String>,
}

/// Change a person
///
/// Another role, other areas, another password, another subject, and being disabled end all their sessions; their live
/// connections are closed within 5 s. The last enabled administrator of the whole city stays one.
#[utoipa::path(patch, path = "/api/v1/users/{id}", operation_id = "change_user", tag = "access",
    params(("id" = Uuid, Path, description = "The person's id")), request_body = UserChange,
    responses(
        (status = 200, description = "The person, changed", body = UserView),
        (status = 404, description = "There is no such person in your areas", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "The last administrator, or somebody else is that subject", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn change_user(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Json(change): Json<UserChange>,
) -> Result<axum::Json<UserView>, Error> {
    if let Some(name) = &change.full_name {
        check_full_name(name)?;
    }
    let UserChange { full_name, role, areas, disabled, password, oidc_subject } = change;
    let federation = oidc_subject.map(|subject| check_subject(&shared, subject)).transpose()?;
    let change = Change { full_name, role, areas: areas.map(AreaScope::of), disabled, password, federation };
    let (user, ended) = users::change(shared.pool(), &person, (id, change), clock::now()).await?;
    for session in ended {
        shared.hub().end_session(session);
    }
    Ok(axum::Json(user.into()))
}

/// Sign a person out everywhere
///
/// Ends all their sessions; their live connections are closed at once. They may sign in again.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions", operation_id = "end_user_sessions", tag = "access",
    params(("id" = Uuid, Path, description = "The person's id")),
    responses(
        (status = 204, description = "All their sessions have ended"),
        (status = 404, description = "There is no such person in your areas", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn end_user_sessions(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Error> {
    for session in users::end_sessions(shared.pool(), &person, id, clock::now()).await? {
        shared.hub().end_session(session);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn check_subject(shared: &Shared, subject: String) -> Result<Option<Subject>, Error> {
    if subject.is_empty() {
        return Ok(None);
    }
    let Some(provider) = shared.oidc() else {
        return Err(Error::Unprocessable("oidc_subject: this center knows no OpenID provider".into()));
    };
    if subject.len() > MAX_SUBJECT_BYTES || subject.chars().any(char::is_control) {
        return Err(Error::Unprocessable("oidc_subject: wanted at most 255 printing characters".into()));
    }
    Ok(Some(Subject { issuer: provider.settings().issuer.to_string(), subject }))
}

fn check_full_name(name: &str) -> Result<(), Error> {
    if is_full_name(name) {
        Ok(())
    } else {
        Err(Error::Unprocessable("full_name: wanted at most 200 printing characters".into()))
    }
}
