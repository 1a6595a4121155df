//! How sharp a picture is: how steeply its outlines rise (second derivative over first, which a blur of σ pixels divides
//! by about σ and a change of contrast leaves alone), and whether there are outlines at all.

use crate::detect::DetectError;
use opencv::core::{self, CV_16S, Mat};
use opencv::imgproc;

/// Steepness, as a sum of both Sobel derivatives, from which a pixel belongs to an outline: a step of 6 of 255.
const OUTLINE: f64 = 24.0;
/// A view with a smaller share of outlines has nothing whose sharpness could be told.
const LEAST_SHARE: f64 = 0.01;
/// Outlines may vanish down to this share of the usual number before the picture counts as less sharp: at night, with
/// street lights, about half remain.
const ENOUGH: f64 = 0.25;
/// The same for a picture that has lost the outlines that it used to have: a camera that was turned away shows others
/// instead, a blinded or covered one does not.
const ENOUGH_ELSEWHERE: f64 = 0.6;

/// One picture's sharpness.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Fineness {
    /// Mean second derivative over mean first, on the outlines.
    pub(super) steep: f64,
    /// Share of the picture's pixels that are outlines.
    pub(super) share: f64,
}

/// The usual sharpness of a camera.
#[derive(Debug, Clone, Default)]
pub(super) struct Sharpness(Fineness);

impl Sharpness {
    /// One that was learnt before.
    pub(super) fn of_usual(usual: Fineness) -> Sharpness {
        Sharpness(usual)
    }

    /// What was learnt.
    pub(super) fn usual(&self) -> Fineness {
        self.0
    }

    /// The sharpness of a picture, where it is visible.
    pub(super) fn of(luma: &Mat, visible: &Mat) -> Result<Fineness, DetectError> {
        let (mut x, mut y, mut second) = (Mat::default(), Mat::default(), Mat::default());
        imgproc::sobel_def(luma, &mut x, CV_16S, 1, 0)?;
        imgproc::sobel_def(luma, &mut y, CV_16S, 0, 1)?;
        imgproc::laplacian_def(luma, &mut second, CV_16S)?;
        let (mut x8, mut y8, mut first, mut second8) =
            (Mat::default(), Mat::default(), Mat::default(), Mat::default());
        // Halved, so that the sum of two does not run into the ceiling of a byte too early.
        core::convert_scale_abs(&x, &mut x8, 0.5, 0.0)?;
        core::convert_scale_abs(&y, &mut y8, 0.5, 0.0)?;
        core::convert_scale_abs(&second, &mut second8, 0.5, 0.0)?;
        core::add_def(&x8, &y8, &mut first)?;
        let (mut steep, mut outline) = (Mat::default(), Mat::default());
        imgproc::threshold(&first, &mut steep, OUTLINE / 2.0, 255.0, imgproc::THRESH_BINARY)?;
        core::bitwise_and_def(&steep, visible, &mut outline)?;
        let pixels = f64::from(core::count_non_zero(&outline)?);
        let seen = f64::from(core::count_non_zero(visible)?).max(1.0);
        if pixels < 1.0 {
            return Ok(Fineness::default());
        }
        let (first, second) = (core::mean(&first, &outline)?[0], core::mean(&second8, &outline)?[0]);
        Ok(Fineness { steep: second / first.max(1.0), share: pixels / seen })
    }

    /// A picture's sharpness as a share of the usual; 1 where there is nothing to tell it by.
    pub(super) fn compare(&self, now: Fineness, is_elsewhere: bool) -> f64 {
        if self.0.share < LEAST_SHARE {
            return 1.0;
        }
        let enough = if is_elsewhere { ENOUGH_ELSEWHERE } else { ENOUGH };
        let there = (now.share / (enough * self.0.share)).min(1.0);
        now.steep / self.0.steep.max(f64::MIN_POSITIVE) * there
    }

    pub(super) fn learn(&mut self, now: Fineness, share: f64) {
        self.0.steep += share * (now.steep - self.0.steep);
        self.0.share += share * (now.share - self.0.share);
    }
}
