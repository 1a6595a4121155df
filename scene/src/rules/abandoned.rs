//! `abandoned_object`: a thing stands still that somebody brought, and whoever brought it is away.
//!
//! The one who brought it is the road user whose path came nearest to the place where the thing was first seen apart from
//! them. A thing that nobody was near when it appeared is none of this rule: a shadow, a ghost of the background.

use super::memory::Memory;
use super::subject::{Holds, Judgement, Manner, Subjects};
use super::{Base, SceneEvent, Sight};
use crate::geometry::{Polygon, iou};
use crate::paths::Sample;
use crate::{BoxPx, Path, SceneError, Time};
use ngatu_protocol::camera::{CameraConfig, RuleConfig};
use ngatu_protocol::geometry::Point;
use ngatu_protocol::{EndReason, Measure, RoadUserClass};

/// Whoever came this near to the place of a thing may have brought it, in their own heights.
const BROUGHT_HEIGHTS: f64 = 1.2;
/// Farther than this the owner has left it, in the owner's heights (about 3 m, as PETS 2006 has it) …
const LEFT_HEIGHTS: f64 = 2.0;
/// … and nearer than this is with it again.
const BACK_HEIGHTS: f64 = 1.5;
/// A thing is lower than this share of the one who brought it.
const SMALL: f64 = 0.75;
/// An owner who is not seen for so long has left, seconds.
const OWNER_UNSEEN_S: f64 = 3.0;
/// Who brought a thing is looked for during so long, seconds: as long as paths are remembered.
const OWNER_SOUGHT_S: f64 = 4.0;
/// A new track that begins within so many heights of a vanished owner is the owner.
const SAME_OWNER_HEIGHTS: f64 = 1.0;
/// Whoever brings something walks: no faster than this, in their own heights per second.
const WALKING_HEIGHTS_PER_S: f64 = 2.0;
/// Whoever is lost on the way walks on at this pace, in their own heights per second.
const PACE_HEIGHTS_PER_S: f64 = 1.0;
/// A track that may be the owner is at least as high as this share of them.
const AS_TALL: f64 = 0.6;
/// What is called `object` and moved so many of its heights is somebody, not something.
const MOVED_HEIGHTS: f64 = 1.5;
/// A thing may be hidden by passers-by for so long, seconds.
const HIDDEN_S: f64 = 60.0;
/// A thing that is followed by its looks is given up when it is not reported for so long, seconds.
const FOLLOWED_S: f64 = 2.0;
/// A track whose box overlaps a thing's by so much is the thing, whatever it was before.
const SAME_BOX: f32 = 0.45;
/// A thing is seen for this share of the time: moving blobs of nothing come and go.
const VISIBLE: f64 = 0.5;
/// A thing is known again within so many of its sizes.
const SAME_THING: f64 = 1.0;

#[derive(Debug, Clone)]
pub(super) struct AbandonedRule {
    zone: Polygon,
    base: Base,
    subjects: Subjects,
    things: Memory<Option<Owner>>,
    /// Who was seen in the last seconds.
    somebody: Vec<u64>,
    /// Whether things are followed by somebody else and reported beside the tracks.
    followed: bool,
    /// Since when the camera's picture cannot be trusted.
    paused: Option<Time>,
}

/// The one who brought a thing.
#[derive(Debug, Clone, Copy)]
struct Owner {
    track: u64,
    foot: Point,
    height: f64,
    last_seen: Time,
    away_since: Option<Time>,
}

impl AbandonedRule {
    pub(super) fn new(camera: &CameraConfig, rule: &RuleConfig) -> Result<Self, SceneError> {
        let still = Manner::still(Measure::Standing, EndReason::Left, HIDDEN_S);
        let manner = Manner { visible: VISIBLE, ..still };
        let base = Base::new(camera, rule);
        Ok(Self {
            zone: Base::outline(camera, rule)?,
            subjects: Subjects::new(base.clone(), manner),
            base,
            things: Memory::new(HIDDEN_S),
            somebody: Vec::new(),
            followed: false,
            paused: None,
        })
    }

    pub(super) fn step(&mut self, sight: &Sight<'_>, events: &mut Vec<SceneEvent>) {
        self.resume(sight.now);
        if sight.things.is_some() && !self.followed {
            self.followed = true;
            let manner = Manner::still(Measure::Standing, EndReason::Left, FOLLOWED_S);
            self.subjects = Subjects::new(self.base.clone(), Manner { visible: VISIBLE, ..manner });
        }
        let Self { zone, base, subjects, things, somebody, followed, .. } = self;
        things.tidy(sight.now);
        somebody.retain(|track| sight.paths.get(*track).is_some());
        for track in sight.tracks.iter().filter(|track| track.seen) {
            let is_known = somebody.contains(&track.id);
            if !is_known && sight.paths.get(track.id).is_some_and(|path| is_somebody(path, sight)) {
                somebody.push(track.id);
            }
        }
        // Tracks that are the things themselves.
        let thing_boxes: Vec<BoxPx> = sight.things.unwrap_or(&[]).iter().map(|thing| thing.bbox).collect();
        let is_owner = |track: u64| {
            let own = sight.tracks.iter().find(|other| other.id == track);
            !own.is_some_and(|own| thing_boxes.iter().any(|thing| iou(*thing, own.bbox) >= SAME_BOX))
        };
        let people: Vec<u64> = somebody.iter().copied().filter(|track| is_owner(*track)).collect();
        // Where things are followed by themselves, a new track beside one need not have shown that it is somebody.
        let others: Vec<u64> = match *followed {
            true => sight.tracks.iter().map(|track| track.id).filter(|track| is_owner(*track)).collect(),
            false => somebody.clone(),
        };
        for entry in things.entries_mut() {
            if let Some(owner) = &mut entry.value {
                owner.follow(sight, &others, entry.foot);
            }
        }
        let reported = Sight { tracks: sight.things.unwrap_or(sight.tracks), ..*sight };
        subjects.step(&reported, events, |track, foot| {
            let path = sight.paths.get(track.id);
            let Some(path) = path.filter(|_| base.concerns(track, sight.frame) && zone.contains(foot)) else {
                return Judgement::of(Holds::No);
            };
            // Who moved there alone is no thing.
            let is_thing =
                *followed || (track.class != RoadUserClass::Person && !somebody.contains(&track.id));
            let since = if *followed { Some(track.first_seen) } else { path.standing_since() };
            let Some(stands_since) = since.filter(|_| is_thing) else {
                return Judgement::of(Holds::No);
            };
            let owner = match things.recall(&reported, track, SAME_THING) {
                Some(entry) => {
                    // Whoever moves of themselves is known as somebody only after some steps, and a box that held both
                    // of them may have given its number to the thing: so the question is asked again for a while.
                    if entry.value.is_none() && sight.now.since_s(path.first_seen) <= OWNER_SOUGHT_S {
                        entry.value = Owner::find(sight, path, &people);
                    }
                    entry.value
                }
                None => {
                    let owner = Owner::find(sight, path, &people);
                    things.note(&reported, track, owner);
                    owner
                }
            };
            match owner.map(|owner| owner.away_since) {
                Some(Some(away_since)) => {
                    Judgement { since: Some(away_since.max(stands_since)), ..Judgement::of(Holds::Yes) }
                }
                // With the owner beside it, or nobody's.
                _ => Judgement::of(Holds::Over),
            }
        });
    }

    /// The picture can be trusted again: whose the things are is known still. Nobody saw what the owners did meanwhile.
    fn resume(&mut self, now: Time) {
        let Some(paused) = self.paused.take() else { return };
        let pause_s = now.since_s(paused).max(0.0);
        for entry in self.things.entries_mut() {
            entry.last_seen = entry.last_seen.plus_s(pause_s);
            if let Some(owner) = &mut entry.value {
                // Just before, so that a track that begins now may be them.
                owner.last_seen = now.plus_s(-0.001);
            }
        }
    }

    pub(super) fn end_all(&mut self, now: Time, reason: EndReason, events: &mut Vec<SceneEvent>) {
        self.subjects.end_all(now, reason, events);
        self.somebody.clear();
        if matches!(reason, EndReason::Suspended) {
            self.paused.get_or_insert(now);
        } else {
            self.things.clear();
            self.paused = None;
        }
    }
}

/// A person, or what moves of itself.
fn is_somebody(path: &Path, sight: &Sight<'_>) -> bool {
    let newest = path.newest();
    let moved = sight.frame.apart(path.born.foot, newest.foot) >= MOVED_HEIGHTS * newest.height;
    path.class == RoadUserClass::Person || moved
}

impl Owner {
    /// Who was nearest to the place when the thing appeared there.
    fn find(sight: &Sight<'_>, thing: &Path, somebody: &[u64]) -> Option<Owner> {
        let candidates = somebody.iter().filter(|track| **track != thing.track);
        let candidates = candidates.filter_map(|track| sight.paths.get(*track));
        let near = candidates.filter_map(|path| {
            let height = path.recent(f64::INFINITY).height;
            let away = |sample: &Sample| sight.frame.apart(sample.foot, thing.born.foot) / height;
            let nearest = path.samples.iter().map(away).min_by(f64::total_cmp)?;
            let (first, last) = (path.samples.front()?, path.samples.back()?);
            let walks = sight.frame.apart(first.foot, last.foot)
                <= WALKING_HEIGHTS_PER_S * height * last.at.since_s(first.at).max(0.2);
            let fits = walks && nearest <= BROUGHT_HEIGHTS && thing.newest().height <= SMALL * height;
            fits.then_some((nearest, path, height))
        });
        let (_, path, height) = near.min_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
        let mut owner = Owner {
            track: path.track,
            foot: path.newest().foot,
            height,
            last_seen: path.last_seen,
            away_since: None,
        };
        // They may have been on their way already before the thing was known to stand.
        let left = |sample: &&Sample| sight.frame.apart(sample.foot, thing.born.foot) > LEFT_HEIGHTS * height;
        let away = path.samples.iter().rev().take_while(left).last();
        owner.away_since = away.map(|sample| sample.at);
        Some(owner)
    }

    /// Keeps up with where the owner is.
    fn follow(&mut self, sight: &Sight<'_>, others: &[u64], thing: Point) {
        let is_seen = sight.sees(self.track) && others.contains(&self.track);
        if !is_seen {
            let unseen_s = sight.now.since_s(self.last_seen);
            let again = others.iter().filter(|track| sight.sees(**track)).find(|track| {
                sight.paths.get(**track).is_some_and(|path| {
                    path.first_seen > self.last_seen
                        && path.first_seen.since_s(self.last_seen) <= OWNER_UNSEEN_S
                        && path.newest().height >= AS_TALL * self.height
                        && sight.frame.apart(path.born.foot, self.foot) <= SAME_OWNER_HEIGHTS * self.height
                })
            });
            match again {
                Some(track) => self.track = *track,
                None if unseen_s >= OWNER_UNSEEN_S => {
                    let walked = sight.frame.apart(self.foot, thing) / self.height.max(1e-6);
                    let rest_s = (LEFT_HEIGHTS - walked).max(0.0) / PACE_HEIGHTS_PER_S;
                    self.away_since.get_or_insert(self.last_seen.plus_s(rest_s));
                }
                None => {}
            }
        }
        let is_seen = sight.sees(self.track) && others.contains(&self.track);
        let Some(path) = sight.paths.get(self.track).filter(|_| is_seen) else { return };
        (self.foot, self.last_seen) = (path.newest().foot, sight.now);
        let away = sight.frame.apart(self.foot, thing) / self.height.max(1e-6);
        if away > LEFT_HEIGHTS {
            self.away_since.get_or_insert(sight.now);
        } else if away < BACK_HEIGHTS {
            self.away_since = None;
        }
    }
}
