//! The credential of an edge: its id and a secret of 32 random bytes, kept as SHA-256 in `edges.secret_sha256`.
//!
//! A plain digest is enough because the secret is random and long; a person's password goes through argon2id.

use ngatu_protocol::EdgeId;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use subtle::ConstantTimeEq as _;

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

/// Whether the secret is the edge's own. An unknown edge costs the same comparison.
///
/// # Errors
/// When the database refuses.
pub async fn check(pool: &PgPool, edge: &EdgeId, secret: &str) -> Result<bool, sqlx::Error> {
    let stored: Option<Option<Vec<u8>>> = sqlx::query_scalar("select secret_sha256 from edges where id = $1")
        .bind(edge.as_str())
        .fetch_optional(pool)
        .await?;
    let stored = stored.flatten();
    let known = stored.is_some();
    let expected = stored.unwrap_or_else(|| vec![0; 32]);
    let same: bool = secret_sha256(secret).ct_eq(expected.as_slice()).into();
    Ok(known && same)
}
