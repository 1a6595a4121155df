//! What the doorbell says: which number the log has reached, and whose changes they are.

use std::fmt;
use uuid::Uuid;

/// One ring. Whatever it says, it is never more than a hint to look at the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bell {
    /// The center whose ingest hands the changes over itself.
    pub(super) from: Option<Uuid>,
    /// The newest number.
    pub(super) seq: Option<i64>,
}

impl fmt::Display for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.seq) {
            (Some(from), Some(seq)) => write!(f, "{seq} {from}"),
            (None, Some(seq)) => write!(f, "{seq}"),
            (_, None) => Ok(()),
        }
    }
}

impl Bell {
    /// Reads a ring; what it does not understand it does not say.
    pub(super) fn read(text: &str) -> Bell {
        let mut words = text.split(' ');
        let seq = words.next().and_then(|word| word.parse().ok());
        let from = words.next().and_then(|word| word.parse().ok());
        Bell { from, seq }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_reads_back_and_a_foreign_one_says_nothing() {
        for bell in [Bell { from: Some(Uuid::nil()), seq: Some(7) }, Bell { from: None, seq: Some(7) }] {
            assert_eq!(Bell::read(&bell.to_string()), bell);
        }
        for foreign in ["", "x", "1e9", " 7"] {
            assert_eq!(Bell::read(foreign), Bell::default(), "{foreign}");
        }
    }
}
