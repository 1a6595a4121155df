//! `Idempotency-Key`: a POST that is sent again, because its answer was lost, gets the first answer and is not done again.
//!
//! A layer around every POST that carries the header; handlers need to do nothing. A key belongs to who sent it and is kept
//! for 24 h; with another request behind it, it is refused. The answer is stored after the handler has committed, so a
//! center that is killed in between would do a repeated request again: a handler where that matters takes
//! [`Idempotent`] and seals its answer in its own transaction.

use super::problem::Error;
use super::{MAX_JSON_BYTES, Shared};
use crate::access::{Identity, table};
use crate::clock;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{PgConnection, PgPool};
use std::convert::Infallible;

/// The request's header.
pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MAX_KEY_CHARS: usize = 200;
/// Larger answers are not kept.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// A key and whose it is.
#[derive(Debug, Clone)]
struct Key {
    who: String,
    key: String,
}

/// Seals a handler's answer in the handler's own transaction, if the request came with a key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Idempotent(Option<Key>);

impl<S: Sync> FromRequestParts<S> for Idempotent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Idempotent>().cloned().unwrap_or_default())
    }
}

impl Idempotent {
    /// The key of somebody without a session, if they sent one: it is theirs by where they are. The handler claims it itself,
    /// once it has read the form within its own limits.
    pub(crate) fn of_stranger(headers: &HeaderMap, sender: &[u8]) -> Result<Idempotent, Error> {
        if !headers.contains_key(KEY) {
            return Ok(Idempotent::default());
        }
        Ok(Idempotent(Some(Key { who: format!("sender:{}", hex::encode(sender)), key: single(headers)? })))
    }

    /// Whether there is an answer already.
    pub(crate) async fn is_answered(&self, pool: &PgPool) -> Result<bool, sqlx::Error> {
        let Some(Key { who, key }) = &self.0 else { return Ok(false) };
        sqlx::query_scalar(
            "select exists (select from idempotency where who = $1 and key = $2 and status is not null)",
        )
        .bind(who)
        .bind(key)
        .fetch_one(pool)
        .await
    }

    /// Takes the key for a request of this digest; or the answer that it got already.
    pub(crate) async fn claim(
        &self,
        pool: &PgPool,
        request_sha256: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<Response>, Error> {
        let Some(key) = &self.0 else { return Ok(None) };
        Ok(claim(pool, key, request_sha256, now).await?.map(replay))
    }

    /// It may come out differently next time. What a handler has sealed stays.
    pub(crate) async fn give_up(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let Some(Key { who, key }) = &self.0 else { return Ok(()) };
        sqlx::query("delete from idempotency where who = $1 and key = $2 and status is null")
            .bind(who)
            .bind(key)
            .execute(pool)
            .await
            .map(|_| ())
    }

    /// Keeps the answer; what was done and its answer are then committed together.
    pub(crate) async fn seal(
        &self,
        connection: &mut PgConnection,
        status: StatusCode,
        answer: &impl Serialize,
    ) -> Result<(), Error> {
        let Some(key) = &self.0 else { return Ok(()) };
        let body = serde_json::to_vec(answer).map_err(|error| Error::Internal(error.into()))?;
        let answer = Answer { status: status.as_u16().cast_signed(), media_type: Some(JSON.into()), body };
        keep(&mut *connection, key, &answer).await?;
        Ok(())
    }
}

const JSON: &str = "application/json";

#[derive(Debug, sqlx::FromRow)]
struct Answer {
    status: i16,
    media_type: Option<String>,
    body: Vec<u8>,
}

/// The middleware; inside the guard, so that who sends is known.
pub(crate) async fn remember(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) || has_secret(&request) {
        return next.run(request).await;
    }
    // In a task of its own: a client that goes away does not leave a request half remembered.
    let done = tokio::spawn(async move { once(&shared, request, next).await });
    match done.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => error.into_response(),
        Err(error) => Error::Internal(error.into()).into_response(),
    }
}

/// Passwords and tokens are told once and never kept, so their requests are done as often as they come.
fn has_secret(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>();
    path.is_some_and(|path| table::has_secret(path.as_str()))
}

async fn once(shared: &Shared, request: Request, next: Next) -> Result<Response, Error> {
    let (mut head, body) = request.into_parts();
    let Some(key) = key_of(&head)? else { return Ok(next.run(Request::from_parts(head, body)).await) };
    let body = to_bytes(body, MAX_JSON_BYTES).await.map_err(|_| {
        Error::TooLarge(format!("the body is larger than {MAX_JSON_BYTES} bytes, or was cut off"))
    })?;
    let mut hash = Sha256::new();
    for part in [head.method.as_str().as_bytes(), head.uri.to_string().as_bytes(), &body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let now = clock::now();
    if let Some(answer) = claim(shared.pool(), &key, &hash.finalize(), now).await? {
        return Ok(replay(answer));
    }
    let idempotent = Idempotent(Some(key.clone()));
    head.extensions.insert(idempotent.clone());
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    let (head, body) = response.into_parts();
    let body = to_bytes(body, MAX_ANSWER_BYTES).await.map_err(|error| Error::Internal(error.into()))?;
    let (status, text) = (head.status, head.headers.get(header::CONTENT_TYPE));
    if is_final(status) {
        let media_type = text.and_then(|text| text.to_str().ok()).map(str::to_owned);
        let answer = Answer { status: status.as_u16().cast_signed(), media_type, body: body.to_vec() };
        keep(shared.pool(), &key, &answer).await?;
    } else {
        idempotent.give_up(shared.pool()).await?;
    }
    Ok(Response::from_parts(head, Body::from(body)))
}

fn is_final(status: StatusCode) -> bool {
    !status.is_server_error()
        && !matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

/// The request's key; none where nobody is behind the request, such as for signing in.
fn key_of(head: &Parts) -> Result<Option<Key>, Error> {
    let key = single(&head.headers)?;
    let who = match head.extensions.get::<Identity>() {
        Some(Identity::Person(person)) => format!("user:{}", person.id),
        Some(Identity::Device(edge)) => format!("edge:{edge}"),
        None => return Ok(None),
    };
    Ok(Some(Key { who, key }))
}

fn single(headers: &HeaderMap) -> Result<String, Error> {
    let mut values = headers.get_all(KEY).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if values.next().is_some() || value.is_empty() || value.len() > MAX_KEY_CHARS {
        return Err(Error::BadRequest(format!(
            "Idempotency-Key needs 1 to {MAX_KEY_CHARS} printing characters, once"
        )));
    }
    Ok(value.to_owned())
}

/// What is kept of a request: its hash, and the answer's status, media type and body once it has one.
type Kept = (Vec<u8>, Option<i16>, Option<String>, Option<Vec<u8>>);

/// Takes the key for this request; or the answer that it got already.
async fn claim(
    pool: &PgPool,
    key: &Key,
    request_sha256: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Answer>, Error> {
    // A request that is under way for longer than any may take was cut off with its center.
    let claimed = sqlx::query(
        "insert into idempotency as i (who, key, request_sha256, created_at) values ($1, $2, $3, $4) \
         on conflict (who, key) do update \
           set request_sha256 = $3, created_at = $4, status = null, media_type = null, body = null \
           where i.created_at < $4 - interval '24 hours' \
             or (i.status is null and i.created_at < $4 - interval '3 minutes')",
    )
    .bind(&key.who)
    .bind(&key.key)
    .bind(request_sha256)
    .bind(now)
    .execute(pool)
    .await?;
    if claimed.rows_affected() > 0 {
        return Ok(None);
    }
    let row: Option<Kept> = sqlx::query_as(
        "select request_sha256, status, media_type, body from idempotency where who = $1 and key = $2",
    )
    .bind(&key.who)
    .bind(&key.key)
    .fetch_optional(pool)
    .await?;
    match row {
        Some((hash, ..)) if hash != request_sha256 => {
            Err(Error::Unprocessable("this Idempotency-Key was used for another request".into()))
        }
        Some((_, Some(status), media_type, Some(body))) => Ok(Some(Answer { status, media_type, body })),
        _ => Err(Error::UnderWay),
    }
}

async fn keep(executor: impl sqlx::PgExecutor<'_>, key: &Key, answer: &Answer) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update idempotency set status = $3, media_type = $4, body = $5 where who = $1 and key = $2 and status is null",
    )
    .bind(&key.who)
    .bind(&key.key)
    .bind(answer.status)
    .bind(&answer.media_type)
    .bind(&answer.body)
    .execute(executor)
    .await?;
    Ok(())
}

fn replay(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status.cast_unsigned()).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Some(value) = answer.media_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// Forgets answers that nobody will ask for any more.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let old = sqlx::query("delete from idempotency where created_at < $1 - interval '24 hours'");
    old.bind(now).execute(pool).await?;
    Ok(())
}
