//! Who is at the other end of a connection, for limits by address.

use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The address that a limit counts for. A proxy on this machine says at the end of `X-Forwarded-For` for whom it asks;
/// nobody else is believed. Of IPv6 the first 64 bits count: one subscriber has all the rest.
pub(super) fn address(peer: Option<Peer>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
    let told = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let told = told.and_then(|told| told.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    match told.filter(|_| peer.is_loopback()).map_or(peer, |told| told.to_canonical()) {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}
