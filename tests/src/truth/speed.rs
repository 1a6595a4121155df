//! Speeds over ground against truth: every vehicle of the calibrated road, at three levels.

use crate::bench::{percentile, real};
use crate::truth::play::Scene;
use crate::truth::road::{HEIGHT, Lens, WIDTH};
use crate::truth::traffic::{Driven, speeds};
use ngatu_scene::{FrameSize, Paths, Time};

/// A speed may be so much wrong, share of the truth.
pub const WITHIN: f64 = 0.10;
/// The stated interval must hold the truth so often.
pub const HOLDS: f64 = 0.95;

/// Part of the road in which speeds are taken, metres ahead of the camera.
const FROM_M: f64 = 17.0;
const TO_M: f64 = 48.0;

/// One vehicle's speed as it was when the vehicle left the measured part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The true speed, km/h.
    pub true_kmh: f64,
    /// Where its lane is, metres to the right of the camera.
    pub right_m: f64,
    /// Whether it comes towards the camera.
    pub comes: bool,
    /// Its height, metres.
    pub height_m: f64,
    /// The measured one with its ±, km/h; none when the vehicle got none.
    pub stated: Option<(f64, f64)>,
}

impl Measured {
    fn none_of(one: &Driven) -> Measured {
        Measured {
            true_kmh: one.kmh,
            right_m: one.vehicle.way.first().map_or(0.0, |knot| knot.1),
            comes: one.vehicle.heading.1 < 0.0,
            height_m: one.vehicle.size_m.2,
            stated: None,
        }
    }

    /// The error as a share of the truth; a vehicle without a speed is wholly wrong.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.stated.map_or(1.0, |(kmh, _)| (kmh / self.true_kmh - 1.0).abs())
    }

    /// Whether the stated interval holds the truth.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.stated.is_some_and(|(kmh, plus_minus)| (kmh - self.true_kmh).abs() <= plus_minus)
    }
}

/// Plays the scenes of some seeds.
///
/// # Errors
/// When an analysis fails.
pub fn play(seeds: std::ops::Range<u64>) -> anyhow::Result<Vec<Measured>> {
    let mut all = Vec::new();
    for seed in seeds {
        let (mut scene, driven) = speeds(seed);
        scene.camera.rules.retain(|rule| rule.kind.is_built());
        all.extend(measure(&scene, &driven)?);
    }
    Ok(all)
}

#[allow(clippy::cast_precision_loss, reason = "sides of a picture")]
fn measure(scene: &Scene, driven: &[Driven]) -> anyhow::Result<Vec<Measured>> {
    let mut paths = Paths::new(&scene.camera);
    #[allow(clippy::cast_possible_truncation, reason = "sides of a picture")]
    let size = FrameSize::new(WIDTH as u32, HEIGHT as u32);
    let mut measured: Vec<_> = driven.iter().map(Measured::none_of).collect();
    scene.play_and(None, |at_s, output| {
        paths.step(Time::from_seconds(at_s), size, &output.tracks);
        for (one, measured) in driven.iter().zip(&mut measured) {
            let Some((_, ahead_m)) = one.vehicle.at(at_s) else { continue };
            let Some([left, _, right, bottom]) = one.vehicle.outline(Lens::ALONG, at_s) else { continue };
            if !(FROM_M..TO_M).contains(&ahead_m) {
                continue;
            }
            let own = output.tracks.iter().filter(|track| {
                let [x, y] = track.bbox.foot().map(f64::from);
                track.seen && (x - f64::midpoint(left, right)).hypot(y - bottom) < 0.5 * (right - left)
            });
            let speed = own.filter_map(|track| paths.get(track.id)?.speed()).next();
            if let Some(speed) = speed {
                measured.stated = Some((speed.kmh, speed.plus_minus_kmh));
            }
        }
    })?;
    Ok(measured)
}

/// The error that 95 of 100 vehicles of a level keep, share of the truth. Levels are 30, 50 and 80 km/h.
#[must_use]
pub fn error_at(level_kmh: f64, measured: &[Measured]) -> f64 {
    let near = measured.iter().filter(|one| (one.true_kmh / level_kmh - 1.0).abs() < 0.1);
    let mut errors: Vec<f64> = near.map(Measured::error).collect();
    if errors.is_empty() { 1.0 } else { percentile(&mut errors, 0.95) }
}

/// Share of the vehicles for which something is so.
#[must_use]
pub fn share(measured: &[Measured], is: impl Fn(&Measured) -> bool) -> f64 {
    real(measured.iter().filter(|one| is(one)).count()) / real(measured.len().max(1))
}
