//! Declared losses that must reach the center although something stands in their way.

use super::*;

/// An outbox whose lane of events has lost its first messages; answers how many.
fn shortened(outbox: &Outbox, least: u64) -> u64 {
    while outbox.dropped()[&Lane::Events] < least {
        outbox.push((0..10).map(|_| event(&"x".repeat(300))).collect()).unwrap();
    }
    outbox.dropped()[&Lane::Events]
}

/// The number of the only declared loss.
fn number_of_the_loss(outbox: &Outbox) -> u64 {
    let center = Center::read_all(outbox, Lane::Events);
    assert_eq!(center.counts.len(), 1);
    *center.counts.keys().next().unwrap()
}

fn remove_rows(dir: &Path, numbers: &str) {
    let file = Connection::open(dir.join(FILE_NAME)).unwrap();
    file.execute(&format!("DELETE FROM events WHERE {numbers}"), []).unwrap();
}

#[test]
fn a_loss_travels_first_when_the_acknowledgement_ends_inside_it() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 100 * 1024);
    let lost = shortened(&outbox, 20);
    outbox.acknowledged(Lane::Events, 10);
    wait_until("the acknowledgement is stored", || outbox.oldest()[&Lane::Events] == 11);
    drop(outbox);
    let outbox = open(dir.path(), 100 * 1024);
    assert_eq!(outbox.oldest()[&Lane::Events], 11);
    let mut center = Center { after: 10, ..Center::default() };
    center.read(&outbox, Lane::Events, 2);
    assert!((11..=lost).all(|n| center.lost.contains(&n)), "{center:?}");
    assert!(center.received.contains(&(lost + 1)), "{center:?}");
    assert!(center.read(&outbox, Lane::Events, 2));
    assert_eq!(center.received.len(), 4, "the loss travels once: {center:?}");
}

#[test]
fn a_loss_whose_own_row_vanished_is_declared_again_at_its_hole() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 100 * 1024);
    let lost = shortened(&outbox, 20);
    let number = number_of_the_loss(&outbox);
    assert!(number > lost);
    drop(outbox);
    remove_rows(dir.path(), &format!("sequence = {number}"));
    let outbox = open(dir.path(), 1 << 20);
    // A center that never gets past the hole sees only the first payload, again and again.
    wait_until("the loss travels at its hole", || {
        let mut center = Center::default();
        center.read(&outbox, Lane::Events, 2);
        center.unbroken() > lost
    });
    let center = damage::until_it_adds_up(&outbox, number);
    assert_eq!(center.lost, (1..=lost).chain([number]).collect());
    assert_eq!(center.reasons, BTreeSet::from([LossReason::OutboxFull, LossReason::Corrupt]));
}

#[test]
fn a_loss_that_grew_beyond_its_own_number_and_vanished_is_declared_again() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 24 * 1024);
    let lost = shortened(&outbox, 300);
    let number = number_of_the_loss(&outbox);
    assert!(number < lost);
    drop(outbox);
    remove_rows(dir.path(), &format!("sequence = {number}"));
    let outbox = open(dir.path(), 1 << 20);
    let center = damage::until_it_adds_up(&outbox, lost + 1);
    assert_eq!(center.lost, (1..=lost + 1).collect(), "the loss's own number is lost too");
}

#[test]
fn what_was_declared_before_is_not_counted_again_when_more_of_the_gap_vanishes() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(dir.path(), 100 * 1024);
    let lost = shortened(&outbox, 20);
    drop(outbox);
    remove_rows(dir.path(), &format!("sequence <= {}", lost + 5));
    let outbox = open(dir.path(), 1 << 20);
    let center = damage::until_it_adds_up(&outbox, lost + 5);
    assert_eq!(center.lost, (1..=lost + 5).collect());
}

#[test]
fn a_missing_head_tail_or_whole_lane_is_declared() {
    for (missing, numbers) in
        [("sequence <= 400", 1..=400), ("sequence > 600", 601..=1000), ("sequence > 0", 1..=1000_u64)]
    {
        let dir = tempfile::tempdir().unwrap();
        damage::filled(dir.path(), 1000);
        remove_rows(dir.path(), missing);
        let outbox = open(dir.path(), 64 << 20);
        assert_eq!(outbox.oldest()[&Lane::Events], 1, "{missing}: nothing was acknowledged");
        let center = damage::until_it_adds_up(&outbox, 1000);
        assert_eq!(center.lost, numbers.collect(), "{missing}");
    }
}

#[test]
fn room_is_made_behind_many_neighbouring_losses() {
    let dir = tempfile::tempdir().unwrap();
    damage::filled(dir.path(), 1200);
    remove_rows(dir.path(), "sequence % 2 = 0 AND sequence < 1200");
    let outbox = open(dir.path(), 2 << 20);
    Center::read_all(&outbox, Lane::Events);
    wait_until("each gap is declared", || outbox.dropped()[&Lane::Events] == 599);
    outbox.acknowledged(Lane::Events, 1200);
    wait_until("only the losses are left", || outbox.oldest()[&Lane::Events] == 1201);
    drop(outbox);
    // What a new process has handed out to nobody is looked at from the lane's beginning.
    let outbox = open(dir.path(), 2 << 20);
    for _ in 0..50 {
        outbox.push((0..100).map(|_| event(&"x".repeat(300))).collect()).unwrap();
    }
    assert!(outbox.dropped()[&Lane::Events] > 599, "the outbox grows beyond its limit");
    let bytes = std::fs::metadata(dir.path().join(FILE_NAME)).unwrap().len();
    assert!(bytes < 3 << 20, "{bytes} bytes for a limit of 2 MiB");
}
