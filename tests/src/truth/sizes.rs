//! Size classes against truth: what the motion detector takes each drawn vehicle before a calibrated camera for.

use crate::bench::real;
use crate::truth::road::{HEIGHT, Vehicle, WIDTH};
use crate::truth::traffic::{Passing, passing};
use ngatu_protocol::RoadUserClass;

/// So many vehicles must get their class.
pub const RIGHT: f64 = 0.90;

/// What one vehicle was taken for when it was last seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// What it is.
    pub truly: RoadUserClass,
    /// What it was taken for; `None` when no track was at it.
    pub taken_for: Option<RoadUserClass>,
}

/// Plays the scenes of some seeds, seen along the road and from above in turn.
///
/// # Errors
/// When an analysis fails.
pub fn play(seeds: std::ops::Range<u64>) -> anyhow::Result<Vec<Taken>> {
    let mut all = Vec::new();
    for seed in seeds {
        all.extend(measure(&passing(seed))?);
    }
    Ok(all)
}

#[allow(clippy::cast_precision_loss, reason = "sides of a picture")]
fn measure(passing: &Passing) -> anyhow::Result<Vec<Taken>> {
    let truly = |vehicle: &Vehicle| Taken { truly: class_of(vehicle), taken_for: None };
    let mut taken: Vec<Taken> = passing.vehicles.iter().map(truly).collect();
    let (width, height) = (WIDTH as f64, HEIGHT as f64);
    passing.scene.play_and(None, |at_s, output| {
        for (vehicle, taken) in passing.vehicles.iter().zip(&mut taken) {
            let Some([left, top, right, bottom]) = vehicle.outline(passing.lens, at_s) else { continue };
            if left < 0.0 || top < 0.0 || right > width || bottom > height {
                continue;
            }
            let own = output.tracks.iter().filter(|track| track.seen).find(|track| {
                let [x, y] = track.bbox.center().map(f64::from);
                let off = (x - f64::midpoint(left, right)).hypot(y - f64::midpoint(top, bottom));
                off < 0.5 * (right - left).max(bottom - top)
            });
            if let Some(track) = own {
                taken.taken_for = Some(track.class);
            }
        }
    })?;
    Ok(taken)
}

fn class_of(vehicle: &Vehicle) -> RoadUserClass {
    let is = |size: (f64, f64, f64)| (vehicle.size_m.0 - size.0).abs() < 1e-9;
    if is(Vehicle::MOTORBIKE) {
        RoadUserClass::Motorcycle
    } else if is(Vehicle::LORRY) {
        RoadUserClass::Truck
    } else {
        RoadUserClass::Car
    }
}

/// Share of the vehicles that were taken for what they are.
#[must_use]
pub fn right(taken: &[Taken]) -> f64 {
    let right = taken.iter().filter(|one| one.taken_for == Some(one.truly)).count();
    real(right) / real(taken.len().max(1))
}
