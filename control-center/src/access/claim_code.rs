//! A claim code as people type it. Pure.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// 32 signs, 5 bits each, without I, L, O and U, which look like others (Crockford's alphabet).
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs of a code.
pub(super) const SIGNS: usize = 32;
/// Signs between two dashes.
pub(super) const GROUP: usize = 4;

/// A claim code, as somebody typed it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enroll {
    /// The code.
    #[schema(max_length = 200)]
    pub(crate) code: String,
    /// A certificate signing request as PEM, for the edge's own key; without it, and where certificates are not switched on, the
    /// edge gets a secret alone.
    #[schema(max_length = 8192)]
    pub(crate) csr: Option<String>,
}

/// What the database keeps of a code as somebody typed it: small letters, spaces and look-alikes are forgiven. None when it
/// cannot be one.
pub(super) fn digest(typed: &str) -> Option<[u8; 32]> {
    let signs = typed.chars().filter(|sign| !matches!(sign, '-' | ' ')).take(SIGNS + 1);
    let signs: String = signs
        .map(|sign| match sign.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            sign => sign,
        })
        .collect();
    let is_code = signs.len() == SIGNS && signs.bytes().all(|sign| ALPHABET.contains(&sign));
    is_code.then(|| Sha256::digest(signs.as_bytes()).into())
}
