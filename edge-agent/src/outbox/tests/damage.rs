//! A file that is damaged in places.

use super::*;
use std::io::{Read, Seek, SeekFrom, Write};

const PAGE_BYTES: u64 = 4096;

pub(super) fn filled(dir: &Path, messages: usize) -> OutboxId {
    let outbox = open(dir, 64 << 20);
    for _ in 0..messages / 100 {
        outbox.push((0..100).map(|n| event(&format!("number {n}"))).collect()).unwrap();
    }
    outbox.id()
}

fn damage(dir: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut file = File::options().read(true).write(true).open(dir.join(FILE_NAME)).unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    change(&mut bytes);
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(&bytes).unwrap();
}

/// Reads again and again until every number arrived or is declared lost.
pub(super) fn until_it_adds_up(outbox: &Outbox, wanted: u64) -> Center {
    let start = crate::clock::instant();
    loop {
        let mut center = Center::default();
        let want = |after| Want { lane: Lane::Events, after, max_messages: 500, max_bytes: 1 << 16 };
        // A damaged place is an error until the writer has repaired the file.
        while outbox.pending(want(center.after)).is_ok() && center.read(outbox, Lane::Events, 500) {}
        if center.unbroken() >= wanted && center.unbroken() == outbox.last()[&Lane::Events] {
            center.check_adds_up(outbox, Lane::Events);
            return center;
        }
        assert!(start.elapsed().as_secs() < 120, "it never adds up: {} of {wanted}", center.unbroken());
        std::thread::yield_now();
    }
}

#[test]
fn flipped_bits_anywhere_behind_the_first_page_cost_only_what_they_hit() {
    for seed in 0_u64..30 {
        let dir = tempfile::tempdir().unwrap();
        let id = filled(dir.path(), 1000);
        damage(dir.path(), |bytes| {
            let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            for _ in 0..4 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                // The pages of the identity and the figures lie in front; those of the rows are hit.
                let first = 16 * PAGE_BYTES;
                let at = first + random % (bytes.len() as u64 - first);
                bytes[usize::try_from(at).unwrap()] ^= 1 << (random >> 61);
            }
        });
        let outbox = open(dir.path(), 64 << 20);
        assert_eq!(outbox.id(), id, "seed {seed}");
        let center = until_it_adds_up(&outbox, 1000);
        assert!(center.lost.len() < 200, "seed {seed}: {} lost", center.lost.len());
        outbox.push(vec![event("after")]).unwrap();
    }
}

#[test]
fn a_page_destroyed_while_the_outbox_is_open_is_repaired_and_declared() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1000);
    let outbox = open(dir.path(), 64 << 20);
    damage(dir.path(), |bytes| {
        let page = bytes.len() / 2 / 4096 * 4096;
        bytes[page..page + 4096].fill(0xee);
    });
    let center = until_it_adds_up(&outbox, 1000);
    assert!(!center.lost.is_empty());
    outbox.push(vec![event("after")]).unwrap();
    assert_eq!(outbox.problem(), None);
}

#[test]
fn a_file_that_is_no_database_is_kept_aside_and_a_new_outbox_begins() {
    let dir = tempfile::tempdir().unwrap();
    let id = filled(dir.path(), 100);
    damage(dir.path(), |bytes| bytes[..100].fill(0));
    let outbox = open(dir.path(), 64 << 20);
    assert_ne!(outbox.id(), id);
    outbox.push(vec![event("after")]).unwrap();
    assert_eq!(outbox.last()[&Lane::Events], 1);
    assert!(dir.path().join("outbox.damaged.sqlite").exists());
}

#[test]
fn a_repair_that_was_cut_short_is_finished_by_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let id = filled(dir.path(), 100);
    // The power failed after the damaged file was put aside: the new one waits under its own name, and beside it
    // lies the log of the damaged one.
    let other = tempfile::tempdir().unwrap();
    let damaged = open(other.path(), 64 << 20);
    damaged.push(vec![event("of the damaged file")]).unwrap();
    let log = format!("{FILE_NAME}-wal");
    std::fs::rename(dir.path().join(FILE_NAME), dir.path().join("outbox.new.sqlite")).unwrap();
    std::fs::copy(other.path().join(&log), dir.path().join(&log)).unwrap();
    let outbox = open(dir.path(), 64 << 20);
    assert_eq!(outbox.id(), id);
    assert_eq!(Center::read_all(&outbox, Lane::Events).received.len(), 100);
    outbox.push(vec![event("after")]).unwrap();
    assert_eq!(outbox.last()[&Lane::Events], 101);
    assert!(!dir.path().join("outbox.new.sqlite").exists());
}

#[test]
fn a_boot_that_could_not_be_stored_is_stored_later() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 1 << 20);
    assert_eq!(outbox.next_boot().unwrap(), 1);
    let file = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    file.execute_batch("CREATE TRIGGER bad BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'bad'); END")
        .unwrap();
    assert_eq!(outbox.next_boot().unwrap(), 2);
    file.execute_batch("DROP TRIGGER bad").unwrap();
    drop(file);
    outbox.push(vec![event("after")]).unwrap();
    drop(outbox);
    assert_eq!(open(dir.path(), 1 << 20).next_boot().unwrap(), 3);
}
