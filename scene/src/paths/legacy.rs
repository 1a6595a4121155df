//! What a new number brings along from a vanished one that was the same road user: where it touched the ground.
//!
//! A vehicle that comes near at few frames a second grows and goes faster in the picture than a tracker expects, and gets
//! a new number just where speeds are measured. Over ground it goes on evenly: a new track that begins where a vanished
//! one had to be by now goes on with its sights, so that its speed is known at once and as exactly as before. It is about
//! speed only: to the rules a new number stays a new number.

use super::{Path, Touch};
use crate::Time;
use crate::ground::Ground;
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::geometry::Point;
use std::collections::HashMap;

/// Who vanished longer ago is not looked for, seconds.
const VANISHED_S: f64 = 1.0;
/// Boxes whose heights differ by more than this factor are of two road users, though what comes near grows.
const SAME_SIZE: f64 = 1.8;
/// Beside what the boxes may be off, a road user may be so far from where it is expected, metres.
const ASIDE_M: f64 = 0.5;

/// What is known from before, and whether it was handed on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Legacy {
    /// Under other numbers, the oldest first.
    pub(super) touches: Vec<(Time, Touch)>,
    /// When the tracker first detected it, at most a moment before it was first seen.
    detected: Time,
    handed_on: bool,
}

impl Legacy {
    pub(super) fn new(detected: Time) -> Self {
        Self { touches: Vec::new(), detected, handed_on: false }
    }
}

/// Gives those who were first seen at `now` what the vanished ones whom they continue have left.
pub(super) fn hand_over(paths: &mut HashMap<u64, Path>, ground: &Ground, now: Time) {
    let is_new = |path: &&Path| path.first_seen == now;
    let mut new: Vec<u64> = paths.values().filter(is_new).map(|path| path.track).collect();
    new.sort_unstable();
    for heir in new {
        let Some(path) = paths.get(&heir) else { continue };
        // Paths come in no order: the number decides between two that are equally near.
        let left = paths.values().filter_map(|old| Some((distance_m(old, path, (ground, now))?, old.track)));
        let Some((_, old)) = left.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))) else { continue };
        let Some(old) = paths.get_mut(&old) else { continue };
        old.legacy.handed_on = true;
        let touches = old.touches(now).collect();
        if let Some(path) = paths.get_mut(&heir) {
            path.legacy.touches = touches;
        }
    }
}

/// How far a new track begins from where a vanished one should be by now, metres; `None` when it is another one.
fn distance_m(old: &Path, new: &Path, (ground, now): (&Ground, Time)) -> Option<f64> {
    let is_person = |path: &Path| path.class == RoadUserClass::Person;
    let grown = new.newest().height / old.newest().height.max(1e-6);
    let vanished = old.last_seen < now && now.since_s(old.last_seen) <= VANISHED_S;
    // Who was there while the other one was still seen is somebody else.
    let follows = new.legacy.detected > old.last_seen && !old.legacy.handed_on;
    let alike = is_person(old) == is_person(new) && (1.0 / SAME_SIZE..=SAME_SIZE).contains(&grown);
    if !(vanished && follows && alike) {
        return None;
    }
    let here = new.ground(ground)?;
    let (expected, off_m) = expected(old, ground, now)?;
    let away_m = (expected[0] - here.at_m[0]).hypot(expected[1] - here.at_m[1]);
    (away_m <= here.plus_minus_m + off_m + ASIDE_M).then_some(away_m)
}

/// Where a vanished road user is by now if it goes on evenly, metres, and how far that may be off.
fn expected(old: &Path, ground: &Ground, now: Time) -> Option<([f64; 2], f64)> {
    let place =
        |(_, touch): &(Time, Touch)| ground.locate(Point { x: touch.at[0], y: touch.at[1] }, touch.sd);
    if let Some(motion) = old.motion {
        let seconds = now.since_s(old.judged);
        let off_m = motion.plus_minus_kmh / 3.6 * seconds;
        return Some(([0, 1].map(|k| motion.at_m[k] + motion.m_s[k] * seconds), off_m));
    }
    let (first, last) = (old.touches(now).next()?, old.touches(now).last()?);
    let (from, to) = (place(&first)?, place(&last)?);
    let lasted_s = last.0.since_s(first.0);
    if lasted_s <= 0.0 {
        return None;
    }
    let on = now.since_s(last.0) / lasted_s;
    let off_m = to.plus_minus_m + (from.plus_minus_m + to.plus_minus_m) * on;
    Some(([0, 1].map(|k| to.at_m[k] + (to.at_m[k] - from.at_m[k]) * on), off_m))
}

#[cfg(test)]
mod tests {
    use crate::ground::tests::road;
    use crate::{BoxPx, FrameSize, Paths, Speed, Time, Track};
    use ngatu_protocol::RoadUserClass;
    use ngatu_protocol::camera::CameraConfig;

    const FRAME: FrameSize = FrameSize { width_px: 1000, height_px: 1000 };

    /// A car whose front touches the ground there, metres.
    #[allow(clippy::cast_possible_truncation, reason = "pixels")]
    fn car(id: u64, at_m: [f64; 2], first_seen_s: f64) -> Track {
        let [x, y] = road().homography().unwrap().picture_of(at_m).unwrap().map(|v| (v * 1000.0) as f32);
        let bbox = BoxPx { left: x - 20.0, top: y - 30.0, width: 40.0, height: 30.0 };
        Track {
            id,
            bbox,
            detected: bbox,
            class: RoadUserClass::Car,
            score: 0.9,
            seen: true,
            velocity_px_s: [0.0; 2],
            first_seen: Time::from_seconds(first_seen_s),
            first_bbox: bbox,
        }
    }

    /// The speed of the last number after tracks at 5 frames a second.
    fn speed(frames: &[Vec<Track>], of: u64) -> Option<Speed> {
        let text = "id = \"a\"\nname = \"a\"\nurl = \"file:///a\"";
        let mut camera: CameraConfig = toml::from_str(text).unwrap();
        camera.calibration = Some(road());
        let mut paths = Paths::new(&camera);
        for (i, tracks) in (0_u32..).zip(frames) {
            paths.step(Time::from_seconds(f64::from(i) * 0.2), FRAME, tracks);
        }
        paths.get(of)?.speed()
    }

    /// 72 km/h away from the camera.
    fn ahead_m(i: u32) -> f64 {
        2.0 + 4.0 * f64::from(i)
    }

    #[test]
    fn a_new_number_where_a_vanished_one_had_to_be_goes_on_with_its_speed() {
        for missed in [0, 2] {
            let frames: Vec<Vec<Track>> = (0..8)
                .map(|i| match i {
                    0..5 => vec![car(1, [3.5, ahead_m(i)], 0.0)],
                    _ if i < 5 + missed => vec![],
                    _ => vec![car(2, [3.5, ahead_m(i)], f64::from(5 + missed) * 0.2)],
                })
                .collect();
            let frames = &frames[..usize::try_from(6 + missed).unwrap()];
            let speed = speed(frames, 2).unwrap();
            assert!((speed.kmh - 72.0).abs() < 2.0, "{missed} missed: {speed:?}");
        }
    }

    #[test]
    fn whoever_is_elsewhere_or_was_there_before_has_a_speed_of_their_own_only() {
        let first = |i: u32| car(1, [1.5, ahead_m(i)], 0.0);
        let elsewhere: Vec<Vec<Track>> = (0..6)
            .map(|i| if i < 5 { vec![first(i)] } else { vec![car(2, [6.5, ahead_m(0)], 1.0)] })
            .collect();
        assert_eq!(speed(&elsewhere, 2), None);
        // The tracker knew of the second one while it still saw the first.
        let beside: Vec<Vec<Track>> = (0..6)
            .map(|i| if i < 5 { vec![first(i)] } else { vec![car(2, [1.5, ahead_m(i)], 0.6)] })
            .collect();
        assert_eq!(speed(&beside, 2), None);
    }
}
