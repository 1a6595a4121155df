//! Tracks: each road user followed from frame to frame, also at 5 frames a second, where boxes of the same car may not
//! touch any more.
//!
//! Each frame: every track predicts where it is now; strong detections are assigned to tracks at the least total cost;
//! candidates get what is left, and tracks that got none try the weak detections. Strong detections that are left begin
//! candidates, which become tracks at once when very strong and after a moment otherwise. A motion detector's blob that
//! holds several tracks is divided among them before. A lost track is reported where
//! it is expected for a short time and can be found again for longer. A rider and the two-wheeler are followed as two
//! and reported as one. What always holds: an id is never used twice, every constant is in seconds or box sizes, and a
//! frame without detections in between changes nothing but the time.

mod assign;
mod cost;
mod motion;
mod near;
mod riders;
mod settings;
mod split;
mod state;
#[cfg(test)]
mod tests;

use crate::geometry::iou;
use crate::{BoxPx, Detection, Time};
use assign::Assignment;
use near::Order;
use ngatu_protocol::RoadUserClass;
use settings::Settings;
use split::{Expected, Parts, split};
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
    /// When it was first detected, at most a moment before it was first reported.
    pub first_seen: Time,
    /// Where it was first detected. Pixels.
    pub first_bbox: BoxPx,
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
    order: Order,
    assignment: Assignment,
    /// Each detection's score for the tracker, see [`Tracker::grade`]; 0 for one that it does not look at.
    grades: Vec<f32>,
    /// All possible pairs: track, detection, cost.
    pairs: Vec<(usize, usize, f32)>,
    track_taken: Vec<bool>,
    detection_taken: Vec<bool>,
    /// Tracks of blobs as they are expected, and the detections with divided blobs.
    expected: Vec<Expected>,
    parts: Parts,
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
        let mut parts = std::mem::take(&mut self.work.parts);
        let detections = if self.divide(detections, &mut parts) { &parts.detections } else { detections };
        self.grade(detections);
        self.associate(now, (detections, &parts.owners));
        self.begin(now, detections);
        self.work.parts = parts;
        riders::join(&mut self.states, now, dt);
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

    /// A number for what is followed by somebody else and reported beside the tracks.
    pub(crate) fn number(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Carries all tracks over to a picture whose width and height are multiplied by these factors.
    pub fn rescale(&mut self, x: f32, y: f32) {
        self.states.iter_mut().for_each(|state| state.rescale(x, y));
    }

    /// Divides blobs that hold several tracks; false when there is none and the detections are to be taken as they are.
    fn divide(&mut self, detections: &[Detection], parts: &mut Parts) -> bool {
        let settings = &self.settings;
        let is_followed = |state: &&State| {
            state.id != 0
                && state.class() == RoadUserClass::Object
                && state.lost_s <= settings.covered_coast_s
        };
        let expected = &mut self.work.expected;
        expected.clear();
        if detections.iter().any(|detection| detection.class == RoadUserClass::Object) {
            let followed = self.states.iter().filter(is_followed);
            expected.extend(followed.map(|state| Expected::new(state.id, state.expected(), state.last)));
        }
        let divided = split(detections, expected, parts);
        if !divided {
            parts.clear();
        }
        divided
    }

    /// How much each detection is to be believed: its score, less the more a better detection of the same kind overlaps
    /// it, since it is probably the same road user twice. (Soft-NMS with a Gaussian: Bodla et al., ICCV 2017.)
    fn grade(&mut self, detections: &[Detection]) {
        let settings = &self.settings;
        let grades = &mut self.work.grades;
        grades.clear();
        grades.extend(detections.iter().map(|d| if d.is_usable() { settings.score(d) } else { 0.0 }));
        let looked_at = |i: &usize| grades[*i] >= settings.weak;
        self.work.order.fill((0..detections.len()).filter(looked_at).map(|i| (i, detections[i].bbox)));
        for i in 0..detections.len() {
            let d = &detections[i];
            if grades[i] < settings.weak {
                grades[i] = 0.0;
                continue;
            }
            let mut most = 0.0_f32;
            for j in self.work.order.between(d.bbox.left, d.bbox.left + d.bbox.width) {
                let other = &detections[j];
                if other.score > d.score && cost::alike(d.class, other.class) {
                    most = most.max(iou(d.bbox, other.bbox));
                }
            }
            grades[i] *= (-(most / settings.double_iou).powi(2)).exp();
        }
    }

    /// `owners` names the track of each detection that is a piece of a divided blob; empty when there is none.
    fn associate(&mut self, now: Time, (detections, owners): (&[Detection], &[u64])) {
        let settings = &self.settings;
        let work = &mut self.work;
        work.pairs.clear();
        for (row, state) in self.states.iter().enumerate() {
            let expected = state.expected();
            let margin = settings.buffer * state.scale() + settings.buffer_sd * state.sd();
            let (left, right) = (expected.left - 2.0 * margin, expected.left + expected.width + 2.0 * margin);
            let (top, bottom) = (expected.top - 2.0 * margin, expected.top + expected.height + 2.0 * margin);
            let least = if state.weak_s(now) <= settings.weak_s { settings.weak } else { settings.begin };
            for column in work.order.between(left, right) {
                let bbox = detections[column].bbox;
                if bbox.top > bottom || bbox.top + bbox.height < top || work.grades[column] < least {
                    continue;
                }
                let cost = cost::cost(state, expected, margin, &detections[column], settings);
                if cost < settings.limit {
                    work.pairs.push((row, column, cost));
                }
            }
        }
        fill(&mut work.detection_taken, detections.len());
        fill(&mut work.track_taken, self.states.len());
        for (column, owner) in owners.iter().enumerate().filter(|(_, owner)| **owner != 0) {
            if let Some(row) = self.states.iter().position(|state| state.id == *owner) {
                (work.detection_taken[column], work.track_taken[row]) = (true, true);
                let grade = work.grades[column];
                let seen = Seen { detection: &detections[column], grade, strong: grade >= settings.begin };
                self.states[row].correct(&seen, now, settings);
            }
        }
        for pass in [Pass::Strong, Pass::Candidates, Pass::Weak] {
            let limit = if pass == Pass::Weak { settings.limit_weak } else { settings.limit };
            work.assignment.clear();
            for (row, column, cost) in &work.pairs {
                let (state, strong) = (&self.states[*row], work.grades[*column] >= settings.begin);
                let fits = match pass {
                    Pass::Strong => strong && state.id != 0,
                    Pass::Candidates => strong && state.id == 0,
                    Pass::Weak => !strong,
                };
                if fits && !work.detection_taken[*column] && !work.track_taken[*row] {
                    work.assignment.offer(*row, *column, *cost);
                }
            }
            work.assignment.solve(self.states.len(), detections.len(), limit);
            for (row, column) in &work.assignment.pairs {
                work.detection_taken[*column] = true;
                work.track_taken[*row] = true;
                let grade = work.grades[*column];
                let seen = Seen { detection: &detections[*column], grade, strong: grade >= settings.begin };
                self.states[*row].correct(&seen, now, settings);
            }
        }
    }

    /// Detections that belong to no track begin candidates, unless they are weak.
    fn begin(&mut self, now: Time, detections: &[Detection]) {
        for (i, detection) in detections.iter().enumerate() {
            let grade = self.work.grades[i];
            if !self.work.detection_taken[i] && grade >= self.settings.begin {
                let seen = Seen { detection, grade, strong: true };
                self.states.push(State::new(&seen, now, &self.settings));
            }
        }
        for i in 0..self.states.len() {
            if self.is_sure(&self.states[i]) {
                self.last_id += 1;
                self.states[i].id = self.last_id;
            }
        }
    }

    /// Whether a candidate becomes a track: at once when its detections are good, and after a while when they are
    /// middling, because a road user stays where a mistake of the detector comes and goes.
    fn is_sure(&self, state: &State) -> bool {
        if state.id != 0 || state.lost_s > 0.0 {
            return false;
        }
        let settings = &self.settings;
        let missing = (settings.sure(state.class()) - state.grade).max(0.0);
        state.followed_s() >= settings.patience_s * missing
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
        let is_ridden = |id: u64| self.states.iter().any(|state| state.id == id && coasts(&state));
        let rides = |state: &&State| state.ride.joined && is_ridden(state.ride.on);
        let live = self.states.iter().filter(|state| state.id != 0).filter(coasts).filter(|s| !rides(s));
        self.reported.extend(live.map(|state| Track {
            id: state.id,
            bbox: state.reported(settings),
            detected: state.last,
            class: state.class(),
            score: state.score.clamp(0.0, 1.0),
            seen: state.lost_s <= 0.0,
            velocity_px_s: state.velocity(),
            first_seen: state.born,
            first_bbox: state.first,
        }));
        for rider in self.states.iter().filter(|state| state.ride.joined).filter(coasts) {
            if let Some(wheels) = self.reported.iter_mut().find(|track| track.id == rider.ride.on) {
                wheels.bbox = riders::around(wheels.bbox, rider.reported(settings));
            }
        }
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
