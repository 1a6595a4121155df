//! `person_down`: a person whose box was upright lies and hardly moves.
//!
//! A box that is wide says little alone: two people in one box, a rider, a driver behind a window and somebody cut off
//! by the picture's edge are wide too. So the box must also be low, measured against the same person upright or against
//! people who stood at this depth of the picture.

use super::memory::Memory;
use super::subject::{Holds, Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::Polygon;
use crate::{BoxPx, FrameSize, SceneError, Time, Track};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::{EndReason, Fact, Measure, RoadUserClass};

/// From this width over height on, a box lies.
const LYING: f64 = 1.2;
/// Who lies goes on lying down to this width over height: an arm that is raised is no end.
const STILL_LYING: f64 = 0.8;
/// The same where nobody upright is known to compare the height with.
const LYING_ALONE: f64 = 1.6;
/// Up to this width over height a box is upright.
const UPRIGHT: f64 = 0.65;
/// Who lies is lower than this share of the upright height.
const LOW: f64 = 0.7;
/// Shape is a mean over so long, seconds: one odd box is no fall.
const SHAPE_S: f64 = 0.6;
/// Who lies moves less than so many body lengths per second.
const SLOW_LENGTHS_PER_S: f64 = 0.5;
/// Speed is taken over so long, seconds.
const SPEED_S: f64 = 1.0;
/// Who lies may be hidden by helpers, or not be found by the detector, for so long, seconds.
const HIDDEN_S: f64 = 10.0;
/// An interruption of lying up to this long is none, seconds.
const BORNE_S: f64 = 1.0;
/// A new track is the person who vanished within so many body lengths of it.
const SAME_BODY: f64 = 1.0;
/// Rows of the picture in which upright heights are learnt apart.
const ROWS: usize = 16;
/// A row's height is believed when people were seen in it for so long, seconds …
const ROW_S: f64 = 3.8;
/// … and so often, however seldom the camera looks.
const ROW_SIGHTS: u32 = 3;
/// It is the plain mean at first, and later about that of so long, seconds of people seen in it.
const ROW_MEAN_S: f64 = 20.0;
/// Between two sights at most so many seconds count as seen.
const LONGEST_SEEN_S: f64 = 1.0;
/// Time over which somebody's own upright height is a mean, seconds.
const UPRIGHT_S: f64 = 1.9;
/// A box whose part of this share lies in a vehicle's is a rider or somebody inside.
const IN_VEHICLE: f32 = 0.7;
/// A box that shares this part of its area with a bicycle or a motorcycle is its rider.
const ON_CYCLE: f32 = 0.15;

#[derive(Debug, Clone)]
pub(super) struct DownRule {
    zone: Polygon,
    subjects: Subjects,
    people: Memory<Posture>,
    rows: Rows,
}

/// What is known of one person.
#[derive(Debug, Clone, Copy, Default)]
struct Posture {
    /// Height of the box when upright, share of the picture's.
    upright: Option<f64>,
    lying_since: Option<Time>,
    last_lying: Time,
}

/// Upright heights by row of the foot point.
#[derive(Debug, Clone, Default)]
struct Rows([Row; ROWS]);

/// What is known of one row.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// Mean height, share of the picture's.
    mean: f64,
    /// Time for which somebody was seen in it, seconds.
    seen_s: f64,
    sights: u32,
}

impl Rows {
    fn at(&mut self, y: f64) -> &mut Row {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the rows")]
        let row = (y * ROWS as f64).clamp(0.0, ROWS as f64 - 1.0) as usize;
        &mut self.0[row]
    }

    /// Takes a sight of somebody upright, who was last seen so many seconds before.
    fn learn(&mut self, y: f64, height: f64, step_s: f64) {
        let row = self.at(y);
        row.sights = row.sights.saturating_add(1);
        row.seen_s = (row.seen_s + step_s).min(ROW_MEAN_S);
        let share = if row.sights == 1 { 1.0 } else { step_s / row.seen_s.max(1e-6) };
        row.mean += share * (height - row.mean);
    }

    fn expected(&mut self, y: f64) -> Option<f64> {
        let row = *self.at(y);
        (row.sights >= ROW_SIGHTS && row.seen_s >= ROW_S).then_some(row.mean)
    }
}

impl DownRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let manner = Manner::still(Measure::Held, EndReason::ConditionEnded, HIDDEN_S);
        Ok(Self {
            zone: Base::outline(camera, rule)?,
            subjects: Subjects::new(Base::new(camera, rule), manner),
            people: Memory::new(HIDDEN_S),
            rows: Rows::default(),
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let Self { zone, subjects, people, rows } = self;
        people.tidy(sight.now);
        subjects.step(sight, events, |track, foot| {
            let posture = posture(sight, track, (people, rows));
            match posture {
                Some(judgement) if zone.contains(foot) => judgement,
                Some(_) => Judgement::of(Holds::Over),
                None => Judgement::of(Holds::Between),
            }
        });
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.subjects.end_all(now, reason, events);
        self.people.clear();
        if reason == EndReason::ViewChanged {
            self.rows = Rows::default();
        }
    }
}

/// Whether a person lies; `None` when it cannot be told.
fn posture(
    sight: &Sight<'_>,
    track: &Track,
    (people, rows): (&mut Memory<Posture>, &mut Rows),
) -> Option<Judgement> {
    if track.class != RoadUserClass::Person {
        return Some(Judgement::of(Holds::No));
    }
    let path = sight.paths.get(track.id)?;
    let shape = path.recent(SHAPE_S);
    let person = match people.recall(sight, track, SAME_BODY) {
        Some(entry) => &mut entry.value,
        None => {
            people.note(sight, track, Posture::default());
            &mut people.recall(sight, track, SAME_BODY)?.value
        }
    };
    if is_cut(track.bbox, sight.frame) || in_vehicle(sight, track) {
        return None;
    }
    if shape.aspect <= UPRIGHT {
        let known = person.upright.unwrap_or(shape.height);
        let before = path.samples.iter().rev().nth(1).map_or(sight.now, |sample| sample.at);
        let step_s = sight.now.since_s(before).clamp(0.0, LONGEST_SEEN_S);
        let share = 1.0 - (-step_s / UPRIGHT_S).exp();
        person.upright = Some(known + share * (shape.height - known));
        person.lying_since = None;
        rows.learn(shape.foot.y, shape.height, step_s);
        return Some(Judgement::of(Holds::Over));
    }
    if on_cycle(sight, track) {
        person.lying_since = None;
        return Some(Judgement::of(Holds::Over));
    }
    let reference = person.upright.or_else(|| rows.expected(shape.foot.y));
    let lies = match (reference, person.lying_since) {
        (Some(upright), None) => shape.aspect >= LYING && shape.height <= LOW * upright,
        (Some(upright), Some(_)) => shape.aspect >= STILL_LYING && shape.height <= LOW * upright,
        (None, None) => shape.aspect >= LYING_ALONE,
        (None, Some(_)) => shape.aspect >= STILL_LYING,
    };
    // Of a box that lies, the width is the length of the body.
    let speed = path.heights_per_s(SPEED_S, sight.frame).unwrap_or(0.0) / shape.aspect.max(1.0);
    if lies && speed < SLOW_LENGTHS_PER_S {
        let since = *person.lying_since.get_or_insert(sight.now);
        person.last_lying = sight.now;
        let aspect = Fact::against(Measure::Aspect, shape.aspect, LYING);
        return Some(Judgement { holds: Holds::Yes, since: Some(since), facts: [Some(aspect), None] });
    }
    if sight.now.since_s(person.last_lying) > BORNE_S {
        person.lying_since = None;
    }
    Some(Judgement::of(if lies { Holds::Between } else { Holds::No }))
}

/// Whether the box touches an edge of the picture beyond which the body may go on.
fn is_cut(bbox: BoxPx, frame: FrameSize) -> bool {
    #[allow(clippy::cast_precision_loss, reason = "pixels of a frame")]
    let (width, height) = (frame.width_px as f32, frame.height_px as f32);
    let near = 0.005 * width;
    bbox.left <= near || bbox.left + bbox.width >= width - near || bbox.top + bbox.height >= height - near
}

fn in_vehicle(sight: &Sight<'_>, track: &Track) -> bool {
    let holds = |other: &Track| {
        other.class.is_large_vehicle() && shared(track.bbox, other.bbox) >= IN_VEHICLE * track.bbox.area()
    };
    sight.tracks.iter().any(holds)
}

fn on_cycle(sight: &Sight<'_>, track: &Track) -> bool {
    let carries = |other: &Track| {
        matches!(other.class, RoadUserClass::Bicycle | RoadUserClass::Motorcycle)
            && shared(track.bbox, other.bbox) >= ON_CYCLE * track.bbox.area()
    };
    sight.tracks.iter().any(carries)
}

/// Area that two boxes share, square pixels.
fn shared(a: BoxPx, b: BoxPx) -> f32 {
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    x.max(0.0) * y.max(0.0)
}
