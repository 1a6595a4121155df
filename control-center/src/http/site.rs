//! Which addresses are this site's: its API, its pages to come back to, its origin. And who is at the other end. Pure.

use http::Uri;
use std::net::{IpAddr, Ipv6Addr};
use url::{Position, Url, form_urlencoded};

/// Longest address to come back to, bytes.
const MAX_RETURN_BYTES: usize = 1000;

/// Whether an address belongs to the API, so that its answers are problems and never the dashboard.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Whether a page's origin is the host that it talks to. The scheme is taken from the origin: a proxy in front may
/// speak TLS where we do not.
pub(crate) fn same_origin(origin: &str, host: &str) -> bool {
    let Some((scheme, _)) = origin.split_once("://") else { return false };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    let Ok(host) = format!("{scheme}://{host}").parse::<Uri>() else { return false };
    let parts = |uri: &Uri| {
        let authority = uri.authority()?;
        let plain =
            !authority.as_str().contains('@') && matches!(uri.path(), "" | "/") && uri.query().is_none();
        plain.then(|| (authority.host().to_ascii_lowercase(), authority.port_u16().unwrap_or(default_port)))
    };
    matches!((parts(&origin), parts(&host)), (Some(a), Some(b)) if a == b)
}

/// A parameter that is there once; twice is as good as never.
pub(crate) fn one(query: Option<&str>, key: &str) -> Option<String> {
    let mut values =
        form_urlencoded::parse(query?.as_bytes()).filter(|(name, _)| name == key).map(|(_, value)| value);
    let first = values.next()?.into_owned();
    values.next().is_none().then_some(first)
}

/// Where to go in the end: a path of this site and nothing else, so that nobody is led away from here.
pub(crate) fn return_path(wanted: Option<&str>) -> String {
    let home = || "/".to_owned();
    let base = Url::parse("http://here.invalid").expect("it is a URL");
    let is_path = |text: &&str| {
        text.starts_with('/')
            && text.len() <= MAX_RETURN_BYTES
            && !text.contains(|c: char| c == '\\' || c.is_control())
    };
    let Some(url) = wanted.filter(is_path).and_then(|path| base.join(path).ok()) else { return home() };
    let path = url.path();
    let is_page = !is_api(path) && !path.starts_with("//") && !path.starts_with("/oidc/");
    if url.origin() == base.origin() && is_page { url[Position::BeforePath..].to_owned() } else { home() }
}

/// The address that a limit counts for. A proxy on this machine says at the end of `X-Forwarded-For` for whom it asks;
/// nobody else is believed. Of IPv6 the first 64 bits count: one subscriber has all the rest.
pub(crate) fn counted(peer: IpAddr, forwarded_for: Option<&str>) -> IpAddr {
    let peer = peer.to_canonical();
    let told = forwarded_for.and_then(|told| told.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    match told.filter(|_| peer.is_loopback()).map_or(peer, |told| told.to_canonical()) {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_own_origin_is_taken() {
        let table = [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("https://city.example", "city.example", true),
            ("https://city.example:443", "city.example", true),
            ("https://City.example", "city.Example", true),
            ("http://city.example", "city.example:8080", false),
            ("https://evil.example", "city.example", false),
            ("https://city.example.evil", "city.example", false),
            ("https://city.example@evil.example", "evil.example", false),
            ("https://evil.example/city.example", "city.example", false),
            ("null", "city.example", false),
            ("", "city.example", false),
            ("ftp://city.example", "city.example", false),
            ("file://", "city.example", false),
        ];
        for (origin, host, same) in table {
            assert_eq!(same_origin(origin, host), same, "{origin} at {host}");
        }
    }

    #[test]
    fn one_comes_back_to_a_page_of_this_site_and_nowhere_else() {
        let table = [
            ("/", "/"),
            ("/#/incidents?state=open", "/#/incidents?state=open"),
            ("/a/b?c=d#e", "/a/b?c=d#e"),
            ("/a\u{1ea3}", "/a%E1%BA%A3"),
            ("", "/"),
            ("alerts", "/"),
            ("//evil.example", "/"),
            ("///evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/.//evil.example", "/"),
            ("/a/..//evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/\r\nset-cookie: a=b", "/"),
            ("https://evil.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("/api/v1/me", "/"),
            ("/a/../api/v1/me", "/"),
            ("/oidc/start", "/"),
            (&format!("/{}", "a".repeat(1000)), "/"),
        ];
        for (wanted, path) in table {
            assert_eq!(return_path(Some(wanted)), path, "{wanted:?}");
        }
        assert_eq!(return_path(None), "/");
    }

    #[test]
    fn a_parameter_that_comes_twice_is_not_believed() {
        assert_eq!(one(Some("a=1&b=%2Fx&b=2"), "a").as_deref(), Some("1"));
        assert_eq!(one(Some("a=1&b=%2Fx&b=2"), "b"), None);
        assert_eq!(one(Some("a=%2Fx+y"), "a").as_deref(), Some("/x y"));
        assert_eq!(one(None, "a"), None);
    }

    #[test]
    fn only_a_proxy_on_this_machine_may_say_for_whom_it_asks() {
        let table = [
            ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("::1", "10.0.0.1, 198.51.100.7", "198.51.100.7"),
            ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("127.0.0.1", "nonsense", "127.0.0.1"),
            ("::ffff:192.0.2.1", "", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        ];
        for (peer, told, address) in table {
            let found = counted(peer.parse().unwrap(), Some(told));
            assert_eq!(found, address.parse::<IpAddr>().unwrap(), "{peer} {told}");
        }
    }
}
