//! Signing in, and the lock: 5 failures within 30 s close a name for 5 minutes.
//!
//! Failures are rows in the database, so a restart does not open the lock. Unknown names fail, wait and lock like
//! known ones: the answers tell nobody which names exist. Attempts for one name go one after the other, so guesses
//! sent all at once cannot slip in before the first failure is counted.

use super::audit::{self, Act};
use super::passwords::{self, HashError};
use super::sessions;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, Semaphore};
use uuid::Uuid;

const FAILURES: usize = 5;
const WITHIN: TimeDelta = TimeDelta::seconds(30);
const LOCKED_FOR: TimeDelta = TimeDelta::minutes(5);
const GATES: usize = 64;
/// Attempts that are under way or wait.
const PLACES: usize = 64;
const WAIT_AT_GATE: Duration = Duration::from_secs(8);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown name, wrong password, or a disabled user: which of these is not told.
    #[error("the name or the password is wrong")]
    Wrong,
    /// The name is locked until that time.
    #[error("too many failures: locked until {0}")]
    Locked(DateTime<Utc>),
    /// Too many attempts wait already.
    #[error("too many sign-ins at once")]
    Busy,
    /// A stored hash could not be read.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database refused.
    #[error("sign in: {0}")]
    Database(#[from] sqlx::Error),
}

/// The gates at which attempts for the same name line up.
#[derive(Debug)]
pub struct Gates {
    gates: [Mutex<()>; GATES],
    /// Bounds the line over all names, so that a flood is refused at once instead of keeping everybody waiting.
    places: Semaphore,
}

impl Default for Gates {
    fn default() -> Self {
        Gates { gates: std::array::from_fn(|_| Mutex::new(())), places: Semaphore::new(PLACES) }
    }
}

impl Gates {
    async fn enter(&self, name: &str) -> Result<MutexGuard<'_, ()>, SignInError> {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let gate = usize::try_from(hasher.finish() % GATES as u64).expect("the remainder is below 64");
        tokio::time::timeout(WAIT_AT_GATE, self.gates[gate].lock()).await.map_err(|_| SignInError::Busy)
    }
}

/// What a person typed.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
}

/// Checks name and password, under the lock; answers who it is.
///
/// # Errors
/// [`SignInError`] says why not.
pub async fn check(
    pool: &PgPool,
    gates: &Gates,
    attempt: Attempt<'_>,
    now: DateTime<Utc>,
) -> Result<Uuid, SignInError> {
    let _place = gates.places.try_acquire().map_err(|_| SignInError::Busy)?;
    let _gate = gates.enter(attempt.name).await?;
    let since = now - LOCKED_FOR - WITHIN;
    let failures: Vec<DateTime<Utc>> =
        sqlx::query_scalar("select at from sign_in_failures where name = $1 and at > $2 order by at")
            .bind(attempt.name)
            .bind(since)
            .fetch_all(pool)
            .await?;
    if let Some(until) = locked_until(&failures).filter(|until| *until > now) {
        return Err(SignInError::Locked(until));
    }
    let user: Option<(Uuid, Option<String>)> =
        sqlx::query_as("select id, password from users where name = $1 and kind = 'person' and not disabled")
            .bind(attempt.name)
            .fetch_optional(pool)
            .await?;
    let (id, stored) = user.unzip();
    // Nobody of that name, or one who has no password here: the same work, and no.
    let right = passwords::verify(attempt.password.to_owned(), stored.flatten()).await?;
    let Some(id) = id.filter(|_| right) else {
        fail(pool, attempt.name, failures, now).await?;
        return Err(SignInError::Wrong);
    };
    sqlx::query("delete from sign_in_failures where name = $1").bind(attempt.name).execute(pool).await?;
    Ok(id)
}

/// Checks name and password and begins a session: the cookie's token.
///
/// # Errors
/// [`SignInError`] says why not.
pub async fn sign_in(
    pool: &PgPool,
    gates: &Gates,
    (attempt, limits): (Attempt<'_>, sessions::Limits),
    now: DateTime<Utc>,
) -> Result<String, SignInError> {
    let id = check(pool, gates, attempt, now).await?;
    let mut transaction = pool.begin().await?;
    let token = sessions::begin(&mut transaction, id, limits, now).await?;
    let act = Act {
        actor: Some(id),
        action: "session.begin",
        subject: attempt.name,
        detail: serde_json::json!({}),
    };
    audit::record_in(&mut transaction, act, now).await?;
    transaction.commit().await?;
    Ok(token)
}

/// Counts a failure; the one that closes the lock is an audit row.
async fn fail(
    pool: &PgPool,
    name: &str,
    mut failures: Vec<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into sign_in_failures (name, at) values ($1, $2)")
        .bind(name)
        .bind(now)
        .execute(pool)
        .await?;
    sqlx::query("delete from sign_in_failures where at < $1")
        .bind(now - LOCKED_FOR - WITHIN)
        .execute(pool)
        .await?;
    failures.push(now);
    if let Some(until) = locked_until(&failures).filter(|until| *until > now) {
        let detail = serde_json::json!({ "until": until });
        audit::record(pool, Act { actor: None, action: "session.lock", subject: name, detail }, now).await?;
    }
    Ok(())
}

/// Until when failures at these times, oldest first, keep a name locked.
fn locked_until(failures: &[DateTime<Utc>]) -> Option<DateTime<Utc>> {
    failures
        .windows(FAILURES)
        .filter(|run| run[FAILURES - 1] - run[0] <= WITHIN)
        .map(|run| run[FAILURES - 1] + LOCKED_FOR)
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_thirty_seconds_lock_for_five_minutes_and_slower_ones_never() {
        let at = |s| DateTime::from_timestamp(s, 0).unwrap();
        let table: &[(&[i64], Option<i64>)] = &[
            (&[], None),
            (&[0, 1, 2, 3], None),
            (&[0, 1, 2, 3, 4], Some(304)),
            (&[0, 10, 20, 29, 30], Some(330)),
            (&[0, 10, 20, 29, 31], None),
            (&[0, 10, 20, 30, 40, 50, 60], None),
            (&[0, 1, 2, 3, 4, 200], Some(304)),
            (&[0, 1, 2, 3, 4, 305, 306, 307, 308, 309], Some(609)),
        ];
        for (failures, until) in table {
            let failures: Vec<_> = failures.iter().map(|s| at(*s)).collect();
            assert_eq!(locked_until(&failures), until.map(at), "{failures:?}");
        }
    }
}
