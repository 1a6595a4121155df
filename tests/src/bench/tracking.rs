//! The tracker on recorded sequences with ground truth, through `edge-agent track`: HOTA, how much is lost with every
//! second frame, and microseconds a frame.

use crate::bench::hota::{Boxes, hota};
use crate::bench::{Bar, Figure};
use crate::stack::process::{program, repository};
use anyhow::{Context, ensure};
use ngatu_scene::BoxPx;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs of which the fastest is taken: other work on the machine only ever adds time.
const RUNS: usize = 5;

/// A recorded sequence with a file of detections.
#[derive(Debug, Clone, Copy)]
pub struct Sequence {
    /// Its folder under `../shared/data`.
    pub folder: &'static str,
    /// The file of detections in it, as it came from the detector.
    pub detections: &'static str,
    /// Frames per second.
    pub fps: f64,
    /// Number of its last frame; they count from 1.
    pub frames: u32,
    /// HOTA that must be reached, percent.
    pub wanted: f64,
    /// The figure's name.
    pub name: &'static str,
    /// The name of the figure about every second frame; none when nothing is promised about that.
    pub half: Option<&'static str>,
}

/// What is scored.
pub const SEQUENCES: [Sequence; 4] = [
    Sequence {
        folder: "pets09",
        detections: "nanodet.txt",
        fps: 7.0,
        frames: 795,
        wanted: 63.0,
        name: "tracks_hota_pets09_nanodet",
        half: Some("tracks_half_rate_fall_pets09"),
    },
    Sequence {
        folder: "tud-stadtmitte",
        detections: "nanodet.txt",
        fps: 25.0,
        frames: 179,
        wanted: 60.0,
        name: "tracks_hota_tud_stadtmitte_nanodet",
        half: Some("tracks_half_rate_fall_tud_stadtmitte"),
    },
    Sequence {
        folder: "tud-campus",
        detections: "nanodet.txt",
        fps: 25.0,
        frames: 71,
        wanted: 56.0,
        name: "tracks_hota_tud_campus_nanodet",
        half: Some("tracks_half_rate_fall_tud_campus"),
    },
    Sequence {
        folder: "pets09",
        detections: "det.txt",
        fps: 7.0,
        frames: 795,
        wanted: 55.0,
        name: "tracks_hota_pets09_det",
        half: None,
    },
];

/// HOTA that must be reached in the mean of the sequences with our own detections, percent.
pub const WANTED_MEAN: f64 = 61.0;
/// Largest fall of HOTA with every second frame, percent.
pub const LARGEST_FALL: f64 = 2.0;
/// Longest time for a frame with about 6 road users, microseconds.
pub const LONGEST_US: f64 = 40.0;

/// How much longer one of 200 road users may take than one of 50; it would be 4 if each looked at all others.
pub const LARGEST_GROWTH: f64 = 1.5;

/// Which frames of a sequence the tracker gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frames {
    /// Each one.
    All,
    /// The first, third, … under the numbers that they have, at the sequence's frame rate.
    SecondWithGaps,
    /// The same, numbered without gaps, at half the frame rate.
    SecondRenumbered,
}

/// The folder of the recorded sequences, which are no part of the project; none when it is not there.
#[must_use]
pub fn data() -> Option<PathBuf> {
    let folder = repository().join("../shared/data");
    folder.is_dir().then_some(folder)
}

/// The tracker's HOTA on a sequence, over the frames that it got.
///
/// # Errors
/// When a file cannot be read or the tracker fails.
pub fn score(data: &Path, sequence: &Sequence, frames: Frames, scratch: &Path) -> anyhow::Result<f64> {
    let folder = data.join(sequence.folder);
    let text = fs::read_to_string(folder.join(sequence.detections))?;
    let (step, renumber, fps) = match frames {
        Frames::All => (1, 1, sequence.fps),
        Frames::SecondWithGaps => (2, 1, sequence.fps),
        Frames::SecondRenumbered => (2, 2, sequence.fps / 2.0),
    };
    let mut thinned = String::new();
    for line in text.lines() {
        let (frame, rest) = line.split_once(',').context("a line has commas")?;
        let frame: u32 = frame.parse()?;
        if (frame - 1).is_multiple_of(step) {
            writeln!(thinned, "{},{rest}", (frame - 1) / renumber + 1)?;
        }
    }
    let (tracks, _) = track(&thinned, fps, scratch)?;
    let found = boxes(&tracks, |frame| (frame - 1) * renumber + 1)?;
    let truth = boxes(&fs::read_to_string(folder.join("gt.txt"))?, |frame| frame)?;
    Ok(hota(&truth, &found, (1..=sequence.frames).step_by(usize::try_from(step)?)))
}

/// Runs `edge-agent track`; gives its output and the microseconds a frame that it names.
fn track(detections: &str, fps: f64, scratch: &Path) -> anyhow::Result<(String, f64)> {
    let (input, output) = (scratch.join("detections.txt"), scratch.join("tracks.txt"));
    fs::write(&input, detections)?;
    let mut command = Command::new(program("edge-agent")?);
    command.args(["track", "--fps", &fps.to_string()]);
    let said = command.arg("--detections").arg(&input).arg("--out").arg(&output).output()?;
    let text = String::from_utf8_lossy(&said.stdout);
    ensure!(
        said.status.success(),
        "edge-agent track: {}\n{text}{}",
        said.status,
        String::from_utf8_lossy(&said.stderr)
    );
    let us = text.split("us_per_frame=").nth(1).with_context(|| format!("no us_per_frame= in {text:?}"))?;
    Ok((fs::read_to_string(&output)?, us.trim().parse()?))
}

/// The boxes of a file that count (column 7, counted from 1, is more than 0), by frame.
fn boxes(text: &str, number: impl Fn(u32) -> u32) -> anyhow::Result<Boxes> {
    let mut boxes = Boxes::new();
    for line in text.lines() {
        let columns: Vec<&str> = line.split(',').collect();
        let [frame, id, left, top, width, height, counts, ..] = columns[..] else {
            anyhow::bail!("too few columns: {line}")
        };
        if counts.parse::<f32>()? > 0.0 {
            let (left, top) = (left.parse()?, top.parse()?);
            let bbox = BoxPx { left, top, width: width.parse()?, height: height.parse()? };
            boxes.entry(number(frame.parse()?)).or_default().push((id.parse()?, bbox));
        }
    }
    Ok(boxes)
}

/// Measures in a scratch directory. Where the recorded sequences are missing, only speeds are measured.
///
/// # Errors
/// When the tracker fails.
pub fn measure(scratch: &Path) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    if let Some(data) = data() {
        let mut sum = 0.0;
        for sequence in &SEQUENCES {
            let all = score(&data, sequence, Frames::All, scratch)?;
            figures.push(at_least(sequence.name, all, sequence.wanted));
            if let Some(name) = sequence.half {
                sum += all;
                let renumbered = score(&data, sequence, Frames::SecondRenumbered, scratch)?;
                let gaps = score(&data, sequence, Frames::SecondWithGaps, scratch)?;
                figures.push(at_most(name, all - renumbered.min(gaps), "hota", LARGEST_FALL));
            }
        }
        figures.push(at_least("tracks_hota_mean_nanodet", sum / 3.0, WANTED_MEAN));
        let people = fs::read_to_string(data.join("pets09/nanodet.txt"))?;
        figures.push(at_most("tracks_us_pets09_nanodet", fastest(&people, 7.0, scratch)?, "us", LONGEST_US));
    } else {
        eprintln!("bench tracking: ../shared/data is missing, so HOTA is not measured");
    }
    // Linear in practice: a road user of many costs about as much as one of few.
    let mut us = Vec::new();
    for (people, name) in
        [(50, "tracks_us_50_objects"), (100, "tracks_us_100_objects"), (200, "tracks_us_200_objects")]
    {
        let value = fastest(&crowd(people), 5.0, scratch)?;
        us.push(value / f64::from(people));
        // The floor: as long for each as with 50.
        figures.push(Figure { name, value, unit: "us", floor: us[0] * f64::from(people), bar: Bar::None });
    }
    figures.push(Figure {
        name: "tracks_us_per_object_200_to_50",
        value: us[2] / us[0],
        unit: "ratio",
        floor: 1.0,
        bar: Bar::AtMost(LARGEST_GROWTH),
    });
    Ok(figures)
}

fn at_least(name: &'static str, value: f64, wanted: f64) -> Figure {
    Figure { name, value, unit: "hota", floor: wanted, bar: Bar::AtLeast(wanted) }
}

fn at_most(name: &'static str, value: f64, unit: &'static str, wanted: f64) -> Figure {
    Figure { name, value, unit, floor: wanted, bar: Bar::AtMost(wanted) }
}

fn fastest(detections: &str, fps: f64, scratch: &Path) -> anyhow::Result<f64> {
    let mut fastest = f64::INFINITY;
    for _ in 0..RUNS {
        fastest = fastest.min(track(detections, fps, scratch)?.1);
    }
    Ok(fastest)
}

/// People who walk side by side in rows of twenty, all seen well, 100 frames.
fn crowd(people: u32) -> String {
    let mut text = String::new();
    for frame in 1..=100 {
        for one in 0..people {
            let (left, top) = (50 * (one % 20) + 4 * frame, 60 * (one / 20));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{frame},0,{left},{top},20,50,0.9");
        }
    }
    text
}
