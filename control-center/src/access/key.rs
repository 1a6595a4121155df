//! What a session or a machine is found by: the digest of a token that only its holder has. Pure.

use sha2::{Digest as _, Sha256};

/// The SHA-256 of the token of a session or a machine: finds it, and is of no use to who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key of a token as the cookie carries it; none when it is not 64 hex digits.
    #[must_use]
    pub fn of_token(token: &str) -> Option<SessionKey> {
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(token, &mut bytes).ok()?;
        Some(SessionKey::of_bytes(&bytes))
    }

    /// The key of a token's bytes.
    pub(super) fn of_bytes(token: &[u8; 32]) -> SessionKey {
        SessionKey(Sha256::digest(token).into())
    }

    /// The key that the database keeps.
    pub(super) fn of_stored(bytes: Vec<u8>) -> Option<SessionKey> {
        bytes.try_into().ok().map(SessionKey)
    }

    /// The bytes in the database.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
