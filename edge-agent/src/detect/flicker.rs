//! Leaves, flags and wet lamps: pixels that become brighter than the background again and again are not somebody who
//! comes by. Traffic passes a pixel every second or less often; a branch in the wind several times a second. Only
//! brighter, since the background of what swings becomes the mean of both, and then it differs all the time.

use super::DetectError;
use opencv::core::{self, CV_32F, Mat, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

/// Time constant of the memory, seconds.
const MEMORY_S: f64 = 8.0;
/// Beginnings per second from which a pixel flickers. Dense motorbike traffic stays below 1.
const FLICKERS_PER_S: f64 = 1.1;
/// Largest part of the picture that may flicker: more is rain or noise, and leaving it out would blind the camera.
const LARGEST_RATIO: f64 = 0.25;

/// How often each pixel became bright, lately.
#[derive(Default)]
pub(super) struct Flicker {
    above: Mat,
    bright: Mat,
    before: Mat,
    begins: Mat,
    /// Share of time steps' beginnings, 255 a second.
    rate: Mat,
    steady: Mat,
    last_s: Option<f64>,
}

impl Flicker {
    /// Learns from a picture and its background; `threshold` is the difference in brightness that counts.
    pub(super) fn learn(
        &mut self,
        [luma, back]: [&Mat; 2],
        threshold: f64,
        now_s: f64,
    ) -> Result<(), DetectError> {
        let step_s = self.last_s.map_or(0.0, |last_s| (now_s - last_s).clamp(0.0, 1.0));
        self.last_s = Some(now_s);
        core::subtract_def(luma, back, &mut self.above)?;
        imgproc::threshold(&self.above, &mut self.bright, threshold, 255.0, imgproc::THRESH_BINARY)?;
        if self.before.size()? != luma.size()? {
            self.rate = Mat::new_size_with_default(luma.size()?, CV_32F, Scalar::all(0.0))?;
            self.steady = Mat::default();
        } else if step_s > 0.0 {
            core::compare(&self.bright, &self.before, &mut self.begins, core::CMP_GT)?;
            // The mean of begins / step over time is the number of beginnings per second.
            let share = 1.0 - (-step_s / MEMORY_S).exp();
            imgproc::accumulate_weighted_def(&self.begins, &mut self.rate, share)?;
            let limit = Scalar::all(255.0 * FLICKERS_PER_S * step_s);
            core::compare(&self.rate, &limit, &mut self.above, core::CMP_LT)?;
            // What swings has a fringe that is dark only.
            let square = imgproc::get_structuring_element_def(imgproc::MORPH_RECT, Size::new(5, 5))?;
            imgproc::erode_def(&self.above, &mut self.steady, &square)?;
        }
        std::mem::swap(&mut self.bright, &mut self.before);
        Ok(())
    }

    /// Clears the pixels of a mask that flicker.
    pub(super) fn calm(&self, differs: &mut Mat) -> Result<(), DetectError> {
        if self.steady.size()? != differs.size()? {
            return Ok(());
        }
        let pixels = f64::from(differs.rows() * differs.cols());
        let flickering = pixels - f64::from(core::count_non_zero(&self.steady)?);
        if flickering > 0.0 && flickering <= LARGEST_RATIO * pixels {
            let mut calm = Mat::default();
            core::bitwise_and_def(differs, &self.steady, &mut calm)?;
            *differs = calm;
        }
        Ok(())
    }
}
