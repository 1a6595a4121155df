//! The credential of an edge: its id and a secret of 32 random bytes, kept as SHA-256 in `edges.secret_sha256`.
//!
//! A plain digest is enough because the secret is random and long; a person's password goes through argon2id.

use rand::Rng as _;
use sha2::{Digest as _, Sha256};

/// Makes a new device secret: 64 hex digits to hand out once.
#[must_use]
pub fn new_secret() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill(&mut bytes);
    hex::encode(bytes)
}

/// What `edges.secret_sha256` holds for a secret.
#[must_use]
pub fn secret_sha256(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
