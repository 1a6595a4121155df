//! What a rule remembers of road users beyond their tracks' numbers: whoever vanished and is seen again at the same place
//! with another number is the same one.

use super::Sight;
use crate::{Time, Track};
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::geometry::Point;

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
        let away = |entry: &Entry<T>| sight.frame.apart(entry.foot, foot) / entry.size.max(1e-6);
        // Whoever was seen together with it is somebody else, and so is what is not a person when it was.
        let together = |entry: &Entry<T>| {
            let path = sight.paths.get(track.id);
            path.is_some_and(|path| path.samples.iter().any(|sample| sample.at == entry.last_seen))
        };
        let vanished = |(_, entry): &(usize, &Entry<T>)| {
            let is_kin = entry.is_person == (track.class == RoadUserClass::Person);
            is_kin && away(entry) <= reach && !sight.sees(entry.track) && !together(entry)
        };
        let known = self.entries.iter().position(|entry| entry.track == track.id);
        let index = known.or_else(|| {
            let near = self.entries.iter().enumerate().filter(vanished);
            near.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b))).map(|(index, _)| index)
        })?;
        let entry = &mut self.entries[index];
        (entry.track, entry.foot, entry.last_seen) = (track.id, foot, sight.now);
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
            is_person: track.class == RoadUserClass::Person,
            value,
        });
    }
}
