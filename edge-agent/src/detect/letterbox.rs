//! The network's input: the picture fitted into a square, the rest 0, normalised, as planes.

use super::DetectError;
use crate::source::Frame;
use ngatu_scene::BoxPx;
use opencv::core::Vec3b;
use opencv::prelude::*;

/// Side of the network's input, pixels.
pub const INPUT_SIDE_PX: u32 = 416;

/// Side as an index.
const SIDE: usize = INPUT_SIDE_PX as usize;
/// Mean and deviation of the blue, green and red values that the network was trained with.
const MEAN_BGR: [f32; 3] = [103.53, 116.28, 123.675];
const DEVIATION_BGR: [f32; 3] = [57.375, 57.12, 58.395];

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
        let (width, height) = (index(size.width), index(size.height));
        let (left, top) = ((SIDE - width) / 2, (SIDE - height) / 2);
        input.resize(3 * SIDE * SIDE, 0.0);
        let pixels = picture.data_typed::<Vec3b>()?;
        for (channel, plane) in input.chunks_exact_mut(SIDE * SIDE).enumerate() {
            let table = table(channel);
            plane.fill(table[0]);
            for (row, line) in pixels.chunks_exact(width).enumerate() {
                let start = (top + row) * SIDE + left;
                for (target, pixel) in plane[start..start + width].iter_mut().zip(line) {
                    *target = table[usize::from(pixel[channel])];
                }
            }
        }
        let ratio = |own: u32, fitted: i32| own as f32 / fitted as f32;
        Ok(Letterbox {
            scale: [ratio(frame.width_px(), size.width), ratio(frame.height_px(), size.height)],
            offset_px: [left as f32, top as f32],
        })
    }

    /// A box of the input as a box of the frame.
    #[must_use]
    pub fn to_frame(self, bbox: BoxPx) -> BoxPx {
        let [x, y] = self.offset_px;
        BoxPx { left: bbox.left - x, top: bbox.top - y, ..bbox }.scaled(self.scale[0], self.scale[1])
    }
}

/// The normalised value of each byte.
fn table(channel: usize) -> [f32; 256] {
    std::array::from_fn(|byte| (byte as f32 - MEAN_BGR[channel]) / DEVIATION_BGR[channel])
}

fn index(px: i32) -> usize {
    usize::try_from(px).unwrap_or(0).min(SIDE)
}
