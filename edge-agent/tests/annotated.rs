//! The annotated video: it plays, has a picture for each analysed frame, and shows what was found.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::{file_url, make_clip};
use edge_agent::commands::{AnalyzeArgs, analyze};
use edge_agent::source::{Frame, Masks, Next, Pacing, SourceSpec, Stream};
use opencv::core::{self, Mat, Rect, Scalar};
use opencv::prelude::*;
use std::path::Path;
use std::time::Duration;

const CAMERA: &str = r#"
id = "north"
name = "Ngã tư Phúc Khánh"
detector = "motion"
analysis_fps = 5
[[tripwire]]
id = "stop-line"
points = [[0.5, 0.2], [0.5, 0.8]]
[[zone]]
id = "yard"
points = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
[[rule]]
kind = "camera_tampered"
"#;

fn frames_of(file: &Path) -> Vec<Frame> {
    let spec =
        SourceSpec { url: file_url(file), pacing: Pacing::Exhaustive, fps: None, masks: Masks::default() };
    let stream = Stream::open(&spec).unwrap();
    let mut frames = Vec::new();
    loop {
        match stream.next(Duration::from_secs(20)) {
            Next::Frame(frame) => frames.push(*frame),
            Next::Ended => return frames,
            other => panic!("after {} frames: {:?}", frames.len(), matches!(other, Next::Nothing)),
        }
    }
}

/// Pixels of the banner's red in the lower left of a frame.
fn red_pixels(frame: &Frame) -> i32 {
    let picture = frame.bgr(frame.fitted(640, 640)).unwrap();
    let corner = Rect::new(0, picture.rows() * 3 / 4, picture.cols() / 2, picture.rows() / 4);
    let (low, high) = (Scalar::new(30.0, 30.0, 190.0, 0.0), Scalar::new(110.0, 110.0, 255.0, 0.0));
    let mut red = Mat::default();
    core::in_range(&Mat::roi(&picture, corner).unwrap(), &low, &high, &mut red).unwrap();
    core::count_non_zero(&red).unwrap()
}

#[test]
fn the_annotated_video_plays_and_shows_that_the_camera_was_covered() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    // 20 s of a street's stand-in, then 12 s of black. An odd size: rows are not whole words.
    for (width, height) in [(354, 288), (640, 360)] {
        let clip = path("clip.mp4");
        let part = |frames: u32, pattern: &str| {
            format!(
                "videotestsrc num-buffers={frames} pattern={pattern} \
                 ! video/x-raw,format=I420,width={width},height={height},framerate=5/1 ! together. "
            )
        };
        make_clip(
            &format!(
                "concat name=together ! x264enc speed-preset=ultrafast key-int-max=10 ! h264parse ! mp4mux \
                 ! filesink location={{}} {}{}",
                part(100, "smpte"),
                part(60, "black")
            ),
            &clip,
        );
        std::fs::write(path("camera.toml"), CAMERA).unwrap();
        analyze(&AnalyzeArgs {
            video: clip,
            camera: path("camera.toml"),
            fps: None,
            start: None,
            tracks: None,
            out: Some(path("out.jsonl")),
            snapshots: None,
            annotated: Some(path("annotated.mp4")),
            model: "".into(),
            runtime: "".into(),
        })
        .unwrap();
        let said = std::fs::read_to_string(path("out.jsonl")).unwrap();
        assert_eq!(said.matches("camera_tampered").count(), 2, "a start and an end: {said}");
        let frames = frames_of(&path("annotated.mp4"));
        assert_eq!(frames.len(), 160);
        assert!(frames.iter().all(|frame| (frame.width_px(), frame.height_px()) == (width, height)));
        assert!(red_pixels(&frames[50]) < 50, "no banner before: {}", red_pixels(&frames[50]));
        assert!(red_pixels(&frames[155]) > 400, "the banner of the event: {}", red_pixels(&frames[155]));
    }
}

#[test]
fn a_video_that_cannot_be_written_is_an_error_and_no_hanging() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    common::test_clip(&path("clip.ts"), (320, 240), 50, "ball");
    std::fs::write(path("camera.toml"), CAMERA).unwrap();
    let error = analyze(&AnalyzeArgs {
        video: path("clip.ts"),
        camera: path("camera.toml"),
        fps: None,
        start: None,
        tracks: None,
        out: None,
        snapshots: None,
        annotated: Some(path("no/such/folder/annotated.mp4")),
        model: "".into(),
        runtime: "".into(),
    })
    .unwrap_err();
    assert!(format!("{error:#}").contains("annotated.mp4"), "{error:#}");
}
