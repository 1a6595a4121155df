//! What a machine does not allow or does not have, and saying so where it is seen.

use std::io::Write as _;
use std::net::{Ipv6Addr, TcpListener};

/// Says that a check was left out, and why. Straight to the descriptor: the test harness keeps back what a passing test
/// prints, and a check that was left out is no success.
pub fn skipped(what: &str) {
    // Without a place to say it there is nobody to hear it either.
    let _ = std::io::stderr().write_all(format!("SKIPPED {what}\n").as_bytes());
}

/// Whether this machine has the loopback address of IPv6.
#[must_use]
pub fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}
