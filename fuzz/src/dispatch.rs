//! What leaves for units, where it may go and how it is proven: a unit's settings, networks, keys, and the headers of a webhook
//! as a receiver reads them.

use chrono::DateTime;
use std::net::{IpAddr, Ipv6Addr};

#[path = "../../control-center/src/dispatch/guard.rs"]
pub mod guard;
#[path = "../../control-center/src/dispatch/link.rs"]
pub mod link;
#[path = "../../control-center/src/dispatch/sign.rs"]
mod sign;
#[path = "../../control-center/src/dispatch/unit.rs"]
mod unit;

use sign::{Check, Key, signature};
use unit::Unit;

/// A unit as JSON.
pub fn unit(bytes: &[u8]) {
    let Ok(unit) = serde_json::from_slice::<Unit>(bytes) else { return };
    if unit.check().is_err() {
        return;
    }
    let again = serde_json::to_string(&unit).expect("a unit is JSON");
    assert!(!again.contains("\\u0000"), "the database keeps it: {again}");
    assert!(unit.channels.iter().all(|channel| channel.target(&unit.id).len() <= 4096));
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let (_, _) = (unit.is_on_duty(now), unit.serves(Some("bac")));
}

/// A key in the first line, a value of `webhook-signature` in the second, a body after it.
pub fn webhook(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut line = || std::str::from_utf8(parts.next()?).ok();
    let (Some(text), Some(signatures)) = (line(), line()) else { return };
    let body = parts.next().unwrap_or_default();
    networks(text, signatures);
    let Ok(check) = Check::parse(text) else { return };
    let at = DateTime::from_timestamp(1_614_265_330, 0).expect("a time");
    // The seeds are signed; what the fuzzer makes of them is not.
    let _ = check.accepts(("msg", at), body, signatures, at);
    let Ok(key) = Key::parse(text) else { return };
    assert_eq!(Key::parse(&key.to_text()).map(|key| key.public()), Ok(key.public()));
    let signed = signature(std::slice::from_ref(&key), "msg", at, body);
    assert!(check.accepts(("msg", at), body, &signed, at), "what is signed is accepted");
    assert!(!check.accepts(("msg", at), &[body, b"x"].concat(), &signed, at), "and nothing else");
}

/// A network that may be called although it is private, and an address as a name server answers it.
fn networks(network: &str, address: &str) {
    let Ok(allowed) = guard::Allowed::parse([network]) else { return };
    let inside: IpAddr = match network.split('/').next().unwrap_or_default().trim().parse() {
        Ok(inside) => inside,
        Err(error) => panic!("{network} is a network: {error}"),
    };
    assert!(allowed.permits(inside) || inside != inside.to_canonical(), "{network} holds its own address");
    let Ok(address) = address.parse::<IpAddr>() else { return };
    let mapped = match address {
        IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
        IpAddr::V6(_) => address,
    };
    assert_eq!(allowed.permits(address), allowed.permits(mapped), "written otherwise it is the same");
    assert!(!guard::is_public(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    if !guard::is_public(address) && !network.contains('/') && inside.to_canonical() != address.to_canonical()
    {
        assert!(!allowed.permits(address), "{network} opens {address}");
    }
}
