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
    let at_a_rate = |name: &'static str, events: f64| {
        let rate = events / hours;
        Figure { name, value: rate, unit: "events/h", floor: rate.max(1.0), bar: Bar::None }
    };
    let (least, most) = interval(events);
    let interval =
        [at_a_rate("smoke_false_per_hour_least", least), at_a_rate("smoke_false_per_hour_most", most)];
    let count = f64::from(events);
    let count = Figure { name: "smoke_false", value: count, unit: "events", floor: count, bar: Bar::None };
    let hours = Figure { name: "smoke-footage", value: hours, unit: "h", floor: hours, bar: Bar::None };
    let rate = Figure { name, value, unit: "events/h", floor: value.max(1.0), bar: Bar::None };
    Ok([hours, count, rate].into_iter().chain(interval).collect())
}

/// The exact interval that holds the expected number 95 times of 100 when so many happened (Garwood, Fiducial Limits for the
/// Poisson Distribution, 1936), by bisection.
fn interval(events: u32) -> (f64, f64) {
    // Probability of at most `n` when `mean` are expected.
    let at_most = |n: u32, mean: f64| {
        let terms = (0..=n).scan((-mean).exp(), |term, k| {
            let now = *term;
            *term *= mean / f64::from(k + 1);
            Some(now)
        });
        terms.sum::<f64>()
    };
    let solve = |holds: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, 10.0 * f64::from(events) + 20.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if holds(middle) { low = middle } else { high = middle }
        }
        low
    };
    let least = if events == 0 { 0.0 } else { solve(&|mean| 1.0 - at_most(events - 1, mean) < 0.025) };
    (least, solve(&|mean| at_most(events, mean) > 0.025))
}

#[allow(clippy::print_stdout, reason = "the benchmark's answer to its user")]
fn println_each(clip: &Path, events: u32, seconds: f64) {
    if events > 0 {
        println!("smoke: {events} false in {seconds:.0} s of {}", clip.display());
    }
}

/// All footage that is there.
#[must_use]
pub fn clips() -> Vec<PathBuf> {
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

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn the_interval_of_a_count_is_garwoods() {
        for (events, least, most) in [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390)] {
            let (low, high) = interval(events);
            assert!((low - least).abs() < 1e-3 && (high - most).abs() < 1e-3, "{events}: {low} to {high}");
        }
    }
}
