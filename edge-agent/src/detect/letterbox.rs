//! The network's input: the picture scaled down, filled up with 0 to whole cells, normalised, as planes.
//!
//! The network slides over any size, so only as much is filled up as its coarsest cells need, instead of a square: for
//! a 16:9 picture that is 416 × 256, and 9.3 ms an inference instead of 14.7.

use super::DetectError;
use crate::source::Frame;
use ngatu_scene::BoxPx;
use opencv::core::{self, CV_32F, Mat, Rect, Vector};
use opencv::prelude::*;

/// Longer side of the network's input, pixels: what it was trained with.
pub const INPUT_SIDE_PX: u32 = 416;
/// Side of the network's coarsest cell, pixels; both sides of the input are multiples of it.
const CELL_PX: i32 = 32;

/// What the network reads: the blue, the green and the red plane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Input {
    /// Width of a plane, pixels.
    pub width_px: usize,
    /// Height of a plane, pixels.
    pub height_px: usize,
    /// The planes' values, row by row.
    pub planes: Vec<f32>,
}

/// Mean and deviation of the blue, green and red values that the network was trained with.
const MEAN_BGR: [f64; 3] = [103.53, 116.28, 123.675];
const DEVIATION_BGR: [f64; 3] = [57.375, 57.12, 58.395];

/// How a frame lies in the input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letterbox {
    /// Pixels of the frame for one of the input, horizontally and vertically; they differ by the rounding to even sizes.
    pub scale: [f32; 2],
    /// Where the picture's upper left corner lies in the input, pixels.
    pub offset_px: [f32; 2],
}

impl Letterbox {
    /// Fits the frame into an input of at most 416 × 416 and writes it.
    ///
    /// # Errors
    /// When the frame is broken.
    pub fn fill(frame: &Frame, input: &mut Input) -> Result<Letterbox, DetectError> {
        let size = frame.fitted(INPUT_SIDE_PX, INPUT_SIDE_PX);
        let picture = frame.bgr(size)?;
        let (columns, rows) = (whole_cells(size.width), whole_cells(size.height));
        let (left_px, top_px) = ((columns - size.width) / 2, (rows - size.height) / 2);
        write(&picture, (left_px, top_px), (columns, rows), input)?;
        let ratio = |own: u32, fitted: i32| own as f32 / fitted as f32;
        Ok(Letterbox {
            scale: [ratio(frame.width_px(), size.width), ratio(frame.height_px(), size.height)],
            offset_px: [left_px as f32, top_px as f32],
        })
    }

    /// A box of the input as a box of the frame.
    #[must_use]
    pub fn to_frame(self, bbox: BoxPx) -> BoxPx {
        let [x, y] = self.offset_px;
        BoxPx { left: bbox.left - x, top: bbox.top - y, ..bbox }.scaled(self.scale[0], self.scale[1])
    }
}

/// Writes a colour picture as an input of `columns` × `rows`, its upper left corner at `left_px` and `top_px`, and
/// nothing around it.
pub(super) fn write(
    picture: &Mat,
    (left_px, top_px): (i32, i32),
    (columns, rows): (i32, i32),
    input: &mut Input,
) -> Result<(), DetectError> {
    let size = picture.size()?;
    let mut channels = Vector::<Mat>::new();
    core::split(picture, &mut channels)?;
    (input.width_px, input.height_px) = (index(columns), index(rows));
    let area = input.width_px * input.height_px;
    input.planes.resize(3 * area, 0.0);
    for (channel, plane) in input.planes.chunks_exact_mut(area).enumerate() {
        let (mean, deviation) = (MEAN_BGR[channel], DEVIATION_BGR[channel]);
        plane.fill(single(-mean / deviation));
        let mut whole = Mat::new_rows_cols_with_data_mut(rows, columns, plane)?;
        let mut part = Mat::roi_mut(&mut whole, Rect::new(left_px, top_px, size.width, size.height))?;
        channels.get(channel)?.convert_to(&mut part, CV_32F, 1.0 / deviation, -mean / deviation)?;
    }
    Ok(())
}

/// The length filled up to whole cells, pixels.
fn whole_cells(px: i32) -> i32 {
    (px + CELL_PX - 1) / CELL_PX * CELL_PX
}

fn index(px: i32) -> usize {
    usize::try_from(px).unwrap_or(0)
}

#[allow(clippy::cast_possible_truncation, reason = "a normalised colour needs no more digits")]
fn single(v: f64) -> f32 {
    v as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_filled_up_to_whole_cells() {
        for (px, wanted) in [(2, 32), (32, 32), (234, 256), (312, 320), (416, 416)] {
            assert_eq!(whole_cells(px), wanted, "{px}");
        }
    }

    #[test]
    fn a_box_of_the_input_finds_its_place_in_the_frame() {
        // 1080p becomes 416 × 234, with 11 rows of nothing above and below.
        let letterbox = Letterbox { scale: [1920.0 / 416.0, 1080.0 / 234.0], offset_px: [0.0, 11.0] };
        let whole = BoxPx { left: 0.0, top: 11.0, width: 416.0, height: 234.0 };
        let frame = letterbox.to_frame(whole);
        assert!((frame.left.abs() + frame.top.abs()) < 1e-3);
        assert!((frame.width - 1920.0).abs() < 1e-2 && (frame.height - 1080.0).abs() < 1e-2, "{frame:?}");
    }
}
