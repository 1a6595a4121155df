//! The name of a picture: the SHA-256 of its bytes.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// `sha256:` and 64 lower-case hex digits, checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest(String);

/// Not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a digest is sha256: and 64 lower-case hex digits")]
pub struct DigestError;

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(hex::encode(Sha256::digest(bytes)))
    }

    /// Where the picture lies under the evidence folder: spread over 256 folders, so that none grows too long.
    #[must_use]
    pub(super) fn path_in(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0[..2]).join(format!("{}.jpg", self.0))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Digest, DigestError> {
        ngatu_protocol::event::check_snapshot(text).map_err(|_| DigestError)?;
        Ok(Digest(text.trim_start_matches("sha256:").to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_nothing_but_hex_and_so_is_its_path() {
        let digest = Digest::of(b"");
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse(), Ok(digest.clone()));
        assert!(digest.path_in(Path::new("/x")).starts_with("/x/e3"));
        for bad in
            ["", "sha256:", "sha256:../../etc/passwd", &text.to_uppercase(), &text[7..], &format!("{text}0")]
        {
            assert!(bad.parse::<Digest>().is_err(), "{bad} must be refused");
        }
    }
}
