//! Counts by `analyze` on street footage with known truth, which is `tests/cameras/counts.toml`, at the file's rate, half
//! of it, and 5 frames a second: one set of constants, and a camera file for each clip.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::{own, recording, set_up};
use edge_agent::commands::{AnalyzeArgs, analyze};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What people counted.
#[derive(Deserialize)]
struct Truth {
    count: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    clip: String,
    camera: String,
    fps: f64,
    tripwire: String,
    direction: String,
    /// The fewest and the most that are right.
    right: (u32, u32),
}

#[test]
fn vehicles_are_counted_as_people_count_them_at_every_frame_rate() {
    let network = (set_up("lib/libonnxruntime.so"), set_up("model/nanodet-int8.onnx"));
    let dir = tempfile::tempdir().unwrap();
    let truth = std::fs::read_to_string(own("tests/cameras/counts.toml")).unwrap();
    let truth: Truth = toml::from_str(&truth).unwrap();
    let mut wrong = Vec::new();
    for rows in truth.count.chunk_by(|a, b| a.clip == b.clip && a.fps.total_cmp(&b.fps).is_eq()) {
        let Row { clip, camera, fps, .. } = &rows[0];
        let Some(video) = recording(&format!("street/{clip}")) else { continue };
        let file = own(&format!("tests/cameras/{camera}.toml"));
        let counts = count(&video, &file, *fps, network.clone(), &dir.path().join("out.jsonl"));
        for Row { tripwire, direction, right: (least, most), .. } in rows {
            let got = counts.get(&(tripwire.clone(), direction.clone())).copied().unwrap_or(0);
            eprintln!("{clip} at {fps} fps, {tripwire} {direction}: {got}, right is {least} to {most}");
            if !(*least..=*most).contains(&got) {
                wrong.push(format!("{clip} at {fps} fps, {tripwire} {direction}: {got}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Crossings by tripwire and direction.
fn count(
    video: &Path,
    camera: &Path,
    fps: f64,
    (runtime, model): (PathBuf, PathBuf),
    out: &Path,
) -> BTreeMap<(String, String), u32> {
    analyze(&AnalyzeArgs {
        video: video.into(),
        camera: camera.into(),
        fps: Some(fps),
        out: Some(out.into()),
        model,
        runtime,
        ..AnalyzeArgs::default()
    })
    .unwrap();
    let mut counts = BTreeMap::new();
    for line in std::fs::read_to_string(out).unwrap().lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        let data = &message["data"];
        // Those with a class are parts of the one without.
        if data["quantity"] == "count" && data["class"].is_null() {
            let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let value = data["value"].as_f64().unwrap() as u32;
            *counts.entry((text("zone"), text("direction"))).or_default() += value;
        }
    }
    counts
}
