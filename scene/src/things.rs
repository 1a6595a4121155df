//! Things that stand still and that somebody else follows: they come with numbers and places, and are reported as tracks.

use crate::{BoxPx, Time, Track, Tracker};
use ngatu_protocol::RoadUserClass;

/// A thing that is not seen keeps its track's number for so long, seconds.
const KEPT_S: f64 = 3600.0;
/// How sure it is that a thing stands there: the picture differed for a second and did not change.
const SCORE: f32 = 0.9;

/// Something that stands still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thing {
    /// Its number with whoever follows it; never used twice by the same.
    pub number: u64,
    /// Where, pixels of the frame.
    pub bbox: BoxPx,
    /// Since when it stands there.
    pub since: Time,
}

/// The tracks' numbers of things.
#[derive(Debug, Clone, Default)]
pub(crate) struct Things(Vec<Known>);

#[derive(Debug, Clone, Copy)]
struct Known {
    number: u64,
    track: u64,
    last_seen: Time,
}

impl Things {
    /// Takes the things of a frame and appends them as tracks.
    pub(crate) fn step(
        &mut self,
        now: Time,
        things: &[Thing],
        tracker: &mut Tracker,
        tracks: &mut Vec<Track>,
    ) {
        self.0.retain(|known| (0.0..=KEPT_S).contains(&now.since_s(known.last_seen)));
        for thing in things {
            let at = self.0.iter().position(|known| known.number == thing.number).unwrap_or_else(|| {
                self.0.push(Known { number: thing.number, track: tracker.number(), last_seen: now });
                self.0.len() - 1
            });
            self.0[at].last_seen = now;
            tracks.push(Track {
                id: self.0[at].track,
                bbox: thing.bbox,
                detected: thing.bbox,
                class: RoadUserClass::Object,
                score: SCORE,
                seen: true,
                velocity_px_s: [0.0; 2],
                first_seen: thing.since.min(now),
                first_bbox: thing.bbox,
            });
        }
    }
}
