//! Names of edges, cameras, zones and rules, and the identity of an outbox.
//!
//! A name is used inside topics, addresses and file names, so its alphabet is small: `a-z`, `0-9` and `-`,
//! 1 to 64 characters, beginning with a letter or digit.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use uuid::Uuid;

/// Longest name, in characters.
pub const MAX_NAME_CHARS: usize = 64;

/// A name that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is not a usable name: 1 to 64 characters of a-z, 0-9 and -, beginning with a letter or digit"
)]
pub struct NameError {
    name: String,
}

fn check_name(name: &str) -> Result<(), NameError> {
    let first_fits = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let rest_fits = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if first_fits && rest_fits && name.len() <= MAX_NAME_CHARS {
        Ok(())
    } else {
        Err(NameError { name: name.chars().take(80).collect() })
    }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $type(#[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]{0,63}$"))] String);

        impl $type {
            /// Checks a name.
            ///
            /// # Errors
            /// When the name is empty, too long, or has a character outside the alphabet.
            pub fn new(name: impl Into<String>) -> Result<Self, NameError> {
                let name = name.into();
                check_name(&name)?;
                Ok(Self(name))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $type {
            type Err = NameError;
            fn from_str(name: &str) -> Result<Self, NameError> {
                Self::new(name)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

name_type!(
    /// One edge agent; also its MQTT user name and the third level of its topics.
    EdgeId
);
name_type!(
    /// One camera, unique within its edge.
    CameraId
);
name_type!(
    /// One area of the city: who may see a camera goes by its area.
    AreaId
);
name_type!(
    /// One zone or tripwire, unique within its camera.
    ZoneId
);
name_type!(
    /// One rule, unique within its camera.
    RuleId
);

/// One outbox file's life. A new disk makes a new outbox, whose numbering starts again at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OutboxId(pub Uuid);

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_inside_a_topic_and_a_path() {
        for bad in ["", "-a", "A", "a/b", "a+b", "a#", "..", "ngã-tư", &"a".repeat(65)] {
            assert!(EdgeId::new(bad).is_err(), "{bad:?} must be refused");
        }
        for good in ["a", "nga-tu-1", "0", &"a".repeat(64)] {
            assert!(EdgeId::new(good).is_ok(), "{good:?} must be taken");
        }
    }
}
