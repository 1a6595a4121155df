//! The tracker's constants: one set for every camera, frame rate and picture size. Times are in seconds, lengths in
//! box scales, so nothing here knows a sequence.
//!
//! Those about persons were found by a search over three recorded sequences at full, half and a fifth of their frame
//! rate, with and without weak detections; those about vehicles were chosen from speeds in traffic.

use ngatu_protocol::RoadUserClass;

/// The constants of association, motion and life of a track. A *scale* is the larger side of a box.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// A detection below it may continue a track and not begin one.
    pub(super) strong_person: f32,
    /// The same for other classes, whose scores run lower.
    pub(super) strong_other: f32,
    /// A detection that overlaps a better one by more than this is probably the same road user twice, and not strong …
    pub(super) double_iou: f32,
    /// … unless its score is above this.
    pub(super) double_score: f32,
    /// Detections below it are not looked at.
    pub(super) weak: f32,
    /// One detection this strong is a track at once.
    pub(super) certain: f32,
    /// Others are a track when they were followed for so long.
    pub(super) confirm_s: f32,
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
    /// Time constant with which a lost track's speed fades.
    pub(super) fade_s: f32,
    /// Random acceleration, scales per s^1.5.
    pub(super) jolt: f32,
    /// The same for width and height.
    pub(super) jolt_size: f32,
    /// Error of a measured centre, in scales.
    pub(super) sd_center: f32,
    /// Error of a measured width or height, in scales.
    pub(super) sd_size: f32,
    /// Speed that a person may have at first sight, scales per second.
    pub(super) speed_person: f32,
    /// The same for vehicles.
    pub(super) speed_other: f32,
    /// Rate of width and height at first sight, scales per second.
    pub(super) rate_size: f32,
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
    /// Cost limit of the second pass, over weak detections.
    pub(super) limit_weak: f32,
    /// Tracks whose last strong detection is longer ago take no part in the second pass.
    pub(super) weak_s: f32,
    /// A weak detection that overlaps a strong one by more is the same road user twice.
    pub(super) weak_iou: f32,
    /// A detection that overlaps a track seen in the same frame by more begins nothing.
    pub(super) birth_iou: f32,
    /// A candidate that overlaps a track seen in the same frame by more than this is probably the same road user twice …
    pub(super) crowd_iou: f32,
    /// … and must hold out for so long.
    pub(super) crowd_s: f32,
    /// Share of the detection in the reported box; the rest is the filter's.
    pub(super) output_mix: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strong_person: 0.543,
            strong_other: 0.35,
            double_iou: 0.3,
            double_score: 0.628,
            weak: 0.324,
            certain: 0.554,
            confirm_s: 0.39,
            candidate_memory_s: 0.29,
            memory_s: 1.73,
            covered_memory_s: 2.0,
            coast_s: 0.4,
            covered_coast_s: 1.981,
            fade_s: 1.946,
            jolt: 0.34,
            jolt_size: 0.021,
            sd_center: 0.084,
            sd_size: 0.23,
            speed_person: 2.451,
            speed_other: 4.0,
            rate_size: 0.015,
            buffer: 0.221,
            buffer_sd: 1.72,
            cost_size: 0.205,
            cost_direction: 0.22,
            cost_lost: 0.085,
            cost_class: 0.1,
            cost_group: 0.5,
            limit: 0.69,
            limit_weak: 0.433,
            weak_s: 1.075,
            weak_iou: 0.396,
            birth_iou: 0.8,
            crowd_iou: 0.164,
            crowd_s: 3.01,
            output_mix: 0.286,
        }
    }
}

impl Settings {
    /// The score from which a detection of this class can begin a track.
    pub(super) fn strong(&self, class: RoadUserClass) -> f32 {
        if class == RoadUserClass::Person { self.strong_person } else { self.strong_other }
    }

    /// The speed that a road user may have at first sight, scales per second.
    pub(super) fn speed(&self, class: RoadUserClass) -> f32 {
        if class == RoadUserClass::Person { self.speed_person } else { self.speed_other }
    }
}
