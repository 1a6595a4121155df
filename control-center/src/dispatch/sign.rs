//! Standard Webhooks: how a message is signed, and how a receiver proves that it came from here.
//!
//! Source: the Standard Webhooks specification, sections "Signature scheme" and "Webhook headers". What is signed is
//! `id.timestamp.body`, byte for byte as it is sent. Several keys give several signatures, separated by a space, so that a
//! key can be replaced without a gap.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Prefix of a shared secret.
pub const SHARED_PREFIX: &str = "whsec_";
/// Prefix of a private key.
pub const PRIVATE_PREFIX: &str = "whsk_";
/// Prefix of a public key.
pub const PUBLIC_PREFIX: &str = "whpk_";
/// A message whose timestamp is further than this from the receiver's clock is not taken (the specification's tolerance).
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// Bytes of a shared secret: 192 to 512 bits.
const SHARED_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither of the two kinds.
    #[error(
        "a webhook key begins with {SHARED_PREFIX} (shared secret) or {PRIVATE_PREFIX} (ed25519 private key)"
    )]
    Prefix,
    /// Not base64.
    #[error("what follows the prefix of a webhook key is base64")]
    Base64,
    /// Too short or too long.
    #[error("a shared secret has 24 to 64 bytes, an ed25519 private key 32 or 64; this one has {0}")]
    Length(usize),
    /// The two halves of a 64-byte private key do not belong together.
    #[error("the public half of the private key is not its own")]
    Halves,
}

/// A key that signs.
#[derive(Clone)]
pub enum Key {
    /// HMAC-SHA256 with a secret that the receiver has, too: `v1`.
    Shared(Vec<u8>),
    /// ed25519: `v1a`. The receiver has only the public key.
    Private(Box<SigningKey>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Key::Shared(_) => "Key::Shared(..)",
            Key::Private(_) => "Key::Private(..)",
        })
    }
}

impl Key {
    /// Reads a key as people write it: `whsec_…` or `whsk_…`.
    ///
    /// # Errors
    /// [`KeyError`]; the key itself is in none of them.
    pub fn parse(text: &str) -> Result<Key, KeyError> {
        let decode = |rest: &str| STANDARD.decode(rest).map_err(|_| KeyError::Base64);
        if let Some(rest) = text.strip_prefix(SHARED_PREFIX) {
            let secret = decode(rest)?;
            return match SHARED_BYTES.contains(&secret.len()) {
                true => Ok(Key::Shared(secret)),
                false => Err(KeyError::Length(secret.len())),
            };
        }
        let bytes = decode(text.strip_prefix(PRIVATE_PREFIX).ok_or(KeyError::Prefix)?)?;
        // Seed alone, or seed and public key, as libsodium writes it.
        let key = match (<[u8; 32]>::try_from(&bytes[..]), <[u8; 64]>::try_from(&bytes[..])) {
            (Ok(seed), _) => SigningKey::from_bytes(&seed),
            (_, Ok(pair)) => SigningKey::from_keypair_bytes(&pair).map_err(|_| KeyError::Halves)?,
            _ => return Err(KeyError::Length(bytes.len())),
        };
        Ok(Key::Private(Box::new(key)))
    }

    /// A new ed25519 key out of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Key {
        Key::Private(Box::new(SigningKey::from_bytes(seed)))
    }

    /// The key as [`Key::parse`] reads it.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Key::Shared(secret) => format!("{SHARED_PREFIX}{}", STANDARD.encode(secret)),
            Key::Private(key) => format!("{PRIVATE_PREFIX}{}", STANDARD.encode(key.to_bytes())),
        }
    }

    /// What the receiver is given to check signatures: the public key, or of a shared secret nothing new.
    #[must_use]
    pub fn public(&self) -> Option<String> {
        match self {
            Key::Shared(_) => None,
            Key::Private(key) => {
                Some(format!("{PUBLIC_PREFIX}{}", STANDARD.encode(key.verifying_key().as_bytes())))
            }
        }
    }

    /// One signature: `v1,…` or `v1a,…`.
    fn sign(&self, content: &[u8]) -> String {
        match self {
            Key::Shared(secret) => {
                format!("v1,{}", STANDARD.encode(mac(secret, content).finalize().into_bytes()))
            }
            Key::Private(key) => format!("v1a,{}", STANDARD.encode(key.sign(content).to_bytes())),
        }
    }
}

fn mac(secret: &[u8], content: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(content);
    mac
}

fn content(id: &str, at: DateTime<Utc>, body: &[u8]) -> Vec<u8> {
    let mut content = format!("{id}.{}.", at.timestamp()).into_bytes();
    content.extend_from_slice(body);
    content
}

/// The value of `webhook-signature`. `id` holds no dot.
#[must_use]
pub fn signature(keys: &[Key], id: &str, at: DateTime<Utc>, body: &[u8]) -> String {
    let content = content(id, at, body);
    keys.iter().map(|key| key.sign(&content)).collect::<Vec<_>>().join(" ")
}

/// A key that checks.
#[derive(Debug, Clone)]
pub enum Check {
    /// The shared secret.
    Shared(Vec<u8>),
    /// The public key.
    Public(VerifyingKey),
}

impl Check {
    /// Reads `whsec_…` or `whpk_…`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Check, KeyError> {
        let Some(rest) = text.strip_prefix(PUBLIC_PREFIX) else {
            return match Key::parse(text)? {
                Key::Shared(secret) => Ok(Check::Shared(secret)),
                Key::Private(key) => Ok(Check::Public(key.verifying_key())),
            };
        };
        let bytes = STANDARD.decode(rest).map_err(|_| KeyError::Base64)?;
        let bytes = <[u8; 32]>::try_from(&bytes[..]).map_err(|_| KeyError::Length(bytes.len()))?;
        VerifyingKey::from_bytes(&bytes).map(Check::Public).map_err(|_| KeyError::Base64)
    }

    /// Whether one of the signatures is right and the message is of now.
    #[must_use]
    pub fn accepts(
        &self,
        (id, at): (&str, DateTime<Utc>),
        body: &[u8],
        signatures: &str,
        now: DateTime<Utc>,
    ) -> bool {
        let content = content(id, at, body);
        let is_right = |one: &str| match (self, one.split_once(',')) {
            (Check::Shared(secret), Some(("v1", text))) => STANDARD
                .decode(text)
                .is_ok_and(|claimed| mac(secret, &content).verify_slice(&claimed).is_ok()),
            (Check::Public(key), Some(("v1a", text))) => STANDARD
                .decode(text)
                .ok()
                .and_then(|bytes| Signature::from_slice(&bytes).ok())
                .is_some_and(|signature| key.verify_strict(&content, &signature).is_ok()),
            _ => false,
        };
        (now - at).abs() <= TOLERANCE && signatures.split(' ').any(is_right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_614_265_330, 0).unwrap()
    }

    #[test]
    fn the_published_vector_comes_out_byte_for_byte() {
        let key = Key::parse(SECRET).unwrap();
        assert_eq!(signature(&[key], ID, at(), BODY), SIGNED);
        assert!(Check::parse(SECRET).unwrap().accepts((ID, at()), BODY, SIGNED, at()));
    }

    #[test]
    fn ed25519_gives_the_signature_of_rfc_8032() {
        // RFC 8032, section 7.1, test 1: the empty message. The key pair there is what a private key must become here.
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let public = hex::decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
        let key = Key::from_seed(&seed.try_into().unwrap());
        assert_eq!(key.public().unwrap(), format!("{PUBLIC_PREFIX}{}", STANDARD.encode(public)));
        let Key::Private(inner) = &key else { panic!("a private key") };
        let wanted = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd\
                      25bf5f0595bbe24655141438e7a100b";
        assert_eq!(hex::encode(inner.sign(b"").to_bytes()), wanted);
        assert_eq!(Key::parse(&key.to_text()).unwrap().public(), key.public());
    }

    #[test]
    fn the_published_vector_of_ed25519_comes_out_byte_for_byte() {
        // standard-webhooks, libraries/go/webhook_asymmetric_test.go, TestAsymmetricWebhookSign: the same id, time and body.
        let key = Key::parse("whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=").unwrap();
        let wanted =
            "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";
        assert_eq!(signature(std::slice::from_ref(&key), ID, at(), BODY), wanted);
        assert!(Check::parse(&key.public().unwrap()).unwrap().accepts((ID, at()), BODY, wanted, at()));
    }

    #[test]
    fn a_receiver_takes_any_of_two_signatures_and_nothing_changed() {
        let (old, new) = (Key::parse(SECRET).unwrap(), Key::from_seed(&[7; 32]));
        let both = signature(&[new.clone(), old], ID, at(), BODY);
        assert_eq!(both.split(' ').map(|one| &one[..3]).collect::<Vec<_>>(), ["v1a", "v1,"]);
        let (public, shared) = (Check::parse(&new.public().unwrap()).unwrap(), Check::parse(SECRET).unwrap());
        for check in [&public, &shared] {
            assert!(check.accepts((ID, at()), BODY, &both, at() + TOLERANCE));
            assert!(!check.accepts((ID, at()), b"{}", &both, at()), "another body");
            assert!(!check.accepts(("msg_other", at()), BODY, &both, at()), "another id");
            assert!(!check.accepts((ID, at() + TimeDelta::seconds(1)), BODY, &both, at()), "another time");
            assert!(!check.accepts((ID, at()), BODY, &both, at() + TimeDelta::minutes(6)), "an old message");
            assert!(!check.accepts((ID, at()), BODY, "v1, v1a,AAAA v2,x", at()), "no signature");
        }
    }

    #[test]
    fn a_wrong_key_is_refused_without_being_shown() {
        let table = [
            ("secret", KeyError::Prefix),
            ("whsec_***", KeyError::Base64),
            ("whsec_AAAA", KeyError::Length(3)),
            ("whsk_AAAA", KeyError::Length(3)),
        ];
        for (text, wanted) in table {
            assert_eq!(Key::parse(text).unwrap_err(), wanted, "{text}");
        }
        let halves = format!("{PRIVATE_PREFIX}{}", STANDARD.encode([1; 64]));
        assert_eq!(Key::parse(&halves).unwrap_err(), KeyError::Halves);
        assert!(!format!("{:?}", Key::parse(SECRET).unwrap()).contains("MfKQ"));
    }
}
