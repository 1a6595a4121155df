//! Brings shelved alerts back when their time has come. The times are in the database, so a stop of the center delays
//! nothing that is due after it, and what became due meanwhile comes back first thing.

use super::store;
use crate::clock;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Somebody may shelve through another center at any moment, so nobody sleeps for longer. A look is one read of the first
/// entry of an index.
const LOOK_EVERY: TimeDelta = TimeDelta::milliseconds(400);
/// After a failed look.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How long to wait when the next alert is due at `next`.
#[must_use]
pub fn pause(next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let until = next.map_or(LOOK_EVERY, |next| (next - now).clamp(TimeDelta::milliseconds(1), LOOK_EVERY));
    until.to_std().unwrap_or_default()
}

/// Runs until `shutdown`.
pub async fn keep(pool: PgPool, shutdown: CancellationToken) {
    loop {
        let wait = match store::unshelve_due(&pool, clock::now()).await {
            Ok((_, next)) => pause(next, clock::now()),
            Err(error) => {
                tracing::warn!(%error, "shelved alerts wait for the database");
                AGAIN_AFTER
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_ends_when_an_alert_is_due_and_is_never_long() {
        let now = DateTime::from_timestamp(1_763_800_000, 0).unwrap();
        let at = |ms| Some(now + TimeDelta::milliseconds(ms));
        for (next, ms) in [(None, 400), (at(150), 150), (at(3_600_000), 400), (at(0), 1), (at(-5000), 1)] {
            assert_eq!(pause(next, now), Duration::from_millis(ms), "{next:?}");
        }
    }
}
