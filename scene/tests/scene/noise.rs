//! What detectors do to the truth, the same each time: boxes that jump, road users that are missed, some for a whole
//! moment, cars that are lorries for a frame, and boxes of nothing.

use crate::story::sized;
use ngatu_protocol::RoadUserClass;
use ngatu_scene::Detection;

/// Share of the box's sides by which it is off at most, in place and in size.
const JITTER: f64 = 0.1;
/// Share of the road users that are missed in a frame.
const MISSED: f64 = 0.1;
/// Share of the moments of [`MOMENT_STEPS`] in which a road user is not found at all.
const MISSED_MOMENTS: f64 = 0.03;
const MOMENT_STEPS: u64 = 4;
/// Share of the vehicles that are taken for another vehicle.
const CONFUSED: f64 = 0.05;
/// Share of the frames with a box of nothing.
const GHOSTS: f64 = 0.03;

/// A number that depends on nothing but these, 0..1 (SplitMix64).
fn chance(seed: u64, step: u64, what: u64) -> f64 {
    let mut z =
        seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ step.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ (what << 32);
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// What a detector makes of the truth in this step.
pub(crate) fn noisy(seed: u64, step: u64, truth: &[Detection]) -> Vec<Detection> {
    let mut seen = Vec::new();
    for (i, detection) in (0_u64..).zip(truth) {
        let of = |what: u64| chance(seed, step, 100 * i + what);
        let moment = chance(seed, step / MOMENT_STEPS, 100 * i + 50);
        if of(0) < MISSED || moment < MISSED_MOMENTS {
            continue;
        }
        #[allow(clippy::cast_possible_truncation, reason = "pixels of a test")]
        let off = |what: u64| ((2.0 * of(what) - 1.0) * JITTER) as f32;
        let mut noisy = *detection;
        noisy.bbox.width *= 1.0 + off(1);
        noisy.bbox.height *= 1.0 + off(2);
        noisy.bbox.left += off(3) * detection.bbox.width - (noisy.bbox.width - detection.bbox.width) / 2.0;
        noisy.bbox.top += off(4) * detection.bbox.height - (noisy.bbox.height - detection.bbox.height) / 2.0;
        noisy.score = 0.75 + 2.0 * off(5);
        if of(6) < CONFUSED && detection.class == RoadUserClass::Car {
            noisy.class = RoadUserClass::Truck;
        }
        seen.push(noisy);
    }
    if chance(seed, step, 9_999) < GHOSTS {
        let place = (chance(seed, step, 9_998), chance(seed, step, 9_997));
        seen.push(Detection { score: 0.6, ..sized(RoadUserClass::Car, place, (120.0, 80.0)) });
    }
    seen
}
