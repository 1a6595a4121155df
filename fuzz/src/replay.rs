//! What the center does with tracks that it has stored: it plays them again under a camera's rules.

use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::track::TrackData;
use ngatu_scene::trace::replay;
use ngatu_scene::{Scene, Trajectory};
use std::sync::LazyLock;

/// Moments a second, as the center plays them.
const FPS: f64 = 2.0;
/// Moments that are played at most, so that a long way is no slow input
const STEPS: usize = 32;

/// A camera with rules of most kinds.
static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let camera: CameraConfig = toml::from_str(include_str!("replay.toml")).expect("the camera is one");
    Scene::new(&camera).expect("its rules can be used")
});

/// Plays tracks that were accepted.
pub fn play(tracks: &[TrackData]) {
    let ways: Vec<_> =
        tracks.iter().map(|data| Trajectory::of(data).expect("an accepted track is a way")).collect();
    let Some(from) = ways.iter().map(Trajectory::from).min() else { return };
    let mut scene = SCENE.clone();
    let mut now = from;
    for step in replay(&ways, FPS).take(STEPS) {
        assert!(step.now >= now, "time goes on");
        now = step.now;
        assert!(step.tracks.len() <= ways.len(), "nobody is there who was not");
        let told = scene.step_tracks(step.now, step.frame, &step.tracks);
        for event in &told.events {
            let confidence = event.confidence;
            assert!(event.time >= from && event.time <= now.plus_s(1.0), "{event:?}");
            assert!(confidence.is_finite(), "{confidence}");
        }
    }
    let ended = scene.finish(now);
    assert!(ended.events.iter().all(|event| event.confidence.is_finite()));
}
