//! `edge-agent track`: the tracker alone over a file of detections, for comparison with other trackers.

use crate::clock;
use anyhow::Context;
use ngatu_protocol::RoadUserClass;
use ngatu_scene::{Time, Track, Tracker, mot};
use std::path::PathBuf;
use std::str::FromStr;
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
    /// Detections with a lower score, on the file's own scale, are left out; all are taken without it.
    #[arg(long, allow_negative_numbers = true)]
    pub min_score: Option<f32>,
    /// Which road users are written: class names with commas between them, or `all`. All of them are followed. In
    /// the usual sequences only people are scored; class -1 ("not told") is taken as a person.
    #[arg(long, default_value = "person")]
    pub classes: Classes,
}

/// The classes to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes(Vec<RoadUserClass>);

impl FromStr for Classes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self(RoadUserClass::ALL.to_vec()));
        }
        let class = |name: &str| {
            let found = RoadUserClass::ALL.iter().find(|class| class.as_str() == name).copied();
            found.ok_or_else(|| {
                let names: Vec<_> = RoadUserClass::ALL.iter().map(|class| class.as_str()).collect();
                format!("no class `{name}`; there are: all, {}", names.join(", "))
            })
        };
        text.split(',').map(str::trim).map(class).collect::<Result<_, _>>().map(Self)
    }
}

impl Classes {
    fn wants(&self, track: &Track) -> bool {
        self.0.contains(&track.class)
    }
}

/// Runs the tracker over a file and prints what it took.
///
/// # Errors
/// When a file cannot be read or written, or the rate is not one.
pub fn track(args: &TrackArgs) -> anyhow::Result<()> {
    anyhow::ensure!(args.fps > 0.0 && args.fps.is_finite(), "--fps: wanted more than 0");
    let name = args.detections.display();
    let text = std::fs::read_to_string(&args.detections).with_context(|| format!("cannot read {name}"))?;
    let detections =
        mot::parse(&text, args.min_score.unwrap_or(f32::NEG_INFINITY)).with_context(|| name.to_string())?;
    let (mut tracker, mut out, mut took) = (Tracker::new(), String::new(), Duration::ZERO);
    let (mut written, mut other) = (Vec::new(), 0_u64);
    let frames = detections.last_frame();
    for frame in 1..=frames {
        let now = Time::from_seconds(f64::from(frame - 1) / args.fps);
        let begun = clock::instant();
        let tracks = tracker.step(now, detections.of(frame));
        took += clock::instant() - begun;
        written.clear();
        written.extend(tracks.iter().filter(|track| args.classes.wants(track)).copied());
        other += u64::try_from(tracks.len() - written.len()).unwrap_or(u64::MAX);
        mot::write_frame(&mut out, frame, &written);
    }
    std::fs::write(&args.out, out).with_context(|| format!("cannot write {}", args.out.display()))?;
    let mean_us = took.as_secs_f64() * 1e6 / f64::from(frames.max(1));
    let skipped = detections.skipped;
    println!("track: frames={frames} skipped={skipped} other_classes={other} us_per_frame={mean_us:.1}");
    Ok(())
}
