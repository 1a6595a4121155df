//! Whether a blob that differs from the background is a thing, the ghost of one that left, or a play of the light.
//!
//! A thing has its outline in the picture, a ghost in the background. A shadow darkens what is seen and leaves the
//! texture as it was.

use super::Picture;
use std::collections::HashSet;

/// An outline is in the one picture and not in the other when it is so many times steeper there.
const STEEPER: f32 = 1.25;
/// Pixels to both sides of the blob's border that count as its outline.
const OUTLINE_PX: usize = 2;
/// Texture of the background, standard deviation of 255, from which a shadow is known by it.
const TEXTURE: f32 = 4.0;
/// Correlation of the picture with the background from which it is the same surface in another light.
const SAME_SURFACE: f32 = 0.8;

/// What a blob is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Something stands there.
    Thing,
    /// Something left, or only the light changed: the picture shows the background.
    Ghost,
    /// The outline does not say.
    Unsure,
}

/// Judges the pixels of `place`; the picture is expected to be `gain` times as bright as `back`.
pub(super) fn verdict(place: &[usize], picture: Picture<'_>, (back, gain): (Picture<'_>, f32)) -> Verdict {
    if is_same_surface(place, picture.pixels, back.pixels) {
        return Verdict::Ghost;
    }
    let (mut now, mut then) = (0.0_f32, 0.0_f32);
    for i in outline(place, picture) {
        now += steepness(picture, i);
        then += steepness(back, i) * gain;
    }
    if now >= STEEPER * then {
        Verdict::Thing
    } else if then >= STEEPER * now {
        Verdict::Ghost
    } else {
        Verdict::Unsure
    }
}

/// The pixels near the border of a blob, without those at the picture's edge.
fn outline(place: &[usize], picture: Picture<'_>) -> Vec<usize> {
    let (width, height) = (picture.width, picture.pixels.len() / picture.width.max(1));
    let inside: HashSet<usize> = place.iter().copied().collect();
    let steps = [(-1_isize, 0_isize), (1, 0), (0, -1), (0, 1)];
    let beside = |i: usize, (dx, dy): (isize, isize), n: usize| {
        let n = isize::try_from(n).unwrap_or(0);
        let (x, y) = (i % width, i / width);
        let (x, y) = (x.checked_add_signed(dx * n)?, y.checked_add_signed(dy * n)?);
        (x > 0 && y > 0 && x + 1 < width && y + 1 < height).then_some(y * width + x)
    };
    let mut found: HashSet<usize> = HashSet::new();
    for i in place {
        for step in steps {
            let Some(next) = beside(*i, step, 1) else { continue };
            if inside.contains(&next) {
                continue;
            }
            let back = (-step.0, -step.1);
            found.extend((1..=OUTLINE_PX).filter_map(|n| beside(*i, step, n)));
            found.extend((0..OUTLINE_PX).filter_map(|n| beside(*i, back, n)));
        }
    }
    found.into_iter().collect()
}

/// How steep the brightness is at a pixel that is not at the picture's edge.
fn steepness(picture: Picture<'_>, i: usize) -> f32 {
    let at = |i: usize| f32::from(picture.pixels[i]);
    (at(i + 1) - at(i - 1)).abs() + (at(i + picture.width) - at(i - picture.width)).abs()
}

/// Whether two pictures show the same texture at a place, whatever the light.
fn is_same_surface(place: &[usize], picture: &[u8], back: &[u8]) -> bool {
    let n = place.len().max(1) as f32;
    let mean = |pixels: &[u8]| place.iter().map(|i| f32::from(pixels[*i])).sum::<f32>() / n;
    let (now, then) = (mean(picture), mean(back));
    let (mut both, mut of_now, mut of_then) = (0.0_f32, 0.0_f32, 0.0_f32);
    for i in place {
        let (a, b) = (f32::from(picture[*i]) - now, f32::from(back[*i]) - then);
        both += a * b;
        of_now += a * a;
        of_then += b * b;
    }
    let textured = (of_then / n).sqrt() >= TEXTURE && (of_now / n).sqrt() >= 0.5 * TEXTURE;
    textured && both / (of_now * of_then).sqrt().max(1e-6) >= SAME_SURFACE
}
