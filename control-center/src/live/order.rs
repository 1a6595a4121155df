//! Which of the frames that are handed over may go out: those that continue what went out, and no others.

use super::Frame;

/// What is wrong with a batch: between what went out and it something is missing, which the log has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap;

/// The part of a batch that is new after `last`. All of it stands in the log, and the log's numbers are dense: so what
/// begins with the next number and has no hole is what the log would give.
pub(super) fn continues(last: i64, mut frames: Vec<Frame>) -> Result<Vec<Frame>, Gap> {
    frames.retain(|frame| frame.seq > last);
    let is_next = frames.iter().zip(last + 1..).all(|(frame, expected)| frame.seq == expected);
    if is_next { Ok(frames) } else { Err(Gap) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seqs(last: i64, handed: &[i64]) -> Result<Vec<i64>, Gap> {
        let frames = handed.iter().map(|seq| Frame::new(*seq, "repeated", "{}")).collect();
        continues(last, frames).map(|frames| frames.iter().map(|frame| frame.seq).collect())
    }

    #[test]
    fn only_what_continues_the_log_goes_out() {
        assert_eq!(seqs(4, &[5, 6]), Ok(vec![5, 6]));
        assert_eq!(seqs(5, &[4, 5, 6]), Ok(vec![6]), "what went out already does not go again");
        assert_eq!(seqs(9, &[5, 6]), Ok(vec![]));
        assert_eq!(seqs(3, &[5, 6]), Err(Gap), "another center's change is missing");
        assert_eq!(seqs(4, &[5, 7]), Err(Gap));
        assert_eq!(seqs(4, &[6, 5]), Err(Gap));
        assert_eq!(seqs(4, &[5, 5]), Err(Gap));
    }
}
