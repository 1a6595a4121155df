//! `collision_suspected`: two road users came together, one of them stopped all at once, and it stays there.
//!
//! Careful on purpose. In a picture boxes touch all the time and everybody brakes; so speed must be lost faster than
//! brakes do it in traffic, the two must have come nearer to each other by their own motion, and nobody may drive off
//! with the speed that was lost: then only the numbers of two tracks were exchanged.

use super::memory::Memory;
use super::subject::{Holds, Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::Polygon;
use crate::paths::Sample;
use crate::{BoxPx, Path, SceneError, Time, Track};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, Fact, Measure, RoadUserClass};
use std::collections::VecDeque;

/// Speed before, at least, box heights per second: 15 km/h of a car that crosses the picture. Taken where the stop began,
/// so that brakes of up to 5 m/s² do not reach it.
const FAST_HEIGHTS_PER_S: f64 = 2.8;
/// It stopped when it stands for so long, seconds …
const AFTER_S: f64 = 0.8;
/// … and not for longer: then it is no news, seconds …
const LATEST_S: f64 = 1.8;
/// … within so many box sizes of the place, means of height and width …
const STILL_SIZES: f64 = 0.3;
/// … and the speed before is taken over so long before that, seconds.
const BEFORE_S: f64 = 0.8;
/// Who moves so fast while that time passes drives on, box heights per second.
const DRIVES_HEIGHTS_PER_S: f64 = 1.5;
/// The approach is looked at over so long, seconds.
const APPROACH_S: f64 = 2.6;
/// Boxes touch when the gap between them is at most this share of the braking one's height.
const GAP_HEIGHTS: f64 = 0.5;
/// The two came nearer by so many heights in the time before.
const APPROACH_HEIGHTS: f64 = 0.6;
/// Boxes whose heights changed by more than this factor are not of one road user.
const SAME_SIZE: f64 = 1.5;
/// Whoever drives off with at least this share of the lost speed, in about its direction, has it.
const CARRIED_SHARE: f64 = 0.5;
/// So long after the stop it is looked for whoever drives off, seconds.
const CARRIED_S: f64 = 1.6;
/// Who drives off began within so many heights of the stop.
const CARRIED_HEIGHTS: f64 = 3.0;
/// The wreck may be hidden for so long, seconds.
const HIDDEN_S: f64 = 10.0;
/// A struck vehicle is known again within this share of its size.
const SAME_WRECK: f64 = 0.7;
/// A new track goes on where another vanished at most so long before, seconds …
const VANISHED_S: f64 = 0.8;
/// … and so many box heights away.
const VANISHED_HEIGHTS: f64 = 1.2;
/// After a gap as long in a path, what was before it may have been another road user, seconds.
const GAP_S: f64 = 0.5;
/// A stop is believed from so many sights on, however seldom the camera looks; how long it must last is [`AFTER_S`].
const LEAST_SAMPLES: usize = 3;
/// Whom it came near is believed when followed for so long, seconds: what is found for a moment may be nobody.
const BELIEVED_S: f64 = 0.4;
/// Frame times are compared to this precision, seconds.
const EPSILON_S: f64 = 1e-6;
/// A pair makes one event in so many seconds.
const ONCE_S: f64 = 5.0;

#[derive(Debug, Clone)]
pub(super) struct CollisionRule {
    zone: Polygon,
    base: Base,
    subjects: Subjects,
    struck: Memory<Struck>,
}

/// A road user that stopped all at once beside another.
#[derive(Debug, Clone, Copy)]
struct Struck {
    at: Time,
    partner: u64,
    /// Velocity before, as it looks, picture heights per second.
    velocity: [f64; 2],
    /// Loss of speed, box heights per second.
    lost: f64,
    /// Somebody drove off with the speed.
    carried_off: bool,
}

impl CollisionRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let base = Base::new(camera, rule);
        let manner = Manner::still(Measure::Standing, EndReason::ConditionEnded, HIDDEN_S);
        Ok(Self {
            zone: Base::outline(camera, rule)?,
            subjects: Subjects::new(base.clone(), manner),
            base,
            struck: Memory::new(HIDDEN_S),
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        let Self { zone, base, subjects, struck } = self;
        struck.tidy(sight.now);
        for track in sight.tracks.iter().filter(|track| track.seen) {
            let foot = sight.frame.foot(track.bbox);
            let is_known = |entry: &super::memory::Entry<Struck>| {
                let is_new = sight.now.since_s(entry.value.at) <= ONCE_S;
                let is_here = sight.frame.apart(entry.foot, foot) <= entry.size;
                entry.track == track.id || (is_new && (is_here || entry.value.partner == track.id))
            };
            if track.class == RoadUserClass::Person
                || !base.concerns(track, sight.frame)
                || !zone.contains(foot)
                || struck.entries().any(is_known)
            {
                continue;
            }
            if let Some(blow) = blow(sight, track) {
                struck.note(sight, track, blow);
            }
        }
        for entry in struck.entries_mut().filter(|entry| sight.now.since_s(entry.value.at) <= CARRIED_S) {
            entry.value.carried_off |= is_carried_off(sight, &entry.value, (entry.track, entry.foot));
        }
        subjects.step(sight, events, |track, _| {
            let Some(entry) = struck.recall(sight, track, SAME_WRECK) else {
                return Judgement::of(Holds::No);
            };
            let blow = entry.value;
            if blow.carried_off {
                return Judgement::of(Holds::Over);
            }
            let path = sight.paths.get(track.id);
            let stands = |path: &Path| {
                path.standing_since().is_some() || path.last_seen.since_s(path.first_seen) < 1.0
            };
            let stays = sight.now.since_s(blow.at) <= LATEST_S || path.is_some_and(stands);
            let lost = Fact::against(Measure::PictureSpeed, blow.lost, FAST_HEIGHTS_PER_S);
            let holds = if stays { Holds::Yes } else { Holds::No };
            Judgement { holds, since: Some(blow.at), facts: [Some(lost), None] }
        });
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.subjects.end_all(now, reason, events);
        self.struck.clear();
    }
}

/// Whether a vehicle stopped all at once beside somebody whom it approached.
fn blow(sight: &Sight<'_>, track: &Track) -> Option<Struck> {
    let path = sight.paths.get(track.id)?;
    // Most are asked for nothing more: who drives has not stopped, and who stands for long did so long ago.
    let drives = path.heights_per_s(AFTER_S, sight.frame).is_some_and(|speed| speed > DRIVES_HEIGHTS_PER_S);
    if drives || path.standing_s() > LATEST_S {
        return None;
    }
    let (samples, own) = trail(sight, path);
    let newest = samples.last()?;
    let age_s = |sample: &Sample| newest.at.since_s(sample.at) - EPSILON_S;
    let shape = path.recent(AFTER_S);
    let (height, size) = (shape.height.max(1e-6), shape.height * (1.0 + shape.aspect) / 2.0);
    // Detections as they came: the motion model shoots past a place where somebody stops at once.
    let after = samples.iter().filter(|sample| age_s(sample) <= AFTER_S);
    let place = mean(after.map(|sample| sample.detected))?;
    let stands = |sample: &&Sample| sight.frame.apart(sample.detected, place) <= STILL_SIZES * size;
    let standing = samples.iter().rev().take_while(stands);
    let stopped = standing.clone().last().filter(|_| standing.count() >= LEAST_SAMPLES)?;
    if !(AFTER_S - EPSILON_S..=LATEST_S).contains(&newest.at.since_s(stopped.at)) {
        return None;
    }
    let before = samples
        .iter()
        .filter(|sample| sample.at < stopped.at && stopped.at.since_s(sample.at) <= BEFORE_S + EPSILON_S);
    let velocity = slope(sight, before)?;
    let fast = velocity[0].hypot(velocity[1]) / height;
    let old = samples.iter().find(|sample| age_s(sample) <= APPROACH_S)?;
    if fast < FAST_HEIGHTS_PER_S || !(1.0 / SAME_SIZE..=SAME_SIZE).contains(&(old.height / height)) {
        return None;
    }
    let came_nearer = |other: &&Track| {
        let Some(path) = sight.paths.get(other.id).filter(|_| !own.contains(&other.id)) else { return false };
        let (trail, theirs) = trail(sight, path);
        let followed_s = path.last_seen.since_s(path.first_seen);
        if path.samples.len() < 2
            || followed_s < BELIEVED_S - EPSILON_S
            || theirs.iter().any(|track| own.contains(track))
        {
            return false;
        }
        let Some(then) = trail.iter().find(|sample| sample.at >= old.at) else { return false };
        let now = path.newest().detected;
        let nearer = sight.frame.apart(then.detected, old.detected) - sight.frame.apart(now, newest.detected);
        nearer >= APPROACH_HEIGHTS * height
            && gap(track.bbox, other.bbox) <= GAP_HEIGHTS * f64::from(track.bbox.height)
    };
    let partner = sight.tracks.iter().find(came_nearer)?;
    Some(Struck { at: stopped.at, partner: partner.id, velocity, lost: fast, carried_off: false })
}

/// Where a road user was seen in the last seconds, the oldest first. A stop all at once is what no tracker expects: it
/// looks farther along the way, and what stands gets a new number. So the path of who vanished there goes before. With it
/// the numbers of all these tracks.
fn trail(sight: &Sight<'_>, path: &Path) -> (Vec<Sample>, Vec<u64>) {
    let mut samples = VecDeque::new();
    lately(path, None).for_each(|sample| samples.push_front(*sample));
    let mut used = vec![path.track];
    while let Some(first) = samples.front().copied() {
        let before = |other: &&Path| {
            let seen_with = other.samples.iter().any(|sample| sample.at == first.at);
            !seen_with && !used.contains(&other.track) && path.newest().at.since_s(first.at) <= APPROACH_S
        };
        let last_of = |other: &Path| other.samples.iter().rev().find(|sample| sample.at < first.at).copied();
        let away =
            |sample: &Sample| sight.frame.apart(sample.detected, first.detected) / first.height.max(1e-6);
        let fits = |sample: &Sample| {
            first.at.since_s(sample.at) <= VANISHED_S
                && away(sample) <= VANISHED_HEIGHTS
                && (1.0 / SAME_SIZE..=SAME_SIZE).contains(&(sample.height / first.height.max(1e-6)))
        };
        let vanished = sight.paths.iter().filter(before);
        let vanished =
            vanished.filter_map(|other| last_of(other).filter(fits).map(|last| (away(&last), other)));
        // Paths come in no order: the number decides between two that are equally near.
        let Some((_, other)) = vanished.min_by(|(a, x), (b, y)| a.total_cmp(b).then(x.track.cmp(&y.track)))
        else {
            break;
        };
        used.push(other.track);
        lately(other, Some(first.at)).for_each(|sample| samples.push_front(*sample));
    }
    (samples.into(), used)
}

/// The samples of a path before a time, the newest first, back to the last gap: before it, it may have been another.
fn lately(path: &Path, before: Option<Time>) -> impl Iterator<Item = &Sample> {
    let mut next: Option<Time> = None;
    let earlier =
        path.samples.iter().rev().filter(move |sample| before.is_none_or(|before| sample.at < before));
    earlier.take_while(move |sample| {
        let gap_s = next.replace(sample.at).map_or(0.0, |next| next.since_s(sample.at));
        gap_s <= GAP_S
    })
}

/// Whether somebody who was beside it, or began there, goes on with the speed that was lost.
fn is_carried_off(sight: &Sight<'_>, blow: &Struck, (track, place): (u64, Point)) -> bool {
    let [x, y] = blow.velocity;
    let speed = x.hypot(y).max(1e-9);
    sight.tracks.iter().filter(|other| other.seen && other.id != track).any(|other| {
        let Some(path) = sight.paths.get(other.id) else { return false };
        let is_near = sight.frame.apart(path.newest().foot, place) <= CARRIED_HEIGHTS * path.newest().height;
        let is_new = path.first_seen.since_s(blow.at) >= -1.0;
        let Some(velocity) = path.velocity_between(BEFORE_S, 0.0) else { return false };
        let [vx, vy] = as_seen(sight, velocity);
        let along = (vx * x + vy * y) / speed;
        is_near && (is_new || other.id == blow.partner) && along >= CARRIED_SHARE * speed
    })
}

/// The middle of some points.
fn mean(points: impl Iterator<Item = Point>) -> Option<Point> {
    let (n, x, y) = points.fold((0.0, 0.0, 0.0), |(n, x, y), point| (n + 1.0, x + point.x, y + point.y));
    (n > 0.0).then(|| Point { x: x / n, y: y / n })
}

/// Velocity by least squares through the detections of these samples, as it looks, picture heights per second.
fn slope<'a>(sight: &Sight<'_>, samples: impl Iterator<Item = &'a Sample> + Clone) -> Option<[f64; 2]> {
    let first = samples.clone().next()?.at;
    let middle = mean(samples.clone().map(|sample| sample.detected))?;
    let n = samples.clone().count() as f64;
    let middle_s = samples.clone().map(|sample| sample.at.since_s(first)).sum::<f64>() / n;
    let (mut square, mut x, mut y) = (0.0, 0.0, 0.0);
    for sample in samples {
        let s = sample.at.since_s(first) - middle_s;
        square += s * s;
        x += s * (sample.detected.x - middle.x);
        y += s * (sample.detected.y - middle.y);
    }
    (square > 0.0).then(|| as_seen(sight, [x / square, y / square]))
}

/// A normalised velocity as it looks, picture heights per second.
fn as_seen(sight: &Sight<'_>, [x, y]: [f64; 2]) -> [f64; 2] {
    [x * f64::from(sight.frame.width_px) / f64::from(sight.frame.height_px.max(1)), y]
}

/// The gap between two boxes, pixels; 0 when they overlap.
fn gap(a: BoxPx, b: BoxPx) -> f64 {
    let x = (a.left - b.left - b.width).max(b.left - a.left - a.width).max(0.0);
    let y = (a.top - b.top - b.height).max(b.top - a.top - a.height).max(0.0);
    f64::from(x).hypot(f64::from(y))
}
