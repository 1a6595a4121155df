//! Which addresses a webhook may call: public ones, and what the configuration allows.
//!
//! A unit's webhook is an address that a person typed in. Without this, it could make the center speak to its own database,
//! to a router, or to the service of a cloud that hands out credentials. Pure: addresses in, a verdict out. Names are
//! resolved once by the caller, each answer is judged, and the connection goes to the judged address, so that a name that
//! answers differently the second time gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of the configuration, such as `10.20.0.0/16`, that may be called although they are private.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<(IpAddr, u8)>);

/// Why a network cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no network: wanted an address, or an address and the length of its prefix, such as 10.20.0.0/16"
)]
pub struct NetworkError(String);

impl Allowed {
    /// Reads networks.
    ///
    /// # Errors
    /// The first that is none.
    pub fn parse<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Allowed, NetworkError> {
        networks.into_iter().map(network).collect::<Result<_, _>>().map(Allowed)
    }

    /// Whether the address may be called.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.0.iter().any(|(network, bits)| holds((*network, *bits), address))
    }
}

fn network(text: &str) -> Result<(IpAddr, u8), NetworkError> {
    let wrong = || NetworkError(text.to_owned());
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| wrong()))?;
    if bits > most { Err(wrong()) } else { Ok((address, bits)) }
}

fn holds((network, bits): (IpAddr, u8), address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

/// Whether an address is of the public internet: none of the special ones of RFC 6890 and its registries (IANA, "IPv4
/// Special-Purpose Address Registry" and "IPv6 Special-Purpose Address Registry").
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0 // this network
        || a == 10 // private
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
        || a == 127 // loopback
        || (a == 169 && b == 254) // link-local, and the metadata services of clouds
        || (a == 172 && (16..32).contains(&b)) // private
        || (a, b, c) == (192, 0, 0) // protocol assignments
        || (a, b, c) == (192, 0, 2) // documentation
        || (a, b, c) == (192, 88, 99) // 6to4 relays, gone
        || (a == 192 && b == 168) // private
        || (a == 198 && (b & 0xfe) == 18) // benchmarks
        || (a, b, c) == (198, 51, 100) // documentation
        || (a, b, c) == (203, 0, 113) // documentation
        || a >= 224) // multicast, reserved, broadcast
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    // A tunnel or a translation carries an IPv4 address, and that one is called.
    let inside = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inside(high, low),
        // 2000::/3 is what IANA has given out; of it not documentation (2001:db8::/32, 3fff::/20), Teredo and the other
        // protocol assignments of 2001::/23.
        _ => {
            (s[0] & 0xe000) == 0x2000
                && !(s[0] == 0x2001 && s[1] < 0x200)
                && !(s[0] == 0x2001 && s[1] == 0xdb8)
                && !(s[0] == 0x3fff && s[1] < 0x1000)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn no_address_inside_the_house_may_be_called() {
        let refused = [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b:1::1",
            "100::1",
            "3fff::1",
        ];
        for address in refused {
            assert!(!is_public(ip(address)), "{address}");
            assert!(!Allowed::default().permits(ip(address)), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_may_be_called() {
        for address in [
            "1.1.1.1",
            "113.160.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2001:ee0::1",
            "2400:cb00::1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(ip(address)), "{address}");
        }
    }

    #[test]
    fn a_network_of_the_configuration_may_be_called_and_its_neighbours_not() {
        let allowed = Allowed::parse(["10.20.0.0/16", "fd00:1::/32", "127.0.0.1"]).unwrap();
        for address in ["10.20.0.1", "10.20.255.255", "::ffff:10.20.3.4", "fd00:1:2::3", "127.0.0.1"] {
            assert!(allowed.permits(ip(address)), "{address}");
        }
        for address in ["10.21.0.1", "127.0.0.2", "fd00:2::1", "169.254.169.254", "::1"] {
            assert!(!allowed.permits(ip(address)), "{address}");
        }
        let all = Allowed::parse(["0.0.0.0/0"]).unwrap();
        assert!(all.permits(ip("10.0.0.1")) && !all.permits(ip("::1")));
    }

    #[test]
    fn a_wrong_network_is_named() {
        for text in ["", "ten", "10.0.0.0/33", "::/129", "10.0.0.0/x", "10.0.0/8"] {
            let error = Allowed::parse([text]).unwrap_err();
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }
}
