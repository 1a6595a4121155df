//! What each track did in its recent past: where its foot point was, since when it stands, how fast it goes. Rules and
//! observations read it; nobody else keeps a history of its own.

mod legacy;

use crate::ground::{Ground, GroundPoint, Sight, Velocity};
use crate::{BoxPx, FrameSize, Time, Track};
use legacy::Legacy;
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::camera::{CameraConfig, Pair};
use ngatu_protocol::geometry::Point;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::f64::consts::FRAC_1_SQRT_2;

/// A path is kept so long after the track was last seen: longer than the tracker remembers it, seconds.
const KEPT_S: f64 = 5.0;
/// Length of the recent past that is kept, seconds.
const HISTORY_S: f64 = 4.0;
/// Most samples that are kept, whatever the frame rate.
const HISTORY_SAMPLES: usize = 256;
/// A road user whose foot point stays within so many box heights stands still. Boxes of standing people tremble by
/// about a tenth of their height.
const STILL_HEIGHTS: f64 = 0.25;
/// Standing is only stated after so long, seconds: whoever is slow moves farther than [`STILL_HEIGHTS`] in it.
const STILL_AFTER_S: f64 = 1.0;
/// Whether it moved on is seen in the mean over so long, seconds.
const RECENT_S: f64 = 0.4;

/// How far an edge of a detected box is off, as a share of the box's width or height: one standard deviation. The foot
/// point is on the lower edge, and in the middle between two edges that err each for itself.
/// It is the prior of what a speed's own residuals say; networks' boxes tremble by 3 to 10 % of their size.
const FOOT_ERROR: f64 = 0.07;
/// A box that reaches so near the picture's edge, share of the picture, may go on beyond it.
const EDGE: f64 = 0.004;
/// The speed over ground is worked out anew at most so often, seconds.
const SPEED_EVERY_S: f64 = 0.19;

/// Where a road user was seen once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Time,
    /// The foot point, normalised.
    pub foot: Point,
    /// The detection's own foot point, without the motion model: it trembles more and does not lag. Normalised.
    pub detected: Point,
    /// Height of the box, share of the picture's height.
    pub height: f64,
    /// Width of the box over its height, both in pixels.
    pub aspect: f64,
    /// The foot point of the detection itself, without the motion model, normalised; `None` where the box is cut off
    /// by the picture's edge, so that its lower middle is not where it touches the ground.
    pub touch: Option<Touch>,
}

/// Where a detected box touches the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Touch {
    /// The foot point, normalised.
    pub at: Pair,
    /// How far it may be off: one standard deviation in x and y, normalised.
    pub sd: Pair,
}

impl Touch {
    fn of(bbox: BoxPx, frame: FrameSize) -> Option<Touch> {
        let share = |px: f32, of: u32| f64::from(px) / f64::from(of.max(1));
        let (left, top) = (share(bbox.left, frame.width_px), share(bbox.top, frame.height_px));
        let (width, height) = (share(bbox.width, frame.width_px), share(bbox.height, frame.height_px));
        let whole = left > EDGE && left + width < 1.0 - EDGE && top + height < 1.0 - EDGE;
        whole.then_some(Touch {
            at: [left + width / 2.0, top + height],
            sd: [width * FOOT_ERROR * FRAC_1_SQRT_2, height * FOOT_ERROR],
        })
    }
}

/// Speed over ground with how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// The speed, km/h.
    pub kmh: f64,
    /// Half the width of the interval that holds the truth 95 times of 100, km/h.
    pub plus_minus_kmh: f64,
}

/// One track's recent past.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The track.
    pub track: u64,
    /// Its class by vote, as last seen.
    pub class: RoadUserClass,
    /// When it was first seen.
    pub first_seen: Time,
    /// When it was last seen.
    pub last_seen: Time,
    /// Where it was seen, the oldest first; the last few seconds.
    pub samples: VecDeque<Sample>,
    /// Where it was first seen.
    pub born: Sample,
    /// Where it stands or last began to stand: the place that the present one is compared with.
    anchor: Anchor,
    motion: Option<Velocity>,
    /// When `motion` was worked out.
    judged: Time,
    legacy: Legacy,
}

impl Path {
    fn new(track: &Track, sample: Sample) -> Self {
        Self {
            track: track.id,
            class: track.class,
            first_seen: sample.at,
            last_seen: sample.at,
            samples: VecDeque::from([sample]),
            born: sample,
            anchor: Anchor::new(sample),
            motion: None,
            judged: sample.at,
            legacy: Legacy::new(track.first_seen),
        }
    }

    fn add(&mut self, sample: Sample, class: RoadUserClass, frame: FrameSize) {
        self.class = class;
        self.last_seen = sample.at;
        self.samples.push_back(sample);
        while self.samples.len() > HISTORY_SAMPLES
            || self.samples.front().is_some_and(|oldest| sample.at.since_s(oldest.at) > HISTORY_S)
        {
            self.samples.pop_front();
        }
        // One box may jump, and a mean lags behind: it has moved when both are away.
        let moved = |sample: &Sample| heights_between(&self.anchor.place, sample, frame) > STILL_HEIGHTS;
        if moved(&sample) && moved(&self.recent(RECENT_S)) {
            self.anchor = Anchor::new(sample);
        } else if sample.at.since_s(self.anchor.place.at) <= STILL_AFTER_S {
            self.anchor.add(sample);
        }
    }

    /// How long it has been standing, seconds; 0 while it moves.
    #[must_use]
    pub fn standing_s(&self) -> f64 {
        self.standing_since().map_or(0.0, |since| self.last_seen.since_s(since))
    }

    /// Since when it has been standing; `None` while it moves.
    #[must_use]
    pub fn standing_since(&self) -> Option<Time> {
        let since = self.anchor.place.at;
        (self.last_seen.since_s(since) + 1e-6 >= STILL_AFTER_S).then_some(since)
    }

    /// Mean of the samples of the last `over_s` seconds; its time is the newest one's.
    #[must_use]
    pub fn recent(&self, over_s: f64) -> Sample {
        let newest = self.newest();
        let recent = self.samples.iter().rev();
        let mut recent = recent.take_while(|sample| newest.at.since_s(sample.at) <= over_s + 1e-6);
        let mut mean = Anchor::new(recent.next().copied().unwrap_or(newest));
        recent.for_each(|sample| mean.add(*sample));
        mean.place
    }

    /// The newest sample.
    #[must_use]
    pub fn newest(&self) -> Sample {
        self.samples.back().copied().unwrap_or(self.born)
    }

    /// Mean velocity over the last `over_s` seconds, normalised picture coordinates per second, x and y; `None` until
    /// two samples lie in it that are at least a third of it apart.
    #[must_use]
    pub fn velocity(&self, over_s: f64) -> Option<[f64; 2]> {
        let new = self.samples.back()?;
        let old = self.samples.iter().find(|sample| new.at.since_s(sample.at) <= over_s + 1e-6)?;
        let seconds = new.at.since_s(old.at);
        (seconds > 0.0 && seconds >= over_s / 3.0)
            .then(|| [(new.foot.x - old.foot.x) / seconds, (new.foot.y - old.foot.y) / seconds])
    }

    /// Mean velocity from `from_s` to `to_s` seconds before the last sight, normalised picture coordinates per second;
    /// `None` when fewer than two samples lie between.
    #[must_use]
    pub fn velocity_between(&self, from_s: f64, to_s: f64) -> Option<[f64; 2]> {
        let new = self.samples.back()?;
        let age_s = |sample: &Sample| new.at.since_s(sample.at);
        let within = |sample: &&Sample| (to_s - 1e-6..=from_s + 1e-6).contains(&age_s(sample));
        let (first, last) = (self.samples.iter().find(within)?, self.samples.iter().rev().find(within)?);
        let seconds = last.at.since_s(first.at);
        (seconds > 0.0)
            .then(|| [(last.foot.x - first.foot.x) / seconds, (last.foot.y - first.foot.y) / seconds])
    }

    /// Speed over ground; `None` where the camera is not calibrated or too little was seen.
    #[must_use]
    pub fn speed(&self) -> Option<Speed> {
        self.motion.map(|motion| Speed { kmh: motion.kmh, plus_minus_kmh: motion.plus_minus_kmh })
    }

    /// Velocity over ground, metres per second along the calibration's axes; `None` as with [`Path::speed`].
    #[must_use]
    pub fn ground_velocity(&self) -> Option<Pair> {
        self.motion.map(|motion| motion.m_s)
    }

    /// Where it is on the ground, as far as its newest sight says; `None` where the camera is not calibrated, above
    /// the horizon, and where the box is cut off by the picture's edge.
    #[must_use]
    pub fn ground(&self, ground: &Ground) -> Option<GroundPoint> {
        let touch = self.newest().touch?;
        ground.locate(Point { x: touch.at[0], y: touch.at[1] }, touch.sd)
    }

    fn judge(&mut self, ground: &Ground, sights: &mut Vec<Sight>) {
        let now = self.last_seen;
        if self.motion.is_some() && now.since_s(self.judged) < SPEED_EVERY_S {
            return;
        }
        sights.clear();
        sights.extend(self.touches(now).map(|(at, touch)| Sight {
            at_s: at.since_s(now),
            foot: touch.at,
            sd: touch.sd,
        }));
        even_out(sights);
        // What was seen of it a while ago says nothing about now.
        let fresh = sights.last().is_some_and(|sight| sight.at_s > -STILL_AFTER_S);
        self.motion = if fresh { ground.velocity(sights) } else { None };
        self.judged = now;
    }

    /// Where it was seen to touch the ground in the last few seconds, the oldest first, also under other numbers.
    fn touches(&self, now: Time) -> impl Iterator<Item = (Time, Touch)> + '_ {
        let before = self.legacy.touches.iter().copied();
        let own = self.samples.iter().filter_map(|sample| Some((sample.at, sample.touch?)));
        before.filter(move |(at, _)| now.since_s(*at) <= HISTORY_S).chain(own)
    }

    /// Speed in the picture over the last `over_s` seconds, box heights per second.
    #[must_use]
    pub fn heights_per_s(&self, over_s: f64, frame: FrameSize) -> Option<f64> {
        let [x, y] = self.velocity(over_s)?;
        let aspect = f64::from(frame.width_px) / f64::from(frame.height_px.max(1));
        Some((x * aspect).hypot(y) / self.newest().height.max(1e-6))
    }
}

/// Takes each sight's expected error from its neighbours as well: a box that trembles is small just when its lower edge is
/// too high, and would count too much.
fn even_out(sights: &mut [Sight]) {
    let mut before = sights.first().map(|sight| sight.sd);
    for i in 0..sights.len() {
        let (own, after) = (sights[i].sd, sights.get(i + 1).unwrap_or(&sights[i]).sd);
        let before = before.replace(own).unwrap_or(own);
        sights[i].sd = [0, 1].map(|k| (before[k] + own[k] + after[k]) / 3.0);
    }
}

/// Mean of the first samples at a place.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Anchor {
    /// The mean, at the first one's time.
    place: Sample,
    samples: u32,
}

impl Anchor {
    fn new(first: Sample) -> Self {
        Self { place: first, samples: 1 }
    }

    fn add(&mut self, sample: Sample) {
        self.samples += 1;
        let share = 1.0 / f64::from(self.samples);
        let mix = |mean: &mut f64, value: f64| *mean += share * (value - *mean);
        mix(&mut self.place.foot.x, sample.foot.x);
        mix(&mut self.place.foot.y, sample.foot.y);
        mix(&mut self.place.height, sample.height);
        mix(&mut self.place.aspect, sample.aspect);
    }
}

/// Distance of two foot points, in heights of the first one's box.
fn heights_between(a: &Sample, b: &Sample, frame: FrameSize) -> f64 {
    frame.apart(a.foot, b.foot) / a.height.max(1e-6)
}

/// The recent past of all tracks of a scene.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    paths: HashMap<u64, Path>,
    ground: Option<Ground>,
    /// Memory that is used again.
    sights: Vec<Sight>,
}

impl Paths {
    /// No paths yet, in front of this camera.
    #[must_use]
    pub fn new(camera: &CameraConfig) -> Self {
        Self { ground: camera.calibration.as_ref().and_then(Ground::new), ..Self::default() }
    }

    /// The ground in front of the camera, where it is calibrated.
    #[must_use]
    pub fn ground(&self) -> Option<&Ground> {
        self.ground.as_ref()
    }

    /// Takes the tracks of the frame at `now`. Only what was seen adds to a path.
    pub fn step<'a>(&mut self, now: Time, frame: FrameSize, tracks: impl IntoIterator<Item = &'a Track>) {
        for track in tracks.into_iter().filter(|track| track.seen) {
            let sample = Sample {
                at: now,
                foot: frame.foot(track.bbox),
                detected: frame.foot(track.detected),
                height: f64::from(track.bbox.height) / f64::from(frame.height_px.max(1)),
                aspect: f64::from(track.bbox.width) / f64::from(track.bbox.height).max(1e-6),
                touch: self.ground.as_ref().and_then(|_| Touch::of(track.detected, frame)),
            };
            match self.paths.entry(track.id) {
                Entry::Occupied(known) => known.into_mut().add(sample, track.class, frame),
                Entry::Vacant(new) => {
                    new.insert(Path::new(track, sample));
                }
            }
        }
        if let Some(ground) = &self.ground {
            legacy::hand_over(&mut self.paths, ground, now);
            for path in self.paths.values_mut().filter(|path| path.last_seen == now) {
                path.judge(ground, &mut self.sights);
            }
        }
        self.paths.retain(|_, path| now.since_s(path.last_seen) <= KEPT_S);
    }

    /// All that were seen in the last few seconds, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        self.paths.values()
    }

    /// The past of a track that was seen in the last few seconds.
    #[must_use]
    pub fn get(&self, track: u64) -> Option<&Path> {
        self.paths.get(&track)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.paths.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoxPx;

    const FRAME: FrameSize = FrameSize { width_px: 200, height_px: 100 };

    fn track(left: f32) -> Track {
        let bbox = BoxPx { left, top: 20.0, width: 10.0, height: 20.0 };
        Track {
            id: 1,
            bbox,
            detected: bbox,
            class: RoadUserClass::Person,
            score: 0.9,
            seen: true,
            velocity_px_s: [0.0; 2],
            first_seen: Time::default(),
            first_bbox: bbox,
        }
    }

    #[test]
    fn whoever_trembles_stands_and_whoever_creeps_does_not() {
        for (step_px, standing) in [(0.0, true), (1.0, false)] {
            let mut paths = Paths::default();
            for i in 0..=50_u8 {
                let tremble = if i % 2 == 0 { 1.5 } else { 0.0 };
                let track = track(tremble + step_px * f32::from(i) * 1.2);
                paths.step(Time::from_seconds(f64::from(i) * 0.2), FRAME, &[track]);
            }
            let stood_s = paths.get(1).unwrap().standing_s();
            assert_eq!(stood_s > 9.0, standing, "{step_px}: {stood_s} s");
        }
    }

    #[test]
    fn speed_is_in_box_heights_whatever_the_shape_of_the_picture() {
        let mut paths = Paths::default();
        for i in 0..10_u8 {
            paths.step(Time::from_seconds(f64::from(i) * 0.2), FRAME, &[track(f32::from(i) * 4.0)]);
        }
        // 4 px in 0.2 s are 20 px/s, a box height a second.
        let speed = paths.get(1).unwrap().heights_per_s(1.0, FRAME).unwrap();
        assert!((speed - 1.0).abs() < 1e-6, "{speed}");
    }
}
