//! The tracker against ground truth: what is promised of it holds on recorded sequences, and HOTA is what the metric's own
//! program says. Sequences and program are no part of the project; the tests are left out, and say so, where they are missing.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::bench::tracking::{Frames, LARGEST_FALL, SEQUENCES, WANTED_MEAN, data, score};
use ngatu_tests::skip::skipped;
use ngatu_tests::stack::StackDir;
use ngatu_tests::stack::process::repository;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn recorded_people_are_followed_as_well_as_promised_also_at_half_the_frame_rate() {
    let Some(data) = data() else {
        return skipped("the tracker on recorded sequences: ../shared/data is missing");
    };
    let dir = StackDir::new("tracking").unwrap();
    let (mut short, mut sum) = (Vec::new(), 0.0);
    for sequence in &SEQUENCES {
        let of = |frames| score(&data, sequence, frames, dir.path()).unwrap();
        let all = of(Frames::All);
        let mut line = format!("{}: HOTA {all:.1}, wanted {}", sequence.name, sequence.wanted);
        let mut fails = all < sequence.wanted;
        if sequence.half.is_some() {
            sum += all;
            let (gaps, renumbered) = (of(Frames::SecondWithGaps), of(Frames::SecondRenumbered));
            line += &format!("; every second frame {gaps:.1}, renumbered {renumbered:.1}");
            fails |= gaps.min(renumbered) < all - LARGEST_FALL;
        }
        println!("{line}");
        if fails {
            short.push(line);
        }
    }
    let mean = sum / 3.0;
    assert!(short.is_empty(), "{}", short.join("\n"));
    assert!(mean >= WANTED_MEAN, "mean HOTA {mean:.1}, wanted {WANTED_MEAN}");
}

/// A Python that has what `score_tracks.py` needs; `NGATU_SCORE_PYTHON` may name one.
fn python() -> Option<PathBuf> {
    let own = std::env::var_os("NGATU_SCORE_PYTHON").map(PathBuf::from);
    let usual = [repository().join(".setup/venv/bin/python"), PathBuf::from("python3")];
    let scores = |python: &PathBuf| {
        let mut command = Command::new(python);
        command.args(["-c", "import numpy, scipy, trackeval"]);
        command.output().is_ok_and(|output| output.status.success())
    };
    own.into_iter().chain(usual).find(scores)
}

#[test]
fn hota_is_what_the_reference_program_says() {
    let program = repository().join("../shared/tools/score_tracks.py");
    let (Some(data), true) = (data(), program.is_file()) else {
        return skipped("HOTA beside the reference program: ../shared is missing");
    };
    let Some(python) = python() else {
        return skipped(
            "HOTA beside the reference program: no Python has trackeval (NGATU_SCORE_PYTHON may name one)",
        );
    };
    let dir = StackDir::new("tracking").unwrap();
    for sequence in &SEQUENCES {
        let ours = score(&data, sequence, Frames::All, dir.path()).unwrap();
        let mut command = Command::new(&python);
        command.arg(&program).arg(data.join(sequence.folder)).arg(dir.path().join("tracks.txt"));
        let said = command.output().unwrap();
        let text = String::from_utf8_lossy(&said.stdout);
        let theirs: f64 = text
            .split_once(" HOTA ")
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .unwrap_or_else(|| panic!("no HOTA in {text:?}: {}", String::from_utf8_lossy(&said.stderr)))
            .parse()
            .unwrap();
        println!("{}: HOTA {ours:.3}, the reference says {theirs:.1}", sequence.name);
        // The program rounds to a tenth.
        assert!((ours - theirs).abs() <= 0.051, "{}: {ours:.3}, not {theirs:.1}", sequence.name);
    }
}
