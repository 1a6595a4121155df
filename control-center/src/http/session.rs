//! `/api/v1/session`: signing in and out.

use super::extract::{Json, SignedIn};
use super::me::Me;
use super::problem::{Error, Problem};
use super::{Shared, cookie};
use crate::access::audit::{self, Act};
use crate::access::passwords;
use crate::access::sessions::{self, SessionKey};
use crate::access::sign_in::{self, Attempt};
use crate::clock;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person types to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The name.
    #[schema(max_length = 64, example = "operator")]
    name: String,
    /// The password.
    #[schema(max_length = 256, format = Password)]
    password: String,
}

type WithCookie<T> = ([(header::HeaderName, HeaderValue); 1], T);

/// Sign in
///
/// Sets the session cookie: `__Host-session`, or `session` where plain HTTP was asked for. Five failures within 30 s
/// lock the name for 5 minutes.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "sign_in", tag = "session", request_body = SignIn,
    responses(
        (status = 200, description = "Signed in", body = Me,
            headers(("Set-Cookie" = String, description = "The session"))),
        (status = 401, description = "Wrong name or password", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "A foreign origin", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Locked, or too many at once", body = Problem,
            content_type = "application/problem+json",
            headers(("Retry-After" = i64, description = "Seconds to wait")))))]
pub(crate) async fn sign_in(
    State(shared): State<Shared>,
    Json(typed): Json<SignIn>,
) -> Result<WithCookie<axum::Json<Me>>, Error> {
    let SignIn { name, password } = typed;
    if name.chars().count() > 64 || name.contains('\0') || password.chars().count() > passwords::MAX_CHARS {
        return Err(Error::Unprocessable("the name or the password cannot be one".into()));
    }
    let now = clock::now();
    let attempt = Attempt { name: &name, password: &password };
    let attempt = (attempt, shared.sessions());
    let token = sign_in::sign_in(shared.pool(), &shared.0.gates, attempt, now).await?;
    let key = SessionKey::of_token(&token).ok_or(Error::WrongPassword)?;
    let person = sessions::find(shared.pool(), key, now).await?.ok_or(Error::WrongPassword)?;
    let me = Me::of(&person, shared.insecure());
    Ok(([(header::SET_COOKIE, cookie::hand_out(&token, &shared))], axum::Json(me)))
}

/// Where to go on, to be signed out there too.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedOut {
    /// The OpenID provider's address.
    #[schema(example = "https://id.example.vn/session/end?client_id=nga-tu")]
    leave: String,
}

/// Sign out
///
/// Ends all your sessions, on every screen: their websockets are closed at once. A machine's token is not a session and
/// stays. Who came through an OpenID provider that offers it is told where to be signed out there too.
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "sign_out", tag = "session",
    responses(
        (status = 200, description = "Signed out here; the provider still has to be told", body = SignedOut),
        (status = 204, description = "Signed out")))]
pub(crate) async fn sign_out(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
) -> Result<WithCookie<Response>, Error> {
    let mut transaction = shared.pool().begin().await?;
    let id_token = sessions::id_token(&mut transaction, person.session).await?;
    let ended = sessions::end_all(&mut transaction, person.id).await?;
    let act = Act {
        actor: Some(person.id),
        action: "session.end",
        subject: &person.name,
        detail: serde_json::json!({}),
    };
    audit::record_in(&mut transaction, act, clock::now()).await?;
    transaction.commit().await?;
    for session in ended {
        shared.hub().end_session(session);
    }
    // After the fact: a provider that is away keeps nobody signed in here.
    let leave = match (shared.oidc(), id_token) {
        (Some(provider), Some(id_token)) => provider.leave(&id_token).await,
        _ => None,
    };
    let answer = match leave {
        Some(leave) => axum::Json(SignedOut { leave: leave.into() }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    Ok(([(header::SET_COOKIE, cookie::take_back(shared.insecure()))], answer))
}
