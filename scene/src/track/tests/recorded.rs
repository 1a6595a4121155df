//! The recorded sequences in `../shared/data`, scored. For development and evaluation only: they are no part of the
//! project, and the test says so when they are missing.

use super::hota::{Boxes, hota};
use crate::{BoxPx, Time, Tracker, mot};
use std::fs;
use std::path::PathBuf;

struct Sequence {
    name: &'static str,
    detections: &'static str,
    fps: f64,
    frames: u32,
    /// HOTA wanted with every frame.
    wanted: f64,
}

const SEQUENCES: [Sequence; 4] = [
    Sequence { name: "pets09", detections: "nanodet.txt", fps: 7.0, frames: 795, wanted: 63.0 },
    Sequence { name: "tud-stadtmitte", detections: "nanodet.txt", fps: 25.0, frames: 179, wanted: 60.0 },
    Sequence { name: "tud-campus", detections: "nanodet.txt", fps: 25.0, frames: 71, wanted: 56.0 },
    Sequence { name: "pets09", detections: "det.txt", fps: 7.0, frames: 795, wanted: 54.0 },
];

/// Only people are in the ground truth.
fn people(text: &str) -> String {
    let is_person = |line: &&str| matches!(line.split(',').nth(1), Some("0" | "-1"));
    text.lines().filter(is_person).flat_map(|line| [line, "\n"]).collect()
}

fn truth(text: &str) -> Boxes {
    let mut boxes = Boxes::new();
    for line in text.lines() {
        let v: Vec<f32> = line.split(',').map(|v| v.parse().unwrap()).collect();
        let bbox = BoxPx { left: v[2], top: v[3], width: v[4], height: v[5] };
        if v[6] > 0.0 {
            let mut columns = line.split(',');
            let frame = columns.next().unwrap().parse().unwrap();
            boxes.entry(frame).or_default().push((columns.next().unwrap().parse().unwrap(), bbox));
        }
    }
    boxes
}

fn score(folder: &std::path::Path, sequence: &Sequence, every: usize) -> f64 {
    let read = |file: &str| fs::read_to_string(folder.join(sequence.name).join(file)).unwrap();
    let detections = mot::parse(&people(&read(sequence.detections)), 0.1).unwrap();
    let mut tracker = Tracker::new();
    let mut found = Boxes::new();
    let frames = (1..=sequence.frames).step_by(every);
    for frame in frames.clone() {
        let now = Time::from_seconds(f64::from(frame) / sequence.fps);
        let tracks = tracker.step(now, detections.of(frame));
        found.insert(frame, tracks.iter().map(|track| (track.id, track.bbox)).collect());
    }
    hota(&truth(&read("gt.txt")), &found, frames)
}

#[test]
fn recorded_people_are_followed_as_well_as_promised_also_at_half_the_frame_rate() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !folder.is_dir() {
        println!("{} is missing: the tracker is not scored on recorded sequences", folder.display());
        return;
    }
    let mut short = Vec::new();
    for sequence in &SEQUENCES {
        let (full, half) = (score(&folder, sequence, 1), score(&folder, sequence, 2));
        let line = format!(
            "{} {}: HOTA {full:.1}, with every second frame {half:.1}",
            sequence.name, sequence.detections
        );
        println!("{line}");
        let falls = sequence.detections == "nanodet.txt" && half < full - 2.0;
        if full < sequence.wanted || falls {
            short
                .push(format!("{line}; wanted {} and, with our detections, at most 2 less", sequence.wanted));
        }
    }
    assert!(short.is_empty(), "{}", short.join("\n"));
}
