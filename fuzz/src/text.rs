//! Text that other programs or people wrote: names in addresses and headers, and lines of numbers.

use crate::dispatch::link;
use crate::{evidence, posted, wire};
use ngatu_scene::mot;

/// With it the seed's link was made.
const SECRET: [u8; 32] = [7; 32];

/// A short text as each thing that it may be: a topic, a picture's name, a link's token, a content type.
pub fn name(bytes: &[u8]) {
    wire::topic(bytes);
    evidence::name(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(dispatch) = link::open(&SECRET, text) {
        assert_eq!(link::token(&SECRET, dispatch), text);
    }
    if let Some(boundary) = posted::multipart::boundary(text) {
        assert!((1..=70).contains(&boundary.len()), "{boundary}");
    }
}

/// Detections in MOTChallenge form.
pub fn mot(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(detections) = mot::parse(text, 0.3) else { return };
    for detection in detections.of(detections.last_frame()) {
        assert!(detection.bbox.is_usable() && (0.0..=1.0).contains(&detection.score), "{detection:?}");
    }
}
