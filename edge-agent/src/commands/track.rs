//! `edge-agent track`: the tracker alone over a file of detections, for comparison with other trackers.

use crate::clock;
use anyhow::Context;
use ngatu_scene::{Time, Tracker, mot};
use std::path::PathBuf;
use std::time::Duration;

/// What `track` is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct TrackArgs {
    /// MOTChallenge text: frame,class or -1,left,top,width,height,score.
    #[arg(long)]
    pub detections: PathBuf,
    /// Frames per second of the sequence.
    #[arg(long)]
    pub fps: f64,
    /// Where the tracks go, MOTChallenge text.
    #[arg(long)]
    pub out: PathBuf,
    /// Detections with a lower score are left out.
    #[arg(long)]
    pub min_score: Option<f32>,
}

/// Runs the tracker over a file and prints what it took.
///
/// # Errors
/// When a file cannot be read or written, or the rate is not one.
pub fn track(args: &TrackArgs) -> anyhow::Result<()> {
    anyhow::ensure!(args.fps > 0.0 && args.fps.is_finite(), "--fps: wanted more than 0");
    let name = args.detections.display();
    let text = std::fs::read_to_string(&args.detections).with_context(|| format!("cannot read {name}"))?;
    let detections = mot::parse(&text, args.min_score.unwrap_or(0.0)).with_context(|| name.to_string())?;
    let (mut tracker, mut out, mut took) = (Tracker::new(), String::new(), Duration::ZERO);
    let frames = detections.last_frame();
    for frame in 1..=frames {
        let now = Time::from_seconds(f64::from(frame - 1) / args.fps);
        let begun = clock::instant();
        let tracks = tracker.step(now, detections.of(frame));
        took += clock::instant() - begun;
        mot::write_frame(&mut out, frame, tracks);
    }
    std::fs::write(&args.out, out).with_context(|| format!("cannot write {}", args.out.display()))?;
    let mean_us = took.as_secs_f64() * 1e6 / f64::from(frames.max(1));
    println!("track: frames={frames} skipped={} us_per_frame={mean_us:.1}", detections.skipped);
    Ok(())
}
