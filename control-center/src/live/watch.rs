//! Ends the connections of sessions that have ended: by sign-out elsewhere, by age, or because the user was disabled.

use super::Hub;
use crate::access::sessions;
use crate::clock;
use std::collections::HashSet;
use std::time::Duration;

/// Well within the 5 s that a disabled user may still see something.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Runs until the hub's shutdown.
pub(super) async fn run(hub: Hub) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = hub.shutdown().cancelled() => return,
            _ = ticks.tick() => {}
        }
        let open = hub.sessions();
        if open.is_empty() {
            continue;
        }
        // While the database is away nothing new reaches anybody, so nothing is lost by asking again later.
        let Ok(holding) = sessions::holding(hub.pool(), &open, clock::now()).await else { continue };
        let holding: HashSet<_> = holding.into_iter().collect();
        for session in open.into_iter().filter(|session| !holding.contains(session)) {
            hub.end_session(session);
        }
    }
}
