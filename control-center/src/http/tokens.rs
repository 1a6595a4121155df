//! `/api/v1/tokens`: API tokens for other systems. For administrators, within their own areas.

use super::Shared;
use super::extract::{Json, Path, Query, SignedIn};
use super::page::{self, PageQuery};
use super::problem::{Error, Problem};
use crate::access::AreaScope;
use crate::access::tokens::{self, NewToken, Token};
use crate::access::users::{Role, is_full_name};
use crate::clock;
use crate::incidents::text::is_word;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const MAX_DAYS: u32 = 366;
const MAX_SOURCES: usize = 100;

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// The id, which the audit rows name as the actor.
    id: Uuid,
    /// What people call it.
    name: String,
    /// What it may do.
    role: Option<Role>,
    /// Where: ids of areas, or `*` for the whole city.
    areas: Vec<String>,
    /// The sources of signals that it speaks for, beside those whose `senders` in the city file name it.
    sources: Vec<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends.
    expires_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> TokenView {
        TokenView {
            id: token.id,
            name: token.name,
            role: Role::parse(&token.role),
            areas: token.areas,
            sources: token.sources,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// A page of the tokens that are not revoked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenList {
    /// The tokens, the newest first.
    items: Vec<TokenView>,
    /// For the next page; none on the last.
    next_cursor: Option<String>,
}

/// List API tokens
#[utoipa::path(get, path = "/api/v1/tokens", operation_id = "list_tokens", tag = "access",
    params(PageQuery), responses((status = 200, description = "The tokens that are not revoked", body = TokenList)))]
pub(crate) async fn list_tokens(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<TokenList>, Error> {
    let (limit, after) = (query.limit()?, query.after()?);
    let mut tokens = tokens::list(shared.pool(), &person.areas).await?;
    tokens.retain(|token| after.as_ref().is_none_or(|[after]| token.id.to_string() < *after));
    let next_cursor = page::cut(&mut tokens, limit, |token| page::encode_texts(&[&token.id.to_string()]));
    Ok(axum::Json(TokenList { items: tokens.into_iter().map(TokenView::from).collect(), next_cursor }))
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenNew {
    /// What people call it.
    #[schema(min_length = 1, max_length = 200, example = "cảm biến lũ")]
    name: String,
    /// What it may do.
    role: Role,
    /// Where: ids of areas, or `*` for the whole city.
    #[schema(example = json!(["phuc-khanh"]))]
    areas: Vec<String>,
    /// The sources of signals that it speaks for; for no other one, unless the city file names it among their `senders`.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["cau-bo"]))]
    sources: Vec<String>,
    /// In how many days it ends.
    #[schema(minimum = 1, maximum = 366, example = 90)]
    days: u32,
}

/// A token that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenMade {
    /// To be sent as `Authorization: Bearer …`. It is told this once.
    #[schema(format = Password)]
    secret: String,
    /// What is known of it from now on.
    token: TokenView,
}

/// Make an API token
#[utoipa::path(post, path = "/api/v1/tokens", operation_id = "make_token", tag = "access", request_body = TokenNew,
    responses((status = 201, description = "Made; the secret is told this once", body = TokenMade)))]
pub(crate) async fn make_token(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Json(new): Json<TokenNew>,
) -> Result<(StatusCode, axum::Json<TokenMade>), Error> {
    if new.name.trim().is_empty() || !is_full_name(&new.name) {
        return Err(Error::Unprocessable("name: wanted 1 to 200 printing characters".into()));
    }
    if !(1..=MAX_DAYS).contains(&new.days) {
        return Err(Error::Unprocessable(format!("days: wanted 1 to {MAX_DAYS}")));
    }
    if new.sources.len() > MAX_SOURCES || !new.sources.iter().all(|source| is_word(source, "-")) {
        return Err(Error::Unprocessable(format!(
            "sources: wanted at most {MAX_SOURCES}, each 1 to 64 of a to z, 0 to 9 and -"
        )));
    }
    let now = clock::now();
    let expires_at = now + TimeDelta::days(i64::from(new.days));
    let areas = AreaScope::of(new.areas);
    let new = NewToken { name: new.name, role: new.role, areas, sources: new.sources, expires_at };
    let (secret, token) = tokens::make(shared.pool(), &person, new, now).await?;
    Ok((StatusCode::CREATED, axum::Json(TokenMade { secret, token: token.into() })))
}

/// Revoke an API token
///
/// It holds no longer from the next request on, and its live connections are closed.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", operation_id = "revoke_token", tag = "access",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, description = "There is no such token in your areas", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn revoke_token(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Error> {
    let key = tokens::revoke(shared.pool(), &person, id, clock::now()).await?;
    shared.hub().end_session(key.ok_or(Error::NotFound("token"))?);
    Ok(StatusCode::NO_CONTENT)
}
