//! What is known of the picture itself: whether it shows what it usually shows. The caller measures it; the rules about
//! the camera read it, and while it is wrong everything that rests on the picture is suspended.
//!
//! What decides is a share of this camera's own usual, so that no threshold knows a scene: a foggy square and a lit
//! junction each have their own sharpness.
//!
//! The usual changes: a camera is turned for good, a house is built, snow falls. [`Adoption`] says when another view has
//! lasted so long that it is the usual one from now on.

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
/// Another view that was seen for so long is adopted, seconds: longer than lorries queue before a near camera or the wind
/// holds a branch in front of it, and short enough that a camera which was turned for good does not miss a shift.
pub const ADOPT_AFTER_S: f64 = 300.0;
/// Something that passes in front of the other view does not matter for so long, seconds.
const ADOPTION_BORNE_S: f64 = 30.0;
/// Longest time from look to look that counts, seconds: nobody knows what was in a longer gap.
const LONGEST_LOOK_S: f64 = 2.0;
/// The confirmed view that was seen again for so long is the usual one again, seconds; less than a rule about the camera
/// waits.
const BACK_AFTER_S: f64 = 2.0;
/// So long, seconds, where the adopted view is not wrong either: the snow has melted, the night is over.
const SAME_AFTER_S: f64 = 60.0;
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
    /// How many views were adopted since a person confirmed one; 0 while the picture shows the confirmed view. On an
    /// adopted view nobody knows what the calibration is worth.
    pub adopted: u32,
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
            adopted: 0,
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

    /// Whether it may be another view than the usual one, in a picture that can be used: what may become usual.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        let other = self.shift >= IN_PLACE || self.lost_outlines > OUTLINES_FOUND;
        other && self.tampered().0 != Trouble::Yes
    }

    /// Whether the picture certainly shows the view that it was compared with.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.tampered().0 == Trouble::No && self.moved().0 == Trouble::No
    }

    /// Whether the picture is certainly not what it usually is: nothing can be learnt from it.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.troubles() != (false, false)
    }
}

/// What a look at a picture says of another view that may become the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glimpse {
    /// It shows the usual view.
    Usual,
    /// It shows a view that was confirmed before another one was adopted.
    Confirmed,
    /// It shows that one and the adopted one as well.
    Both,
    /// It shows the other view, or, where `agrees` is false, a third one.
    Other {
        /// Whether it is what the last looks at the other view showed.
        agrees: bool,
    },
    /// It shows nothing that could be known: covered, blurred, frozen.
    Nothing,
}

/// What follows from a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Wait,
    /// What was gathered of the other view is forgotten, and it begins with this picture.
    Begin,
    /// This picture adds to what is known of the other view.
    Gather,
    /// The other view is the usual one from now on.
    Adopt,
    /// The confirmed view is the usual one again.
    Return,
}

/// When another view has lasted so long that it is the usual one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Adoption {
    last_s: Option<f64>,
    /// For how long the other view was seen, what passed in front of it left out.
    seen_s: f64,
    /// For how long something else than the other view has been seen.
    unlike_s: f64,
    confirmed_s: f64,
    under_way: bool,
}

impl Adoption {
    /// Takes a look, at any time that only grows; a time that goes back counts as none.
    pub fn step(&mut self, now_s: f64, glimpse: Glimpse) -> Step {
        let step_s = self.last_s.map_or(0.0, |last_s| (now_s - last_s).clamp(0.0, LONGEST_LOOK_S));
        self.last_s = Some(now_s);
        let confirmed = matches!(glimpse, Glimpse::Confirmed | Glimpse::Both);
        self.confirmed_s = if confirmed { self.confirmed_s + step_s } else { 0.0 };
        let anew = Adoption { last_s: self.last_s, ..Adoption::default() };
        let wanted_s = if glimpse == Glimpse::Both { SAME_AFTER_S } else { BACK_AFTER_S };
        if confirmed && self.confirmed_s + EPSILON_S >= wanted_s {
            *self = anew;
            return Step::Return;
        }
        match glimpse {
            Glimpse::Usual | Glimpse::Both => {
                *self = Adoption { confirmed_s: self.confirmed_s, ..anew };
                Step::Wait
            }
            Glimpse::Confirmed | Glimpse::Nothing => {
                self.unlike_s += step_s;
                Step::Wait
            }
            Glimpse::Other { agrees: true } if self.under_way && self.unlike_s <= ADOPTION_BORNE_S => {
                self.unlike_s = 0.0;
                self.seen_s += step_s;
                if self.seen_s + EPSILON_S < ADOPT_AFTER_S {
                    return Step::Gather;
                }
                *self = anew;
                Step::Adopt
            }
            Glimpse::Other { agrees } => {
                self.unlike_s += step_s;
                if self.under_way && !agrees && self.unlike_s <= ADOPTION_BORNE_S {
                    return Step::Wait;
                }
                (self.under_way, self.seen_s, self.unlike_s) = (true, 0.0, 0.0);
                Step::Begin
            }
        }
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
