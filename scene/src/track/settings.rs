//! The tracker's constants: one set for every camera, frame rate and picture size. Times are in seconds, lengths in
//! box scales, so nothing here knows a sequence.
//!
//! Those about persons were found by a search over three recorded sequences with two detectors each, at full, half and a
//! third of the frame rate, and with a tenth of the detections dropped and the boxes shaken by 3 %. What was searched
//! for is not the best point: the mean over constants that were all changed at random by up to 7 % counted, so that a
//! little more or less of each makes little difference. Those about vehicles were chosen from speeds in traffic and
//! looked at on footage of roads.

use crate::Detection;
use ngatu_protocol::RoadUserClass;

/// The constants of association, motion and life of a track. A *scale* is the larger side of a box.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The scores of vehicles run lower than those of persons, and are raised by this factor.
    pub(super) raise_vehicle: f32,
    /// Overlap with a better detection at which a detection is believed to 1/e.
    pub(super) double_iou: f32,
    /// Detections believed less are not looked at.
    pub(super) weak: f32,
    /// Detections believed less may continue a track and not begin one. A person believed as much is a track at once …
    pub(super) begin: f32,
    /// … and a vehicle, about which the detector is wrong more often, when believed as much …
    pub(super) sure_vehicle: f32,
    /// … or when followed for so many seconds for each 1 that is missing.
    pub(super) patience_s: f32,
    /// Time over which scores are averaged.
    pub(super) mean_s: f32,
    /// Cost limit of the second pass, over weak detections.
    pub(super) limit_weak: f32,
    /// A candidate that is not seen for so long is forgotten.
    pub(super) candidate_memory_s: f32,
    /// How long a lost track can be found again.
    pub(super) memory_s: f32,
    /// The same while another track covers it.
    pub(super) covered_memory_s: f32,
    /// How long a lost track is still reported where it is expected.
    pub(super) coast_s: f32,
    /// The same while another track covers it.
    pub(super) covered_coast_s: f32,
    /// How long a lost track keeps its speed …
    pub(super) hold_s: f32,
    /// … and the time constant with which it fades then.
    pub(super) fade_s: f32,
    /// Random acceleration, scales per s^1.5.
    pub(super) jolt: f32,
    /// Random walk of a person's width and height, scales per s^0.5.
    pub(super) drift_person: f32,
    /// The same for vehicles, which come nearer faster.
    pub(super) drift_vehicle: f32,
    /// Error of a measured centre, in scales.
    pub(super) sd_center: f32,
    /// Error of a measured width or height, in scales.
    pub(super) sd_size: f32,
    /// Speed that a person may have at first sight, scales per second.
    pub(super) speed_person: f32,
    /// The same for vehicles.
    pub(super) speed_vehicle: f32,
    /// Boxes are widened by this share of the scale before their overlap is taken …
    pub(super) buffer: f32,
    /// … and by so many standard deviations of the prediction.
    pub(super) buffer_sd: f32,
    /// Cost of |Δ ln height| + ½ |Δ ln width|.
    pub(super) cost_size: f32,
    /// Cost of turning round, for a track that moves.
    pub(super) cost_direction: f32,
    /// Cost of each second lost.
    pub(super) cost_lost: f32,
    /// Cost of another class of the same group, and of another group.
    pub(super) cost_class: f32,
    pub(super) cost_group: f32,
    /// Pairs that cost as much are not made.
    pub(super) limit: f32,
    /// Tracks whose last strong detection is longer ago take no part in the second pass.
    pub(super) weak_s: f32,
    /// Share of the detection in the reported box; the rest is the filter's.
    pub(super) output_mix: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            raise_vehicle: 1.9,
            double_iou: 0.65,
            weak: 0.35,
            begin: 0.55,
            sure_vehicle: 0.7,
            patience_s: 3.0,
            mean_s: 0.5,
            limit_weak: 0.42,
            candidate_memory_s: 0.34,
            memory_s: 2.0,
            covered_memory_s: 3.5,
            coast_s: 0.32,
            covered_coast_s: 1.5,
            hold_s: 0.3,
            fade_s: 2.0,
            jolt: 0.38,
            drift_person: 0.057,
            drift_vehicle: 0.25,
            sd_center: 0.095,
            sd_size: 0.22,
            speed_person: 1.64,
            speed_vehicle: 4.0,
            buffer: 0.21,
            buffer_sd: 1.95,
            cost_size: 0.3,
            cost_direction: 0.115,
            cost_lost: 0.09,
            cost_class: 0.1,
            cost_group: 0.5,
            limit: 0.62,
            weak_s: 0.75,
            output_mix: 0.3,
        }
    }
}

impl Settings {
    /// The score of a detection on the scale of persons.
    pub(super) fn score(&self, detection: &Detection) -> f32 {
        let raise = match detection.class {
            RoadUserClass::Person | RoadUserClass::Object => 1.0,
            _ => self.raise_vehicle,
        };
        (detection.score * raise).min(1.0)
    }

    /// The random walk of width and height, scales per s^0.5.
    pub(super) fn drift(&self, class: RoadUserClass) -> f32 {
        if class == RoadUserClass::Person { self.drift_person } else { self.drift_vehicle }
    }

    /// How much a detection of this class must be believed to be a track at once.
    pub(super) fn sure(&self, class: RoadUserClass) -> f32 {
        match class {
            RoadUserClass::Person | RoadUserClass::Object => self.begin,
            _ => self.sure_vehicle,
        }
    }

    /// The speed that a road user may have at first sight, scales per second.
    pub(super) fn speed(&self, class: RoadUserClass) -> f32 {
        if class == RoadUserClass::Person { self.speed_person } else { self.speed_vehicle }
    }
}
