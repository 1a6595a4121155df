//! A piece of the picture, turned by a right angle to both sides: the network, which learnt from people who stand, finds
//! in it who lies. Both turned pieces lie side by side in one input, so a look is one inference.

use super::DetectError;
use super::letterbox::{Input, write};
use crate::source::Frame;
use ngatu_scene::{BoxPx, Detection};
use opencv::core::{self, CV_8UC3, Mat, Rect, Scalar, Size};
use opencv::prelude::*;

/// Side of one turned piece in the input, pixels: a multiple of the network's coarsest cell. Somebody who fills 0.4 of
/// it is 77 px long, as tall as the network finds people best.
const SIDE_PX: i32 = 192;
/// A box that reaches over the seam of the two pieces by more than this share of its width is of neither.
const OVER_SEAM: f32 = 0.1;

/// A square piece of a frame, pixels of the frame. It may reach beyond the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    /// The middle, x and y.
    pub middle: [f32; 2],
    /// The side, more than 0.
    pub side: f32,
}

impl Square {
    /// Writes the piece into the input: turned clockwise at the left, and counter-clockwise at the right.
    ///
    /// # Errors
    /// When the frame is broken.
    pub(super) fn fill(self, frame: &Frame, input: &mut Input) -> Result<(), DetectError> {
        let scale = SIDE_PX as f32 / self.side;
        let (left, top) = (self.middle[0] - self.side / 2.0, self.middle[1] - self.side / 2.0);
        let whole = BoxPx { left, top, width: self.side, height: self.side };
        let mut upright = Mat::new_rows_cols_with_default(SIDE_PX, SIDE_PX, CV_8UC3, Scalar::all(0.0))?;
        if let Some(part) = inside(whole, frame) {
            // Where the part of the piece that lies in the frame is within the piece, whole pixels.
            let x = px((part.x as f32 - left) * scale).clamp(0, SIDE_PX - 2);
            let y = px((part.y as f32 - top) * scale).clamp(0, SIDE_PX - 2);
            let size = Size::new(
                even(part.width as f32 * scale).min((SIDE_PX - x) / 2 * 2),
                even(part.height as f32 * scale).min((SIDE_PX - y) / 2 * 2),
            );
            let small = frame.bgr_of(part, size)?;
            small.copy_to(&mut Mat::roi_mut(&mut upright, Rect::new(x, y, size.width, size.height))?)?;
        }
        let mut both = Mat::new_rows_cols_with_default(SIDE_PX, 2 * SIDE_PX, CV_8UC3, Scalar::all(0.0))?;
        for (x, turn) in [(0, core::ROTATE_90_CLOCKWISE), (SIDE_PX, core::ROTATE_90_COUNTERCLOCKWISE)] {
            let mut turned = Mat::default();
            core::rotate(&upright, &mut turned, turn)?;
            turned.copy_to(&mut Mat::roi_mut(&mut both, Rect::new(x, 0, SIDE_PX, SIDE_PX))?)?;
        }
        write(&both, (0, 0), (2 * SIDE_PX, SIDE_PX), input)
    }

    /// What the network found in the input, in pixels of the frame and turned back: what stood in the input lies here.
    pub(super) fn turn_back(self, found: &mut Vec<Detection>) {
        found.retain_mut(|detection| match self.to_frame(detection.bbox) {
            Some(bbox) => {
                detection.bbox = bbox;
                true
            }
            None => false,
        });
    }

    /// A box of the input as a box of the frame; `None` for one over the seam.
    fn to_frame(self, bbox: BoxPx) -> Option<BoxPx> {
        let side = SIDE_PX as f32;
        let right = bbox.left + bbox.width;
        let over = (right - side).min(side - bbox.left);
        if over > OVER_SEAM * bbox.width {
            return None;
        }
        let (along, down) = (bbox.left + bbox.width / 2.0, bbox.top + bbox.height);
        let upright = if along < side {
            // (x, y) went to (side − y, x).
            BoxPx { left: bbox.top, top: side - right, width: bbox.height, height: bbox.width }
        } else {
            // (x, y) went to (y, side − x), moved right by a side.
            BoxPx { left: side - down, top: bbox.left - side, width: bbox.height, height: bbox.width }
        };
        let scale = self.side / side;
        let upright = upright.scaled(scale, scale);
        Some(BoxPx {
            left: upright.left + self.middle[0] - self.side / 2.0,
            top: upright.top + self.middle[1] - self.side / 2.0,
            ..upright
        })
    }
}

/// The part of a piece that lies in the frame, with even corners, since colours are half as fine; `None` for hardly any.
fn inside(whole: BoxPx, frame: &Frame) -> Option<Rect> {
    let within = |v: f32, most: u32| even_below(v).clamp(0, i32::try_from(most).unwrap_or(i32::MAX) / 2 * 2);
    let (left, right) =
        (within(whole.left, frame.width_px()), within(whole.left + whole.width, frame.width_px()));
    let (top, bottom) =
        (within(whole.top, frame.height_px()), within(whole.top + whole.height, frame.height_px()));
    (right - left >= 8 && bottom - top >= 8).then(|| Rect::new(left, top, right - left, bottom - top))
}

#[allow(clippy::cast_possible_truncation, reason = "a float to integer cast saturates")]
fn px(v: f32) -> i32 {
    v.round() as i32
}

fn even(v: f32) -> i32 {
    (px(v / 2.0) * 2).max(2)
}

fn even_below(v: f32) -> i32 {
    px(v / 2.0 - 0.5) * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    /// A bright block on black, left to right 20 px and top to bottom 8 px, at (100, 60) of 160 × 120.
    fn frame() -> Frame {
        gstreamer::init().unwrap();
        let mut planes = vec![16_u8; 160 * 120];
        for y in 60..68 {
            planes[y * 160 + 100..y * 160 + 120].fill(235);
        }
        planes.resize(160 * 120 / 2 * 3, 128);
        Frame::of_planes((160, 120), planes, DateTime::UNIX_EPOCH, 0).unwrap()
    }

    /// The box around what is bright in one half of an input.
    fn bright(input: &Input, columns: std::ops::Range<usize>) -> BoxPx {
        let (mut left, mut top, mut right, mut bottom) = (f32::MAX, f32::MAX, 0.0_f32, 0.0_f32);
        for y in 0..input.height_px {
            for x in columns.clone() {
                if input.planes[y * input.width_px + x] > 0.2 {
                    (left, right) = (left.min(x as f32), right.max(x as f32 + 1.0));
                    (top, bottom) = (top.min(y as f32), bottom.max(y as f32 + 1.0));
                }
            }
        }
        BoxPx { left, top, width: right - left, height: bottom - top }
    }

    #[test]
    fn what_lies_stands_in_the_input_and_its_box_comes_back_to_its_place() {
        let frame = frame();
        // The second piece reaches beyond the frame.
        for square in
            [Square { middle: [100.0, 60.0], side: 64.0 }, Square { middle: [120.0, 80.0], side: 96.0 }]
        {
            let mut input = Input::default();
            square.fill(&frame, &mut input).unwrap();
            assert_eq!((input.width_px, input.height_px), (384, 192));
            for columns in [0..192, 192..384] {
                let turned = bright(&input, columns);
                assert!(turned.height > 2.0 * turned.width, "it does not stand: {turned:?}");
                let mut found = vec![Detection {
                    bbox: turned,
                    class: ngatu_protocol::RoadUserClass::Person,
                    score: 0.5,
                }];
                square.turn_back(&mut found);
                let back = found[0].bbox;
                let off = (back.left - 100.0).abs().max((back.top - 60.0).abs());
                let size = (back.width - 20.0).abs().max((back.height - 8.0).abs());
                assert!(off < 1.5 && size < 2.0, "{square:?}: {back:?}");
            }
        }
    }

    #[test]
    fn a_box_over_the_seam_is_of_neither_piece() {
        let square = Square { middle: [100.0, 60.0], side: 64.0 };
        assert_eq!(square.to_frame(BoxPx { left: 180.0, top: 20.0, width: 30.0, height: 80.0 }), None);
        assert!(square.to_frame(BoxPx { left: 163.0, top: 20.0, width: 30.0, height: 80.0 }).is_some());
    }
}
