//! `/oidc/start` and `/oidc/callback`: signing in at an OpenID provider, and `/api/v1/session/ways`, which says whether
//! there is one. Both are plain navigations, so `form-action` of our policy never stands in their way.

use super::oidc_page::{Trouble, page};
use super::problem::{Error, Problem};
use super::site::{one, return_path};
use super::{Shared, cookie};
use crate::access::audit::{self, Act};
use crate::access::oidc::flow::{self, Flow};
use crate::access::oidc::mapping;
use crate::access::oidc::person::{self, Outcome};
use crate::access::oidc::provider::{Provider, ProviderError, Return, Vouched};
use crate::access::sessions::{self, SessionKey};
use crate::clock;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use openidconnect::{Nonce, PkceCodeVerifier};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

const START: &str = "/oidc/start";

/// How people may sign in besides name and password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInWays {
    /// At an OpenID provider; none when there is none.
    oidc: Option<OidcWay>,
}

/// Signing in at an OpenID provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OidcWay {
    /// What people call it, for the button.
    #[schema(example = "Tài khoản tỉnh")]
    name: String,
    /// Where the button leads; `?return=` and a path of this site may follow.
    #[schema(example = "/oidc/start")]
    start: &'static str,
}

/// How people may sign in
#[utoipa::path(get, path = "/api/v1/session/ways", operation_id = "read_sign_in_ways", tag = "session",
    responses((status = 200, description = "Besides name and password", body = SignInWays)))]
pub(crate) async fn read_ways(State(shared): State<Shared>) -> axum::Json<SignInWays> {
    let way = |provider: &Provider| OidcWay { name: provider.settings().name.clone(), start: START };
    axum::Json(SignInWays { oidc: shared.oidc().map(way) })
}

/// Go and sign in at the OpenID provider
///
/// For browsers: sends them there, with a cookie for 10 minutes that the way back needs.
#[utoipa::path(get, path = "/oidc/start", operation_id = "start_oidc", tag = "session",
    params(("return" = Option<String>, Query, description = "The path of this site to come back to; anything else leads to `/`")),
    responses(
        (status = 303, description = "To the provider", headers(
            ("Location" = String, description = "The provider"), ("Set-Cookie" = String, description = "For the way back"))),
        (status = 404, description = "There is no provider", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too often, or too many at once", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = i64, description = "Seconds to wait"))),
        (status = 502, description = "The provider does not answer: a page", body = String, content_type = "text/html")))]
pub(crate) async fn start(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let provider = shared.oidc().ok_or(Error::NotFound("page"))?;
    let return_to = return_path(one(query.as_deref(), "return").as_deref());
    let (state, state_key) = sessions::new_token();
    let (browser, browser_key) = sessions::new_token();
    let begun = match provider.begin(state).await {
        Ok(begun) => begun,
        Err(error) => return Ok(trouble(provider, &error)),
    };
    let flow =
        Flow { nonce: begun.nonce.secret().clone(), verifier: begun.verifier.secret().clone(), return_to };
    if !flow::keep(shared.pool(), (state_key, browser_key), &flow, clock::now()).await? {
        return Err(Error::Busy);
    }
    Ok(go(begun.url.as_str(), [cookie::mark(&browser, shared.insecure())]))
}

/// Come back from the OpenID provider
///
/// For browsers: begins the session and leads to where the person wanted to go, or shows a page that says what went wrong,
/// in Vietnamese and English. It does not say whether somebody is known here.
#[utoipa::path(get, path = "/oidc/callback", operation_id = "finish_oidc", tag = "session",
    params(
        ("state" = Option<String>, Query, description = "As given to the provider"),
        ("code" = Option<String>, Query, description = "To be exchanged for a token, once"),
        ("iss" = Option<String>, Query, description = "Who answers (RFC 9207)"),
        ("error" = Option<String>, Query, description = "Why there is no code")),
    responses(
        (status = 303, description = "Signed in", headers(
            ("Location" = String, description = "Where the person wanted to go"),
            ("Set-Cookie" = String, description = "The session"))),
        (status = 400, description = "Too late, used already, begun elsewhere, or cancelled: a page", body = String,
            content_type = "text/html"),
        (status = 403, description = "This person may not enter: a page", body = String, content_type = "text/html"),
        (status = 404, description = "There is no provider", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too often", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = i64, description = "Seconds to wait"))),
        (status = 502, description = "The provider does not answer, or its answer cannot be trusted: a page", body = String,
            content_type = "text/html")))]
pub(crate) async fn callback(
    State(shared): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let provider = shared.oidc().ok_or(Error::NotFound("page"))?;
    let asked = |key| one(query.as_deref(), key);
    let state = asked("state").as_deref().and_then(SessionKey::of_token);
    let browser = cookie::flow(&headers, shared.insecure());
    let flow = match state.zip(browser) {
        Some(keys) => flow::take(shared.pool(), keys, clock::now()).await?,
        None => None,
    };
    let Some(flow) = flow else {
        // The cookie stays: another page may have led here while the real sign-in is under way.
        refuse(&shared, None, json!({ "reason": "flow" })).await?;
        return Ok(page(Trouble::Flow, &provider.settings().name));
    };
    let previous = cookie::session(&headers, shared.insecure());
    let brought =
        Brought { code: asked("code"), issuer: asked("iss"), error: asked("error"), flow, previous };
    let mut response = finish(&shared, provider, brought).await?;
    response.headers_mut().append(header::SET_COOKIE, cookie::unmark(shared.insecure()));
    Ok(response)
}

/// What the browser brought back, with what was kept for it.
struct Brought {
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
    flow: Flow,
    /// The session that the browser has; the new one takes its place.
    previous: Option<SessionKey>,
}

async fn finish(shared: &Shared, provider: &Provider, brought: Brought) -> Result<Response, Error> {
    let settings = provider.settings();
    if brought.issuer.is_some_and(|issuer| issuer != settings.issuer.as_str()) {
        refuse(shared, None, json!({ "reason": "issuer" })).await?;
        return Ok(page(Trouble::Answer, &settings.name));
    }
    let Some(code) = brought.code.filter(|_| brought.error.is_none()) else {
        let error = plain(&brought.error.unwrap_or_default());
        refuse(shared, None, json!({ "reason": "cancelled", "error": error })).await?;
        return Ok(page(Trouble::Cancelled, &settings.name));
    };
    let Flow { nonce, verifier, return_to } = brought.flow;
    let back = Return { code, nonce: Nonce::new(nonce), verifier: PkceCodeVerifier::new(verifier) };
    let vouched = match provider.finish(back).await {
        Ok(vouched) => vouched,
        Err(error) => {
            let reason = if matches!(error, ProviderError::Away(_)) { "away" } else { "answer" };
            refuse(shared, None, json!({ "reason": reason, "error": plain(&error.to_string()) })).await?;
            return Ok(trouble(provider, &error));
        }
    };
    let browser = (shared.sessions(), brought.previous);
    match person::admit(shared.pool(), settings, &vouched, browser, clock::now()).await? {
        Outcome::In { token, ended } => {
            for session in ended {
                shared.hub().end_session(session);
            }
            Ok(go(&return_to, [cookie::hand_out(&token, shared)]))
        }
        Outcome::Out { why, person } => {
            refuse(shared, person, refused(provider, &vouched, why.as_str())).await?;
            Ok(page(Trouble::Refused, &settings.name))
        }
    }
}

/// What an administrator needs to let the person in.
fn refused(provider: &Provider, vouched: &Vouched, reason: &str) -> Value {
    let settings = provider.settings();
    let name = mapping::find(&vouched.claims, &settings.name_claim).and_then(Value::as_str);
    json!({ "reason": reason, "issuer": settings.issuer.as_str(), "subject": vouched.subject,
        "name": name.map(plain) })
}

/// Notes a sign-in that failed. Strangers can cause these without end, so beyond a limit only the log has them.
async fn refuse(shared: &Shared, person: Option<Uuid>, mut detail: Value) -> Result<(), Error> {
    detail["via"] = json!("oidc");
    tracing::info!(%detail, "oidc: a sign-in was refused");
    if shared.0.limits.records_refusal() {
        let act = Act { actor: person, action: "session.refuse", subject: "oidc", detail };
        audit::record(shared.pool(), act, clock::now()).await?;
    }
    Ok(())
}

fn trouble(provider: &Provider, error: &ProviderError) -> Response {
    let trouble = match error {
        ProviderError::Away(_) => Trouble::Away,
        ProviderError::Answer(_) => Trouble::Answer,
    };
    tracing::warn!(%error, "oidc: the provider is of no help");
    page(trouble, &provider.settings().name)
}

fn go(to: &str, cookies: [HeaderValue; 1]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/")));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// What may stand in an audit row: short, and without characters that do not print.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
