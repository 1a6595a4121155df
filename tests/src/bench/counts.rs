//! Vehicles counted by `edge-agent analyze` on street footage, beside those that people counted, at the file's frame rate,
//! half of it, and 5 frames a second. The camera files are `tests/cameras`.

use crate::bench::tracking::data;
use crate::bench::{Bar, Figure};
use crate::stack::process::{program, repository};
use anyhow::{Context, ensure};
use std::path::Path;
use std::process::Command;

/// A clip at a frame rate: figures by tripwire and direction, with the truth and how far from it is right.
struct Row {
    clip: &'static str,
    fps: &'static str,
    figures: &'static [(&'static str, &'static str, &'static str, f64, f64)],
}

/// Side road: 16 in the near lanes and one more at the very end, which only the full rate must decide.
const ROWS: [Row; 9] = [
    Row {
        clip: "side-road.mp4",
        fps: "30",
        figures: &[
            ("counts_side_road_near", "near", "b_to_a", 16.5, 0.5),
            ("counts_side_road_far", "far", "a_to_b", 6.0, 0.0),
        ],
    },
    Row {
        clip: "side-road.mp4",
        fps: "12",
        figures: &[
            ("counts_side_road_near_half_rate", "near", "b_to_a", 16.0, 1.0),
            ("counts_side_road_far_half_rate", "far", "a_to_b", 6.0, 1.0),
        ],
    },
    Row {
        clip: "side-road.mp4",
        fps: "5",
        figures: &[
            ("counts_side_road_near_5fps", "near", "b_to_a", 16.0, 1.0),
            ("counts_side_road_far_5fps", "far", "a_to_b", 6.0, 1.0),
        ],
    },
    Row { clip: "highway-b.avi", fps: "30", figures: &[("counts_highway", "near", "b_to_a", 23.0, 1.0)] },
    Row {
        clip: "highway-b.avi",
        fps: "12.5",
        figures: &[("counts_highway_half_rate", "near", "b_to_a", 23.0, 1.0)],
    },
    Row { clip: "highway-b.avi", fps: "5", figures: &[("counts_highway_5fps", "near", "b_to_a", 23.0, 1.0)] },
    Row {
        clip: "overhead-cars.mp4",
        fps: "30",
        figures: &[
            ("counts_overhead_down", "way", "a_to_b", 2.0, 0.0),
            ("counts_overhead_up", "way", "b_to_a", 2.0, 0.0),
        ],
    },
    Row {
        clip: "overhead-cars.mp4",
        fps: "6.25",
        figures: &[
            ("counts_overhead_down_half_rate", "way", "a_to_b", 2.0, 1.0),
            ("counts_overhead_up_half_rate", "way", "b_to_a", 2.0, 1.0),
        ],
    },
    Row {
        clip: "overhead-cars.mp4",
        fps: "5",
        figures: &[
            ("counts_overhead_down_5fps", "way", "a_to_b", 2.0, 1.0),
            ("counts_overhead_up_5fps", "way", "b_to_a", 2.0, 1.0),
        ],
    },
];

/// Measures; gives nothing where the footage is missing.
///
/// # Errors
/// When an analysis fails.
pub fn measure(scratch: &Path) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let Some(data) = data() else {
        eprintln!("bench counts: ../shared/data is missing, so nothing is counted");
        return Ok(figures);
    };
    for row in &ROWS {
        let lines = analyze(&data.join("street").join(row.clip), row, &scratch.join("counts.jsonl"))?;
        for (name, wire, direction, truth, within) in row.figures {
            let value = counted(&lines, wire, direction)?;
            figures.push(Figure { name, value, unit: "vehicles", floor: *truth, bar: Bar::Within(*within) });
        }
    }
    Ok(figures)
}

/// The observations of an analysis, one JSON text a line.
fn analyze(video: &Path, row: &Row, out: &Path) -> anyhow::Result<String> {
    let name = row.clip.split('.').next().context("a clip has a name")?;
    let output = Command::new(program("edge-agent")?)
        .arg("analyze")
        .arg(video)
        .arg("--camera")
        .arg(format!("tests/cameras/{name}.toml"))
        .args(["--fps", row.fps])
        .arg("--out")
        .arg(out)
        .current_dir(repository())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "edge-agent analyze {}: {}\n{said}", row.clip, output.status);
    Ok(std::fs::read_to_string(out)?)
}

/// Crossings of a tripwire in a direction. Those with a class are parts of the one without.
fn counted(lines: &str, wire: &str, direction: &str) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for line in lines.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        let data = &message["data"];
        let wanted = data["quantity"] == "count" && data["class"].is_null();
        if wanted && data["zone"] == wire && data["direction"] == direction {
            sum += data["value"].as_f64().context("a count has a value")?;
        }
    }
    Ok(sum)
}
