//! Two weak witnesses make a strong one: where the network is unsure of a vehicle and the motion gate sees exactly its
//! box move, the vehicle is there.
//!
//! The network's scores of blurred, dark, or far vehicles lie far below what may begin a track. A moving vehicle fills
//! its box with pixels that differ from the background and leaves those around it alone; a shadow, a wall or two
//! vehicles in one box do not.

use super::DetectError;
use ngatu_protocol::RoadUserClass;
use ngatu_scene::{BoxPx, Detection};
use opencv::core::Mat;
use opencv::imgproc;
use opencv::prelude::*;

/// What fills a box, less what fills the ring around it, from which motion speaks for the box …
const SUPPORT_FROM: f32 = 0.3;
/// … and from which it does so fully.
const SUPPORT_FULL: f32 = 0.5;
/// Smallest filled share of the box itself.
const FILLED_FROM: f32 = 0.45;
/// Added to the score at full support.
const MOST_ADDED: f32 = 0.3;
/// Width of the ring, in sides of the box.
const RING: f32 = 0.15;
/// A box that shares more of the smaller one's area with a better one is that one again and gets nothing.
const SAME_SHARE: f32 = 0.5;

/// Raises the scores of vehicles whose boxes are what moves. `differs` is the gate's mask, of the whole picture of
/// `width_px` × `height_px`, in whose pixels the boxes are.
pub(super) fn confirm(
    detections: &mut [Detection],
    differs: &Mat,
    [width_px, height_px]: [u32; 2],
) -> Result<(), DetectError> {
    if differs.empty() || detections.is_empty() {
        return Ok(());
    }
    let mut sums = Mat::default();
    imgproc::integral_def(differs, &mut sums)?;
    let scale = [differs.cols() as f32 / width_px as f32, differs.rows() as f32 / height_px as f32];
    let mut raised: Vec<(usize, f32)> = Vec::with_capacity(detections.len());
    for (index, detection) in detections.iter().enumerate() {
        let vehicle = detection.class != RoadUserClass::Person && detection.is_usable();
        let added = if vehicle { added(&sums, detection.bbox.scaled(scale[0], scale[1]))? } else { 0.0 };
        raised.push((index, detection.score + added));
    }
    raised.sort_by(|(i, a), (j, b)| b.total_cmp(a).then(i.cmp(j)));
    for at in 0..raised.len() {
        let (index, score) = raised[at];
        let bbox = detections[index].bbox;
        let same = |(other, _): &(usize, f32)| share(detections[*other].bbox, bbox) > SAME_SHARE;
        if score > detections[index].score && !raised[..at].iter().any(same) {
            detections[index].score = score.min(1.0);
        }
    }
    Ok(())
}

/// What motion adds to the score of this box, in pixels of the mask.
fn added(sums: &Mat, bbox: BoxPx) -> Result<f32, DetectError> {
    let (x, y) = (RING * bbox.width, RING * bbox.height);
    let wide = BoxPx {
        left: bbox.left - x,
        top: bbox.top - y,
        width: bbox.width + 2.0 * x,
        height: bbox.height + 2.0 * y,
    };
    let ((inside, area), (all, wide_area)) = (filled(sums, bbox)?, filled(sums, wide)?);
    let share = inside / area.max(1.0);
    if share < FILLED_FROM {
        return Ok(0.0);
    }
    let ring = (all - inside) / (wide_area - area).max(1.0);
    let support = (share - ring - SUPPORT_FROM) / (SUPPORT_FULL - SUPPORT_FROM);
    Ok(MOST_ADDED * support.clamp(0.0, 1.0))
}

/// Filled pixels of a box, and all of its pixels inside the picture.
fn filled(sums: &Mat, bbox: BoxPx) -> Result<(f32, f32), DetectError> {
    #[allow(clippy::cast_possible_truncation, reason = "a float to integer cast saturates")]
    let within = |v: f32, most: i32| (v.round() as i32).clamp(0, most);
    let (left, right) = (within(bbox.left, sums.cols() - 1), within(bbox.left + bbox.width, sums.cols() - 1));
    let (top, bottom) = (within(bbox.top, sums.rows() - 1), within(bbox.top + bbox.height, sums.rows() - 1));
    let at = |row: i32, column: i32| sums.at_2d::<i32>(row, column).copied();
    let sum = at(bottom, right)? - at(top, right)? - at(bottom, left)? + at(top, left)?;
    Ok((sum as f32 / 255.0, ((right - left) * (bottom - top)) as f32))
}

/// Share of the smaller box that lies in the other.
fn share(a: BoxPx, b: BoxPx) -> f32 {
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    if x <= 0.0 || y <= 0.0 { 0.0 } else { x * y / a.area().min(b.area()).max(f32::MIN_POSITIVE) }
}
