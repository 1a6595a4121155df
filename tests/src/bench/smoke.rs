//! How often `smoke_or_fire`, which is experimental, is stated over real footage in which nothing burns.

use crate::bench::{Bar, Figure};
use crate::stack::process::repository;
use anyhow::{Context, ensure};
use edge_agent::analysis::time_of;
use edge_agent::source::{Masks, Next, Pacing, SourceSpec, Stream};
use edge_agent::view::ViewMeter;
use ngatu_protocol::Phase;
use ngatu_protocol::camera::CameraConfig;
use ngatu_scene::Scene;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Each clip is played so often; the jump at its end counts as well.
const PASSES: i32 = 3;

/// Plays all footage that is there.
///
/// # Errors
/// When there is none or it cannot be read.
pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let clips = clips();
    ensure!(!clips.is_empty(), "no footage: run `make setup`");
    let (mut events, mut hours) = (0_u32, 0.0);
    for clip in &clips {
        let (stated, seconds) = play(clip).with_context(|| clip.display().to_string())?;
        println_each(clip, stated, seconds);
        events += stated;
        hours += seconds / 3600.0;
    }
    let value = f64::from(events) / hours;
    let name = "smoke_false_per_hour";
    let hours = Figure { name: "smoke-footage", value: hours, unit: "h", floor: hours, bar: Bar::None };
    Ok(vec![hours, Figure { name, value, unit: "events/h", floor: value.max(1.0), bar: Bar::None }])
}

#[allow(clippy::print_stdout, reason = "the benchmark's answer to its user")]
fn println_each(clip: &Path, events: u32, seconds: f64) {
    if events > 0 {
        println!("smoke: {events} false in {seconds:.0} s of {}", clip.display());
    }
}

fn clips() -> Vec<PathBuf> {
    let data = repository().join("../shared/data");
    let mut clips = vec![repository().join(".setup/footage/vtest.avi")];
    clips.extend(["tud-campus", "tud-stadtmitte"].map(|name| data.join(name).join("video.mp4")));
    let street = std::fs::read_dir(data.join("street")).into_iter().flatten().flatten();
    clips.extend(street.map(|entry| entry.path()));
    clips.retain(|clip| clip.exists());
    clips.sort();
    clips
}

/// Events and seconds of one clip.
fn play(clip: &Path) -> anyhow::Result<(u32, f64)> {
    let camera: CameraConfig = toml::from_str(
        "id = \"bench\"\nname = \"Bench\"\nurl = \"file:///video\"\n[[rule]]\nkind = \"smoke_or_fire\"\n",
    )?;
    let (mut scene, mut meter) = (Scene::new(&camera)?, ViewMeter::new(Masks::default(), true));
    let (mut events, mut before_s, mut end_s) = (0, 0.0, 0.0);
    for _ in 0..PASSES {
        let stream = Stream::open(&SourceSpec {
            url: format!("file://{}", clip.canonicalize()?.display()),
            pacing: Pacing::Exhaustive,
            fps: Some(5.0),
            masks: Masks::default(),
        })?;
        while let Next::Frame(frame) = stream.next(Duration::from_secs(20)) {
            let now = ngatu_scene::Time::from_seconds(before_s + time_of(frame.at).as_seconds());
            end_s = now.as_seconds();
            if let Some(view) = meter.look(&frame, end_s)? {
                let starts = scene.see(now, &view).events.iter().filter(|event| event.phase == Phase::Start);
                events += u32::try_from(starts.count())?;
            }
        }
        before_s = end_s + 0.2;
    }
    Ok((events, end_s))
}
