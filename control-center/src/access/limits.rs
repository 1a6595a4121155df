//! Rate limits: who asks too often waits.
//!
//! The generic cell rate algorithm (ITU-T I.371): each key has one moment, the theoretical arrival time of its next
//! request; a request that comes too far ahead of it is refused and told how long to wait. A bounded number of keys is
//! kept; whoever has not asked for long is forgotten, which changes nothing for them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys that are kept before those are forgotten that could ask their whole burst again.
const MAX_KEYS: usize = 10_000;

/// How often a key may ask.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// At once.
    pub burst: u32,
    /// In the long run, one each.
    pub every: Duration,
}

/// How often which request may come.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// Signing in, by address: many people may sit behind one, and each name has its own lock besides.
    pub sign_in: Quota,
    /// Refused sign-ins at a provider that become audit rows, over all addresses: strangers can cause them.
    pub refusals: Quota,
    /// Enrolling, by address: a technician types a few codes.
    pub enroll: Quota,
    /// Enrolling, over all addresses: 10^6 guesses take 11 days.
    pub enroll_in_all: Quota,
    /// How long a form that strangers send may bring nothing.
    pub form_stall: Duration,
    /// Writes, by person or machine. Edges are not limited: their uploads are bounded by what their cameras see.
    pub writes: Quota,
    /// Reads, by person or machine: a program that asks in a loop waits, a screen never does.
    pub reads: Quota,
    /// What citizens and those with a link open, by address: a page with its pictures is a dozen, and many phones may sit
    /// behind one address.
    pub strangers: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        let quota = |burst, every_ms| Quota { burst, every: Duration::from_millis(every_ms) };
        Quotas {
            sign_in: quota(100, 1000),
            refusals: quota(100, 1000),
            enroll: quota(10, 6000),
            enroll_in_all: quota(60, 1000),
            form_stall: Duration::from_secs(10),
            writes: quota(300, 20),
            reads: quota(3000, 2),
            strangers: quota(300, 200),
        }
    }
}

/// One limit over many keys.
#[derive(Debug)]
pub struct Limiter<K> {
    quota: Quota,
    arrivals: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Limiter<K> {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new(quota: Quota) -> Limiter<K> {
        Limiter { quota, arrivals: Mutex::default() }
    }

    /// Lets a request in.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if arrivals.len() >= MAX_KEYS {
            arrivals.retain(|_, arrival| *arrival > now);
            // All of them asked just now: a flood of keys. Their counts begin anew rather than grow without end.
            if arrivals.len() >= MAX_KEYS {
                arrivals.clear();
            }
        }
        let arrival = arrivals.entry(key).or_insert(now);
        let due = (*arrival).max(now);
        let ahead = due.duration_since(now);
        let most_ahead = self.quota.every * self.quota.burst.saturating_sub(1);
        if ahead > most_ahead {
            return Err(ahead - most_ahead);
        }
        *arrival = due + self.quota.every;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_in_and_then_one_each_interval_for_every_key_by_itself() {
        let limiter = Limiter::new(Quota { burst: 3, every: Duration::from_secs(10) });
        let begin = crate::clock::instant();
        let at = |s| begin + Duration::from_secs(s);
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(0)), Ok(()));
        }
        assert_eq!(limiter.take("a", at(0)), Err(Duration::from_secs(10)));
        assert_eq!(limiter.take("b", at(0)), Ok(()), "another key is another count");
        assert_eq!(limiter.take("a", at(9)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.take("a", at(10)), Ok(()));
        assert_eq!(limiter.take("a", at(10)), Err(Duration::from_secs(10)));
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(1000)), Ok(()));
        }
        assert!(limiter.take("a", at(1000)).is_err());
    }

    #[test]
    fn a_flood_of_keys_takes_no_more_memory_than_its_bound() {
        let limiter = Limiter::new(Quota { burst: 1, every: Duration::from_secs(10) });
        let now = crate::clock::instant();
        for key in 0..3 * MAX_KEYS {
            assert_eq!(limiter.take(key, now), Ok(()));
        }
        assert!(limiter.arrivals.lock().unwrap().len() <= MAX_KEYS);
    }
}
