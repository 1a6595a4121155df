//! Passwords: argon2id in PHC strings, hashed off the async threads, a few at a time.
//!
//! The rules are those of NIST SP 800-63B: long enough, and not one that people commonly use. Nothing is said about kinds of
//! characters, and nothing grows old. What is common, [`zxcvbn`] knows: lists of leaked passwords and of names, keyboard
//! rows, dates, repetitions, and the person's own name.
//!
//! One hash takes 19 MiB and tens of milliseconds, so the number of hashes at once is bounded: a flood of sign-ins
//! waits in line instead of taking the memory and the processor of the alert path.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use rand::Rng as _;
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const MIN_CHARS: usize = 12;
/// Most characters of a password.
pub const MAX_CHARS: usize = 256;
const HASHES_AT_ONCE: usize = 2;

static PERMITS: Semaphore = Semaphore::const_new(HASHES_AT_ONCE);

/// A password that could not be hashed, or a stored hash that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("hash a password: {0}")]
pub struct HashError(String);

/// Fewest guesses that a good guesser needs, as a power of ten: what withstands even a thief of the hashes for a while.
/// zxcvbn calls that score 3, "safely unguessable".
const MIN_GUESSES_LOG10: f64 = 8.0;
/// The estimate takes more than linear time; the first characters say enough.
const ESTIMATED_CHARS: usize = 64;
/// Words that are the first to be tried here.
const LOCAL_WORDS: [&str; 8] =
    ["ngatu", "ngã tư", "camera", "giaothong", "congan", "matkhau", "mật khẩu", "vietnam"];

/// Why a password cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("a password needs {MIN_CHARS} to {MAX_CHARS} characters")]
    Length,
    /// Common, or made of what is easy to guess.
    #[error("this password is easy to guess: take some words that do not belong together")]
    Common,
    /// It could not be looked at.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Whether a person may take that password; `own` are words about them.
///
/// # Errors
/// [`PasswordError`] says why not.
pub async fn check(password: &str, own: &[&str]) -> Result<(), PasswordError> {
    if !(MIN_CHARS..=MAX_CHARS).contains(&password.chars().count()) {
        return Err(PasswordError::Length);
    }
    let begin: String = password.chars().take(ESTIMATED_CHARS).collect();
    let own: Vec<String> = own.iter().copied().chain(LOCAL_WORDS).map(str::to_lowercase).collect();
    let is_common = off_thread(move || {
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        zxcvbn::zxcvbn(&begin, &own).guesses_log10() < MIN_GUESSES_LOG10
    });
    if is_common.await? { Err(PasswordError::Common) } else { Ok(()) }
}

/// Hashes a password for storing.
///
/// # Errors
/// When argon2 refuses, which would be a fault of its parameters.
pub async fn hash(password: String) -> Result<String, HashError> {
    off_thread(move || hash_here(&password)).await?
}

/// Whether the password is the one behind `stored`; with none stored, does the same work and answers no.
///
/// # Errors
/// When the stored string is not a hash.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool, HashError> {
    off_thread(move || verify_here(&password, stored.as_deref())).await?
}

/// One hash, whoever it is. The dummy is made even where it is not needed, so that the first unknown name after a start
/// does not take twice as long.
fn verify_here(password: &str, stored: Option<&str>) -> Result<bool, HashError> {
    let dummy = dummy()?;
    let parsed = PasswordHash::new(stored.unwrap_or(dummy)).map_err(|e| HashError(e.to_string()))?;
    #[cfg(test)]
    tests::HASHED.with(|hashed| hashed.set(hashed.get() + 1));
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && stored.is_some())
}

/// A random password for a new user: 22 characters, 108 bits, without look-alikes.
#[must_use]
pub fn random() -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut rng = rand::rng();
    (0..22).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

fn hash_here(password: &str) -> Result<String, HashError> {
    #[cfg(test)]
    tests::HASHED.with(|hashed| hashed.set(hashed.get() + 1));
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|e| HashError(e.to_string()))?;
    Ok(hash.to_string())
}

/// A hash of nobody's password, so that an unknown name takes as long as a known one.
fn dummy() -> Result<&'static str, HashError> {
    static DUMMY: OnceLock<String> = OnceLock::new();
    if let Some(dummy) = DUMMY.get() {
        return Ok(dummy);
    }
    let made = hash_here(&random())?;
    Ok(DUMMY.get_or_init(|| made))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
    let permit = PERMITS.acquire().await.map_err(|e| HashError(e.to_string()))?;
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
    .map_err(|e| HashError(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        /// Hashes that this thread has computed.
        pub(super) static HASHED: Cell<u32> = const { Cell::new(0) };
    }

    #[test]
    fn an_unknown_name_costs_exactly_the_hash_that_a_known_one_costs() {
        let stored = hash_here("mật khẩu của tôi").unwrap();
        let mut costs = Vec::new();
        for (password, stored) in [
            ("sai", None),
            ("sai", Some(stored.as_str())),
            ("mật khẩu của tôi", Some(stored.as_str())),
            ("", None),
        ] {
            let before = HASHED.get();
            // Another test may have made the dummy or not: the first call of a process makes it, for whom ever.
            dummy().unwrap();
            let made = HASHED.get() - before;
            verify_here(password, stored).unwrap();
            costs.push(HASHED.get() - before - made);
        }
        assert_eq!(costs, [1, 1, 1, 1]);
        let cost = |hash: &str| hash.rsplitn(3, '$').nth(2).unwrap().to_owned();
        assert_eq!(cost(dummy().unwrap()), cost(&stored), "with the same memory, rounds and lanes");
    }

    #[tokio::test]
    async fn a_password_is_recognised_and_any_other_or_an_unknown_name_is_not() {
        let stored = hash("mật khẩu của tôi".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$"), "{stored}");
        assert!(verify("mật khẩu của tôi".into(), Some(stored.clone())).await.unwrap());
        assert!(!verify("mật khẩu của ai".into(), Some(stored)).await.unwrap());
        assert!(!verify("mật khẩu của tôi".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_common_or_short_password_is_refused_and_a_phrase_is_taken() {
        let common = [
            "123456789012",
            "password1234",
            "qwertyuiop12",
            "aaaaaaaaaaaaaaaa",
            "iloveyou1234",
            "matkhau12345",
            "nguyen van lan",
            "Nguyễn Văn Lan",
            "vietnam2026!",
            "abcdefghijkl",
            "P@ssw0rd1234",
        ];
        for password in common {
            let refused = check(password, &["lan", "Nguyen Van Lan", "Nguyễn Văn Lan"]).await;
            assert!(matches!(refused, Err(PasswordError::Common)), "{password}: {refused:?}");
        }
        for password in ["ngắn", "mười một ký", &"x".repeat(257)] {
            assert!(matches!(check(password, &[]).await, Err(PasswordError::Length)), "{password}");
        }
        for password in
            ["mật khẩu đủ dài", "ngựa ăn phở lúc nửa đêm", &random(), "correct horse battery staple"]
        {
            assert!(check(password, &["lan"]).await.is_ok(), "{password}");
        }
    }

    #[test]
    fn a_random_password_is_long_and_typable() {
        let password = random();
        assert!(
            password.len() >= 20 && password.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        );
        assert_ne!(password, random());
    }
}
