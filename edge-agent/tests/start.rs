//! When a video was taken: rules with hours are judged by it, and events happen at it.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use chrono::{DateTime, Utc};
use common::{make_clip, test_clip};
use edge_agent::commands::{AnalyzeArgs, analyze};
use std::path::Path;

/// A camera that must be covered between two hours of local time, which is Vietnam's.
fn camera(hours: &str) -> String {
    format!(
        "id = \"north\"\nname = \"north\"\ndetector = \"motion\"\nwindow_s = 10\n[[rule]]\nkind = \"camera_tampered\"\n\
         after_s = 1\n{hours}"
    )
}

const NIGHT: &str = "[[rule.schedule]]\nfrom = \"22:00\"\nto = \"06:00\"\n";

/// Analyses a clip; the text of `--out`.
fn told(dir: &Path, clip: &str, camera: &str, start: Option<&str>) -> anyhow::Result<String> {
    std::fs::write(dir.join("camera.toml"), camera).unwrap();
    analyze(&AnalyzeArgs {
        video: dir.join(clip),
        camera: dir.join("camera.toml"),
        start: start.map(|start| start.parse::<DateTime<Utc>>().unwrap()),
        out: Some(dir.join("out.jsonl")),
        ..AnalyzeArgs::default()
    })?;
    Ok(std::fs::read_to_string(dir.join("out.jsonl")).unwrap())
}

#[test]
fn hours_are_judged_by_the_time_at_which_the_video_was_taken() {
    let dir = tempfile::tempdir().unwrap();
    test_clip(&dir.path().join("black.ts"), (320, 240), 100, "black");
    let started = |start| told(dir.path(), "black.ts", &camera(NIGHT), Some(start)).unwrap();
    let (day, night) = (started("2026-11-22T12:00:00+07:00"), started("2026-11-22T23:00:00+07:00"));
    assert!(!day.contains("camera_tampered"), "{day}");
    assert!(night.contains("camera_tampered") && night.contains("2026-11-22T16:00:0"), "{night}");
}

#[test]
fn a_video_that_does_not_say_when_it_was_taken_is_refused_for_rules_with_hours_only() {
    let dir = tempfile::tempdir().unwrap();
    test_clip(&dir.path().join("black.ts"), (320, 240), 100, "black");
    let refused = told(dir.path(), "black.ts", &camera(NIGHT), None).unwrap_err().to_string();
    for wanted in
        ["camera.toml: camera[north].rule[0].schedule: ", "black.ts does not say when", "--start 2026-"]
    {
        assert!(refused.contains(wanted), "{refused}");
    }
    assert!(told(dir.path(), "black.ts", &camera(""), None).unwrap().contains("camera_tampered"));
}

#[test]
fn what_the_file_says_of_its_own_time_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("black.mkv");
    // A file that is written now says that it was taken now.
    let before = edge_agent::clock::now();
    make_clip(
        "videotestsrc num-buffers=100 pattern=black ! video/x-raw,width=320,height=240,framerate=25/1 \
         ! x264enc speed-preset=ultrafast ! h264parse ! matroskamux ! filesink location={}",
        &clip,
    );
    let told = told(dir.path(), "black.mkv", &camera(""), None).unwrap();
    let first: serde_json::Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let at: DateTime<Utc> = first["time"].as_str().unwrap().parse().unwrap();
    let off_s = (at - before).num_seconds();
    assert!((0..60).contains(&off_s), "{off_s} s after the file was made: {first}");
}
