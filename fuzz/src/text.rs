//! Text files that other programs wrote.

use ngatu_scene::mot;

/// Detections in MOTChallenge form.
pub fn mot(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(detections) = mot::parse(text, 0.3) else { return };
    for detection in detections.of(detections.last_frame()) {
        assert!(detection.bbox.is_usable() && (0.0..=1.0).contains(&detection.score), "{detection:?}");
    }
}
