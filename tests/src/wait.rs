//! Waiting for a state instead of for a time: every wait has a deadline and reports the last state seen.

use crate::clock;
use anyhow::bail;
use std::fmt::Display;
use std::time::Duration;

/// What one look at the awaited thing found.
#[derive(Debug)]
pub enum Seen<T> {
    /// It is there.
    Ready(T),
    /// Not yet; the text says what was seen instead.
    NotYet(String),
}

impl<T> Seen<T> {
    /// Ready with `value` when `condition` holds, else not yet with what was seen.
    pub fn when(condition: bool, value: T, seen: impl Display) -> Seen<T> {
        if condition { Seen::Ready(value) } else { Seen::NotYet(seen.to_string()) }
    }
}

/// Looks again and again until the state is there. An error of a look counts as a state: parts may be down.
///
/// # Errors
/// When the deadline passes; the message carries the last state seen.
pub async fn wait_for<T, F>(what: &str, deadline: Duration, look: F) -> anyhow::Result<T>
where
    F: AsyncFnMut() -> anyhow::Result<Seen<T>>,
{
    wait_closely(what, deadline, Duration::from_millis(40), look).await
}

/// The same with a pause of one's choice between two looks, for a state that lasts only some milliseconds.
///
/// # Errors
/// When the deadline passes; the message carries the last state seen.
pub async fn wait_closely<T, F>(
    what: &str,
    deadline: Duration,
    pause: Duration,
    mut look: F,
) -> anyhow::Result<T>
where
    F: AsyncFnMut() -> anyhow::Result<Seen<T>>,
{
    let end = clock::instant() + deadline;
    let mut last = String::from("nothing yet");
    loop {
        match tokio::time::timeout_at(end.into(), look()).await {
            Ok(Ok(Seen::Ready(value))) => return Ok(value),
            Ok(Ok(Seen::NotYet(seen))) => last = seen,
            Ok(Err(error)) => last = format!("error: {error:#}"),
            Err(_) => bail!("no {what} within {deadline:?}; the last look did not return; before it: {last}"),
        }
        if clock::instant() >= end {
            bail!("no {what} within {deadline:?}; last seen: {last}");
        }
        tokio::time::sleep(pause).await;
    }
}
