//! How the center's parts are doing, for `/readyz` and the log.

use crate::http::{PartStatus, Parts};
use tokio::sync::watch;

/// The board on which each part writes its own line. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Status(watch::Sender<Parts>);

impl Default for Status {
    fn default() -> Self {
        Status(watch::Sender::new(Parts::new()))
    }
}

impl Status {
    /// The board's reader.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Parts> {
        self.0.subscribe()
    }

    /// Writes a part's line; readers wake only when it says something new.
    pub fn set(&self, part: &str, ready: bool, detail: impl Into<String>) {
        self.put(part, PartStatus { ready, weak: false, detail: detail.into() });
    }

    /// Writes the line of a part that does its work, and not as safely as it could.
    pub fn set_weak(&self, part: &str, detail: impl Into<String>) {
        self.put(part, PartStatus { ready: true, weak: true, detail: detail.into() });
    }

    fn put(&self, part: &str, new: PartStatus) {
        let ready = new.ready;
        self.0.send_if_modified(|parts| {
            if parts.get(part) == Some(&new) {
                return false;
            }
            if !ready || parts.get(part).is_some_and(|old| !old.ready) {
                tracing::info!(part, ready, detail = %new.detail, "part changed");
            }
            parts.insert(part.to_owned(), new);
            true
        });
    }
}
