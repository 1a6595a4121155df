//! Mosquitto's password format: `$7$iterations$salt$hash`, PBKDF2 with SHA-512, base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::Rng as _;
use sha2::Sha512;

/// Mosquitto's own default. The secrets are 32 random bytes, so stretching adds nothing; each connection pays for it.
const ITERATIONS: u32 = 101;

/// The entry that follows `user:` in the password file, with a new salt.
#[must_use]
pub fn hash(secret: &str) -> String {
    let mut salt = [0_u8; 12];
    rand::rng().fill(&mut salt);
    encode(secret, &salt)
}

fn encode(secret: &str, salt: &[u8]) -> String {
    let mut key = [0_u8; 64];
    pbkdf2::pbkdf2_hmac::<Sha512>(secret.as_bytes(), salt, ITERATIONS, &mut key);
    format!("$7${ITERATIONS}${}${}", STANDARD.encode(salt), STANDARD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_as_mosquitto_writes_it() {
        let entry = hash("secret");
        let parts: Vec<&str> = entry.split('$').collect();
        assert_eq!((parts[1], parts[2]), ("7", "101"));
        assert_eq!(STANDARD.decode(parts[4]).unwrap().len(), 64);
        assert_ne!(entry, hash("secret"), "each has its own salt");
    }
}
