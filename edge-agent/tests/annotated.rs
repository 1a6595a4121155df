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
            out: Some(path("out.jsonl")),
            annotated: Some(path("annotated.mp4")),
            ..AnalyzeArgs::default()
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

/// How many pixels of a part of a frame, in the frame's own pixels, are like something: blue, green, red.
fn pixels_like(frame: &Frame, part: Rect, like: impl Fn([i32; 3]) -> bool) -> usize {
    let picture = frame.bgr(frame.fitted(frame.width_px(), frame.width_px())).unwrap();
    let bytes = picture.data_bytes().unwrap();
    let places =
        (part.y..part.y + part.height).flat_map(|y| (part.x..part.x + part.width).map(move |x| (x, y)));
    let colour = |(x, y): (i32, i32)| {
        let at = usize::try_from((y * picture.cols() + x) * 3).unwrap();
        [0, 1, 2].map(|k| i32::from(bytes[at + k]))
    };
    places.map(colour).filter(|colour| like(*colour)).count()
}

/// A dark square of 80 pixels that goes to the right by 12 pixels a frame before paving, after 6 s without it; I420.
fn square_before_paving(frames: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in 0..frames {
        let left = square_left(number);
        let tone = |x: i32, y: i32| {
            let inside = number >= 30 && (left..left + 80).contains(&x) && (160..240).contains(&y);
            if inside { 20 } else { 70 + u8::try_from((x / 40 * 37 + y / 40 * 61) % 50).unwrap() }
        };
        bytes.extend((0..360).flat_map(|y| (0..640).map(move |x| (x, y))).map(|(x, y)| tone(x, y)));
        bytes.resize(bytes.len() + 640 * 360 / 2, 128);
    }
    bytes
}

fn square_left(number: i32) -> i32 {
    100 + 12 * (number - 30)
}

#[test]
fn the_annotated_video_shows_box_trail_zone_and_tripwire_where_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("clip.i420"), square_before_paving(66)).unwrap();
    let raw = path("clip.i420");
    let coded = format!(
        "filesrc location={} ! rawvideoparse format=i420 width=640 height=360 framerate=5/1 \
         ! x264enc speed-preset=ultrafast key-int-max=10 ! h264parse ! mp4mux ! filesink location={{}}",
        raw.display()
    );
    make_clip(&coded, &path("clip.mp4"));
    std::fs::write(path("camera.toml"), CAMERA).unwrap();
    analyze(&AnalyzeArgs {
        video: path("clip.mp4"),
        camera: path("camera.toml"),
        out: Some(path("out.jsonl")),
        annotated: Some(path("annotated.mp4")),
        ..AnalyzeArgs::default()
    })
    .unwrap();
    let frames = frames_of(&path("annotated.mp4"));
    assert_eq!(frames.len(), 66);
    let (before, shown) = (&frames[25], &frames[56]);
    let left = square_left(56);
    let bright = |[blue, green, red]: [i32; 3]| blue.min(green).min(red) > 150;
    // The box: a bright line at each side of the square, and none in its middle or where it was seconds ago.
    let sides = [(left - 14, 150, 20, 80), (left + 74, 170, 20, 60), (left + 10, 232, 60, 16)];
    for (x, y, width, height) in sides {
        let side = Rect::new(x, y, width, height);
        let (there, none) = (pixels_like(shown, side, bright), pixels_like(before, side, bright));
        assert!(
            there >= 30 && none == 0,
            "a side of the box at {x}, {y}: {there} bright pixels, {none} before"
        );
    }
    let middle = Rect::new(left + 20, 180, 40, 40);
    assert_eq!(pixels_like(shown, middle, bright), 0, "nothing hides the road user");
    // The trail: where the lower middle of the square was in the last second.
    let trail = Rect::new(left - 40, 232, 24, 16);
    let lit = |[blue, green, red]: [i32; 3]| blue.min(green).min(red) > 130;
    let (there, none) = (pixels_like(shown, trail, lit), pixels_like(before, trail, lit));
    assert!(there >= 10 && none == 0, "the trail: {there} lit pixels, {none} before");
    // The zone's upper edge, at a tenth of the height, is orange; the tripwire in the middle is of the opposite colour.
    let orange = |[blue, _, red]: [i32; 3]| red - blue > 50;
    let edge = pixels_like(shown, Rect::new(150, 31, 300, 10), orange);
    let inside = pixels_like(shown, Rect::new(150, 60, 100, 60), orange);
    assert!(edge >= 200 && inside == 0, "the zone's edge: {edge} orange pixels, {inside} inside");
    let blue = |[blue, _, red]: [i32; 3]| blue - red > 50;
    let wire = pixels_like(shown, Rect::new(312, 250, 16, 35), blue);
    let beside = pixels_like(shown, Rect::new(230, 250, 60, 35), blue);
    assert!(wire >= 30 && beside == 0, "the tripwire: {wire} pixels, {beside} beside");
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
        annotated: Some(path("no/such/folder/annotated.mp4")),
        ..AnalyzeArgs::default()
    })
    .unwrap_err();
    assert!(format!("{error:#}").contains("annotated.mp4"), "{error:#}");
}
