//! The int8 network against the one with full precision: the same people, and as accurate on footage with ground truth.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::{file_url, recording, set_up};
use edge_agent::detect::{Onnx, OnnxHandle};
use edge_agent::source::{Frame, Masks, Next, Pacing, SourceSpec, Stream};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::geometry::iou;
use ngatu_scene::{BoxPx, Detection};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The networks that the set-up makes: full precision, then int8.
fn networks() -> [Onnx; 2] {
    let runtime = set_up("lib/libonnxruntime.so");
    let models = ["nanodet", "nanodet-int8"].map(|name| set_up(&format!("model/{name}.onnx")));
    models.map(|model| Onnx::start(&runtime, &model, 1).unwrap())
}

fn open(video: &Path) -> Stream {
    let spec =
        SourceSpec { url: file_url(video), pacing: Pacing::Exhaustive, fps: None, masks: Masks::default() };
    Stream::open(&spec).unwrap()
}

fn people(network: &mut OnnxHandle, frame: &Frame) -> Vec<Detection> {
    let letterbox = network.prepare(frame).unwrap();
    let found = network.detect(letterbox).unwrap();
    found.into_iter().filter(|found| found.class == RoadUserClass::Person).collect()
}

#[test]
fn both_precisions_find_the_same_people_in_a_real_picture_and_tell_their_names() {
    let (picture, networks) = (set_up("footage/messi5.jpg"), networks());
    assert_eq!(networks.each_ref().map(Onnx::name), ["nanodet-g-416", "nanodet-g-416-int8"]);
    let Next::Frame(frame) = open(&picture).next(Duration::from_secs(20)) else { panic!("no picture") };
    let [full, int8] = networks.map(|network| {
        let found = people(&mut network.handle(), &frame);
        found.into_iter().filter(|found| found.score >= 0.5).collect::<Vec<_>>()
    });
    assert!(!full.is_empty() && full.len() == int8.len(), "{full:?}\n{int8:?}");
    for person in &full {
        let best = int8.iter().map(|other| iou(person.bbox, other.bbox)).fold(0.0, f32::max);
        assert!(best > 0.8, "{person:?} is not among {int8:?}");
    }
}

/// The people of each frame, from MOTChallenge's `frame,id,left,top,width,height,considered,…`.
fn truth(file: &Path) -> BTreeMap<u64, Vec<BoxPx>> {
    let mut truth: BTreeMap<u64, Vec<BoxPx>> = BTreeMap::new();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let n: Vec<f32> = line.split(',').map(|n| n.trim().parse().unwrap()).collect();
        if n[6] > 0.5 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a frame number")]
            let frame = n[0] as u64;
            let person = BoxPx { left: n[2], top: n[3], width: n[4], height: n[5] };
            truth.entry(frame).or_default().push(person);
        }
    }
    truth
}

/// Average precision at IoU 0.5: the area under the precision that can be had at each recall. `found` has each
/// detection's score and whether it is the first on a true person.
fn average_precision(mut found: Vec<(f32, bool)>, people: usize) -> f64 {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut curve) = (0_usize, Vec::new());
    for (n, (_, hit)) in found.iter().enumerate() {
        right += usize::from(*hit);
        curve.push((right as f64 / people as f64, right as f64 / (n + 1) as f64));
    }
    let (mut area, mut best, mut last) = (0.0, 0.0_f64, curve.last().map_or(0.0, |point| point.0));
    for (recall, precision) in curve.into_iter().rev() {
        area += (last - recall) * best;
        (last, best) = (recall, best.max(precision));
    }
    area + last * best
}

/// The average precision of each network on every `step`-th frame.
fn scores(video: &Path, truth: &BTreeMap<u64, Vec<BoxPx>>, step: u64, networks: &[Onnx; 2]) -> [f64; 2] {
    let mut handles = networks.each_ref().map(|network| (network.handle(), Vec::new()));
    let (stream, mut wanted) = (open(video), 0);
    while let Next::Frame(frame) = stream.next(Duration::from_secs(20)) {
        if frame.number % step != 0 {
            continue;
        }
        let people_there = truth.get(&(frame.number + 1)).map_or(&[][..], Vec::as_slice);
        wanted += people_there.len();
        for (handle, rows) in &mut handles {
            let mut free: Vec<&BoxPx> = people_there.iter().collect();
            for person in people(handle, &frame) {
                let overlap = |at: &usize| iou(*free[*at], person.bbox);
                let best = (0..free.len()).max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
                let hit = best.filter(|at| overlap(at) >= 0.5);
                rows.push((person.score, hit.is_some()));
                hit.map(|at| free.swap_remove(at));
            }
        }
    }
    handles.map(|(_, rows)| average_precision(rows, wanted))
}

#[test]
fn int8_loses_at_most_a_hundredth_of_the_accuracy_on_people() {
    let networks = networks();
    // Not every frame, so that the test stays short.
    for (name, video, step) in [("pets09", "vtest.avi", 5), ("tud-stadtmitte", "video.mp4", 2)] {
        let file = |file: &str| recording(&format!("{name}/{file}"));
        let (Some(video), Some(gt)) = (file(video), file("gt.txt")) else { continue };
        let [full, int8] = scores(&video, &truth(&gt), step, &networks);
        eprintln!("{name}: person AP50 {full:.4} in fp32, {int8:.4} in int8");
        assert!(full > 0.75, "{name}: {full}");
        assert!(int8 >= full - 0.01, "{name}: {int8} in int8, {full} in fp32");
    }
}

#[test]
fn average_precision_by_hand() {
    let table = [
        ("all right", vec![(0.9, true), (0.8, true)], 2, 1.0),
        ("a false one between", vec![(0.9, true), (0.8, false), (0.7, true)], 2, 0.5 + 0.5 * 2.0 / 3.0),
        ("half is missed", vec![(0.9, true)], 2, 0.5),
        ("nothing found", vec![], 2, 0.0),
    ];
    for (name, found, people, wanted) in table {
        assert!((average_precision(found, people) - wanted).abs() < 1e-9, "{name}");
    }
}
