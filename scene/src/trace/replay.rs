//! Stored trajectories, played again: where everybody was at each moment.

use super::simplify::between;
use super::{TracePoint, Trajectory};
use crate::{FrameSize, Time, Track};

/// While a track is lost, it is reported where it is expected for so long, seconds: the tracker's longest.
const COAST_S: f64 = 2.0;
/// When nobody was there for so long, the time until somebody comes is left out, seconds. By then every rule has ended
/// what it had begun.
const EMPTY_S: f64 = 60.0;

/// One moment of a replay, for [`crate::Scene::step_tracks`].
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When.
    pub now: Time,
    /// The picture in which the tracks' pixels count.
    pub frame: FrameSize,
    /// Who was there. Whoever was lost for a moment is not `seen`.
    pub tracks: Vec<Track>,
}

/// Steps from the first to the last moment of the trajectories, see [`replay()`].
#[derive(Debug, Clone)]
pub struct Replay<'a> {
    /// In the order of their begins.
    waiting: std::iter::Peekable<std::vec::IntoIter<&'a Trajectory>>,
    /// With the index of the point that comes next.
    present: Vec<(&'a Trajectory, usize)>,
    frame: FrameSize,
    now: Option<Time>,
    step_s: f64,
    empty_since: Option<Time>,
}

/// Plays trajectories of one camera, in any order, `fps` times a second (0.1 to 60; anything else is taken as the nearest
/// of these). Pieces of one track become one track again.
#[must_use]
pub fn replay(trajectories: &[Trajectory], fps: f64) -> Replay<'_> {
    let mut order: Vec<_> = trajectories.iter().filter(|t| !t.points.is_empty()).collect();
    order.sort_by_key(|trajectory| (trajectory.from(), trajectory.track));
    Replay {
        now: order.first().map(|first| first.from()),
        frame: order.first().map_or(FrameSize::new(1, 1), |first| first.frame),
        waiting: order.into_iter().peekable(),
        present: Vec::new(),
        // Not a number compares false.
        step_s: if fps >= 0.1 { 1.0 / fps.min(60.0) } else { 10.0 },
        empty_since: None,
    }
}

impl Iterator for Replay<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let now = self.now?;
        while let Some(next) = self.waiting.next_if(|next| next.from() <= now) {
            self.frame = next.frame;
            self.present.push((next, 1));
        }
        // A piece's last point is the next one's first.
        self.present.retain(|(t, _)| if t.goes_on { now < t.to() } else { now <= t.to() });
        let mut tracks = Vec::with_capacity(self.present.len());
        for (trajectory, next) in &mut self.present {
            while *next + 1 < trajectory.points.len() && trajectory.points[*next].at < now {
                *next += 1;
            }
            tracks.extend(track_at(trajectory, *next, (now, self.frame)));
        }
        tracks.sort_unstable_by_key(|track| track.id);
        let later = now.plus_s(self.step_s);
        self.now = match self.waiting.peek() {
            None if self.present.is_empty() => None,
            Some(next) if self.present.is_empty() => {
                let since = *self.empty_since.get_or_insert(now);
                Some(if now.since_s(since) >= EMPTY_S { later.max(next.from()) } else { later })
            }
            _ => {
                self.empty_since = None;
                Some(later)
            }
        };
        Some(Step { now, frame: self.frame, tracks })
    }
}

/// The track between the point before `next` and it.
fn track_at(trajectory: &Trajectory, next: usize, (now, frame): (Time, FrameSize)) -> Option<Track> {
    let b = trajectory.points.get(next).or(trajectory.points.last())?;
    let a: &TracePoint = trajectory.points.get(next.checked_sub(1)?)?;
    let lost = b.unseen && now > a.at && now < b.at;
    if lost && now.since_s(a.at) > COAST_S {
        return None;
    }
    let (from, to) = (a.bbox(frame).center(), b.bbox(frame).center());
    #[allow(
        clippy::cast_possible_truncation,
        reason = "seconds between two points; no more digits are needed"
    )]
    let seconds = (b.at.since_s(a.at) as f32).max(0.01);
    #[allow(clippy::cast_possible_truncation, reason = "a score, 0 to 1")]
    let score = trajectory.confidence as f32;
    let bbox = between(a, b, now).bbox(frame);
    Some(Track {
        id: trajectory.track,
        bbox,
        detected: bbox,
        class: trajectory.class,
        score,
        seen: !lost,
        velocity_px_s: [(to[0] - from[0]) / seconds, (to[1] - from[1]) / seconds],
        first_seen: trajectory.from(),
        first_bbox: trajectory.points.first()?.bbox(frame),
    })
}
