//! Pictures for people: the snapshot of an event with its box drawn in, and the camera's newest still.

use crate::source::{Frame, FrameError};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::{BoxPx, Output, SceneEvent};
use opencv::core::{Point, Scalar, Vector};
use opencv::prelude::*;
use opencv::{imgcodecs, imgproc};

/// Widest snapshot of an event, pixels; a larger frame is scaled down.
const SNAPSHOT_WIDTH_PX: u32 = 1920;
/// Widest newest still, pixels.
const STILL_WIDTH_PX: u32 = 960;
/// JPEG quality, 0..=100.
const QUALITY: i32 = 85;
/// The box's colour, as blue, green, red.
const BOX_BGR: [f64; 3] = [40.0, 90.0, 255.0];

/// The frame as JPEG, with a box around the road user or thing of an event that starts in it; `output` is the frame's.
///
/// # Errors
/// When the frame is broken.
pub fn of_event(frame: &Frame, event: &SceneEvent, output: &Output) -> Result<Vec<u8>, FrameError> {
    let mut tracks = output.tracks.iter().chain(&output.things);
    let marked = tracks.find(|track| Some(track.id) == event.track).map(|track| track.bbox);
    draw(
        frame,
        marked,
        &format!("{} {:.0}%", event.class.map_or("", RoadUserClass::as_str), event.confidence * 100.0),
    )
}

/// The frame as JPEG, with a box and a label above it.
fn draw(frame: &Frame, marked: Option<BoxPx>, label: &str) -> Result<Vec<u8>, FrameError> {
    let size = frame.fitted(SNAPSHOT_WIDTH_PX, SNAPSHOT_WIDTH_PX);
    let mut picture = frame.bgr(size)?;
    if let Some(marked) = marked {
        let (x, y) =
            (size.width as f32 / frame.width_px() as f32, size.height as f32 / frame.height_px() as f32);
        let marked = marked.scaled(x, y);
        let (left, top) = (pixel(marked.left), pixel(marked.top));
        let corner = Point::new(pixel(marked.left + marked.width), pixel(marked.top + marked.height));
        let [blue, green, red] = BOX_BGR;
        let colour = Scalar::new(blue, green, red, 0.0);
        let thickness = (size.width / 320).clamp(2, 6);
        let line = imgproc::LINE_8;
        imgproc::rectangle_points(&mut picture, Point::new(left, top), corner, colour, thickness, line, 0)?;
        let font_scale = f64::from(thickness) * 0.25;
        let text_at = Point::new(left.max(2), (top - 3 * thickness).max(10 * thickness));
        let font = imgproc::FONT_HERSHEY_SIMPLEX;
        // A dark rim first, so that the label can be read on any ground.
        for (colour, thickness) in [(Scalar::all(0.0), thickness + 1), (colour, thickness / 2)] {
            imgproc::put_text(
                &mut picture,
                label,
                text_at,
                font,
                font_scale,
                colour,
                thickness,
                imgproc::LINE_AA,
                false,
            )?;
        }
    }
    encode(&picture)
}

/// The frame as a small JPEG.
///
/// # Errors
/// When the frame is broken.
pub fn still(frame: &Frame) -> Result<Vec<u8>, FrameError> {
    encode(&frame.bgr(frame.fitted(STILL_WIDTH_PX, STILL_WIDTH_PX))?)
}

fn encode(picture: &opencv::core::Mat) -> Result<Vec<u8>, FrameError> {
    let mut jpeg = Vector::<u8>::new();
    let options = Vector::from_slice(&[imgcodecs::IMWRITE_JPEG_QUALITY, QUALITY]);
    imgcodecs::imencode(".jpg", picture, &mut jpeg, &options)?;
    Ok(jpeg.to_vec())
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a float to integer cast saturates; pictures are far smaller"
)]
fn pixel(v: f32) -> i32 {
    v.round() as i32
}
