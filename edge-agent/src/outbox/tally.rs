//! How many messages would be gone if the process died now, on disk: while the disk takes nothing, they have no row.
//!
//! A small file is made while there is room and then only written in place, which a full disk still allows. Two places
//! in it take turns, so that a write cut short leaves the one before. Each record has a number; the transaction that
//! stores or declares what a record counts also stores its number, so what an old record says is never declared twice.
//!
//! A file system that never writes in place (btrfs, ZFS) may refuse even this when it is full; then it is as before a
//! first record: a kill in that state is not accounted for.

use ngatu_protocol::OutboxId;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

/// The file's name beside the database.
pub(super) const FILE_NAME: &str = "outbox.unsaved";
/// Each place is a page of its own, bytes.
const PLACE_BYTES: usize = 4096;
/// Mark and layout, identity, number, a count for each lane, checksum.
const RECORD_BYTES: usize = 8 + 16 + 8 + 4 * 8 + 4;
const MARK: &[u8; 8] = b"unsaved1";

/// A count for each lane, in the order of [`super::board::index`].
type LaneCounts = [u64; 4];

/// One record of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    number: u64,
    counts: LaneCounts,
}

/// The file and what it says.
#[derive(Debug)]
pub(super) struct Tally {
    path: PathBuf,
    outbox: OutboxId,
    file: Option<File>,
    /// The place of the newest record that is whole.
    place: usize,
    /// What the newest record that is whole says, unless it is settled.
    counts: LaneCounts,
    /// The highest record number that was tried: it may be on disk although writing it failed.
    tried: u64,
    /// The highest number whose counts the database knows.
    settled: u64,
}

impl Tally {
    /// Reads the file of an outbox, or makes it. `settled` is the number that the database holds.
    pub(super) fn open(path: PathBuf, outbox: OutboxId, settled: u64) -> Tally {
        let mut tally = Tally { path, outbox, file: None, place: 0, counts: [0; 4], tried: settled, settled };
        if let Err(error) = tally.load() {
            tracing::warn!(%error, "no room for a tally of what a full disk costs");
        }
        tally
    }

    /// What the process before this one counted and could not declare any more.
    pub(super) fn unsettled(&self) -> LaneCounts {
        self.counts
    }

    /// Notes how many messages of each lane are in memory or gone, in all, since the last settling. Cheap when nothing
    /// has changed.
    pub(super) fn note(&mut self, counts: LaneCounts) {
        if counts == self.counts {
            return;
        }
        match self.write(counts) {
            Ok(place) => (self.place, self.counts) = (place, counts),
            Err(error) => {
                self.file = None;
                tracing::warn!(%error, "what the full disk costs is known to this process alone");
            }
        }
    }

    /// The number to be stored with what settles all counts, if there are any.
    pub(super) fn to_settle(&self) -> Option<u64> {
        (self.tried > self.settled).then_some(self.tried)
    }

    /// The transaction with the number of [`Tally::to_settle`] is committed.
    pub(super) fn settle(&mut self) {
        (self.settled, self.counts) = (self.tried, [0; 4]);
    }

    /// Reads both places. A file that is not there in full is made, to the disk, while there is room.
    fn load(&mut self) -> io::Result<()> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.path)?;
        let mut bytes = Vec::new();
        (&mut file).take(2 * PLACE_BYTES as u64).read_to_end(&mut bytes)?;
        if bytes.len() < 2 * PLACE_BYTES {
            // Zeros: no record. Only the part that is missing, since a failed attempt may have left the first place.
            file.write_all_at(&vec![0; 2 * PLACE_BYTES - bytes.len()], bytes.len() as u64)?;
            file.sync_all()?;
        }
        let places = bytes.chunks_exact(PLACE_BYTES).map(|place| decode(place, self.outbox));
        let newest = places.enumerate().filter_map(|(place, record)| Some((place, record?)));
        // What this process or the database knows already is no news.
        if let Some((place, record)) = newest.max_by_key(|(_, record)| record.number)
            && record.number > self.tried
        {
            (self.place, self.counts, self.tried) = (place, record.counts, record.number);
        }
        self.file = Some(file);
        Ok(())
    }

    /// Writes over the place that is not the newest; answers which one that is.
    fn write(&mut self, counts: LaneCounts) -> io::Result<usize> {
        if self.file.is_none() {
            self.load()?;
        }
        self.tried += 1;
        let file = self.file.as_ref().ok_or_else(|| io::Error::other("no file"))?;
        let place = 1 - self.place;
        let record = Record { number: self.tried, counts };
        file.write_all_at(&encode(record, self.outbox), (place * PLACE_BYTES) as u64)?;
        file.sync_data()?;
        Ok(place)
    }
}

fn encode(record: Record, outbox: OutboxId) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD_BYTES);
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(outbox.0.as_bytes());
    bytes.extend_from_slice(&record.number.to_le_bytes());
    for count in record.counts {
        bytes.extend_from_slice(&count.to_le_bytes());
    }
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The record in a place, if it is whole and of this outbox.
fn decode(place: &[u8], outbox: OutboxId) -> Option<Record> {
    let number = |at: usize| Some(u64::from_le_bytes(place.get(at..at + 8)?.try_into().ok()?));
    let record = Record { number: number(24)?, counts: [number(32)?, number(40)?, number(48)?, number(56)?] };
    (place.get(..RECORD_BYTES)? == encode(record, outbox)).then_some(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn outbox() -> OutboxId {
        OutboxId(Uuid::from_u128(7))
    }

    fn reopened(dir: &tempfile::TempDir, settled: u64) -> Tally {
        Tally::open(dir.path().join(FILE_NAME), outbox(), settled)
    }

    #[test]
    fn the_newest_counts_are_there_after_reopening_until_they_are_settled() {
        let dir = tempfile::tempdir().unwrap();
        let mut tally = reopened(&dir, 0);
        assert_eq!((tally.unsettled(), tally.to_settle()), ([0; 4], None));
        for n in 1..=5 {
            tally.note([n, 2 * n, 0, 0]);
        }
        let mut tally = reopened(&dir, 0);
        assert_eq!((tally.unsettled(), tally.to_settle()), ([5, 10, 0, 0], Some(5)));
        tally.note([5, 10, 0, 0]);
        assert_eq!(tally.to_settle(), Some(5), "what it says already is not written again");
        tally.settle();
        assert_eq!((tally.unsettled(), tally.to_settle()), ([0; 4], None));
        // The database holds the number, the file still the counts.
        let mut tally = reopened(&dir, 5);
        assert_eq!((tally.unsettled(), tally.to_settle()), ([0; 4], None));
        tally.note([5, 10, 0, 0]);
        assert_eq!(reopened(&dir, 5).unsettled(), [5, 10, 0, 0], "the same figures, counted anew");
    }

    #[test]
    fn a_write_cut_short_leaves_the_record_before() {
        let dir = tempfile::tempdir().unwrap();
        let mut tally = reopened(&dir, 0);
        tally.note([0, 1, 0, 0]);
        tally.note([0, 2, 0, 0]);
        let at = tally.place * PLACE_BYTES;
        drop(tally);
        let path = dir.path().join(FILE_NAME);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[at + 40] = 9;
        std::fs::write(&path, &bytes).unwrap();
        let mut tally = reopened(&dir, 0);
        assert_eq!(tally.unsettled(), [0, 1, 0, 0]);
        tally.note([0, 3, 0, 0]);
        assert_eq!(reopened(&dir, 0).unsettled(), [0, 3, 0, 0]);
    }

    #[test]
    fn the_file_never_grows_after_it_was_made() {
        let dir = tempfile::tempdir().unwrap();
        let mut tally = reopened(&dir, 0);
        for n in 1..=3 {
            assert_eq!(std::fs::metadata(dir.path().join(FILE_NAME)).unwrap().len(), 2 * PLACE_BYTES as u64);
            tally.note([n; 4]);
        }
    }

    #[test]
    fn a_record_of_another_outbox_or_no_record_at_all_counts_nothing() {
        let dir = tempfile::tempdir().unwrap();
        reopened(&dir, 0).note([1, 2, 3, 4]);
        let path = dir.path().join(FILE_NAME);
        let other = OutboxId(Uuid::from_u128(8));
        assert_eq!(Tally::open(path.clone(), other, 0).unsettled(), [0; 4]);
        for bytes in [vec![], vec![0xff; 5000], vec![0xff; 20_000]] {
            std::fs::write(&path, bytes).unwrap();
            let mut tally = reopened(&dir, 3);
            assert_eq!(tally.unsettled(), [0; 4]);
            tally.note([1, 0, 0, 0]);
            assert_eq!(reopened(&dir, 3).unsettled(), [1, 0, 0, 0]);
        }
    }

    #[test]
    fn without_its_file_it_goes_on_and_makes_one_when_it_can() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("later").join(FILE_NAME);
        let mut tally = Tally::open(path.clone(), outbox(), 0);
        tally.note([1, 0, 0, 0]);
        assert_eq!(tally.to_settle(), None, "nothing is on disk");
        std::fs::create_dir(dir.path().join("later")).unwrap();
        tally.note([2, 0, 0, 0]);
        assert_eq!(Tally::open(path, outbox(), 0).unsettled(), [2, 0, 0, 0]);
    }
}
