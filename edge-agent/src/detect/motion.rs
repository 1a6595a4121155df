//! The motion gate: what differs from the background, on a picture of at most 320 pixels' width.
//!
//! Two settings. The gate before the network forgets quickly, since it only has to say "look". The motion detector
//! remembers long and learns slowly where something is, since what stops must stay visible.

use super::DetectError;
use super::background::{Background, Memory};
use crate::source::{Frame, Masks};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::{BoxPx, Detection};
use opencv::core::{self, CV_8U, Mat, Rect, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

/// Widest and highest picture that is compared, pixels.
const SIDE_PX: u32 = 320;
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
    /// Side of the square that closes gaps inside a blob, pixels of the small picture.
    closing_px: i32,
    /// How the background learns.
    memory: Memory,
    /// Whether blobs are tested for being ghosts.
    tells_ghosts: bool,
}

impl Watchfulness {
    /// For the gate before the network.
    pub const GATE: Watchfulness = Watchfulness {
        threshold: 20.0,
        min_area_ratio: 0.0004,
        closing_px: 3,
        memory: Memory { still_s: 2.0, under_movers_s: 2.0, learning_s: 0.0 },
        tells_ghosts: false,
    };
    /// For the motion detector.
    pub const DETECTOR: Watchfulness = Watchfulness {
        threshold: 20.0,
        min_area_ratio: 0.001,
        closing_px: 7,
        memory: Memory { still_s: 10.0, under_movers_s: 90.0, learning_s: 1.6 },
        tells_ghosts: true,
    };
}

/// What one frame showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Motion {
    /// Whether something moves, or nothing is known yet.
    pub moving: bool,
    /// The moving blobs, pixels of the frame; none while the background is being learnt.
    pub blobs: Vec<Detection>,
    /// Mean brightness of a picture that shows nothing at all: black, grey or covered.
    pub blank: Option<f64>,
}

/// What a camera's pictures are compared with.
pub struct MotionGate {
    watchfulness: Watchfulness,
    masks: Masks,
    visible: Mat,
    background: Background,
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
            visible: Mat::default(),
            background: Background::new(watchfulness.memory),
            closing: imgproc::get_structuring_element_def(imgproc::MORPH_RECT, side)?,
        })
    }

    /// Compares a frame with the background and learns from it. `now_s` is any time that only grows.
    ///
    /// # Errors
    /// When the frame is broken.
    pub fn look(&mut self, frame: &Frame, now_s: f64) -> Result<Motion, DetectError> {
        let size = frame.fitted(SIDE_PX, SIDE_PX);
        let small = frame.luma(size)?;
        if self.visible.size()? != size {
            self.visible = Mat::new_size_with_default(size, CV_8U, Scalar::all(255.0))?;
            self.masks.fill(&mut self.visible, 0.0)?;
            self.background.forget();
        }
        let mut luma = Mat::default();
        imgproc::blur_def(&small, &mut luma, Size::new(3, 3))?;
        let blank = self.blank(&luma)?;
        let unknown = Motion { moving: true, blobs: Vec::new(), blank };
        // A picture that shows nothing is nothing to learn from.
        if blank.is_some() {
            return Ok(unknown);
        }
        let Some(differs) = self.difference(&luma, now_s)? else { return Ok(unknown) };
        let changed_px = core::count_non_zero(&differs)?;
        if f64::from(changed_px) > ALL_CHANGED_RATIO * f64::from(size.area()) {
            self.background.forget();
            return Ok(unknown);
        }
        let rects = if changed_px == 0 { Vec::new() } else { self.blobs(&luma, &differs)? };
        self.background.learn(&luma, &differs, now_s)?;
        let scale =
            [frame.width_px() as f32 / size.width as f32, frame.height_px() as f32 / size.height as f32];
        let blobs: Vec<_> = merge(rects).into_iter().map(|rect| detection(rect, scale)).collect();
        Ok(Motion { moving: !blobs.is_empty(), blobs, blank })
    }

    fn blank(&self, luma: &Mat) -> Result<Option<f64>, DetectError> {
        let (mut mean, mut deviation) = (Scalar::default(), Scalar::default());
        if self.masks.is_empty() {
            core::mean_std_dev_def(luma, &mut mean, &mut deviation)?;
        } else {
            core::mean_std_dev(luma, &mut mean, &mut deviation, &self.visible)?;
        }
        Ok((deviation[0] < BLANK_DEVIATION).then_some(mean[0]))
    }

    /// 255 where the picture differs from the background, gaps closed; nothing while there is no background.
    fn difference(&mut self, luma: &Mat, now_s: f64) -> Result<Option<Mat>, DetectError> {
        let Some(background) = self.background.compare_with(luma, now_s)? else { return Ok(None) };
        let (mut difference, mut mask) = (Mat::default(), Mat::default());
        core::absdiff(luma, background, &mut difference)?;
        let threshold = self.watchfulness.threshold;
        imgproc::threshold(&difference, &mut mask, threshold, 255.0, imgproc::THRESH_BINARY)?;
        let mut closed = Mat::default();
        imgproc::morphology_ex_def(&mask, &mut closed, imgproc::MORPH_CLOSE, &self.closing)?;
        Ok(Some(closed))
    }

    /// The boxes of the blobs that are large enough, ghosts left out.
    fn blobs(&mut self, luma: &Mat, differs: &Mat) -> Result<Vec<Rect>, DetectError> {
        let (mut labels, mut stats, mut centers) = (Mat::default(), Mat::default(), Mat::default());
        let count =
            imgproc::connected_components_with_stats_def(differs, &mut labels, &mut stats, &mut centers)?;
        let min_area = self.watchfulness.min_area_ratio * f64::from(differs.rows() * differs.cols());
        let mut rects = Vec::new();
        // Row 0 is the background.
        for row in 1..count {
            let stat = |column: i32| stats.at_2d::<i32>(row, column).copied();
            if f64::from(stat(imgproc::CC_STAT_AREA)?) < min_area {
                continue;
            }
            let corner = (stat(imgproc::CC_STAT_LEFT)?, stat(imgproc::CC_STAT_TOP)?);
            let extent = (stat(imgproc::CC_STAT_WIDTH)?, stat(imgproc::CC_STAT_HEIGHT)?);
            let rect = Rect::new(corner.0, corner.1, extent.0, extent.1);
            if !self.watchfulness.tells_ghosts || !self.is_ghost(luma, &labels, rect, row)? {
                rects.push(rect);
            }
        }
        Ok(rects)
    }

    fn is_ghost(&mut self, luma: &Mat, labels: &Mat, rect: Rect, row: i32) -> Result<bool, DetectError> {
        // A margin, so that the outline lies inside.
        let frame = Rect::new(0, 0, luma.cols(), luma.rows());
        let wide = Rect::new(rect.x - 3, rect.y - 3, rect.width + 6, rect.height + 6) & frame;
        let (own, mut mask) = (Scalar::all(f64::from(row)), Mat::default());
        core::in_range(&Mat::roi(labels, wide)?, &own, &own, &mut mask)?;
        self.background.absorb_ghost(luma, wide, &mask)
    }
}

/// A blob has no doubt about being there, and no class.
fn detection(rect: Rect, [x, y]: [f32; 2]) -> Detection {
    let bbox = BoxPx {
        left: rect.x as f32,
        top: rect.y as f32,
        width: rect.width as f32,
        height: rect.height as f32,
    };
    Detection { bbox: bbox.scaled(x, y), class: RoadUserClass::Object, score: 0.9 }
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
