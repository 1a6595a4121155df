//! The motion gate: what differs from the background, on a picture of at most 320 pixels' width.
//!
//! The background is a running average, as in Frigate's detector. Two settings: the gate before the network forgets
//! quickly, since it only has to say "look"; the motion detector remembers long and learns slowly where something is,
//! since what stops must stay visible.

use super::DetectError;
use crate::source::{Frame, Masks};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::{BoxPx, Detection};
use opencv::core::{self, CV_8U, CV_32F, Mat, Rect, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

/// Widest picture that is compared, pixels.
const WIDTH_PX: u32 = 320;
/// Highest picture that is compared, pixels.
const HEIGHT_PX: u32 = 320;
/// Share of the picture that must differ for a change of light or view instead of a mover.
const ALL_CHANGED_RATIO: f64 = 0.6;
/// Deviation of the brightness, of 255, below which a picture shows nothing.
const BLANK_DEVIATION: f64 = 1.0;

/// What the gate watches for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watchfulness {
    /// Difference in brightness, of 255, that counts.
    threshold: f64,
    /// Smallest blob, share of the picture's area.
    min_area_ratio: f64,
    /// Time constant of the background where nothing differs, seconds.
    memory_s: f64,
    /// Time constant where something differs, seconds.
    memory_under_movers_s: f64,
    /// Time during which the background is the plain mean, and no blob is told, seconds.
    learning_s: f64,
    /// Side of the square that closes gaps inside a blob, pixels of the small picture.
    closing_px: i32,
}

impl Watchfulness {
    /// For the gate before the network.
    pub const GATE: Watchfulness = Watchfulness {
        threshold: 20.0,
        min_area_ratio: 0.0004,
        memory_s: 2.0,
        memory_under_movers_s: 2.0,
        learning_s: 0.0,
        closing_px: 3,
    };
    /// For the motion detector.
    pub const DETECTOR: Watchfulness = Watchfulness {
        threshold: 20.0,
        min_area_ratio: 0.001,
        memory_s: 10.0,
        memory_under_movers_s: 90.0,
        learning_s: 1.5,
        closing_px: 7,
    };
}

/// What one frame showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Motion {
    /// Whether something moves.
    pub moving: bool,
    /// The moving blobs, pixels of the frame; the score grows with the contrast.
    pub blobs: Vec<Detection>,
    /// Mean brightness of a picture that shows nothing at all: black, grey or covered.
    pub blank: Option<f64>,
}

/// The background of one camera.
pub struct MotionGate {
    watchfulness: Watchfulness,
    masks: Masks,
    visible: Option<Mat>,
    background: Mat,
    learnt_s: f64,
    frames: u32,
    last_s: Option<f64>,
    closing: Mat,
}

impl MotionGate {
    /// A gate that knows no background yet.
    ///
    /// # Errors
    /// When OpenCV refuses.
    pub fn new(watchfulness: Watchfulness, masks: Masks) -> Result<MotionGate, DetectError> {
        let side = Size::new(watchfulness.closing_px, watchfulness.closing_px);
        Ok(MotionGate {
            watchfulness,
            masks,
            visible: None,
            background: Mat::default(),
            learnt_s: 0.0,
            frames: 0,
            last_s: None,
            closing: imgproc::get_structuring_element_def(imgproc::MORPH_RECT, side)?,
        })
    }

    /// Compares a frame with the background and learns from it. `now_s` is any time that only grows.
    ///
    /// # Errors
    /// When the frame is broken.
    pub fn look(&mut self, frame: &Frame, now_s: f64) -> Result<Motion, DetectError> {
        let size = frame.fitted(WIDTH_PX, HEIGHT_PX);
        let small = frame.luma(size)?;
        if self.visible.is_none() || self.background.size()? != size {
            self.forget(size)?;
        }
        let mut luma = Mat::default();
        imgproc::blur_def(&small, &mut luma, Size::new(3, 3))?;
        let blank = self.blank(&luma)?;
        let step_s = self.last_s.map_or(0.0, |last_s| (now_s - last_s).clamp(0.0, 1.0));
        self.last_s = Some(now_s);
        if self.frames == 0 {
            luma.convert_to_def(&mut self.background, CV_32F)?;
            self.frames = 1;
            return Ok(Motion { moving: true, blank, ..Motion::default() });
        }

        let mask = self.difference(&luma)?;
        let changed_px = core::count_non_zero(&mask)?;
        if f64::from(changed_px) > ALL_CHANGED_RATIO * f64::from(size.area()) {
            self.frames = 0;
            self.learnt_s = 0.0;
            return Ok(Motion { moving: true, blank, ..Motion::default() });
        }
        let learning = self.learnt_s < self.watchfulness.learning_s;
        let found = if changed_px == 0 { Vec::new() } else { self.blobs(&mask, frame, size)? };
        self.learn(&luma, &mask, step_s)?;
        let moving = !found.is_empty() || learning;
        Ok(Motion { moving, blobs: if learning { Vec::new() } else { found }, blank })
    }

    fn forget(&mut self, size: Size) -> Result<(), DetectError> {
        let mut visible = Mat::new_size_with_default(size, CV_8U, Scalar::all(255.0))?;
        self.masks.fill(&mut visible, 0.0)?;
        self.visible = Some(visible);
        self.background = Mat::new_size_with_default(size, CV_32F, Scalar::all(0.0))?;
        self.frames = 0;
        self.learnt_s = 0.0;
        Ok(())
    }

    fn blank(&self, luma: &Mat) -> Result<Option<f64>, DetectError> {
        let (mut mean, mut deviation) = (Scalar::default(), Scalar::default());
        match &self.visible {
            Some(visible) if !self.masks.is_empty() => {
                core::mean_std_dev(luma, &mut mean, &mut deviation, visible)?;
            }
            _ => core::mean_std_dev_def(luma, &mut mean, &mut deviation)?,
        }
        Ok((deviation[0] < BLANK_DEVIATION).then_some(mean[0]))
    }

    /// 255 where the picture differs from the background, gaps closed.
    fn difference(&self, luma: &Mat) -> Result<Mat, DetectError> {
        let (mut background, mut difference, mut mask) = (Mat::default(), Mat::default(), Mat::default());
        self.background.convert_to_def(&mut background, CV_8U)?;
        core::absdiff(luma, &background, &mut difference)?;
        imgproc::threshold(
            &difference,
            &mut mask,
            self.watchfulness.threshold,
            255.0,
            imgproc::THRESH_BINARY,
        )?;
        let mut closed = Mat::default();
        imgproc::morphology_ex_def(&mask, &mut closed, imgproc::MORPH_CLOSE, &self.closing)?;
        Ok(closed)
    }

    fn learn(&mut self, luma: &Mat, mask: &Mat, step_s: f64) -> Result<(), DetectError> {
        self.frames = self.frames.saturating_add(1);
        let share = |memory_s: f64| 1.0 - (-step_s / memory_s).exp();
        let Watchfulness { memory_s, memory_under_movers_s, learning_s, .. } = self.watchfulness;
        if self.learnt_s < learning_s {
            self.learnt_s += step_s;
            let weight = (1.0 / f64::from(self.frames)).max(share(memory_s));
            imgproc::accumulate_weighted_def(luma, &mut self.background, weight)?;
            return Ok(());
        }
        let mut still = Mat::default();
        core::bitwise_not_def(mask, &mut still)?;
        imgproc::accumulate_weighted(luma, &mut self.background, share(memory_s), &still)?;
        imgproc::accumulate_weighted(luma, &mut self.background, share(memory_under_movers_s), mask)?;
        Ok(())
    }

    fn blobs(&self, mask: &Mat, frame: &Frame, size: Size) -> Result<Vec<Detection>, DetectError> {
        let (mut labels, mut stats, mut centers) = (Mat::default(), Mat::default(), Mat::default());
        let count =
            imgproc::connected_components_with_stats_def(mask, &mut labels, &mut stats, &mut centers)?;
        let min_area = self.watchfulness.min_area_ratio * f64::from(size.area());
        let mut rects = Vec::new();
        // Row 0 is the background.
        for row in 1..count {
            let stat = |column: i32| stats.at_2d::<i32>(row, column).copied();
            if f64::from(stat(imgproc::CC_STAT_AREA)?) >= min_area {
                let corner = (stat(imgproc::CC_STAT_LEFT)?, stat(imgproc::CC_STAT_TOP)?);
                let extent = (stat(imgproc::CC_STAT_WIDTH)?, stat(imgproc::CC_STAT_HEIGHT)?);
                rects.push(Rect::new(corner.0, corner.1, extent.0, extent.1));
            }
        }
        let (x, y) =
            (frame.width_px() as f32 / size.width as f32, frame.height_px() as f32 / size.height as f32);
        Ok(merge(rects).into_iter().map(|rect| blob(rect).scaled(x, y)).map(detection).collect())
    }
}

fn blob(rect: Rect) -> BoxPx {
    BoxPx { left: rect.x as f32, top: rect.y as f32, width: rect.width as f32, height: rect.height as f32 }
}

/// A blob has no doubt about being there, and no class.
fn detection(bbox: BoxPx) -> Detection {
    Detection { bbox, class: RoadUserClass::Object, score: 0.9 }
}

/// Joins boxes that overlap: parts of one object that the closing did not reach.
fn merge(mut rects: Vec<Rect>) -> Vec<Rect> {
    let mut merged: Vec<Rect> = Vec::new();
    while let Some(mut rect) = rects.pop() {
        // A joined box may reach others, so it is compared with all again.
        match merged.iter().position(|other| (*other & rect).area() > 0) {
            Some(at) => {
                rect |= merged.swap_remove(at);
                rects.push(rect);
            }
            None => merged.push(rect),
        }
    }
    merged.sort_by_key(|rect| (rect.y, rect.x));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_boxes_become_one_and_others_stay() {
        let rects = vec![
            Rect::new(0, 0, 10, 10),
            Rect::new(50, 50, 5, 5),
            Rect::new(18, 0, 10, 10),
            Rect::new(8, 0, 12, 10),
        ];
        assert_eq!(merge(rects), [Rect::new(0, 0, 28, 10), Rect::new(50, 50, 5, 5)]);
    }
}
