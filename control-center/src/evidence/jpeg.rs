//! Whether bytes are the outside of a JPEG. They are stored and shown by browsers, never decoded here.

/// Why bytes are not taken for a JPEG.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JpegError {
    /// No start-of-image marker.
    #[error("the body does not begin like a JPEG")]
    Begin,
    /// No end-of-image marker: cut off on the way.
    #[error("the body does not end like a JPEG: it may have been cut off")]
    End,
}

/// Checks begin (SOI and a further marker) and end (EOI) of a picture.
///
/// # Errors
/// Says which end is wrong.
pub fn check_jpeg(bytes: &[u8]) -> Result<(), JpegError> {
    if !bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return Err(JpegError::Begin);
    }
    if bytes.len() < 6 || !bytes.ends_with(&[0xFF, 0xD9]) {
        return Err(JpegError::End);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_is_none_or_was_cut_off_is_refused() {
        assert_eq!(check_jpeg(b"\xFF\xD8\xFF\xE0..\xFF\xD9"), Ok(()));
        assert_eq!(check_jpeg(b"\xFF\xD8\xFF\xE0.."), Err(JpegError::End));
        assert_eq!(check_jpeg(b"\xFF\xD8\xFF\xD9"), Err(JpegError::End));
        assert_eq!(check_jpeg(b"<svg/>"), Err(JpegError::Begin));
        assert_eq!(check_jpeg(b""), Err(JpegError::Begin));
    }
}
