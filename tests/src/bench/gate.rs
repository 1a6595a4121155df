//! The motion gate before the network: processor time a frame, how many of the true people lie in its boxes, and how many
//! of its boxes hold nobody.

use crate::bench::tracking::data;
use crate::bench::{Bar, Figure, real};
use crate::stack::process::repository;
use anyhow::{Context, ensure};
use edge_agent::detect::{MotionGate, Watchfulness};
use edge_agent::source::{Frame, Masks, Next, Pacing, SourceSpec, Stream};
use ngatu_scene::BoxPx;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Longest processor time of a frame, milliseconds.
const LONGEST_MS: f64 = 0.4;
/// Smallest share of the true people in a box, percent.
const LEAST_COVERED: f64 = 99.5;
/// Largest share of boxes without anybody, percent.
const MOST_FALSE: f64 = 28.0;
/// Passes of which the cheapest is taken: other work on the machine only ever adds time.
const PASSES: usize = 7;
/// Frames of a pass; they are kept in memory, so that decoding is not measured.
const FRAMES: usize = 200;
/// Frames in which the gate learns.
const LEARNING: usize = 9;

/// Measures; without `../shared/data` only the speed on the set-up's footage.
///
/// # Errors
/// When a video cannot be read.
pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let vtest = repository().join(".setup/footage/vtest.avi");
    ensure!(vtest.exists(), "no footage at {}: run `make setup`", vtest.display());
    let mut figures = vec![speed("gate_ms_vtest", &vtest)?];
    let Some(data) = data() else {
        eprintln!("bench gate: ../shared/data is missing, so coverage is not measured");
        return Ok(figures);
    };
    figures.push(speed("gate_ms_640x360", &data.join("street/side-road.mp4"))?);
    figures.extend(coverage(&vtest, &std::fs::read_to_string(data.join("pets09/gt.txt"))?)?);
    Ok(figures)
}

fn open(video: &Path) -> anyhow::Result<Stream> {
    Ok(Stream::open(&SourceSpec {
        url: format!("file://{}", video.canonicalize()?.display()),
        pacing: Pacing::Exhaustive,
        fps: Some(5.0),
        masks: Masks::default(),
    })?)
}

fn seconds(frame: &Frame) -> f64 {
    real(usize::try_from(frame.at.timestamp_millis()).unwrap_or(0)) / 1000.0
}

/// Processor time that each thread of this process has used, nanoseconds, by its id: a picture operation may use some.
fn threads_ns() -> anyhow::Result<HashMap<OsString, f64>> {
    let mut threads = HashMap::new();
    for task in std::fs::read_dir("/proc/self/task")? {
        let task = task?;
        // A thread may end meanwhile.
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        if let Some(ns) = text.split_whitespace().next().and_then(|ns| ns.parse().ok()) {
            threads.insert(task.file_name(), ns);
        }
    }
    Ok(threads)
}

/// Processor time of some work, milliseconds; that of threads which end meanwhile, the decoder's, is left out.
fn processor_ms(work: &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let before = threads_ns()?;
    work()?;
    let used = |(id, ns): (&OsString, &f64)| ns - before.get(id).unwrap_or(&0.0);
    Ok(threads_ns()?.iter().map(used).sum::<f64>() / 1e6)
}

fn speed(name: &'static str, video: &Path) -> anyhow::Result<Figure> {
    let stream = open(video)?;
    let mut frames = Vec::new();
    while let Next::Frame(frame) = stream.next(Duration::from_secs(30)) {
        frames.push(frame);
        if frames.len() >= FRAMES {
            break;
        }
    }
    drop(stream);
    ensure!(frames.len() >= 50, "{} has too few frames", video.display());
    let mut least = f64::INFINITY;
    for _ in 0..PASSES {
        let mut gate = MotionGate::new(Watchfulness::GATE, Masks::default())?;
        let ms = processor_ms(&mut || {
            for frame in &frames {
                gate.look(frame, seconds(frame))?;
            }
            Ok(())
        })?;
        least = least.min(ms / real(frames.len()));
    }
    Ok(Figure { name, value: least, unit: "cpu-ms", floor: LONGEST_MS, bar: Bar::AtMost(LONGEST_MS) })
}

fn coverage(video: &Path, truth: &str) -> anyhow::Result<[Figure; 2]> {
    let mut people: Vec<(u64, BoxPx)> = Vec::new();
    for line in truth.lines() {
        let columns: Vec<&str> = line.split(',').map(str::trim).collect();
        let [frame, _, left, top, width, height, ..] = columns[..] else {
            anyhow::bail!("too few columns: {line}")
        };
        let (left, top) = (left.parse()?, top.parse()?);
        let bbox = BoxPx { left, top, width: width.parse()?, height: height.parse()? };
        people.push((frame.parse().context("a frame number")?, bbox));
    }
    let (stream, mut frames) = (open(video)?, 0);
    let mut gate = MotionGate::new(Watchfulness::GATE, Masks::default())?;
    let (mut wanted, mut covered, mut boxes, mut empty) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Next::Frame(frame) = stream.next(Duration::from_secs(30)) {
        let motion = gate.look(&frame, seconds(&frame))?;
        frames += 1;
        if frames <= LEARNING {
            continue;
        }
        let present: Vec<BoxPx> =
            people.iter().filter(|(n, _)| *n == frame.number + 1).map(|(_, bbox)| *bbox).collect();
        wanted += present.len();
        let holds = |person: &&BoxPx| motion.blobs.iter().any(|blob| covers(blob.bbox, **person));
        covered += present.iter().filter(holds).count();
        boxes += motion.blobs.len();
        let nobody = |bbox: BoxPx| present.iter().all(|person| common_area(bbox, *person) <= 0.0);
        empty += motion.blobs.iter().filter(|blob| nobody(blob.bbox)).count();
    }
    ensure!(wanted > 0 && boxes > 0, "no people or no boxes in {}", video.display());
    let percent = |part: usize, whole: usize| 100.0 * real(part) / real(whole);
    Ok([
        Figure {
            name: "gate_people_covered",
            value: percent(covered, wanted),
            unit: "%",
            floor: LEAST_COVERED,
            bar: Bar::AtLeast(LEAST_COVERED),
        },
        Figure {
            name: "gate_false_boxes",
            value: percent(empty, boxes),
            unit: "%",
            floor: MOST_FALSE,
            bar: Bar::AtMost(MOST_FALSE),
        },
    ])
}

/// Whether a box of the gate covers a person: it holds the centre, or half of the area.
fn covers(bbox: BoxPx, person: BoxPx) -> bool {
    let [x, y] = person.center();
    let inside = |from: f32, length: f32, at: f32| (from..=from + length).contains(&at);
    let center = inside(bbox.left, bbox.width, x) && inside(bbox.top, bbox.height, y);
    center || common_area(bbox, person) >= 0.5 * person.area()
}

fn common_area(a: BoxPx, b: BoxPx) -> f32 {
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    x.max(0.0) * y.max(0.0)
}
