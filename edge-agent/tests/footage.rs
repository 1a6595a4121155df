//! Real footage: the network agrees with the reference, and an analysis gives the same result twice.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::{file_url, recording, set_up};
use edge_agent::commands::{AnalyzeArgs, analyze};
use edge_agent::detect::{MotionGate, Onnx, Watchfulness};
use edge_agent::source::{Masks, Next, Pacing, SourceSpec, Stream};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::geometry::iou;
use ngatu_scene::{BoxPx, mot};
use std::path::{Path, PathBuf};
use std::time::Duration;

const VTEST: &str = "footage/vtest.avi";

fn detector_files() -> (PathBuf, PathBuf) {
    (set_up("lib/libonnxruntime.so"), set_up("model/nanodet.onnx"))
}

fn open(video: &Path, fps: f64) -> Stream {
    let spec = SourceSpec {
        url: file_url(video),
        pacing: Pacing::Exhaustive,
        fps: Some(fps),
        masks: Masks::default(),
    };
    Stream::open(&spec).unwrap()
}

#[test]
fn the_network_finds_what_the_reference_found() {
    let (video, (runtime, model)) = (set_up(VTEST), detector_files());
    let Some(reference) = recording("pets09/nanodet.txt") else { return };
    let reference = mot::parse(&std::fs::read_to_string(reference).unwrap(), 0.45).unwrap();
    let mut network = Onnx::start(&runtime, &model, 1).unwrap().handle();
    let stream = open(&video, 0.5);
    let (mut wanted, mut found, mut overlap, mut extra, mut frames) = (0, 0, 0.0, 0, 0);
    while let Next::Frame(frame) = stream.next(Duration::from_secs(20)) {
        frames += 1;
        let letterbox = network.prepare(&frame).unwrap();
        let ours = network.detect(letterbox).unwrap();
        let theirs = reference.of(u32::try_from(frame.number).unwrap() + 1);
        let best = |bbox: BoxPx, class: RoadUserClass| {
            // The reference names one van a car and a lorry; here it is one of them.
            let fits =
                |own: RoadUserClass| own == class || own.is_large_vehicle() && class.is_large_vehicle();
            let same = ours.iter().filter(|ours| fits(ours.class));
            same.map(|ours| iou(ours.bbox, bbox)).fold(0.0, f32::max)
        };
        for detection in theirs {
            let overlaps = best(detection.bbox, detection.class);
            wanted += 1;
            found += usize::from(overlaps > 0.8);
            overlap += overlaps;
        }
        let strong = ours.iter().filter(|ours| ours.score >= 0.5 && ours.class == RoadUserClass::Person);
        extra += strong.filter(|ours| theirs.iter().all(|theirs| iou(ours.bbox, theirs.bbox) < 0.5)).count();
    }
    let (share, mean) = (found as f64 / wanted as f64, overlap / wanted as f32);
    eprintln!("{frames} frames: {found} of {wanted} found ({share:.3}), mean IoU {mean:.3}, {extra} extra");
    assert!(frames > 30 && wanted > 100, "{frames} frames with {wanted} boxes are too few to compare");
    assert!(share > 0.95 && mean > 0.9 && extra * 50 <= wanted, "share {share}, IoU {mean}, {extra} extra");
}

#[test]
fn the_motion_gate_passes_the_frames_with_people_and_covers_the_people() {
    let video = set_up(VTEST);
    let Some(truth) = recording("pets09/gt.txt") else { return };
    // Truth: frame,id,left,top,width,height,… with one row a person.
    let truth: Vec<(u64, BoxPx)> = std::fs::read_to_string(truth)
        .unwrap()
        .lines()
        .map(|line| {
            let n: Vec<f32> = line.split(',').map(|n| n.trim().parse().unwrap()).collect();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a frame number")]
            (n[0] as u64, BoxPx { left: n[2], top: n[3], width: n[4], height: n[5] })
        })
        .collect();
    let stream = open(&video, 5.0);
    let mut gate = MotionGate::new(Watchfulness::GATE, Masks::default()).unwrap();
    let (mut people, mut covered, mut frames, mut passed) = (0, 0, 0_u32, 0_u32);
    let (mut boxes, mut false_boxes) = (0, 0);
    while let Next::Frame(frame) = stream.next(Duration::from_secs(20)) {
        let now_s = frame.at.timestamp_millis() as f64 / 1000.0;
        let motion = gate.look(&frame, now_s).unwrap();
        frames += 1;
        passed += u32::from(motion.moving);
        if frames < 10 {
            continue;
        }
        let present: Vec<BoxPx> =
            truth.iter().filter(|(number, _)| *number == frame.number + 1).map(|(_, bbox)| *bbox).collect();
        people += present.len();
        covered += present
            .iter()
            .filter(|person| motion.blobs.iter().any(|blob| covers(blob.bbox, **person)))
            .count();
        boxes += motion.blobs.len();
        let empty = |bbox: BoxPx| present.iter().all(|person| common_area(bbox, *person) <= 0.0);
        false_boxes += motion.blobs.iter().filter(|blob| empty(blob.bbox)).count();
    }
    let (share, false_share) = (covered as f64 / people as f64, false_boxes as f64 / boxes as f64);
    eprintln!(
        "gate: {passed} of {frames} frames pass, {covered} of {people} people covered ({share:.4}), \
         {false_boxes} of {boxes} boxes hold nobody ({false_share:.3})"
    );
    assert!(passed * 100 >= frames * 99, "{passed} of {frames} frames pass");
    assert!(share >= 0.995, "{share} of the people are covered");
    assert!(false_share < 0.28, "{false_share} of the boxes hold nobody");
}

/// Whether a box of the gate covers a person: it holds the centre, or half of the area.
fn covers(bbox: BoxPx, person: BoxPx) -> bool {
    let [x, y] = person.center();
    let center =
        (bbox.left..=bbox.left + bbox.width).contains(&x) && (bbox.top..=bbox.top + bbox.height).contains(&y);
    center || common_area(bbox, person) >= 0.5 * person.area()
}

fn common_area(a: BoxPx, b: BoxPx) -> f32 {
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    x.max(0.0) * y.max(0.0)
}

#[test]
fn an_analysis_gives_the_same_result_twice() {
    let (video, (runtime, model)) = (set_up(VTEST), detector_files());
    let dir = tempfile::tempdir().unwrap();
    let camera = dir.path().join("camera.toml");
    let text = |detector: &str| {
        format!(
            "id = \"campus\"\nname = \"Campus\"\ndetector = \"{detector}\"\nwindow_s = 10\n\
             [[tripwire]]\nid = \"path\"\npoints = [[0.5, 0.0], [0.5, 1.0]]\n\
             [[zone]]\nid = \"path-zone\"\npoints = [[0.3, 0.3], [0.8, 0.3], [0.8, 0.9], [0.3, 0.9]]\n\
             [[rule]]\nkind = \"intrusion\"\nzone = \"path-zone\"\n"
        )
    };
    for (detector, fps) in [("motion", 5.0), ("onnx", 0.6)] {
        std::fs::write(&camera, text(detector)).unwrap();
        let run = |name: &str| {
            let (out, tracks) =
                (dir.path().join(format!("{name}.jsonl")), dir.path().join(format!("{name}.txt")));
            analyze(&AnalyzeArgs {
                video: video.clone(),
                camera: camera.clone(),
                fps: Some(fps),
                tracks: Some(tracks.clone()),
                out: Some(out.clone()),
                model: model.clone(),
                runtime: runtime.clone(),
                ..AnalyzeArgs::default()
            })
            .unwrap();
            (std::fs::read_to_string(out).unwrap(), std::fs::read_to_string(tracks).unwrap())
        };
        let (first, second) = (run("first"), run("second"));
        assert!(
            first.0.contains("vn.ngatu.observation.v1") && !first.1.is_empty(),
            "{detector}: {}",
            first.0
        );
        assert!(first.0.contains("vn.ngatu.track.v1"), "{detector}: no trajectory in {}", first.0);
        assert!(first == second, "{detector}: two runs differ");
    }
}
