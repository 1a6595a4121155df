//! What a request presents to say who sends it: a cookie, a machine's token or a device's credential. Pure.

use super::key::SessionKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ngatu_protocol::EdgeId;

/// What a machine's token begins with, so that one that leaked is recognised.
pub(crate) const TOKEN_PREFIX: &str = "ngt_";

/// The key of the first cookie of that name; none when that is not one of our tokens.
pub(crate) fn cookie<'a>(headers: impl IntoIterator<Item = &'a str>, name: &str) -> Option<SessionKey> {
    let mut cookies = headers.into_iter().flat_map(|cookies| cookies.split(';'));
    let (_, token) =
        cookies.find_map(|cookie| cookie.trim().split_once('=').filter(|(own, _)| *own == name))?;
    SessionKey::of_token(token)
}

/// The key of what `Authorization: Bearer …` carries; none when it is not one of our tokens.
pub(crate) fn bearer(authorization: &str) -> Option<SessionKey> {
    let (scheme, token) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    SessionKey::of_token(token.trim().strip_prefix(TOKEN_PREFIX)?)
}

/// Reads `Authorization: Basic …` into edge and secret. None when it is not that.
pub(crate) fn basic(authorization: &str) -> Option<(EdgeId, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 1024 {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (edge, secret) = decoded.split_once(':')?;
    Some((EdgeId::new(edge).ok()?, secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_only_under_its_own_name() {
        let token = "ab".repeat(32);
        let key = SessionKey::of_token(&token);
        let own = format!("__Host-session={token}");
        assert_eq!(cookie([&*format!("a=b; {own}; c=d")], "__Host-session"), key);
        assert_eq!(cookie(["a=b", &own], "__Host-session"), key);
        for (header, name) in [
            (&*own, "session"),
            (&format!("session={token}"), "__Host-session"),
            ("session=short", "session"),
        ] {
            assert_eq!(cookie([header], name), None, "{header}");
        }
        assert_eq!(cookie([&*format!("session=; session={token}")], "session"), None, "the first counts");
    }

    #[test]
    fn only_a_bearer_with_our_prefix_is_a_token() {
        let token = "ab".repeat(32);
        assert_eq!(bearer(&format!("Bearer ngt_{token}")), SessionKey::of_token(&token));
        assert!(bearer(&format!("bearer  ngt_{token} ")).is_some());
        for other in
            [token.as_str(), &format!("Bearer {token}"), &format!("Basic ngt_{token}"), "Bearer ngt_x"]
        {
            assert!(bearer(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_credential_is_read_from_the_basic_scheme_only() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let (edge, secret) = basic(&header("nga-tu-1:a:b")).unwrap();
        assert_eq!((edge.as_str(), secret.as_str()), ("nga-tu-1", "a:b"));
        for bad in [header("no-colon"), header("../x:y"), header(":y"), "Bearer x".into(), "Basic ???".into()]
        {
            assert!(basic(&bad).is_none(), "{bad} must be refused");
        }
    }
}
