//! What comes with a picture: its name in the address, and the bytes that say they are a JPEG. No name leads out of the
//! folder for evidence, and a citizen's picture that was cleaned is a clean picture.
//!
//! The files are compiled in here by themselves: the crate that they belong to is too large to be built with counters.

use std::path::{Component, Path};

#[path = "../../control-center/src/evidence/digest.rs"]
mod digest;
#[path = "../../control-center/src/evidence/jpeg.rs"]
mod jpeg;
#[path = "../../control-center/src/incidents/picture.rs"]
mod picture;

/// The name of a picture.
pub fn name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(digest) = text.parse::<digest::Digest>() else { return };
    assert_eq!(digest.to_string(), text);
    let path = digest.path_in(Path::new("evidence"));
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    assert!(plain && path.components().count() == 3, "{}", path.display());
}

/// The body of an upload, from an edge or from a citizen.
pub fn check_picture(bytes: &[u8]) {
    if let Ok(clean) = picture::without_metadata(bytes) {
        assert_eq!(jpeg::check_jpeg(&clean), Ok(()));
        assert_eq!(picture::without_metadata(&clean).as_ref(), Ok(&clean), "clean is clean");
    }
    if jpeg::check_jpeg(bytes).is_ok() {
        assert!(digest::Digest::of(bytes).to_string().parse::<digest::Digest>().is_ok());
    }
}
