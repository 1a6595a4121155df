//! How often may one ask: by address where nobody is known yet, by person or machine for writes.

use super::problem::Error;
use super::site;
use crate::access::limits::{Limiter, Quotas};
use crate::incidents::PACE;
use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The limits of one center.
#[derive(Debug)]
pub(super) struct Limits {
    sign_in: Limiter<IpAddr>,
    refusals: Limiter<()>,
    enroll: Limiter<IpAddr>,
    enroll_in_all: Limiter<()>,
    writes: Limiter<Uuid>,
    reads: Limiter<Uuid>,
    strangers: Limiter<IpAddr>,
    signals: Limiter<String>,
}

fn refuse(wait: Duration) -> Error {
    let retry_after_s = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX - 1) + 1;
    Error::TooOften { retry_after_s }
}

impl Limits {
    pub(super) fn new(quotas: &Quotas) -> Limits {
        Limits {
            sign_in: Limiter::new(quotas.sign_in),
            refusals: Limiter::new(quotas.refusals),
            enroll: Limiter::new(quotas.enroll),
            enroll_in_all: Limiter::new(quotas.enroll_in_all),
            writes: Limiter::new(quotas.writes),
            reads: Limiter::new(quotas.reads),
            strangers: Limiter::new(quotas.strangers),
            signals: Limiter::new(PACE),
        }
    }

    pub(super) fn sign_in(&self, from: IpAddr) -> Result<(), Error> {
        self.sign_in.take(from, crate::clock::instant()).map_err(refuse)
    }

    /// Whether one more refused sign-in becomes an audit row.
    pub(super) fn records_refusal(&self) -> bool {
        self.refusals.take((), crate::clock::instant()).is_ok()
    }

    pub(super) fn enroll(&self, from: IpAddr) -> Result<(), Error> {
        self.enroll_at(from, crate::clock::instant())
    }

    fn enroll_at(&self, from: IpAddr, now: Instant) -> Result<(), Error> {
        self.enroll.take(from, now).and_then(|()| self.enroll_in_all.take((), now)).map_err(refuse)
    }

    pub(super) fn write(&self, who: Uuid) -> Result<(), Error> {
        self.writes.take(who, crate::clock::instant()).map_err(refuse)
    }

    pub(super) fn stranger(&self, from: IpAddr) -> Result<(), Error> {
        self.strangers.take(from, crate::clock::instant()).map_err(refuse)
    }

    pub(super) fn signal(&self, source: &str) -> Result<(), Error> {
        self.signals.take(source.to_owned(), crate::clock::instant()).map_err(refuse)
    }

    pub(super) fn read(&self, who: Uuid) -> Result<(), Error> {
        self.reads.take(who, crate::clock::instant()).map_err(refuse)
    }
}

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The address that a limit counts for: see [`site::counted`].
pub(super) fn address(peer: Option<Peer>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0.ip());
    let told = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    site::counted(peer, told)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T36: who guesses claim codes, from one address or from as many as it likes.
    #[test]
    fn a_million_guesses_at_a_claim_code_take_longer_than_ten_codes_last() {
        const GUESSES: u32 = 1_000_000;
        const LASTS: Duration = Duration::from_secs(24 * 3600);
        for addresses in [1, 1000, 1_000_000] {
            let limits = Limits::new(&Quotas::default());
            let begin = crate::clock::instant();
            let (mut now, mut heard, mut in_a_day) = (begin, 0, 0);
            while heard < GUESSES {
                let from = IpAddr::from((0x0A00_0000 + heard % addresses).to_be_bytes());
                match limits.enroll_at(from, now) {
                    Ok(()) => {
                        heard += 1;
                        in_a_day += u32::from(now - begin <= LASTS);
                    }
                    // As soon as it may be worth trying again.
                    Err(Error::TooOften { .. }) => now += Duration::from_secs(1),
                    Err(other) => panic!("{other}"),
                }
            }
            assert!(now - begin > 10 * LASTS, "{addresses} addresses: {:?}", now - begin);
            // A code has 160 bits: the chance to find one in its time is below 10^-43.
            assert!(in_a_day <= 60 + 24 * 3600, "{in_a_day}");
        }
    }
}
