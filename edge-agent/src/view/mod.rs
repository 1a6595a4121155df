//! Measuring the picture itself: does it show what this camera usually shows? Twice a second, on a small picture.
//!
//! [`outlines`] knows where the camera used to look, [`sharpness`] how sharp its picture usually is; together they are a
//! [`known`] view, which [`store`] keeps on disk. [`life`] tells whether the picture still changes, [`smoke`] (only for
//! cameras with a rule about it) flames and smoke. What the values mean is judged in `scene`, also when another view has
//! lasted so long that it is the usual one; here they are measured, and learnt from while nothing is wrong.

mod known;
mod life;
mod outlines;
mod sharpness;
mod smoke;
mod store;

use crate::detect::DetectError;
use crate::source::{Frame, Masks};
use known::{Known, Look, PERIOD_S};
use life::Life;
use ngatu_protocol::CameraId;
use ngatu_scene::View;
use ngatu_scene::view::{Adoption, Glimpse, Step};
use opencv::core::{self, CV_8U, Mat, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;
use outlines::Outlines;
use sharpness::Sharpness;
pub use smoke::{SMOKE_SIDE_PX, SmokeMeter};
pub use store::ViewStore;
use store::{Kept, StoreError};

/// Widest and highest picture that is measured, pixels.
pub const SIDE_PX: u32 = 320;
/// Deviation of the brightness, of 255, below which a picture shows nothing.
const BLANK_DEVIATION: f64 = 1.0;
/// Nothing is learnt from a picture that has stood for longer, seconds: it may be frozen.
const STANDS_S: f64 = 10.0;
/// What was learnt is written to disk so often, seconds.
const SAVE_EVERY_S: f64 = 600.0;

/// What a camera's picture usually is.
#[derive(Clone)]
pub struct ViewMeter {
    masks: Masks,
    visible: Mat,
    usual: Known,
    /// The view that a person confirmed, while another one is the usual.
    confirmed: Option<Known>,
    /// The view that may become the usual one.
    other: Known,
    adoption: Adoption,
    adopted: u32,
    life: Life,
    smoke: Option<SmokeMeter>,
    store: Option<ViewStore>,
    /// When the views were last written, and whether they must be now.
    saved: (f64, bool),
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
            usual: Known::default(),
            confirmed: None,
            other: Known::default(),
            adoption: Adoption::default(),
            adopted: 0,
            life: Life::default(),
            smoke: with_smoke.then(SmokeMeter::default),
            store: None,
            saved: (f64::NEG_INFINITY, false),
            due_s: f64::NEG_INFINITY,
            raw: [View::default(); 3],
            last: View::default(),
        }
    }

    /// Goes on from the views that are kept there, and keeps them there from now on. What cannot be used is said in the
    /// log, and the view is learnt anew.
    pub fn keep_in(&mut self, store: ViewStore, camera: &CameraId) {
        match store.load() {
            Ok(Some(Kept { usual, confirmed, adopted })) => {
                tracing::info!(%camera, adopted, "the camera's usual view is known");
                (self.usual, self.confirmed, self.adopted) = (usual, confirmed, adopted);
            }
            Ok(None) => tracing::info!(%camera, "the camera's usual view is learnt: none was kept"),
            Err(reason @ StoreError::Another) => {
                tracing::info!(%camera, %reason, "the camera's usual view is learnt anew");
            }
            Err(reason) => {
                tracing::warn!(%camera, %reason, "the camera's usual view is learnt anew: the kept one is not used");
            }
        }
        self.store = Some(store);
    }

    /// How many views were adopted since a person confirmed one.
    #[must_use]
    pub fn adopted(&self) -> u32 {
        self.adopted
    }

    /// Writes the views to disk, if there is something new.
    pub fn save(&mut self) {
        let Some(store) = self.store.as_ref().filter(|_| self.usual.is_known()) else { return };
        let kept =
            Kept { usual: self.usual.clone(), confirmed: self.confirmed.clone(), adopted: self.adopted };
        if let Err(error) = store.save(&kept) {
            // It is written again later; until then a restart knows an older view.
            tracing::warn!(%error, "the camera's view cannot be kept on disk");
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
        // Frame times may go back; then the next writing is as far away as ever.
        if self.store.is_some() && (self.saved.1 || (now_s - self.saved.0).abs() > SAVE_EVERY_S) {
            self.saved = (now_s, false);
            self.save();
        }
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
            adopted: self.adopted,
        };
        Ok(self.last)
    }

    fn measure_once(&mut self, luma: &Mat, now_s: f64) -> Result<View, DetectError> {
        let size = luma.size()?;
        if self.visible.size()? != size {
            self.begin(size)?;
        }
        let mut view = View { frozen_s: self.life.look(luma, now_s)?, ..View::default() };
        // A picture that was frozen from the start has never been seen to change.
        let stands = self.life.never_changed() || self.life.stood_s(now_s) > STANDS_S;
        let (mut mean, mut deviation) = (Scalar::default(), Scalar::default());
        core::mean_std_dev(luma, &mut mean, &mut deviation, &self.visible)?;
        if deviation[0] < BLANK_DEVIATION {
            view.blank = Some(mean[0]);
            self.adoption.step(now_s, Glimpse::Nothing);
            return Ok(view);
        }
        let look = Look {
            field: Outlines::field(luma, &self.visible)?,
            fineness: Sharpness::of(luma, &self.visible)?,
        };
        if !self.usual.fits(&look) {
            self.forget();
        }
        let view = self.usual.compare(&look, view)?;
        let glimpse = self.glimpse(&view, &look, stands)?;
        match self.adoption.step(now_s, glimpse) {
            Step::Wait => {}
            Step::Begin => {
                self.other = Known::default();
                self.other.learn(&look, false)?;
            }
            Step::Gather => self.other.learn(&look, false)?,
            Step::Adopt | Step::Return => return self.change(&look, glimpse),
        }
        if !view.is_wrong() && !stands {
            // A picture of which nobody can say whether it is the usual one may be learnt, but not in a hurry.
            let was_known = self.usual.is_known();
            self.usual.learn(&look, !view.is_usual())?;
            self.saved.1 |= !was_known && self.usual.is_known();
        }
        Ok(view)
    }

    /// What a look says of another view.
    fn glimpse(&self, view: &View, look: &Look, stands: bool) -> Result<Glimpse, DetectError> {
        let picture = View { frozen_s: view.frozen_s, ..View::default() };
        if let Some(confirmed) = &self.confirmed
            && confirmed.fits(look)
            && confirmed.compare(look, picture)?.is_usual()
        {
            return Ok(if view.is_usual() { Glimpse::Both } else { Glimpse::Confirmed });
        }
        if view.is_usual() {
            return Ok(Glimpse::Usual);
        }
        if !view.is_elsewhere() || stands {
            return Ok(Glimpse::Nothing);
        }
        let agrees = self.other.fits(look) && !self.other.compare(look, picture)?.is_wrong();
        Ok(Glimpse::Other { agrees })
    }

    /// The usual view is another one from now on: the one that was gathered, or the confirmed one again.
    fn change(&mut self, look: &Look, glimpse: Glimpse) -> Result<View, DetectError> {
        if let (Glimpse::Confirmed, Some(confirmed)) = (glimpse, self.confirmed.take()) {
            self.usual = confirmed;
            self.adopted = 0;
        } else {
            let before = std::mem::replace(&mut self.usual, std::mem::take(&mut self.other));
            self.confirmed.get_or_insert(before);
            self.adopted = self.adopted.saturating_add(1);
        }
        self.saved.1 = true;
        self.raw = [View::default(); 3];
        self.usual.compare(look, View::default())
    }

    /// Forgets what the camera shows.
    fn forget(&mut self) {
        tracing::info!("the picture has another shape than the known view: it is learnt anew");
        (self.usual, self.other, self.confirmed) = (Known::default(), Known::default(), None);
        (self.adopted, self.adoption) = (0, Adoption::default());
    }

    /// A picture of another size; whether it is another view is seen from its field.
    fn begin(&mut self, size: Size) -> Result<(), DetectError> {
        let mut visible = Mat::new_size_with_default(size, CV_8U, Scalar::all(255.0))?;
        self.masks.fill(&mut visible, 0.0)?;
        // The rim of a privacy mask is an outline that says nothing about the view.
        let rim = imgproc::get_structuring_element_def(imgproc::MORPH_RECT, Size::new(7, 7))?;
        imgproc::erode_def(&visible, &mut self.visible, &rim)?;
        self.life = Life::default();
        self.raw = [View::default(); 3];
        Ok(())
    }
}
