//! Text that other programs or people wrote: names in addresses and headers, and lines of numbers.

use crate::{evidence, posted, wire};
use ngatu_scene::mot;

#[allow(dead_code, reason = "its dashes are for who makes codes")]
#[path = "../../control-center/src/access/claim_code.rs"]
mod claim_code;
#[path = "../../control-center/src/dispatch/link.rs"]
mod link;

/// With it the seed's link was made.
const SECRET: [u8; 32] = [7; 32];

/// A short text as each thing that it may be: a topic, a picture's name, a claim code, a link's token, a content type.
pub fn name(bytes: &[u8]) {
    wire::topic(bytes);
    evidence::name(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(key) = claim_code::digest(text) {
        assert_eq!(claim_code::digest(&text.to_ascii_lowercase()), Some(key));
    }
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
