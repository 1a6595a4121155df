//! The network's input: the picture fitted into a square, the rest 0, normalised, as planes.

use super::DetectError;
use crate::source::Frame;
use ngatu_scene::BoxPx;
use opencv::core::{self, CV_32F, Mat, Rect, Vector};
use opencv::prelude::*;

/// Side of the network's input, pixels.
pub const INPUT_SIDE_PX: u32 = 416;

/// Side as an index.
const SIDE: usize = INPUT_SIDE_PX as usize;
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
    /// Fits the frame into the input and writes it to `input`, which becomes 3 planes of 416 × 416.
    ///
    /// # Errors
    /// When the frame is broken.
    pub fn fill(frame: &Frame, input: &mut Vec<f32>) -> Result<Letterbox, DetectError> {
        let size = frame.fitted(INPUT_SIDE_PX, INPUT_SIDE_PX);
        let picture = frame.bgr(size)?;
        let (left_px, top_px) = ((side() - size.width) / 2, (side() - size.height) / 2);
        let mut channels = Vector::<Mat>::new();
        core::split(&picture, &mut channels)?;
        input.resize(3 * SIDE * SIDE, 0.0);
        for (channel, plane) in input.chunks_exact_mut(SIDE * SIDE).enumerate() {
            let (mean, deviation) = (MEAN_BGR[channel], DEVIATION_BGR[channel]);
            plane.fill(single(-mean / deviation));
            let mut square = Mat::new_rows_cols_with_data_mut(side(), side(), plane)?;
            let mut part = Mat::roi_mut(&mut square, Rect::new(left_px, top_px, size.width, size.height))?;
            channels.get(channel)?.convert_to(&mut part, CV_32F, 1.0 / deviation, -mean / deviation)?;
        }
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

fn side() -> i32 {
    i32::try_from(INPUT_SIDE_PX).unwrap_or(i32::MAX)
}

#[allow(clippy::cast_possible_truncation, reason = "a normalised colour needs no more digits")]
fn single(v: f64) -> f32 {
    v as f32
}
