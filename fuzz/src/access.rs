//! What a request says of itself: who sends it, where a list goes on, where to go after signing in. And what an edge sends
//! that enrols. What is not ours is refused, and what comes out can be bound to a query.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Datelike as _;
use serde_json::Value;
use std::net::IpAddr;
use uuid::Uuid;

#[path = "../../control-center/src/access/claim_code.rs"]
mod claim_code;
#[path = "../../control-center/src/http/cursor.rs"]
mod cursor;
#[path = "../../control-center/src/access/key.rs"]
mod key;
#[path = "../../control-center/src/access/oidc/mapping.rs"]
mod mapping;
#[path = "../../control-center/src/access/presented.rs"]
mod presented;
#[path = "../../control-center/src/access/role.rs"]
pub mod role;
#[path = "../../control-center/src/http/site.rs"]
mod site;

use cursor::Cursor;

/// A header's value or a query as each thing that it may be. Where two belong together the first line is one of them.
pub fn head(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    who(text);
    where_it_goes_on(text);
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    address(first, second);
    claim(text);
}

fn who(text: &str) {
    for name in ["__Host-session", "session", "__Host-oidc"] {
        if let Some(key) = presented::cookie(text.split('\n'), name) {
            assert!(text.contains(name) && key.as_bytes().len() == 32);
        }
    }
    if presented::bearer(text).is_some() {
        assert!(text.contains(presented::TOKEN_PREFIX));
    }
    if let Some((edge, secret)) = presented::basic(text) {
        let again = format!("Basic {}", STANDARD.encode(format!("{edge}:{secret}")));
        assert_eq!(presented::basic(&again), Some((edge, secret)));
    }
}

fn where_it_goes_on(text: &str) {
    if let Ok(cursor) = Cursor::open(text) {
        if let Ok(time) = cursor.time() {
            assert!((1..=9999).contains(&time.year()), "{time}");
        }
        let keys = (cursor.key::<Uuid>(1), cursor.key::<i64>(2));
        if let (Ok(time), (Ok(outbox), Ok(sequence))) = (cursor.time(), keys) {
            let again = Cursor::open(&cursor::encode(time, &[outbox.to_string(), sequence.to_string()]));
            let again = again.expect("our own cursor");
            assert_eq!((again.time(), again.key(1), again.key(2)), (Ok(time), Ok(outbox), Ok(sequence)));
        }
        let keys = (0..4).filter_map(|place| cursor.key::<String>(place).ok());
        assert!(keys.into_iter().all(|key| !key.contains('\0')));
    }
    if let Ok(keys) = cursor::open_texts::<2>(text) {
        assert!(keys.iter().all(|key| !key.contains('\0')));
        assert_eq!(cursor::open_texts::<2>(&cursor::encode_texts(&[&keys[0], &keys[1]])), Ok(keys));
    }
}

fn address(first: &str, second: &str) {
    if site::same_origin(first, second) {
        assert!(first.starts_with("http") && !first.contains('@') && !second.contains('@'));
    }
    for peer in ["127.0.0.1", "192.0.2.1", "2001:db8::1"] {
        let peer: IpAddr = peer.parse().expect("an address");
        let counted = site::counted(peer, Some(first));
        assert!(peer.is_loopback() || counted == site::counted(peer, None), "{peer} is believed {first:?}");
        assert_eq!(site::counted(counted, None), counted, "of a network one address counts");
    }
    let back = site::return_path(site::one(Some(first), "return").as_deref());
    for path in [back.as_str(), &site::return_path(Some(first))] {
        assert!(path.starts_with('/') && !path.starts_with("//") && !site::is_api(path), "{path}");
        assert!(path.bytes().all(|byte| byte.is_ascii_graphic()), "it becomes a header: {path:?}");
    }
    if let Some(state) = site::one(Some(first), "state") {
        let _ = key::SessionKey::of_token(&state);
    }
}

/// What an edge types, and what an OpenID provider says of somebody.
fn claim(text: &str) {
    if let Some(digest) = claim_code::digest(text) {
        assert_eq!(claim_code::digest(&text.to_ascii_lowercase()), Some(digest));
    }
    if let Ok(typed) = serde_json::from_str::<claim_code::Enroll>(text) {
        let _ = claim_code::digest(&typed.code);
    }
    let Ok(claims) = serde_json::from_str::<Value>(text) else { return };
    for name in ["groups", "realm_access.roles", "a..b", ""] {
        let values = mapping::texts(mapping::find(&claims, name));
        let rows: Vec<mapping::Grant> = mapping::find(&claims, "rows")
            .and_then(|rows| serde_json::from_value(rows.clone()).ok())
            .unwrap_or_default();
        let granted = mapping::granted(&rows, &values);
        assert!(!values.is_empty() || (granted.role.is_none() && granted.areas.is_empty()));
    }
}
