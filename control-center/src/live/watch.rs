//! Ends the connections of sessions that have ended: by sign-out elsewhere, by age, or because the user was disabled.

use super::Hub;
use crate::access::sessions::{self, SessionKey};
use crate::clock;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

const LOOK_EVERY: Duration = Duration::from_secs(2);
const _: () = assert!(LOOK_EVERY.as_secs() <= 2, "a disabled user sees something for at most 5 s");

/// Runs until the hub's shutdown.
pub(super) async fn run(hub: Hub) {
    let mut ticks = ticks(LOOK_EVERY);
    while let Some(open) = next_open(&hub, &mut ticks).await {
        // While the database is away nothing new reaches anybody, so nothing is lost by asking again later.
        let Ok(holding) = sessions::holding(hub.pool(), &open, clock::now()).await else { continue };
        let holding: HashSet<_> = holding.into_iter().collect();
        for session in open.into_iter().filter(|session| !holding.contains(session)) {
            hub.end_session(session);
        }
    }
}

/// When to look; late looks are not made up for.
pub(super) fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// The sessions that have connections, at the next tick at which there are any; none at the hub's shutdown.
pub(super) async fn next_open(hub: &Hub, ticks: &mut Interval) -> Option<Vec<SessionKey>> {
    loop {
        tokio::select! {
            () = hub.shutdown().cancelled() => return None,
            _ = ticks.tick() => {}
        }
        let open = hub.sessions();
        if !open.is_empty() {
            return Some(open);
        }
    }
}
