//! A view that is known: where its outlines are and how sharp it is.

use super::outlines::Outlines;
use super::sharpness::{Fineness, Sharpness};
use crate::detect::DetectError;
use ngatu_scene::View;
use opencv::core::Mat;
use opencv::prelude::*;

/// Measurements from which a view is known; none is judged before.
const KNOWN_AFTER: u32 = 16;
/// Time constant with which a known view is learnt on, seconds: dusk takes longer, a parked lorry stays longer.
const MEMORY_S: f64 = 300.0;
/// Time between two measurements, seconds.
pub(super) const PERIOD_S: f64 = 0.5;
/// Share of lost outlines from which the picture shows nothing that it used to.
const ELSEWHERE: f64 = 0.6;

/// What one picture shows, as it is compared.
pub(super) struct Look {
    pub(super) field: Mat,
    pub(super) fineness: Fineness,
}

/// A view, learnt from looks at it.
#[derive(Clone, Default)]
pub(super) struct Known {
    pub(super) outlines: Outlines,
    pub(super) sharpness: Sharpness,
    learnt: u32,
}

impl Known {
    /// A view that was known before the agent started. Its light may be another one by now, so that it is learnt on
    /// as quickly as one that has just become known.
    pub(super) fn recalled(outlines: Outlines, sharpness: Sharpness) -> Known {
        Known { outlines, sharpness, learnt: KNOWN_AFTER }
    }

    /// Whether enough was seen of it to compare with.
    pub(super) fn is_known(&self) -> bool {
        self.learnt >= KNOWN_AFTER
    }

    /// Whether a look has the size of those that it was learnt from.
    pub(super) fn fits(&self, look: &Look) -> bool {
        let (own, other) = (self.outlines.mean(), &look.field);
        self.learnt == 0 || (own.rows() == other.rows() && own.cols() == other.cols())
    }

    /// `view` with what this look says of where and how sharp the picture is; as usual while that is not known.
    pub(super) fn compare(&self, look: &Look, mut view: View) -> Result<View, DetectError> {
        if self.is_known() {
            (view.lost_outlines, view.shift) = self.outlines.compare(&look.field)?;
            let is_elsewhere = view.shift <= 0.0 && view.lost_outlines >= ELSEWHERE;
            view.sharpness = self.sharpness.compare(look.fineness, is_elsewhere);
        }
        Ok(view)
    }

    /// Learns from a look: the mean of all that was seen at first, then one that forgets. `slowly` leaves the first out.
    pub(super) fn learn(&mut self, look: &Look, slowly: bool) -> Result<(), DetectError> {
        let least = PERIOD_S / MEMORY_S;
        if !slowly || !self.is_known() {
            self.learnt = self.learnt.saturating_add(1);
        }
        let share = if slowly && self.is_known() { least } else { (1.0 / f64::from(self.learnt)).max(least) };
        self.outlines.learn(&look.field, share)?;
        self.sharpness.learn(look.fineness, share);
        Ok(())
    }
}
