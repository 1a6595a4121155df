//! The link for those without an account: it opens one dispatch, for a time, and nothing else. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

/// Bytes of the proof in a link: 128 bits.
const PROOF: usize = 16;

fn mac(secret: &[u8], dispatch: Uuid) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(b"ngatu dispatch link\0");
    mac.update(dispatch.as_bytes());
    mac
}

/// What stands in the address: the dispatch's id and a proof that this center wrote it.
#[must_use]
pub fn token(secret: &[u8], dispatch: Uuid) -> String {
    let proof = mac(secret, dispatch).finalize().into_bytes();
    let mut bytes = dispatch.as_bytes().to_vec();
    bytes.extend_from_slice(&proof[..PROOF]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The dispatch that a token opens, if this center wrote it.
#[must_use]
pub fn open(secret: &[u8], token: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 16 + PROOF)?;
    let (id, proof) = bytes.split_at(16);
    let id = Uuid::from_slice(id).ok()?;
    mac(secret, id).verify_truncated_left(proof).ok()?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_own_dispatch_and_no_changed_link_opens_anything() {
        let (id, secret) = (Uuid::now_v7(), [3; 32]);
        let token = token(&secret, id);
        assert_eq!(open(&secret, &token), Some(id));
        assert_eq!(open(&[4; 32], &token), None, "another center's");
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&secret, std::str::from_utf8(&changed).unwrap()), None, "character {at}");
        }
        for wrong in ["", "x", "%", &token[1..]] {
            assert_eq!(open(&secret, wrong), None, "{wrong}");
        }
    }
}
