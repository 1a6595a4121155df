//! A camera that shakes in the wind: how far the picture is shifted against the background, found by the least mean
//! difference of brightness over shifts of a few pixels, with a parabola through the neighbours for parts of a pixel.

use super::DetectError;
use opencv::core::{self, CV_32F, Mat, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

/// Largest shift looked for, pixels of the small picture: 3 are 9 pixels of 640.
const FARTHEST_PX: i32 = 3;
/// The best shift must leave at most this share of the difference, or nothing shook.
const LEFT_RATIO: f64 = 0.75;
/// Every so many rows are compared, whole: rows that follow each other hardly differ, and a whole row is compared sixteen
/// pixels at a time. A prime does not keep to patterns.
const STEP_ROWS: usize = 3;

/// How far the picture lies to the right of and below the background, pixels; `None` when no shift explains what
/// differs.
pub(super) fn shift(luma: &Mat, back: &Mat) -> Result<Option<[f64; 2]>, DetectError> {
    let (columns, rows) = (luma.cols(), luma.rows());
    if columns <= 4 * FARTHEST_PX || rows <= 4 * FARTHEST_PX || back.size()? != luma.size()? {
        return Ok(None);
    }
    let (now, back) = (luma.data_typed::<u8>()?, back.data_typed::<u8>()?);
    let part = |at: i32| usize::try_from(at).unwrap_or(0);
    let (width, inside) = (part(columns), part(columns - 2 * FARTHEST_PX));
    let difference = |dx: i32, dy: i32| {
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in (part(FARTHEST_PX)..part(rows - FARTHEST_PX)).step_by(STEP_ROWS) {
            let here = y * width + part(FARTHEST_PX);
            let there = (y + part(FARTHEST_PX + dy) - part(FARTHEST_PX)) * width + part(FARTHEST_PX + dx);
            let (row, other) = (&back[here..here + inside], &now[there..there + inside]);
            // The sum of a row of bytes is far below 2^32.
            sum += u64::from(row.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>());
            count += inside as u64;
        }
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let mean = sum as f64 / count.max(1) as f64;
        mean
    };
    let unshifted = difference(0, 0);
    let shifts = (-FARTHEST_PX..=FARTHEST_PX)
        .flat_map(|dy| (-FARTHEST_PX..=FARTHEST_PX).map(move |dx| (dx, dy)))
        .map(|(dx, dy)| (difference(dx, dy), dx, dy));
    let Some((least, dx, dy)) = shifts.min_by(|a, b| a.0.total_cmp(&b.0)) else { return Ok(None) };
    if least > LEFT_RATIO * unshifted {
        return Ok(None);
    }
    let inside = |d: i32| d.abs() < FARTHEST_PX;
    let vertex = |before: f64, after: f64| {
        let bend = before + after - 2.0 * least;
        if bend <= 0.0 { 0.0 } else { ((before - after) / (2.0 * bend)).clamp(-0.5, 0.5) }
    };
    let part_x = if inside(dx) { vertex(difference(dx - 1, dy), difference(dx + 1, dy)) } else { 0.0 };
    let part_y = if inside(dy) { vertex(difference(dx, dy - 1), difference(dx, dy + 1)) } else { 0.0 };
    Ok(Some([f64::from(dx) + part_x, f64::from(dy) + part_y]))
}

/// The picture shifted back; its edge, which the camera did not see, is the background's.
pub(super) fn undo(
    luma: &Mat,
    [dx, dy]: [f64; 2],
    back: &Mat,
    steadied: &mut Mat,
) -> Result<(), DetectError> {
    let mut way = Mat::new_rows_cols_with_default(2, 3, CV_32F, Scalar::all(0.0))?;
    #[allow(clippy::cast_possible_truncation, reason = "a few pixels")]
    for (row, column, value) in [(0, 0, 1.0), (1, 1, 1.0), (0, 2, dx as f32), (1, 2, dy as f32)] {
        *way.at_2d_mut::<f32>(row, column)? = value;
    }
    back.copy_to(steadied)?;
    let size = Size::new(luma.cols(), luma.rows());
    let flags = imgproc::INTER_LINEAR | imgproc::WARP_INVERSE_MAP;
    imgproc::warp_affine(luma, steadied, &way, size, flags, core::BORDER_TRANSPARENT, Scalar::all(0.0))?;
    Ok(())
}
