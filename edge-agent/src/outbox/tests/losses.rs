//! Declared losses that must reach the center although something stands in their way.

use super::*;

/// An outbox whose lane of events has lost its first messages; answers how many.
fn shortened(outbox: &Outbox, least: u64) -> u64 {
    while outbox.dropped()[&Lane::Events] < least {
        outbox.push((0..10).map(|_| event(&"x".repeat(300))).collect()).unwrap();
    }
    outbox.dropped()[&Lane::Events]
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
