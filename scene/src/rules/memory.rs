//! What a rule remembers of road users beyond their tracks' numbers: whoever vanished and is seen again at the same place
//! with another number is the same one.

use super::Sight;
use crate::{Time, Track};
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::geometry::Point;

/// A vanished road user is expected farther along its way for at most so long, seconds.
const EXPECTED_S: f64 = 1.0;

/// Something remembered of each of some road users.
#[derive(Debug, Clone)]
pub(super) struct Memory<T> {
    /// How long after the last sight, seconds.
    kept_s: f64,
    entries: Vec<Entry<T>>,
}

/// What is remembered of one road user.
#[derive(Debug, Clone)]
pub(super) struct Entry<T> {
    pub(super) track: u64,
    pub(super) foot: Point,
    /// Larger side of the box, share of the picture's height.
    pub(super) size: f64,
    pub(super) last_seen: Time,
    /// Normalised, per second.
    velocity: [f64; 2],
    is_person: bool,
    pub(super) value: T,
}

impl<T> Memory<T> {
    pub(super) fn new(kept_s: f64) -> Self {
        Self { kept_s, entries: Vec::new() }
    }

    /// Forgets who has not been seen for too long.
    pub(super) fn tidy(&mut self, now: Time) {
        let kept_s = self.kept_s;
        self.entries.retain(|entry| now.since_s(entry.last_seen) <= kept_s);
    }

    /// Forgets one track.
    pub(super) fn forget(&mut self, track: u64) {
        self.entries.retain(|entry| entry.track != track);
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry<T>> {
        self.entries.iter()
    }

    pub(super) fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry<T>> {
        self.entries.iter_mut()
    }

    /// What is remembered of a track, or of one that vanished at most `reach` of its sizes from here; the sight is
    /// noted.
    pub(super) fn recall(&mut self, sight: &Sight<'_>, track: &Track, reach: f64) -> Option<&mut Entry<T>> {
        let foot = sight.frame.foot(track.bbox);
        self.find(sight, track, |entry| (sight.frame.apart(entry.foot, foot) / entry.size.max(1e-6), reach))
    }

    /// As [`Memory::recall`], of those who walk or drive: whoever vanished is also looked for farther along the way.
    pub(super) fn recall_moving(
        &mut self,
        sight: &Sight<'_>,
        track: &Track,
        reach: f64,
    ) -> Option<&mut Entry<T>> {
        let foot = sight.frame.foot(track.bbox);
        self.find(sight, track, |entry| {
            let after_s = sight.now.since_s(entry.last_seen).clamp(0.0, EXPECTED_S);
            let [x, y] = entry.velocity;
            let expected = Point { x: entry.foot.x + x * after_s, y: entry.foot.y + y * after_s };
            let away = sight.frame.apart(entry.foot, foot).min(sight.frame.apart(expected, foot));
            (away / entry.size.max(1e-6), reach)
        })
    }

    /// The entry of a track, or the nearest of those that vanished; `away` says how far one is and how far it may be.
    fn find(
        &mut self,
        sight: &Sight<'_>,
        track: &Track,
        away: impl Fn(&Entry<T>) -> (f64, f64),
    ) -> Option<&mut Entry<T>> {
        // Whoever was seen together with it is somebody else, and so is what is not a person when it was.
        let together = |entry: &Entry<T>| {
            let Some(path) = sight.paths.get(track.id) else { return false };
            let oldest = path.samples.front().map_or(path.last_seen, |sample| sample.at);
            // Where the path does not reach back so far, it was another one all the time.
            let was_another = path.first_seen <= entry.last_seen && entry.last_seen < oldest;
            was_another || path.samples.iter().any(|sample| sample.at == entry.last_seen)
        };
        let vanished = |(_, entry): &(usize, &Entry<T>)| {
            let is_kin = entry.is_person == (track.class == RoadUserClass::Person);
            let (away, reach) = away(entry);
            is_kin && away <= reach && !sight.sees(entry.track) && !together(entry)
        };
        let known = self.entries.iter().position(|entry| entry.track == track.id);
        let index = known.or_else(|| {
            let near = self.entries.iter().enumerate().filter(vanished);
            near.min_by(|(_, a), (_, b)| away(a).0.total_cmp(&away(b).0)).map(|(index, _)| index)
        })?;
        let entry = &mut self.entries[index];
        (entry.track, entry.foot) = (track.id, sight.frame.foot(track.bbox));
        (entry.last_seen, entry.velocity) = (sight.now, velocity(sight, track));
        Some(entry)
    }

    /// Begins to remember a track.
    pub(super) fn note(&mut self, sight: &Sight<'_>, track: &Track, value: T) {
        let size = f64::from(track.bbox.width.max(track.bbox.height));
        self.entries.push(Entry {
            track: track.id,
            foot: sight.frame.foot(track.bbox),
            size: size / f64::from(sight.frame.height_px.max(1)),
            last_seen: sight.now,
            velocity: velocity(sight, track),
            is_person: track.class == RoadUserClass::Person,
            value,
        });
    }
}

/// Normalised, per second.
fn velocity(sight: &Sight<'_>, track: &Track) -> [f64; 2] {
    let [x, y] = track.velocity_px_s.map(f64::from);
    [x / f64::from(sight.frame.width_px.max(1)), y / f64::from(sight.frame.height_px.max(1))]
}
