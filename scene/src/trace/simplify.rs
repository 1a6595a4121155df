//! Which samples of a way are needed to know it, in space and time.
//!
//! Douglas and Peucker's algorithm (1973) with the distance that Meratnia and de By took for moving objects (TD-TR,
//! "Spatiotemporal Compression Techniques for Moving Point Objects", EDBT 2004): a sample is compared with where
//! somebody who moves evenly between the ends would be *at the same time*, so that waiting and hurrying are kept like
//! turning is. Here the size of the box is kept as well. Distances are in heights of the sample's own box, which makes
//! them about as long on the ground near the camera and far from it.

use super::TracePoint;
use crate::FrameSize;

/// A foot point may be off by so many box heights: about as much as a standing person's box trembles.
const FOOT_HEIGHTS: f32 = 0.1;
/// Width and height of a box, taken together, may be off by so many box heights.
const SIZE_HEIGHTS: f32 = 0.2;

/// How far a sample is from the even movement between two others, where 1 is as far as is allowed.
fn deviation(sample: &TracePoint, (a, b): (&TracePoint, &TracePoint), aspect: f32) -> f32 {
    let even = between(a, b, sample.at);
    let [x, y] = [sample.foot[0] - even.foot[0], sample.foot[1] - even.foot[1]];
    let [width, height] = [sample.size[0] - even.size[0], sample.size[1] - even.size[1]];
    let scale = sample.size[1].max(1e-4);
    let foot = (x * aspect).hypot(y) / scale;
    let size = (width * aspect).hypot(height) / scale;
    (foot / FOOT_HEIGHTS).max(size / SIZE_HEIGHTS)
}

/// Where somebody is at a time who moves evenly from `a` to `b`.
pub(super) fn between(a: &TracePoint, b: &TracePoint, at: crate::Time) -> TracePoint {
    let whole_s = b.at.since_s(a.at);
    #[allow(clippy::cast_possible_truncation, reason = "a share, 0 to 1")]
    let share = if whole_s > 0.0 { (at.since_s(a.at) / whole_s) as f32 } else { 0.0 };
    let mix = |a: [f32; 2], b: [f32; 2]| [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
    TracePoint { at, foot: mix(a.foot, b.foot), size: mix(a.size, b.size), unseen: false }
}

/// The indices of the samples between the first and the last that are needed, ascending.
pub(super) fn inner_vertices(samples: &[TracePoint], frame: FrameSize) -> Vec<usize> {
    #[allow(clippy::cast_precision_loss, reason = "pixels of a picture are exact in f32")]
    let aspect = frame.width_px as f32 / frame.height_px.max(1) as f32;
    let (mut vertices, mut open) = (Vec::new(), vec![(0, samples.len().saturating_sub(1))]);
    while let Some((first, last)) = open.pop() {
        let ends = (&samples[first], &samples[last]);
        let of = |i: usize| (i, deviation(&samples[i], ends, aspect));
        let farthest = (first + 1..last).map(of).max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((farthest, _)) = farthest.filter(|(_, deviation)| *deviation > 1.0) {
            vertices.push(farthest);
            open.extend([(first, farthest), (farthest, last)]);
        }
    }
    vertices.sort_unstable();
    vertices
}

/// Drops every second sample but the last one. Where the way is even for long, that loses nothing.
pub(super) fn thin(samples: &mut Vec<TracePoint>) {
    let last = samples.len().saturating_sub(1);
    let mut i = 0;
    samples.retain(|_| {
        let stays = i % 2 == 0 || i == last;
        i += 1;
        stays
    });
}
