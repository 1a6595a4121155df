//! The place where the decoding thread leaves a frame for the analysing thread. It holds one.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a look into the slot found.
#[derive(Debug, PartialEq)]
pub(super) enum Taken<T> {
    /// An item.
    Item(T),
    /// Nothing within the time.
    Nothing,
    /// The giver has ended; the reason when it failed.
    End(Option<String>),
}

struct State<T> {
    item: Option<T>,
    end: Option<Option<String>>,
    closed: bool,
}

/// A slot for one item.
pub(super) struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State { item: None, end: None, closed: false }), changed: Condvar::new() }
    }

    // A thread that panicked inside left a whole state behind: each change is one assignment.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the newest item in, over one that nobody took.
    pub(super) fn replace(&self, item: T) {
        self.lock().item = Some(item);
        self.changed.notify_all();
    }

    /// Puts an item in when the last one was taken; waits for that.
    pub(super) fn hand_over(&self, item: T) {
        let state = self.lock();
        let mut state = self
            .changed
            .wait_while(state, |state| state.item.is_some() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.item = Some(item);
        self.changed.notify_all();
    }

    /// Ends the giving; what is still in the slot can be taken. The first reason stays.
    pub(super) fn end(&self, failure: Option<String>) {
        self.lock().end.get_or_insert(failure);
        self.changed.notify_all();
    }

    /// The taker has gone: nobody waits in [`Slot::hand_over`] any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Takes the item, waiting for it at most `timeout`.
    pub(super) fn take(&self, timeout: Duration) -> Taken<T> {
        let state = self.lock();
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, timeout, |state| state.item.is_none() && state.end.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(item) = state.item.take() {
            self.changed.notify_all();
            return Taken::Item(item);
        }
        state.end.clone().map_or(Taken::Nothing, Taken::End)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const LONG: Duration = Duration::from_secs(10);

    #[test]
    fn only_the_newest_item_is_kept() {
        let slot = Slot::new();
        (0..5).for_each(|i| slot.replace(i));
        assert_eq!(slot.take(LONG), Taken::Item(4));
        assert_eq!(slot.take(Duration::ZERO), Taken::Nothing);
    }

    #[test]
    fn handing_over_loses_nothing_and_the_end_comes_last() {
        let slot = Arc::new(Slot::new());
        let giver = std::thread::spawn({
            let slot = slot.clone();
            move || {
                (0..100).for_each(|i| slot.hand_over(i));
                slot.end(Some("broke".into()));
                slot.end(None);
            }
        });
        let mut got = Vec::new();
        let end = loop {
            match slot.take(LONG) {
                Taken::Item(item) => got.push(item),
                other => break other,
            }
        };
        assert_eq!(got, (0..100).collect::<Vec<_>>());
        assert_eq!(end, Taken::End(Some("broke".into())));
        giver.join().unwrap();
    }

    #[test]
    fn a_giver_does_not_wait_for_a_taker_that_has_gone() {
        let slot = Slot::new();
        slot.close();
        slot.hand_over(1);
        slot.hand_over(2);
    }
}
