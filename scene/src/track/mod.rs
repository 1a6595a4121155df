//! Tracks: each road user followed from frame to frame, also at 5 frames a second, where boxes of the same car may not
//! touch any more.
//!
//! Each frame: every track predicts where it is now; strong detections are assigned to tracks at the least total cost;
//! candidates get what is left, and tracks that got none try the weak detections; strong detections that are left begin candidates, which become tracks
//! at once when very strong and after a moment otherwise; beside a track that they overlap, they must hold out for
//! longer. A lost track is reported where it is expected for a short
//! time and can be found again for longer. What always holds: an id is never used twice, and every constant is in
//! seconds or box sizes.

mod assign;
mod cost;
mod motion;
mod settings;
mod state;
#[cfg(test)]
mod tests;

use crate::geometry::iou;
use crate::{BoxPx, Detection, Time};
use assign::Assignment;
use ngatu_protocol::RoadUserClass;
use settings::Settings;
use state::{Seen, State};

/// Longest time step that the motion model is asked to bridge; after it, everything is new.
const LONGEST_STEP_S: f64 = 10.0;

/// A followed road user in the present frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Track {
    /// Unique in the life of the tracker, counted from 1.
    pub id: u64,
    /// Where it is: detection and motion model mixed when seen, the motion model alone otherwise. Pixels.
    pub bbox: BoxPx,
    /// Its last detection as it came, without the motion model: what is measured over ground must not lag. Pixels.
    pub detected: BoxPx,
    /// By vote over the whole track.
    pub class: RoadUserClass,
    /// Running mean of the detections' scores, 0..=1.
    pub score: f32,
    /// Whether a detection in this frame belongs to it. If not, it is coasting.
    pub seen: bool,
    /// Speed in the picture, pixels per second, x and y.
    pub velocity_px_s: [f32; 2],
}

/// Follows the road users of one camera.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    settings: Settings,
    states: Vec<State>,
    reported: Vec<Track>,
    last_id: u64,
    last_step: Option<Time>,
    work: Work,
}

/// Memory that is kept between frames, so that a frame allocates nothing once it has grown.
#[derive(Debug, Clone, Default)]
struct Work {
    assignment: Assignment,
    costs: Vec<f32>,
    expected: Vec<BoxPx>,
    /// Indices of tracks and detections that take part in a pass.
    rows: Vec<usize>,
    columns: Vec<usize>,
    track_taken: Vec<bool>,
    detection_taken: Vec<bool>,
    strong: Vec<bool>,
}

impl Tracker {
    /// A tracker that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the detections of the frame at `now` and returns the tracks in it, confirmed ones only. Detections with
    /// unusable numbers are ignored. When `now` is before the last frame, or far after it, all tracks are forgotten.
    pub fn step(&mut self, now: Time, detections: &[Detection]) -> &[Track] {
        let dt = self.last_step.map_or(0.0, |last| now.since_s(last));
        if !(0.0..=LONGEST_STEP_S).contains(&dt) {
            self.reset();
        }
        self.last_step = Some(now);
        #[allow(clippy::cast_possible_truncation, reason = "seconds, at most LONGEST_STEP_S")]
        let dt = dt as f32;
        self.states.iter_mut().for_each(|state| state.predict(now, dt, &self.settings));
        self.states.retain(State::is_sane);
        self.grade(detections);
        self.associate(now, detections);
        self.begin(now, detections);
        self.forget();
        self.report();
        &self.reported
    }

    /// The tracks of the last frame.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        &self.reported
    }

    /// Forgets all tracks; ids go on.
    pub fn reset(&mut self) {
        self.states.clear();
        self.reported.clear();
        self.last_step = None;
    }

    /// Carries all tracks over to a picture whose width and height are multiplied by these factors.
    pub fn rescale(&mut self, x: f32, y: f32) {
        self.states.iter_mut().for_each(|state| state.rescale(x, y));
    }

    /// Tells strong detections from weak ones.
    fn grade(&mut self, detections: &[Detection]) {
        let settings = &self.settings;
        let is_strong = |d: &Detection| {
            let better = |other: &Detection| {
                other.score > d.score && iou(other.bbox, d.bbox) > settings.double_iou && other.is_usable()
            };
            let double = d.score < settings.double_score && detections.iter().any(better);
            d.is_usable() && d.score >= settings.strong(d.class) && !double
        };
        self.work.strong.clear();
        self.work.strong.extend(detections.iter().map(is_strong));
    }

    fn associate(&mut self, now: Time, detections: &[Detection]) {
        let settings = &self.settings;
        let work = &mut self.work;
        fill(&mut work.track_taken, self.states.len());
        fill(&mut work.detection_taken, detections.len());
        work.expected.clear();
        work.expected.extend(self.states.iter().map(State::expected));
        for pass in [Pass::Strong, Pass::Candidates, Pass::Weak] {
            let doubles = |d: &Detection| {
                let taken = detections.iter().zip(&work.detection_taken).filter(|(_, taken)| **taken);
                taken.map(|(other, _)| iou(other.bbox, d.bbox)).any(|overlap| overlap > settings.weak_iou)
            };
            let wanted = |i: usize| match pass {
                Pass::Strong | Pass::Candidates => work.strong[i],
                Pass::Weak => {
                    let d = &detections[i];
                    !work.strong[i] && d.is_usable() && d.score >= settings.weak && !doubles(d)
                }
            };
            let fits = |s: &State| match pass {
                Pass::Strong => s.id != 0,
                Pass::Candidates => s.id == 0,
                Pass::Weak => s.weak_s(now) <= settings.weak_s,
            };
            work.rows.clear();
            work.rows
                .extend((0..self.states.len()).filter(|i| !work.track_taken[*i] && fits(&self.states[*i])));
            work.columns.clear();
            let free = |i: &usize| !work.detection_taken[*i] && wanted(*i);
            work.columns.extend((0..detections.len()).filter(free));
            work.costs.clear();
            for row in &work.rows {
                let (state, expected) = (&self.states[*row], work.expected[*row]);
                let of = |column: &usize| cost::cost(state, expected, &detections[*column], settings);
                work.costs.extend(work.columns.iter().map(of));
            }
            let limit = if pass == Pass::Weak { settings.limit_weak } else { settings.limit };
            work.assignment.solve(&work.costs, work.rows.len(), work.columns.len(), limit);
            for (row, column) in &work.assignment.pairs {
                let (track, detection) = (work.rows[*row], work.columns[*column]);
                work.track_taken[track] = true;
                work.detection_taken[detection] = true;
                let seen = Seen { detection: &detections[detection], strong: work.strong[detection] };
                self.states[track].correct(&seen, now, settings);
            }
        }
    }

    /// Strong detections that belong to no track begin candidates.
    fn begin(&mut self, now: Time, detections: &[Detection]) {
        let followed = self.states.len();
        for (i, detection) in detections.iter().enumerate() {
            if self.work.detection_taken[i] || !self.work.strong[i] {
                continue;
            }
            let doubles = |state: &State| {
                state.lost_s <= 0.0 && iou(state.last, detection.bbox) > self.settings.birth_iou
            };
            if !self.states[..followed].iter().any(doubles) {
                self.states.push(State::new(detection, now, &self.settings));
            }
        }
        for i in 0..self.states.len() {
            if self.is_sure(&self.states[i], now) {
                self.last_id += 1;
                self.states[i].id = self.last_id;
            }
        }
    }

    /// Whether a candidate becomes a track.
    fn is_sure(&self, state: &State, now: Time) -> bool {
        let settings = &self.settings;
        let certain = state.score >= settings.certain || state.followed_s() >= settings.confirm_s;
        let beside = |other: &State| {
            other.id != 0 && other.lost_s <= 0.0 && iou(other.last, state.last) > settings.crowd_iou
        };
        let alone = || state.age_s(now) >= settings.crowd_s || !self.states.iter().any(beside);
        state.id == 0 && state.lost_s <= 0.0 && certain && alone()
    }

    fn forget(&mut self) {
        let settings = &self.settings;
        for i in 0..self.states.len() {
            if self.states[i].lost_s > 0.0 {
                let expected = self.states[i].expected();
                let covers =
                    |other: &State| other.id != 0 && other.lost_s <= 0.0 && buries(other.last, expected);
                self.states[i].covered = self.states.iter().any(covers);
            }
        }
        self.states.retain(|state| {
            let memory = match (state.id, state.covered) {
                (0, _) => settings.candidate_memory_s,
                (_, true) => settings.covered_memory_s,
                (_, false) => settings.memory_s,
            };
            state.lost_s <= memory
        });
    }

    fn report(&mut self) {
        self.reported.clear();
        let settings = &self.settings;
        let coasts = |state: &&State| {
            let longest_s = if state.covered { settings.covered_coast_s } else { settings.coast_s };
            state.lost_s <= longest_s
        };
        let live = self.states.iter().filter(|state| state.id != 0).filter(coasts);
        self.reported.extend(live.map(|state| Track {
            id: state.id,
            bbox: state.reported(settings),
            detected: state.last,
            class: state.class(),
            score: state.score.clamp(0.0, 1.0),
            seen: state.lost_s <= 0.0,
            velocity_px_s: state.velocity(),
        }));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Pass {
    /// Tracks and strong detections.
    Strong,
    /// Candidates and the strong detections that are left.
    Candidates,
    /// Tracks and candidates that got none, and weak detections.
    Weak,
}

/// Whether `front` hides at least half of `behind`.
fn buries(front: BoxPx, behind: BoxPx) -> bool {
    let x = (front.left + front.width).min(behind.left + behind.width) - front.left.max(behind.left);
    let y = (front.top + front.height).min(behind.top + behind.height) - front.top.max(behind.top);
    x > 0.0 && y > 0.0 && x * y >= 0.5 * behind.area()
}

fn fill(flags: &mut Vec<bool>, length: usize) {
    flags.clear();
    flags.resize(length, false);
}
