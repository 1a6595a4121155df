//! Vehicles counted by `edge-agent analyze` on street footage, beside those that people counted, at the file's frame rate,
//! half of it, and 5 frames a second. The truth is `tests/cameras/counts.toml`, the camera files are beside it.

use crate::bench::tracking::data;
use crate::bench::{Bar, Figure};
use crate::stack::process::{program, repository};
use anyhow::{Context, ensure};
use serde::Deserialize;
use std::path::Path;
use std::process::Command;

/// What people counted.
#[derive(Deserialize)]
struct Truth {
    count: Vec<Row>,
}

/// A clip at a frame rate, and a direction at a tripwire.
#[derive(Deserialize)]
struct Row {
    figure: String,
    clip: String,
    camera: String,
    fps: f64,
    tripwire: String,
    direction: String,
    /// The fewest and the most that are right.
    right: (u32, u32),
}

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
    let truth: Truth =
        toml::from_str(&std::fs::read_to_string(repository().join("tests/cameras/counts.toml"))?)?;
    for rows in truth.count.chunk_by(|a, b| a.clip == b.clip && a.fps.total_cmp(&b.fps).is_eq()) {
        let lines =
            analyze(&data.join("street").join(&rows[0].clip), &rows[0], &scratch.join("counts.jsonl"))?;
        for row in rows {
            let (least, most) = (f64::from(row.right.0), f64::from(row.right.1));
            figures.push(Figure {
                // A few names, for as long as the bench runs.
                name: row.figure.clone().leak(),
                value: counted(&lines, &row.tripwire, &row.direction)?,
                unit: "vehicles",
                floor: f64::midpoint(least, most),
                bar: Bar::Within((most - least) / 2.0),
            });
        }
    }
    Ok(figures)
}

/// The observations of an analysis, one JSON text a line.
fn analyze(video: &Path, row: &Row, out: &Path) -> anyhow::Result<String> {
    let output = Command::new(program("edge-agent")?)
        .arg("analyze")
        .arg(video)
        .arg("--camera")
        .arg(format!("tests/cameras/{}.toml", row.camera))
        .args(["--fps", &row.fps.to_string()])
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
