//! Streams as cameras give them: broken, ended, black, of another size. Each ends in a clear error, none in a crash.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::{Recording, file_url, make_clip, test_clip};
use edge_agent::config::{DetectorSettings, SourceSettings};
use edge_agent::fleet::Fleet;
use edge_agent::source::{Frame, Masks, Next, Pacing, SourceSpec, Stream};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{EventKind, Fact, Measure, Phase};
use opencv::core::{Size, Vec3b};
use opencv::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

/// All frames of a file, and how it ended.
fn read_all(file: &Path, fps: Option<f64>, masks: Masks) -> (Vec<Frame>, Result<(), String>) {
    let spec = SourceSpec { url: file_url(file), pacing: Pacing::Exhaustive, fps, masks };
    let stream = Stream::open(&spec).unwrap();
    let mut frames = Vec::new();
    loop {
        match stream.next(LONG) {
            Next::Frame(frame) => frames.push(*frame),
            Next::Ended => return (frames, Ok(())),
            Next::Failed(error) => return (frames, Err(error.to_string())),
            Next::Nothing => panic!("nothing after {} frames", frames.len()),
        }
    }
}

#[test]
fn a_video_is_read_to_its_end_and_the_rate_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clip.ts");
    test_clip(&file, (320, 240), 50, "ball");
    let (frames, end) = read_all(&file, None, Masks::default());
    assert_eq!((frames.len(), end), (50, Ok(())));
    let numbers: Vec<u64> = frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
    let (frames, _) = read_all(&file, Some(5.0), Masks::default());
    let numbers: Vec<u64> = frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, (0..50).step_by(5).collect::<Vec<_>>());
}

#[test]
fn what_is_not_video_fails_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("text.mp4");
    std::fs::write(&text, "this is no video, whatever its name says\n".repeat(100)).unwrap();
    let sound = dir.path().join("sound.wav");
    make_clip("audiotestsrc num-buffers=20 ! wavenc ! filesink location={}", &sound);
    let empty = dir.path().join("empty.mp4");
    std::fs::write(&empty, "").unwrap();
    for file in [text, sound, empty, dir.path().join("missing.mp4")] {
        let (frames, end) = read_all(&file, None, Masks::default());
        let reason = end.expect_err(&format!("{} is no video", file.display()));
        eprintln!("{}: {reason}", file.display());
        assert!(frames.is_empty() && reason.len() > 20, "{}: {reason}", file.display());
    }
}

#[test]
fn a_stream_that_stops_in_the_middle_gives_what_it_had() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clip.ts");
    test_clip(&file, (320, 240), 50, "ball");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let (frames, _) = read_all(&file, None, Masks::default());
    assert!((10..50).contains(&frames.len()), "{} frames of half a clip", frames.len());
}

#[test]
fn a_stream_that_changes_its_size_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (small, large) = (dir.path().join("small.ts"), dir.path().join("large.ts"));
    test_clip(&small, (320, 240), 30, "ball");
    test_clip(&large, (640, 360), 30, "ball");
    let both = dir.path().join("both.ts");
    std::fs::write(&both, [std::fs::read(&small).unwrap(), std::fs::read(&large).unwrap()].concat()).unwrap();
    let (frames, end) = read_all(&both, None, Masks::default());
    let of = |width_px| frames.iter().filter(|frame| frame.width_px() == width_px).count();
    assert!(of(320) >= 25 && of(640) >= 25, "{} small and {} large frames, then {end:?}", of(320), of(640));
    for frame in frames {
        frame.bgr(frame.fitted(416, 416)).unwrap();
        frame.luma(frame.fitted(320, 320)).unwrap();
    }
}

#[test]
fn masked_parts_are_black_in_every_picture_and_the_rest_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clip.ts");
    test_clip(&file, (320, 240), 3, "white");
    let masks = Masks::new(&[vec![[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]]);
    let (frames, _) = read_all(&file, None, masks);
    for size in [Size::new(320, 240), Size::new(160, 120), Size::new(64, 48)] {
        let (bgr, luma) = (frames[0].bgr(size).unwrap(), frames[0].luma(size).unwrap());
        for y in 0..size.height {
            for x in 0..=size.width / 2 {
                assert_eq!(*bgr.at_2d::<Vec3b>(y, x).unwrap(), Vec3b::default(), "{size:?} {x},{y}");
                assert_eq!(*luma.at_2d::<u8>(y, x).unwrap(), 0, "{size:?} {x},{y}");
            }
            assert!(luma.at_2d::<u8>(y, size.width / 2 + 3).unwrap() > &200);
        }
    }
}

fn camera(id: &str, file: &Path, more: &str) -> CameraConfig {
    let url = file_url(file);
    let text = format!(
        "id = \"{id}\"\nname = \"{id}\"\nurl = \"{url}\"\ndetector = \"motion\"\nanalysis_fps = 25\n{more}"
    );
    toml::from_str(&text).unwrap()
}

/// Longer than a busy machine lets a good camera wait for its turn.
const LOST_AFTER: Duration = Duration::from_secs(8);

fn fleet(recording: &Arc<Recording>) -> Fleet {
    let source = SourceSettings { stall_after: Duration::from_secs(60), lost_after: LOST_AFTER };
    let detector =
        DetectorSettings { picture_every: Duration::from_millis(200), ..DetectorSettings::default() };
    Fleet::new(detector, source, recording.clone())
}

#[test]
fn a_broken_source_is_lost_and_comes_back_and_its_neighbour_does_not_notice() {
    let dir = tempfile::tempdir().unwrap();
    let (good, broken) = (dir.path().join("good.ts"), dir.path().join("broken.ts"));
    test_clip(&good, (320, 240), 50, "ball");
    let recording = Arc::new(Recording::default());
    let mut fleet = fleet(&recording);
    fleet
        .apply(7, &[camera("good", &good, "loop = true"), camera("broken", &broken, "loop = true")])
        .unwrap();

    let of = |event: &ngatu_protocol::EventData, phase| {
        event.kind == EventKind::CameraLost && event.phase == phase && event.rule.as_str() == "camera"
    };
    let seen = recording.wait_for("the loss", |events| events.iter().any(|e| of(e, Phase::Start)));
    assert_eq!(seen[0].config, 7);
    let unseen = Fact::against(Measure::Unseen, LOST_AFTER.as_secs_f64(), LOST_AFTER.as_secs_f64());
    assert_eq!(seen[0].why.as_ref().map(|why| why.facts[0]), Some(unseen));
    let health = fleet.health(Duration::from_secs(1));
    let broken_health = &health.iter().find(|(id, _)| id.as_str() == "broken").unwrap().1;
    assert!(!broken_health.online && broken_health.error.is_some(), "{broken_health:?}");

    std::fs::copy(&good, &broken).unwrap();
    recording.wait_for("the return", |events| events.iter().any(|e| of(e, Phase::End)));
    let health = fleet.health(Duration::from_secs(1));
    for (id, health) in &health {
        assert!(health.online && health.error.is_none(), "{id}: {health:?}");
        assert_eq!((health.width_px, health.height_px), (320, 240));
        assert_eq!(health.restarts > 0, id.as_str() == "broken", "{id}: {health:?}");
    }
    let is_loss = |message: &ngatu_protocol::Message| match &message.body {
        ngatu_protocol::Body::Event(event) => event.kind == EventKind::CameraLost,
        _ => false,
    };
    let losses: Vec<_> = recording.messages().into_iter().filter(is_loss).collect();
    assert!(losses.iter().all(|message| message.camera.as_ref().unwrap().as_str() == "broken"));
    assert!(recording.pictures() > 0);
    fleet.stop();
}

#[test]
fn a_black_picture_is_told_and_the_source_is_not_restarted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("black.ts");
    test_clip(&file, (320, 240), 50, "black");
    let recording = Arc::new(Recording::default());
    let mut fleet = fleet(&recording);
    fleet.apply(1, &[camera("dark", &file, "loop = true")]).unwrap();
    let seen = recording.wait_for("the loss", |events| !events.is_empty());
    assert!(
        seen[0].why.as_ref().unwrap().note.as_ref().unwrap().contains("the picture is blank"),
        "{:?}",
        seen[0].why
    );
    let health = fleet.health(Duration::from_secs(1));
    let health = health.values().next().unwrap();
    assert!(!health.online && health.fps_in > 0.0 && health.restarts == 0, "{health:?}");
    fleet.stop();
}

#[test]
fn a_changed_camera_is_restarted_and_an_unchanged_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clip.ts");
    test_clip(&file, (320, 240), 50, "ball");
    let recording = Arc::new(Recording::default());
    let mut fleet = fleet(&recording);
    let zone = "loop = true\n[[zone]]\nid = \"all\"\npoints = [[0,0],[1,0],[1,1],[0,1]]\n[[rule]]\nkind = \"intrusion\"\nzone = \"all\"";
    let stays = camera("stays", &file, zone);
    fleet.apply(1, &[stays.clone(), camera("changes", &file, "loop = true")]).unwrap();
    let of = |id: &'static str| {
        let recording = recording.clone();
        move || -> Vec<ngatu_protocol::EventData> {
            let event = |message: ngatu_protocol::Message| match message.body {
                ngatu_protocol::Body::Event(event) if message.camera.as_ref().unwrap().as_str() == id => {
                    Some(event)
                }
                _ => None,
            };
            recording.messages().into_iter().filter_map(event).collect()
        }
    };
    recording.wait_for("an intrusion by the ball", |events| {
        events
            .iter()
            .any(|e| e.kind == EventKind::Intrusion && e.phase == Phase::Start && e.snapshot.is_some())
    });
    assert!(of("changes")().is_empty());
    fleet.apply(2, &[stays, camera("changes", &file, zone)]).unwrap();
    let stays = of("stays");
    // The second start of a camera numbers its tracks from another base.
    let again = |event: &ngatu_protocol::EventData| event.track.is_some_and(|track| track >= 1 << 32);
    recording.wait_for("an intrusion at the changed camera", |events| {
        events.iter().any(|e| e.kind == EventKind::Intrusion && e.config == 2 && again(e))
    });
    fleet.stop();
    // The scene of the camera that stayed was never ended by a restart: its tracks are numbered on from the first.
    assert!(stays().iter().all(|e| e.track.is_some_and(|track| track < 1 << 32)));
    let open = |events: &[ngatu_protocol::EventData]| {
        let count = |phase| events.iter().filter(|e| e.phase == phase).count();
        (count(Phase::Start), count(Phase::End))
    };
    for events in [stays(), of("changes")()] {
        let (starts, ends) = open(&events);
        assert_eq!(starts, ends, "a stopped camera leaves nothing active");
    }
}
