//! Stands before every handler: who is it, may they, and does the request come from our own pages?
//!
//! Deny by default: a route without a row in [`crate::access::table`] is refused whoever asks, and a request without
//! a credential gets 401 even for a path that does not exist.

use super::Shared;
use super::cookie;
use super::limits::{self, Peer};
use super::problem::Error;
use super::site::{is_api, same_origin};
use crate::access::table::{self, Who};
use crate::access::{Identity, Via, devices, presented, sessions};
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::time::Duration;

/// Longest time from the end of a request's head to the head of its answer.
const REQUEST_TIMEOUT_S: u64 = 30;
/// The same for an edge's upload: 2 MiB over a poor mobile link.
const UPLOAD_TIMEOUT_S: u64 = 120;
const LIVE: &str = "/api/v1/live";
const SESSION: &str = "/api/v1/session";
const ENROLL: &str = "/api/v1/enroll";
const OIDC: [&str; 2] = ["/oidc/start", "/oidc/callback"];

/// The middleware.
pub(crate) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let route = Route::of(&head);
    let timeout_s = if route.is_upload() { UPLOAD_TIMEOUT_S } else { REQUEST_TIMEOUT_S };
    let admitted = async {
        if let Some(identity) = admit(&shared, &head, &route).await? {
            head.extensions.insert(identity);
        }
        Ok(next.run(Request::from_parts(head, body)).await)
    };
    match tokio::time::timeout(Duration::from_secs(timeout_s), admitted).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => Error::into_response(error),
        Err(_) => Error::Timeout(timeout_s).into_response(),
    }
}

/// What the router and the table know of a request.
struct Route {
    /// The path as the router writes it; none when no route took it.
    path: Option<MatchedPath>,
    who: Option<Who>,
}

impl Route {
    /// Whether pictures may come with it, over a poor mobile link.
    fn is_upload(&self) -> bool {
        let is_report = self.path.as_ref().is_some_and(|path| path.as_str() == "/api/v1/reports");
        self.who == Some(Who::Devices) || is_report
    }

    fn of(head: &Parts) -> Route {
        let path = head.extensions.get::<MatchedPath>().cloned();
        let who = path.as_ref().and_then(|path| table::who(&head.method, path.as_str()));
        Route { path, who }
    }
}

async fn admit(shared: &Shared, head: &Parts, route: &Route) -> Result<Option<Identity>, Error> {
    let who = route.who;
    let path = route.path.as_ref().map(MatchedPath::as_str);
    if path.is_none() && !is_api(head.uri.path()) {
        return Ok(None); // the dashboard's files
    }
    if who == Some(Who::Anybody) {
        check_origin_if_sent(head)?;
        limit_strangers(shared, head, path)?;
        return Ok(None);
    }
    let identity = identify(shared, &head.headers).await?;
    let Some(identity) = identity else {
        return Err(if who == Some(Who::Devices) { Error::NotADevice } else { Error::NotSignedIn });
    };
    // A cookie comes along by itself, whatever page asks; a token is sent only by who has it.
    let from_browser = matches!(&identity, Identity::Person(person) if person.via == Via::Session);
    if from_browser && (!head.method.is_safe() || path == Some(LIVE)) && !is_own_origin(&head.headers) {
        return Err(Error::ForeignOrigin);
    }
    if let Identity::Person(person) = &identity {
        let limits = &shared.0.limits;
        if head.method.is_safe() { limits.read(person.id)? } else { limits.write(person.id)? }
    }
    match who {
        Some(who) if who.lets_in(&identity) => Ok(Some(identity)),
        Some(_) => Err(Error::Forbidden),
        // A known path under another method, or no such path: the router answers 405 or 404.
        None if path.is_none_or(table::has_path) => Ok(Some(identity)),
        None => Err(Error::NotInTable),
    }
}

/// Whoever may ask without a credential asks only so often.
fn limit_strangers(shared: &Shared, head: &Parts, path: Option<&str>) -> Result<(), Error> {
    let address = || limits::address(head.extensions.get::<Peer>().copied(), &head.headers);
    match path {
        Some(SESSION) if !head.method.is_safe() => shared.0.limits.sign_in(address()),
        Some(path) if OIDC.contains(&path) => shared.0.limits.sign_in(address()),
        Some(ENROLL) => shared.0.limits.enroll(address()),
        Some(path) if table::is_for_strangers(path) => shared.0.limits.stranger(address()),
        _ => Ok(()),
    }
}

/// A machine's token, a cookie or a device credential. Whoever sends a token means it, so a cookie beside it is not
/// looked at; of the other two the cookie counts.
async fn identify(shared: &Shared, headers: &HeaderMap) -> Result<Option<Identity>, Error> {
    let now = crate::clock::now();
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(key) = authorization.and_then(presented::bearer) {
        return Ok(sessions::find_machine(shared.pool(), key, now).await?.map(Identity::Person));
    }
    if let Some(key) = cookie::session(headers, shared.insecure())
        && let Some(person) = sessions::find(shared.pool(), key, now).await?
    {
        return Ok(Some(Identity::Person(person)));
    }
    if let Some((edge, secret)) = authorization.and_then(presented::basic)
        && devices::check(shared.pool(), &edge, &secret).await?
    {
        return Ok(Some(Identity::Device(edge)));
    }
    Ok(None)
}

/// Signing in needs no cookie, so a program without an Origin may; a foreign page may not.
fn check_origin_if_sent(head: &Parts) -> Result<(), Error> {
    let sent = head.headers.contains_key(header::ORIGIN);
    if head.method.is_safe() || !sent || is_own_origin(&head.headers) {
        Ok(())
    } else {
        Err(Error::ForeignOrigin)
    }
}

fn is_own_origin(headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    match (origin.to_str(), host.to_str()) {
        (Ok(origin), Ok(host)) => same_origin(origin, host),
        _ => false,
    }
}
