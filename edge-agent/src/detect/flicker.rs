//! Leaves, flags and wet lamps: pixels that become brighter than the background again and again are not somebody who
//! comes by. Traffic passes a pixel every second or less often; a branch in the wind several times a second. Only
//! brighter, since the background of what swings becomes the mean of both, and then it differs all the time.

use super::DetectError;
use opencv::core::{self, CV_8U, Mat, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

/// Time constant of the memory, seconds.
const MEMORY_S: f64 = 8.0;
/// Beginnings per second from which a pixel flickers. Dense motorbike traffic stays below 1.
const FLICKERS_PER_S: f64 = 1.1;
/// Largest part of the picture that may flicker: more is rain or noise, and leaving it out would blind the camera.
const LARGEST_RATIO: f64 = 0.25;

/// A rate of 1 a time step in the arithmetic of `rate`.
const ONE: f64 = 65_280.0;

/// How often each pixel became bright, lately.
#[derive(Default)]
pub(super) struct Flicker {
    /// 1 where the last picture was brighter than the background.
    bright: Vec<u8>,
    /// Mean over time of the beginnings in a time step, [`ONE`] for one in each.
    rate: Vec<u16>,
    /// 255 where a pixel does not flicker.
    above: Mat,
    /// The same without the fringes; empty when no pixel flickers.
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
        let (now, back) = (luma.data_typed::<u8>()?, back.data_typed::<u8>()?);
        let least = whole(threshold.min(255.0)).to_le_bytes()[0];
        if self.rate.len() != now.len() || self.above.size()? != luma.size()? {
            self.rate = vec![0; now.len()];
            self.bright = now.iter().zip(back).map(|(now, back)| is_bright(*now, *back, least)).collect();
            self.above = Mat::new_size_with_default(luma.size()?, CV_8U, Scalar::all(255.0))?;
            self.steady = Mat::default();
            return Ok(());
        }
        if step_s <= 0.0 {
            return Ok(());
        }
        // The mean of beginnings over time steps is their number per second times the step.
        let share = 1.0 - (-step_s / MEMORY_S).exp();
        let (fade, begin) = (whole(share * 65_536.0), whole(share * ONE));
        let limit = whole(ONE * FLICKERS_PER_S * step_s);
        // One loop over all, whose sixteen-bit arithmetic takes eight pixels at a time.
        let pixels = now.iter().zip(back).zip(&mut self.bright);
        let known = self.rate.iter_mut().zip(self.above.data_typed_mut::<u8>()?);
        let mut flickers = 0_u8;
        for (((now, back), before), (rate, above)) in pixels.zip(known) {
            let bright = is_bright(*now, *back, least);
            let begins = u16::from(bright & (*before ^ 1));
            #[allow(clippy::cast_possible_truncation, reason = "a product of 16 bits each, its upper half")]
            let faded = ((u32::from(*rate) * u32::from(fade)) >> 16) as u16;
            *rate = (*rate - faded).saturating_add(begins * begin);
            *before = bright;
            *above = if *rate < limit { 255 } else { 0 };
            flickers |= !*above;
        }
        self.steady = Mat::default();
        if flickers != 0 {
            // What swings has a fringe that is dark only.
            let square = imgproc::get_structuring_element_def(imgproc::MORPH_RECT, Size::new(5, 5))?;
            imgproc::erode_def(&self.above, &mut self.steady, &square)?;
        }
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

/// 1 where a pixel is brighter than the background by more than `least`.
fn is_bright(now: u8, back: u8, least: u8) -> u8 {
    u8::from(now.saturating_sub(back) > least)
}

/// Rounded; what does not fit becomes the nearest number that does.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to integer cast saturates"
)]
fn whole(value: f64) -> u16 {
    value.round() as u16
}
