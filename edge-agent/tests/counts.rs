//! Counts by `analyze` on street footage with known truth, at the file's rate, half of it, and 5 frames a second: one
//! set of constants, and a camera file for each clip.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::footage;
use edge_agent::commands::{AnalyzeArgs, analyze};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Clip, rates, and per tripwire and direction the fewest and most that are right, at each of the rates.
type Row = (&'static str, [f64; 3], &'static [(&'static str, &'static str, [(u32, u32); 3])]);

/// Side road: 16 in the near lanes and one more at the very end, 6 in the far lane. Highway: 23. From above: 4.
const ROWS: &[Row] = &[
    (
        "side-road.mp4",
        [30.0, 12.0, 5.0],
        &[("near", "b_to_a", [(16, 17), (15, 17), (15, 17)]), ("far", "a_to_b", [(6, 6), (5, 7), (5, 7)])],
    ),
    ("highway-b.avi", [30.0, 12.5, 5.0], &[("near", "b_to_a", [(22, 24); 3])]),
    (
        "overhead-cars.mp4",
        [30.0, 6.25, 5.0],
        &[("way", "a_to_b", [(2, 2), (2, 2), (2, 2)]), ("way", "b_to_a", [(2, 2), (2, 2), (2, 2)])],
    ),
];

#[test]
fn vehicles_are_counted_as_people_count_them_at_every_frame_rate() {
    let detector =
        footage(&[".setup/lib/libonnxruntime.so"]).zip(footage(&[".setup/model/nanodet-int8.onnx"]));
    let dir = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (clip, rates, wires) in ROWS {
        let Some(video) = footage(&[&format!("../shared/data/street/{clip}")]) else { continue };
        let name = clip.split('.').next().unwrap();
        let camera = footage(&[&format!("tests/cameras/{name}.toml")]).unwrap();
        for (at, fps) in rates.iter().enumerate() {
            let Some((runtime, model)) =
                detector.clone().or((name == "overhead-cars").then(Default::default))
            else {
                continue;
            };
            let counts = count(&video, &camera, *fps, (runtime, model), &dir.path().join("out.jsonl"));
            for (wire, direction, bounds) in *wires {
                let (least, most) = bounds[at];
                let got = counts.get(&(wire.to_string(), direction.to_string())).copied().unwrap_or(0);
                eprintln!("{clip} at {fps} fps, {wire} {direction}: {got}, right is {least} to {most}");
                if !(least..=most).contains(&got) {
                    wrong.push(format!("{clip} at {fps} fps, {wire} {direction}: {got}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Crossings by tripwire and direction.
fn count(
    video: &std::path::Path,
    camera: &std::path::Path,
    fps: f64,
    (runtime, model): (PathBuf, PathBuf),
    out: &std::path::Path,
) -> BTreeMap<(String, String), u32> {
    analyze(&AnalyzeArgs {
        video: video.into(),
        camera: camera.into(),
        fps: Some(fps),
        tracks: None,
        out: Some(out.into()),
        annotated: None,
        snapshots: None,
        model,
        runtime,
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
