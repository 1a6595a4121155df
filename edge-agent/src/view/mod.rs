//! Measuring the picture itself: does it show what this camera usually shows? Twice a second, on a small picture.
//!
//! [`outlines`] knows where the camera used to look, [`sharpness`] how sharp its picture usually is, [`life`] whether it
//! still changes, [`smoke`] (only for cameras with a rule about it) flames and smoke. What the values mean is judged in
//! `scene`; here they are measured, and learnt from while nothing is wrong.

mod life;
mod outlines;
mod sharpness;
mod smoke;

use crate::detect::DetectError;
use crate::source::{Frame, Masks};
use life::Life;
use ngatu_scene::View;
use opencv::core::{self, CV_8U, Mat, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;
use outlines::Outlines;
use sharpness::Sharpness;
pub use smoke::{SMOKE_SIDE_PX, SmokeMeter};

/// Widest and highest picture that is measured, pixels.
pub const SIDE_PX: u32 = 320;
/// Time between two measurements, seconds.
const PERIOD_S: f64 = 0.5;
/// Measurements from which a view is known; none is judged before.
const KNOWN_AFTER: u32 = 16;
/// Time constant with which a known view is learnt on, seconds: dusk takes longer, a parked lorry stays longer.
const MEMORY_S: f64 = 300.0;
/// Share of lost outlines from which the picture shows nothing that it used to.
const ELSEWHERE: f64 = 0.6;
/// Deviation of the brightness, of 255, below which a picture shows nothing.
const BLANK_DEVIATION: f64 = 1.0;

/// What a camera's picture usually is.
#[derive(Clone)]
pub struct ViewMeter {
    masks: Masks,
    visible: Mat,
    outlines: Outlines,
    sharpness: Sharpness,
    life: Life,
    smoke: Option<SmokeMeter>,
    learnt: u32,
    due_s: f64,
    /// The last measurements as they came, the newest first.
    raw: [View; 3],
    last: View,
}

impl ViewMeter {
    /// A meter that knows nothing yet; `with_smoke` for a camera with a rule about smoke or fire.
    #[must_use]
    pub fn new(masks: Masks, with_smoke: bool) -> ViewMeter {
        ViewMeter {
            masks,
            visible: Mat::default(),
            outlines: Outlines::default(),
            sharpness: Sharpness::default(),
            life: Life::default(),
            smoke: with_smoke.then(SmokeMeter::default),
            learnt: 0,
            due_s: f64::NEG_INFINITY,
            raw: [View::default(); 3],
            last: View::default(),
        }
    }

    /// Measures a frame when it is time to; otherwise `None`. `now_s` may jump back, when a file begins again.
    ///
    /// # Errors
    /// When the frame is broken.
    pub fn look(&mut self, frame: &Frame, now_s: f64) -> Result<Option<View>, DetectError> {
        // The tolerance lets 5 frames a second give a measurement with each second or third frame.
        let early = now_s < self.due_s && now_s > self.due_s - 2.0 * PERIOD_S;
        if early {
            return Ok(None);
        }
        self.due_s = now_s + 0.95 * PERIOD_S;
        let mut view = self.measure(&frame.luma(frame.fitted(SIDE_PX, SIDE_PX))?, now_s)?;
        if let Some(smoke) = &mut self.smoke {
            let colours = frame.bgr(frame.fitted(SMOKE_SIDE_PX, SMOKE_SIDE_PX))?;
            view.smoke_or_fire = smoke.measure(&colours, now_s)?;
            self.last = view;
        }
        Ok(Some(view))
    }

    /// The last measurement.
    #[must_use]
    pub fn last(&self) -> View {
        self.last
    }

    /// Measures a picture of at most [`SIDE_PX`], brightness only, and learns from it while nothing is wrong. Each value
    /// is the median of three measurements: what flashes by is no state of the camera.
    ///
    /// # Errors
    /// When OpenCV refuses.
    pub fn measure(&mut self, luma: &Mat, now_s: f64) -> Result<View, DetectError> {
        let newest = self.measure_once(luma, now_s)?;
        self.raw = [newest, self.raw[0], self.raw[1]];
        let median = |of: fn(&View) -> f64| {
            let mut values = [of(&self.raw[0]), of(&self.raw[1]), of(&self.raw[2])];
            values.sort_by(f64::total_cmp);
            values[1]
        };
        let blank = self.raw.iter().filter(|view| view.blank.is_some()).count() >= 2;
        self.last = View {
            blank: newest.blank.filter(|_| blank),
            sharpness: median(|view| view.sharpness),
            lost_outlines: median(|view| view.lost_outlines),
            shift: median(|view| view.shift),
            frozen_s: newest.frozen_s,
            smoke_or_fire: None,
        };
        Ok(self.last)
    }

    fn measure_once(&mut self, luma: &Mat, now_s: f64) -> Result<View, DetectError> {
        let size = luma.size()?;
        if self.visible.size()? != size {
            self.begin(size)?;
        }
        let mut view = View { frozen_s: self.life.look(luma, now_s)?, ..View::default() };
        let (mut mean, mut deviation) = (Scalar::default(), Scalar::default());
        core::mean_std_dev(luma, &mut mean, &mut deviation, &self.visible)?;
        if deviation[0] < BLANK_DEVIATION {
            view.blank = Some(mean[0]);
            return Ok(view);
        }
        let field = self.outlines.field(luma, &self.visible)?;
        let fineness = Sharpness::of(luma, &self.visible)?;
        if self.learnt >= KNOWN_AFTER {
            (view.lost_outlines, view.shift) = self.outlines.compare(&field)?;
            let is_elsewhere = view.shift <= 0.0 && view.lost_outlines >= ELSEWHERE;
            view.sharpness = self.sharpness.compare(fineness, is_elsewhere);
        }
        if !view.is_wrong() {
            self.learnt = self.learnt.saturating_add(1);
            // The mean of all that was seen at first, then one that forgets.
            let share = (1.0 / f64::from(self.learnt)).max(PERIOD_S / MEMORY_S);
            self.outlines.learn(&field, share)?;
            self.sharpness.learn(fineness, share);
        }
        Ok(view)
    }

    /// A picture of another size is another view.
    fn begin(&mut self, size: Size) -> Result<(), DetectError> {
        let mut visible = Mat::new_size_with_default(size, CV_8U, Scalar::all(255.0))?;
        self.masks.fill(&mut visible, 0.0)?;
        // The rim of a privacy mask is an outline that says nothing about the view.
        let rim = imgproc::get_structuring_element_def(imgproc::MORPH_RECT, Size::new(7, 7))?;
        imgproc::erode_def(&visible, &mut self.visible, &rim)?;
        self.outlines = Outlines::default();
        self.sharpness = Sharpness::default();
        self.life = Life::default();
        self.raw = [View::default(); 3];
        self.learnt = 0;
        Ok(())
    }
}
