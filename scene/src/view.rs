//! What is known of the picture itself: whether it shows what it usually shows. The caller measures it; the rules about
//! the camera read it, and while it is wrong everything that rests on the picture is suspended.
//!
//! What decides is a share of this camera's own usual, so that no threshold knows a scene: a foggy square and a lit
//! junction each have their own sharpness.

use crate::Time;
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{Fact, Measure};

/// The picture is blurred below this share of its usual sharpness. A Gaussian blur of 1 % of the picture's width leaves
/// less; rain, dusk and encoders at a third of the usual rate leave more.
const BLURRED: f64 = 0.45;
/// It is not blurred any more from this share on.
const SHARP: f64 = 0.6;
/// The camera looks elsewhere when so much of the usual outlines is gone though the picture is sharp.
const OUTLINES_LOST: f64 = 0.62;
/// It looks where it used to when no more than this is gone: traffic covers up to half of a picture.
const OUTLINES_FOUND: f64 = 0.5;
/// The picture is shifted from this share of its width on: a lane's width far away. A turn by 3° does it at the sides;
/// mounts that tremble in the wind stay below half of it.
const SHIFTED: f64 = 0.018;
/// It is not shifted any more below this share.
const IN_PLACE: f64 = 0.012;
/// A picture that has not changed by a bit for so long is frozen, seconds.
const FROZEN_S: f64 = 10.0;
/// What rests on the picture is suspended after it was wrong for so long, seconds: longer than a flash, or than a
/// lorry needs to pass close by.
const SUSPEND_AFTER_S: f64 = 2.0;
/// It goes on after the picture was right for so long, seconds.
const RESUME_AFTER_S: f64 = 2.0;
/// Sums of frame times are compared with thresholds to this precision, seconds.
const EPSILON_S: f64 = 1e-6;

/// The state of the picture at one moment. The default is a picture that nothing is wrong with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Mean brightness of a picture that shows nothing at all (black, grey, covered), 0..=255.
    pub blank: Option<f64>,
    /// Sharpness as a share of the usual, 1 when as usual.
    pub sharpness: f64,
    /// Share of the usual outlines that are gone, 0..=1.
    pub lost_outlines: f64,
    /// How far the picture shifted from where the camera used to look, share of its width.
    pub shift: f64,
    /// How long the picture has not changed by a single bit's noise, seconds.
    pub frozen_s: f64,
    /// How sure it is that smoke or fire is visible, 0..=1, and where, normalised.
    pub smoke_or_fire: Option<(f64, Point)>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            blank: None,
            sharpness: 1.0,
            lost_outlines: 0.0,
            shift: 0.0,
            frozen_s: 0.0,
            smoke_or_fire: None,
        }
    }
}

/// What a look at the picture says of one kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is there.
    Yes,
    /// Nobody can say: what was there stays.
    Perhaps,
    /// It is not there.
    No,
}

impl View {
    /// Whether the camera is covered, blinded, blurred or frozen, and the value that says so.
    pub(crate) fn tampered(&self) -> (Trouble, Fact) {
        let sharpness = Fact::against(Measure::Sharpness, self.sharpness, BLURRED);
        if let Some(brightness) = self.blank {
            (Trouble::Yes, Fact::of(Measure::Brightness, brightness))
        } else if self.frozen_s + EPSILON_S >= FROZEN_S {
            (Trouble::Yes, Fact::against(Measure::Frozen, self.frozen_s, FROZEN_S))
        } else if self.sharpness < BLURRED {
            (Trouble::Yes, sharpness)
        } else if self.sharpness < SHARP {
            (Trouble::Perhaps, sharpness)
        } else {
            (Trouble::No, sharpness)
        }
    }

    /// Whether the camera looks elsewhere than it used to, and the value that says so. A picture that cannot be
    /// trusted says nothing about where it looks.
    pub(crate) fn moved(&self) -> (Trouble, Fact) {
        let shift = Fact::against(Measure::Shift, self.shift, SHIFTED);
        let lost = Fact::against(Measure::PictureShare, self.lost_outlines, OUTLINES_LOST);
        let found = self.lost_outlines <= OUTLINES_FOUND;
        if self.tampered().0 != Trouble::No {
            (Trouble::Perhaps, lost)
        } else if self.shift >= SHIFTED {
            (Trouble::Yes, shift)
        } else if self.lost_outlines >= OUTLINES_LOST {
            (Trouble::Yes, lost)
        } else if !found {
            (Trouble::Perhaps, lost)
        } else if self.shift >= IN_PLACE {
            (Trouble::Perhaps, shift)
        } else {
            (Trouble::No, shift)
        }
    }

    /// Whether the camera is certainly tampered with, and whether it has certainly moved.
    #[must_use]
    pub fn troubles(&self) -> (bool, bool) {
        (self.tampered().0 == Trouble::Yes, self.moved().0 == Trouble::Yes)
    }

    /// Whether the picture is certainly not what it usually is: nothing can be learnt from it.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.troubles() != (false, false)
    }
}

/// Whether what rests on the picture is suspended: with a hold time and hysteresis, for every camera, also one without
/// a rule about it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch {
    wrong_since: Option<Time>,
    right_since: Option<Time>,
    suspended: bool,
}

impl Watch {
    /// Takes a look at the picture.
    pub(crate) fn step(&mut self, now: Time, view: &View) -> bool {
        let troubles = [view.tampered().0, view.moved().0];
        if view.is_wrong() {
            self.right_since = None;
            let since = *self.wrong_since.get_or_insert(now);
            self.suspended |= now.since_s(since) + EPSILON_S >= SUSPEND_AFTER_S;
        } else if troubles.contains(&Trouble::Perhaps) {
            self.right_since = None;
            if !self.suspended {
                self.wrong_since = None;
            }
        } else {
            self.wrong_since = None;
            let since = *self.right_since.get_or_insert(now);
            self.suspended &= now.since_s(since) + EPSILON_S < RESUME_AFTER_S;
        }
        self.suspended
    }

    /// Whether it is suspended.
    pub(crate) fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// Times before and after this moment cannot be compared.
    pub(crate) fn break_off(&mut self) {
        (self.wrong_since, self.right_since) = (None, None);
    }
}
