//! The session cookie, and the short one of a sign-in that is under way at an OpenID provider. With the `__Host-` prefix browsers hold it to this host, path `/` and secure origins, which
//! loopback is over plain HTTP too. Plain HTTP anywhere else must be asked for (`http.insecure`) and drops the prefix.

use super::Shared;
use crate::access::oidc::flow::LASTS;
use crate::access::presented;
use crate::access::sessions::SessionKey;
use axum::http::{HeaderMap, HeaderValue, header};

const SECURE_NAME: &str = "__Host-session";
const INSECURE_NAME: &str = "session";
const SECURE_FLOW: &str = "__Host-oidc";
const INSECURE_FLOW: &str = "oidc";

const fn name(insecure: bool) -> &'static str {
    if insecure { INSECURE_NAME } else { SECURE_NAME }
}

const fn flow_name(insecure: bool) -> &'static str {
    if insecure { INSECURE_FLOW } else { SECURE_FLOW }
}

/// The session that a request carries, if it carries one.
pub(crate) fn session(headers: &HeaderMap, insecure: bool) -> Option<SessionKey> {
    find(headers, name(insecure))
}

/// The browser that began a sign-in at a provider.
pub(crate) fn flow(headers: &HeaderMap, insecure: bool) -> Option<SessionKey> {
    find(headers, flow_name(insecure))
}

fn find(headers: &HeaderMap, name: &str) -> Option<SessionKey> {
    presented::cookie(headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()), name)
}

/// Hands the token out, for as long as a session can last.
pub(crate) fn hand_out(token: &str, shared: &Shared) -> HeaderValue {
    set((name(shared.insecure()), token), shared.sessions().absolute.num_seconds(), shared.insecure())
}

/// Takes the cookie back.
pub(crate) fn take_back(insecure: bool) -> HeaderValue {
    set((name(insecure), ""), 0, insecure)
}

/// Marks the browser that begins a sign-in at a provider. `Lax` comes along when the provider sends the browser back.
pub(crate) fn mark(token: &str, insecure: bool) -> HeaderValue {
    set((flow_name(insecure), token), LASTS.num_seconds(), insecure)
}

/// Takes the mark away.
pub(crate) fn unmark(insecure: bool) -> HeaderValue {
    set((flow_name(insecure), ""), 0, insecure)
}

fn set((name, value): (&str, &str), max_age_s: i64, insecure: bool) -> HeaderValue {
    let secure = if insecure { "" } else { "; Secure" };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).expect("a token of hex digits is a header value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_says_what_the_contract_says() {
        let cookie = set((name(false), "00"), 604_800, false);
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-session=00; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"
        );
        let cookie = take_back(true);
        assert_eq!(cookie.to_str().unwrap(), "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        let cookie = mark("00", false);
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-oidc=00; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
